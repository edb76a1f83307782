//! A request that carries a key is done once.

use actix_web::http::Method;
use ksnik::api::guard::Access;
use ksnik::api::routes::Keys;
use ksnik::api::{openapi, routes};
use ksnik::domain::roles::Role;
use ksnik::service::idempotency;
use serde_json::json;

use super::support::audited::opened;
use super::support::client::Client;
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

/// A user who may call a route.
fn user_for(access: Access) -> Option<&'static str> {
    let Access::Only(roles) = access else { return Some("admin") };
    roles
        .iter()
        .map(|role| match role {
            Role::Admin => "admin",
            Role::Registrar => "registrar",
            Role::Clinic => "clinic",
            Role::Hospital => "hospital",
            Role::Verifier => "verifier",
            Role::Finance => "finance",
            Role::Manager => "manager",
            Role::Auditor => "auditor",
            Role::Dpo => "dpo",
        })
        .next()
}

on_both!(every_post_says_whether_it_takes_a_key_and_does_as_it_says);
async fn every_post_says_whether_it_takes_a_key_and_does_as_it_says(server: Server) {
    let posts: Vec<_> = routes::table().into_iter().filter(|route| route.method == Method::POST).collect();
    for keys in [Keys::Taken, Keys::NotNeeded, Keys::Refused] {
        assert!(posts.iter().any(|route| route.keys == keys), "no POST is {keys:?}");
    }
    let mut wrong = Vec::new();
    for route in posts {
        let nothing = id_of("nothing").to_string();
        let path: Vec<&str> = route.path.split('/').map(|part| if part.starts_with('{') { nothing.as_str() } else { part }).collect();
        let client = server.client().as_role(user_for(route.access).expect("a role"));
        // Whatever else is wrong with the request, only a route that looks at keys can find fault with this one.
        let answer = keyed(&client, "not a key", &path.join("/"), &json!({})).await;
        let parameters = openapi::document()["paths"][route.path]["post"]["parameters"].as_array().cloned().unwrap_or_default();
        let documented = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
        let told = match &answer.json["errors"][0] {
            fault if fault["header"] == "Idempotency-Key" => fault["code"].as_str(),
            _ => None,
        };
        let expected = match route.keys {
            Keys::Taken => (Some("IDEMPOTENCY_KEY_FORMAT"), true),
            Keys::NotNeeded => (None, false),
            Keys::Refused => (Some("IDEMPOTENCY_KEY_NOT_TAKEN"), false),
        };
        if (told, documented) != expected {
            wrong.push(format!("POST {} is declared {:?}; answered {}, documented {documented}", route.path, route.keys, answer.json));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
