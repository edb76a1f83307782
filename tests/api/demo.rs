//! `ksnik demo`, followed as its user would follow it; and the commands that need no database.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::sql_types::BigInt;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use serde_json::{Value, json};

use super::support::binary::{ksnik, texts};
use super::support::client::Client;
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

/// The lists of the year, and who may read each.
const SHOWN: &[(&str, &[&str])] = &[
    ("guarantee-letters", &["hospital", "hospital-private", "admin", "verifier-2"]),
    ("claims", &["hospital", "hospital-private", "verifier", "finance", "admin"]),
    ("review-queue", &["verifier", "verifier-2"]),
    ("payment-batches", &["finance", "finance-2", "admin"]),
    ("payment-batches?state=proposed", &["finance"]),
    ("payment-batches?state=settled", &["finance"]),
    ("remittances", &["hospital", "hospital-private"]),
    ("budgets", &["finance", "manager", "admin"]),
    ("budget-alerts", &["finance", "manager"]),
    ("recoveries", &["finance", "admin"]),
    ("messages", &["admin", "dpo"]),
    ("signals", &["admin", "auditor"]),
    ("referrals?direction=out", &["puskesmas"]),
    ("registry-cases?state=closed", &["registrar"]),
    ("registry-cases?state=open", &["registrar"]),
    ("guarantee-letters?state=cancelled", &["admin"]),
    ("guarantee-letters?state=lapsed", &["admin"]),
];

/// What the manager looks at.
const FIGURES: &[&str] = &[
    "summary",
    "participants",
    "participants?by=enrollment",
    "participants?by=card",
    "checks",
    "checks?by=reason",
    "checks?by=hour",
    "participants?by=village",
    "participants?by=age",
    "utilization",
    "claims",
    "claims?by=month&date_basis=paid",
    "ageing",
    "ageing?by=state",
    "turnaround",
    "budget",
    "tariff-gap",
    "tariff-gap?by=code",
    "edits",
    "hygiene",
    "hygiene?by=case",
    "facilities",
    "service-levels",
];

/// What would be wrong in the books, each counted.
const WRONG: &[(&str, &str)] = &[
    (
        "entries that do not cancel out",
        "SELECT count(*) FROM (SELECT transaction_id FROM ledger_entries GROUP BY transaction_id HAVING sum(amount) <> 0)",
    ),
    (
        "balances that are not their entries",
        "SELECT count(*) FROM ledger_balances b WHERE b.balance <> (SELECT coalesce(sum(e.amount), 0) FROM ledger_entries e JOIN ledger_transactions p \
         ON p.id = e.transaction_id WHERE p.year = b.year AND p.pot = b.pot AND e.account = b.account)",
    ),
    (
        "claims approved for nothing, or for more than was asked",
        "SELECT count(*) FROM claims WHERE state IN ('approved', 'approved_partial', 'payment_ordered', 'paid') AND (approved_amount <= 0 OR approved_amount > claimed_amount)",
    ),
    ("claims approved in full that are not", "SELECT count(*) FROM claims WHERE state = 'approved' AND approved_amount <> claimed_amount"),
    ("rejected claims with money", "SELECT count(*) FROM claims WHERE state = 'rejected' AND approved_amount <> 0"),
    (
        "claims paid otherwise than approved",
        "SELECT count(*) FROM claims WHERE (state = 'paid') <> (paid_amount > 0) OR paid_amount NOT IN (0, approved_amount)",
    ),
    ("claims before their discharge", "SELECT count(*) FROM claims WHERE date(created_at) < discharged_on"),
    ("messages that still wait", "SELECT count(*) FROM messages WHERE state = 'queued' AND created_at < datetime('now', '-2 days')"),
];

#[tokio::test]
async fn the_demo_has_a_year_behind_it_that_every_role_can_look_at() {
    let folder = run_folder::fresh_path("demo-year");
    std::fs::create_dir_all(&folder).expect("a folder");
    let demo = Demo::start(&folder, &SMALL);
    assert!(demo.printed.contains("/api/v1/review-queue"), "{}", demo.printed);
    let anyone = Client::new(demo.url.trim_start_matches("http://").parse().expect("an address"), Arc::new(|_| String::new()));
    let mut signed_in = std::collections::HashMap::new();
    for (path, users) in SHOWN {
        for user in *users {
            if !signed_in.contains_key(user) {
                let password = demo.password(&format!("{user} ")).expect("a password");
                let tokens = anyone.post("/api/v1/auth/token", json!({"username": user, "password": password})).await.expect(200);
                signed_in.insert(*user, anyone.with_token(tokens["access_token"].as_str().expect("a token")));
            }
            let listed = signed_in[user].get(&format!("/api/v1/{path}")).await.expect(200);
            assert!(listed["items"].as_array().is_some_and(|items| !items.is_empty()), "{user} finds nothing at {path}: {listed}");
        }
    }
    // Each figure has something to tell as soon as it is counted.
    for figure in FIGURES {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let told = signed_in["manager"].get(&format!("/api/v1/dashboard/{figure}")).await.expect(200);
            let tells = |item: &Value| item["values"].as_object().is_some_and(|values| values.values().any(|value| value.as_i64() > Some(0)));
            if told["items"].as_array().is_some_and(|items| items.iter().any(tells)) {
                break;
            }
            assert!(Instant::now() < deadline, "{figure} has nothing to tell: {told}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    // The claim that is printed is one that waits, and says why.
    let place = demo.printed.split_whitespace().find(|word| word.contains("/api/v1/claims/")).expect("a claim");
    let claim = signed_in["verifier"].get(place.trim_start_matches(&demo.url)).await.expect(200);
    assert_eq!(claim["waiting_for"], "verifier", "{claim}");

    let file = folder.join("city").join("ksnik.sqlite");
    for (what, query) in WRONG {
        assert_eq!(number(&file, query), 0, "{what}");
    }
    assert!(number(&file, "SELECT count(*) FROM claims WHERE state = 'paid'") > 10);
    drop(signed_in);
    drop(demo);
    std::fs::remove_dir_all(&folder).expect("the folder");
}

fn number(file: &Path, text: &str) -> i64 {
    let mut connection = SqliteConnection::establish(file.to_str().expect("a name in Unicode")).expect("the demo's database");
    diesel::select(diesel::dsl::sql::<BigInt>(&format!("({text})"))).get_result(&mut connection).expect("a count")
}
