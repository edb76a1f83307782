//! `AUT_REFERRAL_EXPIRED`: the referral was still good on the day of care.

use crate::domain::adjudication::{Case, Edit, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "AUT_REFERRAL_EXPIRED",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::AdminNoReferral,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    case.find_failing(&[RuleCode::ReferralExpired], "check_id", findings);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::EditOutcome;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn an_old_referral_is_none() {
        for (outcome, found) in [(Outcome::Fail, true), (Outcome::Unknown, false), (Outcome::NotApplicable, false)] {
            let fixture = Fixture::outpatient().saying(RuleCode::ReferralExpired, outcome);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{outcome}");
        }
    }
}
