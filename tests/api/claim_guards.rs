//! What would pay twice, or lose money, and does not.

use reqwest::Method;
use serde_json::{Value, json};

use super::claims::{act, adds_up, balance, bill, claim, path, prices, second, treated};
use super::eligibility_batches::ask_all;
use super::payments::{act as batch_act, approved};
use super::people::{faults, nik, register};
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;

const BATCHES: &str = "/api/v1/payment-batches";

async fn checks(hospital: &Client, serial: u16, many: usize) -> Vec<Value> {
    let asked = json!({"nik": nik(serial), "care_type": "emergency", "service_date": "2026-11-20", "retrospective": true});
    ask_all(hospital, vec![asked; many]).await.iter().map(|item| item["result"]["id"].clone()).collect()
}

fn visit(check: &Value, number: &str, day: &str) -> Value {
    json!({
        "facility_claim_number": number, "check_id": check, "care_type": "emergency", "admitted_on": day, "discharged_on": day,
        "medical_record_number": "MR-0042", "practitioner_license": "SIP-0001", "diagnoses": [{"code": "A09", "kind": "principal"}],
        "lines": [{"line": 1, "tariff_code": "U-3-10-0", "date": day, "quantity": 1, "claimed_amount": 200_000}],
        "total_claimed": 200_000, "submit": true,
    })
}

fn found(claim: &Value) -> Vec<&str> {
    claim["edits"].as_array().expect("findings").iter().filter_map(|edit| edit["code"].as_str()).collect()
}

on_both!(no_flood_of_rejected_claims_hides_the_one_that_was_made);
async fn no_flood_of_rejected_claims_hides_the_one_that_was_made(server: DatedServer) {
    prices(&server).await;
    register(&server.client().as_role("admin"), 9270, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let checks = checks(&hospital, 9270, 3).await;
    claim(&hospital, visit(&checks[0], "RJ-1", "2026-11-20")).await.expect(201);
    let flood: Vec<Value> = (0..210).map(|_| visit(&checks[1], "RJ-2", "2026-12-20")).collect();
    let answer = hospital.post_keyed("/api/v1/claims/batch", json!({ "claims": flood })).await.expect(200);
    assert!(answer["items"].as_array().expect("a list").iter().all(|item| item["result"]["state"] == "rejected"));
    let again = claim(&hospital, visit(&checks[2], "RJ-3", "2026-11-20")).await.expect(201);
    assert!(found(&again).iter().any(|code| code.starts_with("DUP_")), "{:?}", found(&again));
    assert_ne!(again["state"], "approved");
}

on_both!(what_was_billed_again_is_not_revived_by_an_objection);
async fn what_was_billed_again_is_not_revived_by_an_objection(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9271).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let unpriced = json!([{"line": 1, "tariff_code": "X-9-99-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 4_000_000}]);
    let first = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({ "lines": unpriced })).await).await.expect(201);
    // A request that says reject approves nothing.
    let both = json!({"decision": "reject", "reason_code": "CODING_PROCEDURE", "lines": [{"line": 1, "approved_amount": 4_000_000}]});
    assert_eq!(faults(&act(&verifier, &first, "decisions", both).await.expect(422)), ["/lines FIELD_NOT_FOR_THIS_KIND"]);
    act(&verifier, &first, "decisions", json!({"decision": "reject", "reason_code": "CODING_PROCEDURE"})).await.expect(200);
    let heir = claim(&hospital, bill(&hospital, &letter, "RSX-2", json!({"replaces_claim_id": first["id"]})).await).await.expect(201);
    adds_up(&heir);
    let refused = act(&hospital, &first, "dispute", json!({"reason": "kode benar"})).await.expect_problem(409, "ALREADY_BILLED");
    assert_eq!(refused["existing"]["id"], heir["id"]);
}

on_both!(a_letter_that_was_billed_is_changed_with_its_claim);
async fn a_letter_that_was_billed_is_changed_with_its_claim(server: DatedServer) {
    prices(&server).await;
    register(&server.client().as_role("admin"), 9272, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let asked = super::questions::question_of("2026-11-18", json!({"nik": nik(9272)}));
    let check = super::questions::ask(&hospital, asked).await;
    let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III", "estimated_amount": 3_000_000});
    let letter = hospital.post_keyed("/api/v1/guarantee-letters", asked).await.expect(201);
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({"document_ids": []})).await).await.expect(201);
    assert_eq!(made["state"], "submitted", "{made}");
    let place = format!("/api/v1/guarantee-letters/{}", letter["id"].as_str().expect("an id"));
    let convert = json!({"care_type": "inpatient", "ward_class": "III", "diagnosis_code": "J18.9", "estimated_amount": 5_000_000});
    hospital.post_keyed(&format!("{place}/convert"), convert).await.expect_problem(409, "ALREADY_BILLED");
    // What was asked by mistake does not stay aside for ever.
    act(&hospital, &made, "withdraw", json!({"reason": "salah"})).await.expect(200);
    assert_eq!((balance(&server, "billed"), balance(&server, "reserved")), (0, 4_000_000));
}

on_both!(what_two_approved_is_paid_as_it_was_approved);
async fn what_two_approved_is_paid_as_it_was_approved(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9273).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let lines = json!([
        {"line": 1, "tariff_code": "J-4-16-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 4_000_000},
        {"line": 2, "tariff_code": "X-9-99-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 100_000}]);
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({"lines": lines, "total_claimed": 4_100_000})).await).await.expect(201);
    let less = json!([{"line": 2, "approved_amount": 0, "reason_code": "CODING_PROCEDURE"}]);
    act(&verifier, &made, "decisions", json!({"decision": "approve_partial", "lines": less})).await.expect(200);
    let (finance, other) = (server.client().as_role("finance"), second(&server, "finance").await);
    // The hospital may still object: only who names the claim pays it now.
    let all = json!({"period": "2026-11", "pot": "rsud"});
    finance.post_keyed(BATCHES, all).await.expect_problem(409, "NOTHING_TO_PAY");
    let named = json!({"period": "2026-11", "pot": "rsud", "claim_ids": [made["id"]]});
    let batch = finance.post_keyed(BATCHES, named.clone()).await.expect(201);
    let place = format!("{BATCHES}/{}", batch["id"].as_str().expect("an id"));
    let bare = async |client: &Client, what: &str, key: &str| {
        client.send(client.request(Method::POST, &format!("{place}/{what}")).header("Idempotency-Key", key)).await
    };
    bare(&other, "approve", "approve-1").await.expect(200);
    // What two approved, one alone does not take back.
    bare(&finance, "cancel", "cancel-1").await.expect_problem(409, "DECIDES_OWN_REQUEST");
    let settle = async |body: Value| finance.post_keyed(&format!("{place}/settle"), body).await;
    let early = settle(json!({"paid_on": "2016-11-21", "sp2d_number": "SP2D-1"})).await.expect(422);
    assert_eq!(faults(&early), ["/paid_on PAID_BEFORE_CARE"]);
    let wrong = settle(json!({"paid_on": "2026-11-21", "sp2d_number": "SP2D-1", "net_amount": 4_100_000})).await.expect(422);
    assert_eq!(faults(&wrong), ["/net_amount NOT_WHAT_WAS_ORDERED"]);
    settle(json!({"paid_on": "2026-11-21", "sp2d_number": "SP2D-1", "net_amount": 4_000_000})).await.expect(200);
    assert_eq!(balance(&server, "paid"), 4_000_000);
    assert_eq!(hospital.get(&path(&made)).await.expect(200)["amounts"]["paid"], 4_000_000);
}

on_both!(jkn_is_asked_again_when_a_payment_is_approved);
async fn jkn_is_asked_again_when_a_payment_is_approved(server: DatedServer) {
    prices(&server).await;
    let (covered, clean) = (approved(&server, 9274).await, approved(&server, 9275).await);
    let (finance, other) = (server.client().as_role("finance"), second(&server, "finance").await);
    let batch = finance.post_keyed(BATCHES, json!({"period": "2026-11", "pot": "rsud"})).await.expect(201);
    assert_eq!(batch["item_count"], 2);
    let joins = async |claim: &Value| {
        let place = format!("/api/v1/participants/{}/jkn-status", claim["participant_id"].as_str().expect("an id"));
        let membership = json!({"segment": "PPU", "state": "active", "valid_from": "2026-11-01"});
        server.client().as_role("admin").put(&place, membership).await.expect(201)
    };
    joins(&covered).await;
    let told = batch_act(&other, &batch, "approve").await.expect(200);
    assert_eq!((&told["state"], &told["held"], &told["total_amount"]), (&json!("approved"), &json!([covered["id"]]), &json!(4_000_000)));
    let held = finance.get(&path(&covered)).await.expect(200);
    assert_eq!((&held["state"], &held["waiting_for"]), (&json!("recheck"), &json!("verifier")));
    assert_eq!(finance.get(&path(&clean)).await.expect(200)["state"], "payment_ordered");
    batch_act(&other, &batch, "cancel").await.expect(200);

    // Where nothing is left, nothing is paid: neither at the approval nor at the order.
    let batch = finance.post_keyed(BATCHES, json!({"period": "2026-11", "pot": "rsud"})).await.expect(201);
    joins(&clean).await;
    assert_eq!(batch_act(&other, &batch, "approve").await.expect(200)["state"], "cancelled");
    let third = approved(&server, 9276).await;
    joins(&third).await;
    let empty = finance.post_keyed(BATCHES, json!({"period": "2026-11", "pot": "rsud"})).await.expect(201);
    assert_eq!((&empty["state"], &empty["held"], &empty["total_amount"]), (&json!("cancelled"), &json!([third["id"]]), &json!(0)));
}

on_both!(a_payment_names_the_claims_that_it_cannot_pay);
async fn a_payment_names_the_claims_that_it_cannot_pay(server: DatedServer) {
    prices(&server).await;
    let one = approved(&server, 9277).await;
    let finance = server.client().as_role("finance");
    let order = async |ids: Value| finance.post_keyed(BATCHES, json!({"period": "2026-11", "pot": "rsud", "claim_ids": ids})).await;
    assert!(faults(&order(json!([])).await.expect(422))[0].starts_with("/claim_ids "));
    let unknown = order(json!([one["id"], "019b0000-0000-7000-8000-000000000000"])).await.expect(422);
    assert_eq!(faults(&unknown), ["/claim_ids/1 CLAIM_NOT_PAYABLE"]);
    assert_eq!(finance.get(&path(&one)).await.expect(200)["state"], "approved", "nothing was ordered");
    order(json!([one["id"]])).await.expect(201);
}

on_both!(a_claim_rests_on_what_still_counts);
async fn a_claim_rests_on_what_still_counts(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9278).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));

    // The class of the letter is what is paid, whatever the bill says.
    let higher = bill(&hospital, &letter, "RSX-1", json!({"ward_class": "I", "ward_class_used": "I"})).await;
    let dry = hospital.post("/api/v1/claims/dry-run", higher).await.expect(200);
    assert!(found(&dry).contains(&"BEN_ROOM_CLASS"), "{:?}", found(&dry));
    // One principal diagnosis, and a number that is one.
    let none = json!({"diagnoses": [{"code": "J189", "kind": "secondary"}], "facility_claim_number": "  "});
    let refused = claim(&hospital, bill(&hospital, &letter, "RSX-1", none).await).await.expect(422);
    assert_eq!(faults(&refused), ["/diagnoses ONE_PRINCIPAL", "/facility_claim_number FIELD_MISSING"]);
    // A line is decided once.
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({"document_ids": []})).await).await.expect(201);
    let twice = json!([{"line": 1, "approved_amount": 1, "reason_code": "LATE"}, {"line": 1, "approved_amount": 2, "reason_code": "LATE"}]);
    let refused = act(&verifier, &made, "decisions", json!({"decision": "approve_partial", "lines": twice})).await.expect(422);
    assert_eq!(faults(&refused), ["/lines/1/line LINE_TWICE"]);
    // What was refused is billed again in its place, and says so.
    act(&verifier, &made, "decisions", json!({"decision": "reject", "reason_code": "CODING_DIAGNOSIS"})).await.expect(200);
    let unlinked = hospital.post("/api/v1/claims/dry-run", bill(&hospital, &letter, "RSX-2", json!({})).await).await.expect(200);
    assert!(found(&unlinked).contains(&"ING_RESUBMIT_UNLINKED"), "{:?}", found(&unlinked));
    let linked = bill(&hospital, &letter, "RSX-2", json!({"replaces_claim_id": made["id"]})).await;
    let linked = hospital.post("/api/v1/claims/dry-run", linked).await.expect(200);
    assert!(!found(&linked).contains(&"ING_RESUBMIT_UNLINKED"), "{:?}", found(&linked));
    // A check that was taken back carries no bill.
    let place = format!("/api/v1/eligibility-checks/{}/void", letter["check_id"].as_str().expect("an id"));
    hospital.post(&place, json!({"reason": "wrong_person"})).await.expect(200);
    claim(&hospital, bill(&hospital, &letter, "RSX-3", json!({})).await).await.expect_problem(409, "CHECK_VOID");
}
