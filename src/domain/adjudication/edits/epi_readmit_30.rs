//! `EPI_READMIT_30`: in hospital again within thirty days for the same kind of illness. A person looks, with all papers; it is never refused by itself,
//! because people do fall ill again. Planned series and the second half of a transfer are none.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::eligibility::CareType;
use crate::domain::letters::DischargeStatus;

/// From the catalogue.
const DAYS: i64 = 30;

pub const EDIT: Edit =
    Edit { code: "EPI_READMIT_30", outcome: EditOutcome::Pend, reason: ReasonCode::MedicalIndication, judge: Judge::Look(look), ..USUAL };

fn look(case: &Case<'_>, findings: &mut Findings) {
    for other in readmissions(case).filter(|other| !is_next_day(case, other)) {
        findings.claim(EditOutcome::Pend, "admitted_on", other.days_before(case.bill.admitted_on), DAYS);
    }
}

/// Stays for the same kind of illness that ended within the days before this one.
pub(super) fn readmissions<'c>(case: &'c Case<'_>) -> impl Iterator<Item = &'c PastClaim> {
    let on = case.bill.admitted_on;
    let is_asked = case.is_stay() && !case.is_of_series();
    case.others().filter(move |other| {
        let days = other.days_before(on);
        is_asked
            && other.care_type == CareType::Inpatient
            && (0..=DAYS).contains(&days)
            && !(days <= 1 && other.discharge_status == Some(DischargeStatus::Transferred) && other.facility_id != case.facility.id)
            && is_of_one_kind(case, other)
    })
}

/// The same category of ICD-10 stands for the same family of illnesses.
pub(super) fn is_of_one_kind(case: &Case<'_>, other: &PastClaim) -> bool {
    case.bill.principal().zip(other.principal.as_ref()).is_some_and(|(ours, theirs)| ours.category() == theirs.category())
}

/// Out and in again at the same hospital, on the same or the next day.
pub(super) fn is_next_day(case: &Case<'_>, other: &PastClaim) -> bool {
    other.facility_id == case.facility.id && other.days_before(case.bill.admitted_on) <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::Verdict;
    use crate::domain::adjudication::tests::{Fixture, day, dx, id, px};
    use crate::domain::claims::{ClaimState, Procedure};

    fn after(discharged: &str, change: impl Fn(&mut PastClaim)) -> Fixture {
        let mut fixture = Fixture::clean();
        let mut past = Fixture::past(1);
        (past.admitted_on, past.discharged_on, past.principal) = (day("2026-09-20"), Some(day(discharged)), Some(dx("J18.0")));
        change(&mut past);
        fixture.history = vec![past];
        fixture
    }

    #[test]
    fn again_within_thirty_days_is_looked_at() {
        for (discharged, found) in [("2026-10-01", false), ("2026-10-02", true), ("2026-10-31", true), ("2026-11-01", true)] {
            let expected = if found { vec![(None, EditOutcome::Pend)] } else { vec![] };
            assert_eq!(after(discharged, |_| {}).found(EDIT.code), expected, "{discharged}");
        }
        assert_eq!(after("2026-10-20", |past| past.principal = Some(dx("J15.0"))).found(EDIT.code), []);
        assert_eq!(after("2026-10-20", |past| past.care_type = CareType::Outpatient).found(EDIT.code), []);
        assert_eq!(after("2026-10-20", |past| past.state = ClaimState::Rejected).found(EDIT.code), []);
        assert_eq!(after("2026-10-31", |past| past.facility_id = id(200)).found(EDIT.code), [], "another edit asks about the next day");
        assert_eq!(after("2026-11-01", |past| past.discharge_status = Some(DischargeStatus::Transferred)).found(EDIT.code), []);
    }

    #[test]
    fn a_readmission_is_never_refused_and_a_series_is_none() {
        let mut fixture = after("2026-10-20", |_| {});
        assert_eq!(fixture.judged().verdict, Verdict::Pend);
        fixture.bill.procedures.push(Procedure { code: px("99.25"), date: day("2026-11-02") });
        assert_eq!(fixture.found(EDIT.code), []);
    }
}
