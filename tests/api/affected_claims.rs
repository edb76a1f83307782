//! Claims that were decided before it was known that JKN covered the patient.

use serde_json::{Value, json};

use super::claim_analysis::{decided, line};
use super::claims::{act, bill, claim, prices, treated};
use super::harness::count;
use super::payments::{approved, pay};
use super::people::{path_of, register};
use super::recoveries;
use super::support::client::Client;
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::id_of;

const PLACE: &str = "/api/v1/affected-claims";

async fn affected(client: &Client) -> Vec<Value> {
    client.get(PLACE).await.expect(200)["items"].as_array().expect("a list").clone()
}

async fn member(server: &DatedServer, participant: &Value, period: Value) {
    server.client().as_role("registrar").put(&format!("{}/jkn-status", path_of(participant)), period).await.expect(201);
}

on_both!(a_membership_that_is_learnt_of_late_shows_the_claims_that_it_touches);
async fn a_membership_that_is_learnt_of_late_shows_the_claims_that_it_touches(server: DatedServer) {
    prices(&server).await;
    let (finance, verifier) = (server.client().as_role("finance"), server.client().as_role("verifier"));
    let lines = || json!([line(1, "J-4-16-I", 4_000_000, None), line(2, "X-9-98-I", 70_000, None)]);
    let mut claims = Vec::new();
    for serial in [9240, 9241, 9242, 9243] {
        claims.push(decided(&server, serial, lines()).await);
    }
    let patient = |at: usize| json!({"id": claims[at]["participant_id"]});
    assert_eq!(affected(&finance).await, Vec::<Value>::new());

    // Two days of the four; a day after the discharge; no membership that bars; and one that began long before.
    member(&server, &patient(0), json!({"segment": "PPU", "state": "active", "valid_from": "2026-11-20"})).await;
    member(&server, &patient(1), json!({"segment": "PPU", "state": "active", "valid_from": "2026-11-22"})).await;
    member(&server, &patient(2), json!({"segment": "PPU", "state": "arrears", "valid_from": "2026-11-01"})).await;
    let found = affected(&finance).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let one = &found[0];
    assert_eq!((&one["id"], &one["state"], &one["number"]), (&claims[0]["id"], &json!("approved_partial"), &claims[0]["number"]));
    assert_eq!((&one["covered_days"], &one["amount_at_stake"], &one["paid_amount"]), (&json!(2), &json!(4_000_000), &json!(0)));
    assert_eq!((&one["memberships"][0]["segment"], &one["memberships"][0]["valid_from"]), (&json!("PPU"), &json!("2026-11-20")));
    member(&server, &patient(3), json!({"segment": "PBPU", "state": "active", "valid_from": "2020-01-01", "valid_to": "2026-11-18"})).await;
    let page = verifier.get(&format!("{PLACE}?limit=1")).await.expect(200);
    assert_eq!((&page["items"][0]["id"], &page["items"][0]["covered_days"]), (&claims[3]["id"], &json!(1)), "newest first");
    let next = verifier.get(&format!("{PLACE}?limit=1&cursor={}", page["next_cursor"].as_str().expect("more"))).await.expect(200);
    assert_eq!((&next["items"][0]["id"], &next["next_cursor"]), (&claims[0]["id"], &Value::Null));
    let elsewhere = finance.get(&format!("{PLACE}?facility_id={}", id_of("rs_lain"))).await.expect(200);
    assert_eq!(elsewhere["items"], json!([]));
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'claims.affected_listed'"), 5, "who looked is in the log");
    for role in ["hospital", "manager", "registrar"] {
        server.client().as_role(role).get(PLACE).await.expect_problem(403, "NOT_ALLOWED");
    }

    // Decided again with this in view, a claim leaves the list.
    let disputed = act(&server.client().as_role("hospital"), &claims[0], "dispute", json!({"reason": "mohon ditinjau"})).await.expect(200);
    assert_eq!(affected(&finance).await.len(), 2, "an objection decides nothing");
    let other = super::claims::second(&server, "verifier").await;
    let none = |line: &Value| json!({"line": line["line"], "approved_amount": 0, "reason_code": "DOUBLE_FUNDED"});
    let lines: Vec<Value> = disputed["lines"].as_array().expect("lines").iter().map(none).collect();
    let refuse = json!({"outcome": "changed", "minutes_number": "BA-1/2026", "lines": lines});
    act(&other, &disputed, "dispute-decision", refuse).await.expect(200);
    let left: Vec<Value> = affected(&finance).await.iter().map(|claim| claim["id"].clone()).collect();
    assert_eq!(left, [claims[3]["id"].clone()]);
}

on_both!(a_membership_under_another_record_of_the_person_counts);
async fn a_membership_under_another_record_of_the_person_counts(server: DatedServer) {
    prices(&server).await;
    let admin = server.client().as_role("admin");
    let made = decided(&server, 9245, json!([line(1, "J-4-16-I", 4_000_000, None)])).await;
    let stays = register(&admin, 9246, json!({"relation": "other"})).await;
    member(&server, &stays, json!({"segment": "PPU", "state": "active", "valid_from": "2026-11-01"})).await;
    assert_eq!(affected(&admin).await, Vec::<Value>::new(), "two people, as far as anybody knows");
    let merged = json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": stays["id"]});
    admin.post(&format!("{}/events", path_of(&json!({"id": made["participant_id"]}))), merged).await.expect(201);
    let found = affected(&admin).await;
    assert_eq!((found.len(), &found[0]["id"], &found[0]["covered_days"]), (1, &made["id"], &json!(4)));

    // Also under a record that was merged by way of another, and under none of somebody else's.
    let (third, beside) = (register(&admin, 9292, json!({"relation": "other"})).await, register(&admin, 9293, json!({"relation": "other"})).await);
    let other = decided(&server, 9294, json!([line(1, "J-4-16-I", 4_000_000, None)])).await;
    let into = |gone: &Value, to: &Value| (path_of(gone), json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": to["id"]}));
    member(&server, &third, json!({"segment": "PPU", "state": "active", "valid_from": "2026-11-20"})).await;
    for (place, event) in [into(&third, &beside), into(&beside, &json!({"id": other["participant_id"]}))] {
        admin.post(&format!("{place}/events"), event).await.expect(201);
    }
    let found = affected(&admin).await;
    assert_eq!(
        found.iter().map(|claim| (&claim["id"], &claim["covered_days"])).collect::<Vec<_>>(),
        [(&other["id"], &json!(2)), (&made["id"], &json!(4))]
    );
}

on_both!(a_letter_is_shown_until_it_is_billed);
async fn a_letter_is_shown_until_it_is_billed(server: DatedServer) {
    prices(&server).await;
    let (admin, hospital) = (server.client().as_role("admin"), server.client().as_role("hospital"));
    let letters = async || admin.get("/api/v1/affected-letters").await.expect(200)["items"].as_array().expect("a list").clone();
    let (letter, other) = (treated(&server, 9247).await, treated(&server, 9248).await);
    // The stay was from the 18th to the 21st: what begins later touches nothing, though the letter was good for longer.
    member(&server, &other["participant"], json!({"segment": "PPU", "state": "active", "valid_from": "2026-11-22"})).await;
    assert_eq!(letters().await, Vec::<Value>::new());
    member(&server, &letter["participant"], json!({"segment": "PPU", "state": "active", "valid_from": "2026-11-19"})).await;
    let found = letters().await;
    assert_eq!((found.len(), &found[0]["number"], &found[0]["state"]), (1, &letter["number"], &json!("used")), "{found:?}");
    assert_eq!((&found[0]["covered_days"], &found[0]["amount_at_stake"]), (&json!(3), &json!(3_000_000)));
    server.client().as_role("hospital").get("/api/v1/affected-letters").await.expect_problem(403, "NOT_ALLOWED");
    // Billed, it is the claim that is judged, and that by what is known by now.
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({})).await).await.expect(201);
    assert_ne!(made["amounts"]["approved"], 4_000_000, "{made}");
    assert_eq!(affected(&admin).await, Vec::<Value>::new());
    assert_eq!(letters().await.len(), usize::from(made["state"] == "rejected"), "a claim that was refused leaves its letter free");
}

on_both!(what_was_paid_back_in_full_is_settled);
async fn what_was_paid_back_in_full_is_settled(server: DatedServer) {
    prices(&server).await;
    let (finance, other) = (server.client().as_role("finance"), super::claims::second(&server, "finance").await);
    let (one, two) = (approved(&server, 9290).await, approved(&server, 9291).await);
    pay(&finance, &other, TODAY).await;
    for claim in [&one, &two] {
        let membership = json!({"segment": "PPU", "state": "active", "valid_from": "2026-11-01"});
        member(&server, &json!({"id": claim["participant_id"]}), membership).await;
    }
    let told = async || {
        let found = affected(&finance).await;
        found.iter().map(|claim| (claim["id"].clone(), claim["recovered_amount"].clone(), claim["amount_at_stake"].clone())).collect::<Vec<_>>()
    };
    let whole = |claim: &Value| (claim["id"].clone(), json!(0), json!(4_000_000));
    assert_eq!(told().await, [whole(&two), whole(&one)]);
    for (amount, left) in [(1_000_000, Some(3_000_000)), (3_000_000, None)] {
        let recovery = recoveries::ask(&finance, &one, amount).await.expect(201);
        recoveries::act(&other, &recovery, "approve", json!({})).await.expect(200);
        let receipt = json!({"amount": amount, "received_on": TODAY, "document_number": "STS-3/2026"});
        recoveries::act(&finance, &recovery, "receive", receipt).await.expect(200);
        let rest = left.map(|left| (one["id"].clone(), json!(amount), json!(left)));
        assert_eq!(told().await, std::iter::once(whole(&two)).chain(rest).collect::<Vec<_>>());
    }
}
