//! Who files how many requests: by the blind index of a filer's NIK, and by the account that enters them.

use diesel::prelude::*;

use super::db::{Db, Tx};
use super::signals::SUBJECTS;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::schema::{enrollment_filers, enrollments};

pub fn insert(tx: &mut Tx, enrollment: Id, filer: BlindIndex, now: UtcTime) -> Result<()> {
    diesel::insert_into(enrollment_filers::table)
        .values((
            enrollment_filers::enrollment_id.eq(enrollment),
            enrollment_filers::bidx.eq(filer.value),
            enrollment_filers::key_id.eq(filer.key_id),
            enrollment_filers::filed_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// How many requests this filer has filed since.
pub fn count(db: &mut Db, filer: BlindIndex, since: UtcTime) -> Result<i64> {
    let filed = enrollment_filers::table.filter(enrollment_filers::bidx.eq(filer.value)).filter(enrollment_filers::filed_at.ge(since));
    Ok(filed.count().get_result(&mut db.connection)?)
}

/// For whom, the latest first.
pub fn people(db: &mut Db, filer: BlindIndex, since: UtcTime) -> Result<Vec<Id>> {
    Ok(enrollment_filers::table
        .inner_join(enrollments::table.on(enrollments::id.eq(enrollment_filers::enrollment_id)))
        .filter(enrollment_filers::bidx.eq(filer.value))
        .filter(enrollment_filers::filed_at.ge(since))
        .order(enrollment_filers::filed_at.desc())
        .limit(SUBJECTS as i64)
        .select(enrollments::participant_id)
        .load(&mut db.connection)?)
}

/// For whom this account has entered requests since, the latest first.
pub fn people_of_account(db: &mut Db, account: Id, since: UtcTime) -> Result<Vec<Id>> {
    let filed = enrollments::table.filter(enrollments::filed_by.eq(account)).filter(enrollments::created_at.ge(since));
    Ok(filed.order(enrollments::created_at.desc()).limit(SUBJECTS as i64).select(enrollments::participant_id).load(&mut db.connection)?)
}

/// How many requests this account has entered since.
pub fn count_of_account(db: &mut Db, account: Id, since: UtcTime) -> Result<i64> {
    let filed = enrollments::table.filter(enrollments::filed_by.eq(account)).filter(enrollments::created_at.ge(since));
    Ok(filed.count().get_result(&mut db.connection)?)
}
