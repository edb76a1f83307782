//! `DUP_EXACT`: the same bill again: person, hospital, days, codes and amounts of a claim that was made before and stands.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "DUP_EXACT", scopes: &[Scope::Letter, Scope::Claim], reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    if let Some(other) = case.others().find(|other| other.earlier && is_same(case, other)) {
        findings.claim(EditOutcome::Reject, "lines", other.admitted_on, "");
    }
}

/// Which number the hospital gave it does not matter.
pub(super) fn is_same(case: &Case<'_>, other: &PastClaim) -> bool {
    let bill = case.bill;
    let mut ours: Vec<_> = bill.lines.iter().map(|line| (line.date, &line.tariff_code, line.quantity, line.claimed_amount)).collect();
    let mut theirs: Vec<_> = other.lines.iter().map(|line| (line.date, &line.tariff_code, line.quantity, line.claimed)).collect();
    ours.sort_unstable();
    theirs.sort_unstable();
    other.facility_id == case.facility.id
        && other.care_type == bill.care_type
        && (other.admitted_on, other.discharged_on) == (bill.admitted_on, bill.discharged_on)
        && other.principal.as_ref() == bill.principal()
        && other.claimed == bill.total_claimed
        && ours == theirs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, as_past, day, dx, id};
    use crate::domain::claims::ClaimState;
    use crate::domain::rupiah::Rupiah;

    #[test]
    fn the_same_bill_is_paid_once() {
        let found = |change: &dyn Fn(&mut PastClaim)| {
            let mut fixture = Fixture::clean();
            let mut past = as_past(&fixture);
            change(&mut past);
            fixture.history = vec![past];
            !fixture.found(EDIT.code).is_empty()
        };
        assert!(found(&|_| {}));
        assert!(found(&|past| past.state = ClaimState::Submitted));
        for (what, change) in [
            ("another hospital", &(|past: &mut PastClaim| past.facility_id = id(9)) as &dyn Fn(&mut PastClaim)),
            ("another amount", &|past| past.claimed = Rupiah(4_000_001)),
            ("another line", &|past| past.lines[0].claimed = Rupiah(1)),
            ("other days", &|past| past.discharged_on = Some(day("2026-11-05"))),
            ("another diagnosis", &|past| past.principal = Some(dx("J18.8"))),
            ("a later one", &|past| past.earlier = false),
            ("one that this one replaces", &|past| past.replaced = true),
            ("a draft", &|past| past.state = ClaimState::Draft),
            ("one that was refused", &|past| past.state = ClaimState::Rejected),
        ] {
            assert!(!found(change), "{what}");
        }
    }
}
