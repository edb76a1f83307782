//! `PAY_FOUR_EYES`: nobody's word alone pays: who submits also registered the patient or asked for the check, or the amount is one for two verifiers.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "PAY_FOUR_EYES", outcome: EditOutcome::Pend, reason: ReasonCode::AdminDocMissing, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let asked = case.bill.total_claimed;
    if let Some(limit) = case.rules.claims.second_decision_above.filter(|limit| asked > *limit) {
        findings.claim(EditOutcome::Pend, "total_claimed", asked.0, limit.0);
    } else if case.submitted_by_registrar {
        findings.claim(EditOutcome::Pend, "submitted_by", "", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::rupiah::Rupiah;

    #[test]
    fn two_people_decide() {
        for (total, limit, by_registrar, found) in [
            (50_000_000, Some(50_000_000), false, false),
            (50_000_001, Some(50_000_000), false, true),
            (50_000_001, None, false, false),
            (1, Some(50_000_000), true, true),
            (50_000_001, Some(50_000_000), true, true),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.total_claimed = Rupiah(total);
            fixture.rules.claims.second_decision_above = limit.map(Rupiah);
            fixture.submitted_by_registrar = by_registrar;
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{total} {limit:?} {by_registrar}");
        }
    }
}
