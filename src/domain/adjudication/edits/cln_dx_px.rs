//! `CLN_DX_PX`: no diagnosis of the claim supports a procedure. Somebody looks: a diagnosis may be missing.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::icd10::Icd10Code;

pub const EDIT: Edit = Edit { code: "CLN_DX_PX", outcome: EditOutcome::Pend, reason: ReasonCode::CodingProcedure, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let diagnoses: Vec<Icd10Code> = case.bill.diagnoses.iter().map(|diagnosis| diagnosis.code.clone()).collect();
    for (line, code, _) in case.procedures_told() {
        if case.lists.supports(&diagnoses, &code, case.bill.admitted_on) {
            continue;
        }
        match line {
            Some(line) => findings.line(line, EditOutcome::Pend, "tariff_code", &code, ""),
            None => findings.claim(EditOutcome::Pend, "procedures", &code, ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, dx, px};
    use crate::domain::claims::{Diagnosis, DiagnosisKind, Procedure};

    #[test]
    fn any_diagnosis_supports_it() {
        for (diagnosis, procedure, found) in [("N18.5", "39.95", false), ("N20.0", "39.95", true), ("N20.0", "87.44", false)] {
            let mut fixture = Fixture::clean();
            fixture.bill.diagnoses.push(Diagnosis { code: dx(diagnosis), kind: DiagnosisKind::Secondary });
            fixture.bill.procedures = vec![Procedure { code: px(procedure), date: day("2026-11-02") }];
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{diagnosis} {procedure}");
        }
    }
}
