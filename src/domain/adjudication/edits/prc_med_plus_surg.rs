//! `PRC_MED_PLUS_SURG`: a day of a ward or a case without an operation is billed beside the price of an operation, which pays the whole stay.

use crate::domain::adjudication::measures::Held;
use crate::domain::adjudication::{Case, CutLine, Edit, Judge, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit { code: "PRC_MED_PLUS_SURG", reason: ReasonCode::TariffExceeded, judge: Judge::Cap(Step::Package, cap), ..USUAL };

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    (case.held(cut) == Some(Held::StayBesideOperation)).then_some(Rupiah::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};

    #[test]
    fn an_operation_pays_the_stay() {
        for (first, second, cut) in [
            ("B-1-13-I", "ROOM-III", vec![(2, 300_000)]),
            ("B-1-13-I", "A-4-10-I", vec![(2, 300_000)]),
            // Inside the price, but no pay for the stay: another edit's.
            ("B-1-13-I", "LAB-001", vec![]),
            ("A-4-10-I", "ROOM-III", vec![]),
            ("B-1-13-I", "B-1-14-I", vec![]),
        ] {
            let mut fixture = Fixture::clean();
            fixture.asks(vec![line(1, first, "2026-11-01", 5_000_000), line(2, second, "2026-11-02", 300_000)]);
            assert_eq!(fixture.cut(EDIT.code), cut, "{first} {second}");
        }
    }
}
