//! `FRD_VOLUME_SPIKE`: on its busiest day of late this hospital claimed far more than on the ninety days before. It refuses nothing.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

/// Deviations above the mean: marked from the first on (assumption), looked at above the second (the catalogue).
const MARKED: f64 = 3.0;
const LOOKED_AT: f64 = 4.0;
/// Where every day was alike, one claim more is no spike. Assumption.
const LEAST_DEVIATION: f64 = 1.0;

pub const EDIT: Edit = Edit {
    code: "FRD_VOLUME_SPIKE",
    outcome: EditOutcome::Pend,
    scopes: &[Scope::Nightly],
    statistical: true,
    reason: ReasonCode::MedicalIndication,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    let Some(statistics) = case.statistics else { return };
    let above = (statistics.claims_today - statistics.mean_per_day) / statistics.deviation.max(LEAST_DEVIATION);
    if above > MARKED {
        let outcome = if above > LOOKED_AT { EditOutcome::Pend } else { EditOutcome::Flag };
        findings.claim(outcome, "facility", format!("{:.0}", statistics.claims_today), format!("{:.1}", statistics.mean_per_day));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::FacilityStatistics;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn far_above_the_days_before() {
        for (today, mean, deviation, outcome) in [
            (16.0, 10.0, 2.0, None),
            (17.0, 10.0, 2.0, Some(EditOutcome::Flag)),
            (18.0, 10.0, 2.0, Some(EditOutcome::Flag)),
            (19.0, 10.0, 2.0, Some(EditOutcome::Pend)),
            (13.0, 10.0, 0.0, None),
            (14.5, 10.0, 0.0, Some(EditOutcome::Pend)),
        ] {
            let mut fixture = Fixture::clean();
            fixture.statistics = Some(FacilityStatistics {
                claims_today: today,
                mean_per_day: mean,
                deviation,
                mean_cost: 1.0,
                peer_median: 1.0,
                peer_deviation: 1.0,
            });
            let expected: Vec<_> = outcome.map(|outcome| (None, outcome)).into_iter().collect();
            assert_eq!(fixture.found(EDIT.code), expected, "{today} {mean} {deviation}");
        }
    }
}
