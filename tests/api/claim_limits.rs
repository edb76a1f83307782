//! What may be spent for a person, and what two people decide: also where many ask at once.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::claims::{CLAIMS, act, adds_up, balance, bill, claim, path, prices, second, treated};
use super::eligibility_batches::ask_all;
use super::eligibility_replays::copied;
use super::harness::count;
use super::people::{nik, register};
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;

/// The rules of the day of the test with other limits.
pub fn with_limits(server: &mut DatedServer, lines: &str) {
    let (was, now) = ("second_decision_above = 50000000", lines);
    let rules = copied("config/rule-sets", &[("LKM-2022.toml", "revision = 4", "revision = 5"), ("LKM-2022.toml", was, now)]);
    server.restart(&[("files.rule_sets", &rules.display().to_string())]);
}

/// Visits of this person on as many days before the day of the test.
async fn visits(hospital: &Client, serial: u16, days: i64) -> Vec<Value> {
    let last = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date");
    let dates: Vec<String> = (0..days).map(|back| (last - chrono::Duration::days(back)).to_string()).collect();
    let asked = dates.iter().map(|date| json!({"nik": nik(serial), "care_type": "emergency", "service_date": date, "retrospective": true}));
    let checks = ask_all(hospital, asked.collect()).await;
    let visit = |(item, date): (&Value, &String)| {
        json!({
            "facility_claim_number": format!("RJ-{serial}-{date}"), "check_id": item["result"]["id"], "care_type": "emergency",
            "admitted_on": date, "discharged_on": date, "medical_record_number": "MR-0042", "practitioner_license": "SIP-0001",
            "diagnoses": [{"code": "A09", "kind": "principal"}],
            "lines": [{"line": 1, "tariff_code": "U-3-10-0", "date": date, "quantity": 1, "claimed_amount": 200_000}],
            "total_claimed": 200_000, "submit": true,
        })
    };
    checks.iter().zip(&dates).map(visit).collect()
}

/// Everybody at once; who finds no room in time comes again with the same key.
async fn all_at_once(hospital: &Client, claims: Vec<Value>) -> Vec<Value> {
    let mut many = JoinSet::new();
    for (at, body) in claims.into_iter().enumerate() {
        let hospital = hospital.clone();
        many.spawn(async move {
            loop {
                let request = hospital.request(Method::POST, CLAIMS).header("Idempotency-Key", format!("at-once-{at}")).json(&body);
                let answer = hospital.send(request).await;
                if answer.status != 503 {
                    return answer.expect(201);
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        });
    }
    many.join_all().await
}

fn payable(claims: &[Value]) -> i64 {
    claims.iter().map(|claim| claim["amounts"]["payable"].as_i64().expect("an amount")).sum()
}

on_both!(sixty_four_claims_at_once_pass_no_ceiling_together);
async fn sixty_four_claims_at_once_pass_no_ceiling_together(mut server: DatedServer) {
    with_limits(&mut server, "annual_ceiling = 1_100_000");
    prices(&server).await;
    register(&server.client().as_role("admin"), 9250, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let made = all_at_once(&hospital, visits(&hospital, 9250, 64).await).await;
    assert_eq!(made.len(), 64);
    made.iter().for_each(adds_up);
    assert_eq!(payable(&made), 1_100_000, "five visits and a half, whoever came first");
    assert_eq!(count(server.database(), "SELECT CAST(sum(payable_amount) AS BIGINT) FROM claims"), 1_100_000);
    let capped = made.iter().filter(|claim| claim["adjustments"].as_array().expect("cuts").iter().any(|cut| cut["edit"] == "BEN_ANNUAL_CEILING"));
    assert_eq!(capped.count(), 59, "58 have nothing and one has half");
}

on_both!(claims_of_a_family_at_once_pass_no_ceiling_together);
async fn claims_of_a_family_at_once_pass_no_ceiling_together(mut server: DatedServer) {
    with_limits(&mut server, "family_ceiling = 1_100_000");
    prices(&server).await;
    let (admin, hospital) = (server.client().as_role("admin"), server.client().as_role("hospital"));
    let mut claims = Vec::new();
    for serial in 9251..9255 {
        register(&admin, serial, json!({"relation": if serial == 9251 { "head" } else { "child" }})).await;
        claims.extend(visits(&hospital, serial, 4).await);
    }
    let made = all_at_once(&hospital, claims).await;
    made.iter().for_each(adds_up);
    assert_eq!(payable(&made), 1_100_000);
}

on_both!(a_ceiling_that_was_used_is_not_shown_as_left);
async fn a_ceiling_that_was_used_is_not_shown_as_left(mut server: DatedServer) {
    with_limits(&mut server, "annual_ceiling = 300_000");
    prices(&server).await;
    register(&server.client().as_role("admin"), 9256, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let [first, second, third]: [Value; 3] = visits(&hospital, 9256, 3).await.try_into().expect("three");
    let mut paid = Vec::new();
    for body in [first, second] {
        // The dry run counts what is used as the submission does.
        let dry = hospital.post(&format!("{CLAIMS}/dry-run"), body.clone()).await.expect(200);
        let made = claim(&hospital, body).await.expect(201);
        assert_eq!(dry["amounts"]["payable"], made["amounts"]["payable"]);
        paid.push(made);
    }
    assert_eq!(paid.iter().map(|claim| claim["amounts"]["payable"].as_i64()).collect::<Vec<_>>(), [Some(200_000), Some(100_000)]);
    let last = claim(&hospital, third).await.expect(201);
    assert_eq!(last["amounts"]["payable"], 0);
    // What a claim used is free again once the claim is gone.
    if last["state"] != "rejected" {
        act(&hospital, &last, "withdraw", json!({"reason": "salah"})).await.expect(200);
    }
    if ["complete", "submitted"].contains(&paid[1]["state"].as_str().expect("a state")) {
        act(&hospital, &paid[1], "withdraw", json!({"reason": "salah"})).await.expect(200);
        let [_, _, again]: [Value; 3] = visits(&hospital, 9256, 3).await.try_into().expect("three");
        assert_eq!(hospital.post(&format!("{CLAIMS}/dry-run"), again).await.expect(200)["amounts"]["payable"], 100_000);
    }
}

on_both!(a_claim_is_judged_again_by_the_rules_of_then);
async fn a_claim_is_judged_again_by_the_rules_of_then(mut server: DatedServer) {
    prices(&server).await;
    register(&server.client().as_role("admin"), 9260, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let [first, other]: [Value; 2] = visits(&hospital, 9260, 2).await.try_into().expect("two");
    let before = claim(&hospital, first).await.expect(201);
    assert_eq!(before["amounts"]["payable"], 200_000);
    with_limits(&mut server, "annual_ceiling = 250_000");
    let hospital = server.client().as_role("hospital");
    let after = claim(&hospital, other).await.expect(201);
    assert_eq!(after["amounts"]["payable"], 50_000);
    let replay = async |claim: &Value, role: &str| server.client().as_role(role).post(&format!("{}/replay", path(claim)), json!({})).await;
    let (old, new) = (replay(&before, "auditor").await.expect(200), replay(&after, "admin").await.expect(200));
    assert_eq!((&old["identical"], &new["identical"]), (&json!(true), &json!(true)));
    assert_ne!(old["rule_set_hash"], new["rule_set_hash"]);
    // What is stored otherwise than it came out is told.
    server.database().execute("UPDATE claim_cases SET outcome_hash = edits_hash").expect("a forger");
    assert_eq!(replay(&before, "auditor").await.expect(200)["identical"], false);
    replay(&before, "hospital").await.expect_problem(403, "NOT_ALLOWED");
}

on_both!(two_verifiers_decide_a_large_amount);
async fn two_verifiers_decide_a_large_amount(mut server: DatedServer) {
    with_limits(&mut server, "second_decision_above = 3_000_000");
    prices(&server).await;
    let letter = treated(&server, 9257).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({})).await).await.expect(201);
    assert_eq!((&made["state"], &made["awaits_second_decision"]), (&json!("complete"), &json!(false)), "{made}");
    let approve = json!({"decision": "approve"});
    let first = act(&verifier, &made, "decisions", approve.clone()).await.expect(200);
    assert_eq!((&first["state"], &first["awaits_second_decision"], &first["amounts"]["approved"]), (&json!("complete"), &json!(true), &json!(0)));
    assert_eq!((balance(&server, "billed"), balance(&server, "approved_unpaid")), (4_000_000, 0), "nothing is decided yet");
    act(&verifier, &made, "decisions", approve.clone()).await.expect_problem(409, "SECOND_DECISION_BY_ANOTHER");
    let queue = verifier.get("/api/v1/review-queue").await.expect(200);
    assert_eq!(queue["items"][0]["awaits_second_decision"], true);

    // Less than the first said stands at once, and with it the rest is free.
    let other = second(&server, "verifier").await;
    let lines = json!([{"line": 1, "approved_amount": 3_500_000, "reason_code": "TARIFF_EXCEEDED"}]);
    let decided = act(&other, &made, "decisions", json!({"decision": "approve_partial", "lines": lines})).await.expect(200);
    adds_up(&decided);
    assert_eq!((&decided["state"], &decided["awaits_second_decision"]), (&json!("approved_partial"), &json!(false)));
    assert_eq!((balance(&server, "billed"), balance(&server, "approved_unpaid")), (0, 3_500_000));

    // A rejection, and what one may decide, need no second; more than the first said is a first word again.
    let letter = treated(&server, 9258).await;
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-2", json!({})).await).await.expect(201);
    let some =
        |amount: i64| json!({"decision": "approve_partial", "lines": [{"line": 1, "approved_amount": amount, "reason_code": "TARIFF_EXCEEDED"}]});
    act(&verifier, &made, "decisions", some(3_200_000)).await.expect(200);
    let more = act(&other, &made, "decisions", some(3_900_000)).await.expect(200);
    assert_eq!((&more["state"], &more["awaits_second_decision"]), (&json!("complete"), &json!(true)));
    act(&other, &made, "decisions", some(3_900_000)).await.expect_problem(409, "SECOND_DECISION_BY_ANOTHER");
    let decided = act(&verifier, &made, "decisions", json!({"decision": "approve_partial"})).await.expect(200);
    assert_eq!((&decided["state"], &decided["amounts"]["approved"]), (&json!("approved_partial"), &json!(3_900_000)));
    let letter = treated(&server, 9259).await;
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-3", json!({})).await).await.expect(201);
    let rejected = act(&verifier, &made, "decisions", json!({"decision": "reject", "reason_code": "EXCLUDED_SERVICE"})).await.expect(200);
    assert_eq!(rejected["state"], "rejected");
}
