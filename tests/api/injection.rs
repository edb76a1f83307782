//! Texts that are also SQL (S-03): looked for, stored and read back as the texts they are.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::support::client::Client;
use super::support::databases::{Database, Engine, Seed};
use super::support::on_both;
use super::support::server::Server;
use super::support::small_city::PEOPLE;

const PAYLOADS: &[&str] = &[
    "'",
    "''",
    "' OR '1'='1",
    "' OR 1=1 --",
    "' OR 1=1 /*",
    "') OR ('1'='1",
    "\" OR \"\"=\"",
    "1; DROP TABLE users; --",
    "'; DROP TABLE participants; --",
    "'; DELETE FROM audit_events; --",
    "' UNION SELECT name FROM sqlite_schema --",
    "' UNION SELECT NULL, NULL, NULL --",
    "'; UPDATE users SET role='admin'; --",
    "'||(SELECT pg_sleep(5))||'",
    "'; SELECT pg_sleep(5); --",
    "1 AND randomblob(500000000)",
    "$$; DROP TABLE users; $$",
    "\\'; DROP TABLE users; --",
    "%' --",
    "_%",
    "%",
    "' || chr(39) || '",
    "' LIMIT 1 OFFSET 1 --",
    "{{7*7}}${7*7}",
    "x' AND 1=CAST((SELECT version()) AS int) --",
];

const NONE_SLOWER_THAN: Duration = Duration::from_secs(4);

fn without_end(engine: Engine) -> Option<Server> {
    // Unknown cards are counted; here many are asked for.
    let patient = [("checks.unknown_per_account", "100000"), ("checks.unknown_per_facility", "100000")];
    Database::copy_of(engine, Seed::City).map(|database| Server::with(database, &patient))
}

async fn everything(admin: &Client, auditor: &Client) -> [Value; 4] {
    let users = admin.get("/api/v1/users").await.expect(200);
    let facilities = admin.get("/api/v1/facilities").await.expect(200);
    let people = admin.post("/api/v1/participants/lookup", json!({"nik": PEOPLE[0].0})).await.expect(200);
    let whole = auditor.get("/api/v1/audit/verify").await.expect(200)["intact"].clone();
    [users, facilities, people, whole]
}

on_both!(what_is_looked_for_is_never_run, without_end);
async fn what_is_looked_for_is_never_run(server: Server) {
    let of = |name| server.client().as_role(name);
    let (admin, auditor, clinic, hospital) = (of("admin"), of("auditor"), of("clinic"), of("hospital"));
    let before = everything(&admin, &auditor).await;
    for payload in PAYLOADS {
        let began = Instant::now();
        let encoded: String = payload.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in [
            format!("/api/v1/referrals/{encoded}"),
            format!("/api/v1/users/{encoded}"),
            format!("/api/v1/imports/templates/{encoded}.csv"),
            format!("/api/v1/facilities?cursor={encoded}"),
            format!("/api/v1/facilities?kind={encoded}"),
            format!("/api/v1/imports?state={encoded}"),
            format!("/api/v1/eligibility-checks?facility_id={encoded}"),
        ] {
            let client = if path.contains("referrals") { &hospital } else { &admin };
            let answer = client.get(&path).await;
            assert!([404, 422].contains(&answer.status), "{path}: {}", answer.text);
        }
        let events = auditor.get(&format!("/api/v1/audit/events?kind={encoded}")).await;
        assert!(events.status == 422 || events.json["items"] == json!([]), "{payload}: {}", events.text);
        let found = admin.post("/api/v1/participants/search", json!({"name": payload})).await;
        assert!(found.status == 422 || found.json["items"] == json!([]), "{payload}: {}", found.text);
        let looked = admin.post("/api/v1/participants/lookup", json!({"card_number": payload})).await;
        assert!([404, 422].contains(&looked.status), "{payload}: {}", looked.text);
        for body in [
            json!({"card_number": payload}),
            json!({"nik": PEOPLE[0].0, "referral_number": payload}),
            json!({"nik": PEOPLE[0].0, "claimed_name": payload}),
            json!({"nik": PEOPLE[0].0, "referral_source": "paper", "issued_on": "2026-01-02", "from_facility_code": payload}),
        ] {
            let mut body = body;
            body["care_type"] = json!("outpatient");
            let is_eligible = clinic.post("/api/v1/eligibility-checks", body).await;
            assert!([201, 422].contains(&is_eligible.status) && is_eligible.json["decision"] != "eligible", "{payload}: {}", is_eligible.text);
        }
        let sign_in = server.client().post("/api/v1/auth/token", json!({"username": payload, "password": payload})).await;
        assert!([401, 429].contains(&sign_in.status), "{payload}: {}", sign_in.text);
        assert!(began.elapsed() < NONE_SLOWER_THAN, "{payload} took {:?}", began.elapsed());
    }
    assert_eq!(everything(&admin, &auditor).await, before);
}

on_both!(what_is_stored_is_read_back_as_it_came, without_end);
async fn what_is_stored_is_read_back_as_it_came(server: Server) {
    let admin = server.client().as_role("admin");
    for payload in PAYLOADS {
        let facility = json!({"name": payload, "code": payload, "address": payload, "kind": "clinic", "government": false, "inside_city": true});
        let made = admin.post("/api/v1/facilities", facility).await;
        let place = made.header("location").to_owned();
        made.expect(201);
        let read = admin.get(&place).await.expect(200);
        assert_eq!([&read["name"], &read["code"], &read["address"]], [payload; 3]);
        let corrected = admin.patch(&place, "\"1\"", json!({"name": format!("{payload} 2")})).await.expect(200);
        assert_eq!(corrected["name"], format!("{payload} 2"));
    }
}
