//! `ING_DX_NOT_SPECIFIC`: a category says less than the codes below it. It is paid and marked: no rule of the city asks for the longer code.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::codes::CodeStanding;

pub const EDIT: Edit =
    Edit { code: "ING_DX_NOT_SPECIFIC", outcome: EditOutcome::Flag, reason: ReasonCode::CodingDiagnosis, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for diagnosis in &case.bill.diagnoses {
        if case.diagnosis_codes.standing(&diagnosis.code, case.bill.admitted_on) == CodeStanding::Category {
            findings.claim(EditOutcome::Flag, "diagnoses", &diagnosis.code, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, dx};

    #[test]
    fn a_category_is_marked() {
        let mut fixture = Fixture::clean();
        fixture.bill.diagnoses[0].code = dx("J18.0");
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.bill.diagnoses[0].code = dx("J18");
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Flag)]);
    }
}
