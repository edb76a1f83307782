//! What lies in the database before it is measured: documents of bills, and how many claims.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use ksnik::domain::id::Id;

use super::support::databases::{Database, Engine};

/// The tests' server may forget; what is measured here must be durable.
pub fn make_durable(database: &Database) {
    let mut connection = PgConnection::establish(database.url()).expect("the database is there");
    for setting in ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"] {
        connection.batch_execute(&format!("ALTER SYSTEM SET {setting} = 'on'")).expect("the tests' server is ours");
    }
    connection.batch_execute("SELECT pg_reload_conf()").expect("the settings are read");
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    many: i64,
}

pub fn count(database: &Database) -> i64 {
    let query = diesel::sql_query("SELECT count(*) AS many FROM claims");
    let counted: Counted = match database.engine() {
        Engine::Sqlite => {
            query.get_result(&mut SqliteConnection::establish(database.url().trim_start_matches("sqlite://")).expect("the file is there"))
        }
        Engine::Postgres => query.get_result(&mut PgConnection::establish(database.url()).expect("the database is there")),
    }
    .expect("claims are counted");
    counted.many
}

/// Papers that stand behind no claim yet. Judging a claim asks their kinds and whether somebody else's are the same, and opens none.
pub struct Documents {
    ready: Vec<Id>,
    refill: Box<dyn Fn(&[(Id, &str)]) + Send>,
}

impl Documents {
    pub fn new(database: &Database, facility: Id, user: Id) -> Self {
        let (engine, url) = (database.engine(), database.url().to_owned());
        let insert = move |papers: &[(Id, &str)]| {
            let literal = |id: &Id| {
                let digits: String = id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                if engine == Engine::Sqlite { format!("X'{digits}'") } else { format!("'\\x{digits}'") }
            };
            let (whose, who) = (literal(&facility), literal(&user));
            // Papers that have lain about for long without a claim are tidied away.
            let now = chrono::Utc::now().format("%Y-%m-%d %H:%M:%S");
            let rows: Vec<String> = papers
                .iter()
                .map(|(id, kind)| {
                    let id = literal(id);
                    format!("({id}, '{kind}', 'application/pdf', 1, {id}, 1, {id}, {whose}, {who}, '{now}')")
                })
                .collect();
            let text = format!(
                "INSERT INTO documents (id, kind, media_type, size, content_bidx, content_key_id, sealed, facility_id, uploaded_by, uploaded_at) VALUES {}",
                rows.join(", ")
            );
            match engine {
                Engine::Sqlite => SqliteConnection::establish(url.trim_start_matches("sqlite://"))
                    .expect("the file is there")
                    .batch_execute(&format!("PRAGMA busy_timeout = 60000; {text}")),
                Engine::Postgres => PgConnection::establish(&url).expect("the database is there").batch_execute(&text),
            }
            .expect("documents are stored");
        };
        Self { ready: Vec::new(), refill: Box::new(insert) }
    }

    /// A bill, a medical resume and a note of the emergency room.
    pub fn three(&mut self) -> [Id; 3] {
        if self.ready.is_empty() {
            let kinds = (0..300).flat_map(|_| ["bill", "medical_resume", "er_note"]);
            let papers: Vec<(Id, &str)> = kinds.map(|kind| (Id::from_bytes(*uuid::Uuid::now_v7().as_bytes()), kind)).collect();
            (self.refill)(&papers);
            self.ready = papers.into_iter().map(|(id, _)| id).rev().collect();
        }
        std::array::from_fn(|_| self.ready.pop().expect("they come in threes"))
    }
}
