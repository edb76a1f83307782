//! S-04: bodies without end, sent to a process whose memory can be watched.

use std::time::{Duration, Instant};

use super::databases::{Database, Engine, Seed};
use super::served::Served;
use super::wire::{Heard, Wire};

const MOST_GROWTH_KIB: u64 = 64 << 10;
/// What actix itself keeps of a body on its way: 128 KiB read and as much handed on, in buffers that grow by doubling.
const ON_THEIR_WAY_KIB: u64 = 768;
const CHUNK: usize = 64 << 10;

/// So many at once, of so many bytes each or until the service hangs up.
pub fn eat_large_bodies(at_once: usize, bytes: usize) {
    let database = Database::copy_of(Engine::Sqlite, Seed::City).expect("a file");
    let served = Served::start(&database, &[("server.keep_alive_ms", "500")]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        // What the first requests need is no growth.
        served.client().get("/openapi.json").await.expect(200);
        let before = served.memory_from_here();
        for (path, declared, text) in [
            ("/api/v1/eligibility-checks", false, " "),
            ("/api/v1/eligibility-checks", true, " "),
            ("/api/v1/eligibility-checks/batch", false, " "),
            // As values these would take much more room than as text.
            ("/api/v1/eligibility-checks/batch", false, "[],"),
        ] {
            let (token, began) = ((served.token_of)("clinic"), Instant::now());
            let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n");
            let senders =
                (0..at_once).map(|_| tokio::spawn(send(Wire::to(served.address), head.clone(), declared, text.repeat(CHUNK / text.len()), bytes)));
            for sender in senders.collect::<Vec<_>>() {
                let heard = sender.await.expect("a sender");
                // Whoever writes on while the answer comes may lose it to the reset.
                assert!(heard.statuses().iter().all(|status| [413, 503].contains(status)), "{path} {declared}: {heard:?}");
                assert!(heard.closed_after.is_some(), "{heard:?}");
            }
            println!(
                "{at_once} bodies of {bytes} bytes for {path}: hung up on after {:?}, {} KiB at most so far",
                began.elapsed(),
                served.most_memory()
            );
        }
        let most = served.most_memory();
        assert!(most.saturating_sub(before) < MOST_GROWTH_KIB + at_once as u64 * ON_THEIR_WAY_KIB, "it grew from {before} KiB to {most} KiB");
        println!("it grew from {before} KiB to {most} KiB");
        served.client().get("/health/ready").await.expect(200);
    });
}

async fn send(wire: impl Future<Output = Wire>, head: String, declared: bool, part: String, bytes: usize) -> Heard {
    let framing = if declared { format!("Content-Length: {bytes}\r\n\r\n") } else { "Transfer-Encoding: chunked\r\n\r\n".to_owned() };
    let sent = if declared { part.clone() } else { format!("{:x}\r\n{part}\r\n", part.len()) };
    let end = if declared { "" } else { "0\r\n\r\n" };
    let parts = std::iter::once(head + &framing).chain(std::iter::repeat_n(sent, bytes / part.len())).chain(std::iter::once(end.to_owned()));
    wire.await.pour(parts, Duration::from_secs(60)).await
}
