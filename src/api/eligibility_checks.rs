//! Eligibility: asking, asking many, reading what was recorded, and deciding it again.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::{BATCH, Body, Read};
use super::check_questions;
use super::check_views::{CheckSummary, CheckView, followed};
use super::guard::Asked;
use super::idempotency::{Key, REPLAYED};
use super::language::Spoken;
use super::lists::{Listed, Page, in_order};
use super::problem::ProblemDocument;
use super::query::{PathId, Query};
use super::{Answer, State, problem};
use crate::domain::check_progress::CheckStanding;
use crate::domain::eligibility::{CareType, Decision, InjuryCause, Paper, PlacementReason, SpecialGroup, WardClass};
use crate::domain::id::Id;
use crate::domain::referrals::ReferralSource;
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::Error;
use crate::service::check_questions::Key as ItemKey;
use crate::service::check_turn::Recorded;
use crate::service::{App, eligibility_checks};
use crate::store::eligibility_checks::{Filter, StandingAt};

/// A question: may this person be treated here, on this date, at the scheme's expense? The person is named in exactly one way.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    #[serde(default)]
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16, example = "3275014501909001")]
    pub nik: Option<String>,
    #[serde(default)]
    /// As it is printed on the card, or what a scanner reads from its code.
    #[schema(min_length = 1, max_length = 152)]
    #[validate(length(min = 1, max = 152))]
    pub card_number: Option<String>,
    #[serde(default)]
    pub participant_id: Option<Id>,
    /// With `claimed_birth_date`, and for twins with `claimed_name`.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub kk_number: Option<String>,
    /// With `birth_date` and `birth_order`: a newborn.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub mother_nik: Option<String>,
    #[serde(default)]
    pub birth_date: Option<NaiveDate>,
    /// 0 for an only child, 1 to 9 for each of several.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 9)]
    #[validate(range(max = 9))]
    pub birth_order: Option<u8>,
    #[serde(default)]
    #[schema(max_length = 100)]
    #[validate(length(max = 100))]
    pub claimed_name: Option<String>,
    #[serde(default)]
    pub claimed_birth_date: Option<NaiveDate>,
    /// Defaults to today. A past date needs `retrospective`.
    #[serde(default)]
    pub service_date: Option<NaiveDate>,
    #[serde(default)]
    pub retrospective: Option<bool>,
    pub care_type: CareType,
    #[serde(default)]
    pub ward_class: Option<WardClass>,
    /// ICD-10, with or without the dot.
    #[serde(default)]
    #[schema(max_length = 8, example = "A09")]
    #[validate(length(max = 8))]
    pub diagnosis_code: Option<String>,
    /// A referral of our own registry.
    #[serde(default)]
    #[schema(max_length = 40)]
    #[validate(length(max = 40))]
    pub referral_number: Option<String>,
    /// A referral on paper or from P-Care, told by the facility.
    #[serde(default)]
    pub referral_source: Option<ReferralSource>,
    #[serde(default)]
    #[schema(max_length = 40)]
    #[validate(length(max = 40))]
    pub from_facility_code: Option<String>,
    /// When the referral on paper or from P-Care was issued.
    #[serde(default)]
    pub issued_on: Option<NaiveDate>,
    /// Only for callers without a facility of their own.
    #[serde(default)]
    pub facility_id: Option<Id>,
    #[serde(default)]
    #[validate(nested)]
    pub facts: Option<CheckFacts>,
    /// When it was written down by hand, if that was during an outage.
    #[serde(default)]
    pub recorded_offline_at: Option<UtcTime>,
    #[serde(default)]
    #[schema(max_length = 60)]
    #[validate(length(max = 60))]
    pub offline_reference: Option<String>,
}

/// What the facility knows beside the registry. What is left out was not asked.
#[derive(Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CheckFacts {
    /// Whole rupiah.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000i64)]
    #[validate(range(min = 0, max = 1_000_000_000_000i64))]
    pub monthly_income: Option<i64>,
    #[serde(default)]
    pub special_group: Option<SpecialGroup>,
    #[serde(default)]
    pub placement_reason: Option<PlacementReason>,
    #[serde(default)]
    pub injury_cause: Option<InjuryCause>,
    /// A list lacks what is not in it; null was not asked and lacks nothing.
    #[serde(default)]
    #[schema(max_items = 20)]
    #[validate(length(max = 20))]
    pub papers: Option<Vec<Paper>>,
}

/// Asks whether a person is covered. The answer is recorded before it is given.
#[utoipa::path(post, path = "/api/v1/eligibility-checks", tag = "eligibility", request_body = CheckRequest,
    responses((status = 201, body = CheckView, headers(("Location" = String))), (status = 429, description = "too many unknown NIKs")))]
pub async fn ask(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, body: Body<Read<CheckRequest>>) -> Answer<HttpResponse> {
    let app = &state.0;
    let key = key.for_check(app, &asked.caller, &body.bytes, None)?;
    let held = key.map(|key| app.in_flight.hold(key.key)).transpose()?;
    let question = body.value.judged(|request| check_questions::question(app, &asked, spoken.0, key, request))?;
    let recorded = app.desk()?.ask(question).await?;
    drop(held);
    let view = rendered(app, &recorded, spoken.0);
    let mut response = HttpResponse::Created();
    response.insert_header(("Location", format!("/api/v1/eligibility-checks/{}", view.id)));
    if recorded.replayed.is_some() {
        response.insert_header((REPLAYED, "true"));
    }
    Ok(response.json(view))
}

/// What was answered to the same key before is told in the same words, whatever has changed since.
fn rendered(app: &App, recorded: &Recorded, language: Language) -> CheckView {
    match &recorded.replayed {
        Some(grounds) => CheckView::of(recorded, &grounds.texts, recorded.check.language),
        None => CheckView::of(recorded, &app.city.texts, language),
    }
}

/// A batch as the document shows it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    #[schema(min_items = 1, max_items = 1000)]
    pub checks: Vec<CheckRequest>,
}

/// A batch as it is read: each question is judged for itself.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    #[schema(min_items = 1, max_items = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub checks: Vec<Value>,
}

#[derive(Serialize, ToSchema)]
pub struct BatchAnswer {
    pub items: Vec<BatchItem>,
}

/// One answer of a batch: what a single question would have been answered.
#[derive(Serialize, ToSchema)]
pub struct BatchItem {
    pub index: usize,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<CheckView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDocument>,
}

/// Asks up to 1,000 questions. Each is answered for itself; a bad one costs none of the others.
#[utoipa::path(post, path = "/api/v1/eligibility-checks/batch", tag = "eligibility", request_body = BatchRequest, responses((status = 200, body = BatchAnswer)))]
pub async fn ask_many(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, body: Body<Batch, BATCH>) -> Answer<HttpResponse> {
    let app = &state.0;
    let whole = key.for_check(app, &asked.caller, &body.bytes, None)?;
    let held = whole.map(|key| app.in_flight.hold(key.key)).transpose()?;
    let keys =
        (0..body.value.checks.len()).map(|item| key.for_check(app, &asked.caller, &body.bytes, Some(item))).collect::<Result<Vec<_>, Error>>()?;
    refuse_other_body(&state, keys.iter().flatten().copied().collect()).await?;
    let mut outcomes: Vec<Option<Result<Recorded, Error>>> = Vec::with_capacity(keys.len());
    let (mut questions, mut places) = (Vec::new(), Vec::new());
    for (index, (value, key)) in body.value.checks.into_iter().zip(keys).enumerate() {
        match Read::<CheckRequest>::of(&value).and_then(|read| read.judged(|request| check_questions::question(app, &asked, spoken.0, key, request)))
        {
            Ok(question) => {
                questions.push(question);
                places.push(index);
                outcomes.push(None);
            }
            Err(error) => outcomes.push(Some(Err(error))),
        }
    }
    for (place, answer) in places.into_iter().zip(app.desk()?.ask_all(questions).await?) {
        outcomes[place] = Some(answer);
    }
    drop(held);
    let replayed = outcomes.iter().flatten().any(|outcome| outcome.as_ref().is_ok_and(|recorded| recorded.replayed.is_some()));
    let items = outcomes.into_iter().enumerate().map(|(index, outcome)| {
        let outcome = outcome.unwrap_or_else(|| Err(Error::internal("a question of a batch was lost")));
        match outcome {
            Ok(recorded) => BatchItem { index, status: 201, result: Some(rendered(app, &recorded, spoken.0)), problem: None },
            Err(error) => {
                let (document, _) = problem::document(&error, &app.city.texts, spoken.0, asked.context.request_id);
                BatchItem { index, status: document.status, result: None, problem: Some(document) }
            }
        }
    });
    let answer = BatchAnswer { items: items.collect() };
    let mut response = HttpResponse::Ok();
    if replayed {
        response.insert_header((REPLAYED, "true"));
    }
    Ok(response.json(answer))
}

/// A key that was used with another body refuses the whole batch, before anything of it is recorded.
async fn refuse_other_body(state: &State, keys: Vec<ItemKey>) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    state.db(move |_, db| eligibility_checks::refuse_other_body(db, &keys)).await
}

/// A recorded check with its answer, as it was decided then, and with what has come after it.
#[utoipa::path(get, path = "/api/v1/eligibility-checks/{id}", tag = "eligibility", params(("id" = Id, Path)), responses((status = 200, body = CheckView)))]
pub async fn show(state: web::Data<State>, asked: Asked, spoken: Spoken, id: PathId) -> Answer<web::Json<CheckView>> {
    let now = asked.context.now;
    let found = state.db(move |app, db| eligibility_checks::show(app, db, &asked.context, &asked.caller, id.0)).await?;
    Ok(web::Json(followed(&found, spoken.0, now)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    facility_id: Option<Id>,
    /// Under whichever record the person was checked: those that were merged into this one are looked at as well.
    participant_id: Option<Id>,
    decision: Option<Decision>,
    care_type: Option<CareType>,
    /// First date of service.
    from: Option<NaiveDate>,
    /// Last date of service.
    to: Option<NaiveDate>,
    /// How provisional answers stand now, or void ones. Without it void checks are listed too, and say that they are.
    standing: Option<CheckStanding>,
}

/// Recorded checks, newest first, without the persons in them.
#[utoipa::path(get, path = "/api/v1/eligibility-checks", tag = "eligibility", params(ListQuery), responses((status = 200, body = Listed<CheckSummary>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<ListQuery>) -> Answer<web::Json<Listed<CheckSummary>>> {
    let query = query.0;
    let page = Page::new(query.limit, query.cursor.as_deref())?;
    in_order(query.from, query.to)?;
    let (participant, now) = (query.participant_id, asked.context.now);
    let filter = Filter {
        facility_id: query.facility_id,
        asked_by: None,
        participants: None,
        decision: query.decision,
        care_type: query.care_type,
        from: query.from,
        to: query.to,
        standing: query.standing.map(|standing| StandingAt { standing, at: now }),
    };
    let rows =
        state.db(move |_, db| eligibility_checks::list(db, &asked.context, &asked.caller, (participant, filter), page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |(check, _)| check.id, |(check, progress)| CheckSummary::of(check, &progress, now))))
}

#[derive(Serialize, ToSchema)]
pub struct ReplayView {
    pub decision: Decision,
    pub identical: bool,
    pub stored_hash: String,
    pub replayed_hash: String,
    pub engine_version: i32,
    pub rule_set_hash: String,
}

/// Decides a recorded check again on its stored facts and its stored rules.
#[utoipa::path(post, path = "/api/v1/eligibility-checks/{id}/replay", tag = "eligibility", params(("id" = Id, Path)), responses((status = 200, body = ReplayView)))]
pub async fn replay(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<ReplayView>> {
    let replay = state.db(move |app, db| eligibility_checks::replay(app, db, &asked.context, &asked.caller, id.0)).await?;
    Ok(web::Json(ReplayView {
        decision: replay.decision,
        identical: replay.stored == replay.replayed,
        stored_hash: replay.stored.to_string(),
        replayed_hash: replay.replayed.to_string(),
        engine_version: replay.engine,
        rule_set_hash: replay.rule_set.to_string(),
    }))
}
