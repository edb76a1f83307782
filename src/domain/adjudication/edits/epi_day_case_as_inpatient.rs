//! `EPI_DAY_CASE_AS_INPATIENT`: a stay of at most one night for nothing but procedures that are usually done without one. No price of a day is known to
//! cut to, so somebody looks whether the night was needed.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, USUAL};
use crate::domain::claims::ReasonCode;

/// From the catalogue: 0-1 night.
const NIGHTS: i64 = 1;

pub const EDIT: Edit =
    Edit { code: "EPI_DAY_CASE_AS_INPATIENT", outcome: EditOutcome::Pend, reason: ReasonCode::MedicalIndication, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    let bill = case.bill;
    let on = bill.admitted_on;
    let all = bill.procedures.iter().all(|procedure| case.lists.procedure_limits(&procedure.code, on).any(|limit| limit.day_case));
    if let Some(first) = bill.procedures.first().filter(|_| all && case.is_stay() && bill.discharged_on.is_some() && bill.nights() <= NIGHTS) {
        findings.claim(EditOutcome::Pend, "procedures", &first.code, bill.nights());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, px};
    use crate::domain::claims::Procedure;

    #[test]
    fn a_night_for_a_day_is_looked_at() {
        for (discharged, codes, found) in [
            ("2026-11-01", &["13.41"][..], true),
            ("2026-11-02", &["13.41"], true),
            ("2026-11-03", &["13.41"], false),
            ("2026-11-02", &["13.41", "87.44"], false),
            ("2026-11-02", &[], false),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.discharged_on = Some(day(discharged));
            fixture.bill.procedures = codes.iter().map(|code| Procedure { code: px(code), date: day("2026-11-01") }).collect();
            assert_eq!(fixture.found(EDIT.code), if found { vec![(None, EditOutcome::Pend)] } else { vec![] }, "{discharged} {codes:?}");
        }
    }
}
