//! Copies of checks, each of another person at another facility on another day of the year.

use super::copies::execute;
use super::support::databases::{Database, Engine};

const CHECK: &str =
    "asked_by, care_type, decision, failing, basis_id, language, retrospective, checked_at, valid_until, complete_by, override_of, digest, record";

pub fn copy(database: &Database, more: u64) {
    let (made, back) = match database.engine() {
        Engine::Sqlite => (
            format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {more}) SELECT randomblob(16) AS id, i FROM n"),
            "date('now', '-' || (made.i % 330) || ' days')",
        ),
        Engine::Postgres => (
            format!("SELECT uuid_send(gen_random_uuid()) AS id, i FROM generate_series(1, {more}) AS i"),
            "CURRENT_DATE - CAST(made.i % 330 AS INTEGER)",
        ),
    };
    let columns = CHECK.split(", ").map(|column| format!("eligibility_checks.{column}")).collect::<Vec<_>>().join(", ");
    execute(
        database,
        &format!(
            "BEGIN;
            CREATE TEMP TABLE made AS {made};
            CREATE TEMP TABLE templates AS SELECT id AS template, row_number() OVER () - 1 AS place FROM (SELECT id FROM eligibility_checks LIMIT 1000) AS asked;
            CREATE TEMP TABLE people AS SELECT id AS person, village_code AS village, row_number() OVER () - 1 AS place FROM participants;
            CREATE TEMP TABLE houses AS SELECT id, row_number() OVER () - 1 AS place FROM facilities;
            INSERT INTO eligibility_checks (id, participant_id, village_code, facility_id, service_date, {CHECK})
                SELECT made.id, people.person, people.village, houses.id, {back}, {columns}
                FROM made JOIN templates ON templates.place = made.i % (SELECT count(*) FROM templates)
                JOIN eligibility_checks ON eligibility_checks.id = templates.template JOIN people ON people.place = made.i % (SELECT count(*) FROM people)
                JOIN houses ON houses.place = made.i / 330 % (SELECT count(*) FROM houses);
            DROP TABLE made; DROP TABLE templates; DROP TABLE people; DROP TABLE houses;
            COMMIT;"
        ),
    );
}
