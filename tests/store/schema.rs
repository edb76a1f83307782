//! Compares what the migrations make on each database with `src/schema.rs` and with `docs/privacy-classes.csv`.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::support::databases::{Database, Engine};
use super::support::on_both;
use super::support::product;

/// Table, column: its kind in words of ours, and whether it may be null.
type Columns = BTreeMap<(String, String), (String, bool)>;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

fn columns(database: &Database) -> Columns {
    let found: Vec<Found> = match database.engine() {
        Engine::Sqlite => {
            let mut connection = SqliteConnection::establish(database.url().trim_start_matches("sqlite://")).unwrap();
            diesel::sql_query(
                "SELECT m.name AS table_name, c.name AS column_name, c.type AS kind, (c.\"notnull\" = 0 AND c.pk = 0) AS nullable \
                 FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
            )
            .load(&mut connection)
            .unwrap()
        }
        Engine::Postgres => {
            let mut connection = PgConnection::establish(database.url()).unwrap();
            diesel::sql_query(
                "SELECT table_name::text, column_name::text, data_type::text AS kind, is_nullable = 'YES' AS nullable FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
            )
            .load(&mut connection)
            .unwrap()
        }
    };
    found.into_iter().map(|found| ((found.table_name, found.column_name), (found.kind.to_lowercase(), found.nullable))).collect()
}

/// `schema.rs` and the files of its folder.
fn schema_texts() -> String {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folder = std::fs::read_dir(source.join("schema")).unwrap().map(|entry| entry.unwrap().path());
    std::iter::once(source.join("schema.rs")).chain(folder).map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// What `schema.rs` says, with each type as this engine names it.
fn declared(engine: Engine) -> Columns {
    let text = schema_texts();
    let mut declared = Columns::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name.to_owned();
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let (kind, nullable) = match kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>')) {
                Some(inner) => (inner, true),
                None => (kind, false),
            };
            let (sqlite, postgres) = match kind {
                "Integer" => ("integer", "integer"),
                "BigInt" => ("integer", "bigint"),
                "Bool" => ("integer", "boolean"),
                "Text" => ("text", "text"),
                "Date" => ("text", "date"),
                "Timestamp" => ("text", "timestamp without time zone"),
                "Binary" => ("blob", "bytea"),
                other => panic!("schema.rs has a type that this test does not know: {other}"),
            };
            let kind = match engine {
                Engine::Sqlite => sqlite,
                Engine::Postgres => postgres,
            };
            declared.insert((table.clone(), column.to_owned()), (kind.to_owned(), nullable));
        }
    }
    assert!(declared.len() > 100, "schema.rs was not understood");
    declared
}

on_both!(the_schema_is_what_schema_rs_says);
async fn the_schema_is_what_schema_rs_says(database: Database) {
    assert_eq!(columns(&database), declared(database.engine()));
}

on_both!(migrations_go_up_and_down_and_up);
async fn migrations_go_up_and_down_and_up(database: Database) {
    let before = columns(&database);
    let app = product::app(product::settings(database.url(), &[]), std::sync::Arc::new(ksnik::context::Machine));
    let mut db = app.pool.connect().unwrap();
    ksnik::store::migrate::revert_all(&mut db).unwrap();
    assert_eq!(columns(&database), Columns::new(), "something is left when all is taken back");
    ksnik::store::migrate::run(&mut db).unwrap();
    assert!(ksnik::store::migrate::is_current(&mut db).unwrap());
    assert_eq!(columns(&database), before);
}

#[test]
fn both_databases_have_the_same_migrations() {
    let (sqlite, postgres) = ksnik::store::migrate::carried().unwrap();
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
}

/// A column without a class is a column whose protection nobody decided.
#[test]
fn every_column_has_a_privacy_class() {
    let known = ["open", "statistics", "identifier", "pseudonym", "staff", "sealed", "blind", "keyed_hash", "password_hash", "wrapped_key", "digest"];
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/privacy-classes.csv")).unwrap();
    let mut classed = BTreeSet::new();
    for line in text.lines().skip(1) {
        let [table, column, class] = line.split(',').collect::<Vec<_>>()[..] else { panic!("three columns: {line}") };
        assert!(known.contains(&class), "{class} is no class");
        assert!(classed.insert((table.to_owned(), column.to_owned())), "{table}.{column} stands twice");
    }
    let declared: BTreeSet<_> = declared(Engine::Sqlite).into_keys().collect();
    assert_eq!(declared.difference(&classed).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "columns without a class");
    assert_eq!(classed.difference(&declared).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "classes without a column");
}
