//! Migrations: two folders with the same names, embedded, run on either database.

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::db::{AnyConnection, Db};
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Brings the database to this program's schema and names what was run.
pub fn run(db: &mut Db) -> Result<Vec<String>> {
    let run = match &mut db.connection {
        AnyConnection::Sqlite(connection) => connection.run_pending_migrations(SQLITE).map(names),
        AnyConnection::Postgres(connection) => connection.run_pending_migrations(POSTGRES).map(names),
    };
    run.map_err(|error| Error::internal(format!("a migration failed: {error}")))
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

/// Takes every migration back: only for tests and for an operator who says so.
pub fn revert_all(db: &mut Db) -> Result<()> {
    let reverted = match &mut db.connection {
        AnyConnection::Sqlite(connection) => connection.revert_all_migrations(SQLITE).map(|_| ()),
        AnyConnection::Postgres(connection) => connection.revert_all_migrations(POSTGRES).map(|_| ()),
    };
    reverted.map_err(|error| Error::internal(format!("a migration could not be taken back: {error}")))
}

/// Is there nothing left to run?
pub fn is_current(db: &mut Db) -> Result<bool> {
    let pending = match &mut db.connection {
        AnyConnection::Sqlite(connection) => connection.has_pending_migration(SQLITE),
        AnyConnection::Postgres(connection) => connection.has_pending_migration(POSTGRES),
    };
    pending.map(|pending| !pending).map_err(|error| Error::internal(format!("the migrations cannot be read: {error}")))
}

/// The names of all migrations that this program carries, for the test that both databases have the same.
pub fn carried() -> Result<(Vec<String>, Vec<String>)> {
    let fault = |error| Error::internal(format!("embedded migrations: {error}"));
    let sqlite = MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(fault)?;
    let postgres = MigrationSource::<Pg>::migrations(&POSTGRES).map_err(fault)?;
    Ok((
        sqlite.iter().map(|migration| migration.name().to_string()).collect(),
        postgres.iter().map(|migration| migration.name().to_string()).collect(),
    ))
}
