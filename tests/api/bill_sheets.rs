//! Sheets of bills by month, and what should have been paid.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

use super::claims::{bill, claim, prices, second, treated};
use super::payments::{approved, pay};
use super::recoveries::faults_of_query;
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::id_of;

const SHEET: &str = "/api/v1/bill-sheets/2026-11";

on_both!(a_month_of_bills_is_told_as_pages_as_sheets_and_on_paper);
async fn a_month_of_bills_is_told_as_pages_as_sheets_and_on_paper(server: DatedServer) {
    prices(&server).await;
    let hospital = server.client().as_role("hospital");
    let (one, two) = (approved(&server, 9270).await, approved(&server, 9271).await);
    let letter = treated(&server, 9272).await;
    claim(&hospital, bill(&hospital, &letter, "RSX-DRAFT", json!({"submit": false})).await).await.expect(201);

    let page = hospital.get(&format!("{SHEET}?limit=1")).await.expect(200);
    assert_eq!((&page["month"], &page["claims"], &page["items"][0]["number"]), (&json!("2026-11"), &json!(2), &two["number"]));
    let totals = json!({"claimed": 8_000_000, "tariff": 8_000_000, "hospital_cost": 9_200_000, "approved": 8_000_000, "paid": 0});
    assert_eq!(page["totals"], totals);
    let next = hospital.get(&format!("{SHEET}?limit=1&cursor={}", page["next_cursor"].as_str().expect("a cursor"))).await.expect(200);
    let row = &next["items"][0];
    assert_eq!((&row["number"], &row["letter_number"], &row["state"]), (&one["number"], &one["letter_number"], &json!("approved")));
    assert_eq!((&row["due"]["pay_by"], &next["next_cursor"]), (&json!("2026-12-06"), &Value::Null));
    assert!(!page.to_string().contains("J18"), "{page}");

    let csv = hospital.get(&format!("{SHEET}/sheet.csv")).await;
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!((csv.status, lines.len()), (200, 4), "{}", csv.text);
    assert!(lines[1].starts_with(&format!("{},RSX-9270,SJP-3275-", one["number"].as_str().expect("a number"))), "{}", lines[1]);
    assert_eq!(lines[3], "total,2,,,,,,8000000,8000000,9200000,8000000,0,,,,,,");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"bills-RSUD-2026-11.csv\"");
    let xlsx = hospital.request(Method::GET, &format!("{SHEET}/sheet.xlsx")).send().await.expect("an answer").bytes().await.expect("a body");
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(xlsx.to_vec())).expect("a workbook");
    let range = workbook.worksheet_range("bills").expect("the sheet");
    let rows: Vec<&[Data]> = range.rows().collect();
    assert_eq!((rows.len(), &rows[1][1], &rows[3][7]), (4, &Data::String("RSX-9270".into()), &Data::Float(8_000_000.0)));
    let pdf = hospital.get(&format!("{SHEET}/sheet.pdf")).await;
    assert_eq!((pdf.status, pdf.header("content-type"), &pdf.text[..5]), (200, "application/pdf", "%PDF-"));

    // A hospital has its own; whoever has none names one.
    let named = format!("facility_id={}", id_of("rsud"));
    let stranger = server.client().as_role("other_hospital");
    assert_eq!(stranger.get(SHEET).await.expect(200)["items"], json!([]));
    stranger.get(&format!("{SHEET}?{named}")).await.expect_problem(404, "NOT_FOUND");
    stranger.get(&format!("{SHEET}/sheet.pdf?{named}")).await.expect_problem(404, "NOT_FOUND");
    for role in ["finance", "verifier", "admin", "auditor"] {
        let client = server.client().as_role(role);
        assert_eq!(faults_of_query(&client.get(SHEET).await), ["facility_id FIELD_MISSING"], "{role}");
        assert_eq!(client.get(&format!("{SHEET}?{named}")).await.expect(200)["claims"], 2, "{role}");
        assert_eq!(client.get(&format!("{SHEET}/sheet.csv?{named}")).await.text, csv.text, "{role}");
    }
    for month in ["2026-13", "2026-1", "26-11", "2026-11-01", "x"] {
        hospital.get(&format!("/api/v1/bill-sheets/{month}")).await.expect_problem(404, "NOT_FOUND");
    }
    assert_eq!(hospital.get("/api/v1/bill-sheets/2026-10").await.expect(200)["claims"], 0);
}

on_both!(what_is_not_paid_in_time_is_listed_as_of_any_day);
async fn what_is_not_paid_in_time_is_listed_as_of_any_day(server: DatedServer) {
    const OVERDUE: &str = "/api/v1/overdue-claims";
    prices(&server).await;
    second(&server, "finance").await;
    let one = approved(&server, 9273).await;
    let finance = server.client().as_role("finance");
    // The last day is still in time.
    for as_of in ["", "?as_of=2026-12-06"] {
        assert_eq!(finance.get(&format!("{OVERDUE}{as_of}")).await.expect(200)["claims"], 0, "{as_of}");
    }
    let late = finance.get(&format!("{OVERDUE}?as_of=2027-01-20")).await.expect(200);
    assert_eq!((&late["claims"], &late["amount"]), (&json!(1), &json!(4_000_000)));
    let item = &late["items"][0];
    assert_eq!((&item["number"], &item["days_overdue"], &item["late_indicator"]), (&one["number"], &json!(45), &json!(40_000)));
    assert_eq!(late["facilities"], json!([{"facility_id": id_of("rsud"), "claims": 1, "amount": 4_000_000, "days_overdue": 45}]));
    assert_eq!(finance.get(&format!("{OVERDUE}?as_of=2027-01-20&facility_id={}", id_of("rs_lain"))).await.expect(200)["facilities"], json!([]));
    assert_eq!(faults_of_query(&finance.get(&format!("{OVERDUE}?as_of=1999-01-01")).await), ["as_of OUT_OF_RANGE"]);

    // Paid late: until that day it was overdue, and what was decided only later was not.
    server.put_forward(Duration::days(30));
    let login = json!({"username": "wakil.finance", "password": "kuda lumping berlari 7"});
    let tokens = server.client().post("/api/v1/auth/token", login).await.expect(200);
    let other = server.client().with_token(tokens["access_token"].as_str().expect("a token"));
    let finance = server.client().as_role("finance");
    pay(&finance, &other, "2026-12-15").await;
    for (as_of, claims) in [("2026-12-07", 1), ("2026-12-14", 1), ("2026-12-15", 0), ("2026-12-21", 0)] {
        let list = finance.get(&format!("{OVERDUE}?as_of={as_of}")).await.expect(200);
        assert_eq!((&list["claims"], list["items"].as_array().map(Vec::len)), (&json!(claims), Some(claims)), "{as_of}");
    }
}
