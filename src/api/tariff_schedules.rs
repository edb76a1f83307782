//! Tariff schedules: written by an admin, published by another, read by those who bill, pay and check.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::arrivals::{self, Arrived};
use super::body::{BATCH, Body, Read, not_null, nullable};
use super::guard::Asked;
use super::idempotency::{Key as RequestKey, changed, created};
use super::lists::{Listed, Page};
use super::query::{IfMatch, PathId, Query, etag};
use super::{Answer, State};
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::facilities::FacilityClass;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::{Entry, Item, Key, Ownership, ScheduleState, TariffCode};
use crate::domain::time::{DateRange, UtcTime};
use crate::error::{Error, Fault};
use crate::service::App;
use crate::service::tariffs::{self, Added, Head, HeadChange};
use crate::store::tariffs::{Filter, Schedule};

const fn whole() -> i32 {
    100
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TariffScheduleRequest {
    #[schema(min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    pub valid_from: NaiveDate,
    /// The last day; without one, until another takes its place.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// What is paid of a price, in whole per cent.
    #[serde(default = "whole")]
    #[schema(minimum = 1, maximum = 200, default = 100)]
    #[validate(range(min = 1, max = 200))]
    pub payment_percent: i32,
}

/// What changes. A field that is left out stays, `valid_to` null is emptied.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TariffScheduleChange {
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub valid_from: Option<NaiveDate>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<NaiveDate>)]
    pub valid_to: Option<Option<NaiveDate>>,
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, minimum = 1, maximum = 200)]
    #[validate(range(min = 1, max = 200))]
    pub payment_percent: Option<i32>,
}

/// A price. A field that is left out or null fits all. Its limits stand in the schema alone, so that what else is wrong is told beside them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TariffItemRequest {
    /// As claims name it; kept in capitals.
    #[schema(min_length = 1, max_length = 30, pattern = "^[A-Za-z0-9][A-Za-z0-9./_-]{0,29}$", example = "A-4-14-I")]
    pub code: String,
    #[schema(min_length = 1, max_length = 300)]
    pub description: String,
    pub care_type: CareType,
    #[serde(default)]
    pub ward_class: Option<WardClass>,
    /// Of a hospital.
    #[serde(default)]
    pub facility_class: Option<FacilityClass>,
    #[serde(default)]
    pub ownership: Option<Ownership>,
    /// The regency or city where the facility lies, by the Ministry's code.
    #[serde(default)]
    #[schema(min_length = 4, max_length = 4, pattern = "^[0-9]{4}$", example = "3275")]
    pub region: Option<String>,
    /// Whole rupiah, before the schedule's percentage.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    pub amount: i64,
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TariffItemsRequest {
    #[schema(min_items = 1, max_items = 5000)]
    pub items: Vec<TariffItemRequest>,
}

impl TariffItemRequest {
    fn entry(self, at: usize) -> Result<Entry, Fault> {
        let Self { code, description, care_type, ward_class, facility_class, ownership, region, amount } = self;
        let code = code.parse::<TariffCode>().map_err(|_| Fault::at(format!("/items/{at}/code"), "TARIFF_CODE_FORMAT"))?;
        let key = Key { code, care_type, ward_class, facility_class, ownership, region };
        Ok(Entry { key, description, amount: Rupiah(amount) })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TariffScheduleView {
    pub id: Id,
    pub name: String,
    pub state: ScheduleState,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub payment_percent: i32,
    pub item_count: i32,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub published_at: Option<UtcTime>,
    pub published_by: Option<Id>,
    /// SHA-256 over all its items, as the audit log keeps it.
    pub content_hash: Option<String>,
}

impl From<Schedule> for TariffScheduleView {
    fn from(schedule: Schedule) -> Self {
        let Schedule { id, version: _, name, state, valid_from, valid_to, payment_percent, item_count, .. } = schedule;
        let Schedule { created_at, updated_at, published_at, published_by, content_hash, .. } = schedule;
        let content_hash = content_hash.map(|hash| hash.iter().map(|byte| format!("{byte:02x}")).collect());
        Self { id, name, state, valid_from, valid_to, payment_percent, item_count, created_at, updated_at, published_at, published_by, content_hash }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TariffItemView {
    pub id: Id,
    pub code: String,
    pub description: String,
    pub care_type: CareType,
    pub ward_class: Option<WardClass>,
    pub facility_class: Option<FacilityClass>,
    pub ownership: Option<Ownership>,
    pub region: Option<String>,
    /// Whole rupiah, before the schedule's percentage.
    pub amount: i64,
}

impl From<Item> for TariffItemView {
    fn from(Item { id, key, description, amount }: Item) -> Self {
        let Key { code, care_type, ward_class, facility_class, ownership, region } = key;
        Self { id, code: code.to_string(), description, care_type, ward_class, facility_class, ownership, region, amount: amount.0 }
    }
}

/// What became of the items that were sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct TariffItemsAdded {
    pub schedule: TariffScheduleView,
    pub added: usize,
    /// Those whose key was there with another price or description.
    pub replaced: usize,
    pub unchanged: usize,
}

fn place(id: Id) -> String {
    format!("/api/v1/tariff-schedules/{id}")
}

/// Begins a schedule, as a draft without items.
#[utoipa::path(post, path = "/api/v1/tariff-schedules", tag = "tariffs", request_body = TariffScheduleRequest,
    responses((status = 201, body = TariffScheduleView, headers(("Location" = String), ("ETag" = String)))))]
pub async fn create(state: web::Data<State>, asked: Asked, key: RequestKey, body: Body<TariffScheduleRequest>) -> Answer<HttpResponse> {
    let TariffScheduleRequest { name, valid_from, valid_to, payment_percent } = body.value;
    let head = Head { name, range: DateRange { from: valid_from, to: valid_to }, payment_percent };
    let reply = |schedule: &Schedule| created(Some(place(schedule.id)), Some(schedule.version), &TariffScheduleView::from(schedule.clone()));
    state.once(asked, key, body.bytes, reply, move |_, db, context, once| tariffs::create(db, context, head, once)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    state: Option<ScheduleState>,
    /// Those that are for this date.
    valid_on: Option<NaiveDate>,
    updated_since: Option<UtcTime>,
}

/// Schedules, newest first. Drafts are shown to those who write them and to auditors.
#[utoipa::path(get, path = "/api/v1/tariff-schedules", tag = "tariffs", params(ListQuery), responses((status = 200, body = Listed<TariffScheduleView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<ListQuery>) -> Answer<web::Json<Listed<TariffScheduleView>>> {
    let ListQuery { limit, cursor, state: wanted, valid_on, updated_since } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let filter = Filter { state: wanted, valid_on, updated_since };
    let rows = state.db(move |_, db| tariffs::list(db, &asked.caller, filter, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |schedule| schedule.id, TariffScheduleView::from)))
}

/// One schedule.
#[utoipa::path(get, path = "/api/v1/tariff-schedules/{id}", tag = "tariffs", params(("id" = Id, Path)),
    responses((status = 200, body = TariffScheduleView, headers(("ETag" = String)))))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let schedule = state.db(move |_, db| tariffs::show(db, &asked.caller, id.0)).await?;
    Ok(shown(schedule))
}

fn shown(schedule: Schedule) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(schedule.version)).json(TariffScheduleView::from(schedule))
}

/// Changes the head of a draft.
#[utoipa::path(patch, path = "/api/v1/tariff-schedules/{id}", tag = "tariffs", params(("id" = Id, Path)), request_body = TariffScheduleChange,
    responses((status = 200, body = TariffScheduleView, headers(("ETag" = String))), (status = 409, description = "`TARIFF_SCHEDULE_PUBLISHED`")))]
pub async fn change(state: web::Data<State>, asked: Asked, id: PathId, seen: IfMatch, body: Body<TariffScheduleChange>) -> Answer<HttpResponse> {
    let TariffScheduleChange { name, valid_from, valid_to, payment_percent } = body.value;
    let said = HeadChange { name, valid_from, valid_to, payment_percent };
    let schedule = state.db(move |_, db| tariffs::change(db, &asked.context, id.0, seen.0, &said)).await?;
    Ok(shown(schedule))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ItemsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    /// Items with this code.
    #[param(max_length = 30)]
    code: Option<String>,
}

/// The items of a schedule, newest first.
#[utoipa::path(get, path = "/api/v1/tariff-schedules/{id}/items", tag = "tariffs", params(("id" = Id, Path), ItemsQuery),
    responses((status = 200, body = Listed<TariffItemView>)))]
pub async fn items(state: web::Data<State>, asked: Asked, id: PathId, query: Query<ItemsQuery>) -> Answer<web::Json<Listed<TariffItemView>>> {
    let ItemsQuery { limit, cursor, code } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let code = code.map(|code| code.parse::<TariffCode>().map_err(|_| Fault::parameter("code", "TARIFF_CODE_FORMAT"))).transpose();
    let code = code.map_err(Error::from)?;
    let rows = state.db(move |_, db| tariffs::items(db, &asked.caller, id.0, code.as_ref(), page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |item| item.id, TariffItemView::from)))
}

const CSV: &str = "text/csv";
/// Of a CSV file; longer lists come by `ksnik import tariffs`, or in parts.
const MOST_ROWS: usize = 20_000;

/// Items as JSON or as CSV.
pub enum Sent {
    Json(Body<Read<TariffItemsRequest>, BATCH>),
    Csv(Arrived),
}

impl FromRequest for Sent {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if arrivals::is_of(request, CSV) {
            return arrivals::arriving_as(CSV, request, payload, BATCH, |arrived| Ok(Self::Csv(arrived)));
        }
        let body = Body::<Read<TariffItemsRequest>, BATCH>::from_request(request, payload);
        Box::pin(async move { body.await.map(Self::Json) })
    }
}

/// Adds items to a draft; one that is for the same (code, care type and every other field) is replaced. All of them, or none.
#[utoipa::path(post, path = "/api/v1/tariff-schedules/{id}/items", tag = "tariffs", params(("id" = Id, Path)), 
    request_body(content((TariffItemsRequest = "application/json"), (String = "text/csv")), description = "As CSV: the same names as headings, in any order; amounts may be written `2.000.000,00`. A fault points at `/line/column`."),
    responses((status = 200, body = TariffItemsAdded, headers(("ETag" = String))), (status = 409, description = "`TARIFF_SCHEDULE_PUBLISHED`")))]
pub async fn add_items(state: web::Data<State>, asked: Asked, key: RequestKey, id: PathId, sent: Sent) -> Answer<HttpResponse> {
    let app = state.0.clone();
    // The room is held for as long as the items are worked on.
    let (entries, bytes, _room) = match sent {
        Sent::Json(body) => (judged(&app, body.value)?, body.bytes, body.room),
        Sent::Csv(Arrived { bytes, room }) => (tariffs::entries_of_csv(&app, &bytes, MOST_ROWS)?, bytes, room),
    };
    let reply = |added: &Added| {
        let Added { schedule, added, replaced, unchanged } = added.clone();
        changed(schedule.version, &TariffItemsAdded { schedule: schedule.into(), added, replaced, unchanged })
    };
    state.once(asked, key, bytes, reply, move |_, db, context, once| tariffs::add_items(db, context, id.0, &entries, once)).await
}

/// Every fault of a list in JSON beside those that its schema tells.
fn judged(app: &App, body: Read<TariffItemsRequest>) -> Result<Vec<Entry>, Error> {
    body.judged(|TariffItemsRequest { items }| {
        let entries = items.into_iter().enumerate().map(|(at, item)| item.entry(at));
        let (entries, faults): (Vec<_>, Vec<_>) = entries.partition(Result::is_ok);
        let entries: Vec<Entry> = entries.into_iter().filter_map(Result::ok).collect();
        let mut faults: Vec<Fault> = faults.into_iter().filter_map(Result::err).collect();
        match tariffs::check_entries(app, &entries) {
            Err(Error::Invalid(more)) => faults.extend(more),
            Err(other) => return Err(other),
            Ok(()) => {}
        }
        if faults.is_empty() { Ok(entries) } else { Err(Error::Invalid(faults)) }
    })
}

/// The version that the caller has seen, for whoever says it.
pub struct Seen(Option<i32>);

impl FromRequest for Seen {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let said = request.headers().contains_key(header::IF_MATCH).then(|| IfMatch::from_request(request, payload));
        Box::pin(async move {
            match said {
                None => Ok(Self(None)),
                Some(said) => said.await.map(|seen| Self(Some(seen.0))),
            }
        })
    }
}

/// Publishes a draft: it is never changed after that. Where published schedules are for the same date, the one that was published last is in force.
#[utoipa::path(post, path = "/api/v1/tariff-schedules/{id}/publish", tag = "tariffs",
    params(("id" = Id, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the draft that was looked at: then no other is published.")),
    responses((status = 200, body = TariffScheduleView, headers(("ETag" = String))),
        (status = 409, description = "`TARIFF_SCHEDULE_PUBLISHED`, `TARIFF_SCHEDULE_EMPTY`, or `PUBLISHES_OWN_SCHEDULE`: whoever wrote any of it may not publish it"),
        (status = 412, description = "changed since it was read")))]
pub async fn publish(state: web::Data<State>, asked: Asked, key: RequestKey, id: PathId, seen: Seen) -> Answer<HttpResponse> {
    let reply = |schedule: &Schedule| changed(schedule.version, &TariffScheduleView::from(schedule.clone()));
    state.once(asked, key, web::Bytes::new(), reply, move |_, db, context, once| tariffs::publish(db, context, id.0, seen.0, once)).await
}
