//! `PAY_ACCOUNT_CHANGED`: the hospital's bank account was changed lately. Finance asks the hospital, by a way that it knew before, whether it did that.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::roles::Role;

pub const EDIT: Edit = Edit {
    code: "PAY_ACCOUNT_CHANGED",
    outcome: EditOutcome::Pend,
    overridden_by: Some(Role::Finance),
    reason: ReasonCode::AdminDocMissing,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if let Some(on) = case.account_changed_on {
        findings.claim(EditOutcome::Pend, "facility", on, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn a_new_account_is_asked_about() {
        for changed_on in [None, Some(day("2026-12-01"))] {
            let mut fixture = Fixture::clean();
            fixture.account_changed_on = changed_on;
            assert_eq!(fixture.found(EDIT.code), changed_on.map(|_| (None, EditOutcome::Pend)).into_iter().collect::<Vec<_>>());
        }
    }
}
