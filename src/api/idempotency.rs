//! `Idempotency-Key`: a POST that records something may be sent again, and is done once.
//!
//! A handler takes a `Key` and answers through `State::once`. One whose answer shows a secret takes `NoKey`. The routes table says which is which.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::Serialize;
use std::future::{Ready, ready};

use super::guard::Asked;
use super::problem::Problem;
use super::query::etag;
use super::{Answer, State};
use crate::context::Context;
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Fault, Result};
use crate::service::idempotency::{Given, Keyed, Once, Reply, once};
use crate::service::passwords::Turn;
use crate::service::{App, check_questions};
use crate::store::db::Db;

pub const HEADER: &str = "Idempotency-Key";
pub const REPLAYED: &str = "Idempotency-Replayed";
const LONGEST: usize = 255;

/// The key of a request, if it has one, and the path that it is for.
pub struct Key {
    key: Option<String>,
    route: String,
}

impl FromRequest for Key {
    type Error = actix_web::Error;
    type Future = Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut given = request.headers().get_all(HEADER);
        let key = match (given.next(), given.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => value.to_str().ok().filter(|text| is_key(text)).map(|text| Some(text.to_owned())).ok_or(()),
            (Some(_), Some(_)) => Err(()),
        };
        let target = request.uri().path_and_query().map_or_else(|| request.path().to_owned(), ToString::to_string);
        ready(match key {
            Ok(key) => Ok(Self { key, route: format!("{} {target}", request.method()) }),
            Err(()) => Err(Problem(Fault::header(HEADER, "IDEMPOTENCY_KEY_FORMAT").with("limit", LONGEST).into()).into()),
        })
    }
}

impl Key {
    fn keyed<'a>(&'a self, content: &'a [u8]) -> Option<Keyed<'a>> {
        self.key.as_deref().map(|key| Keyed { key, route: &self.route, content })
    }

    /// The key for a question to the check desk, which keeps it within its own turn. Each item of a batch has a key of its own, so that a retry
    /// of a batch that was answered in part does the rest.
    pub fn for_check(&self, app: &App, caller: &Caller, content: &[u8], item: Option<usize>) -> Result<Option<check_questions::Key>> {
        let Some(text) = &self.key else { return Ok(None) };
        let keyring = app.pool.shared().keyring();
        let route = item.map_or_else(|| self.route.clone(), |item| format!("{}#{item}", self.route));
        let internal = |_| Error::internal("a key could not be hashed");
        Ok(Some(check_questions::Key {
            key: keyring.idempotency_key(caller.facility_id.unwrap_or(caller.user_id), &route, text).map_err(internal)?,
            fingerprint: keyring.fingerprint(text, content).map_err(internal)?,
        }))
    }
}

/// The keys of the parts of a batch: each has its own, so that a retry of a batch that was done in part does the rest.
pub struct PartKeys {
    key: String,
    routes: Vec<String>,
}

impl PartKeys {
    pub fn keyed<'a>(&'a self, content: &'a [u8]) -> Vec<Keyed<'a>> {
        self.routes.iter().map(|route| Keyed { key: &self.key, route, content }).collect()
    }
}

fn is_key(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The key of a request that must have one.
pub struct NeededKey(pub Key);

impl FromRequest for NeededKey {
    type Error = actix_web::Error;
    type Future = Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if request.headers().contains_key(HEADER) {
            ready(Key::from_request(request, payload).into_inner().map(Self))
        } else {
            ready(Err(Problem(Error::refused(Code::IdempotencyKeyMissing)).into()))
        }
    }
}

impl NeededKey {
    pub fn of_parts(self, parts: usize) -> PartKeys {
        let Key { key, route } = self.0;
        // The header is there: nobody has this extractor without it.
        PartKeys { key: key.unwrap_or_default(), routes: (0..parts).map(|part| format!("{route}#{part}")).collect() }
    }
}

/// For a POST whose answer is not kept: a key on it would promise what nobody keeps.
pub struct NoKey;

impl FromRequest for NoKey {
    type Error = actix_web::Error;
    type Future = Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_given = request.headers().contains_key(HEADER);
        ready(if is_given { Err(Problem(Fault::header(HEADER, "IDEMPOTENCY_KEY_NOT_TAKEN").into()).into()) } else { Ok(Self) })
    }
}

impl State {
    /// Does what a POST asks for, once for each key. `content` is what must be the same for "the same request"; `reply` renders what the use case wrote,
    /// within its transaction.
    pub async fn once<T: 'static, R: 'static>(
        &self,
        asked: Asked,
        key: Key,
        content: web::Bytes,
        reply: impl Fn(&T) -> Result<Reply> + Send + 'static,
        work: impl FnOnce(&App, &mut Db, &Context, &Once<'_, T>) -> Result<R> + Send + 'static,
    ) -> Answer<HttpResponse> {
        let given = self
            .db(move |app, db| {
                let context = &asked.context;
                once(app, db, context, key.keyed(&content), &reply, |db, once| work(app, db, context, once))
            })
            .await?;
        Ok(respond(given))
    }

    /// The same for work that hashes passwords, which waits for its turn before it takes a connection.
    pub async fn once_hashing<T: 'static, R: 'static>(
        &self,
        asked: Asked,
        key: Key,
        content: web::Bytes,
        reply: impl Fn(&T) -> Result<Reply> + Send + 'static,
        work: impl FnOnce(Turn<'_>, &App, &mut Db, &Context, &Once<'_, T>) -> Result<R> + Send + 'static,
    ) -> Answer<HttpResponse> {
        let given = self
            .app(move |app| {
                let turn = app.passwords.turn()?;
                let db = &mut *app.pool.get()?;
                let context = &asked.context;
                once(app, db, context, key.keyed(&content), &reply, |db, once| work(turn, app, db, context, once))
            })
            .await?;
        Ok(respond(given))
    }
}

/// 201 for a thing that was made, with its place and version where it has them.
pub fn created(location: Option<String>, version: Option<i32>, view: &impl Serialize) -> Result<Reply> {
    let location = location.map(|place| (header::LOCATION.to_string(), place));
    let version = version.map(etag).map(|(name, value)| (name.to_string(), value));
    replied(201, location.into_iter().chain(version).collect(), view)
}

/// 200 for a thing that was changed.
pub fn done(view: &impl Serialize) -> Result<Reply> {
    replied(200, Vec::new(), view)
}

/// 200 for a thing that was changed and has a version.
pub fn changed(version: i32, view: &impl Serialize) -> Result<Reply> {
    let (name, value) = etag(version);
    replied(200, vec![(name.to_string(), value)], view)
}

/// 204 for what has no answer but that it was done.
pub fn nothing_more() -> Result<Reply> {
    Ok(Reply { status: 204, headers: Vec::new(), body: String::new() })
}

/// Any other status, with headers of its own.
pub fn replied(status: u16, headers: Vec<(String, String)>, view: &impl Serialize) -> Result<Reply> {
    let body = serde_json::to_string(view).map_err(|_| Error::internal("an answer has no JSON form"))?;
    Ok(Reply { status, headers, body })
}

fn respond(given: Given) -> HttpResponse {
    let (reply, replayed) = match given {
        Given::Now(reply) => (reply, false),
        Given::Before(reply) => (reply, true),
    };
    let mut response = HttpResponse::build(actix_web::http::StatusCode::from_u16(reply.status).unwrap_or(actix_web::http::StatusCode::OK));
    for (name, value) in reply.headers {
        response.insert_header((name, value));
    }
    if replayed {
        response.insert_header((REPLAYED, "true"));
    }
    if reply.body.is_empty() {
        return response.finish();
    }
    response.content_type(header::ContentType::json()).body(reply.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_1_to_255_visible_characters() {
        for (text, holds) in [
            ("a", true),
            (&"k".repeat(255), true),
            ("5b1c-!~", true),
            ("", false),
            (&"k".repeat(256), false),
            ("a b", false),
            ("a\tb", false),
            ("é", false),
        ] {
            assert_eq!(is_key(text), holds, "{} characters", text.len());
        }
    }
}
