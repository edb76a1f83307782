//! `MBR_BORN_AFTER_SERVICE`: nobody is treated before being born.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "MBR_BORN_AFTER_SERVICE", reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    if let Some(born) = case.person.birth_date.filter(|born| case.bill.admitted_on < *born) {
        findings.claim(EditOutcome::Reject, "admitted_on", case.bill.admitted_on, born);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn care_begins_with_birth() {
        for (born, found) in [(Some("2026-11-01"), false), (Some("2026-11-02"), true), (None, false)] {
            let mut fixture = Fixture::clean();
            fixture.person.birth_date = born.map(day);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{born:?}");
        }
    }
}
