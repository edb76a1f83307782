//! `AUT_PREAUTH_AMOUNT`: no more is paid than the estimate that the letter was given for, where that binds.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Judge, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "AUT_PREAUTH_AMOUNT",
    outcome: EditOutcome::Cap,
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Cap(Step::Authorisation, cap),
    ..USUAL
};

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    let authorised = case.letter.as_ref()?.authorised.amount?;
    Some(authorised.minus(cut.before).unwrap_or(Rupiah::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};

    #[test]
    fn an_estimate_that_binds_is_the_most() {
        for (amount, cut) in [(None, vec![]), (Some(4_000_000), vec![]), (Some(3_999_999), vec![(1, 1)]), (Some(0), vec![(1, 4_000_000)])] {
            let mut fixture = Fixture::clean();
            fixture.letter.as_mut().unwrap().authorised.amount = amount.map(Rupiah);
            assert_eq!(fixture.cut(EDIT.code), cut, "{amount:?}");
        }
    }

    #[test]
    fn lines_share_the_estimate() {
        let mut fixture = Fixture::clean();
        fixture.bill.lines = vec![line(1, "AMB-001", "2026-11-01", 3_000_000), line(2, "AMB-001", "2026-11-02", 3_000_000)];
        fixture.bill.total_claimed = Rupiah(6_000_000);
        fixture.letter.as_mut().unwrap().authorised.amount = Some(Rupiah(5_000_000));
        assert_eq!(fixture.cut(EDIT.code), [(2, 1_000_000)]);
    }
}
