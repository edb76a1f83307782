//! `MBR_SERVICE_AFTER_DEATH_DISCHARGE`: another claim says that the patient died before this care: one of both is wrong.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::letters::DischargeStatus;

pub const EDIT: Edit = Edit {
    code: "MBR_SERVICE_AFTER_DEATH_DISCHARGE",
    outcome: EditOutcome::Pend,
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let deaths = case.others().filter(|past| past.discharge_status == Some(DischargeStatus::Died)).map(PastClaim::last_day);
    if let Some(died) = deaths.min().filter(|died| *died < case.bill.last_day()) {
        findings.claim(EditOutcome::Pend, "admitted_on", case.bill.last_day(), died);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn nobody_comes_again_after_dying() {
        for (status, discharged_on, found) in
            [(DischargeStatus::Died, "2026-11-03", true), (DischargeStatus::Died, "2026-11-04", false), (DischargeStatus::Home, "2026-11-03", false)]
        {
            let mut fixture = Fixture::clean();
            fixture.history = vec![PastClaim { discharge_status: Some(status), discharged_on: Some(day(discharged_on)), ..Fixture::past(1) }];
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{status} {discharged_on}");
            fixture.history[0].replaced = true;
            assert_eq!(fixture.found(EDIT.code), [], "what was replaced says nothing");
        }
    }
}
