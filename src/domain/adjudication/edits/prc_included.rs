//! `PRC_INCLUDED`: a line is already inside the price of another that is paid, such as a laboratory test beside the price of the whole stay.

use crate::domain::adjudication::measures::Held;
use crate::domain::adjudication::{Case, CutLine, Edit, Judge, Scope, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "PRC_INCLUDED",
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Cap(Step::Package, cap),
    ..USUAL
};

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    (case.held(cut) == Some(Held::Inside)).then_some(Rupiah::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};
    use crate::domain::claims::LineState;

    #[test]
    fn what_the_package_holds_is_not_paid_beside_it() {
        for (code, cut) in [("LAB-001", true), ("ROOM-III", true), ("AMB-001", false), ("J-4-16-II", false)] {
            let mut fixture = Fixture::clean();
            fixture.asks_also(line(2, code, "2026-11-03", 70_000));
            assert_eq!(fixture.cut(EDIT.code), if cut { vec![(2, 70_000)] } else { vec![] }, "{code}");
            assert_eq!(fixture.judged().lines[1].state == LineState::Rejected, cut, "{code}");
        }
    }

    #[test]
    fn a_package_that_is_not_paid_holds_nothing() {
        let mut fixture = Fixture::clean();
        fixture.asks_also(line(2, "LAB-001", "2026-11-03", 70_000));
        fixture.bill.lines[0].quantity = 0;
        assert_eq!(fixture.cut(EDIT.code), []);
    }

    #[test]
    fn an_outpatient_package_is_one_visit() {
        for (date, cut) in [("2026-11-20", vec![(2, 50_000)]), ("2026-11-21", vec![])] {
            let mut fixture = Fixture::outpatient();
            fixture.asks_also(line(2, "LAB-001", date, 50_000));
            fixture.bill.discharged_on = Some("2026-11-21".parse().unwrap());
            assert_eq!(fixture.cut(EDIT.code), cut, "{date}");
        }
    }
}
