//! The scheme's own card, and the papers that stand for it. A check by NIK stands for KTP-el with KK, so it never asks for the card; a check by
//! card number always asks whether that card is ours.

use super::case::{Case, Known, Reach};
use super::facts::PersonFacts;
use super::{IdentifiedBy, Paper, RuleCode, RuleResult, Scalar, Source};
use crate::domain::cards::CardState;
use crate::domain::enrollments::{EnrollmentStanding, EnrollmentState};

pub(super) fn not_enrolled(case: &Case) -> RuleResult {
    let code = RuleCode::NotEnrolled;
    match (case.facts.identified_by, case.registry) {
        (IdentifiedBy::Nik | IdentifiedBy::Mother, _) => RuleResult::not_applicable(code),
        (IdentifiedBy::Card, Reach::Lost) => RuleResult::lost(code, Source::Registry),
        (IdentifiedBy::Card, reach @ (Reach::Here | Reach::Snapshot)) => shown_card(case, reach),
        (IdentifiedBy::Participant | IdentifiedBy::Kk, _) => case.of_person(code, |person, _| own_enrollment(case, person)),
    }
}

fn shown_card(case: &Case, reach: Reach) -> RuleResult {
    let code = RuleCode::NotEnrolled;
    // A card is its holder's: without a person it is nobody's card.
    let card = case.facts.card.as_ref().filter(|_| matches!(case.person, Known::Person(..)));
    let result = match card {
        // A card that is not in the snapshot may have been issued since.
        None if reach == Reach::Snapshot => RuleResult::unknown(code).value("not_found"),
        None => RuleResult::fail(code).value("not_found"),
        Some(card) if !card.active_on(case.date()) => RuleResult::fail(code).value(why_inactive(card)),
        // Somebody holds a card that was never printed: worth a look, and possibly a forgery.
        Some(card) if card.card_state == CardState::NotPrinted => RuleResult::warn(code).value(card.card_state.as_str()),
        Some(_) => RuleResult::pass(code).value(EnrollmentState::Active.as_str()),
    };
    result.limit(EnrollmentState::Active.as_str())
}

fn own_enrollment(case: &Case, person: &PersonFacts) -> RuleResult {
    let code = RuleCode::NotEnrolled;
    if !enrollment_asked(case, person) {
        return RuleResult::not_applicable(code);
    }
    let on_the_date = person.enrollments.iter().any(|enrollment| enrollment.active_on(case.date()));
    let value = if on_the_date { EnrollmentState::Active.as_str() } else { person.enrollments.last().map_or("none", why_inactive) };
    RuleResult::pass_if(code, on_the_date).value(value).limit(EnrollmentState::Active.as_str())
}

/// Papers stand for the card, and papers that nobody asked for lack nothing.
fn enrollment_asked(case: &Case, person: &PersonFacts) -> bool {
    case.rules.enrollment.required && lacking(case, Some(person)).is_some_and(|lacking| !lacking.is_empty())
}

fn why_inactive(enrollment: &EnrollmentStanding) -> &'static str {
    match (enrollment.state, enrollment.card_state) {
        (EnrollmentState::Active, CardState::Blocked) => CardState::Blocked.as_str(),
        (EnrollmentState::Active, CardState::NotPrinted | CardState::Printed | CardState::Delivered) => "not_issued_yet",
        (state, _) => state.as_str(),
    }
}

pub(super) fn card_suspended(case: &Case) -> RuleResult {
    let code = RuleCode::CardSuspended;
    match case.facts.identified_by {
        IdentifiedBy::Nik | IdentifiedBy::Mother => RuleResult::not_applicable(code),
        IdentifiedBy::Card if case.registry == Reach::Lost => RuleResult::lost(code, Source::Registry),
        IdentifiedBy::Card => none_suspended(case, case.facts.card.iter()),
        IdentifiedBy::Participant | IdentifiedBy::Kk => case.of_person(code, |person, _| {
            if enrollment_asked(case, person) { none_suspended(case, person.enrollments.iter()) } else { RuleResult::not_applicable(code) }
        }),
    }
}

/// One that counts makes up for one that is suspended.
fn none_suspended<'a>(case: &Case, enrollments: impl Iterator<Item = &'a EnrollmentStanding>) -> RuleResult {
    let code = RuleCode::CardSuspended;
    let mut result = RuleResult::not_applicable(code);
    for enrollment in enrollments {
        if enrollment.active_on(case.date()) {
            return RuleResult::pass(code);
        }
        if enrollment.state == EnrollmentState::Suspended {
            result = RuleResult::fail(code).value(enrollment.ended_on);
        }
    }
    result
}

/// What is lacking of the papers that everyone shows; none where papers were not asked.
fn lacking(case: &Case, person: Option<&PersonFacts>) -> Option<Vec<Paper>> {
    let shown = case.papers()?;
    let papers = &case.rules.papers;
    let too_young = person.and_then(|person| person.age_years).is_some_and(|age| age < papers.ktp_el_from_age);
    Some(papers.accepted.lacking(shown, if too_young { &[Paper::KtpEl] } else { &[] }))
}

pub(super) fn papers_missing(case: &Case) -> RuleResult {
    let code = RuleCode::PapersMissing;
    let person = match &case.person {
        Known::Person(person, _) => Some(*person),
        Known::Nobody => return RuleResult::not_applicable(code),
        Known::Untold => None,
    };
    // A group with papers of its own is asked for those, by SPECIAL_GROUP.
    if case.groups().any(|(_, group)| group.stands_for.contains(&code)) {
        return RuleResult::not_applicable(code);
    }
    let card_counts = case.facts.card.is_some_and(|card| card.active_on(case.date()));
    if case.rules.papers.card_suffices && case.facts.identified_by == IdentifiedBy::Card && card_counts {
        return RuleResult::pass(code).value("card");
    }
    match lacking(case, person) {
        None => RuleResult::not_applicable(code),
        Some(lacking) => RuleResult::pass_if(code, lacking.is_empty()).value(Scalar::list(lacking.into_iter().map(Paper::as_str))),
    }
}
