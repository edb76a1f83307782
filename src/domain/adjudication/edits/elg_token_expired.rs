//! `ELG_TOKEN_EXPIRED`: care lies within the days of its letter; where there is none, it begins within those of its check.

use chrono::Days;

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "ELG_TOKEN_EXPIRED", outcome: EditOutcome::Pend, reason: ReasonCode::NotEligible, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let bill = case.bill;
    let (field, from, until, last) = match &case.letter {
        Some(letter) => {
            let last_line = bill.lines.iter().map(|line| line.date).max();
            ("letter_number", letter.valid_from, letter.valid_until, last_line.unwrap_or(bill.admitted_on).max(bill.last_day()))
        }
        None => {
            let from = case.check.service_date;
            let until = from.checked_add_days(Days::new(case.rules.answer_valid_days.into())).unwrap_or(from);
            // A check is for care that begins; what lasts longer than a day or two asks for a letter.
            ("check_id", from, until, bill.admitted_on)
        }
    };
    if bill.admitted_on < from {
        findings.claim(EditOutcome::Pend, field, bill.admitted_on, from);
    } else if last > until {
        findings.claim(EditOutcome::Pend, field, last, until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn a_stay_lies_within_its_letter() {
        for (from, until, found) in [("2026-11-01", "2026-11-04", false), ("2026-11-02", "2026-11-14", true), ("2026-11-01", "2026-11-03", true)] {
            let mut fixture = Fixture::clean();
            let letter = fixture.letter.as_mut().unwrap();
            (letter.valid_from, letter.valid_until) = (day(from), day(until));
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{from} {until}");
        }
    }

    #[test]
    fn a_visit_is_on_the_day_of_its_check() {
        for (date, valid_days, found) in
            [("2026-11-20", 0, false), ("2026-11-19", 0, true), ("2026-11-19", 1, false), ("2026-11-18", 1, true), ("2026-11-21", 1, true)]
        {
            let mut fixture = Fixture::outpatient();
            (fixture.check.service_date, fixture.rules.answer_valid_days) = (day(date), valid_days);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{date} {valid_days}");
        }
    }
}
