//! `ING_RESUBMIT_UNLINKED`: care that was refused comes again under another number, and the claim does not say so.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "ING_RESUBMIT_UNLINKED", outcome: EditOutcome::Pend, reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for past in case.rejected.iter().filter(|past| !past.replaced && is_same_care(case, past)) {
        findings.claim(EditOutcome::Pend, "replaces_claim_id", past.id, past.admitted_on);
    }
}

/// Nobody is admitted twice on a day; visits of one day may differ, and are told apart by what they were for.
fn is_same_care(case: &Case<'_>, past: &PastClaim) -> bool {
    let bill = case.bill;
    let is_same_visit = past.facility_id == case.facility.id && past.care_type == bill.care_type && past.admitted_on == bill.admitted_on;
    is_same_visit && (case.is_stay() || past.principal.as_ref() == bill.principal())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    fn refused_for(fixture: Fixture) -> Fixture {
        let (bill, facility_id) = (&fixture.bill, fixture.facility.id);
        let past = PastClaim { facility_id, care_type: bill.care_type, admitted_on: bill.admitted_on, ..Fixture::past(1) };
        Fixture { rejected: vec![past], ..fixture }
    }

    #[test]
    fn a_refused_stay_comes_again_with_its_number() {
        let mut fixture = refused_for(Fixture::clean());
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
        fixture.rejected[0].replaced = true;
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.rejected[0].replaced = false;
        fixture.rejected[0].admitted_on = day("2026-10-31");
        assert_eq!(fixture.found(EDIT.code), []);
    }

    #[test]
    fn another_visit_of_the_same_day_is_another() {
        let mut fixture = refused_for(Fixture::outpatient());
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.rejected[0].principal = fixture.bill.principal().cloned();
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
    }
}
