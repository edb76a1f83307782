//! `ELG_MEMBER_SAYS_NO`: the patient says that this care was not theirs: nothing is paid before somebody has asked.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "ELG_MEMBER_SAYS_NO", outcome: EditOutcome::Pend, reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.denied_by_participant {
        findings.claim(EditOutcome::Pend, "admitted_on", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn care_that_nobody_had_is_looked_at() {
        let mut fixture = Fixture::clean();
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.denied_by_participant = true;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
    }
}
