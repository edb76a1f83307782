//! The rules as anyone may read them: what stands in the files, in values and in sentences of both languages.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::questions::{CHECKS, PHASES, ask, question_of};
use super::support::databases::Engine;
use super::support::server::Server;
use super::support::small_city::PEOPLE;
use super::support::{on_both, run};

const RULE_SETS: &str = "/api/v1/rule-sets";

/// The files, by code.
fn file(code: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/rule-sets/{code}.toml"));
    let table: toml::Table = std::fs::read_to_string(path).expect("a file").parse().expect("TOML");
    serde_json::to_value(table).expect("a table is an object")
}

fn sentences(rule_set: &Value) -> Vec<(&str, &str)> {
    let rules = rule_set["rules"].as_array().expect("a list").iter();
    rules.map(|rule| (rule["topic"].as_str().expect("a topic"), rule["text"].as_str().expect("a text"))).collect()
}

#[test]
fn anyone_reads_all_rules_in_order_as_the_files_have_them() {
    run(Engine::Sqlite, async |server: Server| {
        let stranger = server.client();
        let list = stranger.get(RULE_SETS).await.expect(200);
        let list = list.as_array().expect("a list");
        assert_eq!(list.iter().map(|one| one["code"].as_str().expect("a code")).collect::<Vec<_>>(), PHASES.map(|(_, code)| code));
        for rule_set in list {
            let code = rule_set["code"].as_str().expect("a code");
            assert_eq!(&stranger.get(&format!("{RULE_SETS}/{code}")).await.expect(200), rule_set);
            let file = file(code);
            for field in ["code", "revision", "valid_from", "valid_to", "legal_basis"] {
                assert_eq!(rule_set[field], file[field], "{code}: {field}");
            }
            // A value of the file is the same value here; what the file leaves out may stand here with its default.
            assert_within(&file, &rule_set["parameters"], code);
            assert!(rule_set["legal_basis"].as_array().is_some_and(|basis| !basis.is_empty()), "{code} rests on nothing");
        }
        let hashes: BTreeSet<&str> = list.iter().map(|one| one["hash"].as_str().expect("a hash")).collect();
        assert!(hashes.len() == list.len() && hashes.iter().all(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())));
        // One phase ends on the day before the next begins, and the last goes on.
        for pair in list.windows(2) {
            let date = |value: &Value| value.as_str().expect("a date").parse::<chrono::NaiveDate>().expect("a date");
            assert_eq!(date(&pair[0]["valid_to"]).succ_opt(), Some(date(&pair[1]["valid_from"])));
        }
        assert_eq!(list.last().expect("a phase")["valid_to"], Value::Null);
    });
}

fn assert_within(file: &Value, shown: &Value, at: &str) {
    match (file, shown) {
        (Value::Object(fields), Value::Object(_)) => {
            fields.iter().for_each(|(name, value)| assert_within(value, &shown[name], &format!("{at}.{name}")))
        }
        (Value::Array(items), Value::Array(others)) => {
            assert_eq!(items.len(), others.len(), "{at}");
            items.iter().zip(others).enumerate().for_each(|(index, (item, other))| assert_within(item, other, &format!("{at}[{index}]")));
        }
        (file, shown) => assert_eq!(shown, file, "{at}"),
    }
}

#[test]
fn the_rules_are_sentences_in_both_languages() {
    run(Engine::Sqlite, async |server: Server| {
        for (_, code) in PHASES {
            let path = format!("{RULE_SETS}/{code}");
            let english = server.client().get(&path).await.expect(200);
            let indonesian = server.client().in_language("id").get(&path).await.expect(200);
            let (english_rules, indonesian_rules) = (sentences(&english), sentences(&indonesian));
            let topics = |rules: &[(&str, &str)]| rules.iter().map(|(topic, _)| (*topic).to_owned()).collect::<Vec<_>>();
            assert!(english_rules.len() > 8, "{english_rules:?}");
            assert_eq!(topics(&english_rules), topics(&indonesian_rules), "{code}");
            for ((_, english), (_, indonesian)) in english_rules.iter().zip(&indonesian_rules) {
                assert!(english != indonesian, "{code}: {english}");
                for text in [english, indonesian] {
                    assert!(text.contains(' ') && text.ends_with('.') && !text.contains(['{', '}', '_']), "{code}: {text}");
                }
            }
            // All but the sentences is the same.
            for field in ["code", "revision", "valid_from", "valid_to", "hash", "legal_basis", "parameters"] {
                assert_eq!(english[field], indonesian[field], "{field}");
            }
        }
        let text = |rules: &Value, part: &str| sentences(rules).iter().any(|(_, text)| text.contains(part));
        let last = format!("{RULE_SETS}/LKM-2022");
        let (english, indonesian) = (server.client().get(&last).await.json, server.client().in_language("id").get(&last).await.json);
        assert_eq!(english["parameters"]["residence"]["min_months"], json!(6));
        assert!(text(&english, "6 months") && text(&indonesian, "6 bulan"), "{:?}\n{:?}", sentences(&english), sentences(&indonesian));
    });
}

#[test]
fn a_rule_set_that_is_not_there_is_not_found() {
    run(Engine::Sqlite, async |server: Server| {
        for code in ["LKM-2030", "lkm-2022", "LKM-2022%20", "x"] {
            server.client().get(&format!("{RULE_SETS}/{code}")).await.expect_problem(404, "NOT_FOUND");
        }
    });
}

on_both!(the_hash_is_the_one_that_recorded_checks_name);
async fn the_hash_is_the_one_that_recorded_checks_name(server: Server) {
    let (hospital, admin) = (server.client().as_role("hospital"), server.client().as_role("admin"));
    for (date, code) in PHASES.into_iter().take(5) {
        let check = ask(&hospital, question_of(date, json!({"nik": PEOPLE[0].0}))).await;
        let replayed = admin.post(&format!("{CHECKS}/{}/replay", check["id"].as_str().expect("an id")), json!({})).await.expect(200);
        let shown = server.client().get(&format!("{RULE_SETS}/{code}")).await.expect(200);
        assert_eq!((&check["rule_set"], &replayed["rule_set_hash"]), (&json!(code), &shown["hash"]));
    }
}
