//! `BEN_DX_EXCLUDED`: the care was for a diagnosis that claims do not pay. One coded beside the principal diagnosis, or paid with papers, is looked at.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::{DiagnosisKind, ReasonCode};
use crate::domain::eligibility::Exclusion;

pub const EDIT: Edit = Edit {
    code: "BEN_DX_EXCLUDED",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::ExcludedService,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    for diagnosis in &case.bill.diagnoses {
        let Some(excluded) = case.lists.excluded_diagnosis(&diagnosis.code, case.bill.admitted_on) else { continue };
        let outcome = match (excluded.effect, diagnosis.kind) {
            (Exclusion::Excluded, DiagnosisKind::Principal) => EditOutcome::Reject,
            // The stay may have been for something else that is paid.
            (Exclusion::Excluded | Exclusion::WithPapers | Exclusion::AskCause, _) => EditOutcome::Pend,
        };
        findings.claim(outcome, "diagnoses", &diagnosis.code, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, dx};
    use crate::domain::claims::Diagnosis;

    #[test]
    fn what_the_care_was_for_decides() {
        for (code, kind, found) in [
            ("Z41.3", DiagnosisKind::Principal, Some(EditOutcome::Reject)),
            ("Z41.3", DiagnosisKind::Secondary, Some(EditOutcome::Pend)),
            ("X45", DiagnosisKind::Secondary, Some(EditOutcome::Pend)),
            ("Z41.1", DiagnosisKind::Secondary, None),
            ("X44", DiagnosisKind::Secondary, None),
        ] {
            let mut fixture = Fixture::clean();
            if kind == DiagnosisKind::Principal {
                fixture.bill.diagnoses.clear();
            }
            fixture.bill.diagnoses.push(Diagnosis { code: dx(code), kind });
            assert_eq!(fixture.found(EDIT.code), found.map(|outcome| (None, outcome)).into_iter().collect::<Vec<_>>(), "{code} {kind}");
        }
    }
}
