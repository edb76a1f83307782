//! The log: what is said for a request says for which, on whatever thread it is said.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use serde_json::{Value, json};

use super::support::databases::{Database, Engine, Seed};
use super::support::on_both;
use super::support::served::Served;

struct Logged {
    served: Served,
    database: Database,
}

fn logged(engine: Engine) -> Option<Logged> {
    let database = Database::copy_of(engine, Seed::City)?;
    Some(Logged { served: Served::start(&database, &[("log.level", "debug")]), database })
}

/// Keeps everyone else from writing facilities, for longer than a transaction waits.
enum Blocker {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Blocker {
    fn of(database: &Database) -> Self {
        match database.engine() {
            Engine::Sqlite => {
                let mut connection = SqliteConnection::establish(database.url().trim_start_matches("sqlite://")).expect("a file");
                connection.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").expect("nobody writes now");
                Self::Sqlite(connection)
            }
            Engine::Postgres => {
                let mut connection = PgConnection::establish(database.url()).expect("a database");
                connection.batch_execute("BEGIN; LOCK TABLE facilities IN EXCLUSIVE MODE").expect("nobody writes now");
                Self::Postgres(connection)
            }
        }
    }

    fn end(self) {
        match self {
            Self::Sqlite(mut connection) => connection.batch_execute("ROLLBACK"),
            Self::Postgres(mut connection) => connection.batch_execute("ROLLBACK"),
        }
        .expect("a transaction");
    }
}

/// The requests for which a line says this; None where it says for none.
fn told_for(served: &Served, message: &str) -> Vec<Option<String>> {
    let printed = served.printed();
    let lines = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter(|line| line["message"] == message);
    lines.map(|line| line["span"]["request.id"].as_str().map(str::to_owned)).collect()
}

on_both!(a_line_from_a_blocking_thread_has_its_request, logged);
async fn a_line_from_a_blocking_thread_has_its_request(logged: Logged) {
    let Logged { served, database } = logged;
    let admin = served.client().as_role("admin");
    let blocker = Blocker::of(&database);
    let body = json!({"name": "Klinik Kamboja", "kind": "clinic", "government": false, "inside_city": true});
    let asked = tokio::spawn(async move { admin.post("/api/v1/facilities", body).await });
    let deadline = Instant::now() + Duration::from_secs(30);
    // The service's own work may be held up too, which is nobody's request.
    while !told_for(&served, "a transaction is tried again").iter().any(Option::is_some) {
        assert!(Instant::now() < deadline, "no request was tried again: {}", served.printed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    blocker.end();
    let answer = asked.await.expect("an answer");
    assert_eq!(answer.status, 201, "{}", answer.text);
    let request = Some(answer.header("x-request-id").to_owned());
    for message in ["a transaction is tried again", "answered"] {
        let told = told_for(&served, message);
        assert!(told.contains(&request), "{message}: {told:?}");
    }
    assert!(told_for(&served, "answered").iter().all(Option::is_some), "an answer without its request");
}
