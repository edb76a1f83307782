//! `BEN_ONCE_IN_LIFETIME`: what is done once, such as the removal of an organ, was claimed for this person before. Somebody looks which of them is wrong.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, Scope, USUAL};
use crate::domain::claim_lists::ProcedureLimit;
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "BEN_ONCE_IN_LIFETIME",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::CodingProcedure,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let of_lines = case.bill.lines.iter().filter_map(|line| case.procedure_of(&line.tariff_code));
    let mut told: Vec<&ProcedureLimit> = Vec::new();
    for code in case.bill.procedures.iter().map(|procedure| procedure.code.clone()).chain(of_lines) {
        for limit in case.lists.procedure_limits(&code, case.bill.admitted_on).filter(|limit| limit.once_in_lifetime) {
            let had = |claim: &&PastClaim| {
                claim.procedures.iter().any(|(other, _)| limit.procedure.contains(other))
                    || claim.standing_lines().any(|line| case.is_of_block(&line.tariff_code, &limit.procedure))
            };
            let Some(claim) = case.others().find(had).filter(|_| !told.contains(&limit)) else { continue };
            findings.claim(EditOutcome::Pend, "procedures", &code, claim.admitted_on);
            told.push(limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, px};
    use crate::domain::claims::{ClaimState, Procedure};

    #[test]
    fn an_organ_is_removed_once() {
        for (before, now, state, found) in [
            ("47.01", "47.09", ClaimState::Paid, true),
            ("47.01", "47.1", ClaimState::Paid, false),
            ("51.22", "47.01", ClaimState::Paid, false),
            ("47.01", "47.01", ClaimState::Rejected, false),
            ("39.95", "39.95", ClaimState::Paid, false),
        ] {
            let mut fixture = Fixture::clean();
            let mut past = Fixture::past(1);
            (past.state, past.procedures) = (state, vec![(px(before), day("2019-01-05"))]);
            fixture.history = vec![past];
            fixture.bill.procedures = vec![Procedure { code: px(now), date: day("2026-11-02") }];
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{before} {now} {state}");
        }
    }
}
