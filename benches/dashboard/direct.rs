//! What the dashboard tells, summed up from the rows: the text that both databases understand.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use ksnik::domain::figures::{Breakdown, FigureName};

use super::support::databases::{Database, Engine};

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    many: i64,
}

/// The same sums from the rows; none where a figure is no plain sum.
pub fn query(figure: FigureName, by: Breakdown) -> Option<String> {
    let of =
        |table: &str, key: &str, sums: &str, filter: &str| Some(format!("SELECT {key} AS cell, {sums} FROM {table} WHERE {filter} GROUP BY {key}"));
    let days = |column: &str| format!("{column} BETWEEN '$from' AND '$to'");
    let amounts = "count(*) AS many_rows, sum(claimed_amount) AS a, sum(tariff_amount) AS b, sum(hospital_cost) AS c, sum(approved_amount) AS d, sum(paid_amount) AS e";
    match (figure.as_str(), by.as_str()) {
        ("checks", "decision" | "care_type") => of("eligibility_checks", by.as_str(), "count(*) AS many_rows", &days("service_date")),
        ("checks", "facility") => of("eligibility_checks", "facility_id", "count(*) AS many_rows", &days("service_date")),
        ("checks", "day") => of("eligibility_checks", "service_date", "count(*) AS many_rows", &days("service_date")),
        ("participants", "village") => of("participants", "village_code", "count(*) AS many_rows", "1 = 1"),
        ("participants", "state" | "sex") => of("participants", by.as_str(), "count(*) AS many_rows", "1 = 1"),
        ("claims", "state" | "care_type" | "pot") => of("claims", by.as_str(), amounts, &days("admitted_on")),
        ("claims", "facility") => of("claims", "facility_id", amounts, &days("admitted_on")),
        ("diagnoses", "code") => of("claims", "principal_diagnosis", "count(*) AS many_rows, sum(approved_amount) AS a", &days("admitted_on")),
        ("tariff-gap", "code") => Some(format!(
            "SELECT claim_lines.tariff_code AS cell, count(*) AS many_rows, sum(claim_lines.claimed_amount) AS a, sum(claim_lines.hospital_cost) AS b, \
             sum(claim_lines.approved_amount) AS c FROM claim_lines JOIN claims ON claims.id = claim_lines.claim_id WHERE {} GROUP BY 1",
            days("claims.admitted_on")
        )),
        _ => None,
    }
}

/// The median of so many times.
pub fn time(database: &Database, query: &str, times: usize) -> Duration {
    let query = format!("SELECT count(*) AS many FROM ({query}) AS cells");
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let began = Instant::now();
            let counted: Counted = match database.engine() {
                Engine::Sqlite => diesel::sql_query(&query)
                    .get_result(&mut SqliteConnection::establish(database.url().trim_start_matches("sqlite://")).expect("the file is there")),
                Engine::Postgres => {
                    diesel::sql_query(&query).get_result(&mut PgConnection::establish(database.url()).expect("the database is there"))
                }
            }
            .unwrap_or_else(|error| panic!("{error} in {query}"));
            assert!(counted.many >= 0);
            began.elapsed()
        })
        .collect();
    taken.sort_unstable();
    taken[times / 2]
}
