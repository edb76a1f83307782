//! `ING_FUTURE_SERVICE`: nothing is billed that was to be done only after the claim came.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ING_FUTURE_SERVICE", reason: ReasonCode::AdminDocMissing, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let (bill, received_on) = (case.bill, case.received_on);
    let days = [("admitted_on", Some(bill.admitted_on)), ("discharged_on", bill.discharged_on)];
    let procedures = bill.procedures.iter().map(|procedure| ("procedures", Some(procedure.date)));
    for (field, day) in days.into_iter().chain(procedures) {
        if let Some(day) = day.filter(|day| *day > received_on) {
            findings.claim(EditOutcome::Reject, field, day, received_on);
        }
    }
    for line in bill.lines.iter().filter(|line| line.date > received_on) {
        findings.line(line.line, EditOutcome::Reject, "date", line.date, received_on);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day};

    #[test]
    fn care_lies_before_its_claim() {
        let on_the_claim = [(None, EditOutcome::Reject)];
        let mut fixture = Fixture::clean();
        fixture.received_on = day("2026-11-04");
        assert_eq!(fixture.found(EDIT.code), []);
        fixture.received_on = day("2026-11-03");
        assert_eq!(fixture.found(EDIT.code), on_the_claim, "the discharge");
        fixture.bill.discharged_on = None;
        fixture.bill.procedures[0].date = day("2026-11-04");
        assert_eq!(fixture.found(EDIT.code), on_the_claim, "the procedure");
        fixture.bill.procedures[0].date = day("2026-11-03");
        fixture.bill.lines[0].date = day("2026-11-04");
        assert_eq!(fixture.found(EDIT.code), [(Some(1), EditOutcome::Reject)]);
    }
}
