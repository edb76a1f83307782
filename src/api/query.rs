//! Reading query parameters and path ids, strictly: an unknown parameter is a fault, not something to pass over.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::domain::id::Id;
use crate::error::{Code, Error, Fault};

/// The query as `T`, whose fields are all optional.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self).map_err(|error| Problem(error).into()))
    }
}

pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    if let Ok(actix_web::web::Query(value)) = actix_web::web::Query::<T>::from_query(query) {
        return Ok(value);
    }
    // Every field is optional, so each pair can be tried alone: that tells all the bad ones.
    let pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    let mut faults: Vec<Fault> = Vec::new();
    let mut seen = Vec::new();
    for pair in pairs {
        let name = pair.split('=').next().unwrap_or_default();
        if seen.contains(&name) {
            faults.push(Fault::parameter(plain(name), "GIVEN_TWICE"));
        }
        seen.push(name);
        if let Err(error) = actix_web::web::Query::<T>::from_query(pair) {
            let code = if error.to_string().contains("unknown field") { "UNKNOWN_PARAMETER" } else { "WRONG_FORMAT" };
            faults.push(Fault::parameter(plain(name), code));
        }
    }
    Err(Error::Invalid(faults))
}

/// A parameter's name as it may be told back: names only, in case someone put a person's number there.
fn plain(name: &str) -> String {
    if name.len() <= 40 && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_') { name.to_owned() } else { "?".to_owned() }
}

/// The `{id}` of a path. What is no id names nothing: 404, like an id that is not there.
pub struct PathId(pub Id);

impl FromRequest for PathId {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(path_id(request, "id").map(Self).map_err(|error| Problem(error).into()))
    }
}

/// The `{id}` of a path and the `{cid}` of a thing within it.
pub struct PathIds(pub Id, pub Id);

impl FromRequest for PathIds {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let both = path_id(request, "id").and_then(|id| Ok(Self(id, path_id(request, "cid")?)));
        ready(both.map_err(|error| Problem(error).into()))
    }
}

/// Another id of the path, by the name that the pattern gives it.
pub fn path_id(request: &HttpRequest, name: &str) -> Result<Id, Error> {
    request.match_info().get(name).and_then(|text| text.parse().ok()).ok_or(Error::refused(Code::NotFound))
}

/// `If-Match`, which every change of a stored thing needs.
pub struct IfMatch(pub i32);

impl FromRequest for IfMatch {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(actix_web::http::header::IF_MATCH);
        ready(match header.map(|value| value.to_str().ok().and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"')?.parse::<i32>().ok())) {
            None => Err(Problem(Error::refused(Code::IfMatchMissing)).into()),
            // An ETag that we never gave cannot be the current one.
            Some(version) => Ok(Self(version.unwrap_or(-1))),
        })
    }
}

/// The `ETag` of a version.
pub fn etag(version: i32) -> (actix_web::http::header::HeaderName, String) {
    (actix_web::http::header::ETAG, format!("\"{version}\""))
}
