//! `PRV_DOCTOR_UNKNOWN`: a stay names the licence of the doctor in charge.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "PRV_DOCTOR_UNKNOWN",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::AdminDocMissing,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let is_named = case.bill.practitioner_license.as_deref().is_some_and(|license| !license.trim().is_empty());
    if case.is_stay() && !is_named {
        findings.claim(EditOutcome::Pend, "practitioner_license", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn a_stay_names_its_doctor() {
        for (license, found) in [(Some("SIP-0001"), false), (Some(" "), true), (None, true)] {
            let (mut stay, mut visit) = (Fixture::clean(), Fixture::outpatient());
            stay.bill.practitioner_license = license.map(str::to_owned);
            visit.bill.practitioner_license = None;
            assert_eq!(stay.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{license:?}");
            assert_eq!(visit.found(EDIT.code), []);
        }
    }
}
