//! The caller's own account.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, nothing_more};
use super::secret::Secret;
use super::{Answer, State, routes};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::error::{Code, Error, Result};
use crate::service::App;
use crate::service::idempotency::Once;
use crate::service::passwords::Turn;
use crate::service::users;
use crate::store;
use crate::store::db::Db;

#[derive(Serialize, ToSchema)]
pub struct MeView {
    pub id: Id,
    /// The username, or the client id of a system.
    pub username: String,
    pub name: String,
    pub role: Role,
    pub facility_id: Option<Id>,
    pub facility_name: Option<String>,
    /// While true, only this and the change of the password are answered.
    pub must_change_password: bool,
    /// What the caller may call, as `METHOD path`.
    pub permissions: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct OwnPasswordRequest {
    #[schema(value_type = String, min_length = 1, max_length = 256)]
    #[validate(length(min = 1, max = 256))]
    pub current_password: Secret,
    /// At least 8 characters, better 15; any characters will do.
    #[schema(value_type = String, min_length = 8, max_length = 256)]
    #[validate(length(min = 8, max = 256))]
    pub new_password: Secret,
}

/// Who the token speaks for.
#[utoipa::path(get, path = "/api/v1/me", tag = "identity", responses((status = 200, body = MeView)))]
pub async fn show(state: web::Data<State>, asked: Asked) -> Answer<web::Json<MeView>> {
    let caller = asked.caller;
    let (username, name, must_change_password) = state.db(move |_, db| names(db, caller.user_id)).await?;
    let facility_name = caller.facility_id.and_then(|id| state.0.memory.facility(id)).map(|facility| facility.name.clone());
    Ok(web::Json(MeView {
        id: caller.user_id,
        username,
        name,
        role: caller.role,
        facility_id: caller.facility_id,
        facility_name,
        must_change_password,
        permissions: permissions(&caller),
    }))
}

fn names(db: &mut Db, id: Id) -> Result<(String, String, bool)> {
    if let Some(user) = store::users::find(db, id)? {
        return Ok((user.username, user.name, user.must_change_password));
    }
    let system = store::service_accounts::find(db, id)?.ok_or_else(|| Error::refused(Code::SignInRequired))?;
    Ok((system.client_id, system.name, false))
}

fn permissions(caller: &Caller) -> Vec<String> {
    let allowed = routes::table().into_iter().filter(|route| route.access.allows(caller, &route.method, route.path));
    allowed.map(|route| format!("{} {}", route.method, route.path)).collect()
}

/// Changes the caller's own password and ends their other sessions.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "identity", request_body = OwnPasswordRequest,
    responses((status = 204, description = "changed"), (status = 409, description = "it was changed elsewhere at the same moment"),
        (status = 429, description = "the current password was wrong too often: try again after `Retry-After` seconds")))]
pub async fn change_password(state: web::Data<State>, asked: Asked, key: Key, body: Body<OwnPasswordRequest>) -> Answer<HttpResponse> {
    let (caller, OwnPasswordRequest { current_password, new_password }) = (asked.caller, body.value);
    let work = move |turn: Turn<'_>, app: &App, db: &mut Db, context: &Context, once: &Once<'_, ()>| {
        users::change_own_password(app, turn, db, context, caller, (&current_password.0, &new_password.0), once)
    };
    state.once_hashing(asked, key, body.bytes, |()| nothing_more(), work).await
}
