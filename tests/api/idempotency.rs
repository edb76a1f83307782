//! A request that carries a key is done once.

use std::collections::HashMap;

use actix_web::http::Method;
use ksnik::api::guard::Access;
use ksnik::api::{openapi, routes};
use ksnik::domain::roles::Role;
use serde_json::{Value, json};

use super::support::client::{Answer, Client};
use super::support::on_both;
use super::support::server::Server;
use super::support::small_city::id_of;

const FACILITIES: &str = "/api/v1/facilities";

fn clinic(name: &str) -> Value {
    json!({"name": name, "kind": "clinic", "government": false, "inside_city": true})
}

async fn keyed(client: &Client, key: &str, path: &str, body: &Value) -> Answer {
    client.send(client.request(reqwest::Method::POST, path).header("Idempotency-Key", key).json(body)).await
}

async fn count(client: &Client) -> usize {
    client.get(FACILITIES).await.expect(200)["items"].as_array().map_or(0, Vec::len)
}

on_both!(the_same_request_is_done_once_and_answered_the_same);
async fn the_same_request_is_done_once_and_answered_the_same(server: Server) {
    let admin = server.client().as_role("admin");
    let before = count(&admin).await;
    let first = keyed(&admin, "k-1", FACILITIES, &clinic("Klinik A")).await;
    let again = keyed(&admin, "k-1", FACILITIES, &clinic("Klinik A")).await;
    assert_eq!((first.status, again.status, &first.text), (201, 201, &again.text));
    for name in ["location", "etag", "content-type"] {
        assert_eq!(first.header(name), again.header(name));
    }
    assert_eq!((first.headers.get("idempotency-replayed"), again.header("idempotency-replayed")), (None, "true"));
    keyed(&admin, "k-1", FACILITIES, &clinic("Klinik B")).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
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
    let mut body = clinic("Klinik A");
    body["code"] = json!("RSUD");
    keyed(&admin, "k", FACILITIES, &body).await.expect_problem(409, "FACILITY_CODE_TAKEN");
    keyed(&admin, "k", FACILITIES, &clinic("Klinik A")).await.expect(201);
}

on_both!(a_key_is_looked_at_before_anything_else);
async fn a_key_is_looked_at_before_anything_else(server: Server) {
    let admin = server.client().as_role("admin");
    for key in ["", "a b", &"k".repeat(256)] {
        let problem = keyed(&admin, key, FACILITIES, &clinic("Klinik A")).await.expect_problem(422, "IDEMPOTENCY_KEY_FORMAT");
        assert_eq!(problem["errors"][0]["header"], "Idempotency-Key");
    }
    keyed(&admin, &"k".repeat(255), FACILITIES, &clinic("Klinik A")).await.expect(201);
}

on_both!(of_many_at_once_one_is_done);
async fn of_many_at_once_one_is_done(server: Server) {
    let admin = server.client().as_role("admin");
    let before = count(&admin).await;
    const KEYS: usize = 20;
    let sent = (0..KEYS * 3).map(|number| {
        let admin = admin.clone();
        tokio::spawn(async move {
            let key = number % KEYS;
            (key, keyed(&admin, &format!("key-{key}"), FACILITIES, &clinic(&format!("Klinik {key}"))).await)
        })
    });
    let mut answers = HashMap::<usize, Vec<Answer>>::new();
    for answer in sent.collect::<Vec<_>>() {
        let (key, answer) = answer.await.expect("an answer");
        answers.entry(key).or_default().push(answer);
    }
    for (key, answers) in answers {
        let late = keyed(&admin, &format!("key-{key}"), FACILITIES, &clinic(&format!("Klinik {key}"))).await;
        assert_eq!(late.header("idempotency-replayed"), "true");
        for answer in answers {
            match answer.status {
                201 => assert_eq!(answer.text, late.text),
                409 => {
                    assert_eq!(answer.header("retry-after"), "1");
                    answer.expect_problem(409, "IDEMPOTENCY_IN_PROGRESS");
                }
                other => panic!("{other}: {}", answer.text),
            }
        }
    }
    assert_eq!(count(&admin).await, before + KEYS);
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
    assert!(posts.iter().any(|route| route.keyed) && posts.iter().any(|route| !route.keyed));
    for route in posts {
        let path = ["{id}", "{cid}", "{event_id}"].iter().fold(route.path.to_owned(), |path, part| path.replace(part, &id_of("nothing").to_string()));
        let client = server.client().as_role(user_for(route.access).expect("a role"));
        // Whatever else is wrong with the request, only a route that takes keys can find fault with this one.
        let answer = keyed(&client, "not a key", &path, &json!({})).await;
        let found = answer.json["code"] == "IDEMPOTENCY_KEY_FORMAT";
        assert_eq!(found, route.keyed, "POST {}: {}", route.path, answer.text);
        let parameters = openapi::document()["paths"][route.path]["post"]["parameters"].as_array().cloned().unwrap_or_default();
        let documented = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
        assert_eq!(documented, route.keyed, "POST {} in the document", route.path);
    }
}
