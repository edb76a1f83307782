//! `BEN_ANNUAL_CEILING`: one person costs no more in a year than the rules say, with all earlier claims counted.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Judge, Scope, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "BEN_ANNUAL_CEILING",
    outcome: EditOutcome::Cap,
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Cap(Step::AnnualCeiling, cap),
    ..USUAL
};

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    let ceiling = case.rules.claims.annual_ceiling?;
    // A sum that does not fit is far above any ceiling.
    let used = case.used.by_person_in_year.plus(cut.before).unwrap_or(Rupiah(i64::MAX));
    Some(ceiling.minus(used).unwrap_or(Rupiah::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, line};

    #[test]
    fn what_was_used_before_counts() {
        for (ceiling, used, cut) in [
            (None, 90_000_000, vec![]),
            (Some(10_000_000), 6_000_000, vec![]),
            (Some(10_000_000), 6_000_001, vec![(1, 1)]),
            (Some(10_000_000), 10_000_000, vec![(1, 4_000_000)]),
            (Some(10_000_000), 99_000_000, vec![(1, 4_000_000)]),
        ] {
            let mut fixture = Fixture::clean();
            fixture.rules.claims.annual_ceiling = ceiling.map(Rupiah);
            fixture.used.by_person_in_year = Rupiah(used);
            assert_eq!(fixture.cut(EDIT.code), cut, "{ceiling:?} {used}");
        }
    }

    #[test]
    fn lines_share_what_is_left_in_their_own_order() {
        let mut fixture = Fixture::clean();
        fixture.asks(vec![line(7, "AMB-001", "2026-11-03", 3_000_000), line(9, "AMB-001", "2026-11-02", 3_000_000)]);
        fixture.rules.claims.annual_ceiling = Some(Rupiah(4_000_000));
        assert_eq!(fixture.cut(EDIT.code), [(7, 2_000_000)], "the earlier day comes first");
    }
}
