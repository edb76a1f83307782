//! Reading recorded checks: the answer is decided again on what was kept, never on today's files, and every reading is an event.

use std::sync::Arc;

use super::App;
use super::bases::{self, Grounds};
use super::check_questions::Key;
use super::check_turn::Recorded;
use crate::context::Context;
use crate::domain::eligibility::{Answer, Decision};
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::check_progress::{self, Brought, Progress};
use crate::store::db::{Db, Tx, write};
use crate::store::eligibility_checks::{self, Check, Filter, Record};
use crate::store::gate::Priority;
use crate::store::reading::read;

/// May this caller see this check? A facility its own; a registrar without one what they asked themselves.
fn sees(caller: &Caller, check: &Check) -> bool {
    match caller.role {
        Role::Admin | Role::Auditor => true,
        Role::Clinic | Role::Hospital | Role::Registrar => match caller.facility_id {
            Some(facility) => facility == check.facility_id,
            None => caller.user_id == check.asked_by,
        },
        Role::Verifier | Role::Finance | Role::Manager | Role::Dpo => false,
    }
}

/// The check, if it is there and this caller may see it.
pub(super) fn find(db: &mut Db, caller: &Caller, id: Id) -> Result<Check> {
    eligibility_checks::find(db, id)?.filter(|check| sees(caller, check)).ok_or_else(|| Error::refused(Code::NotFound))
}

/// A recorded check with its answer, as it was given, and with what has come after it.
pub struct Followed {
    pub recorded: Recorded,
    pub grounds: Arc<Grounds>,
    pub progress: Progress,
    pub papers: Vec<Brought>,
}

pub fn show(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Followed> {
    let check = find(db, caller, id)?;
    write(db, Priority::People, |tx| {
        tx.record(Event::new(context, "check.read").object(id).about(check.participant_id));
        Ok(())
    })?;
    followed(app, db, check)
}

/// For those who have recorded whom they read.
pub(super) fn followed(app: &App, db: &mut Db, check: Check) -> Result<Followed> {
    let grounds = bases::grounds(app, db, check.basis_id)?;
    let record = eligibility_checks::open(db, &check)?;
    let answer = grounds.decide(&record.facts)?;
    let (progress, papers) = (check_progress::of_one(db, check.id)?, check_progress::papers_of(db, check.id)?);
    Ok(Followed { recorded: Recorded { check, record, answer, replayed: None }, grounds, progress, papers })
}

/// The check that takes the place of an earlier one: the same question by the same rules, decided on other facts.
pub(super) fn in_place_of(db: &Db, context: &Context, caller: &Caller, earlier: &Check, (record, answer): (&Record, &Answer)) -> Result<Check> {
    let id = context.new_id();
    Ok(Check {
        id,
        asked_by: caller.user_id,
        decision: answer.decision,
        failing: answer.failing(),
        checked_at: context.now,
        valid_until: answer.valid_until.unwrap_or(context.now),
        complete_by: answer.complete_by,
        override_of: Some(earlier.id),
        digest: answer.digest().map_err(|_| Error::internal("an answer has no JSON form"))?.as_bytes().to_vec(),
        record: eligibility_checks::seal(db, id, record)?,
        ..earlier.clone()
    })
}

/// Records such a check, about its person and whoever else was read for it.
pub(super) fn insert_in_place(tx: &mut Tx, context: &Context, check: &Check, about: impl IntoIterator<Item = Id>) -> Result<()> {
    eligibility_checks::insert_all(tx, std::slice::from_ref(check))?;
    let event = Event::new(context, "check.recorded").object(check.id).about(check.participant_id.into_iter().chain(about));
    tx.record(event.with("decision", check.decision).with("override_of", check.override_of));
    Ok(())
}

/// A page of checks with what has come after each, without the persons in them, and one check more if there is one. Reading it is an event about
/// everyone on the page. The checks of a person are those of all records that were merged into theirs.
pub fn list(
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    (participant, filter): (Option<Id>, Filter),
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<(Check, Progress)>> {
    let participants = participant.map(|id| store::merges::with_merged(db, id)).transpose()?;
    let filter = Filter { participants, ..filter };
    read(db, Event::new(context, "checks.listed").with("filter", &filter), |db, reading| {
        let checks = seen(db, caller, filter, before, limit)?;
        let page = usize::try_from(limit).unwrap_or_default();
        reading.shows(checks.iter().take(page).filter_map(|check| check.participant_id));
        let mut progress = check_progress::of(db, &checks.iter().map(|check| check.id).collect::<Vec<_>>())?;
        let with_progress = |check: Check| {
            let progress = progress.remove(&check.id).unwrap_or_default();
            (check, progress)
        };
        Ok(checks.into_iter().map(with_progress).collect())
    })
}

fn seen(db: &mut Db, caller: &Caller, mut filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<Check>> {
    match caller.role {
        Role::Admin | Role::Auditor => {}
        Role::Clinic | Role::Hospital | Role::Registrar | Role::Verifier | Role::Finance | Role::Manager | Role::Dpo => match caller.facility_id {
            Some(own) if filter.facility_id.is_none_or(|asked| asked == own) => filter.facility_id = Some(own),
            Some(_) => return Ok(Vec::new()),
            None => filter.asked_by = Some(caller.user_id),
        },
    }
    eligibility_checks::list(db, &filter, before, limit)
}

/// Whether deciding again gives the same answer.
pub struct Replay {
    pub decision: Decision,
    pub stored: ContentHash,
    pub replayed: ContentHash,
    pub engine: i32,
    pub rule_set: ContentHash,
}

pub fn replay(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Replay> {
    let check = find(db, caller, id)?;
    let grounds = bases::grounds(app, db, check.basis_id)?;
    write(db, Priority::People, |tx| {
        tx.record(Event::new(context, "check.replayed").object(id).about(check.participant_id));
        Ok(())
    })?;
    let record = eligibility_checks::open(db, &check)?;
    let answer = grounds.decide(&record.facts)?;
    let stored = check.digest.as_slice().try_into().map(ContentHash::from_bytes).map_err(|_| Error::internal("a stored digest has not 32 bytes"))?;
    let replayed = answer.digest().map_err(|_| Error::internal("an answer has no JSON form"))?;
    Ok(Replay { decision: answer.decision, stored, replayed, engine: grounds.engine, rule_set: grounds.rule_set.hash() })
}

/// Refuses keys that were used with another body.
pub fn refuse_other_body(db: &mut Db, keys: &[Key]) -> Result<()> {
    let ids: Vec<Id> = keys.iter().map(|key| key.key).collect();
    let kept = store::idempotency::find_many(db, &ids)?;
    let differs = |key: &Key| kept.get(&key.key).is_some_and(|kept| kept.fingerprint != key.fingerprint);
    if keys.iter().any(differs) { Err(Error::refused(Code::IdempotencyKeyReused)) } else { Ok(()) }
}
