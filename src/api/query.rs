//! Reading query parameters and path ids, strictly: an unknown parameter is a fault, not something to pass over.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::domain::id::Id;
use crate::error::{Code, Error, Fault};

/// As it stands in a URL. PostgreSQL knows no text that holds one.
pub const NUL: &str = "%00";

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
    if !query.contains(NUL)
        && let Ok(actix_web::web::Query(value)) = actix_web::web::Query::<T>::from_query(query)
    {
        return Ok(value);
    }
    // Every field is optional, so each pair can be tried alone: that tells all the bad ones.
    let mut faults: Vec<Fault> = Vec::new();
    let mut seen = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = name_of(pair);
        if seen.contains(&name) {
            faults.push(Fault::parameter(plain(&name), "GIVEN_TWICE"));
        }
        if pair.contains(NUL) {
            faults.push(Fault::parameter(plain(&name), "WRONG_FORMAT"));
        } else if let Err(error) = actix_web::web::Query::<T>::from_query(pair) {
            let code = if error.to_string().contains("unknown field") { "UNKNOWN_PARAMETER" } else { "WRONG_FORMAT" };
            faults.push(Fault::parameter(plain(&name), code));
        }
        seen.push(name);
    }
    if faults.is_empty() {
        // Refused as a whole and right in every part: then at least that is told.
        faults.push(Fault::parameter("?", "WRONG_FORMAT"));
    }
    Err(Error::Invalid(faults))
}

/// The name of a pair, decoded: a name may be written in more than one way.
fn name_of(pair: &str) -> String {
    let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(pair).map(|pairs| pairs.0).unwrap_or_default();
    pairs.into_iter().next().map(|(name, _)| name).unwrap_or_default()
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

/// The `{id}` of a path and the id of a thing within it, whatever the pattern calls that.
pub struct PathIds(pub Id, pub Id);

impl FromRequest for PathIds {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let inner = request.match_info().iter().map(|(name, _)| name).find(|name| *name != "id").unwrap_or_default();
        let both = path_id(request, "id").and_then(|id| Ok(Self(id, path_id(request, inner)?)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::At;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        limit: Option<i64>,
        state: Option<String>,
    }

    fn faults(query: &str) -> Vec<String> {
        match parse::<Asked>(query) {
            Ok(_) => Vec::new(),
            Err(Error::Invalid(faults)) => {
                assert!(!faults.is_empty(), "{query} is refused and nobody knows why");
                let name = |at: &At| match at {
                    At::Parameter(name) => name.clone(),
                    At::Pointer(_) | At::Header(_) => panic!("a fault that is not in the query"),
                };
                faults.iter().map(|fault| format!("{} {}", name(&fault.at), fault.code)).collect()
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_fault_of_a_query_is_told_by_name() {
        for (query, expected) in [
            ("", &[][..]),
            ("limit=1&state=open", &[]),
            ("l%69mit=1", &[]),
            ("limit=1&limit=2", &["limit GIVEN_TWICE"]),
            ("limit=1&%6Cimit=2", &["limit GIVEN_TWICE"]),
            ("%6cimit=1&limi%74=2&state=x", &["limit GIVEN_TWICE"]),
            ("limit=x&colour=red", &["limit WRONG_FORMAT", "colour UNKNOWN_PARAMETER"]),
            ("state=%00", &["state WRONG_FORMAT"]),
            ("3275014501909001=1", &["? UNKNOWN_PARAMETER"]),
            ("%33275014501909001=1", &["? UNKNOWN_PARAMETER"]),
            ("&&", &[]),
            ("=1", &[" UNKNOWN_PARAMETER"]),
        ] {
            assert_eq!(faults(query), expected, "{query}");
        }
        let read: Asked = parse("limit=7&state=a+b").unwrap();
        assert_eq!((read.limit, read.state.as_deref()), (Some(7), Some("a b")));
    }

    proptest! {
        #[test]
        fn whatever_is_refused_is_told_why(query in "([lim%67tC0sae=&+]|limit=1|%6Cimit=2|state=x){0,8}") {
            faults(&query);
        }
    }
}
