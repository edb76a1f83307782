//! The systems of facilities and their secrets, as an admin keeps them.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::{Body, not_null};
use super::guard::Asked;
use super::idempotency::{Key, NoKey, done};
use super::lists::{Listed, Page};
use super::query::{IfMatch, PathId, PathIds, Query, etag};
use super::{Answer, State};
use crate::domain::id::Id;
use crate::domain::roles::Role;
use crate::domain::time::UtcTime;
use crate::domain::users::ServiceAccount;
use crate::error::{Code, Error};
use crate::service::service_accounts::{self, Change, NewAccount, NewSecret};
use crate::store;
use crate::store::service_accounts::LiveSecret;

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccountRequest {
    #[schema(min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub name: String,
    /// What the system may do: as a clinic, a hospital, or the registrar's counter of a Puskesmas.
    pub role: Role,
    pub facility_id: Id,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccountChangeRequest {
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    #[validate(length(min = 1, max = 200))]
    pub name: Option<String>,
    /// A system that is not active is shut out at once.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    pub active: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub struct ServiceAccountView {
    pub id: Id,
    pub client_id: String,
    pub name: String,
    pub role: Role,
    pub facility_id: Option<Id>,
    pub active: bool,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    /// Those that still work; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Vec<SecretView>>,
    /// Only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SecretView {
    pub id: Id,
    pub created_at: UtcTime,
    /// Only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SecretsView {
    /// Those that still work.
    pub secrets: Vec<SecretView>,
}

fn view(account: ServiceAccount, secrets: Option<Vec<SecretView>>, client_secret: Option<String>) -> ServiceAccountView {
    let ServiceAccount { id, version: _, client_id, name, role, facility_id, active, created_at, updated_at } = account;
    ServiceAccountView { id, client_id, name, role, facility_id, active, created_at, updated_at, secrets, client_secret }
}

fn live(secrets: Vec<LiveSecret>) -> Vec<SecretView> {
    secrets.into_iter().map(|secret| SecretView { id: secret.id, created_at: secret.created_at, client_secret: None }).collect()
}

fn shown_once(secret: NewSecret, created_at: UtcTime) -> SecretView {
    SecretView { id: secret.id, created_at, client_secret: Some(secret.secret.expose_secret().to_owned()) }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ServiceAccountQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    facility_id: Option<Id>,
    /// Made or changed since this instant.
    updated_since: Option<UtcTime>,
}

/// Systems, newest first.
#[utoipa::path(get, path = "/api/v1/service-accounts", tag = "identity", params(ServiceAccountQuery),
    responses((status = 200, body = Listed<ServiceAccountView>)))]
pub async fn list(state: web::Data<State>, query: Query<ServiceAccountQuery>) -> Answer<web::Json<Listed<ServiceAccountView>>> {
    let ServiceAccountQuery { limit, cursor, facility_id, updated_since } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let rows = state.db(move |_, db| store::service_accounts::list(db, facility_id, updated_since, page.before, page.limit + 1)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |account| account.id, |account| view(account, None, None))))
}

/// Makes a system's account with its first secret, which is shown this once.
#[utoipa::path(post, path = "/api/v1/service-accounts", tag = "identity", request_body = ServiceAccountRequest,
    responses((status = 201, body = ServiceAccountView)))]
pub async fn create(state: web::Data<State>, asked: Asked, _: NoKey, body: Body<ServiceAccountRequest>) -> Answer<HttpResponse> {
    let ServiceAccountRequest { name, role, facility_id } = body.value;
    let new = NewAccount { name, role, facility_id };
    let (account, secret) = state.db(move |app, db| service_accounts::create(app, db, &asked.context, &new)).await?;
    let location = (header::LOCATION, format!("/api/v1/service-accounts/{}", account.id));
    let secrets = vec![SecretView { id: secret.id, created_at: account.created_at, client_secret: None }];
    let shown = view(account.clone(), Some(secrets), Some(secret.secret.expose_secret().to_owned()));
    Ok(HttpResponse::Created().insert_header(location).insert_header(etag(account.version)).json(shown))
}

/// One system with the secrets that still work, without their texts.
#[utoipa::path(get, path = "/api/v1/service-accounts/{id}", tag = "identity", params(("id" = Id, Path)),
    responses((status = 200, body = ServiceAccountView)))]
pub async fn show(state: web::Data<State>, id: PathId) -> Answer<HttpResponse> {
    let read = move |db: &mut store::db::Db| {
        let account = store::service_accounts::find(db, id.0)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        Ok((account, store::service_accounts::live_secrets(db, id.0)?))
    };
    let (account, secrets) = state.db(move |_, db| read(db)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(account.version)).json(view(account, Some(live(secrets)), None)))
}

/// Renames a system, shuts it out or lets it in again.
#[utoipa::path(patch, path = "/api/v1/service-accounts/{id}", tag = "identity", params(("id" = Id, Path)),
    request_body = ServiceAccountChangeRequest, responses((status = 200, body = ServiceAccountView)))]
pub async fn change(
    state: web::Data<State>,
    asked: Asked,
    id: PathId,
    seen: IfMatch,
    body: Body<ServiceAccountChangeRequest>,
) -> Answer<HttpResponse> {
    let ServiceAccountChangeRequest { name, active } = body.value;
    let change = Change { name, active };
    let account = state.db(move |app, db| service_accounts::change(app, db, &asked.context, id.0, seen.0, &change)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(account.version)).json(view(account, None, None)))
}

/// Makes another secret, which is shown this once. Two may live, so that a system can change over without a pause.
#[utoipa::path(post, path = "/api/v1/service-accounts/{id}/secrets", tag = "identity", params(("id" = Id, Path)),
    responses((status = 201, body = SecretView), (status = 409, description = "two secrets live already: end one")))]
pub async fn add_secret(state: web::Data<State>, asked: Asked, _: NoKey, id: PathId) -> Answer<HttpResponse> {
    let now = asked.context.now;
    let secret = state.db(move |_, db| service_accounts::add_secret(db, &asked.context, id.0)).await?;
    Ok(HttpResponse::Created().json(shown_once(secret, now)))
}

/// Ends a secret, and at once every access token that was got with it.
#[utoipa::path(post, path = "/api/v1/service-accounts/{id}/secrets/{secret_id}/end", tag = "identity", params(("id" = Id, Path), ("secret_id" = Id, Path)),
    responses((status = 200, body = SecretsView)))]
pub async fn end_secret(state: web::Data<State>, asked: Asked, key: Key, ids: PathIds) -> Answer<HttpResponse> {
    let reply = |left: &Vec<LiveSecret>| done(&SecretsView { secrets: live(left.clone()) });
    state
        .once(asked, key, web::Bytes::new(), reply, move |app, db, context, once| service_accounts::end_secret(app, db, context, ids.0, ids.1, once))
        .await
}
