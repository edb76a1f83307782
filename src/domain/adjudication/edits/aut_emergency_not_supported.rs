//! `AUT_EMERGENCY_NOT_SUPPORTED`: an emergency has a diagnosis that can be one.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::{Diagnosis, ReasonCode};
use crate::domain::icd10::Icd10Code;

pub const EDIT: Edit = Edit {
    code: "AUT_EMERGENCY_NOT_SUPPORTED",
    outcome: EditOutcome::Pend,
    reason: ReasonCode::MedicalIndication,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let bill = case.bill;
    let is_one = |diagnosis: &Diagnosis| case.lists.supports_emergency(&diagnosis.code, bill.admitted_on);
    if case.is_emergency() && !bill.diagnoses.iter().any(is_one) {
        let told = bill.principal().map(Icd10Code::as_str).unwrap_or_default();
        findings.claim(EditOutcome::Pend, "diagnoses", told, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, dx};
    use crate::domain::claims::DiagnosisKind;
    use crate::domain::eligibility::CareType;

    #[test]
    fn an_emergency_has_a_reason() {
        for (care_type, code, second, found) in [
            (CareType::Emergency, "J18.9", None, false),
            (CareType::Emergency, "M17.1", None, true),
            (CareType::Emergency, "M17.1", Some("J18.9"), false),
            (CareType::Inpatient, "M17.1", None, false),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.care_type = care_type;
            fixture.bill.diagnoses[0].code = dx(code);
            fixture.bill.diagnoses.extend(second.map(|code| Diagnosis { code: dx(code), kind: DiagnosisKind::Secondary }));
            let found = if found { vec![(None, EditOutcome::Pend)] } else { vec![] };
            assert_eq!(fixture.found(EDIT.code), found, "{care_type} {code} {second:?}");
        }
    }
}
