//! Users, as an admin keeps them and as they keep themselves.

use serde_json::{Value, json};

use super::support::client::Client;
use super::support::house::{House, PASSWORD};
use super::support::small_city::id_of;
use super::support::{on_both, rows};

const USERS: &str = "/api/v1/users";
const NEW: &str = "gajah mada naik perahu";

fn body(username: &str) -> Value {
    json!({"username": username, "password": PASSWORD, "name": "Uji Coba", "role": "registrar"})
}

fn faults(problem: &Value) -> Vec<String> {
    let found = problem["errors"].as_array().expect("a list").iter();
    let mut found: Vec<String> = found.map(|fault| format!("{} {}", fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect();
    found.sort();
    found
}

on_both!(a_user_is_made_read_and_changed);
async fn a_user_is_made_read_and_changed(house: House) {
    let admin = house.admin();
    let made = admin.post(USERS, body("siti")).await;
    assert_eq!(made.header("etag"), "\"1\"");
    let place = made.header("location").to_owned();
    assert!(!made.text.contains("password_hash") && !made.text.contains(PASSWORD), "{}", made.text);
    let made = made.expect(201);
    assert_eq!(place, format!("{USERS}/{}", made["id"].as_str().expect("an id")));
    assert_eq!((&made["active"], &made["must_change_password"], &made["facility_id"]), (&json!(true), &json!(false), &Value::Null));

    let auditor = house.server.client().as_role("auditor");
    let read = auditor.get(&place).await;
    assert_eq!((read.header("etag"), &read.json), ("\"1\"", &made));
    auditor.patch(&place, "\"1\"", json!({"active": false})).await.expect_problem(403, "NOT_ALLOWED");
    let metrics = house.stranger().get("/metrics").await.text;
    assert!(metrics.lines().any(|line| line.starts_with("ksnik_denied_total{role=\"auditor\"")), "a denied call is not counted");

    let counter = json!({"name": "Siti Loket", "facility_id": id_of("puskesmas")});
    let changed = admin.patch(&place, "\"1\"", counter).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["name"], &changed["facility_id"], &changed["role"]),
        (&json!("Siti Loket"), &json!(id_of("puskesmas")), &json!("registrar"))
    );
    let cleared = admin.patch(&place, "\"2\"", json!({"facility_id": null})).await.expect(200);
    assert_eq!((&cleared["facility_id"], &cleared["name"]), (&Value::Null, &json!("Siti Loket")));

    admin.patch(&place, "\"1\"", json!({"name": "x"})).await.expect_problem(412, "IF_MATCH_STALE");
    admin.send(admin.request(reqwest::Method::PATCH, &place).json(&json!({"name": "x"}))).await.expect_problem(428, "IF_MATCH_MISSING");
    for (change, code) in [
        (json!({"name": null}), "WRONG_TYPE"),
        (json!({"name": ""}), "TOO_SHORT"),
        (json!({"username": "other"}), "UNKNOWN_FIELD"),
        (json!({"role": "king"}), "UNKNOWN_VALUE"),
        (json!({"role": "hospital"}), "FACILITY_NEEDED"),
        (json!({"facility_id": id_of("rsud")}), "FACILITY_KIND_NOT_FOR_ROLE"),
    ] {
        admin.patch(&place, "\"3\"", change).await.expect_problem(422, code);
    }
    let nobody = format!("{USERS}/{}", id_of("nobody"));
    admin.get(&nobody).await.expect_problem(404, "NOT_FOUND");
    admin.patch(&nobody, "\"1\"", json!({"name": "x"})).await.expect_problem(404, "NOT_FOUND");
    admin.get(&format!("{USERS}/siti")).await.expect_problem(404, "NOT_FOUND");
    assert_eq!(rows::count(&house, "SELECT count(*) FROM audit_events WHERE kind IN ('user.created', 'user.changed')"), 3);
}

on_both!(every_fault_of_a_new_user_is_told);
async fn every_fault_of_a_new_user_is_told(house: House) {
    let admin = house.admin();
    let with = |changes: Value| {
        let mut body = body("siti");
        body.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        body
    };
    for (changes, expected) in [
        (json!({"username": "Siti A", "password": "pendek"}), vec!["/password TOO_SHORT", "/username USERNAME_FORMAT"]),
        (json!({"username": "ab", "name": "", "role": "king"}), vec!["/name TOO_SHORT", "/role UNKNOWN_VALUE", "/username TOO_SHORT"]),
        (json!({"password": "x".repeat(257)}), vec!["/password TOO_LONG"]),
        (json!({"password": "Rahasia2026"}), vec!["/password PASSWORD_COMMON"]),
        (json!({"username": "siti.aminah", "password": "Siti.Aminah!"}), vec!["/password PASSWORD_IS_USERNAME"]),
        (json!({"password": "bismillah", "role": "clinic"}), vec!["/facility_id FACILITY_NEEDED", "/password PASSWORD_COMMON"]),
        (json!({"role": "admin", "facility_id": id_of("rsud")}), vec!["/facility_id FACILITY_NOT_FOR_ROLE"]),
        (json!({"role": "clinic", "facility_id": id_of("rsud")}), vec!["/facility_id FACILITY_KIND_NOT_FOR_ROLE"]),
        (json!({"role": "hospital", "facility_id": id_of("nowhere")}), vec!["/facility_id FACILITY_UNKNOWN"]),
        (json!({"facility_id": "rsud"}), vec!["/facility_id WRONG_FORMAT"]),
        (json!({"admin": true}), vec!["/admin UNKNOWN_FIELD"]),
    ] {
        assert_eq!(faults(&admin.post(USERS, with(changes.clone())).await.expect(422)), expected, "{changes}");
    }
    admin.post(USERS, with(json!({"password": "x".repeat(100) + "ü y z"}))).await.expect(201);
    admin.post(USERS, body("siti")).await.expect_problem(409, "USERNAME_TAKEN");
}

on_both!(a_user_is_made_once_for_each_key);
async fn a_user_is_made_once_for_each_key(house: House) {
    let admin = house.admin();
    let keyed = async |body: Value| admin.send(admin.request(reqwest::Method::POST, USERS).header("Idempotency-Key", "k-1").json(&body)).await;
    let first = keyed(body("siti")).await;
    let again = keyed(body("siti")).await;
    assert_eq!((again.header("idempotency-replayed"), again.header("etag"), &again.json), ("true", "\"1\"", &first.json));
    first.expect(201);
    keyed(body("budi")).await.expect_problem(422, "IDEMPOTENCY_KEY_REUSED");
}

on_both!(users_are_listed_newest_first_and_narrowed);
async fn users_are_listed_newest_first_and_narrowed(house: House) {
    for number in 0..5 {
        house.user(&format!("clerk-{number}"), "clinic", Some("klinik")).await;
    }
    let names = |list: &Value| -> Vec<String> {
        list["items"].as_array().expect("a list").iter().map(|user| user["username"].as_str().expect("a name").to_owned()).collect()
    };
    let admin = house.admin();
    let here = format!("{USERS}?facility_id={}&role=clinic&active=true&limit=4", id_of("klinik"));
    let first = admin.get(&here).await.expect(200);
    assert_eq!(names(&first), ["clerk-4", "clerk-3", "clerk-2", "clerk-1"]);
    let second = admin.get(&format!("{here}&cursor={}", first["next_cursor"].as_str().expect("more"))).await.expect(200);
    assert_eq!((names(&second), &second["next_cursor"]), (vec!["clerk-0".to_owned(), "clinic".to_owned()], &Value::Null));
    assert_eq!(names(&admin.get(&format!("{USERS}?active=false")).await.expect(200)).len(), 0);
    admin.get(&format!("{USERS}?role=king&name=x")).await.expect(422);
    house.server.client().as_role("clinic").get(USERS).await.expect_problem(403, "NOT_ALLOWED");
}

async fn status(client: &Client, path: &str) -> u16 {
    client.get(path).await.status
}

on_both!(a_change_counts_from_the_next_request_on);
async fn a_change_counts_from_the_next_request_on(house: House) {
    let id = house.user("siti", "registrar", None).await;
    let place = format!("{USERS}/{id}");
    let (siti, refresh_token) = house.session("siti").await;
    assert_eq!(status(&siti, USERS).await, 403);
    house.admin().patch(&place, "\"1\"", json!({"role": "auditor"})).await.expect(200);
    assert_eq!(status(&siti, USERS).await, 200, "the new role does not count");

    house.admin().patch(&place, "\"2\"", json!({"active": false})).await.expect(200);
    siti.get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");
    house.admin().patch(&place, "\"3\"", json!({"active": true})).await.expect(200);
    siti.get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");
    house.refresh_from("198.51.100.1", &refresh_token).await.expect_problem(401, "SIGN_IN_REQUIRED");
    assert_eq!(status(&house.session("siti").await.0, USERS).await, 200);
}

on_both!(the_last_active_admin_stays);
async fn the_last_active_admin_stays(house: House) {
    let (admin, place) = (house.admin(), format!("{USERS}/{}", id_of("admin")));
    for change in [json!({"active": false}), json!({"role": "auditor"})] {
        admin.patch(&place, "\"1\"", change).await.expect_problem(409, "LAST_ADMIN");
    }
    let second = format!("{USERS}/{}", house.user("second", "admin", None).await);
    let other = house.session("second").await.0;
    // Each disables the other at the same moment: one of them is the last.
    let (one, two) = tokio::join!(other.patch(&place, "\"1\"", json!({"active": false})), admin.patch(&second, "\"1\"", json!({"active": false})));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert!(statuses == [200, 409] || statuses == [200, 401], "{statuses:?}");
    assert_eq!(rows::count(&house, "SELECT count(*) FROM users WHERE role = 'admin' AND active"), 1);
}

on_both!(who_must_change_the_password_can_do_nothing_else);
async fn who_must_change_the_password_can_do_nothing_else(house: House) {
    let id = house.user("siti", "auditor", None).await;
    let (earlier, _) = house.session("siti").await;
    let set = house.admin().post(&format!("{USERS}/{id}/password"), json!({"password": NEW})).await;
    assert_eq!((set.status, set.text.as_str()), (204, ""));
    earlier.get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");
    house.sign_in_from("198.51.100.1", "siti", PASSWORD).await.expect_problem(401, "SIGN_IN_FAILED");

    let tokens = house.sign_in_from("198.51.100.1", "siti", NEW).await.expect(200);
    let siti = house.stranger().with_token(tokens["access_token"].as_str().expect("a token"));
    for path in [USERS, "/api/v1/eligibility-checks", "/api/v1/service-accounts"] {
        siti.get(path).await.expect_problem(403, "PASSWORD_CHANGE_REQUIRED");
    }
    assert_eq!(siti.get("/api/v1/me").await.expect(200)["must_change_password"], json!(true));
    let change = |new: &str| json!({"current_password": NEW, "new_password": new});
    siti.post("/api/v1/me/password", change(NEW)).await.expect_problem(422, "PASSWORD_UNCHANGED");
    siti.post("/api/v1/me/password", change("perahu kecil berlayar")).await.expect(204);
    assert_eq!(status(&siti, USERS).await, 200);
}

on_both!(a_user_changes_their_password_and_ends_other_sessions);
async fn a_user_changes_their_password_and_ends_other_sessions(house: House) {
    house.user("siti", "registrar", None).await;
    let (here, token) = house.session("siti").await;
    let (there, other_token) = house.session("siti").await;
    for (current, new, expected) in [
        ("not the password", NEW, "/current_password PASSWORD_WRONG"),
        (PASSWORD, "pendek", "/new_password TOO_SHORT"),
        (PASSWORD, "rahasia123", "/new_password PASSWORD_COMMON"),
        (PASSWORD, PASSWORD, "/new_password PASSWORD_UNCHANGED"),
    ] {
        let answer = here.post("/api/v1/me/password", json!({"current_password": current, "new_password": new})).await;
        assert_eq!(faults(&answer.expect(422)), [expected]);
    }
    here.post("/api/v1/me/password", json!({"current_password": PASSWORD, "new_password": NEW})).await.expect(204);
    here.get("/api/v1/me").await.expect(200);
    there.get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");
    house.refresh_from("198.51.100.1", &other_token).await.expect_problem(401, "SIGN_IN_REQUIRED");
    house.refresh_from("198.51.100.1", &token).await.expect(200);
    house.sign_in_from("198.51.100.1", "siti", PASSWORD).await.expect_problem(401, "SIGN_IN_FAILED");
    house.sign_in_from("198.51.100.1", "siti", NEW).await.expect(200);
}

on_both!(a_stolen_session_does_not_lead_to_the_password);
async fn a_stolen_session_does_not_lead_to_the_password(house: House) {
    house.user("siti", "registrar", None).await;
    let (stolen, _) = house.session("siti").await;
    for _ in 0..10 {
        let guess = json!({"current_password": "not the password", "new_password": NEW});
        stolen.post("/api/v1/me/password", guess).await.expect_problem(422, "PASSWORD_WRONG");
    }
    let right = stolen.post("/api/v1/me/password", json!({"current_password": PASSWORD, "new_password": NEW})).await;
    assert!(right.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 800));
    right.expect_problem(429, "SIGN_IN_LOCKED");
    house.sign_in_from("198.51.100.1", "siti", PASSWORD).await.expect(200);
}
