//! `ELG_ISSUED_AFTER_DISCHARGE`: the letter, or the check where there is none, came only when the patient had left.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "ELG_ISSUED_AFTER_DISCHARGE", outcome: EditOutcome::Pend, reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (field, came_on) = case.letter.as_ref().map_or(("check_id", case.check.checked_on), |letter| ("letter_number", letter.issued_on));
    if let Some(discharged_on) = case.bill.discharged_on.filter(|discharged_on| came_on > *discharged_on) {
        findings.claim(EditOutcome::Pend, field, came_on, discharged_on);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn a_letter_comes_while_the_patient_is_there() {
        for (issued_on, found) in [("2026-11-04", false), ("2026-11-05", true)] {
            let mut fixture = Fixture::clean();
            fixture.letter.as_mut().unwrap().issued_on = day(issued_on);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{issued_on}");
        }
        let mut fixture = Fixture::outpatient();
        fixture.check.checked_on = day("2026-11-21");
        assert_eq!(fixture.found(EDIT.code), [], "a visit has no discharge");
        fixture.bill.discharged_on = Some(day("2026-11-20"));
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
    }
}
