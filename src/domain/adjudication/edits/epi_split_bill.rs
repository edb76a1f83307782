//! `EPI_SPLIT_BILL`: one stay in several bills: at the same hospital another stay overlaps this one, or ends on its first day for another illness. (For the
//! same illness the edit about the next day asks.)

use super::epi_readmit_30::is_of_one_kind;
use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::CareType;

pub const EDIT: Edit = Edit { code: "EPI_SPLIT_BILL", outcome: EditOutcome::Pend, reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (from, to) = (case.bill.admitted_on, case.bill.last_day());
    let here = case.others().filter(|other| case.is_stay() && other.care_type == CareType::Inpatient && other.facility_id == case.facility.id);
    for other in here {
        let together = other.overlaps_stay(from, to) || other.admitted_on == from;
        let touch = other.last_day() == from || other.admitted_on == to;
        if together || (touch && !is_of_one_kind(case, other)) {
            findings.claim(EditOutcome::Pend, "admitted_on", from, other.last_day());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, dx, id};

    #[test]
    fn one_stay_is_one_bill() {
        for (from, to, principal, facility, found) in [
            ("2026-10-28", "2026-11-02", "J18.0", 200, true),
            ("2026-11-01", "2026-11-01", "J18.0", 200, true),
            ("2026-11-03", "2026-11-06", "A09.9", 200, true),
            ("2026-10-28", "2026-11-01", "A09.9", 200, true),
            ("2026-11-04", "2026-11-06", "A09.9", 200, true),
            ("2026-10-28", "2026-11-01", "J18.0", 200, false),
            ("2026-10-28", "2026-10-31", "A09.9", 200, false),
            ("2026-11-05", "2026-11-06", "A09.9", 200, false),
            ("2026-10-28", "2026-11-02", "J18.0", 210, false),
        ] {
            let mut fixture = Fixture::clean();
            let mut past = Fixture::past(1);
            past.facility_id = id(facility);
            (past.admitted_on, past.discharged_on, past.principal) = (day(from), Some(day(to)), Some(dx(principal)));
            fixture.history = vec![past];
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{from} {to} {principal}");
        }
    }
}
