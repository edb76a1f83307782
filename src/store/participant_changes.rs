//! Corrections that wait for a second person.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx};
use super::reading::Reading;
use super::sealed::ChangeCell;
use crate::domain::id::Id;
use crate::domain::participants::ChangeState;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::privacy::cells::Column;
use crate::schema::participant_changes;

/// A proposed `resident_since`.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    pub id: Id,
    pub participant_id: Id,
    pub resident_since: NaiveDate,
    pub state: ChangeState,
    pub cell: ChangeCell,
    pub asked_at: UtcTime,
    pub asked_by: Id,
}

const RESIDENT_SINCE: &str = "resident_since";

#[derive(Queryable, Selectable)]
#[diesel(table_name = participant_changes)]
struct Row {
    id: Id,
    participant_id: Id,
    new_value: String,
    state: ChangeState,
    sealed: Vec<u8>,
    asked_at: UtcTime,
    asked_by: Id,
}

fn open(db: &Db, row: Row, _: &Reading) -> Result<Change> {
    let Row { id, participant_id, new_value, state, sealed, asked_at, asked_by } = row;
    let resident_since = new_value.parse().map_err(|_| Error::internal("a proposed date is none"))?;
    let cell = db.keyring().unseal_json(Column::ParticipantChangeSealed, id, &sealed)?;
    Ok(Change { id, participant_id, resident_since, state, cell, asked_at, asked_by })
}

/// The changes of a person that nobody has decided, the oldest first.
pub fn pending(db: &mut Db, reading: &Reading, participant: Id) -> Result<Vec<Change>> {
    let rows: Vec<Row> = participant_changes::table
        .filter(participant_changes::participant_id.eq(participant))
        .filter(participant_changes::state.eq(ChangeState::Proposed))
        .order(participant_changes::id)
        .select(Row::as_select())
        .load(&mut db.connection)?;
    rows.into_iter().map(|row| open(db, row, reading)).collect()
}

pub fn find(db: &mut Db, reading: &Reading, participant: Id, id: Id) -> Result<Option<Change>> {
    let row: Option<Row> = participant_changes::table
        .find(id)
        .filter(participant_changes::participant_id.eq(participant))
        .select(Row::as_select())
        .first(&mut db.connection)
        .optional()?;
    row.map(|row| open(db, row, reading)).transpose()
}

pub fn insert(tx: &mut Tx, change: &Change) -> Result<()> {
    let sealed = tx.keyring().seal_json(Column::ParticipantChangeSealed, change.id, &change.cell)?;
    diesel::insert_into(participant_changes::table)
        .values((
            participant_changes::id.eq(change.id),
            participant_changes::participant_id.eq(change.participant_id),
            participant_changes::field.eq(RESIDENT_SINCE),
            participant_changes::new_value.eq(change.resident_since.to_string()),
            participant_changes::state.eq(change.state),
            participant_changes::sealed.eq(sealed),
            participant_changes::asked_at.eq(change.asked_at),
            participant_changes::asked_by.eq(change.asked_by),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Decides a change; false when it was decided before.
pub fn decide(tx: &mut Tx, change: &Change, at: UtcTime, by: Id) -> Result<bool> {
    let sealed = tx.keyring().seal_json(Column::ParticipantChangeSealed, change.id, &change.cell)?;
    let undecided = participant_changes::table.find(change.id).filter(participant_changes::state.eq(ChangeState::Proposed));
    let changed = diesel::update(undecided)
        .set((
            participant_changes::state.eq(change.state),
            participant_changes::sealed.eq(sealed),
            participant_changes::decided_at.eq(at),
            participant_changes::decided_by.eq(by),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(changed == 1)
}
