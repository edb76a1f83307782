//! What leaves the memory beside the tables: every place of the sources that makes a file or prints stands in docs/privacy-files.csv with its class.

use std::collections::BTreeMap;
use std::path::Path;

use super::paths::paths;
use super::sources;
use super::tokens::{Token, tokens};

/// The last two names of what makes a file.
const MAKING: &[[&str; 2]] = &[
    ["File", "create"],
    ["File", "create_new"],
    ["File", "options"],
    ["OpenOptions", "new"],
    ["SqliteConnection", "establish"],
    ["fs", "copy"],
    ["fs", "hard_link"],
    ["fs", "rename"],
    ["fs", "write"],
    ["tempfile", "*"],
];
const PRINTING: &[&str] = &["dbg", "eprint", "eprintln", "print", "println"];
const CLASSES: &[&str] = &["open", "sealed", "root_key", "demo_passwords", "as_columns", "secret_once", "personal"];

/// The tokens before the tests of the file.
fn live<'a, 't>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let tests = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    let begin = tokens.windows(tests.len()).position(|window| window.iter().zip(tests).all(|(token, text)| token.is(text)));
    &tokens[..begin.unwrap_or(tokens.len())]
}

/// The calls of a source that make files, and those that print.
fn calls(source: &str) -> (Vec<String>, Vec<String>) {
    let tokens = tokens(source);
    let live = live(&tokens);
    let named = paths(live);
    let ends =
        |path: &[&str], [before, last]: [&str; 2]| path.len() > 1 && path[path.len() - 2] == before && (last == "*" || path[path.len() - 1] == last);
    let made = named.iter().filter_map(|path| {
        let call = MAKING.iter().find(|call| ends(&path.segments, **call))?;
        Some(call.join("::"))
    });
    let macros = live.windows(2).filter(|pair| pair[1].is("!") && PRINTING.contains(&pair[0].text)).map(|pair| pair[0].text.to_owned());
    let streams = named.iter().filter_map(|path| match path.segments[..] {
        [.., "io", stream @ ("stdout" | "stderr")] => Some(stream.to_owned()),
        _ => None,
    });
    (made.collect(), macros.chain(streams).collect())
}

/// Kind, module and call, with how often they stand in the list.
fn listed() -> BTreeMap<(String, String, String), usize> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/privacy-files.csv");
    let mut reader = csv::Reader::from_path(path).expect("the list");
    let mut listed = BTreeMap::new();
    for row in reader.records() {
        let row = row.expect("a row");
        let [kind, place, module, call, class, what] = row.iter().collect::<Vec<_>>()[..] else { panic!("six columns: {row:?}") };
        assert!(CLASSES.contains(&class) && !place.is_empty() && what.contains(' '), "{row:?}");
        *listed.entry((kind.to_owned(), module.to_owned(), call.to_owned())).or_default() += 1;
    }
    listed
}

#[test]
fn every_kind_of_file_and_output_has_a_privacy_class() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    for path in sources(&root.join("src")) {
        let module = path.strip_prefix(root).expect("found below it").to_str().expect("a path of ASCII").to_owned();
        let only_tests = module.split('/').any(|part| part == "tests" || part == "tests.rs");
        if only_tests || module == "src/build.rs" {
            continue;
        }
        let (made, printed) = calls(&std::fs::read_to_string(&path).expect("a source"));
        for call in made {
            *found.entry(("file".to_owned(), module.clone(), call)).or_default() += 1;
        }
        // However often it prints, what a module prints is of one kind.
        for call in printed {
            found.insert(("output".to_owned(), module.clone(), call), 1);
        }
    }
    assert_eq!(found, listed(), "left: what the sources do; right: what docs/privacy-files.csv says");
}

#[test]
fn what_makes_a_file_is_found() {
    for (line, made, printed) in [
        ("fn f() { std::fs::write(path, text); }", &["fs::write"][..], &[][..]),
        ("use std::fs::{self, File}; fn f() { File::create(path); fs::rename(a, b); }", &["File::create", "fs::rename"], &[]),
        ("fn f() { std::fs::OpenOptions::new().write(true).open(path); OpenOptions::new(); }", &["OpenOptions::new", "OpenOptions::new"], &[]),
        ("fn f() { tempfile::tempdir(); }", &["tempfile::*"], &[]),
        ("fn f() { println!(\"x\"); writeln!(std::io::stdout(), \"y\"); }", &[], &["println", "stdout"]),
        ("fn f() { File::open(path); fs::read(path); fs::create_dir_all(path); print(text); }", &[], &[]),
        ("#[cfg(test)]\nmod tests { fn f() { std::fs::write(path, text); println!(\"x\"); } }", &[], &[]),
    ] {
        let (files, outputs) = calls(&format!("//! About it.\n{line}\n"));
        assert_eq!(
            (files, outputs),
            (made.iter().map(|call| (*call).to_owned()).collect(), printed.iter().map(|call| (*call).to_owned()).collect()),
            "{line}"
        );
    }
}

/// What the image is built from: only what is named, and nothing that may lie among it.
#[test]
fn the_image_is_built_from_sources_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join(".dockerignore")).expect("the list");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(lines[0], "*", "everything is left out that is not named");
    let (named, left_out): (Vec<&str>, Vec<&str>) = lines[1..].iter().partition(|line| line.starts_with('!'));
    for name in named {
        assert!(root.join(&name[1..]).exists() && !["!data", "!target", "!.venv", "!.git"].contains(&name), "{name}");
    }
    for pattern in ["**/target", "**/.venv", "**/*.sqlite*", "**/*.key", "**/.env"] {
        assert!(left_out.contains(&pattern), "{pattern} is not left out");
    }
}
