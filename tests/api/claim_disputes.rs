//! Objections: to which lines, with which papers, who decides them and how.

use serde_json::{Value, json};

use super::claim_evidence::{file, opened};
use super::claim_limits::with_limits;
use super::claims::{act, adds_up, balance, bill, claim, path, prices, second, treated};
use super::documents::upload;
use super::people::faults;
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::papers::pdf;

/// A claim of two priced lines and one without a price, of which a verifier cut the last two.
async fn cut(server: &DatedServer, serial: u16) -> Value {
    let letter = treated(server, serial).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let line = |line: i32, code: &str, amount: i64| json!({"line": line, "tariff_code": code, "date": "2026-11-21", "quantity": 1, "claimed_amount": amount});
    let lines = [line(1, "J-4-16-I", 4_000_000), line(2, "X-9-98-I", 300_000), line(3, "X-9-99-I", 200_000)];
    let body = bill(&hospital, &letter, &format!("RSX-{serial}"), json!({"lines": lines, "total_claimed": 4_500_000})).await;
    let made = claim(&hospital, body).await.expect(201);
    let none = |line: i32| json!({"line": line, "approved_amount": 0, "reason_code": "CODING_PROCEDURE"});
    let decision = json!({"decision": "approve_partial", "lines": [none(2), none(3)]});
    let decided = act(&verifier, &made, "decisions", decision).await.expect(200);
    assert_eq!(
        (&decided["state"], &decided["amounts"]["approved"], &decided["dispute"]),
        (&json!("approved_partial"), &json!(4_000_000), &Value::Null)
    );
    decided
}

fn changed(lines: &[(i32, i64)]) -> Value {
    let line = |(line, amount): &(i32, i64)| json!({"line": line, "approved_amount": amount, "reason_code": "TARIFF_EXCEEDED"});
    json!({"outcome": "changed", "minutes_number": "BA-7/2026", "lines": lines.iter().map(line).collect::<Vec<_>>()})
}

async fn object(hospital: &Client, claim: &Value, lines: Value) -> Value {
    act(hospital, claim, "dispute", json!({"reason": "kode ada di lampiran", "lines": lines})).await.expect(200)
}

on_both!(an_objection_is_to_lines_and_is_decided_on_these);
async fn an_objection_is_to_lines_and_is_decided_on_these(server: DatedServer) {
    prices(&server).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let made = cut(&server, 9280).await;
    let other = second(&server, "verifier").await;
    act(&other, &made, "dispute-decision", changed(&[(2, 1)])).await.expect_problem(409, "CLAIM_STATE_CONFLICT");

    let paper = upload(&hospital, "other", &pdf("surat keberatan")).await;
    let objected = |lines: Value, papers: Value| json!({"reason": "kode ada di lampiran", "lines": lines, "document_ids": papers});
    let wrong = act(&hospital, &made, "dispute", objected(json!([2, 7, 2]), json!([]))).await.expect(422);
    assert_eq!(faults(&wrong), ["/lines/1 LINE_UNKNOWN", "/lines/2 LINE_TWICE"]);
    let foreign = upload(&server.client().as_role("other_hospital"), "other", &pdf("bukan milik")).await;
    let wrong = act(&hospital, &made, "dispute", objected(json!([]), json!([paper["id"], foreign["id"]]))).await.expect(422);
    assert_eq!(faults(&wrong), ["/document_ids/1 DOCUMENT_UNKNOWN"]);
    let disputed = act(&hospital, &made, "dispute", objected(json!([2]), json!([paper["id"], paper["id"]]))).await.expect(200);
    let told = &disputed["dispute"];
    assert_eq!((&told["lines"][0]["line"], &told["lines"][1], &told["document_ids"]), (&json!(2), &Value::Null, &json!([paper["id"]])), "{told}");
    assert_eq!((&told["outcome"], &told["minutes_number"]), (&Value::Null, &Value::Null));
    let behind = verifier.get(&format!("{}/documents", path(&made))).await.expect(200);
    assert!(behind["items"].as_array().expect("papers").iter().any(|document| document["id"] == paper["id"]));
    let queue = verifier.get("/api/v1/review-queue").await.expect(200);
    assert_eq!((&queue["items"][0]["id"], &queue["items"][0]["recoverable_amount"]), (&made["id"], &json!(300_000)), "of the disputed line alone");

    // It is decided here alone, by somebody new to it, with minutes.
    act(&other, &made, "decisions", json!({"decision": "approve"})).await.expect_problem(409, "DISPUTE_HAS_ITS_OWN_DECISION");
    act(&verifier, &made, "dispute-decision", changed(&[(2, 100_000)])).await.expect_problem(409, "DECIDES_OWN_REQUEST");
    let wrong = act(&other, &made, "dispute-decision", json!({"outcome": "upheld"})).await.expect(422);
    assert_eq!(faults(&wrong), ["/minutes_number FIELD_MISSING"]);
    let wrong =
        act(&other, &made, "dispute-decision", json!({"outcome": "upheld", "minutes_number": "  ", "lines": changed(&[(2, 1)])["lines"]})).await;
    assert_eq!(faults(&wrong.expect(422)), ["/lines FIELD_NOT_FOR_THIS_KIND", "/minutes_number FIELD_MISSING"]);
    for (lines, fault) in [
        (vec![], "/lines FIELD_MISSING"),
        (vec![(3, 100_000)], "/lines/0/line LINE_NOT_DISPUTED"),
        (vec![(9, 100_000)], "/lines/0/line LINE_UNKNOWN"),
        (vec![(2, 300_001)], "/lines/0/approved_amount ABOVE_CLAIMED"),
        (vec![(2, 0)], "/lines NOTHING_CHANGED"),
    ] {
        assert_eq!(faults(&act(&other, &made, "dispute-decision", changed(&lines)).await.expect(422)), [fault]);
    }
    let decided = act(&other, &made, "dispute-decision", changed(&[(2, 100_000)])).await.expect(200);
    adds_up(&decided);
    assert_eq!((&decided["state"], &decided["amounts"]["approved"]), (&json!("approved_partial"), &json!(4_100_000)));
    assert_eq!(balance(&server, "approved_unpaid"), 4_100_000);
    assert_eq!((&decided["dispute"]["outcome"], &decided["dispute"]["minutes_number"]), (&json!("changed"), &json!("BA-7/2026")));

    let story = hospital.get(&format!("{}/history", path(&made))).await.expect(200);
    let story = story["items"].as_array().expect("a story");
    let [.., objection, decision] = story.as_slice() else { panic!("{story:?}") };
    assert_eq!((&objection["disputed_lines"], &objection["note"]), (&json!([2]), &json!("kode ada di lampiran")));
    assert_eq!((&decision["minutes_number"], &decision["action"]), (&json!("BA-7/2026"), &json!("approve_partly")));
    let mut zip = opened(&server, &made).await;
    assert_eq!(file(&mut zip, "claim.json")["dispute"]["lines"][0]["line"], 2);
    assert_eq!(file(&mut zip, "history.json").as_array().expect("a story").last().expect("one")["minutes_number"], "BA-7/2026");
    act(&hospital, &made, "dispute", json!({"reason": "lagi"})).await.expect_problem(409, "CLAIM_DISPUTED_ALREADY");
}

on_both!(an_objection_that_is_not_followed_changes_nothing);
async fn an_objection_that_is_not_followed_changes_nothing(server: DatedServer) {
    prices(&server).await;
    let hospital = server.client().as_role("hospital");
    let made = cut(&server, 9281).await;
    let disputed = object(&hospital, &made, json!([])).await;
    let lines: Vec<&Value> = disputed["dispute"]["lines"].as_array().expect("lines").iter().map(|line| &line["line"]).collect();
    assert_eq!(lines, [1, 2, 3], "without any named, all");
    let upheld = json!({"outcome": "upheld", "minutes_number": "BA-8/2026"});
    let decided = act(&second(&server, "verifier").await, &made, "dispute-decision", upheld).await.expect(200);
    adds_up(&decided);
    for field in ["lines", "amounts", "adjustments", "state"] {
        assert_eq!(decided[field], made[field], "{field}");
    }
    assert_eq!((&decided["dispute"]["outcome"], &decided["dispute"]["minutes_number"]), (&json!("upheld"), &json!("BA-8/2026")));
    assert_eq!(balance(&server, "approved_unpaid"), 4_000_000);
}

on_both!(two_decide_an_objection_about_a_large_amount);
async fn two_decide_an_objection_about_a_large_amount(mut server: DatedServer) {
    with_limits(&mut server, "second_decision_above = 4_100_000");
    prices(&server).await;
    let hospital = server.client().as_role("hospital");
    let made = cut(&server, 9282).await;
    object(&hospital, &made, json!([2, 3])).await;
    let (one, two) = (second(&server, "verifier").await, third(&server).await);
    let first = act(&one, &made, "dispute-decision", changed(&[(2, 250_000)])).await.expect(200);
    assert_eq!((&first["state"], &first["awaits_second_decision"]), (&json!("disputed"), &json!(true)));
    assert_eq!((&first["amounts"]["payable"], &first["dispute"]["outcome"]), (&json!(4_000_000), &Value::Null), "one of two changes nothing");
    assert_eq!(first["dispute"]["lines"][0], json!({"line": 2, "proposed_amount": 250_000, "proposed_reason": "TARIFF_EXCEEDED"}));
    act(&one, &made, "dispute-decision", changed(&[(2, 250_000)])).await.expect_problem(409, "SECOND_DECISION_BY_ANOTHER");
    // The second may say that the first decision was right after all.
    let upheld = act(&two, &made, "dispute-decision", json!({"outcome": "upheld", "minutes_number": "BA-9/2026"})).await.expect(200);
    adds_up(&upheld);
    assert_eq!((&upheld["state"], &upheld["lines"]), (&json!("approved_partial"), &made["lines"]));
    assert_eq!(upheld["dispute"]["lines"][0]["proposed_amount"], Value::Null);

    let made = cut(&server, 9283).await;
    object(&hospital, &made, json!([2])).await;
    act(&one, &made, "dispute-decision", changed(&[(2, 250_000)])).await.expect(200);
    let decided = act(&two, &made, "dispute-decision", changed(&[(2, 240_000)])).await.expect(200);
    adds_up(&decided);
    assert_eq!((&decided["state"], &decided["amounts"]["approved"]), (&json!("approved_partial"), &json!(4_240_000)));
}

/// A third verifier.
pub async fn third(server: &DatedServer) -> Client {
    let (username, password) = ("verifikator.ketiga", "kuda lumping berlari 7");
    let user = json!({"username": username, "password": password, "name": "Uji Coba", "role": "verifier"});
    server.client().as_role("admin").post("/api/v1/users", user).await.expect(201);
    let tokens = server.client().post("/api/v1/auth/token", json!({"username": username, "password": password})).await.expect(200);
    server.client().with_token(tokens["access_token"].as_str().expect("a token"))
}
