//! `ELG_TOKEN_MISMATCH`: the letter, or the check where there is none, is of this patient, this hospital and this kind of care.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ELG_TOKEN_MISMATCH", reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (field, of_facility, of_person, care_type) = match &case.letter {
        Some(letter) => ("letter_number", letter.of_facility, letter.of_person, letter.care_type),
        None => ("check_id", case.check.of_facility, case.check.of_person, case.check.care_type),
    };
    for (other, word) in [(!of_facility, "facility"), (!of_person, "participant")] {
        if other {
            findings.claim(EditOutcome::Reject, field, word, "");
        }
    }
    if care_type != case.bill.care_type {
        findings.claim(EditOutcome::Reject, "care_type", case.bill.care_type, care_type);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::adjudication::{CheckFacts, LetterFacts};
    use crate::domain::eligibility::CareType;

    #[test]
    fn a_letter_serves_one_patient_one_hospital_and_one_care() {
        let spoiled: [fn(&mut LetterFacts); 3] =
            [|letter| letter.of_facility = false, |letter| letter.of_person = false, |letter| letter.care_type = CareType::Emergency];
        for spoil in spoiled {
            let mut fixture = Fixture::clean();
            // Under a letter its check may be of the care before.
            fixture.check.care_type = CareType::Emergency;
            assert_eq!(fixture.found(EDIT.code), []);
            spoil(fixture.letter.as_mut().unwrap());
            assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Reject)]);
        }
    }

    #[test]
    fn so_does_a_check() {
        let spoiled: [fn(&mut CheckFacts); 3] =
            [|check| check.of_facility = false, |check| check.of_person = false, |check| check.care_type = CareType::Inpatient];
        for spoil in spoiled {
            let mut fixture = Fixture::outpatient();
            spoil(&mut fixture.check);
            assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Reject)]);
        }
    }
}
