//! What is noticed while people work: at the check desk, at a look-up, and when a request for enrolment is filed. Nothing is asked of the database for
//! an ordinary check.

use std::collections::BTreeMap;

use super::App;
use super::check_questions::{Question, Who};
use super::enrollments::Manner;
use super::signals::{Found, raise};
use crate::context::Context;
use crate::domain::cards::is_mistyped;
use crate::domain::check_progress::CheckStanding;
use crate::domain::eligibility::CareType;
use crate::domain::enrollments::FilerKind;
use crate::domain::id::Id;
use crate::domain::residency::{ResidencyPeriod, resident_since};
use crate::domain::signals::{Evidence, FilerMark, recent_move};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::store::check_facts::Person;
use crate::store::db::{Db, Tx, write};
use crate::store::eligibility_checks::Check;
use crate::store::enrollment_requests::Request;
use crate::store::gate::Priority;
use crate::store::participants::Row;
use crate::store::reading::Reading;
use crate::store::residencies::Residency;
use crate::store::{check_progress, eligibility_checks, enrollment_filers, households, participant_history, residencies};

/// Characters of a card's number that tell the plastic again, and not more of it.
const ENDING: usize = 3;
/// Checks of one person that are looked through for a stay.
const CHECKS: i64 = 50;

/// What one check shows, from what the desk has read for it anyway.
pub(super) fn at_check(app: &App, question: &Question, index: Option<Id>, check: &Check, person: Option<&Person>) -> Option<Found> {
    match (&question.who, index, person) {
        // A slip of the keyboard, as its check digits tell, is no card.
        (Who::Card(number), Some(_), None) if is_mistyped(&app.city.number_prefix, number) => None,
        (Who::Card(number), Some(card), None) => Some(card_not_in_database(&question.context, number, card, Some(check.facility_id))),
        (_, _, Some(person)) if is_stay(check.care_type) => moved_before_care(app, check, person),
        (Who::Nik(_) | Who::Card(_) | Who::Participant(_) | Who::Family(_) | Who::Newborn { .. }, _, _) => None,
    }
}

/// Raises what the checks of a turn have shown.
pub(super) fn raise_all(tx: &mut Tx, mut noticed: Vec<(&Context, Found)>) -> Result<()> {
    // In a fixed order, so that two turns cannot wait for each other's rows.
    noticed.sort_by(|(_, one), (_, other)| one.about.cmp(&other.about));
    noticed.into_iter().try_for_each(|(context, found)| raise(tx, context, found))
}

fn is_stay(care: CareType) -> bool {
    match care {
        CareType::Inpatient | CareType::Emergency => true,
        CareType::Primary | CareType::Outpatient => false,
    }
}

fn moved_before_care(app: &App, check: &Check, person: &Person) -> Option<Found> {
    let since = resident_since(&person.residency, &app.city.code, check.service_date);
    let window_days = app.settings.signals.moved_days;
    let moved = recent_move(person.identity.known_birth_date(), since, None, check.service_date, window_days)?;
    let evidence = Evidence::MovedBeforeCare {
        check_id: check.id,
        care_type: check.care_type,
        service_date: check.service_date,
        resident_since: moved.resident_since?,
        days: moved.days,
        window_days,
    };
    Some(Found { evidence, about: vec![person.id], subjects: vec![person.id], facility: Some(check.facility_id) })
}

fn card_not_in_database(context: &Context, number: &str, card: Id, facility: Option<Id>) -> Found {
    let hidden = number.chars().count().saturating_sub(ENDING);
    let evidence = Evidence::CardNotInDatabase {
        times: 1,
        facilities: facility.into_iter().collect(),
        card_ending: number.chars().skip(hidden).collect(),
        first_at: context.now,
        last_at: context.now,
    };
    Found { evidence, about: vec![card], subjects: Vec::new(), facility }
}

/// A card that somebody looked up and that was never issued.
pub(super) fn unknown_card(db: &mut Db, context: &Context, number: &str) -> Result<()> {
    let card = db.keyring().card_index(number)?.value;
    let facility = context.caller.and_then(|caller| caller.facility_id);
    write(db, Priority::People, |tx| raise(tx, context, card_not_in_database(context, number, card, facility)))
}

/// What a request shows that was filed now, for a person whose row is held. Who files too many is told by `after_filing`.
pub(super) fn at_filing(app: &App, tx: &mut Tx, context: &Context, manner: &Manner, request: &Request, person: &Row) -> Result<()> {
    if let Some(nik) = &manner.filer_nik {
        let filer = tx.keyring().nik_index(nik)?;
        enrollment_filers::insert(tx, request.id, filer, context.now)?;
    }
    let mut found = Vec::new();
    found.extend(moved_before_request(app, tx, context, request, person)?);
    found.extend(request_while_admitted(app, tx, context, request)?);
    raise_here(tx, context, found)
}

/// Who has filed, and how many by now: counted once for all that a transaction has filed, however many that are.
pub(super) fn after_filing<'m>(app: &App, tx: &mut Tx, context: &Context, manners: impl IntoIterator<Item = &'m Manner>) -> Result<()> {
    let mut filers = BTreeMap::new();
    let mut filed = false;
    for manner in manners {
        filed = true;
        if let Some(nik) = &manner.filer_nik {
            let filer = tx.keyring().nik_index(nik)?;
            filers.insert(filer.value, (filer, manner.filer));
        }
    }
    let mut found = Vec::new();
    for (filer, kind) in filers.into_values() {
        found.extend(many_by_filer(app, tx, context, filer, kind)?);
    }
    if filed && let Some(caller) = context.caller {
        found.extend(many_by_account(app, tx, context, caller.user_id)?);
    }
    raise_here(tx, context, found)
}

/// Raises what was noticed where the caller works, unless it was noticed elsewhere.
fn raise_here(tx: &mut Tx, context: &Context, found: Vec<Found>) -> Result<()> {
    let facility = context.caller.and_then(|caller| caller.facility_id);
    found.into_iter().try_for_each(|found| raise(tx, context, Found { facility: found.facility.or(facility), ..found }))
}

fn moved_before_request(app: &App, tx: &mut Tx, context: &Context, request: &Request, person: &Row) -> Result<Option<Found>> {
    let today = app.city.today(context.now);
    let window_days = app.settings.signals.moved_days;
    let stays: Vec<ResidencyPeriod> = residencies::of(tx, &[person.id])?.iter().map(Residency::period).collect();
    let since = resident_since(&stays, &app.city.code, today);
    let card_since = match households::open_memberships(tx, &[person.id])?.pop() {
        // Another relation on the same card is no other card.
        Some(open) => {
            let members = households::members(tx, open.household_id)?;
            members.iter().filter(|one| one.participant_id == person.id).map(|one| one.valid_from).min()
        }
        None => None,
    };
    if recent_move(None, since, card_since, today, window_days).is_none() {
        return Ok(None);
    }
    // Opened only now, when it is to be told from a birth.
    let born = person.identity(&tx.keyring(), &mut Reading::within(tx))?.known_birth_date();
    Ok(recent_move(born, since, card_since, today, window_days).map(|moved| Found {
        evidence: Evidence::MovedBeforeRequest {
            enrollment_id: request.id,
            requested_on: today,
            resident_since: moved.resident_since,
            card_since: moved.card_since,
            days: moved.days,
            window_days,
        },
        about: vec![person.id],
        subjects: vec![person.id],
        facility: None,
    }))
}

/// As far as this database knows: a check for a stay or an emergency in the window, or a provisional answer that still waits for its papers.
fn request_while_admitted(app: &App, tx: &mut Tx, context: &Context, request: &Request) -> Result<Option<Found>> {
    let today = app.city.today(context.now);
    let window_days = app.settings.signals.admitted_days;
    let since = context.now.minus(chrono::Duration::days(window_days));
    for check in participant_history::objects_since(tx, request.participant_id, "check.recorded", since, CHECKS)? {
        let Some(check) = eligibility_checks::find(tx, check)? else { continue };
        let standing = check_progress::of_one(tx, check.id)?.standing(&check, context.now);
        if standing == Some(CheckStanding::Void) {
            continue;
        }
        let days = (today - check.service_date).num_days();
        let waits = standing == Some(CheckStanding::Open);
        // The service may lie long before the day on which it was asked about.
        if (is_stay(check.care_type) && (0..window_days).contains(&days)) || waits {
            let evidence = Evidence::RequestWhileAdmitted {
                enrollment_id: request.id,
                requested_on: today,
                check_id: check.id,
                care_type: check.care_type,
                service_date: check.service_date,
                days,
                window_days,
            };
            let people = vec![request.participant_id];
            return Ok(Some(Found { evidence, about: people.clone(), subjects: people, facility: Some(check.facility_id) }));
        }
    }
    Ok(None)
}

fn window_of_requests(app: &App, now: UtcTime) -> (i64, UtcTime) {
    let window_days = app.settings.signals.requests_days;
    (window_days, now.minus(chrono::Duration::days(window_days)))
}

fn many_by_filer(app: &App, tx: &mut Tx, context: &Context, filer: BlindIndex, kind: FilerKind) -> Result<Option<Found>> {
    let threshold = match kind {
        FilerKind::Member => app.settings.signals.requests_per_member,
        FilerKind::RtRw | FilerKind::Dinsos | FilerKind::Officer => app.settings.signals.requests_per_officer,
    };
    let (window_days, since) = window_of_requests(app, context.now);
    let requests = enrollment_filers::count(tx, filer, since)?;
    if requests < threshold {
        return Ok(None);
    }
    let until = app.city.today(context.now);
    let evidence = Evidence::ManyRequests { by: FilerMark::Nik, account_id: None, requests, threshold, window_days, until };
    Ok(Some(Found { evidence, about: vec![filer.value], subjects: enrollment_filers::people(tx, filer, since)?, facility: None }))
}

fn many_by_account(app: &App, tx: &mut Tx, context: &Context, account: Id) -> Result<Option<Found>> {
    let (window_days, since) = window_of_requests(app, context.now);
    let threshold = app.settings.signals.requests_per_account;
    let requests = enrollment_filers::count_of_account(tx, account, since)?;
    if requests < threshold {
        return Ok(None);
    }
    let (by, until) = (FilerMark::Account, app.city.today(context.now));
    let evidence = Evidence::ManyRequests { by, account_id: Some(account), requests, threshold, window_days, until };
    let subjects = enrollment_filers::people_of_account(tx, account, since)?;
    Ok(Some(Found { evidence, about: vec![account], subjects, facility: None }))
}
