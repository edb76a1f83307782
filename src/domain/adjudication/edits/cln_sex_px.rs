//! `CLN_SEX_PX`: a procedure that cannot be done on people of the registered sex. A line for it is not paid where the limit is hard; without lines of their
//! own, procedures decide the price of the whole, and so nothing is paid. A soft limit, or a sex that is in doubt, is looked at.

use crate::domain::adjudication::measures::PeopleLimits;
use crate::domain::adjudication::{Case, Edit, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "CLN_SEX_PX", scopes: &[Scope::Letter, Scope::Claim], reason: ReasonCode::CodingProcedure, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let of_people = |code: &_| case.lists.procedure_limits(code, case.bill.admitted_on).map(|limit| limit.people).collect::<Vec<_>>();
    for (line, code, _) in case.procedures_told() {
        let Some(outcome) = of_people(&code).into_iter().against_sex(case) else { continue };
        match line {
            Some(line) => findings.line(line, outcome, "tariff_code", &code, case.person.sex),
            None => findings.claim(outcome, "procedures", &code, case.person.sex),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::EditOutcome;
    use crate::domain::adjudication::tests::{Fixture, day, line, px};
    use crate::domain::claims::Procedure;
    use crate::domain::participants::Sex;

    fn man_with(code: &str) -> Fixture {
        let mut fixture = Fixture::clean();
        fixture.person.sex = Sex::M;
        fixture.bill.procedures = vec![Procedure { code: px(code), date: day("2026-11-02") }];
        fixture
    }

    #[test]
    fn on_whom_it_can_be_done() {
        assert_eq!(man_with("74.1").found(EDIT.code), [(None, EditOutcome::Reject)]);
        assert_eq!(man_with("64.0").found(EDIT.code), []);
        assert_eq!(man_with("47.01").found(EDIT.code), []);
        let mut fixture = man_with("74.1");
        fixture.person.nik_differs = true;
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Pend)]);
        fixture.person.sex = Sex::F;
        assert_eq!(fixture.found(EDIT.code), []);
    }

    #[test]
    fn a_line_falls_alone() {
        let mut fixture = man_with("74.1");
        fixture.asks_also(line(2, "74.1", "2026-11-02", 1_000));
        assert_eq!(fixture.found(EDIT.code), [(Some(2), EditOutcome::Reject)]);
    }
}
