//! `CLN_PAIR_CONFLICT`: of two procedures of one day the list pays only the first. The line of the second is not paid; where the papers may show another
//! site of the body, or where the procedures have no lines of their own, somebody looks.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Findings, Judge, Scope, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "CLN_PAIR_CONFLICT",
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::CodingProcedure,
    judge: Judge::LookAndCap(look, Step::Package, cap),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let told = case.procedures_told();
    for (line, second, date) in &told {
        let beside = told.iter().filter(|(_, _, other)| other == date);
        let pairs = beside.filter_map(|(_, first, _)| Some((first, case.lists.excluded_beside(first, second, case.bill.admitted_on)?)));
        match line {
            // What no papers can change is cut.
            Some(line) => {
                if let Some((first, _)) = pairs.into_iter().find(|(_, pair)| pair.separate_site) {
                    findings.line(*line, EditOutcome::Pend, "tariff_code", second, first);
                }
            }
            None => {
                if let Some((first, _)) = pairs.into_iter().next() {
                    findings.claim(EditOutcome::Pend, "procedures", second, first);
                }
            }
        }
    }
}

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    let second = case.procedure_of(&cut.line.tariff_code)?;
    let paid = cut.all.iter().filter(|(line, left)| line.date == cut.line.date && *left > Rupiah::ZERO);
    let pairs = paid.filter_map(|(line, _)| case.lists.excluded_beside(&case.procedure_of(&line.tariff_code)?, &second, case.bill.admitted_on));
    pairs.into_iter().any(|pair| !pair.separate_site).then_some(Rupiah::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, line, px};
    use crate::domain::claims::{Line, LineState, Procedure};

    fn lines(first: &str, second: (&str, &str)) -> Fixture {
        let mut fixture = Fixture::clean();
        fixture.asks(vec![line(1, first, "2026-11-02", 800_000), line(2, second.0, second.1, 500_000)]);
        fixture
    }

    #[test]
    fn the_second_of_a_pair_is_not_paid() {
        for (first, second, date, cut) in [
            ("45.23", "45.24", "2026-11-02", vec![(2, 500_000)]),
            ("45.24", "45.23", "2026-11-02", vec![(1, 800_000)]),
            ("45.23", "45.24", "2026-11-03", vec![]),
            ("45.23", "47.01", "2026-11-02", vec![]),
            ("80.6", "80.26", "2026-11-02", vec![]),
        ] {
            assert_eq!(lines(first, (second, date)).cut(EDIT.code), cut, "{first} {second} {date}");
        }
        assert_eq!(lines("45.23", ("45.24", "2026-11-02")).judged().lines[1].state, LineState::Rejected);
    }

    #[test]
    fn another_site_and_procedures_without_lines_are_looked_at() {
        assert_eq!(lines("80.6", ("80.26", "2026-11-02")).found(EDIT.code), [(Some(2), EditOutcome::Pend)]);
        let mut fixture = Fixture::clean();
        fixture.bill.procedures = ["45.23", "45.24"].map(|code| Procedure { code: px(code), date: day("2026-11-02") }).to_vec();
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
    }

    #[test]
    fn a_first_that_is_not_paid_excludes_nothing() {
        let mut fixture = lines("45.23", ("45.24", "2026-11-02"));
        fixture.bill.lines[0] = Line { quantity: 0, ..fixture.bill.lines[0].clone() };
        assert_eq!(fixture.cut(EDIT.code), []);
    }
}
