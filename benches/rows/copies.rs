//! Copies of what lies in the tables, by the hundred thousand, made by the database itself.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::support::databases::{Database, Engine};

pub fn execute(database: &Database, text: &str) {
    match database.engine() {
        Engine::Sqlite => SqliteConnection::establish(database.url().trim_start_matches("sqlite://"))
            .expect("the file is there")
            .batch_execute(&format!("PRAGMA busy_timeout = 60000; {text}")),
        Engine::Postgres => PgConnection::establish(database.url()).expect("the database is there").batch_execute(text),
    }
    .unwrap_or_else(|error| panic!("{error} in {text}"));
}

const CLAIM: &str = "version, revision, state, facility_id, letter_id, check_id, care_type, discharge_status, ward_class, principal_diagnosis, budget_year, pot, \
    claimed_amount, tariff_amount, hospital_cost, payable_amount, approved_amount, paid_amount, late, replaces_claim_id, taken_by, created_by, created_at, \
    updated_at";
const TERMS: &str = "rule_set, rule_date, tariff_schedule_id, tariff_date, contract_id, payment_percent, submitted_at, submitted_by, completed_at, decided_at, \
    decided_by, complete_by, fix_by, pay_by, dispute_by, expires_on, disputes, sampled, recoverable_amount";
const LINE: &str =
    "line, state, tariff_code, quantity, claimed_amount, tariff_amount, hospital_cost, payable_amount, approved_amount, paid_amount, reason_code";

/// Stores copies of the claims that are there, each for another person and on another day of the last ten months.
pub fn claims(database: &Database, more: u64) {
    let engine = database.engine();
    let of = |table: &str, columns: &str| columns.split(", ").map(|column| format!("{table}.{}", column.trim())).collect::<Vec<_>>().join(", ");
    let (made, number, back) = match engine {
        Engine::Sqlite => (
            format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {more}) SELECT randomblob(16) AS id, i FROM n"),
            "'OLD-' || made.i",
            [
                "date(claims.admitted_on, '-' || (3 + made.i % 300) || ' days')",
                "date(claims.discharged_on, '-' || (3 + made.i % 300) || ' days')",
                "date(claim_lines.service_date, '-' || (3 + made.i % 300) || ' days')",
            ],
        ),
        Engine::Postgres => (
            format!("SELECT uuid_send(gen_random_uuid()) AS id, i FROM generate_series(1, {more}) AS i"),
            "'OLD-' || made.i",
            [
                "claims.admitted_on - CAST(3 + made.i % 300 AS INTEGER)",
                "claims.discharged_on - CAST(3 + made.i % 300 AS INTEGER)",
                "claim_lines.service_date - CAST(3 + made.i % 300 AS INTEGER)",
            ],
        ),
    };
    let from = "FROM made JOIN templates ON templates.place = made.i % (SELECT count(*) FROM templates)";
    let text = format!(
        "BEGIN;
        CREATE TEMP TABLE made AS {made};
        CREATE TEMP TABLE templates AS SELECT id AS template, row_number() OVER () - 1 AS place FROM (SELECT id FROM claims LIMIT 1000) AS judged;
        CREATE TEMP TABLE people AS SELECT id AS person, row_number() OVER () - 1 AS place FROM participants;
        INSERT INTO claims (id, number, facility_claim_number, participant_id, admitted_on, discharged_on, {CLAIM})
            SELECT made.id, {number}, {number}, people.person, {}, {}, {} {from} JOIN claims ON claims.id = templates.template
            JOIN people ON people.place = made.i % (SELECT count(*) FROM people);
        INSERT INTO claim_terms (claim_id, {TERMS}) SELECT made.id, {} {from} JOIN claim_terms ON claim_terms.claim_id = templates.template;
        INSERT INTO claim_lines (claim_id, service_date, {LINE})
            SELECT made.id, {}, {} {from} JOIN claim_lines ON claim_lines.claim_id = templates.template;
        INSERT INTO claim_codes (claim_id, position, kind, code, service_date)
            SELECT made.id, claim_codes.position, claim_codes.kind, claim_codes.code, claim_codes.service_date
            {from} JOIN claim_codes ON claim_codes.claim_id = templates.template;
        DROP TABLE made; DROP TABLE templates; DROP TABLE people;
        COMMIT;",
        back[0],
        back[1],
        of("claims", CLAIM),
        of("claim_terms", TERMS),
        back[2],
        of("claim_lines", LINE),
    );
    execute(database, &text);
    execute(database, "ANALYZE");
}
