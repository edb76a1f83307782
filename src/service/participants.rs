//! Participants: registering one, reading one, correcting one. A correction of how long someone has lived here waits for a second person.

use super::App;
use super::corrections;
use super::idempotency::Once;
use super::merges;
use super::profiles::Profile;
use super::registrations::{self, Newcomer};
use super::verifications::newcomers;
use crate::context::Context;
use crate::domain::corrections::Correction;
use crate::domain::id::Id;
use crate::domain::participants::ChangeState;
use crate::domain::registration::Registration;
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::participants::Participant;
use crate::store::reading::{Reading, read};

/// Registers one participant. If the KK is known, the person joins that household.
pub fn register(app: &App, db: &mut Db, context: &Context, registration: &Registration, once: &Once<'_, Profile>) -> Result<Profile> {
    let newcomer = Newcomer::new(context, registration);
    let (id, today) = (newcomer.participant, app.city.today(context.now));
    let said = newcomers::ask_ahead(app, db, context, std::iter::once(registration))?.pop().flatten();
    once.write(db, Priority::People, |tx| {
        let nik = tx.keyring().nik_index(&registration.nik)?;
        if store::participants::take_niks(tx, &[(nik, id)])? == 0 {
            return Err(Error::refused(Code::NikAlreadyRegistered));
        }
        let households = registrations::households_for(tx, &[&newcomer], context.now)?;
        registrations::enter(tx, &[&newcomer], &households, context.now)?;
        newcomers::keep_ahead(tx, context, id, said.as_ref())?;
        tx.record(Event::new(context, "participant.registered").object(id).about([id]));
        let mut reading = Reading::within(tx);
        let participant = store::participants::find(tx, &mut reading, id)?.ok_or_else(|| Error::internal("a participant is gone"))?;
        Ok(Profile { said, ..Profile::load(app, tx, &mut reading, participant, today)? })
    })
}

pub fn show(app: &App, db: &mut Db, context: &Context, id: Id) -> Result<Profile> {
    let today = app.city.today(context.now);
    read(db, Event::new(context, "participant.read").object(id), |db, reading| {
        let participant = store::participants::find(db, reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        Profile::load(app, db, reading, participant, today)
    })
}

/// Corrects what was registered wrongly, over the version that the caller has seen.
pub fn correct(app: &App, db: &mut Db, context: &Context, id: Id, seen: i32, correction: &Correction, reason: &str) -> Result<Profile> {
    let today = app.city.today(context.now);
    let task = corrections::Task::new(app, context, correction, reason);
    write(db, Priority::People, |tx| {
        let mut reading = Reading::within(tx);
        let mut participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        if participant.version != seen {
            return Err(Error::refused(Code::IfMatchStale));
        }
        merges::refuse_merged(tx, id)?;
        let changes = corrections::apply(tx, &task, &mut participant)?;
        if changes.is_empty() {
            tx.record(Event::new(context, "participant.read").object(id).about([id]));
        } else {
            keep_corrected(tx, context, &mut participant, reason, &changes)?;
        }
        Profile::load(app, tx, &mut reading, participant, today)
    })
}

/// Writes someone who was corrected, over the version that was read.
pub(super) fn keep_corrected(
    tx: &mut Tx,
    context: &Context,
    participant: &mut Participant,
    reason: &str,
    changes: &corrections::Changes,
) -> Result<()> {
    if !store::participants::update(tx, participant, context.now)? {
        return Err(Error::refused(Code::IfMatchStale));
    }
    participant.version += 1;
    let event = Event::new(context, "participant.corrected").object(participant.id).about([participant.id]);
    tx.record(event.with("reason", reason).with("changes", changes));
    Ok(())
}

/// The second person's word on a proposed correction.
pub struct Verdict {
    pub change: Id,
    pub approved: bool,
    pub note: Option<String>,
}

pub fn decide_change(app: &App, db: &mut Db, context: &Context, id: Id, verdict: &Verdict, once: &Once<'_, Profile>) -> Result<Profile> {
    let Verdict { change, approved, note } = verdict;
    let today = app.city.today(context.now);
    let caller = context.signed_in()?;
    once.write(db, Priority::People, |tx| {
        let mut reading = Reading::within(tx);
        let mut participant = store::participants::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        merges::refuse_merged(tx, id)?;
        let mut change = store::participant_changes::find(tx, &reading, id, *change)?.ok_or(Error::refused(Code::NotFound))?;
        if change.asked_by == caller.user_id {
            return Err(Error::refused(Code::DecidesOwnRequest));
        }
        if change.state != ChangeState::Proposed {
            return Err(Error::refused(Code::StateConflict));
        }
        change.state = if *approved { ChangeState::Approved } else { ChangeState::Rejected };
        change.cell.note = note.clone();
        if *approved {
            corrections::move_beginning(tx, id, &app.city.code, today, change.resident_since)?.map_err(|_| Error::refused(Code::StateConflict))?;
        }
        if !store::participant_changes::decide(tx, &change, context.now, caller.user_id)? {
            return Err(Error::refused(Code::StateConflict));
        }
        if !store::participants::update(tx, &participant, context.now)? {
            return Err(registrations::overtaken());
        }
        participant.version += 1;
        let kind = if *approved { "participant.change_approved" } else { "participant.change_rejected" };
        let changes = serde_json::json!({ "resident_since": { "before": change.cell.old_value, "after": change.resident_since } });
        tx.record(Event::new(context, kind).object(id).about([id]).with("change_id", change.id).with("note", note).with("changes", changes));
        Profile::load(app, tx, &mut reading, participant, today)
    })
}
