//! Connections between two requests. actix times the first head of a connection and an idle connection, but neither a later head that drips nor a
//! body that nobody wants any more: whoever stays between two requests for too long is hung up on.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::task;
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Extensions;
use actix_web::web::Bytes;

const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(500);
/// Stands for "a request is being answered".
const BUSY: u64 = 0;

/// One connection of a client.
pub struct Connection {
    /// A second handle of the same socket, for hanging up.
    socket: TcpStream,
    /// Since when no request is being answered, in milliseconds of this process's life.
    idle_since: AtomicU64,
}

fn life() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    u64::try_from(BEGAN.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
}

impl Connection {
    pub fn begin(connection: &Arc<Self>) -> Busy {
        connection.idle_since.store(BUSY, Ordering::Relaxed);
        Busy(connection.clone())
    }

    fn has_idled_for(&self, patience: Duration) -> bool {
        let since = self.idle_since.load(Ordering::Relaxed);
        since != BUSY && u128::from(life().saturating_sub(since)) >= patience.as_millis()
    }
}

/// Held while a request is being answered.
pub struct Busy(Arc<Connection>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.idle_since.store(life(), Ordering::Relaxed);
    }
}

impl Busy {
    /// An answer that is still being written when its head has gone is busy to its end.
    pub fn until_sent(self, body: BoxBody) -> BoxBody {
        match body.size() {
            BodySize::None | BodySize::Sized(_) => body,
            BodySize::Stream => BoxBody::new(Sending { body, _busy: self }),
        }
    }
}

struct Sending {
    body: BoxBody,
    _busy: Busy,
}

impl MessageBody for Sending {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

/// All connections of a server.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<Vec<Weak<Connection>>>>);

impl Connections {
    /// For actix's `on_connect`: what is put into the data stays as long as the connection.
    pub fn greet(&self, io: &dyn Any, data: &mut Extensions) {
        let Some(socket) = io.downcast_ref::<actix_web::rt::net::TcpStream>().and_then(second_handle) else { return };
        let connection = Arc::new(Connection { socket, idle_since: AtomicU64::new(life()) });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&connection));
        data.insert(connection);
    }

    /// Hangs up on whoever tries this patience, for as long as it is polled.
    pub async fn watch(self, patience: Duration) {
        loop {
            tokio::time::sleep((patience / 4).clamp(Duration::from_millis(10), LOOK_AT_MOST_EVERY)).await;
            self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|connection| {
                let Some(connection) = connection.upgrade() else { return false };
                if connection.has_idled_for(patience) {
                    metrics::counter!("ksnik_connections_hung_up_total").increment(1);
                    // It may have gone by itself at this moment.
                    let _ = connection.socket.shutdown(Shutdown::Both);
                    return false;
                }
                true
            });
        }
    }
}

#[cfg(unix)]
fn second_handle(io: &actix_web::rt::net::TcpStream) -> Option<TcpStream> {
    use std::os::fd::AsFd;
    io.as_fd().try_clone_to_owned().ok().map(TcpStream::from)
}

#[cfg(not(unix))]
fn second_handle(io: &actix_web::rt::net::TcpStream) -> Option<TcpStream> {
    use std::os::windows::io::AsSocket;
    io.as_socket().try_clone_to_owned().ok().map(TcpStream::from)
}
