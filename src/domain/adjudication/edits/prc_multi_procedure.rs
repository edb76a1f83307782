//! `PRC_MULTI_PROCEDURE`: of several operations in one session the dearest is paid in full, the next ones at the shares that the package names.

use crate::domain::adjudication::measures::share;
use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Judge, Step, USUAL};
use crate::domain::claims::{Line, ReasonCode};
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "PRC_MULTI_PROCEDURE",
    outcome: EditOutcome::Cap,
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Cap(Step::Package, cap),
    ..USUAL
};

/// A session is a day, because no times are stored.
fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    let package = |line: &Line| case.lists.package(&line.tariff_code, case.bill.admitted_on).filter(|rule| !rule.procedure_percents.is_empty());
    let own = package(cut.line)?;
    // Of the price of a whole case one is left by now, whatever was asked.
    let quantity = |line: &Line| if case.is_whole_case(&line.tariff_code) { 1 } else { i64::from(line.quantity.max(1)) };
    let mut session: Vec<_> =
        cut.all.iter().filter(|(line, left)| *left > Rupiah::ZERO && line.date == cut.line.date && package(line).is_some()).collect();
    // The dearest first; those of one price stay in the canonical order, which is that of `all`.
    session.sort_by_key(|(line, left)| std::cmp::Reverse(left.0 / quantity(line)));
    let first: i64 = session.iter().take_while(|(line, _)| line.line != cut.line.line).map(|(line, _)| quantity(line)).sum();
    let units = quantity(cut.line);
    let percent = |place: i64| i64::from(own.percent_for(usize::try_from(place).unwrap_or(usize::MAX)));
    // Beyond the last share that is named all are alike.
    let named = units.min(i64::try_from(own.procedure_percents.len()).unwrap_or(i64::MAX));
    let percents = (first..first + named).map(percent).sum::<i64>() + (units - named) * percent(first + named);
    Some(share(cut.amount, percents, 100 * units))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};

    #[test]
    fn the_dearest_is_paid_in_full_and_the_others_in_part() {
        let operations = |lines: &[(&str, &str, i32, i64)]| {
            let mut fixture = Fixture::clean();
            let numbered =
                (1..).zip(lines).map(|(at, (code, date, quantity, claimed))| Line { quantity: *quantity, ..line(at, code, date, *claimed) });
            fixture.asks(numbered.collect());
            fixture.cut(EDIT.code)
        };
        let day = "2026-11-02";
        for (lines, cut) in [
            (&[("B-1-13-I", day, 1, 5_000_000)][..], vec![]),
            (&[("B-1-13-I", day, 1, 5_000_000), ("K-1-10-I", day, 1, 6_000_000)], vec![(1, 2_500_000)]),
            (&[("B-1-13-I", day, 1, 5_000_000), ("K-1-10-I", "2026-11-03", 1, 6_000_000)], vec![]),
            (
                &[("B-1-13-I", day, 1, 4_000_000), ("K-1-10-I", day, 1, 6_000_000), ("L-1-10-I", day, 1, 2_000_000)],
                vec![(1, 2_000_000), (3, 1_500_000)],
            ),
            // Four of a whole case are one, which is paid in full.
            (&[("B-1-13-I", day, 4, 8_000_000)], vec![]),
            (&[("B-1-13-I", day, 1, 5_000_000), ("A-4-10-I", day, 1, 6_000_000)], vec![]),
        ] {
            assert_eq!(operations(lines), cut, "{lines:?}");
        }
    }

    #[test]
    fn one_that_is_not_paid_takes_no_place() {
        let mut fixture = Fixture::clean();
        fixture.asks(vec![line(1, "B-1-13-I", "2026-11-02", 5_000_000), Line { quantity: 0, ..line(2, "K-1-10-I", "2026-11-02", 6_000_000) }]);
        assert_eq!(fixture.cut(EDIT.code), []);
    }
}
