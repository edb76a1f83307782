//! Checks outlive the files on which they were decided.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ksnik::api::server;
use ksnik::context::Machine;
use serde_json::{Value, json};

use super::people::{nik, register};
use super::questions::{ask, decision, path_of, question, rule};
use super::support::dated::DatedServer;
use super::support::{on_both, product, run_folder};

/// A copy of a folder of the city's files, with changes: file, old text, new text.
pub fn copied(folder: &str, changes: &[(&str, &str, &str)]) -> PathBuf {
    let copy = run_folder::fresh_path(&folder.replace('/', "-"));
    std::fs::create_dir(&copy).expect("a folder");
    for entry in Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).read_dir().expect("the city's files") {
        let file = entry.expect("a file").path();
        let name = file.file_name().expect("a name");
        let text = std::fs::read_to_string(&file).expect("a text");
        let changed = changes.iter().filter(|(of, ..)| name == *of).fold(text, |text, (_, old, new)| {
            assert!(text.contains(old), "{name:?} has no {old:?}");
            text.replacen(old, new, 1)
        });
        std::fs::write(copy.join(name), changed).expect("a copy");
    }
    copy
}

const PASSES: &str = "Has lived in the city for {value}; asked for: {limit}.";

on_both!(a_check_is_read_and_decided_again_as_it_was_then);
async fn a_check_is_read_and_decided_again_as_it_was_then(mut server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({"resident_since": "2025-06-01"})).await;
    let body = question(json!({"nik": nik(9001)}));
    let then = ask(&server.client().as_role("hospital"), body.clone()).await;
    let replay = async |server: &DatedServer, check: &Value| {
        server.client().as_role("auditor").post(&format!("{}/replay", path_of(check)), json!({})).await.expect(200)
    };
    let replayed_then = replay(&server, &then).await;

    let rules =
        copied("config/rule-sets", &[("LKM-2022.toml", "revision = 4", "revision = 5"), ("LKM-2022.toml", "min_months = 6", "min_months = 24")]);
    let texts = copied(
        "config/texts",
        &[("en.toml", PASSES, "Lives here for {value} of {limit}."), ("en.toml", "only; asked for", "only, which is short of")],
    );
    server.restart(&[("files.rule_sets", &rules.display().to_string()), ("files.texts", &texts.display().to_string())]);
    let hospital = server.client().as_role("hospital");
    let now = ask(&hospital, body.clone()).await;
    assert_eq!((decision(&then), decision(&now)), ("eligible", "not_eligible"));
    let stay = rule(&now, "RESIDENCY_TOO_SHORT");
    assert_eq!((&stay["value"], &stay["limit"]), (&json!(17), &json!(24)));
    assert!(stay["message"].as_str().is_some_and(|text| text.contains("which is short of: 24 months")), "{stay}");

    assert_eq!(hospital.get(&path_of(&then)).await.expect(200), then, "in the words of then");
    assert_eq!(replay(&server, &then).await, replayed_then);
    assert_eq!(replayed_then["identical"], true);
    let replayed_now = replay(&server, &now).await;
    assert_eq!(replayed_now["identical"], true);
    assert_ne!(replayed_now["rule_set_hash"], replayed_then["rule_set_hash"]);

    let only_texts = copied("config/texts", &[("en.toml", PASSES, "{value} here, {limit} needed.")]);
    server.restart(&[("files.rule_sets", &rules.display().to_string()), ("files.texts", &only_texts.display().to_string())]);
    assert_eq!(server.client().as_role("hospital").get(&path_of(&now)).await.expect(200), now);
    assert_eq!(replay(&server, &then).await, replayed_then);
}

on_both!(a_rule_set_that_was_changed_silently_is_refused_by_name);
async fn a_rule_set_that_was_changed_silently_is_refused_by_name(mut server: DatedServer) {
    server.stop();
    let url = server.database().url().to_owned();
    let start = async |changes: &[(&str, &str, &str)]| {
        let folder = copied("config/rule-sets", changes).display().to_string();
        let app = product::app(product::settings(&url, &[("files.rule_sets", &folder)]), Arc::new(Machine));
        let thread = std::thread::spawn(move || actix_web::rt::System::new().block_on(async { server::bind(app)?.run().await }));
        tokio::task::spawn_blocking(|| thread.join().expect("it ends in order")).await.expect("it is waited for")
    };
    let refusal = start(&[("LKM-2022.toml", "min_months = 6", "min_months = 24")]).await.expect_err("a changed rule set");
    assert!(refusal.contains("LKM-2022") && refusal.contains("revision above 4"), "{refusal}");

    // A comment is no change, and neither is what another revision says.
    let commented = copied("config/rule-sets", &[("LKM-2022.toml", "min_months = 6", "min_months = 6 # months")]);
    server.restart(&[("files.rule_sets", &commented.display().to_string())]);
    let raised =
        copied("config/rule-sets", &[("LKM-2022.toml", "revision = 4", "revision = 5"), ("LKM-2022.toml", "min_months = 6", "min_months = 7")]);
    server.restart(&[("files.rule_sets", &raised.display().to_string())]);
    server.stop();
    let back = start(&[("LKM-2022.toml", "min_months = 6", "min_months = 8"), ("LKM-2022.toml", "revision = 4", "revision = 5")]).await;
    assert!(back.is_err_and(|refusal| refusal.contains("revision above 5")));
}
