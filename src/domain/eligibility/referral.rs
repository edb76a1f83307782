//! The way through the Puskesmas: outpatients of a hospital come with a referral. Emergencies and inpatients are not asked.

use super::case::Case;
use super::facts::ReferralFacts;
use super::{RuleCode, RuleResult, Unit};
use crate::domain::referrals::{ReferralFit, ReferralSource};

fn asked(case: &Case) -> bool {
    case.rules.referral.required && case.hospital_outpatient()
}

pub(super) fn no_referral(case: &Case) -> RuleResult {
    let code = RuleCode::NoReferral;
    if !asked(case) {
        return RuleResult::not_applicable(code);
    }
    let Some(referral) = &case.facts.referral else { return RuleResult::fail(code).value("none") };
    match (referral.fit, referral.source) {
        (ReferralFit::NotFound | ReferralFit::OtherPerson | ReferralFit::OtherFacility, _) => RuleResult::fail(code).value(referral.fit.as_str()),
        (ReferralFit::Fits, _) if issued_later(case, referral) => RuleResult::fail(code).value("issued_later"),
        (ReferralFit::Fits, ReferralSource::Registry) => RuleResult::pass(code).value(referral.source.as_str()),
        // Nobody can look it up: the facility answers for it.
        (ReferralFit::Fits, ReferralSource::Paper | ReferralSource::Pcare) => RuleResult::warn(code).value(referral.source.as_str()),
    }
}

fn issued_later(case: &Case, referral: &ReferralFacts) -> bool {
    referral.issued_on.is_some_and(|issued| case.date() < issued)
}

pub(super) fn referral_expired(case: &Case) -> RuleResult {
    let code = RuleCode::ReferralExpired;
    let referral = match &case.facts.referral {
        Some(referral) if asked(case) && referral.fit != ReferralFit::NotFound && !issued_later(case, referral) => referral,
        Some(_) | None => return RuleResult::not_applicable(code),
    };
    let by_rule = |issued: chrono::NaiveDate| issued.checked_add_days(chrono::Days::new(case.rules.referral.valid_days.into()));
    // Its writer may shorten what the rules give, not lengthen it.
    let Some(until) = referral.valid_until.into_iter().chain(referral.issued_on.and_then(by_rule)).min() else { return RuleResult::unknown(code) };
    let result = RuleResult::pass_if(code, case.date() <= until);
    match referral.issued_on {
        Some(issued) => result.value((case.date() - issued).num_days()).limit((until - issued).num_days()).unit(Unit::Days),
        None => result.limit(until),
    }
}
