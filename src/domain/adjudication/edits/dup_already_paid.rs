//! `DUP_ALREADY_PAID`: this hospital was already paid this line: the same code, day and amount in a claim that was settled, whichever was made first.
//! The same of another stay is looked at: it may be a readmission that was dated so.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, PastLine, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit { code: "DUP_ALREADY_PAID", reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let of_hospital = |claim: &&PastClaim| claim.facility_id == case.facility.id;
    for line in &case.bill.lines {
        let settled = case.others().filter(of_hospital).filter(|claim| {
            let is_same = |other: &PastLine| (&other.tariff_code, other.date, other.claimed) == (&line.tariff_code, line.date, line.claimed_amount);
            claim.lines.iter().any(|other| other.paid > Rupiah::ZERO && is_same(other))
        });
        let outcome = |claim| if case.may_be_readmission(claim) { EditOutcome::Pend } else { EditOutcome::Reject };
        if let Some(outcome) = settled.map(outcome).max() {
            findings.line(line.line, outcome, "tariff_code", &line.tariff_code, line.date);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, as_past, day, id};
    use crate::domain::claims::ClaimState;

    #[test]
    fn what_was_paid_is_not_paid_again() {
        let found = |change: fn(&mut PastClaim)| {
            let mut fixture = Fixture::clean();
            let mut past = as_past(&fixture);
            change(&mut past);
            fixture.history = vec![past];
            fixture.found(EDIT.code)
        };
        let again = [(Some(1), EditOutcome::Reject)];
        assert_eq!(found(|_| {}), again);
        assert_eq!(found(|past| past.earlier = false), again);
        assert_eq!(found(|past| past.state = ClaimState::Recheck), again, "looked at again, and not yet paid back");
        assert_eq!(found(|past| past.admitted_on = day("2026-10-28")), [(Some(1), EditOutcome::Pend)], "of another stay");
        assert_eq!(found(|past| past.lines[0].paid = Rupiah::ZERO), []);
        assert_eq!(found(|past| past.facility_id = id(9)), []);
        assert_eq!(found(|past| past.lines[0].claimed = Rupiah(3_999_999)), []);
    }
}
