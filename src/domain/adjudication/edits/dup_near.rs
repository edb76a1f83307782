//! `DUP_NEAR`: almost the same bill: the same kind of care within some days, the same kind of illness, and about the same amount.

use crate::domain::adjudication::edits::dup_exact::is_same;
use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, USUAL};
use crate::domain::claims::ReasonCode;

/// Days between both admissions, and per cent between both amounts. Assumption: the catalogue leaves the numbers open.
const DAYS: i64 = 3;
const PERCENT: i128 = 5;

pub const EDIT: Edit = Edit { code: "DUP_NEAR", outcome: EditOutcome::Pend, reason: ReasonCode::Duplicate, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    // Sessions of a planned series are alike.
    if case.is_of_series() {
        return;
    }
    for other in case.others().filter(|other| is_near(case, other) && !is_same(case, other)) {
        findings.claim(EditOutcome::Pend, "lines", other.admitted_on, case.bill.admitted_on);
    }
}

fn is_near(case: &Case<'_>, other: &PastClaim) -> bool {
    let bill = case.bill;
    let (one, two) = (i128::from(other.claimed.0), i128::from(bill.total_claimed.0));
    let category = |code: Option<&crate::domain::icd10::Icd10Code>| code.map(|code| code.category().to_owned());
    other.care_type == bill.care_type
        && (other.admitted_on - bill.admitted_on).num_days().abs() <= DAYS
        && category(other.principal.as_ref()) == category(bill.principal())
        && (one - two).abs() * 100 <= one.max(two) * PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, as_past, day, dx, px};
    use crate::domain::claims::Procedure;
    use crate::domain::eligibility::CareType;
    use crate::domain::rupiah::Rupiah;

    fn beside(change: impl Fn(&mut PastClaim)) -> Fixture {
        let mut fixture = Fixture::clean();
        let mut past = as_past(&fixture);
        past.admitted_on = day("2026-11-04");
        change(&mut past);
        fixture.history = vec![past];
        fixture
    }

    #[test]
    fn about_the_same_is_looked_at() {
        let near = |change: fn(&mut PastClaim)| !beside(change).found(EDIT.code).is_empty();
        assert!(near(|_| {}) && near(|past| past.principal = Some(dx("J18.0"))) && near(|past| past.claimed = Rupiah(3_800_000)));
        assert!(near(|past| past.admitted_on = day("2026-10-29")) && near(|past| past.earlier = false));
        assert!(!near(|past| past.admitted_on = day("2026-11-05")) && !near(|past| past.admitted_on = day("2026-10-28")));
        assert!(!near(|past| past.claimed = Rupiah(3_799_999)) && !near(|past| past.principal = Some(dx("J17.0"))));
        assert!(!near(|past| past.care_type = CareType::Emergency));
    }

    #[test]
    fn the_same_bill_and_a_series_are_no_near_ones() {
        assert_eq!(beside(|past| past.admitted_on = day("2026-11-01")).found(EDIT.code), []);
        let mut fixture = beside(|_| {});
        fixture.bill.procedures.push(Procedure { code: px("39.95"), date: day("2026-11-02") });
        assert_eq!(fixture.found(EDIT.code), []);
    }
}
