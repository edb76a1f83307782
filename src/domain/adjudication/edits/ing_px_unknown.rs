//! `ING_PX_UNKNOWN`: every procedure stands in the list of its day. Tariff codes are told by `PRC_NO_TARIFF`.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::codes::CodeStanding;

pub const EDIT: Edit =
    Edit { code: "ING_PX_UNKNOWN", scopes: &[Scope::Letter, Scope::Claim], reason: ReasonCode::CodingProcedure, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for procedure in &case.bill.procedures {
        match case.procedure_codes.standing(&procedure.code, procedure.date) {
            CodeStanding::Valid | CodeStanding::Category => {}
            CodeStanding::NotOnDate | CodeStanding::Unknown => {
                findings.claim(EditOutcome::Reject, "procedures", &procedure.code, procedure.date);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, px};

    #[test]
    fn a_code_that_nobody_knows_is_refused() {
        for (code, found) in [("87.44", false), ("87.4", false), ("87.999", true), ("19.99", true)] {
            let mut fixture = Fixture::clean();
            fixture.bill.procedures[0].code = px(code);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{code}");
        }
    }
}
