//! The systems of facilities and their secrets.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::client::{Answer, Client};
use super::support::house::House;
use super::support::on_both;
use super::support::small_city::id_of;

const SYSTEMS: &str = "/api/v1/service-accounts";
const HERE: &str = "198.51.100.1";

/// A hospital's system: its id, its client id and its first secret.
async fn system(house: &House) -> (String, String, String) {
    let body = json!({"name": "SIMRS", "role": "hospital", "facility_id": id_of("rsud")});
    let made = house.admin().post(SYSTEMS, body).await.expect(201);
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    (text("id"), text("client_id"), text("client_secret"))
}

async fn sign_in(house: &House, from: &str, client_id: &str, secret: &str) -> Answer {
    let body = json!({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret});
    house.knock(from, "/api/v1/auth/token", body).await
}

async fn signed_in(house: &House, client_id: &str, secret: &str) -> Client {
    let tokens = sign_in(house, HERE, client_id, secret).await.expect(200);
    house.stranger().with_token(tokens["access_token"].as_str().expect("a token"))
}

async fn post(client: &Client, path: &str) -> Answer {
    client.send(client.request(Method::POST, path)).await
}

on_both!(a_system_signs_in_and_is_what_it_is);
async fn a_system_signs_in_and_is_what_it_is(house: House) {
    let (id, client_id, secret) = system(&house).await;
    let tokens = sign_in(&house, HERE, &client_id, &secret).await.expect(200);
    assert_eq!((tokens.get("refresh_token"), &tokens["expires_in"]), (None, &json!(900)));
    let simrs = signed_in(&house, &client_id, &secret).await;
    let me = simrs.get("/api/v1/me").await.expect(200);
    assert_eq!(
        (&me["id"], &me["username"], &me["role"], &me["facility_id"]),
        (&json!(id), &json!(client_id), &json!("hospital"), &json!(id_of("rsud")))
    );
    simrs.get(SYSTEMS).await.expect_problem(403, "NOT_ALLOWED");
    simrs
        .post("/api/v1/me/password", json!({"current_password": secret, "new_password": "kuda lumping berlari"}))
        .await
        .expect_problem(403, "NOT_ALLOWED");
    assert_eq!(post(&simrs, "/api/v1/auth/logout").await.status, 204);

    let shown = house.admin().get(&format!("{SYSTEMS}/{id}")).await;
    assert!(!shown.text.contains(&secret), "a secret is shown twice");
    assert_eq!(shown.expect(200)["secrets"].as_array().map(Vec::len), Some(1));
    let list = house.admin().get(&format!("{SYSTEMS}?facility_id={}", id_of("rsud"))).await.expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
}

on_both!(secrets_change_over_without_a_pause_and_end_at_once);
async fn secrets_change_over_without_a_pause_and_end_at_once(house: House) {
    let (id, client_id, old) = system(&house).await;
    let (admin, secrets) = (house.admin(), format!("{SYSTEMS}/{id}/secrets"));
    let before = signed_in(&house, &client_id, &old).await;
    let new = post(&admin, &secrets).await.expect(201);
    post(&admin, &secrets).await.expect_problem(409, "SECRETS_EXHAUSTED");
    let after = signed_in(&house, &client_id, new["client_secret"].as_str().expect("a secret")).await;
    before.get("/api/v1/me").await.expect(200);

    let live = admin.get(&format!("{SYSTEMS}/{id}")).await.expect(200)["secrets"].clone();
    let ends = live[0]["id"].as_str().expect("an id");
    assert_ne!(live[0]["id"], new["id"]);
    let left = post(&admin, &format!("{secrets}/{ends}/end")).await.expect(200);
    assert_eq!((&left["secrets"][0]["id"], left["secrets"].as_array().map(Vec::len)), (&new["id"], Some(1)));
    post(&admin, &format!("{secrets}/{ends}/end")).await.expect_problem(404, "NOT_FOUND");
    before.get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");
    after.get("/api/v1/me").await.expect(200);
    sign_in(&house, HERE, &client_id, &old).await.expect_problem(401, "SIGN_IN_FAILED");
    post(&admin, &secrets).await.expect(201);
}

on_both!(a_system_is_shut_out_and_let_in_again);
async fn a_system_is_shut_out_and_let_in_again(house: House) {
    let (id, client_id, secret) = system(&house).await;
    let place = format!("{SYSTEMS}/{id}");
    let simrs = signed_in(&house, &client_id, &secret).await;
    house.admin().patch(&place, "\"1\"", json!({"active": false})).await.expect(200);
    simrs.get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");
    sign_in(&house, HERE, &client_id, &secret).await.expect_problem(401, "SIGN_IN_FAILED");
    house.admin().patch(&place, "\"1\"", json!({"active": true})).await.expect_problem(412, "IF_MATCH_STALE");
    let named = house.admin().patch(&place, "\"2\"", json!({"active": true, "name": "SIMRS baru"})).await.expect(200);
    assert_eq!(named["name"], json!("SIMRS baru"));
    signed_in(&house, &client_id, &secret).await;
}

on_both!(a_system_with_a_wrong_secret_is_shut_out_alone);
async fn a_system_with_a_wrong_secret_is_shut_out_alone(house: House) {
    let (_, client_id, secret) = system(&house).await;
    house.user("siti", "registrar", None).await;
    for _ in 0..10 {
        sign_in(&house, HERE, &client_id, "ksnik_an-old-one").await.expect_problem(401, "SIGN_IN_FAILED");
    }
    sign_in(&house, HERE, &client_id, &secret).await.expect_problem(429, "SIGN_IN_LOCKED");
    sign_in(&house, "203.0.113.9", &client_id, &secret).await.expect(200);
    house.sign_in_from(HERE, "siti", super::support::house::PASSWORD).await.expect(200);
}

on_both!(systems_belong_to_facilities);
async fn systems_belong_to_facilities(house: House) {
    let admin = house.admin();
    let with = |changes: Value| {
        let mut body = json!({"name": "SIMRS", "role": "hospital", "facility_id": id_of("rsud")});
        body.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        body
    };
    for (changes, code) in [
        (json!({"role": "admin"}), "FACILITY_NOT_FOR_ROLE"),
        (json!({"role": "clinic"}), "FACILITY_KIND_NOT_FOR_ROLE"),
        (json!({"facility_id": id_of("nowhere")}), "FACILITY_UNKNOWN"),
        (json!({"facility_id": null}), "WRONG_TYPE"),
        (json!({"client_id": "mine"}), "UNKNOWN_FIELD"),
    ] {
        admin.post(SYSTEMS, with(changes)).await.expect_problem(422, code);
    }
    let nobody = format!("{SYSTEMS}/{}", id_of("nobody"));
    admin.get(&nobody).await.expect_problem(404, "NOT_FOUND");
    post(&admin, &format!("{nobody}/secrets")).await.expect_problem(404, "NOT_FOUND");
    house.server.client().as_role("registrar").post(SYSTEMS, with(json!({}))).await.expect_problem(403, "NOT_ALLOWED");
}
