//! Exports: sheets that leave the service. Everyone on one is in the audit log before it goes out, and nothing on it runs as a formula.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::count;
use super::imports::import;
use super::people::{KK, VILLAGE, faults, nik, register};
use super::people_file::{Family, file};
use super::questions::{ask, question};
use super::support::binary::{ksnik, texts};
use super::support::client::Client;
use super::support::databases::Database;
use super::support::server::Server;
use super::support::small_city::{PEOPLE, id_of};
use super::support::{on_both, product, run_folder};

const EXPORTS: &str = "/api/v1/exports";
const REASON: &str = "Pencocokan data tahunan";

fn asked(kind: &str, changes: Value) -> Value {
    let mut body = json!({"kind": kind, "reason": REASON});
    super::people::change(&mut body, changes);
    body
}

/// The rows of a sheet of CSV, the header first.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a row of CSV").iter().map(str::to_owned).collect()).collect()
}

async fn sheet(client: &Client, kind: &str, changes: Value) -> Vec<Vec<String>> {
    let answer = client.post(EXPORTS, asked(kind, changes)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"), "{}", answer.text);
    rows(&answer.text)
}

fn column<'a>(rows: &'a [Vec<String>], name: &str) -> Vec<&'a str> {
    let at = rows[0].iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"));
    rows[1..].iter().map(|row| row[at].as_str()).collect()
}

on_both!(participants_leave_as_they_came);
async fn participants_leave_as_they_came(server: Server) {
    let admin = server.client().as_role("admin");
    let families: Vec<Family> = (1..=400).map(Family::new).collect();
    let job = import(&admin, "/api/v1/imports?kind=participants", file(&families)).await;
    assert_eq!((job["created"].as_i64(), job["failed"].as_i64()), (Some(1_200), Some(0)), "{job}");

    let all = sheet(&admin, "participants", json!({"identifiers": "full"})).await;
    assert_eq!(all.len(), 1 + 1_200 + PEOPLE.len(), "more than a page, and everyone once");
    let mut ids = column(&all, "id");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1_200 + PEOPLE.len());

    // What left comes back: without the two columns that only the registry knows it is a file of the same people.
    let back: Vec<String> = all.iter().map(|row| row[2..].iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",")).collect();
    let job = import(&admin, "/api/v1/imports?kind=participants", back.join("\n")).await;
    assert_eq!((job["unchanged"].as_i64(), job["created"].as_i64(), job["changed"].as_i64()), (Some(1_200), Some(0), Some(0)), "{job}");
}

on_both!(a_masked_sheet_tells_people_apart_and_no_more);
async fn a_masked_sheet_tells_people_apart_and_no_more(server: Server) {
    let (admin, auditor) = (server.client().as_role("admin"), server.client().as_role("auditor"));
    register(&admin, 9001, json!({"address": "=HYPERLINK(\"https://example.org\")", "name": "Wulan Teladan"})).await;
    let masked = auditor.post(EXPORTS, asked("participants", json!({}))).await;
    let whole = rows(&masked.text);
    assert!(column(&whole, "nik").contains(&"3275**********01") && column(&whole, "name").contains(&"Wulan Teladan"), "{}", masked.text);
    for hidden in [nik(9001).as_str(), KK, "HYPERLINK", "0812", "Ratna"] {
        assert!(!masked.text.contains(hidden), "{hidden} in {}", masked.text);
    }
    assert!(masked.header("content-disposition").starts_with("attachment; filename=\"participants-"), "{masked:?}");

    let full = sheet(&admin, "participants", json!({"identifiers": "full", "village_code": VILLAGE, "state": "active"})).await;
    assert!(column(&full, "nik").contains(&nik(9001).as_str()));
    assert!(column(&full, "address").contains(&"'=HYPERLINK(\"https://example.org\")"), "{full:?}");
    let nobody = sheet(&admin, "participants", json!({"village_code": "3275011009"})).await;
    assert_eq!(nobody.len(), 1, "only the header");

    auditor.post(EXPORTS, asked("participants", json!({"identifiers": "full"}))).await.expect_problem(403, "NOT_ALLOWED");
    for other in ["registrar", "clinic", "hospital", "verifier", "finance", "manager", "dpo"] {
        server.client().as_role(other).post(EXPORTS, asked("participants", json!({}))).await.expect_problem(403, "NOT_ALLOWED");
    }
}

on_both!(a_workbook_holds_the_same);
async fn a_workbook_holds_the_same(server: Server) {
    let admin = server.client().as_role("admin");
    register(&admin, 9001, json!({"address": "+62 Jl. Kenanga"})).await;
    let request = admin.request(Method::POST, EXPORTS).json(&asked("participants", json!({"format": "xlsx", "identifiers": "full"})));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(answer.bytes().await.expect("the whole workbook"))).expect("a workbook");
    let range = workbook.worksheet_range("participants").expect("the sheet");
    let people: Vec<&[Data]> = range.rows().collect();
    let csv = sheet(&admin, "participants", json!({"identifiers": "full"})).await;
    assert_eq!(people.len(), csv.len());
    assert!(people[0].iter().zip(&csv[0]).all(|(cell, name)| cell.to_string() == *name), "{:?}", people[0]);
    let own = people.iter().find(|row| row[2] == Data::String(nik(9001))).expect("all sixteen digits, as a text");
    assert!(own.contains(&Data::String("+62 Jl. Kenanga".into())), "a text, not a formula: {own:?}");
    assert!(own.iter().any(|cell| matches!(cell, Data::DateTime(date) if date.as_f64() == 32_919.0)), "1990-02-15 is a date: {own:?}");
}

on_both!(everyone_on_a_sheet_is_in_the_log_with_the_reason);
async fn everyone_on_a_sheet_is_in_the_log_with_the_reason(server: Server) {
    let admin = server.client().as_role("admin");
    let families: Vec<Family> = (1..=350).map(Family::new).collect();
    import(&admin, "/api/v1/imports?kind=participants", file(&families)).await;
    let people = sheet(&admin, "participants", json!({})).await.len() - 1;
    let counted = |sql: &str| count(server.database(), sql);
    assert_eq!(counted("SELECT count(*) FROM audit_events WHERE kind = 'export.begun'"), 1);
    assert_eq!(counted("SELECT count(*) FROM audit_events WHERE kind = 'export.page'"), 2);
    assert_eq!(counted("SELECT count(*) FROM audit_events WHERE kind = 'export.ended'"), 1);
    let subjects =
        "SELECT count(DISTINCT participant_id) FROM audit_subjects WHERE event_id IN (SELECT id FROM audit_events WHERE kind = 'export.page')";
    assert_eq!(counted(subjects), i64::try_from(people).expect("a count"));
    assert_eq!(counted("SELECT count(*) FROM audit_events WHERE header LIKE '%Pencocokan%'"), 0, "the reason is sealed");
    let auditor = server.client().as_role("auditor");
    let events = async |kind: &str| auditor.get(&format!("/api/v1/audit/events?kind={kind}")).await.expect(200)["items"].clone();
    let begun = events("export.begun").await[0]["payload"]["asked"].clone();
    assert_eq!((&begun["reason"], &begun["identifiers"]), (&json!(REASON), &json!("masked")));
    assert_eq!(events("export.ended").await[0]["payload"]["rows"], json!(people));
    assert!(events("export.page").await.as_array().unwrap().iter().all(|page| page["payload"]["reason"] == REASON));
}

on_both!(enrolments_and_checks_leave_too);
async fn enrolments_and_checks_leave_too(server: Server) {
    let (admin, clinic) = (server.client().as_role("admin"), server.client().as_role("clinic"));
    let filed = json!({"nik": PEOPLE[0].0, "filed_by": {"kind": "officer"}, "channel": "counter"});
    let filed = admin.post("/api/v1/enrollments", filed).await.expect(201);
    let enrolments = sheet(&admin, "enrollments", json!({"state": "submitted"})).await;
    assert_eq!((column(&enrolments, "number"), column(&enrolments, "name")), (vec![filed["number"].as_str().unwrap()], vec![PEOPLE[0].1]));
    assert_eq!(sheet(&admin, "enrollments", json!({"state": "active"})).await.len(), 1);
    assert_eq!(sheet(&admin, "enrollments", json!({"to": "2017-01-01"})).await.len(), 1);

    let check = ask(&clinic, question(json!({"nik": PEOPLE[0].0}))).await;
    let void = format!("/api/v1/eligibility-checks/{}/void", check["id"].as_str().unwrap());
    server.client().as_role("clinic").post(&void, json!({"reason": "duplicate"})).await.expect(200);
    let checks = sheet(&admin, "eligibility_checks", json!({"facility_id": id_of("klinik")})).await;
    assert_eq!(column(&checks, "standing"), ["void"]);
    assert_eq!(
        (column(&checks, "id"), column(&checks, "decision")),
        (vec![check["id"].as_str().unwrap()], vec![check["decision"].as_str().unwrap()])
    );
    assert_eq!(sheet(&admin, "eligibility_checks", json!({"facility_id": id_of("rsud")})).await.len(), 1);
}

on_both!(what_is_wrong_with_a_request_is_told_at_once);
async fn what_is_wrong_with_a_request_is_told_at_once(server: Server) {
    let admin = server.client().as_role("admin");
    let wrong = asked(
        "participants",
        json!({"reason": "          x", "state": "asleep", "from": "2026-02-01", "to": "2026-01-01", "facility_id": id_of("rsud")}),
    );
    let problem = admin.post(EXPORTS, wrong).await.expect_problem(422, "INVALID_REQUEST");
    let expected = [
        "/facility_id FIELD_NOT_FOR_THIS_KIND",
        "/from FIELD_NOT_FOR_THIS_KIND",
        "/reason TOO_SHORT",
        "/state UNKNOWN_VALUE",
        "/to BEFORE_FROM",
        "/to FIELD_NOT_FOR_THIS_KIND",
    ];
    assert_eq!(faults(&problem), expected);
    for (body, fault) in [
        (json!({"kind": "participants"}), "/reason FIELD_MISSING"),
        (asked("users", json!({})), "/kind UNKNOWN_VALUE"),
        (asked("participants", json!({"format": "pdf"})), "/format UNKNOWN_VALUE"),
        (asked("participants", json!({"village_code": "32"})), "/village_code VILLAGE_FORMAT"),
    ] {
        let problem = admin.post(EXPORTS, body).await;
        assert_eq!((problem.status, faults(&problem.json)), (422, vec![fault.to_owned()]), "{}", problem.text);
    }
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'export.begun'"), 0);
}

on_both!(who_goes_away_in_the_middle_takes_no_place_with_them);
async fn who_goes_away_in_the_middle_takes_no_place_with_them(server: Server) {
    let admin = server.client().as_role("admin");
    for _ in 0..12 {
        let answer = admin.request(Method::POST, EXPORTS).json(&asked("participants", json!({}))).send().await.expect("an answer");
        drop(answer);
    }
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while admin.post(EXPORTS, asked("participants", json!({}))).await.status != 200 {
        assert!(std::time::Instant::now() < deadline, "the places are not given back");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

on_both!(a_sheet_is_written_from_the_command_line);
async fn a_sheet_is_written_from_the_command_line(database: Database) {
    let folder = run_folder::fresh_path("sheets");
    std::fs::create_dir_all(&folder).expect("a folder");
    let people = folder.join("people.csv");
    std::fs::write(&people, file(&[Family::new(1)])).expect("a file");
    let run = |arguments: &[&str]| {
        let mut command = ksnik();
        command.env("KSNIK__KEYS__ROOT_KEY", product::ROOT_KEY).args(["--database-url", database.url()]).args(arguments);
        texts(&command.output().expect("the binary runs"))
    };
    assert_eq!(run(&["import", "participants", people.to_str().expect("UTF-8")]).0, Some(0));
    let path = folder.join("sheet.csv");
    let path = path.to_str().expect("UTF-8");
    let (status, _, err) = run(&["export", "participants", path, "--reason", "kurang"]);
    assert!(status == Some(1) && err.contains("TOO_SHORT"), "{err}");
    assert!(!std::path::Path::new(path).exists(), "nothing is left of a refused one");
    let (status, out, err) = run(&["export", "participants", path, "--reason", REASON, "--identifiers", "full"]);
    assert!(status == Some(0) && out.starts_with("3 rows in "), "{out}{err}");
    let written = std::fs::read_to_string(path).expect("the sheet");
    assert_eq!(rows(&written).len(), 4, "{written}");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).expect("a file").permissions()) & 0o777, 0o600);
    let (status, _, err) = run(&["export", "participants", path, "--reason", REASON]);
    assert!(status == Some(1) && err.contains("exists"), "{err}");
    assert_eq!(std::fs::read_to_string(path).expect("the sheet"), written);
    std::fs::remove_dir_all(&folder).expect("the folder");
}
