//! A demo can be told from the real thing by every answer and every token, and neither takes the other's tokens.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use reqwest::Method;
use serde_json::{Value, json};

use super::support::databases::{Database, Engine, Seed};
use super::support::house::House;
use super::support::on_both;

const ENVIRONMENT: &str = "x-ksnik-environment";

/// The same city twice: as a demo, and for real.
fn both(engine: Engine) -> Option<(House, House)> {
    let demo = House::with(Database::copy_of(engine, Seed::City)?, &[("demo.enabled", "true")]);
    Some((demo, House::with(Database::copy_of(engine, Seed::City)?, &[])))
}

fn issuer(token: &str) -> Value {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("three parts")).expect("base64");
    serde_json::from_slice::<Value>(&claims).expect("JSON")["iss"].clone()
}

on_both!(a_demo_is_told_by_every_answer_and_every_token, both);
async fn a_demo_is_told_by_every_answer_and_every_token((demo, real): (House, House)) {
    for (house, expected) in [(&demo, Some("demo")), (&real, None)] {
        let stranger = house.stranger();
        for (method, path, status) in [
            (Method::GET, "/health/live", 200),
            (Method::GET, "/api/v1/rule-sets", 200),
            (Method::GET, "/api/v1/users", 401),
            (Method::GET, "/no-such-page", 404),
            (Method::DELETE, "/api/v1/users", 405),
            (Method::GET, "/docs", 308),
        ] {
            let answer = stranger.send(stranger.request(method, path)).await;
            assert_eq!(answer.status, status, "{path}");
            assert_eq!(answer.headers.get(ENVIRONMENT).map(|value| value.to_str().expect("ASCII")), expected, "{path}");
        }
        house.user("siti", "registrar", None).await;
        let tokens = house.sign_in_from("198.51.100.1", "siti", super::support::house::PASSWORD).await.expect(200);
        let token = tokens["access_token"].as_str().expect("a token");
        assert_eq!(issuer(token), json!(if expected.is_some() { "ksnik-demo" } else { "ksnik" }));
    }
}

on_both!(a_token_of_the_demo_opens_nothing_real, both);
async fn a_token_of_the_demo_opens_nothing_real((demo, real): (House, House)) {
    // Signed with the same key and for the same user: only the issuer differs.
    let keyring = real.app.pool.shared().keyring();
    let token_of = |house: &House| {
        let context = house.app.context();
        house.app.issue_token(&keyring, super::support::small_city::id_of("admin"), None, context.new_id(), context.now).expect("a key").0
    };
    let (demo_token, real_token) = (token_of(&demo), token_of(&real));
    assert_eq!(issuer(&demo_token), json!("ksnik-demo"));
    real.stranger().with_token(real_token).get("/api/v1/me").await.expect(200);
    real.stranger().with_token(demo_token).get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");
}
