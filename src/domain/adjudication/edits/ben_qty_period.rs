//! `BEN_QTY_PERIOD`: of some procedures a stay has only so many; other claims for the days of this stay count. What is beyond is not paid, and where the
//! procedures have no lines of their own somebody looks.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Findings, Judge, Scope, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "BEN_QTY_PERIOD",
    scopes: &[Scope::Eligibility, Scope::Letter, Scope::Claim],
    reason: ReasonCode::MedicalIndication,
    judge: Judge::LookAndCap(look, Step::Quantity, cap),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let on = case.bill.admitted_on;
    for (place, procedure) in case.bill.procedures.iter().enumerate() {
        for limit in case.lists.procedure_limits(&procedure.code, on) {
            let Some(most) = limit.max_per_stay.map(usize::from) else { continue };
            let before = case.bill.procedures.iter().take(place).filter(|other| limit.procedure.contains(&other.code)).count();
            // Told once, at the first that is too many.
            if before == most {
                findings.claim(EditOutcome::Pend, "procedures", &procedure.code, most);
            }
        }
    }
}

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    let procedure = case.procedure_of(&cut.line.tariff_code)?;
    let stay = (case.bill.admitted_on, case.bill.last_day());
    let within = case.lists.procedure_limits(&procedure, stay.0).filter_map(|limit| {
        let most = i64::from(limit.max_per_stay?);
        let used = case.units_elsewhere(&limit.procedure, stay);
        Some(cut.units_within(most, used, false, |line| case.is_of_block(&line.tariff_code, &limit.procedure)))
    });
    case.amount_for(cut.line, within.min()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, line, px};
    use crate::domain::adjudication::{PastLine, Priced};
    use crate::domain::claims::{Line, LineState, Procedure};

    fn cataracts(quantities: &[i32]) -> Fixture {
        let mut fixture = Fixture::clean();
        let lines = (1..).zip(quantities).map(|(at, quantity)| Line { quantity: *quantity, ..line(at, "13.41", "2026-11-02", 1_000_000) });
        fixture.asks(lines.collect());
        fixture.prices.insert("13.41".to_owned(), Priced { amount: Rupiah(1_000_000), payment_percent: 100 });
        fixture
    }

    #[test]
    fn a_stay_has_so_many_and_no_more() {
        for (quantities, cut) in
            [(&[2][..], vec![]), (&[1, 1], vec![]), (&[4], vec![(1, 500_000)]), (&[1, 2], vec![(2, 500_000)]), (&[2, 1], vec![(2, 1_000_000)])]
        {
            assert_eq!(cataracts(quantities).cut(EDIT.code), cut, "{quantities:?}");
        }
        let judged = cataracts(&[2, 1]).judged();
        assert_eq!(judged.lines[1].state, LineState::Rejected, "nothing of it is left");
    }

    #[test]
    fn what_is_asked_above_the_tariff_is_no_way_around() {
        let mut fixture = cataracts(&[4]);
        fixture.asks_amount(9_000_000);
        assert_eq!(fixture.judged().payable, Rupiah(2_000_000));
    }

    #[test]
    fn what_another_claim_has_of_these_days_counts() {
        for (date, approved, cut) in [("2026-11-04", 1, vec![(1, 500_000)]), ("2026-11-05", 1, vec![]), ("2026-11-04", 0, vec![])] {
            let mut fixture = cataracts(&[2]);
            let mut past = Fixture::past(1);
            let amount = Rupiah(approved);
            past.lines =
                vec![PastLine { tariff_code: "13.43".to_owned(), date: day(date), quantity: 1, claimed: Rupiah(1), approved: amount, paid: amount }];
            fixture.history = vec![past];
            assert_eq!(fixture.cut(EDIT.code), cut, "{date} {approved}");
        }
    }

    #[test]
    fn procedures_without_lines_are_looked_at() {
        for (times, found) in [(2, vec![]), (3, vec![(None, EditOutcome::Pend)]), (4, vec![(None, EditOutcome::Pend)])] {
            let mut fixture = Fixture::clean();
            fixture.bill.procedures = vec![Procedure { code: px("13.41"), date: day("2026-11-02") }; times];
            assert_eq!(fixture.found(EDIT.code), found, "{times}");
        }
    }
}
