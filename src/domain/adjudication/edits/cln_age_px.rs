//! `CLN_AGE_PX`: a procedure that is not done at this age, on its own day. Hard limits refuse the line, or the claim where it has none; soft ones are looked
//! at. Where nobody knows the birth date, nothing is said.

use crate::domain::adjudication::measures::PeopleLimits;
use crate::domain::adjudication::{Case, Edit, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "CLN_AGE_PX", scopes: &[Scope::Letter, Scope::Claim], reason: ReasonCode::CodingProcedure, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let of_people = |code: &_| case.lists.procedure_limits(code, case.bill.admitted_on).map(|limit| limit.people).collect::<Vec<_>>();
    for (line, code, date) in case.procedures_told() {
        let Some(age) = case.person.age_on(date) else { continue };
        let Some(outcome) = of_people(&code).into_iter().against_age(case, age) else { continue };
        match line {
            Some(line) => findings.line(line, outcome, "tariff_code", &code, age),
            None => findings.claim(outcome, "procedures", &code, age),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::EditOutcome;
    use crate::domain::adjudication::tests::{Fixture, day, line, px};
    use crate::domain::claims::Procedure;

    #[test]
    fn at_which_age_it_is_done() {
        for (born, found) in
            [(Some("2016-11-02"), false), (Some("2016-11-03"), true), (Some("1965-11-03"), false), (Some("1965-11-02"), true), (None, false)]
        {
            let mut fixture = Fixture::clean();
            fixture.person.birth_date = born.map(day);
            fixture.bill.procedures = vec![Procedure { code: px("74.1"), date: day("2026-11-02") }];
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{born:?}");
            fixture.asks_also(line(2, "74.1", "2026-11-02", 1_000));
            assert_eq!(fixture.found(EDIT.code), if found { vec![(Some(2), EditOutcome::Pend)] } else { vec![] }, "{born:?}");
        }
    }
}
