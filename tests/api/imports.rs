//! Imports: a file comes in over HTTP, its rows are stored, and whatever was wrong can be read back.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::people_file::{Family, HEADER, file};
use super::support::client::{Answer, Client};
use super::support::databases::{Database, Engine, Seed};
use super::support::server::{Running, Server};
use super::support::{on_both, product, run_folder};

const IMPORTS: &str = "/api/v1/imports";
const PARTICIPANTS: &str = "/api/v1/imports?kind=participants";

pub async fn upload(client: &Client, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    client.send(client.request(Method::POST, path).header("Content-Type", "text/csv").body(body)).await
}

/// Uploads and waits for the end.
pub async fn import(client: &Client, path: &str, body: impl Into<reqwest::Body>) -> Value {
    let accepted = upload(client, path, body).await;
    let place = accepted.header("location").to_owned();
    accepted.expect(202);
    ended(client, &place).await
}

pub async fn ended(client: &Client, place: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let job = client.get(place).await.expect(200);
        if !matches!(job["state"].as_str(), Some("queued" | "running")) {
            return job;
        }
        assert!(Instant::now() < deadline, "it does not end: {job}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn counts(job: &Value) -> [i64; 5] {
    ["rows_read", "created", "changed", "unchanged", "failed"].map(|name| job[name].as_i64().expect("a number"))
}

/// A server whose uploads can be looked at.
pub struct Watched {
    running: Option<Running>,
    spool: PathBuf,
    database: Database,
}

impl Watched {
    fn on(database: Database, more: &[(&str, &str)]) -> Self {
        let mut watched = Self { running: None, spool: run_folder::fresh_path("spool"), database };
        watched.start(more);
        watched
    }

    pub fn start(&mut self, more: &[(&str, &str)]) {
        let spool = self.spool.display().to_string();
        let all: Vec<(&str, &str)> = [("imports.spool", spool.as_str())].iter().chain(more).copied().collect();
        self.running =
            Some(product::start_app(product::app(product::settings(self.database.url(), &all), std::sync::Arc::new(ksnik::context::Machine))));
    }

    pub fn stop(&mut self) {
        (self.running.take().expect("it runs").stop)();
    }

    pub fn admin(&self) -> Client {
        let running = self.running.as_ref().expect("it runs");
        Client::new(running.address, running.token_of.clone()).as_role("admin")
    }

    /// A file goes when its job has ended, a moment later.
    pub async fn is_tidied(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.files().is_empty() {
            assert!(Instant::now() < deadline, "a spool file stays: {:?}", self.files());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn files(&self) -> Vec<PathBuf> {
        std::fs::read_dir(&self.spool).map(|entries| entries.map(|entry| entry.expect("an entry").path()).collect()).unwrap_or_default()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            (running.stop)();
        }
        // It may never have been made.
        let _ = std::fs::remove_dir_all(&self.spool);
    }
}

impl super::support::Given for Watched {
    fn on(engine: Engine) -> Option<Self> {
        Database::copy_of(engine, Seed::City).map(|database| Self::on(database, &[]))
    }
}

fn contains(folder: &Path, needle: &str) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|entry| {
        let bytes = std::fs::read(entry.expect("an entry").path()).unwrap_or_default();
        bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
    })
}

on_both!(a_good_file_is_stored_and_a_second_run_changes_nothing);
async fn a_good_file_is_stored_and_a_second_run_changes_nothing(server: Watched) {
    let admin = server.admin();
    let families: Vec<Family> = (0..40).map(Family::new).collect();
    let first = import(&admin, PARTICIPANTS, file(&families)).await;
    assert_eq!((first["state"].as_str(), first["percent"].as_u64(), counts(&first)), (Some("done"), Some(100), [120, 120, 0, 0, 0]), "{first}");
    assert_eq!((&first["faults"], &first["failure"], first["finished_at"].is_string()), (&json!([]), &Value::Null, true));
    server.is_tidied().await;

    let found = admin.post("/api/v1/participants/lookup", json!({"nik": families[7].head_nik()})).await.expect(200);
    assert_eq!((found["name"].as_str(), found["enrollment"]["card_number"].as_str()), (Some("Kepala Tujuh"), Some("KS-900007")), "{found}");

    let second = import(&admin, PARTICIPANTS, file(&families)).await;
    assert_eq!(counts(&second), [120, 0, 0, 120, 0], "{second}");

    let mut changed = families.clone();
    changed[3].address = "Jl. Kenanga 9".into();
    let third = import(&admin, PARTICIPANTS, file(&changed)).await;
    assert_eq!(counts(&third), [120, 0, 3, 117, 0], "{third}");

    let list = admin.get(&format!("{IMPORTS}?limit=2")).await.expect(200);
    let ids: Vec<&Value> = list["items"].as_array().expect("a list").iter().map(|job| &job["id"]).collect();
    assert_eq!(ids, [&third["id"], &second["id"]]);
    let rest = admin.get(&format!("{IMPORTS}?limit=2&cursor={}", list["next_cursor"].as_str().expect("more"))).await.expect(200);
    assert_eq!((rest["items"][0]["id"].as_str(), &rest["next_cursor"]), (first["id"].as_str(), &Value::Null));
    assert_eq!(admin.get(&format!("{IMPORTS}?state=failed")).await.expect(200)["items"], json!([]));
}

on_both!(a_dry_run_counts_and_changes_nothing);
async fn a_dry_run_counts_and_changes_nothing(server: Watched) {
    let admin = server.admin();
    let families = [Family::new(1), Family::new(2)];
    for _ in 0..2 {
        let job = import(&admin, &format!("{PARTICIPANTS}&dry_run=true"), file(&families)).await;
        assert_eq!((job["dry_run"].as_bool(), job["state"].as_str(), counts(&job)), (Some(true), Some("done"), [6, 6, 0, 0, 0]), "{job}");
    }
    admin.post("/api/v1/participants/lookup", json!({"nik": families[0].head_nik()})).await.expect_problem(404, "NOT_FOUND");
}

on_both!(a_file_at_fault_as_a_whole_is_refused_at_once);
async fn a_file_at_fault_as_a_whole_is_refused_at_once(server: Watched) {
    let admin = server.admin();
    let good = file(&[Family::new(1)]);
    let latin1 = [good.as_bytes(), b"3275010502909999,3275012001159999,head,Ren\xe9,1990-02-05,M,3275011001,1,1,x,,2015-03-01,,,,,,,\n"].concat();
    let without = |column: &str| HEADER.split(',').filter(|name| *name != column).collect::<Vec<_>>().join(",");
    for (body, expected) in [
        (latin1, vec![("/5", "ENCODING")]),
        (without("sex").into_bytes(), vec![("/1/sex", "COLUMN_MISSING")]),
        (format!("{},colour\n", without("nik")).into_bytes(), vec![("/1/colour", "COLUMN_UNKNOWN"), ("/1/nik", "COLUMN_MISSING")]),
        (format!("{HEADER},3275014501909001,siti aminah\n").into_bytes(), vec![("/1/?", "COLUMN_UNKNOWN"), ("/1/?", "COLUMN_UNKNOWN")]),
        (b"PK\x03\x04rest".to_vec(), vec![("/1", "FILE_IS_A_WORKBOOK")]),
        (Vec::new(), vec![("/1", "FILE_EMPTY")]),
    ] {
        let problem = upload(&admin, PARTICIPANTS, body).await.expect(422);
        let faults = problem["errors"].as_array().expect("a list");
        let told: Vec<_> =
            faults.iter().map(|fault| (fault["pointer"].as_str().unwrap_or_default(), fault["code"].as_str().unwrap_or_default())).collect();
        assert_eq!(told, expected);
        assert!(faults.iter().all(|fault| fault["message"].as_str().is_some_and(|text| !text.is_empty())), "{problem}");
    }
    assert_eq!(admin.get(IMPORTS).await.expect(200)["items"], json!([]), "a refused file leaves no job");
    server.is_tidied().await;
}

on_both!(every_bad_row_is_told_and_no_good_one_is_lost);
async fn every_bad_row_is_told_and_no_good_one_is_lost(server: Watched) {
    let admin = server.admin();
    let good = file(&[Family::new(1)]);
    let row = good.lines().nth(1).expect("the head").to_owned();
    let nik = Family::new(1).head_nik();
    let bad = [
        row.replace(&nik, "3.27501E+15"),
        row.replace(&nik, "327501050290900"),
        row.replace("head", "uncle").replace(&nik, "3275010502909991"),
        row.replace("Kepala Satu", "Kepala Lain"),
        row.replace(&nik, "3275010502909992"),
        format!("\"{row}"),
    ];
    let job = import(&admin, PARTICIPANTS, format!("{good}{}\n", bad.join("\n"))).await;
    assert_eq!((job["state"].as_str(), counts(&job)), (Some("done"), [9, 3, 0, 0, 6]), "{job}");
    let expected = [
        (5, "nik", "NIK_SCIENTIFIC_NOTATION"),
        (6, "nik", "NIK_LEADING_ZERO_LOST"),
        (7, "relation", "UNKNOWN_VALUE"),
        (8, "nik", "NIK_REPEATED"),
        (9, "card_number", "CARD_ALREADY_REGISTERED"),
        (10, "", "QUOTE_NOT_CLOSED"),
    ];
    let faults: Vec<_> = job["faults"].as_array().expect("a list").iter().collect();
    let told: Vec<_> = faults
        .iter()
        .map(|fault| (fault["line"].as_i64().unwrap_or(0), fault["column"].as_str().unwrap_or(""), fault["code"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(told, expected);
    assert!(faults[2]["message"].as_str().expect("a text").contains("head, spouse, child"), "{}", faults[2]);

    let path = format!("{IMPORTS}/{}/errors.csv", job["id"].as_str().expect("an id"));
    let english = admin.get(&path).await;
    assert_eq!((english.status, english.header("content-type")), (200, "text/csv; charset=utf-8"));
    let lines: Vec<&str> = english.text.lines().collect();
    assert_eq!(lines[0], "line,column,code,message,row_key");
    for ((line, column, code), text) in expected.iter().zip(&lines[1..]) {
        assert!(text.starts_with(&format!("{line},{column},{code},")) && text.len() > 40, "{text}");
    }
    assert_eq!(lines.len(), 7);
    assert!(!english.text.contains(&nik[..10]) && !english.text.contains("Kepala"), "a value of the row is in the report");
    let indonesian = admin.in_language("id").get(&path).await;
    assert!(indonesian.text != english.text && indonesian.text.lines().count() == 7);
}

on_both!(a_column_that_a_spreadsheet_zeroed_is_recognised);
async fn a_column_that_a_spreadsheet_zeroed_is_recognised(server: Watched) {
    let families: Vec<Family> = (0..30).map(Family::new).collect();
    let zeroed: Vec<String> = file(&families)
        .lines()
        .map(|line| match line.split_once(',') {
            Some((nik, rest)) if nik.len() == 16 => format!("{}0,{rest}", &nik[..15]),
            _ => line.to_owned(),
        })
        .collect();
    let job = import(&server.admin(), PARTICIPANTS, zeroed.join("\n")).await;
    assert_eq!(counts(&job), [90, 0, 0, 0, 90], "{job}");
    let faults = job["faults"].as_array().expect("a list");
    assert_eq!(faults.len(), 20, "the job tells the first twenty");
    assert!(faults.iter().all(|fault| fault["code"] == "NIK_LAST_DIGIT_ZEROED"), "{job}");
    let all = server.admin().get(&format!("{IMPORTS}/{}/errors.csv", job["id"].as_str().expect("an id"))).await;
    assert_eq!(all.text.lines().count(), 91);
}

fn packed(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("memory");
    gzip.finish().expect("memory")
}

on_both!(a_packed_file_is_unpacked_and_a_broken_one_refused);
async fn a_packed_file_is_unpacked_and_a_broken_one_refused(database: Database) {
    let database = Database::copy_of(database.engine(), Seed::City).expect("there is one already");
    let server = Watched::on(database, &[("imports.most_bytes", "20000")]);
    let admin = server.admin();
    let send = |body: Vec<u8>, encoding: &'static str| {
        let request = admin.request(Method::POST, PARTICIPANTS).header("Content-Type", "text/csv").header("Content-Encoding", encoding);
        admin.send(request.body(body))
    };
    let good = packed(&file(&[Family::new(1), Family::new(2)]));
    let accepted = send(good.clone(), "gzip").await;
    let job = ended(&admin, accepted.header("location")).await;
    assert_eq!(counts(&job), [6, 6, 0, 0, 0]);

    send(good[..good.len() - 9].to_vec(), "gzip").await.expect_problem(400, "BODY_UNREADABLE");
    send(b"nik,name".to_vec(), "gzip").await.expect_problem(400, "BODY_UNREADABLE");
    send(good, "br").await.expect_problem(415, "MEDIA_TYPE_NOT_SUPPORTED");
    let bomb = packed(&" ".repeat(1_000_000));
    assert!(bomb.len() < 20_000);
    send(bomb, "gzip").await.expect_problem(413, "BODY_TOO_LARGE");
    upload(&admin, PARTICIPANTS, " ".repeat(20_001)).await.expect_problem(413, "BODY_TOO_LARGE");
    server.is_tidied().await;
}

on_both!(what_is_asked_wrongly_is_said);
async fn what_is_asked_wrongly_is_said(server: Server) {
    let admin = server.client().as_role("admin");
    let good = file(&[Family::new(1)]);
    for (path, code) in [
        (IMPORTS, "FIELD_MISSING"),
        ("/api/v1/imports?kind=people", "UNKNOWN_VALUE"),
        ("/api/v1/imports?kind=participants&dry_run=perhaps", "WRONG_FORMAT"),
        ("/api/v1/imports?kind=participants&dryrun=true", "UNKNOWN_PARAMETER"),
    ] {
        let problem = upload(&admin, path, good.clone()).await.expect_problem(422, code);
        assert!(problem["errors"][0]["parameter"].is_string(), "{problem}");
    }
    admin.post(PARTICIPANTS, json!({})).await.expect_problem(415, "MEDIA_TYPE_NOT_SUPPORTED");

    let template = admin.get("/api/v1/imports/templates/participants.csv").await;
    assert_eq!((template.status, template.text.trim_end()), (200, HEADER));
    admin.get("/api/v1/imports/templates/people.csv").await.expect_problem(404, "NOT_FOUND");
    admin.get("/api/v1/imports/nothing").await.expect_problem(404, "NOT_FOUND");
    admin.post("/api/v1/imports/019b0000-0000-7000-8000-000000000000/cancel", json!({})).await.expect_problem(404, "NOT_FOUND");
}

on_both!(only_an_admin_imports_and_an_auditor_may_look);
async fn only_an_admin_imports_and_an_auditor_may_look(server: Server) {
    let good = file(&[Family::new(1)]);
    for role in ["registrar", "counter", "clinic", "hospital", "verifier", "finance", "manager", "auditor", "dpo"] {
        upload(&server.client().as_role(role), PARTICIPANTS, good.clone()).await.expect_problem(403, "NOT_ALLOWED");
    }
    upload(&server.client(), PARTICIPANTS, good).await.expect_problem(401, "SIGN_IN_REQUIRED");
    server.client().as_role("registrar").get(IMPORTS).await.expect_problem(403, "NOT_ALLOWED");
    server.client().as_role("auditor").get(IMPORTS).await.expect(200);
}

on_both!(a_file_is_queued_once_for_each_key);
async fn a_file_is_queued_once_for_each_key(server: Watched) {
    let admin = server.admin();
    let send = |body: String| {
        let request = admin.request(Method::POST, PARTICIPANTS).header("Content-Type", "text/csv").header("Idempotency-Key", "the-march-file");
        admin.send(request.body(body))
    };
    let first = send(file(&[Family::new(1)])).await;
    ended(&admin, first.header("location")).await;
    let again = send(file(&[Family::new(1)])).await;
    assert_eq!((again.header("idempotency-replayed"), again.header("location")), ("true", first.header("location")));
    assert_eq!(again.expect(202)["id"], first.json["id"]);
    send(file(&[Family::new(2)])).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(admin.get(IMPORTS).await.expect(200)["items"].as_array().map(Vec::len), Some(1));
    server.is_tidied().await;
}

/// Long enough to be caught while it runs.
fn long_file() -> String {
    file(&(0..1_500).map(Family::new).collect::<Vec<_>>())
}

on_both!(a_cancelled_job_stops_and_its_sealed_file_goes);
async fn a_cancelled_job_stops_and_its_sealed_file_goes(server: Watched) {
    let admin = server.admin();
    let accepted = upload(&admin, PARTICIPANTS, long_file()).await;
    let place = accepted.header("location").to_owned();
    assert_eq!(server.files().len(), 1);
    assert!(!contains(&server.spool, "Kepala") && !contains(&server.spool, "32750105"), "an upload lies open on the disk");

    let cancelled = admin.post(&format!("{place}/cancel"), json!({})).await.expect(200);
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");
    let job = admin.get(&place).await.expect(200);
    assert!(job["rows_read"].as_i64().expect("a number") < 4_500 && job["finished_at"].is_string(), "{job}");
    admin.post(&format!("{place}/cancel"), json!({})).await.expect_problem(409, "STATE_CONFLICT");
    server.is_tidied().await;

    // What was stored stays, and the next file is worked on.
    let next = import(&admin, PARTICIPANTS, file(&[Family::new(0)])).await;
    assert_eq!((next["state"].as_str(), next["rows_read"].as_i64()), (Some("done"), Some(3)), "{next}");
    let job = admin.get(&place).await.expect(200);
    assert_eq!(job["state"], "cancelled", "{job}");
}

on_both!(a_job_goes_on_after_a_restart);
async fn a_job_goes_on_after_a_restart(mut server: Watched) {
    let accepted = upload(&server.admin(), PARTICIPANTS, long_file()).await;
    let place = accepted.header("location").to_owned();
    let deadline = Instant::now() + Duration::from_secs(60);
    while server.admin().get(&place).await.expect(200)["rows_read"].as_i64().unwrap_or(0) < 100 {
        assert!(Instant::now() < deadline, "it does not begin");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.stop();
    assert_eq!(server.files().len(), 1, "the file must outlive the restart");
    server.start(&[]);
    let job = ended(&server.admin(), &place).await;
    assert_eq!((job["state"].as_str(), job["percent"].as_u64(), counts(&job)), (Some("done"), Some(100), [4_500, 4_500, 0, 0, 0]), "{job}");
    server.is_tidied().await;
}

#[test]
fn a_job_whose_file_is_gone_says_so() {
    // On PostgreSQL the file could be another node's; there it takes a quarter of an hour.
    super::support::run(Engine::Sqlite, async |mut server: Watched| {
        let accepted = upload(&server.admin(), PARTICIPANTS, long_file()).await;
        let place = accepted.header("location").to_owned();
        server.stop();
        server.files().iter().for_each(|file| std::fs::remove_file(file).expect("the spool file"));
        server.start(&[]);
        let job = ended(&server.admin(), &place).await;
        assert_eq!((job["state"].as_str(), job["failure"]["code"].as_str()), (Some("failed"), Some("SPOOL_LOST")), "{job}");
        assert!(job["failure"]["remedy"].as_str().is_some_and(|text| !text.is_empty()));
    });
}

on_both!(a_row_that_the_database_refuses_is_told_alone);
async fn a_row_that_the_database_refuses_is_told_alone(server: Watched) {
    let refusal = server.database.execute(match server.database.engine() {
        Engine::Sqlite => {
            "CREATE TRIGGER nobody_of_1977 BEFORE INSERT ON participants WHEN NEW.birth_year = 1977 BEGIN SELECT RAISE(ABORT, 'not them'); END;"
        }
        Engine::Postgres => "ALTER TABLE participants ADD CONSTRAINT nobody_of_1977 CHECK (birth_year <> 1977);",
    });
    refusal.expect("a rule of the database");
    let mut families: Vec<Family> = (0..20).map(Family::new).collect();
    families[11].head_birth_year = 1977;
    let job = import(&server.admin(), PARTICIPANTS, file(&families)).await;
    assert_eq!((job["state"].as_str(), counts(&job)), (Some("done"), [60, 59, 0, 0, 1]), "{job}");
    assert_eq!((job["faults"][0]["line"].as_i64(), job["faults"][0]["code"].as_str()), (Some(2 + 3 * 11), Some("ROW_NOT_STORED")), "{job}");
}
