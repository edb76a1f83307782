//! The edits of claims: how they are told, how often people agree with them, and the shadow in which one waits until it was seen what it would do.

use reqwest::Method;
use serde_json::{Value, json};

use super::claim_analysis::{decided, line};
use super::claims::{act, adds_up, bill, claim, path, prices, treated};
use super::harness::count;
use super::people::faults;
use super::support::client::{Answer, Client};
use super::support::dated::DatedServer;
use super::support::on_both;

const EDITS: &str = "/api/v1/edits";

async fn edit(client: &Client, code: &str) -> Value {
    client.get(&format!("{EDITS}/{code}")).await.expect(200)
}

async fn set(client: &Client, code: &str, version: &str, mode: &str) -> Answer {
    let request = client.request(Method::PUT, &format!("{EDITS}/{code}/mode")).header("If-Match", version);
    client.send(request.json(&json!({ "mode": mode }))).await
}

/// What a list of findings says of one edit.
fn of<'a>(claim: &'a Value, code: &str) -> Vec<&'a Value> {
    claim["edits"].as_array().expect("findings").iter().filter(|edit| edit["code"] == code).collect()
}

on_both!(every_edit_is_told_with_its_texts);
async fn every_edit_is_told_with_its_texts(server: DatedServer) {
    let all = server.client().as_role("hospital").get(EDITS).await.expect(200);
    let items = all["items"].as_array().expect("a list");
    assert_eq!(items.len(), ksnik::domain::adjudication::edits::ALL.len());
    for item in items {
        assert!(item["message"].as_str().is_some_and(|text| text.contains(' ') && !text.contains('{')), "{item}");
        assert_eq!((&item["mode"], &item["asked"]), (&json!("active"), &Value::Null), "{item}");
    }
    let known = edit(&server.client().as_role("manager"), "PRC_ABOVE_TARIFF").await;
    assert_eq!((&known["outcome"], &known["scopes"], &known["overridden_by"]), (&json!("cap"), &json!(["letter", "claim"]), &json!("verifier")));
    assert_eq!((&known["valid_from"], &known["reason_code"], &known["version"]), (&json!("2017-01-16"), &json!("TARIFF_EXCEEDED"), &json!(1)));
    server.client().as_role("verifier").get(&format!("{EDITS}/PRC_NOTHING")).await.expect_problem(404, "NOT_FOUND");
    server.client().as_role("clinic").get(EDITS).await.expect_problem(403, "NOT_ALLOWED");
}

on_both!(precision_is_how_often_people_agreed);
async fn precision_is_how_often_people_agreed(server: DatedServer) {
    prices(&server).await;
    // A line without a price is refused in one claim and paid in the other; what is cut to the tariff stands in both.
    for (serial, unpriced) in [(9250, 70_000), (9251, 60_000)] {
        decided(&server, serial, json!([line(1, "J-4-16-I", 4_500_000, None), line(2, "X-9-98-I", unpriced, None)])).await;
    }
    let told = server.client().as_role("manager").get(&format!("{EDITS}/precision?from=2026-11-01&to=2026-11-30")).await.expect(200);
    assert_eq!((&told["claims"], &told["decided_by_a_person"]), (&json!(2), &json!(2)), "{told}");
    let tally = |code: &str| {
        let found = told["edits"].as_array().expect("edits").iter().find(|edit| edit["code"] == code).expect("the edit");
        let names = ["hits", "pended", "decided", "upheld", "overridden", "precision_permille", "amount_at_stake", "amount_cut"];
        assert_eq!(found["shadow"]["hits"], 0);
        names.map(|name| found["active"][name].as_i64())
    };
    assert_eq!(tally("PRC_NO_TARIFF"), [2, 2, 2, 1, 1, 500, 130_000, 70_000].map(Some));
    assert_eq!(tally("PRC_ABOVE_TARIFF"), [2, 0, 2, 2, 0, 1_000, 9_000_000, 1_000_000].map(Some));
    assert_eq!(tally("DUP_EXACT"), [Some(0), Some(0), Some(0), Some(0), Some(0), None, Some(0), Some(0)]);
    let before = server.client().as_role("auditor").get(&format!("{EDITS}/precision?from=2026-10-01&to=2026-10-31")).await.expect(200);
    assert_eq!(before["claims"], 0);
    server.client().as_role("hospital").get(&format!("{EDITS}/precision")).await.expect_problem(403, "NOT_ALLOWED");
}

on_both!(an_edit_in_the_shadow_costs_nothing_and_is_shown_to_verifiers);
async fn an_edit_in_the_shadow_costs_nothing_and_is_shown_to_verifiers(server: DatedServer) {
    prices(&server).await;
    let (admin, hospital, verifier) = (server.client().as_role("admin"), server.client().as_role("hospital"), server.client().as_role("verifier"));
    let other = second_admin(&server).await;
    assert_eq!(set(&admin, "PRC_ABOVE_TARIFF", "\"1\"", "shadow").await.expect(200)["asked"]["mode"], "shadow");
    assert_eq!(edit(&admin, "PRC_ABOVE_TARIFF").await["mode"], "active", "one alone decides nothing");
    set(&admin, "PRC_ABOVE_TARIFF", "\"2\"", "shadow").await.expect_problem(409, "DECIDES_OWN_REQUEST");
    set(&other, "PRC_ABOVE_TARIFF", "\"1\"", "shadow").await.expect_problem(412, "IF_MATCH_STALE");
    let confirmed = set(&other, "PRC_ABOVE_TARIFF", "\"2\"", "shadow").await;
    assert_eq!(confirmed.header("etag"), "\"3\"");
    let confirmed = confirmed.expect(200);
    assert_eq!((&confirmed["mode"], &confirmed["asked"]), (&json!("shadow"), &Value::Null));
    assert!(confirmed["changed_by"] != confirmed["confirmed_by"] && confirmed["confirmed_by"].is_string(), "{confirmed}");
    let told = hospital.get(EDITS).await.expect(200);
    assert!(!told["items"].as_array().expect("a list").iter().any(|edit| edit["code"] == "PRC_ABOVE_TARIFF"), "hospitals are not judged by it");

    let letter = treated(&server, 9260).await;
    let body = bill(
        &hospital,
        &letter,
        "RSX-9260",
        json!({"lines": [line(1, "J-4-16-I", 4_500_000, None), line(2, "X-9-99-I", 1_000, None)], "total_claimed": 4_501_000}),
    )
    .await;
    let dry = hospital.post("/api/v1/claims/dry-run", body.clone()).await.expect(200);
    let made = claim(&hospital, body).await.expect(201);
    adds_up(&made);
    for told in [&dry, &made, &hospital.get(&path(&made)).await.expect(200), &server.client().as_role("finance").get(&path(&made)).await.expect(200)]
    {
        assert_eq!((&told["amounts"]["payable"], of(told, "PRC_ABOVE_TARIFF").len()), (&json!(4_501_000), 0), "{told}");
    }
    let seen = verifier.get(&path(&made)).await.expect(200);
    assert_eq!(
        of(&seen, "PRC_ABOVE_TARIFF").iter().map(|hit| (&hit["shadow"], &hit["limit"])).collect::<Vec<_>>(),
        [(&json!(true), &json!("4000000"))]
    );
    let decided = act(&verifier, &made, "decisions", json!({"decision": "approve"})).await.expect(200);
    assert_eq!((of(&decided, "PRC_ABOVE_TARIFF").len(), &decided["amounts"]["approved"]), (1, &json!(4_501_000)));
    // What it found is counted apart, and the person who paid did not agree with it.
    let told = verifier.get(&format!("{EDITS}/precision")).await.expect(200);
    let tally = told["edits"].as_array().expect("edits").iter().find(|edit| edit["code"] == "PRC_ABOVE_TARIFF").expect("the edit");
    assert_eq!((&tally["active"]["hits"], &tally["shadow"]["hits"], &tally["shadow"]["overridden"]), (&json!(0), &json!(1), &json!(1)), "{tally}");

    // A cap needs no back-test to count again, but two who say so; what was asked may be taken back.
    set(&other, "PRC_ABOVE_TARIFF", "\"3\"", "active").await.expect(200);
    assert_eq!(set(&other, "PRC_ABOVE_TARIFF", "\"4\"", "shadow").await.expect(200)["asked"], Value::Null);
    set(&other, "PRC_ABOVE_TARIFF", "\"5\"", "active").await.expect(200);
    assert_eq!(set(&admin, "PRC_ABOVE_TARIFF", "\"6\"", "active").await.expect(200)["mode"], "active");
    let letter = treated(&server, 9261).await;
    let body = bill(&hospital, &letter, "RSX-9261", json!({"lines": [line(1, "J-4-16-I", 4_500_000, None)], "total_claimed": 4_500_000})).await;
    assert_eq!(claim(&hospital, body).await.expect(201)["amounts"]["payable"], 4_000_000);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'edit.mode_changed'"), 2);
    verifier
        .send(verifier.request(Method::PUT, &format!("{EDITS}/PRC_ABOVE_TARIFF/mode")).header("If-Match", "\"7\"").json(&json!({"mode": "shadow"})))
        .await
        .expect_problem(403, "NOT_ALLOWED");
}

async fn second_admin(server: &DatedServer) -> Client {
    // `prices` has made the second admin already.
    let user = json!({"username": "wakil.admin", "password": "kuda lumping berlari 7"});
    let tokens = server.client().post("/api/v1/auth/token", user).await.expect(200);
    server.client().with_token(tokens["access_token"].as_str().expect("a token"))
}

on_both!(what_refuses_counts_only_after_it_was_seen_what_it_would_refuse);
async fn what_refuses_counts_only_after_it_was_seen_what_it_would_refuse(server: DatedServer) {
    prices(&server).await;
    let (admin, verifier) = (server.client().as_role("admin"), server.client().as_role("verifier"));
    let other = second_admin(&server).await;
    for (client, version) in [(&admin, "\"1\""), (&other, "\"2\"")] {
        set(client, "ING_TOTAL_MISMATCH", version, "shadow").await.expect(200);
    }
    // A total that does not agree is refused no more: it is paid by a person or by itself.
    let hospital = server.client().as_role("hospital");
    let letter = treated(&server, 9270).await;
    let body = bill(&hospital, &letter, "RSX-9270", json!({"total_claimed": 3_999_999})).await;
    let made = claim(&hospital, body).await.expect(201);
    assert!(["approved", "complete"].contains(&made["state"].as_str().expect("a state")), "{made}");
    if made["state"] == "complete" {
        act(&verifier, &made, "decisions", json!({"decision": "approve"})).await.expect(200);
    }
    decided(&server, 9271, json!([line(1, "J-4-16-I", 4_000_000, None), line(2, "X-9-98-I", 70_000, None)])).await;

    set(&admin, "ING_TOTAL_MISMATCH", "\"3\"", "active").await.expect_problem(409, "EDIT_NOT_BACK_TESTED");
    let place = format!("{EDITS}/ING_TOTAL_MISMATCH/back-tests");
    let turned = admin.post(&place, json!({"from": "2026-11-30", "to": "2026-11-01"})).await.expect(422);
    assert_eq!(faults(&turned), ["/to BEFORE_FROM"]);
    let events = || count(server.database(), "SELECT count(*) FROM claim_events");
    let before = events();
    let test = admin.post(&place, json!({"from": "2026-11-01", "to": "2026-11-30"})).await.expect(201);
    for (field, value) in [("claims", 2), ("left_out", 0), ("hits", 1), ("pended", 0), ("would_cut", 4_000_000), ("amount_at_stake", 4_000_000)] {
        assert_eq!(test[field], value, "{field}: {test}");
    }
    assert_eq!((test["decided"].as_i64(), &test["upheld"]), (test["overridden"].as_i64(), &json!(0)), "whoever decided paid it");
    assert_eq!(events(), before, "no claim is touched");
    let listed = verifier.get(&place).await.expect(200);
    assert_eq!(listed["items"], json!([test]));
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'edit.looked_back'"), 1);

    // A pending edit agrees with the verifier who refused the line that has no price.
    let pends = admin.post(&format!("{EDITS}/PRC_NO_TARIFF/back-tests"), json!({"from": "2026-11-01", "to": "2026-11-30"})).await.expect(201);
    for (field, value) in
        [("hits", 1), ("pended", 1), ("decided", 1), ("upheld", 1), ("precision_permille", 1_000), ("would_cut", 0), ("amount_cut", 70_000)]
    {
        assert_eq!(pends[field], value, "{field}: {pends}");
    }

    set(&admin, "ING_TOTAL_MISMATCH", "\"3\"", "active").await.expect(200);
    assert_eq!(set(&other, "ING_TOTAL_MISMATCH", "\"4\"", "active").await.expect(200)["mode"], "active");
    let letter = treated(&server, 9272).await;
    let body = bill(&hospital, &letter, "RSX-9272", json!({"total_claimed": 3_999_999})).await;
    assert_eq!(claim(&hospital, body).await.expect(201)["state"], "rejected");
}
