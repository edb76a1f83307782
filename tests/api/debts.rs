//! Debts: what a year leaves unpaid is acknowledged by two, owed by the year after, and paid by it.

use chrono::Duration;
use ksnik::domain::files::ContentHash;
use serde_json::{Value, json};

use super::claims::{path, prices, second};
use super::harness::count;
use super::payments::{BATCHES, act as batch_act, approved, order, pay};
use super::people::{faults, path_of};
use super::recoveries::{act as recovery_act, ask};
use super::support::client::{Answer, Client};
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;

const DEBTS: &str = "/api/v1/debt-acknowledgements";

/// What an account of a year holds.
fn holds(server: &DatedServer, year: i32, account: &str) -> i64 {
    let sum = format!("SELECT CAST(coalesce(sum(balance), 0) AS BIGINT) FROM ledger_balances WHERE account = '{account}' AND year = {year}");
    count(server.database(), &sum)
}

fn debt(year: i32) -> Value {
    json!({"year": year, "document_number": "BA-1/2027"})
}

async fn approve(client: &Client, debt: &Value) -> Answer {
    client.post_keyed(&format!("{DEBTS}/{}/approve", debt["id"].as_str().expect("an id")), json!({})).await
}

async fn finance_of(server: &DatedServer) -> (Client, Client) {
    let tokens =
        server.client().post("/api/v1/auth/token", json!({"username": "wakil.finance", "password": "kuda lumping berlari 7"})).await.expect(200);
    (server.client().as_role("finance"), server.client().with_token(tokens["access_token"].as_str().expect("a token")))
}

on_both!(what_a_year_leaves_unpaid_is_owed_and_paid_by_the_next);
async fn what_a_year_leaves_unpaid_is_owed_and_paid_by_the_next(server: DatedServer) {
    prices(&server).await;
    let (finance, other) = (server.client().as_role("finance"), second(&server, "finance").await);
    approved(&server, 9250).await;
    pay(&finance, &other, TODAY).await;
    let (covered, clean) = (approved(&server, 9251).await, approved(&server, 9252).await);
    assert_eq!(faults(&finance.post_keyed(DEBTS, debt(2026)).await.expect(422)), ["/year YEAR_NOT_OVER"]);

    server.put_forward(Duration::days(50));
    let (finance, other) = finance_of(&server).await;
    finance.post_keyed(DEBTS, debt(2025)).await.expect_problem(409, "NOTHING_OWED");
    let proposed = finance.post_keyed(DEBTS, debt(2026)).await.expect(201);
    let same = finance.post_keyed(DEBTS, debt(2026)).await.expect(201);
    assert_eq!((&proposed["state"], &proposed["total_amount"], &proposed["item_count"]), (&json!("proposed"), &json!(8_000_000), &json!(2)));
    assert_eq!(proposed["facilities"][0]["amount"], json!(8_000_000));
    assert_eq!(holds(&server, 2026, "approved_unpaid"), 8_000_000, "what is only proposed moves nothing");
    let place = format!("{DEBTS}/{}", proposed["id"].as_str().expect("an id"));
    let sheet = finance.get(&format!("{place}/sheet.csv")).await;
    assert_eq!((sheet.status, sheet.text.lines().count()), (200, 3), "{}", sheet.text);
    assert_eq!(proposed["sha256"], ContentHash::of(sheet.text.as_bytes()).to_string());
    approve(&finance, &proposed).await.expect_problem(409, "DECIDES_OWN_REQUEST");

    let acknowledged = approve(&other, &proposed).await.expect(200);
    assert_eq!((&acknowledged["state"], &acknowledged["sha256"]), (&json!("approved"), &proposed["sha256"]));
    approve(&other, &proposed).await.expect_problem(409, "STATE_CONFLICT");
    approve(&other, &same).await.expect_problem(409, "DEBT_CHANGED");
    finance.post_keyed(DEBTS, debt(2026)).await.expect_problem(409, "NOTHING_OWED");
    assert_eq!((holds(&server, 2026, "approved_unpaid"), holds(&server, 2026, "debt_acknowledged")), (0, 8_000_000));
    assert_eq!((holds(&server, 2027, "debt_carried_in"), holds(&server, 2027, "available")), (8_000_000, -8_000_000));
    let position = |year: i32| {
        let manager = server.client().as_role("manager");
        async move { manager.get(&format!("/api/v1/budget-positions/{year}")).await.expect(200)["total"].clone() }
    };
    let (then, now) = (position(2026).await, position(2027).await);
    let of = |one: &Value, names: [&str; 3]| names.map(|name| one[name].as_i64().expect("an amount"));
    assert_eq!(of(&then, ["debt_acknowledged", "paid", "owed_as_verified"]), [8_000_000, 4_000_000, 8_000_000]);
    assert_eq!(of(&now, ["debt_carried_in", "debt_paid", "owed_as_verified"]), [8_000_000, 0, 8_000_000]);

    // What JKN turns out to have covered is owed by neither year.
    let admin = server.client().as_role("admin");
    let person = json!({"id": covered["participant_id"]});
    let membership = json!({"segment": "PBI_APBN", "state": "active", "valid_from": "2026-11-01"});
    admin.put(&format!("{}/jkn-status", path_of(&person)), membership).await.expect(201);
    let batch = finance.post_keyed(BATCHES, order()).await.expect(201);
    assert_eq!((&batch["held"], &batch["total_amount"]), (&json!([covered["id"]]), &json!(4_000_000)));
    let verifier = server.client().as_role("verifier");
    let refusal = json!({"decision": "reject", "reason_code": "DOUBLE_FUNDED"});
    verifier.post_keyed(&format!("{}/decisions", path(&covered)), refusal).await.expect(200);
    assert_eq!((holds(&server, 2026, "debt_acknowledged"), holds(&server, 2026, "approved_unpaid")), (4_000_000, 0));
    assert_eq!((holds(&server, 2027, "debt_carried_in"), holds(&server, 2027, "available")), (4_000_000, -4_000_000));

    // The year after pays the other, and what comes back comes back to it.
    batch_act(&other, &batch, "approve").await.expect(200);
    let settle = format!("{BATCHES}/{}/settle", batch["id"].as_str().expect("an id"));
    finance.post_keyed(&settle, json!({"paid_on": "2027-01-09", "sp2d_number": "SP2D-1/2027"})).await.expect(200);
    assert_eq!((holds(&server, 2027, "debt_carried_in"), holds(&server, 2027, "debt_paid")), (0, 4_000_000));
    assert_eq!((holds(&server, 2026, "paid"), holds(&server, 2027, "paid")), (4_000_000, 0));
    let recovery = ask(&finance, &clean, 1_500_000).await.expect(201);
    recovery_act(&other, &recovery, "approve", json!({})).await.expect(200);
    let receipt = json!({"amount": 1_500_000, "received_on": "2027-01-10", "document_number": "STS-1/2027"});
    assert_eq!(recovery_act(&finance, &recovery, "receive", receipt).await.expect(200)["state"], "repaid");
    assert_eq!((holds(&server, 2027, "debt_paid"), holds(&server, 2027, "available")), (2_500_000, -2_500_000));

    // The list stays what was acknowledged.
    assert_eq!(finance.get(&format!("{place}/sheet.csv")).await.text, sheet.text);
    assert_eq!(finance.get(&format!("{DEBTS}?year=2026")).await.expect(200)["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(finance.get(&format!("{DEBTS}?year=2027")).await.expect(200)["items"], json!([]));
}

/// What the ledger must say of the claims as they stand, whatever happened to them: account, and the sum that is in it.
const TRUTHS: [(&str, &str); 5] = [
    (
        "approved_unpaid",
        "SELECT sum(approved_amount) FROM claims WHERE state IN ('approved', 'approved_partial', 'payment_ordered', 'recheck') AND NOT carried",
    ),
    ("debt_acknowledged", "SELECT sum(approved_amount) FROM claims WHERE carried"),
    (
        "debt_carried_in",
        "SELECT sum(approved_amount) FROM claims WHERE state IN ('approved', 'approved_partial', 'payment_ordered', 'recheck') AND carried",
    ),
    (
        "paid",
        "SELECT sum(paid_amount - coalesce((SELECT sum(repaid_amount) FROM recoveries WHERE claim_id = claims.id), 0)) FROM claims WHERE NOT carried",
    ),
    (
        "debt_paid",
        "SELECT sum(paid_amount - coalesce((SELECT sum(repaid_amount) FROM recoveries WHERE claim_id = claims.id), 0)) FROM claims WHERE carried",
    ),
];

#[track_caller]
fn holds_true(server: &DatedServer, after: &str) {
    for (account, truth) in TRUTHS {
        let truth = truth
            .replace("NOT carried", "id NOT IN (SELECT claim_id FROM carried_debts)")
            .replace("AND carried", "AND id IN (SELECT claim_id FROM carried_debts)");
        let truth = truth.replace("WHERE carried", "WHERE id IN (SELECT claim_id FROM carried_debts)");
        let counted = count(server.database(), &format!("SELECT CAST(coalesce(({truth}), 0) AS BIGINT)"));
        let held = format!("SELECT CAST(coalesce(sum(balance), 0) AS BIGINT) FROM ledger_balances WHERE account = '{account}'");
        assert_eq!(count(server.database(), &held), counted, "{account} after {after}");
    }
    let unequal = "SELECT COUNT(*) FROM (SELECT year, pot FROM ledger_balances GROUP BY year, pot HAVING SUM(balance) <> 0) AS sums";
    assert_eq!(count(server.database(), unequal), 0, "after {after}");
}

on_both!(the_ledger_says_what_the_claims_say_whatever_is_done_in_which_order);
async fn the_ledger_says_what_the_claims_say_whatever_is_done_in_which_order(server: DatedServer) {
    prices(&server).await;
    second(&server, "finance").await;
    let mut claims = Vec::new();
    for serial in 9260..9265 {
        claims.push(approved(&server, serial).await);
    }
    let path_of_claim = |at: usize| format!("/api/v1/claims/{}/recoveries", claims[at]["id"].as_str().expect("an id"));
    server.put_forward(Duration::days(50));
    let (finance, other) = finance_of(&server).await;
    let first = |list: Value| list["items"][0]["id"].as_str().map(str::to_owned);
    // Ordered, approved, settled, cancelled, asked back, approved, received, proposed as debt, acknowledged: these often, those rarely.
    const CHOICES: [u8; 24] = [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 8];
    let mut seed: u32 = 19;
    let mut done = std::collections::BTreeSet::new();
    for step in 0..80 {
        // Any numbers do, as long as they are the same every time.
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (choice, amount) = (CHOICES[usize::try_from(seed >> 24).expect("a byte") % CHOICES.len()], i64::from((seed >> 8) % 5 + 1) * 500_000);
        let at = usize::try_from(step).expect("small") % claims.len();
        let of_state = async |path: &str, state: &str| first(finance.get(&format!("{path}?state={state}")).await.expect(200));
        let (what, answer) = match choice {
            0 => {
                let only = json!({"period": "2026-11", "pot": "rsud", "claim_ids": [claims[at]["id"]]});
                ("order", finance.post_keyed(BATCHES, only).await)
            }
            1 => {
                let Some(id) = of_state(BATCHES, "proposed").await else { continue };
                ("approve", other.post_keyed(&format!("{BATCHES}/{id}/approve"), json!({})).await)
            }
            2 => {
                let Some(id) = of_state(BATCHES, "approved").await else { continue };
                let paid = json!({"paid_on": "2027-01-09", "sp2d_number": format!("SP2D-{step}/2027")});
                ("settle", finance.post_keyed(&format!("{BATCHES}/{id}/settle"), paid).await)
            }
            3 => {
                let Some(id) = of_state(BATCHES, "proposed").await else { continue };
                ("cancel", finance.post_keyed(&format!("{BATCHES}/{id}/cancel"), json!({})).await)
            }
            4 => ("ask", finance.post_keyed(&path_of_claim(at), json!({"amount": amount, "reason": "overpaid", "document_number": "N-1"})).await),
            5 => {
                let Some(id) = of_state("/api/v1/recoveries", "proposed").await else { continue };
                ("approve_recovery", other.post_keyed(&format!("/api/v1/recoveries/{id}/approve"), json!({})).await)
            }
            6 => {
                let Some(id) = of_state("/api/v1/recoveries", "due").await else { continue };
                let receipt = json!({"amount": amount, "received_on": "2027-01-09", "document_number": "STS-1"});
                ("receive", finance.post_keyed(&format!("/api/v1/recoveries/{id}/receive"), receipt).await)
            }
            7 if step > 15 => ("propose_debt", finance.post_keyed(DEBTS, debt(2026)).await),
            _ => {
                let Some(id) = first(finance.get(DEBTS).await.expect(200)) else { continue };
                ("acknowledge", other.post_keyed(&format!("{DEBTS}/{id}/approve"), json!({})).await)
            }
        };
        assert!([200, 201, 409, 422].contains(&answer.status), "{what}: {}", answer.text);
        if answer.status < 300 {
            done.insert(what);
        }
        holds_true(&server, &format!("step {step}: {what} {}", answer.status));
    }
    let all = ["acknowledge", "approve", "approve_recovery", "ask", "cancel", "order", "propose_debt", "receive", "settle"];
    assert!(all.iter().all(|what| done.contains(what)), "{done:?}");
}
