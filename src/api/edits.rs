//! The edits of claims: what each looks at, since when, what it leads to, who may decide otherwise, and whether it counts yet.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::language::Spoken;
use super::query::{IfMatch, etag};
use super::{Answer, State};
use crate::domain::adjudication::{EditMode, EditOutcome, Scope};
use crate::domain::claims::ReasonCode;
use crate::domain::id::Id;
use crate::domain::roles::Role;
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::service::edits::{self, Known};

/// What one admin asked for and another has not confirmed.
#[derive(Serialize, ToSchema)]
pub struct AskedModeView {
    pub mode: EditMode,
    pub asked_by: Option<Id>,
    pub asked_at: Option<UtcTime>,
}

#[derive(Serialize, ToSchema)]
pub struct EditDescription {
    #[schema(example = "PRC_ABOVE_TARIFF")]
    pub code: String,
    /// Grows when the edit finds something else than before.
    pub version: u16,
    /// It is asked for care from this day on.
    pub valid_from: NaiveDate,
    /// And until this one; null until further notice.
    pub valid_to: Option<NaiveDate>,
    /// The worst that it leads to.
    pub outcome: EditOutcome,
    pub scopes: Vec<Scope>,
    /// Null: nobody.
    pub overridden_by: Option<Role>,
    /// It compares with others rather than with a rule, and never rejects.
    pub statistical: bool,
    /// Under which of the verifiers' reasons it falls.
    pub reason_code: ReasonCode,
    pub mode: EditMode,
    /// Who asked for this mode and who confirmed it; null where it stands as it began.
    pub changed_by: Option<Id>,
    pub confirmed_by: Option<Id>,
    pub asked: Option<AskedModeView>,
    /// With `…` for what was found and what it was held against.
    pub message: String,
    pub remedy: String,
}

impl EditDescription {
    fn of(Known { edit, standing }: &Known, texts: &Texts, language: Language) -> Self {
        let text = |what: &str| texts.get(language, &format!("edits.{}.{what}", edit.code), &[("value", "…"), ("limit", "…")]).unwrap_or_default();
        let asked = |mode| AskedModeView { mode, asked_by: standing.asked_by, asked_at: standing.asked_at };
        Self {
            code: edit.code.to_owned(),
            version: edit.version,
            valid_from: edit.from,
            valid_to: edit.to,
            outcome: edit.outcome,
            scopes: edit.scopes.to_vec(),
            overridden_by: edit.overridden_by,
            statistical: edit.statistical,
            reason_code: edit.reason,
            mode: standing.mode,
            changed_by: standing.changed_by,
            confirmed_by: standing.confirmed_by,
            asked: standing.asked_mode.map(asked),
            message: text("message"),
            remedy: text("remedy"),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct EditsView {
    pub items: Vec<EditDescription>,
}

/// Every edit, in the order in which they are told. Hospitals are told of those that count.
#[utoipa::path(get, path = "/api/v1/edits", tag = "claims", responses((status = 200, body = EditsView)))]
pub async fn list(state: web::Data<State>, asked: Asked, spoken: Spoken) -> Answer<web::Json<EditsView>> {
    let sees_shadows = asked.caller.role != Role::Hospital;
    let known = state.db(move |_, db| edits::list(db, &asked.context, sees_shadows)).await?;
    let items = known.iter().map(|known| EditDescription::of(known, &state.0.city.texts, spoken.0)).collect();
    Ok(web::Json(EditsView { items }))
}

fn shown(state: &State, language: Language, known: &Known) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(known.standing.version)).json(EditDescription::of(known, &state.0.city.texts, language))
}

/// The code in the path. What is no edit's is found nowhere.
pub(super) fn code_of(request: &HttpRequest) -> String {
    request.match_info().get("code").unwrap_or_default().to_owned()
}

/// One edit.
#[utoipa::path(get, path = "/api/v1/edits/{code}", tag = "claims", params(("code" = String, Path, max_length = 60)),
    responses((status = 200, body = EditDescription, headers(("ETag" = String)))))]
pub async fn show(state: web::Data<State>, asked: Asked, spoken: Spoken, request: HttpRequest) -> Answer<HttpResponse> {
    let code = code_of(&request);
    let known = state.db(move |_, db| edits::show(db, &asked.context, &code)).await?;
    Ok(shown(&state, spoken.0, &known))
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct EditModeRequest {
    pub mode: EditMode,
}

/// Asks that an edit counts or goes into the shadow, or confirms what another admin asked: it changes when two have said the same. To ask for the mode in
/// which it is takes back what was asked.
#[utoipa::path(put, path = "/api/v1/edits/{code}/mode", tag = "claims", request_body = EditModeRequest,
    params(("code" = String, Path, max_length = 60), ("If-Match" = String, Header, description = "The `ETag` of the edit that was read.", example = "\"1\"")),
    responses((status = 200, body = EditDescription, headers(("ETag" = String))),
        (status = 409, description = "`EDIT_NOT_BACK_TESTED`: it refuses, and its version was never run over past claims; `DECIDES_OWN_REQUEST`: another has to confirm"),
        (status = 412, description = "changed since it was read"), (status = 428, description = "`If-Match` is missing")))]
pub async fn set_mode(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    seen: IfMatch,
    request: HttpRequest,
    body: Body<EditModeRequest>,
) -> Answer<HttpResponse> {
    let (code, mode) = (code_of(&request), body.value.mode);
    let known = state.db(move |_, db| edits::set_mode(db, &asked.context, &code, seen.0, mode)).await?;
    Ok(shown(&state, spoken.0, &known))
}
