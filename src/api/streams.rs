//! Bodies that are too large for memory: an upload read by a blocking thread while it comes, and an answer written by one while it goes.

use std::io::{self, Read, Write};
use std::pin::{Pin, pin};
use std::task::{self, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendTimeoutError;

/// Parts that may wait between the two sides; a part is what the socket gave, some kilobytes.
const PARTS: usize = 16;
/// Whoever reads nothing of an answer for so long is let go of: a thread waits for them.
const PATIENCE: Duration = Duration::from_secs(60);

enum Part {
    Bytes(Bytes),
    /// Only this is the end: a sender who goes away leaves the file incomplete.
    End,
    TooSlow,
}

/// What comes from the network, as a blocking reader sees it.
pub struct Incoming {
    parts: mpsc::Receiver<Part>,
    rest: Bytes,
    ended: bool,
}

/// How long an upload may take: as a whole, and between two parts.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub whole: Duration,
    pub part: Duration,
}

/// Lets `work` read a body, or a part of one, while it comes.
pub async fn receive<T: Send + 'static>(
    body: impl MessageBody,
    patience: Patience,
    work: impl FnOnce(Incoming) -> T + Send + 'static,
) -> Result<T, actix_web::error::BlockingError> {
    let (sender, parts) = mpsc::channel(PARTS);
    let worker = super::block(move || work(Incoming { parts, rest: Bytes::new(), ended: false }));
    let pumped = tokio::time::timeout(patience.whole, pump(body, patience.part, &sender)).await;
    if pumped.is_err() {
        // A worker that has stopped reading needs no telling.
        let _ = sender.send(Part::TooSlow).await;
    }
    drop(sender);
    worker.await
}

async fn pump(body: impl MessageBody, patience: Duration, sender: &mpsc::Sender<Part>) {
    let mut body = pin!(body);
    loop {
        let next = tokio::time::timeout(patience, std::future::poll_fn(|context| body.as_mut().poll_next(context))).await;
        let (part, is_last) = match next {
            Ok(Some(Ok(bytes))) => (Part::Bytes(bytes), false),
            Ok(None) => (Part::End, true),
            Ok(Some(Err(_))) => return,
            Err(_) => (Part::TooSlow, true),
        };
        if sender.send(part).await.is_err() || is_last {
            return;
        }
    }
}

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() && !self.ended {
            match self.parts.blocking_recv() {
                Some(Part::Bytes(bytes)) => self.rest = bytes,
                Some(Part::End) => self.ended = true,
                Some(Part::TooSlow) => return Err(io::ErrorKind::TimedOut.into()),
                None => return Err(io::ErrorKind::ConnectionAborted.into()),
            }
        }
        let taken = into.len().min(self.rest.len());
        into[..taken].copy_from_slice(&self.rest.split_to(taken));
        Ok(taken)
    }
}

/// An answer that a blocking thread writes as fast as it is read.
pub struct Outgoing(mpsc::Receiver<io::Result<Bytes>>);

/// The writing side. It fails when the reader has gone.
#[derive(Clone)]
pub struct Sink(mpsc::Sender<io::Result<Bytes>>);

/// An answer that `work` writes while it is read. What fails on the way breaks it off, so that nobody takes a part for the whole.
pub fn written<E: std::fmt::Display>(work: impl FnOnce(Sink) -> Result<(), E> + Send + 'static) -> Outgoing {
    let (sender, receiver) = mpsc::channel(PARTS);
    let sink = Sink(sender);
    actix_web::rt::spawn(super::block(move || {
        let whole = sink.clone();
        if let Err(error) = work(sink) {
            tracing::warn!(%error, "an answer was not written to its end");
            whole.break_off();
        }
    }));
    Outgoing(receiver)
}

impl Outgoing {
    /// An answer of what somebody sends, with so many parts that may wait to be read.
    pub fn fed(waiting: usize) -> (mpsc::Sender<io::Result<Bytes>>, Self) {
        let (sender, receiver) = mpsc::channel(waiting);
        (sender, Self(receiver))
    }
}

impl Sink {
    /// Ends the answer so that the reader notices that it is not whole.
    fn break_off(self) {
        // A reader who has gone, or has stopped reading, needs no telling.
        let _ = self.0.try_send(Err(io::Error::other("the answer could not be written to its end")));
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.send_timeout(Ok(Bytes::copy_from_slice(bytes)), PATIENCE);
        match tokio::runtime::Handle::current().block_on(sent) {
            Ok(()) => Ok(bytes.len()),
            Err(SendTimeoutError::Timeout(_)) => Err(io::ErrorKind::TimedOut.into()),
            Err(SendTimeoutError::Closed(_)) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MessageBody for Outgoing {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.0.poll_recv(context)
    }
}
