//! `EPI_READMIT_NEXT_DAY`: out, and in again at the same hospital on the same or the next day for the same kind of illness: likely one stay in two bills.
//! The verifier decides whether they are merged.

use super::epi_readmit_30::{is_next_day, readmissions};
use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "EPI_READMIT_NEXT_DAY", outcome: EditOutcome::Pend, reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for other in readmissions(case).filter(|other| is_next_day(case, other)) {
        findings.claim(EditOutcome::Pend, "admitted_on", case.bill.admitted_on, other.last_day());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::Verdict;
    use crate::domain::adjudication::tests::{Fixture, day, dx, id};

    #[test]
    fn out_and_in_again() {
        for (discharged, principal, facility, found) in [
            ("2026-11-01", "J18.0", 200, true),
            ("2026-10-31", "J18.0", 200, true),
            ("2026-10-30", "J18.0", 200, false),
            ("2026-10-31", "J15.0", 200, false),
            ("2026-10-31", "J18.0", 210, false),
        ] {
            let mut fixture = Fixture::clean();
            let mut past = Fixture::past(1);
            (past.facility_id, past.discharged_on, past.principal) = (id(facility), Some(day(discharged)), Some(dx(principal)));
            fixture.history = vec![past];
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{discharged} {principal} {facility}");
            assert_ne!(fixture.judged().verdict, Verdict::Reject);
        }
    }
}
