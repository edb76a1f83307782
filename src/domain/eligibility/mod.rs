//! Eligibility: may this person be treated here, on this date, at the scheme's expense?
//!
//! `decide` is the one decision function: for a check, a trial, a letter and a claim. Every rule is judged, none hides another.
//! To add a rule: its code in `vocabulary`, its field and outcomes in `rule_code`, its function in the file of its family, its texts.

mod answer;
mod case;
mod circumstances;
mod enrolment;
mod facts;
mod identity;
mod insurance;
mod lists;
mod newborns;
mod place;
mod precedence;
mod referral;
mod residence;
mod rule_code;
mod services;
mod vocabulary;

#[cfg(test)]
pub(in crate::domain) mod tests;

pub use answer::{Answer, RuleResult, Scalar};
pub use facts::{
    FACTS_VERSION, FacilityFacts, Facts, IdentityFacts, MotherFacts, NewbornFacts, PersonFacts, PopulationFacts, ReferralFacts, SourceStanding,
    ToldFacts,
};
pub use lists::{Excluded, Exclusion, Lists};
pub use vocabulary::{
    CareType, Decision, IdentifiedBy, IdentityMatch, InjuryCause, Outcome, Paper, PlacementReason, RuleCode, Source, SpecialGroup, Unit, WardClass,
};

use case::Case;

use crate::domain::rule_sets::RuleSet;
use crate::domain::time::UtcTime;

/// The number of this decision function. From the first release on, a change that alters any recorded answer gets a new number, and the code of the
/// old one stays.
pub const ENGINE: u32 = 1;

/// Judges every rule and decides. The same facts under the same rules and lists always give the same answer.
pub fn decide(rules: &RuleSet, lists: &Lists, facts: &Facts) -> Answer {
    let case = Case::new(rules, lists, facts);
    let mut results = Vec::with_capacity(RuleCode::ALL.len());
    for code in RuleCode::ALL {
        let result = judge(*code, &case, &results);
        results.push(result);
    }
    if facts.granted_on_review {
        precedence::set_aside(&mut results);
    }
    let decision = precedence::decision(&case, &results);
    let last_day = facts.service_date.checked_add_days(chrono::Days::new(rules.answer_valid_days.into())).unwrap_or(facts.service_date);
    Answer {
        decision,
        rule_set: rules.code.clone(),
        rules: results,
        valid_until: UtcTime::end_of_date(last_day, facts.utc_offset()),
        complete_by: (decision == Decision::Provisional).then(|| rules.complete_by(facts.asked_at)),
    }
}

fn judge(code: RuleCode, case: &Case, so_far: &[RuleResult]) -> RuleResult {
    match code {
        RuleCode::NikFormat => identity::nik_format(case),
        RuleCode::NikNotFound => identity::nik_not_found(case),
        RuleCode::NikInactive => identity::nik_inactive(case),
        RuleCode::DuplicateRecord => identity::duplicate_record(case),
        RuleCode::MergedRecord => identity::merged_record(case),
        RuleCode::ParticipantSuspended => identity::participant_suspended(case),
        RuleCode::TemporaryIdentity => identity::temporary_identity(case),
        RuleCode::NewbornCovered => newborns::newborn_covered(case),
        RuleCode::IdentityDiffers => identity::identity_differs(case),
        RuleCode::PopulationDiffers => identity::population_differs(case),
        RuleCode::Deceased => identity::deceased(case),
        RuleCode::MovedOut => identity::moved_out(case),
        RuleCode::NotResident => residence::not_resident(case),
        RuleCode::ResidencyTooShort => residence::residency_too_short(case),
        RuleCode::JknActive => insurance::jkn_active(case),
        RuleCode::NotEnrolled => enrolment::not_enrolled(case),
        RuleCode::CardSuspended => enrolment::card_suspended(case),
        RuleCode::PapersMissing => enrolment::papers_missing(case),
        RuleCode::SpecialGroup => circumstances::special_group(case),
        RuleCode::IncomeAboveLimit => circumstances::income_above_limit(case),
        RuleCode::NoReferral => referral::no_referral(case),
        RuleCode::ReferralExpired => referral::referral_expired(case),
        RuleCode::ClassNotCovered => place::class_not_covered(case),
        RuleCode::FacilityNotContracted => place::facility_not_contracted(case),
        RuleCode::FacilityNotGovernment => place::facility_not_government(case),
        RuleCode::PrimaryCareDiagnosis => services::primary_care_diagnosis(case),
        RuleCode::ServiceExcluded => services::service_excluded(case),
        RuleCode::RegistryDown => precedence::registry_down(case),
        RuleCode::PopulationDown => precedence::population_down(case),
        RuleCode::JknDown => precedence::jkn_down(case),
        RuleCode::EmergencyProvisional => precedence::emergency_provisional(case, so_far),
        RuleCode::ReviewGranted => precedence::review_granted(case),
    }
}
