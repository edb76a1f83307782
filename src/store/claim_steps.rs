//! How many days the steps of claims took, and how many were decided at once: of each hospital, and of all together.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::{AddAssign, Neg};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx, total};
use super::summaries::{NO_DAY, NO_FACILITY, add_to, changes, of_care, of_each, of_one_or_all, replace, upsert};
use crate::domain::claim_figures::{Course, Done, Histogram, Step, first_decision, is_first_pass};
use crate::domain::eligibility::CareType;
use crate::domain::figures::{Scope, first_of_month, last_of_month};
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

impl AddAssign for Firsts {
    fn add_assign(&mut self, other: Self) {
        self.decided += other.decided;
        self.first_pass += other.first_pass;
    }
}

impl Neg for Firsts {
    type Output = Self;

    fn neg(self) -> Self {
        Self { decided: -self.decided, first_pass: -self.first_pass }
    }
}

/// What a cell counts, whose ever it is.
type StepKind = (Step, Grain, NaiveDate, CareType);
type FirstKind = (Grain, NaiveDate, CareType);

impl StepRow {
    fn new((step, grain, day, care_type): StepKind, (facility_id, part): (Id, NaiveDate), histogram: &Histogram) -> Self {
        Self { step, grain, day, facility_id, care_type, part, histogram: histogram.write() }
    }

    const fn kind(&self) -> StepKind {
        (self.step, self.grain, self.day, self.care_type)
    }

    fn histogram(&self) -> Result<Histogram> {
        read(&self.histogram)
    }
}

fn read(histogram: &str) -> Result<Histogram> {
    Histogram::read(histogram).ok_or_else(|| Error::internal("days of claims that cannot be read"))
}

impl FirstRow {
    const fn new((grain, day, care_type): FirstKind, (facility_id, part): (Id, NaiveDate), firsts: Firsts) -> Self {
        Self { grain, day, facility_id, care_type, part, decided: firsts.decided, first_pass: firsts.first_pass }
    }

    const fn told(&self) -> (FirstKind, Firsts) {
        ((self.grain, self.day, self.care_type), Firsts { decided: self.decided, first_pass: self.first_pass })
    }
}

/// What is counted of a hospital's month.
#[derive(Default, Clone)]
pub(super) struct Tally {
    steps: BTreeMap<StepKind, Histogram>,
    firsts: BTreeMap<FirstKind, Firsts>,
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
                *self.firsts.entry((grain, day, care_type)).or_default() += first;
            }
        }
    }
}

pub(super) fn store(tx: &mut Tx, facility: Id, month: NaiveDate, Tally { steps, firsts }: Tally) -> Result<()> {
    let kept = claim_steps::table.filter(claim_steps::facility_id.eq(facility)).filter(claim_steps::part.eq(month));
    let rows = steps.iter().map(|(kind, histogram)| StepRow::new(*kind, (facility, month), histogram));
    let (before, now) = replace!(tx, StepRow, claim_steps, kept, rows);
    add_up_steps(tx, &before, &now)?;
    let kept = claim_firsts::table.filter(claim_firsts::facility_id.eq(facility)).filter(claim_firsts::part.eq(month));
    let rows = firsts.into_iter().map(|(kind, firsts)| FirstRow::new(kind, (facility, month), firsts));
    let (before, now) = replace!(tx, FirstRow, claim_firsts, kept, rows);
    add_up_firsts(tx, &before, &now)
}

/// Adds what changed of a hospital's steps to those of all.
fn add_up_steps(tx: &mut Tx, before: &HashSet<StepRow>, now: &HashSet<StepRow>) -> Result<()> {
    let mut changes: BTreeMap<StepKind, Histogram> = BTreeMap::new();
    for row in now.difference(before) {
        changes.entry(row.kind()).or_default().add_all(&row.histogram()?);
    }
    for row in before.difference(now) {
        changes.entry(row.kind()).or_default().take_all(&row.histogram()?);
    }
    let days: BTreeSet<NaiveDate> = changes.keys().map(|(_, _, day, _)| *day).collect();
    let kept = claim_steps::table
        .filter(claim_steps::facility_id.eq(NO_FACILITY))
        .filter(claim_steps::step.eq_any(Step::ALL))
        .filter(claim_steps::grain.eq_any(Grain::ALL))
        .filter(claim_steps::day.eq_any(days))
        .select(StepRow::as_select());
    for row in kept.load::<StepRow>(&mut tx.db.connection)? {
        if let Some(sum) = changes.get_mut(&row.kind()) {
            sum.add_all(&row.histogram()?);
        }
    }
    for ((step, grain, day, care_type), _) in changes.extract_if(.., |_, sum| sum.is_empty()) {
        // What is nothing has no cell.
        diesel::delete(claim_steps::table.find((step, grain, day, NO_FACILITY, care_type, NO_DAY))).execute(&mut tx.db.connection)?;
    }
    let rows: Vec<StepRow> = changes.iter().map(|(kind, sum)| StepRow::new(*kind, (NO_FACILITY, NO_DAY), sum)).collect();
    upsert!(
        tx,
        claim_steps,
        rows,
        (step, grain, day, facility_id, care_type, part),
        claim_steps::histogram.eq(diesel::upsert::excluded(claim_steps::histogram))
    );
    Ok(())
}

/// Adds what changed of a hospital's decisions to those of all.
fn add_up_firsts(tx: &mut Tx, before: &HashSet<FirstRow>, now: &HashSet<FirstRow>) -> Result<()> {
    let changes = changes(before, now, FirstRow::told);
    let rows: Vec<FirstRow> = changes.iter().map(|(kind, change)| FirstRow::new(*kind, (NO_FACILITY, NO_DAY), *change)).collect();
    add_to!(tx, claim_firsts, rows, (grain, day, facility_id, care_type, part), (decided, first_pass));
    for ((grain, day, care_type), _) in changes.into_iter().filter(|(_, change)| change.decided < 0) {
        let cell = claim_firsts::table.find((grain, day, NO_FACILITY, care_type, NO_DAY));
        diesel::delete(cell.filter(claim_firsts::decided.eq(0))).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// Takes away what cannot be read, which is then counted anew.
pub fn drop_unreadable(tx: &mut Tx) -> Result<()> {
    for row in claim_steps::table.select(StepRow::as_select()).load::<StepRow>(&mut tx.db.connection)? {
        if row.histogram().is_err() {
            diesel::delete(&row).execute(&mut tx.db.connection)?;
        }
    }
    Ok(())
}

/// Whose months of admission have sums.
pub(super) fn parts(db: &mut Db) -> Result<Vec<(Id, NaiveDate)>> {
    let of_hospitals = claim_steps::table.filter(claim_steps::facility_id.ne(NO_FACILITY));
    Ok(of_hospitals.select((claim_steps::facility_id, claim_steps::part)).distinct().load(&mut db.connection)?)
}

/// The months of which there are sums.
pub fn months(db: &mut Db) -> Result<BTreeSet<NaiveDate>> {
    let steps: Vec<NaiveDate> = claim_steps::table.select(claim_steps::day).distinct().load(&mut db.connection)?;
    let firsts: Vec<NaiveDate> = claim_firsts::table.select(claim_firsts::day).distinct().load(&mut db.connection)?;
    Ok(steps.into_iter().chain(firsts).map(first_of_month).collect())
}

/// Adds up anew what all hospitals come to, of a month and its days.
pub fn recount_all(tx: &mut Tx, month: NaiveDate) -> Result<()> {
    // With all steps and grains in words, as the keys begin with them.
    let in_month = || {
        claim_steps::table
            .filter(claim_steps::step.eq_any(Step::ALL))
            .filter(claim_steps::grain.eq_any(Grain::ALL))
            .filter(claim_steps::day.between(month, last_of_month(month)))
    };
    let rows = in_month().filter(claim_steps::facility_id.ne(NO_FACILITY)).select(StepRow::as_select());
    let mut steps: BTreeMap<StepKind, Histogram> = BTreeMap::new();
    for row in rows.load::<StepRow>(&mut tx.db.connection)? {
        steps.entry(row.kind()).or_default().add_all(&row.histogram()?);
    }
    let kept = in_month().filter(claim_steps::facility_id.eq(NO_FACILITY));
    replace!(tx, StepRow, claim_steps, kept, steps.iter().map(|(kind, histogram)| StepRow::new(*kind, (NO_FACILITY, NO_DAY), histogram)));
    let in_month =
        || claim_firsts::table.filter(claim_firsts::grain.eq_any(Grain::ALL)).filter(claim_firsts::day.between(month, last_of_month(month)));
    let key = || (claim_firsts::grain, claim_firsts::day, claim_firsts::care_type);
    let firsts: Vec<(FirstKind, Firsts)> = in_month()
        .filter(claim_firsts::facility_id.ne(NO_FACILITY))
        .group_by(key())
        .select((key(), (total!("decided"), total!("first_pass"))))
        .load(&mut tx.db.connection)?;
    let kept = in_month().filter(claim_firsts::facility_id.eq(NO_FACILITY));
    replace!(tx, FirstRow, claim_firsts, kept, firsts.into_iter().map(|(kind, firsts)| FirstRow::new(kind, (NO_FACILITY, NO_DAY), firsts)));
    Ok(())
}

/// How many days each step took, for each cell.
pub type Histograms<K> = BTreeMap<(K, Step), Histogram>;

macro_rules! steps {
    ($db:expr, $scope:expr, $steps:expr, $of:expr, $key:ident) => {{
        let scope: &Scope = $scope;
        let mut found: Histograms<_> = BTreeMap::new();
        for (grain, from, to) in spans(scope.from, scope.to) {
            let rows: Vec<(_, Step, String)> = claim_steps::table
                .filter(claim_steps::step.eq_any($steps))
                .filter(claim_steps::grain.eq(grain))
                .filter(claim_steps::day.between(from, to))
                .filter($of)
                .filter(of_care!(scope, claim_steps))
                .select((claim_steps::$key, claim_steps::step, claim_steps::histogram))
                .load(&mut $db.connection)?;
            for (key, step, histogram) in rows {
                found.entry((key, step)).or_default().add_all(&read(&histogram)?);
            }
        }
        found
    }};
}

macro_rules! firsts {
    ($db:expr, $scope:expr, $of:expr, $key:ident) => {{
        let scope: &Scope = $scope;
        let mut found: BTreeMap<_, Firsts> = BTreeMap::new();
        for (grain, from, to) in spans(scope.from, scope.to) {
            let rows: Vec<(_, Firsts)> = claim_firsts::table
                .filter(claim_firsts::grain.eq(grain))
                .filter(claim_firsts::day.between(from, to))
                .filter($of)
                .filter(of_care!(scope, claim_firsts))
                .group_by(claim_firsts::$key)
                .select((claim_firsts::$key, (total!("decided"), total!("first_pass"))))
                .load(&mut $db.connection)?;
            for (key, firsts) in rows {
                *found.entry(key).or_default() += firsts;
            }
        }
        found
    }};
}

pub fn by_facility(db: &mut Db, scope: &Scope, which: &[Step]) -> Result<(Histograms<Id>, BTreeMap<Id, Firsts>)> {
    let steps = steps!(db, scope, which, of_each!(scope, claim_steps), facility_id);
    Ok((steps, firsts!(db, scope, of_each!(scope, claim_firsts), facility_id)))
}

pub fn by_care_type(db: &mut Db, scope: &Scope) -> Result<(Histograms<CareType>, BTreeMap<CareType, Firsts>)> {
    let steps = steps!(db, scope, Step::ALL, of_one_or_all!(scope, claim_steps), care_type);
    Ok((steps, firsts!(db, scope, of_one_or_all!(scope, claim_firsts), care_type)))
}

/// By the first day of each month.
pub fn by_month(db: &mut Db, scope: &Scope) -> Result<(Histograms<NaiveDate>, BTreeMap<NaiveDate, Firsts>)> {
    let cells: Histograms<NaiveDate> = steps!(db, scope, Step::ALL, of_one_or_all!(scope, claim_steps), day);
    let mut months: Histograms<NaiveDate> = BTreeMap::new();
    for ((day, step), histogram) in cells {
        months.entry((first_of_month(day), step)).or_default().add_all(&histogram);
    }
    let cells: BTreeMap<NaiveDate, Firsts> = firsts!(db, scope, of_one_or_all!(scope, claim_firsts), day);
    let mut firsts: BTreeMap<NaiveDate, Firsts> = BTreeMap::new();
    for (day, of) in cells {
        *firsts.entry(first_of_month(day)).or_default() += of;
    }
    Ok((months, firsts))
}
