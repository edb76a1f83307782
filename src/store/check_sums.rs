//! Checks and visits of each facility and day of service, as sums.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use chrono::{FixedOffset, NaiveDate, Timelike};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::db::{Db, Tx, on_each};
use super::summaries::{NO_FACILITY, Part};
use crate::domain::eligibility::{CareType, Decision};
use crate::domain::figures::Scope;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{check_days, check_hours, check_reasons, check_voids, eligibility_checks, visit_days};

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
    let sums: Vec<(Id, NaiveDate)> = check_days::table.select((check_days::facility_id, check_days::day)).distinct().load(&mut db.connection)?;
    Ok(rows.into_iter().chain(sums).map(|(facility, day)| Part::of_facility(facility, day)).collect())
}

/// Counts a facility's day anew. A void check is none.
pub fn recount(tx: &mut Tx, part: &Part, offset: FixedOffset) -> Result<()> {
    let (facility, day) = (part.facility_id, part.day);
    let is_void = exists(check_voids::table.filter(check_voids::check_id.eq(eligibility_checks::id)));
    let rows: Vec<Counted> = eligibility_checks::table
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
    let (mut decisions, mut reasons, mut hours) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut visits: BTreeMap<CareType, BTreeSet<Id>> = BTreeMap::new();
    for check in &rows {
        *decisions.entry((check.care_type, check.decision)).or_insert(0_i64) += 1;
        for reason in check.failing.split(',').filter(|reason| !reason.is_empty()) {
            *reasons.entry((check.care_type, reason)).or_insert(0_i64) += 1;
        }
        // Below 24.
        let hour = check.checked_at.naive().and_utc().with_timezone(&offset).hour() as i32;
        *hours.entry((check.care_type, hour)).or_insert(0_i64) += 1;
        if let (Decision::Eligible | Decision::Provisional, Some(person)) = (check.decision, check.participant_id) {
            visits.entry(check.care_type).or_default().insert(person);
        }
    }

    diesel::delete(check_days::table.filter(check_days::facility_id.eq(facility)).filter(check_days::day.eq(day))).execute(&mut tx.db.connection)?;
    diesel::delete(check_reasons::table.filter(check_reasons::facility_id.eq(facility)).filter(check_reasons::day.eq(day)))
        .execute(&mut tx.db.connection)?;
    diesel::delete(check_hours::table.filter(check_hours::facility_id.eq(facility)).filter(check_hours::day.eq(day)))
        .execute(&mut tx.db.connection)?;
    diesel::delete(visit_days::table.filter(visit_days::facility_id.eq(facility)).filter(visit_days::day.eq(day))).execute(&mut tx.db.connection)?;

    let decisions: Vec<_> = decisions
        .iter()
        .map(|((care, decision), checks)| {
            use check_days as t;
            (t::day.eq(day), t::facility_id.eq(facility), t::care_type.eq(care), t::decision.eq(decision), t::checks.eq(checks))
        })
        .collect();
    on_each!(tx.db, |connection| diesel::insert_into(check_days::table).values(&decisions).execute(connection))?;
    let reasons: Vec<_> = reasons
        .iter()
        .map(|((care, reason), checks)| {
            use check_reasons as t;
            (t::day.eq(day), t::facility_id.eq(facility), t::care_type.eq(care), t::reason.eq(*reason), t::checks.eq(checks))
        })
        .collect();
    on_each!(tx.db, |connection| diesel::insert_into(check_reasons::table).values(&reasons).execute(connection))?;
    let hours: Vec<_> = hours
        .iter()
        .map(|((care, hour), checks)| {
            use check_hours as t;
            (t::day.eq(day), t::facility_id.eq(facility), t::care_type.eq(care), t::hour.eq(hour), t::checks.eq(checks))
        })
        .collect();
    on_each!(tx.db, |connection| diesel::insert_into(check_hours::table).values(&hours).execute(connection))?;
    let visits: Vec<_> = visits
        .iter()
        .map(|(care, people)| {
            use visit_days as t;
            (t::day.eq(day), t::facility_id.eq(facility), t::care_type.eq(care), t::visits.eq(people.len() as i64))
        })
        .collect();
    on_each!(tx.db, |connection| diesel::insert_into(visit_days::table).values(&visits).execute(connection))?;
    Ok(())
}

/// Sums of one of these tables by one of its columns, within what was asked for.
macro_rules! sums {
    ($db:expr, $scope:expr, $table:ident . $measure:literal by $key:ident) => {{
        let scope: &Scope = $scope;
        $table::table
            .filter($table::day.between(scope.from, scope.to))
            // Conditions rather than other queries: a grouped one cannot be put together piece by piece.
            .filter(scope.facility.is_none().into_sql::<Bool>().or($table::facility_id.eq(scope.facility.unwrap_or(NO_FACILITY))))
            .filter(scope.care_type.is_none().into_sql::<Bool>().or($table::care_type.eq(scope.care_type.unwrap_or(CareType::Outpatient))))
            .group_by($table::$key)
            .select(($table::$key, sql::<BigInt>(concat!("CAST(coalesce(sum(", $measure, "), 0) AS BIGINT)"))))
            .order($table::$key)
            .load(&mut $db.connection)?
    }};
}

/// By what checks of facilities can be summed up.
pub fn by_decision(db: &mut Db, scope: &Scope) -> Result<Vec<(Decision, i64)>> {
    Ok(sums!(db, scope, check_days."checks" by decision))
}

pub fn by_facility(db: &mut Db, scope: &Scope) -> Result<Vec<(Id, i64)>> {
    Ok(sums!(db, scope, check_days."checks" by facility_id))
}

pub fn by_care_type(db: &mut Db, scope: &Scope) -> Result<Vec<(CareType, i64)>> {
    Ok(sums!(db, scope, check_days."checks" by care_type))
}

pub fn by_day(db: &mut Db, scope: &Scope) -> Result<Vec<(NaiveDate, i64)>> {
    Ok(sums!(db, scope, check_days."checks" by day))
}

pub fn by_reason(db: &mut Db, scope: &Scope) -> Result<Vec<(String, i64)>> {
    Ok(sums!(db, scope, check_reasons."checks" by reason))
}

pub fn by_hour(db: &mut Db, scope: &Scope) -> Result<Vec<(i32, i64)>> {
    Ok(sums!(db, scope, check_hours."checks" by hour))
}

pub fn visits_of_facilities(db: &mut Db, scope: &Scope) -> Result<Vec<(Id, i64)>> {
    Ok(sums!(db, scope, visit_days."visits" by facility_id))
}

/// Adds up what falls under the same key.
pub fn folded<K: Hash + Ord, T>(rows: Vec<(T, i64)>, key: impl Fn(&T) -> K) -> Vec<(K, i64)> {
    let mut folded = BTreeMap::new();
    for (row, counted) in rows {
        *folded.entry(key(&row)).or_insert(0) += counted;
    }
    folded.into_iter().collect()
}
