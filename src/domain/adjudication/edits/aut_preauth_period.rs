//! `AUT_PREAUTH_PERIOD`: what is to be authorised before is done within the days of the letter.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "AUT_PREAUTH_PERIOD", reason: ReasonCode::AdminDocMissing, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let Some(letter) = &case.letter else { return };
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
