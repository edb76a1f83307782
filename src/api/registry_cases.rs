//! Cases for the civil registry: two real people with one NIK.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, done};
use super::lists::{Listed, Page};
use super::participant_views::masked;
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::id::Id;
use crate::domain::participants::{CaseOutcome, CaseState};
use crate::domain::time::UtcTime;
use crate::service::registry_cases;
use crate::store::registry_cases::Case;

#[derive(Serialize, ToSchema)]
pub struct CaseView {
    pub id: Id,
    pub state: CaseState,
    /// Who came with the number and got a temporary identity.
    pub participant_id: Id,
    /// Who is registered with it; null where nobody is.
    pub other_participant_id: Option<Id>,
    pub nik_masked: Option<String>,
    pub opened_at: UtcTime,
    pub opened_by: Id,
    pub closed_at: Option<UtcTime>,
    pub closed_by: Option<Id>,
    pub outcome: Option<CaseOutcome>,
    pub note: Option<String>,
}

impl From<Case> for CaseView {
    fn from(case: Case) -> Self {
        let Case { id, participant_id, other_participant_id, state, outcome, cell, opened_at, opened_by, closed_at, closed_by } = case;
        let nik_masked = masked(&cell.nik);
        Self { id, state, participant_id, other_participant_id, nik_masked, opened_at, opened_by, closed_at, closed_by, outcome, note: cell.note }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CaseQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    state: Option<CaseState>,
}

/// Cases, newest first.
#[utoipa::path(get, path = "/api/v1/registry-cases", tag = "registry", params(CaseQuery), responses((status = 200, body = Listed<CaseView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<CaseQuery>) -> Answer<web::Json<Listed<CaseView>>> {
    let CaseQuery { limit, cursor, state: wanted } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let rows = state.db(move |_, db| registry_cases::list(db, &asked.context, wanted, (page.before, page.limit))).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |case| case.id, CaseView::from)))
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CloseRequest {
    pub outcome: CaseOutcome,
    /// Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    #[validate(length(min = 1, max = 500))]
    pub note: Option<String>,
}

/// Closes a case with what the civil registry found.
#[utoipa::path(post, path = "/api/v1/registry-cases/{id}/close", tag = "registry", params(("id" = Id, Path)), request_body = CloseRequest,
    responses((status = 200, body = CaseView), (status = 409, description = "closed already")))]
pub async fn close(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<CloseRequest>) -> Answer<HttpResponse> {
    let CloseRequest { outcome, note } = body.value;
    let reply = |case: &Case| done(&CaseView::from(case.clone()));
    state.once(asked, key, body.bytes, reply, move |_, db, context, once| registry_cases::close(db, context, id.0, (outcome, &note), once)).await
}
