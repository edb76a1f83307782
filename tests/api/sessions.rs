//! Sessions: refresh tokens are good once, a lost answer may be asked for again, and an end is an end at once.

use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::client::Client;
use super::support::house::House;
use super::support::{on_both, rows};

const HERE: &str = "198.51.100.1";
const ELSEWHERE: &str = "203.0.113.9";

fn field(tokens: &Value, name: &str) -> String {
    tokens[name].as_str().expect("a token").to_owned()
}

async fn renew(house: &House, token: &str) -> String {
    field(&house.refresh_from(HERE, token).await.expect(200), "refresh_token")
}

async fn is_in(client: &Client) -> bool {
    let answer = client.get("/api/v1/me").await;
    if answer.status != 200 {
        answer.clone().expect_problem(401, "SIGN_IN_REQUIRED");
    }
    answer.status == 200
}

on_both!(a_refresh_token_used_twice_ends_the_session);
async fn a_refresh_token_used_twice_ends_the_session(house: House) {
    house.user("siti", "registrar", None).await;
    let (first, token) = house.session("siti").await;
    let (other, other_token) = house.session("siti").await;
    let renewed = house.refresh_from(HERE, &token).await.expect(200);
    let (second, newest) = (house.stranger().with_token(field(&renewed, "access_token")), field(&renewed, "refresh_token"));
    assert!(is_in(&first).await && is_in(&second).await);

    // A thief has the old one, and comes from somewhere else.
    house.refresh_from(ELSEWHERE, &token).await.expect_problem(401, "SIGN_IN_REQUIRED");
    assert!(!is_in(&first).await && !is_in(&second).await, "the family lives");
    house.refresh_from(HERE, &newest).await.expect_problem(401, "SIGN_IN_REQUIRED");
    assert!(is_in(&other).await, "another session ended with it");
    renew(&house, &other_token).await;
    assert_eq!(rows::count(&house, "SELECT count(*) FROM sessions WHERE end_reason = 'token_reused'"), 1);
}

on_both!(a_lost_answer_may_be_asked_for_again);
async fn a_lost_answer_may_be_asked_for_again(house: House) {
    house.user("siti", "registrar", None).await;
    let (client, token) = house.session("siti").await;
    let lost = renew(&house, &token).await;
    house.clock.forward(Duration::seconds(20));
    let arrived = renew(&house, &token).await;
    assert_ne!(lost, arrived);
    let next = renew(&house, &arrived).await;
    assert!(is_in(&client).await);

    // Now it is known that an answer arrived: asking once more is reuse, also within the time.
    house.refresh_from(HERE, &token).await.expect_problem(401, "SIGN_IN_REQUIRED");
    house.refresh_from(HERE, &next).await.expect_problem(401, "SIGN_IN_REQUIRED");
    assert!(!is_in(&client).await);
}

on_both!(a_lost_answer_is_lost_for_half_a_minute);
async fn a_lost_answer_is_lost_for_half_a_minute(house: House) {
    house.user("siti", "registrar", None).await;
    let (_, token) = house.session("siti").await;
    renew(&house, &token).await;
    house.clock.forward(Duration::seconds(31));
    house.refresh_from(HERE, &token).await.expect_problem(401, "SIGN_IN_REQUIRED");
}

on_both!(a_client_that_refreshes_twice_at_once_stays_in);
async fn a_client_that_refreshes_twice_at_once_stays_in(house: House) {
    house.user("siti", "registrar", None).await;
    let (client, token) = house.session("siti").await;
    let answers = house.knock_at_once(8, HERE, "/api/v1/auth/refresh", &json!({"refresh_token": token})).await;
    let tokens: Vec<String> = answers.into_iter().map(|answer| field(&answer.expect(200), "refresh_token")).collect();
    renew(&house, &tokens[3]).await;
    assert!(is_in(&client).await);
}

on_both!(a_session_ends_when_it_is_idle_and_when_it_is_old);
async fn a_session_ends_when_it_is_idle_and_when_it_is_old(house: House) {
    house.user("siti", "registrar", None).await;
    let (_, idle) = house.session("siti").await;
    let (_, mut busy) = house.session("siti").await;
    house.clock.forward(Duration::days(13));
    busy = renew(&house, &busy).await;
    house.clock.forward(Duration::days(1));
    house.refresh_from(HERE, &idle).await.expect_problem(401, "SIGN_IN_REQUIRED");
    busy = renew(&house, &busy).await;

    for _ in 0..5 {
        house.clock.forward(Duration::days(13));
        busy = renew(&house, &busy).await;
    }
    // 79 days have gone by, and the last 11 are not prolonged.
    house.clock.forward(Duration::days(11) - Duration::minutes(5));
    let last = house.refresh_from(HERE, &busy).await.expect(200);
    assert!(last["expires_in"].as_i64().is_some_and(|seconds| (200..=300).contains(&seconds)), "{last}");
    house.clock.forward(Duration::minutes(5));
    house.refresh_from(HERE, &field(&last, "refresh_token")).await.expect_problem(401, "SIGN_IN_REQUIRED");
    assert!(!is_in(&house.stranger().with_token(field(&last, "access_token"))).await, "an access token outlives its session");
}

on_both!(signing_out_ends_one_session_at_once);
async fn signing_out_ends_one_session_at_once(house: House) {
    house.user("siti", "registrar", None).await;
    let (leaves, token) = house.session("siti").await;
    let (stays, _) = house.session("siti").await;
    for status in [204, 401] {
        let answer = leaves.send(leaves.request(Method::POST, "/api/v1/auth/logout")).await;
        assert_eq!(answer.status, status);
    }
    assert!(!is_in(&leaves).await && is_in(&stays).await);
    house.refresh_from(HERE, &token).await.expect_problem(401, "SIGN_IN_REQUIRED");
    assert_eq!(rows::count(&house, "SELECT count(*) FROM audit_events WHERE kind = 'session.ended'"), 1);
}

on_both!(what_is_no_refresh_token_gets_one_answer);
async fn what_is_no_refresh_token_gets_one_answer(house: House) {
    house.user("siti", "registrar", None).await;
    let (_, token) = house.session("siti").await;
    let access = field(&house.sign_in_from(HERE, "siti", super::support::house::PASSWORD).await.expect(200), "access_token");
    for wrong in ["x", &token[..token.len() - 1], &token.to_uppercase(), "ksnik_", "' OR 1=1 --", &access[..200]] {
        house.refresh_from(HERE, wrong).await.expect_problem(401, "SIGN_IN_REQUIRED");
    }
    for (body, code) in [(json!({}), "FIELD_MISSING"), (json!({"refresh_token": null}), "WRONG_TYPE"), (json!({"refresh_token": ""}), "TOO_SHORT")] {
        house.knock(HERE, "/api/v1/auth/refresh", body).await.expect_problem(422, code);
    }
    renew(&house, &token).await;
}
