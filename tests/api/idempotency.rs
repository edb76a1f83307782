//! A request that carries a key is done once.

use actix_web::http::Method;
use ksnik::api::routes::Keys;
use ksnik::api::{openapi, routes};
use ksnik::service::idempotency;
use serde_json::json;

use super::samples::caller_of;
use super::support::audited::opened;
use super::support::client::Client;
use super::support::house::House;
use super::support::on_both;
use super::support::retries::{clinic, keyed, send_each_three_times};
use super::support::server::Server;
use super::support::small_city::{self, id_of};

const FACILITIES: &str = "/api/v1/facilities";

async fn count(client: &Client) -> usize {
    client.get(FACILITIES).await.expect(200)["items"].as_array().map_or(0, Vec::len)
}

on_both!(the_same_request_is_done_once_and_answered_the_same);
async fn the_same_request_is_done_once_and_answered_the_same(server: Server) {
    let admin = server.client().as_role("admin");
    let before = count(&admin).await;
    let first = keyed(&admin, "k-1", FACILITIES, &clinic("KLINIK-A")).await;
    let again = keyed(&admin, "k-1", FACILITIES, &clinic("KLINIK-A")).await;
    assert_eq!((first.status, again.status, &first.text), (201, 201, &again.text));
    for name in ["location", "etag", "content-type"] {
        assert_eq!(first.header(name), again.header(name));
    }
    assert_eq!((first.headers.get("idempotency-replayed"), again.header("idempotency-replayed")), (None, "true"));
    keyed(&admin, "k-1", FACILITIES, &clinic("KLINIK-B")).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(count(&admin).await, before + 1);

    // Another route is another key, and so is the same route of another thing.
    for facility in ["klinik", "rs_lepas"] {
        let terminate = format!("{FACILITIES}/{}/contracts", id_of(facility));
        let status = keyed(&admin, "k-1", &terminate, &json!({"valid_from": "2010-01-01", "valid_to": "2010-12-31"})).await.status;
        assert_eq!(status, 201, "{facility}");
    }
}

on_both!(a_refused_request_may_be_sent_again_with_its_key);
async fn a_refused_request_may_be_sent_again_with_its_key(server: Server) {
    let admin = server.client().as_role("admin");
    let mut body = clinic("KLINIK-A");
    body["code"] = json!("RSUD");
    keyed(&admin, "k", FACILITIES, &body).await.expect_problem(409, "FACILITY_CODE_TAKEN");
    keyed(&admin, "k", FACILITIES, &clinic("KLINIK-A")).await.expect(201);
}

on_both!(a_key_is_looked_at_before_anything_else);
async fn a_key_is_looked_at_before_anything_else(server: Server) {
    let admin = server.client().as_role("admin");
    for key in ["", "a b", &"k".repeat(256)] {
        let problem = keyed(&admin, key, FACILITIES, &clinic("KLINIK-A")).await.expect_problem(422, "IDEMPOTENCY_KEY_FORMAT");
        assert_eq!(problem["errors"][0]["header"], "Idempotency-Key");
    }
    keyed(&admin, &"k".repeat(255), FACILITIES, &clinic("KLINIK-A")).await.expect(201);
}

on_both!(of_many_at_once_one_is_done);
async fn of_many_at_once_one_is_done(server: Server) {
    let admin = server.client().as_role("admin");
    let before = count(&admin).await;
    send_each_three_times(&admin, FACILITIES, 0..20, |number| clinic(&format!("KLINIK-{number}"))).await;
    assert_eq!(count(&admin).await, before + 20);
}

on_both!(an_answer_is_kept_sealed_and_for_its_time);
async fn an_answer_is_kept_sealed_and_for_its_time(server: Server) {
    let admin = server.client().as_role("admin");
    keyed(&admin, "k-secret", FACILITIES, &clinic("KLINIK-X")).await.expect(201);
    let (app, mut db) = opened(server.database());
    let old = app.context().now.minus(chrono::Duration::days(app.settings.idempotency.keep_days + 1));
    assert!(!idempotency::forget_old(&app, &mut db).unwrap());
    assert_eq!(keyed(&admin, "k-secret", FACILITIES, &clinic("KLINIK-X")).await.header("idempotency-replayed"), "true");

    let stored = small_city::column(&app, "SELECT answer AS value FROM idempotency");
    assert!(stored.len() == 1 && !String::from_utf8_lossy(&stored[0]).contains("KLINIK"));
    small_city::execute(&app, &format!("UPDATE idempotency SET created_at = '{}'", old.naive().format("%Y-%m-%d %H:%M:%S")));
    idempotency::forget_old(&app, &mut db).unwrap();
    keyed(&admin, "k-secret", FACILITIES, &clinic("KLINIK-X")).await.expect_problem(409, "FACILITY_CODE_TAKEN");
}

on_both!(a_password_is_set_once_for_each_key_and_kept_nowhere);
async fn a_password_is_set_once_for_each_key_and_kept_nowhere(house: House) {
    const NEW: &str = "gajah mada naik perahu";
    let id = house.user("siti", "registrar", None).await;
    let path = format!("/api/v1/users/{id}/password");
    let body = json!({"password": NEW, "must_change_password": false});
    let admin = house.admin();
    let first = keyed(&admin, "k", &path, &body).await;
    assert_eq!((first.status, first.text.as_str(), first.headers.get("content-type")), (204, "", None));
    // Whoever signs in meanwhile is not signed out by a retry.
    let tokens = house.sign_in_from("198.51.100.1", "siti", NEW).await.expect(200);
    let siti = house.stranger().with_token(tokens["access_token"].as_str().expect("a token"));
    let again = keyed(&admin, "k", &path, &body).await;
    assert_eq!((again.status, again.text.as_str(), again.header("idempotency-replayed")), (204, "", "true"));
    siti.get("/api/v1/me").await.expect(200);
    keyed(&admin, "k", &path, &json!({"password": "becak di malam hari"})).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
    let events = house.server.client().as_role("auditor").get("/api/v1/audit/events?kind=user.password_set").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1));

    // The own password: the retry's current one is no longer right, and counts as no guess.
    let newest = "becak di malam hari";
    let body = json!({"current_password": NEW, "new_password": newest});
    keyed(&siti, "own", "/api/v1/me/password", &body).await.expect(204);
    for _ in 0..12 {
        let again = keyed(&siti, "own", "/api/v1/me/password", &body).await;
        assert_eq!((again.status, again.header("idempotency-replayed")), (204, "true"));
    }
    siti.post("/api/v1/me/password", body).await.expect_problem(422, "PASSWORD_WRONG");
    house.sign_in_from("198.51.100.1", "siti", newest).await.expect(200);

    // The same password under two keys leaves no equal traces, so that nobody can try passwords against them.
    keyed(&admin, "k-2", &path, &json!({"password": NEW, "must_change_password": false})).await.expect(204);
    let mut prints = small_city::column(&house.app, "SELECT fingerprint AS value FROM idempotency");
    assert_eq!(prints.len(), 3);
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), 3);
}

on_both!(a_refused_password_may_be_sent_again_with_its_key);
async fn a_refused_password_may_be_sent_again_with_its_key(house: House) {
    let id = house.user("siti", "registrar", None).await;
    let path = format!("/api/v1/users/{id}/password");
    keyed(&house.admin(), "k", &path, &json!({"password": "rahasia123"})).await.expect_problem(422, "PASSWORD_COMMON");
    keyed(&house.admin(), "k", &path, &json!({"password": "gajah mada naik perahu"})).await.expect(204);
    let nobody = format!("/api/v1/users/{}/password", id_of("nobody"));
    keyed(&house.admin(), "k", &nobody, &json!({"password": "gajah mada naik perahu"})).await.expect_problem(404, "NOT_FOUND");
}

on_both!(a_key_is_refused_where_the_answer_shows_a_secret);
async fn a_key_is_refused_where_the_answer_shows_a_secret(server: Server) {
    const SYSTEMS: &str = "/api/v1/service-accounts";
    let admin = server.client().as_role("admin");
    let body = json!({"name": "SIMRS", "role": "hospital", "facility_id": id_of("rsud")});
    let refused = keyed(&admin, "k", SYSTEMS, &body).await.expect_problem(422, "IDEMPOTENCY_KEY_NOT_TAKEN");
    assert_eq!(refused["errors"][0]["header"], "Idempotency-Key");
    let made = admin.post(SYSTEMS, body).await.expect(201);
    let secrets = format!("{SYSTEMS}/{}/secrets", made["id"].as_str().expect("an id"));
    keyed(&admin, "k", &secrets, &json!(null)).await.expect_problem(422, "IDEMPOTENCY_KEY_NOT_TAKEN");
    let list = admin.get(SYSTEMS).await.expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "what was refused was not done");
    let (app, _) = opened(server.database());
    assert_eq!(small_city::column(&app, "SELECT fingerprint AS value FROM idempotency").len(), 0);
    for path in [SYSTEMS, "/api/v1/service-accounts/{id}/secrets"] {
        let told = openapi::document()["paths"][path]["post"]["responses"]["422"]["description"].as_str().expect("a text");
        assert!(told.contains("IDEMPOTENCY_KEY_NOT_TAKEN"), "{path}: {told}");
    }
}

on_both!(every_post_says_whether_it_takes_a_key_and_does_as_it_says);
async fn every_post_says_whether_it_takes_a_key_and_does_as_it_says(server: Server) {
    let posts: Vec<_> = routes::table().into_iter().filter(|route| route.method == Method::POST).collect();
    for keys in [Keys::Taken, Keys::Required, Keys::NotNeeded, Keys::Refused] {
        assert!(posts.iter().any(|route| route.keys == keys), "no POST is {keys:?}");
    }
    let mut wrong = Vec::new();
    for route in posts {
        let nothing = id_of("nothing").to_string();
        let path: Vec<&str> = route.path.split('/').map(|part| if part.starts_with('{') { nothing.as_str() } else { part }).collect();
        let client = server.client().as_role(caller_of(route.access));
        // Whatever else is wrong with the request, only a route that looks at keys can find fault with this one.
        let answer = keyed(&client, "not a key", &path.join("/"), &json!({})).await;
        let parameters = openapi::document()["paths"][route.path]["post"]["parameters"].as_array().cloned().unwrap_or_default();
        let documented = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
        let told = match &answer.json["errors"][0] {
            fault if fault["header"] == "Idempotency-Key" => fault["code"].as_str(),
            _ => None,
        };
        let expected = match route.keys {
            Keys::Taken | Keys::Required => (Some("IDEMPOTENCY_KEY_FORMAT"), true),
            Keys::NotNeeded => (None, false),
            Keys::Refused => (Some("IDEMPOTENCY_KEY_NOT_TAKEN"), false),
        };
        let without = client.post(&path.join("/"), json!({})).await;
        let missed = without.json["code"] == "IDEMPOTENCY_KEY_MISSING";
        if missed != (route.keys == Keys::Required) || (missed && without.status != 400) {
            wrong.push(format!("POST {} is declared {:?}; without a key it answered {}", route.path, route.keys, without.json));
        }
        if (told, documented) != expected {
            wrong.push(format!("POST {} is declared {:?}; answered {}, documented {documented}", route.path, route.keys, answer.json));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
