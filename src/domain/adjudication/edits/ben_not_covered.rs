//! `BEN_NOT_COVERED`: the service is not in the package on the day of care, by the rule of the checks run again for this claim.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "BEN_NOT_COVERED",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::ExcludedService,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.coverage.fails(RuleCode::ServiceExcluded) {
        let diagnosis = case.bill.principal().map_or("", |code| code.as_str());
        findings.claim(EditOutcome::Reject, "diagnoses", diagnosis, case.bill.admitted_on);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn only_a_rule_that_fails_refuses() {
        for (outcome, found) in [(Outcome::Fail, true), (Outcome::Warn, false), (Outcome::Unknown, false), (Outcome::NotApplicable, false)] {
            let mut fixture = Fixture::clean();
            fixture.coverage.outcomes.insert(RuleCode::ServiceExcluded, outcome);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{outcome}");
        }
    }
}
