//! Cards that are printed together, in the order of the sheet, and what became of each.

use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::cards::CardState;
use crate::domain::enrollments::{Channel, EnrollmentState};
use crate::domain::id::Id;
use crate::domain::participants::ParticipantState;
use crate::domain::residency::VillageCode;
use crate::domain::text_enum::text_enum;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::schema::{card_batch_items, card_batches, cards, enrollments, participants};

text_enum! {
    /// What became of a card in a batch.
    PrintOutcome { Waiting = "waiting", Printed = "printed", Failed = "failed" }
}

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = card_batches, treat_none_as_default_value = false)]
pub struct Batch {
    pub id: Id,
    pub version: i32,
    pub made_at: UtcTime,
    pub made_by: Id,
    /// When somebody said which were printed.
    pub printed_at: Option<UtcTime>,
    pub printed_by: Option<Id>,
}

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = card_batch_items)]
pub struct Item {
    pub batch_id: Id,
    pub position: i32,
    pub card_id: Id,
    pub outcome: PrintOutcome,
}

/// Which enrolments are to get their cards.
#[derive(Clone, Default)]
pub struct Filter {
    pub village_code: Option<VillageCode>,
    pub channel: Option<Channel>,
}

pub fn insert(tx: &mut Tx, batch: &Batch) -> Result<()> {
    diesel::insert_into(card_batches::table).values(batch).execute(&mut tx.db.connection)?;
    Ok(())
}

/// A batch that no card came into.
pub fn remove(tx: &mut Tx, id: Id) -> Result<()> {
    diesel::delete(card_batches::table.find(id)).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Puts a card into a batch; false when it waits in another.
pub fn insert_item(tx: &mut Tx, item: &Item) -> Result<bool> {
    let inserted =
        on_each!(tx.db, |connection| diesel::insert_into(card_batch_items::table).values(item).on_conflict_do_nothing().execute(connection))?;
    Ok(inserted == 1)
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Batch>> {
    Ok(card_batches::table.find(id).select(Batch::as_select()).first(&mut db.connection).optional()?)
}

pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Batch>> {
    Ok(locked!(tx, card_batches::table.find(id).select(Batch::as_select()), first).optional()?)
}

pub fn items(db: &mut Db, batch: Id) -> Result<Vec<Item>> {
    let items = card_batch_items::table.filter(card_batch_items::batch_id.eq(batch)).order(card_batch_items::position);
    Ok(items.select(Item::as_select()).load(&mut db.connection)?)
}

/// Keeps when the batch was printed, over the version that was read.
pub fn close(tx: &mut Tx, batch: &mut Batch) -> Result<()> {
    let seen = batch.version;
    batch.version += 1;
    let changed = diesel::update(card_batches::table.find(batch.id).filter(card_batches::version.eq(seen)))
        .set((card_batches::version.eq(batch.version), card_batches::printed_at.eq(batch.printed_at), card_batches::printed_by.eq(batch.printed_by)))
        .execute(&mut tx.db.connection)?;
    if changed == 1 { Ok(()) } else { Err(Error::internal("a batch that was held has changed")) }
}

pub fn set_outcome(tx: &mut Tx, item: &Item) -> Result<()> {
    diesel::update(card_batch_items::table.find((item.batch_id, item.position)))
        .set(card_batch_items::outcome.eq(item.outcome))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Enrolments in force of people in order whose cards are not printed and wait in no batch, oldest first.
pub fn unprinted(db: &mut Db, filter: &Filter, limit: i64) -> Result<Vec<Id>> {
    let waiting = cards::table
        .inner_join(card_batch_items::table.on(card_batch_items::card_id.eq(cards::id)))
        .filter(card_batch_items::outcome.eq(PrintOutcome::Waiting))
        .select(cards::enrollment_id);
    let mut query = enrollments::table
        .inner_join(participants::table.on(participants::id.eq(enrollments::participant_id)))
        .filter(enrollments::state.eq(EnrollmentState::Active))
        .filter(enrollments::card_state.eq(CardState::NotPrinted))
        .filter(participants::state.eq_any([ParticipantState::Active, ParticipantState::Temporary]))
        .filter(enrollments::id.ne_all(waiting))
        .select(enrollments::id)
        .order(enrollments::id)
        .limit(limit)
        .into_boxed();
    if let Some(village) = filter.village_code {
        query = query.filter(participants::village_code.eq(village.to_string()));
    }
    if let Some(channel) = filter.channel {
        query = query.filter(enrollments::channel.eq(channel));
    }
    Ok(query.load(&mut db.connection)?)
}
