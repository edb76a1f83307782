//! Clients that stall, and requests that two readers could read in two ways.

use std::time::Duration;

use super::support::databases::{Database, Engine, Seed};
use super::support::run;
use super::support::server::Server;
use super::support::stalled::Stall;
use super::support::wire::Wire;

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn whoever_stalls_is_hung_up_on() {
    let hurried = [("server.head_timeout_ms", "200"), ("server.body_timeout_ms", "300"), ("server.keep_alive_ms", "200")];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = Server::with(Database::copy_of(Engine::Sqlite, Seed::City).expect("a file"), &hurried);
    runtime.block_on(async {
        let address = server.address();
        let stalled = Stall::ALL.map(|stall| tokio::spawn(async move { (stall, stall.at(address, Duration::from_millis(20), PATIENCE).await) }));
        for stalled in stalled {
            let (stall, heard) = stalled.await.expect("a stall");
            assert!(heard.closed_after.is_some_and(|after| after < PATIENCE / 2), "{stall:?}: {heard:?}");
            assert_eq!(heard.statuses(), stall.answer(), "{stall:?}: {heard:?}");
        }
        // Nobody else was shut out meanwhile.
        assert_eq!(server.client().get("/health/live").await.status, 200);
    });
}

#[test]
fn whoever_takes_a_while_between_two_requests_is_not() {
    let patient = [("server.head_timeout_ms", "5000"), ("server.keep_alive_ms", "5000")];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = Server::with(Database::copy_of(Engine::Sqlite, Seed::City).expect("a file"), &patient);
    runtime.block_on(async {
        let mut wire = Wire::to(server.address()).await;
        for _ in 0..3 {
            wire.say("GET /health/live HTTP/1.1\r\nHo").await;
            let heard = wire.listen(Duration::from_millis(100)).await;
            assert!(heard.text.is_empty() && heard.closed_after.is_none(), "{heard:?}");
            wire.say("st: x\r\n\r\n").await;
            assert!(wire.response().await.starts_with("HTTP/1.1 200"));
        }
    });
}

/// What is smuggled in would be answered after what carries it.
const SMUGGLED: &str = "GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n";
const HEAD: &str = "POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

#[test]
fn two_requests_in_one_go_are_two() {
    run(Engine::Sqlite, async |server: Server| {
        let mut wire = Wire::to(server.address()).await;
        wire.say(format!("{HEAD}Content-Length: 2\r\n\r\n{{}}{SMUGGLED}")).await;
        let heard = wire.listen(Duration::from_millis(500)).await;
        assert_eq!(heard.statuses(), [422, 200], "{heard:?}");
    });
}

#[test]
fn a_request_that_can_be_read_in_two_ways_is_never_answered_twice() {
    let mut cases = vec![
        ("length and chunks", format!("{HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}")),
        ("chunks and length", format!("{HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{SMUGGLED}")),
        ("two lengths", format!("{HEAD}Content-Length: 2\r\nContent-Length: {}\r\n\r\n{{}}{SMUGGLED}", SMUGGLED.len() + 2)),
        ("the same length twice", format!("{HEAD}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}{SMUGGLED}")),
        ("a list of lengths", format!("{HEAD}Content-Length: 2, 2\r\n\r\n{{}}{SMUGGLED}")),
        ("a signed length", format!("{HEAD}Content-Length: +2\r\n\r\n{{}}{SMUGGLED}")),
        ("a negative length", format!("{HEAD}Content-Length: -2\r\n\r\n{{}}{SMUGGLED}")),
        ("a length in hexadecimal", format!("{HEAD}Content-Length: 0x2\r\n\r\n{{}}{SMUGGLED}")),
        ("a folded header", format!("{HEAD}X-Folded: a\r\n Content-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}{SMUGGLED}")),
        ("a space before the colon", format!("{HEAD}Content-Length : 2\r\n\r\n{{}}{SMUGGLED}")),
        ("unknown coding", format!("{HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{SMUGGLED}")),
        ("chunked twice", format!("{HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{SMUGGLED}")),
        ("a broken chunk size", format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n{SMUGGLED}")),
        ("a chunk size that overflows", format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n{{}}\r\n0\r\n\r\n{SMUGGLED}")),
        ("a NUL in a header", format!("{HEAD}X-Nul: a\0b\r\nContent-Length: 2\r\n\r\n{{}}{SMUGGLED}")),
        ("a bare CR in a header", format!("{HEAD}X-Cr: a\rContent-Length: 2\r\n\r\n{SMUGGLED}")),
    ];
    cases.push(("no request at all", format!("\x16\x03\x01\x02\x00\r\n\r\n{SMUGGLED}")));
    run(Engine::Sqlite, async |server: Server| {
        for (what, bytes) in &cases {
            let mut wire = Wire::to(server.address()).await;
            wire.say(bytes).await;
            let heard = wire.listen(Duration::from_secs(10)).await;
            let statuses = heard.statuses();
            assert!(statuses.is_empty() || statuses == [400], "{what}: {statuses:?} {heard:?}");
            assert!(heard.closed_after.is_some(), "{what}: still open: {heard:?}");
        }
    });
}

#[test]
fn lines_that_end_in_a_bare_lf_carry_nothing_in() {
    run(Engine::Sqlite, async |server: Server| {
        for bytes in [
            format!("{HEAD}X-Lf: a\nContent-Length: 2\r\n\r\n{{}}{SMUGGLED}"),
            format!("{HEAD}Content-Length: 2\n\n{{}}{SMUGGLED}"),
            format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n2\n{{}}\n0\n\n{SMUGGLED}"),
        ] {
            let mut wire = Wire::to(server.address()).await;
            wire.say(&bytes).await;
            let heard = wire.listen(Duration::from_secs(10)).await;
            assert!(heard.statuses().is_empty() || heard.statuses() == [400], "{bytes:?}: {heard:?}");
        }
    });
}

#[test]
fn a_head_of_any_size_gets_an_answer_or_none() {
    run(Engine::Sqlite, async |server: Server| {
        for (bytes, expected) in [
            (format!("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "x".repeat(4_000)), vec![200]),
            (format!("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "x".repeat(1 << 20)), vec![431]),
            (format!("GET /health/live HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-Many: x\r\n".repeat(500)), vec![400]),
            (format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(1 << 20)), vec![431]),
        ] {
            let mut wire = Wire::to(server.address()).await;
            wire.say(&bytes).await;
            let heard = wire.listen(Duration::from_secs(1)).await;
            // Whoever writes on while the answer comes may lose it to the reset.
            assert!(heard.statuses() == expected || (heard.statuses().is_empty() && expected != [200]), "{} bytes: {heard:?}", bytes.len());
        }
        assert_eq!(server.client().get("/health/live").await.status, 200);
    });
}
