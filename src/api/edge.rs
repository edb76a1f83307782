//! The outermost layer: gives each request its id and context, renders every error as a problem document, adds the headers that all answers carry,
//! counts and logs. Only matched patterns are logged, never a path: what a client types there may be a person's number.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use tracing::Instrument;

use super::connections::Connection;
use super::problem::{self, Problem};
use super::{State, language, query};
use crate::context::{Context, Purpose};
use crate::domain::id::Id;
use crate::error::{Code, Error, Fault, StorageFault};

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ENVIRONMENT: HeaderName = HeaderName::from_static("x-ksnik-environment");
/// Whose answers people stand waiting for: they are measured for the service levels.
const CHECKS: &str = "/api/v1/eligibility-checks";
pub const ACTOR_LONGEST: usize = 100;

pub async fn edge(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let busy = request.conn_data::<Arc<Connection>>().map(Connection::begin);
    let app = state.0.clone();
    let mut context = Context::new(app.surroundings.clone());
    let request_id = context.request_id;
    let spoken = language::of(request.request());
    let method = known(request.method());
    let stated = state_purpose(&request, &mut context).and_then(|()| require_text(&request));
    request.extensions_mut().insert(context);
    let span = tracing::info_span!("request", request.id = %request_id);

    let mut response = match stated {
        Ok(()) => match caught(next.call(request)).instrument(span.clone()).await {
            Some(Ok(response)) => response.map_into_boxed_body(),
            // A middleware or the framework itself failed: there is no response to write into, so the caller gets the bare status.
            Some(Err(error)) => return Err(error),
            // The request went down with its handler, so the answer goes out as an error that brings its own response.
            None => {
                let error = Error::internal("a handler panicked");
                let mut response = problem::response(&error, &app.city.texts, spoken, request_id);
                dress(response.headers_mut(), request_id, app.settings.demo.enabled);
                span.in_scope(|| {
                    tell(&error);
                    count(method, "panicked", response.status(), started.elapsed());
                });
                return Err(InternalError::from_response("a handler panicked", response).into());
            }
        },
        Err(error) => request.into_response(problem::response(&error, &app.city.texts, spoken, request_id)),
    };

    if let Some(error) = to_render(&response) {
        let allowed = response.headers().get(header::ALLOW).cloned();
        let rendered = problem::response(error.borrow(), &app.city.texts, spoken, request_id);
        if rendered.status().is_server_error() {
            span.in_scope(|| tell(error.borrow()));
        }
        response = response.into_response(rendered);
        if let Some(allowed) = allowed {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
    }

    let pattern = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status();
    if status == StatusCode::CREATED && method == "POST" && pattern == CHECKS {
        app.answer_times.note(started.elapsed());
    }
    dress(response.headers_mut(), request_id, app.settings.demo.enabled);
    span.in_scope(|| count(method, &pattern, status, started.elapsed()));
    Ok(match busy {
        Some(busy) => response.map_body(|_, body| busy.until_sent(body)),
        None => response,
    })
}

/// None when it panics: that costs this request its answer and nobody else anything.
async fn caught<T>(answering: impl Future<Output = T>) -> Option<T> {
    let mut answering = pin!(answering);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(context))) {
        Ok(Poll::Ready(answer)) => Poll::Ready(Some(answer)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}

/// What every answer carries.
fn dress(headers: &mut header::HeaderMap, request_id: Id, is_demo: bool) {
    let mut fixed = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    fixed(header::CACHE_CONTROL, "no-store");
    fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    fixed(header::X_FRAME_OPTIONS, "DENY");
    fixed(header::REFERRER_POLICY, "no-referrer");
    fixed(header::CONTENT_SECURITY_POLICY, "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
    if is_demo {
        fixed(ENVIRONMENT, "demo");
    }
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
}

/// A method may be any word: one that nobody knows is not repeated to the log, and each would be a time series of its own.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn count(method: &'static str, pattern: &str, status: StatusCode, elapsed: Duration) {
    let (route, elapsed) = (pattern.to_owned(), elapsed.as_secs_f64());
    metrics::counter!("ksnik_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.as_str().to_owned()).increment(1);
    metrics::histogram!("ksnik_http_request_seconds", "route" => route).record(elapsed);
    tracing::info!(http.method = method, http.route = pattern, http.status = status.as_u16(), elapsed_ms = elapsed * 1e3, "answered");
}

/// Reads who stands at the counter and why the data is read.
fn state_purpose(request: &ServiceRequest, context: &mut Context) -> Result<(), Error> {
    let mut faults = Vec::new();
    if let Some(value) = request.headers().get("x-purpose") {
        match value.to_str().ok().and_then(|text| text.parse::<Purpose>().ok()) {
            Some(purpose) => context.purpose = Some(purpose),
            None => faults.push(
                Fault::header("X-Purpose", "UNKNOWN_VALUE")
                    .with("allowed", Purpose::ALL.iter().map(|purpose| purpose.as_str()).collect::<Vec<_>>().join(", ")),
            ),
        }
    }
    if let Some(value) = request.headers().get("x-actor") {
        match std::str::from_utf8(value.as_bytes()) {
            Ok(text) if text.chars().any(char::is_control) => faults.push(Fault::header("X-Actor", "ACTOR_CHARACTERS")),
            Ok(text) if text.chars().count() > ACTOR_LONGEST => faults.push(Fault::header("X-Actor", "TOO_LONG").with("limit", ACTOR_LONGEST)),
            Ok(actor) => context.actor = Some(actor.to_owned()),
            Err(_) => faults.push(Fault::header("X-Actor", "ACTOR_CHARACTERS")),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// A path with a NUL in it names nothing that a database could have.
fn require_text(request: &ServiceRequest) -> Result<(), Error> {
    if request.uri().path().contains(query::NUL) { Err(Error::refused(Code::NotFound)) } else { Ok(()) }
}

/// An error that is ours by value, or one that we make for what the framework answered by itself.
enum Rendered<'a> {
    Ours(&'a Error),
    Made(Error),
}

impl Rendered<'_> {
    fn borrow(&self) -> &Error {
        match self {
            Self::Ours(error) => error,
            Self::Made(error) => error,
        }
    }
}

fn to_render(response: &ServiceResponse<BoxBody>) -> Option<Rendered<'_>> {
    if let Some(problem) = response.response().error().and_then(|error| error.as_error::<Problem>()) {
        return Some(Rendered::Ours(&problem.0));
    }
    let status = response.status();
    let already = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if already || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    Some(Rendered::Made(match status {
        StatusCode::NOT_FOUND => Error::refused(Code::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Error::refused(Code::MethodNotAllowed),
        StatusCode::PAYLOAD_TOO_LARGE => Error::refused(Code::BodyTooLarge),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::refused(Code::MediaTypeNotSupported),
        StatusCode::REQUEST_TIMEOUT => Error::refused(Code::BodyTooSlow),
        status if status.is_client_error() => Error::refused(Code::BodyUnreadable),
        _ => Error::internal("the framework answered with an error of its own"),
    }))
}

/// What only the log may know.
fn tell(error: &Error) {
    match error {
        Error::Busy(reason) => tracing::warn!(reason, "answered busy"),
        Error::Storage(StorageFault::Gone(text) | StorageFault::Conflict(text)) => tracing::warn!(reason = %text, "the database could not answer"),
        other => tracing::error!(error = %other, "answered with an internal error"),
    }
}
