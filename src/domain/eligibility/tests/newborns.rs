//! The rule of newborns, and what of the mother's standing is theirs: cases that hit, and some that just do not.

use std::collections::BTreeSet;

use serde_json::json;

use super::rules::{Case, P1, P6, registry_lost};
use super::*;
use crate::domain::rupiah::Rupiah;
use Decision::{Eligible, NotEligible, Provisional, Undetermined};
use Outcome::{Fail, NotApplicable, Pass, Unknown, Warn};
use RuleCode::*;

/// A child born on this date to a woman who has lived here since 2015.
fn child_of_a_resident(facts: &mut Facts, born: &str) {
    let mother = MotherFacts { residency: resident("2015-03-01"), ..MotherFacts::default() };
    let newborn = Some(NewbornFacts { born: day(born), registered: true, mother });
    facts.identified_by = IdentifiedBy::Mother;
    facts.person = Some(PersonFacts { temporary: true, age_years: Some(0), residency: resident(born), newborn, ..PersonFacts::default() });
}

fn mother(facts: &mut Facts) -> &mut MotherFacts {
    &mut person(facts).newborn.as_mut().unwrap().mother
}

pub(super) fn cases() -> Vec<Case> {
    fn of_28_days(facts: &mut Facts) {
        child_of_a_resident(facts, "2026-10-24");
    }
    fn of_29_days(facts: &mut Facts) {
        child_of_a_resident(facts, "2026-10-23");
    }
    fn of_three_months(facts: &mut Facts) {
        child_of_a_resident(facts, "2026-08-21");
    }
    fn older(facts: &mut Facts) {
        child_of_a_resident(facts, "2026-08-20");
    }
    fn mother_was(facts: &mut Facts, date: &str, kind: StatusEventKind) {
        of_28_days(facts);
        mother(facts).events.insert(event(date, kind));
    }
    fn member(facts: &mut Facts) {
        mother(facts).jkn.insert(jkn(JknSegment::PbiApbn, JknState::Active, "2015-01-01", None));
    }
    vec![
        (P6, |_| {}, NewbornCovered, NotApplicable, json!(null), Eligible),
        (P6, of_28_days, NewbornCovered, Pass, json!(28), Eligible),
        (P6, of_28_days, TemporaryIdentity, NotApplicable, json!(null), Eligible),
        (P6, of_28_days, ResidencyTooShort, Pass, json!(140), Eligible),
        (P6, of_29_days, NewbornCovered, Warn, json!(29), Eligible),
        (P6, of_three_months, NewbornCovered, Warn, json!(92), Eligible),
        (P6, of_three_months, ResidencyTooShort, Pass, json!(140), Eligible),
        (P6, older, NewbornCovered, Fail, json!(3), NotEligible),
        (P6, older, TemporaryIdentity, Unknown, json!(null), NotEligible),
        (P6, |f| (older(f), f.care_type = CareType::Emergency).1, NewbornCovered, Fail, json!(3), Provisional),
        (P6, |f| (older(f), person(f).temporary = false).1, NewbornCovered, NotApplicable, json!(null), Eligible),
        (P6, |f| (older(f), person(f).temporary = false).1, ResidencyTooShort, Pass, json!(140), Eligible),
        (P6, |f| child_of_a_resident(f, "2026-11-22"), NewbornCovered, NotApplicable, json!(null), NotEligible),
        (P1, |f| (child_of_a_resident(f, "2017-02-01"), f.told.monthly_income = Some(Rupiah(0))).1, NewbornCovered, Pass, json!(9), Eligible),
        (P6, |f| (of_28_days(f), mother(f).residency = resident("2026-10-01")).1, ResidencyTooShort, Fail, json!(1), NotEligible),
        (P6, |f| (of_28_days(f), mother(f).residency = BTreeSet::new()).1, NotResident, Fail, json!(null), NotEligible),
        (P6, |f| (of_28_days(f), member(f)).1, JknActive, Fail, json!("PBI_APBN"), NotEligible),
        (P6, |f| (of_29_days(f), member(f)).1, JknActive, Pass, json!("none"), Eligible),
        (P6, |f| mother_was(f, "2026-11-21", StatusEventKind::Suspended), NewbornCovered, Fail, json!("suspended"), NotEligible),
        (P6, |f| mother_was(f, "2026-11-21", StatusEventKind::NikInactive), NewbornCovered, Fail, json!("nik_inactive"), NotEligible),
        (P6, |f| mother_was(f, "2026-11-21", StatusEventKind::MovedOut), NewbornCovered, Fail, json!("moved_out"), NotEligible),
        (P6, |f| mother_was(f, "2026-11-22", StatusEventKind::Suspended), NewbornCovered, Pass, json!(28), Eligible),
        (P6, |f| mother_was(f, "2026-10-24", StatusEventKind::Deceased), NewbornCovered, Pass, json!(28), Eligible),
        (P6, |f| mother_was(f, "2026-10-23", StatusEventKind::Deceased), NewbornCovered, Fail, json!("deceased"), NotEligible),
        (P6, |f| (f.person, f.identified_by) = (None, IdentifiedBy::Mother), NikNotFound, Fail, json!(null), NotEligible),
        (P6, |f| f.person = None, NewbornCovered, NotApplicable, json!(null), NotEligible),
        (P6, registry_lost, NewbornCovered, Unknown, json!(null), Undetermined),
    ]
}
