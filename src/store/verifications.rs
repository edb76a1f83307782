//! What the population office said of people: match or no match, and as of when.

use std::collections::HashMap;

use diesel::prelude::*;

use super::db::{Db, Tx};
use crate::domain::eligibility::IdentityMatch;
use crate::domain::id::Id;
use crate::domain::population_office::{Finding, OfficeSource, Verdict};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::verifications;

#[derive(Debug, Clone, Copy, Queryable, Selectable, Insertable)]
#[diesel(table_name = verifications, treat_none_as_default_value = false)]
pub struct Verification {
    pub id: Id,
    pub participant_id: Id,
    pub source: OfficeSource,
    pub verdict: Verdict,
    pub name_match: IdentityMatch,
    pub birth_date_match: IdentityMatch,
    pub as_of: UtcTime,
    pub verified_at: UtcTime,
    pub verified_by: Option<Id>,
}

impl Verification {
    pub fn finding(&self) -> Finding {
        Finding { verdict: self.verdict, name: self.name_match, birth_date: self.birth_date_match, as_of: self.as_of, source: self.source }
    }
}

pub fn insert(tx: &mut Tx, verification: &Verification) -> Result<()> {
    diesel::insert_into(verifications::table).values(verification).execute(&mut tx.db.connection)?;
    Ok(())
}

/// The newest of each of these people, for the check desk.
pub fn newest(tx: &mut Tx, participants: &[Id]) -> Result<HashMap<Id, Verification>> {
    let rows: Vec<Verification> = verifications::table
        .filter(verifications::participant_id.eq_any(participants))
        .order(verifications::id)
        .select(Verification::as_select())
        .load(&mut tx.db.connection)?;
    Ok(rows.into_iter().map(|row| (row.participant_id, row)).collect())
}

/// A page of one person's, newest first.
pub fn page(db: &mut Db, participant: Id, before: Option<Id>, limit: i64) -> Result<Vec<Verification>> {
    let mut query = verifications::table
        .filter(verifications::participant_id.eq(participant))
        .order(verifications::id.desc())
        .select(Verification::as_select())
        .limit(limit + 1)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(verifications::id.lt(before));
    }
    Ok(query.load(&mut db.connection)?)
}
