//! `DUP_MULTI_FACILITY_DAY`: on one day the person was at two or more other facilities. It happens; it is counted.

use std::collections::BTreeSet;

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

/// From the catalogue: two or more other facilities.
const OTHERS: usize = 2;

pub const EDIT: Edit = Edit {
    code: "DUP_MULTI_FACILITY_DAY",
    outcome: EditOutcome::Flag,
    scopes: &[Scope::Nightly],
    reason: ReasonCode::Duplicate,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let on = case.bill.admitted_on;
    let others = case.others().filter(|other| other.admitted_on == on && other.facility_id != case.facility.id);
    let count = others.map(|other| other.facility_id).collect::<BTreeSet<_>>().len();
    if count >= OTHERS {
        findings.claim(EditOutcome::Flag, "admitted_on", count, OTHERS - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, id};

    #[test]
    fn two_other_facilities_of_a_day_are_marked() {
        for (facilities, date, found) in [
            (&[1][..], "2026-11-20", false),
            (&[1, 2], "2026-11-20", true),
            (&[1, 1], "2026-11-20", false),
            (&[1, 200], "2026-11-20", false),
            (&[1, 2], "2026-11-21", false),
        ] {
            let mut fixture = Fixture::outpatient();
            for facility in facilities {
                let mut past = Fixture::past(1);
                (past.facility_id, past.admitted_on, past.discharged_on) = (id(*facility), day(date), None);
                fixture.history.push(past);
            }
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Flag)] } else { vec![] }, "{facilities:?} {date}");
        }
    }
}
