//! `DUP_INPATIENT_OVERLAP`: the patient lay in two hospitals at once, for more than the day of a transfer. Both claims are looked at.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::CareType;

pub const EDIT: Edit =
    Edit { code: "DUP_INPATIENT_OVERLAP", outcome: EditOutcome::Pend, reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (from, to) = (case.bill.admitted_on, case.bill.last_day());
    let elsewhere = case.others().filter(|other| other.care_type == CareType::Inpatient && other.facility_id != case.facility.id);
    for other in elsewhere.filter(|other| case.is_stay() && other.overlaps_stay(from, to)) {
        findings.claim(EditOutcome::Pend, "admitted_on", from, other.last_day());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn nobody_lies_in_two_beds() {
        for (from, to, same_hospital, found) in [
            ("2026-10-28", "2026-11-01", false, false),
            ("2026-10-28", "2026-11-02", false, true),
            ("2026-11-03", "2026-11-08", false, true),
            ("2026-11-04", "2026-11-08", false, false),
            ("2026-11-02", "2026-11-02", false, true),
            ("2026-11-02", "2026-11-03", true, false),
        ] {
            let mut fixture = Fixture::clean();
            let mut past = Fixture::past(1);
            (past.admitted_on, past.discharged_on) = (day(from), Some(day(to)));
            if same_hospital {
                past.facility_id = fixture.facility.id;
            }
            fixture.history = vec![past];
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{from} {to}");
        }
    }
}
