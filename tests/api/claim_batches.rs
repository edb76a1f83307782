//! Many claims in one request: each is answered for itself and in its place.

use serde_json::{Value, json};

use super::claims::{CLAIMS, adds_up, balance, bill, path, prices, treated};
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

on_both!(what_a_batch_answers_is_what_is_read_afterwards);
async fn what_a_batch_answers_is_what_is_read_afterwards(server: DatedServer) {
    prices(&server).await;
    let hospital = server.client().as_role("hospital");
    let mut claims = visits(&server, 20).await;
    let letter = treated(&server, 9230).await;
    // None of these visits has its papers, so a person looks at them; the claim under the letter has all and decides itself.
    claims[1]["lines"][0]["tariff_code"] = json!("U-9-99-0");
    (claims[2]["lines"][0]["claimed_amount"], claims[2]["total_claimed"]) = (json!(500_000), json!(500_000));
    claims[3]["total_claimed"] = json!(1);
    claims[4]["submit"] = json!(false);
    // Whose number is taken and who says too much are refused; the one after them has the next number.
    claims[5]["facility_claim_number"] = json!("RJ-0");
    claims[6]["document_ids"] = json!([claims[0]["check_id"]]);
    let lines = ["Q-5-44-0", "U-3-10-0"].iter().enumerate();
    let lines = lines.map(|(at, code)| json!({"line": 2 - at, "tariff_code": code, "date": "2026-11-20", "quantity": 1, "claimed_amount": 200_000}));
    (claims[7]["lines"], claims[7]["total_claimed"]) = (lines.collect(), json!(400_000));
    claims.insert(8, bill(&hospital, &letter, "RSX-1", json!({})).await);
    // The same care of the same person again, under a check that was not billed.
    let nik = niks(1).next().expect("one");
    let check = ask_all(&hospital, vec![json!({"nik": nik, "care_type": "emergency", "service_date": "2026-11-20", "retrospective": true})]).await;
    claims.insert(9, visit(&check[0]["result"], 99));
    let (items, _) = hand_in(&hospital, "batch-1", &claims).await;
    let refused: Vec<usize> = (0..items.len()).filter(|at| status(&items[*at]) != 201).collect();
    assert_eq!(refused, [5, 6], "{items:?}");
    assert_eq!((status(&items[5]), status(&items[6])), (409, 422));
    let stored: Vec<&Value> = items.iter().map(|item| &item["result"]).filter(|told| !told.is_null()).collect();
    for told in &stored {
        assert_eq!(**told, hospital.get(&path(told)).await.expect(200));
    }
    let number = |told: &Value| told["number"].as_str().and_then(|number| number.rsplit_once('-')).and_then(|(_, last)| last.parse().ok());
    let numbers: Vec<u32> = stored.iter().filter_map(|told| number(told)).collect();
    assert_eq!(numbers, (numbers[0]..).take(claims.len() - 2).collect::<Vec<_>>());
    let state = |at: usize| items[at]["result"]["state"].as_str().expect("a state").to_owned();
    assert_eq!([0, 4].map(state), ["submitted", "draft"]);
    // Some are drawn as a sample, and wait for a person.
    assert!(["approved", "complete"].contains(&state(8).as_str()), "{}", items[8]["result"]);
    // The second one of a person is judged with the first in sight.
    let found = |at: usize| {
        let edits = items[at]["result"]["edits"].as_array().expect("a list");
        // Which are drawn as a sample is chance.
        edits.iter().filter(|edit| edit["code"] != "FRD_RANDOM_SAMPLE").count()
    };
    assert!(found(9) > found(0), "{}", items[9]["result"]);
    assert_eq!(Some(balance(&server, "approved_unpaid")), items[8]["result"]["amounts"]["approved"].as_i64());
    assert!(balance(&server, "billed") > 0);
    // One after the other, they would have been told the same.
    let alone = visit(
        &ask_all(&hospital, vec![json!({"nik": nik, "care_type": "emergency", "service_date": "2026-11-20", "retrospective": true})]).await[0]["result"],
        100,
    );
    let told = hospital.post_keyed(CLAIMS, alone).await.expect(201);
    assert_eq!(told, hospital.get(&path(&told)).await.expect(200));
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
