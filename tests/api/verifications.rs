//! Verification by hand: each word of the office, each way in which it can fail, and what a person may see of it.

use serde_json::{Value, json};

use super::harness::count;
use super::people::{nik, path_of, person, register};
use super::support::databases::{Database, Engine, Seed};
use super::support::dated::DatedServer;
use super::support::office::{Manner, StubOffice};
use super::support::small_city::id_of;
use super::support::{Given, on_both, product};

/// The dated city with a web service that the test commands.
pub struct WithOffice {
    pub server: DatedServer,
    pub office: StubOffice,
}

impl Given for WithOffice {
    fn on(engine: Engine) -> Option<Self> {
        let mut server = DatedServer::on(engine)?;
        let office = StubOffice::start();
        restart(&mut server, &office, &[]);
        Some(Self { server, office })
    }
}

pub fn restart(server: &mut DatedServer, office: &StubOffice, more: &[(&str, &str)]) {
    let settings = [
        ("population_office.driver", "web_service"),
        ("population_office.url", office.url.as_str()),
        ("population_office.credentials", "rahasia-kantor"),
        // Enough for a busy machine; tests of silence wait for the whole of it.
        ("population_office.timeout_ms", "5000"),
        ("population_office.connect_timeout_ms", "5000"),
        ("population_office.patience_ms", "30000"),
    ];
    server.restart(&[&settings, more].concat());
}

pub fn verifications_of(participant: &Value) -> String {
    format!("{}/verifications", path_of(participant))
}

const CALLS: &str = "SELECT count(*) FROM population_office_calls";

on_both!(each_word_of_the_office_is_told_field_by_field_and_kept);
async fn each_word_of_the_office_is_told_field_by_field_and_kept(given: WithOffice) {
    let WithOffice { server, office } = given;
    let registrar = server.client().as_role("registrar");
    let her = register(&registrar, 9001, json!({})).await;
    let words = [
        (json!({"status": "found", "name": true, "birth_date": true}), "match", ["same", "same"]),
        (json!({"status": "found", "name": false, "birth_date": true}), "differs", ["differs", "same"]),
        (json!({"status": "found", "name": true, "birth_date": null}), "match", ["same", "not_given"]),
        (json!({"status": "not_found"}), "not_found", ["not_given", "not_given"]),
        (json!({"status": "inactive", "name": true}), "inactive", ["same", "not_given"]),
        (json!({"status": "deceased", "name": true, "birth_date": true}), "deceased", ["same", "same"]),
        // What it says beyond that is neither shown nor kept.
        (json!({"status": "found", "name": true, "birth_date": true, "mother_name": "Nenek Rahasia"}), "match", ["same", "same"]),
    ];
    for (said, verdict, fields) in &words {
        office.says(said.clone());
        let kept = registrar.post(&verifications_of(&her), json!({})).await;
        assert!(!kept.text.contains("Rahasia") && !kept.text.contains(&nik(9001)), "{}", kept.text);
        let kept = kept.expect(201);
        assert_eq!((&kept["verdict"], &kept["fields"]), (&json!(verdict), &json!({"name": fields[0], "birth_date": fields[1]})));
        assert_eq!((&kept["source"], &kept["verified_by"]), (&json!("web_service"), &json!(id_of("registrar"))));
    }
    office.says(json!({"status": "found", "name": true, "birth_date": true, "as_of": "2026-11-20T17:00:00Z"}));
    let dated = server.client().as_role("admin").post(&verifications_of(&her), json!({"purpose": "complaint"})).await.expect(201);
    assert_eq!(dated["as_of"], "2026-11-20T17:00:00.000000Z");
    office.says(json!({"status": "found", "as_of": "2050-01-01T00:00:00Z"}));
    let ahead = registrar.post(&verifications_of(&her), json!({})).await.expect(201);
    assert_eq!(ahead["as_of"].as_str().map(|text| &text[..10]), Some("2026-11-21"), "nobody knows what holds in 2050");

    let listed = registrar.get(&verifications_of(&her)).await.expect(200);
    let listed = listed["items"].as_array().expect("a list");
    assert_eq!((listed.len(), &listed[1]), (words.len() + 2, &dated));
    assert_eq!(count(server.database(), CALLS), 9);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'verification.recorded'"), 9);
}

on_both!(the_office_is_sent_what_is_compared_and_nothing_else);
async fn the_office_is_sent_what_is_compared_and_nothing_else(given: WithOffice) {
    let WithOffice { server, office } = given;
    let registrar = server.client().as_role("registrar");
    let her = register(&registrar, 9001, json!({})).await;
    registrar.post(&verifications_of(&her), json!({})).await.expect(201);
    let [request] = office.requests().try_into().unwrap_or_else(|_| panic!("one call"));
    assert_eq!(request.line, "POST /verifikasi HTTP/1.1");
    assert_eq!(request.body, json!({"nik": nik(9001), "name": "Wulan Teladan", "birth_date": "1990-02-15"}));
    let headers = request.headers.to_lowercase();
    assert!(headers.contains("authorization: bearer rahasia-kantor\r\n") && !headers.contains(&nik(9001)), "{headers}");
}

on_both!(an_office_that_fails_is_503_and_each_call_is_logged);
async fn an_office_that_fails_is_503_and_each_call_is_logged(given: WithOffice) {
    let WithOffice { mut server, office } = given;
    restart(&mut server, &office, &[("population_office.timeout_ms", "300"), ("population_office.breaker_failures", "100")]);
    let registrar = server.client().as_role("registrar");
    let her = register(&registrar, 9001, json!({})).await;
    let failures = [
        (Manner::Status(500), "failed"),
        (Manner::Status(404), "failed"),
        (Manner::Redirects, "failed"),
        (Manner::Text("<html>".to_owned()), "unreadable"),
        (Manner::Text("{\"status\": \"perhaps\"}".to_owned()), "unreadable"),
        (Manner::Text(format!("{{\"status\": \"found\", \"x\": \"{}\"}}", "x".repeat(100_000))), "unreadable"),
        (Manner::HangsUp, "unreachable"),
        (Manner::Silent, "timeout"),
    ];
    for (at, (manner, result)) in failures.iter().enumerate() {
        office.now(manner.clone());
        let began = std::time::Instant::now();
        let answer = registrar.post(&verifications_of(&her), json!({})).await;
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "{result}: the time-out does not hold");
        assert!(answer.headers.contains_key("retry-after"), "{result}");
        answer.expect_problem(503, "POPULATION_OFFICE_AWAY");
        assert_eq!(office.calls(), at + 1, "no call is tried twice");
        let of_this = failures[..=at].iter().filter(|(_, other)| other == result).count();
        let logged = count(server.database(), &format!("{CALLS} WHERE result = '{result}'"));
        assert_eq!(logged, i64::try_from(of_this).expect("few"), "{result}");
    }
    assert_eq!(registrar.get(&verifications_of(&her)).await.expect(200)["items"], json!([]));
    office.says(json!({"status": "found"}));
    registrar.post(&verifications_of(&her), json!({})).await.expect(201);
}

on_both!(the_breaker_opens_after_failures_and_closes_after_its_pause);
async fn the_breaker_opens_after_failures_and_closes_after_its_pause(given: WithOffice) {
    let WithOffice { mut server, office } = given;
    restart(&mut server, &office, &[("population_office.breaker_failures", "3"), ("population_office.breaker_pause_seconds", "60")]);
    let admin = server.client().as_role("admin");
    let her = register(&admin, 9001, json!({})).await;
    let breaker = async || admin.get("/api/v1/population-office/status").await.expect(200)["breaker"].clone();
    assert_eq!(breaker().await, "closed");
    office.now(Manner::Status(500));
    for _ in 0..5 {
        admin.post(&verifications_of(&her), json!({})).await.expect_problem(503, "POPULATION_OFFICE_AWAY");
    }
    assert_eq!((office.calls(), breaker().await), (3, json!("open")), "two of five were spared");

    server.put_forward(chrono::Duration::seconds(61));
    admin.post(&verifications_of(&her), json!({})).await.expect_problem(503, "POPULATION_OFFICE_AWAY");
    assert_eq!((office.calls(), breaker().await), (4, json!("open")), "one call tries");

    server.put_forward(chrono::Duration::seconds(61));
    office.says(json!({"status": "found"}));
    for _ in 0..2 {
        admin.post(&verifications_of(&her), json!({})).await.expect(201);
    }
    assert_eq!((office.calls(), breaker().await), (6, json!("closed")));
    let metrics = admin.get("/metrics").await.text;
    assert!(metrics.contains("ksnik_population_office_breaker{state=\"open\"}"), "{metrics}");
    // Those that were not made are in no report.
    assert_eq!(count(server.database(), CALLS), 6);
}

on_both!(a_retry_with_its_key_asks_once);
async fn a_retry_with_its_key_asks_once(given: WithOffice) {
    let WithOffice { server, office } = given;
    let registrar = server.client().as_role("registrar");
    let her = register(&registrar, 9001, json!({})).await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = registrar.request(reqwest::Method::POST, &verifications_of(&her)).header("Idempotency-Key", "sekali-saja");
        answers.push(registrar.send(request.json(&json!({"purpose": "audit"}))).await.expect(201));
    }
    assert_eq!((answers[0] == answers[1], office.calls()), (true, 1));
}

on_both!(nobody_is_asked_about_without_a_nik_or_without_an_office);
async fn nobody_is_asked_about_without_a_nik_or_without_an_office(given: WithOffice) {
    let WithOffice { mut server, office } = given;
    let registrar = server.client().as_role("registrar");
    let her = register(&registrar, 9001, json!({})).await;
    let nameless = registrar.post("/api/v1/participants/temporary", json!({"reason": "unidentified"})).await.expect(201);
    registrar.post(&verifications_of(&nameless), json!({})).await.expect_problem(409, "PARTICIPANT_WITHOUT_NIK");
    registrar.post(&verifications_of(&her), json!({"purpose": "curiosity"})).await.expect_problem(422, "UNKNOWN_VALUE");
    for driver in ["off", "snapshot"] {
        server.restart(&[("population_office.driver", driver)]);
        let registrar = server.client().as_role("registrar");
        registrar.post(&verifications_of(&her), json!({})).await.expect_problem(409, "POPULATION_OFFICE_NOT_ASKED");
        let status = server.client().as_role("dpo").get("/api/v1/population-office/status").await.expect(200);
        assert_eq!(status, json!({"driver": driver, "breaker": null, "snapshot": null, "last_answer_at": null}));
    }
    assert_eq!((office.calls(), count(server.database(), CALLS)), (0, 0));
}

#[test]
fn what_would_send_a_nik_into_the_open_is_refused_at_the_start() {
    use ksnik::service::population_office::Office;
    let Some(database) = Database::copy_of(Engine::Sqlite, Seed::Migrated) else { return };
    let empty = tempfile::NamedTempFile::new().expect("a file");
    let empty = empty.path().to_str().expect("a plain path");
    for (more, what) in [
        (vec![("population_office.url", "")], "population_office.url"),
        (vec![("population_office.url", "http://dukcapil.example/x")], "https"),
        (vec![("population_office.url", "https://user:secret@dukcapil.example/x")], "credentials"),
        (vec![("population_office.url", "https://dukcapil.example/x")], "ca_file"),
        (vec![("population_office.url", "https://dukcapil.example/x"), ("population_office.ca_file", empty)], "no certificate"),
        (vec![("population_office.url", "http://127.0.0.1:1/x"), ("population_office.credentials_file", empty)], "credentials"),
        (vec![("population_office.url", "http://127.0.0.1:1/x"), ("population_office.credentials", "a\nb")], "credentials"),
    ] {
        let settings = product::settings(database.url(), &[&[("population_office.driver", "web_service")], more.as_slice()].concat());
        let refusal = Office::open(&settings.population_office).err().unwrap_or_default();
        assert!(refusal.contains(what) && !refusal.contains("secret"), "{more:?}: {refusal}");
    }
}

on_both!(what_differs_at_registration_warns_and_refuses_nobody);
async fn what_differs_at_registration_warns_and_refuses_nobody(given: WithOffice) {
    let WithOffice { mut server, office } = given;
    restart(&mut server, &office, &[("population_office.verify_registrations", "true")]);
    let registrar = server.client().as_role("registrar");
    office.says(json!({"status": "found", "name": false, "birth_date": true}));
    let her = registrar.post("/api/v1/participants", person(9001, json!({}))).await.expect(201);
    let warnings = her["warnings"].as_array().expect("a list");
    assert!(warnings.iter().any(|warning| warning["code"] == "POPULATION_DIFFERS"), "{warnings:?}");
    let listed = registrar.get(&verifications_of(&her)).await.expect(200);
    assert_eq!(listed["items"][0]["verdict"], "differs");
    office.now(Manner::Status(500));
    registrar.post("/api/v1/participants", person(9002, json!({"relation": "child"}))).await.expect(201);
    assert_eq!(office.calls(), 2);
}
