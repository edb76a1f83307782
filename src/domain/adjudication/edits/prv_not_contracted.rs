//! `PRV_NOT_CONTRACTED`: the hospital had a contract with the city on the day of admission, or is the city's own. Emergencies are free where the
//! rules say so.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "PRV_NOT_CONTRACTED",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (facility, terms, day) = (case.facility, &case.rules.facility, case.bill.admitted_on);
    let is_own = terms.own_kinds.contains(&facility.kind) && facility.government && facility.inside_city;
    let is_free = case.is_emergency() && terms.emergency_exempt;
    if facility.is_contracted_on(day) || is_own || is_free {
        return;
    }
    // The city gave its letter to a hospital whose contract ended before the patient came: a person decides whose risk that was.
    let outcome = if case.is_guaranteed() { EditOutcome::Pend } else { EditOutcome::Reject };
    findings.claim(outcome, "admitted_on", day, "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};
    use crate::domain::eligibility::CareType;
    use crate::domain::facilities::FacilityKind;

    #[test]
    fn a_hospital_has_a_contract() {
        for (terminated_on, found) in [("2026-11-20", None), ("2026-11-19", Some(EditOutcome::Reject))] {
            let mut fixture = Fixture::outpatient();
            fixture.facility.contracts[0].terminated_on = Some(day(terminated_on));
            assert_eq!(fixture.found(EDIT.code), Vec::from_iter(found.map(|found| (None, found))), "{terminated_on}");
        }
        let mut fixture = Fixture::clean();
        fixture.facility.contracts.clear();
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)], "under a letter");
    }

    #[test]
    fn the_citys_own_and_emergencies_need_none() {
        let spared: [fn(&mut Fixture); 2] =
            [|fixture| fixture.facility.kind = FacilityKind::Puskesmas, |fixture| fixture.bill.care_type = CareType::Emergency];
        for spare in spared {
            let mut fixture = Fixture::outpatient();
            fixture.facility.contracts.clear();
            assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Reject)]);
            spare(&mut fixture);
            assert_eq!(fixture.found(EDIT.code), []);
            (fixture.facility.government, fixture.rules.facility.emergency_exempt) = (false, false);
            assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Reject)]);
        }
    }
}
