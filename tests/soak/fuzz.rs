//! S-01: schemathesis reads the description of the API and tries to break it, as each role, on both databases.
//!
//! It is a program of its own, in a virtual environment: `python3 -m venv .venv && .venv/bin/pip install -r .ci/requirements.txt`.
//! `FUZZ_SECONDS` says how long it may take for each role.

use std::path::Path;
use std::process::{Command, Stdio};

use super::support::databases::{Database, Engine, Seed};
use super::support::server::Server;

const ROLES: [&str; 9] = ["admin", "registrar", "clinic", "hospital", "verifier", "finance", "manager", "auditor", "dpo"];

/// What it judges by. That a well-formed body may be refused for what it means (a village that is not there) is the service's right, and left out.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,\
                      negative_data_rejection,missing_required_header,unsupported_method,allow_header_conformance,ignored_auth";

#[test]
#[ignore = "minutes, and it needs schemathesis"]
fn nothing_that_the_description_allows_breaks_it_on_sqlite() {
    fuzz(Engine::Sqlite);
}

#[test]
#[ignore = "minutes, and it needs schemathesis"]
fn nothing_that_the_description_allows_breaks_it_on_postgres() {
    fuzz(Engine::Postgres);
}

fn fuzz(engine: Engine) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = root.join(".venv/bin/st");
    assert!(program.exists(), "schemathesis is missing: python3 -m venv .venv && .venv/bin/pip install -r .ci/requirements.txt");
    let seconds = std::env::var("FUZZ_SECONDS").unwrap_or_else(|_| "180".to_owned());
    let Some(database) = Database::copy_of(engine, Seed::City) else { return };
    // Made-up NIKs are nearly all unknown, and whoever asks for too many of those is turned away.
    let server = Server::with(database, &[("checks.unknown_per_account", "1000000"), ("checks.unknown_per_facility", "1000000")]);
    let mut tried = 0;
    for role in ROLES {
        let folder = tempfile::tempdir().expect("a folder for the reports");
        let output = Command::new(&program)
            .current_dir(&folder)
            .arg("--config-file")
            .arg(root.join(".ci/schemathesis.toml"))
            .arg("run")
            .arg(format!("http://{}/openapi.json", server.address()))
            .args(["--checks", CHECKS, "--continue-on-failure", "--workers", "1", "--generation-database", "none", "--no-color", "--warnings", "off"])
            .args(["--max-time", &seconds, "--request-timeout", "15"])
            .arg("--header")
            .arg(format!("Authorization: Bearer {}", server.token_of(role)))
            .stdin(Stdio::null())
            .output()
            .expect("schemathesis runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "as {role}:\n{told}\n{}", String::from_utf8_lossy(&output.stderr));
        let cases = cases(&told).unwrap_or_else(|| panic!("it does not tell how many cases it made:\n{told}"));
        assert!(cases > 0, "it made no case as {role}");
        println!("{engine:?}, {role}: {cases} cases");
        tried += cases;
    }
    println!("{engine:?}: {tried} cases, none with a 5xx, an undeclared status or an undeclared form");
}

/// "12345 generated, …", the last line but one of what it prints.
fn cases(told: &str) -> Option<usize> {
    told.lines().rev().find_map(|line| line.trim().split_once(" generated")?.0.replace(',', "").parse().ok())
}
