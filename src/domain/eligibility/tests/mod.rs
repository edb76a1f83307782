//! The decision, tried: rule by rule, scenario by scenario, with sources away, and with anything at all.

mod golden;
mod newborns;
pub(in crate::domain) mod properties;
mod rules;
mod scenarios;
mod sources;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::*;
use crate::domain::cards::CardState;
use crate::domain::enrollments::{EnrollmentStanding, EnrollmentState};
use crate::domain::facilities::{FacilityClass, FacilityKind};
use crate::domain::jkn::{JknPeriod, JknSegment, JknState};
use crate::domain::participants::{StatusEvent, StatusEventKind};
use crate::domain::referrals::{ReferralFit, ReferralSource};
use crate::domain::residency::ResidencyPeriod;
use crate::domain::rule_sets::RuleSets;
use crate::domain::time::DateRange;

static RULE_SETS: LazyLock<RuleSets> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/config/rule-sets");
    let files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    RuleSets::load(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap()
});

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let primary_care = include_str!("../../../../config/reference/primary_care_diagnoses.csv");
    let excluded = include_str!("../../../../config/reference/excluded_services.csv");
    Lists::load(("primary_care_diagnoses.csv", primary_care), ("excluded_services.csv", excluded)).unwrap()
});

pub(in crate::domain) fn rule_sets() -> &'static RuleSets {
    &RULE_SETS
}

pub(in crate::domain) fn lists() -> &'static Lists {
    &LISTS
}

pub(in crate::domain) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(in crate::domain) fn range(from: &str, to: Option<&str>) -> DateRange {
    DateRange { from: day(from), to: to.map(day) }
}

pub(in crate::domain) fn jkn(segment: JknSegment, state: JknState, from: &str, to: Option<&str>) -> JknPeriod {
    JknPeriod { segment, state, valid_from: day(from), valid_to: to.map(day) }
}

pub(in crate::domain) fn resident(from: &str) -> BTreeSet<ResidencyPeriod> {
    [ResidencyPeriod { from: day(from), until: None, village_code: "3275011001".parse().unwrap() }].into()
}

pub(in crate::domain) fn event(date: &str, kind: StatusEventKind) -> StatusEvent {
    StatusEvent { date: day(date), kind, revoked: false }
}

pub(in crate::domain) fn enrollment(state: EnrollmentState, card_state: CardState) -> EnrollmentStanding {
    EnrollmentStanding { state, card_state, issued_on: Some(day("2017-02-01")), ended_on: None }
}

pub(in crate::domain) fn referral(source: ReferralSource, issued_on: &str) -> ReferralFacts {
    ReferralFacts { source, fit: ReferralFit::Fits, from_facility_code: None, issued_on: Some(day(issued_on)), valid_until: None, diagnosis: None }
}

/// A resident since 2015 who comes with a fresh referral to a contracted government hospital: eligible in every phase that asks no income.
pub(in crate::domain) fn plain_facts(date: &str) -> Facts {
    Facts {
        v: FACTS_VERSION,
        asked_at: format!("{date}T02:00:00Z").parse().unwrap(),
        utc_offset_seconds: 7 * 3600,
        service_date: day(date),
        retrospective: false,
        care_type: CareType::Outpatient,
        ward_class: Some(WardClass::III),
        diagnosis: Some("I21.9".parse().unwrap()),
        identified_by: IdentifiedBy::Nik,
        nik_oddities: BTreeSet::new(),
        card: None,
        person: Some(PersonFacts { age_years: Some(30), residency: resident("2015-03-01"), ..PersonFacts::default() }),
        identity: IdentityFacts::NOT_GIVEN,
        facility: FacilityFacts {
            kind: FacilityKind::Hospital,
            class: Some(FacilityClass::B),
            government: true,
            inside_city: true,
            contracts: [range("2017-01-16", None)].into(),
        },
        referral: Some(referral(ReferralSource::Registry, date)),
        told: ToldFacts::default(),
        registry: SourceStanding { as_of: Some(format!("{date}T02:00:00Z").parse().unwrap()), away: false },
        jkn: None,
        granted_on_review: false,
    }
}

pub(in crate::domain) fn person(facts: &mut Facts) -> &mut PersonFacts {
    facts.person.get_or_insert_default()
}

pub(in crate::domain) fn answer(facts: &Facts) -> Answer {
    decide(rule_sets().for_date(facts.service_date).unwrap(), lists(), facts)
}

/// The answer to plain facts with one change.
pub(in crate::domain) fn answer_to(date: &str, change: impl FnOnce(&mut Facts)) -> Answer {
    let mut facts = plain_facts(date);
    change(&mut facts);
    answer(&facts)
}

pub(in crate::domain) fn codes_with(answer: &Answer, outcome: Outcome) -> Vec<RuleCode> {
    answer.rules.iter().filter(|rule| rule.outcome == outcome).map(|rule| rule.code).collect()
}
