//! The bytes of a JSON body, read within their size, their time, and the room that the process has for large ones.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::time::Duration;

use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout, timeout_at};

use super::State;
use crate::error::{Code, Error, Result};

/// Up to here a body is read as it comes.
pub const USUAL: usize = 1 << 20;
/// Far more than a batch of full questions holds. A body of nothing but values would take fifty times its length in memory.
const MOST_VALUES: usize = 200_000;
/// One large body at a time: with what is made of it, it takes several times its length, and many at once would take the memory of everyone.
static ROOM: Semaphore = Semaphore::const_new(1);

/// A body that has arrived. A large one keeps its room for as long as this lives.
pub struct Arrived {
    pub bytes: web::Bytes,
    pub room: Option<Room>,
}

pub struct Room(#[expect(dead_code, reason = "held for its drop")] SemaphorePermit<'static>);

/// Reads the body of a request that says it is JSON.
pub async fn read(request: &HttpRequest, payload: &mut Payload, limit: usize) -> Result<Arrived> {
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let media_type = text(header::CONTENT_TYPE).and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Error::refused(Code::MediaTypeNotSupported));
    }
    if text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > limit) {
        return Err(Error::refused(Code::BodyTooLarge));
    }
    let patience = request.app_data::<web::Data<State>>().map_or(10_000, |state| state.0.settings.server.body_timeout_ms);
    let payload = web::Payload::from_request(request, payload).await.map_err(|_| Error::refused(Code::BodyUnreadable))?;
    let arrived = gather(payload, limit, Duration::from_millis(patience)).await?;
    if is_crowded(&arrived.bytes) { Err(Error::refused(Code::BodyTooLarge)) } else { Ok(arrived) }
}

async fn gather(payload: web::Payload, limit: usize, patience: Duration) -> Result<Arrived> {
    let mut parts = pin!(BodyStream::new(payload));
    let (mut bytes, mut room) = (web::BytesMut::new(), None);
    // actix times only the head: a body that stalls would hold its connection for ever.
    let mut deadline = Instant::now() + patience;
    while let Some(part) = timeout_at(deadline, next(parts.as_mut())).await.map_err(|_| Error::refused(Code::BodyTooSlow))? {
        let part = part?;
        let length = bytes.len() + part.len();
        if length > limit {
            return Err(Error::refused(Code::BodyTooLarge));
        }
        if length > USUAL && room.is_none() {
            let permit = timeout(patience, ROOM.acquire()).await.ok().and_then(std::result::Result::ok);
            room = Some(Room(permit.ok_or(Error::Busy("another large body is being read"))?));
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
    bytes.len() > MOST_VALUES && bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() > MOST_VALUES
}
