//! The sums of the dashboard: kept up change by change they are what is counted from the rows.

use std::sync::Arc;

use ksnik::context::Machine;
use ksnik::service::{keys, summaries};
use serde_json::json;

use super::harness::{count, until};
use super::people::{nik, register};
use super::questions::{ask, path_of, question};
use super::support::databases::Database;
use super::support::dated::DatedServer;
use super::support::{on_both, product};

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
    let app = product::app(product::settings(database.url(), &[]), Arc::new(Machine));
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
    rebuild(server.database());
    assert_eq!(count(server.database(), &sum_of("decision")), 10);
}
