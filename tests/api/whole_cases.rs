//! The price of a whole stay: one stay has one of it.

use serde_json::{Value, json};

use super::claims::{CLAIMS, adds_up, bill, claim, prices, treated};
use super::support::dated::DatedServer;
use super::support::on_both;

fn line(line: i32, code: &str, date: &str, quantity: i32, amount: i64) -> Value {
    json!({"line": line, "tariff_code": code, "date": date, "quantity": quantity, "claimed_amount": amount})
}

fn found(claim: &Value) -> Vec<(&str, &Value)> {
    let told = claim["edits"].as_array().expect("findings").iter();
    told.filter(|edit| ["PRC_CASE_QUANTITY", "EPI_ONE_CASE"].contains(&edit["code"].as_str().expect("a code")))
        .map(|edit| (edit["code"].as_str().expect("a code"), &edit["line"]))
        .collect()
}

on_both!(a_stay_is_paid_once_however_often_it_is_billed);
async fn a_stay_is_paid_once_however_often_it_is_billed(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9284).await;
    let hospital = server.client().as_role("hospital");
    let dry = async |lines: &[Value]| {
        let total: i64 = lines.iter().filter_map(|line| line["claimed_amount"].as_i64()).sum();
        let body = bill(&hospital, &letter, "RSX-1", json!({"lines": lines, "total_claimed": total})).await;
        let told = hospital.post(&format!("{CLAIMS}/dry-run"), body).await.expect(200);
        adds_up(&told);
        told
    };
    let one = dry(&[line(1, "J-4-16-I", "2026-11-21", 1, 4_000_000)]).await;
    assert_eq!((found(&one), &one["amounts"]["payable"]), (vec![], &json!(4_000_000)));
    // Nine stays in one line, and one stay in two lines.
    for lines in [
        &[line(1, "J-4-16-I", "2026-11-21", 9, 36_000_000)][..],
        &[line(1, "J-4-16-I", "2026-11-19", 1, 4_000_000), line(2, "J-4-16-I", "2026-11-21", 1, 4_000_000)],
    ] {
        let many = dry(lines).await;
        assert_eq!(found(&many).len(), 1, "{many}");
        assert_eq!(many["amounts"]["payable"], 4_000_000, "{many}");
    }

    // Two cases of one stay: a person says which of them it was.
    let lines = [line(1, "J-4-16-I", "2026-11-21", 1, 4_000_000), line(2, "K-4-17-I", "2026-11-21", 1, 2_500_000)];
    let body = bill(&hospital, &letter, "RSX-1", json!({"lines": lines, "total_claimed": 6_500_000})).await;
    let made = claim(&hospital, body).await.expect(201);
    assert_eq!(found(&made), [("EPI_ONE_CASE", &json!(2))]);
    assert_eq!((&made["state"], &made["waiting_for"], &made["amounts"]["approved"]), (&json!("complete"), &json!("verifier"), &json!(0)));
}
