//! Guarantee letters: issued on a check that is decided again at that moment, read by whom they concern, verified by anyone.

mod course;
mod follow;
pub(super) mod money;

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::idempotency::Once;
use super::letter_tokens::{self, TokenFinding};
use super::{App, affected_checks, bases, changes, messages};
use crate::context::Context;
use crate::domain::budget::Pot;
use crate::domain::check_progress::CheckStanding;
use crate::domain::codes::CodeStanding;
use crate::domain::eligibility::{CareType, Decision, FacilityFacts, Facts, SourceStanding, WardClass};
use crate::domain::facilities::Facility;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::letters::{LetterAction, LetterState, state_at};
use crate::domain::roles::{Caller, Role};
use crate::domain::rule_sets::{Letters, RuleSet};
use crate::domain::rupiah::Rupiah;
use crate::domain::text_enum::text_enum;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::check_progress as progress;
use crate::store::db::{Db, Tx};
use crate::store::eligibility_checks::{self as checks, Check, Shown};
use crate::store::gate::Priority;
use crate::store::letters::{self, Filter, Letter, LetterEvent};
use crate::store::merges;
use crate::store::numbers::{self, NumberKind};
use crate::store::reading::{Reading, read};

pub use course::{Conversion, Discharge, Extension, Transfer, admit, cancel, convert, discharge, extend, transfer};
pub(super) use follow::{completed, prolonged, release_never_billed, settle_due, unbilled, voided};

text_enum! {
    /// What is odd about a letter but allowed.
    LetterWarning {
        /// Another letter of this patient is in use on the same days.
        OpenEpisode = "open_episode",
        /// It was asked for after the date of service.
        IssuedLate = "issued_late",
    }
}

/// What a hospital asks for.
pub struct Ask {
    pub check_id: Id,
    pub diagnosis: Icd10Code,
    pub ward_class: Option<WardClass>,
    pub estimated_amount: Option<Rupiah>,
}

/// A letter as it is told to who may read it.
#[derive(Clone)]
pub struct Told {
    pub letter: Letter,
    /// How it stands now.
    pub state: LetterState,
    pub token: String,
    /// The patient as the check showed them.
    pub shown: Option<Shown>,
    pub facility: Arc<Facility>,
    pub warnings: Vec<LetterWarning>,
    pub events: Vec<(LetterEvent, Option<String>)>,
}

/// Issues a letter on a check. The check is decided again first, on what the registry says now: a letter is the city's word, and JKN may have come since.
pub fn issue(app: &App, db: &mut Db, context: &Context, caller: &Caller, ask: Ask, once: &Once<'_, Told>) -> Result<Told> {
    let facility = own_facility(app, caller)?;
    let check = checks::find(db, ask.check_id)?.filter(|check| check.facility_id == facility.id);
    let check = check.ok_or_else(|| Fault::at("/check_id", "CHECK_UNKNOWN"))?;
    let grounds = bases::grounds(app, db, check.basis_id)?;
    let id = context.new_id();
    known(app, &ask.diagnosis, check.service_date)?;
    once.write(db, Priority::People, |tx| {
        let standing = progress::lock(tx, check.id)?;
        refuse_unless_good(&standing, &check, context)?;
        let terms = terms(app, &grounds.rule_set, check.service_date)?;
        let today = app.city.today(context.now);
        if today > terms.issue_until(check.service_date) {
            return Err(Error::refused(Code::CheckTooOld));
        }
        if check.care_type == CareType::Inpatient && ask.ward_class.is_none() {
            return Err(Fault::at("/ward_class", "WARD_CLASS_MISSING").into());
        }
        let judged = judge(
            app,
            tx,
            context,
            &check,
            &Asked { diagnosis: &ask.diagnosis, ward_class: ask.ward_class, care_type: check.care_type, facility: &facility },
        )?;
        let validity = terms.validity(check.care_type, check.service_date);
        let letter = Letter {
            id,
            version: 1,
            number: number(app, tx, &facility, today)?,
            state: judged.state,
            check_id: check.id,
            participant_id: judged.participant_id,
            facility_id: facility.id,
            care_type: check.care_type,
            ward_class: ask.ward_class,
            diagnosis_code: ask.diagnosis.to_string(),
            rule_set: grounds.rule_set.code.clone(),
            valid_from: validity.from,
            valid_until: validity.to.unwrap_or(validity.from),
            complete_by: (judged.state == LetterState::Provisional).then(|| standing.complete_by(&check)).flatten(),
            extensions: 0,
            reserved_amount: ask.estimated_amount.unwrap_or_else(|| terms.usual_amount(check.care_type)),
            budget_year: validity.from.year(),
            pot: Pot::of(&facility),
            previous_letter_id: None,
            admitted_on: None,
            discharged_on: None,
            discharge_status: None,
            issued_at: context.now,
            issued_by: caller.user_id,
            updated_at: context.now,
        };
        store_new(tx, context, &letter)?;
        let told = tell(app, tx, context, letter)?;
        Ok(told)
    })
}

/// A diagnosis stands in the list of its day, as on a claim.
fn known(app: &App, diagnosis: &Icd10Code, on: NaiveDate) -> Result<()> {
    match app.city.diagnoses.standing(diagnosis, on) {
        CodeStanding::Valid | CodeStanding::Category => Ok(()),
        CodeStanding::NotOnDate | CodeStanding::Unknown => Err(Fault::at("/diagnosis_code", "ICD10_UNKNOWN").into()),
    }
}

fn store_new(tx: &mut Tx, context: &Context, letter: &Letter) -> Result<()> {
    if !letters::insert(tx, letter)? {
        let existing = letters::live_of_check(tx, letter.check_id, letter.facility_id)?;
        return Err(Error::conflict(Code::LetterExists, serde_json::json!({ "id": existing })));
    }
    letters::note(tx, context, letter, LetterAction::Issue, None)?;
    money::reserve(tx, context, letter)?;
    messages::tell(tx, context, &messages::of_letter(letter))?;
    let event = Event::new(context, "letter.issued").object(letter.id).about([letter.participant_id]);
    let event = event.with("number", &letter.number).with("check_id", letter.check_id).with("state", letter.state);
    tx.record(event.with("reserved", letter.reserved_amount).tells(changes::of_letter(letter, LetterAction::Issue)));
    Ok(())
}

fn number(app: &App, tx: &mut Tx, facility: &Facility, today: NaiveDate) -> Result<String> {
    let number = numbers::take(tx, NumberKind::Letter, today.year(), facility.id)?;
    Ok(format!("SJP-{}-{}-{number:06}", app.city.number_prefix, today.year()))
}

/// The terms of letters for a check. One whose own rule set is from before there were terms follows those that are in force for its date now.
fn terms<'a>(app: &'a App, own: &'a RuleSet, date: NaiveDate) -> Result<&'a Letters> {
    if own.letters.stay_days > 0 {
        return Ok(&own.letters);
    }
    let now = app.city.rule_sets.for_date(date).map(|set| &set.letters);
    now.ok_or_else(|| Error::internal("a check of a date without rules"))
}

fn refuse_unless_good(standing: &progress::Progress, check: &Check, context: &Context) -> Result<()> {
    let code = match (standing.standing(check, context.now), check.decision) {
        (Some(CheckStanding::Void), _) => Code::CheckVoid,
        (Some(CheckStanding::Lapsed), _) => Code::CheckLapsed,
        (Some(CheckStanding::Completed), _) => {
            return Err(Error::conflict(Code::CheckCompleted, serde_json::json!({ "completed_by": standing.completed_by })));
        }
        (Some(CheckStanding::Open), _) | (None, Decision::Eligible | Decision::Provisional) => return Ok(()),
        (None, Decision::NotEligible | Decision::Undetermined) => Code::CheckNotEligible,
    };
    Err(Error::refused(code))
}

/// The check that a letter rests on from now on: its own, or another good one of the same patient at the same hospital.
fn check_of(tx: &mut Tx, context: &Context, letter: &Letter, other: Option<Id>) -> Result<Check> {
    let Some(other) = other.filter(|other| *other != letter.check_id) else {
        return checks::find(tx, letter.check_id)?.ok_or_else(|| Error::internal("a letter without its check"));
    };
    let unknown = || Fault::at("/check_id", "CHECK_UNKNOWN");
    let check = checks::find(tx, other)?.filter(|check| check.facility_id == letter.facility_id).ok_or_else(unknown)?;
    let standing = progress::lock(tx, check.id)?;
    refuse_unless_good(&standing, &check, context)?;
    let person = |id: Id, tx: &mut Tx| Ok::<_, Error>(merges::way_up(tx, id)?.pop().unwrap_or(id));
    let same = match check.participant_id {
        Some(of_check) => person(of_check, tx)? == person(letter.participant_id, tx)?,
        None => false,
    };
    if !same {
        return Err(Fault::at("/check_id", "CHECK_OF_ANOTHER").into());
    }
    if letters::live_of_check(tx, check.id, letter.facility_id)?.is_some() {
        return Err(Error::refused(Code::LetterExists));
    }
    Ok(check)
}

/// What a letter is asked for, as far as the rules ask.
struct Asked<'a> {
    diagnosis: &'a Icd10Code,
    ward_class: Option<WardClass>,
    care_type: CareType,
    facility: &'a Facility,
}

struct Judged {
    state: LetterState,
    /// Whoever is found in the place of a record that was merged.
    participant_id: Id,
}

/// Decides the check again, on its own rules, for this care at this hospital and by what the registry says now. What does not cover is refused with its reasons.
fn judge(app: &App, tx: &mut Tx, context: &Context, check: &Check, asked: &Asked<'_>) -> Result<Judged> {
    let record = checks::open(tx, check)?;
    let unregistered = record.facts.person.as_ref().is_some_and(|person| person.newborn.as_ref().is_some_and(|newborn| !newborn.registered));
    let person = check.participant_id.filter(|_| !unregistered).ok_or_else(|| Error::refused(Code::LetterNeedsPerson))?;
    let now = affected_checks::person_now(app, tx, person, &record.facts)?;
    let mut facts = Facts {
        asked_at: context.now,
        registry: SourceStanding { as_of: Some(context.now), away: false },
        care_type: asked.care_type,
        ward_class: asked.ward_class.or(now.facts.ward_class),
        diagnosis: Some(asked.diagnosis.clone()),
        facility: FacilityFacts::of(asked.facility),
        ..now.facts
    };
    let brought = progress::papers_of(tx, check.id)?;
    if !brought.is_empty() {
        facts.told.papers.get_or_insert_default().extend(brought.iter().map(|paper| paper.kind));
    }
    let answer = bases::grounds(app, tx, check.basis_id)?.decide(&facts)?;
    let state = match answer.decision {
        Decision::Eligible => LetterState::Issued,
        Decision::Provisional => LetterState::Provisional,
        Decision::NotEligible | Decision::Undetermined => {
            let reasons: Vec<&str> = answer.reasons().map(|reason| reason.code.as_str()).collect();
            return Err(Error::conflict(Code::LetterNotCovered, serde_json::json!({ "decision": answer.decision, "reasons": reasons })));
        }
    };
    Ok(Judged { state, participant_id: now.id })
}

fn own_facility(app: &App, caller: &Caller) -> Result<Arc<Facility>> {
    caller.facility_id.and_then(|id| app.memory.facility(id)).ok_or_else(|| Error::refused(Code::FacilityRequired))
}

/// Its own facility's, and whoever looks after all.
fn sees(caller: &Caller, letter: &Letter) -> bool {
    match caller.role {
        Role::Admin | Role::Auditor | Role::Verifier => true,
        Role::Hospital | Role::Clinic | Role::Registrar | Role::Finance | Role::Manager | Role::Dpo => caller.facility_id == Some(letter.facility_id),
    }
}

/// The letter of a change, held for it.
fn held(tx: &mut Tx, caller: &Caller, id: Id) -> Result<Letter> {
    letters::lock(tx, id)?.filter(|letter| sees(caller, letter)).ok_or_else(|| Error::refused(Code::NotFound))
}

pub fn show(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Told> {
    read(db, Event::new(context, "letter.read").object(id), |db, reading| {
        let letter = letters::find(db, id)?.filter(|letter| sees(caller, letter)).ok_or_else(|| Error::refused(Code::NotFound))?;
        open(app, db, reading, context, letter)
    })
}

/// A page of letters without the people in them, and one more if there is one.
pub fn list(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    filter: Filter,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<(Letter, LetterState)>> {
    let own = match caller.role {
        Role::Admin | Role::Auditor | Role::Verifier => None,
        Role::Hospital | Role::Clinic | Role::Registrar | Role::Finance | Role::Manager | Role::Dpo => {
            Some(caller.facility_id.ok_or_else(|| Error::refused(Code::FacilityRequired))?)
        }
    };
    if own.is_some_and(|own| filter.facility_id.is_some_and(|asked| asked != own)) {
        return Ok(Vec::new());
    }
    let filter = Filter { facility_id: own.or(filter.facility_id), ..filter };
    read(db, Event::new(context, "letters.listed").with("filter", &filter), |db, reading| {
        let rows = letters::page(db, &filter, (app.city.today(context.now), context.now), before, limit)?;
        let page = usize::try_from(limit).unwrap_or_default();
        reading.shows(rows.iter().take(page).map(|letter| letter.participant_id));
        Ok(rows.into_iter().map(|letter| (standing(app, context, &letter), letter)).map(|(state, letter)| (letter, state)).collect())
    })
}

fn standing(app: &App, context: &Context, letter: &Letter) -> LetterState {
    state_at(letter.state, letter.valid_until, letter.complete_by, (app.city.today(context.now), context.now))
}

/// Within a change, whose event tells of the patient.
fn tell(app: &App, tx: &mut Tx, context: &Context, letter: Letter) -> Result<Told> {
    let mut reading = Reading::within(tx);
    open(app, tx, &mut reading, context, letter)
}

/// A letter as its claim tells of it.
pub(super) fn told_within(app: &App, db: &mut Db, reading: &mut Reading, context: &Context, id: Id) -> Result<Told> {
    let letter = letters::find(db, id)?.ok_or_else(|| Error::internal("a claim of a letter that is not there"))?;
    open(app, db, reading, context, letter)
}

fn open(app: &App, db: &mut Db, reading: &mut Reading, context: &Context, letter: Letter) -> Result<Told> {
    reading.shows([letter.participant_id]);
    let check = checks::find(db, letter.check_id)?.ok_or_else(|| Error::internal("a letter without its check"))?;
    let shown = checks::open(db, &check)?.shown;
    let facility = app.memory.facility(letter.facility_id).ok_or_else(|| Error::internal("a letter of a facility that is not there"))?;
    let events = letters::events(db, letter.id)?.into_iter().map(|event| event.reason(db).map(|reason| (event, reason))).collect::<Result<_>>()?;
    let warnings = warnings(app, db, &letter)?;
    let (state, token) = (standing(app, context, &letter), letter_tokens::sign(app, &db.keyring(), &letter)?);
    Ok(Told { letter, state, token, shown, facility, warnings, events })
}

fn warnings(app: &App, db: &mut Db, letter: &Letter) -> Result<Vec<LetterWarning>> {
    let mut warnings = Vec::new();
    let records = merges::with_merged(db, letter.participant_id)?;
    let is_beside = |other: &Letter| {
        other.id != letter.id
            && Some(other.id) != letter.previous_letter_id
            && other.previous_letter_id != Some(letter.id)
            && other.valid_from <= letter.valid_until
            && letter.valid_from <= other.discharged_on.unwrap_or(other.valid_until)
    };
    if letters::in_use_of(db, &records)?.iter().any(is_beside) {
        warnings.push(LetterWarning::OpenEpisode);
    }
    if app.city.today(letter.issued_at) > letter.valid_from {
        warnings.push(LetterWarning::IssuedLate);
    }
    Ok(warnings)
}

/// What anyone who holds a token may know of its letter.
pub struct Verified {
    pub finding: TokenFinding,
    pub letter: Option<(Letter, LetterState, Arc<Facility>)>,
}

/// Genuine, unused, valid? Nothing of the patient is read or told.
pub fn verify(app: &App, db: &mut Db, context: &Context, token: &str) -> Result<Verified> {
    let claims = match letter_tokens::scan(&db.keyring(), token) {
        Ok(claims) => claims,
        Err(finding) => return Ok(Verified { finding, letter: None }),
    };
    let Some(letter) = letters::find(db, claims.jti)?.filter(|letter| letter.number == claims.number) else {
        return Ok(Verified { finding: TokenFinding::NotRegistered, letter: None });
    };
    let facility = app.memory.facility(letter.facility_id).ok_or_else(|| Error::internal("a letter of a facility that is not there"))?;
    let state = standing(app, context, &letter);
    Ok(Verified { finding: TokenFinding::Genuine, letter: Some((letter, state, facility)) })
}
