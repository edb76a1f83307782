//! Printing cards together: a batch is made, its sheets are printed, and somebody says which came out well; then they are delivered.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::App;
use super::cards::{self as lives, Face, Seen};
use super::idempotency::Once;
use crate::context::Context;
use crate::domain::cards::{CardEventKind, CardState};
use crate::domain::enrollments::EnrollmentState;
use crate::domain::id::Id;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::card_batches::{self as batches, Batch, Filter, Item, PrintOutcome};
use crate::store::cards::{self, Card};
use crate::store::db::{Db, Tx};
use crate::store::enrollment_requests::{self as requests, Request};
use crate::store::gate::Priority;
use crate::store::participants;
use crate::store::reading::{Reading, read};

/// Cards of a batch, and of a page of sheets no more than a printer holds.
pub const MOST_CARDS: usize = 500;

/// Whose cards are to be printed.
pub enum Wanted {
    Enrollments(Vec<Id>),
    All(Filter),
}

/// A batch with its cards and whose they are.
#[derive(Clone)]
pub struct Opened {
    pub batch: Batch,
    pub items: Vec<(Item, Seen)>,
}

/// A batch as it was made: each enrolment is answered for itself, and where none has a card to print there is no batch.
pub struct Made {
    pub batch: Option<Batch>,
    pub outcomes: Vec<(Id, Result<Seen>)>,
}

pub fn make(app: &App, db: &mut Db, context: &Context, wanted: &Wanted, once: &Once<'_, Made>) -> Result<Made> {
    let made_by = context.signed_in()?.user_id;
    once.write(db, Priority::Bulk, |tx| {
        let most = i64::try_from(MOST_CARDS).map_err(|_| Error::internal("a batch is no longer than a number"))?;
        let asked = match wanted {
            Wanted::Enrollments(ids) => ids.clone(),
            Wanted::All(filter) => batches::unprinted(tx, filter, most)?,
        };
        let people = people_of(tx, &asked)?;
        let batch = Batch { id: context.new_id(), version: 1, made_at: context.now, made_by, printed_at: None, printed_by: None };
        batches::insert(tx, &batch)?;
        let mut reading = Reading::within(tx);
        let (mut outcomes, mut position) = (Vec::with_capacity(asked.len()), 0);
        for id in asked {
            match enter(app, tx, &mut reading, context, (&batch, position), (id, people.contains_key(&id))) {
                Ok(card) => {
                    position += 1;
                    outcomes.push((id, Ok(card)));
                }
                Err(error @ (Error::Invalid(_) | Error::Refused(_))) => outcomes.push((id, Err(error))),
                Err(error) => return Err(error),
            }
        }
        let printed: Vec<Id> = outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).filter_map(|(id, _)| people.get(id).copied()).collect();
        let event = Event::new(context, "card_batch.made").object(batch.id).about(printed);
        tx.record(event.with("cards", position).with("of", outcomes.len()));
        if position == 0 {
            batches::remove(tx, batch.id)?;
            return Ok(Made { batch: None, outcomes });
        }
        Ok(Made { batch: Some(batch), outcomes })
    })
}

/// Whose enrolments these are, all held: in the order of their ids, so that two batches cannot wait for each other.
fn people_of(tx: &mut Tx, enrollments: &[Id]) -> Result<HashMap<Id, Id>> {
    let mut people = HashMap::with_capacity(enrollments.len());
    for id in enrollments {
        people.extend(requests::find(tx, *id)?.map(|request| (*id, request.participant_id)));
    }
    let mut ids: Vec<Id> = people.values().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    participants::lock_all(tx, &ids)?;
    Ok(people)
}

fn enter(
    app: &App,
    tx: &mut Tx,
    reading: &mut Reading,
    context: &Context,
    (batch, position): (&Batch, i32),
    (id, is_known): (Id, bool),
) -> Result<Seen> {
    let request = if is_known { requests::lock(tx, id)? } else { None };
    let mut request = request.ok_or_else(|| Error::refused(Code::NotFound))?;
    if request.state != EnrollmentState::Active || request.card_state != CardState::NotPrinted || !lives::may_hold(tx, request.participant_id)? {
        return Err(Error::refused(Code::StateConflict));
    }
    let card = match lives::newest(tx, reading, context, &request)? {
        Some(card) => card,
        // It was made active before cards were given with that.
        None => {
            let card = lives::issue(app, tx, context, &mut request)?;
            let standing = request.standing();
            let due_at = request.due_at;
            requests::stand(tx, &mut request, standing, due_at, context.now)?;
            card
        }
    };
    let item = Item { batch_id: batch.id, position, card_id: card.id, outcome: PrintOutcome::Waiting };
    if batches::insert_item(tx, &item)? { lives::opened(tx, reading, card) } else { Err(Error::refused(Code::CardInPrint)) }
}

/// A batch with its cards. Whose they are is an event.
pub fn show(db: &mut Db, context: &Context, id: Id) -> Result<Opened> {
    let batch = batches::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    read(db, Event::new(context, "card_batch.read").object(id), |db, reading| open(db, reading, batch))
}

fn open(db: &mut Db, reading: &mut Reading, batch: Batch) -> Result<Opened> {
    let mut items = Vec::new();
    for item in batches::items(db, batch.id)? {
        let (card, request) = card_of(db, &item)?;
        reading.shows([request.participant_id]);
        items.push((item, lives::opened(db, reading, card)?));
    }
    Ok(Opened { batch, items })
}

fn card_of(db: &mut Db, item: &Item) -> Result<(Card, Request)> {
    let missing = || Error::internal("a card of a batch is gone");
    let card = cards::find(db, item.card_id)?.ok_or_else(missing)?;
    let request = requests::find(db, card.enrollment_id)?.ok_or_else(missing)?;
    Ok((card, request))
}

/// What stands on the cards of a batch that are still to be printed, in the order of the sheet. What was blocked meanwhile is left out.
pub fn faces(db: &mut Db, context: &Context, id: Id) -> Result<Vec<Face>> {
    let batch = batches::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    read(db, Event::new(context, "card_batch.sheet_read").object(id), |db, reading| {
        let mut faces = Vec::new();
        for item in batches::items(db, batch.id)? {
            let (card, request) = card_of(db, &item)?;
            if item.outcome != PrintOutcome::Failed
                && card.state != CardState::Blocked
                && request.state == EnrollmentState::Active
                && lives::may_hold(db, request.participant_id)?
            {
                let card = lives::opened(db, reading, card)?;
                faces.push(lives::face_of(db, reading, request.participant_id, card)?);
            }
        }
        if faces.is_empty() { Err(Error::refused(Code::StateConflict)) } else { Ok(faces) }
    })
}

/// What is said of the cards of a batch: on which date it was done, and to which of them it was not.
pub struct Confirmed {
    pub date: Option<NaiveDate>,
    pub except: Vec<Id>,
}

impl Confirmed {
    fn date(&self, app: &App, context: &Context) -> Result<NaiveDate> {
        let today = app.city.today(context.now);
        let date = self.date.unwrap_or(today);
        if date > today { Err(Fault::at("/date", "DATE_IN_FUTURE").into()) } else { Ok(date) }
    }

    fn require_all_of(&self, items: &[Item], field: &str) -> Result<()> {
        let strange = self.except.iter().enumerate().filter(|(_, id)| !items.iter().any(|item| item.card_id == **id));
        let faults: Vec<Fault> = strange.map(|(at, _)| Fault::at(format!("/{field}/{at}"), "CARD_NOT_IN_BATCH")).collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }
}

/// Says which cards of a batch were printed, once. Those that failed, and those that were blocked meanwhile, can be printed no more in this batch.
pub fn printed(app: &App, db: &mut Db, context: &Context, id: Id, said: &Confirmed, once: &Once<'_, Opened>) -> Result<Opened> {
    let printed_by = context.signed_in()?.user_id;
    let date = said.date(app, context)?;
    once.write(db, Priority::Bulk, |tx| {
        let (mut batch, items) = held(tx, id)?;
        if batch.printed_at.is_some() {
            return Err(Error::refused(Code::StateConflict));
        }
        said.require_all_of(&items, "failed")?;
        for mut item in items {
            let is_printed = !said.except.contains(&item.card_id) && happen(tx, context, &item, (CardEventKind::Printed, date))?;
            item.outcome = if is_printed { PrintOutcome::Printed } else { PrintOutcome::Failed };
            batches::set_outcome(tx, &item)?;
        }
        (batch.printed_at, batch.printed_by) = (Some(context.now), Some(printed_by));
        batches::close(tx, &mut batch)?;
        finish(tx, context, batch, "card_batch.printed")
    })
}

/// Says that the cards of a batch which were printed have reached their people, all but these. It may be said again of the rest.
pub fn delivered(app: &App, db: &mut Db, context: &Context, id: Id, said: &Confirmed, once: &Once<'_, Opened>) -> Result<Opened> {
    let date = said.date(app, context)?;
    once.write(db, Priority::Bulk, |tx| {
        let (batch, items) = held(tx, id)?;
        if batch.printed_at.is_none() {
            return Err(Error::refused(Code::StateConflict));
        }
        said.require_all_of(&items, "undelivered")?;
        for item in items {
            if item.outcome == PrintOutcome::Printed && !said.except.contains(&item.card_id) {
                happen(tx, context, &item, (CardEventKind::Delivered, date))?;
            }
        }
        finish(tx, context, batch, "card_batch.delivered")
    })
}

/// The batch and its items; the people of its cards are held too.
fn held(tx: &mut Tx, id: Id) -> Result<(Batch, Vec<Item>)> {
    let batch = batches::find(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    let items = batches::items(tx, batch.id)?;
    let mut enrollments = Vec::with_capacity(items.len());
    for item in &items {
        enrollments.push(card_of(tx, item)?.1.id);
    }
    people_of(tx, &enrollments)?;
    let batch = batches::lock(tx, id)?.ok_or_else(|| Error::internal("a batch is gone"))?;
    Ok((batch, items))
}

/// False where the card is past that: blocked meanwhile, or done by itself.
fn happen(tx: &mut Tx, context: &Context, item: &Item, (kind, date): (CardEventKind, NaiveDate)) -> Result<bool> {
    let (mut card, request) = card_of(tx, item)?;
    if card.state.after(kind).is_none() {
        return Ok(kind == CardEventKind::Printed && card.state != CardState::Blocked);
    }
    let mut request = requests::lock(tx, request.id)?.ok_or_else(|| Error::internal("an enrolment is gone"))?;
    lives::happen(tx, context, (&mut request, &mut card), (kind, date), None)?;
    Ok(true)
}

fn finish(tx: &mut Tx, context: &Context, batch: Batch, kind: &'static str) -> Result<Opened> {
    let mut reading = Reading::within(tx);
    let opened = open(tx, &mut reading, batch)?;
    let printed = opened.items.iter().filter(|(item, _)| item.outcome == PrintOutcome::Printed).count();
    tx.record(Event::new(context, kind).object(opened.batch.id).with("printed", printed).with("of", opened.items.len()));
    Ok(opened)
}
