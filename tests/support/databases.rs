//! A database for each test, copied from a template that is migrated and seeded once for each process: migrations and seeds cost seconds, a copy
//! milliseconds.

use super::postgres::{Postgres, postgres};
use super::{product, run_folder};
use diesel::connection::SimpleConnection;
use diesel::sql_types::Integer;
use diesel::{Connection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// What stands in a database before the test begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// The tables, and nothing in them.
    Migrated,
    /// The small city that most tests play in.
    City,
}

/// A database that is its test's own and goes with it.
pub struct Database {
    url: String,
    place: Place,
}

enum Place {
    File(PathBuf),
    Server { postgres: &'static Postgres, name: String },
}

impl Database {
    /// `None` when this machine has no PostgreSQL.
    pub fn copy_of(engine: Engine, seed: Seed) -> Option<Self> {
        match &template(engine, seed)?.place {
            Place::File(template) => {
                let file = run_folder::fresh_path("sqlite");
                std::fs::copy(template, &file).expect("the template is a closed file");
                Some(Self::in_file(file))
            }
            Place::Server { postgres, name } => {
                let copy = postgres.fresh_name();
                postgres.create_from(name, &copy);
                Some(Self::on_server(postgres, copy))
            }
        }
    }

    /// A database without even tables.
    pub fn empty(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => Some(Self::in_file(run_folder::fresh_path("sqlite"))),
            Engine::Postgres => postgres().map(|postgres| {
                let name = postgres.fresh_name();
                postgres.create_empty(&name);
                Self::on_server(postgres, name)
            }),
        }
    }

    fn in_file(file: PathBuf) -> Self {
        Self { url: format!("sqlite://{}", file.display()), place: Place::File(file) }
    }

    fn on_server(postgres: &'static Postgres, name: String) -> Self {
        Self { url: postgres.url_of(&name), place: Place::Server { postgres, name } }
    }

    pub fn engine(&self) -> Engine {
        match self.place {
            Place::File(_) => Engine::Sqlite,
            Place::Server { .. } => Engine::Postgres,
        }
    }

    /// Runs statements beside the product.
    pub fn execute(&self, text: &str) -> QueryResult<()> {
        match &self.place {
            // The product may be writing.
            Place::File(file) => {
                SqliteConnection::establish(&file.to_string_lossy()).expect("a file").batch_execute(&format!("PRAGMA busy_timeout = 5000; {text}"))
            }
            Place::Server { .. } => PgConnection::establish(&self.url).expect("a database").batch_execute(text),
        }
    }

    /// As `--database-url` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        match &self.place {
            Place::File(file) => {
                for file in with_companions(file) {
                    // The companions exist only while the database is used.
                    let _ = std::fs::remove_file(file);
                }
            }
            Place::Server { postgres, name } => {
                if let Err(error) = postgres.drop(name) {
                    eprintln!("the database {name} stays until the end of the run: {error}");
                }
            }
        }
    }
}

fn template(engine: Engine, seed: Seed) -> Option<&'static Database> {
    static TEMPLATES: [[OnceLock<Option<Database>>; 2]; 2] = [const { [const { OnceLock::new() }; 2] }; 2];
    let make = || {
        let database = Database::empty(engine)?;
        product::prepare(database.url(), seed);
        if let Place::File(file) = &database.place {
            fold_log_into(file);
        }
        Some(database)
    };
    TEMPLATES[engine as usize][seed as usize].get_or_init(make).as_ref()
}

/// Brings what SQLite still holds in its write-ahead log into the file, which alone is copied.
fn fold_log_into(file: &Path) {
    let mut connection = SqliteConnection::establish(&file.to_string_lossy()).expect("the file was just made");
    let (busy, ..): (i32, i32, i32) =
        diesel::dsl::sql::<(Integer, Integer, Integer)>("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut connection).expect("a checkpoint");
    assert_eq!(busy, 0, "a connection still reads the template");
    drop(connection);
    let [_, log, journal, _] = with_companions(file);
    let left = [log, journal].iter().filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum::<u64>();
    assert_eq!(left, 0, "changes of the template are still outside its file");
}

/// The file and what SQLite puts beside it.
fn with_companions(file: &Path) -> [PathBuf; 4] {
    ["", "-wal", "-journal", "-shm"].map(|suffix| {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        path.into()
    })
}
