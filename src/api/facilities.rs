//! Facilities: places of care, as the Dinas Kesehatan registers them and everyone signed in may read them.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::{Body, not_null, nullable};
use super::guard::Asked;
use super::idempotency::{Key, created};
use super::lists::{Listed, Page};
use super::query::{IfMatch, PathId, Query, etag};
use super::{Answer, State};
use crate::domain::facilities::{Facility, FacilityClass, FacilityKind};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error};
use crate::service::facilities::{self, Correction, Particulars};
use crate::store;
use crate::store::facilities::Filter;

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct FacilityRequest {
    /// The code under which other systems know it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40)]
    #[validate(length(min = 1, max = 40))]
    pub code: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    pub kind: FacilityKind,
    /// Hospitals only.
    #[serde(default)]
    pub class: Option<FacilityClass>,
    pub government: bool,
    pub inside_city: bool,
    #[serde(default)]
    #[schema(min_length = 10, max_length = 10, pattern = "^[0-9]{10}$")]
    #[validate(length(equal = 10))]
    pub village_code: Option<String>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    #[validate(range(min = 0, max = 100_000))]
    pub beds: Option<i32>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 300)]
    #[validate(length(min = 1, max = 300))]
    pub address: Option<String>,
}

/// What changes. A field that is left out stays, one that is null is emptied.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct FacilityCorrection {
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    #[validate(length(min = 1, max = 40))]
    pub code: Option<Option<String>>,
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub kind: Option<FacilityKind>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<FacilityClass>)]
    pub class: Option<Option<FacilityClass>>,
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub government: Option<bool>,
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub inside_city: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 10, max_length = 10, pattern = "^[0-9]{10}$")]
    #[validate(length(equal = 10))]
    pub village_code: Option<Option<String>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 100_000)]
    #[validate(range(min = 0, max = 100_000))]
    pub beds: Option<Option<i32>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    #[validate(length(min = 1, max = 300))]
    pub address: Option<Option<String>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FacilityView {
    pub id: Id,
    pub code: Option<String>,
    pub name: String,
    pub kind: FacilityKind,
    pub class: Option<FacilityClass>,
    pub government: bool,
    pub inside_city: bool,
    pub village_code: Option<String>,
    pub beds: Option<i32>,
    pub address: Option<String>,
    /// Does a contract bind it today?
    pub contracted: bool,
}

impl FacilityView {
    fn of(facility: &Facility, today: NaiveDate) -> Self {
        let contracted = facility.is_contracted_on(today);
        let Facility { id, version: _, code, name, kind, class, government, inside_city, village_code, beds, address, contracts: _ } =
            facility.clone();
        Self { id, code, name, kind, class, government, inside_city, village_code, beds, address, contracted }
    }
}

/// Registers a place of care.
#[utoipa::path(post, path = "/api/v1/facilities", tag = "facilities", request_body = FacilityRequest,
    responses((status = 201, body = FacilityView, headers(("Location" = String), ("ETag" = String))), (status = 409, description = "another facility has this code")))]
pub async fn register(state: web::Data<State>, asked: Asked, key: Key, body: Body<FacilityRequest>) -> Answer<HttpResponse> {
    let FacilityRequest { code, name, kind, class, government, inside_city, village_code, beds, address } = body.value;
    let said = Particulars { code, name, kind, class, government, inside_city, village_code, beds, address };
    let today = state.0.city.today(asked.context.now);
    let reply = move |facility: &Facility| created(Some(place(facility.id)), Some(facility.version), &FacilityView::of(facility, today));
    state.once(asked, key, body.bytes, reply, |app, db, context, once| facilities::register(app, db, context, said, once)).await
}

fn place(id: Id) -> String {
    format!("/api/v1/facilities/{id}")
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    kind: Option<FacilityKind>,
    inside_city: Option<bool>,
    government: Option<bool>,
    /// Made or changed since this instant.
    updated_since: Option<UtcTime>,
}

/// Places of care, newest first.
#[utoipa::path(get, path = "/api/v1/facilities", tag = "facilities", params(ListQuery), responses((status = 200, body = Listed<FacilityView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<ListQuery>) -> Answer<web::Json<Listed<FacilityView>>> {
    let ListQuery { limit, cursor, kind, inside_city, government, updated_since } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let today = state.0.city.today(asked.context.now);
    let filter = Filter { kind, inside_city, government, updated_since };
    let rows = state.db(move |_, db| store::facilities::list(db, filter, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |facility| facility.id, |facility| FacilityView::of(&facility, today))))
}

/// One place of care.
#[utoipa::path(get, path = "/api/v1/facilities/{id}", tag = "facilities", params(("id" = Id, Path)),
    responses((status = 200, body = FacilityView, headers(("ETag" = String)))))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let facility = state.db(move |_, db| store::facilities::find(db, id.0)?.ok_or_else(|| Error::refused(Code::NotFound))).await?;
    Ok(shown(&state, &asked, &facility))
}

/// Corrects what is registered about a place of care.
#[utoipa::path(patch, path = "/api/v1/facilities/{id}", tag = "facilities", params(("id" = Id, Path)), request_body = FacilityCorrection,
    responses((status = 200, body = FacilityView, headers(("ETag" = String))), (status = 409, description = "another facility has this code")))]
pub async fn correct(state: web::Data<State>, asked: Asked, id: PathId, seen: IfMatch, body: Body<FacilityCorrection>) -> Answer<HttpResponse> {
    let FacilityCorrection { code, name, kind, class, government, inside_city, village_code, beds, address } = body.value;
    let said = Correction { code, name, kind, class, government, inside_city, village_code, beds, address };
    let context = asked.context.clone();
    let facility = state.db(move |app, db| facilities::correct(app, db, &context, id.0, seen.0, said)).await?;
    Ok(shown(&state, &asked, &facility))
}

fn shown(state: &State, asked: &Asked, facility: &Facility) -> HttpResponse {
    let view = FacilityView::of(facility, state.0.city.today(asked.context.now));
    HttpResponse::Ok().insert_header(etag(facility.version)).json(view)
}
