//! `MBR_DUPLICATE_PERSON`: the patient is likely, or was found to be, registered twice.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "MBR_DUPLICATE_PERSON",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Eligibility, Scope::Claim, Scope::Nightly],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.person.likely_duplicate || case.coverage.fails(RuleCode::DuplicateRecord) {
        findings.claim(EditOutcome::Pend, "check_id", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn a_second_registration_is_looked_at() {
        let mut fixture = Fixture::clean();
        fixture.person.likely_duplicate = true;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
        assert_eq!(Fixture::clean().saying(RuleCode::DuplicateRecord, Outcome::Fail).found(EDIT.code), [(None, EditOutcome::Pend)]);
        assert_eq!(Fixture::clean().saying(RuleCode::DuplicateRecord, Outcome::Unknown).found(EDIT.code), []);
    }
}
