//! `BEN_FAMILY_CEILING`: one household costs no more in a year than the rules say, with all earlier claims of all its members counted.

use crate::domain::adjudication::{Case, CutLine, Edit, EditOutcome, Judge, Scope, Step, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::rupiah::Rupiah;

pub const EDIT: Edit = Edit {
    code: "BEN_FAMILY_CEILING",
    outcome: EditOutcome::Cap,
    scopes: &[Scope::Letter, Scope::Claim],
    reason: ReasonCode::TariffExceeded,
    judge: Judge::Cap(Step::FamilyCeiling, cap),
    ..USUAL
};

fn cap(case: &Case<'_>, cut: &CutLine<'_>) -> Option<Rupiah> {
    let ceiling = case.rules.claims.family_ceiling?;
    // A sum that does not fit is far above any ceiling.
    let used = case.used.by_family_in_year.plus(cut.before).unwrap_or(Rupiah(i64::MAX));
    Some(ceiling.minus(used).unwrap_or(Rupiah::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::Fixture;

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
            fixture.rules.claims.family_ceiling = ceiling.map(Rupiah);
            fixture.used.by_family_in_year = Rupiah(used);
            assert_eq!(fixture.cut(EDIT.code), cut, "{ceiling:?} {used}");
        }
    }

    #[test]
    fn what_the_person_may_still_have_is_cut_first() {
        let mut fixture = Fixture::clean();
        fixture.rules.claims.annual_ceiling = Some(Rupiah(3_000_000));
        fixture.rules.claims.family_ceiling = Some(Rupiah(10_000_000));
        fixture.used.by_family_in_year = Rupiah(7_000_000);
        assert_eq!(fixture.cut(EDIT.code), [], "3 million are left of both");
        fixture.used.by_family_in_year = Rupiah(7_000_001);
        assert_eq!(fixture.cut(EDIT.code), [(1, 1)]);
    }
}
