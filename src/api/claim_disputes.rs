//! Objections to the decision of a claim, and what becomes of them.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::claim_views::ClaimView;
use super::claims::change;
use super::guard::Asked;
use super::idempotency::NeededKey;
use super::language::Spoken;
use super::query::PathId;
use super::{Answer, State};
use crate::domain::claims::{DisputeOutcome, ReasonCode};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::service::claims::{self, DisputeDecision, LineDecision, Objection};
use crate::store::claim_disputes::Dispute;

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct DisputeRequest {
    /// Kept sealed.
    #[schema(min_length = 1, max_length = 2000)]
    #[validate(length(min = 1, max = 2000))]
    pub reason: String,
    /// The lines that are objected to; none named is all of them.
    #[serde(default)]
    #[schema(max_items = 200)]
    #[validate(length(max = 200))]
    pub lines: Vec<i32>,
    /// Papers that speak for it: they stand behind the claim from then on.
    #[serde(default)]
    #[schema(max_items = 40)]
    #[validate(length(max = 40))]
    pub document_ids: Vec<Id>,
}

/// Objects to a decision, once and in time. Somebody else than who decided looks at it.
#[utoipa::path(post, path = "/api/v1/claims/{id}/dispute", tag = "claims", params(("id" = Id, Path)), request_body = DisputeRequest,
    responses((status = 200, body = ClaimView), (status = 409, description = "there is nothing to object to, the time is over, or it was disputed already")))]
pub async fn dispute(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    key: NeededKey,
    id: PathId,
    body: Body<DisputeRequest>,
) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let DisputeRequest { reason, lines, document_ids } = body.value;
    let objection = Objection { reason, lines, document_ids };
    change(&state, (asked, spoken, key), body.bytes, move |app, db, context, once| claims::dispute(app, db, context, &caller, id.0, &objection, once))
        .await
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct DisputeDecisionRequest {
    pub outcome: DisputeOutcome,
    /// Of `changed`: the disputed lines that have another amount from now on.
    #[serde(default)]
    #[schema(max_items = 200)]
    #[validate(length(max = 200), nested)]
    pub lines: Vec<ChangedLineRequest>,
    /// Of the minutes of the panel that decided.
    #[schema(min_length = 1, max_length = 60)]
    #[validate(length(min = 1, max = 60))]
    pub minutes_number: String,
}

#[derive(Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ChangedLineRequest {
    pub line: i32,
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    #[validate(range(min = 0, max = 1_000_000_000_000_i64))]
    pub approved_amount: i64,
    pub reason_code: ReasonCode,
}

/// Decides an objection: by a verifier who neither handed the claim in nor decided it before. `upheld` leaves every amount as it was decided.
#[utoipa::path(post, path = "/api/v1/claims/{id}/dispute-decision", tag = "claims", params(("id" = Id, Path)), request_body = DisputeDecisionRequest,
    responses((status = 200, body = ClaimView), (status = 409, description = "it is not disputed, or the caller handed it in or decided it before")))]
pub async fn decide(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    key: NeededKey,
    id: PathId,
    body: Body<DisputeDecisionRequest>,
) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let DisputeDecisionRequest { outcome, lines, minutes_number } = body.value;
    let line = |ChangedLineRequest { line, approved_amount, reason_code }| LineDecision {
        line,
        approved_amount: Rupiah(approved_amount),
        reason_code: Some(reason_code),
    };
    let decision = DisputeDecision { outcome, lines: lines.into_iter().map(line).collect(), minutes_number: minutes_number.trim().to_owned() };
    change(&state, (asked, spoken, key), body.bytes, move |app, db, context, once| {
        claims::decide_dispute(app, db, context, &caller, id.0, &decision, once)
    })
    .await
}

/// The objection to a claim. Why the hospital objects is told in the claim's history.
#[derive(Clone, Serialize, ToSchema)]
pub struct DisputeView {
    pub disputed_at: UtcTime,
    pub lines: Vec<DisputedLineView>,
    pub document_ids: Vec<Id>,
    /// Null until it is decided.
    pub outcome: Option<DisputeOutcome>,
    pub minutes_number: Option<String>,
    pub decided_at: Option<UtcTime>,
}

#[derive(Clone, Serialize, ToSchema)]
pub struct DisputedLineView {
    pub line: i32,
    /// Of an amount that two decide, what the first of them would change it to.
    pub proposed_amount: Option<Rupiah>,
    pub proposed_reason: Option<ReasonCode>,
}

impl From<&Dispute> for DisputeView {
    fn from(Dispute { head, lines, document_ids }: &Dispute) -> Self {
        let line = |line: &crate::store::claim_disputes::DisputedLine| DisputedLineView {
            line: line.line,
            proposed_amount: line.proposed_amount,
            proposed_reason: line.proposed_reason,
        };
        Self {
            disputed_at: head.disputed_at,
            lines: lines.iter().map(line).collect(),
            document_ids: document_ids.clone(),
            outcome: head.outcome,
            minutes_number: head.minutes_number.clone(),
            decided_at: head.decided_at,
        }
    }
}
