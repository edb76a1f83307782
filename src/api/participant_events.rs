//! Status events of a participant: recording and revoking them.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::affected_checks::AffectedChecksView;
use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, created, done};
use super::query::{PathId, PathIds};
use super::{Answer, State, lists};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::participants::{ParticipantState, StatusEventKind};
use crate::domain::residency::VillageCode;
use crate::domain::time::UtcTime;
use crate::error::{Error, Fault, Result};
use crate::service::App;
use crate::service::idempotency::Once;
use crate::service::participant_events::{self, Recorded, Told};
use crate::store::db::Db;

/// `moved_in` needs `village_code` and may name the `kk_number` of the new household; `merged` needs `to_participant_id`.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct StatusEventRequest {
    pub kind: StatusEventKind,
    /// From this date on it holds. It may lie ahead, but not for a death, a duplicate or a merge.
    pub date: NaiveDate,
    #[schema(pattern = "^[0-9]{10}$")]
    pub village_code: Option<String>,
    #[schema(pattern = "^[0-9]{16}$")]
    pub kk_number: Option<String>,
    #[schema(max_length = 100)]
    #[validate(length(max = 100))]
    pub document_number: Option<String>,
    pub to_participant_id: Option<Id>,
    #[schema(max_length = 500)]
    #[validate(length(max = 500))]
    pub note: Option<String>,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RevocationRequest {
    #[schema(min_length = 1, max_length = 500)]
    #[validate(length(min = 1, max = 500))]
    pub reason: String,
}

#[derive(Serialize, ToSchema)]
pub struct StatusEventView {
    pub id: Id,
    pub participant_id: Id,
    pub kind: StatusEventKind,
    pub date: NaiveDate,
    pub village_code: Option<String>,
    pub kk_number: Option<String>,
    pub document_number: Option<String>,
    pub to_participant_id: Option<Id>,
    pub note: Option<String>,
    pub recorded_at: UtcTime,
    pub recorded_by: Id,
    pub revoked_at: Option<UtcTime>,
    pub revoked_by: Option<Id>,
    /// What holds for the participant today.
    pub participant_state: ParticipantState,
}

fn view(recorded: &Recorded) -> StatusEventView {
    let Recorded { event, state } = recorded;
    let cell = &event.cell;
    StatusEventView {
        id: event.id,
        participant_id: event.participant_id,
        kind: event.kind,
        date: event.happened_on,
        village_code: cell.village_code.map(|village| village.to_string()),
        kk_number: cell.kk_number.clone(),
        document_number: cell.document_number.clone(),
        to_participant_id: cell.to_participant_id,
        note: cell.note.clone(),
        recorded_at: event.recorded_at,
        recorded_by: event.recorded_by,
        revoked_at: event.revoked_at,
        revoked_by: event.revoked_by,
        participant_state: *state,
    }
}

/// Records what happened to a participant on a date.
#[utoipa::path(post, path = "/api/v1/participants/{id}/events", tag = "registry", params(("id" = Id, Path)), request_body = StatusEventRequest,
    responses((status = 201, body = StatusEventView), (status = 409, description = "it would change nothing, or contradicts what is recorded")))]
pub async fn record(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<StatusEventRequest>) -> Answer<HttpResponse> {
    let told = told(body.value)?;
    let reply = |recorded: &Recorded| created(None, None, &view(recorded));
    let work =
        move |app: &App, db: &mut Db, context: &Context, once: &Once<'_, Recorded>| participant_events::record(app, db, context, id.0, &told, once);
    state.once(asked, key, body.bytes, reply, work).await
}

fn told(request: StatusEventRequest) -> Result<Told> {
    let StatusEventRequest { kind, date, village_code, kk_number, document_number, to_participant_id, note } = request;
    let mut faults = Vec::new();
    let village_code =
        village_code.and_then(|text| text.parse::<VillageCode>().map_err(|_| faults.push(Fault::at("/village_code", "VILLAGE_FORMAT"))).ok());
    let kk_number = kk_number.and_then(|text| KkNumber::parse(&text).map_err(|_| faults.push(Fault::at("/kk_number", "KK_FORMAT"))).ok());
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(Told { kind, date, village_code, kk_number, document_number, to_participant_id, note })
}

/// Where someone would live, from when until when.
#[derive(Serialize, ToSchema)]
pub struct StayView {
    pub village_code: String,
    pub from: NaiveDate,
    /// The last day; null where it goes on.
    pub until: Option<NaiveDate>,
}

#[derive(Serialize, ToSchema)]
pub struct EventPreviewView {
    /// What would hold for the participant today.
    pub participant_state: ParticipantState,
    /// What would hold on the date of the event.
    pub state_on_date: ParticipantState,
    pub stays: Vec<StayView>,
    /// The recorded checks that would be decided otherwise after it.
    pub affected_checks: AffectedChecksView,
}

/// What an event would give, and which recorded checks would be decided otherwise after it. Nothing is recorded but that somebody looked.
#[utoipa::path(post, path = "/api/v1/participants/{id}/events/preview", tag = "registry", params(("id" = Id, Path)),
    request_body = StatusEventRequest,
    responses((status = 200, body = EventPreviewView), (status = 409, description = "it would change nothing, or contradicts what is recorded")))]
pub async fn preview(state: web::Data<State>, asked: Asked, id: PathId, body: Body<StatusEventRequest>) -> Answer<web::Json<EventPreviewView>> {
    let told = told(body.value)?;
    let preview = state.db(move |app, db| participant_events::preview(app, db, &asked.context, id.0, &told, lists::DEFAULT)).await?;
    let stays = preview.stays.iter().map(|stay| StayView { village_code: stay.village_code.to_string(), from: stay.from, until: stay.until });
    Ok(web::Json(EventPreviewView {
        participant_state: preview.state,
        state_on_date: preview.state_on_date,
        stays: stays.collect(),
        affected_checks: preview.checks.into(),
    }))
}

/// Takes back an event that was recorded in error; it stays in the history.
#[utoipa::path(post, path = "/api/v1/participants/{id}/events/{event_id}/revoke", tag = "registry",
    params(("id" = Id, Path), ("event_id" = Id, Path)), request_body = RevocationRequest,
    responses((status = 200, body = StatusEventView), (status = 409, description = "revoked before, or a later event rests on it")))]
pub async fn revoke(state: web::Data<State>, asked: Asked, key: Key, ids: PathIds, body: Body<RevocationRequest>) -> Answer<HttpResponse> {
    let PathIds(id, event) = ids;
    let reason = body.value.reason;
    let reply = |recorded: &Recorded| done(&view(recorded));
    let work = move |app: &App, db: &mut Db, context: &Context, once: &Once<'_, Recorded>| {
        participant_events::revoke(app, db, context, id, event, &reason, once)
    };
    state.once(asked, key, body.bytes, reply, work).await
}
