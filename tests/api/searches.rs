//! Finding people by what one knows of them.

use serde_json::{Value, json};

use super::people::{KK, OTHER_VILLAGE, SEARCH, VILLAGE, faults, register};
use super::support::client::Client;
use super::support::on_both;
use super::support::server::Server;

/// Names, NIKs and birth dates that differ, in one household but for the last.
async fn some_people(client: &Client) {
    for (serial, name, birth_date, village, kk) in [
        (9001, "Hj. Melati Kusuma Dewi", "1990-02-15", VILLAGE, KK),
        (9002, "Melati Anggraini", "1950-07-01", VILLAGE, KK),
        (9003, "Dewi Melati", "2015-03-01", OTHER_VILLAGE, KK),
        (9004, "Nur'aini", "1990-02-15", VILLAGE, KK),
        (9005, "Bagus Kusuma", "1985-12-31", OTHER_VILLAGE, "3275012001159008"),
    ] {
        register(client, serial, json!({"name": name, "birth_date": birth_date, "village_code": village, "kk_number": kk, "relation": "other", "resident_since": "2015-03-01"})).await;
    }
}

async fn names(client: &Client, search: Value) -> Vec<String> {
    let found = client.post(SEARCH, search).await.expect(200);
    let mut names: Vec<String> = found["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

on_both!(people_are_found_by_what_is_known_of_them);
async fn people_are_found_by_what_is_known_of_them(server: Server) {
    let registrar = server.client().as_role("registrar");
    some_people(&registrar).await;
    for (search, expected) in [
        (json!({"name": "melati"}), vec!["Dewi Melati", "Hj. Melati Kusuma Dewi", "Melati Anggraini"]),
        (json!({"name": "DEWI melati"}), vec!["Dewi Melati", "Hj. Melati Kusuma Dewi"]),
        (json!({"name": "Melati Kusuma Dewi", "birth_date": "1990-02-15"}), vec!["Hj. Melati Kusuma Dewi"]),
        (json!({"name": "kusuma", "birth_date": "1990-02-15"}), vec!["Hj. Melati Kusuma Dewi"]),
        (json!({"name": "kusuma", "birth_date": "1990-02-16"}), vec![]),
        (json!({"name": "nuraini"}), vec!["Nur'aini"]),
        (json!({"name": "melat"}), vec![]),
        (json!({"name": "melati", "village_code": OTHER_VILLAGE}), vec!["Dewi Melati"]),
        (json!({"kk_number": KK, "birth_date": "1990-02-15"}), vec!["Hj. Melati Kusuma Dewi", "Nur'aini"]),
        (json!({"kk_number": KK, "name": "anggraini"}), vec!["Melati Anggraini"]),
        (json!({"kk_number": "3275012001159099"}), vec![]),
        (json!({"village_code": OTHER_VILLAGE}), vec!["Bagus Kusuma", "Dewi Melati"]),
        (json!({"village_code": OTHER_VILLAGE, "birth_date": "1985-12-31"}), vec!["Bagus Kusuma"]),
        (json!({"village_code": OTHER_VILLAGE, "state": "deceased"}), vec![]),
        (json!({"name": "melati", "state": "active", "kk_number": KK}), vec!["Dewi Melati", "Hj. Melati Kusuma Dewi", "Melati Anggraini"]),
    ] {
        assert_eq!(names(&registrar, search.clone()).await, expected, "{search}");
    }
    let found = registrar.post(SEARCH, json!({"name": "nuraini"})).await.expect(200)["items"][0].clone();
    assert_eq!((&found["nik_masked"], &found["birth_date"], &found["state"]), (&json!("3275**********04"), &json!("1990-02-15"), &json!("active")));
}

on_both!(a_search_must_not_be_too_wide);
async fn a_search_must_not_be_too_wide(server: Server) {
    let registrar = server.client().as_role("registrar");
    for search in [
        json!({}),
        json!({"birth_date": "1990-02-15"}),
        json!({"state": "active"}),
        json!({"name": " - "}),
        json!({"birth_date": "1990-02-15", "state": "active"}),
    ] {
        registrar.post(SEARCH, search).await.expect_problem(422, "SEARCH_TOO_WIDE");
    }
    let wrong = registrar.post(SEARCH, json!({"name": "", "kk_number": 1, "village_code": "x", "mother": "y"})).await.expect(422);
    assert_eq!(faults(&wrong), ["/kk_number KK_FORMAT", "/mother UNKNOWN_FIELD", "/name TOO_SHORT", "/village_code VILLAGE_FORMAT"]);
    for role in ["clinic", "hospital", "finance", "manager", "dpo"] {
        server.client().as_role(role).post(SEARCH, json!({"name": "melati"})).await.expect_problem(403, "NOT_ALLOWED");
    }
    for role in ["admin", "verifier", "auditor"] {
        server.client().as_role(role).post(SEARCH, json!({"name": "melati"})).await.expect(200);
    }
}

on_both!(long_lists_come_page_by_page);
async fn long_lists_come_page_by_page(server: Server) {
    let registrar = server.client().as_role("registrar");
    some_people(&registrar).await;
    for search in
        [json!({"name": "melati"}), json!({"kk_number": KK}), json!({"village_code": VILLAGE}), json!({"name": "kusuma", "birth_date": "1990-02-15"})]
    {
        let whole = registrar.post(&format!("{SEARCH}?limit=200"), search.clone()).await.expect(200);
        assert_eq!(whole["next_cursor"], Value::Null);
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = registrar.post(&format!("{SEARCH}?limit=1{cursor}"), search.clone()).await.expect(200);
            let found = page["items"].as_array().expect("a list").clone();
            assert!(found.len() <= 1);
            items.extend(found);
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
            assert!(items.len() < 20, "it never ends");
        }
        assert_eq!(json!(items), whole["items"], "{search}");
    }
    registrar.post(&format!("{SEARCH}?cursor=%21"), json!({"name": "melati"})).await.expect(422);
    registrar.post(&format!("{SEARCH}?limit=0"), json!({"name": "melati"})).await.expect(422);
}
