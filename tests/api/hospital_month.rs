//! A hospital's month as one story: patients come under letters, bills go out in one batch, what is asked for is mended, an objection is decided, and the
//! money comes with its advice.

use serde_json::{Value, json};

use super::claims::{act, adds_up, balance, bill, path, prices, second, treated};
use super::harness::count;
use super::payments::{BATCHES, act as batch_act};
use super::support::dated::DatedServer;
use super::support::on_both;

on_both!(a_month_from_letter_to_remittance);
async fn a_month_from_letter_to_remittance(server: DatedServer) {
    prices(&server).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let (finance, accountant, colleague) = (server.client().as_role("finance"), second(&server, "finance").await, second(&server, "verifier").await);
    let mut letters = Vec::new();
    for serial in 9290..9294 {
        letters.push(treated(&server, serial).await);
    }
    assert_eq!(balance(&server, "incurred"), 12_000_000, "what the letters keep aside while nobody has billed");

    // Four bills in one batch: a clean one, one with a line that has no price, one without its papers, one that is cut by the tariff.
    let unpriced = json!({"lines": [
        {"line": 1, "tariff_code": "J-4-16-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 4_000_000, "hospital_cost": 4_600_000},
        {"line": 2, "tariff_code": "X-9-99-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 500_000, "hospital_cost": 450_000}],
        "total_claimed": 4_500_000});
    let dear = json!({"lines": [
        {"line": 1, "tariff_code": "J-4-16-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 5_000_000, "hospital_cost": 4_900_000}],
        "total_claimed": 5_000_000});
    let mut bills = Vec::new();
    for (at, changes) in [json!({}), unpriced, json!({"document_ids": []}), dear].into_iter().enumerate() {
        bills.push(bill(&hospital, &letters[at], &format!("NOV-{at}"), changes).await);
    }
    let answer = hospital.post_keyed("/api/v1/claims/batch", json!({ "claims": bills })).await.expect(200);
    let claims: Vec<Value> = answer["items"].as_array().expect("items").iter().map(|item| item["result"].clone()).collect();
    claims.iter().for_each(adds_up);
    assert_eq!(balance(&server, "incurred"), 0, "the bills have taken the place of the letters");

    // The papers are asked for and come; what waits is decided; the hospital objects to what it was refused and another looks at it.
    act(&verifier, &claims[2], "decisions", json!({"decision": "return", "reason_code": "ADMIN_DOC_MISSING"})).await.expect(200);
    act(&hospital, &claims[2], "resubmit", bill(&hospital, &letters[2], "NOV-2", json!({})).await).await.expect(200);
    let line = |amount: i64| json!([{"line": 2, "approved_amount": amount, "reason_code": "CODING_PROCEDURE"}]);
    act(&verifier, &claims[1], "decisions", json!({"decision": "approve_partial", "lines": line(0)})).await.expect(200);
    for claim in &claims {
        // Where one was drawn for the control sample, or waits for a look at its papers.
        let now = hospital.get(&path(claim)).await.expect(200);
        if now["waiting_for"] == "verifier" {
            act(&verifier, claim, "decisions", json!({"decision": "approve"})).await.expect(200);
        }
    }
    act(&hospital, &claims[1], "dispute", json!({"reason": "kode ada di daftar lama"})).await.expect(200);
    let decided = json!({"outcome": "changed", "minutes_number": "BA-1/2026", "lines": line(300_000)});
    act(&verifier, &claims[1], "dispute-decision", decided.clone()).await.expect_problem(409, "DECIDES_OWN_REQUEST");
    let objection = act(&colleague, &claims[1], "dispute-decision", decided).await.expect(200);
    adds_up(&objection);
    const APPROVED: i64 = 4_000_000 + 4_300_000 + 4_000_000 + 4_000_000;
    assert_eq!((balance(&server, "billed"), balance(&server, "approved_unpaid")), (0, APPROVED));

    // One orders, another approves, the treasury pays.
    let ids: Vec<&Value> = claims.iter().map(|claim| &claim["id"]).collect();
    let order = json!({"period": "2026-11", "pot": "rsud", "claim_ids": ids});
    let batch = finance.post_keyed(BATCHES, order).await.expect(201);
    assert_eq!((&batch["total_amount"], &batch["item_count"]), (&json!(APPROVED), &json!(4)));
    batch_act(&finance, &batch, "approve").await.expect_problem(409, "DECIDES_OWN_REQUEST");
    batch_act(&accountant, &batch, "approve").await.expect(200);
    let settle = json!({"paid_on": "2026-11-21", "sp2d_number": "SP2D-11/2026", "net_amount": APPROVED});
    finance.post_keyed(&format!("{BATCHES}/{}/settle", batch["id"].as_str().expect("an id")), settle).await.expect(200);

    // The hospital has its money and the paper for it, and the month's sheet says the same as the claims and the ledger.
    let advice = hospital.get("/api/v1/remittances").await.expect(200);
    assert_eq!(advice["items"].as_array().map(Vec::len), Some(1));
    let csv = hospital.get(&format!("/api/v1/remittances/{}/advice.csv", batch["id"].as_str().expect("an id"))).await;
    assert!(csv.status == 200 && claims.iter().all(|claim| csv.text.contains(claim["number"].as_str().expect("a number"))), "{}", csv.text);
    let sheet = hospital.get("/api/v1/bill-sheets/2026-11").await.expect(200);
    let totals = json!({"claimed": 17_500_000, "tariff": 16_000_000, "hospital_cost": 19_150_000, "approved": APPROVED, "paid": APPROVED});
    assert_eq!((&sheet["claims"], &sheet["totals"]), (&json!(4), &totals));
    for claim in &claims {
        assert_eq!(hospital.get(&path(claim)).await.expect(200)["state"], "paid");
    }
    for (account, holds) in [("reserved", 0), ("incurred", 0), ("billed", 0), ("approved_unpaid", 0), ("paid", APPROVED), ("available", -APPROVED)] {
        assert_eq!(balance(&server, account), holds, "{account}");
    }
    // Each of the patients was told twice: of the letter, and of what was paid for them.
    assert_eq!(count(server.database(), "SELECT count(*) FROM messages"), 8);
}
