//! `PRC_CASE_QUANTITY`: the price of a whole case is asked for more than once: a stay has one of it, and of outpatients each day.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Judge, Scope, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "PRC_CASE_QUANTITY",
    outcome: EditOutcome::Cap,
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Cap(Step::Quantity, cap),
    ..USUAL
};

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    if !case.is_whole_case(&cut.line.tariff_code) {
        return None;
    }
    let units = cut.units_within(1, 0, false, |line| line.tariff_code == cut.line.tariff_code && (case.is_stay() || line.date == cut.line.date));
    case.amount_for(cut.line, units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};
    use crate::domain::claims::Line;

    #[test]
    fn a_stay_has_one_price_once() {
        for (lines, cut) in [
            (&[("J-4-16-I", "2026-11-01", 1)][..], vec![]),
            (&[("J-4-16-I", "2026-11-01", 9)], vec![(1, 8_000_000)]),
            (&[("J-4-16-I", "2026-11-01", 1), ("J-4-16-I", "2026-11-02", 1)], vec![(2, 9_000_000)]),
            (&[("B-1-13-I", "2026-11-01", 2)], vec![(1, 4_500_000)]),
            // Days of a ward and single services are counted by others.
            (&[("ROOM-III", "2026-11-01", 3)], vec![]),
            (&[("AMB-001", "2026-11-01", 2)], vec![]),
            // Nothing of the first was asked for.
            (&[("J-4-16-I", "2026-11-01", 0), ("J-4-16-I", "2026-11-02", 1)], vec![]),
        ] {
            let mut fixture = Fixture::clean();
            fixture.prices.clear();
            let numbered = (1..).zip(lines).map(|(at, (code, date, quantity))| Line { quantity: *quantity, ..line(at, code, date, 9_000_000) });
            fixture.asks(numbered.collect());
            let cuts = fixture.judged_by(&[&EDIT], &|_| false).adjustments;
            let cuts: Vec<_> = cuts.iter().filter(|cut| cut.edit == EDIT.code).map(|cut| (cut.line, cut.amount.0)).collect();
            assert_eq!(cuts, cut, "{lines:?}");
        }
    }

    #[test]
    fn a_visit_has_one_price_a_day() {
        for (date, quantity, cut) in [("2026-11-20", 1, vec![(2, 200_000)]), ("2026-11-21", 1, vec![]), ("2026-11-21", 2, vec![(2, 100_000)])] {
            let mut fixture = Fixture::outpatient();
            fixture.asks_also(Line { quantity, ..line(2, "Q-5-44-0", date, 200_000) });
            fixture.prices.clear();
            assert_eq!(fixture.cut(EDIT.code), cut, "{date} {quantity}");
        }
    }

    #[test]
    fn the_price_of_the_tariff_is_paid_once() {
        let mut fixture = Fixture::clean();
        fixture.asks(vec![Line { quantity: 9, ..line(1, "J-4-16-I", "2026-11-01", 36_000_000) }]);
        assert_eq!(fixture.judged().payable, Rupiah(4_000_000));
    }
}
