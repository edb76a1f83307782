//! `ksnik demo`, followed as its user would follow it; and the commands that need no database.

use serde_json::Value;

use super::support::binary::{ksnik, texts};
use super::support::demo::{Demo, has_curl};
use super::support::run_folder;

/// Fewer people than a demo has, and a free port.
const SMALL: [&str; 7] = ["demo", "--participants", "500", "--listen", "127.0.0.1:0", "--folder", "city"];

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

#[test]
fn the_demo_serves_a_city_and_its_printed_question_is_answered() {
    if !has_curl() {
        return;
    }
    let folder = run_folder::fresh_path("demo");
    std::fs::create_dir_all(&folder).expect("a folder");
    let demo = Demo::start(&folder, &SMALL);
    demo.answers_its_question();

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

    let again = Demo::start(&folder, &SMALL);
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
