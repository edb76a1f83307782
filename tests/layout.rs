//! The layout of the sources, kept by a test: who may use whom, where the database and the outside world may be named, and what a file looks like.
//!
//! It reads the sources as tokens, so that words in comments and strings count for nothing. What it cannot see is what a macro makes. `cases.rs` shows
//! each rule broken.

#[path = "layout/cases.rs"]
mod cases;
#[path = "layout/files.rs"]
mod files;
#[path = "layout/paths.rs"]
mod paths;
#[path = "layout/tokens.rs"]
mod tokens;

use paths::{NamedPath, paths};
use std::fmt;
use std::path::{Path, PathBuf};
use tokens::{Token, closing, tokens};

/// Every folder and file directly under src/, and which others it may use. Each uses only what stands above it, so there is no circle.
const PLACES: &[(&str, &[&str])] = &[
    ("build", &[]),
    ("domain", &[]),
    ("schema", &["domain"]),
    ("error", &["domain"]),
    ("context", &["domain", "error"]),
    ("config", &["domain", "error"]),
    ("telemetry", &["error", "config"]),
    ("privacy", &["domain", "error", "config"]),
    ("store", &["domain", "schema", "error", "context", "config", "privacy"]),
    // Key rotation and signing tokens are steps of a use case, not queries.
    ("service", &["domain", "error", "context", "config", "privacy", "store"]),
    ("api", &["domain", "error", "context", "config", "telemetry", "store", "service"]),
    ("interop", &["domain", "error", "context", "config", "telemetry", "store", "service", "api"]),
    ("console", &["domain", "error", "context", "config", "telemetry", "store", "service", "api"]),
    ("cli", &["domain", "error", "context", "config", "telemetry", "store", "service", "api", "interop", "console"]),
    ("lib", &["domain", "schema", "error", "context", "config", "telemetry", "privacy", "store", "service", "api", "interop", "console", "cli"]),
    (
        "main",
        &["domain", "schema", "error", "context", "config", "telemetry", "privacy", "store", "service", "api", "interop", "console", "cli", "lib"],
    ),
];
const DATABASE_CRATES: &[&str] = &["diesel", "diesel_migrations", "r2d2", "libsqlite3_sys", "pq_sys"];
/// What of diesel the domain's types derive or implement.
const DIESEL_TRAITS: &[&str] = &[
    "serialize",
    "deserialize",
    "expression",
    "sql_types",
    "backend",
    "Queryable",
    "QueryableByName",
    "Selectable",
    "Insertable",
    "AsChangeset",
    "Identifiable",
    "Associations",
];
const CLOCK_AND_CHANCE: &[&str] = &["now", "now_v7", "now_v1", "new_v4", "rand", "SystemTime"];
const OUTSIDE_WORLD: &[&str] = &["tokio", "rand", "getrandom", "reqwest"];
/// Domain's own tests may read files.
const OUTSIDE_STD: &[&str] = &["fs", "env", "net", "process", "thread"];
/// What opens sealed cells, or gives leave to.
const UNSEALING: &[&str] = &["Reading", "reading", "unseal", "unseal_json"];
/// What of `store::db` opens a transaction, and what would bring it in unnamed.
const WRITING: &[&str] = &["write", "write_quietly", "Tx", "*"];
const VAGUE_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "managers"];
const LONGEST_FILE: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Imports,
    Places,
    Diesel,
    Purity,
    Names,
    Opening,
    Length,
    SqlText,
    Reading,
    Writing,
}

impl Rule {
    const ALL: [Rule; 10] = [
        Rule::Imports,
        Rule::Places,
        Rule::Diesel,
        Rule::Purity,
        Rule::Names,
        Rule::Opening,
        Rule::Length,
        Rule::SqlText,
        Rule::Reading,
        Rule::Writing,
    ];

    fn text(self) -> &'static str {
        match self {
            Rule::Imports => "api, interop, console, cli -> service -> store -> domain, and never the reverse",
            Rule::Places => "what stands directly under src/ is entered, with what it may use, in the table of tests/layout.rs",
            Rule::Diesel => "only src/store names the database; domain may derive or implement diesel's traits for its types",
            Rule::Purity => "domain has no server, no runtime, no clock, no chance and no outside world: what it needs is passed in",
            Rule::Names => "a module is named after what it is about, not utils, common, helpers or manager",
            Rule::Opening => "a file begins with `//!` and what lives there",
            Rule::Length => "no file is longer than 500 lines",
            Rule::SqlText => "the text of a `sql_query` is fixed; values are bound",
            Rule::Writing => "only service opens a transaction, so that a change and its event are one use case",
            Rule::Reading => "only service begins to read people, which leaves an event; nobody above it unseals",
        }
    }
}

struct Violation {
    file: String,
    line: usize,
    rule: Rule,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} ({})", self.file, self.line, self.what, self.rule.text())
    }
}

/// All that is wrong with a file, whose path is relative to the repository.
fn violations(file: &str, source: &str) -> Vec<Violation> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut report = |line: usize, rule: Rule, what: String| found.push(Violation { file: file.to_owned(), line, rule, what });

    if !source.starts_with("//!") {
        report(1, Rule::Opening, "no `//!` on the first line".to_owned());
    }
    let length = source.lines().count();
    if length > LONGEST_FILE {
        report(length, Rule::Length, format!("{length} lines"));
    }
    check_names(file, &tokens, &mut report);
    if let Some(inside) = file.strip_prefix("src/") {
        let place = inside.split(['/', '.']).next().unwrap_or_default();
        let paths = paths(&tokens);
        check_imports(place, inside, &paths, &mut report);
        check_diesel(place, &paths, &mut report);
        if place == "domain" {
            // A file or folder named tests is taken in by `#[cfg(test)] mod tests;`.
            let only_tests = inside.split('/').any(|part| part == "tests" || part == "tests.rs");
            check_purity(&paths, only_tests, &mut report);
        }
        check_sql_texts(&tokens, &mut report);
        check_reading(place, &tokens, &mut report);
        check_writing(place, &paths, &mut report);
    }
    found
}

fn check_names(file: &str, tokens: &[Token], report: &mut impl FnMut(usize, Rule, String)) {
    let parts = file.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part));
    for part in parts.filter(|part| VAGUE_NAMES.contains(part)) {
        report(1, Rule::Names, format!("a module named {part}"));
    }
    for pair in tokens.windows(2) {
        if pair[0].is("mod") && VAGUE_NAMES.iter().any(|name| pair[1].is(name)) {
            report(pair[1].line, Rule::Names, format!("a module named {}", pair[1].text));
        }
    }
}

fn check_imports(place: &str, inside: &str, paths: &[NamedPath], report: &mut impl FnMut(usize, Rule, String)) {
    let allowed = |name: &str| PLACES.iter().find(|(place, _)| *place == name).map(|(_, uses)| *uses);
    let Some(uses) = allowed(place) else {
        return report(1, Rule::Places, format!("src/{place} is not in the table"));
    };
    // `super` of a file that is a place itself is the crate.
    let is_root = !inside.contains('/') || inside == format!("{place}/mod.rs");
    for path in paths {
        let target = match path.segments[..] {
            ["crate" | "ksnik", target, ..] => target,
            ["super", "super", ..] => {
                report(path.line, Rule::Imports, "`super::super` hides which place is used: write `crate::…`".to_owned());
                continue;
            }
            ["super", target, ..] if is_root && allowed(target).is_some() => target,
            _ => continue,
        };
        let derived_row = place == "domain" && target == "schema" && path.in_diesel_attribute;
        if allowed(target).is_none() {
            report(path.line, Rule::Places, format!("`crate::{target}` is not in the table"));
        } else if target != place && !uses.contains(&target) && !derived_row {
            report(path.line, Rule::Imports, format!("{place} uses {target}"));
        }
    }
}

fn check_diesel(place: &str, paths: &[NamedPath], report: &mut impl FnMut(usize, Rule, String)) {
    if matches!(place, "store" | "schema") {
        return;
    }
    for path in paths.iter().filter(|path| DATABASE_CRATES.contains(&path.segments[0])) {
        let is_trait = path.segments[0] == "diesel" && path.segments.get(1).is_some_and(|part| DIESEL_TRAITS.contains(part));
        if !(place == "domain" && is_trait) {
            report(path.line, Rule::Diesel, format!("{place} names {}", path.segments.join("::")));
        }
    }
}

fn check_purity(paths: &[NamedPath], only_tests: bool, report: &mut impl FnMut(usize, Rule, String)) {
    for path in paths {
        let root = path.segments[0];
        let outside = root.starts_with("actix")
            || OUTSIDE_WORLD.contains(&root)
            || (root == "std" && !path.in_tests && !only_tests && path.segments.get(1).is_some_and(|part| OUTSIDE_STD.contains(part)))
            || path.segments[1..].iter().any(|part| CLOCK_AND_CHANCE.contains(part))
            || root == "SystemTime";
        if outside {
            report(path.line, Rule::Purity, format!("domain names {}", path.segments.join("::")));
        }
    }
}

fn check_reading(place: &str, tokens: &[Token], report: &mut impl FnMut(usize, Rule, String)) {
    if matches!(place, "privacy" | "store" | "service") {
        return;
    }
    for token in tokens.iter().filter(|token| token.is_word && UNSEALING.contains(&token.text)) {
        report(token.line, Rule::Reading, format!("{place} names {}", token.text));
    }
}

fn check_writing(place: &str, paths: &[NamedPath], report: &mut impl FnMut(usize, Rule, String)) {
    if matches!(place, "store" | "service") {
        return;
    }
    for path in paths {
        if path.segments.windows(2).any(|pair| pair[0] == "db" && WRITING.contains(&pair[1])) {
            report(path.line, Rule::Writing, format!("{place} names {}", path.segments.join("::")));
        }
    }
}

fn check_sql_texts(tokens: &[Token], report: &mut impl FnMut(usize, Rule, String)) {
    let is_made =
        |tokens: &[Token]| tokens.windows(2).any(|pair| pair[0].is("format") && pair[1].is("!")) || tokens.iter().any(|token| token.is("+"));
    // Names that this file gives to texts which it puts together.
    let made: Vec<&str> = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.is("let"))
        .filter_map(|(at, _)| {
            let name = tokens[at + 1..].iter().find(|token| !token.is("mut"))?;
            let end = tokens[at..].iter().position(|token| token.is(";"))?;
            let formats = tokens[at..at + end].windows(2).any(|pair| pair[0].is("format") && pair[1].is("!"));
            formats.then_some(name.text)
        })
        .collect();
    for at in (0..tokens.len().saturating_sub(1)).filter(|at| tokens[*at].is("sql_query") && tokens[at + 1].is("(")) {
        let argument = &tokens[at + 2..closing(tokens, at + 1)];
        if is_made(argument) || argument.iter().any(|token| token.is_word && made.contains(&token.text)) {
            report(tokens[at].line, Rule::SqlText, "a text that is put together goes into `sql_query`".to_owned());
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

#[test]
fn the_sources_keep_the_layout() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = ["src", "tests", "benches"].iter().flat_map(|folder| sources(&root.join(folder))).collect();
    files.sort();
    for expected in ["src/lib.rs", "src/domain/nik.rs", "tests/layout.rs"] {
        assert!(files.contains(&root.join(expected)), "{expected} was not looked at");
    }
    let found: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let file = path.strip_prefix(root).expect("found below it").to_str().expect("a path of ASCII");
            violations(file, &std::fs::read_to_string(path).expect("a source"))
        })
        .map(|violation| violation.to_string())
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn a_place_uses_only_what_stands_above_it() {
    for (at, (place, uses)) in PLACES.iter().enumerate() {
        for used in *uses {
            assert!(PLACES[..at].iter().any(|(above, _)| above == used), "{place} uses {used}, which does not stand above it");
        }
    }
}
