//! `DUP_SAME_DAY_VISIT`: a second visit at the same hospital on the same day for the same kind of illness, or for a code that was billed already. Specialties
//! are not stored; the principal diagnosis stands for them.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "DUP_SAME_DAY_VISIT", outcome: EditOutcome::Pend, reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let bill = case.bill;
    let is_alike = |other: &&PastClaim| {
        let of_one_kind = bill.principal().zip(other.principal.as_ref()).is_some_and(|(ours, theirs)| ours.category() == theirs.category());
        of_one_kind || other.standing_lines().any(|line| bill.lines.iter().any(|ours| ours.tariff_code == line.tariff_code))
    };
    let same_day = case.others().filter(|other| {
        other.facility_id == case.facility.id && other.care_type == bill.care_type && other.admitted_on == bill.admitted_on && !case.is_stay()
    });
    if let Some(other) = same_day.into_iter().find(is_alike) {
        findings.claim(EditOutcome::Pend, "admitted_on", other.admitted_on, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, as_past, day, dx, id};

    #[test]
    fn one_visit_a_day_for_one_illness() {
        let found = |change: fn(&mut PastClaim)| {
            let mut fixture = Fixture::outpatient();
            let mut past = as_past(&fixture);
            change(&mut past);
            fixture.history = vec![past];
            !fixture.found(EDIT.code).is_empty()
        };
        assert!(found(|_| {}) && found(|past| past.principal = Some(dx("H25.9"))) && found(|past| past.lines.clear()));
        assert!(!found(|past| past.admitted_on = day("2026-11-21")) && !found(|past| past.facility_id = id(9)));
        assert!(!found(|past| (past.principal, past.lines[0].tariff_code) = (Some(dx("H25.9")), "Q-5-45-0".to_owned())));
    }
}
