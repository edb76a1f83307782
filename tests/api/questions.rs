//! Questions about patients, for the tests of eligibility; and a reader of answers that holds each to what all answers promise.

use ksnik::domain::eligibility::RuleCode;
use serde_json::{Value, json};

use super::people::change;
use super::support::client::Client;

pub const CHECKS: &str = "/api/v1/eligibility-checks";
pub const BATCH: &str = "/api/v1/eligibility-checks/batch";

/// A day in each phase of the scheme, with the code of its rules.
pub const PHASES: [(&str, &str); 6] = [
    ("2017-02-10", "KS-2017-A"),
    ("2017-08-10", "KS-2017-B"),
    ("2018-12-10", "KS-2018"),
    ("2019-03-10", "KS-2019"),
    ("2020-02-10", "LKM-2020"),
    ("2026-11-21", "LKM-2022"),
];

/// About an inpatient of class III, who is asked for neither referral nor papers. Null takes a field away.
pub fn question(changes: Value) -> Value {
    let mut body = json!({"care_type": "inpatient", "ward_class": "III"});
    change(&mut body, changes);
    body
}

/// The same on a day in the past.
pub fn question_of(date: &str, changes: Value) -> Value {
    let mut body = question(json!({"service_date": date, "retrospective": true}));
    change(&mut body, changes);
    body
}

/// The recorded answer, held to its promises.
pub async fn ask(client: &Client, question: Value) -> Value {
    let answer = client.post(CHECKS, question).await;
    let place = answer.headers.get("location").cloned();
    let check = answer.expect(201);
    assert_eq!(place.expect("a place").to_str().expect("ASCII"), path_of(&check));
    keeps_promises(&check);
    check
}

pub fn path_of(check: &Value) -> String {
    format!("{CHECKS}/{}", check["id"].as_str().expect("an id"))
}

pub fn decision(check: &Value) -> &str {
    check["decision"].as_str().expect("a decision")
}

pub fn rule<'a>(check: &'a Value, code: &str) -> &'a Value {
    rules(check).iter().find(|rule| rule["code"] == code).expect("every rule is told")
}

/// The codes of the rules with this outcome.
pub fn codes<'a>(check: &'a Value, outcome: &str) -> Vec<&'a str> {
    rules(check).iter().filter(|rule| rule["outcome"] == outcome).map(|rule| rule["code"].as_str().expect("a code")).collect()
}

fn rules(check: &Value) -> &[Value] {
    check["rules"].as_array().expect("a list of rules")
}

/// What every answer promises, whatever it says.
#[track_caller]
pub fn keeps_promises(check: &Value) {
    let told: Vec<&str> = rules(check).iter().map(|rule| rule["code"].as_str().expect("a code")).collect();
    assert_eq!(told, RuleCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>(), "every rule, once, in order");
    for rule in rules(check) {
        let mut fields: Vec<&str> = rule.as_object().expect("an object").keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["code", "field", "limit", "message", "outcome", "remedy", "unit", "value"]);
        let outcome = rule["outcome"].as_str().expect("an outcome");
        assert!(["pass", "fail", "warn", "unknown", "not_applicable"].contains(&outcome), "{rule}");
        assert!(rule["field"].as_str().is_some_and(|field| !field.is_empty()), "{rule}");
        let message = rule["message"].as_str().unwrap_or_default();
        assert!(message.contains(' ') && !message.contains(['{', '}', '_']), "{rule}");
        let speaks = ["fail", "warn", "unknown"].contains(&outcome);
        assert_eq!(rule["remedy"].as_str().is_some_and(|remedy| remedy.contains(' ')), speaks, "{rule}");
    }
    let reasons: Vec<&Value> = rules(check).iter().filter(|rule| !rule["remedy"].is_null()).collect();
    assert_eq!(check["reasons"].as_array().expect("a list").iter().collect::<Vec<_>>(), reasons);

    let (fails, unknown) = (codes(check, "fail"), codes(check, "unknown"));
    match decision(check) {
        "eligible" => assert!(fails.is_empty() && unknown.is_empty(), "{check}"),
        "not_eligible" => assert!(!fails.is_empty(), "{check}"),
        "provisional" => assert!(!fails.is_empty() || !unknown.is_empty(), "{check}"),
        "undetermined" => assert!(!unknown.is_empty(), "{check}"),
        other => panic!("no decision: {other}"),
    }
    assert_eq!(check["complete_by"].is_string(), decision(check) == "provisional", "{check}");
    let sources = check["sources"].as_array().expect("a list");
    let names: Vec<&str> = sources.iter().map(|source| source["source"].as_str().expect("a name")).collect();
    assert!(names == ["registry"] || names == ["registry", "population"], "{names:?}");
    // The population office is told of where it was asked.
    assert_eq!(names.len() == 2, rule(check, "POPULATION_DOWN")["outcome"] != "not_applicable", "{check}");
    // A granted review decides on what was read for the refused check.
    let read_now = sources[0]["as_of"] == check["checked_at"];
    assert!(read_now || (check["override_of"].is_string() && sources[0]["as_of"].as_str() < check["checked_at"].as_str()), "{sources:?}");
    assert!(check["valid_until"].as_str() > check["service_date"].as_str());
    let text = check.to_string();
    let digits_in_a_row = text.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max();
    assert!(digits_in_a_row < Some(16), "a NIK or a KK number in an answer");
}
