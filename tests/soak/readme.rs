//! The README's first command, followed by a newcomer in an empty folder: with `--release`, for the README builds it so.

use std::path::Path;

use super::support::demo::{Demo, has_curl};
use super::support::run_folder;

/// What stands behind `cargo run --release --` in the first block of commands that has it.
fn first_command() -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("the README");
    let mut blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let block = blocks.find(|block| block.contains("-- demo")).expect("a command that starts the demo");
    let [command] = block.trim().lines().collect::<Vec<_>>()[..] else { panic!("more than one command: {block}") };
    let arguments = command.strip_prefix("cargo run --release -- ").unwrap_or_else(|| panic!("not how the binary is run: {command}"));
    arguments.split_whitespace().map(str::to_owned).collect()
}

#[test]
#[ignore = "it makes up a whole city: quick in a release build only"]
fn a_newcomer_follows_the_readme_and_is_answered() {
    assert!(has_curl(), "curl is missing");
    let told = first_command();
    assert_eq!(told, ["demo"], "the test follows the README as it was: without questions or settings");
    let folder = run_folder::fresh_path("newcomer");
    std::fs::create_dir(&folder).expect("an empty folder");
    // Another program of this machine may have the usual port.
    let arguments: Vec<&str> = told.iter().map(String::as_str).chain(["--listen", "127.0.0.1:0"]).collect();
    let demo = Demo::start(&folder, &arguments);
    assert!(demo.printed.contains("20,000 people"), "{}", demo.printed);
    for user in ["admin", "registrar", "clinic", "hospital", "auditor"] {
        assert!(demo.password(&format!("{user} ")).is_some(), "no {user}: {}", demo.printed);
    }
    demo.answers_its_question();
    drop(demo);
    std::fs::remove_dir_all(&folder).expect("the folder");
}
