//! Recorded checks: read, listed and decided again by whom they concern; and none is answered that is not recorded.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::harness::count;
use super::people::{nik, register};
use super::questions::{BATCH, CHECKS, ask, decision, keeps_promises, path_of, question, question_of, rule};
use super::support::databases::{Database, Engine};
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::{NOBODY, id_of};

const RECORDED: &str = "SELECT count(*) FROM eligibility_checks";

on_both!(a_check_is_read_as_it_was_answered);
async fn a_check_is_read_as_it_was_answered(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    for changes in [
        json!({"nik": nik(9001)}),
        json!({"nik": NOBODY}),
        json!({"card_number": "KS-000001"}),
        json!({"nik": nik(9001), "claimed_name": "Wulan Sari", "ward_class": "I"}),
        json!({"nik": nik(9001), "care_type": "emergency", "facts": {"papers": []}}),
        json!({"nik": nik(9001), "service_date": "2018-12-10", "retrospective": true, "recorded_offline_at": "2018-12-10T00:00:00Z"}),
    ] {
        let answered = ask(&hospital, question(changes)).await;
        assert_eq!(hospital.get(&path_of(&answered)).await.expect(200), answered);
        let in_indonesian = hospital.in_language("id").get(&path_of(&answered)).await.expect(200);
        keeps_promises(&in_indonesian);
        assert_ne!(in_indonesian["rules"], answered["rules"]);
        for user in ["admin", "auditor"] {
            assert_eq!(server.client().as_role(user).get(&path_of(&answered)).await.expect(200), answered, "{user}");
        }
    }
}

on_both!(a_check_is_seen_by_whom_it_concerns_and_its_reading_is_recorded);
async fn a_check_is_seen_by_whom_it_concerns_and_its_reading_is_recorded(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let her = register(&registrar, 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let asked = hospital.request(Method::POST, CHECKS).header("X-Purpose", "treatment").header("X-Actor", "loket 2");
    let of_hospital = hospital.send(asked.json(&question(json!({"nik": nik(9001)})))).await.expect(201);
    let of_registrar = ask(&registrar, question(json!({"nik": nik(9001), "facility_id": id_of("klinik")}))).await;
    for (user, statuses) in [
        ("hospital", [200, 404]),
        ("other_hospital", [404, 404]),
        ("clinic", [404, 200]),
        ("counter", [404, 404]),
        ("registrar", [404, 200]),
        ("admin", [200, 200]),
        ("auditor", [200, 200]),
        ("verifier", [403, 403]),
        ("dpo", [403, 403]),
    ] {
        let client = server.client().as_role(user);
        for (check, status) in [&of_hospital, &of_registrar].into_iter().zip(statuses) {
            let answer = client.get(&path_of(check)).await;
            assert_eq!(answer.status, status, "{user}");
            if status == 404 {
                let unknown = client.get(&format!("{CHECKS}/{}", id_of("nowhere"))).await;
                assert_eq!((unknown.status, &unknown.json["detail"]), (404, &answer.json["detail"]), "not there and not yours are one answer");
            }
        }
    }
    let auditor = server.client().as_role("auditor");
    let events = async |kind: &str| {
        let path = format!("/api/v1/audit/events?kind={kind}&participant_id={}", her["id"].as_str().expect("an id"));
        auditor.get(&path).await.expect(200)["items"].as_array().expect("a list").clone()
    };
    let recorded = events("check.recorded").await;
    assert_eq!((recorded.len(), &recorded[1]["object_id"], &recorded[1]["purpose"]), (2, &of_hospital["id"], &json!("treatment")));
    assert_eq!((&recorded[1]["user_id"], &recorded[1]["payload"]["actor"]), (&json!(id_of("hospital")), &json!("loket 2")));
    assert_eq!(events("check.read").await.len(), 7, "every reading of hers, and no refused one");
}

on_both!(a_list_is_narrowed_and_names_nobody);
async fn a_list_is_narrowed_and_names_nobody(server: DatedServer) {
    let her = register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let emergency = ask(&hospital, question_of("2026-10-01", json!({"nik": nik(9001), "care_type": "emergency"}))).await;
    let refused = ask(&hospital, question(json!({"nik": nik(9001), "ward_class": "I"}))).await;
    let elsewhere = ask(&server.client().as_role("clinic"), question(json!({"nik": nik(9001), "care_type": "primary"}))).await;
    let of_registrar = ask(&server.client().as_role("registrar"), question(json!({"nik": nik(9001), "facility_id": id_of("rsud")}))).await;

    let rsud = format!("?facility_id={}", id_of("rsud"));
    for (user, query, expected) in [
        ("hospital", "", vec![&of_registrar, &refused, &emergency]),
        ("hospital", "?decision=not_eligible", vec![&refused]),
        ("hospital", "?care_type=emergency", vec![&emergency]),
        ("hospital", "?to=2026-11-20", vec![&emergency]),
        ("hospital", "?from=2026-10-01&to=2026-10-01", vec![&emergency]),
        ("hospital", "?from=2026-10-02", vec![&of_registrar, &refused]),
        ("hospital", rsud.as_str(), vec![&of_registrar, &refused, &emergency]),
        ("clinic", rsud.as_str(), vec![]),
        ("clinic", "", vec![&elsewhere]),
        ("registrar", "", vec![&of_registrar]),
        ("counter", "", vec![]),
        ("admin", "", vec![&of_registrar, &elsewhere, &refused, &emergency]),
        ("auditor", rsud.as_str(), vec![&of_registrar, &refused, &emergency]),
    ] {
        let answer = server.client().as_role(user).get(&format!("{CHECKS}{query}")).await;
        assert!(!answer.text.contains("Wulan") && !answer.text.contains("3275*"), "a person in a list: {}", answer.text);
        let listed = answer.expect(200);
        let ids: Vec<&Value> = listed["items"].as_array().expect("a list").iter().map(|item| &item["id"]).collect();
        assert_eq!(ids, expected.iter().map(|check| &check["id"]).collect::<Vec<_>>(), "{user} {query}");
    }
    let first = hospital.get(&format!("{CHECKS}?decision=not_eligible")).await.expect(200)["items"][0].clone();
    assert_eq!((&first["failing"], &first["participant_id"], &first["service_date"]), (&json!(["CLASS_NOT_COVERED"]), &her["id"], &json!(TODAY)));
    for query in ["?decision=perhaps", "?from=2026-02-30", "?from=2026-11-02&to=2026-11-01", "?limit=0", "?limit=201", "?cursor=x", "?nik=1"] {
        hospital.get(&format!("{CHECKS}{query}")).await.expect(422);
    }
}

on_both!(pages_stay_while_checks_arrive);
async fn pages_stay_while_checks_arrive(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.push(ask(&hospital, question(json!({"nik": nik(9001)}))).await["id"].clone());
        // Ids of one millisecond are in no order.
        server.put_forward(chrono::Duration::milliseconds(2));
    }
    expected.reverse();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = hospital.get(&format!("{CHECKS}?limit=3{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().expect("a list").iter().map(|item| item["id"].clone()));
        ask(&hospital, question(json!({"nik": nik(9001)}))).await;
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, expected);
    assert_eq!(hospital.get(&format!("{CHECKS}?limit=200")).await.expect(200)["items"].as_array().map(Vec::len), Some(10));
}

on_both!(deciding_again_gives_the_same_and_shows_what_was_altered);
async fn deciding_again_gives_the_same_and_shows_what_was_altered(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let (hospital, auditor) = (server.client().as_role("hospital"), server.client().as_role("auditor"));
    for changes in [json!({"nik": nik(9001)}), json!({"nik": NOBODY}), json!({"nik": nik(9001), "care_type": "emergency", "facts": {"papers": []}})] {
        let check = ask(&hospital, question(changes)).await;
        let replay = format!("{}/replay", path_of(&check));
        for user in ["auditor", "admin"] {
            let replayed = server.client().as_role(user).post(&replay, json!({})).await.expect(200);
            assert_eq!((&replayed["identical"], &replayed["decision"]), (&json!(true), &check["decision"]), "{user}");
            assert_eq!((&replayed["stored_hash"], &replayed["engine_version"]), (&replayed["replayed_hash"], &json!(1)));
            for hash in ["stored_hash", "rule_set_hash"] {
                assert!(replayed[hash].as_str().is_some_and(|hash| hash.len() == 64), "{replayed}");
            }
        }
        hospital.post(&replay, json!({})).await.expect_problem(403, "NOT_ALLOWED");
    }
    auditor.post(&format!("{CHECKS}/{}/replay", id_of("nowhere")), json!({})).await.expect_problem(404, "NOT_FOUND");

    let check = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    let other = match server.database().engine() {
        Engine::Sqlite => "zeroblob(32)",
        Engine::Postgres => "decode(repeat('00', 32), 'hex')",
    };
    server.database().execute(&format!("UPDATE eligibility_checks SET digest = {other}")).expect("an altered record");
    let replayed = auditor.post(&format!("{}/replay", path_of(&check)), json!({})).await.expect(200);
    assert_eq!((&replayed["identical"], &replayed["stored_hash"]), (&json!(false), &json!("0".repeat(64))));
}

on_both!(of_64_questions_at_once_each_is_recorded_once);
async fn of_64_questions_at_once_each_is_recorded_once(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    for serial in 9001..9005 {
        register(&registrar, serial, json!({"relation": "other"})).await;
    }
    let asked: Vec<_> = (0..64u16)
        .map(|at| {
            let hospital = server.client().as_role(if at % 3 == 0 { "clinic" } else { "hospital" });
            let body = question(json!({"nik": nik(9001 + at % 4), "care_type": "emergency", "diagnosis_code": format!("I{:02}", at)}));
            tokio::spawn(async move { (at, ask(&hospital, body).await) })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for answer in asked {
        let (at, check) = answer.await.expect("an answer");
        assert_eq!((decision(&check), &check["participant"]["nik_masked"]), ("eligible", &json!(format!("3275**********{:02}", 1 + at % 4))));
        assert!(ids.insert(check["id"].as_str().expect("an id").to_owned()));
    }
    assert_eq!(count(server.database(), RECORDED), 64);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'check.recorded'"), 64);
    let admin = server.client().as_role("admin");
    let listed = admin.get(&format!("{CHECKS}?limit=200")).await.expect(200);
    assert!(listed["items"].as_array().expect("a list").iter().map(|item| item["id"].as_str().expect("an id").to_owned()).eq(ids.into_iter().rev()));
}

/// A rule of the database itself that lets no emergency in.
pub fn refuse_emergencies(database: &Database) {
    let rule = match database.engine() {
        Engine::Sqlite => {
            "CREATE TRIGGER no_emergencies BEFORE INSERT ON eligibility_checks WHEN NEW.care_type = 'emergency' BEGIN SELECT RAISE(ABORT, 'no'); END;"
        }
        Engine::Postgres => "ALTER TABLE eligibility_checks ADD CONSTRAINT no_emergencies CHECK (care_type <> 'emergency');",
    };
    database.execute(rule).expect("a rule of the database");
}

on_both!(what_cannot_be_recorded_is_not_answered_and_takes_nothing_with_it);
async fn what_cannot_be_recorded_is_not_answered_and_takes_nothing_with_it(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    refuse_emergencies(server.database());
    let hospital = server.client().as_role("hospital");
    let emergency = question(json!({"nik": nik(9001), "care_type": "emergency"}));
    hospital.post(CHECKS, emergency.clone()).await.expect_problem(500, "INTERNAL");
    assert_eq!(count(server.database(), RECORDED), 0);

    let good = question(json!({"nik": nik(9001)}));
    let answer = hospital.post(BATCH, json!({"checks": [good, emergency, good]})).await.expect(200);
    let statuses: Vec<&Value> = answer["items"].as_array().expect("a list").iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, [201, 500, 201]);
    assert_eq!(count(server.database(), RECORDED), 2);
    assert_eq!(rule(&answer["items"][2]["result"], "CLASS_NOT_COVERED")["outcome"], "pass");
}
