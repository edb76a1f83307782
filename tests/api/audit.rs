//! The audit log: that it is read with leave, and that whatever is done to it shows.

use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use ksnik::service::audit::{BreakKind, verify};
use ksnik::service::checkpoints;
use ksnik::store::audit::Head;
use ksnik::store::audit_checkpoints;
use serde_json::{Value, json};

use super::support::audited::{deep, opened, record, try_to_break};
use super::support::databases::{Database, Engine, Seed};
use super::support::house::House;
use super::support::on_both;
use super::support::server::Server;
use super::support::small_city::{PEOPLE, execute, id_of};
use super::support::tampering::Intruder;

on_both!(whatever_is_done_to_the_log_is_found);
async fn whatever_is_done_to_the_log_is_found(database: Database) {
    try_to_break(&database, 300, 250, 0x5eed_0013);
}

on_both!(a_cut_tail_with_the_heads_put_back_is_betrayed_by_checkpoints);
async fn a_cut_tail_with_the_heads_put_back_is_betrayed_by_checkpoints(database: Database) {
    let (app, mut db) = opened(&database);
    record(&app, 60);
    let signed = checkpoints::sign(&app, &mut db).unwrap().expect("there are new events");
    assert_eq!(checkpoints::sign(&app, &mut db).unwrap(), None, "nothing new to sign");
    assert_eq!(verify(&mut db, true, &mut [signed.clone()].into_iter().map(Ok)).unwrap().broken, None);
    let mut intruder = Intruder::at(database.url());
    let rows = intruder.rows();
    let stripe = rows.last().expect("events").stripe;
    let cut = intruder.cut(&rows, stripe, 2);
    let left = intruder.rows().into_iter().rfind(|row| row.stripe == stripe);
    let head = left.map_or(Head { stripe, seq: 0, link: vec![0; 32] }, |row| Head { stripe, seq: row.seq, link: row.link });
    intruder.set_head(&head);

    let verdict = deep(&mut db);
    cut.must_be_told_by(&verdict);
    assert_eq!(verdict.broken.and_then(|broken| broken.checkpoint_id), Some(signed.id));

    // Who leaves no other trace is found only by checkpoints that were kept outside.
    execute(&app, "DELETE FROM audit_checkpoints; DELETE FROM audit_subjects WHERE event_id NOT IN (SELECT id FROM audit_events)");
    assert_eq!(deep(&mut db).broken, None);
    let told = serde_json::to_string(&signed).unwrap();
    for kept in [
        told.clone(),
        json!({"items": [signed]}).to_string(),
        json!({"level": "INFO", "fields": {"message": "signed", "checkpoint": told}}).to_string(),
    ] {
        let kept = checkpoints::kept_in(&kept);
        let verdict = verify(&mut db, false, &mut kept.into_iter().map(Ok)).unwrap();
        cut.must_be_told_by(&verdict);
    }
}

on_both!(a_checkpoint_that_was_altered_is_named);
async fn a_checkpoint_that_was_altered_is_named(database: Database) {
    let (app, mut db) = opened(&database);
    record(&app, 20);
    let signed = checkpoints::sign(&app, &mut db).unwrap().expect("there are new events");
    let heads = serde_json::to_string(&signed.heads).unwrap();
    for (change, back) in [
        ("key_id = key_id + 1".to_owned(), "key_id = key_id - 1".to_owned()),
        (format!("heads = '{}'", heads.replacen("\"seq\":", "\"seq\":1", 1)), format!("heads = '{heads}'")),
        (format!("heads = ' {heads}'"), format!("heads = '{heads}'")),
    ] {
        execute(&app, &format!("UPDATE audit_checkpoints SET {change}"));
        let broken = deep(&mut db).broken.expect("it is found");
        assert_eq!((broken.kind, broken.checkpoint_id), (BreakKind::CheckpointAltered, Some(signed.id)), "{change}");
        execute(&app, &format!("UPDATE audit_checkpoints SET {back}"));
    }
    let mut forged = signed.clone();
    forged.heads[0].link = forged.heads[0].link.chars().rev().collect();
    let broken = verify(&mut db, false, &mut [forged].into_iter().map(Ok)).unwrap().broken.expect("it is found");
    assert_eq!(broken.kind, BreakKind::CheckpointAltered);
    assert_eq!(deep(&mut db).broken, None);
}

on_both!(the_log_is_signed_when_the_service_ends);
async fn the_log_is_signed_when_the_service_ends(mut server: Server) {
    server.client().as_role("auditor").get("/api/v1/audit/events").await.expect(200);
    server.stop();
    let (_, mut db) = opened(server.database());
    let latest = audit_checkpoints::latest(&mut db).unwrap().expect("a checkpoint");
    let heads = Intruder::at(server.database().url()).heads();
    assert!(latest.heads.iter().zip(&heads).all(|(signed, head)| signed.seq == head.seq && signed.is_link(&head.link)));
    assert_eq!(deep(&mut db).broken, None);
}

on_both!(events_are_narrowed_opened_and_reading_them_is_one);
async fn events_are_narrowed_opened_and_reading_them_is_one(server: Server) {
    let clinic = server.client().as_role("clinic");
    let today = (chrono::Utc::now() + chrono::Duration::hours(7)).date_naive();
    let body = json!({"nik": PEOPLE[0].0, "diagnosis_code": "A09", "issued_on": today});
    let request = clinic.request(reqwest::Method::POST, "/api/v1/referrals").header("X-Purpose", "treatment").header("X-Actor", "loket 2");
    let referral = clinic.send(request.json(&body)).await.expect(201);

    let (auditor, person, user) = (server.client().as_role("auditor"), id_of(PEOPLE[0].0), id_of("clinic"));
    let events =
        async |query: &str| auditor.get(&format!("/api/v1/audit/events{query}")).await.expect(200)["items"].as_array().expect("a list").clone();
    let found = events(&format!("?participant_id={person}")).await;
    let [event] = &found[..] else { panic!("one event: {found:?}") };
    for (field, expected) in [
        ("kind", json!("referral.issued")),
        ("user_id", json!(user)),
        ("facility_id", json!(id_of("klinik"))),
        ("object_id", referral["id"].clone()),
        ("purpose", json!("treatment")),
        ("subjects", json!([person])),
        ("payload", json!({"actor": "loket 2", "number": referral["number"]})),
    ] {
        assert_eq!(event[field], expected, "{field}");
    }
    let tomorrow = today.succ_opt().expect("a date");
    for (query, count) in [
        (format!("?kind=referral.issued&user_id={user}&facility_id={}", id_of("klinik")), 1),
        (format!("?kind=referral.issued&from={today}&to={today}"), 1),
        (format!("?kind=referral.issued&from={tomorrow}"), 0),
        ("?kind=referral.issued&to=2020-01-01".to_owned(), 0),
        (format!("?kind=referral.issued&user_id={}", id_of("counter")), 0),
    ] {
        assert_eq!(events(&query).await.len(), count, "{query}");
    }
    let read = events(&format!("?kind=audit.read&participant_id={person}")).await;
    assert_eq!(read[0]["payload"]["filter"]["kind"], "referral.issued", "who reads the log is in it");
    auditor.get("/api/v1/audit/events?from=2026-02-01&to=2026-01-01").await.expect_problem(422, "BEFORE_FROM");

    let page = auditor.get("/api/v1/audit/events?limit=2").await.expect(200);
    let next = auditor.get(&format!("/api/v1/audit/events?limit=2&cursor={}", page["next_cursor"].as_str().unwrap())).await.expect(200);
    assert!(next["items"][0]["id"].as_str() < page["items"][1]["id"].as_str());
}

on_both!(the_log_is_for_those_who_watch_over_it);
async fn the_log_is_for_those_who_watch_over_it(server: Server) {
    for (user, events, rest) in [("auditor", 200, 200), ("dpo", 200, 403), ("admin", 403, 403), ("hospital", 403, 403), ("manager", 403, 403)] {
        let client = server.client().as_role(user);
        for (path, status) in [("events", events), ("verify", rest), ("verify?deep=true", rest), ("checkpoints", rest)] {
            assert_eq!(client.get(&format!("/api/v1/audit/{path}")).await.status, status, "{user} {path}");
        }
    }
}

on_both!(the_verdict_names_the_event_over_http_and_on_the_command_line);
async fn the_verdict_names_the_event_over_http_and_on_the_command_line(server: Server) {
    let auditor = server.client().as_role("auditor");
    let (app, mut db) = opened(server.database());
    checkpoints::sign(&app, &mut db).unwrap().expect("there are new events");
    let told = auditor.get("/api/v1/audit/checkpoints").await.expect(200);
    let file = super::support::run_folder::fresh_path("json");
    std::fs::write(&file, serde_json::to_string_pretty(&told).unwrap()).unwrap();
    let whole = auditor.get("/api/v1/audit/verify?deep=true").await.expect(200);
    assert_eq!((&whole["intact"], &whole["broken"], &whole["checkpoints"]), (&json!(true), &Value::Null, &json!(1)));
    let (code, text) = verified_by_command(server.database(), &["--against", file.to_str().unwrap()]);
    assert!(code == Some(0) && text.contains("2 checkpoints"), "{code:?} {text}");

    let event = auditor.get("/api/v1/audit/events?limit=1").await.expect(200)["items"][0].clone();
    execute(&app, &format!("UPDATE audit_events SET kind = 'nothing.happened' WHERE kind = '{}'", event["kind"].as_str().unwrap()));
    let broken = auditor.get("/api/v1/audit/verify").await.expect(200);
    assert_eq!((&broken["intact"], &broken["broken"]["kind"], &broken["broken"]["column"]), (&json!(false), &json!("altered"), &json!("kind")));
    let (code, text) = verified_by_command(server.database(), &["--deep"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains(broken["broken"]["event_id"].as_str().unwrap()) && text.contains("BROKEN"), "{text}");
}

fn with_one_connection(engine: Engine) -> Option<House> {
    Some(House::with(Database::copy_of(engine, Seed::City)?, &[("database.pool_size", "1"), ("database.wait_ms", "200")]))
}

/// Somebody who verifies for as long as the test likes.
struct UnderWay {
    tell: Sender<()>,
    thread: JoinHandle<()>,
}

impl UnderWay {
    fn begin(house: &House) -> Self {
        let (app, (tell, told), (begun, begins)) = (house.app.clone(), channel(), channel());
        let thread = std::thread::spawn(move || {
            let _turn = app.verifying.lock().expect("nobody panicked with it");
            begun.send(()).expect("the test waits");
            told.recv().expect("the test tells");
        });
        begins.recv().expect("it begins");
        Self { tell, thread }
    }

    fn end(self) {
        self.tell.send(()).expect("it waits");
        self.thread.join().expect("it ends");
    }
}

on_both!(one_verifies_at_a_time_on_a_connection_of_its_own, with_one_connection);
async fn one_verifies_at_a_time_on_a_connection_of_its_own(house: House) {
    let auditor = house.server.client().as_role("auditor");
    // The pool's only connection is lent, and nobody else could be served.
    let lent = house.app.pool.get().expect("a connection");
    auditor.get("/api/v1/users").await.expect_problem(503, "BUSY");
    assert_eq!(auditor.get("/api/v1/audit/verify").await.expect(200)["intact"], json!(true));
    drop(lent);

    let under_way = UnderWay::begin(&house);
    for path in ["/api/v1/audit/verify", "/api/v1/audit/verify?deep=true"] {
        let busy = auditor.get(path).await;
        assert_eq!(busy.header("retry-after"), "1");
        busy.expect_problem(503, "BUSY");
    }
    under_way.end();
    auditor.get("/api/v1/audit/verify").await.expect(200);
    let events = auditor.get("/api/v1/audit/events?kind=audit.verified").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(2), "who is turned away has verified nothing");
}

fn verified_by_command(database: &Database, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ksnik"));
    command.args(["audit", "verify", "--database-url", database.url()]).args(more);
    // Without a log of its own on standard error only the command speaks.
    let output = command
        .env("KSNIK__KEYS__ROOT_KEY", super::support::product::ROOT_KEY)
        .env("KSNIK__LOG__LEVEL", "off")
        .output()
        .expect("the binary is built");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn without_deep_no_key_is_needed() {
    let database = Database::copy_of(Engine::Sqlite, Seed::Migrated).expect("SQLite is always there");
    let output = Command::new(env!("CARGO_BIN_EXE_ksnik"))
        .args(["audit", "verify", "--database-url", database.url()])
        .current_dir(super::support::run_folder::path())
        .output()
        .expect("the binary is built");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
