//! The binary, as a stranger to this machine's settings would run it.

use std::process::{Command, Output, Stdio};

pub fn ksnik() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ksnik"));
    // Settings of whoever runs the tests are not theirs.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KSNIK")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Exit code, standard output, standard error.
pub fn texts(output: &Output) -> (Option<i32>, String, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}
