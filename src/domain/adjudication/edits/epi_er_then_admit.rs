//! `EPI_ER_THEN_ADMIT`: an emergency visit on the day on which the same hospital admitted the patient is part of the stay. It is not paid where the stay was
//! granted; where that is open, or the stay comes second, somebody looks.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::CareType;

pub const EDIT: Edit = Edit { code: "EPI_ER_THEN_ADMIT", reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let here = |care: CareType| case.others().filter(move |other| other.facility_id == case.facility.id && other.care_type == care);
    if case.is_stay() {
        if let Some(visit) = here(CareType::Emergency).find(|visit| visit.last_day() == case.bill.admitted_on) {
            findings.claim(EditOutcome::Pend, "admitted_on", visit.admitted_on, "");
        }
    } else if case.is_emergency() {
        for line in &case.bill.lines {
            let stays = here(CareType::Inpatient).filter(|stay| stay.admitted_on == line.date);
            if let Some(granted) = stays.map(PastClaim::is_granted).max() {
                findings.line(line.line, if granted { EditOutcome::Reject } else { EditOutcome::Pend }, "date", line.date, "");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, as_past, day, id};
    use crate::domain::claims::ClaimState;

    fn emergency() -> Fixture {
        let mut fixture = Fixture::outpatient();
        fixture.bill.care_type = CareType::Emergency;
        fixture
    }

    #[test]
    fn the_emergency_is_part_of_the_stay() {
        for (admitted, state, facility, outcome) in [
            ("2026-11-20", ClaimState::Paid, 200, Some(EditOutcome::Reject)),
            ("2026-11-20", ClaimState::Submitted, 200, Some(EditOutcome::Pend)),
            ("2026-11-21", ClaimState::Paid, 200, None),
            ("2026-11-20", ClaimState::Paid, 210, None),
            ("2026-11-20", ClaimState::Rejected, 200, None),
        ] {
            let mut fixture = emergency();
            let mut past = Fixture::past(1);
            (past.admitted_on, past.discharged_on) = (day(admitted), Some(day("2026-11-24")));
            (past.state, past.facility_id) = (state, id(facility));
            fixture.history = vec![past];
            let expected: Vec<_> = outcome.map(|outcome| (Some(1), outcome)).into_iter().collect();
            assert_eq!(fixture.found(EDIT.code), expected, "{admitted} {state} {facility}");
        }
    }

    #[test]
    fn a_stay_that_comes_second_is_looked_at() {
        for (admitted, found) in [("2026-11-20", vec![(None, EditOutcome::Pend)]), ("2026-11-21", vec![])] {
            let mut fixture = Fixture::clean();
            fixture.history = vec![as_past(&emergency())];
            (fixture.bill.admitted_on, fixture.bill.discharged_on) = (day(admitted), Some(day("2026-11-24")));
            assert_eq!(fixture.found(EDIT.code), found, "{admitted}");
        }
    }
}
