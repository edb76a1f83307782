//! `CLN_DELIVERY_INTERVAL`: two deliveries of one woman closer than a pregnancy lasts. The later is not paid where the earlier was granted; within the weeks
//! after a delivery it is likely the same one coded again, and a person looks, as where the order or the earlier claim is in doubt.

use crate::domain::adjudication::{Case, Edit, EditOutcome, Findings, Judge, PastClaim, USUAL};
use crate::domain::claims::ReasonCode;
use crate::domain::icd9cm::Icd9Code;
use crate::domain::icd10::Icd10Code;

/// From the catalogue: about seven months.
const DAYS: i64 = 210;
/// Childbed, six weeks: care after a delivery is often coded as one. Assumption.
const CHILDBED: i64 = 42;

/// Delivery by ICD-10, and by ICD-9-CM: with instruments, assisted, caesarean. Assumption: the titles of the categories.
const DIAGNOSES: [&str; 5] = ["O80", "O81", "O82", "O83", "O84"];
const PROCEDURES: [&str; 7] = ["72", "73.5", "73.6", "74.0", "74.1", "74.2", "74.4"];

pub const EDIT: Edit = Edit { code: "CLN_DELIVERY_INTERVAL", reason: ReasonCode::CodingDiagnosis, judge: Judge::Look(look), ..USUAL };

fn is_delivery<'c>(diagnoses: impl IntoIterator<Item = &'c Icd10Code>, procedures: impl IntoIterator<Item = &'c Icd9Code>) -> bool {
    diagnoses.into_iter().any(|code| DIAGNOSES.contains(&code.category()))
        || procedures.into_iter().any(|code| PROCEDURES.iter().any(|begin| code.as_str().starts_with(begin)))
}

fn look(case: &Case<'_>, findings: &mut Findings) {
    let bill = case.bill;
    let diagnoses = bill.diagnoses.iter().map(|diagnosis| &diagnosis.code);
    if !is_delivery(diagnoses, bill.procedures.iter().map(|procedure| &procedure.code)) {
        return;
    }
    let days = |other: &PastClaim| (bill.admitted_on - other.admitted_on).num_days();
    let deliveries = case.others().filter(|other| is_delivery(&other.principal, other.procedures.iter().map(|(code, _)| code)));
    if let Some(other) = deliveries.filter(|other| days(other).abs() < DAYS).min_by_key(|other| days(other).abs()) {
        let is_sure = other.days_before(bill.admitted_on) >= CHILDBED && other.is_granted();
        findings.claim(if is_sure { EditOutcome::Reject } else { EditOutcome::Pend }, "admitted_on", days(other).abs(), DAYS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adjudication::tests::{Fixture, day, dx, px};
    use crate::domain::claims::{ClaimState, Diagnosis, DiagnosisKind};

    #[test]
    fn a_pregnancy_lasts() {
        for (before, diagnosis, state, outcome) in [
            ("2026-04-05", "O80.0", ClaimState::Paid, None),
            ("2026-04-06", "O80.0", ClaimState::Paid, Some(EditOutcome::Reject)),
            ("2026-04-06", "O80.0", ClaimState::Submitted, Some(EditOutcome::Pend)),
            ("2026-04-06", "O80.0", ClaimState::Rejected, None),
            ("2026-04-06", "O21.0", ClaimState::Paid, None),
            ("2026-09-20", "O82.0", ClaimState::Paid, Some(EditOutcome::Reject)),
            ("2026-09-21", "O82.0", ClaimState::Paid, Some(EditOutcome::Pend)),
            ("2026-12-20", "O82.0", ClaimState::Paid, Some(EditOutcome::Pend)),
        ] {
            let mut fixture = Fixture::clean();
            fixture.bill.diagnoses = vec![Diagnosis { code: dx("O80.9"), kind: DiagnosisKind::Principal }];
            let mut past = Fixture::past(1);
            (past.admitted_on, past.discharged_on) = (day(before), Some(day(before)));
            (past.principal, past.state) = (Some(dx(diagnosis)), state);
            fixture.history = vec![past];
            let expected: Vec<_> = outcome.map(|outcome| (None, outcome)).into_iter().collect();
            assert_eq!(fixture.found(EDIT.code), expected, "{before} {diagnosis} {state}");
        }
    }

    #[test]
    fn procedures_tell_of_deliveries_too() {
        for (code, delivery) in [("74.1", true), ("72.1", true), ("73.59", true), ("73.09", false), ("74.3", false), ("75.4", false)] {
            assert_eq!(is_delivery([], [&px(code)]), delivery, "{code}");
        }
    }
}
