//! Reviews: nobody is refused by a machine alone.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::harness::count;
use super::people::{nik, register};
use super::questions::{CHECKS, ask, codes, decision, keeps_promises, path_of, question, rule};
use super::support::client::{Answer, Client};
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::{NOBODY, PEOPLE, id_of};

const REVIEWS: &str = "/api/v1/eligibility-reviews";

async fn ask_for_review(client: &Client, check: &Value) -> Answer {
    client.post(&format!("{}/reviews", path_of(check)), json!({"reason": "she was born here"})).await
}

async fn decide(client: &Client, review: &Value, decision: &str) -> Answer {
    client.post(&format!("{}/decision", path(review)), json!({"decision": decision, "note": "seen in the archive"})).await
}

fn path(review: &Value) -> String {
    format!("{REVIEWS}/{}", review["id"].as_str().expect("an id"))
}

/// A check that said no, asked by this user.
async fn refused(server: &DatedServer, user: &str) -> Value {
    // Known, and nowhere registered as a resident.
    let mut body = question(json!({"nik": PEOPLE[0].0}));
    if user == "registrar" || user == "admin" {
        body["facility_id"] = json!(id_of("rsud"));
    }
    ask(&server.client().as_role(user), body).await
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("an instant").parse().expect("RFC 3339")
}

on_both!(a_granted_review_makes_a_new_check_in_the_place_of_the_refused_one);
async fn a_granted_review_makes_a_new_check_in_the_place_of_the_refused_one(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({"resident_since": "2026-11-01"})).await;
    let (hospital, admin) = (server.client().as_role("hospital"), server.client().as_role("admin"));
    let check = ask(&hospital, question(json!({"nik": nik(9001), "claimed_name": "Wulan Sari"}))).await;
    assert_eq!((codes(&check, "fail"), codes(&check, "unknown")), (vec!["RESIDENCY_TOO_SHORT"], vec!["IDENTITY_DIFFERS"]));

    let asked = ask_for_review(&hospital, &check).await;
    let place = asked.header("location").to_owned();
    let asked = asked.expect(201);
    assert_eq!((place, &asked["state"], &asked["reason"]), (path(&asked), &json!("open"), &json!("she was born here")));
    assert_eq!((&asked["check_id"], &asked["asked_by"], &asked["overdue"]), (&check["id"], &json!(id_of("hospital")), &json!(false)));
    assert_eq!(instant(&asked["due_at"]) - instant(&asked["asked_at"]), Duration::hours(72));
    let again = ask_for_review(&hospital, &check).await.expect_problem(409, "REVIEW_ALREADY_OPEN");
    assert_eq!(again["existing"]["id"], asked["id"]);

    server.put_forward(Duration::minutes(5));
    let granted = decide(&admin, &asked, "grant").await.expect(200);
    assert_eq!(
        (&granted["state"], &granted["note"], &granted["decided_by"]),
        (&json!("granted"), &json!("seen in the archive"), &json!(id_of("admin")))
    );
    let new = hospital.get(&format!("{CHECKS}/{}", granted["new_check_id"].as_str().expect("a new check"))).await.expect(200);
    keeps_promises(&new);
    assert_eq!((decision(&new), &new["override_of"]), ("eligible", &check["id"]));
    assert_eq!((codes(&new, "warn"), &rule(&new, "REVIEW_GRANTED")["field"]), (vec!["REVIEW_GRANTED"], &json!("override_of")));
    for field in ["rule_set", "service_date", "care_type", "facility_id", "participant", "identity_match", "sources", "valid_until"] {
        assert_eq!(new[field], check[field], "{field}");
    }
    assert_eq!(hospital.get(&path_of(&check)).await.expect(200), check, "what was refused stays as it was");
    for check in [&check, &new] {
        let replayed = admin.post(&format!("{}/replay", path_of(check)), json!({})).await.expect(200);
        assert_eq!((&replayed["identical"], &replayed["decision"]), (&json!(true), &check["decision"]));
    }
    decide(&admin, &asked, "refuse").await.expect_problem(409, "STATE_CONFLICT");
    ask_for_review(&hospital, &new).await.expect_problem(409, "STATE_CONFLICT");
}

on_both!(no_review_makes_an_unknown_number_a_person);
async fn no_review_makes_an_unknown_number_a_person(server: DatedServer) {
    let hospital = server.client().as_role("hospital");
    for who in [json!({"nik": NOBODY}), json!({"card_number": "KS-9999"})] {
        let check = ask(&hospital, question(who)).await;
        ask_for_review(&hospital, &check).await.expect_problem(409, "REVIEW_NEEDS_PERSON");
    }
}

on_both!(a_refused_review_changes_nothing_and_may_be_asked_again);
async fn a_refused_review_changes_nothing_and_may_be_asked_again(server: DatedServer) {
    let (hospital, admin) = (server.client().as_role("hospital"), server.client().as_role("admin"));
    let check = refused(&server, "hospital").await;
    let asked = ask_for_review(&hospital, &check).await.expect(201);
    let answered = decide(&admin, &asked, "refuse").await.expect(200);
    assert_eq!((&answered["state"], &answered["new_check_id"]), (&json!("refused"), &Value::Null));
    assert_eq!(hospital.get(&path(&asked)).await.expect(200), answered);
    assert_eq!(count(server.database(), "SELECT count(*) FROM eligibility_checks"), 1);
    assert_ne!(ask_for_review(&hospital, &check).await.expect(201)["id"], asked["id"]);
}

on_both!(nobody_decides_on_what_they_asked);
async fn nobody_decides_on_what_they_asked(server: DatedServer) {
    let admin = server.client().as_role("admin");
    let own_check = refused(&server, "admin").await;
    let by_hospital = ask_for_review(&server.client().as_role("hospital"), &own_check).await.expect(201);
    decide(&admin, &by_hospital, "grant").await.expect_problem(409, "DECIDES_OWN_REQUEST");
    for user in ["hospital", "registrar", "clinic", "auditor", "verifier"] {
        decide(&server.client().as_role(user), &by_hospital, "grant").await.expect_problem(403, "NOT_ALLOWED");
    }
    assert_eq!(admin.get(&path(&by_hospital)).await.expect(200)["state"], "open");
}

on_both!(who_gives_no_care_asks_for_no_review);
async fn who_gives_no_care_asks_for_no_review(server: DatedServer) {
    for user in ["admin", "registrar"] {
        let own = refused(&server, user).await;
        ask_for_review(&server.client().as_role(user), &own).await.expect_problem(403, "NOT_ALLOWED");
    }
    // The counter of a Puskesmas may do what a clinic may.
    for user in ["counter", "clinic", "hospital"] {
        let own = refused(&server, user).await;
        ask_for_review(&server.client().as_role(user), &own).await.expect(201);
    }
}

on_both!(a_facility_sees_its_own_reviews);
async fn a_facility_sees_its_own_reviews(server: DatedServer) {
    let mut reviews = Vec::new();
    for (checked_by, user) in [("hospital", "hospital"), ("other_hospital", "other_hospital"), ("registrar", "hospital")] {
        let check = refused(&server, checked_by).await;
        reviews.push(ask_for_review(&server.client().as_role(user), &check).await.expect(201));
        if checked_by == "hospital" {
            for stranger in ["other_hospital", "clinic", "counter"] {
                ask_for_review(&server.client().as_role(stranger), &check).await.expect_problem(404, "NOT_FOUND");
            }
        }
    }
    // The registrar checked a patient at the hospital's counter.
    for (user, sees) in [
        ("hospital", [true, false, true]),
        ("other_hospital", [false, true, false]),
        ("registrar", [false, false, false]),
        ("clinic", [false, false, false]),
        ("admin", [true, true, true]),
        ("auditor", [true, true, true]),
    ] {
        let client = server.client().as_role(user);
        for (review, sees) in reviews.iter().zip(sees) {
            assert_eq!(client.get(&path(review)).await.status, if sees { 200 } else { 404 }, "{user}");
        }
        let expected: Vec<&Value> = reviews.iter().zip(sees).rev().filter(|(_, sees)| *sees).map(|(review, _)| &review["id"]).collect();
        let answer = client.get(REVIEWS).await;
        assert!(!answer.text.contains("born here"), "a reason in a list");
        let listed = answer.expect(200);
        let listed: Vec<&Value> = listed["items"].as_array().expect("a list").iter().map(|review| &review["id"]).collect();
        assert_eq!(listed, expected, "{user}");
    }
    let admin = server.client().as_role("admin");
    decide(&admin, &reviews[0], "refuse").await.expect(200);
    for (state, length) in [("open", 2), ("refused", 1), ("granted", 0)] {
        let listed = admin.get(&format!("{REVIEWS}?state={state}")).await.expect(200);
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(length), "{state}");
    }
    server.put_forward(Duration::hours(73));
    let late = server.client().as_role("admin").get(&format!("{REVIEWS}?state=open")).await.expect(200);
    assert!(late["items"].as_array().expect("a list").iter().all(|review| review["overdue"] == true));
}

on_both!(of_many_grants_at_once_one_makes_a_check);
async fn of_many_grants_at_once_one_makes_a_check(server: DatedServer) {
    let check = refused(&server, "hospital").await;
    let review = ask_for_review(&server.client().as_role("hospital"), &check).await.expect(201);
    let decided: Vec<_> = (0..8)
        .map(|_| {
            let (admin, review) = (server.client().as_role("admin"), review.clone());
            tokio::spawn(async move { decide(&admin, &review, "grant").await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for answer in decided {
        statuses.push(answer.await.expect("an answer"));
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(count(server.database(), "SELECT count(*) FROM eligibility_checks WHERE override_of IS NOT NULL"), 1);
}
