//! How many days the steps of claims took, and how many were decided at once.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx, total};
use super::summaries::{of_care, of_facility, replace};
use crate::domain::claim_figures::{Course, Done, Histogram, Step, first_decision, is_first_pass};
use crate::domain::eligibility::CareType;
use crate::domain::figures::{Scope, first_of_month};
use crate::domain::id::Id;
use crate::domain::spans::{Grain, spans};
use crate::error::{Error, Result};
use crate::schema::{claim_firsts, claim_steps};

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = claim_steps, primary_key(step, grain, day, facility_id, care_type, part))]
struct StepRow {
    step: Step,
    grain: Grain,
    day: NaiveDate,
    facility_id: Id,
    care_type: CareType,
    part: NaiveDate,
    histogram: String,
}

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = claim_firsts, primary_key(grain, day, facility_id, care_type, part))]
struct FirstRow {
    grain: Grain,
    day: NaiveDate,
    facility_id: Id,
    care_type: CareType,
    part: NaiveDate,
    decided: i64,
    first_pass: i64,
}

/// What was decided, and how much of it at once.
#[derive(Queryable, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Firsts {
    pub decided: i64,
    pub first_pass: i64,
}

impl Firsts {
    pub fn add(&mut self, other: &Self) {
        self.decided += other.decided;
        self.first_pass += other.first_pass;
    }
}

/// What is counted of a hospital's month.
#[derive(Default, Clone)]
pub(super) struct Tally {
    steps: BTreeMap<(Step, Grain, NaiveDate, CareType), Histogram>,
    firsts: BTreeMap<(Grain, NaiveDate, CareType), Firsts>,
}

impl Tally {
    pub(super) fn add(&mut self, care_type: CareType, course: &Course, story: &[Done]) {
        let grains = |day| [(Grain::Day, day), (Grain::Month, first_of_month(day))];
        for step in Step::ALL {
            let Some((day, days)) = course.step(*step) else { continue };
            for (grain, day) in grains(day) {
                self.steps.entry((*step, grain, day, care_type)).or_default().add(days, 1);
            }
        }
        if let (Some(day), Some(_)) = (course.first_decided_on, first_decision(story)) {
            let first = Firsts { decided: 1, first_pass: i64::from(is_first_pass(story)) };
            for (grain, day) in grains(day) {
                self.firsts.entry((grain, day, care_type)).or_default().add(&first);
            }
        }
    }
}

pub(super) fn store(tx: &mut Tx, facility: Id, month: NaiveDate, tally: Tally) -> Result<()> {
    let of_steps = |((step, grain, day, care_type), histogram): (_, Histogram)| StepRow {
        step,
        grain,
        day,
        facility_id: facility,
        care_type,
        part: month,
        histogram: histogram.write(),
    };
    let kept = claim_steps::table.filter(claim_steps::facility_id.eq(facility)).filter(claim_steps::part.eq(month));
    replace!(tx, StepRow, claim_steps, kept, tally.steps.into_iter().map(of_steps));
    let of_firsts = |((grain, day, care_type), of): (_, Firsts)| FirstRow {
        grain,
        day,
        facility_id: facility,
        care_type,
        part: month,
        decided: of.decided,
        first_pass: of.first_pass,
    };
    let kept = claim_firsts::table.filter(claim_firsts::facility_id.eq(facility)).filter(claim_firsts::part.eq(month));
    replace!(tx, FirstRow, claim_firsts, kept, tally.firsts.into_iter().map(of_firsts));
    Ok(())
}

/// How many days each step took, for each cell.
pub type Histograms<K> = BTreeMap<(K, Step), Histogram>;

macro_rules! steps {
    ($db:expr, $scope:expr, $key:ident) => {{
        let scope: &Scope = $scope;
        let mut found: Histograms<_> = BTreeMap::new();
        for (grain, from, to) in spans(scope.from, scope.to) {
            let rows: Vec<(_, Step, String)> = claim_steps::table
                .filter(claim_steps::step.eq_any(Step::ALL))
                .filter(claim_steps::grain.eq(grain))
                .filter(claim_steps::day.between(from, to))
                .filter(of_facility!(scope, claim_steps))
                .filter(of_care!(scope, claim_steps))
                .select((claim_steps::$key, claim_steps::step, claim_steps::histogram))
                .load(&mut $db.connection)?;
            for (key, step, text) in rows {
                let histogram = Histogram::read(&text).ok_or_else(|| Error::internal("days of claims that cannot be read"))?;
                found.entry((key, step)).or_default().add_all(&histogram);
            }
        }
        found
    }};
}

macro_rules! firsts {
    ($db:expr, $scope:expr, $key:ident) => {{
        let scope: &Scope = $scope;
        let mut found: BTreeMap<_, Firsts> = BTreeMap::new();
        for (grain, from, to) in spans(scope.from, scope.to) {
            let rows: Vec<(_, Firsts)> = claim_firsts::table
                .filter(claim_firsts::grain.eq(grain))
                .filter(claim_firsts::day.between(from, to))
                .filter(of_facility!(scope, claim_firsts))
                .filter(of_care!(scope, claim_firsts))
                .group_by(claim_firsts::$key)
                .select((claim_firsts::$key, (total!("decided"), total!("first_pass"))))
                .load(&mut $db.connection)?;
            for (key, firsts) in rows {
                found.entry(key).or_default().add(&firsts);
            }
        }
        found
    }};
}

pub fn by_facility(db: &mut Db, scope: &Scope) -> Result<(Histograms<Id>, BTreeMap<Id, Firsts>)> {
    Ok((steps!(db, scope, facility_id), firsts!(db, scope, facility_id)))
}

pub fn by_care_type(db: &mut Db, scope: &Scope) -> Result<(Histograms<CareType>, BTreeMap<CareType, Firsts>)> {
    Ok((steps!(db, scope, care_type), firsts!(db, scope, care_type)))
}

/// By the first day of each month.
pub fn by_month(db: &mut Db, scope: &Scope) -> Result<(Histograms<NaiveDate>, BTreeMap<NaiveDate, Firsts>)> {
    let cells: Histograms<NaiveDate> = steps!(db, scope, day);
    let mut months: Histograms<NaiveDate> = BTreeMap::new();
    for ((day, step), histogram) in cells {
        months.entry((first_of_month(day), step)).or_default().add_all(&histogram);
    }
    let cells: BTreeMap<NaiveDate, Firsts> = firsts!(db, scope, day);
    let mut firsts: BTreeMap<NaiveDate, Firsts> = BTreeMap::new();
    for (day, of) in cells {
        firsts.entry(first_of_month(day)).or_default().add(&of);
    }
    Ok((months, firsts))
}
