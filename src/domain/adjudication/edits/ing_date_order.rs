//! `ING_DATE_ORDER`: nobody is treated before birth, leaves before coming, or is treated outside of the stay.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ING_DATE_ORDER", reason: ReasonCode::AdminDocMissing, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let bill = case.bill;
    if let Some(discharged_on) = bill.discharged_on.filter(|date| *date < bill.admitted_on) {
        findings.claim(EditOutcome::Reject, "discharged_on", discharged_on, bill.admitted_on);
        return;
    }
    for procedure in &bill.procedures {
        if procedure.date < bill.admitted_on || bill.discharged_on.is_some_and(|discharged_on| procedure.date > discharged_on) {
            findings.claim(EditOutcome::Reject, "procedures", procedure.date, bill.admitted_on);
        }
    }
    for line in &bill.lines {
        if line.date < bill.admitted_on || bill.discharged_on.is_some_and(|discharged_on| line.date > discharged_on) {
            findings.line(line.line, EditOutcome::Reject, "date", line.date, bill.admitted_on);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, line};

    #[test]
    fn care_ends_after_it_begins() {
        let mut fixture = Fixture::clean();
        fixture.bill.discharged_on = Some(day("2026-10-31"));
        assert_eq!(fixture.found(EDIT.code), [(None, EditOutcome::Reject)]);
        fixture.bill.discharged_on = Some(day("2026-11-01"));
        fixture.bill.procedures.clear();
        assert_eq!(fixture.found(EDIT.code), []);
    }

    #[test]
    fn a_line_lies_within_the_stay() {
        for (date, found) in [("2026-10-31", true), ("2026-11-01", false), ("2026-11-04", false), ("2026-11-05", true)] {
            let mut fixture = Fixture::clean();
            fixture.bill.lines.push(line(2, "J-4-16-I", date, 1_000));
            assert_eq!(fixture.found(EDIT.code), if found { vec![(Some(2), EditOutcome::Reject)] } else { vec![] }, "{date}");
        }
    }
}
