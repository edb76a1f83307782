//! What past claims say about prices: a schedule simulated on them, and by how much tariffs fall short of costs.

use reqwest::Method;
use serde_json::{Value, json};

use super::claims::{act, bill, claim, prices, treated};
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::id_of;
use super::tariffs::{SCHEDULES, faults, item};

const SHORTFALL: &str = "/api/v1/tariff-shortfall";

fn november() -> Value {
    json!({"from": "2026-11-01", "to": "2026-11-30"})
}

/// A claim of the municipal hospital with these lines, decided by the verifier where it was not by itself: a line without a price is approved as asked, or
/// refused where it asks for 70,000.
pub async fn decided(server: &DatedServer, serial: u16, lines: Value) -> Value {
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let letter = treated(server, serial).await;
    let total: i64 = lines.as_array().expect("lines").iter().filter_map(|line| line["claimed_amount"].as_i64()).sum();
    let body = bill(&hospital, &letter, &format!("RSX-{serial}"), json!({"lines": lines, "total_claimed": total})).await;
    let made = claim(&hospital, body).await.expect(201);
    if made["decided_at"] != Value::Null {
        return made;
    }
    let refused = made["lines"].as_array().expect("lines").iter().filter(|line| line["claimed_amount"] == 70_000);
    let lines: Vec<Value> = refused.map(|line| json!({"line": line["line"], "approved_amount": 0, "reason_code": "CODING_PROCEDURE"})).collect();
    act(&verifier, &made, "decisions", json!({"decision": "approve", "lines": lines})).await.expect(200)
}

pub fn line(number: i64, code: &str, claimed: i64, cost: Option<i64>) -> Value {
    json!({"line": number, "tariff_code": code, "date": "2026-11-21", "quantity": 1, "claimed_amount": claimed, "hospital_cost": cost})
}

/// Two decided claims of November, and one that waits.
async fn three_claims(server: &DatedServer) {
    prices(server).await;
    let one = decided(server, 9230, json!([line(1, "J-4-16-I", 4_500_000, Some(4_600_000))])).await;
    assert_eq!(one["amounts"]["approved"], 4_000_000, "{one}");
    let lines =
        json!([line(1, "K-4-17-I", 2_400_000, Some(2_000_000)), line(2, "X-9-99-I", 100_000, None), line(3, "X-9-98-I", 70_000, Some(90_000))]);
    let two = decided(server, 9231, lines).await;
    assert_eq!((&two["state"], &two["amounts"]["approved"]), (&json!("approved_partial"), &json!(2_500_000)), "{two}");
    let hospital = server.client().as_role("hospital");
    let letter = treated(server, 9232).await;
    let lines = json!([line(1, "X-9-99-I", 50_000, None)]);
    let waits = claim(&hospital, bill(&hospital, &letter, "RSX-9232", json!({"lines": lines, "total_claimed": 50_000})).await).await.expect(201);
    assert_eq!(waits["state"], "complete");
}

/// A draft with a general price, a closer one for this ward class, and three quarters paid of both: its path.
async fn draft(admin: &Client) -> String {
    let head = json!({"name": "Usulan", "valid_from": "2027-01-01", "payment_percent": 75});
    let path = admin.post(SCHEDULES, head).await.header("location").to_owned();
    let items = [
        item("J-4-16-I", 9_000_000, json!({})),
        item("J-4-16-I", 6_000_001, json!({"ward_class": "III"})),
        item("K-4-17-I", 2_000_000, json!({})),
        item("X-9-98-I", 70_000, json!({})),
    ];
    admin.post(&format!("{path}/items"), json!({ "items": items })).await.expect(200);
    path
}

on_both!(a_draft_is_simulated_on_past_claims);
async fn a_draft_is_simulated_on_past_claims(server: DatedServer) {
    three_claims(&server).await;
    let (admin, manager) = (server.client().as_role("admin"), server.client().as_role("manager"));
    let place = format!("{}/simulate", draft(&admin).await);
    let told = manager.post(&place, november()).await.expect(200);
    let of = |sums: &Value, names: &[&str]| names.iter().map(|name| sums[*name].as_i64().expect("a number")).collect::<Vec<_>>();
    let sums = &told["facilities"][0];
    assert_eq!(sums["facility_id"], json!(id_of("rsud")), "{told}");
    assert_eq!(of(sums, &["claims", "lines", "claimed", "hospital_cost", "tariff", "approved"]), [2, 4, 7_070_000, 6_690_000, 6_500_000, 6_500_000]);
    // The price of its ward class at 75 %, and never more than was asked: min(4.5 m, 4,500,000.75) and 1.5 m, beside 4 m and 2.4 m.
    assert_eq!(of(sums, &["compared_lines", "by_tariff_then", "would_pay", "difference"]), [2, 6_400_000, 6_000_000, -400_000]);
    assert_eq!(of(sums, &["unpriced_lines", "unpriced_claimed", "unpriced_approved"]), [1, 100_000, 100_000]);
    assert_eq!(of(sums, &["refused_lines", "refused_claimed"]), [1, 70_000]);
    assert_eq!(told["total"]["would_pay"], sums["would_pay"]);
    assert_eq!((&told["schedule_state"], &told["left_out"]), (&json!("draft"), &json!([{"state": "complete", "claims": 1, "claimed": 50_000}])));

    // Nothing of it is kept, and other days are other claims.
    let none = admin.post(&place, json!({"from": "2026-10-01", "to": "2026-10-31"})).await.expect(200);
    assert_eq!((&none["facilities"], &none["left_out"], &none["total"]["claims"]), (&json!([]), &json!([]), &json!(0)));
    let turned = admin.post(&place, json!({"from": "2026-11-30", "to": "2026-11-01"})).await.expect(422);
    assert_eq!(faults(&turned), ["/to BEFORE_FROM"]);
    server.client().as_role("finance").post(&place, november()).await.expect_problem(403, "NOT_ALLOWED");
    // The schedule in force pays itself: what was compared then is what it would pay.
    let schedules = admin.get(&format!("{SCHEDULES}?state=published")).await.expect(200);
    let in_force = format!("{SCHEDULES}/{}/simulate", schedules["items"][0]["id"].as_str().expect("an id"));
    assert_eq!(admin.post(&in_force, november()).await.expect(200)["total"]["difference"], 0);
}

on_both!(the_shortfall_is_told_by_facility_and_code);
async fn the_shortfall_is_told_by_facility_and_code(server: DatedServer) {
    three_claims(&server).await;
    let (manager, hospital) = (server.client().as_role("manager"), server.client().as_role("hospital"));
    let told = manager.get(&format!("{SHORTFALL}?from=2026-11-01&to=2026-11-30")).await.expect(200);
    let sums = |of: &Value| {
        let names = ["lines", "claimed", "tariff", "approved", "refused_lines", "refused_claimed", "costed_lines", "hospital_cost", "shortfall"];
        names.map(|name| of[name].as_i64().expect("a number"))
    };
    assert_eq!(sums(&told["total"]), [4, 7_070_000, 6_500_000, 6_500_000, 1, 70_000, 2, 6_600_000, 200_000], "{told}");
    assert_eq!((&told["facilities"][0]["facility_id"], sums(&told["facilities"][0])), (&json!(id_of("rsud")), sums(&told["total"])));
    let codes: Vec<(&str, i64)> = told["codes"]
        .as_array()
        .expect("codes")
        .iter()
        .map(|code| (code["code"].as_str().expect("a code"), code["shortfall"].as_i64().expect("an amount")))
        .collect();
    assert_eq!(codes, [("J-4-16-I", 600_000), ("X-9-98-I", 0), ("X-9-99-I", 0), ("K-4-17-I", -400_000)]);
    let first = manager.get(&format!("{SHORTFALL}?limit=1")).await.expect(200);
    assert_eq!((first["codes"].as_array().map(Vec::len), &first["total"]), (Some(1), &told["total"]), "this year's, and one code");

    assert_eq!(hospital.get(SHORTFALL).await.expect(200)["total"], told["total"]);
    hospital.get(&format!("{SHORTFALL}?facility_id={}", id_of("rs_lain"))).await.expect_problem(404, "NOT_FOUND");
    let other = server.client().as_role("other_hospital").get(SHORTFALL).await.expect(200);
    assert_eq!((&other["facilities"], sums(&other["total"])), (&json!([]), [0; 9]));
    let elsewhere = manager.get(&format!("{SHORTFALL}?facility_id={}", id_of("rs_lain"))).await.expect(200);
    assert_eq!(elsewhere["codes"], json!([]));
    let turned = manager.get(&format!("{SHORTFALL}?from=2026-11-02&to=2026-11-01")).await.expect(422);
    assert_eq!(faults(&turned), ["to BEFORE_FROM"]);
    server.client().as_role("verifier").get(SHORTFALL).await.expect_problem(403, "NOT_ALLOWED");
    let auditor = server.client().as_role("auditor");
    assert_eq!(auditor.send(auditor.request(Method::GET, SHORTFALL)).await.expect(200)["total"], told["total"]);
}
