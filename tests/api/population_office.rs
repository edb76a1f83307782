//! The population office before a check: asked while nothing waits for it, missed when it is away, and reported every semester.

use chrono::NaiveDate;
use ksnik::context::Machine;
use ksnik::domain::nik::Nik;
use ksnik::domain::participants::Sex;
use ksnik::domain::population::{CivilRecord, CivilStatus, SnapshotState};
use ksnik::service::housekeeping;
use ksnik::store;
use ksnik::store::audit::Event;
use ksnik::store::db::write;
use ksnik::store::gate::Priority;
use ksnik::store::population::Snapshot;
use serde_json::{Value, json};
use std::sync::Arc;

use super::harness::count;
use super::people::{nik, register};
use super::questions::{BATCH, ask, codes, decision, question, rule};
use super::support::dated::{DatedServer, TODAY};
use super::support::office::Manner;
use super::support::small_city::{NOBODY, id_of};
use super::support::{on_both, product};
use super::verifications::{WithOffice, restart, verifications_of};

/// Puts a population file in place, as if it had been reconciled.
fn put_file(server: &DatedServer, as_of: &str, people: &[CivilRecord]) {
    let app = product::app(product::settings(server.database().url(), &[]), Arc::new(Machine));
    let mut db = app.pool.connect().expect("a connection");
    housekeeping::prepare(&app, &mut db).expect("keys");
    let context = app.context();
    let keyring = db.keyring();
    let mut records: Vec<_> =
        people.iter().map(|record| (keyring.nik_index(&Nik::parse(&record.nik).expect("a NIK")).expect("a key"), vec![record.clone()])).collect();
    records.sort_by_key(|(index, _)| index.value);
    write(&mut db, Priority::Bulk, |tx| {
        let id = context.new_id();
        let as_of = as_of.parse::<NaiveDate>().expect("a date");
        let snapshot = Snapshot {
            id,
            as_of,
            state: SnapshotState::Loading,
            digest: id.as_bytes().to_vec(),
            records: 0,
            loaded_to: None,
            made_at: context.now,
            updated_at: context.now,
            smaller_confirmed_at: None,
        };
        store::population::insert_snapshot(tx, &snapshot)?;
        assert!(store::population::insert_records(tx, &snapshot, &records, context.now)?);
        assert!(store::population::make_current(tx, id, context.now)?);
        tx.record(Event::new(&context, "population.loaded"));
        Ok(())
    })
    .expect("a file");
}

fn record(serial: u16, name: &str, status: Option<CivilStatus>) -> CivilRecord {
    CivilRecord {
        nik: nik(serial),
        kk_number: super::people::KK.to_owned(),
        name: name.to_owned(),
        birth_date: "1990-02-15".parse().expect("a date"),
        sex: Sex::F,
        village_code: super::people::VILLAGE.parse().expect("a village"),
        status,
        status_date: None,
        resident_since: None,
        jkn_segment: None,
        jkn_state: None,
        row_key: None,
    }
}

fn source<'a>(check: &'a Value, name: &str) -> Option<&'a Value> {
    check["sources"].as_array().expect("a list").iter().find(|source| source["source"] == name)
}

fn as_of(check: &Value) -> Option<&str> {
    source(check, "population")?["as_of"].as_str()
}

on_both!(a_check_asks_the_office_once_a_day_and_says_what_differs);
async fn a_check_asks_the_office_once_a_day_and_says_what_differs(given: WithOffice) {
    let WithOffice { server, office } = given;
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    office.says(json!({"status": "found", "name": false, "birth_date": true, "as_of": "2026-11-20T17:00:00Z"}));
    for _ in 0..3 {
        let check = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
        assert_eq!((decision(&check), as_of(&check)), ("eligible", Some("2026-11-20T17:00:00.000000Z")));
        let differs = rule(&check, "POPULATION_DIFFERS");
        assert_eq!((&differs["outcome"], &differs["value"]), (&json!("warn"), &json!("name")));
        assert!(differs["remedy"].as_str().is_some_and(|remedy| remedy.contains("Disdukcapil")), "{differs}");
        assert_eq!(rule(&check, "POPULATION_DOWN")["outcome"], "pass");
        assert!(source(&check, "registry").is_some());
    }
    assert_eq!(office.calls(), 1);
    for (said, word) in [("not_found", "not_found"), ("inactive", "inactive"), ("deceased", "deceased")] {
        server.put_forward(chrono::Duration::hours(25));
        office.says(json!({"status": said}));
        let hospital = server.client().as_role("hospital");
        let check = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
        let differs = rule(&check, "POPULATION_DIFFERS");
        assert_eq!((decision(&check), &differs["outcome"], &differs["value"]), ("eligible", &json!("warn"), &json!(word)));
        assert_eq!(rule(&check, "NIK_INACTIVE")["outcome"], "pass", "only what a person records refuses");
    }
    // Nobody that the register does not know is asked about.
    let unknown = ask(&server.client().as_role("hospital"), question(json!({"nik": NOBODY}))).await;
    assert_eq!((decision(&unknown), as_of(&unknown), office.calls()), ("not_eligible", None, 4));
}

on_both!(while_the_office_is_away_answers_are_provisional_from_its_last_word);
async fn while_the_office_is_away_answers_are_provisional_from_its_last_word(given: WithOffice) {
    let WithOffice { mut server, office } = given;
    restart(&mut server, &office, &[("population_office.breaker_failures", "2"), ("population_office.breaker_pause_seconds", "86400")]);
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    office.says(json!({"status": "found", "name": true, "birth_date": true}));
    let before = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    assert_eq!(decision(&before), "eligible");

    server.put_forward(chrono::Duration::hours(25));
    office.now(Manner::Status(503));
    let hospital = server.client().as_role("hospital");
    for care in ["inpatient", "emergency"] {
        for _ in 0..2 {
            let check = ask(&hospital, question(json!({"nik": nik(9001), "care_type": care}))).await;
            assert_eq!((decision(&check), as_of(&check)), ("provisional", as_of(&before)), "{care}");
            assert_eq!(codes(&check, "unknown"), ["POPULATION_DOWN"]);
            assert!(check["complete_by"].is_string());
            assert_eq!(rule(&check, "POPULATION_DIFFERS")["outcome"], "pass");
            let replay = server.client().as_role("admin").post(&format!("{}/replay", super::questions::path_of(&check)), json!({})).await.expect(200);
            assert_eq!(replay["identical"], true);
        }
    }
    assert_eq!(office.calls(), 3, "one before, two until the breaker opened");
    let asked = question(json!({"nik": nik(9001), "ward_class": "I"}));
    assert_eq!(decision(&ask(&hospital, asked).await), "not_eligible", "what the register knows still refuses");

    // A file that is newer than the last word counts instead of it.
    put_file(&server, "2026-11-22", &[record(9001, "Wulan Sari", None)]);
    let by_file = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    assert_eq!((decision(&by_file), as_of(&by_file)), ("provisional", Some("2026-11-21T17:00:00.000000Z")));
    assert_eq!(rule(&by_file, "POPULATION_DIFFERS")["value"], "name");

    // Older than a snapshot may be, it counts as none.
    server.put_forward(chrono::Duration::days(31));
    let hospital = server.client().as_role("hospital");
    let old = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    assert_eq!(decision(&old), "undetermined");
    let emergency = ask(&hospital, question(json!({"nik": nik(9001), "care_type": "emergency"}))).await;
    assert_eq!(decision(&emergency), "provisional");
}

on_both!(without_any_word_an_absent_office_leaves_it_open);
async fn without_any_word_an_absent_office_leaves_it_open(given: WithOffice) {
    let WithOffice { server, office } = given;
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    office.now(Manner::HangsUp);
    let hospital = server.client().as_role("hospital");
    for (care, expected) in [("inpatient", "undetermined"), ("emergency", "provisional")] {
        let check = ask(&hospital, question(json!({"nik": nik(9001), "care_type": care}))).await;
        assert_eq!((decision(&check), source(&check, "population").map(|source| &source["as_of"])), (expected, Some(&Value::Null)), "{care}");
    }
}

on_both!(a_silent_office_holds_up_only_those_who_wait_for_it);
async fn a_silent_office_holds_up_only_those_who_wait_for_it(given: WithOffice) {
    let WithOffice { mut server, office } = given;
    restart(&mut server, &office, &[("population_office.timeout_ms", "600"), ("population_office.breaker_failures", "1000")]);
    let registrar = server.client().as_role("registrar");
    register(&registrar, 9001, json!({})).await;
    office.now(Manner::Silent);
    let hospital = server.client().as_role("hospital");
    let waiting = tokio::spawn(async move { ask(&hospital, question(json!({"nik": nik(9001)}))).await });
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while office.calls() == 0 {
        assert!(std::time::Instant::now() < deadline, "the office is not asked");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    // The desk answers others while one question is out.
    let clinic = server.client().as_role("clinic");
    assert_eq!(decision(&ask(&clinic, question(json!({"nik": NOBODY}))).await), "not_eligible");
    assert_eq!(decision(&waiting.await.expect("an answer")), "undetermined");
    assert_eq!(count(server.database(), "SELECT count(*) FROM population_office_calls WHERE result = 'timeout' AND duration_ms >= 600"), 1);
}

on_both!(a_batch_asks_about_each_person_once);
async fn a_batch_asks_about_each_person_once(given: WithOffice) {
    let WithOffice { server, office } = given;
    let registrar = server.client().as_role("registrar");
    for serial in 9001..=9006 {
        register(&registrar, serial, json!({"relation": if serial == 9001 { "head" } else { "child" }})).await;
    }
    let checks: Vec<Value> = (0..60u16).map(|at| question(json!({"nik": nik(9001 + at % 6)}))).collect();
    let answer = server.client().as_role("hospital").post(BATCH, json!({"checks": checks})).await.expect(200);
    let items = answer["items"].as_array().expect("a list");
    assert!(items.iter().all(|item| item["status"] == 201 && item["result"]["decision"] == "eligible"), "{items:?}");
    assert_eq!(count(server.database(), "SELECT count(*) FROM eligibility_checks"), 60);
    // Several may ask at the same moment about one person, but not sixty.
    assert!((6..=24).contains(&office.calls()), "{} calls for six people", office.calls());
    let logged = count(server.database(), "SELECT count(*) FROM population_office_calls WHERE purpose = 'treatment'");
    assert_eq!(usize::try_from(logged).expect("few"), office.calls());
}

on_both!(the_file_is_the_default_office);
async fn the_file_is_the_default_office(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let her = register(&registrar, 9001, json!({})).await;
    for (serial, relation) in [(9002, "child"), (9003, "child"), (9004, "child")] {
        register(&registrar, serial, json!({"relation": relation})).await;
    }
    let hospital = server.client().as_role("hospital");
    let before = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    assert_eq!((decision(&before), source(&before, "population")), ("eligible", None), "without a file nobody is asked");
    assert_eq!(rule(&before, "POPULATION_DIFFERS")["outcome"], "not_applicable");

    let people = [
        record(9001, "Wulan Teladan", None),
        record(9002, "Wulan Sari", Some(CivilStatus::Active)),
        record(9003, "Wulan Teladan", Some(CivilStatus::Deceased)),
    ];
    put_file(&server, "2026-11-01", &people);
    for (serial, outcome, value) in
        [(9001, "pass", Value::Null), (9002, "warn", json!("name")), (9003, "warn", json!("deceased")), (9004, "warn", json!("not_found"))]
    {
        let check = ask(&hospital, question(json!({"nik": nik(serial)}))).await;
        assert_eq!((decision(&check), as_of(&check)), ("eligible", Some("2026-10-31T17:00:00.000000Z")));
        let differs = rule(&check, "POPULATION_DIFFERS");
        assert_eq!((&differs["outcome"], &differs["value"]), (&json!(outcome), &value), "{serial}");
    }
    let by_hand = registrar.post(&verifications_of(&her), json!({})).await.expect(201);
    assert_eq!(
        (&by_hand["verdict"], &by_hand["source"], &by_hand["as_of"]),
        (&json!("match"), &json!("snapshot"), &json!("2026-10-31T17:00:00.000000Z"))
    );
    let status = server.client().as_role("auditor").get("/api/v1/population-office/status").await.expect(200);
    assert_eq!(status["snapshot"], json!({"as_of": "2026-11-01", "age_days": 20, "too_old": false}));

    server.put_forward(chrono::Duration::days(20));
    let later = ask(&server.client().as_role("hospital"), question(json!({"nik": nik(9002)}))).await;
    assert_eq!((decision(&later), source(&later, "population")), ("eligible", None), "a file that is too old is no file");
    let status = server.client().as_role("admin").get("/api/v1/population-office/status").await.expect(200);
    assert_eq!(status["snapshot"]["too_old"], true);
}

on_both!(the_report_counts_what_was_asked_by_whom_and_why);
async fn the_report_counts_what_was_asked_by_whom_and_why(given: WithOffice) {
    let WithOffice { server, office } = given;
    let registrar = server.client().as_role("registrar");
    let her = register(&registrar, 9001, json!({})).await;
    ask(&server.client().as_role("hospital"), question(json!({"nik": nik(9001)}))).await;
    registrar.post(&verifications_of(&her), json!({})).await.expect(201);
    registrar.post(&verifications_of(&her), json!({"purpose": "complaint"})).await.expect(201);
    office.now(Manner::Status(500));
    server.client().as_role("admin").post(&verifications_of(&her), json!({"purpose": "audit"})).await.expect_problem(503, "POPULATION_OFFICE_AWAY");
    // In the next month, and in the next year.
    office.says(json!({"status": "not_found"}));
    for days in [15, 40] {
        server.put_forward(chrono::Duration::days(days));
        server.client().as_role("counter").post(&verifications_of(&her), json!({})).await.expect(201);
    }
    let dpo = server.client().as_role("dpo");
    let path = "/api/v1/population-office/reports";
    let report = dpo.get(&format!("{path}?year=2026&semester=2")).await.expect(200);
    assert_eq!((&report["calls"], &report["failures"]), (&json!(5), &json!(1)));
    assert_eq!(report["by_month"], json!({"2026-11": 4, "2026-12": 1}));
    assert_eq!(report["by_purpose"], json!({"treatment": 1, "registration": 2, "complaint": 1, "audit": 1}));
    assert_eq!(report["by_role"], json!({"hospital": 1, "registrar": 3, "admin": 1}));
    assert_eq!(report["by_result"], json!({"match": 3, "failed": 1, "not_found": 1}));
    let (rsud, puskesmas) = (id_of("rsud").to_string(), id_of("puskesmas").to_string());
    assert_eq!(report["by_facility"], json!({rsud: 1, puskesmas: 1, "none": 3}));
    let next = dpo.get(&format!("{path}?year=2027&semester=1")).await.expect(200);
    assert_eq!((&next["calls"], usize::try_from(report["calls"].as_u64().expect("a count") + 1).ok()), (&json!(1), Some(office.calls())));
    assert_eq!(dpo.get(path).await.expect(200), next, "that of today, where none is named");
    let sum: i64 = report["lines"].as_array().expect("a list").iter().map(|line| line["calls"].as_i64().expect("a count")).sum();
    assert_eq!(sum, 5);

    let file = dpo.get(&format!("{path}?year=2026&semester=2&format=csv")).await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"));
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(
        (lines[0], lines.len() - 1),
        ("month,purpose,facility_id,role,source,result,calls", report["lines"].as_array().expect("a list").len())
    );
    assert!(lines.contains(&"2026-11,audit,,admin,web_service,failed,1"), "{lines:?}");
    assert!(!file.text.contains(&nik(9001)) && !report.to_string().contains(&nik(9001)));
    for (query, code) in [("year=1999", "OUT_OF_RANGE"), ("semester=3", "OUT_OF_RANGE"), ("half=1", "UNKNOWN_PARAMETER")] {
        dpo.get(&format!("{path}?{query}")).await.expect_problem(422, code);
    }
    for (user, status) in [("admin", 200), ("auditor", 200), ("registrar", 403), ("hospital", 403), ("manager", 403)] {
        assert_eq!(server.client().as_role(user).get(path).await.status, status, "{user}");
    }
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'population_office.reported'"), 6);
}

on_both!(neither_a_file_nor_nothing_waits_for_a_network);
async fn neither_a_file_nor_nothing_waits_for_a_network(given: WithOffice) {
    let WithOffice { mut server, office } = given;
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    office.now(Manner::Silent);
    put_file(&server, TODAY, &[record(9001, "Wulan Teladan", None)]);
    for (driver, told) in [("off", false), ("snapshot", true)] {
        restart(&mut server, &office, &[("population_office.driver", driver)]);
        let checks = vec![question(json!({"nik": nik(9001)})); 1000];
        let answer = server.client().as_role("hospital").post(BATCH, json!({"checks": checks})).await.expect(200);
        let items = answer["items"].as_array().expect("a list");
        assert!(
            items.iter().all(|item| item["result"]["decision"] == "eligible" && source(&item["result"], "population").is_some() == told),
            "{driver}"
        );
    }
    assert_eq!(office.calls(), 0);
}

on_both!(with_the_office_off_a_check_reads_and_says_nothing_of_it);
async fn with_the_office_off_a_check_reads_and_says_nothing_of_it(mut server: DatedServer) {
    server.restart(&[("population_office.driver", "off")]);
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    put_file(&server, TODAY, &[record(9001, "Wulan Sari", None)]);
    let check = ask(&server.client().as_role("hospital"), question(json!({"nik": nik(9001)}))).await;
    assert_eq!((decision(&check), source(&check, "population")), ("eligible", None));
}
