//! `CLN_UNITS_PER_DAY`: more of a procedure on one day than there can be. What is beyond is not paid; a line that goes beyond a hard limit is not paid at
//! all; procedures without lines of their own are looked at.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Findings, Judge, Scope, Step, USUAL};
use crate::domain::claim_lists::Strength;
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "CLN_UNITS_PER_DAY",
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::CodingProcedure,
    judge: Judge::LookAndCap(look, Step::Quantity, cap),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    for (place, procedure) in case.bill.procedures.iter().enumerate() {
        for limit in case.lists.procedure_limits(&procedure.code, case.bill.admitted_on) {
            let Some(most) = limit.max_per_day.map(usize::from) else { continue };
            let before = case.bill.procedures.iter().take(place);
            // Told once, at the first that is too many.
            if before.filter(|other| other.date == procedure.date && limit.procedure.contains(&other.code)).count() == most {
                findings.claim(EditOutcome::Pend, "procedures", &procedure.code, most);
            }
        }
    }
}

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    let procedure = case.procedure_of(&cut.line.tariff_code)?;
    let day = cut.line.date;
    let within = case.lists.procedure_limits(&procedure, case.bill.admitted_on).filter_map(|limit| {
        let most = i64::from(limit.max_per_day?);
        let used = case.units_elsewhere(&limit.procedure, (day, day));
        let is_hard = limit.people.strength == Strength::Hard;
        Some(cut.units_within(most, used, is_hard, |line| line.date == day && case.is_of_block(&line.tariff_code, &limit.procedure)))
    });
    case.amount_for(cut.line, within.min()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, line, px};
    use crate::domain::claims::{Line, Procedure};

    #[test]
    fn a_day_has_so_many() {
        for (lines, cut) in [
            (&[("87.44", "2026-11-02", 3)][..], vec![]),
            (&[("87.44", "2026-11-02", 4)], vec![(1, 300_000)]),
            (&[("87.44", "2026-11-02", 2), ("87.49", "2026-11-02", 2)], vec![(2, 600_000)]),
            (&[("87.44", "2026-11-02", 2), ("87.44", "2026-11-03", 2)], vec![]),
            // A hard limit: all of the line, and the next one has its chance.
            (&[("47.01", "2026-11-02", 2)], vec![(1, 1_200_000)]),
            (&[("47.01", "2026-11-02", 1)], vec![]),
        ] {
            let mut fixture = Fixture::clean();
            let numbered = (1..).zip(lines).map(|(at, (code, date, quantity))| Line { quantity: *quantity, ..line(at, code, date, 1_200_000) });
            fixture.asks(numbered.collect());
            let cuts = fixture.judged_by(&[&EDIT], &|_| false).adjustments;
            assert_eq!(cuts.iter().map(|cut| (cut.line, cut.amount.0)).collect::<Vec<_>>(), cut, "{lines:?}");
        }
    }

    #[test]
    fn procedures_without_lines_are_looked_at() {
        for (dates, found) in [
            (&["2026-11-02"; 3][..], vec![]),
            (&["2026-11-02"; 5], vec![(None, EditOutcome::Pend)]),
            (&["2026-11-02", "2026-11-02", "2026-11-02", "2026-11-03"], vec![]),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.procedures = dates.iter().map(|date| Procedure { code: px("87.44"), date: day(date) }).collect();
            assert_eq!(fixture.found(EDIT.code), found, "{dates:?}");
        }
    }
}
