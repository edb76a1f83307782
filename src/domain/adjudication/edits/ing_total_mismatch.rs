//! `ING_TOTAL_MISMATCH`: the total of a claim is the sum of its lines.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit = Edit { code: "ING_TOTAL_MISMATCH", reason: ReasonCode::AdminDocMissing, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let bill = case.bill;
    match bill.claimed() {
        Ok(sum) if sum == bill.total_claimed => {}
        Ok(sum) => findings.claim(EditOutcome::Reject, "total_claimed", bill.total_claimed.0, sum.0),
        // A sum that cannot be written is above any total.
        Err(_) => findings.claim(EditOutcome::Reject, "total_claimed", bill.total_claimed.0, i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};
    use crate::domain::rupiah::Rupiah;

    #[test]
    fn the_lines_add_up() {
        for (second, total, found) in [(1, 4_000_001, false), (1, 4_000_000, true), (1, 4_000_002, true), (i64::MAX, i64::MAX, true)] {
            let mut fixture = Fixture::clean();
            fixture.bill.lines.push(line(2, "J-4-16-I", "2026-11-02", second));
            fixture.bill.total_claimed = Rupiah(total);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Reject)] } else { vec![] }, "{second} {total}");
        }
    }
}
