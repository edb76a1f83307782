//! Corrections that wait for a second person.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx};
use super::reading::Reading;
use super::sealed::ChangeCell;
use crate::domain::id::Id;
use crate::domain::participants::ChangeState;
use crate::domain::time::UtcTime;
use crate::error::Result;
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

/// The changes of a person that nobody has decided, the oldest first.
pub fn pending(db: &mut Db, _: &Reading, participant: Id) -> Result<Vec<Change>> {
    let rows: Vec<(Id, String, ChangeState, Vec<u8>, UtcTime, Id)> = participant_changes::table
        .filter(participant_changes::participant_id.eq(participant))
        .filter(participant_changes::state.eq(ChangeState::Proposed))
        .order(participant_changes::id)
        .select((
            participant_changes::id,
            participant_changes::new_value,
            participant_changes::state,
            participant_changes::sealed,
            participant_changes::asked_at,
            participant_changes::asked_by,
        ))
        .load(&mut db.connection)?;
    let keyring = db.keyring();
    rows.into_iter()
        .map(|(id, new_value, state, sealed, asked_at, asked_by)| {
            let resident_since = new_value.parse().map_err(|_| crate::error::Error::internal("a proposed date is none"))?;
            let cell = keyring.unseal_json(Column::ParticipantChangeSealed, id, &sealed)?;
            Ok(Change { id, participant_id: participant, resident_since, state, cell, asked_at, asked_by })
        })
        .collect()
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
