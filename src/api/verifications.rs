//! Verification of a participant against the population office: match or no match, never what the office holds.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, created};
use super::lists::{Listed, Page};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::context::Purpose;
use crate::domain::eligibility::IdentityMatch;
use crate::domain::id::Id;
use crate::domain::population_office::{OfficeSource, Verdict};
use crate::domain::time::UtcTime;
use crate::service::verifications::{self, Why};
use crate::store::verifications::Verification;

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct VerificationRequest {
    /// Why the office is asked. Defaults to the purpose of the request, else to registration.
    #[serde(default)]
    pub purpose: Option<Purpose>,
}

#[derive(Serialize, ToSchema)]
pub struct VerificationView {
    pub id: Id,
    pub participant_id: Id,
    pub verdict: Verdict,
    pub fields: FieldsView,
    pub source: OfficeSource,
    /// As of when the office's word is true.
    pub as_of: UtcTime,
    pub verified_at: UtcTime,
    pub verified_by: Option<Id>,
}

/// What was compared beside the NIK.
#[derive(Serialize, ToSchema)]
pub struct FieldsView {
    pub name: IdentityMatch,
    pub birth_date: IdentityMatch,
}

impl From<Verification> for VerificationView {
    fn from(verification: Verification) -> Self {
        let Verification { id, participant_id, source, verdict, name_match, birth_date_match, as_of, verified_at, verified_by } = verification;
        let fields = FieldsView { name: name_match, birth_date: birth_date_match };
        Self { id, participant_id, verdict, fields, source, as_of, verified_at, verified_by }
    }
}

/// Asks the population office about a participant, and keeps what it says.
#[utoipa::path(post, path = "/api/v1/participants/{id}/verifications", tag = "registry", params(("id" = Id, Path)), request_body = VerificationRequest,
    responses((status = 201, body = VerificationView), (status = 409, description = "nobody is asked, or the participant has no NIK"),
        (status = 503, description = "the office is away")))]
pub async fn verify(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<VerificationRequest>) -> Answer<HttpResponse> {
    let purpose = body.value.purpose.or(asked.context.purpose).unwrap_or(Purpose::Registration);
    let why = Why { purpose, facility_id: asked.caller.facility_id };
    let reply = |verification: &Verification| created(None, None, &VerificationView::from(*verification));
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| verifications::verify(app, db, context, id.0, why, once)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VerificationQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// What the population office said of a participant, newest first.
#[utoipa::path(get, path = "/api/v1/participants/{id}/verifications", tag = "registry", params(("id" = Id, Path), VerificationQuery),
    responses((status = 200, body = Listed<VerificationView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, id: PathId, query: Query<VerificationQuery>) -> Answer<web::Json<Listed<VerificationView>>> {
    let page = Page::new(query.0.limit, query.0.cursor.as_deref())?;
    let rows = state.db(move |_, db| verifications::list(db, &asked.context, id.0, (page.before, page.limit))).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |row| row.id, VerificationView::from)))
}
