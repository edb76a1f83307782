//! The bytes of a JSON body, read within their size, their time, and the room that the process has for large ones.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::time::Duration;

use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout, timeout_at};

use super::State;
use super::problem::Problem;
use crate::context::Context;
use crate::error::{Code, Error, Result};

/// What a route takes that says nothing else.
pub const USUAL: usize = 1 << 20;
/// Whoever has not signed in has little to say.
const OF_STRANGERS: usize = 16 << 10;
/// Up to here a body is read as it comes; what is longer needs room.
const SMALL: usize = 64 << 10;
/// Far more than a batch of full questions holds. A body of nothing but values would take fifty times its length in memory.
const MOST_VALUES: usize = 200_000;
const MOST_VALUES_OF_A_USUAL_ONE: usize = 60_000;
/// With what is made of it a body takes several times its length: so many longer ones at once, and one large one, or they would take the memory of
/// everyone.
static LONGER: Semaphore = Semaphore::const_new(12);
static LARGE: Semaphore = Semaphore::const_new(1);

/// A body that has arrived. It keeps its room for as long as this lives.
pub struct Arrived {
    pub bytes: web::Bytes,
    pub room: Room,
}

/// Held for its drop.
#[derive(Default)]
pub struct Room {
    longer: Option<SemaphorePermit<'static>>,
    large: Option<SemaphorePermit<'static>>,
}

impl Room {
    /// Waits until there is room for a body that has come to this length. True if it had to ask for it.
    async fn grow(&mut self, length: usize, patience: Duration) -> Result<bool> {
        let for_longer = length > SMALL && take(&mut self.longer, &LONGER, patience).await?;
        let for_large = length > USUAL && take(&mut self.large, &LARGE, patience).await?;
        Ok(for_longer || for_large)
    }
}

async fn take(held: &mut Option<SemaphorePermit<'static>>, places: &'static Semaphore, patience: Duration) -> Result<bool> {
    if held.is_some() {
        return Ok(false);
    }
    let place = timeout(patience, places.acquire()).await.ok().and_then(std::result::Result::ok);
    *held = Some(place.ok_or(Error::Busy("other large bodies are being read"))?);
    Ok(true)
}

/// What an extractor makes of the body of a request.
pub fn arriving<T: 'static>(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
    make: fn(Arrived) -> Result<T>,
) -> Pin<Box<dyn Future<Output = std::result::Result<T, actix_web::Error>>>> {
    arriving_as("application/json", request, payload, limit, make)
}

/// The same for a route that takes another media type.
pub fn arriving_as<T: 'static>(
    media_type: &'static str,
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
    make: fn(Arrived) -> Result<T>,
) -> Pin<Box<dyn Future<Output = std::result::Result<T, actix_web::Error>>>> {
    let request = request.clone();
    let mut payload = payload.take();
    Box::pin(async move {
        let made = read(media_type, &request, &mut payload, limit).await.and_then(make);
        made.map_err(|error| Problem(error).into())
    })
}

/// Reads the body of a request that says it is of this type.
async fn read(wanted: &str, request: &HttpRequest, payload: &mut Payload, limit: usize) -> Result<Arrived> {
    let is_stranger = request.extensions().get::<Context>().is_none_or(|context| context.caller.is_none());
    let limit = if is_stranger { limit.min(OF_STRANGERS) } else { limit };
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    if !is_of(request, wanted) {
        return Err(Error::refused(Code::MediaTypeNotSupported));
    }
    if text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > limit) {
        return Err(Error::refused(Code::BodyTooLarge));
    }
    let patience = request.app_data::<web::Data<State>>().map_or(10_000, |state| state.0.settings.server.body_timeout_ms);
    let payload = web::Payload::from_request(request, payload).await.map_err(|_| Error::refused(Code::BodyUnreadable))?;
    let arrived = match gather(payload, limit, Duration::from_millis(patience)).await {
        Ok(arrived) => arrived,
        Err(Error::Refused(refusal)) if refusal.code == Code::BodyUnreadable => return Err(Error::Refused(refusal)),
        Err(error) => {
            // The rest of the body was let go of only now. actix must look once more, or it goes on waiting for a reader and the connection never ends.
            tokio::task::yield_now().await;
            return Err(error);
        }
    };
    if is_crowded(&arrived.bytes) { Err(Error::refused(Code::BodyTooLarge)) } else { Ok(arrived) }
}

/// Does a request say that its body is of this type?
pub fn is_of(request: &HttpRequest, media_type: &str) -> bool {
    let said = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    said.and_then(|said| said.split(';').next()).unwrap_or_default().trim().eq_ignore_ascii_case(media_type)
}

async fn gather(payload: web::Payload, limit: usize, patience: Duration) -> Result<Arrived> {
    let mut parts = pin!(BodyStream::new(payload));
    let (mut bytes, mut room) = (web::BytesMut::new(), Room::default());
    // actix times only the head: a body that stalls would hold its connection for ever.
    let mut deadline = Instant::now() + patience;
    while let Some(part) = timeout_at(deadline, next(parts.as_mut())).await.map_err(|_| Error::refused(Code::BodyTooSlow))? {
        let part = part?;
        let length = bytes.len() + part.len();
        if length > limit {
            return Err(Error::refused(Code::BodyTooLarge));
        }
        if room.grow(length, patience).await? {
            // At once what may be needed: growing by doubling would take twice as much.
            bytes.reserve(if length > USUAL { limit } else { limit.min(USUAL) } - bytes.len());
            // The sender is not to blame for the wait.
            deadline = Instant::now() + patience;
        }
        bytes.extend_from_slice(&part);
    }
    Ok(Arrived { bytes: bytes.freeze(), room })
}

async fn next(mut parts: Pin<&mut BodyStream<web::Payload>>) -> Option<Result<web::Bytes>> {
    let part = poll_fn(|context| parts.as_mut().poll_next(context)).await?;
    Some(part.map_err(|_| Error::refused(Code::BodyUnreadable)))
}

/// Every value but the first stands behind one of these signs.
fn is_crowded(bytes: &[u8]) -> bool {
    let most = if bytes.len() > USUAL { MOST_VALUES } else { MOST_VALUES_OF_A_USUAL_ONE };
    bytes.len() > most && bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() > most
}
