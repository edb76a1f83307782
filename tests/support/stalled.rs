//! Clients that take a connection and then do not go on.

use std::net::SocketAddr;
use std::time::Duration;

use super::wire::{Heard, Wire};

/// What a client does before it stalls, and how it goes on: in silence, or letter by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stall {
    Silent,
    DrippedHead,
    HalfAHead,
    HalfABody,
    DrippedBody,
    /// The answer does not need the body, which goes on coming.
    UnwantedBody,
    UnwantedChunks,
    /// A whole request first, and then:
    SecondHeadDripped,
    SecondHeadHalf,
    Idle,
}

impl Stall {
    pub const ALL: [Self; 10] = [
        Self::Silent,
        Self::DrippedHead,
        Self::HalfAHead,
        Self::HalfABody,
        Self::DrippedBody,
        Self::UnwantedBody,
        Self::UnwantedChunks,
        Self::SecondHeadDripped,
        Self::SecondHeadHalf,
        Self::Idle,
    ];

    /// Stalls, and says when the server hung up.
    pub async fn at(self, address: SocketAddr, every: Duration, within: Duration) -> Heard {
        const WHOLE: &str = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
        const SIGN_IN: &str = "POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        const REFUSED: &str = "POST /api/v1/participants HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        let (first, said, dripped) = match self {
            Self::Silent => ("", String::new(), ""),
            Self::DrippedHead => ("", "GET /health/live HTTP/1.1\r\nX-Drip: ".to_owned(), "x"),
            Self::HalfAHead => ("", "GET /health/live HTTP/1.1\r\nHo".to_owned(), ""),
            Self::HalfABody => ("", format!("{SIGN_IN}Content-Length: 100\r\n\r\n{{\"user"), ""),
            Self::DrippedBody => ("", format!("{SIGN_IN}Content-Length: 10000\r\n\r\n{{\"username\": \""), "x"),
            Self::UnwantedBody => ("", format!("{REFUSED}Content-Length: 100000\r\n\r\n{{"), "x"),
            Self::UnwantedChunks => ("", format!("{REFUSED}Transfer-Encoding: chunked\r\n\r\n"), "1\r\nx\r\n"),
            Self::SecondHeadDripped => (WHOLE, "GET /health/live HTTP/1.1\r\nX-Drip: ".to_owned(), "x"),
            Self::SecondHeadHalf => (WHOLE, "GET /health/live HTTP/1.1\r\nHo".to_owned(), ""),
            Self::Idle => (WHOLE, String::new(), ""),
        };
        let mut wire = Wire::to(address).await;
        if !first.is_empty() {
            wire.say(first).await;
            wire.response().await;
        }
        wire.say(said).await;
        wire.drip(dripped, every, within).await
    }

    /// What the server says before it hangs up.
    pub fn answer(self) -> &'static [u16] {
        match self {
            // The body is timed by us, the first head by actix.
            Self::Silent | Self::DrippedHead | Self::HalfAHead | Self::HalfABody | Self::DrippedBody => &[408],
            Self::UnwantedBody | Self::UnwantedChunks => &[401],
            Self::SecondHeadDripped | Self::SecondHeadHalf | Self::Idle => &[],
        }
    }
}
