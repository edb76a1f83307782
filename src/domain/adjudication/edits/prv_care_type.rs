//! `PRV_CARE_TYPE`: a facility of this kind gives this kind of care.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "PRV_CARE_TYPE", scopes: &[Scope::Letter, Scope::Claim], reason: ReasonCode::ExcludedService, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (facility, care_type) = (case.facility, case.bill.care_type);
    let capability = case.lists.capability(facility.kind, facility.class, case.bill.admitted_on);
    if capability.is_some_and(|capability| !capability.care_types.contains(&care_type)) {
        findings.claim(EditOutcome::Reject, "care_type", care_type, facility.kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::facilities::FacilityKind;

    #[test]
    fn a_clinic_has_no_beds() {
        for (kind, found) in [(FacilityKind::Hospital, false), (FacilityKind::Puskesmas, false), (FacilityKind::Clinic, true)] {
            let mut fixture = Fixture::clean();
            (fixture.facility.kind, fixture.facility.class) = (kind, None);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{kind}");
        }
    }
}
