//! `EPI_LOS_LONG`: the stay is longer than stays for this illness usually are. Somebody looks whether it was needed.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "EPI_LOS_LONG", outcome: EditOutcome::Pend, reason: ReasonCode::MedicalIndication, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let usual = case.bill.principal().and_then(|code| case.lists.length_of_stay(code, case.bill.admitted_on));
    let Some(usual) = usual.filter(|_| case.is_stay()) else { return };
    if case.bill.nights() > i64::from(usual.high) {
        findings.claim(EditOutcome::Pend, "discharged_on", case.bill.nights(), usual.high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn longer_than_usual_is_looked_at() {
        for (discharged, found) in [("2026-11-15", vec![]), ("2026-11-16", vec![(None, EditOutcome::Pend)])] {
            let mut fixture = Fixture::clean();
            fixture.bill.discharged_on = Some(day(discharged));
            assert_eq!(fixture.found(EDIT.code), found, "{discharged}");
        }
    }
}
