//! A case: the question, the rules and lists it is judged by, and what all rules need to know of it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::facts::{Facts, PersonFacts, SourceStanding};
use super::{CareType, Lists, Paper, RuleCode, RuleResult, Source, SpecialGroup};
use crate::domain::facilities::FacilityKind;
use crate::domain::icd10::Icd10Code;
use crate::domain::participants::Standing;
use crate::domain::rule_sets::{Group, RuleSet};

pub(super) struct Case<'a> {
    pub rules: &'a RuleSet,
    pub lists: &'a Lists,
    pub facts: &'a Facts,
    pub person: Known<'a>,
    pub registry: Reach,
    pub population: Reach,
    pub jkn: Reach,
    /// The groups that the patient is said to belong to or that the case shows; at most three.
    groups: [Option<SpecialGroup>; 3],
}

/// What is known of the person asked about.
#[derive(Clone, Copy)]
pub(super) enum Known<'a> {
    Person(&'a PersonFacts, Standing),
    /// The registry was read and has nobody.
    Nobody,
    /// The registry could not be read.
    Untold,
}

/// How far a source can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Here,
    /// Away, but it left a snapshot that is new enough.
    Snapshot,
    Lost,
}

impl<'a> Case<'a> {
    pub fn new(rules: &'a RuleSet, lists: &'a Lists, facts: &'a Facts) -> Self {
        let reach = |source| reach(rules, facts, source);
        let registry = reach(facts.registry);
        let person = match (&facts.person, registry) {
            (_, Reach::Lost) => Known::Untold,
            (Some(person), Reach::Here | Reach::Snapshot) => {
                Known::Person(person, Standing::on(facts.service_date, person.temporary, &person.events))
            }
            (None, Reach::Here | Reach::Snapshot) => Known::Nobody,
        };
        // Where the office is not asked, the register stands for itself.
        let population = facts.population.as_ref().map_or(Reach::Here, |population| reach(population.source));
        Self { rules, lists, facts, person, registry, population, jkn: facts.jkn.map_or(registry, reach), groups: groups(rules, lists, facts) }
    }

    pub fn date(&self) -> NaiveDate {
        self.facts.service_date
    }

    pub fn emergency(&self) -> bool {
        self.facts.care_type == CareType::Emergency
    }

    /// Outpatient care at a hospital: what the Puskesmas comes before. A hospital that calls it primary care gives no other care.
    pub fn hospital_outpatient(&self) -> bool {
        matches!(self.facts.care_type, CareType::Outpatient | CareType::Primary) && self.facts.facility.kind == FacilityKind::Hospital
    }

    /// The diagnosis of the question, else that of the referral.
    pub fn diagnosis(&self) -> Option<&'a Icd10Code> {
        self.facts.diagnosis.as_ref().or_else(|| self.facts.referral.as_ref()?.diagnosis.as_ref())
    }

    pub fn papers(&self) -> Option<&'a BTreeSet<Paper>> {
        self.facts.told.papers.as_ref()
    }

    /// A rule about the person: it does not apply to nobody, and is not known while the registry cannot be read.
    pub fn of_person(&self, code: RuleCode, judge: impl FnOnce(&'a PersonFacts, &Standing) -> RuleResult) -> RuleResult {
        match &self.person {
            Known::Person(person, standing) => judge(person, standing),
            Known::Nobody => RuleResult::not_applicable(code),
            Known::Untold => RuleResult::lost(code, Source::Registry),
        }
    }

    /// The groups that these rules have terms for.
    pub fn groups(&self) -> impl Iterator<Item = (SpecialGroup, &'a Group)> {
        self.groups.into_iter().flatten().filter_map(|group| Some((group, self.rules.special_groups.get(&group)?)))
    }

    /// Would a special group answer this rule, had its papers been shown when they were asked for?
    pub fn answered_by_lacking_papers(&self, code: RuleCode) -> bool {
        self.papers()
            .is_some_and(|shown| self.groups().any(|(_, group)| group.stands_for.contains(&code) && !group.papers.lacking(shown, &[]).is_empty()))
    }

    /// Do the shown papers of a special group answer this rule?
    pub fn answered_by_group(&self, code: RuleCode) -> bool {
        self.groups().any(|(_, group)| group.stands_for.contains(&code) && group.papers.shown_in(self.papers()))
    }
}

fn reach(rules: &RuleSet, facts: &Facts, source: SourceStanding) -> Reach {
    let fresh_enough = |as_of| facts.asked_at.since(as_of) <= chrono::Duration::days(i64::from(rules.sources.snapshot_max_age_days));
    match source {
        SourceStanding { away: false, .. } => Reach::Here,
        SourceStanding { away: true, as_of: Some(as_of) } if fresh_enough(as_of) => Reach::Snapshot,
        SourceStanding { away: true, .. } => Reach::Lost,
    }
}

/// The group that was told, and those that cause or diagnosis show. Each stands once.
fn groups(rules: &RuleSet, lists: &Lists, facts: &Facts) -> [Option<SpecialGroup>; 3] {
    let told = facts.told.special_group;
    if !rules.services.refuse_excluded {
        return [told, None, None];
    }
    let by_cause = facts.told.injury_cause.and_then(|cause| lists.excluded_cause(cause)?.group).filter(|group| Some(*group) != told);
    let diagnosis = facts.diagnosis.as_ref().or_else(|| facts.referral.as_ref()?.diagnosis.as_ref());
    let by_diagnosis =
        diagnosis.and_then(|diagnosis| lists.excluded_diagnosis(diagnosis)?.group).filter(|group| Some(*group) != told && Some(*group) != by_cause);
    [told, by_cause, by_diagnosis]
}
