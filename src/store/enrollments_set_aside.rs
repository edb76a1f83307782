//! How enrolments stood that expired because their person has another one through a merge: an un-merge gives them back.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx};
use crate::domain::enrollments::EnrollmentState;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{enrollments, enrollments_set_aside};

#[derive(Queryable, Selectable, Insertable, Clone, Copy)]
#[diesel(table_name = enrollments_set_aside, treat_none_as_default_value = false)]
pub struct SetAside {
    pub enrollment_id: Id,
    pub state: EnrollmentState,
    pub ended_on: Option<NaiveDate>,
    pub due_at: Option<UtcTime>,
    pub set_aside_at: UtcTime,
}

pub fn insert(tx: &mut Tx, row: &SetAside) -> Result<()> {
    diesel::insert_into(enrollments_set_aside::table).values(row).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Those of these people, the latest first.
pub fn of(db: &mut Db, people: &[Id]) -> Result<Vec<SetAside>> {
    Ok(enrollments_set_aside::table
        .inner_join(enrollments::table.on(enrollments::id.eq(enrollments_set_aside::enrollment_id)))
        .filter(enrollments::participant_id.eq_any(people))
        .order((enrollments_set_aside::set_aside_at.desc(), enrollments_set_aside::enrollment_id.desc()))
        .select(SetAside::as_select())
        .load(&mut db.connection)?)
}

pub fn delete(tx: &mut Tx, enrollment: Id) -> Result<()> {
    diesel::delete(enrollments_set_aside::table.find(enrollment)).execute(&mut tx.db.connection)?;
    Ok(())
}
