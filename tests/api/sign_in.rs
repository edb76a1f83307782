//! Signing in: who comes in, who does not, and that guessing leads nowhere.

use chrono::Duration;
use ksnik::store;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::client::Answer;
use super::support::databases::{Database, Engine, Seed};
use super::support::house::{House, PASSWORD};
use super::support::{on_both, product, rows};

const HERE: &str = "198.51.100.1";
const ELSEWHERE: &str = "203.0.113.9";

on_both!(a_user_signs_in_is_known_and_signs_out);
async fn a_user_signs_in_is_known_and_signs_out(house: House) {
    house.user("siti", "clinic", Some("klinik")).await;
    let tokens = house.sign_in_from(HERE, " Siti ", PASSWORD).await.expect(200);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
    let siti = house.stranger().with_token(tokens["access_token"].as_str().expect("a token"));

    let me = siti.get("/api/v1/me").await.expect(200);
    assert_eq!((&me["username"], &me["role"], &me["facility_name"]), (&json!("siti"), &json!("clinic"), &json!("klinik")));
    let permissions = me["permissions"].as_array().expect("a list");
    assert!(permissions.contains(&json!("POST /api/v1/eligibility-checks")), "{permissions:?}");
    assert!(!permissions.contains(&json!("GET /api/v1/users")), "{permissions:?}");

    let logout = siti.send(siti.request(Method::POST, "/api/v1/auth/logout")).await;
    assert_eq!((logout.status, logout.text.as_str()), (204, ""));
    siti.get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");
    house.refresh_from(HERE, tokens["refresh_token"].as_str().expect("a token")).await.expect_problem(401, "SIGN_IN_REQUIRED");
}

/// All that a client sees, but for the id of the request.
fn seen(answer: Answer) -> (u16, Value, Vec<String>) {
    let mut json = answer.json;
    json.as_object_mut().expect("a problem document").remove("instance");
    let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    (answer.status, json, headers)
}

on_both!(who_may_not_come_in_is_not_told_why);
async fn who_may_not_come_in_is_not_told_why(house: House) {
    house.user("siti", "registrar", None).await;
    let gone = house.user("budi", "registrar", None).await;
    let place = format!("/api/v1/users/{gone}");
    house.admin().patch(&place, "\"1\"", json!({"active": false})).await.expect(200);

    let wrong = seen(house.sign_in_from(HERE, "siti", "not the password").await);
    assert_eq!((wrong.0, &wrong.1["code"]), (401, &json!("SIGN_IN_FAILED")));
    for (case, username, password) in [
        ("nobody", "tono", "not the password"),
        ("disabled", "budi", PASSWORD),
        ("no name at all", "@", "x"),
        ("a name that tries", "' OR 1=1 --", "' OR 1=1 --"),
    ] {
        assert_eq!(seen(house.sign_in_from(HERE, username, password).await), wrong, "{case}");
    }
    let unknown = rows::count(&house, "SELECT count(*) FROM audit_events WHERE kind = 'sign_in.failed' AND header LIKE '%object%'");
    assert_eq!(unknown, 2, "those whose user is known, and only they, name it");
    assert_eq!(rows::count(&house, "SELECT count(*) FROM audit_events WHERE header LIKE '%siti%' OR header LIKE '%tono%'"), 0);
}

async fn guess(house: &House, from: &str, username: &str, times: usize) {
    for _ in 0..times {
        house.sign_in_from(from, username, "not the password").await.expect_problem(401, "SIGN_IN_FAILED");
    }
}

async fn seconds_shut(house: &House, from: &str, username: &str, password: &str) -> u32 {
    let answer = house.sign_in_from(from, username, password).await;
    let seconds = answer.header("retry-after").parse().expect("seconds");
    answer.expect_problem(429, "SIGN_IN_LOCKED");
    seconds
}

on_both!(guessing_shuts_the_door_longer_each_time_and_never_for_ever);
async fn guessing_shuts_the_door_longer_each_time_and_never_for_ever(house: House) {
    house.user("siti", "registrar", None).await;
    for username in ["siti", "nobody"] {
        let minutes: Vec<u32> = [15, 30, 60, 120, 240, 240].to_vec();
        for minutes in minutes {
            guess(&house, HERE, username, 10).await;
            let seconds = seconds_shut(&house, HERE, username, PASSWORD).await;
            assert!((minutes * 60 - 30..=minutes * 60).contains(&seconds), "{username}: shut for {seconds} s, not {minutes} min");
            assert!(seconds_shut(&house, ELSEWHERE, username, PASSWORD).await > 0, "from everywhere");
            house.clock.forward(Duration::minutes(i64::from(minutes)));
        }
    }
    house.sign_in_from(HERE, "siti", PASSWORD).await.expect(200);
    assert_eq!(rows::count(&house, "SELECT count(*) FROM audit_events WHERE kind = 'sign_in.locked'"), 12);
    let metrics = house.stranger().get("/metrics").await;
    assert!(metrics.text.contains("ksnik_lock_outs_total{scope=\"account\"}"), "{}", metrics.text);
}

on_both!(the_right_password_makes_earlier_mistakes_forgotten);
async fn the_right_password_makes_earlier_mistakes_forgotten(house: House) {
    house.user("siti", "registrar", None).await;
    for _ in 0..3 {
        guess(&house, HERE, "siti", 9).await;
        house.sign_in_from(HERE, "siti", PASSWORD).await.expect(200);
    }
}

on_both!(strangers_cannot_lock_a_user_out_of_where_she_works);
async fn strangers_cannot_lock_a_user_out_of_where_she_works(house: House) {
    house.user("siti", "registrar", None).await;
    house.sign_in_from(HERE, "siti", PASSWORD).await.expect(200);
    house.clock.forward(Duration::days(29));

    guess(&house, ELSEWHERE, "siti", 10).await;
    seconds_shut(&house, ELSEWHERE, "siti", PASSWORD).await;
    house.sign_in_from(HERE, "siti", PASSWORD).await.expect(200);

    // Who guesses from there is counted too.
    guess(&house, HERE, "siti", 10).await;
    seconds_shut(&house, HERE, "siti", PASSWORD).await;

    house.clock.forward(Duration::days(31));
    guess(&house, ELSEWHERE, "siti", 10).await;
    seconds_shut(&house, HERE, "siti", PASSWORD).await;
}

fn strict(engine: Engine) -> Option<House> {
    Some(House::with(Database::copy_of(engine, Seed::City)?, &[("sign_in.failures_per_address", "12")]))
}

on_both!(an_address_that_guesses_at_many_accounts_is_shut_out, strict);
async fn an_address_that_guesses_at_many_accounts_is_shut_out(house: House) {
    house.user("siti", "registrar", None).await;
    for number in 0..12 {
        guess(&house, "2001:db8:1:2::1", &format!("nobody-{number}"), 1).await;
    }
    // One customer has the whole /64.
    seconds_shut(&house, "2001:db8:1:2:3:4:5:6", "siti", PASSWORD).await;
    house.sign_in_from("2001:db8:1:3::1", "siti", PASSWORD).await.expect(200);
    house.clock.forward(Duration::minutes(15));
    house.sign_in_from("2001:db8:1:2::1", "siti", PASSWORD).await.expect(200);
}

on_both!(a_morning_rush_from_one_address_is_no_attack, strict);
async fn a_morning_rush_from_one_address_is_no_attack(house: House) {
    for turn in 0..4 {
        for number in 0..5 {
            let username = format!("clerk-{number}");
            if turn == 0 {
                house.user(&username, "registrar", None).await;
            }
            house.sign_in_from(HERE, &username, PASSWORD).await.expect(200);
        }
    }
}

on_both!(guesses_at_once_are_counted_one_by_one);
async fn guesses_at_once_are_counted_one_by_one(house: House) {
    house.user("siti", "registrar", None).await;
    let answers = house.knock_at_once(40, HERE, "/api/v1/auth/token", &json!({"username": "siti", "password": "not the password"})).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(401), with(429)), (10, 30));
}

on_both!(a_sign_in_that_is_none_is_refused_with_every_fault);
async fn a_sign_in_that_is_none_is_refused_with_every_fault(house: House) {
    let long = "x".repeat(257);
    for (body, faults) in [
        (json!({"username": "siti"}), vec!["/password FIELD_MISSING"]),
        (json!({"username": "siti", "password": 12_345_678}), vec!["/password WRONG_TYPE"]),
        (json!({"username": "", "password": long}), vec!["/password TOO_LONG", "/username TOO_SHORT"]),
        (json!({"username": "siti", "password": "x", "remember": true}), vec!["/remember UNKNOWN_FIELD"]),
        (json!({"grant_type": "client_credentials", "client_id": "sys-1"}), vec!["/client_secret FIELD_MISSING"]),
        (json!({"grant_type": "implicit", "client_id": "sys-1", "client_secret": "x"}), vec!["/grant_type UNKNOWN_VALUE"]),
    ] {
        let answer = house.knock(HERE, "/api/v1/auth/token", body.clone()).await;
        assert!(!answer.text.contains(&long), "the password is told back");
        let problem = answer.expect(422);
        let found = problem["errors"].as_array().expect("a list").iter();
        let mut found: Vec<String> =
            found.map(|fault| format!("{} {}", fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect();
        found.sort();
        assert_eq!(found, faults, "{body}");
    }
    house.knock(HERE, "/api/v1/auth/token", json!([])).await.expect(422);
    house.stranger().get("/api/v1/auth/token").await.expect_problem(405, "METHOD_NOT_ALLOWED");
}

on_both!(a_hash_of_old_parameters_is_renewed_by_signing_in);
async fn a_hash_of_old_parameters_is_renewed_by_signing_in(house: House) {
    house.user("siti", "registrar", None).await;
    let newer = product::settings(house.server.database().url(), &[("sign_in.argon2_memory_kib", "128")]);
    let newer = product::app(newer, house.clock.clone());
    let mut db = newer.pool.connect().expect("a database");
    ksnik::service::housekeeping::prepare(&newer, &mut db).expect("keys");
    let mut parameters = || {
        let (_, hash) = store::users::by_username(&mut db, "siti").expect("a read").expect("a user");
        hash.split('$').nth(3).expect("parameters").to_owned()
    };
    assert_eq!(parameters(), "m=64,t=1,p=1");
    let visitor = ksnik::service::sign_in::Visitor { address: "198.51.100.1".parse().expect("an address"), user_agent: String::new() };
    for _ in 0..2 {
        let signed_in = ksnik::service::sign_in::with_password(&newer, &newer.context(), &visitor, "siti", &PASSWORD.into());
        assert!(signed_in.is_ok_and(|tokens| tokens.refresh_token.is_some()));
        assert_eq!(parameters(), "m=128,t=1,p=1");
    }
}

fn usual_hashes(engine: Engine) -> Option<House> {
    let settings = [("sign_in.argon2_memory_kib", "19456"), ("sign_in.argon2_passes", "2"), ("sign_in.failures_per_account", "1000")];
    Some(House::with(Database::copy_of(engine, Seed::City)?, &settings))
}

on_both!(nobody_takes_as_long_as_somebody, usual_hashes);
async fn nobody_takes_as_long_as_somebody(house: House) {
    house.user("siti", "registrar", None).await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..15 {
        for (times, username) in times.iter_mut().zip(["siti", "nobody"]) {
            let begun = std::time::Instant::now();
            house.sign_in_from(HERE, username, "not the password").await.expect(401);
            times.push(begun.elapsed());
        }
    }
    let medians = times.clone().map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    // The bar is 10 per cent between the medians, which only a quiet machine shows; the fastest of each is steady on a busy one too.
    println!("a wrong password and an unknown user: medians {medians:?}");
    let [somebody, nobody] = times.map(|times| times.into_iter().min().expect("some").as_secs_f64());
    let ratio = nobody / somebody;
    assert!((0.6..1.7).contains(&ratio), "an unknown user takes {ratio:.2} times as long as a wrong password");
}
