//! `PRC_RECALC`: what is asked is far above what the tariff gives for the same lines. It is cut anyway; somebody asks why it differs so much.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

/// Per cent of what we compute that may be asked without a question. Assumption: the catalogue leaves the number open.
const PERCENT: i128 = 125;

pub const EDIT: Edit = Edit { code: "PRC_RECALC", outcome: EditOutcome::Pend, reason: ReasonCode::TariffExceeded, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    // A line without a price is looked at for that alone.
    let priced = || case.bill.lines.iter().filter_map(|line| Some((line.claimed_amount, case.allowed(line)?)));
    let sums = Rupiah::sum(priced().map(|(asked, _)| asked)).and_then(|asked| Ok((asked, Rupiah::sum(priced().map(|(_, allowed)| allowed))?)));
    // A sum that does not fit is refused when money is cut.
    let Ok((asked, computed)) = sums else { return };
    if i128::from(asked.0) * 100 > i128::from(computed.0) * PERCENT {
        findings.claim(EditOutcome::Pend, "total_claimed", asked.0, computed.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};

    #[test]
    fn far_above_is_asked_about() {
        for (claimed, found) in [(5_000_000, false), (5_000_001, true)] {
            let mut fixture = Fixture::clean();
            fixture.asks_amount(claimed);
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{claimed}");
        }
    }

    #[test]
    fn a_line_without_a_price_counts_for_nothing() {
        let mut fixture = Fixture::clean();
        fixture.asks_also(line(2, "UNKNOWN", "2026-11-02", 90_000_000));
        assert_eq!(fixture.found(EDIT.code), []);
    }
}
