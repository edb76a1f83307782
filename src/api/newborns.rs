//! Newborns, on the mother's NIK.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, created};
use super::language::Spoken;
use super::searches::LookupView;
use super::{Answer, State};
use crate::context::Context;
use crate::domain::nik::Nik;
use crate::domain::participants::Sex;
use crate::domain::registration;
use crate::error::{Error, Fault, Result};
use crate::service::App;
use crate::service::idempotency::Once;
use crate::service::newborns::{self, Birth};
use crate::service::profiles::Profile;
use crate::store::db::Db;

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewbornRequest {
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub mother_nik: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    /// 0 for an only child, 1 to 9 for each of several.
    #[schema(minimum = 0, maximum = 9)]
    #[validate(range(max = 9))]
    pub birth_order: u8,
    /// Without one: "Bayi Ny. " and the mother's.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub name: Option<String>,
}

fn birth(state: &State, asked: &Asked, request: NewbornRequest) -> Result<Birth> {
    let NewbornRequest { mother_nik, birth_date, sex, birth_order: order, name } = request;
    let mut faults = Vec::new();
    let mother_nik = Nik::parse(&mother_nik).map_err(|_| faults.push(Fault::at("/mother_nik", "NIK_FORMAT"))).ok();
    if birth_date > state.0.city.today(asked.context.now) {
        faults.push(Fault::at("/birth_date", "DATE_IN_FUTURE"));
    }
    if chrono::Datelike::year(&birth_date) < registration::EARLIEST_BIRTH_YEAR {
        faults.push(Fault::at("/birth_date", "BIRTH_DATE_TOO_EARLY"));
    }
    let name = name.and_then(|name| registration::person_name(&name).map_err(|code| faults.push(Fault::at("/name", code.as_str()))).ok());
    match mother_nik {
        Some(mother_nik) if faults.is_empty() => Ok(Birth { mother_nik, birth_date, sex, order, name }),
        Some(_) | None => Err(Error::Invalid(faults)),
    }
}

/// Registers a newborn on the mother's NIK. Its own NIK follows later.
#[utoipa::path(post, path = "/api/v1/participants/newborns", tag = "registry", request_body = NewbornRequest,
    responses((status = 201, body = LookupView), (status = 409, description = "this child is registered already, or its birth was told otherwise; `existing.participant_ids` names whom"),
        (status = 429, description = "too many unknown NIKs")))]
pub async fn register(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, body: Body<NewbornRequest>) -> Answer<HttpResponse> {
    let birth = birth(&state, &asked, body.value)?;
    let (app, caller) = (state.0.clone(), asked.caller);
    let reply = move |profile: &Profile| {
        let location = format!("/api/v1/participants/{}", profile.participant.id);
        created(Some(location), Some(profile.participant.version), &LookupView::of(profile, caller.role, &app.city.texts, spoken.0))
    };
    let work = move |app: &App, db: &mut Db, context: &Context, once: &Once<'_, Profile>| newborns::register(app, db, context, &caller, &birth, once);
    state.once(asked, key, body.bytes, reply, work).await
}
