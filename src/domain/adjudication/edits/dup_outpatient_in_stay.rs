//! `DUP_OUTPATIENT_IN_STAY`: a visit while the patient lay in a hospital, between the day of coming and that of leaving. It is not paid where the stay was
//! granted, and looked at where it is not decided or was claimed after the visit. Sessions of a planned series are allowed.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::CareType;

pub const EDIT: Edit = Edit { code: "DUP_OUTPATIENT_IN_STAY", reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

const fn is_visit(care: CareType) -> bool {
    matches!(care, CareType::Outpatient | CareType::Primary)
}

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.is_stay() {
        let (from, to) = (case.bill.admitted_on, case.bill.last_day());
        for visit in case.others().filter(|other| is_visit(other.care_type) && !other.is_of_series()) {
            if let Some(line) = visit.standing_lines().find(|line| from < line.date && line.date < to) {
                findings.claim(EditOutcome::Pend, "admitted_on", line.date, to);
            }
        }
    } else if is_visit(case.bill.care_type) && !case.is_of_series() {
        let stays = || case.others().filter(|other| other.care_type == CareType::Inpatient);
        for line in &case.bill.lines {
            let within = stays().filter(|stay| stay.admitted_on < line.date && line.date < stay.last_day());
            if let Some(stay) = within.max_by_key(|stay| stay.is_granted()) {
                let outcome = if stay.is_granted() { EditOutcome::Reject } else { EditOutcome::Pend };
                findings.line(line.line, outcome, "date", line.date, stay.last_day());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, as_past, day, px};
    use crate::domain::claims::{ClaimState, Procedure};

    #[test]
    fn who_lies_in_a_bed_visits_nobody() {
        for (from, to, state, outcome) in [
            ("2026-11-18", "2026-11-22", ClaimState::Paid, Some(EditOutcome::Reject)),
            ("2026-11-18", "2026-11-22", ClaimState::Submitted, Some(EditOutcome::Pend)),
            ("2026-11-18", "2026-11-22", ClaimState::Withdrawn, None),
            ("2026-11-20", "2026-11-22", ClaimState::Paid, None),
            ("2026-11-18", "2026-11-20", ClaimState::Paid, None),
        ] {
            let mut fixture = Fixture::outpatient();
            let mut past = Fixture::past(1);
            (past.admitted_on, past.discharged_on, past.state) = (day(from), Some(day(to)), state);
            fixture.history = vec![past];
            let expected: Vec<_> = outcome.map(|outcome| (Some(1), outcome)).into_iter().collect();
            assert_eq!(fixture.found(EDIT.code), expected, "{from} {to} {state}");
            fixture.bill.procedures.push(Procedure { code: px("39.95"), date: day("2026-11-20") });
            assert_eq!(fixture.found(EDIT.code), [], "dialysis goes on");
        }
    }

    #[test]
    fn a_stay_that_comes_after_the_visit_is_looked_at() {
        for (to, found) in [("2026-11-20", vec![]), ("2026-11-21", vec![(None, EditOutcome::Pend)])] {
            let mut fixture = Fixture::clean();
            fixture.history = vec![as_past(&Fixture::outpatient())];
            fixture.bill.discharged_on = Some(day(to));
            assert_eq!(fixture.found(EDIT.code), found, "{to}");
        }
    }
}
