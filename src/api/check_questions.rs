//! From a request to a question for the desk: every fault of the request at once.

use std::sync::Arc;

use chrono::{Days, NaiveDate};

use super::eligibility_checks::CheckRequest;
use super::guard::Asked;
use crate::domain::eligibility::ToldFacts;
use crate::domain::facilities::Facility;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::nik::Nik;
use crate::domain::referrals::ReferralSource;
use crate::domain::rupiah::Rupiah;
use crate::domain::texts::Language;
use crate::error::{Error, Fault, Result};
use crate::service::check_questions::{Brought, Key, Question, Who};
use crate::service::{App, card_tokens};
use crate::store::eligibility_checks::Offline;

pub fn question(app: &App, asked: &Asked, language: Language, key: Option<Key>, request: CheckRequest) -> Result<Question> {
    let mut faults = Vec::new();
    let facility = facility(app, asked, request.facility_id).map_err(|fault| faults.push(fault)).ok();
    let who = who(app, &request, &mut faults);
    let today = app.city.today(asked.context.now);
    let service_date = request.service_date.unwrap_or(today);
    let retrospective = request.retrospective.unwrap_or(false);
    let (earliest, last) = askable(app, today, retrospective);
    if service_date < earliest || service_date > last {
        faults.push(Fault::at("/service_date", "SERVICE_DATE_OUT_OF_RANGE").with("from", earliest).with("to", last));
    }
    if request.birth_date.is_some_and(|born| born > service_date) {
        faults.push(Fault::at("/birth_date", "BORN_AFTER_SERVICE"));
    }
    let diagnosis = request.diagnosis_code.as_deref().and_then(|code| match code.parse::<Icd10Code>() {
        Ok(code) => Some(code),
        Err(_) => {
            faults.push(Fault::at("/diagnosis_code", "ICD10_FORMAT"));
            None
        }
    });
    let referral = brought(&request, &mut faults);
    let offline = request.recorded_offline_at.map(|recorded_at| Offline { recorded_at, reference: request.offline_reference.clone() });
    if offline.as_ref().is_some_and(|offline| offline.recorded_at > asked.context.now) {
        faults.push(Fault::at("/recorded_offline_at", "DATE_IN_FUTURE"));
    }
    if request.offline_reference.is_some() && offline.is_none() {
        faults.push(Fault::at("/recorded_offline_at", "FIELD_MISSING"));
    }
    let told = request.facts.unwrap_or_default();
    let (Some(facility), Some(who), true) = (facility, who, faults.is_empty()) else { return Err(Error::Invalid(faults)) };
    Ok(Question {
        context: asked.context.clone(),
        caller: asked.caller,
        facility,
        who,
        service_date,
        retrospective: service_date < today,
        care_type: request.care_type,
        ward_class: request.ward_class,
        diagnosis,
        referral,
        claimed_name: request.claimed_name.filter(|name| !name.trim().is_empty()),
        claimed_birth_date: request.claimed_birth_date,
        told: ToldFacts {
            monthly_income: told.monthly_income.map(Rupiah),
            special_group: told.special_group,
            placement_reason: told.placement_reason,
            injury_cause: told.injury_cause,
            papers: told.papers.map(|papers| papers.into_iter().collect()),
        },
        offline,
        language,
        override_of: None,
        key,
    })
}

/// The first and last date that may be asked about.
fn askable(app: &App, today: NaiveDate, retrospective: bool) -> (NaiveDate, NaiveDate) {
    let settings = &app.settings.checks;
    let first = app.city.rule_sets.first_date().unwrap_or(today);
    let earliest = match (retrospective, settings.past_days) {
        (false, _) => today,
        (true, 0) => first,
        // Further back than dates go is as far back as rules go.
        (true, days) => u64::try_from(days).ok().and_then(|days| today.checked_sub_days(Days::new(days))).map_or(first, |date| date.max(first)),
    };
    (earliest, today + chrono::Duration::days(settings.future_days))
}

/// Where the patient stands: the caller's own facility, or the one that a caller without one names.
fn facility(app: &App, asked: &Asked, named: Option<Id>) -> std::result::Result<Arc<Facility>, Fault> {
    let id = match (asked.caller.facility_id, named) {
        (Some(own), Some(other)) if own != other => return Err(Fault::at("/facility_id", "FACILITY_NOT_YOURS")),
        (Some(own), _) => own,
        (None, Some(named)) => named,
        (None, None) => return Err(Fault::at("/facility_id", "FACILITY_REQUIRED")),
    };
    app.memory.facility(id).ok_or_else(|| Fault::at("/facility_id", "FACILITY_UNKNOWN"))
}

/// Exactly one way of naming the person.
fn who(app: &App, request: &CheckRequest, faults: &mut Vec<Fault>) -> Option<Who> {
    let mut named = Vec::new();
    if let Some(nik) = &request.nik {
        match Nik::parse(nik) {
            Ok(nik) => named.push(Some(Who::Nik(nik))),
            Err(_) => {
                faults.push(Fault::at("/nik", "NIK_FORMAT"));
                named.push(None);
            }
        }
    }
    if let Some(number) = &request.card_number {
        // Typed or scanned. A number that no card can have is still asked for, so that a forged one is on record.
        named.push(Some(Who::Card(card_tokens::number_in(&app.pool.shared().keyring(), number))));
    }
    if let Some(id) = request.participant_id {
        named.push(Some(Who::Participant(id)));
    }
    if let Some(kk) = &request.kk_number {
        match KkNumber::parse(kk) {
            Ok(kk) => named.push(Some(Who::Family(kk))),
            Err(_) => {
                faults.push(Fault::at("/kk_number", "KK_FORMAT"));
                named.push(None);
            }
        }
        if request.claimed_birth_date.is_none() {
            faults.push(Fault::at("/claimed_birth_date", "FIELD_MISSING"));
        }
    }
    if let Some(newborn) = newborn(request, faults) {
        named.push(newborn);
    }
    match named.len() {
        1 => named.pop().flatten(),
        0 => {
            faults.push(Fault::at("", "PERSON_NOT_NAMED"));
            None
        }
        _ => {
            faults.push(Fault::at("", "PERSON_NAMED_TWICE"));
            None
        }
    }
}

/// A child by its mother; the inner `None` is one that is named wrongly.
fn newborn(request: &CheckRequest, faults: &mut Vec<Fault>) -> Option<Option<Who>> {
    let CheckRequest { mother_nik, birth_date, birth_order, .. } = request;
    if mother_nik.is_none() && birth_date.is_none() && birth_order.is_none() {
        return None;
    }
    let given = [("/mother_nik", mother_nik.is_some()), ("/birth_date", birth_date.is_some()), ("/birth_order", birth_order.is_some())];
    faults.extend(given.iter().filter(|(_, given)| !given).map(|(at, _)| Fault::at(*at, "FIELD_MISSING")));
    let mother = mother_nik.as_deref().and_then(|nik| Nik::parse(nik).map_err(|_| faults.push(Fault::at("/mother_nik", "NIK_FORMAT"))).ok());
    Some(mother.zip(*birth_date).zip(*birth_order).map(|((mother, born), order)| Who::Newborn { mother, born, order }))
}

fn brought(request: &CheckRequest, faults: &mut Vec<Fault>) -> Option<Brought> {
    match (&request.referral_number, request.referral_source) {
        (Some(number), None | Some(ReferralSource::Registry)) => Some(Brought::Number(number.trim().to_owned())),
        (_, Some(source @ (ReferralSource::Paper | ReferralSource::Pcare))) => {
            if request.issued_on.is_none() {
                faults.push(Fault::at("/issued_on", "FIELD_MISSING"));
            }
            Some(Brought::Told { source, from_facility_code: request.from_facility_code.clone(), issued_on: request.issued_on })
        }
        (None, Some(ReferralSource::Registry)) => {
            faults.push(Fault::at("/referral_number", "FIELD_MISSING"));
            None
        }
        (None, None) => None,
    }
}
