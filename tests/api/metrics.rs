//! What is measured, and who may read it. Each test has a process of its own: within one, all servers count together.

use reqwest::Method;
use serde_json::json;

use super::support::client::{Answer, Client};
use super::support::databases::{Database, Engine, Seed};
use super::support::on_both;
use super::support::served::Served;
use super::support::server::Server;
use super::support::small_city::PEOPLE;

const CHECKS: &str = "/api/v1/eligibility-checks";

/// Room for one batch of one slice of one question.
fn with_a_small_desk(engine: Engine) -> Option<(Served, Database)> {
    let database = Database::copy_of(engine, Seed::City)?;
    Some((Served::start(&database, &[("desk.batch_queue", "1"), ("desk.slice", "1")]), database))
}

/// The value of one time series; None while there is none.
fn value(metrics: &str, series: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

fn requests(method: &str, route: &str, status: u16) -> String {
    format!("ksnik_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}")
}

on_both!(requests_checks_desk_and_connections_are_measured, with_a_small_desk);
async fn requests_checks_desk_and_connections_are_measured((served, _database): (Served, Database)) {
    let (clinic, stranger) = (served.client().as_role("clinic"), served.client());
    let question = json!({"nik": PEOPLE[0].0, "care_type": "primary"});
    let before = stranger.get("/metrics").await.text;
    for series in ["ksnik_check_seconds_count", "ksnik_desk_turn_size_count"] {
        assert_eq!(value(&before, series).unwrap_or_default(), 0.0, "{series}");
    }
    for _ in 0..3 {
        clinic.post(CHECKS, question.clone()).await.expect(201);
    }
    clinic.post(CHECKS, json!({"nik": 1})).await.expect(422);
    served.client().as_role("manager").post(CHECKS, question.clone()).await.expect(403);
    stranger.post(CHECKS, question.clone()).await.expect(401);
    clinic.get(&format!("{CHECKS}/0190a000-0000-7000-8000-000000000000")).await.expect(404);
    stranger.get("/no-such-page").await.expect(404);
    stranger.send(stranger.request(Method::from_bytes(b"BREW").expect("a method"), CHECKS)).await.expect(405);
    clinic.post(&format!("{CHECKS}/batch"), json!({"checks": [question]})).await.expect(200);
    clinic.post(&format!("{CHECKS}/batch"), json!({"checks": [question, question]})).await.expect_problem(503, "BUSY");
    clinic.get("/api/v1/facilities").await.expect(200);

    let metrics = stranger.get("/metrics").await;
    assert!(metrics.header("content-type").starts_with("text/plain"), "{metrics:?}");
    let metrics = metrics.text;
    for (series, expected) in [
        (requests("POST", CHECKS, 201), 3.0),
        (requests("POST", CHECKS, 422), 1.0),
        (requests("POST", CHECKS, 403), 1.0),
        (requests("POST", CHECKS, 401), 1.0),
        (requests("GET", "/api/v1/eligibility-checks/{id}", 404), 1.0),
        (requests("GET", "unmatched", 404), 1.0),
        (requests("other", CHECKS, 405), 1.0),
        (requests("POST", "/api/v1/eligibility-checks/batch", 200), 1.0),
        (requests("POST", "/api/v1/eligibility-checks/batch", 503), 1.0),
        (requests("GET", "/metrics", 200), 1.0),
        ("ksnik_http_request_seconds_count{route=\"/api/v1/eligibility-checks\"}".to_owned(), 7.0),
        ("ksnik_check_seconds_count".to_owned(), 4.0),
        ("ksnik_check_seconds_bucket{le=\"+Inf\"}".to_owned(), 4.0),
        ("ksnik_desk_turn_size_sum".to_owned(), 4.0),
        ("ksnik_desk_turn_size_bucket{le=\"1\"}".to_owned(), 4.0),
        ("ksnik_desk_turned_away_total".to_owned(), 1.0),
        ("ksnik_desk_waiting".to_owned(), 0.0),
        ("ksnik_pool_connections{state=\"busy\"}".to_owned(), 0.0),
        ("ksnik_denied_total{role=\"manager\",route=\"/api/v1/eligibility-checks\"}".to_owned(), 1.0),
    ] {
        assert_eq!(value(&metrics, &series), Some(expected), "{series}\n{metrics}");
    }
    let seconds = value(&metrics, "ksnik_check_seconds_sum").expect("a sum");
    assert!(seconds > 0.0 && seconds < 60.0, "{seconds}");
    let all = value(&metrics, "ksnik_pool_connections{state=\"all\"}").expect("a gauge");
    assert!((1.0..=4.0).contains(&all), "{all} connections");
    assert!(!metrics.contains("0190a000") && !metrics.contains("no-such-page") && !metrics.contains("BREW"), "{metrics}");
}

fn with_connections_taken(engine: Engine) -> Option<(std::sync::Arc<ksnik::service::App>, Server)> {
    let database = Database::copy_of(engine, Seed::City)?;
    let settings = super::support::product::settings(database.url(), &[]);
    let app = super::support::product::app(settings, std::sync::Arc::new(ksnik::context::Machine));
    Some((app.clone(), Server::of(database, app)))
}

on_both!(connections_that_are_lent_are_told, with_connections_taken);
async fn connections_that_are_lent_are_told((app, _server): (std::sync::Arc<ksnik::service::App>, Server)) {
    let lent = [app.pool.get().expect("a connection"), app.pool.get().expect("another")];
    assert_eq!(app.pool.load().0, 2);
    drop(lent);
    assert_eq!(app.pool.load().0, 0);
}

fn guarded_by(token: &'static str, proxies: &'static str) -> impl Fn(Engine) -> Option<Server> {
    move |engine| Some(Server::with(Database::copy_of(engine, Seed::City)?, &[("metrics.token", token), ("server.trusted_proxies", proxies)]))
}

async fn scraped(client: &Client, headers: &[(&'static str, &'static str)]) -> Answer {
    let request = headers.iter().fold(client.request(Method::GET, "/metrics"), |request, (name, value)| request.header(*name, *value));
    client.send(request).await
}

#[test]
fn with_a_token_only_the_token_opens_them() {
    super::support::run_with(guarded_by("sangat rahasia", ""), Engine::Sqlite, async |server: Server| {
        let (stranger, admin) = (server.client(), server.client().as_role("admin"));
        for client in [&stranger, &admin, &stranger.with_token(""), &stranger.with_token("sangat"), &stranger.with_token("sangat rahasiaa")] {
            let refused = scraped(client, &[]).await;
            assert_eq!(refused.header("www-authenticate"), "Bearer");
            assert!(!refused.text.contains("ksnik_http"), "{}", refused.text);
            refused.expect_problem(401, "SIGN_IN_REQUIRED");
        }
        let scraper = stranger.with_token("sangat rahasia");
        // With the token it does not matter from where.
        for headers in [&[][..], &[("x-forwarded-for", "198.51.100.1")]] {
            let answer = scraped(&scraper, headers).await;
            assert!(answer.status == 200 && answer.text.contains("ksnik_http_requests_total"), "{}", answer.text);
        }
    });
}

#[test]
fn without_a_token_they_are_for_this_machine_and_not_for_whom_a_proxy_on_it_forwards() {
    for (proxies, headers, status) in [
        ("", &[][..], 200),
        ("", &[("x-forwarded-for", "198.51.100.1")], 403),
        // Nobody says that this proxy is ours, so what it says of the client is worth nothing.
        ("", &[("x-forwarded-for", "127.0.0.1")], 403),
        ("", &[("forwarded", "for=127.0.0.1")], 403),
        ("", &[("x-real-ip", "127.0.0.1")], 403),
        ("", &[("via", "1.1 proxy")], 403),
        ("127.0.0.1", &[], 200),
        ("127.0.0.1", &[("x-forwarded-for", "127.0.0.1")], 200),
        ("127.0.0.1", &[("x-forwarded-for", "198.51.100.1")], 403),
        ("127.0.0.1", &[("x-forwarded-for", "127.0.0.1, 198.51.100.1")], 403),
        ("127.0.0.1", &[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "127.0.0.1")], 403),
        ("127.0.0.1", &[("x-forwarded-for", "localhost")], 403),
        ("127.0.0.1", &[("via", "1.1 proxy")], 403),
    ] {
        super::support::run_with(guarded_by("", proxies), Engine::Sqlite, async |server: Server| {
            let answer = scraped(&server.client(), headers).await;
            assert_eq!(answer.status, status, "proxies {proxies:?}, {headers:?}: {}", answer.text);
        });
    }
}
