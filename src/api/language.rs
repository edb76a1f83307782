//! The language of texts, as `Accept-Language` asks for it: Indonesian unless English is preferred.

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev};
use std::future::{Ready, ready};

use crate::domain::texts::Language;

pub fn of(request: &HttpRequest) -> Language {
    request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(Language::from_accept).unwrap_or(Language::Id)
}

/// The language as an extractor.
pub struct Spoken(pub Language);

impl FromRequest for Spoken {
    type Error = actix_web::Error;
    type Future = Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self(of(request))))
    }
}
