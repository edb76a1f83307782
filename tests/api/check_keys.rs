//! Retries of checks: a question with a key is asked once, whatever happens on the way to its answer.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::client::{Answer, Client};
use super::support::on_both;
use super::support::server::Server;

const CHECKS: &str = "/api/v1/eligibility-checks";

fn question(nik: &str) -> Value {
    json!({ "nik": nik, "care_type": "primary" })
}

async fn keyed(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    client.send(client.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
}

async fn recorded(client: &Client) -> usize {
    client.get(&format!("{CHECKS}?limit=200")).await.expect(200)["items"].as_array().map_or(0, Vec::len)
}

on_both!(a_question_with_a_key_is_recorded_once_and_answered_alike);
async fn a_question_with_a_key_is_recorded_once_and_answered_alike(server: Server) {
    let clinic = server.client().as_role("clinic");
    let body = question("3275014501909999");
    let first = keyed(&clinic, CHECKS, "desk-1", &body).await;
    let again = keyed(&clinic, CHECKS, "desk-1", &body).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.text, again.text);
    assert!(first.headers.get("idempotency-replayed").is_none());
    assert_eq!(again.header("idempotency-replayed"), "true");
    keyed(&clinic, CHECKS, "desk-1", &question("3275014501909998")).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(recorded(&clinic).await, 1);
}

on_both!(of_many_at_once_with_one_key_one_is_recorded);
async fn of_many_at_once_with_one_key_one_is_recorded(server: Server) {
    let clinic = server.client().as_role("clinic");
    let body = question("3275014501909999");
    let mut tasks = Vec::new();
    for _ in 0..16 {
        let (clinic, body) = (clinic.clone(), body.clone());
        tasks.push(tokio::spawn(async move { keyed(&clinic, CHECKS, "desk-2", &body).await }));
    }
    let mut answered = std::collections::BTreeSet::new();
    for task in tasks {
        let answer = task.await.unwrap();
        match answer.status {
            201 => {
                answered.insert(answer.json["id"].to_string());
            }
            _ => {
                assert!(answer.headers.contains_key("retry-after"));
                answer.expect_problem(409, "IDEMPOTENCY_IN_PROGRESS");
            }
        }
    }
    assert_eq!(answered.len(), 1);
    assert_eq!(recorded(&clinic).await, 1);
}

on_both!(a_batch_with_a_key_does_the_rest_on_a_retry);
async fn a_batch_with_a_key_does_the_rest_on_a_retry(server: Server) {
    let clinic = server.client().as_role("clinic");
    let path = format!("{CHECKS}/batch");
    let body = json!({ "checks": [question("3275014501909999"), question("no nik"), question("3275014501909998")] });
    let first = keyed(&clinic, &path, "batch-1", &body).await.expect(200);
    let again = keyed(&clinic, &path, "batch-1", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    let again = again.expect(200);
    assert_eq!(first["items"][0], again["items"][0]);
    assert_eq!(first["items"][1]["problem"]["code"], "NIK_FORMAT");
    assert_eq!(recorded(&clinic).await, 2);
    let other = json!({ "checks": [question("3275014501909997"), question("3275014501909996")] });
    keyed(&clinic, &path, "batch-1", &other).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(recorded(&clinic).await, 2);
}

#[test]
fn the_list_of_problem_codes_holds_what_faults_lend() {
    super::support::run(super::support::databases::Engine::Sqlite, async |server: Server| {
        let listed = server.client().get("/api/v1/problem-codes").await.expect(200);
        let codes: Vec<&str> = listed.as_array().unwrap().iter().map(|code| code["code"].as_str().unwrap()).collect();
        assert!(["NIK_FORMAT", "UNKNOWN_FIELD", "IDEMPOTENCY_KEY_REUSED", "FACILITY_REQUIRED"].iter().all(|code| codes.contains(code)), "{codes:?}");
        let once: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(once.len(), codes.len(), "a code stands twice");
        assert!(listed.as_array().unwrap().iter().all(|code| !code["title"].as_str().unwrap().is_empty()));
    });
}
