//! Clients that send the same request several times at once, each time with the same key.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::client::{Answer, Client};

pub fn clinic(name: &str) -> Value {
    json!({"name": name, "kind": "clinic", "government": false, "inside_city": true, "code": name})
}

pub async fn keyed(client: &Client, key: &str, path: &str, body: &Value) -> Answer {
    client.send(client.request(reqwest::Method::POST, path).header("Idempotency-Key", key).json(body)).await
}

/// For each number, posts its body three times at once and once more when all have been answered. Whoever comes while the first is at work is told to
/// wait; whoever is answered is answered the same.
pub async fn send_each_three_times(client: &Client, path: &'static str, numbers: Range<usize>, body: impl Fn(usize) -> Value) {
    let sent = numbers.clone().chain(numbers.clone()).chain(numbers).map(|number| {
        let (client, body) = (client.clone(), body(number));
        tokio::spawn(async move { (number, keyed(&client, &format!("key-{number}"), path, &body).await) })
    });
    let mut answers = HashMap::<usize, Vec<Answer>>::new();
    for answer in sent.collect::<Vec<_>>() {
        let (number, answer) = answer.await.expect("an answer");
        answers.entry(number).or_default().push(answer);
    }
    for (number, answers) in answers {
        let late = keyed(client, &format!("key-{number}"), path, &body(number)).await;
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
