//! `CLN_AGE_DX`: a diagnosis that people of this age cannot have on the day of admission. Where the limit is hard and the care was for it, nothing is paid;
//! everything else is looked at. Where nobody knows the birth date, nothing is said.

use crate::domain::adjudication::measures::PeopleLimits;
use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::{DiagnosisKind, ReasonCode};

pub const EDIT: Edit =
    Edit { code: "CLN_AGE_DX", scopes: &[Scope::Letter, Scope::Claim], reason: ReasonCode::CodingDiagnosis, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let on = case.bill.admitted_on;
    let Some(age) = case.person.age_on(on) else { return };
    for diagnosis in &case.bill.diagnoses {
        let limits = case.lists.diagnosis_limits(&diagnosis.code, on).map(|limit| limit.people);
        let Some(outcome) = limits.against_age(case, age) else { continue };
        let outcome = if diagnosis.kind == DiagnosisKind::Principal { outcome } else { EditOutcome::Pend };
        findings.claim(outcome, "diagnoses", &diagnosis.code, age);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, dx};
    use crate::domain::claims::Diagnosis;

    #[test]
    fn at_which_age_one_can_have_it() {
        for (code, kind, born, outcome) in [
            ("A33", DiagnosisKind::Principal, Some("2025-11-02"), None),
            ("A33", DiagnosisKind::Principal, Some("2025-11-01"), Some(EditOutcome::Reject)),
            ("A33", DiagnosisKind::Secondary, Some("2025-11-01"), Some(EditOutcome::Pend)),
            ("A33", DiagnosisKind::Principal, None, None),
            ("O80.0", DiagnosisKind::Principal, Some("2016-11-01"), None),
            ("O80.0", DiagnosisKind::Principal, Some("2016-11-02"), Some(EditOutcome::Pend)),
            ("O80.0", DiagnosisKind::Principal, Some("1965-11-02"), None),
            ("O80.0", DiagnosisKind::Principal, Some("1965-11-01"), Some(EditOutcome::Pend)),
            ("J18.9", DiagnosisKind::Principal, Some("1900-01-01"), None),
        ] {
            let mut fixture = Fixture::clean();
            fixture.person.birth_date = born.map(day);
            fixture.bill.diagnoses = vec![Diagnosis { code: dx(code), kind }];
            let expected: Vec<_> = outcome.map(|outcome| (None, outcome)).into_iter().collect();
            assert_eq!(fixture.found(EDIT.code), expected, "{code} {kind} {born:?}");
        }
    }
}
