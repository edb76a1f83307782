//! Clients that send the same request several times at once, each time with the same key.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::server::Server;

const FACILITIES: &str = "/api/v1/facilities";

pub fn clinic(name: &str) -> Value {
    json!({"name": name, "kind": "clinic", "government": false, "inside_city": true, "code": name})
}

pub async fn keyed(client: &Client, key: &str, path: &str, body: &Value) -> Answer {
    client.send(client.request(reqwest::Method::POST, path).header("Idempotency-Key", key).json(body)).await
}

/// Registers a facility for each number, asking three times at once and once more when all have been answered. One of the three may be told to wait;
/// whoever is answered is answered the same. The facility's code would betray a second registration.
pub async fn send_each_three_times(server: &Server, numbers: Range<usize>) {
    let admin = server.client().as_role("admin");
    let sent = numbers.clone().chain(numbers.clone()).chain(numbers).map(|number| {
        let admin = admin.clone();
        tokio::spawn(async move { (number, keyed(&admin, &format!("key-{number}"), FACILITIES, &clinic(&format!("KLINIK-{number}"))).await) })
    });
    let mut answers = HashMap::<usize, Vec<Answer>>::new();
    for answer in sent.collect::<Vec<_>>() {
        let (number, answer) = answer.await.expect("an answer");
        answers.entry(number).or_default().push(answer);
    }
    for (number, answers) in answers {
        let late = keyed(&admin, &format!("key-{number}"), FACILITIES, &clinic(&format!("KLINIK-{number}"))).await;
        assert_eq!((late.status, late.header("idempotency-replayed")), (201, "true"));
        assert!(answers.iter().any(|answer| answer.status == 201), "nobody was answered");
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
}
