//! S-12: a list of ten thousand numbers, tried one after the other by somebody who works at a hospital.

use serde_json::json;

use super::support::on_both;
use super::support::server::Server;
use super::support::small_city::PEOPLE;

const NUMBERS: usize = 10_000;
/// Three in a thousand.
const MOST_ANSWERED: usize = 30;

on_both!(
    #[ignore = "minutes"]
    a_list_of_numbers_yields_next_to_nothing
);
async fn a_list_of_numbers_yields_next_to_nothing(server: Server) {
    let hospital = server.client().as_role("hospital");
    let mut answered = 0;
    for number in 0..NUMBERS {
        // Every tenth is somebody's.
        let nik = if number % 10 == 0 { PEOPLE[0].0.to_owned() } else { format!("32750101019{number:05}") };
        let answer = hospital.post("/api/v1/eligibility-checks", json!({"nik": nik, "care_type": "emergency"})).await;
        match answer.status {
            201 => answered += 1,
            _ => drop(answer.expect_problem(429, "TOO_MANY_UNKNOWN")),
        }
    }
    assert!(answered <= MOST_ANSWERED, "{answered} of {NUMBERS}");
    println!("{answered} of {NUMBERS} numbers were answered");
}
