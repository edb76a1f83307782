//! `MBR_NOT_ACTIVE`: on the day of care, not on that of the claim, the scheme covered the patient.

use crate::domain::adjudication::{Case, Edit, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "MBR_NOT_ACTIVE",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    case.find_failing(
        &[
            RuleCode::NikInactive,
            RuleCode::ParticipantSuspended,
            RuleCode::NotEnrolled,
            RuleCode::CardSuspended,
            RuleCode::PapersMissing,
            RuleCode::SpecialGroup,
            RuleCode::IncomeAboveLimit,
        ],
        "admitted_on",
        findings,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::EditOutcome;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn who_was_not_covered_is_refused() {
        for rule in [
            RuleCode::NikInactive,
            RuleCode::ParticipantSuspended,
            RuleCode::NotEnrolled,
            RuleCode::CardSuspended,
            RuleCode::PapersMissing,
            RuleCode::SpecialGroup,
            RuleCode::IncomeAboveLimit,
        ] {
            for (outcome, found) in [(Outcome::Fail, true), (Outcome::Warn, false), (Outcome::Unknown, false), (Outcome::NotApplicable, false)] {
                let fixture = Fixture::outpatient().saying(rule, outcome);
                assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{rule} {outcome}");
            }
        }
    }
}
