//! `AUT_REFERRAL_MISSING`: outpatient care of a hospital has a referral, where the rules ask for one. One of somebody else is told by
//! `AUT_REFERRAL_MISMATCH`.

use crate::domain::adjudication::{Case, Edit, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;
use crate::domain::referrals::ReferralFit;

pub const EDIT: Edit = Edit {
    code: "AUT_REFERRAL_MISSING",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::AdminNoReferral,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let is_anothers = case.coverage.referral.as_ref().is_some_and(|referral| match referral.fit {
        ReferralFit::OtherPerson | ReferralFit::OtherFacility => true,
        ReferralFit::Fits | ReferralFit::NotFound => false,
    });
    if !is_anothers {
        case.find_failing(&[RuleCode::NoReferral], "check_id", findings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::EditOutcome;
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
    fn a_visit_has_a_referral() {
        for (fit, found) in [
            (None, true),
            (Some(ReferralFit::NotFound), true),
            // It fits, but was written later.
            (Some(ReferralFit::Fits), true),
            (Some(ReferralFit::OtherPerson), false),
            (Some(ReferralFit::OtherFacility), false),
        ] {
            let found = if found { vec![(None, EditOutcome::Reject)] } else { vec![] };
            assert_eq!(referred(fit).found(EDIT.code), found, "{fit:?}");
            assert_eq!(referred(fit).saying(RuleCode::NoReferral, Outcome::Warn).found(EDIT.code), [], "{fit:?}");
        }
    }
}
