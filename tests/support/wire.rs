//! A client without manners: it writes what it likes to a socket, and listens until the other side hangs up.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Wire(TcpStream);

/// What came back, and when the other side hung up.
#[derive(Debug)]
pub struct Heard {
    pub text: String,
    /// None if it had not hung up when the time was over.
    pub closed_after: Option<Duration>,
}

impl Heard {
    /// Status codes of the responses, in order.
    pub fn statuses(&self) -> Vec<u16> {
        self.text.split("HTTP/1.1 ").skip(1).filter_map(|part| part.get(..3)?.parse().ok()).collect()
    }
}

impl Wire {
    pub async fn to(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.expect("the server takes connections"))
    }

    /// Whether the other side was still there to take it.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Says all this while it listens, until the other side hangs up or the time is over: whoever only writes may never hear that nobody reads.
    pub async fn pour(&mut self, parts: impl Iterator<Item = impl AsRef<[u8]>>, within: Duration) -> Heard {
        let began = Instant::now();
        let (mut reads, mut writes) = self.0.split();
        let mut heard = Vec::new();
        let writing = async {
            for part in parts {
                if writes.write_all(part.as_ref()).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        };
        let reading = async {
            let mut part = [0; 4096];
            while let Ok(length @ 1..) = reads.read(&mut part).await {
                heard.extend_from_slice(&part[..length]);
            }
        };
        let closed = tokio::select! {
            () = reading => true,
            () = writing => false,
            () = tokio::time::sleep(within) => false,
        };
        Heard { text: String::from_utf8_lossy(&heard).into_owned(), closed_after: closed.then(|| began.elapsed()) }
    }

    /// Says this again and again, until the other side hangs up or the time is over.
    pub async fn drip(&mut self, drop: &str, every: Duration, within: Duration) -> Heard {
        let began = Instant::now();
        let mut heard = Vec::new();
        let mut part = [0; 4096];
        loop {
            if began.elapsed() > within {
                return Heard { text: String::from_utf8_lossy(&heard).into_owned(), closed_after: None };
            }
            let is_gone = match tokio::time::timeout(every, self.0.read(&mut part)).await {
                Ok(Ok(0) | Err(_)) => true,
                Ok(Ok(length)) => {
                    heard.extend_from_slice(&part[..length]);
                    false
                }
                // A reset is noticed by reading; what was heard before it counts.
                Err(_) => {
                    self.say(drop).await;
                    false
                }
            };
            if is_gone {
                return Heard { text: String::from_utf8_lossy(&heard).into_owned(), closed_after: Some(began.elapsed()) };
            }
        }
    }

    /// Listens until the other side hangs up or the time is over.
    pub async fn listen(&mut self, within: Duration) -> Heard {
        self.drip("", Duration::from_millis(50), within).await
    }

    /// Reads one response with a body of known length.
    pub async fn response(&mut self) -> String {
        let mut text = String::new();
        let mut part = [0; 4096];
        loop {
            let length = self.0.read(&mut part).await.expect("a response");
            assert!(length > 0, "hung up after {text:?}");
            text += &String::from_utf8_lossy(&part[..length]);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let expected = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                if body.len() >= expected.expect("a length") {
                    return text;
                }
            }
        }
    }
}
