//! `MBR_WAITING_PERIOD`: the patient had lived in the city for as long as the rules ask.

use crate::domain::adjudication::{Case, Edit, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "MBR_WAITING_PERIOD",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    case.find_failing(&[RuleCode::ResidencyTooShort], "admitted_on", findings);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::EditOutcome;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn who_came_too_late_is_refused() {
        for rule in [RuleCode::ResidencyTooShort] {
            for (outcome, found) in [(Outcome::Fail, true), (Outcome::Warn, false), (Outcome::Unknown, false), (Outcome::NotApplicable, false)] {
                let fixture = Fixture::outpatient().saying(rule, outcome);
                assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{rule} {outcome}");
            }
        }
    }
}
