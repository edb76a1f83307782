//! `ING_DX_UNKNOWN`: every diagnosis stands in the list of its day.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::codes::CodeStanding;

pub const EDIT: Edit =
    Edit { code: "ING_DX_UNKNOWN", scopes: &[Scope::Letter, Scope::Claim], reason: ReasonCode::CodingDiagnosis, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for diagnosis in &case.bill.diagnoses {
        match case.diagnosis_codes.standing(&diagnosis.code, case.bill.admitted_on) {
            CodeStanding::Valid | CodeStanding::Category => {}
            CodeStanding::NotOnDate | CodeStanding::Unknown => {
                findings.claim(EditOutcome::Reject, "diagnoses", &diagnosis.code, case.bill.admitted_on);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, dx};
    use crate::domain::claims::{Diagnosis, DiagnosisKind};

    #[test]
    fn a_code_that_nobody_knows_is_refused() {
        for (code, found) in [("J18.9", false), ("J18", false), ("J18.77", true), ("W99.9", true)] {
            let mut fixture = Fixture::clean();
            fixture.bill.diagnoses.push(Diagnosis { code: dx(code), kind: DiagnosisKind::Secondary });
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{code}");
        }
    }
}
