//! The stream of the dashboard: the summary as server-sent events, whenever it changes.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::ContentEncoding;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, mime, web};
use tokio::sync::mpsc;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::accept;
use super::dashboard::FigureView;
use super::guard::{Asked, bearer};
use super::language::Spoken;
use super::streams::Outgoing;
use super::{Answer, State};
use crate::domain::roles::Caller;
use crate::domain::texts::Language;
use crate::error::{Error, Result};
use crate::service::dashboard::board::{self, Seat, Shown};

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So that whoever stands between does not take the connection for dead.
const BEAT_EVERY: Duration = Duration::from_secs(15);
/// Events that may wait for a reader; one who lets more wait is let go of.
const WAITING: usize = 16;

/// An event of the stream.
#[derive(ToSchema)]
pub struct SummaryEvent {
    /// `summary`.
    pub event: String,
    /// A number that grows while the service runs.
    pub id: String,
    /// The same JSON as `GET /api/v1/dashboard/summary`.
    pub data: String,
}

impl SummaryEvent {
    fn of(shown: &Shown) -> Result<Self> {
        let data = serde_json::to_string(&FigureView::from(shown.figure.clone())).map_err(|_| Error::internal("a summary could not be written"))?;
        Ok(Self { event: "summary".to_owned(), id: shown.number.to_string(), data })
    }

    /// As it goes over the wire.
    fn bytes(&self) -> Bytes {
        Bytes::from(format!("event: {}\nid: {}\ndata: {}\n\n", self.event, self.id, self.data))
    }
}

/// Whoever reads a stream, as long as they may.
struct Reader {
    state: State,
    token: String,
    caller: Caller,
    language: Language,
}

impl Reader {
    async fn look(&self) -> Result<Arc<Shown>> {
        let (caller, language) = (self.caller, self.language);
        self.state.app(move |app| board::look(app, &caller, language)).await
    }

    /// The token may end and the account may be changed while a stream is read.
    fn may_go_on(&self) -> bool {
        let app = &self.state.0;
        app.welcomes().is_ok() && app.authenticate(&self.token, app.surroundings.now()).is_ok_and(|signed_in| signed_in.caller == self.caller)
    }

    /// Tells each change until the reader goes, may not read any more, or the service goes down.
    async fn tell(self, seat: Seat, mut last: u64, sender: mpsc::Sender<std::io::Result<Bytes>>) {
        let _seat = seat;
        let mut beaten = Instant::now();
        loop {
            tokio::select! {
                () = sender.closed() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if !self.may_go_on() {
                return;
            }
            // A database that is away for a moment is not the end of the stream: it says nothing until then.
            let event = match self.look().await {
                Ok(shown) if shown.number != last => {
                    last = shown.number;
                    SummaryEvent::of(&shown).map(|event| event.bytes()).ok()
                }
                Ok(_) | Err(_) => None,
            };
            let told = event.or_else(|| (beaten.elapsed() >= BEAT_EVERY).then(|| Bytes::from_static(b":\n\n")));
            if let Some(told) = told {
                beaten = Instant::now();
                if sender.try_send(Ok(told)).is_err() {
                    return;
                }
            }
        }
    }
}

/// Asked for as a browser's `EventSource` asks. The head alone has an end.
fn wants_events(request: &HttpRequest) -> bool {
    request.method() == Method::GET && accept::prefers(request, &mime::TEXT_EVENT_STREAM, &mime::APPLICATION_JSON)
}

/// The summary of this year as server-sent events: at once, and whenever it changes, looked at once a second; a comment every 15 seconds in between. The
/// stream ends with the access token. Without `Accept: text/event-stream` it ends after the first event.
#[utoipa::path(get, path = "/api/v1/dashboard/stream", tag = "dashboard", responses((status = 200, body = SummaryEvent, content_type = "text/event-stream")))]
pub async fn stream(state: web::Data<State>, asked: Asked, spoken: Spoken, request: HttpRequest) -> Answer<HttpResponse> {
    let token = bearer(request.headers()).unwrap_or_default().to_owned();
    let reader = Reader { state: state.get_ref().clone(), token, caller: asked.caller, language: spoken.0 };
    let seat = Seat::take(&state.0)?;
    let shown = reader.look().await?;
    let first = SummaryEvent::of(&shown)?.bytes();
    let mut response = HttpResponse::Ok();
    // What is compressed waits until there is enough of it.
    response.content_type("text/event-stream").insert_header(ContentEncoding::Identity).insert_header(("X-Accel-Buffering", "no"));
    if !wants_events(&request) {
        return Ok(response.body(first));
    }
    let (sender, body) = Outgoing::fed(WAITING);
    // There is room: nothing was sent before.
    let _ = sender.try_send(Ok(first));
    actix_web::rt::spawn(reader.tell(seat, shown.number, sender));
    Ok(response.body(body))
}
