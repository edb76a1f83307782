//! `CLN_SEX_DX`: a diagnosis that people of the registered sex cannot have. Where the limit is hard and the care was for it, nothing is paid; a limit that is
//! soft, a diagnosis beside the principal one, or a sex that is in doubt, is looked at.

use crate::domain::adjudication::measures::PeopleLimits;
use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::{DiagnosisKind, ReasonCode};

pub const EDIT: Edit =
    Edit { code: "CLN_SEX_DX", scopes: &[Scope::Letter, Scope::Claim], reason: ReasonCode::CodingDiagnosis, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for diagnosis in &case.bill.diagnoses {
        let limits = case.lists.diagnosis_limits(&diagnosis.code, case.bill.admitted_on).map(|limit| limit.people);
        let Some(outcome) = limits.against_sex(case) else { continue };
        let outcome = if diagnosis.kind == DiagnosisKind::Principal { outcome } else { EditOutcome::Pend };
        findings.claim(outcome, "diagnoses", &diagnosis.code, case.person.sex);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, dx};
    use crate::domain::claims::Diagnosis;
    use crate::domain::participants::Sex;

    #[test]
    fn who_can_have_it() {
        for (code, kind, sex, in_doubt, outcome) in [
            ("O80.0", DiagnosisKind::Principal, Sex::F, false, None),
            ("O80.0", DiagnosisKind::Principal, Sex::M, false, Some(EditOutcome::Reject)),
            ("O80.0", DiagnosisKind::Secondary, Sex::M, false, Some(EditOutcome::Pend)),
            ("O80.0", DiagnosisKind::Principal, Sex::M, true, Some(EditOutcome::Pend)),
            ("Z34.0", DiagnosisKind::Principal, Sex::M, false, Some(EditOutcome::Pend)),
            ("C61", DiagnosisKind::Principal, Sex::M, false, None),
            ("C61", DiagnosisKind::Principal, Sex::F, false, Some(EditOutcome::Reject)),
        ] {
            let mut fixture = Fixture::clean();
            (fixture.person.sex, fixture.person.nik_differs) = (sex, in_doubt);
            fixture.bill.diagnoses = vec![Diagnosis { code: dx(code), kind }];
            let expected: Vec<_> = outcome.map(|outcome| (None, outcome)).into_iter().collect();
            assert_eq!(fixture.found(EDIT.code), expected, "{code} {kind} {sex} {in_doubt}");
        }
    }
}
