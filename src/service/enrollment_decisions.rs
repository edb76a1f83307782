//! The steps of a request for enrolment. Whoever filed it, or registered the person, does not approve or reject it.

use super::enrollments::{Told, due, may_be_enrolled, open};
use super::idempotency::Once;
use super::{App, cards};
use crate::context::Context;
use crate::domain::enrollments::{EnrollmentAction, EnrollmentState};
use crate::domain::id::Id;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::db::{Db, Tx};
use crate::store::enrollment_requests::{self as requests, Request};
use crate::store::enrollment_steps::{self as steps, Step};
use crate::store::enrollment_suspensions as suspensions;
use crate::store::gate::Priority;
use crate::store::reading::Reading;
use crate::store::{merges, participant_history, participants};

/// The events that tell who registered a person. Of an import nobody is said to have registered anybody.
pub(super) const REGISTERED: &[&str] = &["participant.registered", "household.registered", "newborn.registered", "temporary_identity.made"];

pub struct Decision {
    pub action: EnrollmentAction,
    pub reason: Option<String>,
}

pub fn decide(app: &App, db: &mut Db, context: &Context, id: Id, decision: &Decision, once: &Once<'_, Told>) -> Result<Told> {
    let Decision { action, reason } = decision;
    let today = app.city.today(context.now);
    once.write(db, Priority::People, |tx| {
        let mut request = requests::lock(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        if action.needs_reason() && reason.is_none() {
            return Err(Fault::at("/reason", "FIELD_MISSING").into());
        }
        if action.needs_second_person() {
            require_second_person(tx, context, &request)?;
        }
        let before = request.state;
        if action.grants() {
            require_in_order(tx, &request)?;
        }
        if let (EnrollmentAction::Reinstate, Some(suspended_on)) = (*action, request.ended_on)
            && suspended_on < today
        {
            suspensions::insert(tx, id, suspended_on, today)?;
        }
        let standing = request.standing().after(*action, today).ok_or_else(|| Error::refused(Code::StateConflict))?;
        // A request that is submitted again is looked at anew; while somebody looks at it the clock goes on.
        let due_at = match (standing.state.awaits_decision(), before.awaits_decision()) {
            (true, true) => request.due_at,
            (true, false) => Some(due(app, context.now)),
            (false, _) => None,
        };
        // The number is there before any plastic is: blanks have run out before, and the card counts by its number.
        if (before, standing.state) == (EnrollmentState::Approved, EnrollmentState::Active) {
            cards::issue(app, tx, context, &mut request)?;
        }
        requests::stand(tx, &mut request, standing, due_at, context.now)?;
        let step = Step::new(context, id, *action, standing.state).because(tx, reason.as_deref())?;
        steps::insert_all(tx, &[step])?;
        let event = Event::new(context, "enrollment.decided").object(id).about([request.participant_id]).with("action", action);
        tx.record(event.with("before", before).with("after", standing.state).with("reason", reason));
        let mut reading = Reading::within(tx);
        open(tx, &mut reading, request)
    })
}

/// Nobody who has died or left since the request was filed gets what it asked for.
fn require_in_order(tx: &mut Tx, request: &Request) -> Result<()> {
    // Under whichever record the person is found now.
    let person = merges::way_up(tx, request.participant_id)?.pop().unwrap_or(request.participant_id);
    participants::lock_all(tx, &[person])?;
    let row = participants::rows(tx, &[person])?.pop().ok_or_else(|| Error::internal("an enrolment of nobody"))?;
    if may_be_enrolled(row.state) { Ok(()) } else { Err(Error::refused(Code::StateConflict)) }
}

fn require_second_person(tx: &mut Tx, context: &Context, request: &Request) -> Result<()> {
    let caller = context.signed_in()?;
    if involved(tx, request)?.contains(&caller.user_id) { Err(Error::refused(Code::DecidesOwnRequest)) } else { Ok(()) }
}

/// Who filed it or sent it in, and who registered the person.
pub(super) fn involved(db: &mut Db, request: &Request) -> Result<Vec<Id>> {
    let mut involved = participant_history::doers(db, request.participant_id, REGISTERED)?;
    involved.extend(request.filed_by);
    let sent_in = |step: &Step| matches!(step.action, EnrollmentAction::Submit | EnrollmentAction::Resubmit);
    involved.extend(steps::of(db, request.id)?.iter().filter(|step| sent_in(step)).filter_map(|step| step.taken_by));
    Ok(involved)
}
