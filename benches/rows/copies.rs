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

/// Has PostgreSQL look at its tables, as autovacuum does soon after much was written. Nobody does that of SQLite.
pub fn statistics(database: &Database) {
    if database.engine() == Engine::Postgres {
        execute(database, "VACUUM ANALYZE");
    }
}

/// A random id, as the database makes it.
fn random_id(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "uuid_send(gen_random_uuid())",
    }
}

/// The numbers from one on.
fn numbers(many: u64) -> String {
    format!("(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) SELECT i FROM n)")
}

/// Beside those of the demo: about sixty in all, as Bekasi has.
const MORE_HOSPITALS: u64 = 50;

/// Copies of the hospitals that are there, in which nobody works.
pub fn hospitals(database: &Database) {
    const HOSPITAL: &str = "version, kind, class, government, inside_city, village_code, beds, address, created_at, updated_at";
    let (id, numbers) = (random_id(database.engine()), numbers(MORE_HOSPITALS));
    let text = format!(
        "INSERT INTO facilities (id, code, name, {HOSPITAL})
            SELECT {id}, 'RS-C' || made.i, 'Rumah Sakit ' || made.i, {HOSPITAL} FROM {numbers} AS made
            JOIN (SELECT facilities.*, row_number() OVER () - 1 AS place FROM facilities WHERE kind = 'hospital') AS templates
            ON templates.place = made.i % (SELECT count(*) FROM facilities WHERE kind = 'hospital');
        UPDATE versions SET catalogue = catalogue + 1"
    );
    execute(database, &text);
}

const CLAIM: &str = "version, revision, state, letter_id, check_id, care_type, discharge_status, ward_class, budget_year, pot, claimed_amount, tariff_amount, \
    hospital_cost, payable_amount, approved_amount, paid_amount, late, replaces_claim_id, taken_by, created_by, created_at, updated_at";
const TERMS: &str = "rule_set, rule_date, tariff_schedule_id, tariff_date, contract_id, payment_percent, submitted_by, \
    decided_by, complete_by, fix_by, pay_by, dispute_by, expires_on, disputes, sampled, recoverable_amount";
const LINE: &str = "state, quantity, claimed_amount, tariff_amount, hospital_cost, payable_amount, approved_amount, paid_amount, reason_code";

const HIT: &str = "position, edit, edit_version, outcome, line, field, value, bound, shadow";

/// Stores copies of the claims that are there, each for another person on another day of the last ten months, in any hospital, with one of two thousand diagnoses and
/// eight lines of hundreds of codes.
pub fn claims(database: &Database, more: u64) {
    let engine = database.engine();
    let of = |table: &str, columns: &str| columns.split(", ").map(|column| format!("{table}.{}", column.trim())).collect::<Vec<_>>().join(", ");
    let (id, numbers) = (random_id(engine), numbers(more));
    let earlier = |column: &str| match engine {
        Engine::Sqlite => format!("date({column}, '-' || made.back || ' days')"),
        Engine::Postgres => format!("{column} - CAST(made.back AS INTEGER)"),
    };
    // What was done with it lies as far back as the care.
    let at = ["submitted_at", "completed_at", "decided_at"];
    let instants = at.map(|column| match engine {
        Engine::Sqlite => format!("strftime('%Y-%m-%d %H:%M:%f', claim_terms.{column}, '-' || made.back || ' days')"),
        Engine::Postgres => format!("claim_terms.{column} - made.back * interval '1 day'"),
    });
    let letter = match engine {
        Engine::Sqlite => "char(65 + made.i % 26)",
        Engine::Postgres => "chr(CAST(65 + made.i % 26 AS INTEGER))",
    };
    let eight = self::numbers(8);
    let text = format!(
        "BEGIN;
        CREATE TEMP TABLE templates AS SELECT id AS template, row_number() OVER () - 1 AS place FROM (SELECT id FROM claims LIMIT 1000) AS judged;
        CREATE TEMP TABLE houses AS SELECT id, row_number() OVER () - 1 AS place FROM facilities WHERE kind = 'hospital';
        CREATE TEMP TABLE people AS SELECT id AS person, row_number() OVER () - 1 AS place FROM participants;
        CREATE TEMP TABLE made AS SELECT {id} AS id, i, 3 + i % 300 AS back FROM {numbers} AS numbered;
        CREATE TEMP TABLE copies AS SELECT made.id, made.back, templates.template, people.person, 'OLD-' || made.i AS number, houses.id AS house,
            {letter} || (10 + made.i / 26 % 80) AS diagnosis
            FROM made JOIN templates ON templates.place = made.i % (SELECT count(*) FROM templates)
            JOIN houses ON houses.place = made.i / 300 % (SELECT count(*) FROM houses) JOIN people ON people.place = made.i % (SELECT count(*) FROM people);
        CREATE TEMP TABLE lines AS SELECT template, eight.i AS line, tariff_code || '-' || ((templates.place + eight.i) % 12) AS tariff_code
            FROM templates JOIN claim_lines ON claim_lines.claim_id = templates.template AND claim_lines.line = 1 CROSS JOIN {eight} AS eight;
        INSERT INTO claims (id, number, facility_claim_number, participant_id, facility_id, principal_diagnosis, admitted_on, discharged_on, {CLAIM})
            SELECT made.id, made.number, made.number, made.person, made.house, made.diagnosis, {}, {}, {}
            FROM copies AS made JOIN claims ON claims.id = made.template;
        INSERT INTO claim_terms (claim_id, {}, {TERMS}) SELECT made.id, {}, {} FROM copies AS made JOIN claim_terms ON claim_terms.claim_id = made.template;
        INSERT INTO claim_lines (claim_id, line, tariff_code, service_date, {LINE})
            SELECT made.id, lines.line, lines.tariff_code, {}, {} FROM copies AS made JOIN lines ON lines.template = made.template
            JOIN claim_lines ON claim_lines.claim_id = lines.template AND claim_lines.line = 1;
        INSERT INTO claim_codes (claim_id, position, kind, code, service_date)
            SELECT made.id, claim_codes.position, claim_codes.kind, claim_codes.code, claim_codes.service_date
            FROM copies AS made JOIN claim_codes ON claim_codes.claim_id = made.template;
        INSERT INTO claim_hits (claim_id, {HIT}) SELECT made.id, {} FROM copies AS made JOIN claim_hits ON claim_hits.claim_id = made.template;
        DROP TABLE made; DROP TABLE templates; DROP TABLE people; DROP TABLE houses; DROP TABLE copies; DROP TABLE lines;
        COMMIT;",
        earlier("claims.admitted_on"),
        earlier("claims.discharged_on"),
        of("claims", CLAIM),
        at.join(", "),
        instants.join(", "),
        of("claim_terms", TERMS),
        earlier("claim_lines.service_date"),
        of("claim_lines", LINE),
        of("claim_hits", HIT),
    );
    execute(database, &text);
    statistics(database);
}
