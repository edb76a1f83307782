//! `MBR_NIK_SUPERSEDED`: the check was asked by a former NIK, or by a record that was merged into another: it counts for the person who has it now.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::RuleCode;

pub const EDIT: Edit = Edit {
    code: "MBR_NIK_SUPERSEDED",
    outcome: EditOutcome::Flag,
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.person.superseded || case.coverage.fails(RuleCode::MergedRecord) {
        findings.claim(EditOutcome::Flag, "check_id", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::Outcome;

    #[test]
    fn a_former_record_is_marked() {
        let mut fixture = Fixture::clean();
        fixture.person.superseded = true;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Flag)]);
        assert_eq!(Fixture::clean().saying(RuleCode::MergedRecord, Outcome::Fail).found(EDIT.code), [(None, EditOutcome::Flag)]);
        assert_eq!(Fixture::clean().saying(RuleCode::MergedRecord, Outcome::Unknown).found(EDIT.code), []);
    }
}
