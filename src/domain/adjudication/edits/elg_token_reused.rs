//! `ELG_TOKEN_REUSED`: a letter is billed once.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ELG_TOKEN_REUSED", reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.letter.as_ref().is_some_and(|letter| letter.billed_elsewhere) {
        findings.claim(EditOutcome::Reject, "letter_number", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn a_letter_is_billed_once() {
        let mut fixture = Fixture::clean();
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.letter.as_mut().unwrap().billed_elsewhere = true;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Reject)]);
    }
}
