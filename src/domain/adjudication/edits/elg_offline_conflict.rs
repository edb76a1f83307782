//! `ELG_OFFLINE_CONFLICT`: what the hospital wrote down during an outage does not agree with the register.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "ELG_OFFLINE_CONFLICT", outcome: EditOutcome::Pend, reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.check.offline_conflict {
        findings.claim(EditOutcome::Pend, "check_id", case.check.service_date, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn an_outage_decides_nothing() {
        let mut fixture = Fixture::outpatient();
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.check.offline_conflict = true;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
    }
}
