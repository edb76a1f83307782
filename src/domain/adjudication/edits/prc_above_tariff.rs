//! `PRC_ABOVE_TARIFF`: of a line no more is paid than its tariff allows, after the percentage of the schedule.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Judge, Scope, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "PRC_ABOVE_TARIFF",
    outcome: EditOutcome::Cap,
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Cap(Step::Tariff, cap),
    ..USUAL
};

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    case.allowed(cut.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::Priced;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn what_is_asked_above_the_tariff_is_cut() {
        for (amount, percent, quantity, cut) in [
            (4_000_000, 100, 1, vec![]),
            (3_999_999, 100, 1, vec![(1, 1)]),
            (4_000_000, 75, 1, vec![(1, 1_000_000)]),
            (2_000_000, 100, 2, vec![]),
            (2_000_000, 100, 1, vec![(1, 2_000_000)]),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.lines[0].quantity = quantity;
            fixture.prices.insert("J-4-16-I".to_owned(), Priced { amount: Rupiah(amount), payment_percent: percent });
            assert_eq!(fixture.cut(EDIT.code), cut, "{amount} {percent} {quantity}");
        }
    }
}
