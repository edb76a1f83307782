//! The figures of people, visits and hygiene, and the headline figures, against what was counted by hand.

use serde_json::{Value, json};

use super::dashboard::{cells, expected, fresh};
use super::enrollments::{all, file};
use super::harness::count;
use super::people::{OTHER_VILLAGE, VILLAGE, nik, path_of, register};
use super::questions::{ask, question};
use super::reconciliations;
use super::summaries::agree;
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::id_of;

const PARTICIPANTS: &str = "/api/v1/dashboard/participants";
const UTILIZATION: &str = "/api/v1/dashboard/utilization";
const HYGIENE: &str = "/api/v1/dashboard/hygiene";
pub const SUMMARY: &str = "/api/v1/dashboard/summary";
const OTHER_KK: &str = "3275012001159008";

/// What is told; what is named here without a value is not.
fn with_hidden<const N: usize>(told: [(&str, Option<i64>); N]) -> std::collections::BTreeMap<String, Option<i64>> {
    told.into_iter().filter(|(_, value)| value.is_some()).map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Twelve people beside the three of the small city: by hand, in the first village five women and five men of whom three are children, in the other
/// three women; two families.
async fn people(registrar: &Client) -> Vec<Value> {
    let mut made = Vec::new();
    for serial in [9001, 9002] {
        made.push(register(registrar, serial, json!({})).await);
    }
    for (serial, born) in [(9003, "1990-02-15"), (9004, "1990-02-15"), (9005, "2015-02-15"), (9006, "2015-02-15"), (9007, "2015-02-15")] {
        let number = format!("32750115{}{}{serial}", &born[5..7], &born[2..4]);
        made.push(register(registrar, serial, json!({"nik": number, "sex": "M", "birth_date": born, "relation": "child"})).await);
    }
    for serial in [9011, 9012, 9013] {
        made.push(register(registrar, serial, json!({"village_code": OTHER_VILLAGE, "kk_number": OTHER_KK})).await);
    }
    made
}

on_both!(people_are_counted_as_by_hand);
async fn people_are_counted_as_by_hand(server: DatedServer) {
    let (registrar, admin, manager) = (server.client().as_role("registrar"), server.client().as_role("admin"), server.client().as_role("manager"));
    let made = people(&registrar).await;
    let active = file(&registrar, &nik(9001), json!({})).await;
    all(&admin, &active, &["take", "approve", "activate"]).await;
    file(&registrar, &nik(9011), json!({})).await;

    let at = |query: &str| format!("{PARTICIPANTS}?{query}");
    for (query, measure, counted) in [
        ("", "people", with_hidden([("active", Some(13))])),
        ("by=enrollment", "enrollments", with_hidden([("active", Some(1)), ("submitted", Some(1))])),
        ("by=card", "enrollments", with_hidden([("not_printed", Some(1))])),
        ("by=sex", "people", with_hidden([("F", Some(5)), ("M", Some(5))])),
        ("by=age", "people", with_hidden([("18-39", Some(5)), ("40-59", None), ("5-17", None)])),
        ("by=village", "people", with_hidden([(VILLAGE, Some(10)), (OTHER_VILLAGE, None)])),
        ("by=village", "households", with_hidden([(VILLAGE, None), (OTHER_VILLAGE, None)])),
        ("by=village", "enrollments", with_hidden([(VILLAGE, None), (OTHER_VILLAGE, None)])),
        ("by=district", "people", with_hidden([("327501", Some(10))])),
        ("by=sex&village_code=3275011001", "people", with_hidden([("F", Some(5)), ("M", Some(5))])),
        ("by=sex&village_code=3275011002", "people", with_hidden([("F", None)])),
        ("by=state&village_code=3275011001", "people", with_hidden([("active", Some(10))])),
        ("by=state&village_code=3275011002", "people", with_hidden([("active", None)])),
        ("by=enrollment&district_code=327501", "enrollments", with_hidden([("active", None), ("submitted", None)])),
        ("by=sex&district_code=327502", "people", with_hidden([])),
    ] {
        let figure = fresh(&manager, &at(query)).await;
        assert_eq!(cells(&figure, measure), counted, "{query}: {figure}");
        let told: i64 = counted.values().flatten().sum();
        assert!(counted.is_empty() || figure["totals"][measure] == told, "{query}: {figure}");
    }
    // Ages stand in their order.
    let ages = fresh(&manager, &at("by=age")).await;
    let keys: Vec<&str> = ages["items"].as_array().expect("items").iter().filter_map(|item| item["key"].as_str()).collect();
    assert_eq!(keys, ["0-4", "5-17", "18-39", "40-59", "60+"]);
    assert_eq!((&ages["from"], &ages["to"]), (&json!("2026-11-21"), &json!("2026-11-21")));

    // One moves to the other village, one is merged into another, and a card is printed.
    let merged = json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": made[8]["id"]});
    registrar.post(&format!("{}/events", path_of(&made[9])), merged).await.expect(201);
    let moved = json!({"kind": "moved_in", "date": "2026-11-20", "village_code": OTHER_VILLAGE});
    registrar.post(&format!("{}/events", path_of(&made[3])), moved).await.expect(201);
    let batch = registrar.post("/api/v1/card-batches", json!({"enrollment_ids": [active["id"]]})).await.expect(201);
    let printed = format!("/api/v1/card-batches/{}/printed", batch["id"].as_str().expect("an id"));
    registrar.post(&printed, json!({})).await.expect(200);
    for (query, measure, counted) in [
        ("by=state", "people", expected([("active", 12), ("merged", 1)])),
        ("by=card", "enrollments", expected([("printed", 1)])),
        ("by=sex", "people", with_hidden([("F", Some(5)), ("M", None)])),
        ("by=state&village_code=3275011002", "people", with_hidden([("active", None), ("merged", None)])),
    ] {
        let figure = fresh(&manager, &at(query)).await;
        assert_eq!(cells(&figure, measure), counted, "{query}: {figure}");
    }
    let told = fresh(&manager, &at("by=card")).await;
    assert_eq!((&told["items"][0]["name"], &told["items"][0]["suppressed"]), (&json!("printed"), &json!(false)));

    for (cell, counted) in [
        ("kind = 'sex' AND village_code = '3275011001' AND name = 'M'", 4),
        ("kind = 'sex' AND village_code = '3275011002' AND name = 'M'", 1),
        ("kind = 'sex' AND village_code = '3275011002' AND name = 'F'", 2),
        ("kind = 'card' AND village_code = '3275011001' AND name = 'printed'", 1),
    ] {
        assert_eq!(count(server.database(), &format!("SELECT counted FROM registry_cells WHERE {cell}")), counted, "{cell}");
    }
    // A family of one who dies is none any more.
    let families = async || {
        fresh(&manager, &at("by=village")).await;
        count(server.database(), "SELECT counted FROM registry_cells WHERE kind = 'household' AND village_code = '3275011001'")
    };
    let alone = register(&registrar, 9014, json!({"kk_number": "3275012001159009"})).await;
    assert_eq!(families().await, 2);
    registrar.post(&format!("{}/events", path_of(&alone)), json!({"kind": "deceased", "date": "2026-11-20"})).await.expect(201);
    assert_eq!(families().await, 1);
    agree(server.database()).await;

    for (query, parameter, code) in [
        ("from=2026-01-01", "from", "NOT_KEPT_SO"),
        ("to=2026-01-01", "to", "NOT_KEPT_SO"),
        ("by=decision", "by", "NOT_KEPT_SO"),
        ("care_type=primary", "care_type", "NOT_KEPT_SO"),
        (&format!("facility_id={}", id_of("rsud")), "facility_id", "NOT_KEPT_SO"),
        ("district_code=317101", "district_code", "DISTRICT_UNKNOWN"),
    ] {
        refuses(&manager, &at(query), parameter, code).await;
    }
    server.client().as_role("hospital").get(PARTICIPANTS).await.expect_problem(403, "NOT_ALLOWED");
}

async fn refuses(client: &Client, path: &str, parameter: &str, code: &str) {
    let refused = client.get(path).await.expect(422);
    let faults = refused["errors"].as_array().expect("faults");
    assert!(faults.iter().any(|fault| fault["parameter"] == parameter && fault["code"] == code), "{path}: {refused}");
}

on_both!(visits_and_headlines_are_counted_as_by_hand);
async fn visits_and_headlines_are_counted_as_by_hand(server: DatedServer) {
    let (registrar, manager) = (server.client().as_role("registrar"), server.client().as_role("manager"));
    let (hospital, clinic) = (server.client().as_role("hospital"), server.client().as_role("clinic"));
    for serial in 9001..9006 {
        register(&registrar, serial, json!({})).await;
    }
    register(&registrar, 9006, json!({"village_code": OTHER_VILLAGE, "kk_number": OTHER_KK})).await;
    // Twice on one day is one visit, and whoever is not covered did not come for us.
    for _ in 0..2 {
        ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    }
    ask(&hospital, question(json!({"nik": super::support::small_city::NOBODY}))).await;
    for serial in 9001..9006 {
        ask(&clinic, question(json!({"nik": nik(serial), "care_type": "primary"}))).await;
    }
    let earlier = json!({"nik": nik(9006), "care_type": "primary", "service_date": "2026-10-05", "retrospective": true, "recorded_offline_at": "2026-10-05T02:00:00Z"});
    ask(&clinic, question(earlier)).await;

    let (rsud, klinik) = (id_of("rsud").to_string(), id_of("klinik").to_string());
    for (query, counted) in [
        ("", expected([("2026-10", 1), ("2026-11", 6)])),
        ("by=day", expected([("2026-10-05", 1), ("2026-11-21", 6)])),
        ("by=facility", expected([(&rsud, 1), (&klinik, 6)])),
        ("by=care_type", expected([("inpatient", 1), ("primary", 6)])),
        ("by=month&care_type=inpatient", expected([("2026-11", 1)])),
        (&format!("by=month&facility_id={klinik}"), expected([("2026-10", 1), ("2026-11", 5)])),
        ("by=month&from=2020-01-01&to=2020-12-31", expected([])),
        ("by=village&care_type=primary", with_hidden([(VILLAGE, Some(5)), (OTHER_VILLAGE, None)])),
        ("by=district&care_type=primary", expected([("327501", 5)])),
        ("by=month&village_code=3275011002", with_hidden([("2026-10", None)])),
    ] {
        let figure = fresh(&manager, &format!("{UTILIZATION}?{query}")).await;
        assert_eq!(cells(&figure, "visits"), counted, "{query}: {figure}");
    }
    let own = fresh(&hospital, &format!("{UTILIZATION}?by=facility")).await;
    assert_eq!(cells(&own, "visits"), expected([(&rsud, 1)]));
    for (query, parameter, code) in [
        ("by=hour", "by", "NOT_KEPT_SO"),
        ("by=day&village_code=3275011001", "village_code", "NOT_KEPT_BY_PLACE"),
        ("from=2026-02-01&to=2026-01-01", "to", "BEFORE_FROM"),
        ("from=1026-02-01", "from", "OUT_OF_RANGE"),
    ] {
        refuses(&manager, &format!("{UTILIZATION}?{query}"), parameter, code).await;
    }

    let finance = server.client().as_role("finance");
    let pots = json!([{"pot": "rsud", "amount": 400}, {"pot": "others", "amount": 600}]);
    let budget = finance.post("/api/v1/budgets", json!({"year": 2026, "pots": pots})).await.expect(201);
    let approve = format!("/api/v1/budgets/{}/approve", budget["id"].as_str().expect("an id"));
    server.client().as_role("admin").post(&approve, json!({})).await.expect(200);
    let summary = fresh(&manager, SUMMARY).await;
    let headlines = [
        ("people", 9),
        ("households", 2),
        ("enrollments_active", 0),
        ("cards_printed", 0),
        ("checks", 9),
        ("visits", 7),
        ("budget_ceiling", 1_000),
        ("budget_used", 0),
        ("budget_used_per_mille", 0),
        ("signals_open", 0),
    ];
    let told = cells(&summary, "value");
    for (key, value) in headlines {
        assert_eq!(told.get(key), Some(&Some(value)), "{key}: {summary}");
    }
    let none = fresh(&manager, &format!("{SUMMARY}?from=2020-01-01&to=2020-12-31")).await;
    assert_eq!((cells(&none, "value")["checks"], cells(&none, "value")["people"]), (Some(0), Some(9)));
    // A hospital is told what it did, and nothing of the city's.
    let own = fresh(&hospital, SUMMARY).await;
    let own = cells(&own, "value");
    assert_eq!((own["checks"], own["visits"], own.contains_key("people"), own.contains_key("budget_used")), (Some(3), Some(1), false, false));
    refuses(&hospital, &format!("{SUMMARY}?facility_id={klinik}"), "facility_id", "FACILITY_NOT_YOURS").await;
    refuses(&manager, &format!("{SUMMARY}?village_code={VILLAGE}"), "village_code", "NOT_KEPT_BY_PLACE").await;
}

on_both!(what_was_noticed_is_counted_with_what_became_of_it);
async fn what_was_noticed_is_counted_with_what_became_of_it(server: DatedServer) {
    let (registrar, hospital, admin) = (server.client().as_role("registrar"), server.client().as_role("hospital"), server.client().as_role("admin"));
    let manager = server.client().as_role("manager");
    let of_tegal = "3328015502909001";
    register(&registrar, 9001, json!({"nik": of_tegal, "relation": "other", "resident_since": "2026-11-11"})).await;
    ask(&hospital, question(json!({"nik": of_tegal}))).await;
    file(&registrar, of_tegal, json!({"channel": "hospital"})).await;
    let listed = admin.get("/api/v1/signals?state=open").await.expect(200);
    for (kind, state) in [("moved_before_care", "confirmed"), ("request_while_admitted", "cleared")] {
        let signals = listed["items"].as_array().expect("a list");
        let id = signals.iter().find(|signal| signal["kind"] == kind).expect("the signal")["id"].as_str().expect("an id");
        let decision = json!({"state": state, "note": "sudah ditanyakan kepada keluarga"});
        admin.post(&format!("/api/v1/signals/{id}/decision"), decision).await.expect(200);
    }
    let measures = |figure: &Value, key: &str| {
        ["count", "open", "decided", "upheld"].map(|measure| cells(figure, measure).get(key).copied().flatten().unwrap_or_default())
    };
    let figure = fresh(&manager, HYGIENE).await;
    assert_eq!(measures(&figure, "moved_before_care"), [1, 0, 1, 1], "{figure}");
    assert_eq!(measures(&figure, "request_while_admitted"), [1, 0, 1, 0], "{figure}");
    assert_eq!(measures(&figure, "moved_before_request"), [1, 1, 0, 0], "{figure}");
    assert_eq!((&figure["totals"]["count"], &figure["totals"]["decided"]), (&json!(3), &json!(2)));

    let known = register(&registrar, 9002, json!({"kk_number": OTHER_KK})).await;
    let conflict = json!({"reason": "nik_conflict", "name": "Wati Contoh", "sex": "F", "conflicting_nik": nik(9002)});
    server.client().as_role("clinic").post("/api/v1/participants/temporary", conflict).await.expect(201);
    let twin = register(&registrar, 9003, json!({"kk_number": OTHER_KK, "relation": "child"})).await;
    let merged = json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": known["id"]});
    registrar.post(&format!("{}/events", path_of(&twin)), merged).await.expect(201);
    let cases = fresh(&manager, &format!("{HYGIENE}?by=case")).await;
    assert_eq!(measures(&cases, "registry_case"), [1, 1, 0, 0], "{cases}");
    assert_eq!(measures(&cases, "temporary_identity"), [1, 1, 0, 0], "{cases}");
    assert_eq!(measures(&cases, "merged_duplicate"), [1, 0, 1, 1], "{cases}");
    let open = admin.get("/api/v1/registry-cases?state=open").await.expect(200);
    let close = format!("/api/v1/registry-cases/{}/close", open["items"][0]["id"].as_str().expect("an id"));
    registrar.post(&close, json!({"outcome": "no_conflict"})).await.expect(200);
    assert_eq!(measures(&fresh(&manager, &format!("{HYGIENE}?by=case")).await, "registry_case"), [1, 0, 1, 0]);

    // The file has neither the one of Tegal nor the second one.
    reconciliations::send(&admin, &[]).await;
    let findings = fresh(&manager, &format!("{HYGIENE}?by=finding")).await;
    let found = measures(&findings, "not_found");
    assert!(found[0] > 0 && found[0] == found[1] && found[2] == 0, "{findings}");
    let listed = admin.get("/api/v1/reconciliation-findings?limit=200").await.expect(200);
    let id = listed["items"].as_array().expect("a list").iter().find(|finding| finding["category"] == "not_found").expect("a finding")["id"].clone();
    let path = format!("/api/v1/reconciliation-findings/{}/decision", id.as_str().expect("an id"));
    registrar.post(&path, json!({"decision": "dismiss"})).await.expect(200);
    let findings = fresh(&manager, &format!("{HYGIENE}?by=finding")).await;
    assert_eq!(measures(&findings, "not_found"), [found[0], found[0] - 1, 1, 0], "{findings}");

    for by in ["signal", "finding", "case"] {
        for period in ["from=2020-01-01&to=2020-12-31", "from=2026-01-01&to=2026-11-20"] {
            let none = fresh(&manager, &format!("{HYGIENE}?by={by}&{period}")).await;
            assert_eq!(none["items"], json!([]), "{by}");
        }
    }
    refuses(&manager, &format!("{HYGIENE}?by=facility"), "by", "NOT_KEPT_SO").await;
    refuses(&manager, &format!("{HYGIENE}?facility_id={}", id_of("rsud")), "facility_id", "NOT_KEPT_SO").await;
    hospital.get(HYGIENE).await.expect_problem(403, "NOT_ALLOWED");
}
