//! Recoveries: what is asked back for a paid claim, by whom, and how it comes back: by transfer, or out of the next payment.

use serde_json::{Value, json};

use super::claims::{act as claim_act, balance, path, prices, second};
use super::harness::count;
use super::payments::{BATCHES, act as batch_act, approved, order, pay};
use super::people::faults;
use super::support::client::{Answer, Client};
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::id_of;

const RECOVERIES: &str = "/api/v1/recoveries";

fn demand(amount: i64) -> Value {
    json!({"amount": amount, "reason": "audit", "document_number": "LHP-12/2026"})
}

pub async fn ask(client: &Client, claim: &Value, amount: i64) -> Answer {
    claim_act(client, claim, "recoveries", demand(amount)).await
}

pub async fn act(client: &Client, recovery: &Value, action: &str, body: Value) -> Answer {
    client.post_keyed(&format!("{RECOVERIES}/{}/{action}", recovery["id"].as_str().expect("an id")), body).await
}

fn receipt(amount: i64) -> Value {
    json!({"amount": amount, "received_on": TODAY, "document_number": "STS-3/2026"})
}

fn ids(list: &Value) -> Vec<&Value> {
    list["items"].as_array().expect("a list").iter().map(|one| &one["id"]).collect()
}

#[track_caller]
fn nothing_is_lost(server: &DatedServer) {
    let unequal = "SELECT COUNT(*) FROM (SELECT year, pot FROM ledger_balances GROUP BY year, pot HAVING SUM(balance) <> 0) AS sums";
    assert_eq!(count(server.database(), unequal), 0);
}

on_both!(what_two_ask_back_for_a_paid_claim_comes_back_by_transfer_and_out_of_the_next_payment);
async fn what_two_ask_back_for_a_paid_claim_comes_back_by_transfer_and_out_of_the_next_payment(server: DatedServer) {
    prices(&server).await;
    let (finance, other) = (server.client().as_role("finance"), second(&server, "finance").await);
    let hospital = server.client().as_role("hospital");
    let claim = approved(&server, 9240).await;
    ask(&finance, &claim, 1).await.expect_problem(409, "CLAIM_STATE_CONFLICT");
    pay(&finance, &other, TODAY).await;
    assert_eq!((balance(&server, "paid"), balance(&server, "available")), (4_000_000, -4_000_000));

    // Never more than was paid, of all that is asked together.
    assert_eq!(faults(&ask(&finance, &claim, 4_000_001).await.expect(422)), ["/amount ABOVE_PAID"]);
    assert_eq!(faults(&ask(&finance, &claim, 0).await.expect(422)), ["/amount TOO_SMALL"]);
    let recovery = ask(&finance, &claim, 3_000_000).await.expect(201);
    assert_eq!((&recovery["state"], &recovery["open_amount"]), (&json!("proposed"), &json!(3_000_000)));
    assert_eq!(faults(&ask(&finance, &claim, 1_000_001).await.expect(422)), ["/amount ABOVE_PAID"]);
    let dropped = ask(&finance, &claim, 1_000_000).await.expect(201);
    assert_eq!(act(&finance, &dropped, "cancel", json!({})).await.expect(200)["state"], "cancelled");

    // One asks, another approves; the hospital learns of it then.
    act(&finance, &recovery, "receive", receipt(1)).await.expect_problem(409, "RECOVERY_STATE_CONFLICT");
    act(&finance, &recovery, "approve", json!({})).await.expect_problem(409, "DECIDES_OWN_REQUEST");
    let place = format!("{RECOVERIES}/{}", recovery["id"].as_str().expect("an id"));
    hospital.get(&place).await.expect_problem(404, "NOT_FOUND");
    assert_eq!(hospital.get(RECOVERIES).await.expect(200)["items"], json!([]));
    assert_eq!(act(&other, &recovery, "approve", json!({})).await.expect(200)["state"], "due");
    act(&other, &recovery, "approve", json!({})).await.expect_problem(409, "RECOVERY_STATE_CONFLICT");
    act(&finance, &recovery, "cancel", json!({})).await.expect_problem(409, "RECOVERY_STATE_CONFLICT");
    assert_eq!(ids(&hospital.get(RECOVERIES).await.expect(200)), [&recovery["id"]]);
    let stranger = server.client().as_role("other_hospital");
    stranger.get(&place).await.expect_problem(404, "NOT_FOUND");
    assert_eq!(stranger.get(RECOVERIES).await.expect(200)["items"], json!([]));
    assert_eq!(balance(&server, "paid"), 4_000_000, "what is owed is not back yet");

    // A part of it by transfer.
    let early = json!({"amount": 1, "received_on": "2026-11-22", "document_number": "STS-1"});
    assert_eq!(faults(&act(&finance, &recovery, "receive", early).await.expect(422)), ["/received_on DATE_IN_FUTURE"]);
    assert_eq!(faults(&act(&finance, &recovery, "receive", receipt(3_000_001)).await.expect(422)), ["/amount ABOVE_OPEN"]);
    let partly = act(&finance, &recovery, "receive", receipt(1_000_000)).await.expect(200);
    assert_eq!((&partly["state"], &partly["open_amount"]), (&json!("due"), &json!(2_000_000)));
    assert_eq!((balance(&server, "paid"), balance(&server, "available")), (3_000_000, -3_000_000));

    // The rest out of the next payment; an order that is taken back lets it go.
    approved(&server, 9241).await;
    let taken_back = finance.post_keyed(BATCHES, order()).await.expect(201);
    assert_eq!((&taken_back["total_amount"], &taken_back["net_amount"]), (&json!(4_000_000), &json!(2_000_000)));
    assert_eq!(finance.get(&place).await.expect(200)["open_amount"], 0);
    assert_eq!(faults(&act(&finance, &recovery, "receive", receipt(1)).await.expect(422)), ["/amount ABOVE_OPEN"]);
    batch_act(&finance, &taken_back, "cancel").await.expect(200);
    assert_eq!(finance.get(&place).await.expect(200)["open_amount"], 2_000_000);
    let paid = pay(&finance, &other, TODAY).await;
    assert_eq!((&paid["kept_back"][0]["claim_number"], &paid["kept_back"][0]["state"]), (&claim["number"], &json!("repaid")));
    let whole = finance.get(&place).await.expect(200);
    assert_eq!((&whole["state"], &whole["repaid_amount"], &whole["open_amount"]), (&json!("repaid"), &json!(3_000_000), &json!(0)));
    let how: Vec<&Value> = whole["repayments"].as_array().expect("a list").iter().map(|one| &one["state"]).collect();
    assert_eq!(how, ["repaid", "released", "repaid"]);
    assert_eq!((balance(&server, "paid"), balance(&server, "available")), (5_000_000, -5_000_000), "two claims less what came back");
    nothing_is_lost(&server);
    assert_eq!(hospital.get(&path(&claim)).await.expect(200)["state"], "paid", "what was paid stays paid");

    // The hospital's advice tells both.
    let told = hospital.get("/api/v1/remittances").await.expect(200)["items"][0].clone();
    let amounts = ["amount", "kept_back_amount", "net_amount"].map(|name| told[name].clone());
    assert_eq!(amounts, [json!(4_000_000), json!(2_000_000), json!(2_000_000)]);
    let advice = format!("/api/v1/remittances/{}/advice", paid["id"].as_str().expect("an id"));
    let sheet = hospital.get(&format!("{advice}.csv")).await;
    assert_eq!((sheet.status, sheet.text.lines().count()), (200, 3), "{}", sheet.text);
    assert!(sheet.text.contains(",4000000,payment") && sheet.text.contains("RSX-9240,,-2000000,kept_back"), "{}", sheet.text);
    let pdf = hospital.get(&format!("{advice}.pdf")).await;
    assert_eq!((pdf.status, pdf.header("content-type"), &pdf.text[..5]), (200, "application/pdf", "%PDF-"));
    assert_eq!(faults_of_query(&finance.get(&format!("{advice}.csv")).await), ["facility_id FIELD_MISSING"]);
    assert_eq!(finance.get(&format!("{advice}.csv?facility_id={}", id_of("rsud"))).await.text, sheet.text);
    stranger.get(&format!("{advice}.csv")).await.expect_problem(404, "NOT_FOUND");
    stranger.get(&format!("{advice}.pdf?facility_id={}", id_of("rsud"))).await.expect_problem(404, "NOT_FOUND");

    // Lists are narrowed.
    for (query, found) in [("state=repaid", 1), ("state=due", 0), ("reason=audit", 2), ("reason=overpaid", 0), ("state=cancelled", 1)] {
        assert_eq!(ids(&finance.get(&format!("{RECOVERIES}?{query}")).await.expect(200)).len(), found, "{query}");
    }
    let of_claim = format!("{RECOVERIES}?claim_id={}&facility_id={}", claim["id"].as_str().expect("an id"), id_of("rsud"));
    assert_eq!(ids(&finance.get(&of_claim).await.expect(200)).len(), 2);
    assert_eq!(ids(&hospital.get(&of_claim).await.expect(200)).len(), 1, "not what was cancelled");
}

pub fn faults_of_query(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let told = answer.json["errors"].as_array().expect("faults").iter();
    told.map(|fault| format!("{} {}", fault["parameter"].as_str().unwrap_or("-"), fault["code"].as_str().unwrap_or("-"))).collect()
}

on_both!(a_payment_keeps_back_no_more_than_it_pays);
async fn a_payment_keeps_back_no_more_than_it_pays(server: DatedServer) {
    prices(&server).await;
    let (finance, other) = (server.client().as_role("finance"), second(&server, "finance").await);
    let claims = [approved(&server, 9242).await, approved(&server, 9243).await];
    pay(&finance, &other, TODAY).await;
    for claim in &claims {
        let recovery = ask(&finance, claim, 3_000_000).await.expect(201);
        act(&other, &recovery, "approve", json!({})).await.expect(200);
    }
    approved(&server, 9244).await;
    let paid = pay(&finance, &other, TODAY).await;
    let kept: Vec<&Value> = paid["kept_back"].as_array().expect("a list").iter().map(|one| &one["amount"]).collect();
    assert_eq!((kept, &paid["net_amount"]), (vec![&json!(3_000_000), &json!(1_000_000)], &json!(0)), "the oldest first");
    let open: Vec<Value> = finance.get(&format!("{RECOVERIES}?state=due")).await.expect(200)["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["open_amount"].clone())
        .collect();
    assert_eq!(open, [json!(2_000_000)]);
    nothing_is_lost(&server);
}
