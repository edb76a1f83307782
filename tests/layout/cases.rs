//! Each rule of the layout broken, and what comes close to breaking it: a test that cannot fail keeps nothing.

use super::{Rule, violations};

/// A file that is in order but for the line given, which is its second.
fn found_in(file: &str, line: &str) -> Vec<(usize, Rule)> {
    violations(file, &format!("//! About it.\n{line}\n")).iter().map(|violation| (violation.line, violation.rule)).collect()
}

const WRONG: &[(Rule, &str, &str)] = &[
    (Rule::Imports, "src/domain/nik.rs", "use crate::store::db::Db;"),
    (Rule::Imports, "src/domain/nik.rs", "use crate::schema::participants;"),
    (Rule::Imports, "src/domain/nik.rs", "fn f() -> crate::error::Error {}"),
    (Rule::Imports, "src/domain/nik.rs", "macro_rules! m { () => { $crate::service::x() }; }"),
    (Rule::Imports, "src/store/claims.rs", "use crate::service::claims;"),
    (Rule::Imports, "src/store/claims.rs", "use crate :: api :: State;"),
    (Rule::Imports, "src/store/claims.rs", "use crate::{domain::nik::Nik, service};"),
    (Rule::Imports, "src/store/claims.rs", "use {crate::domain::nik::Nik, crate::service};"),
    (Rule::Imports, "src/store/claims.rs", "use ksnik::cli::serve;"),
    (Rule::Imports, "src/store/claims.rs", "use super::super::api;"),
    (Rule::Imports, "src/store/mod.rs", "use super::api::State;"),
    (Rule::Imports, "src/error.rs", "use super::{domain::nik::Nik, api};"),
    (Rule::Imports, "src/service/claims.rs", "let x = crate::api::claims::View::from(row);"),
    (Rule::Imports, "src/privacy/seal.rs", "use crate::store::keys;"),
    (Rule::Imports, "src/api/claims.rs", "use crate::privacy::Key;"),
    (Rule::Imports, "src/api/claims.rs", "use crate::schema::claims;"),
    (Rule::Imports, "src/api/claims.rs", "use crate::console::page;"),
    (Rule::Imports, "src/interop/vclaim/sep.rs", "use crate::console::page;"),
    (Rule::Imports, "src/console/page.rs", "use crate::cli::serve;"),
    (Rule::Places, "src/jobs/nightly.rs", ""),
    (Rule::Places, "src/api/claims.rs", "use crate::jobs::nightly;"),
    (Rule::Places, "src/api/claims.rs", "use crate::*;"),
    (Rule::Diesel, "src/service/claims.rs", "use diesel::prelude::*;"),
    (Rule::Diesel, "src/api/claims.rs", "fn f(c: &mut ::diesel::PgConnection) {}"),
    (Rule::Diesel, "src/api/claims.rs", "fn f() -> ::diesel::PgConnection {}"),
    (Rule::Diesel, "src/error.rs", "impl From<diesel::result::Error> for Error {}"),
    (Rule::Diesel, "src/service/claims.rs", "extern crate diesel;"),
    (Rule::Diesel, "src/service/claims.rs", "use diesel as d;"),
    (Rule::Diesel, "src/cli/serve.rs", "let pool = r2d2::Pool::builder();"),
    (Rule::Diesel, "src/domain/nik.rs", "use diesel::RunQueryDsl;"),
    (Rule::Diesel, "src/domain/nik.rs", "use diesel::{Queryable, SqliteConnection};"),
    (Rule::Purity, "src/domain/time.rs", "let now = chrono::Utc::now();"),
    (Rule::Purity, "src/domain/time.rs", "let now = Local::now();"),
    (Rule::Purity, "src/domain/time.rs", "use std::time::{Duration, SystemTime};"),
    (Rule::Purity, "src/domain/time.rs", "let now = SystemTime::UNIX_EPOCH;"),
    (Rule::Purity, "src/domain/time.rs", "use actix_web::HttpResponse;"),
    (Rule::Purity, "src/domain/time.rs", "#[tokio::test]"),
    (Rule::Purity, "src/domain/id.rs", "let n: u8 = rand::random();"),
    (Rule::Purity, "src/domain/id.rs", "aws_lc_rs::rand::fill(&mut bytes)"),
    (Rule::Purity, "src/domain/id.rs", "use rand;"),
    (Rule::Purity, "src/domain/id.rs", "#[cfg(test)] mod tests {} fn f() { std::fs::read(path); }"),
    (Rule::Purity, "src/domain/id.rs", "#[cfg(test)] mod tests { fn f() { Utc::now(); } }"),
    (Rule::Purity, "src/domain/id.rs", "uuid::Uuid::now_v7()"),
    (Rule::Purity, "src/domain/regions.rs", "std::fs::read_to_string(path)"),
    (Rule::Names, "src/api/utils.rs", ""),
    (Rule::Names, "src/store/common/mod.rs", ""),
    (Rule::Names, "tests/api/helpers.rs", ""),
    (Rule::Names, "src/api/mod.rs", "mod manager { }"),
    (Rule::SqlText, "src/store/claims.rs", "sql_query(format!(\"SELECT {x}\")).execute(db)"),
    (Rule::SqlText, "src/store/claims.rs", "diesel::sql_query(&format!(\"SELECT {}\", f(x)))"),
    (Rule::SqlText, "src/store/claims.rs", "let mut text = format!(\"SELECT {x}\"); sql_query(text).execute(db)"),
    (Rule::SqlText, "src/store/claims.rs", "let text: String = if y { format!(\"{x}\") } else { z }; sql_query(&text)"),
    (Rule::SqlText, "src/store/claims.rs", "sql_query(SELECT.to_owned() + x)"),
    (Rule::Writing, "src/api/participants.rs", "use crate::store::db::{Db, write};"),
    (Rule::Writing, "src/cli/keys.rs", "fn f() { crate::store::db::write_quietly(&mut db, priority, reason, work); }"),
    (Rule::Writing, "src/cli/keys.rs", "use crate::store::db; fn f() { db::write(&mut connection, priority, work); }"),
    (Rule::Writing, "src/api/state.rs", "use crate::store::db::*;"),
    (Rule::Writing, "src/api/state.rs", "use crate::store::db::Tx as Change;"),
    (Rule::Reading, "src/api/participants.rs", "use crate::store::reading::read;"),
    (Rule::Reading, "src/cli/export.rs", "fn f(reading: &mut Found) {}"),
    (Rule::Reading, "src/console/people.rs", "let who = db.keyring().unseal_json(column, id, &cell);"),
];

#[test]
fn each_violation_is_found_in_its_line() {
    for (rule, file, line) in WRONG {
        let found = found_in(file, line);
        let expected_line = if line.is_empty() { 1 } else { 2 };
        assert_eq!(found, [(expected_line, *rule)], "{file}: {line}");
    }
    for rule in Rule::ALL.into_iter().filter(|rule| !matches!(rule, Rule::Opening | Rule::Length)) {
        assert!(WRONG.iter().any(|(shown, ..)| *shown == rule), "no case shows {rule:?}");
    }
}

#[test]
fn a_file_without_opening_or_without_end_is_found() {
    let rules = |source: &str| violations("src/api/claims.rs", source).iter().map(|violation| (violation.line, violation.rule)).collect::<Vec<_>>();
    assert_eq!(rules("// About it.\n"), [(1, Rule::Opening)]);
    assert_eq!(rules("\n//! About it.\n"), [(1, Rule::Opening)]);
    let long = |lines: usize| format!("//! About it.\n{}", "\n".repeat(lines - 1));
    assert_eq!(rules(&long(500)), []);
    assert_eq!(rules(&long(501)), [(501, Rule::Length)]);
}

#[test]
fn a_violation_names_file_line_and_rule() {
    let found = violations("src/store/claims.rs", "//! Claims.\n\nuse crate::{\n    domain,\n    service::claims,\n};\n");
    let expected = "src/store/claims.rs:5: store uses service (api, interop, console, cli -> service -> store -> domain, and never the reverse)";
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
}

#[test]
fn what_is_allowed_is_not_found() {
    for (file, line) in [
        ("src/api/claims.rs", "use crate::{api::State, domain::nik::Nik, error::Error, service, store};"),
        ("src/cli/serve.rs", "use crate::{api, console, interop, service, store};"),
        ("src/main.rs", "use ksnik::cli; fn main() { ksnik::telemetry::start(); }"),
        ("src/store/db.rs", "use crate::{privacy::Key, schema::claims}; use diesel::prelude::*; use super::keys; r2d2::Pool::new();"),
        ("src/store/db.rs", "sql_query(\"SELECT 1\").bind::<Text, _>(format!(\"{x}\")); let y = format!(\"{x}\"); sql_query(SELECT);"),
        ("src/domain/id.rs", "#[derive(diesel::Queryable, diesel::Insertable)] #[diesel(table_name = crate::schema::ids)] struct Id;"),
        ("src/domain/id.rs", "use diesel::{deserialize::{self, FromSql}, sql_types::Text}; impl diesel::serialize::ToSql<Text, DB> for Id {}"),
        (
            "src/domain/time.rs",
            "fn f(now: Instant) { context.now; let random = [0; 10]; } use chrono::Utc; pub(crate) use f; pub(in crate::domain) fn g() {}",
        ),
        ("src/domain/time.rs", "// crate::api, diesel::prelude, Utc::now()\n/* /* tokio::spawn */ rand::random() */"),
        ("src/domain/time.rs", r####"let x = ("crate::api \" diesel::sql_query", r#"a "Utc::now()" b"#, b"tokio::x", br##"rand::x"#"##);"####),
        ("src/domain/time.rs", "fn f<'a>(x: &'a str) -> char { match x { _ => '\"' } } const Q: [char; 3] = ['\\'', '\\u{22}', '/'];"),
        ("src/domain/time.rs", "use x::{diesel::y, tokio::z}; <T as Trait>::tokio::x(); crate::domain::diesel::x();"),
        ("src/domain/nik/tests.rs", "fn f() { std::fs::read(path); }"),
        ("src/domain/nik/tests/mod.rs", "fn f() { std::fs::read(path); }"),
        ("src/domain/time.rs", "#[cfg(test)] mod tests { use super::*; use proptest::prelude::*; fn f() { std::fs::read(path); } }"),
        ("src/service/claims.rs", "use crate::store::reading::{Reading, read}; // unseal"),
        ("src/service/claims.rs", "use crate::store::db::{Tx, write, write_quietly};"),
        ("src/store/gate.rs", "use super::db::write;"),
        ("src/api/claims.rs", "use crate::store::db::{Db, Pool}; fn f() { db.write(b); std::fs::write(path, b); store::write(x); }"),
        ("tests/api/main.rs", "use diesel::prelude::*; use ksnik::cli; std::fs::read(\"x\");"),
    ] {
        assert_eq!(found_in(file, line), [], "{file}: {line}");
    }
}
