//! A form with one file and some words (`multipart/form-data`). The file is read by a blocking thread while it comes; what it was called is not even looked
//! at, for names of files are names of people.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{self, Poll};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::body::BodyStream;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{self, Bytes};
use futures_core::Stream;
use tokio::time::timeout;

use super::streams::{self, Incoming, Patience};
use crate::error::{Code, Error, Fault, Result};

const FILE: &str = "file";
/// What a form may take beside its file.
const BESIDE_THE_FILE: u64 = 64 << 10;
/// No word of ours is longer.
const LONGEST_WORD: usize = 100;
const MOST_FIELDS: usize = 16;

/// What came. Every fault of the words and of the file is told at once.
pub struct Form<T> {
    words: BTreeMap<&'static str, String>,
    file: Option<T>,
    pub faults: Vec<Fault>,
}

/// How large the file may be, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub most_bytes: u64,
    pub patience: Patience,
}

impl<T: Send + 'static> Form<T> {
    /// Reads a form with a file and the words that are named.
    pub async fn read(
        headers: &HeaderMap,
        payload: web::Payload,
        bounds: Bounds,
        names: &[&'static str],
        work: impl FnOnce(Incoming) -> Result<T> + Send + 'static,
    ) -> Result<Self> {
        let most = bounds.most_bytes.saturating_add(BESIDE_THE_FILE);
        check(headers, most)?;
        let form = Multipart::new(headers, Bounded { payload, left: most });
        let read = timeout(bounds.patience.whole, Self::gather(form, bounds.patience, names, work)).await;
        let read = read.unwrap_or_else(|_| Err(Error::refused(Code::BodyTooSlow)));
        if read.is_err() {
            // The rest of the body was let go of only now. actix must look once more, or it goes on waiting for a reader and the connection never ends.
            tokio::task::yield_now().await;
        }
        read
    }

    async fn gather(
        mut form: Multipart,
        patience: Patience,
        names: &[&'static str],
        work: impl FnOnce(Incoming) -> Result<T> + Send + 'static,
    ) -> Result<Self> {
        let mut read = Self { words: BTreeMap::new(), file: None, faults: Vec::new() };
        let mut work = Some(work);
        let mut count = 0;
        loop {
            let next = timeout(patience.part, poll_fn(|context| Pin::new(&mut form).poll_next(context))).await;
            let Some(field) = next.map_err(|_| Error::refused(Code::BodyTooSlow))? else { return Ok(read) };
            let mut field = field.map_err(|error| refused(&error))?;
            count += 1;
            if count > MOST_FIELDS {
                return Err(Error::refused(Code::BodyUnreadable));
            }
            let name = field.name().unwrap_or_default().to_owned();
            match (name.as_str(), names.iter().find(|known| **known == name)) {
                (FILE, _) => match work.take() {
                    Some(work) => {
                        let received = streams::receive(BodyStream::new(field), patience, work)
                            .await
                            .map_err(|_| Error::internal("the blocking threads are gone"))?;
                        match received {
                            Ok(file) => read.file = Some(file),
                            Err(Error::Invalid(faults)) => read.faults.extend(faults),
                            Err(error) => return Err(error),
                        }
                    }
                    None => read.faults.push(Fault::at("/file", "GIVEN_TWICE")),
                },
                (_, Some(known)) => {
                    let word = word(&mut field, patience).await?;
                    if read.words.insert(known, word).is_some() {
                        read.faults.push(Fault::at(format!("/{known}"), "GIVEN_TWICE"));
                    }
                }
                // Its name may be a person's number.
                (_, None) => read.faults.push(Fault::at("/?", "UNKNOWN_FIELD")),
            }
        }
    }

    pub fn word(&mut self, name: &'static str) -> Option<String> {
        let word = self.words.remove(name);
        if word.is_none() {
            self.faults.push(Fault::at(format!("/{name}"), "FIELD_MISSING"));
        }
        word
    }

    /// The file, if nothing is wrong with anything.
    pub fn finish(mut self) -> Result<T> {
        let is_missing = self.file.is_none() && !self.faults.iter().any(|fault| matches!(&fault.at, crate::error::At::Pointer(at) if at == "/file"));
        if is_missing {
            self.faults.push(Fault::at("/file", "FIELD_MISSING"));
        }
        match self.file {
            Some(file) if self.faults.is_empty() => Ok(file),
            Some(_) | None => Err(Error::Invalid(self.faults)),
        }
    }
}

/// Is it a form, and by its own word not too large? One that is, is refused before any of it is read.
fn check(headers: &HeaderMap, most: u64) -> Result<()> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    let is_packed = !matches!(text(header::CONTENT_ENCODING).trim(), "" | "identity");
    if !media_type.eq_ignore_ascii_case("multipart/form-data") || is_packed {
        return Err(Error::refused(Code::MediaTypeNotSupported));
    }
    let length = text(header::CONTENT_LENGTH).parse::<u64>().ok();
    if length.is_some_and(|length| length > most) { Err(Error::refused(Code::BodyTooLarge)) } else { Ok(()) }
}

async fn word(field: &mut Field, patience: Patience) -> Result<String> {
    let bytes = timeout(patience.part, field.bytes(LONGEST_WORD)).await.map_err(|_| Error::refused(Code::BodyTooSlow))?;
    let bytes = match bytes {
        Ok(bytes) => bytes.map_err(|error| refused(&error))?,
        // Too long to be one of ours: it is told like any other that is none.
        Err(_) => return Ok(String::new()),
    };
    Ok(String::from_utf8(bytes.to_vec()).unwrap_or_default())
}

fn refused(error: &MultipartError) -> Error {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => Error::refused(Code::BodyTooLarge),
        _ => Error::refused(Code::BodyUnreadable),
    }
}

/// A body that must end in time: whoever does not tell its length may not send without end either.
struct Bounded {
    payload: web::Payload,
    left: u64,
}

impl Stream for Bounded {
    type Item = std::result::Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.payload).poll_next(context);
        if let Poll::Ready(Some(Ok(bytes))) = &next {
            match self.left.checked_sub(bytes.len() as u64) {
                Some(left) => self.left = left,
                None => return Poll::Ready(Some(Err(PayloadError::Overflow))),
            }
        }
        next
    }
}
