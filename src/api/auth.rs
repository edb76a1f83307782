//! Signing in and out, and renewing tokens.

use actix_web::{HttpResponse, web};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::body::Body;
use super::guard::{Asked, Unasked};
use super::secret::Secret;
use super::visitor::From;
use super::{Answer, State};
use crate::service::sessions::{self, Tokens};
use crate::service::sign_in;

/// With a user's password, or with a system's secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum TokenRequest {
    User(PasswordSignIn),
    System(SecretSignIn),
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PasswordSignIn {
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub username: String,
    #[schema(value_type = String, min_length = 1, max_length = 256)]
    #[validate(length(min = 1, max = 256))]
    pub password: Secret,
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SecretSignIn {
    pub grant_type: GrantType,
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub client_id: String,
    #[schema(value_type = String, min_length = 1, max_length = 256)]
    #[validate(length(min = 1, max = 256))]
    pub client_secret: Secret,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    ClientCredentials,
}

impl Validate for TokenRequest {
    fn validate(&self) -> Result<(), ValidationErrors> {
        match self {
            Self::User(request) => request.validate(),
            Self::System(request) => request.validate(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    #[schema(value_type = String, min_length = 1, max_length = 256)]
    #[validate(length(min = 1, max = 256))]
    pub refresh_token: Secret,
}

#[derive(Serialize, ToSchema)]
pub struct TokenView {
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds for which the access token is good.
    pub expires_in: i64,
    /// Good for one use at `/api/v1/auth/refresh`. Systems get none: they sign in anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

fn view(tokens: Tokens) -> web::Json<TokenView> {
    web::Json(TokenView {
        access_token: tokens.access_token,
        token_type: "Bearer",
        expires_in: tokens.expires_in,
        refresh_token: tokens.refresh_token.map(|token| token.expose_secret().to_owned()),
    })
}

/// Gives tokens for a password or for a system's secret.
#[utoipa::path(post, path = "/api/v1/auth/token", tag = "identity", request_body = TokenRequest,
    responses((status = 200, body = TokenView), (status = 401, description = "no such user, or the wrong password: which of them is not told"),
        (status = 429, description = "too many failed sign-ins: try again after `Retry-After` seconds")))]
pub async fn token(state: web::Data<State>, unasked: Unasked, from: From, body: Body<TokenRequest>) -> Answer<web::Json<TokenView>> {
    let (context, visitor) = (unasked.0, from.0);
    let tokens = match body.value {
        TokenRequest::User(PasswordSignIn { username, password }) => {
            state.app(move |app| sign_in::with_password(app, &context, &visitor, &username, &password.0)).await?
        }
        TokenRequest::System(SecretSignIn { grant_type: GrantType::ClientCredentials, client_id, client_secret }) => {
            state.db(move |app, db| sign_in::with_secret(app, db, &context, &visitor, &client_id, &client_secret.0)).await?
        }
    };
    Ok(view(tokens))
}

/// Gives new tokens for a refresh token, which is good once. Used again it ends the session, unless the same client lost the answer within 30 seconds.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "identity", request_body = RefreshRequest,
    responses((status = 200, body = TokenView), (status = 401, description = "sign in again")))]
pub async fn refresh(state: web::Data<State>, unasked: Unasked, from: From, body: Body<RefreshRequest>) -> Answer<web::Json<TokenView>> {
    let tokens = state.db(move |app, db| sessions::refresh(app, db, &unasked.0, &from.0, &body.value.refresh_token.0)).await?;
    Ok(view(tokens))
}

/// Ends the session that the access token came from, at once.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "identity", responses((status = 204, description = "signed out")))]
pub async fn logout(state: web::Data<State>, asked: Asked) -> Answer<HttpResponse> {
    state.db(move |app, db| sessions::sign_out(app, db, &asked.context)).await?;
    Ok(HttpResponse::NoContent().finish())
}
