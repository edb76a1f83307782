//! How a recorded check is shown: its decision, every rule, and texts in the reader's language.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::participant_views::masked;
use crate::domain::check_progress::{CheckStanding, PaperNumber, VoidReason};
use crate::domain::eligibility::{CareType, Decision, IdentityMatch, Outcome, Paper, RuleResult, Unit};
use crate::domain::id::Id;
use crate::domain::participants::Sex;
use crate::domain::referrals::{ReferralFit, ReferralSource};
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::service::check_turn::Recorded;
use crate::service::eligibility_checks::Followed;
use crate::store::check_progress::{Brought, Progress};
use crate::store::eligibility_checks::{Check, Shown};

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
    /// Until when the papers of a provisional answer must be there, with the extension that was given.
    pub complete_by: Option<UtcTime>,
    /// How a provisional answer stands now, or that the check is void; null where the decision is what it is.
    pub standing: Option<CheckStanding>,
    /// What has come after the check; not there where nothing has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<ProgressView>,
    pub valid_until: UtcTime,
    /// The check that this one replaced: a refused one after a granted review, or a provisional one whose papers have come.
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

impl ParticipantShown {
    pub fn of(id: Id, shown: &Shown) -> Self {
        let Shown { name, birth_year, sex, nik_masked } = shown.clone();
        Self { id, name, birth_year, sex, nik_masked }
    }
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
            participant: check.participant_id.zip(record.shown.as_ref()).map(|(id, shown)| ParticipantShown::of(id, shown)),
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
            // As it was when it was decided, also for whoever asks with the same key again.
            standing: Progress::default().standing(check, check.checked_at),
            progress: None,
            valid_until: check.valid_until,
            override_of: check.override_of,
            recorded_offline_at: record.offline.as_ref().map(|offline| offline.recorded_at),
            offline_reference: record.offline.as_ref().and_then(|offline| offline.reference.clone()),
        }
    }
}

/// A check as it stands now.
pub fn followed(followed: &Followed, language: Language, now: UtcTime) -> CheckView {
    let Followed { recorded, grounds, progress, papers } = followed;
    CheckView {
        complete_by: progress.complete_by(&recorded.check),
        standing: progress.standing(&recorded.check, now),
        progress: ProgressView::of(&recorded.check, progress, papers),
        ..CheckView::of(recorded, &grounds.texts, language)
    }
}

/// What has come after a check.
#[derive(Serialize, ToSchema)]
pub struct ProgressView {
    pub papers: Vec<PaperView>,
    pub extended_at: Option<UtcTime>,
    pub extended_by: Option<Id>,
    /// The check that took the place of this provisional one.
    pub completed_by: Option<Id>,
    pub void_reason: Option<VoidReason>,
    pub voided_at: Option<UtcTime>,
    pub voided_by: Option<Id>,
}

/// A paper that was brought after a provisional answer.
#[derive(Serialize, ToSchema)]
pub struct PaperView {
    pub kind: Paper,
    /// A NIK or a KK number is masked.
    pub number: String,
    pub brought_at: UtcTime,
    pub brought_by: Id,
}

impl ProgressView {
    fn of(check: &Check, progress: &Progress, papers: &[Brought]) -> Option<Self> {
        let Progress { extension, void, completed_by } = progress;
        let completed_by = completed_by.filter(|_| check.decision == Decision::Provisional);
        if papers.is_empty() && extension.is_none() && void.is_none() && completed_by.is_none() {
            return None;
        }
        Some(Self {
            papers: papers.iter().map(PaperView::from).collect(),
            extended_at: extension.as_ref().map(|extension| extension.extended_at),
            extended_by: extension.as_ref().map(|extension| extension.extended_by),
            completed_by,
            void_reason: void.as_ref().map(|void| void.reason),
            voided_at: void.as_ref().map(|void| void.voided_at),
            voided_by: void.as_ref().map(|void| void.voided_by),
        })
    }
}

impl From<&Brought> for PaperView {
    fn from(paper: &Brought) -> Self {
        Self { kind: paper.kind, number: shown_number(paper.kind, &paper.number), brought_at: paper.brought_at, brought_by: paper.brought_by }
    }
}

fn shown_number(kind: Paper, number: &str) -> String {
    match PaperNumber::of(kind) {
        PaperNumber::Nik | PaperNumber::Kk => masked(number).unwrap_or_default(),
        PaperNumber::Letter => number.to_owned(),
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
    /// With the extension that was given.
    pub complete_by: Option<UtcTime>,
    /// How a provisional answer stands now, or that the check is void.
    pub standing: Option<CheckStanding>,
    pub override_of: Option<Id>,
}

impl CheckSummary {
    pub fn of(check: Check, progress: &Progress, now: UtcTime) -> Self {
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
            complete_by: progress.complete_by(&check),
            standing: progress.standing(&check, now),
            override_of: check.override_of,
        }
    }
}
