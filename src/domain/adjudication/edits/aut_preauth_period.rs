//! `AUT_PREAUTH_PERIOD`: what is to be authorised before is done within the days of the letter, and the stay that is billed is the letter's.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "AUT_PREAUTH_PERIOD", reason: ReasonCode::AdminDocMissing, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let Some(letter) = &case.letter else { return };
    // Billed are the days that the letter knows of: who was sent on to another hospital is theirs from then on.
    if let Some(left) = letter.discharged_on.filter(|left| case.bill.last_day() > *left) {
        findings.claim(EditOutcome::Pend, "discharged_on", case.bill.last_day(), left);
    }
    if let Some(came) = letter.admitted_on.filter(|came| case.bill.admitted_on < *came) {
        findings.claim(EditOutcome::Pend, "admitted_on", case.bill.admitted_on, came);
    }
    for procedure in case.preauthorised() {
        if procedure.date < letter.valid_from {
            findings.claim(EditOutcome::Reject, "procedures", procedure.date, letter.valid_from);
        } else if procedure.date > letter.valid_until {
            findings.claim(EditOutcome::Reject, "procedures", procedure.date, letter.valid_until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, px};
    use crate::domain::claims::Procedure;

    #[test]
    fn a_stay_is_that_of_the_letter() {
        for (admitted, discharged, found) in
            [(None, None, false), (Some("2026-11-01"), Some("2026-11-04"), false), (Some("2026-11-02"), None, true), (None, Some("2026-11-03"), true)]
        {
            let mut fixture = Fixture::clean();
            let letter = fixture.letter.as_mut().unwrap();
            (letter.admitted_on, letter.discharged_on) = (admitted.map(day), discharged.map(day));
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{admitted:?} {discharged:?}");
        }
    }

    #[test]
    fn a_new_joint_is_within_the_letter() {
        for (code, date, found) in [
            ("81.54", "2026-11-01", false),
            ("81.54", "2026-10-31", true),
            ("81.54", "2026-11-14", false),
            ("81.54", "2026-11-15", true),
            ("87.44", "2026-11-15", false),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.procedures[0] = Procedure { code: px(code), date: day(date) };
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{code} {date}");
        }
    }
}
