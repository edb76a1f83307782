//! `PRC_PER_DIEM_DAYS`: a stay has as many paid days as nights, all lines together; one without a night has one.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Judge, Step, USUAL};
use crate::domain::claims::{Line, ReasonCode};
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "PRC_PER_DIEM_DAYS",
    outcome: EditOutcome::Cap,
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Cap(Step::Quantity, cap),
    ..USUAL
};

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    let is_day = |line: &Line| case.lists.package(&line.tariff_code, case.bill.admitted_on).is_some_and(|package| package.per_diem);
    if !is_day(cut.line) {
        return None;
    }
    case.amount_for(cut.line, cut.units_within(case.bill.nights().max(1), 0, false, is_day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::Priced;
    use crate::domain::adjudication::tests::{Fixture, day, line};

    #[test]
    fn days_are_paid_up_to_the_nights() {
        for (discharged, days, cut) in [
            ("2026-11-04", &[3][..], vec![]),
            ("2026-11-04", &[4], vec![(1, 100_000)]),
            ("2026-11-04", &[2, 2], vec![(2, 200_000)]),
            ("2026-11-04", &[3, 1], vec![(2, 400_000)]),
            ("2026-11-01", &[1], vec![]),
            ("2026-11-01", &[2], vec![(1, 200_000)]),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.discharged_on = Some(day(discharged));
            fixture.bill.procedures.clear();
            let lines = (1..).zip(days).map(|(at, days)| Line { quantity: *days, ..line(at, "ROOM-III", "2026-11-01", 400_000) });
            fixture.asks(lines.collect());
            assert_eq!(fixture.cut(EDIT.code), cut, "{discharged} {days:?}");
        }
    }

    #[test]
    fn a_dear_day_is_no_way_around() {
        let mut fixture = Fixture::clean();
        fixture.asks(vec![Line { quantity: 6, ..line(1, "ROOM-III", "2026-11-01", 1_200_000) }]);
        fixture.prices.insert("ROOM-III".to_owned(), Priced { amount: Rupiah(100_000), payment_percent: 100 });
        assert_eq!(fixture.judged().payable, Rupiah(300_000), "three days at the price of the tariff");
    }
}
