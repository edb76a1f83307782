//! Reports: figures that stay as they were told, with a number, a hash, a workbook and a paper.

use std::io::Cursor;

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use ksnik::domain::files::ContentHash;
use reqwest::Method;
use serde_json::{Value, json};

use super::dashboard::fresh;
use super::people::{nik, register};
use super::questions::{ask, question};
use super::support::dated::DatedServer;
use super::support::on_both;

const REPORTS: &str = "/api/v1/reports";

fn path(report: &Value) -> String {
    format!("{REPORTS}/{}", report["id"].as_str().expect("an id"))
}

on_both!(a_report_stays_as_it_was_told);
async fn a_report_stays_as_it_was_told(server: DatedServer) {
    let (registrar, clinic, manager) = (server.client().as_role("registrar"), server.client().as_role("clinic"), server.client().as_role("manager"));
    register(&registrar, 9001, json!({})).await;
    let on = |day: &str| {
        question(
            json!({"nik": nik(9001), "care_type": "primary", "service_date": day, "retrospective": true, "recorded_offline_at": format!("{day}T02:00:00Z")}),
        )
    };
    ask(&clinic, on("2026-10-05")).await;
    ask(&clinic, on("2026-10-06")).await;
    fresh(&manager, "/api/v1/dashboard/checks").await;

    let made = manager.post(REPORTS, json!({"kind": "monthly", "month": "2026-10"})).await;
    let place = made.header("location").to_owned();
    let head = made.expect(201);
    assert_eq!((place, &head["number"]), (path(&head), &json!("LAP-3275-2026-000001")));
    let of_decisions = json!({"kind": "figure", "figure": "checks", "by": "decision", "from": "2026-10-01", "to": "2026-10-31"});
    let figure = manager.post(REPORTS, of_decisions.clone()).await.expect(201);

    // What comes later changes the figure and no report of it.
    let before = manager.get(&path(&figure)).await.expect(200);
    assert_eq!((&before["figures"][0]["items"][0]["key"], &before["figures"][0]["items"][0]["values"]["checks"]), (&json!("eligible"), &json!(2)));
    ask(&clinic, on("2026-10-07")).await;
    let now = fresh(&manager, "/api/v1/dashboard/checks?by=decision&from=2026-10-01&to=2026-10-31").await;
    assert_eq!(now["items"][0]["values"]["checks"], 3);
    assert_eq!(manager.get(&path(&figure)).await.expect(200), before);
    let corrected = manager.post(REPORTS, of_decisions).await.expect(201);
    assert_eq!(manager.get(&path(&corrected)).await.expect(200)["figures"][0]["items"][0]["values"]["checks"], 3);
    assert_ne!(corrected["sha256"], figure["sha256"]);

    for report in [&head, &figure] {
        let bytes = manager.get(&format!("{}/content.json", path(report))).await;
        assert_eq!(report["sha256"], json!(ContentHash::of(bytes.text.as_bytes()).to_string()));
        assert_eq!(bytes.json["number"], report["number"]);
    }
    let listed = server.client().as_role("auditor").get(REPORTS).await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(listed["items"][2], head);

    let xlsx = manager.request(Method::GET, &format!("{}/report.xlsx", path(&head))).send().await.expect("an answer").bytes().await.expect("a body");
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(xlsx.to_vec())).expect("a workbook");
    let shown = manager.get(&path(&head)).await.expect(200);
    assert_eq!(workbook.sheet_names().len(), shown["figures"].as_array().expect("figures").len() + 1);
    let definitions = workbook.worksheet_range("definitions").expect("how it is counted");
    assert_eq!(definitions.get_value((1, 0)).map(ToString::to_string), shown["figures"][0]["figure"].as_str().map(str::to_owned));
    assert_eq!(definitions.get_value((1, 3)).map(ToString::to_string), shown["figures"][0]["definition"].as_str().map(str::to_owned));
    let name = workbook.sheet_names().into_iter().find(|name| name.ends_with("checks decision")).expect("checks by decision");
    let rows = workbook.worksheet_range(&name).expect("a sheet");
    assert_eq!(
        (rows.get_value((0, 12)).map(ToString::to_string), rows.get_value((1, 12)).map(ToString::to_string)),
        (Some("checks".into()), Some("2".into()))
    );
    let paper = manager.get(&format!("{}/report.pdf", path(&head))).await;
    assert_eq!((paper.status, paper.header("content-type"), &paper.text[..5]), (200, "application/pdf", "%PDF-"));
}

on_both!(a_report_that_cannot_be_made_says_why);
async fn a_report_that_cannot_be_made_says_why(server: DatedServer) {
    let manager = server.client().as_role("manager");
    for (request, pointer, code) in [
        (json!({"kind": "monthly"}), "/month", "FIELD_MISSING"),
        (json!({"kind": "monthly", "month": "2026-11"}), "/month", "MONTH_NOT_OVER"),
        (json!({"kind": "monthly", "month": "2026-13"}), "/month", "WRONG_FORMAT"),
        (json!({"kind": "monthly", "month": "1999-12"}), "/month", "WRONG_FORMAT"),
        (json!({"kind": "monthly", "month": "2026-10", "by": "reason"}), "/by", "NOT_KEPT_SO"),
        (json!({"kind": "figure", "figure": "checks", "month": "2026-10"}), "/month", "NOT_KEPT_SO"),
        (json!({"kind": "figure"}), "/figure", "FIELD_MISSING"),
        (json!({"kind": "figure", "figure": "checks", "district_code": "327599"}), "/district_code", "DISTRICT_UNKNOWN"),
        (json!({"kind": "figure", "figure": "checks", "from": "2026-02-01", "to": "2026-01-01"}), "/to", "BEFORE_FROM"),
    ] {
        let refused = manager.post(REPORTS, request.clone()).await.expect(422);
        let faults = refused["errors"].as_array().expect("faults");
        assert!(faults.iter().any(|fault| fault["pointer"] == pointer && fault["code"] == code), "{request}: {refused}");
    }
    server.client().as_role("hospital").post(REPORTS, json!({"kind": "monthly", "month": "2026-10"})).await.expect(403);
    assert_eq!(manager.get(REPORTS).await.expect(200)["items"], json!([]));
}
