//! `AUT_REFERRAL_MISMATCH`: the referral is of another patient, or to another hospital.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;
use crate::domain::referrals::ReferralFit;

pub const EDIT: Edit = Edit {
    code: "AUT_REFERRAL_MISMATCH",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::AdminNoReferral,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if !case.coverage.fails(RuleCode::NoReferral) {
        return;
    }
    let fit = case.coverage.referral.as_ref().map(|referral| referral.fit);
    if let Some(fit @ (ReferralFit::OtherPerson | ReferralFit::OtherFacility)) = fit {
        findings.claim(EditOutcome::Pend, "check_id", fit, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::{Outcome, ReferralFacts};
    use crate::domain::referrals::ReferralSource;

    fn referred(fit: Option<ReferralFit>) -> Fixture {
        let mut fixture = Fixture::outpatient().saying(RuleCode::NoReferral, Outcome::Fail);
        let told = |fit| ReferralFacts {
            source: ReferralSource::Registry,
            fit,
            from_facility_code: None,
            issued_on: None,
            valid_until: None,
            diagnosis: None,
        };
        fixture.coverage.referral = fit.map(told);
        fixture
    }

    #[test]
    fn a_referral_of_others_is_looked_at() {
        for (fit, found) in
            [(None, false), (Some(ReferralFit::NotFound), false), (Some(ReferralFit::OtherPerson), true), (Some(ReferralFit::OtherFacility), true)]
        {
            assert_eq!(referred(fit).found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{fit:?}");
            // Where the rules do not ask, it does not matter.
            assert_eq!(referred(fit).saying(RuleCode::NoReferral, Outcome::NotApplicable).found(EDIT.code), [], "{fit:?}");
        }
    }
}
