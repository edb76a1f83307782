//! What changed about a participant, when and by whom.

use actix_web::web;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::lists::{Listed, Page};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::context::Purpose;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::service::participant_history;
use crate::store::participant_history::Entry;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Who changed something.
#[derive(Serialize, ToSchema)]
pub struct ActorView {
    pub user_id: Option<Id>,
    /// The user's or system's name to sign in.
    pub username: Option<String>,
    pub facility_id: Option<Id>,
    /// The clerk, as the calling system named them.
    pub actor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct HistoryView {
    pub id: Id,
    pub at: UtcTime,
    pub kind: String,
    pub by: ActorView,
    #[schema(value_type = Option<String>)]
    pub purpose: Option<Purpose>,
    pub reason: Option<String>,
    /// By field: what was before and what is after.
    #[schema(value_type = Object)]
    pub changes: Map<String, Value>,
    /// Whatever else belongs to this kind of event.
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
}

fn view(entry: Entry) -> HistoryView {
    let Entry { header, payload, by } = entry;
    let mut details = match payload {
        Value::Object(payload) => payload,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    let mut text = |name: &str| details.remove(name).and_then(|value| value.as_str().map(str::to_owned));
    let (actor, reason) = (text("actor"), text("reason"));
    let changes = match details.remove("changes") {
        Some(Value::Object(changes)) => changes,
        Some(_) | None => Map::new(),
    };
    let by = ActorView { user_id: header.user_id, username: by, facility_id: header.facility_id, actor };
    HistoryView { id: header.id, at: header.at, kind: header.kind, by, purpose: header.purpose, reason, changes, details }
}

/// Everything that changed, newest first. Who only looked stands in the access log.
#[utoipa::path(get, path = "/api/v1/participants/{id}/history", tag = "registry", params(("id" = Id, Path), HistoryQuery),
    responses((status = 200, body = Listed<HistoryView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, id: PathId, query: Query<HistoryQuery>) -> Answer<web::Json<Listed<HistoryView>>> {
    let page = Page::new(query.0.limit, query.0.cursor.as_deref())?;
    // One more than asked for shows whether there is another page.
    let entries = state.db(move |app, db| participant_history::list(app, db, &asked.context, id.0, page.before, page.limit + 1)).await?;
    Ok(web::Json(Listed::from_rows(entries, page, |entry| entry.header.id, view)))
}
