//! Checks and visits of each facility and day of service, as sums.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use chrono::{FixedOffset, NaiveDate, Timelike};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::db::{Db, Tx, total};
use super::summaries::{Part, of_care, of_facility, replace};
use crate::domain::eligibility::{CareType, Decision};
use crate::domain::figures::Scope;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{check_days, check_hours, check_reasons, check_voids, eligibility_checks, visit_days};

/// The sums of a day.
macro_rules! sums_of_day {
    ($row:ident of $table:ident { $($key:ident: $kind:ty),+ ; $sum:ident }) => {
        #[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
        #[diesel(table_name = $table, primary_key(day, facility_id, $($key),+))]
        struct $row {
            day: NaiveDate,
            facility_id: Id,
            $($key: $kind,)+
            $sum: i64,
        }
    };
}

sums_of_day!(DayRow of check_days { care_type: CareType, decision: Decision; checks });
sums_of_day!(ReasonRow of check_reasons { care_type: CareType, reason: String; checks });
sums_of_day!(HourRow of check_hours { care_type: CareType, hour: i32; checks });
sums_of_day!(VisitRow of visit_days { care_type: CareType; visits });

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

    let kept = check_days::table.filter(check_days::facility_id.eq(facility)).filter(check_days::day.eq(day));
    let decisions = decisions.into_iter().map(|((care_type, decision), checks)| DayRow { day, facility_id: facility, care_type, decision, checks });
    replace!(tx, DayRow, check_days, kept, decisions);
    let kept = check_reasons::table.filter(check_reasons::facility_id.eq(facility)).filter(check_reasons::day.eq(day));
    let reasons = reasons.into_iter().map(|((care_type, reason), checks)| ReasonRow {
        day,
        facility_id: facility,
        care_type,
        reason: reason.to_owned(),
        checks,
    });
    replace!(tx, ReasonRow, check_reasons, kept, reasons);
    let kept = check_hours::table.filter(check_hours::facility_id.eq(facility)).filter(check_hours::day.eq(day));
    let hours = hours.into_iter().map(|((care_type, hour), checks)| HourRow { day, facility_id: facility, care_type, hour, checks });
    replace!(tx, HourRow, check_hours, kept, hours);
    let kept = visit_days::table.filter(visit_days::facility_id.eq(facility)).filter(visit_days::day.eq(day));
    let visits = visits.into_iter().map(|(care_type, people)| VisitRow { day, facility_id: facility, care_type, visits: people.len() as i64 });
    replace!(tx, VisitRow, visit_days, kept, visits);
    Ok(())
}

/// Sums of one of these tables by one of its columns, within what was asked for.
macro_rules! sums {
    ($db:expr, $scope:expr, $table:ident . $measure:literal by $key:ident) => {{
        let scope: &Scope = $scope;
        $table::table
            .filter($table::day.between(scope.from, scope.to))
            .filter(of_facility!(scope, $table))
            .filter(of_care!(scope, $table))
            .group_by($table::$key)
            .select(($table::$key, total!($measure)))
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

/// By what visits to facilities can be summed up.
pub fn visits_by_day(db: &mut Db, scope: &Scope) -> Result<Vec<(NaiveDate, i64)>> {
    Ok(sums!(db, scope, visit_days."visits" by day))
}

pub fn visits_by_facility(db: &mut Db, scope: &Scope) -> Result<Vec<(Id, i64)>> {
    Ok(sums!(db, scope, visit_days."visits" by facility_id))
}

pub fn visits_by_care_type(db: &mut Db, scope: &Scope) -> Result<Vec<(CareType, i64)>> {
    Ok(sums!(db, scope, visit_days."visits" by care_type))
}

/// Adds up what falls under the same key.
pub fn folded<K: Hash + Ord, T>(rows: Vec<(T, i64)>, key: impl Fn(&T) -> K) -> Vec<(K, i64)> {
    let mut folded = BTreeMap::new();
    for (row, counted) in rows {
        *folded.entry(key(&row)).or_insert(0) += counted;
    }
    folded.into_iter().collect()
}
