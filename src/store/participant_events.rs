//! Status events of participants: what happened to a record on a date. One recorded in error is revoked, never deleted.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx, on_each};
use super::reading::Reading;
use super::sealed::EventCell;
use crate::domain::id::Id;
use crate::domain::participants::{StatusEvent, StatusEventKind};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::{participant_events, standings_due};

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    pub id: Id,
    pub participant_id: Id,
    pub kind: StatusEventKind,
    pub happened_on: NaiveDate,
    pub cell: EventCell,
    pub recorded_at: UtcTime,
    pub recorded_by: Id,
    pub revoked_at: Option<UtcTime>,
    pub revoked_by: Option<Id>,
}

impl Event {
    pub fn status(&self) -> StatusEvent {
        StatusEvent { date: self.happened_on, kind: self.kind, revoked: self.revoked_at.is_some() }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = participant_events)]
struct Row {
    id: Id,
    participant_id: Id,
    kind: StatusEventKind,
    happened_on: NaiveDate,
    sealed: Vec<u8>,
    recorded_at: UtcTime,
    recorded_by: Id,
    revoked_at: Option<UtcTime>,
    revoked_by: Option<Id>,
}

/// All events of a person, by date, and by the order of recording within it.
pub fn of(db: &mut Db, _: &Reading, participant: Id) -> Result<Vec<Event>> {
    let rows: Vec<Row> = participant_events::table
        .filter(participant_events::participant_id.eq(participant))
        .order((participant_events::happened_on, participant_events::id))
        .select(Row::as_select())
        .load(&mut db.connection)?;
    let keyring = db.keyring();
    rows.into_iter()
        .map(|row| {
            let Row { id, participant_id, kind, happened_on, sealed, recorded_at, recorded_by, revoked_at, revoked_by } = row;
            let cell = keyring.unseal_json(Column::ParticipantEventSealed, id, &sealed)?;
            Ok(Event { id, participant_id, kind, happened_on, cell, recorded_at, recorded_by, revoked_at, revoked_by })
        })
        .collect()
}

/// To which of these people something happened after a date.
pub fn happened_after(db: &mut Db, people: &[Id], date: NaiveDate) -> Result<HashSet<Id>> {
    let mut found = HashSet::new();
    for chunk in people.chunks(ROWS) {
        let query = participant_events::table
            .filter(participant_events::participant_id.eq_any(chunk))
            .filter(participant_events::happened_on.gt(date))
            .filter(participant_events::revoked_at.is_null())
            .select(participant_events::participant_id);
        found.extend(on_each!(db, |connection| query.load::<Id>(connection))?);
    }
    Ok(found)
}

pub fn insert(tx: &mut Tx, event: &Event) -> Result<()> {
    let sealed = tx.keyring().seal_json(Column::ParticipantEventSealed, event.id, &event.cell)?;
    diesel::insert_into(participant_events::table)
        .values((
            participant_events::id.eq(event.id),
            participant_events::participant_id.eq(event.participant_id),
            participant_events::kind.eq(event.kind),
            participant_events::happened_on.eq(event.happened_on),
            participant_events::sealed.eq(sealed),
            participant_events::recorded_at.eq(event.recorded_at),
            participant_events::recorded_by.eq(event.recorded_by),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Takes an event back; false when it was taken back before.
pub fn revoke(tx: &mut Tx, id: Id, at: UtcTime, by: Id) -> Result<bool> {
    let changed = diesel::update(participant_events::table.find(id).filter(participant_events::revoked_at.is_null()))
        .set((participant_events::revoked_at.eq(at), participant_events::revoked_by.eq(by)))
        .execute(&mut tx.db.connection)?;
    Ok(changed == 1)
}

/// Remembers that what holds for someone changes by itself on a later date.
pub fn note_due(tx: &mut Tx, on: NaiveDate, participant: Id) -> Result<()> {
    let row = (standings_due::due_on.eq(on), standings_due::participant_id.eq(participant));
    on_each!(tx.db, |connection| diesel::insert_into(standings_due::table).values(row).on_conflict_do_nothing().execute(connection))?;
    Ok(())
}

/// Whose standing was to change by today, the longest due first.
pub fn due(db: &mut Db, today: NaiveDate, limit: i64) -> Result<Vec<(NaiveDate, Id)>> {
    Ok(standings_due::table
        .filter(standings_due::due_on.le(today))
        .order((standings_due::due_on, standings_due::participant_id))
        .select((standings_due::due_on, standings_due::participant_id))
        .limit(limit)
        .load(&mut db.connection)?)
}

pub fn settled(tx: &mut Tx, on: NaiveDate, participant: Id) -> Result<()> {
    diesel::delete(standings_due::table.find((on, participant))).execute(&mut tx.db.connection)?;
    Ok(())
}
