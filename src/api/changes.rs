//! What happened to a facility's claims, letters, reviews and payments, for programs that follow it.

use actix_web::web;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::lists::Page;
use super::query::Query;
use super::{Answer, State};
use crate::domain::changes::ChangeKind;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::{Error, Fault, Result};
use crate::service::changes::{self, KEPT, Read};
use crate::store::changes::Row;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before; without one, from the oldest that is kept.
    cursor: Option<String>,
}

/// Something that happened. Whoever wants to know more reads the object by its id.
#[derive(Serialize, ToSchema)]
pub struct ChangeView {
    pub at: UtcTime,
    pub kind: ChangeKind,
    pub id: Id,
    /// Null where the object has none.
    pub number: Option<String>,
    /// Null where it is for the city alone.
    pub facility_id: Option<Id>,
    #[schema(example = "submit")]
    pub action: String,
    /// In which state that left it.
    #[schema(example = "approved")]
    pub state: String,
}

impl From<Row> for ChangeView {
    fn from(row: Row) -> Self {
        let Row { stripe: _, place: _, changed_at: at, facility_id, kind, object_id: id, number, action, state } = row;
        Self { at, kind, id, number, facility_id, action, state }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ChangesView {
    /// The oldest first.
    pub items: Vec<ChangeView>,
    /// Give it back as `cursor` for what comes after these, now or later: there is always one.
    pub next_cursor: String,
}

/// From when a cursor is, and up to which place of each stripe of the log its holder has read.
#[derive(Serialize, Deserialize)]
struct Cursor(i64, Read);

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok().filter(|Self(_, read)| read.len() <= 64)
    }

    fn text(&self) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).map_err(|_| Error::internal("a cursor is no JSON"))?))
    }
}

fn read_so_far(cursor: Option<&str>, now: UtcTime) -> Result<Read> {
    let Some(text) = cursor else { return Ok(Read::new()) };
    let Cursor(at, read) = Cursor::parse(text).ok_or_else(|| Fault::parameter("cursor", "WRONG_FORMAT"))?;
    // What happened since is no longer all there: whoever comes so late must hear of it.
    if at < now.minus(KEPT).unix_seconds() {
        return Err(Fault::parameter("cursor", "CURSOR_TOO_OLD").into());
    }
    Ok(read)
}

/// What happened to claims, letters, reviews and payments of the last 90 days, the oldest first: to a facility its own, to finance and admins all. A cursor
/// misses nothing, also of what is committed later than what was begun after it.
#[utoipa::path(get, path = "/api/v1/changes", tag = "changes", params(ChangesQuery), responses((status = 200, body = ChangesView)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<ChangesQuery>) -> Answer<web::Json<ChangesView>> {
    let ChangesQuery { limit, cursor } = query.0;
    let now = asked.context.now;
    let limit = Page::new(limit, None)?.limit;
    let read = read_so_far(cursor.as_deref(), now)?;
    let (rows, read) = state.db(move |_, db| changes::after(db, &asked.context, &asked.caller, read, limit)).await?;
    let next_cursor = Cursor(now.unix_seconds(), read).text()?;
    Ok(web::Json(ChangesView { items: rows.into_iter().map(ChangeView::from).collect(), next_cursor }))
}
