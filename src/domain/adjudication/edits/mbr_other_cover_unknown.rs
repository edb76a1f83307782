//! `MBR_OTHER_COVER_UNKNOWN`: nobody could tell whether JKN covers the patient.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "MBR_OTHER_COVER_UNKNOWN",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::DoubleFunded,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if let Some(rule) = [RuleCode::JknActive, RuleCode::JknDown].into_iter().find(|rule| case.coverage.is_unknown(*rule)) {
        findings.claim(EditOutcome::Pend, "admitted_on", rule, case.bill.admitted_on);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn what_could_not_be_asked_is_looked_at() {
        for rule in [RuleCode::JknActive, RuleCode::JknDown] {
            assert_eq!(Fixture::clean().saying(rule, Outcome::Unknown).found(EDIT.code), [(None, EditOutcome::Pend)], "{rule}");
            assert_eq!(Fixture::clean().saying(rule, Outcome::NotApplicable).found(EDIT.code), [], "{rule}");
        }
    }
}
