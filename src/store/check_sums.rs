//! Checks and visits of each facility and day of service, as sums; and what they come to together: each facility's months, and the days and months of all.
//!
//! The days of a facility are counted anew. What changes of them is added to what they belong to, so that one check never has a month added up.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use chrono::{FixedOffset, NaiveDate, Timelike};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::db::{Db, Tx, total};
use super::summaries::{NO_FACILITY, Part, add_to, changes, of_care, of_each, of_one_or_all, replace};
use crate::domain::eligibility::{CareType, Decision};
use crate::domain::figures::{Scope, first_of_month, last_of_month};
use crate::domain::id::Id;
use crate::domain::spans::{Grain, spans};
use crate::domain::text_enum::text_enum;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{check_sums, check_voids, eligibility_checks};

text_enum! {
    /// What a cell counts: checks by decision, reason or hour, or visits.
    SumKind { Decision = "decision", Reason = "reason", Hour = "hour", Visit = "visit" }
}

/// The name of the cells of visits, which have no kinds.
pub(super) const VISITS: &str = "visits";

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = check_sums, primary_key(kind, grain, day, facility_id, care_type, name))]
struct Row {
    kind: SumKind,
    grain: Grain,
    day: NaiveDate,
    facility_id: Id,
    care_type: CareType,
    name: String,
    counted: i64,
}

/// What of a check is counted.
#[derive(Queryable)]
struct Counted {
    participant_id: Option<Id>,
    care_type: CareType,
    decision: Decision,
    failing: String,
    checked_at: UtcTime,
}

pub fn parts(db: &mut Db) -> Result<BTreeSet<Part>> {
    let rows: Vec<(Id, NaiveDate)> =
        eligibility_checks::table.select((eligibility_checks::facility_id, eligibility_checks::service_date)).distinct().load(&mut db.connection)?;
    let sums = check_sums::table.filter(check_sums::grain.eq(Grain::Day)).filter(check_sums::facility_id.ne(NO_FACILITY));
    let sums: Vec<(Id, NaiveDate)> = sums.select((check_sums::facility_id, check_sums::day)).distinct().load(&mut db.connection)?;
    Ok(rows.into_iter().chain(sums).map(|(facility, day)| Part::of_facility(facility, day)).collect())
}

/// The months of which there are sums.
pub fn months(db: &mut Db) -> Result<BTreeSet<NaiveDate>> {
    let days: Vec<NaiveDate> = check_sums::table.select(check_sums::day).distinct().load(&mut db.connection)?;
    Ok(days.into_iter().map(first_of_month).collect())
}

/// Counts a facility's day anew. A void check is none.
pub fn recount(tx: &mut Tx, part: &Part, offset: FixedOffset) -> Result<()> {
    let (facility, day) = (part.facility_id, part.day);
    let is_void = exists(check_voids::table.filter(check_voids::check_id.eq(eligibility_checks::id)));
    let checks: Vec<Counted> = eligibility_checks::table
        .filter(eligibility_checks::facility_id.eq(facility))
        .filter(eligibility_checks::service_date.eq(day))
        .filter(not(is_void))
        .select((
            eligibility_checks::participant_id,
            eligibility_checks::care_type,
            eligibility_checks::decision,
            eligibility_checks::failing,
            eligibility_checks::checked_at,
        ))
        .load(&mut tx.db.connection)?;
    let mut cells: BTreeMap<(SumKind, CareType, String), i64> = BTreeMap::new();
    let mut visitors: BTreeSet<(CareType, Id)> = BTreeSet::new();
    for check in &checks {
        let mut count = |kind, name: String| *cells.entry((kind, check.care_type, name)).or_default() += 1;
        count(SumKind::Decision, check.decision.to_string());
        check.failing.split(',').filter(|reason| !reason.is_empty()).for_each(|reason| count(SumKind::Reason, reason.to_owned()));
        count(SumKind::Hour, format!("{:02}", check.checked_at.naive().and_utc().with_timezone(&offset).hour()));
        if let (Decision::Eligible | Decision::Provisional, Some(person)) = (check.decision, check.participant_id)
            && visitors.insert((check.care_type, person))
        {
            count(SumKind::Visit, VISITS.to_owned());
        }
    }
    let rows = cells.into_iter().map(|((kind, care_type, name), counted)| Row {
        kind,
        grain: Grain::Day,
        day,
        facility_id: facility,
        care_type,
        name,
        counted,
    });
    let kept = check_sums::table
        .filter(check_sums::facility_id.eq(facility))
        .filter(check_sums::kind.eq_any(SumKind::ALL))
        .filter(check_sums::grain.eq(Grain::Day))
        .filter(check_sums::day.eq(day));
    let (before, now) = replace!(tx, Row, check_sums, kept, rows);
    add_up(tx, changes(&before, &now, |row| ((row.kind, row.day, row.facility_id, row.care_type, row.name.clone()), row.counted)))
}

/// Adds what changed of a facility's day to the facility's month, and to the day and month of all.
fn add_up(tx: &mut Tx, changes: BTreeMap<(SumKind, NaiveDate, Id, CareType, String), i64>) -> Result<()> {
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    for ((kind, day, facility, care_type, name), change) in &changes {
        let month = first_of_month(*day);
        for (grain, day, facility) in [(Grain::Month, month, *facility), (Grain::Day, *day, NO_FACILITY), (Grain::Month, month, NO_FACILITY)] {
            *sums.entry((*kind, grain, day, facility, *care_type, name.as_str())).or_default() += change;
        }
    }
    let row = |((kind, grain, day, facility_id, care_type, name), counted): (&(SumKind, Grain, NaiveDate, Id, CareType, &str), &i64)| Row {
        kind: *kind,
        grain: *grain,
        day: *day,
        facility_id: *facility_id,
        care_type: *care_type,
        name: (*name).to_owned(),
        counted: *counted,
    };
    let rows: Vec<Row> = sums.iter().map(row).collect();
    add_to!(tx, check_sums, rows, (kind, grain, day, facility_id, care_type, name), (counted));
    for (key, _) in sums.into_iter().filter(|(_, change)| *change < 0) {
        // What is nothing has no cell.
        diesel::delete(check_sums::table.find(key).filter(check_sums::counted.eq(0))).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// Adds up a month anew from the days of its facilities.
pub fn recount_months(tx: &mut Tx, month: NaiveDate) -> Result<()> {
    let days = || {
        check_sums::table
            .filter(check_sums::kind.eq_any(SumKind::ALL))
            .filter(check_sums::grain.eq(Grain::Day))
            .filter(check_sums::day.between(month, last_of_month(month)))
            .filter(check_sums::facility_id.ne(NO_FACILITY))
    };
    let months: Vec<(SumKind, Id, CareType, String, i64)> = days()
        .group_by((check_sums::kind, check_sums::facility_id, check_sums::care_type, check_sums::name))
        .select((check_sums::kind, check_sums::facility_id, check_sums::care_type, check_sums::name, total!("counted")))
        .load(&mut tx.db.connection)?;
    let of_days: Vec<(SumKind, NaiveDate, CareType, String, i64)> = days()
        .group_by((check_sums::kind, check_sums::day, check_sums::care_type, check_sums::name))
        .select((check_sums::kind, check_sums::day, check_sums::care_type, check_sums::name, total!("counted")))
        .load(&mut tx.db.connection)?;
    let mut all: BTreeMap<(SumKind, CareType, String), i64> = BTreeMap::new();
    for (kind, _, care_type, name, counted) in &of_days {
        *all.entry((*kind, *care_type, name.clone())).or_default() += counted;
    }
    let of = |kind, grain, day, facility_id, care_type, name, counted| Row { kind, grain, day, facility_id, care_type, name, counted };
    let months = months.into_iter().map(|(kind, facility, care, name, counted)| of(kind, Grain::Month, month, facility, care, name, counted));
    let months = months.chain(all.into_iter().map(|((kind, care, name), counted)| of(kind, Grain::Month, month, NO_FACILITY, care, name, counted)));
    // With all kinds in words, as the keys begin with them.
    let kept =
        check_sums::table.filter(check_sums::kind.eq_any(SumKind::ALL)).filter(check_sums::grain.eq(Grain::Month)).filter(check_sums::day.eq(month));
    replace!(tx, Row, check_sums, kept, months);
    let of_days = of_days.into_iter().map(|(kind, day, care, name, counted)| of(kind, Grain::Day, day, NO_FACILITY, care, name, counted));
    let kept = check_sums::table
        .filter(check_sums::facility_id.eq(NO_FACILITY))
        .filter(check_sums::kind.eq_any(SumKind::ALL))
        .filter(check_sums::grain.eq(Grain::Day))
        .filter(check_sums::day.between(month, last_of_month(month)));
    replace!(tx, Row, check_sums, kept, of_days);
    Ok(())
}

/// Sums of a kind by one of the columns, within what was asked for.
macro_rules! sums {
    ($db:expr, $scope:expr, $kind:expr, $spans:expr, $of:expr, $key:ident) => {{
        let scope: &Scope = $scope;
        let mut sums = BTreeMap::new();
        for (grain, from, to) in $spans {
            let rows: Vec<(_, i64)> = check_sums::table
                .filter(check_sums::kind.eq($kind))
                .filter(check_sums::grain.eq(grain))
                .filter(check_sums::day.between(from, to))
                .filter($of)
                .filter(of_care!(scope, check_sums))
                .group_by(check_sums::$key)
                .select((check_sums::$key, total!("counted")))
                .load(&mut $db.connection)?;
            for (key, counted) in rows {
                *sums.entry(key).or_insert(0) += counted;
            }
        }
        Ok(sums.into_iter().collect())
    }};
}

/// By decision, reason or hour.
pub fn by_name(db: &mut Db, scope: &Scope, kind: SumKind) -> Result<Vec<(String, i64)>> {
    sums!(db, scope, kind, spans(scope.from, scope.to), of_one_or_all!(scope, check_sums), name)
}

pub fn by_care_type(db: &mut Db, scope: &Scope, kind: SumKind) -> Result<Vec<(CareType, i64)>> {
    sums!(db, scope, kind, spans(scope.from, scope.to), of_one_or_all!(scope, check_sums), care_type)
}

pub fn by_day(db: &mut Db, scope: &Scope, kind: SumKind) -> Result<Vec<(NaiveDate, i64)>> {
    sums!(db, scope, kind, [(Grain::Day, scope.from, scope.to)], of_one_or_all!(scope, check_sums), day)
}

pub fn by_facility(db: &mut Db, scope: &Scope, kind: SumKind) -> Result<Vec<(Id, i64)>> {
    sums!(db, scope, kind, spans(scope.from, scope.to), of_each!(scope, check_sums), facility_id)
}

/// Adds up what falls under the same key.
pub fn folded<K: Hash + Ord, T>(rows: Vec<(T, i64)>, key: impl Fn(&T) -> K) -> Vec<(K, i64)> {
    let mut folded = BTreeMap::new();
    for (row, counted) in rows {
        *folded.entry(key(&row)).or_insert(0) += counted;
    }
    folded.into_iter().collect()
}
