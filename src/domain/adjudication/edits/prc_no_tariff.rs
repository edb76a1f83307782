//! `PRC_NO_TARIFF`: no schedule in force has a price for this code, hospital and class. Somebody looks, because the gap may be the city's.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit {
    code: "PRC_NO_TARIFF",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    for line in case.bill.lines.iter().filter(|line| !case.prices.contains_key(&line.tariff_code)) {
        findings.line(line.line, EditOutcome::Pend, "tariff_code", &line.tariff_code, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn a_code_without_a_price_is_looked_at() {
        let mut fixture = Fixture::clean();
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.bill.lines[0].tariff_code = "J-4-16-II".to_owned();
        assert_eq!(fixture.found(EDIT.code), [(Some(1), EditOutcome::Pend)]);
    }
}
