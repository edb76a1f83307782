//! `PRC_BELOW_TARIFF`: less is asked than the tariff allows. What is asked is paid; the difference may be a wrong code or class.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

pub const EDIT: Edit =
    Edit { code: "PRC_BELOW_TARIFF", outcome: EditOutcome::Flag, reason: ReasonCode::TariffExceeded, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for line in &case.bill.lines {
        if let Some(allowed) = case.allowed(line).filter(|allowed| line.claimed_amount < *allowed) {
            findings.line(line.line, EditOutcome::Flag, "claimed_amount", line.claimed_amount.0, allowed.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;
    use crate::domain::rupiah::Rupiah;

    #[test]
    fn what_is_asked_is_paid_and_marked() {
        for (claimed, found) in [(4_000_001, false), (4_000_000, false), (3_999_999, true)] {
            let mut fixture = Fixture::clean();
            fixture.asks_amount(claimed);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(Some(1), EditOutcome::Flag)] } else { vec![] }, "{claimed}");
            assert_eq!(fixture.judged().payable, Rupiah(claimed.min(4_000_000)));
        }
    }
}
