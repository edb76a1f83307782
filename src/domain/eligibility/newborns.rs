//! Newborns: covered through the mother at first, then for a while with a warning, and then only with a NIK of their own.

use chrono::{Months, NaiveDate};

use super::case::Case;
use super::facts::{NewbornFacts, PersonFacts};
use super::{RuleCode, RuleResult, Unit};
use crate::domain::participants::{ParticipantState, Standing};
use crate::domain::residency::ResidencyPeriod;
use crate::domain::time::full_months;

/// The days of life on the date of service; none before birth.
fn age_days(case: &Case, newborn: &NewbornFacts) -> Option<i64> {
    Some((case.date() - newborn.born).num_days()).filter(|days| *days >= 0)
}

/// The child while its mother's standing is its own.
pub(super) fn through_mother<'a>(case: &Case, person: &'a PersonFacts) -> Option<&'a NewbornFacts> {
    let newborn = person.newborn.as_ref()?;
    let days = age_days(case, newborn)?;
    (days <= i64::from(case.rules.newborn.through_mother_days)).then_some(newborn)
}

/// Is this a child too young to be asked for a NIK?
pub(super) fn needs_no_nik(case: &Case, person: &PersonFacts) -> bool {
    person.newborn.as_ref().is_some_and(|newborn| newborn.born <= case.date() && case.date() <= nik_due(case, newborn))
}

fn nik_due(case: &Case, newborn: &NewbornFacts) -> NaiveDate {
    newborn.born.checked_add_months(Months::new(case.rules.newborn.nik_after_months)).unwrap_or(NaiveDate::MAX)
}

/// Where a person counts as living. Nobody has lived here for longer than they have lived: until a child could have, its mother's stay is its own.
pub(super) fn stays<'a>(case: &Case, person: &'a PersonFacts) -> &'a std::collections::BTreeSet<ResidencyPeriod> {
    match &person.newborn {
        Some(newborn) if newborn.born <= case.date() && (needs_no_nik(case, person) || could_not_have_stayed(case, newborn)) => {
            &newborn.mother.residency
        }
        Some(_) | None => &person.residency,
    }
}

fn could_not_have_stayed(case: &Case, newborn: &NewbornFacts) -> bool {
    full_months(newborn.born, case.date()) < i64::from(case.rules.residence.min_months)
}

/// What of the mother's standing the child has as well. That she died in or after childbirth takes nothing from it.
fn against_mother(case: &Case, newborn: &NewbornFacts) -> Option<ParticipantState> {
    let standing = Standing::on(case.date(), false, &newborn.mother.events);
    [
        (standing.deceased.is_some_and(|died| died < newborn.born), ParticipantState::Deceased),
        (standing.moved_out.is_some(), ParticipantState::MovedOut),
        (standing.nik_inactive.is_some(), ParticipantState::NikInactive),
        (standing.suspended.is_some(), ParticipantState::Suspended),
    ]
    .into_iter()
    .find_map(|(holds, state)| holds.then_some(state))
}

pub(super) fn newborn_covered(case: &Case) -> RuleResult {
    let code = RuleCode::NewbornCovered;
    let terms = &case.rules.newborn;
    case.of_person(code, |person, _| {
        let Some(newborn) = &person.newborn else { return RuleResult::not_applicable(code) };
        let Some(days) = age_days(case, newborn) else { return RuleResult::not_applicable(code) };
        if through_mother(case, person).is_some() {
            return match against_mother(case, newborn) {
                Some(state) => RuleResult::fail(code).value(state.as_str()).limit(terms.nik_after_months).unit(Unit::Months),
                None => RuleResult::pass(code).value(days).limit(terms.through_mother_days).unit(Unit::Days),
            };
        }
        if !person.temporary || case.answered_by_group(RuleCode::TemporaryIdentity) {
            RuleResult::not_applicable(code)
        } else if needs_no_nik(case, person) {
            RuleResult::warn(code).value(days).limit(terms.through_mother_days).unit(Unit::Days)
        } else {
            RuleResult::fail(code).value(full_months(newborn.born, case.date())).limit(terms.nik_after_months).unit(Unit::Months)
        }
    })
}
