//! How a recorded check is shown: its decision, every rule, and texts in the reader's language.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::eligibility::{CareType, Decision, IdentityMatch, Outcome, RuleResult, Unit};
use crate::domain::id::Id;
use crate::domain::participants::Sex;
use crate::domain::referrals::{ReferralFit, ReferralSource};
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::service::check_turn::Recorded;
use crate::store::eligibility_checks::Check;

#[derive(Serialize, ToSchema)]
pub struct CheckView {
    pub id: Id,
    pub decision: Decision,
    pub rule_set: String,
    pub service_date: NaiveDate,
    pub care_type: CareType,
    pub checked_at: UtcTime,
    pub facility_id: Id,
    pub retrospective: bool,
    /// Null where nobody was found.
    pub participant: Option<ParticipantShown>,
    pub identity_match: IdentityMatchView,
    /// The referral that the patient brought; null where none was named.
    pub referral: Option<ReferralShown>,
    /// The rules that refuse, warn or are not known.
    pub reasons: Vec<RuleView>,
    /// Every rule.
    pub rules: Vec<RuleView>,
    pub sources: Vec<SourceView>,
    /// Until when the papers of a provisional answer must be there.
    pub complete_by: Option<UtcTime>,
    pub valid_until: UtcTime,
    /// The refused check that a granted review replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_of: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_offline_at: Option<UtcTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline_reference: Option<String>,
}

/// As little of a person as a counter needs.
#[derive(Serialize, ToSchema)]
pub struct ParticipantShown {
    pub id: Id,
    pub name: String,
    pub birth_year: i32,
    pub sex: Sex,
    #[schema(example = "3275**********01")]
    pub nik_masked: String,
}

#[derive(Serialize, ToSchema)]
pub struct IdentityMatchView {
    pub name: IdentityMatch,
    pub birth_date: IdentityMatch,
}

/// Where it comes from, and for one of our own registry whether it is this patient's for this hospital.
#[derive(Serialize, ToSchema)]
pub struct ReferralShown {
    pub source: ReferralSource,
    pub fit: ReferralFit,
    pub from_facility_code: Option<String>,
    pub issued_on: Option<NaiveDate>,
    pub valid_until: Option<NaiveDate>,
}

/// What one rule said. `value` and `limit` are a number, a date or words of the vocabularies.
#[derive(Serialize, ToSchema)]
pub struct RuleView {
    pub code: &'static str,
    pub outcome: Outcome,
    pub field: &'static str,
    pub value: serde_json::Value,
    pub limit: serde_json::Value,
    pub unit: Option<Unit>,
    pub message: String,
    pub remedy: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SourceView {
    pub source: &'static str,
    pub as_of: Option<UtcTime>,
}

impl CheckView {
    pub fn of(recorded: &Recorded, texts: &Texts, language: Language) -> Self {
        let Recorded { check, record, answer, .. } = recorded;
        let facts = &record.facts;
        let rule = |rule: &RuleResult| RuleView {
            code: rule.code.as_str(),
            outcome: rule.outcome,
            field: rule.field,
            value: serde_json::to_value(&rule.value).unwrap_or_default(),
            limit: serde_json::to_value(&rule.limit).unwrap_or_default(),
            unit: rule.unit,
            message: texts.message(language, rule).into_owned(),
            remedy: texts.remedy(language, rule).map(std::borrow::Cow::into_owned),
        };
        Self {
            id: check.id,
            decision: check.decision,
            rule_set: answer.rule_set.clone(),
            service_date: check.service_date,
            care_type: check.care_type,
            checked_at: check.checked_at,
            facility_id: check.facility_id,
            retrospective: check.retrospective,
            participant: check.participant_id.zip(record.shown.as_ref()).map(|(id, shown)| ParticipantShown {
                id,
                name: shown.name.clone(),
                birth_year: shown.birth_year,
                sex: shown.sex,
                nik_masked: shown.nik_masked.clone(),
            }),
            identity_match: IdentityMatchView { name: facts.identity.name, birth_date: facts.identity.birth_date },
            referral: facts.referral.as_ref().map(|referral| ReferralShown {
                source: referral.source,
                fit: referral.fit,
                from_facility_code: referral.from_facility_code.clone(),
                issued_on: referral.issued_on,
                valid_until: referral.valid_until,
            }),
            reasons: answer.reasons().map(rule).collect(),
            rules: answer.rules.iter().map(rule).collect(),
            sources: std::iter::once(SourceView { source: "registry", as_of: facts.registry.as_of })
                .chain(facts.population.as_ref().map(|population| SourceView { source: "population", as_of: population.source.as_of }))
                .chain(facts.jkn.map(|jkn| SourceView { source: "jkn", as_of: jkn.as_of }))
                .collect(),
            complete_by: check.complete_by,
            valid_until: check.valid_until,
            override_of: check.override_of,
            recorded_offline_at: record.offline.as_ref().map(|offline| offline.recorded_at),
            offline_reference: record.offline.as_ref().and_then(|offline| offline.reference.clone()),
        }
    }
}

/// A check in a list: what was decided, and nobody's name.
#[derive(Serialize, ToSchema)]
pub struct CheckSummary {
    pub id: Id,
    pub participant_id: Option<Id>,
    pub facility_id: Id,
    pub service_date: NaiveDate,
    pub care_type: CareType,
    pub decision: Decision,
    /// The codes of the rules that failed.
    pub failing: Vec<String>,
    pub retrospective: bool,
    pub checked_at: UtcTime,
    pub valid_until: UtcTime,
    pub complete_by: Option<UtcTime>,
    pub override_of: Option<Id>,
}

impl From<Check> for CheckSummary {
    fn from(check: Check) -> Self {
        Self {
            id: check.id,
            participant_id: check.participant_id,
            facility_id: check.facility_id,
            service_date: check.service_date,
            care_type: check.care_type,
            decision: check.decision,
            failing: check.failing.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect(),
            retrospective: check.retrospective,
            checked_at: check.checked_at,
            valid_until: check.valid_until,
            complete_by: check.complete_by,
            override_of: check.override_of,
        }
    }
}
