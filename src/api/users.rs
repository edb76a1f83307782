//! Users, as an admin keeps them.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::{Body, not_null, nullable};
use super::guard::Asked;
use super::idempotency::{Key, created, nothing_more};
use super::lists::{Listed, Page};
use super::query::{IfMatch, PathId, Query, etag};
use super::secret::Secret;
use super::{Answer, State};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::roles::Role;
use crate::domain::time::UtcTime;
use crate::domain::users::User;
use crate::error::{Code, Error};
use crate::service::App;
use crate::service::idempotency::Once;
use crate::service::passwords::Turn;
use crate::service::users::{self, Change, NewUser};
use crate::store;
use crate::store::db::Db;
use crate::store::users::Filter;

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct UserRequest {
    /// Small letters of the alphabet, digits, and `.`, `_`, `-`, `@` after the first. It never changes.
    #[schema(min_length = 3, max_length = 64, pattern = "^[a-z0-9][a-z0-9._@-]*$")]
    #[validate(length(min = 3, max = 64))]
    pub username: String,
    /// At least 8 characters, better 15; any characters will do.
    #[schema(value_type = String, min_length = 8, max_length = 256)]
    #[validate(length(min = 8, max = 256))]
    pub password: Secret,
    #[schema(min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    pub role: Role,
    /// Clinics and hospitals need one, a registrar may have a Puskesmas, no other role has one.
    #[serde(default)]
    pub facility_id: Option<Id>,
    /// Then the first sign-in is good for nothing but choosing another password.
    #[serde(default)]
    pub must_change_password: bool,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct UserChangeRequest {
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub role: Option<Role>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Id>)]
    pub facility_id: Option<Option<Id>>,
    /// A user who is not active loses all sessions at once.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub active: Option<bool>,
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub must_change_password: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    #[schema(value_type = String, min_length = 8, max_length = 256)]
    #[validate(length(min = 8, max = 256))]
    pub password: Secret,
    /// Must the user choose another at the next sign-in? Yes, unless said otherwise: the admin knows this one.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub must_change_password: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub struct UserView {
    pub id: Id,
    pub username: String,
    pub name: String,
    pub role: Role,
    pub facility_id: Option<Id>,
    pub active: bool,
    pub must_change_password: bool,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

fn view(user: User) -> UserView {
    let User { id, version: _, username, name, role, facility_id, must_change_password, active, created_at, updated_at } = user;
    UserView { id, username, name, role, facility_id, active, must_change_password, created_at, updated_at }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    role: Option<Role>,
    facility_id: Option<Id>,
    active: Option<bool>,
    /// Made or changed since this instant.
    updated_since: Option<UtcTime>,
}

/// Users, newest first.
#[utoipa::path(get, path = "/api/v1/users", tag = "identity", params(UserQuery), responses((status = 200, body = Listed<UserView>)))]
pub async fn list(state: web::Data<State>, query: Query<UserQuery>) -> Answer<web::Json<Listed<UserView>>> {
    let UserQuery { limit, cursor, role, facility_id, active, updated_since } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let filter = Filter { role, facility_id, active, updated_since };
    let rows = state.db(move |_, db| store::users::list(db, filter, page.before, page.limit + 1)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |user| user.id, view)))
}

/// Makes a user.
#[utoipa::path(post, path = "/api/v1/users", tag = "identity", request_body = UserRequest,
    responses((status = 201, body = UserView, headers(("Location" = String), ("ETag" = String))), (status = 409, description = "the username is taken")))]
pub async fn create(state: web::Data<State>, asked: Asked, key: Key, body: Body<UserRequest>) -> Answer<HttpResponse> {
    let UserRequest { username, password, name, role, facility_id, must_change_password } = body.value;
    let new = NewUser { username, name, role, facility_id, password: password.0, must_change_password };
    let context = asked.context.clone();
    let prepared = state.app(move |app| users::prepare(app, &context, new)).await?;
    let reply = |user: &User| created(Some(format!("/api/v1/users/{}", user.id)), Some(user.version), &view(user.clone()));
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| users::create(app, db, context, &prepared, once)).await
}

/// One user.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "identity", params(("id" = Id, Path)), responses((status = 200, body = UserView)))]
pub async fn show(state: web::Data<State>, id: PathId) -> Answer<HttpResponse> {
    let user = state.db(move |_, db| store::users::find(db, id.0)?.ok_or_else(|| Error::refused(Code::NotFound))).await?;
    Ok(HttpResponse::Ok().insert_header(etag(user.version)).json(view(user)))
}

/// Changes a user. A new role counts from the next request on.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "identity", params(("id" = Id, Path)),
    request_body = UserChangeRequest, responses((status = 200, body = UserView), (status = 409, description = "the last active admin stays one")))]
pub async fn change(state: web::Data<State>, asked: Asked, id: PathId, seen: IfMatch, body: Body<UserChangeRequest>) -> Answer<HttpResponse> {
    let UserChangeRequest { name, role, facility_id, active, must_change_password } = body.value;
    let change = Change { name, role, facility_id, active, must_change_password };
    let user = state.db(move |app, db| users::change(app, db, &asked.context, id.0, seen.0, &change)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(user.version)).json(view(user)))
}

/// Gives a user another password and ends all their sessions.
#[utoipa::path(post, path = "/api/v1/users/{id}/password", tag = "identity", params(("id" = Id, Path)), request_body = PasswordRequest,
    responses((status = 204, description = "set")))]
pub async fn set_password(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<PasswordRequest>) -> Answer<HttpResponse> {
    let PasswordRequest { password, must_change_password } = body.value;
    let must_change = must_change_password.unwrap_or(true);
    let work = move |turn: Turn<'_>, app: &App, db: &mut Db, context: &Context, once: &Once<'_, ()>| {
        users::set_password(app, turn, db, context, id.0, (&password.0, must_change), once)
    };
    state.once_hashing(asked, key, body.bytes, |()| nothing_more(), work).await
}
