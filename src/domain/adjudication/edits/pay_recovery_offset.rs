//! `PAY_RECOVERY_OFFSET`: what the hospital owes from earlier overpayments is kept back, last of all cuts, line by line until it is covered.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Judge, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::roles::Role;
use crate::domain::rupiah::{Rupiah, TooLarge};

pub const EDIT: Edit = Edit {
    code: "PAY_RECOVERY_OFFSET",
    outcome: EditOutcome::Cap,
    overridden_by: Some(Role::Finance),
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Cap(Step::RecoveryOffset, cap),
    ..USUAL
};

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    // Without a sum that fits nothing is cut here, and the result is refused as too large.
    left_after(case.used.owed, cut).ok()
}

fn left_after(owed: Rupiah, cut: &CutLine<'_>) -> Result<Rupiah, TooLarge> {
    let earlier = cut.all.iter().take_while(|(line, _)| line.line != cut.line.line).map(|(_, amount)| *amount);
    let kept = Rupiah::sum(earlier)?.minus(cut.before)?;
    let still_owed = owed.minus(kept)?.max(Rupiah::ZERO);
    cut.amount.minus(still_owed.min(cut.amount))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};

    #[test]
    fn what_is_owed_is_kept_back_once() {
        for (owed, cut) in [
            (0, vec![]),
            (1, vec![(5, 1)]),
            (1_000_000, vec![(5, 1_000_000)]),
            (1_200_000, vec![(5, 1_000_000), (1, 200_000)]),
            (9_000_000, vec![(5, 1_000_000), (1, 2_000_000)]),
        ] {
            let mut fixture = Fixture::clean();
            fixture.asks(vec![line(1, "AMB-001", "2026-11-02", 2_000_000), line(5, "AMB-001", "2026-11-01", 1_000_000)]);
            fixture.used.owed = Rupiah(owed);
            assert_eq!(fixture.cut(EDIT.code), cut, "{owed}");
        }
    }

    #[test]
    fn it_comes_after_the_ceilings() {
        let mut fixture = Fixture::clean();
        fixture.rules.claims.annual_ceiling = Some(Rupiah(500_000));
        fixture.used.owed = Rupiah(800_000);
        assert_eq!(fixture.cut(EDIT.code), [(1, 500_000)], "no more than would be paid");
    }
}
