//! `MBR_CARD_BLOCKED`: the card was reported lost, stolen or misused: somebody looks who was treated.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "MBR_CARD_BLOCKED",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::NotEligible,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.person.card_blocked {
        findings.claim(EditOutcome::Pend, "check_id", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn a_blocked_card_is_looked_at() {
        let mut fixture = Fixture::clean();
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.person.card_blocked = true;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
    }
}
