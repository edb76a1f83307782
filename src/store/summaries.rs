//! Which sums are to be counted anew, and up to when each is counted.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hash;
use std::ops::{AddAssign, Neg};

use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::id::Id;
use crate::domain::summaries::Subject;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{summary_marks, summary_runs};

/// Puts rows in the place of those that a query finds, and writes only what differs: of a month of many rows one change touches few sums. Gives what was there and
/// what is there now.
macro_rules! replace {
    ($tx:expr, $row:ident, $table:ident, $found:expr, $rows:expr) => {{
        let kept: std::collections::HashSet<$row> = $found.select($row::as_select()).load::<$row>(&mut $tx.db.connection)?.into_iter().collect();
        let counted: std::collections::HashSet<$row> = $rows.into_iter().collect();
        for gone in kept.difference(&counted) {
            diesel::delete(gone).execute(&mut $tx.db.connection)?;
        }
        let new: Vec<&$row> = counted.difference(&kept).collect();
        // As many at once as both databases take.
        for chunk in new.chunks(500) {
            $crate::store::db::on_each!($tx.db, |connection| diesel::insert_into($table::table).values(chunk.to_vec()).execute(connection))?;
        }
        (kept, counted)
    }};
}
pub(super) use replace;

/// Writes rows, or where there are rows with their keys what is said of those: one statement for many where the database takes that, else one for each.
macro_rules! upsert {
    ($tx:expr, $table:ident, $rows:expr, ($($key:ident),+), $set:expr) => {{
        macro_rules! written {
            ($connection:expr, $values:expr) => {
                diesel::insert_into($table::table).values($values).on_conflict(($($table::$key),+)).do_update().set($set).execute($connection)?
            };
        }
        match &mut $tx.db.connection {
            $crate::store::db::AnyConnection::Sqlite(connection) => {
                for row in &$rows {
                    written!(connection, row);
                }
            }
            $crate::store::db::AnyConnection::Postgres(connection) => {
                for chunk in $rows.chunks(500) {
                    written!(connection, chunk);
                }
            }
        }
    }};
}
pub(super) use upsert;

/// Adds rows to those that have their keys.
macro_rules! add_to {
    ($tx:expr, $table:ident, $rows:expr, $keys:tt, ($($sum:ident),+)) => {
        $crate::store::summaries::upsert!(
            $tx,
            $table,
            $rows,
            $keys,
            ($($table::$sum.eq($table::$sum + diesel::upsert::excluded($table::$sum)),)+)
        )
    };
}
pub(super) use add_to;

/// Of the facility that is asked for, or of all. A condition rather than another query: a grouped one cannot be put together piece by piece.
macro_rules! of_facility {
    ($scope:expr, $table:ident) => {
        $scope
            .facility
            .is_none()
            .into_sql::<diesel::sql_types::Bool>()
            .or($table::facility_id.eq($scope.facility.unwrap_or($crate::store::summaries::NO_FACILITY)))
    };
}
pub(super) use of_facility;

/// The same of a kind of care; which one stands where none is asked for does not matter.
macro_rules! of_care {
    ($scope:expr, $table:ident) => {
        $scope.care_type.is_none().into_sql::<diesel::sql_types::Bool>().or($table::care_type.eq($scope.care_type.unwrap_or(CareType::Outpatient)))
    };
}
pub(super) use of_care;

/// Of the facility that is asked for, or of all together, where that is kept beside them.
macro_rules! of_one_or_all {
    ($scope:expr, $table:ident) => {
        $table::facility_id.eq($scope.facility.unwrap_or($crate::store::summaries::NO_FACILITY))
    };
}
pub(super) use of_one_or_all;

/// Of the facility that is asked for, or of each, and not of all together.
macro_rules! of_each {
    ($scope:expr, $table:ident) => {
        $table::facility_id.ne($crate::store::summaries::NO_FACILITY).and($crate::store::summaries::of_facility!($scope, $table))
    };
}
pub(super) use of_each;

/// By how much the sums of a kind changed, where rows were replaced: what is there now, less what was there.
pub(super) fn changes<R: Eq + Hash, K: Ord, S>(before: &HashSet<R>, now: &HashSet<R>, of: impl Fn(&R) -> (K, S)) -> BTreeMap<K, S>
where
    S: Copy + Default + PartialEq + AddAssign + Neg<Output = S>,
{
    let mut changes: BTreeMap<K, S> = BTreeMap::new();
    let come = now.difference(before).map(&of);
    let gone = before.difference(now).map(&of).map(|(kind, sum)| (kind, -sum));
    for (kind, sum) in come.chain(gone) {
        *changes.entry(kind).or_default() += sum;
    }
    changes.retain(|_, change| *change != S::default());
    changes
}

/// What of a subject is counted together. What it does not ask of has zeros, nothing, or the first day of 2000.
#[derive(Queryable, Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub facility_id: Id,
    pub village_code: String,
    pub day: NaiveDate,
}

/// As a part has it that has no facility.
pub const NO_FACILITY: Id = Id::from_bytes([0; 16]);

/// As a part has it that has no day.
pub const NO_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

impl Part {
    /// Of a facility, from this day on as long as the subject says.
    pub fn of_facility(facility_id: Id, day: NaiveDate) -> Self {
        Self { facility_id, village_code: String::new(), day }
    }

    pub fn of_month(day: NaiveDate) -> Self {
        Self::of_facility(NO_FACILITY, day)
    }

    pub fn of_village(village_code: String) -> Self {
        Self { facility_id: NO_FACILITY, village_code, day: NO_DAY }
    }
}

pub fn is_due(db: &mut Db, subject: Subject) -> Result<bool> {
    Ok(diesel::select(exists(summary_marks::table.filter(summary_marks::subject.eq(subject)))).get_result(&mut db.connection)?)
}

/// The next parts that are to be counted anew.
pub fn due(db: &mut Db, subject: Subject, limit: i64) -> Result<Vec<Part>> {
    let parts = summary_marks::table.filter(summary_marks::subject.eq(subject));
    let parts = parts.select((summary_marks::facility_id, summary_marks::village_code, summary_marks::day)).distinct();
    Ok(parts.limit(limit).load(&mut db.connection)?)
}

/// So long ago is counted to of what was never counted.
pub const NEVER: chrono::Duration = chrono::Duration::days(36_500);

/// From now on nobody else writes sums of this subject, until the end of the transaction.
pub fn hold(tx: &mut Tx, subject: Subject, now: UtcTime) -> Result<()> {
    let first = (
        summary_runs::subject.eq(subject),
        summary_runs::counted_to.eq(now.minus(NEVER)),
        summary_runs::counted_by.eq(None::<Id>),
        summary_runs::held_until.eq(now),
    );
    on_each!(tx.db, |connection| diesel::insert_into(summary_runs::table).values(first).on_conflict_do_nothing().execute(connection))?;
    let _: Subject = locked!(tx, summary_runs::table.find(subject).select(summary_runs::subject), first)?;
    Ok(())
}

/// How long a subject waits for whoever began to count it and does not come back.
const PATIENCE: chrono::Duration = chrono::Duration::minutes(10);

/// Lets one process alone count a held subject, for as long as it comes back in time. False: another one is at it.
pub fn take(tx: &mut Tx, subject: Subject, who: Id, now: UtcTime) -> Result<bool> {
    let run = summary_runs::table.find(subject);
    let (by, until): (Option<Id>, UtcTime) = run.select((summary_runs::counted_by, summary_runs::held_until)).first(&mut tx.db.connection)?;
    if by.is_some_and(|by| by != who) && until > now {
        return Ok(false);
    }
    let held = (summary_runs::counted_by.eq(Some(who)), summary_runs::held_until.eq(now.plus(PATIENCE)));
    diesel::update(run).set(held).execute(&mut tx.db.connection)?;
    Ok(true)
}

/// Is it still this one who counts a held subject?
pub fn is_taken_by(tx: &mut Tx, subject: Subject, who: Id) -> Result<bool> {
    let by: Option<Id> = summary_runs::table.find(subject).select(summary_runs::counted_by).first(&mut tx.db.connection)?;
    Ok(by == Some(who))
}

/// Whoever wants may count the subject.
pub fn leave(tx: &mut Tx, subject: Subject, who: Id) -> Result<()> {
    let own = summary_runs::table.find(subject).filter(summary_runs::counted_by.eq(who));
    diesel::update(own).set(summary_runs::counted_by.eq(None::<Id>)).execute(&mut tx.db.connection)?;
    Ok(())
}

/// A part is about to be counted: what marks it afterwards marks it for the next time.
pub fn unmark(tx: &mut Tx, subject: Subject, part: &Part) -> Result<()> {
    let marks = summary_marks::table
        .filter(summary_marks::subject.eq(subject))
        .filter(summary_marks::facility_id.eq(part.facility_id))
        .filter(summary_marks::village_code.eq(&part.village_code))
        .filter(summary_marks::day.eq(part.day));
    diesel::delete(marks).execute(&mut tx.db.connection)?;
    Ok(())
}

/// In the place of the transactions that marked a part: it is being counted, and should that not come to its end, it is still marked.
const ASIDE: i64 = -1;

/// The same for a part that is counted outside the transaction: one mark stays until it is done.
pub fn set_aside(tx: &mut Tx, subject: Subject, part: &Part) -> Result<()> {
    unmark(tx, subject, part)?;
    put(tx, subject, part, ASIDE)
}

/// It is done: what marked it meanwhile stays.
pub fn done_aside(tx: &mut Tx, subject: Subject, part: &Part) -> Result<()> {
    diesel::delete(summary_marks::table.find((subject, part.facility_id, &part.village_code, part.day, ASIDE))).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn mark(tx: &mut Tx, subject: Subject, part: &Part) -> Result<()> {
    put(tx, subject, part, 0)
}

fn put(tx: &mut Tx, subject: Subject, part: &Part, number: i64) -> Result<()> {
    let row = (
        summary_marks::subject.eq(subject),
        summary_marks::facility_id.eq(part.facility_id),
        summary_marks::village_code.eq(&part.village_code),
        summary_marks::day.eq(part.day),
        summary_marks::tx.eq(number),
    );
    on_each!(tx.db, |connection| diesel::insert_into(summary_marks::table).values(row).on_conflict_do_nothing().execute(connection))?;
    Ok(())
}

/// All that was changed until then is counted.
pub fn note(tx: &mut Tx, subject: Subject, counted_to: UtcTime) -> Result<()> {
    // Another node may have counted further meanwhile.
    diesel::update(summary_runs::table.find(subject).filter(summary_runs::counted_to.lt(counted_to)))
        .set(summary_runs::counted_to.eq(counted_to))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Up to when a subject is counted; none before the first time.
pub fn counted_to(db: &mut Db, subject: Subject) -> Result<Option<UtcTime>> {
    Ok(summary_runs::table.find(subject).select(summary_runs::counted_to).first(&mut db.connection).optional()?)
}

/// Every part of a subject that has rows, or sums of rows that are no more.
pub fn parts(db: &mut Db, subject: Subject) -> Result<BTreeSet<Part>> {
    match subject {
        Subject::Checks => super::check_sums::parts(db),
        Subject::CheckPlaces => super::check_places::parts(db),
        Subject::Registry => super::registry_sums::parts(db),
        Subject::Claims => super::claim_months::parts(db),
        Subject::ClaimTotals => super::tariff_gaps::parts_of_totals(db),
        Subject::ClaimPlaces => super::claim_places::parts(db),
    }
}
