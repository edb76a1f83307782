//! Payments: one orders, another approves, the treasury pays; each hospital sees its own, and JKN is asked once more before.

use reqwest::Method;
use serde_json::{Value, json};

use super::claims::{CLAIMS, balance, bill, claim, path, prices, second, treated};
use super::people::{faults, path_of};
use super::support::client::{Answer, Client};
use super::support::dated::DatedServer;
use super::support::on_both;

pub const BATCHES: &str = "/api/v1/payment-batches";

pub fn order() -> Value {
    json!({"period": "2026-11", "pot": "rsud"})
}

pub async fn act(client: &Client, batch: &Value, action: &str) -> Answer {
    client.post_keyed(&format!("{BATCHES}/{}/{action}", batch["id"].as_str().expect("an id")), json!({})).await
}

/// A claim that is approved: by itself, or by the verifier where it was drawn for the sample.
pub async fn approved(server: &DatedServer, serial: u16) -> Value {
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let letter = treated(server, serial).await;
    let made = claim(&hospital, bill(&hospital, &letter, &format!("RSX-{serial}"), json!({})).await).await.expect(201);
    if made["state"] == "approved" {
        return made;
    }
    let decided = verifier.post_keyed(&format!("{}/decisions", path(&made)), json!({"decision": "approve"})).await.expect(200);
    assert_eq!(decided["state"], "approved");
    decided
}

/// Orders what is approved, has another approve it, and settles it as of a day.
pub async fn pay(finance: &Client, other: &Client, paid_on: &str) -> Value {
    let batch = finance.post_keyed(BATCHES, order()).await.expect(201);
    act(other, &batch, "approve").await.expect(200);
    let place = format!("{BATCHES}/{}/settle", batch["id"].as_str().expect("an id"));
    let sp2d_number = format!("SP2D-{}", batch["number"].as_str().expect("a number"));
    finance.post_keyed(&place, json!({"paid_on": paid_on, "sp2d_number": sp2d_number})).await.expect(200)
}

on_both!(a_hospital_is_paid_after_four_eyes_have_seen_it);
async fn a_hospital_is_paid_after_four_eyes_have_seen_it(server: DatedServer) {
    prices(&server).await;
    let finance = server.client().as_role("finance");
    finance.post_keyed(BATCHES, order()).await.expect_problem(409, "NOTHING_TO_PAY");
    let (one, two) = (approved(&server, 9220).await, approved(&server, 9221).await);
    assert_eq!(balance(&server, "approved_unpaid"), 8_000_000);
    let ahead = finance.post_keyed(BATCHES, json!({"period": "2026-12", "pot": "rsud"})).await.expect(422);
    assert_eq!(faults(&ahead), ["/period DATE_IN_FUTURE"]);
    finance.post_keyed(BATCHES, json!({"period": "2026-11", "pot": "others"})).await.expect_problem(409, "NOTHING_TO_PAY");

    let batch = finance.post_keyed(BATCHES, order()).await.expect(201);
    assert_eq!((&batch["state"], &batch["total_amount"], &batch["item_count"]), (&json!("proposed"), &json!(8_000_000), &json!(2)));
    assert_eq!(finance.get(&path(&one)).await.expect(200)["state"], "payment_ordered");
    finance.post_keyed(BATCHES, order()).await.expect_problem(409, "NOTHING_TO_PAY");
    let settle = json!({"paid_on": "2026-11-21", "sp2d_number": "SP2D-77/2026"});
    let place = format!("{BATCHES}/{}", batch["id"].as_str().expect("an id"));
    finance.post_keyed(&format!("{place}/settle"), settle.clone()).await.expect_problem(409, "PAYMENT_STATE_CONFLICT");
    act(&finance, &batch, "approve").await.expect_problem(409, "DECIDES_OWN_REQUEST");
    let other = second(&server, "finance").await;
    assert_eq!(act(&other, &batch, "approve").await.expect(200)["state"], "approved");
    let hospital = server.client().as_role("hospital");
    hospital.get(&place).await.expect_problem(404, "NOT_FOUND");

    let paid = finance.post_keyed(&format!("{place}/settle"), settle.clone()).await.expect(200);
    assert_eq!((&paid["state"], &paid["items"][0]["state"]), (&json!("settled"), &json!("paid")));
    finance.post_keyed(&format!("{place}/settle"), settle).await.expect_problem(409, "PAYMENT_STATE_CONFLICT");
    assert_eq!((balance(&server, "approved_unpaid"), balance(&server, "paid")), (0, 8_000_000));
    for made in [&one, &two] {
        let shown = hospital.get(&path(made)).await.expect(200);
        assert_eq!(
            (&shown["state"], &shown["amounts"]["paid"], &shown["lines"][0]["paid_amount"]),
            (&json!("paid"), &json!(4_000_000), &json!(4_000_000))
        );
    }
    // The hospital sees what it was paid, and another does not.
    let remittance = hospital.get("/api/v1/remittances").await.expect(200);
    assert_eq!((&remittance["items"][0]["amount"], &remittance["items"][0]["sp2d_number"]), (&json!(8_000_000), &json!("SP2D-77/2026")));
    let sheet = hospital.get(&format!("{place}/sheet.csv")).await;
    assert_eq!((sheet.status, sheet.text.lines().count()), (200, 3));
    assert!(sheet.text.contains("RSX-9220") && sheet.text.contains(",4000000"), "{}", sheet.text);
    let stranger = server.client().as_role("other_hospital");
    stranger.get(&place).await.expect_problem(404, "NOT_FOUND");
    assert_eq!(stranger.get("/api/v1/remittances").await.expect(200)["items"], json!([]));
}

on_both!(what_jkn_turns_out_to_cover_is_held_back_before_it_is_paid);
async fn what_jkn_turns_out_to_cover_is_held_back_before_it_is_paid(server: DatedServer) {
    prices(&server).await;
    let (covered, clean) = (approved(&server, 9222).await, approved(&server, 9223).await);
    let (admin, finance) = (server.client().as_role("admin"), server.client().as_role("finance"));
    let person = json!({"id": covered["participant_id"]});
    let membership = json!({"segment": "PBI_APBN", "state": "active", "valid_from": "2026-11-01"});
    admin.put(&format!("{}/jkn-status", path_of(&person)), membership).await.expect(201);
    let batch = finance.post_keyed(BATCHES, order()).await.expect(201);
    assert_eq!((&batch["held"], &batch["total_amount"]), (&json!([covered["id"]]), &json!(4_000_000)));
    assert_eq!(batch["items"][0]["claim_id"], clean["id"]);
    let shown = finance.get(&path(&covered)).await.expect(200);
    assert_eq!((&shown["state"], &shown["waiting_for"]), (&json!("recheck"), &json!("verifier")));
    let refused = server
        .client()
        .as_role("verifier")
        .post_keyed(&format!("{}/decisions", path(&covered)), json!({"decision": "reject", "reason_code": "DOUBLE_FUNDED"}))
        .await
        .expect(200);
    assert_eq!((&refused["state"], &refused["amounts"]["approved"]), (&json!("rejected"), &json!(0)));
    assert_eq!(balance(&server, "approved_unpaid"), 4_000_000, "only the other one's");

    // An order that is taken back may be made again.
    assert_eq!(act(&finance, &batch, "cancel").await.expect(200)["state"], "cancelled");
    assert_eq!(finance.get(&path(&clean)).await.expect(200)["state"], "approved");
    let again = finance.post_keyed(BATCHES, order()).await.expect(201);
    assert_eq!((&again["item_count"], &again["held"]), (&json!(1), &json!([])));
    assert_eq!(finance.get(&format!("{BATCHES}?state=cancelled")).await.expect(200)["items"][0]["id"], batch["id"]);
    finance.send(finance.request(Method::POST, BATCHES).json(&order())).await.expect_problem(400, "IDEMPOTENCY_KEY_MISSING");
    assert_eq!(finance.get(CLAIMS).await.expect(200)["items"].as_array().map(Vec::len), Some(2));
}
