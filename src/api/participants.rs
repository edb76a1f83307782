//! Participants: registering, reading and correcting one.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::drafts::{self, Draft};
use super::guard::Asked;
use super::idempotency::{Key, changed, created};
use super::language::Spoken;
use super::participant_views::{ParticipantView, whole};
use super::query::{IfMatch, PathId, PathIds, etag};
use super::{Answer, State};
use crate::context::Context;
use crate::domain::corrections::Correction;
use crate::domain::participants::Sex;
use crate::domain::registration::{Field, Registration, Relation};
use crate::domain::texts::Language;
use crate::error::{Fault, Result};
use crate::service::App;
use crate::service::idempotency::Once;
use crate::service::participants::{self, Verdict};
use crate::service::profiles::Profile;
use crate::store::db::Db;

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ParticipantRequest {
    #[schema(pattern = "^[0-9]{16}$", example = "3275014501909001")]
    pub nik: String,
    #[schema(pattern = "^[0-9]{16}$", example = "3275012001159007")]
    pub kk_number: String,
    pub relation: Relation,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    #[schema(pattern = "^[0-9]{10}$")]
    pub village_code: String,
    #[schema(pattern = "^[0-9]{1,3}$")]
    pub rt: String,
    #[schema(pattern = "^[0-9]{1,3}$")]
    pub rw: String,
    #[schema(min_length = 1, max_length = 200)]
    pub address: String,
    #[schema(max_length = 30)]
    pub phone: Option<String>,
    /// Since when the person lives in the city by the population database.
    pub resident_since: NaiveDate,
    #[schema(max_length = 100)]
    pub mother_name: Option<String>,
}

/// The fields to correct, each as in a registration; `phone` and `mother_name` can be emptied with null.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRequest {
    /// Why. It stays in the history.
    #[schema(min_length = 1, max_length = 500)]
    #[validate(length(min = 1, max = 500))]
    pub reason: String,
    #[schema(pattern = "^[0-9]{16}$", nullable = false)]
    pub nik: Option<String>,
    #[schema(pattern = "^[0-9]{16}$", nullable = false)]
    pub kk_number: Option<String>,
    #[schema(nullable = false)]
    pub relation: Option<Relation>,
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    pub name: Option<String>,
    #[schema(nullable = false)]
    pub birth_date: Option<NaiveDate>,
    #[schema(nullable = false)]
    pub sex: Option<Sex>,
    #[schema(pattern = "^[0-9]{10}$", nullable = false)]
    pub village_code: Option<String>,
    #[schema(pattern = "^[0-9]{1,3}$", nullable = false)]
    pub rt: Option<String>,
    #[schema(pattern = "^[0-9]{1,3}$", nullable = false)]
    pub rw: Option<String>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub address: Option<String>,
    #[schema(max_length = 30)]
    pub phone: Option<String>,
    /// Proposed only: a second person decides.
    #[schema(nullable = false)]
    pub resident_since: Option<NaiveDate>,
    #[schema(max_length = 100)]
    pub mother_name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeDecision {
    Approve,
    Reject,
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ChangeDecisionRequest {
    pub decision: ChangeDecision,
    #[schema(max_length = 500)]
    #[validate(length(max = 500))]
    pub note: Option<String>,
}

fn answer(state: &State, profile: &Profile, language: Language) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(profile.participant.version)).json(whole(profile, &state.0.city.texts, language))
}

/// Registers one participant. If the KK is known, the person joins that household.
#[utoipa::path(post, path = "/api/v1/participants", tag = "registry", request_body = ParticipantRequest,
    responses((status = 201, body = ParticipantView), (status = 409, description = "the NIK is registered already")))]
pub async fn register(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, draft: Draft<ParticipantRequest>) -> Answer<HttpResponse> {
    let city = &state.0.city;
    let registration = Registration::from_raw(&drafts::raw(&draft.value), city.today(asked.context.now), &city.regions);
    let (registration, faults) = match registration {
        Ok(registration) => (Some(registration), Vec::new()),
        Err(faults) => (None, faults.into_iter().map(|fault| drafts::told("", fault)).collect()),
    };
    draft.accept(faults)?;
    let registration = registration.ok_or_else(|| crate::error::Error::internal("a registration that is accepted and none"))?;
    let app = state.0.clone();
    let reply = move |profile: &Profile| {
        let location = format!("/api/v1/participants/{}", profile.participant.id);
        created(Some(location), Some(profile.participant.version), &whole(profile, &app.city.texts, spoken.0))
    };
    let work =
        move |app: &App, db: &mut Db, context: &Context, once: &Once<'_, Profile>| participants::register(app, db, context, &registration, once);
    state.once(asked, key, draft.bytes, reply, work).await
}

/// One participant with everything that is known.
#[utoipa::path(get, path = "/api/v1/participants/{id}", tag = "registry", params(("id" = crate::domain::id::Id, Path)),
    responses((status = 200, body = ParticipantView)))]
pub async fn show(state: web::Data<State>, asked: Asked, spoken: Spoken, id: PathId) -> Answer<HttpResponse> {
    let profile = state.db(move |app, db| participants::show(app, db, &asked.context, id.0)).await?;
    Ok(answer(&state, &profile, spoken.0))
}

/// Corrects what was registered wrongly. A corrected NIK keeps the old one found; `resident_since` is proposed and waits for a second person.
#[utoipa::path(patch, path = "/api/v1/participants/{id}", tag = "registry", params(("id" = crate::domain::id::Id, Path)),
    request_body = CorrectionRequest, responses((status = 200, body = ParticipantView), (status = 409, description = "the NIK is another person's")))]
pub async fn correct(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    id: PathId,
    seen: IfMatch,
    draft: Draft<CorrectionRequest>,
) -> Answer<HttpResponse> {
    let correction = correction(&state, &asked, &draft)?;
    let reason = draft.value["reason"].as_str().unwrap_or_default().to_owned();
    let profile = state.db(move |app, db| participants::correct(app, db, &asked.context, id.0, seen.0, &correction, &reason)).await?;
    Ok(answer(&state, &profile, spoken.0))
}

fn correction(state: &State, asked: &Asked, draft: &Draft<CorrectionRequest>) -> Result<Correction> {
    let city = &state.0.city;
    let sent: Vec<(Field, Option<&str>)> =
        Field::ALL.iter().filter_map(|field| draft.value.get(field.as_str()).map(|value| (*field, value.as_str()))).collect();
    match Correction::from_raw(&sent, city.today(asked.context.now), &city.regions) {
        Ok(correction) if sent.is_empty() => draft.accept(vec![Fault::at("", "NOTHING_TO_CORRECT")]).map(|()| correction),
        Ok(correction) => draft.accept(Vec::new()).map(|()| correction),
        Err(faults) => {
            draft.accept(faults.into_iter().map(|fault| drafts::told("", fault)).collect())?;
            Err(crate::error::Error::internal("a correction with faults and none"))
        }
    }
}

/// The second person's word on a proposed correction.
#[utoipa::path(post, path = "/api/v1/participants/{id}/changes/{change_id}/decision", tag = "registry",
    params(("id" = crate::domain::id::Id, Path), ("change_id" = crate::domain::id::Id, Path)), request_body = ChangeDecisionRequest,
    responses((status = 200, body = ParticipantView), (status = 409, description = "decided before, or asked for by the same person")))]
pub async fn decide_change(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    key: Key,
    ids: PathIds,
    body: Body<ChangeDecisionRequest>,
) -> Answer<HttpResponse> {
    let PathIds(id, change) = ids;
    let ChangeDecisionRequest { decision, note } = body.value;
    let verdict = Verdict { change, approved: decision == ChangeDecision::Approve, note };
    let app = state.0.clone();
    let reply = move |profile: &Profile| changed(profile.participant.version, &whole(profile, &app.city.texts, spoken.0));
    let work =
        move |app: &App, db: &mut Db, context: &Context, once: &Once<'_, Profile>| participants::decide_change(app, db, context, id, &verdict, once);
    state.once(asked, key, body.bytes, reply, work).await
}
