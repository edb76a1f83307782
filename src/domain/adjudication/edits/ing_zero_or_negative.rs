//! `ING_ZERO_OR_NEGATIVE`: a line of nothing, or for less than nothing, is none.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit { code: "ING_ZERO_OR_NEGATIVE", reason: ReasonCode::AdminDocMissing, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for line in &case.bill.lines {
        if line.quantity <= 0 {
            findings.line(line.line, EditOutcome::Reject, "quantity", line.quantity, 1);
        } else if line.claimed_amount < Rupiah::ZERO {
            findings.line(line.line, EditOutcome::Reject, "claimed_amount", line.claimed_amount.0, 0);
        }
    }
    if case.bill.total_claimed <= Rupiah::ZERO {
        findings.claim(EditOutcome::Reject, "total_claimed", case.bill.total_claimed.0, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};
    use crate::domain::claims::Line;

    #[test]
    fn a_line_is_of_something() {
        for (quantity, claimed, found) in [(1, 0, false), (1, 5, false), (0, 5, true), (-1, 5, true), (1, -5, true)] {
            let mut fixture = Fixture::clean();
            fixture.bill.lines.push(Line { quantity, ..line(2, "J-4-16-I", "2026-11-02", claimed) });
            assert_eq!(fixture.found(EDIT.code), if found { vec![(Some(2), EditOutcome::Reject)] } else { vec![] }, "{quantity} {claimed}");
        }
    }

    #[test]
    fn a_claim_is_for_something() {
        for (total, found) in [(1, false), (0, true), (-1, true)] {
            let mut fixture = Fixture::clean();
            fixture.bill.total_claimed = Rupiah(total);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{total}");
        }
    }
}
