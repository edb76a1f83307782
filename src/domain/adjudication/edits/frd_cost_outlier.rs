//! `FRD_COST_OUTLIER`: what this hospital claims per case lies far above the median of others of its class. It is marked, and refuses nothing.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, Scope, USUAL};
use crate::domain::claims::ReasonCode;

/// A robust z above 3.5 is an outlier, with 0.6745 to make the median absolute deviation comparable with a deviation (Iglewicz and Hoaglin 1993).
const OUTLIER: f64 = 3.5;
const SCALE: f64 = 0.6745;

pub const EDIT: Edit = Edit {
    code: "FRD_COST_OUTLIER",
    outcome: EditOutcome::Flag,
    scopes: &[Scope::Nightly],
    statistical: true,
    reason: ReasonCode::MedicalIndication,
    judge: Judge::Look(look),
    ..USUAL
};

fn look(case: &Case<'_>, findings: &mut Findings) {
    // Where all peers are alike there is nothing to compare with.
    let Some(statistics) = case.statistics.filter(|statistics| statistics.peer_deviation > 0.0) else { return };
    if SCALE * (statistics.mean_cost - statistics.peer_median) / statistics.peer_deviation > OUTLIER {
        findings.claim(EditOutcome::Flag, "facility", format!("{:.0}", statistics.mean_cost), format!("{:.0}", statistics.peer_median));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::FacilityStatistics;
    use crate::domain::adjudication::tests::Fixture;

    #[test]
    fn far_above_peers() {
        for (cost, deviation, found) in
            [(3_518_000.0, 100_000.0, false), (3_520_000.0, 100_000.0, true), (9_000_000.0, 0.0, false), (1.0, 1.0, false)]
        {
            let mut fixture = Fixture::clean();
            fixture.statistics = Some(FacilityStatistics {
                claims_today: 1.0,
                mean_per_day: 1.0,
                deviation: 1.0,
                mean_cost: cost,
                peer_median: 3_000_000.0,
                peer_deviation: deviation,
            });
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Flag)] } else { vec![] }, "{cost} {deviation}");
        }
    }
}
