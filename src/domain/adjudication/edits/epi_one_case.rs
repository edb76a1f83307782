//! `EPI_ONE_CASE`: one stay is billed at the prices of two whole cases. Which of them it was is for a person to say; what one of them holds of the other
//! is cut elsewhere.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::{Line, ReasonCode};

pub const EDIT: Edit = Edit {
    code: "EPI_ONE_CASE",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::CodingDiagnosis,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    if !case.is_stay() {
        return;
    }
    let on = case.bill.admitted_on;
    let holds = |one: &Line, other: &Line| case.lists.package(&one.tariff_code, on).is_some_and(|package| package.holds(&other.tariff_code));
    let mut cases: Vec<&Line> = case.bill.lines.iter().filter(|line| line.quantity > 0 && case.is_whole_case(&line.tariff_code)).collect();
    // Told of the later lines, in whatever order they were written.
    cases.sort_by_key(|line| (line.date, &line.tariff_code, line.line));
    for (at, line) in cases.iter().enumerate() {
        let other = cases[..at].iter().find(|first| first.tariff_code != line.tariff_code && !holds(first, line) && !holds(line, first));
        if let Some(first) = other {
            findings.line(line.line, EditOutcome::Pend, "tariff_code", &line.tariff_code, &first.tariff_code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};

    #[test]
    fn a_stay_is_one_case() {
        for (second, date, found) in [
            ("J-4-16-II", "2026-11-01", true),
            ("K-4-17-I", "2026-11-03", true),
            // Twice the same is cut, not asked about.
            ("J-4-16-I", "2026-11-03", false),
            // An operation holds the stay, and the stay holds its services.
            ("B-1-13-I", "2026-11-02", false),
            ("ROOM-III", "2026-11-02", false),
            ("AMB-001", "2026-11-02", false),
        ] {
            let mut fixture = Fixture::clean();
            fixture.asks_also(line(2, second, date, 70_000));
            assert_eq!(fixture.found(EDIT.code), if found { vec![(Some(2), EditOutcome::Pend)] } else { vec![] }, "{second}");
        }
    }

    #[test]
    fn of_outpatients_each_clinic_has_its_own() {
        let mut fixture = Fixture::outpatient();
        fixture.asks_also(line(2, "Q-5-42-0", "2026-11-20", 70_000));
        assert_eq!(fixture.found(EDIT.code), []);
    }
}
