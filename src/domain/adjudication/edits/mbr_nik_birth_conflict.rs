//! `MBR_NIK_BIRTH_CONFLICT`: the birth date or sex within the NIK is not the registered one. Corrected birth dates leave the NIK as it is, so it is
//! only marked.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "MBR_NIK_BIRTH_CONFLICT",
    outcome: EditOutcome::Flag,
    scopes: &[Scope::Eligibility, Scope::Claim, Scope::Nightly],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.person.nik_differs {
        findings.claim(EditOutcome::Flag, "check_id", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn a_nik_that_says_otherwise_is_marked() {
        let mut fixture = Fixture::clean();
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.person.nik_differs = true;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Flag)]);
    }
}
