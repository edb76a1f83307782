//! What changed about a person, who looked, and that a stolen file discloses no one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::people::{KK, LOOKUP, OTHER_VILLAGE, PARTICIPANTS, SEARCH, household_of, nik, path_of, person, register};
use super::support::client::Client;
use super::support::databases::Engine;
use super::support::on_both;
use super::support::server::Server;
use super::support::small_city::id_of;

async fn kinds(client: &Client, path: &str) -> Vec<String> {
    let items = client.get(path).await.expect(200)["items"].clone();
    items.as_array().expect("a list").iter().map(|item| item["kind"].as_str().expect("a kind").to_owned()).collect()
}

on_both!(the_history_tells_what_changed_when_and_by_whom);
async fn the_history_tells_what_changed_when_and_by_whom(server: Server) {
    let (registrar, admin) = (server.client().as_role("registrar"), server.client().as_role("admin"));
    let who = register(&registrar, 9001, json!({})).await;
    let place = path_of(&who);
    let request = admin
        .request(reqwest::Method::PATCH, &place)
        .header("If-Match", "\"1\"")
        .header("X-Actor", "Pak Harun")
        .header("X-Purpose", "registration")
        .json(&json!({"name": "Wulan Sari", "phone": null, "reason": "as on the birth certificate"}));
    admin.send(request).await.expect(200);
    admin.put(&format!("{place}/jkn-status"), json!({"segment": "PPU", "state": "active", "valid_from": "2024-01-01"})).await.expect(201);
    let death = admin.post(&format!("{place}/events"), json!({"kind": "deceased", "date": "2026-01-10"})).await.expect(201);
    admin.post(&format!("{place}/events/{}/revoke", death["id"].as_str().unwrap()), json!({"reason": "another Wulan"})).await.expect(200);
    let renumbered = json!({"kind": "renumbered", "date": "2026-02-01", "new_kk_number": "3275012001159008"});
    admin.post(&format!("{}/events", household_of(&who)), renumbered).await.expect(201);
    admin.post(LOOKUP, json!({"nik": nik(9001)})).await.expect(200);

    let history = format!("{place}/history");
    let expected = [
        "household.renumbered",
        "participant.event_revoked",
        "participant.event_recorded",
        "participant.jkn_recorded",
        "participant.corrected",
        "participant.registered",
    ];
    assert_eq!(kinds(&registrar, &history).await, expected, "newest first, and looking is no change");
    let items = registrar.get(&history).await.expect(200)["items"].clone();
    let corrected = &items[4];
    assert_eq!(corrected["changes"]["name"], json!({"before": "Wulan Teladan", "after": "Wulan Sari"}));
    assert_eq!(corrected["changes"]["phone"], json!({"before": "081200000007", "after": null}));
    assert_eq!((&corrected["reason"], &corrected["purpose"]), (&json!("as on the birth certificate"), &json!("registration")));
    assert_eq!(corrected["by"], json!({"user_id": id_of("admin").to_string(), "username": "admin", "facility_id": null, "actor": "Pak Harun"}));
    assert_eq!((&items[5]["by"]["username"], &items[1]["reason"]), (&json!("registrar"), &json!("another Wulan")));

    let first = registrar.get(&format!("{history}?limit=4")).await.expect(200);
    let cursor = first["next_cursor"].as_str().expect("another page");
    let second = registrar.get(&format!("{history}?limit=4&cursor={cursor}")).await.expect(200);
    let paged: Vec<&Value> = [&first, &second].iter().flat_map(|page| page["items"].as_array().expect("a list")).collect();
    assert_eq!((json!(paged), &second["next_cursor"]), (items, &Value::Null));

    server.client().as_role("auditor").get(&history).await.expect(200);
    for role in ["clinic", "hospital", "verifier", "finance", "manager", "dpo"] {
        server.client().as_role(role).get(&history).await.expect_problem(403, "NOT_ALLOWED");
    }
    let nobody = format!("{PARTICIPANTS}/0190a000-0000-7000-8000-000000000000/history");
    registrar.get(&nobody).await.expect_problem(404, "NOT_FOUND");
}

on_both!(every_look_at_a_person_is_in_the_log);
async fn every_look_at_a_person_is_in_the_log(server: Server) {
    let (admin, auditor) = (server.client().as_role("admin"), server.client().as_role("auditor"));
    let seen = register(&admin, 9001, json!({})).await;
    let other = register(&admin, 9002, json!({"name": "Wulan Lestari", "relation": "child"})).await;
    let place = path_of(&seen);
    let log = async |of: &Value| {
        let path = format!("/api/v1/audit/events?limit=200&participant_id={}", of["id"].as_str().expect("an id"));
        kinds(&auditor, &path)
            .await
            .into_iter()
            .filter(|kind| !["participant.registered", "audit.read"].contains(&kind.as_str()))
            .collect::<BTreeSet<String>>()
    };
    admin.get(&place).await.expect(200);
    admin.get(&format!("{place}/jkn-statuses")).await.expect(200);
    admin.get(&format!("{place}/history")).await.expect(200);
    server.client().as_role("clinic").post(LOOKUP, json!({"nik": nik(9001)})).await.expect(200);
    // Both have the word, and only one of them is shown.
    admin.post(SEARCH, json!({"name": "wulan teladan"})).await.expect(200);
    let expected =
        ["participant.history_read", "participant.jkn_read", "participant.looked_up", "participant.read", "participants.searched"].map(str::to_owned);
    assert_eq!(log(&seen).await, BTreeSet::from(expected));
    assert_eq!(log(&other).await, BTreeSet::new(), "who is not shown was not looked at");

    admin.get(&household_of(&seen)).await.expect(200);
    assert_eq!(log(&other).await, BTreeSet::from(["household.read".to_owned()]));
}

on_both!(a_stolen_file_discloses_no_one);
async fn a_stolen_file_discloses_no_one(server: Server) {
    let admin = server.client().as_role("admin");
    let canaries =
        ["Kenari", "Jl. Canary 88", "081299990001", "Ibu Canary", "1991-03-17", "3275012001159007", "AK-CANARY-1", "reason-canary", "note-canary"];
    let body = json!({"name": "Kenari Teladan", "address": "Jl. Canary 88", "phone": "081299990001", "mother_name": "Ibu Canary", "birth_date": "1991-03-17"});
    let who = register(&admin, 9001, body).await;
    let place = path_of(&who);
    admin.patch(&place, "\"1\"", json!({"nik": nik(9002), "resident_since": "2012-01-01", "reason": "reason-canary"})).await.expect(200);
    let event = json!({"kind": "moved_in", "date": "2020-01-01", "village_code": OTHER_VILLAGE, "kk_number": "3275012001159008", "document_number": "AK-CANARY-1", "note": "note-canary"});
    admin.post(&format!("{place}/events"), event).await.expect(201);
    admin.post(SEARCH, json!({"name": "kenari"})).await.expect(200);
    let request = admin.request(reqwest::Method::POST, PARTICIPANTS).header("Idempotency-Key", "k-1");
    admin.send(request.json(&person(9003, json!({"name": "Kenari Kedua", "kk_number": "3275012001159009"})))).await.expect(201);

    let Some(file) = server.database().url().strip_prefix("sqlite://").filter(|_| server.database().engine() == Engine::Sqlite) else { return };
    let mut bytes = std::fs::read(file).expect("the file");
    bytes.extend(std::fs::read(format!("{file}-wal")).unwrap_or_default());
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()));
    assert!(holds("participant.registered") && holds(OTHER_VILLAGE), "what is open is found, so the search works");
    let numbers: Vec<String> = (9001..=9003).map(nik).collect();
    for canary in canaries.into_iter().chain(numbers.iter().map(String::as_str)).chain([KK, "3275012001159008", "3275012001159009"]) {
        assert!(!holds(canary), "{canary} is in the file");
    }
}
