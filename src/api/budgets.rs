//! Budgets and their revisions: proposed by finance, approved by somebody else.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, created, done};
use super::lists::{Listed, Page};
use super::query::{PathId, PathIds, Query};
use super::{Answer, State};
use crate::domain::budget::{Approval, Pot};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error};
use crate::service::budgets::{self, Change, Proposal};
use crate::store;
use crate::store::budgets::{Revision, Whole};

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct BudgetRequest {
    #[schema(minimum = 2000, maximum = 2100)]
    #[validate(range(min = 2000, max = 2100))]
    pub year: i32,
    /// A pot that is not named gets nothing.
    #[schema(min_items = 1, max_items = 2)]
    #[validate(nested)]
    pub pots: Vec<PotRequest>,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PotRequest {
    pub pot: Pot,
    /// In whole rupiah.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000i64)]
    #[validate(range(min = 0, max = 1_000_000_000_000_000i64))]
    pub amount: i64,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RevisionRequest {
    pub pot: Pot,
    /// The change, in whole rupiah: what is added, or taken away when below zero. Never the new total.
    #[schema(minimum = -1_000_000_000_000_000i64, maximum = 1_000_000_000_000_000i64)]
    #[validate(range(min = -1_000_000_000_000_000i64, max = 1_000_000_000_000_000i64))]
    pub amount: i64,
    /// From when it counts, within the budget's year.
    pub effective_on: NaiveDate,
    /// The regulation or decision that it rests on.
    #[schema(min_length = 1, max_length = 300)]
    #[validate(length(min = 1, max = 300))]
    pub legal_basis: String,
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub document_number: String,
}

#[derive(Serialize, ToSchema)]
pub struct PotView {
    pub pot: Pot,
    /// As it was given first; the revisions stand beside it.
    pub amount: i64,
}

#[derive(Serialize, ToSchema)]
pub struct RevisionView {
    pub id: Id,
    pub budget_id: Id,
    pub state: Approval,
    pub pot: Pot,
    /// The change, not the new total.
    pub amount: i64,
    pub effective_on: NaiveDate,
    pub legal_basis: String,
    pub document_number: String,
    pub proposed_at: UtcTime,
    pub proposed_by: Id,
    pub approved_at: Option<UtcTime>,
    pub approved_by: Option<Id>,
}

impl From<&Revision> for RevisionView {
    fn from(revision: &Revision) -> Self {
        Self {
            id: revision.id,
            budget_id: revision.budget_id,
            state: revision.approval(),
            pot: revision.pot,
            amount: revision.amount.0,
            effective_on: revision.effective_on,
            legal_basis: revision.legal_basis.clone(),
            document_number: revision.document_number.clone(),
            proposed_at: revision.proposed_at,
            proposed_by: revision.proposed_by,
            approved_at: revision.approved_at,
            approved_by: revision.approved_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct BudgetView {
    pub id: Id,
    pub year: i32,
    pub state: Approval,
    pub pots: Vec<PotView>,
    /// The oldest first.
    pub revisions: Vec<RevisionView>,
    /// Finance is told when so many per cent of a pot's ceiling are used.
    pub alert_percents: Vec<i32>,
    pub proposed_at: UtcTime,
    pub proposed_by: Id,
    pub approved_at: Option<UtcTime>,
    pub approved_by: Option<Id>,
}

impl From<&Whole> for BudgetView {
    fn from(Whole { budget, pots, revisions }: &Whole) -> Self {
        Self {
            id: budget.id,
            year: budget.year,
            state: budget.approval(),
            pots: pots.iter().map(|row| PotView { pot: row.pot, amount: row.amount.0 }).collect(),
            revisions: revisions.iter().map(RevisionView::from).collect(),
            alert_percents: crate::domain::budget::percents(&budget.alert_percents).unwrap_or_default(),
            proposed_at: budget.proposed_at,
            proposed_by: budget.proposed_by,
            approved_at: budget.approved_at,
            approved_by: budget.approved_by,
        }
    }
}

/// Proposes the budget of a year. It counts when somebody else has approved it.
#[utoipa::path(post, path = "/api/v1/budgets", tag = "budgets", request_body = BudgetRequest,
    responses((status = 201, body = BudgetView, headers(("Location" = String)))))]
pub async fn propose(state: web::Data<State>, asked: Asked, key: Key, body: Body<BudgetRequest>) -> Answer<HttpResponse> {
    let BudgetRequest { year, pots } = body.value;
    let (caller, proposal) = (asked.caller, Proposal { year, pots: pots.into_iter().map(|row| (row.pot, Rupiah(row.amount))).collect() });
    let reply = |whole: &Whole| created(Some(format!("/api/v1/budgets/{}", whole.budget.id)), None, &BudgetView::from(whole));
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| budgets::propose(app, db, context, &caller, &proposal, once)).await
}

/// Approves a budget: another user of finance, or an admin, and never who proposed it. A year has one approved budget; what changes it is a revision.
#[utoipa::path(post, path = "/api/v1/budgets/{id}/approve", tag = "budgets", params(("id" = Id, Path)),
    responses((status = 200, body = BudgetView), (status = 409, description = "approved already, the caller's own proposal, or the year has a budget")))]
pub async fn approve(state: web::Data<State>, asked: Asked, key: Key, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let reply = |whole: &Whole| done(&BudgetView::from(whole));
    state.once(asked, key, web::Bytes::new(), reply, move |_, db, context, once| budgets::approve(db, context, &caller, id.0, once)).await
}

/// Takes a proposal back that nobody has approved: by whoever made it.
#[utoipa::path(post, path = "/api/v1/budgets/{id}/withdraw", tag = "budgets", params(("id" = Id, Path)),
    responses((status = 200, body = BudgetView), (status = 409, description = "approved or taken back already, or another's proposal")))]
pub async fn withdraw(state: web::Data<State>, asked: Asked, key: Key, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let reply = |whole: &Whole| done(&BudgetView::from(whole));
    state.once(asked, key, web::Bytes::new(), reply, move |_, db, context, once| budgets::withdraw(db, context, &caller, id.0, once)).await
}

/// Proposes a change of an approved budget. It counts from its date when somebody else has approved it.
#[utoipa::path(post, path = "/api/v1/budgets/{id}/revisions", tag = "budgets", params(("id" = Id, Path)), request_body = RevisionRequest,
    responses((status = 201, body = RevisionView), (status = 409, description = "the budget is not approved")))]
pub async fn revise(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<RevisionRequest>) -> Answer<HttpResponse> {
    let RevisionRequest { pot, amount, effective_on, legal_basis, document_number } = body.value;
    let (caller, change) = (asked.caller, Change { pot, amount: Rupiah(amount), effective_on, legal_basis, document_number });
    let reply = |(_, revision): &(Whole, Revision)| created(None, None, &RevisionView::from(revision));
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| budgets::revise(app, db, context, &caller, (id.0, &change), once)).await
}

/// Approves a revision: another user of finance, or an admin, and never who proposed it.
#[utoipa::path(post, path = "/api/v1/budgets/{id}/revisions/{revision_id}/approve", tag = "budgets",
    params(("id" = Id, Path), ("revision_id" = Id, Path)),
    responses((status = 200, body = RevisionView),
        (status = 409, description = "approved already, the caller's own proposal, or the pot would be below zero")))]
pub async fn approve_revision(state: web::Data<State>, asked: Asked, key: Key, ids: PathIds) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let reply = |(_, revision): &(Whole, Revision)| done(&RevisionView::from(revision));
    state
        .once(asked, key, web::Bytes::new(), reply, move |_, db, context, once| budgets::approve_revision(db, context, &caller, (ids.0, ids.1), once))
        .await
}

/// Takes a proposed revision back that nobody has approved: by whoever made it.
#[utoipa::path(post, path = "/api/v1/budgets/{id}/revisions/{revision_id}/withdraw", tag = "budgets",
    params(("id" = Id, Path), ("revision_id" = Id, Path)),
    responses((status = 200, body = RevisionView), (status = 409, description = "approved or taken back already, or another's proposal")))]
pub async fn withdraw_revision(state: web::Data<State>, asked: Asked, key: Key, ids: PathIds) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let reply = |(_, revision): &(Whole, Revision)| done(&RevisionView::from(revision));
    state
        .once(asked, key, web::Bytes::new(), reply, move |_, db, context, once| {
            budgets::withdraw_revision(db, context, &caller, (ids.0, ids.1), once)
        })
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    year: Option<i32>,
}

/// Budgets with their revisions, the latest proposed first.
#[utoipa::path(get, path = "/api/v1/budgets", tag = "budgets", params(ListQuery), responses((status = 200, body = Listed<BudgetView>)))]
pub async fn list(state: web::Data<State>, query: Query<ListQuery>) -> Answer<web::Json<Listed<BudgetView>>> {
    let ListQuery { limit, cursor, year } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let rows = state.db(move |_, db| store::budgets::page(db, year, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |whole| whole.budget.id, |whole| BudgetView::from(&whole))))
}

/// One budget with its revisions.
#[utoipa::path(get, path = "/api/v1/budgets/{id}", tag = "budgets", params(("id" = Id, Path)), responses((status = 200, body = BudgetView)))]
pub async fn show(state: web::Data<State>, id: PathId) -> Answer<web::Json<BudgetView>> {
    let whole = state.db(move |_, db| store::budgets::find(db, id.0)?.ok_or_else(|| Error::refused(Code::NotFound))).await?;
    Ok(web::Json(BudgetView::from(&whole)))
}
