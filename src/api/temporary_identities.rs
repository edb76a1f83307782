//! Patients whose NIK cannot be used now, and the NIK that they get later.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, changed, created};
use super::language::Spoken;
use super::participant_views::{ParticipantView, whole};
use super::query::PathId;
use super::searches::LookupView;
use super::{Answer, State};
use crate::context::Context;
use crate::domain::corrections::Correction;
use crate::domain::kk::KkNumber;
use crate::domain::nik::Nik;
use crate::domain::participants::{Sex, TemporaryReason};
use crate::domain::registration;
use crate::error::{Error, Fault, Result};
use crate::service::App;
use crate::service::idempotency::Once;
use crate::service::profiles::Profile;
use crate::service::temporary_identities::{self, Patient};
use crate::store::db::Db;

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TemporaryRequest {
    pub reason: TemporaryReason,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub name: Option<String>,
    #[serde(default)]
    pub sex: Option<Sex>,
    #[serde(default)]
    #[schema(minimum = 1900, maximum = 2999)]
    #[validate(range(min = 1900, max = 2999))]
    pub estimated_birth_year: Option<i32>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 60)]
    #[validate(length(min = 1, max = 60))]
    pub dinsos_letter_number: Option<String>,
    /// The NIK that another real person has too; needed with `nik_conflict`, and only there.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub conflicting_nik: Option<String>,
}

fn name_of(name: Option<String>, faults: &mut Vec<Fault>) -> Option<String> {
    name.and_then(|name| registration::person_name(&name).map_err(|code| faults.push(Fault::at("/name", code.as_str()))).ok())
}

fn patient(this_year: i32, request: TemporaryRequest) -> Result<Patient> {
    let TemporaryRequest { reason, name, sex, estimated_birth_year, dinsos_letter_number, conflicting_nik } = request;
    let mut faults = Vec::new();
    let name = name_of(name, &mut faults);
    if estimated_birth_year.is_some_and(|year| year > this_year) {
        faults.push(Fault::at("/estimated_birth_year", "DATE_IN_FUTURE"));
    }
    match (reason, &conflicting_nik) {
        (TemporaryReason::NikConflict, None) => faults.push(Fault::at("/conflicting_nik", "FIELD_MISSING")),
        (TemporaryReason::Unidentified | TemporaryReason::NoNik, Some(_)) => faults.push(Fault::at("/conflicting_nik", "CONFLICT_NOT_MEANT")),
        (TemporaryReason::NikConflict, Some(_)) | (TemporaryReason::Unidentified | TemporaryReason::NoNik, None) => {}
    }
    let conflicting_nik = conflicting_nik.and_then(|nik| Nik::parse(&nik).map_err(|_| faults.push(Fault::at("/conflicting_nik", "NIK_FORMAT"))).ok());
    if faults.is_empty() {
        Ok(Patient { reason, name, sex, estimated_birth_year, dinsos_letter_number, conflicting_nik })
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Makes a temporary identity. A NIK that two people have opens a case for the civil registry.
#[utoipa::path(post, path = "/api/v1/participants/temporary", tag = "registry", request_body = TemporaryRequest,
    responses((status = 201, body = LookupView)))]
pub async fn make(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, body: Body<TemporaryRequest>) -> Answer<HttpResponse> {
    let today = state.0.city.today(asked.context.now);
    let patient = patient(chrono::Datelike::year(&today), body.value)?;
    let (app, role) = (state.0.clone(), asked.caller.role);
    let reply = move |profile: &Profile| {
        let location = format!("/api/v1/participants/{}", profile.participant.id);
        created(Some(location), Some(profile.participant.version), &LookupView::of(profile, role, &app.city.texts, spoken.0))
    };
    let work =
        move |app: &App, db: &mut Db, context: &Context, once: &Once<'_, Profile>| temporary_identities::make(app, db, context, &patient, once);
    state.once(asked, key, body.bytes, reply, work).await
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NikRequest {
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub nik: String,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub name: Option<String>,
    #[serde(default)]
    pub birth_date: Option<NaiveDate>,
    #[serde(default)]
    pub sex: Option<Sex>,
    #[serde(default)]
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub kk_number: Option<String>,
    /// Of the paper that says so, such as a birth certificate.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 60)]
    #[validate(length(min = 1, max = 60))]
    pub document_number: Option<String>,
}

fn correction(today: NaiveDate, request: NikRequest) -> Result<(Correction, Option<String>)> {
    let NikRequest { nik, name, birth_date, sex, kk_number, document_number } = request;
    let mut faults = Vec::new();
    let nik = Nik::parse(&nik).map_err(|_| faults.push(Fault::at("/nik", "NIK_FORMAT"))).ok();
    let name = name_of(name, &mut faults);
    if let Some(Err(code)) = birth_date.map(|date| registration::birth_date(&date.to_string(), today)) {
        faults.push(Fault::at("/birth_date", code.as_str()));
    }
    let kk_number = kk_number.and_then(|kk| KkNumber::parse(&kk).map_err(|_| faults.push(Fault::at("/kk_number", "KK_FORMAT"))).ok());
    let correction = Correction { nik, name, birth_date, sex, kk_number, ..Correction::default() };
    if faults.is_empty() { Ok((correction, document_number)) } else { Err(Error::Invalid(faults)) }
}

/// Gives a temporary person a NIK. Checks, referrals and history stay with the record. What was only estimated must be told.
#[utoipa::path(post, path = "/api/v1/participants/{id}/nik", tag = "registry", params(("id" = crate::domain::id::Id, Path)), request_body = NikRequest,
    responses((status = 200, body = ParticipantView), (status = 409, description = "the person has a NIK already, or it is another person's: `existing.participant_id`; merge the two")))]
pub async fn give_nik(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, id: PathId, body: Body<NikRequest>) -> Answer<HttpResponse> {
    let (correction, document_number) = correction(state.0.city.today(asked.context.now), body.value)?;
    let app = state.0.clone();
    let reply = move |profile: &Profile| changed(profile.participant.version, &whole(profile, &app.city.texts, spoken.0));
    let work = move |app: &App, db: &mut Db, context: &Context, once: &Once<'_, Profile>| {
        temporary_identities::give_nik(app, db, context, id.0, (&correction, document_number.as_deref()), once)
    };
    state.once(asked, key, body.bytes, reply, work).await
}
