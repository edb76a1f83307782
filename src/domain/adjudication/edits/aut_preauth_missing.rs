//! `AUT_PREAUTH_MISSING`: what is to be authorised before is done under a letter, which is the authorisation. In an emergency a person decides.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "AUT_PREAUTH_MISSING",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::AdminDocMissing,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.letter.is_some() {
        return;
    }
    let outcome = if case.is_emergency() { EditOutcome::Pend } else { EditOutcome::Reject };
    for procedure in case.preauthorised() {
        findings.claim(outcome, "procedures", &procedure.code, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, px};
    use crate::domain::eligibility::CareType;

    #[test]
    fn a_new_joint_asks_for_a_letter() {
        for (code, care_type, letter, found) in [
            ("81.54", CareType::Inpatient, true, None),
            ("81.54", CareType::Inpatient, false, Some(EditOutcome::Reject)),
            ("81.54", CareType::Outpatient, false, Some(EditOutcome::Reject)),
            ("81.54", CareType::Emergency, false, Some(EditOutcome::Pend)),
            ("81.44", CareType::Inpatient, false, None),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.procedures[0].code = px(code);
            fixture.bill.care_type = care_type;
            fixture.letter = fixture.letter.filter(|_| letter);
            assert_eq!(fixture.found(EDIT.code), Vec::from_iter(found.map(|found| (None, found))), "{code} {care_type} {letter}");
        }
    }
}
