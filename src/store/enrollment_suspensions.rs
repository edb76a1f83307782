//! Suspensions that were lifted: from when until when an enrolment that counts again did not count.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx, on_each};
use crate::domain::id::Id;
use crate::error::Result;
use crate::schema::enrollment_suspensions;

pub fn insert(tx: &mut Tx, enrollment: Id, suspended_on: NaiveDate, reinstated_on: NaiveDate) -> Result<()> {
    let row = (
        enrollment_suspensions::enrollment_id.eq(enrollment),
        enrollment_suspensions::suspended_on.eq(suspended_on),
        enrollment_suspensions::reinstated_on.eq(reinstated_on),
    );
    on_each!(tx.db, |connection| diesel::insert_into(enrollment_suspensions::table).values(row).on_conflict_do_nothing().execute(connection))?;
    Ok(())
}

/// The suspensions of each of these enrolments, as the first date of it and the first date on which it counted again.
pub fn of(db: &mut Db, enrollments: &[Id]) -> Result<HashMap<Id, Vec<(NaiveDate, NaiveDate)>>> {
    let mut found: HashMap<Id, Vec<(NaiveDate, NaiveDate)>> = HashMap::new();
    if enrollments.is_empty() {
        return Ok(found);
    }
    let rows: Vec<(Id, NaiveDate, NaiveDate)> =
        enrollment_suspensions::table.filter(enrollment_suspensions::enrollment_id.eq_any(enrollments)).load(&mut db.connection)?;
    for (enrollment, suspended_on, reinstated_on) in rows {
        found.entry(enrollment).or_default().push((suspended_on, reinstated_on));
    }
    Ok(found)
}
