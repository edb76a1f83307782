//! Verification: asking the population office about a participant, by hand or before a check, and keeping what it said. It is never asked inside a
//! transaction.

pub mod newcomers;

use super::App;
use super::idempotency::Once;
use super::population_office::{Asked, Office, ask_file};
use crate::context::{Context, Purpose};
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::population_office::{Away, CallResult, Finding, OfficeSource, Question};
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::population_office_calls::Call;
use crate::store::reading::{Reading, read};
use crate::store::verifications::Verification;

/// After so many seconds it makes sense to ask an office again that was away.
const TRY_AGAIN_SECONDS: u32 = 30;

/// Why somebody is asked about, and for which facility.
#[derive(Clone, Copy)]
pub struct Why {
    pub purpose: Purpose,
    pub facility_id: Option<Id>,
}

/// Asks the office about a participant because somebody wants to know.
pub fn verify(app: &App, db: &mut Db, context: &Context, participant: Id, why: Why, once: &Once<'_, Verification>) -> Result<Verification> {
    let (question, by_file) = prepare(app, db, context, participant, why)?;
    let question = question.ok_or(Error::refused(Code::ParticipantWithoutNik))?;
    let asked = match &app.office {
        Office::Off => return Err(Error::refused(Code::PopulationOfficeNotAsked)),
        Office::Snapshot => by_file,
        Office::WebService(service) => {
            let (finding, duration_ms) = match service.turn() {
                Some(_turn) => service.ask(&question, &*app.surroundings),
                None => (Err(Away::NotCalled), 0),
            };
            Asked { finding, source: OfficeSource::WebService, duration_ms }
        }
    };
    match asked.finding {
        Ok(finding) => once.write(db, Priority::People, |tx| keep(tx, context, participant, why, &asked, &finding)),
        Err(Away::NoFile) => Err(Error::refused(Code::PopulationOfficeNotAsked)),
        Err(Away::NotCalled) => Err(away()),
        Err(Away::Failed(_)) => {
            write(db, Priority::People, |tx| tell_failure(tx, context, participant, why, &asked))?;
            Err(away())
        }
    }
}

fn away() -> Error {
    Error::throttled(Code::PopulationOfficeAway, TRY_AGAIN_SECONDS)
}

/// Asks the web service for a check, unless it has said something of late. An office that is away is no error: the check is answered from its last word.
pub fn refresh(app: &App, context: &Context, unverified: Unverified, why: Why) -> Result<()> {
    let Unverified { participant, changed_at } = unverified;
    let Some(service) = app.office.web_service() else { return Ok(()) };
    let question = {
        let db = &mut *app.pool.get()?;
        // Many may have come with the same person, of whom the first has asked.
        let newest = store::verifications::page(db, participant, None, 1)?.into_iter().next();
        if newest.is_some_and(|newest| is_fresh(app, context, changed_at, &newest)) {
            return Ok(());
        }
        prepare(app, db, context, participant, why)?.0
    };
    let Some(question) = question else { return Ok(()) };
    let (finding, duration_ms) = service.ask(&question, &*app.surroundings);
    let asked = Asked { finding, source: OfficeSource::WebService, duration_ms };
    let db = &mut *app.pool.get()?;
    match asked.finding {
        Ok(finding) => write(db, Priority::People, |tx| keep(tx, context, participant, why, &asked, &finding)).map(|_| ()),
        Err(Away::Failed(_)) => write(db, Priority::People, |tx| tell_failure(tx, context, participant, why, &asked)),
        Err(Away::NotCalled | Away::NoFile) => Ok(()),
    }
}

/// Somebody to ask about, and when their record was last changed: a word on what was there before says little.
#[derive(Debug, Clone, Copy)]
pub struct Unverified {
    pub participant: Id,
    pub changed_at: UtcTime,
}

/// Is this the word of the web service on the record as it is, and not too long ago?
pub fn is_fresh(app: &App, context: &Context, changed_at: UtcTime, newest: &Verification) -> bool {
    let fresh = chrono::Duration::hours(app.settings.population_office.fresh_hours);
    newest.source == OfficeSource::WebService && newest.verified_at >= changed_at && context.now.since(newest.verified_at) <= fresh
}

/// What may be asked about somebody, none without a NIK; and for the file also what it says. The event is there before anything leaves.
fn prepare(app: &App, db: &mut Db, context: &Context, participant: Id, why: Why) -> Result<(Option<Question>, Asked)> {
    read(db, Event::new(context, "verification.asked").object(participant).with("purpose", why.purpose), |db, reading| {
        let question = question(db, reading, participant)?;
        let finding = match (&app.office, &question) {
            (Office::Snapshot, Some(question)) => ask_file(db, reading, question, app.city.offset)?,
            (Office::Off | Office::WebService(_), _) | (Office::Snapshot, None) => None,
        };
        Ok((question, Asked { finding: finding.ok_or(Away::NoFile), source: OfficeSource::Snapshot, duration_ms: 0 }))
    })
}

fn question(db: &mut Db, reading: &mut Reading, participant: Id) -> Result<Option<Question>> {
    let person = store::participants::find(db, reading, participant)?.ok_or(Error::refused(Code::NotFound))?;
    let identity = person.identity;
    let nik = Nik::parse(&identity.nik).ok();
    Ok(nik.map(|nik| Question { nik, name: identity.known_name().map(str::to_owned), birth_date: identity.known_birth_date() }))
}

fn keep(tx: &mut Tx, context: &Context, participant: Id, why: Why, asked: &Asked, finding: &Finding) -> Result<Verification> {
    store::population_office_calls::insert(tx, &call(context, Some(participant), why, asked, finding.verdict.into()))?;
    let verification = verification(context, participant, finding);
    store::verifications::insert(tx, &verification)?;
    tx.record(Event::new(context, "verification.recorded").object(verification.id).about([participant]).with("verdict", finding.verdict));
    Ok(verification)
}

fn verification(context: &Context, participant: Id, finding: &Finding) -> Verification {
    Verification {
        id: context.new_id(),
        participant_id: participant,
        source: finding.source,
        verdict: finding.verdict,
        name_match: finding.name,
        birth_date_match: finding.birth_date,
        as_of: finding.as_of,
        verified_at: context.now,
        verified_by: context.caller.map(|caller| caller.user_id),
    }
}

fn tell_failure(tx: &mut Tx, context: &Context, participant: Id, why: Why, asked: &Asked) -> Result<()> {
    if let Err(Away::Failed(result)) = asked.finding {
        store::population_office_calls::insert(tx, &call(context, Some(participant), why, asked, result))?;
        tx.record(Event::new(context, "verification.failed").object(participant).about([participant]).with("result", result));
    }
    Ok(())
}

fn call(context: &Context, participant: Option<Id>, why: Why, asked: &Asked, result: CallResult) -> Call {
    Call {
        id: context.new_id(),
        asked_at: context.now,
        asked_by: context.caller.map(|caller| caller.user_id),
        role: context.caller.map(|caller| caller.role),
        facility_id: why.facility_id.or(context.caller.and_then(|caller| caller.facility_id)),
        purpose: why.purpose,
        participant_id: participant,
        source: asked.source,
        result,
        duration_ms: asked.duration_ms,
    }
}

/// A page of what the office said of a participant, and one more if there is one.
pub fn list(db: &mut Db, context: &Context, participant: Id, (before, limit): (Option<Id>, i64)) -> Result<Vec<Verification>> {
    read(db, Event::new(context, "verifications.listed").object(participant), |db, reading| {
        store::participants::find(db, reading, participant)?.ok_or(Error::refused(Code::NotFound))?;
        store::verifications::page(db, participant, before, limit)
    })
}
