//! a database that is not there yet, goes away, or says nothing; and a disk that is full.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ksnik::context::Machine;
use ksnik::service::App;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::databases::{Database, Engine, Seed};
use super::product;
use super::proxy::Proxy;
use super::retries::clinic;
use super::served::Served;
use super::server::Server;
use super::small_city::PEOPLE;

/// A second, and what a machine may need that has other things to do.
const AT_ONCE: Duration = Duration::from_millis(1_600);
const BACK_WITHIN: Duration = Duration::from_secs(5);
const CHECKS: &str = "/api/v1/eligibility-checks";

/// PostgreSQL behind a road that can be closed. The settings are the product's own where they matter here.
pub struct Remote {
    pub proxy: Proxy,
    pub app: Arc<App>,
    pub server: Server,
}

impl Remote {
    /// Not begun yet: nobody listens where the database should be. None when this machine has no PostgreSQL.
    pub fn closed() -> Option<Self> {
        let database = Database::copy_of(Engine::Postgres, Seed::City)?;
        let proxy = Proxy::to(database.url());
        let settings = product::settings(&proxy.url(database.url()), &[("server.stale_after_ms", "1000"), ("database.wait_ms", "900")]);
        let app = product::app(settings, Arc::new(Machine));
        let served = app.clone();
        let server = Server::running(database, |_| product::start_with(served, |_| {}));
        Some(Self { proxy, app, server })
    }

    pub fn open() -> Option<Self> {
        let mut remote = Self::closed()?;
        remote.proxy.open();
        product::wait_for(&remote.app);
        Some(remote)
    }

    fn as_role(&self, role: &str) -> Client {
        self.server.client().as_role(role)
    }
}

fn question() -> Value {
    json!({"nik": PEOPLE[0].0, "care_type": "primary"})
}

/// A read, a write, and a check, each with how long it took.
async fn all_kinds(admin: &Client, clinic_user: &Client, number: usize) -> Vec<(Answer, Duration)> {
    let mut answers = Vec::new();
    for request in [
        admin.request(Method::GET, "/api/v1/users"),
        admin.request(Method::POST, "/api/v1/facilities").json(&clinic(&format!("KLINIK-{number}"))),
        clinic_user.request(Method::POST, CHECKS).json(&question()),
        admin.request(Method::GET, "/health/ready"),
    ] {
        let began = Instant::now();
        let answer = admin.send(request).await;
        answers.push((answer, began.elapsed()));
    }
    answers
}

#[track_caller]
fn all_say_later(answers: &[(Answer, Duration)]) {
    for (answer, took) in answers {
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert_eq!(answer.header("retry-after"), "1");
        assert!(*took < AT_ONCE, "it took {took:?} to say {}", answer.text);
    }
}

async fn well_again(remote: &Remote, since: Instant) -> Duration {
    let clinic = remote.as_role("clinic");
    loop {
        let response = clinic.request(Method::POST, CHECKS).json(&question()).send().await.expect("an answer");
        if response.status() == 201 {
            break;
        }
        assert_eq!(response.status(), 503);
        assert!(since.elapsed() < 4 * BACK_WITHIN, "it does not come back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    since.elapsed()
}

/// The database comes so much later than the service.
pub async fn comes_late(mut remote: Remote, by: Duration) {
    let stranger = remote.server.client();
    let began = Instant::now();
    loop {
        assert_eq!(stranger.get("/health/live").await.status, 200);
        let signed_in = stranger.with_token("x");
        all_say_later(&all_kinds(&signed_in, &signed_in, 0).await);
        let problem = signed_in.get("/api/v1/me").await;
        assert_eq!(problem.header("retry-after"), "1");
        problem.expect_problem(503, "BUSY");
        if began.elapsed() >= by {
            break;
        }
    }
    remote.proxy.open();
    becomes_ready(&remote).await;
}

async fn becomes_ready(remote: &Remote) {
    let since = Instant::now();
    while remote.app.ready().is_err() {
        assert!(since.elapsed() < BACK_WITHIN, "not ready after {:?}", since.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    well_again(remote, since).await;
}

/// The first call to the database is taken and never answered: libpq alone would wait for ever. The next call gets through.
pub async fn does_not_answer_the_first_call(mut remote: Remote) {
    remote.proxy.silence();
    remote.proxy.open();
    while remote.proxy.calls() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    remote.proxy.go_on();
    becomes_ready(&remote).await;
}

/// The database goes away for so long, in one way or the other, while it is in use.
pub async fn goes_away(mut remote: Remote, silently: bool, away: Duration) {
    let (admin, clinic_user) = (remote.as_role("admin"), remote.as_role("clinic"));
    for (answer, _) in all_kinds(&admin, &clinic_user, 1).await {
        assert!(answer.status < 300, "{}", answer.text);
    }
    let gone = Instant::now();
    if silently {
        remote.proxy.silence();
        // Whoever is on the way has to wait; who comes when nothing has been heard for a second need not.
        while remote.app.ready().is_ok() {
            assert!(gone.elapsed() < 2 * AT_ONCE);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    } else {
        remote.proxy.cut();
    }
    let mut number = 2;
    loop {
        all_say_later(&all_kinds(&admin, &clinic_user, number).await);
        assert_eq!(remote.server.client().get("/health/live").await.status, 200);
        number += 1;
        if gone.elapsed() >= away {
            break;
        }
    }
    let back = Instant::now();
    if silently {
        remote.proxy.go_on()
    } else {
        remote.proxy.open()
    }
    let after = well_again(&remote, back).await;
    assert!(after < BACK_WITHIN, "well again after {after:?}");
    for (answer, _) in all_kinds(&admin, &clinic_user, 1_000_000).await {
        assert!(answer.status < 300, "{}", answer.text);
    }
    // Of what was refused meanwhile nothing was done.
    let facilities = admin.get("/api/v1/facilities?limit=200").await.expect(200);
    let codes: Vec<&str> = facilities["items"].as_array().expect("items").iter().filter_map(|item| item["code"].as_str()).collect();
    assert_eq!(codes.iter().filter(|code| code.starts_with("KLINIK-")).count(), 2, "{codes:?}");
}

/// SQLite cannot grow its files any more for so long. Writes say so, reads go on, and it mends by itself.
pub async fn disk_is_full(full: Duration) {
    let database = Database::copy_of(Engine::Sqlite, Seed::City).expect("a file");
    // A limit on the size of files stands for the disk; ignored, its signal becomes an error of the write.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_ksnik")]);
    let served = Served::start_with(shell, &database, &[("log.level", "error")]);
    let clinic_user = served.client().as_role("clinic");
    let limit = |bytes: &str| {
        let limited = Command::new("prlimit").args(["--pid", &served.pid().to_string(), &format!("--fsize={bytes}:unlimited")]).status();
        assert!(limited.is_ok_and(|status| status.success()), "prlimit is there");
    };
    clinic_user.post(CHECKS, question()).await.expect(201);
    limit("4096");
    let began = Instant::now();
    while began.elapsed() < full {
        let asked = Instant::now();
        let answer = clinic_user.post(CHECKS, question()).await;
        assert_eq!(answer.header("retry-after"), "1");
        answer.expect_problem(503, "BUSY");
        assert!(asked.elapsed() < AT_ONCE, "it took {:?}", asked.elapsed());
        served.client().as_role("admin").get("/api/v1/users").await.expect(200);
    }
    limit("unlimited");
    let mended = Instant::now();
    while clinic_user.request(Method::POST, CHECKS).json(&question()).send().await.expect("an answer").status() != 201 {
        assert!(mended.elapsed() < BACK_WITHIN, "not well after {:?}", mended.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let recorded = clinic_user.get(&format!("{CHECKS}?limit=200")).await.expect(200);
    assert_eq!(recorded["items"].as_array().map(Vec::len), Some(2), "what was refused was recorded");
}
