//! Cases for the civil registry: two real people with one NIK.

use diesel::prelude::*;

use super::db::{Db, Tx, locked};
use super::reading::Reading;
use super::sealed::CaseCell;
use crate::domain::id::Id;
use crate::domain::participants::{CaseOutcome, CaseState};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::registry_cases;

/// A case whose cell is open.
#[derive(Clone)]
pub struct Case {
    pub id: Id,
    pub participant_id: Id,
    /// Whoever is registered with the number; none where nobody is.
    pub other_participant_id: Option<Id>,
    pub state: CaseState,
    pub outcome: Option<CaseOutcome>,
    pub cell: CaseCell,
    pub opened_at: UtcTime,
    pub opened_by: Id,
    pub closed_at: Option<UtcTime>,
    pub closed_by: Option<Id>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = registry_cases, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    participant_id: Id,
    other_participant_id: Option<Id>,
    state: CaseState,
    outcome: Option<CaseOutcome>,
    sealed: Vec<u8>,
    opened_at: UtcTime,
    opened_by: Id,
    closed_at: Option<UtcTime>,
    closed_by: Option<Id>,
}

fn open(db: &Db, reading: &mut Reading, row: Row) -> Result<Case> {
    let Row { id, participant_id, other_participant_id, state, outcome, sealed, opened_at, opened_by, closed_at, closed_by } = row;
    reading.shows(std::iter::once(participant_id).chain(other_participant_id));
    let cell = db.keyring().unseal_json(Column::RegistryCaseSealed, id, &sealed)?;
    Ok(Case { id, participant_id, other_participant_id, state, outcome, cell, opened_at, opened_by, closed_at, closed_by })
}

pub fn insert(tx: &mut Tx, case: &Case) -> Result<()> {
    let Case { id, participant_id, other_participant_id, state, outcome, cell, opened_at, opened_by, closed_at, closed_by } = case;
    let row = Row {
        id: *id,
        participant_id: *participant_id,
        other_participant_id: *other_participant_id,
        state: *state,
        outcome: *outcome,
        sealed: tx.keyring().seal_json(Column::RegistryCaseSealed, *id, cell)?,
        opened_at: *opened_at,
        opened_by: *opened_by,
        closed_at: *closed_at,
        closed_by: *closed_by,
    };
    diesel::insert_into(registry_cases::table).values(row).execute(&mut tx.db.connection)?;
    Ok(())
}

/// The case, held for the rest of the transaction.
pub fn lock(tx: &mut Tx, reading: &mut Reading, id: Id) -> Result<Option<Case>> {
    let found: Option<Row> = locked!(tx, registry_cases::table.find(id).select(Row::as_select()), first).optional()?;
    found.map(|row| open(tx, reading, row)).transpose()
}

/// Writes how a case that this transaction holds was closed.
pub fn close(tx: &mut Tx, case: &Case) -> Result<()> {
    let sealed = tx.keyring().seal_json(Column::RegistryCaseSealed, case.id, &case.cell)?;
    diesel::update(registry_cases::table.find(case.id))
        .set((
            registry_cases::state.eq(case.state),
            registry_cases::outcome.eq(case.outcome),
            registry_cases::sealed.eq(sealed),
            registry_cases::closed_at.eq(case.closed_at),
            registry_cases::closed_by.eq(case.closed_by),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// A page of cases, newest first.
pub fn page(db: &mut Db, reading: &mut Reading, state: Option<CaseState>, before: Option<Id>, limit: i64) -> Result<Vec<Case>> {
    let mut query = registry_cases::table.select(Row::as_select()).order(registry_cases::id.desc()).limit(limit + 1).into_boxed();
    if let Some(state) = state {
        query = query.filter(registry_cases::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(registry_cases::id.lt(before));
    }
    let rows: Vec<Row> = query.load(&mut db.connection)?;
    rows.into_iter().map(|row| open(db, reading, row)).collect()
}
