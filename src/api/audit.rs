//! The access log, the proof that it is whole, and the signed heads to keep outside.

use actix_web::web;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::lists::{Listed, Page, period};
use super::query::Query;
use super::{Answer, State};
use crate::context::Purpose;
use crate::domain::id::Id;
use crate::domain::time::{Period, UtcTime};
use crate::service::audit::{self, Break, BreakKind, Verdict};
use crate::service::audit_events::{self, Shown};
use crate::store::audit_checkpoints::{self, Checkpoint, HeadAt};
use crate::store::audit_log::Filter;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    /// First date, as the city counts days.
    from: Option<NaiveDate>,
    /// Last date.
    to: Option<NaiveDate>,
    #[param(max_length = 60)]
    kind: Option<String>,
    user_id: Option<Id>,
    facility_id: Option<Id>,
    participant_id: Option<Id>,
}

#[derive(Serialize, ToSchema)]
pub struct EventView {
    pub id: Id,
    pub at: UtcTime,
    pub kind: String,
    pub user_id: Option<Id>,
    pub facility_id: Option<Id>,
    pub request_id: Option<Id>,
    /// What was done something to.
    pub object_id: Option<Id>,
    #[schema(value_type = Option<String>)]
    pub purpose: Option<Purpose>,
    /// The participants whom it is about.
    pub subjects: Vec<Id>,
    /// What changed or was asked; null also when it does not open any more.
    pub payload: Option<Value>,
    pub stripe: i32,
    pub seq: i64,
}

impl From<Shown> for EventView {
    fn from(Shown { row, header, payload }: Shown) -> Self {
        let (request_id, object_id, purpose, subjects) = match header {
            Some(header) => (Some(header.request_id), header.object, header.purpose, header.subjects),
            None => (None, None, None, Vec::new()),
        };
        Self {
            id: row.id,
            at: row.at,
            kind: row.kind,
            user_id: row.user_id,
            facility_id: row.facility_id,
            request_id,
            object_id,
            purpose,
            subjects,
            payload: payload.filter(|payload| !payload.is_null()),
            stripe: row.stripe,
            seq: row.seq,
        }
    }
}

/// Who did what to whom, when and why; newest first. Reading it is an event.
#[utoipa::path(get, path = "/api/v1/audit/events", tag = "audit", params(EventsQuery), responses((status = 200, body = Listed<EventView>)))]
pub async fn events(state: web::Data<State>, asked: Asked, query: Query<EventsQuery>) -> Answer<web::Json<Listed<EventView>>> {
    let EventsQuery { limit, cursor, from, to, kind, user_id, facility_id, participant_id } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let Period { from, until } = period(from, to, state.0.city.offset)?;
    let filter = Filter { from, until, kind, user_id, facility_id, participant_id };
    let shown = state.db(move |_, db| audit_events::list(db, &asked.context, &filter, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(shown, page, |shown| shown.row.id, EventView::from)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VerifyQuery {
    /// Opens every payload too.
    deep: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub struct VerdictView {
    pub intact: bool,
    pub events: i64,
    pub checkpoints: i64,
    pub deep: bool,
    /// The first thing that is wrong.
    pub broken: Option<BreakView>,
}

#[derive(Serialize, ToSchema)]
pub struct BreakView {
    pub kind: BreakKind,
    pub stripe: Option<i32>,
    pub seq: Option<i64>,
    pub event_id: Option<Id>,
    pub checkpoint_id: Option<Id>,
    pub column: Option<&'static str>,
}

impl From<Verdict> for VerdictView {
    fn from(Verdict { events, checkpoints, deep, broken }: Verdict) -> Self {
        let view = |Break { kind, stripe, seq, id, checkpoint_id, column }| BreakView { kind, stripe, seq, event_id: id, checkpoint_id, column };
        Self { intact: broken.is_none(), events, checkpoints, deep, broken: broken.map(view) }
    }
}

/// Walks the log's chains and names the first event that was altered, removed, reordered or put in. One walk at a time: meanwhile others are told 503.
#[utoipa::path(get, path = "/api/v1/audit/verify", tag = "audit", params(VerifyQuery), responses((status = 200, body = VerdictView)))]
pub async fn verify(state: web::Data<State>, asked: Asked, query: Query<VerifyQuery>) -> Answer<web::Json<VerdictView>> {
    let deep = query.0.deep.unwrap_or(false);
    Ok(web::Json(state.app(move |app| audit::verify_as_asked(app, &asked.context, deep)).await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CheckpointsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CheckpointView {
    pub id: Id,
    pub at: UtcTime,
    pub heads: Vec<HeadView>,
    pub key_id: i32,
    /// Ed25519, base64url.
    pub signature: String,
}

#[derive(Serialize, ToSchema)]
pub struct HeadView {
    pub stripe: i32,
    pub seq: i64,
    /// SHA-256, base64url.
    pub link: String,
}

impl From<Checkpoint> for CheckpointView {
    fn from(Checkpoint { id, at, heads, key_id, signature }: Checkpoint) -> Self {
        let heads = heads.into_iter().map(|HeadAt { stripe, seq, link }| HeadView { stripe, seq, link }).collect();
        Self { id, at, heads, key_id, signature }
    }
}

/// The signed heads of the log, newest first. Keep them outside: `ksnik audit verify --against FILE` compares with them.
#[utoipa::path(get, path = "/api/v1/audit/checkpoints", tag = "audit", params(CheckpointsQuery), responses((status = 200, body = Listed<CheckpointView>)))]
pub async fn checkpoints(state: web::Data<State>, query: Query<CheckpointsQuery>) -> Answer<web::Json<Listed<CheckpointView>>> {
    let page = Page::new(query.0.limit, query.0.cursor.as_deref())?;
    let rows = state.db(move |_, db| audit_checkpoints::list(db, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |checkpoint| checkpoint.id, CheckpointView::from)))
}
