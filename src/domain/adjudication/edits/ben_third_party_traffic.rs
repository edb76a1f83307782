//! `BEN_THIRD_PARTY_TRAFFIC`: after a traffic accident the statutory insurer (Jasa Raharja) pays first. Somebody asks what it paid.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claim_lists::ThirdParty;
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "BEN_THIRD_PARTY_TRAFFIC",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::DoubleFunded,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    for diagnosis in &case.bill.diagnoses {
        if case.lists.third_party(&diagnosis.code, case.bill.admitted_on) == Some(ThirdParty::Traffic) {
            findings.claim(EditOutcome::Pend, "diagnoses", &diagnosis.code, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, dx};
    use crate::domain::claims::{Diagnosis, DiagnosisKind};

    #[test]
    fn the_codes_of_the_list_are_asked_about() {
        for (code, found) in [("V23.4", true), ("V99", true), ("W00", false), ("Y96", false)] {
            let mut fixture = Fixture::clean();
            fixture.bill.diagnoses.push(Diagnosis { code: dx(code), kind: DiagnosisKind::Secondary });
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{code}");
        }
    }
}
