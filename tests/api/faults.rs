//! Faults around the service, in their short forms: it is killed, told to stop, loses its database, its disk or its connections. The full numbers stand
//! in tests/soak.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ksnik::context::Machine;

use super::support::bodies::eat_large_bodies;
use super::support::databases::{Database, Engine, Seed};
use super::support::interruptions::{kill_again_and_again, stop_again_and_again};
use super::support::outages::{Remote, comes_late, disk_is_full, does_not_answer_the_first_call, goes_away};
use super::support::server::Server;
use super::support::{on_both, product, run_with};

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    kill_again_and_again(5, 0x5eed_0001);
}

#[test]
fn whoever_is_told_to_stop_finishes_what_was_accepted() {
    stop_again_and_again(1, 50);
}

#[test]
fn a_database_that_comes_late_is_waited_for() {
    run_with(|_| Remote::closed(), Engine::Postgres, async |remote| comes_late(remote, Duration::from_millis(500)).await);
}

#[test]
fn a_database_that_goes_away_costs_503_and_no_more() {
    run_with(|_| Remote::open(), Engine::Postgres, async |remote| goes_away(remote, false, Duration::from_millis(500)).await);
}

#[test]
fn a_database_that_falls_silent_costs_503_and_no_more() {
    run_with(|_| Remote::open(), Engine::Postgres, async |remote| goes_away(remote, true, Duration::from_millis(500)).await);
}

#[test]
fn a_database_that_does_not_answer_the_first_call_is_called_again() {
    run_with(|_| Remote::closed(), Engine::Postgres, async |remote| does_not_answer_the_first_call(remote).await);
}

#[test]
fn a_full_disk_costs_503_and_no_more() {
    run_with(|_| Some(()), Engine::Sqlite, async |()| disk_is_full(Duration::from_millis(300)).await);
}

fn with_one_connection(engine: Engine) -> Option<(Arc<ksnik::service::App>, Server)> {
    let database = Database::copy_of(engine, Seed::City)?;
    let settings = product::settings(database.url(), &[("database.pool_size", "1"), ("database.wait_ms", "300")]);
    let app = product::app(settings, Arc::new(Machine));
    Some((app.clone(), Server::of(database, app)))
}

on_both!(when_no_connection_is_free_the_answer_is_later, with_one_connection);
async fn when_no_connection_is_free_the_answer_is_later((app, server): (Arc<ksnik::service::App>, Server)) {
    let admin = server.client().as_role("admin");
    let only = app.pool.get().expect("a connection");
    for path in ["/api/v1/users", "/api/v1/facilities"] {
        let asked = Instant::now();
        let answer = admin.get(path).await;
        assert_eq!(answer.header("retry-after"), "1");
        answer.expect_problem(503, "BUSY");
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    }
    // The desk has connections of its own.
    let check = serde_json::json!({"nik": super::support::small_city::PEOPLE[0].0, "care_type": "primary"});
    server.client().as_role("clinic").post("/api/v1/eligibility-checks", check).await.expect(201);
    drop(only);
    admin.get("/api/v1/users").await.expect(200);
}

#[test]
fn large_bodies_cost_no_memory() {
    eat_large_bodies(8, 24 << 20);
}
