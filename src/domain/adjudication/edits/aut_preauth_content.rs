//! `AUT_PREAUTH_CONTENT`: what is to be authorised before is what the letter was given for: a procedure that it names, for the disease that it names.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "AUT_PREAUTH_CONTENT", outcome: EditOutcome::Pend, reason: ReasonCode::MedicalIndication, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let Some(letter) = &case.letter else { return };
    let named = &letter.authorised.procedures;
    // Diseases are the same if their categories are: what is below them is often known only later.
    let other_disease = case.bill.principal().filter(|principal| principal.category() != letter.diagnosis.category());
    for procedure in case.preauthorised() {
        if !named.is_empty() && !named.contains(&procedure.code) {
            findings.claim(EditOutcome::Pend, "procedures", &procedure.code, "");
        } else if let Some(disease) = other_disease {
            findings.claim(EditOutcome::Pend, "diagnoses", disease, &letter.diagnosis);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, dx, px};

    #[test]
    fn a_letter_authorises_what_it_names() {
        for (code, named, disease, found) in [
            ("81.54", None, "M17.1", false),
            ("81.54", None, "M16.1", true),
            ("81.54", Some("81.54"), "M17.0", false),
            ("81.54", Some("81.51"), "M17.1", true),
            ("81.54", Some("81.54"), "M16.1", true),
            ("87.44", Some("81.54"), "M16.1", false),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.procedures[0].code = px(code);
            fixture.bill.diagnoses[0].code = dx(disease);
            let letter = fixture.letter.as_mut().unwrap();
            (letter.diagnosis, letter.authorised.procedures) = (dx("M17.1"), named.map(px).into_iter().collect());
            let found = if found { vec![(None, EditOutcome::Pend)] } else { vec![] };
            assert_eq!(fixture.found(EDIT.code), found, "{code} {named:?} {disease}");
        }
    }
}
