//! Looking medical codes up.

use serde_json::{Value, json};

use super::support::client::Client;
use super::support::databases::Engine;
use super::support::run;
use super::support::server::Server;

const DIAGNOSES: &str = "/api/v1/codes/diagnoses";
const PROCEDURES: &str = "/api/v1/codes/procedures";

async fn codes(client: &Client, path: &str) -> Vec<String> {
    let list = client.get(path).await.expect(200);
    list["items"].as_array().expect("a list").iter().map(|item| item["code"].as_str().expect("a code").to_owned()).collect()
}

// No line of this reads the database.
#[test]
fn a_clerk_finds_codes_and_pages_through_them() {
    run(Engine::Sqlite, async |server: Server| {
        let clerk = server.client().as_role("hospital");
        assert_eq!(codes(&clerk, &format!("{DIAGNOSES}?query=j02")).await, ["J02", "J02.0", "J02.8", "J02.9"]);
        assert_eq!(codes(&clerk, &format!("{DIAGNOSES}?query=neck+femur+fracture")).await, ["S72.0"]);
        assert_eq!(codes(&clerk, &format!("{PROCEDURES}?query=4701")).await, ["47.01"]);
        assert_eq!(codes(&clerk, &format!("{PROCEDURES}?query=laparoscopic%20append")).await, ["47.01", "47.11"]);
        assert_eq!(codes(&clerk, &format!("{DIAGNOSES}?query=nothing+of+the+kind")).await, Vec::<String>::new());
        let first = clerk.get(&format!("{DIAGNOSES}?query=j02&limit=3")).await.expect(200);
        assert_eq!(
            (&first["items"][0], &first["next_cursor"]),
            (&json!({"code": "J02", "title": "Acute pharyngitis", "has_longer": true, "valid_from": null, "valid_to": null}), &json!("J02.8"))
        );
        let rest = clerk.get(&format!("{DIAGNOSES}?query=j02&limit=3&cursor=J02.8")).await.expect(200);
        assert_eq!((&rest["items"][0]["code"], &rest["next_cursor"]), (&json!("J02.9"), &Value::Null));
        let exact = clerk.get(&format!("{DIAGNOSES}?query=j02&limit=4")).await.expect(200);
        assert_eq!(exact["next_cursor"], Value::Null);
        assert_eq!(codes(&clerk, DIAGNOSES).await.len(), 50);
        assert_eq!(codes(&clerk, &format!("{DIAGNOSES}?limit=200&date=1999-01-01")).await.len(), 200);
        for (query, parameter, code) in [
            ("limit=0", "limit", "OUT_OF_RANGE"),
            ("limit=201", "limit", "OUT_OF_RANGE"),
            ("cursor=x", "cursor", "WRONG_FORMAT"),
            ("date=tomorrow", "date", "WRONG_FORMAT"),
            ("colour=red", "colour", "UNKNOWN_PARAMETER"),
        ] {
            let problem = clerk.get(&format!("{DIAGNOSES}?{query}")).await.expect(422);
            assert_eq!((&problem["errors"][0]["parameter"], &problem["errors"][0]["code"]), (&json!(parameter), &json!(code)), "{query}");
        }
        let long = format!("{DIAGNOSES}?cursor=x&limit=0&query={}", "a".repeat(101));
        assert_eq!(clerk.get(&long).await.expect(422)["errors"].as_array().map(Vec::len), Some(3));
    });
}
