//! What operators and machines ask: health, metrics, the API's own description, public keys, and the list of problem codes.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::language::Spoken;
use super::{Answer, State, openapi, problem, visitor};
use crate::error::{Code, Error};

#[derive(Serialize, ToSchema)]
pub struct Health {
    pub status: &'static str,
}

/// The process is up.
#[utoipa::path(get, path = "/health/live", tag = "operations", responses((status = 200, body = Health)))]
pub async fn live() -> web::Json<Health> {
    web::Json(Health { status: "up" })
}

/// The database is reachable and migrated, the keys are open, and the service is not going down. What is missing stands in the log.
#[utoipa::path(get, path = "/health/ready", tag = "operations", responses((status = 200, body = Health)))]
pub async fn ready(state: web::Data<State>) -> Answer<web::Json<Health>> {
    let app = state.0.clone();
    app.welcomes()?;
    // Asked with a connection of the pool, so that an exhausted pool shows too.
    match super::block(move || app.pool.get().and_then(|mut db| db.ping())).await {
        Ok(Ok(())) => Ok(web::Json(Health { status: "ready" })),
        Ok(Err(busy @ Error::Busy(_))) => Err(busy.into()),
        Ok(Err(_)) => Err(Error::Busy("the database does not answer").into()),
        Err(_) => Err(Error::Busy("no thread is free").into()),
    }
}

/// Prometheus metrics, for scrapers with the token or on this machine.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, body = String, content_type = "text/plain"), (status = 401), (status = 403)))]
pub async fn metrics(request: HttpRequest, state: web::Data<State>) -> Answer<HttpResponse> {
    let app = &state.0;
    let token = app.settings.metrics.token.expose_secret();
    if token.is_empty() {
        if !visitor::is_this_machine(&request)? {
            return Err(Error::refused(Code::NotAllowed).into());
        }
    } else {
        let given = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        if aws_lc_rs::constant_time::verify_slices_are_equal(given.as_bytes(), token.as_bytes()).is_err() {
            return Err(Error::refused(Code::SignInRequired).into());
        }
    }
    app.measure();
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(crate::telemetry::render()))
}

/// This API, as OpenAPI 3.1.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", responses((status = 200, body = serde_json::Value)))]
pub async fn openapi_document() -> web::Json<&'static serde_json::Value> {
    web::Json(openapi::document())
}

/// The page on which the API can be browsed and tried.
#[utoipa::path(get, path = "/docs", tag = "operations", responses((status = 308, description = "to /docs/")))]
pub async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// The files behind `/docs/`. They come from the binary, and nothing in them asks an outside host.
pub fn docs_pages() -> SwaggerUi {
    let config = Config::new(["/openapi.json"]).validator_url("none").deep_linking(true).display_request_duration(true);
    SwaggerUi::new("/docs/{_:.*}").config(config)
}

/// Public keys of access tokens by `kid`, and of the codes on cards: `card-` and the key id in the code.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "operations", responses((status = 200, body = serde_json::Value)))]
pub async fn jwks(state: web::Data<State>) -> Answer<web::Json<serde_json::Value>> {
    state.0.ready()?;
    Ok(web::Json(state.0.jwks()))
}

#[derive(Serialize, ToSchema)]
pub struct ProblemCode {
    pub code: String,
    pub status: u16,
    pub title: String,
    pub detail: String,
}

/// Every code that a problem document may carry: its own, and those of faults, which lend it theirs when all faults are of one kind.
#[utoipa::path(get, path = "/api/v1/problem-codes", tag = "operations", responses((status = 200, body = Vec<ProblemCode>)))]
pub async fn problem_codes(state: web::Data<State>, spoken: Spoken) -> web::Json<Vec<ProblemCode>> {
    let texts = &state.0.city.texts;
    let text = |key: String| texts.get(spoken.0, &key, &[("seconds", "1")]).unwrap_or_default();
    let own = Code::ALL.iter().map(|code| ProblemCode {
        code: code.to_string(),
        status: problem::status(*code).as_u16(),
        title: text(format!("problems.{code}.title")),
        detail: text(format!("problems.{code}.detail")),
    });
    let invalid = problem::status(Code::InvalidRequest).as_u16();
    let lent = texts.names("faults").filter(|name| !Code::ALL.iter().any(|code| code.as_str() == *name)).map(|name| ProblemCode {
        code: name.to_owned(),
        status: invalid,
        title: text(format!("faults.{name}.message")),
        detail: text(format!("faults.{name}.remedy")),
    });
    web::Json(own.chain(lent).collect())
}
