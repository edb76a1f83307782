//! The cards of enrolments, one after the other, and what happened to each. A number finds its card through the registry of blind indexes.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{Db, Tx, on_each};
use super::reading::Reading;
use super::sealed::CardCell;
use crate::context::Context;
use crate::domain::cards::{BlockReason, CardEventKind, CardLife, CardState};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::privacy::cells::Column;
use crate::schema::{card_events, card_registry, cards, enrollments};

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = cards, treat_none_as_default_value = false)]
pub struct Card {
    pub id: Id,
    pub version: i32,
    pub enrollment_id: Id,
    /// 1 for the first card of an enrolment, 2 for the one in its place.
    pub serial: i32,
    pub state: CardState,
    pub block_reason: Option<BlockReason>,
    pub issued_on: Option<NaiveDate>,
    pub printed_on: Option<NaiveDate>,
    pub delivered_on: Option<NaiveDate>,
    pub blocked_on: Option<NaiveDate>,
    sealed: Vec<u8>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

impl Card {
    pub fn new(db: &Db, context: &Context, (enrollment_id, serial): (Id, i32), life: CardLife, number: &str) -> Result<Self> {
        let id = context.new_id();
        let CardLife { state, block_reason, issued_on, printed_on, delivered_on, blocked_on } = life;
        let sealed = db.keyring().seal_json(Column::CardSealed, id, &CardCell { card_number: Some(number.to_owned()) })?;
        let (created_at, updated_at) = (context.now, context.now);
        Ok(Self {
            id,
            version: 1,
            enrollment_id,
            serial,
            state,
            block_reason,
            issued_on,
            printed_on,
            delivered_on,
            blocked_on,
            sealed,
            created_at,
            updated_at,
        })
    }

    pub fn life(&self) -> CardLife {
        let Self { state, block_reason, issued_on, printed_on, delivered_on, blocked_on, .. } = *self;
        CardLife { state, block_reason, issued_on, printed_on, delivered_on, blocked_on }
    }

    pub fn number(&self, db: &Db, _: &Reading) -> Result<String> {
        let CardCell { card_number } = db.keyring().unseal_json(Column::CardSealed, self.id, &self.sealed)?;
        card_number.ok_or_else(|| Error::internal("a card without a number"))
    }
}

/// Something that happened to a card.
#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = card_events, treat_none_as_default_value = false)]
pub struct CardEvent {
    pub id: Id,
    pub card_id: Id,
    pub kind: CardEventKind,
    pub happened_on: NaiveDate,
    pub recorded_at: UtcTime,
    /// Nobody where a command at the machine did it.
    pub recorded_by: Option<Id>,
    sealed: Option<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct NoteCell {
    note: String,
}

impl CardEvent {
    pub fn new(db: &Db, context: &Context, card_id: Id, (kind, happened_on): (CardEventKind, NaiveDate), note: Option<&str>) -> Result<Self> {
        let id = context.new_id();
        let cell = note.map(|note| db.keyring().seal_json(Column::CardEventSealed, id, &NoteCell { note: note.to_owned() }));
        let recorded_by = context.caller.map(|caller| caller.user_id);
        Ok(Self { id, card_id, kind, happened_on, recorded_at: context.now, recorded_by, sealed: cell.transpose()? })
    }

    pub fn note(&self, db: &Db, _: &Reading) -> Result<Option<String>> {
        let cell = self.sealed.as_ref().map(|sealed| db.keyring().unseal_json::<NoteCell>(Column::CardEventSealed, self.id, sealed));
        Ok(cell.transpose()?.map(|cell| cell.note))
    }
}

/// Takes the number for a card that is new; false, and nothing is kept, when another card has it.
pub fn issue(tx: &mut Tx, card: &Card, number: &str) -> Result<bool> {
    let index = tx.keyring().card_index(number)?;
    let row = (
        card_registry::bidx.eq(index.value),
        card_registry::key_id.eq(index.key_id),
        card_registry::enrollment_id.eq(card.enrollment_id),
        card_registry::card_id.eq(card.id),
    );
    let taken = on_each!(tx.db, |connection| diesel::insert_into(card_registry::table).values(row).on_conflict_do_nothing().execute(connection))?;
    if taken == 1 {
        diesel::insert_into(cards::table).values(card).execute(&mut tx.db.connection)?;
    }
    Ok(taken == 1)
}

/// Gives a card that was imported a row of its own: from now on something happens to it.
pub fn adopt(tx: &mut Tx, card: &Card, number: &str) -> Result<()> {
    diesel::insert_into(cards::table).values(card).execute(&mut tx.db.connection)?;
    let index = tx.keyring().card_index(number)?;
    let changed = diesel::update(card_registry::table.find(index.value).filter(card_registry::enrollment_id.eq(card.enrollment_id)))
        .set(card_registry::card_id.eq(card.id))
        .execute(&mut tx.db.connection)?;
    if changed == 1 { Ok(()) } else { Err(Error::internal("an enrolment's card is not registered as its own")) }
}

/// Gives the card its next life, over the version that was read.
pub fn live(tx: &mut Tx, card: &mut Card, life: CardLife, now: UtcTime) -> Result<()> {
    let seen = card.version;
    let CardLife { state, block_reason, issued_on, printed_on, delivered_on, blocked_on } = life;
    (card.version, card.updated_at, card.state, card.block_reason) = (seen + 1, now, state, block_reason);
    (card.issued_on, card.printed_on, card.delivered_on, card.blocked_on) = (issued_on, printed_on, delivered_on, blocked_on);
    let changed = diesel::update(cards::table.find(card.id).filter(cards::version.eq(seen)))
        .set((
            cards::version.eq(card.version),
            cards::state.eq(state),
            cards::block_reason.eq(block_reason),
            cards::issued_on.eq(issued_on),
            cards::printed_on.eq(printed_on),
            cards::delivered_on.eq(delivered_on),
            cards::blocked_on.eq(blocked_on),
            cards::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    if changed == 1 { Ok(()) } else { Err(Error::internal("a card whose enrolment was held has changed")) }
}

pub fn insert_event(tx: &mut Tx, event: &CardEvent) -> Result<()> {
    diesel::insert_into(card_events::table).values(event).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Card>> {
    Ok(cards::table.find(id).select(Card::as_select()).first(&mut db.connection).optional()?)
}

/// The newest card of an enrolment.
pub fn newest(db: &mut Db, enrollment: Id) -> Result<Option<Card>> {
    let newest = cards::table.filter(cards::enrollment_id.eq(enrollment)).order(cards::serial.desc());
    Ok(newest.select(Card::as_select()).first(&mut db.connection).optional()?)
}

/// All cards that a person has had, first to last.
pub fn of_records(db: &mut Db, records: &[Id]) -> Result<Vec<Card>> {
    let of = cards::table.inner_join(enrollments::table.on(enrollments::id.eq(cards::enrollment_id)));
    let rows = of.filter(enrollments::participant_id.eq_any(records)).order((cards::enrollment_id, cards::serial));
    Ok(rows.select(Card::as_select()).load(&mut db.connection)?)
}

/// What happened to these cards, in order.
pub fn events_of(db: &mut Db, ids: &[Id]) -> Result<Vec<CardEvent>> {
    let events = card_events::table.filter(card_events::card_id.eq_any(ids)).order((card_events::recorded_at, card_events::id));
    Ok(on_each!(db, |connection| events.select(CardEvent::as_select()).load(connection))?)
}

/// What these cards have been through, for the desk.
pub fn lives(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, CardLife>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Card> = cards::table.filter(cards::id.eq_any(ids)).select(Card::as_select()).load(&mut db.connection)?;
    Ok(rows.into_iter().map(|card| (card.id, card.life())).collect())
}

/// The card with this number, and whose enrolment it is of: of a card that was imported there may be no row.
pub fn by_index(db: &mut Db, index: Id) -> Result<Option<(Id, Option<Id>)>> {
    let row = card_registry::table.find(index).select((card_registry::enrollment_id, card_registry::card_id));
    Ok(row.first(&mut db.connection).optional()?)
}
