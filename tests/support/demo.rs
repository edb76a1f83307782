//! `ksnik demo`, as its user would start it, and the question that it prints.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::binary::{ksnik, texts};

/// Where nothing is left out, curl must be there too.
pub fn has_curl() -> bool {
    let is_there = Command::new("curl").arg("--version").output().is_ok();
    if !is_there {
        assert!(std::env::var_os("KSNIK_REQUIRE_POSTGRES").is_none(), "curl is missing");
        eprintln!("SKIPPED: curl is missing, so nobody knows whether the demo's command works");
    }
    is_there
}

/// A demo that ends with its test.
pub struct Demo {
    child: Child,
    pub url: String,
    pub printed: String,
}

impl Demo {
    /// Starts it in this folder and waits until it has said everything.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = ksnik();
        command.current_dir(folder).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut printed = String::new();
        while !printed.contains("Ctrl-C") {
            match lines.next() {
                Some(line) => printed += &(line.expect("text") + "\n"),
                None => {
                    let mut error = String::new();
                    let _ = child.stderr.take().expect("a pipe").read_to_string(&mut error);
                    panic!("it ended with {:?}: {printed}{error}", child.wait());
                }
            }
        }
        let url = printed.split_whitespace().find_map(|word| word.strip_suffix("/docs")).expect("an address").to_owned();
        Self { child, url, printed }
    }

    /// Pastes the command that it prints into a shell: is Siti Aminah covered? She is.
    #[track_caller]
    pub fn answers_its_question(&self) {
        let asked = Command::new("sh").args(["-c", &self.command()]).output().expect("a shell");
        let (_, answer, err) = texts(&asked);
        let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}{err}\n{}", self.printed));
        assert_eq!((answer["decision"].as_str(), answer["participant"]["name"].as_str()), (Some("eligible"), Some("Siti Aminah")), "{answer}");
        let rules = answer["rules"].as_array().expect("a list of rules");
        assert!(rules.len() > 10 && rules.iter().all(|rule| rule["message"].is_string()), "{answer}");
    }

    /// From the line that begins with `curl` to the empty line.
    fn command(&self) -> String {
        let lines = self.printed.lines().skip_while(|line| !line.starts_with("curl ")).take_while(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }

    pub fn password(&self, user: &str) -> Option<String> {
        self.printed.lines().find_map(|line| line.trim_start().strip_prefix(user)?.split_whitespace().next().map(str::to_owned))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
