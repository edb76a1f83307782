//! Reading recorded checks: the answer is decided again on what was kept, never on today's files, and every reading is an event.

use super::App;
use super::bases;
use super::check_questions::Key;
use super::check_turn::Recorded;
use crate::context::Context;
use crate::domain::eligibility::Decision;
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, write};
use crate::store::eligibility_checks::{self, Check, Filter};
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

/// A recorded check with its answer, as it was given.
pub fn show(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<(Recorded, std::sync::Arc<bases::Grounds>)> {
    let check = find(db, caller, id)?;
    let grounds = bases::grounds(app, db, check.basis_id)?;
    write(db, Priority::People, |tx| {
        tx.record(Event::new(context, "check.read").object(id).about(check.participant_id));
        Ok(())
    })?;
    let record = eligibility_checks::open(db, &check)?;
    let answer = grounds.decide(&record.facts)?;
    Ok((Recorded { check, record, answer, replayed: None }, grounds))
}

/// A page of checks, without the persons in them, and one check more if there is one. Reading it is an event about everyone on the page. The checks of
/// a person are those of all records that were merged into theirs.
pub fn list(
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    (participant, filter): (Option<Id>, Filter),
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<Check>> {
    let participants = participant.map(|id| store::merges::with_merged(db, id)).transpose()?;
    let filter = Filter { participants, ..filter };
    read(db, Event::new(context, "checks.listed").with("filter", &filter), |db, reading| {
        let checks = seen(db, caller, filter, before, limit)?;
        let page = usize::try_from(limit).unwrap_or_default();
        reading.shows(checks.iter().take(page).filter_map(|check| check.participant_id));
        Ok(checks)
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
