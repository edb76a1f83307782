//! Reviews of refused checks: asking, listing, deciding.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, created, done};
use super::lists::{Listed, Page, period};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::service::eligibility_reviews;
use crate::store::eligibility_reviews::{Filter, Review, ReviewState, Said};

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    /// Why the answer should be looked at again. Kept sealed.
    #[schema(min_length = 1, max_length = 2000)]
    #[validate(length(min = 1, max = 2000))]
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewDecision {
    Grant,
    Refuse,
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReviewDecisionRequest {
    pub decision: ReviewDecision,
    #[schema(min_length = 1, max_length = 2000)]
    #[validate(length(min = 1, max = 2000))]
    pub note: String,
}

#[derive(Serialize, ToSchema)]
pub struct ReviewView {
    pub id: Id,
    pub check_id: Id,
    pub facility_id: Id,
    pub state: ReviewState,
    pub asked_at: UtcTime,
    pub asked_by: Id,
    pub due_at: UtcTime,
    pub overdue: bool,
    pub decided_at: Option<UtcTime>,
    pub decided_by: Option<Id>,
    /// The check that a granted review made.
    pub new_check_id: Option<Id>,
    /// Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

fn view(review: Review, said: Option<Said>, now: UtcTime) -> ReviewView {
    let (reason, note) = said.map_or((None, None), |said| (Some(said.reason), said.note));
    ReviewView {
        id: review.id,
        check_id: review.check_id,
        facility_id: review.facility_id,
        state: review.state,
        asked_at: review.asked_at,
        asked_by: review.asked_by,
        due_at: review.due_at,
        overdue: review.state == ReviewState::Open && review.due_at < now,
        decided_at: review.decided_at,
        decided_by: review.decided_by,
        new_check_id: review.new_check_id,
        reason,
        note,
    }
}

/// Asks that a person looks again at a check that did not say yes.
#[utoipa::path(post, path = "/api/v1/eligibility-checks/{id}/reviews", tag = "eligibility", params(("id" = Id, Path)), request_body = ReviewRequest,
    responses((status = 201, body = ReviewView), (status = 409, description = "the check said yes, or a review is open")))]
pub async fn ask(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<ReviewRequest>) -> Answer<HttpResponse> {
    let (now, caller, reason) = (asked.context.now, asked.caller, body.value.reason);
    let reply = move |(review, said): &(Review, Said)| {
        created(Some(format!("/api/v1/eligibility-reviews/{}", review.id)), None, &view(review.clone(), Some(said.clone()), now))
    };
    state
        .once(asked, key, body.bytes, reply, move |app, db, context, once| eligibility_reviews::ask(app, db, context, &caller, id.0, reason, once))
        .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReviewQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    state: Option<ReviewState>,
    facility_id: Option<Id>,
    /// First date on which they were asked for, as the city counts days.
    from: Option<NaiveDate>,
    /// Last date.
    to: Option<NaiveDate>,
    /// Asked for or decided since this instant.
    updated_since: Option<UtcTime>,
}

/// Reviews, newest first; a facility sees its own.
#[utoipa::path(get, path = "/api/v1/eligibility-reviews", tag = "eligibility", params(ReviewQuery), responses((status = 200, body = Listed<ReviewView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<ReviewQuery>) -> Answer<web::Json<Listed<ReviewView>>> {
    let ReviewQuery { limit, cursor, state: wanted, facility_id, from, to, updated_since } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let filter = Filter { state: wanted, facility_id, asked: period(from, to, state.0.city.offset)?, updated_since };
    let now = asked.context.now;
    let rows = state.db(move |_, db| eligibility_reviews::list(db, &asked.context, &asked.caller, &filter, (page.before, page.limit))).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |review| review.id, |review| view(review, None, now))))
}

/// One review with its reason.
#[utoipa::path(get, path = "/api/v1/eligibility-reviews/{id}", tag = "eligibility", params(("id" = Id, Path)), responses((status = 200, body = ReviewView)))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<ReviewView>> {
    let now = asked.context.now;
    let (review, said) = state.db(move |_, db| eligibility_reviews::show(db, &asked.context, &asked.caller, id.0)).await?;
    Ok(web::Json(view(review, Some(said), now)))
}

/// Grants or refuses a review. A granted one makes a new check that points to the refused one.
#[utoipa::path(post, path = "/api/v1/eligibility-reviews/{id}/decision", tag = "eligibility", params(("id" = Id, Path)), request_body = ReviewDecisionRequest,
    responses((status = 200, body = ReviewView), (status = 409, description = "decided already, or asked by the same person")))]
pub async fn decide(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<ReviewDecisionRequest>) -> Answer<HttpResponse> {
    let (now, caller) = (asked.context.now, asked.caller);
    let ReviewDecisionRequest { decision, note } = body.value;
    let grant = decision == ReviewDecision::Grant;
    let reply = move |(review, said): &(Review, Said)| done(&view(review.clone(), Some(said.clone()), now));
    state
        .once(asked, key, body.bytes, reply, move |app, db, context, once| {
            eligibility_reviews::decide(app, db, context, &caller, id.0, (grant, &note), once)
        })
        .await
}
