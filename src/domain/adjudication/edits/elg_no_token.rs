//! `ELG_NO_TOKEN`: care that the rules pay only under a letter has one.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ELG_NO_TOKEN", outcome: EditOutcome::Pend, reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.letter.is_none() && case.rules.letters.required_for.contains(&case.bill.care_type) {
        findings.claim(EditOutcome::Pend, "letter_number", case.bill.care_type, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::eligibility::CareType;

    #[test]
    fn a_stay_has_a_letter() {
        let mut fixture = Fixture::clean();
        fixture.letter = None;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
        fixture.bill.care_type = CareType::Emergency;
        assert_eq!(fixture.found(EDIT.code), []);
    }
}
