//! Recoveries: what hospitals pay back for claims that were paid.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{NeededKey, changed, created};
use super::lists::{Listed, Page};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::budget::Pot;
use crate::domain::id::Id;
use crate::domain::recoveries::{RecoveryReason, RecoveryState, RepaymentState};
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::idempotency::Reply;
use crate::service::recoveries::{self, Demand, Receipt, Told};
use crate::store::claims::Claim;
use crate::store::recoveries::{Filter, Recovery, Repayment};

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RecoveryRequest {
    /// In whole rupiah; never more than was paid for the claim, less what is asked back already.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_000i64)]
    #[validate(range(min = 1, max = 1_000_000_000_000_000i64))]
    pub amount: i64,
    pub reason: RecoveryReason,
    /// Of the finding or letter that it rests on.
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub document_number: String,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReceiptRequest {
    /// In whole rupiah: all that is open, or a part.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_000i64)]
    #[validate(range(min = 1, max = 1_000_000_000_000_000i64))]
    pub amount: i64,
    pub received_on: NaiveDate,
    /// Of the receipt of the treasury (surat tanda setoran).
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub document_number: String,
}

#[derive(Serialize, ToSchema)]
pub struct RecoveryView {
    pub id: Id,
    pub state: RecoveryState,
    pub claim_id: Id,
    pub claim_number: String,
    pub facility_claim_number: String,
    pub facility_id: Id,
    pub pot: Pot,
    pub reason: RecoveryReason,
    pub amount: Rupiah,
    pub repaid_amount: Rupiah,
    /// What payments that are ordered and not settled keep back.
    pub ordered_amount: Rupiah,
    /// What is neither repaid nor on its way.
    pub open_amount: Rupiah,
    pub document_number: String,
    pub asked_by: Id,
    pub asked_at: UtcTime,
    pub approved_by: Option<Id>,
    pub approved_at: Option<UtcTime>,
}

#[derive(Serialize, ToSchema)]
pub struct RecoveryDetailView {
    #[serde(flatten)]
    pub recovery: RecoveryView,
    /// The oldest first.
    pub repayments: Vec<RepaymentView>,
}

#[derive(Serialize, ToSchema)]
pub struct RepaymentView {
    pub amount: Rupiah,
    pub state: RepaymentState,
    /// The payment that keeps it back; null where the hospital transferred it.
    pub batch_id: Option<Id>,
    pub repaid_on: Option<NaiveDate>,
    pub document_number: Option<String>,
    pub recorded_at: UtcTime,
}

impl From<(Recovery, Claim)> for RecoveryView {
    fn from((recovery, claim): (Recovery, Claim)) -> Self {
        Self {
            open_amount: recovery.open(),
            id: recovery.id,
            state: recovery.state,
            claim_id: recovery.claim_id,
            claim_number: claim.number,
            facility_claim_number: claim.facility_claim_number,
            facility_id: recovery.facility_id,
            pot: recovery.pot,
            reason: recovery.reason,
            amount: recovery.amount,
            repaid_amount: recovery.repaid_amount,
            ordered_amount: recovery.ordered_amount,
            document_number: recovery.document_number,
            asked_by: recovery.asked_by,
            asked_at: recovery.asked_at,
            approved_by: recovery.approved_by,
            approved_at: recovery.approved_at,
        }
    }
}

impl From<Repayment> for RepaymentView {
    fn from(repayment: Repayment) -> Self {
        let Repayment { amount, state, batch_id, repaid_on, document_number, recorded_at, .. } = repayment;
        Self { amount, state, batch_id, repaid_on, document_number, recorded_at }
    }
}

impl From<Told> for RecoveryDetailView {
    fn from(told: Told) -> Self {
        Self { recovery: (told.recovery, told.claim).into(), repayments: told.repayments.into_iter().map(RepaymentView::from).collect() }
    }
}

fn altered(told: &Told) -> Result<Reply> {
    changed(told.recovery.version, &RecoveryDetailView::from(told.clone()))
}

/// Asks back what was paid for a claim, or a part of it. Another person of the finance office approves it.
#[utoipa::path(post, path = "/api/v1/claims/{id}/recoveries", tag = "payments", params(("id" = Id, Path)), request_body = RecoveryRequest,
    responses((status = 201, body = RecoveryDetailView, headers(("Location" = String))), (status = 409, description = "the claim is not paid")))]
pub async fn ask(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId, body: Body<RecoveryRequest>) -> Answer<HttpResponse> {
    let RecoveryRequest { amount, reason, document_number } = body.value;
    let (caller, demand) = (asked.caller, Demand { amount: Rupiah(amount), reason, document_number });
    let reply = |told: &Told| {
        let place = format!("/api/v1/recoveries/{}", told.recovery.id);
        created(Some(place), Some(told.recovery.version), &RecoveryDetailView::from(told.clone()))
    };
    state.once(asked, key.0, body.bytes, reply, move |_, db, context, once| recoveries::ask(db, context, &caller, id.0, &demand, once)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecoveryListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    state: Option<RecoveryState>,
    reason: Option<RecoveryReason>,
    claim_id: Option<Id>,
    facility_id: Option<Id>,
}

/// Recoveries, newest first. A hospital sees what it owes.
#[utoipa::path(get, path = "/api/v1/recoveries", tag = "payments", params(RecoveryListQuery), responses((status = 200, body = Listed<RecoveryView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<RecoveryListQuery>) -> Answer<web::Json<Listed<RecoveryView>>> {
    let RecoveryListQuery { limit, cursor, state: in_state, reason, claim_id, facility_id } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let filter = Filter { facility_id, claim_id, state: in_state, reason, owed_only: false };
    let rows = state.db(move |_, db| recoveries::list(db, &asked.context, &asked.caller, filter, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |(recovery, _)| recovery.id, RecoveryView::from)))
}

/// One recovery, and how it was repaid.
#[utoipa::path(get, path = "/api/v1/recoveries/{id}", tag = "payments", params(("id" = Id, Path)), responses((status = 200, body = RecoveryDetailView)))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<RecoveryDetailView>> {
    let told = state.db(move |_, db| recoveries::show(db, &asked.context, &asked.caller, id.0)).await?;
    Ok(web::Json(told.into()))
}

/// Approves what another asked for. It takes no body.
#[utoipa::path(post, path = "/api/v1/recoveries/{id}/approve", tag = "payments", params(("id" = Id, Path)),
    responses((status = 200, body = RecoveryDetailView), (status = 409, description = "the caller asked for it, or it is past that")))]
pub async fn approve(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    state.once(asked, key.0, web::Bytes::new(), altered, move |_, db, context, once| recoveries::approve(db, context, &caller, id.0, once)).await
}

/// The hospital has transferred it, or a part of it.
#[utoipa::path(post, path = "/api/v1/recoveries/{id}/receive", tag = "payments", params(("id" = Id, Path)), request_body = ReceiptRequest,
    responses((status = 200, body = RecoveryDetailView), (status = 409, description = "nothing is due")))]
pub async fn receive(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId, body: Body<ReceiptRequest>) -> Answer<HttpResponse> {
    let ReceiptRequest { amount, received_on, document_number } = body.value;
    let (caller, receipt) = (asked.caller, Receipt { amount: Rupiah(amount), received_on, document_number });
    state
        .once(asked, key.0, body.bytes, altered, move |app, db, context, once| recoveries::receive(app, db, context, &caller, id.0, &receipt, once))
        .await
}

/// Takes back what nobody approved yet. It takes no body.
#[utoipa::path(post, path = "/api/v1/recoveries/{id}/cancel", tag = "payments", params(("id" = Id, Path)),
    responses((status = 200, body = RecoveryDetailView), (status = 409, description = "it is approved or cancelled")))]
pub async fn cancel(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId) -> Answer<HttpResponse> {
    state.once(asked, key.0, web::Bytes::new(), altered, move |_, db, context, once| recoveries::cancel(db, context, id.0, once)).await
}
