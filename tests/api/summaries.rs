//! The sums of the dashboard: kept up change by change they are what is counted from the rows.

use std::sync::Arc;

use ksnik::context::Machine;
use ksnik::service::{keys, summaries};
use serde_json::json;

use super::dashboard_claims::five_claims;
use super::harness::{count, until};
use super::people::{nik, register};
use super::questions::{ask, path_of, question};
use super::support::databases::{Database, Engine};
use super::support::dated::DatedServer;
use super::support::small_city::PEOPLE;
use super::support::{binary, on_both, product};

/// Every table of sums.
const SUMS: &[&str] = &[
    "check_sums",
    "check_places",
    "registry_cells",
    "claim_sums",
    "open_claims",
    "claim_steps",
    "claim_firsts",
    "tariff_gap_sums",
    "tariff_gap_codes",
    "edit_sums",
    "diagnosis_sums",
    "claim_places",
];

/// Counts everything anew from the rows, as `ksnik rebuild-summaries` does.
pub fn rebuild(database: &Database) {
    rebuild_at(database.url());
}

fn rebuild_at(url: &str) {
    let app = product::app(product::settings(url, &[]), Arc::new(Machine));
    let mut db = app.pool.connect().expect("a connection");
    keys::unlock(&mut db, &app.settings, &app.context()).expect("the root key");
    summaries::rebuild(&app, &mut db).expect("a rebuild");
}

/// Waits until everything is counted that was changed, counts everything anew from the rows, and compares.
pub async fn agree(database: &Database) {
    until("everything is counted", || count(database, "SELECT count(*) FROM summary_marks") == 0).await;
    compare(database, SUMS);
}

/// Counts everything anew from the rows, and compares these tables with what was kept of them.
pub fn compare(database: &Database, tables: &[&str]) {
    for table in tables {
        database.execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).expect("a copy");
    }
    rebuild(database);
    for table in tables {
        for (one, other) in [(format!("kept_{table}"), (*table).to_owned()), ((*table).to_owned(), format!("kept_{table}"))] {
            let missing = count(database, &format!("SELECT count(*) FROM (SELECT * FROM {one} EXCEPT SELECT * FROM {other}) AS different"));
            assert_eq!(missing, 0, "{one} has rows that {other} has not");
        }
        database.execute(&format!("DROP TABLE kept_{table}")).expect("the copy goes");
    }
}

fn sum_of(kind: &str) -> String {
    format!("SELECT CAST(sum(counted) AS BIGINT) FROM check_sums WHERE kind = '{kind}' AND grain = 'day'")
}

on_both!(sums_kept_up_are_sums_counted_anew);
async fn sums_kept_up_are_sums_counted_anew(server: DatedServer) {
    let (registrar, clinic) = (server.client().as_role("registrar"), server.client().as_role("clinic"));
    for serial in 9001..9007 {
        register(&registrar, serial, json!({})).await;
        let check = ask(&clinic, question(json!({"nik": nik(serial), "care_type": "primary"}))).await;
        if serial == 9003 {
            clinic.post(&format!("{}/void", path_of(&check)), json!({"reason": "left"})).await.expect(200);
        }
    }
    agree(server.database()).await;
    assert_eq!(count(server.database(), &sum_of("visit")), 10, "the facility's and all together");
    // What nobody counted is found: a row that the product did not write, and a sum that is none of its rows.
    server.database().execute("UPDATE check_sums SET counted = counted + 1").expect("a wrong sum");
    let output = binary::ksnik()
        .args(["rebuild-summaries", "--database-url", server.database().url()])
        .env("KSNIK__KEYS__ROOT_KEY", product::ROOT_KEY)
        .output()
        .expect("the binary is built");
    let (code, said, complaint) = binary::texts(&output);
    assert!(code == Some(0) && said.contains("parts were counted anew"), "{code:?} {said} {complaint}");
    assert_eq!(count(server.database(), &sum_of("decision")), 10);
}

on_both!(what_a_newer_schema_empties_is_counted_once_more);
async fn what_a_newer_schema_empties_is_counted_once_more(mut server: DatedServer) {
    five_claims(&server).await;
    until("everything is counted", || count(server.database(), "SELECT count(*) FROM summary_marks") == 0).await;
    server.stop();
    // As it was before them, with what was counted then.
    for migration in ["0307_families_who_live_here", "0306_sums_of_all"] {
        let folder = if server.database().engine() == Engine::Sqlite { "sqlite" } else { "postgres" };
        let file = format!("{}/migrations/{folder}/{migration}/down.sql", env!("CARGO_MANIFEST_DIR"));
        server.database().execute(&std::fs::read_to_string(file).expect("a migration")).expect("it is taken back");
        let forgotten = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{}'", &migration[..4]);
        server.database().execute(&forgotten).expect("it is forgotten");
    }
    server.restart(&[]);
    until("the schema is new", || count(server.database(), "SELECT count(*) FROM __diesel_schema_migrations WHERE version >= '0306'") == 2).await;
    agree(server.database()).await;
    for table in ["open_claims", "claim_steps", "claim_firsts"] {
        assert_ne!(count(server.database(), &format!("SELECT count(*) FROM {table} WHERE part = '2000-01-01'")), 0, "{table}");
    }
    assert_ne!(count(server.database(), "SELECT count(*) FROM diagnosis_sums WHERE care_type = 'all'"), 0);
}

on_both!(who_counts_a_subject_is_waited_for_and_not_for_ever);
async fn who_counts_a_subject_is_waited_for_and_not_for_ever(server: DatedServer) {
    let clinic = server.client().as_role("clinic");
    ask(&clinic, question(json!({"nik": PEOPLE[0].0, "care_type": "primary"}))).await;
    let due = |subject: &str| count(server.database(), &format!("SELECT count(*) FROM summary_marks WHERE subject = '{subject}'"));
    until("all is counted", || due("checks") + due("check_places") == 0).await;
    // Another process began to count checks, and was killed.
    server
        .database()
        .execute(
            "UPDATE summary_runs SET counted_by = (SELECT id FROM facilities LIMIT 1), held_until = '2026-11-21 03:30:00' WHERE subject = 'checks'",
        )
        .expect("a run");
    ask(&clinic, question(json!({"nik": PEOPLE[1].0, "care_type": "primary"}))).await;
    until("the others are counted", || due("check_places") == 0).await;
    assert_ne!(due("checks"), 0, "it waits");
    server.put_forward(chrono::Duration::hours(1));
    agree(server.database()).await;
}

on_both!(several_processes_count_and_none_is_in_the_way_of_another);
async fn several_processes_count_and_none_is_in_the_way_of_another(server: DatedServer) {
    let clinic = server.client().as_role("clinic");
    for _ in 0..3 {
        let database = server.database().url().to_owned();
        // A rebuild marks all of it, and counts it beside the service that runs.
        let beside = std::thread::spawn(move || rebuild_at(&database));
        for serial in 9001..9004 {
            ask(&clinic, question(json!({"nik": nik(serial), "care_type": "primary"}))).await;
        }
        beside.join().expect("it comes to its end");
    }
    agree(server.database()).await;
    assert_eq!(count(server.database(), &sum_of("decision")), 18);
}
