//! `ELG_GUARANTEE_HONOURED`: the register says otherwise now, but the hospital held a letter: the city keeps its word and pays.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "ELG_GUARANTEE_HONOURED", outcome: EditOutcome::Flag, reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for rule in case.honoured() {
        findings.claim(EditOutcome::Flag, "letter_number", rule, case.bill.admitted_on);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::Verdict;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::{Outcome, RuleCode};

    #[test]
    fn a_letter_outlives_the_membership() {
        let mut fixture = Fixture::clean().saying(RuleCode::MovedOut, Outcome::Fail);
        let judged = fixture.judged();
        assert_eq!((judged.verdict, judged.payable), (Verdict::Pay, fixture.bill.total_claimed));
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Flag)]);
        fixture.letter = None;
        assert_eq!(fixture.found(EDIT.code), []);
        let judged = Fixture::clean().saying(RuleCode::Deceased, Outcome::Fail).found(EDIT.code);
        assert_eq!(judged, [], "a death is no matter of membership");
    }
}
