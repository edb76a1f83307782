//! `MBR_NOT_FOUND`: nobody is paid for who is not in the register; who has no NIK yet is looked at.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "MBR_NOT_FOUND",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    case.find_failing(&[RuleCode::NikNotFound], "check_id", findings);
    if case.coverage.is_unknown(RuleCode::TemporaryIdentity) {
        findings.claim(EditOutcome::Pend, "check_id", RuleCode::TemporaryIdentity, case.bill.admitted_on);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn a_patient_is_in_the_register() {
        for (rule, outcome, found) in [
            (RuleCode::NikNotFound, Outcome::Fail, Some(EditOutcome::Reject)),
            (RuleCode::NikNotFound, Outcome::NotApplicable, None),
            (RuleCode::TemporaryIdentity, Outcome::Unknown, Some(EditOutcome::Pend)),
            (RuleCode::TemporaryIdentity, Outcome::NotApplicable, None),
        ] {
            let fixture = Fixture::outpatient().saying(rule, outcome);
            assert_eq!(fixture.found(EDIT.code), Vec::from_iter(found.map(|found| (None, found))), "{rule} {outcome}");
        }
    }
}
