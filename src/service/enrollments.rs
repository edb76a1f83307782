//! Enrolments as requests: filing one, filing for a whole neighbourhood at once, listing and reading them.

use std::collections::HashMap;

use chrono::Datelike;
use serde_json::json;

use super::App;
use super::idempotency::Once;
use super::imports::{People, RefusalCode, RowOutcome};
use super::misses::{self, Counts};
use super::{enrollment_decisions, signal_watch};
use crate::context::Context;
use crate::domain::enrollments::{Channel, EnrollmentAction, EnrollmentState, FilerKind, request_number};
use crate::domain::id::Id;
use crate::domain::imports::{Column, EnrollmentRow};
use crate::domain::nik::Nik;
use crate::domain::participants::ParticipantState;
use crate::domain::roles::Caller;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::db::{Db, Tx};
use crate::store::enrollment_requests::{self as requests, Filter, Request, Said};
use crate::store::enrollment_steps::{self as steps, Step};
use crate::store::gate::Priority;
use crate::store::numbers::{self, NumberKind};
use crate::store::reading::{Reading, read};
use crate::store::signals::{self, Brief};
use crate::store::{households, merges, participants};

/// Who files, which way, and whether it is to be reviewed now or is kept as a draft.
pub struct Manner {
    pub filer: FilerKind,
    pub filer_nik: Option<Nik>,
    pub filer_name: Option<String>,
    pub channel: Channel,
    pub submit: bool,
}

/// For whom.
#[derive(Clone)]
pub enum Who {
    Nik(Nik),
    Participant(Id),
}

#[derive(Clone)]
pub struct Filing {
    pub who: Who,
    pub note: Option<String>,
}

/// An enrolment opened for who may read it.
#[derive(Clone)]
pub struct Told {
    pub request: Request,
    pub said: Option<Said>,
    pub steps: Vec<(Step, Option<String>)>,
    /// The open signals about the person, for who may decide on the request.
    pub signals: Option<Vec<Brief>>,
}

/// Files a request for one person.
pub fn file(app: &App, db: &mut Db, context: &Context, manner: &Manner, filing: &Filing, once: &Once<'_, Told>) -> Result<Told> {
    let caller = own(context)?;
    let person = match &filing.who {
        Who::Participant(id) => *id,
        Who::Nik(nik) => misses::counted(app, db, context, &caller, |db| {
            let index = db.keyring().nik_index(nik)?.value;
            Ok(participants::of_niks(db, &[index])?.into_values().next())
        })?
        .ok_or_else(nik_not_found)?,
    };
    let id = context.new_id();
    once.write(db, Priority::People, |tx| {
        participants::lock_all(tx, &[person])?;
        let told = enter(app, tx, context, manner, (id, person), filing.note.as_deref())?;
        signal_watch::after_filing(app, tx, context, [manner])?;
        Ok(told)
    })
}

/// Files many, each for itself: one that is refused costs none of the others. The outcomes come in the order of the filings.
pub fn file_all(
    app: &App,
    db: &mut Db,
    context: &Context,
    manner: &Manner,
    filings: &[Filing],
    once: &Once<'_, Vec<Result<Told>>>,
) -> Result<Vec<Result<Told>>> {
    let caller = own(context)?;
    let ids: Vec<Id> = filings.iter().map(|_| context.new_id()).collect();
    once.write(db, Priority::Bulk, |tx| {
        let niks = whose(tx, filings)?;
        let mut people: Vec<Id> = filings.iter().filter_map(|filing| person_of(tx, &niks, filing).transpose()).collect::<Result<_>>()?;
        people.sort_unstable();
        people.dedup();
        participants::lock_all(tx, &people)?;
        let mut counts = Counts::load(app, tx, [&caller], context.now)?;
        let mut outcomes = Vec::with_capacity(filings.len());
        for (filing, id) in filings.iter().zip(&ids) {
            let filed = match (counts.admit(app, &caller, context.now), person_of(tx, &niks, filing)?) {
                // Who asks by ids does not fish for numbers.
                (Err(limited), _) if matches!(filing.who, Who::Nik(_)) => Err(limited),
                (_, Some(person)) => enter(app, tx, context, manner, (*id, person), filing.note.as_deref()),
                (_, None) => {
                    counts.note(context, &caller);
                    tx.record(Event::new(context, "participant.not_found"));
                    Err(nik_not_found())
                }
            };
            outcomes.push(match filed {
                Ok(told) => Ok(told),
                Err(error @ (Error::Invalid(_) | Error::Refused(_))) => Err(error),
                Err(error) => return Err(error),
            });
        }
        counts.save(app, tx)?;
        let filed = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        signal_watch::after_filing(app, tx, context, (filed > 0).then_some(manner))?;
        tx.record(Event::new(context, "enrollments.filed").with("channel", manner.channel).with("filed", filed).with("of", filings.len()));
        Ok(outcomes)
    })
}

/// What a file asks for: each request is filed and submitted as `file` does it. One that stands already as the row says it is left as it is. Only an admin
/// brings files, who may look for anybody, so numbers that nobody has count against no limit.
pub(super) fn file_rows(app: &App, tx: &mut Tx, context: &Context, rows: &[&EnrollmentRow]) -> Result<Vec<RowOutcome>> {
    let people = People::of(tx, rows.iter().map(|row| &row.nik))?;
    let mut reading = Reading::within(tx);
    let mut outcomes = Vec::with_capacity(rows.len());
    let mut filed = Vec::new();
    for (row, person) in rows.iter().zip(people.each()) {
        let outcome = match person {
            Err(refused) => refused,
            Ok(person) => {
                let manner = Manner::of(row);
                let outcome = file_row(app, tx, &mut reading, context, (&manner, row), person)?;
                if matches!(outcome, RowOutcome::Created(_)) {
                    filed.push(manner);
                }
                outcome
            }
        };
        outcomes.push(outcome);
    }
    signal_watch::after_filing(app, tx, context, &filed)?;
    Ok(outcomes)
}

impl Manner {
    fn of(row: &EnrollmentRow) -> Self {
        let EnrollmentRow { filer, filer_nik, filer_name, channel, .. } = row;
        Self { filer: *filer, filer_nik: *filer_nik, filer_name: filer_name.clone(), channel: *channel, submit: true }
    }
}

fn file_row(
    app: &App,
    tx: &mut Tx,
    reading: &mut Reading,
    context: &Context,
    (manner, row): (&Manner, &EnrollmentRow),
    person: Id,
) -> Result<RowOutcome> {
    let EnrollmentRow { filer, channel, note, .. } = row;
    let records = merges::with_merged(tx, person)?;
    if let Some(live) = requests::live_of(tx, &records)? {
        let is_this = (live.channel, live.filer) == (Some(*channel), Some(*filer))
            && live.said(tx, reading)?.is_some_and(|said| said == self::said(manner, note.as_deref()));
        reading.passes_over(person);
        return Ok(if is_this { RowOutcome::Unchanged(person) } else { RowOutcome::refused(Column::Nik, RefusalCode::EnrollmentExists) });
    }
    let id = context.new_id();
    match tx.attempt(|tx| enter(app, tx, context, manner, (id, person), note.as_deref())) {
        Ok(_) => Ok(RowOutcome::Created(person)),
        Err(error) => RowOutcome::of_refusal(error),
    }
}

fn own(context: &Context) -> Result<Caller> {
    context.caller.ok_or_else(|| Error::internal("a request for enrolment without a caller"))
}

fn nik_not_found() -> Error {
    Fault::at("/nik", "NIK_NOT_FOUND").into()
}

/// Whose the NIKs of these filings are.
fn whose(tx: &mut Tx, filings: &[Filing]) -> Result<HashMap<Id, Id>> {
    let keyring = tx.keyring();
    let mut indexes = Vec::new();
    for filing in filings {
        if let Who::Nik(nik) = &filing.who {
            indexes.push(keyring.nik_index(nik)?.value);
        }
    }
    participants::of_niks(tx, &indexes)
}

fn person_of(tx: &Tx, niks: &HashMap<Id, Id>, filing: &Filing) -> Result<Option<Id>> {
    Ok(match &filing.who {
        Who::Participant(id) => Some(*id),
        Who::Nik(nik) => niks.get(&tx.keyring().nik_index(nik)?.value).copied(),
    })
}

/// Enters a request for a person whose row is held. A refusal leaves nothing behind but a number that nobody has.
fn enter(app: &App, tx: &mut Tx, context: &Context, manner: &Manner, (id, person): (Id, Id), note: Option<&str>) -> Result<Told> {
    let caller = own(context)?;
    let row = participants::rows(tx, &[person])?.pop().ok_or_else(|| Fault::at("/participant_id", "PARTICIPANT_NOT_FOUND"))?;
    if !may_be_enrolled(row.state) {
        return Err(Error::refused(Code::StateConflict));
    }
    require_family(tx, manner, person)?;
    let year = app.city.today(context.now).year();
    let number = numbers::take(tx, NumberKind::Enrollment, year, caller.facility_id.unwrap_or(numbers::CITY))?;
    let said = said(manner, note);
    let state = EnrollmentState::Draft;
    let submitted = if manner.submit { state.after(EnrollmentAction::Submit) } else { None };
    let filing = requests::Filing {
        id,
        participant_id: person,
        state: submitted.unwrap_or(state),
        number: request_number(&app.city.number_prefix, year, number),
        channel: manner.channel,
        filer: manner.filer,
        said: &said,
        filed_by: caller.user_id,
        due_at: submitted.map(|_| due(app, context.now)),
    };
    let request = Request::new(tx, filing, context.now)?;
    let records = merges::with_merged(tx, person)?;
    if requests::live_of(tx, &records)?.is_some() || !requests::insert(tx, &request)? {
        let existing = requests::live_of(tx, &records)?.ok_or_else(|| Error::internal("a live enrolment is in the way and none is there"))?;
        let more = json!({ "id": existing.id, "number": existing.number, "state": existing.state });
        return Err(Error::conflict(Code::EnrollmentExists, more));
    }
    let taken: Vec<Step> = submitted.map(|state| Step::new(context, id, EnrollmentAction::Submit, state)).into_iter().collect();
    steps::insert_all(tx, &taken)?;
    let event = Event::new(context, "enrollment.filed").object(id).about([person]);
    tx.record(event.with("number", &request.number).with("state", request.state).with("channel", manner.channel).with("filer", manner.filer));
    signal_watch::at_filing(app, tx, context, manner, &request, &row)?;
    Ok(Told { request, said: Some(said), steps: taken.into_iter().map(|step| (step, None)).collect(), signals: None })
}

fn said(manner: &Manner, note: Option<&str>) -> Said {
    Said {
        filer_nik: manner.filer_nik.as_ref().map(|nik| nik.digits().to_owned()),
        filer_name: manner.filer_name.clone(),
        note: note.map(str::to_owned),
    }
}

/// By when a request that is submitted now is to be decided.
pub(super) fn due(app: &App, now: UtcTime) -> UtcTime {
    now.plus(chrono::Duration::hours(app.settings.enrollments.due_hours))
}

/// Those who are suspended or not in order now may ask for what they get when they are.
pub(super) fn may_be_enrolled(state: ParticipantState) -> bool {
    match state {
        ParticipantState::Active | ParticipantState::Suspended | ParticipantState::NikInactive | ParticipantState::Temporary => true,
        ParticipantState::MovedOut | ParticipantState::Deceased | ParticipantState::Duplicate | ParticipantState::Merged => false,
    }
}

/// A member files for the own family only. A number that nobody has is answered as one of a stranger.
fn require_family(tx: &mut Tx, manner: &Manner, person: Id) -> Result<()> {
    let (FilerKind::Member, Some(nik)) = (manner.filer, &manner.filer_nik) else { return Ok(()) };
    let stranger = || Error::from(Fault::at("/filed_by/nik", "FILER_NOT_IN_FAMILY"));
    let index = tx.keyring().nik_index(nik)?.value;
    let filer = participants::of_niks(tx, &[index])?.into_values().next().ok_or_else(stranger)?;
    if filer == person {
        return Ok(());
    }
    let homes = households::open_memberships(tx, &[filer, person])?;
    match homes.as_slice() {
        [one, other] if one.household_id == other.household_id => Ok(()),
        _ => Err(stranger()),
    }
}

/// A page of enrolments without what was said, and one more if there is one. Whose they are is an event.
pub fn list(db: &mut Db, context: &Context, filter: &Filter, (before, limit): (Option<Id>, i64)) -> Result<Vec<Request>> {
    read(db, Event::new(context, "enrollments.listed").with("filter", filter), |db, reading| {
        let found = requests::page(db, filter, before, limit)?;
        let page = usize::try_from(limit).unwrap_or_default();
        reading.shows(found.iter().take(page).map(|request| request.participant_id));
        Ok(found)
    })
}

/// One enrolment with who filed it and every step.
pub fn show(db: &mut Db, context: &Context, id: Id) -> Result<Told> {
    let request = requests::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    read(db, Event::new(context, "enrollment.read").object(id), |db, reading| {
        let involved = enrollment_decisions::involved(db, &request)?;
        let told = open(db, reading, request)?;
        // A decider must see what speaks against approving, and is told the kinds and no evidence; whoever filed it would learn what is noticed.
        let signals = if involved.contains(&own(context)?.user_id) { None } else { Some(signals::open_about(db, told.request.participant_id)?) };
        Ok(Told { signals, ..told })
    })
}

pub(super) fn open(db: &mut Db, reading: &mut Reading, request: Request) -> Result<Told> {
    let said = request.said(db, reading)?;
    let steps = steps::of(db, request.id)?
        .into_iter()
        .map(|step| {
            let reason = step.reason(db, reading)?;
            Ok((step, reason))
        })
        .collect::<Result<_>>()?;
    Ok(Told { request, said, steps, signals: None })
}
