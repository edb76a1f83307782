//! `MBR_DEMOGRAPHIC_MISMATCH`: the name or birth date that the hospital was told is not that of the register: a typing error, or somebody else.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "MBR_DEMOGRAPHIC_MISMATCH",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.coverage.is_unknown(RuleCode::IdentityDiffers) {
        findings.claim(EditOutcome::Pend, "check_id", RuleCode::IdentityDiffers, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn a_name_that_differs_is_looked_at() {
        assert_eq!(Fixture::clean().saying(RuleCode::IdentityDiffers, Outcome::Unknown).found(EDIT.code), [(None, EditOutcome::Pend)]);
        assert_eq!(Fixture::clean().saying(RuleCode::IdentityDiffers, Outcome::NotApplicable).found(EDIT.code), []);
    }
}
