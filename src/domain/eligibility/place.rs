//! Where and how: the ward's class, the facility's contract, and government hospitals first.

use super::case::Case;
use super::{CareType, RuleCode, RuleResult, Scalar, WardClass};
use crate::domain::rule_sets::GovernmentFirst;
use crate::domain::time::DateRange;

pub(super) fn class_not_covered(case: &Case) -> RuleResult {
    let code = RuleCode::ClassNotCovered;
    let covered = &case.rules.ward.covered;
    let result = match (case.facts.ward_class, case.facts.care_type) {
        (Some(class), _) => RuleResult::pass_if(code, covered.contains(&class)).value(class.as_str()),
        // Only an inpatient lies in a ward; who does must say in which.
        (None, CareType::Inpatient) => RuleResult::unknown(code),
        (None, CareType::Primary | CareType::Outpatient | CareType::Emergency) => return RuleResult::not_applicable(code),
    };
    result.limit(Scalar::list(covered.iter().map(|class: &WardClass| class.as_str())))
}

pub(super) fn facility_not_contracted(case: &Case) -> RuleResult {
    let code = RuleCode::FacilityNotContracted;
    let (facility, terms) = (&case.facts.facility, &case.rules.facility);
    if facility.contracts.iter().any(|contract| contract.contains(case.date())) {
        return RuleResult::pass(code).value("contracted");
    }
    if terms.own_kinds.contains(&facility.kind) && facility.government && facility.inside_city {
        return RuleResult::pass(code).value("own");
    }
    if case.emergency() && terms.emergency_exempt {
        return RuleResult::not_applicable(code);
    }
    let ended = |contract: &DateRange| contract.to.filter(|to| *to < case.date());
    let last = facility.contracts.iter().filter_map(ended).max();
    RuleResult::fail(code).value(last.map_or("none".into(), Scalar::from)).limit(case.date())
}

pub(super) fn facility_not_government(case: &Case) -> RuleResult {
    let code = RuleCode::FacilityNotGovernment;
    let (facility, terms) = (&case.facts.facility, &case.rules.facility);
    // Whoever takes in patients for the night is asked what a hospital is asked.
    let asked = terms.government_kinds.contains(&facility.kind) || case.facts.care_type == CareType::Inpatient;
    if terms.government_first == GovernmentFirst::NotAsked || !asked {
        return RuleResult::not_applicable(code);
    }
    if facility.government {
        return RuleResult::pass(code).value("government").limit("government");
    }
    if case.emergency() && terms.emergency_exempt {
        return RuleResult::not_applicable(code);
    }
    let result = match (terms.government_first, case.facts.told.placement_reason) {
        (GovernmentFirst::NotAsked, _) => return RuleResult::not_applicable(code),
        (GovernmentFirst::WarnWithoutReason | GovernmentFirst::FailWithoutReason, Some(reason)) => RuleResult::pass(code).value(reason.as_str()),
        (GovernmentFirst::WarnWithoutReason, None) => RuleResult::warn(code).value("private"),
        (GovernmentFirst::FailWithoutReason, None) => RuleResult::fail(code).value("private_without_reason"),
        (GovernmentFirst::Only, _) => RuleResult::fail(code).value("private"),
    };
    result.limit("government")
}
