//! Cases for the civil registry: listed, and closed with what it said.

use super::idempotency::Once;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::participants::{CaseOutcome, CaseState};
use crate::error::{Code, Error, Result};
use crate::store::audit::Event;
use crate::store::db::{Db, Tx};
use crate::store::gate::Priority;
use crate::store::reading::{Reading, read};
use crate::store::registry_cases::{self, Case};
use crate::store::sealed::CaseCell;

/// A page of cases, and one more if there is one.
pub fn list(db: &mut Db, context: &Context, state: Option<CaseState>, (before, limit): (Option<Id>, i64)) -> Result<Vec<Case>> {
    read(db, Event::new(context, "registry_cases.listed").with("state", state), |db, reading| registry_cases::page(db, reading, state, before, limit))
}

/// Opens a case about a number that two records have: only the civil registry can tell whose it is.
pub(super) fn open(tx: &mut Tx, context: &Context, id: Id, (participant_id, other_participant_id): (Id, Option<Id>), nik: &str) -> Result<()> {
    let case = Case {
        id,
        participant_id,
        other_participant_id,
        state: CaseState::Open,
        outcome: None,
        cell: CaseCell { nik: nik.to_owned(), note: None },
        opened_at: context.now,
        opened_by: context.signed_in()?.user_id,
        closed_at: None,
        closed_by: None,
    };
    registry_cases::insert(tx, &case)?;
    tx.record(Event::new(context, "registry_case.opened").object(id).about(std::iter::once(participant_id).chain(other_participant_id)));
    Ok(())
}

/// Closes a case with what the civil registry found.
pub fn close(db: &mut Db, context: &Context, id: Id, (outcome, note): (CaseOutcome, &Option<String>), once: &Once<'_, Case>) -> Result<Case> {
    let caller = context.signed_in()?;
    once.write(db, Priority::People, |tx| {
        let mut reading = Reading::within(tx);
        let mut case = registry_cases::lock(tx, &mut reading, id)?.ok_or(Error::refused(Code::NotFound))?;
        if case.state != CaseState::Open {
            return Err(Error::refused(Code::StateConflict));
        }
        (case.state, case.outcome) = (CaseState::Closed, Some(outcome));
        (case.closed_at, case.closed_by) = (Some(context.now), Some(caller.user_id));
        case.cell.note = note.clone();
        registry_cases::close(tx, &case)?;
        let about = std::iter::once(case.participant_id).chain(case.other_participant_id);
        tx.record(Event::new(context, "registry_case.closed").object(id).about(about).with("outcome", outcome).with("note", note));
        Ok(case)
    })
}
