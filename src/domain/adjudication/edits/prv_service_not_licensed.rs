//! `PRV_SERVICE_NOT_LICENSED`: a hospital of this class does not do this procedure. Procedures name no line of the bill, so a person says which lines
//! fall.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::facilities::FacilityClass;

pub const EDIT: Edit = Edit {
    code: "PRV_SERVICE_NOT_LICENSED",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::ExcludedService,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let facility = case.facility;
    for procedure in &case.bill.procedures {
        let capability = case.lists.capability(facility.kind, facility.class, procedure.date);
        if capability.is_some_and(|capability| !capability.allows(&procedure.code)) {
            let class = facility.class.map_or(facility.kind.as_str(), FacilityClass::as_str);
            findings.claim(EditOutcome::Pend, "procedures", &procedure.code, class);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, px};

    #[test]
    fn a_class_has_its_procedures() {
        for (class, found) in [(Some(FacilityClass::A), false), (Some(FacilityClass::B), true), (None, true)] {
            let mut fixture = Fixture::clean();
            fixture.facility.class = class;
            fixture.bill.procedures[0].code = px("55.69");
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{class:?}");
        }
    }
}
