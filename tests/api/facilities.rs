//! Facilities and their contracts.

use serde_json::{Value, json};

use super::support::on_both;
use super::support::server::Server;
use super::support::small_city::id_of;

const FACILITIES: &str = "/api/v1/facilities";

fn teratai() -> Value {
    json!({"name": "RS Teratai", "kind": "hospital", "class": "C", "government": false, "inside_city": true, "village_code": "3275011001", "code": "RS-T", "beds": 120})
}

on_both!(a_facility_is_registered_read_and_corrected);
async fn a_facility_is_registered_read_and_corrected(server: Server) {
    let admin = server.client().as_role("admin");
    let made = admin.post(FACILITIES, teratai()).await;
    assert_eq!(made.header("etag"), "\"1\"");
    let place = made.header("location").to_owned();
    let made = made.expect(201);
    assert_eq!((&made["name"], &made["address"], &made["contracted"]), (&json!("RS Teratai"), &Value::Null, &json!(false)));

    let read = server.client().as_role("manager").get(&place).await;
    assert_eq!((read.header("etag"), &read.json), ("\"1\"", &made));

    let changed = admin.patch(&place, "\"1\"", json!({"beds": null, "name": "RS Teratai Baru"})).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!((&changed["beds"], &changed["name"], &changed["class"]), (&Value::Null, &json!("RS Teratai Baru"), &json!("C")));

    admin.patch(&place, "\"1\"", json!({"beds": 5})).await.expect_problem(412, "IF_MATCH_STALE");
    admin.send(admin.request(reqwest::Method::PATCH, &place).json(&json!({"beds": 5}))).await.expect_problem(428, "IF_MATCH_MISSING");
    admin.patch(&place, "\"2\"", json!({"kind": "clinic"})).await.expect_problem(422, "CLASS_ONLY_FOR_HOSPITALS");
    admin.patch(&place, "\"2\"", json!({"code": "RSUD"})).await.expect_problem(409, "FACILITY_CODE_TAKEN");
    admin.patch(&place, "\"2\"", json!({"name": null})).await.expect_problem(422, "WRONG_TYPE");
    admin.patch(&place, "\"2\"", json!({"code": "RS-T"})).await.expect(200);
}

on_both!(what_does_not_fit_together_is_refused);
async fn what_does_not_fit_together_is_refused(server: Server) {
    let admin = server.client().as_role("admin");
    let with = |changes: Value| {
        let mut body = teratai();
        body.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        body
    };
    for (changes, pointers) in [
        (json!({"kind": "puskesmas", "village_code": "3275019999"}), vec!["/class CLASS_ONLY_FOR_HOSPITALS", "/village_code VILLAGE_UNKNOWN"]),
        (json!({"inside_city": false}), vec!["/village_code VILLAGE_ELSEWHERE"]),
        (json!({"beds": -1, "class": "E", "director": "x"}), vec!["/beds TOO_SMALL", "/class UNKNOWN_VALUE", "/director UNKNOWN_FIELD"]),
    ] {
        let problem = admin.post(FACILITIES, with(changes)).await.expect(422);
        let faults = problem["errors"].as_array().expect("a list").iter();
        let mut faults: Vec<String> =
            faults.map(|fault| format!("{} {}", fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect();
        faults.sort();
        assert_eq!(faults, pointers);
    }
    admin.post(FACILITIES, with(json!({"code": "RSUD"}))).await.expect_problem(409, "FACILITY_CODE_TAKEN");
    server.client().as_role("hospital").post(FACILITIES, teratai()).await.expect_problem(403, "NOT_ALLOWED");
}

on_both!(a_list_is_narrowed_and_paged);
async fn a_list_is_narrowed_and_paged(server: Server) {
    let clinic = server.client().as_role("clinic");
    let names =
        |page: &Value| page["items"].as_array().expect("a list").iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    for (query, count) in [("", 5), ("?kind=hospital", 3), ("?kind=hospital&government=false", 2), ("?inside_city=false", 0), ("?government=true", 2)]
    {
        let page = clinic.get(&format!("{FACILITIES}{query}")).await.expect(200);
        assert_eq!((names(&page).len(), &page["next_cursor"]), (count, &Value::Null), "{query}");
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = clinic.get(&format!("{FACILITIES}?limit=2{cursor}")).await.expect(200);
        seen.extend(names(&page));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen.len(), 5);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    clinic.get(&format!("{FACILITIES}?kind=spa")).await.expect(422);
    clinic.get(&format!("{FACILITIES}?limit=0")).await.expect_problem(422, "OUT_OF_RANGE");
}

on_both!(contracts_do_not_overlap_and_end_once);
async fn contracts_do_not_overlap_and_end_once(server: Server) {
    let admin = server.client().as_role("admin");
    let place = admin.post(FACILITIES, teratai()).await.header("location").to_owned();
    let contracts = format!("{place}/contracts");
    let first = admin.post(&contracts, json!({"valid_from": "2026-01-01", "valid_to": "2026-12-31", "contract_number": "PKS-1"})).await.expect(201);
    for (body, status, code) in [
        (json!({"valid_from": "2026-12-31"}), 409, "CONTRACT_OVERLAPS"),
        (json!({"valid_from": "2025-01-01", "valid_to": "2026-01-01"}), 409, "CONTRACT_OVERLAPS"),
        (json!({"valid_from": "2028-01-01", "valid_to": "2027-01-01"}), 422, "BEFORE_FROM"),
        (json!({"valid_from": "2028-02-30"}), 422, "NOT_A_DATE"),
    ] {
        admin.post(&contracts, body).await.expect_problem(status, code);
    }
    let end = format!("{contracts}/{}/terminate", first["id"].as_str().unwrap());
    let termination = |on: &str| json!({"on": on, "reason": "akreditasi", "document_number": "440/1"});
    admin.post(&end, termination("2027-01-01")).await.expect_problem(422, "OUTSIDE_CONTRACT");
    let ended = admin.post(&end, termination("2026-06-30")).await.expect(200);
    assert_eq!((&ended["terminated_on"], &ended["termination_document_number"]), (&json!("2026-06-30"), &json!("440/1")));
    admin.post(&end, termination("2026-06-30")).await.expect_problem(409, "STATE_CONFLICT");
    admin.post(&contracts, json!({"valid_from": "2026-07-01"})).await.expect(201);

    let listed = server.client().as_role("finance").get(&contracts).await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["items"][1], ended);
    assert_eq!(admin.get(&place).await.expect(200)["contracted"], true);
    let unknown = format!("{FACILITIES}/{}/contracts", id_of("nowhere"));
    admin.post(&unknown, json!({"valid_from": "2026-07-01"})).await.expect_problem(404, "NOT_FOUND");
}

on_both!(contracts_are_for_those_whom_they_concern);
async fn contracts_are_for_those_whom_they_concern(server: Server) {
    let contracts = format!("{FACILITIES}/{}/contracts", id_of("rsud"));
    for (user, status) in [
        ("admin", 200),
        ("auditor", 200),
        ("finance", 200),
        ("manager", 200),
        ("hospital", 200),
        ("other_hospital", 404),
        ("clinic", 404),
        ("counter", 404),
        ("registrar", 403),
        ("verifier", 403),
        ("dpo", 403),
    ] {
        assert_eq!(server.client().as_role(user).get(&contracts).await.status, status, "{user}");
    }
}

on_both!(one_of_many_overlapping_contracts_is_taken);
async fn one_of_many_overlapping_contracts_is_taken(server: Server) {
    let admin = server.client().as_role("admin");
    let contracts = format!("{}/contracts", admin.post(FACILITIES, teratai()).await.header("location"));
    let asked = (0..8).map(|_| {
        let (admin, contracts) = (admin.clone(), contracts.clone());
        tokio::spawn(async move { admin.post(&contracts, json!({"valid_from": "2026-01-01"})).await.status })
    });
    let mut statuses = Vec::new();
    for answer in asked.collect::<Vec<_>>() {
        statuses.push(answer.await.expect("an answer"));
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}
