//! `ING_DX_NOT_PRINCIPAL`: what is coded beside a disease, as its cause or somebody's status, is not what the stay was for. The list says how sure
//! that is.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claim_lists::Strength;
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ING_DX_NOT_PRINCIPAL", reason: ReasonCode::CodingDiagnosis, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let Some(principal) = case.bill.principal() else { return };
    let limits = case.lists.diagnosis_limits(principal, case.bill.admitted_on).filter(|limit| limit.not_principal);
    if let Some(outcome) = limits.map(|limit| outcome(limit.people.strength)).max() {
        findings.claim(outcome, "diagnoses", principal, "");
    }
}

fn outcome(strength: Strength) -> EditOutcome {
    match strength {
        Strength::Hard => EditOutcome::Reject,
        Strength::Soft => EditOutcome::Pend,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, dx};
    use crate::domain::claims::{Diagnosis, DiagnosisKind};

    #[test]
    fn a_cause_from_outside_is_no_principal_diagnosis() {
        let mut fixture = Fixture::clean();
        fixture.bill.diagnoses.push(Diagnosis { code: dx("W01"), kind: DiagnosisKind::Secondary });
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.bill.diagnoses[0].code = dx("W01");
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
        assert_eq!(outcome(Strength::Hard), EditOutcome::Reject);
    }
}
