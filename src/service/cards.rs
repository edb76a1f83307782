//! The life of cards: given with the enrolment, printed, delivered, and blocked when one is lost; then another takes its place.

use chrono::{Datelike, NaiveDate};

use super::card_tokens::CardFinding;
use super::idempotency::Once;
use super::{App, card_tokens, signal_watch};
use crate::context::Context;
use crate::domain::cards::{CardEventKind, CardFault, CardLife, CardState, own_card_number};
use crate::domain::enrollments::{EnrollmentStanding, EnrollmentState};
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::participants::ParticipantState;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::cards::{self, Card, CardEvent};
use crate::store::db::{Db, Tx};
use crate::store::enrollment_requests::{self as requests, Request};
use crate::store::gate::Priority;
use crate::store::merges;
use crate::store::numbers::{self, NumberKind};
use crate::store::participants;
use crate::store::reading::{Reading, read};

/// How many numbers are tried when imported cards have taken ours.
const NUMBERS_TRIED: usize = 1_000;

/// A card opened for who may read it. One that was imported, and to which nothing has happened since, has no id of its own.
#[derive(Clone)]
pub struct Seen {
    pub id: Option<Id>,
    pub enrollment_id: Id,
    pub serial: i32,
    pub life: CardLife,
    pub number: String,
    pub events: Vec<(CardEvent, Option<String>)>,
}

/// What is told of a card.
pub struct Told {
    pub kind: CardEventKind,
    pub date: Option<NaiveDate>,
    pub note: Option<String>,
}

/// What stands on a card.
pub struct Face {
    pub number: String,
    pub name: String,
    pub nik_masked: Option<String>,
    pub issued_on: Option<NaiveDate>,
    pub token: String,
}

/// Gives an enrolment a card under a number of its own. The enrolment says so with its next standing.
pub fn issue(app: &App, tx: &mut Tx, context: &Context, request: &mut Request) -> Result<Card> {
    let today = app.city.today(context.now);
    let facility = context.caller.and_then(|caller| caller.facility_id).unwrap_or(numbers::CITY);
    let serial = cards::newest(tx, request.id)?.map_or(1, |card| card.serial + 1);
    for _ in 0..NUMBERS_TRIED {
        let drawn = numbers::take(tx, NumberKind::Card, today.year(), facility)?;
        let number = own_card_number(&app.city.number_prefix, today.year(), drawn);
        let card = Card::new(tx, context, (request.id, serial), CardLife::new(CardState::NotPrinted, Some(today)), &number)?;
        if cards::issue(tx, &card, &number)? {
            let event = CardEvent::new(tx, context, card.id, (CardEventKind::Issued, today), None)?;
            cards::insert_event(tx, &event)?;
            request.carry(tx, &number)?;
            tx.record(Event::new(context, "card.issued").object(card.id).about([request.participant_id]).with("serial", serial));
            return Ok(card);
        }
    }
    Err(Error::internal("the numbers of new cards are taken"))
}

/// The newest card of an enrolment that is held; one that was imported gets its row now.
pub(super) fn newest(tx: &mut Tx, reading: &mut Reading, context: &Context, request: &Request) -> Result<Option<Card>> {
    if let Some(card) = cards::newest(tx, request.id)? {
        return Ok(Some(card));
    }
    let Some(number) = request.card_number(tx, reading)? else { return Ok(None) };
    let card = Card::new(tx, context, (request.id, 1), CardLife::new(request.card_state, request.issued_on), &number)?;
    cards::adopt(tx, &card, &number)?;
    Ok(Some(card))
}

/// Something happens to a card: the card and its enrolment say so.
pub(super) fn happen(
    tx: &mut Tx,
    context: &Context,
    (request, card): (&mut Request, &mut Card),
    (kind, date): (CardEventKind, NaiveDate),
    note: Option<&str>,
) -> Result<()> {
    let life = card.life().after(kind, date).map_err(|fault| match fault {
        CardFault::NotPossible => Error::refused(Code::StateConflict),
        CardFault::BeforeEarlier => Fault::at("/date", "DATE_BEFORE_CARD").into(),
    })?;
    cards::live(tx, card, life, context.now)?;
    let event = CardEvent::new(tx, context, card.id, (kind, date), note)?;
    cards::insert_event(tx, &event)?;
    show_on(tx, context, request, life.state)?;
    let event = Event::new(context, "card.recorded").object(card.id).about([request.participant_id]);
    tx.record(event.with("kind", kind).with("date", date).with("note", note));
    Ok(())
}

fn show_on(tx: &mut Tx, context: &Context, request: &mut Request, card_state: CardState) -> Result<()> {
    let standing = EnrollmentStanding { card_state, ..request.standing() };
    requests::stand(tx, request, standing, request.due_at, context.now)
}

/// Records what happened to a person's newest card. A replacement blocks it, unless it is, and gives another.
pub fn record(app: &App, db: &mut Db, context: &Context, participant: Id, told: &Told, once: &Once<'_, Seen>) -> Result<Seen> {
    let today = app.city.today(context.now);
    let date = told.date.unwrap_or(today);
    if date > today {
        return Err(Fault::at("/date", "DATE_IN_FUTURE").into());
    }
    once.write(db, Priority::People, |tx| {
        let mut reading = Reading::within(tx);
        let mut request = held(tx, participant)?;
        let mut card = newest(tx, &mut reading, context, &request)?.ok_or_else(|| Error::refused(Code::StateConflict))?;
        if told.kind != CardEventKind::Replaced {
            happen(tx, context, (&mut request, &mut card), (told.kind, date), told.note.as_deref())?;
            return seen(tx, &reading, card);
        }
        if request.state != EnrollmentState::Active || !may_hold(tx, participant)? {
            return Err(Error::refused(Code::StateConflict));
        }
        if card.state != CardState::Blocked {
            happen(tx, context, (&mut request, &mut card), (told.kind, date), told.note.as_deref())?;
        }
        let card = issue(app, tx, context, &mut request)?;
        show_on(tx, context, &mut request, card.state)?;
        seen(tx, &reading, card)
    })
}

/// A person's live enrolment, held with the person for the rest of the transaction.
fn held(tx: &mut Tx, participant: Id) -> Result<Request> {
    participants::lock_all(tx, &[participant])?;
    if !participants::exists(tx, participant)? {
        return Err(Error::refused(Code::NotFound));
    }
    super::merges::refuse_merged(tx, participant)?;
    let records = merges::with_merged(tx, participant)?;
    let live = requests::live_of(tx, &records)?.ok_or_else(|| Error::refused(Code::StateConflict))?;
    requests::lock(tx, live.id)?.ok_or_else(|| Error::internal("an enrolment is gone"))
}

fn seen(db: &mut Db, reading: &Reading, card: Card) -> Result<Seen> {
    let events = cards::events_of(db, &[card.id])?;
    open(db, reading, card, events)
}

fn open(db: &Db, reading: &Reading, card: Card, events: Vec<CardEvent>) -> Result<Seen> {
    let told = events.into_iter().map(|event| {
        let note = event.note(db, reading)?;
        Ok((event, note))
    });
    let events = told.collect::<Result<_>>()?;
    let number = card.number(db, reading)?;
    Ok(Seen { id: Some(card.id), enrollment_id: card.enrollment_id, serial: card.serial, life: card.life(), number, events })
}

/// All cards that a person has had, first to last, with what happened to each.
pub fn list(db: &mut Db, context: &Context, participant: Id) -> Result<Vec<Seen>> {
    if !participants::exists(db, participant)? {
        return Err(Error::refused(Code::NotFound));
    }
    read(db, Event::new(context, "cards.read").object(participant), |db, reading| {
        reading.shows([participant]);
        let records = merges::with_merged(db, participant)?;
        let enrollments = requests::of_records(db, &records)?;
        let rows = cards::of_records(db, &records)?;
        let ids: Vec<Id> = rows.iter().map(|card| card.id).collect();
        let mut events = cards::events_of(db, &ids)?;
        let mut listed = Vec::new();
        for request in enrollments {
            let own: Vec<Card> = rows.iter().filter(|card| card.enrollment_id == request.id).cloned().collect();
            if own.is_empty() {
                listed.extend(imported(db, reading, &request)?);
            }
            for card in own {
                let (of_card, rest) = events.into_iter().partition(|event| event.card_id == card.id);
                events = rest;
                listed.push(open(db, reading, card, of_card)?);
            }
        }
        Ok(listed)
    })
}

/// The card of an enrolment that was imported with one.
fn imported(db: &Db, reading: &mut Reading, request: &Request) -> Result<Option<Seen>> {
    let life = CardLife::new(request.card_state, request.issued_on);
    let number = request.card_number(db, reading)?;
    Ok(number.map(|number| Seen { id: None, enrollment_id: request.id, serial: 1, life, number, events: Vec::new() }))
}

/// What stands on a person's card. Of one that is blocked, or of an enrolment that is not in force, none is made.
pub fn face(db: &mut Db, context: &Context, participant: Id) -> Result<Face> {
    if !participants::exists(db, participant)? {
        return Err(Error::refused(Code::NotFound));
    }
    read(db, Event::new(context, "card.shown").object(participant), |db, reading| {
        let records = merges::with_merged(db, participant)?;
        let request = requests::live_of(db, &records)?.ok_or_else(|| Error::refused(Code::StateConflict))?;
        let card = match cards::newest(db, request.id)? {
            Some(card) => Some(open(db, reading, card, Vec::new())?),
            None => imported(db, reading, &request)?,
        };
        let is_in_force = request.state == EnrollmentState::Active && may_hold(db, participant)?;
        let card = card.filter(|card| is_in_force && card.life.state != CardState::Blocked);
        face_of(db, reading, participant, card.ok_or_else(|| Error::refused(Code::StateConflict))?)
    })
}

/// Nothing is printed for the dead, for those who have left, nor while something stands against the person.
pub(super) fn may_hold(db: &mut Db, participant: Id) -> Result<bool> {
    let row = participants::rows(db, &[participant])?.pop();
    Ok(row.is_some_and(|row| match row.state {
        ParticipantState::Active | ParticipantState::Temporary => true,
        ParticipantState::MovedOut
        | ParticipantState::Deceased
        | ParticipantState::Suspended
        | ParticipantState::NikInactive
        | ParticipantState::Duplicate
        | ParticipantState::Merged => false,
    }))
}

pub(super) fn face_of(db: &mut Db, reading: &mut Reading, participant: Id, card: Seen) -> Result<Face> {
    let person = participants::find(db, reading, participant)?.ok_or_else(|| Error::internal("a card of nobody"))?;
    let token = card_tokens::sign(&db.keyring(), &card.number)?;
    let nik_masked = Nik::parse(&person.identity.nik).ok().map(|nik| nik.masked());
    Ok(Face { number: card.number, name: person.identity.name, nik_masked, issued_on: card.life.issued_on, token })
}

pub(super) fn opened(db: &Db, reading: &Reading, card: Card) -> Result<Seen> {
    open(db, reading, card, Vec::new())
}

/// What is found of a card whose code was scanned.
pub struct Verdict {
    pub finding: CardFinding,
    pub card: Option<Verified>,
}

pub struct Verified {
    pub number: String,
    pub life: CardLife,
    pub counts_today: bool,
}

/// Is this code one of our cards', and does the card count today? The database says, not the plastic.
pub fn verify(app: &App, db: &mut Db, context: &Context, token: &str) -> Result<Verdict> {
    let today = app.city.today(context.now);
    let scanned = card_tokens::scan(&db.keyring(), token);
    let signature = scanned.as_ref().err().copied().unwrap_or(CardFinding::Genuine);
    // Under the name that a check with the same card would have.
    let shown = card_tokens::number_in(&db.keyring(), token);
    let verdict = read(db, Event::new(context, "card.verified").with("signature", signature), |db, reading| {
        let number = match scanned {
            Ok(number) => number,
            Err(finding) => return Ok(Verdict { finding, card: None }),
        };
        let index = db.keyring().card_index(&number)?.value;
        let registered = cards::by_index(db, index)?;
        let Some((enrollment, card)) = registered else { return Ok(Verdict { finding: CardFinding::NotRegistered, card: None }) };
        let request = requests::find(db, enrollment)?.ok_or_else(|| Error::internal("a card of no enrolment"))?;
        reading.shows([request.participant_id]);
        let own = card.map(|id| cards::find(db, id)).transpose()?.flatten();
        let life = own.map_or_else(|| CardLife::new(request.card_state, request.issued_on), |card| card.life());
        let holder = merges::way_up(db, request.participant_id)?.pop().unwrap_or(request.participant_id);
        let counts_today = life.shows(request.standing()).active_on(today) && may_hold(db, holder)?;
        Ok(Verdict { finding: CardFinding::Genuine, card: Some(Verified { number, life, counts_today }) })
    })?;
    if verdict.finding.tells_of_forgery() {
        signal_watch::unknown_card(db, context, &shown)?;
    }
    Ok(verdict)
}
