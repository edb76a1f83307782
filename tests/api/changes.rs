//! What happened, as programs follow it: each change once, the oldest first, to those whose it is.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::claims::{bill, claim, path, prices, second, treated};
use super::letters::LETTERS;
use super::payments::{approved, pay};
use super::people::{nik, register};
use super::questions::{ask, question_of};
use super::support::client::Client;
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;

const PLACE: &str = "/api/v1/changes";

/// All that is there after a cursor, in pages of so many, and the cursor after it.
async fn follow(client: &Client, from: Option<String>, limit: usize) -> (Vec<Value>, String) {
    let (mut all, mut cursor) = (Vec::new(), from);
    loop {
        let after = cursor.as_ref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = client.get(&format!("{PLACE}?limit={limit}{after}")).await.expect(200);
        let items = page["items"].as_array().expect("a list").clone();
        cursor = Some(page["next_cursor"].as_str().expect("always one").to_owned());
        if items.is_empty() {
            return (all, cursor.expect("one"));
        }
        all.extend(items);
    }
}

fn told<'a>(changes: &'a [Value], object: &Value) -> Vec<(&'a str, &'a str)> {
    let of = changes.iter().filter(|change| change["id"] == object["id"]);
    of.map(|change| (change["action"].as_str().expect("a word"), change["state"].as_str().expect("a word"))).collect()
}

on_both!(each_follows_what_is_theirs_from_the_letter_to_the_money);
async fn each_follows_what_is_theirs_from_the_letter_to_the_money(server: DatedServer) {
    prices(&server).await;
    let (hospital, finance) = (server.client().as_role("hospital"), server.client().as_role("finance"));
    let (nothing, begin) = follow(&hospital, None, 50).await;
    assert_eq!(nothing, Vec::<Value>::new());
    let letter = treated(&server, 9286).await;
    let (changes, cursor) = follow(&hospital, Some(begin), 50).await;
    assert_eq!(told(&changes, &letter), [("issue", "issued"), ("admit", "used"), ("discharge", "used")]);
    assert_eq!((&changes[0]["kind"], &changes[0]["number"]), (&json!("letter"), &letter["number"]));

    let made = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({"document_ids": []})).await).await.expect(201);
    let back = json!({"decision": "return", "reason_code": "ADMIN_DOC_MISSING"});
    server.client().as_role("verifier").post_keyed(&format!("{}/decisions", path(&made)), back).await.expect(200);
    let (changes, cursor) = follow(&hospital, Some(cursor), 50).await;
    assert_eq!(told(&changes, &made), [("submit", "submitted"), ("return", "returned")]);
    assert!(changes.iter().all(|change| ["claim", "letter"].contains(&change["kind"].as_str().expect("a word"))), "{changes:?}");

    // Money: an order is the city's until it is paid.
    let other = second(&server, "finance").await;
    let paid = approved(&server, 9287).await;
    pay(&finance, &other, TODAY).await;
    let (changes, end) = follow(&hospital, Some(cursor), 50).await;
    assert_eq!(told(&changes, &paid).iter().rev().take(2).collect::<Vec<_>>(), [&("pay", "paid"), &("order_payment", "payment_ordered")]);
    let payments: Vec<_> = changes.iter().filter(|change| change["kind"] == "payment").collect();
    assert_eq!((payments.len(), &payments[0]["action"], &payments[0]["state"]), (1, &json!("settle"), &json!("settled")));
    let (all, _) = follow(&finance, None, 50).await;
    let of_batch: Vec<&str> = all.iter().filter(|change| change["kind"] == "payment").filter_map(|change| change["action"].as_str()).collect();
    assert_eq!(of_batch, ["order", "approve", "settle"]);

    // The same in whatever pages; nothing of somebody else's; and no person's.
    let (whole, _) = follow(&hospital, None, 200).await;
    assert_eq!(follow(&hospital, None, 1).await.0, whole);
    assert!(whole.iter().all(|change| change["facility_id"] == paid["facility_id"]), "{whole:?}");
    assert_eq!(follow(&server.client().as_role("other_hospital"), None, 50).await.0, Vec::<Value>::new());
    assert!(!serde_json::to_string(&all).expect("text").contains(paid["participant_id"].as_str().expect("an id")));

    for (cursor, code) in [("x", "WRONG_FORMAT"), ("W10", "WRONG_FORMAT")] {
        assert!(faults_of(&hospital.get(&format!("{PLACE}?cursor={cursor}")).await.expect(422)).contains(&code.to_owned()), "{cursor}");
    }
    server.client().as_role("verifier").get(PLACE).await.expect_problem(403, "NOT_ALLOWED");
    server.put_forward(chrono::Duration::days(91));
    let hospital = server.client().as_role("hospital");
    let late = hospital.get(&format!("{PLACE}?cursor={end}")).await.expect(422);
    assert_eq!(faults_of(&late), ["CURSOR_TOO_OLD"]);
    let (left, _) = follow(&hospital, None, 200).await;
    assert!(left.iter().all(|change| !whole.contains(change)), "{left:?}");
}

fn faults_of(problem: &Value) -> Vec<String> {
    problem["errors"].as_array().expect("faults").iter().map(|fault| fault["code"].as_str().expect("a code").to_owned()).collect()
}

on_both!(who_follows_while_many_write_misses_nothing);
async fn who_follows_while_many_write_misses_nothing(server: DatedServer) {
    const MANY: u16 = 24;
    prices(&server).await;
    let (admin, hospital, finance) = (server.client().as_role("admin"), server.client().as_role("hospital"), server.client().as_role("finance"));
    let mut checks = Vec::new();
    for serial in 9300..9300 + MANY {
        register(&admin, serial, json!({})).await;
        checks.push(ask(&hospital, question_of(TODAY, json!({"nik": nik(serial)}))).await);
    }
    let (_, begin) = follow(&finance, None, 200).await;
    let mut writers = JoinSet::new();
    for check in checks {
        let hospital = hospital.clone();
        writers.spawn(async move {
            let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III", "estimated_amount": 1_000_000});
            loop {
                let answer = hospital.post_keyed(LETTERS, asked.clone()).await;
                if answer.status != 503 {
                    return answer.expect(201);
                }
            }
        });
    }
    let (mut seen, mut cursor, mut letters) = (Vec::new(), begin, Vec::new());
    while letters.len() < usize::from(MANY) {
        let (more, next) = follow(&finance, Some(cursor), 3).await;
        seen.extend(more);
        cursor = next;
        while let Some(written) = writers.try_join_next() {
            letters.push(written.expect("it was written"));
        }
    }
    seen.extend(follow(&finance, Some(cursor), 3).await.0);
    for letter in &letters {
        assert_eq!(told(&seen, letter), [("issue", "issued")]);
    }
}
