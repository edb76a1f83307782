//! Many claims in one request: each is answered for itself and in its place.

use serde_json::{Value, json};

use super::claims::{CLAIMS, adds_up, bill, path, prices, treated};
use super::eligibility_batches::{ask_all, status};
use super::harness::count;
use super::imports::import;
use super::people::faults;
use super::people_file::{Family, file, niks};
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;

const BATCH: &str = "/api/v1/claims/batch";
const STORED: &str = "SELECT count(*) FROM claims";

/// A visit that rests on a check.
fn visit(check: &Value, number: usize) -> Value {
    json!({
        "facility_claim_number": format!("RJ-{number}"), "check_id": check["id"], "care_type": "emergency",
        "admitted_on": "2026-11-20", "discharged_on": "2026-11-20", "medical_record_number": "MR-0042", "practitioner_license": "SIP-0001",
        "diagnoses": [{"code": "A09", "kind": "principal"}],
        "lines": [{"line": 1, "tariff_code": "U-3-10-0", "date": "2026-11-20", "quantity": 1, "claimed_amount": 200_000, "hospital_cost": 210_000}],
        "total_claimed": 200_000, "submit": true,
    })
}

/// Visits of so many people to the municipal hospital, each checked.
async fn visits(server: &DatedServer, people: u32) -> Vec<Value> {
    let families: Vec<Family> = (0..people).map(Family::new).collect();
    import(&server.client().as_role("admin"), "/api/v1/imports?kind=participants", file(&families)).await;
    let asked = niks(people).map(|nik| json!({"nik": nik, "care_type": "emergency", "service_date": "2026-11-20", "retrospective": true}));
    let checks = ask_all(&server.client().as_role("hospital"), asked.collect()).await;
    checks.iter().enumerate().map(|(at, item)| visit(&item["result"], at)).collect()
}

async fn hand_in(hospital: &Client, key: &str, claims: &[Value]) -> (Vec<Value>, Option<String>) {
    let request = hospital.request(reqwest::Method::POST, BATCH).header("Idempotency-Key", key).json(&json!({ "claims": claims }));
    let answer = hospital.send(request).await;
    let replayed = answer.headers.get("idempotency-replayed").map(|value| value.to_str().expect("ASCII").to_owned());
    let items = answer.expect(200)["items"].as_array().expect("a list").clone();
    assert_eq!(items.iter().map(|item| item["index"].as_u64()).collect::<Vec<_>>(), (0..claims.len() as u64).map(Some).collect::<Vec<_>>());
    (items, replayed)
}

on_both!(one_broken_claim_among_500_costs_the_others_nothing);
async fn one_broken_claim_among_500_costs_the_others_nothing(server: DatedServer) {
    prices(&server).await;
    let hospital = server.client().as_role("hospital");
    let mut claims = visits(&server, 500).await;
    claims[250]["lines"][0]["claimed_amount"] = json!(-1);
    claims[250]["diagnoses"][0]["code"] = json!("XX1");
    claims[250]["colour"] = json!("red");
    let (items, replayed) = hand_in(&hospital, "batch-1", &claims).await;
    assert_eq!(replayed, None);
    for (at, item) in items.iter().enumerate() {
        assert_eq!(status(item), if at == 250 { 422 } else { 201 }, "{item}");
    }
    let told = faults(&items[250]["problem"]);
    for fault in ["/lines/0/claimed_amount", "/diagnoses/0/code", "/colour"] {
        assert!(told.iter().any(|told| told.starts_with(fault)), "{told:?}");
    }
    for item in items.iter().filter(|item| status(item) == 201).step_by(50) {
        adds_up(&item["result"]);
        assert_eq!(hospital.get(&path(&item["result"])).await.expect(200), item["result"]);
    }
    assert_eq!(count(server.database(), STORED), 499);

    // Sent again, it is answered again; with another body the key is refused, and nothing is done under it.
    let (again, replayed) = hand_in(&hospital, "batch-1", &claims).await;
    assert_eq!(replayed.as_deref(), Some("true"));
    for (item, before) in again.iter().zip(&items) {
        assert_eq!((&item["status"], &item["result"]), (&before["status"], &before["result"]));
    }
    claims[250] = visit(&json!({"id": claims[250]["check_id"]}), 250);
    let mended = json!({ "claims": claims });
    let request = hospital.request(reqwest::Method::POST, BATCH).header("Idempotency-Key", "batch-1").json(&mended);
    hospital.send(request).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(count(server.database(), STORED), 499);
    // Under a key of its own the one that was mended goes in, and the rest says that it is there.
    let (items, _) = hand_in(&hospital, "batch-2", &claims[249..252]).await;
    assert_eq!(items.iter().map(status).collect::<Vec<_>>(), [409, 201, 409]);
    assert_eq!(items[0]["problem"]["code"], "CLAIM_NUMBER_IN_USE");
    assert_eq!(count(server.database(), STORED), 500);
}

on_both!(claims_of_a_batch_see_each_other);
async fn claims_of_a_batch_see_each_other(server: DatedServer) {
    prices(&server).await;
    let hospital = server.client().as_role("hospital");
    let letter = treated(&server, 9230).await;
    let (first, second) = (bill(&hospital, &letter, "RSX-1", json!({})).await, bill(&hospital, &letter, "RSX-2", json!({})).await);
    let (items, _) = hand_in(&hospital, "batch-1", &[first.clone(), second, first, json!(7), json!({})]).await;
    assert_eq!(items.iter().map(status).collect::<Vec<_>>(), [201, 409, 409, 422, 422]);
    assert_eq!((&items[1]["problem"]["code"], &items[2]["problem"]["code"]), (&json!("ALREADY_BILLED"), &json!("CLAIM_NUMBER_IN_USE")));
    assert_eq!(items[1]["problem"]["existing"]["id"], items[0]["result"]["id"]);
    assert_eq!((count(server.database(), STORED), count(server.database(), "SELECT count(*) FROM live_claims")), (1, 1));
}

on_both!(a_batch_has_a_key_and_between_1_and_500_claims);
async fn a_batch_has_a_key_and_between_1_and_500_claims(server: DatedServer) {
    let hospital = server.client().as_role("hospital");
    hospital.post(BATCH, json!({"claims": [{}]})).await.expect_problem(400, "IDEMPOTENCY_KEY_MISSING");
    for many in [0, 501] {
        let refused = hospital.post_keyed(BATCH, json!({"claims": vec![json!({}); many]})).await.expect(422);
        assert!(faults(&refused)[0].starts_with("/claims "), "{refused}");
    }
    server.client().as_role("clinic").post_keyed(BATCH, json!({"claims": [{}]})).await.expect_problem(403, "NOT_ALLOWED");
    assert_eq!(count(server.database(), STORED), 0);
    assert_eq!(server.client().as_role("hospital").get(CLAIMS).await.expect(200)["items"], json!([]));
}
