//! A load over keep-alive connections from one thread: each connection asks, waits for the whole answer, and asks again until the time is up.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a round gave.
pub struct Outcome {
    pub answered: usize,
    pub failed: usize,
    pub elapsed: Duration,
    /// Microseconds of each answer, sorted.
    pub latencies: Vec<u32>,
}

impl Outcome {
    pub fn rate(&self) -> f64 {
        self.answered as f64 / self.elapsed.as_secs_f64()
    }

    pub fn percentile(&self, percent: f64) -> f64 {
        let at = ((self.latencies.len() as f64 * percent / 100.0) as usize).min(self.latencies.len().saturating_sub(1));
        f64::from(self.latencies.get(at).copied().unwrap_or(0)) / 1000.0
    }
}

/// Makes the bytes of the n-th request of a connection.
pub type Request = Rc<dyn Fn(usize, usize) -> Vec<u8>>;

pub fn run(address: SocketAddr, connections: usize, time: Duration, request: Request) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let local = tokio::task::LocalSet::new();
    let began = Instant::now();
    let deadline = began + time;
    let (mut latencies, mut failed) = (Vec::new(), 0);
    local.block_on(&runtime, async {
        let tasks: Vec<_> =
            (0..connections).map(|connection| tokio::task::spawn_local(one(address, connection, deadline, request.clone()))).collect();
        for task in tasks {
            let (mut own, own_failed) = task.await.expect("a connection does not panic");
            latencies.append(&mut own);
            failed += own_failed;
        }
    });
    latencies.sort_unstable();
    Outcome { answered: latencies.len(), failed, elapsed: began.elapsed(), latencies }
}

async fn one(address: SocketAddr, connection: usize, deadline: Instant, request: Request) -> (Vec<u32>, usize) {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket option");
    let mut buffer = Vec::with_capacity(64 * 1024);
    let (mut latencies, mut failed, mut number) = (Vec::new(), 0, 0);
    while Instant::now() < deadline {
        let bytes = request(connection, number);
        number += 1;
        let asked = Instant::now();
        stream.write_all(&bytes).await.expect("the server reads");
        match answer(&mut stream, &mut buffer).await {
            200..=299 => latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX)),
            _ => failed += 1,
        }
    }
    (latencies, failed)
}

/// Reads one whole answer and gives its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    buffer.clear();
    let mut whole = None;
    loop {
        if whole.is_none()
            && let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n")
        {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length: usize = head
                .split("content-length:")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next())
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or(0);
            whole = Some(end + 4 + length);
        }
        if whole.is_some_and(|whole| buffer.len() >= whole) {
            let status = String::from_utf8_lossy(&buffer[9..12]).parse().unwrap_or(0);
            return status;
        }
        if stream.read_buf(buffer).await.expect("the server answers") == 0 {
            return 0;
        }
    }
}
