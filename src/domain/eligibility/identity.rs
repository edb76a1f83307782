//! Is there such a person, is it this one, and does anything stand against the record on the date?

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::case::{Case, Known, Reach};
use super::newborns::needs_no_nik;
use super::{IdentifiedBy, IdentityMatch, RuleCode, RuleResult, Scalar, Source};
use crate::domain::participants::Standing;
use crate::domain::population_office::{Compared, Verdict};

/// Oddities of the NIK warn and never refuse: it does not follow a corrected birth date, and old district codes stay for life.
pub(super) fn nik_format(case: &Case) -> RuleResult {
    let code = RuleCode::NikFormat;
    let oddities = &case.facts.nik_oddities;
    if !oddities.is_empty() {
        return RuleResult::warn(code).value(Scalar::list(oddities.iter().map(|oddity| oddity.as_str())));
    }
    match (case.facts.identified_by, &case.person) {
        (IdentifiedBy::Nik, _) => RuleResult::pass(code),
        (_, Known::Person(person, _)) if !person.temporary => RuleResult::pass(code),
        (_, Known::Person(..) | Known::Nobody | Known::Untold) => RuleResult::not_applicable(code),
    }
}

pub(super) fn nik_not_found(case: &Case) -> RuleResult {
    let code = RuleCode::NikNotFound;
    match (&case.person, case.facts.identified_by) {
        (Known::Untold, _) => RuleResult::lost(code, Source::Registry),
        // An unknown card is told by NOT_ENROLLED.
        (Known::Nobody, IdentifiedBy::Card) => RuleResult::not_applicable(code),
        // Whoever is not in the snapshot may have been registered since.
        (Known::Nobody, _) if case.registry == Reach::Snapshot => RuleResult::unknown(code),
        (Known::Nobody, IdentifiedBy::Nik | IdentifiedBy::Participant | IdentifiedBy::Kk | IdentifiedBy::Mother) => RuleResult::fail(code),
        // A temporary identity exists because there is no NIK to find.
        (Known::Person(person, _), _) if person.temporary => RuleResult::not_applicable(code),
        (Known::Person(..), _) => RuleResult::pass(code),
    }
}

/// A rule that one mark in a person's standing breaks.
fn unmarked(case: &Case, code: RuleCode, since: impl FnOnce(&Standing) -> Option<NaiveDate>) -> RuleResult {
    case.of_person(code, |_, standing| match since(standing) {
        Some(date) => RuleResult::fail(code).value(date),
        None => RuleResult::pass(code),
    })
}

pub(super) fn nik_inactive(case: &Case) -> RuleResult {
    unmarked(case, RuleCode::NikInactive, |standing| standing.nik_inactive)
}

pub(super) fn duplicate_record(case: &Case) -> RuleResult {
    unmarked(case, RuleCode::DuplicateRecord, |standing| standing.duplicate)
}

pub(super) fn merged_record(case: &Case) -> RuleResult {
    unmarked(case, RuleCode::MergedRecord, |standing| standing.merged)
}

pub(super) fn participant_suspended(case: &Case) -> RuleResult {
    unmarked(case, RuleCode::ParticipantSuspended, |standing| standing.suspended)
}

pub(super) fn moved_out(case: &Case) -> RuleResult {
    unmarked(case, RuleCode::MovedOut, |standing| standing.moved_out)
}

/// Care on the day of death was given to a living person: it warns, and refuses from the next day.
pub(super) fn deceased(case: &Case) -> RuleResult {
    let code = RuleCode::Deceased;
    case.of_person(code, |_, standing| match standing.deceased {
        Some(died) if died < case.date() => RuleResult::fail(code).value(died),
        Some(died) => RuleResult::warn(code).value(died),
        None => RuleResult::pass(code),
    })
}

pub(super) fn temporary_identity(case: &Case) -> RuleResult {
    let code = RuleCode::TemporaryIdentity;
    case.of_person(code, |person, _| {
        if !person.temporary {
            RuleResult::pass(code)
        } else if needs_no_nik(case, person) || case.answered_by_group(code) {
            RuleResult::not_applicable(code)
        } else {
            RuleResult::unknown(code)
        }
    })
}

/// A name or birth date that differs may be a typing error or another person: nobody here can tell.
pub(super) fn identity_differs(case: &Case) -> RuleResult {
    let code = RuleCode::IdentityDiffers;
    case.of_person(code, |_, _| {
        let identity = case.facts.identity;
        let compared = [("name", identity.name), ("birth_date", identity.birth_date)];
        let that_are = |wanted: IdentityMatch| Scalar::list(compared.into_iter().filter(move |(_, found)| *found == wanted).map(|(what, _)| what));
        match (that_are(IdentityMatch::Differs), that_are(IdentityMatch::Same)) {
            (Scalar::None, Scalar::None) => RuleResult::not_applicable(code),
            (Scalar::None, same) => RuleResult::pass(code).value(same),
            (differs, _) => RuleResult::unknown(code).value(differs),
        }
    })
}

/// The population office says that something does not agree. It warns and never refuses: a mismatch does not block service, and only what a person has
/// recorded as an event (inactive, deceased) changes how the register stands.
pub(super) fn population_differs(case: &Case) -> RuleResult {
    let code = RuleCode::PopulationDiffers;
    let Some(population) = &case.facts.population else { return RuleResult::not_applicable(code) };
    if case.population == Reach::Lost {
        return RuleResult::lost(code, Source::Population);
    }
    population.verdict.map_or_else(|| RuleResult::not_applicable(code), |verdict| RuleResult::of_population(verdict, &population.differing))
}

impl RuleResult {
    /// What the rule says of a word of the office; registration tells it with the same texts.
    pub fn of_population(verdict: Verdict, differing: &BTreeSet<Compared>) -> Self {
        let code = RuleCode::PopulationDiffers;
        match verdict {
            Verdict::Match => Self::pass(code),
            Verdict::Differs => Self::warn(code).value(Scalar::list(differing.iter().map(|field| field.as_str()))),
            Verdict::NotFound | Verdict::Inactive | Verdict::Deceased => Self::warn(code).value(verdict.as_str()),
        }
    }
}
