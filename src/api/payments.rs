//! Payment batches with four eyes: ordered, approved by another, settled.

use actix_web::http::header;
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
use crate::domain::payments::{BatchState, ItemState};
use crate::domain::recoveries::RepaymentState;
use crate::domain::rupiah::Rupiah;
use crate::domain::sheets::{Cell, Sheet, SheetFormat};
use crate::domain::time::UtcTime;
use crate::error::{Error, Fault, Result};
use crate::service::idempotency::Reply;
use crate::service::payments::{self, Order, Told};
use crate::store::claims::Claim;
use crate::store::payments::{Batch, Item};
use crate::store::recoveries::{Recovery, Repayment};

const PLACE: &str = "/api/v1/payment-batches";

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PaymentRequest {
    /// The last month of discharge that is paid; approved claims of earlier months are paid with it.
    #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", min_length = 7, max_length = 7, example = "2026-11")]
    pub period: String,
    pub pot: Pot,
    /// Only these hospitals; without any, all.
    #[serde(default)]
    #[schema(max_items = 200)]
    #[validate(length(max = 200))]
    pub facility_ids: Vec<Id>,
    /// Only these claims, each of which must be approved and unpaid.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub claim_ids: Option<Vec<Id>>,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SettleRequest {
    pub paid_on: NaiveDate,
    /// Of the treasury's order (surat perintah pencairan dana).
    #[schema(min_length = 1, max_length = 60)]
    #[validate(length(min = 1, max = 60))]
    pub sp2d_number: String,
    /// What the treasury has paid, to be held against what the batch pays.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    #[validate(range(min = 0, max = 1_000_000_000_000_000_i64))]
    pub net_amount: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct PaymentView {
    pub id: Id,
    #[schema(example = "PAY-3275-2026-000001")]
    pub number: String,
    pub state: BatchState,
    #[schema(example = "2026-11")]
    pub period: String,
    pub pot: Pot,
    pub total_amount: Rupiah,
    pub item_count: i32,
    pub created_by: Id,
    pub created_at: UtcTime,
    pub approved_by: Option<Id>,
    pub approved_at: Option<UtcTime>,
    pub settled_at: Option<UtcTime>,
    pub paid_on: Option<NaiveDate>,
    pub sp2d_number: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct PaymentDetailView {
    #[serde(flatten)]
    pub batch: PaymentView,
    pub items: Vec<PaymentItemView>,
    /// What is kept back of what these hospitals owe from payments before.
    pub kept_back: Vec<KeptBackView>,
    pub kept_back_amount: Rupiah,
    /// What the treasury transfers: the total less what is kept back.
    pub net_amount: Rupiah,
    /// Claims that were held back when it was ordered, because JKN has turned out to cover a day of their care. They wait for a verifier.
    pub held: Vec<Id>,
}

#[derive(Serialize, ToSchema)]
pub struct PaymentItemView {
    pub claim_id: Id,
    pub claim_number: String,
    pub facility_claim_number: String,
    pub facility_id: Id,
    pub claimed_amount: Rupiah,
    pub amount: Rupiah,
    pub state: ItemState,
}

#[derive(Serialize, ToSchema)]
pub struct KeptBackView {
    pub recovery_id: Id,
    pub facility_id: Id,
    /// The claim for which it is owed.
    pub claim_number: String,
    pub amount: Rupiah,
    pub state: RepaymentState,
}

impl From<(Repayment, Recovery, Claim)> for KeptBackView {
    fn from((repayment, recovery, claim): (Repayment, Recovery, Claim)) -> Self {
        Self {
            recovery_id: recovery.id,
            facility_id: repayment.facility_id,
            claim_number: claim.number,
            amount: repayment.amount,
            state: repayment.state,
        }
    }
}

impl From<Batch> for PaymentView {
    fn from(batch: Batch) -> Self {
        Self {
            period: month(batch.period_month),
            id: batch.id,
            number: batch.number,
            state: batch.state,
            pot: batch.pot,
            total_amount: batch.total_amount,
            item_count: batch.item_count,
            created_by: batch.created_by,
            created_at: batch.created_at,
            approved_by: batch.approved_by,
            approved_at: batch.approved_at,
            settled_at: batch.settled_at,
            paid_on: batch.paid_on,
            sp2d_number: batch.sp2d_number,
        }
    }
}

fn month(first: NaiveDate) -> String {
    first.format("%Y-%m").to_string()
}

impl From<(Item, Claim)> for PaymentItemView {
    fn from((item, claim): (Item, Claim)) -> Self {
        Self {
            claim_id: claim.id,
            claim_number: claim.number,
            facility_claim_number: claim.facility_claim_number,
            facility_id: item.facility_id,
            claimed_amount: claim.claimed_amount,
            amount: item.amount,
            state: item.state,
        }
    }
}

impl From<Told> for PaymentDetailView {
    fn from(told: Told) -> Self {
        // A hospital is shown its part alone, so the sums are of what is shown; no more is kept back than is paid.
        let paid: i64 = told.paying().map(|(item, _)| item.amount.0).sum();
        let kept: i64 = told.keeping().map(|(repayment, ..)| repayment.amount.0).sum();
        let Told { batch, items, kept_back, held } = told;
        Self {
            batch: batch.into(),
            items: items.into_iter().map(PaymentItemView::from).collect(),
            kept_back_amount: Rupiah(kept),
            kept_back: kept_back.into_iter().map(KeptBackView::from).collect(),
            net_amount: Rupiah(paid - kept),
            held,
        }
    }
}

fn altered(told: &Told) -> Result<Reply> {
    changed(told.batch.version, &PaymentDetailView::from(told.clone()))
}

/// Orders the payment of approved claims. Another person of the finance office approves it.
#[utoipa::path(post, path = "/api/v1/payment-batches", tag = "payments", request_body = PaymentRequest,
    responses((status = 201, body = PaymentDetailView, headers(("Location" = String))), (status = 409, description = "nothing is approved and unpaid")))]
pub async fn order(state: web::Data<State>, asked: Asked, key: NeededKey, body: Body<PaymentRequest>) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let PaymentRequest { period, pot, facility_ids, claim_ids } = body.value;
    let period = format!("{period}-01").parse().map_err(|_| Error::from(Fault::at("/period", "WRONG_FORMAT")))?;
    let order = Order { period, pot, facility_ids, claim_ids: claim_ids.unwrap_or_default() };
    let reply = |told: &Told| created(Some(format!("{PLACE}/{}", told.batch.id)), Some(told.batch.version), &PaymentDetailView::from(told.clone()));
    state.once(asked, key.0, body.bytes, reply, move |app, db, context, once| payments::order(app, db, context, &caller, &order, once)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaymentListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    state: Option<BatchState>,
}

/// Payment batches, newest first.
#[utoipa::path(get, path = "/api/v1/payment-batches", tag = "payments", params(PaymentListQuery), responses((status = 200, body = Listed<PaymentView>)))]
pub async fn list(state: web::Data<State>, _asked: Asked, query: Query<PaymentListQuery>) -> Answer<web::Json<Listed<PaymentView>>> {
    let PaymentListQuery { limit, cursor, state: in_state } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let rows = state.db(move |_, db| payments::list(db, in_state, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |batch| batch.id, PaymentView::from)))
}

/// One batch with what it pays. A hospital sees its own part, once it is settled.
#[utoipa::path(get, path = "/api/v1/payment-batches/{id}", tag = "payments", params(("id" = Id, Path)), responses((status = 200, body = PaymentDetailView)))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<PaymentDetailView>> {
    let told = state.db(move |_, db| payments::show(db, &asked.context, &asked.caller, id.0)).await?;
    Ok(web::Json(told.into()))
}

/// The same as a sheet: the order for the treasury, and to a hospital its remittance advice.
#[utoipa::path(get, path = "/api/v1/payment-batches/{id}/sheet.csv", tag = "payments", params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn csv(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let (name, bytes) = state
        .db(move |app, db| {
            let told = payments::show(db, &asked.context, &asked.caller, id.0)?;
            let written = sheet(app, &told).map_err(|_| Error::internal("a sheet could not be written"))?;
            Ok((format!("{}.csv", told.batch.number), written))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    response.content_type("text/csv; charset=utf-8").insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    Ok(response.body(bytes))
}

/// Payments, and below them what is kept back, below zero.
pub(super) fn sheet(app: &crate::service::App, told: &Told) -> std::io::Result<Vec<u8>> {
    let columns = ["batch", "paid_on", "sp2d_number", "facility", "claim_number", "facility_claim_number", "claimed_amount", "amount", "kind"];
    let mut sheet = Sheet::begin(SheetFormat::Csv, Vec::new(), "payment", &columns)?;
    let mut row = |facility: Id, claim: &Claim, claimed: Cell<'_>, amount: i64, kind: &'static str| {
        let facility = app.memory.facility(facility).map_or_else(String::new, |facility| facility.name.clone());
        sheet.row(&[
            Cell::from(told.batch.number.as_str()),
            told.batch.paid_on.map_or(Cell::Empty, |date| Cell::from(date.to_string())),
            Cell::from(told.batch.sp2d_number.as_deref()),
            Cell::from(facility),
            Cell::from(claim.number.as_str()),
            Cell::from(claim.facility_claim_number.as_str()),
            claimed,
            Cell::from(amount),
            Cell::from(kind),
        ])
    };
    for (item, claim) in told.items.iter().filter(|(item, _)| told.batch.state == BatchState::Cancelled || item.state != ItemState::Released) {
        row(item.facility_id, claim, Cell::from(claim.claimed_amount.0), item.amount.0, "payment")?;
    }
    for (repayment, _, claim) in told.keeping() {
        row(repayment.facility_id, claim, Cell::Empty, -repayment.amount.0, "kept_back")?;
    }
    sheet.finish()
}

/// Approves what another ordered. It takes no body.
#[utoipa::path(post, path = "/api/v1/payment-batches/{id}/approve", tag = "payments", params(("id" = Id, Path)),
    responses((status = 200, body = PaymentDetailView), (status = 409, description = "the caller ordered it, or it is past that")))]
pub async fn approve(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    state.once(asked, key.0, web::Bytes::new(), altered, move |app, db, context, once| payments::approve(app, db, context, &caller, id.0, once)).await
}

/// The treasury has paid.
#[utoipa::path(post, path = "/api/v1/payment-batches/{id}/settle", tag = "payments", params(("id" = Id, Path)), request_body = SettleRequest,
    responses((status = 200, body = PaymentDetailView), (status = 409, description = "it is not approved, or settled already")))]
pub async fn settle(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId, body: Body<SettleRequest>) -> Answer<HttpResponse> {
    let (caller, SettleRequest { paid_on, sp2d_number, net_amount }) = (asked.caller, body.value);
    // The same number with a space behind it is the same number.
    let sp2d_number = sp2d_number.trim().to_owned();
    if sp2d_number.is_empty() {
        return Err(Error::from(Fault::at("/sp2d_number", "FIELD_MISSING")).into());
    }
    state
        .once(asked, key.0, body.bytes, altered, move |app, db, context, once| {
            payments::settle(app, db, context, &caller, id.0, (paid_on, &sp2d_number, net_amount.map(Rupiah)), once)
        })
        .await
}

/// Takes an order back: its claims may be ordered again. Once it is approved, not by who ordered it. It takes no body.
#[utoipa::path(post, path = "/api/v1/payment-batches/{id}/cancel", tag = "payments", params(("id" = Id, Path)),
    responses((status = 200, body = PaymentDetailView), (status = 409, description = "it is settled or cancelled")))]
pub async fn cancel(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    state.once(asked, key.0, web::Bytes::new(), altered, move |_, db, context, once| payments::cancel(db, context, &caller, id.0, once)).await
}
