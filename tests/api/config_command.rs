//! `ksnik config` and the settings as every command reads them: the defaults, a file over them, variables over both; secrets masked; nothing unknown.

use std::path::PathBuf;

use super::support::binary::{ksnik, texts};
use super::support::run_folder;

const SECRET: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// What `ksnik config` says and how it ends, with these arguments and variables.
fn config(arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = ksnik();
    command.arg("config").args(arguments).envs(variables.iter().copied());
    texts(&command.output().expect("the binary runs"))
}

fn shown(arguments: &[&str], variables: &[(&str, &str)]) -> toml::Table {
    let (status, out, err) = config(arguments, variables);
    assert_eq!(status, Some(0), "{err}");
    out.parse().unwrap_or_else(|error| panic!("{error}: {out}"))
}

fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let (status, out, err) = config(arguments, variables);
    assert_eq!((status, out.as_str()), (Some(1), ""), "{err}");
    err
}

fn file(text: &str) -> PathBuf {
    let path = run_folder::fresh_path("toml");
    std::fs::write(&path, text).expect("own folder");
    path
}

#[test]
fn a_file_stands_over_the_defaults_and_variables_over_both() {
    let defaults = shown(&[], &[]);
    assert_eq!((defaults["server"]["listen"].as_str(), defaults["desk"]["clerks"].as_integer()), (Some("127.0.0.1:8080"), Some(4)));
    let path = file("[server]\nlisten = \"0.0.0.0:9000\"\n[desk]\nclerks = 7\n");
    let path = path.to_str().expect("UTF-8");
    let other = file("[desk]\nclerks = 9\n");
    let by_file = shown(&["--config", path], &[]);
    assert_eq!((by_file["server"]["listen"].as_str(), by_file["desk"]["clerks"].as_integer()), (Some("0.0.0.0:9000"), Some(7)));
    assert_eq!(by_file["desk"]["slice"], defaults["desk"]["slice"], "a value that the file leaves out");
    let by_variable = shown(&["--config", path], &[("KSNIK__DESK__CLERKS", "3"), ("KSNIK__CITY__NAME", "Kota Uji")]);
    assert_eq!((by_variable["desk"]["clerks"].as_integer(), by_variable["city"]["name"].as_str()), (Some(3), Some("Kota Uji")));
    assert_eq!(by_variable["server"]["listen"].as_str(), Some("0.0.0.0:9000"));
    let by_name = shown(&[], &[("KSNIK_CONFIG", path)]);
    assert_eq!(by_name, by_file);
    let by_both = shown(&["--config", other.to_str().expect("UTF-8")], &[("KSNIK_CONFIG", path)]);
    assert_eq!((by_both["desk"]["clerks"].as_integer(), &by_both["server"]), (Some(9), &defaults["server"]), "the argument stands over the variable");
    let by_argument = shown(&["--database-url", "sqlite://x.sqlite"], &[("KSNIK__DATABASE__URL", "sqlite://y.sqlite")]);
    assert_eq!(by_argument["database"]["url"].as_str(), Some("sqlite://x.sqlite"));
}

#[test]
fn secrets_are_masked() {
    let secrets = [
        ("KSNIK__KEYS__ROOT_KEY", SECRET),
        ("KSNIK__METRICS__TOKEN", "token-rahasia"),
        ("KSNIK__DATABASE__URL", "postgres://ksnik:sandi-rahasia@db:5432/ksnik?sslmode=disable&password=kata-rahasia&sslpassword=kunci-rahasia"),
    ];
    let (status, out, err) = config(&[], &secrets);
    assert_eq!(status, Some(0), "{err}");
    assert!(!out.contains("rahasia") && !out.contains(SECRET), "{out}");
    let shown: toml::Table = out.parse().expect("TOML");
    assert_eq!(shown["database"]["url"].as_str(), Some("postgres://***@db:5432/ksnik?sslmode=disable&password=***&sslpassword=***"));
    assert_eq!((shown["keys"]["root_key"].as_str(), shown["metrics"]["token"].as_str()), (Some("***"), Some("***")));
}

#[test]
fn what_is_not_known_or_cannot_be_is_refused_by_name() {
    let unknown = file("[server]\nlistn = \"x\"\n");
    let section = file("[sever]\nlisten = \"x\"\n");
    let broken = file("[server\n");
    for (arguments, variables, expected) in [
        (&["--config", unknown.to_str().unwrap()][..], &[][..], "listn"),
        (&["--config", section.to_str().unwrap()], &[], "sever"),
        (&["--config", broken.to_str().unwrap()], &[], "settings"),
        (&["--config", "/nowhere/ksnik.toml"], &[], "/nowhere/ksnik.toml"),
        (&[], &[("KSNIK_CONFIG", "/nowhere/ksnik.toml")], "/nowhere/ksnik.toml"),
        (&[], &[("KSNIK__SERVER__LISTN", "x")], "listn"),
        (&[], &[("KSNIK_SERVER_LISTEN", "x")], "KSNIK_SERVER_LISTEN"),
        (&[], &[("KSNIK__DESK__CLERKS", "many")], "clerks"),
        (&[], &[("KSNIK__CHECKS__UNKNOWN_PER_ACCOUNT", "0")], "checks.unknown_per_account: expected a number between 1 and"),
        (&[], &[("KSNIK__SERVER__STALE_AFTER_MS", "250")], "server.stale_after_ms: expected a number between 500 and"),
        (&[], &[("KSNIK__IDEMPOTENCY__KEEP_DAYS", "-1")], "idempotency.keep_days: expected a number between 1 and"),
    ] {
        let complaint = refused(arguments, variables);
        assert!(complaint.contains(expected), "{arguments:?} {variables:?}: {complaint}");
    }
}

/// The plain build has no TLS, and says so before it tries.
#[test]
fn a_database_that_asks_for_tls_is_refused_by_a_build_without() {
    for mode in ["require", "verify-full"] {
        let url = format!("postgres://ksnik:sandi-rahasia@127.0.0.1:1/ksnik?sslmode={mode}");
        let output = ksnik().args(["migrate", "--database-url", &url]).output().expect("the binary runs");
        let (status, out, err) = texts(&output);
        assert_eq!((status, out.as_str()), (Some(1), ""), "{err}");
        assert!(!err.contains("rahasia"), "{err}");
        if cfg!(feature = "bundled-libpq") {
            assert!(err.contains("sslmode") && err.contains("without TLS") && err.contains("--no-default-features"), "{err}");
        }
    }
}
