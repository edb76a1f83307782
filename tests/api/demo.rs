//! `ksnik demo`, followed as its user would follow it; and the commands that need no database.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::binary::{ksnik, texts};
use super::support::run_folder;

#[test]
fn the_api_describes_itself_without_a_database() {
    let (status, out, err) = texts(&ksnik().arg("openapi").output().expect("the binary runs"));
    assert_eq!(status, Some(0), "{err}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert!(
        document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")) && document["paths"]["/api/v1/imports"]["post"].is_object()
    );
    let (status, out, _) = texts(&ksnik().arg("--version").output().expect("the binary runs"));
    assert_eq!((status, out.trim()), (Some(0), concat!("ksnik ", env!("CARGO_PKG_VERSION"))));
}

/// A demo that ends with its test.
struct Demo {
    child: Child,
    url: String,
    printed: String,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let mut command = ksnik();
        command.current_dir(folder).args(["demo", "--participants", "500", "--listen", "127.0.0.1:0", "--folder", "city"]);
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

    /// From the line that begins with `curl` to the empty line.
    fn command(&self) -> String {
        let lines = self.printed.lines().skip_while(|line| !line.starts_with("curl ")).take_while(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }

    fn password(&self, user: &str) -> Option<String> {
        self.printed.lines().find_map(|line| line.trim_start().strip_prefix(user)?.split_whitespace().next().map(str::to_owned))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_demo_serves_a_city_and_its_printed_question_is_answered() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("KSNIK_REQUIRE_POSTGRES").is_none(), "curl is missing");
        eprintln!("SKIPPED: curl is missing, so nobody knows whether the demo's command works");
        return;
    }
    let folder = run_folder::fresh_path("demo");
    std::fs::create_dir_all(&folder).expect("a folder");
    let demo = Demo::start(&folder);
    let asked = Command::new("sh").args(["-c", &demo.command()]).output().expect("a shell");
    let (_, answer, err) = texts(&asked);
    let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}{err}\n{}", demo.printed));
    assert_eq!((answer["decision"].as_str(), answer["participant"]["name"].as_str()), (Some("eligible"), Some("Siti Aminah")), "{answer}");
    assert!(answer["rules"].as_array().is_some_and(|rules| rules.len() > 10 && rules.iter().all(|rule| rule["message"].is_string())), "{answer}");

    let health = |url: &str| ksnik().args(["health", "--url", url]).output().expect("the binary runs").status.code();
    assert_eq!(health(&format!("{}/health/ready", demo.url)), Some(0));
    assert_eq!(health(&format!("{}/no-such-page", demo.url)), Some(1));

    let (url, first) = (demo.url.clone(), demo.password("clinic "));
    assert!(first.is_some(), "{}", demo.printed);
    let taken = ksnik().current_dir(&folder).args(["demo", "--listen", url.trim_start_matches("http://"), "--folder", "other"]).output();
    let (status, _, err) = texts(&taken.expect("the binary runs"));
    assert!(status == Some(1) && err.contains("--listen") && !folder.join("other").exists(), "{err}");
    drop(demo);
    assert_eq!(health(&format!("{url}/health/live")), Some(1));

    let again = Demo::start(&folder);
    assert_eq!(again.password("clinic "), first, "the same city is there again");
    assert!(!again.printed.contains("made up"), "{}", again.printed);
    drop(again);

    // A database without the demo's marker may be somebody's own.
    let own = folder.join("own");
    std::fs::create_dir(&own).expect("own folder");
    std::fs::write(own.join("ksnik.sqlite"), "precious").expect("own folder");
    let refused = ksnik().current_dir(&folder).args(["demo", "--listen", "127.0.0.1:0", "--folder", "own"]).output();
    let (status, _, err) = texts(&refused.expect("the binary runs"));
    assert!(status == Some(1) && err.contains("--folder"), "{err}");
    assert_eq!(std::fs::read_to_string(own.join("ksnik.sqlite")).expect("it is still there"), "precious");
    std::fs::remove_dir_all(&folder).expect("the folder");
}
