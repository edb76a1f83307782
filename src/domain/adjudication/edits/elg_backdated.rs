//! `ELG_BACKDATED`: the letter, or the check where there is none, came within the days that the rules leave after the care began.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ELG_BACKDATED", outcome: EditOutcome::Pend, reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (field, came_on) = case.letter.as_ref().map_or(("check_id", case.check.checked_on), |letter| ("letter_number", letter.issued_on));
    let until = case.rules.letters.issue_until(case.bill.admitted_on);
    if came_on > until {
        findings.claim(EditOutcome::Pend, field, came_on, until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn who_asks_late_is_looked_at() {
        for (days, found) in [(0, false), (5, false), (6, true)] {
            let found = if found { vec![(None, EditOutcome::Pend)] } else { vec![] };
            let (mut stay, mut visit) = (Fixture::clean(), Fixture::outpatient());
            stay.bill.discharged_on = Some(day("2026-11-30"));
            stay.letter.as_mut().unwrap().issued_on = stay.bill.admitted_on + chrono::Duration::days(days);
            visit.check.checked_on = visit.bill.admitted_on + chrono::Duration::days(days);
            assert_eq!((stay.found(EDIT.code), visit.found(EDIT.code)), (found.clone(), found), "{days}");
        }
    }
}
