//! Acknowledgements of debt: what a year left unpaid, which the year after owes.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{NeededKey, created, done};
use super::lists::{Listed, Page};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::budget::Approval;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::debts::{self, Told};
use crate::store;
use crate::store::debts::{Acknowledgement, FacilityDebt};

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct DebtRequest {
    /// A year that is over.
    #[schema(minimum = 2000, maximum = 2100)]
    #[validate(range(min = 2000, max = 2100))]
    pub year: i32,
    /// Of the letter in which the debt is acknowledged.
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub document_number: String,
}

#[derive(Serialize, ToSchema)]
pub struct DebtView {
    pub id: Id,
    #[schema(example = "DEBT-3275-2026-0001")]
    pub number: String,
    pub state: Approval,
    /// Of the care. The year after owes it once it is approved.
    pub year: i32,
    pub document_number: String,
    pub total_amount: Rupiah,
    pub item_count: i32,
    /// What had been treated by the end of the year and not been billed, as it was estimated when this was proposed. It is no part of the debt.
    pub unbilled_estimate: Rupiah,
    /// Of the list of claims, `sheet.csv`, in hexadecimal digits.
    pub sha256: String,
    pub proposed_by: Id,
    pub proposed_at: UtcTime,
    pub approved_by: Option<Id>,
    pub approved_at: Option<UtcTime>,
}

#[derive(Serialize, ToSchema)]
pub struct DebtDetailView {
    #[serde(flatten)]
    pub debt: DebtView,
    pub facilities: Vec<FacilityDebtView>,
}

#[derive(Serialize, ToSchema)]
pub struct FacilityDebtView {
    pub facility_id: Id,
    pub claims: i64,
    pub amount: Rupiah,
}

impl DebtView {
    fn of(acknowledgement: Acknowledgement) -> Result<Self> {
        Ok(Self {
            state: acknowledgement.approval(),
            sha256: debts::hash_of(&acknowledgement)?.to_string(),
            id: acknowledgement.id,
            number: acknowledgement.number,
            year: acknowledgement.year,
            document_number: acknowledgement.document_number,
            total_amount: acknowledgement.total_amount,
            item_count: acknowledgement.item_count,
            unbilled_estimate: acknowledgement.unbilled_estimate,
            proposed_by: acknowledgement.proposed_by,
            proposed_at: acknowledgement.proposed_at,
            approved_by: acknowledgement.approved_by,
            approved_at: acknowledgement.approved_at,
        })
    }
}

fn detail((acknowledgement, facilities): Told) -> Result<DebtDetailView> {
    let view = |FacilityDebt { facility_id, claims, amount }| FacilityDebtView { facility_id, claims, amount };
    Ok(DebtDetailView { debt: DebtView::of(acknowledgement)?, facilities: facilities.into_iter().map(view).collect() })
}

/// Freezes what is approved and unpaid of a year that is over. Another person of the finance office approves it.
#[utoipa::path(post, path = "/api/v1/debt-acknowledgements", tag = "payments", request_body = DebtRequest,
    responses((status = 201, body = DebtDetailView, headers(("Location" = String))), (status = 409, description = "nothing of the year is owed")))]
pub async fn propose(state: web::Data<State>, asked: Asked, key: NeededKey, body: Body<DebtRequest>) -> Answer<HttpResponse> {
    let (caller, DebtRequest { year, document_number }) = (asked.caller, body.value);
    let reply = |told: &Told| created(Some(format!("/api/v1/debt-acknowledgements/{}", told.0.id)), None, &detail(told.clone())?);
    state
        .once(asked, key.0, body.bytes, reply, move |app, db, context, once| {
            debts::propose(app, db, context, &caller, (year, &document_number), once)
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DebtListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    year: Option<i32>,
}

/// Acknowledgements of debt, newest first.
#[utoipa::path(get, path = "/api/v1/debt-acknowledgements", tag = "payments", params(DebtListQuery),
    responses((status = 200, body = Listed<DebtView>)))]
pub async fn list(state: web::Data<State>, query: Query<DebtListQuery>) -> Answer<web::Json<Listed<DebtView>>> {
    let DebtListQuery { limit, cursor, year } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let rows = state.db(move |_, db| store::debts::page(db, year, page.before, page.limit)).await?;
    let Listed { items, next_cursor } = Listed::from_rows(rows, page, |acknowledgement| acknowledgement.id, DebtView::of);
    Ok(web::Json(Listed { items: items.into_iter().collect::<Result<_>>()?, next_cursor }))
}

/// One acknowledgement, with what each hospital has of it.
#[utoipa::path(get, path = "/api/v1/debt-acknowledgements/{id}", tag = "payments", params(("id" = Id, Path)),
    responses((status = 200, body = DebtDetailView)))]
pub async fn show(state: web::Data<State>, id: PathId) -> Answer<web::Json<DebtDetailView>> {
    let told = state.db(move |_, db| debts::show(db, id.0)).await?;
    Ok(web::Json(detail(told)?))
}

/// Its claims, as they were frozen: the file of which `sha256` is told.
#[utoipa::path(get, path = "/api/v1/debt-acknowledgements/{id}/sheet.csv", tag = "payments", params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn csv(state: web::Data<State>, id: PathId) -> Answer<HttpResponse> {
    let (number, bytes) = state.db(move |_, db| debts::file(db, id.0)).await?;
    let mut response = HttpResponse::Ok();
    response.content_type("text/csv; charset=utf-8").insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{number}.csv\"")));
    Ok(response.body(bytes))
}

/// Acknowledges what another proposed: the year after owes it from now on. It takes no body.
#[utoipa::path(post, path = "/api/v1/debt-acknowledgements/{id}/approve", tag = "payments", params(("id" = Id, Path)),
    responses((status = 200, body = DebtDetailView),
        (status = 409, description = "approved already, the caller's own proposal, or a claim on it was paid, changed or acknowledged since")))]
pub async fn approve(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let reply = |told: &Told| done(&detail(told.clone())?);
    state.once(asked, key.0, web::Bytes::new(), reply, move |_, db, context, once| debts::approve(db, context, &caller, id.0, once)).await
}
