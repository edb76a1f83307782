//! JKN statuses of a participant: a history by date.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::lists::Listed;
use super::query::PathId;
use super::{Answer, State};
use crate::domain::id::Id;
use crate::domain::jkn::{JknPeriod, JknSegment, JknState};
use crate::domain::time::UtcTime;
use crate::service::jkn_statuses;
use crate::store::jkn::Row;

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct JknStatusRequest {
    pub segment: JknSegment,
    pub state: JknState,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
}

#[derive(Serialize, ToSchema)]
pub struct JknStatusView {
    pub id: Id,
    pub segment: JknSegment,
    pub state: JknState,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub recorded_at: UtcTime,
}

fn view(row: Row) -> JknStatusView {
    let Row { id, segment, state, valid_from, valid_to, recorded_at, .. } = row;
    JknStatusView { id, segment, state, valid_from, valid_to, recorded_at }
}

/// Ends the open period the day before and begins this one. One that begins on the same day stands instead of it. The same body again changes nothing.
#[utoipa::path(put, path = "/api/v1/participants/{id}/jkn-status", tag = "registry", params(("id" = Id, Path)), request_body = JknStatusRequest,
    responses((status = 200, description = "it stands already", body = JknStatusView), (status = 201, body = JknStatusView),
        (status = 409, description = "it overlaps with a period that is closed")))]
pub async fn put(state: web::Data<State>, asked: Asked, id: PathId, body: Body<JknStatusRequest>) -> Answer<HttpResponse> {
    let JknStatusRequest { segment, state: jkn_state, valid_from, valid_to } = body.value;
    let period = JknPeriod { valid_from, valid_to, segment, state: jkn_state };
    let put = state.db(move |app, db| jkn_statuses::put(app, db, &asked.context, id.0, &period)).await?;
    let mut response = if put.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(view(put.row)))
}

/// The whole history, the newest period first.
#[utoipa::path(get, path = "/api/v1/participants/{id}/jkn-statuses", tag = "registry", params(("id" = Id, Path)),
    responses((status = 200, body = Listed<JknStatusView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<Listed<JknStatusView>>> {
    let rows = state.db(move |app, db| jkn_statuses::list(app, db, &asked.context, id.0)).await?;
    Ok(web::Json(Listed { items: rows.into_iter().rev().map(view).collect(), next_cursor: None }))
}
