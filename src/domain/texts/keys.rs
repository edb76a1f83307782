//! The keys that the rules need, each with the placeholders that it may use.

use std::collections::BTreeMap;

use super::rule_set::KEYS as RULE_SET_KEYS;
use crate::domain::cards::CardState;
use crate::domain::eligibility::{
    CareType, Decision, IdentityMatch, InjuryCause, Outcome, Paper, PlacementReason, RuleCode, Source, SpecialGroup, WardClass,
};
use crate::domain::enrollments::EnrollmentState;
use crate::domain::facilities::FacilityKind;
use crate::domain::jkn::{JknSegment, JknState};
use crate::domain::nik::NikOddity;
use crate::domain::participants::{ParticipantState, Sex};
use crate::domain::referrals::{ReferralFit, ReferralSource};

/// The sections that this folder checks. Those of others (problems, faults) are checked by who uses them.
pub(super) const SECTIONS: [&str; 5] = ["rules", "nik_oddities", "words", "months", "rule_set"];

/// Words that rules answer with and that belong to no vocabulary.
const OTHER_WORDS: [&str; 14] = [
    "any",
    "birth_date",
    "card",
    "contracted",
    "government",
    "issued_later",
    "name",
    "none",
    "not_found",
    "not_issued_yet",
    "not_known",
    "own",
    "private",
    "private_without_reason",
];

/// A number with what it counts: one, and several.
const COUNTED: [&str; 6] = ["month", "months", "day", "days", "hour", "hours"];

/// Every needed key with the placeholders that it may use.
pub(super) fn needed() -> BTreeMap<String, &'static [&'static str]> {
    let mut keys = BTreeMap::new();
    for code in RuleCode::ALL {
        keys.insert(format!("rules.{code}.name"), &[] as &[&str]);
        for outcome in code.outcomes() {
            keys.insert(format!("rules.{code}.{outcome}.message"), &["value", "limit"]);
            if has_remedy(*outcome) {
                keys.insert(format!("rules.{code}.{outcome}.remedy"), &["value", "limit"]);
            }
        }
    }
    for oddity in NikOddity::ALL {
        keys.insert(format!("nik_oddities.{oddity}.message"), &[]);
        keys.insert(format!("nik_oddities.{oddity}.remedy"), &[]);
    }
    keys.extend(words().map(|word| (format!("words.{word}"), &[] as &[&str])));
    keys.extend(COUNTED.map(|word| (format!("words.{word}"), &["count"] as &[&str])));
    keys.extend((1..=12).map(|month| (format!("months.{month:02}"), &[] as &[&str])));
    keys.extend(RULE_SET_KEYS.iter().map(|(key, placeholders)| (format!("rule_set.{key}"), *placeholders)));
    keys
}

/// Only what a reader can do something about has a remedy.
pub(super) const fn has_remedy(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Fail | Outcome::Warn | Outcome::Unknown => true,
        Outcome::Pass | Outcome::NotApplicable => false,
    }
}

fn words() -> impl Iterator<Item = &'static str> {
    macro_rules! words_of {
        ($($name:ident),+ $(,)?) => { std::iter::empty()$(.chain($name::ALL.iter().map(|word| word.as_str())))+ };
    }
    words_of!(
        CardState,
        CareType,
        Decision,
        EnrollmentState,
        FacilityKind,
        InjuryCause,
        IdentityMatch,
        JknSegment,
        JknState,
        Outcome,
        Paper,
        ParticipantState,
        PlacementReason,
        ReferralFit,
        ReferralSource,
        Sex,
        Source,
        SpecialGroup,
        WardClass,
    )
    .chain(OTHER_WORDS)
}
