//! Signals: raised within whatever transaction finds something, listed, and decided by a person. They change no answer.

use std::collections::{BTreeSet, HashMap};

use super::enrollment_decisions::REGISTERED;
use super::idempotency::Once;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::signals::{Evidence, SignalState};
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::db::{Db, Tx};
use crate::store::enrollment_requests;
use crate::store::gate::Priority;
use crate::store::reading::{Reading, read};
use crate::store::signals::{self, Filter, Signal, SignalCell};
use crate::store::{participant_history, participants};

/// What was found.
pub struct Found {
    pub evidence: Evidence,
    /// By whom or what it is recognised when it is found again: people, an account, or a blind index.
    pub about: Vec<Id>,
    pub subjects: Vec<Id>,
    pub facility: Option<Id>,
}

/// Raises a signal as part of any change. Found again, the open one is brought up to date; what somebody has decided on is not raised again unless there is
/// more to it, and then the new one points to the earlier.
pub fn raise(tx: &mut Tx, context: &Context, found: Found) -> Result<()> {
    let Found { evidence, about, mut subjects, facility } = found;
    let dedupe = tx.keyring().signal_index(evidence.kind().as_str(), &about)?;
    subjects.sort_unstable();
    subjects.dedup();
    if let Some(open) = signals::lock_open(tx, dedupe)? {
        return renew(tx, context, open, evidence, (&subjects, facility));
    }
    let earlier = signals::last_decided(tx, dedupe)?;
    if earlier.as_ref().is_some_and(|earlier| !evidence.adds_to(&earlier.cell.evidence)) {
        return Ok(());
    }
    let signal = Signal {
        id: context.new_id(),
        state: SignalState::Open,
        facility_id: facility,
        dedupe,
        cell: SignalCell { evidence, note: None },
        earlier_id: earlier.map(|earlier| earlier.id),
        raised_at: context.now,
        updated_at: context.now,
        decided_at: None,
        decided_by: None,
    };
    if signals::insert(tx, &signal)? {
        let (named, _) = signals::add_subjects(tx, signal.id, &subjects)?;
        tx.record(told(Event::new(context, "signal.raised"), &signal).about(named));
        return Ok(());
    }
    // Somebody else raised it in this moment and has committed.
    let open = signals::lock_open(tx, dedupe)?.ok_or_else(|| Error::internal("an open signal is in the way and none is there"))?;
    renew(tx, context, open, signal.cell.evidence, (&subjects, facility))
}

/// The same again: the open one tells what is known now. Where that is nothing new worth telling, nothing is written.
fn renew(tx: &mut Tx, context: &Context, mut signal: Signal, evidence: Evidence, (subjects, facility): (&[Id], Option<Id>)) -> Result<()> {
    let evidence = evidence.after(&signal.cell.evidence);
    let (named, added) = signals::add_subjects(tx, signal.id, subjects)?;
    if added == 0 && !evidence.outgrows(&signal.cell.evidence) {
        return Ok(());
    }
    signal.cell.evidence = evidence;
    signal.facility_id = facility.or(signal.facility_id);
    signal.updated_at = context.now;
    signals::put(tx, &signal)?;
    tx.record(told(Event::new(context, "signal.renewed"), &signal).about(named));
    Ok(())
}

fn told(event: Event, signal: &Signal) -> Event {
    let evidence = &signal.cell.evidence;
    event.object(signal.id).with("kind", evidence.kind()).with("score", evidence.score()).with("evidence", evidence)
}

/// A signal with those it is about.
#[derive(Clone)]
pub struct Shown {
    pub signal: Signal,
    /// Each with the NIK, which is shown masked.
    pub people: Vec<(Id, String)>,
}

fn with_people(db: &mut Db, reading: &mut Reading, found: Vec<Signal>) -> Result<Vec<Shown>> {
    let ids: Vec<Id> = found.iter().map(|signal| signal.id).collect();
    let mut about = signals::subjects(db, reading, &ids)?;
    let mut people: Vec<Id> = about.values().flatten().copied().collect();
    people.sort_unstable();
    people.dedup();
    let keyring = db.keyring();
    let mut niks = HashMap::with_capacity(people.len());
    for row in participants::rows(db, &people)? {
        niks.insert(row.id, row.identity(&keyring, reading)?.nik);
    }
    let shown = found.into_iter().map(|signal| {
        let people = about.remove(&signal.id).unwrap_or_default();
        let people = people.into_iter().map(|person| (person, niks.get(&person).cloned().unwrap_or_default())).collect();
        Shown { signal, people }
    });
    Ok(shown.collect())
}

/// A page of signals, and one more if there is one.
pub fn list(db: &mut Db, context: &Context, filter: &Filter, (before, limit): (Option<Id>, i64)) -> Result<Vec<Shown>> {
    read(db, Event::new(context, "signals.listed").with("filter", filter), |db, reading| {
        let found = signals::page(db, filter, before, limit)?;
        with_people(db, reading, found)
    })
}

pub fn show(db: &mut Db, context: &Context, id: Id) -> Result<Shown> {
    let found = signals::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    read(db, Event::new(context, "signal.read").object(id), |db, reading| one(db, reading, found))
}

fn one(db: &mut Db, reading: &mut Reading, found: Signal) -> Result<Shown> {
    with_people(db, reading, vec![found])?.pop().ok_or_else(|| Error::internal("a signal is gone"))
}

/// What somebody says to a signal.
pub struct Verdict {
    pub confirmed: bool,
    pub note: Option<String>,
}

/// Clears or confirms a signal, once. Not by whoever brought into the registry what it is about.
pub fn decide(db: &mut Db, context: &Context, id: Id, verdict: &Verdict, once: &Once<'_, Shown>) -> Result<Shown> {
    let caller = context.signed_in()?;
    once.write(db, Priority::People, |tx| {
        let mut reading = Reading::within(tx);
        let signal = signals::lock(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        let mut shown = one(tx, &mut reading, signal)?;
        if shown.signal.state != SignalState::Open {
            return Err(Error::refused(Code::StateConflict));
        }
        if involved(tx, &shown)?.contains(&caller.user_id) {
            return Err(Error::refused(Code::DecidesOwnRequest));
        }
        let signal = &mut shown.signal;
        signal.state = if verdict.confirmed { SignalState::Confirmed } else { SignalState::Cleared };
        signal.cell.note = verdict.note.clone();
        (signal.decided_at, signal.decided_by, signal.updated_at) = (Some(context.now), Some(caller.user_id), context.now);
        signals::put(tx, signal)?;
        let event = Event::new(context, "signal.decided").object(id).about(shown.people.iter().map(|(person, _)| *person));
        tx.record(event.with("state", signal.state).with("kind", signal.cell.evidence.kind()).with("note", &verdict.note));
        Ok(shown)
    })
}

/// Who registered those it is about, filed for them, or is the account that it is about.
fn involved(tx: &mut Tx, shown: &Shown) -> Result<BTreeSet<Id>> {
    let people: Vec<Id> = shown.people.iter().map(|(person, _)| *person).collect();
    let mut involved = BTreeSet::new();
    for person in &people {
        involved.extend(participant_history::doers(tx, *person, REGISTERED)?);
    }
    involved.extend(enrollment_requests::filers_for(tx, &people)?);
    match &shown.signal.cell.evidence {
        Evidence::ManyRequests { account_id, .. } => involved.extend(*account_id),
        Evidence::LookupsWithoutVisit { account_id, .. } => {
            involved.insert(*account_id);
        }
        Evidence::SequentialNiks { registered_by, .. } => involved.extend(*registered_by),
        Evidence::MovedBeforeRequest { .. }
        | Evidence::MovedBeforeCare { .. }
        | Evidence::RequestWhileAdmitted { .. }
        | Evidence::SharedPhone { .. }
        | Evidence::SharedAddress { .. }
        | Evidence::LikelyDuplicate { .. }
        | Evidence::ImpossibleNik { .. }
        | Evidence::CardNotInDatabase { .. }
        | Evidence::DeniedByParticipant { .. } => {}
    }
    Ok(involved)
}
