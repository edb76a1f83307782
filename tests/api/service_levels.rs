//! Service levels as the service measures them, what the glossary says of every figure, and the stream of the summary.

use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::dashboard::fresh;
use super::people::{nik, register};
use super::questions::{ask, question};
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::{NOBODY, PEOPLE};

const LEVELS: &str = "/api/v1/dashboard/service-levels";
const PUBLIC: &str = "/api/v1/public/service-levels";
const GLOSSARY: &str = "/api/v1/dashboard/glossary";
const STREAM: &str = "/api/v1/dashboard/stream";
const PATIENCE: Duration = Duration::from_secs(60);

/// The levels of a month as soon as so many answers and minutes are written down.
async fn levels(client: &Client, path: &str, answers: i64, minutes: i64) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let figure = client.get(path).await.expect(200);
        let months = figure["items"].as_array().expect("items");
        if let Some(values) = months.iter().find(|item| item["key"] == "2026-11").map(|item| &item["values"])
            && values["answers"].as_i64() >= Some(answers)
            && values["ready_minutes"].as_i64() >= Some(minutes)
        {
            return values.clone();
        }
        assert!(Instant::now() < deadline, "waited in vain: {figure}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

on_both!(answers_and_minutes_are_measured);
async fn answers_and_minutes_are_measured(server: DatedServer) {
    let clinic = server.client().as_role("clinic");
    // Covered or not, an answer is one; what cannot be read is none.
    for person in [PEOPLE[0].0, PEOPLE[1].0, NOBODY] {
        ask(&clinic, question(json!({"nik": person, "care_type": "primary"}))).await;
    }
    clinic.post("/api/v1/eligibility-checks", json!({"nik": "1"})).await.expect(422);
    // The next minute writes down what the last one had.
    server.put_forward(chrono::Duration::minutes(2));
    let manager = server.client().as_role("manager");
    let values = levels(&manager, LEVELS, 3, 1).await;
    assert_eq!(values["answers"], 3, "{values}");
    let (median, slowest) = (values["p50"].as_i64().expect("a time"), values["p99"].as_i64().expect("a time"));
    assert!(0 < median && median <= slowest, "{values}");
    assert!((0..=1_000).contains(&values["within_target"].as_i64().expect("a share")), "{values}");
    // Ten minutes in which nobody said that it was ready; the first may have been written down late.
    server.put_forward(chrono::Duration::minutes(10));
    let values = levels(&manager, LEVELS, 3, 2).await;
    let (ready, minutes) = (values["ready_minutes"].as_i64().expect("minutes"), values["minutes"].as_i64().expect("minutes"));
    assert!((2..6).contains(&ready) && (10..15).contains(&minutes), "{values}");
    assert_eq!(values["availability"], ready * 1_000 / minutes);

    // Anyone may read the same, and may keep it for a minute.
    let public = server.client().get(PUBLIC).await;
    assert_eq!(public.header("cache-control"), "public, max-age=60");
    let told = public.expect(200);
    let month = told["items"].as_array().expect("items").iter().find(|item| item["key"] == "2026-11").expect("this month");
    assert_eq!((&told["from"], month["values"]["answers"].as_i64()), (&json!("2025-12-01"), Some(3)));
    assert_eq!(told["totals"]["answers"], 3);
    assert!(told["totals"]["behind"].as_i64().is_some_and(|seconds| seconds >= 0), "{told}");

    let sums = fresh(&manager, &format!("{LEVELS}?by=sums")).await;
    assert!(sums["items"].as_array().expect("items").iter().any(|item| item["key"] == "registry" && item["values"]["behind"].is_i64()), "{sums}");
    let none = manager.get(&format!("{LEVELS}?from=2020-01-01&to=2020-12-31")).await.expect(200);
    assert_eq!((&none["items"], &none["totals"]["p50"]), (&json!([]), &Value::Null));
    // What the service does is no facility's, and a hospital may know it.
    server.client().as_role("hospital").get(LEVELS).await.expect(200);
    manager.get(&format!("{LEVELS}?by=hour")).await.expect_problem(422, "NOT_KEPT_SO");
    clinic.get(LEVELS).await.expect(403);
}

on_both!(what_was_answered_last_is_written_down_at_the_end);
async fn what_was_answered_last_is_written_down_at_the_end(mut server: DatedServer) {
    ask(&server.client().as_role("clinic"), question(json!({"nik": PEOPLE[0].0, "care_type": "primary"}))).await;
    server.restart(&[]);
    assert_eq!(levels(&server.client().as_role("manager"), LEVELS, 1, 1).await["answers"], 1);
}

on_both!(the_glossary_says_all_that_a_figure_can_be_asked);
async fn the_glossary_says_all_that_a_figure_can_be_asked(server: DatedServer) {
    let manager = server.client().as_role("manager");
    let mut told = Vec::new();
    for language in ["en", "id"] {
        let glossary = manager.in_language(language).get(GLOSSARY).await.expect(200);
        let figures = glossary["figures"].as_array().expect("a list").clone();
        for figure in &figures {
            let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
            assert!(text(&figure["definition"]), "{figure}");
            let measures = figure["measures"].as_array().expect("a list");
            assert!(!measures.is_empty() && measures.iter().all(|measure| text(&measure["definition"]) && text(&measure["unit"])), "{figure}");
        }
        told.push(figures);
    }
    let [english, indonesian] = &told[..] else { panic!("two languages") };
    assert!(english.iter().zip(indonesian).all(|(one, other)| one["definition"] != other["definition"] && one["by"] == other["by"]));
    // Each breakdown is one, and tells no measure that the glossary does not.
    for figure in english {
        let known: Vec<&Value> = figure["measures"].as_array().expect("a list").iter().map(|measure| &measure["name"]).collect();
        for by in figure["by"].as_array().expect("a list") {
            let path = format!("{}?by={}", figure["path"].as_str().expect("a path"), by.as_str().expect("a word"));
            let answer = manager.get(&path).await.expect(200);
            let measures = answer["measures"].as_array().expect("a list");
            assert!(!measures.is_empty() && measures.iter().all(|measure| known.contains(&&measure["name"])), "{path}: {answer}");
            for item in answer["items"].as_array().expect("items") {
                assert_eq!(item["values"].as_object().map(serde_json::Map::len), Some(measures.len()), "{path}: {item}");
            }
            let filters = figure["filters"].as_array().expect("a list");
            for (name, value) in [("district_code", "327501"), ("care_type", "primary"), ("from", "2026-01-01")] {
                let narrowed = manager.get(&format!("{path}&{name}={value}")).await;
                let may = filters.contains(&json!(name))
                    && (name != "district_code" || figure["by_of_places"].as_array().is_some_and(|all| all.contains(by)));
                assert_eq!(narrowed.status, if may { 200 } else { 422 }, "{path}&{name}: {}", narrowed.text);
            }
        }
    }
}

async fn open(client: &Client) -> Response {
    client.request(Method::GET, STREAM).header("Accept", "text/event-stream").send().await.expect("an answer")
}

/// The next summary of a stream: its data.
async fn next(stream: &mut Response, text: &mut String) -> Option<Value> {
    loop {
        if let Some(end) = text.find("\n\n") {
            let event: String = text.drain(..end + 2).collect();
            if let Some(data) = event.lines().find_map(|line| line.strip_prefix("data: ")) {
                assert!(event.starts_with("event: summary\nid: "), "{event}");
                return Some(serde_json::from_str(data).expect("JSON"));
            }
            continue;
        }
        let chunk = tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("something comes in time").ok().flatten()?;
        text.push_str(std::str::from_utf8(&chunk).expect("text"));
    }
}

fn value(summary: &Value, key: &str) -> Option<i64> {
    summary["items"].as_array()?.iter().find(|item| item["key"] == key)?["values"]["value"].as_i64()
}

on_both!(a_stream_tells_what_changes_until_its_token_ends);
async fn a_stream_tells_what_changes_until_its_token_ends(mut server: DatedServer) {
    server.restart(&[("summaries.most_streams", "1")]);
    let (registrar, manager) = (server.client().as_role("registrar"), server.client().as_role("manager"));
    let mut stream = open(&manager).await;
    assert_eq!((stream.status().as_u16(), stream.headers()["content-type"].to_str().ok()), (200, Some("text/event-stream")));
    assert!(stream.headers().get("content-encoding").is_none_or(|coding| coding == "identity"), "{:?}", stream.headers());
    let mut text = String::new();
    let first = next(&mut stream, &mut text).await.expect("the summary as it stands");
    assert_eq!(first["figure"], "summary");
    register(&registrar, 9001, json!({})).await;
    while value(&next(&mut stream, &mut text).await.expect("the stream goes on"), "people") != Some(4) {}
    ask(&server.client().as_role("clinic"), question(json!({"nik": nik(9001), "care_type": "primary"}))).await;
    while value(&next(&mut stream, &mut text).await.expect("the stream goes on"), "visits") != Some(1) {}

    // There is no seat for another, not even for one that would end at once.
    manager.get(STREAM).await.expect_problem(503, "BUSY");
    server.put_forward(chrono::Duration::hours(1));
    while next(&mut stream, &mut text).await.is_some() {}
    // Whoever does not ask for events is told once.
    let hospital = server.client().as_role("hospital");
    let deadline = Instant::now() + PATIENCE;
    let told = loop {
        let told = hospital.get(STREAM).await;
        if told.status == 200 {
            break told.text;
        }
        assert!(Instant::now() < deadline, "the seat is not given back: {}", told.text);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let own: Value = serde_json::from_str(told.lines().find_map(|line| line.strip_prefix("data: ")).expect("an event")).expect("JSON");
    assert_eq!((value(&own, "checks"), value(&own, "people"), told.matches("event: ").count()), (Some(0), None, 1));
    server.client().as_role("clinic").get(STREAM).await.expect(403);
}

on_both!(a_stream_ends_well_when_the_service_goes_down);
async fn a_stream_ends_well_when_the_service_goes_down(mut server: DatedServer) {
    let mut stream = open(&server.client().as_role("manager")).await;
    next(&mut stream, &mut String::new()).await.expect("the summary as it stands");
    server.stop();
    // Cut off, it would be an error.
    while stream.chunk().await.expect("the stream is brought to its end").is_some() {}
}
