//! Does the person live in the city, and for long enough? From the population database, never from the NIK.

use super::case::Case;
use super::facts::PersonFacts;
use super::newborns::stays;
use super::{RuleCode, RuleResult, Unit};
use crate::domain::residency::resident_since;
use crate::domain::time::full_months;

/// Nothing is known of where a patient without identity lives; that alone is told by TEMPORARY_IDENTITY.
fn unasked(case: &Case, code: RuleCode, person: &PersonFacts) -> bool {
    (person.temporary && person.newborn.is_none() && person.residency.is_empty()) || case.answered_by_group(code)
}

pub(super) fn not_resident(case: &Case) -> RuleResult {
    let code = RuleCode::NotResident;
    case.of_person(code, |person, _| {
        if unasked(case, code, person) {
            return RuleResult::not_applicable(code);
        }
        match resident_since(stays(case, person), &case.rules.residence.city, case.date()) {
            Some(since) => RuleResult::pass(code).value(since),
            None => RuleResult::fail(code),
        }
    })
}

pub(super) fn residency_too_short(case: &Case) -> RuleResult {
    let code = RuleCode::ResidencyTooShort;
    case.of_person(code, |person, _| {
        let since = resident_since(stays(case, person), &case.rules.residence.city, case.date());
        match since {
            Some(since) if !unasked(case, code, person) => {
                let (months, needed) = (full_months(since, case.date()), case.rules.residence.min_months);
                RuleResult::pass_if(code, months >= i64::from(needed)).value(months).limit(needed).unit(Unit::Months)
            }
            Some(_) | None => RuleResult::not_applicable(code),
        }
    })
}
