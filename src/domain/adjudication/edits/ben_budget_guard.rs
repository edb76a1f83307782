//! `BEN_BUDGET_GUARD`: the pot of this hospital has less left than is asked. Finance is told; no patient and no claim is refused for it.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::roles::Role;

pub const EDIT: Edit = Edit {
    code: "BEN_BUDGET_GUARD",
    outcome: EditOutcome::Flag,
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    overridden_by: Some(Role::Finance),
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if case.used.budget_available < case.bill.total_claimed {
        findings.claim(EditOutcome::Flag, "total_claimed", case.bill.total_claimed.0, case.used.budget_available.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::Verdict;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::rupiah::Rupiah;

    #[test]
    fn an_empty_pot_is_told_and_refuses_nothing() {
        for (available, found) in [(4_000_000, false), (3_999_999, true), (-5, true)] {
            let mut fixture = Fixture::clean();
            fixture.used.budget_available = Rupiah(available);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Flag)] } else { vec![] }, "{available}");
            assert_eq!(fixture.judged().verdict, Verdict::Pay);
        }
    }
}
