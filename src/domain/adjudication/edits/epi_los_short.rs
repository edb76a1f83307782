//! `EPI_LOS_SHORT`: the stay is shorter than stays for this illness usually are, and nothing but the patient's going home ended it.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::letters::DischargeStatus;

pub const EDIT: Edit =
    Edit { code: "EPI_LOS_SHORT", outcome: EditOutcome::Pend, reason: ReasonCode::MedicalIndication, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let bill = case.bill;
    let cut_off = matches!(bill.discharge_status, Some(DischargeStatus::Died | DischargeStatus::Transferred | DischargeStatus::AgainstAdvice));
    let usual = bill.principal().and_then(|code| case.lists.length_of_stay(code, bill.admitted_on));
    let Some(usual) = usual.filter(|_| case.is_stay() && bill.discharged_on.is_some() && !cut_off) else { return };
    if bill.nights() < i64::from(usual.low) {
        findings.claim(EditOutcome::Pend, "discharged_on", bill.nights(), usual.low);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn shorter_than_usual_is_looked_at() {
        for (discharged, status, found) in [
            ("2026-11-03", DischargeStatus::Home, false),
            ("2026-11-02", DischargeStatus::Home, true),
            ("2026-11-02", DischargeStatus::Other, true),
            ("2026-11-02", DischargeStatus::Died, false),
            ("2026-11-02", DischargeStatus::Transferred, false),
            ("2026-11-02", DischargeStatus::AgainstAdvice, false),
        ] {
            let mut fixture = Fixture::clean();
            (fixture.bill.discharged_on, fixture.bill.discharge_status) = (Some(day(discharged)), Some(status));
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{discharged} {status}");
        }
    }
}
