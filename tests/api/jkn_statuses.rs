//! JKN statuses: a new one ends the open one, and what is closed stays.

use serde_json::{Value, json};

use super::people::{faults, path_of, register};
use super::support::on_both;
use super::support::server::Server;

fn status(state: &str, from: &str, to: Option<&str>) -> Value {
    json!({"segment": "PBI_APBN", "state": state, "valid_from": from, "valid_to": to})
}

on_both!(a_status_ends_the_one_before);
async fn a_status_ends_the_one_before(server: Server) {
    let registrar = server.client().as_role("registrar");
    let who = register(&registrar, 9001, json!({})).await;
    let (put, list) = (format!("{}/jkn-status", path_of(&who)), format!("{}/jkn-statuses", path_of(&who)));
    let history = async || {
        let items = registrar.get(&list).await.expect(200)["items"].clone();
        let text = |value: &Value| value.as_str().unwrap_or("open").to_owned();
        items
            .as_array()
            .unwrap()
            .iter()
            .map(|item| format!("{} {} {}", text(&item["state"]), text(&item["valid_from"]), text(&item["valid_to"])))
            .collect::<Vec<_>>()
    };
    registrar.put(&put, status("active", "2020-01-01", None)).await.expect(201);
    registrar.put(&put, status("active", "2020-01-01", None)).await.expect(200);
    registrar.put(&put, status("inactive", "2024-02-01", None)).await.expect(201);
    assert_eq!(history().await, ["inactive 2024-02-01 open", "active 2020-01-01 2024-01-31"]);
    let seen = registrar.get(&path_of(&who)).await.expect(200);
    assert_eq!(seen["jkn"], json!({"segment": "PBI_APBN", "state": "inactive", "valid_from": "2024-02-01", "valid_to": null}));

    for overlapping in
        [status("active", "2019-01-01", Some("2020-01-01")), status("active", "2023-12-01", None), status("active", "2018-01-01", None)]
    {
        registrar.put(&put, overlapping).await.expect_problem(409, "JKN_PERIOD_OVERLAPS");
    }
    registrar.put(&put, status("arrears", "2018-01-01", Some("2018-12-31"))).await.expect(201);
    registrar.put(&put, status("arrears", "2024-02-01", Some("2024-06-30"))).await.expect(201);
    assert_eq!(history().await, ["arrears 2024-02-01 2024-06-30", "active 2020-01-01 2024-01-31", "arrears 2018-01-01 2018-12-31"]);

    assert_eq!(
        faults(&registrar.put(&put, status("active", "2025-01-02", Some("2025-01-01"))).await.expect(422)),
        ["/valid_to ENDS_BEFORE_BEGINNING"]
    );
    let wrong = json!({"segment": "PBI", "state": "active", "valid_from": "2025-02-29"});
    assert_eq!(faults(&registrar.put(&put, wrong).await.expect(422)), ["/segment UNKNOWN_VALUE", "/valid_from NOT_A_DATE"]);
    registrar.put("/api/v1/participants/0190a000-0000-7000-8000-000000000000/jkn-status", status("active", "2025-01-01", None)).await.expect(404);
    server.client().as_role("verifier").get(&list).await.expect_problem(403, "NOT_ALLOWED");
    server.client().as_role("auditor").get(&list).await.expect(200);
}
