//! What verifiers do with claims: the queue, taking one, deciding it line by line.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::claim_views::{ClaimSummary, ClaimView};
use super::claims::change;
use super::guard::Asked;
use super::idempotency::NeededKey;
use super::language::Spoken;
use super::lists::{Listed, Page};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::claims::ReasonCode;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::service::claims::{self, Decision, DecisionKind, LineDecision};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// The claims that wait for a person, those first where a look could save most; the control sample among them.
#[utoipa::path(get, path = "/api/v1/review-queue", tag = "claims", params(QueueQuery), responses((status = 200, body = Listed<ClaimSummary>)))]
pub async fn queue(state: web::Data<State>, asked: Asked, query: Query<QueueQuery>) -> Answer<web::Json<Listed<ClaimSummary>>> {
    let page = Page::new(query.0.limit, None)?;
    let rows = state.db(move |_, db| claims::queue(db, &asked.context, page.limit)).await?;
    Ok(web::Json(Listed { items: rows.into_iter().map(ClaimSummary::from).collect(), next_cursor: None }))
}

/// Holds a claim for the caller, so that no two decide it. It takes no body.
#[utoipa::path(post, path = "/api/v1/claims/{id}/take", tag = "claims", params(("id" = Id, Path)),
    responses((status = 200, body = ClaimView), (status = 409, description = "somebody else has it, or it waits for nobody")))]
pub async fn take(state: web::Data<State>, asked: Asked, spoken: Spoken, key: NeededKey, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    change(&state, (asked, spoken, key), web::Bytes::new(), move |_, db, context, once| claims::take(db, context, &caller, id.0, once)).await
}

/// Lets a claim go undecided. It takes no body.
#[utoipa::path(post, path = "/api/v1/claims/{id}/release", tag = "claims", params(("id" = Id, Path)),
    responses((status = 200, body = ClaimView), (status = 409, description = "the caller does not have it")))]
pub async fn release(state: web::Data<State>, asked: Asked, spoken: Spoken, key: NeededKey, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    change(&state, (asked, spoken, key), web::Bytes::new(), move |app, db, context, once| claims::release(app, db, context, &caller, id.0, once))
        .await
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ClaimDecisionRequest {
    pub decision: DecisionKind,
    /// Needed for a rejection, a return, and where a line has another amount than the edits left it.
    #[serde(default)]
    pub reason_code: Option<ReasonCode>,
    /// Kept sealed.
    #[serde(default)]
    #[schema(max_length = 2000)]
    #[validate(length(max = 2000))]
    pub note: Option<String>,
    /// Lines that are decided otherwise than the edits left them.
    #[serde(default)]
    #[schema(max_items = 200)]
    #[validate(length(max = 200), nested)]
    pub lines: Vec<LineDecisionRequest>,
}

#[derive(Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct LineDecisionRequest {
    pub line: i32,
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    #[validate(range(min = 0, max = 1_000_000_000_000_i64))]
    pub approved_amount: i64,
    #[serde(default)]
    pub reason_code: Option<ReasonCode>,
}

/// Decides a claim, or sends it back to the hospital. Never by who handed it in, nor twice by the same person. An objection is decided at `dispute-decision`.
#[utoipa::path(post, path = "/api/v1/claims/{id}/decisions", tag = "claims", params(("id" = Id, Path)), request_body = ClaimDecisionRequest,
    responses((status = 200, body = ClaimView), (status = 409, description = "somebody else has it, it is the caller's own, or it waits for nobody")))]
pub async fn decide(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    key: NeededKey,
    id: PathId,
    body: Body<ClaimDecisionRequest>,
) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let ClaimDecisionRequest { decision: kind, reason_code, note, lines } = body.value;
    let line =
        |line: LineDecisionRequest| LineDecision { line: line.line, approved_amount: Rupiah(line.approved_amount), reason_code: line.reason_code };
    let decision = Decision { kind, reason_code, note, lines: lines.into_iter().map(line).collect() };
    change(&state, (asked, spoken, key), body.bytes, move |app, db, context, once| claims::decide(app, db, context, &caller, id.0, &decision, once))
        .await
}
