//! Referrals: written by a Puskesmas or clinic, read by whom they concern.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};

use super::support::client::Client;
use super::support::on_both;
use super::support::server::Server;
use super::support::small_city::{NOBODY, PEOPLE, id_of};

const REFERRALS: &str = "/api/v1/referrals";

fn today() -> NaiveDate {
    (Utc::now() + chrono::Duration::hours(7)).date_naive()
}

fn siti() -> Value {
    json!({"nik": PEOPLE[0].0, "diagnosis_code": "j029", "issued_on": today(), "reason": "demam sejak lima hari"})
}

fn with(field: &str, value: Value) -> Value {
    let mut body = siti();
    body[field] = value;
    body
}

fn to(facility: &str) -> Value {
    with("to_facility_id", json!(id_of(facility)))
}

async fn look_up(client: &Client, nik: &str) -> super::support::client::Answer {
    client.post(&format!("{REFERRALS}/lookup"), json!({"nik": nik})).await
}

on_both!(a_referral_is_numbered_and_read_again);
async fn a_referral_is_numbered_and_read_again(server: Server) {
    let counter = server.client().as_role("counter");
    let made = counter.post(REFERRALS, siti()).await;
    let place = made.header("location").to_owned();
    let made = made.expect(201);
    let number = format!("R-3275-{}-000001", today().format("%Y"));
    assert_eq!((&made["number"], place), (&json!(number), format!("{REFERRALS}/{number}")));
    assert_eq!((&made["diagnosis_code"], &made["from_facility_id"]), (&json!("J02.9"), &json!(id_of("puskesmas"))));
    assert_eq!(made["valid_until"], json!(today() + Days::new(90)));
    assert_eq!((&made["participant"]["name"], &made["participant"]["nik_masked"]), (&json!(PEOPLE[0].1), &json!("3275**********01")));
    assert_eq!(counter.get(&format!("{REFERRALS}/{number}")).await.expect(200), made);
    assert_eq!(counter.get(&format!("{REFERRALS}?direction=out")).await.expect(200)["items"], json!([made]));
    assert_eq!(server.client().as_role("clinic").get(REFERRALS).await.expect(200)["items"], json!([]));
}

on_both!(every_fault_of_a_referral_is_told);
async fn every_fault_of_a_referral_is_told(server: Server) {
    let clinic = server.client().as_role("clinic");
    for (body, code) in [
        (with("nik", json!("327501450190900")), "NIK_FORMAT"),
        (with("nik", json!(NOBODY)), "NIK_NOT_FOUND"),
        (with("diagnosis_code", json!("J2.9")), "ICD10_FORMAT"),
        (with("issued_on", json!(today() + Days::new(1))), "DATE_IN_FUTURE"),
        (with("valid_until", json!(today() - Days::new(1))), "BEFORE_FROM"),
        (with("valid_until", json!(today() + Days::new(91))), "REFERRAL_TOO_LONG"),
        (to("klinik"), "NOT_A_HOSPITAL"),
        (to("nowhere"), "FACILITY_UNKNOWN"),
    ] {
        let problem = clinic.post(REFERRALS, body).await.expect_problem(422, code);
        assert!(!problem.to_string().contains(&NOBODY[..12]), "a NIK in an error");
    }
    let mut both = to("klinik");
    both["issued_on"] = json!("2999-01-01");
    assert_eq!(clinic.post(REFERRALS, both).await.expect(422)["errors"].as_array().map(Vec::len), Some(2));
    for user in ["hospital", "registrar", "admin", "auditor"] {
        server.client().as_role(user).post(REFERRALS, siti()).await.expect_problem(403, "NOT_ALLOWED");
    }
}

on_both!(a_referral_is_seen_by_whom_it_concerns);
async fn a_referral_is_seen_by_whom_it_concerns(server: Server) {
    let clinic = server.client().as_role("clinic");
    let named = clinic.post(REFERRALS, to("rsud")).await.expect(201);
    let open = clinic.post(REFERRALS, siti()).await.expect(201);
    for (user, sees_named, sees_open) in [
        ("clinic", true, true),
        ("counter", false, false),
        ("hospital", true, true),
        ("other_hospital", false, true),
        ("unbound_hospital", false, false),
    ] {
        let client = server.client().as_role(user);
        for (referral, sees) in [(&named, sees_named), (&open, sees_open)] {
            let answer = client.get(&format!("{REFERRALS}/{}", referral["number"].as_str().unwrap())).await;
            assert_eq!(answer.status, if sees { 200 } else { 404 }, "{user}");
        }
        if user.ends_with("hospital") {
            let found = look_up(&client, PEOPLE[0].0).await;
            let expected: Vec<&Value> =
                [(&open, sees_open), (&named, sees_named)].into_iter().filter(|(_, sees)| *sees).map(|(referral, _)| referral).collect();
            match expected[..] {
                [] => drop(found.expect_problem(404, "NOT_FOUND")),
                _ => assert_eq!(found.expect(200)["items"], json!(expected), "{user}"),
            }
            let listed = client.get(REFERRALS).await.expect(200)["items"].as_array().map(Vec::len);
            assert_eq!(listed, Some(usize::from(user == "hospital")), "{user}");
        }
    }
    let hospital = server.client().as_role("hospital");
    let (known, unknown) = (look_up(&hospital, PEOPLE[1].0).await, look_up(&hospital, NOBODY).await);
    assert_eq!((known.status, &known.json["detail"]), (404, &unknown.json["detail"]), "someone without a referral and nobody are told apart");
}

on_both!(an_expired_referral_is_not_found_by_the_nik);
async fn an_expired_referral_is_not_found_by_the_nik(server: Server) {
    let clinic = server.client().as_role("clinic");
    let mut old = with("issued_on", json!(today() - Days::new(100)));
    let made = clinic.post(REFERRALS, old.clone()).await.expect(201);
    assert_eq!(made["valid_until"], json!(today() - Days::new(10)));
    let hospital = server.client().as_role("hospital");
    look_up(&hospital, PEOPLE[0].0).await.expect_problem(404, "NOT_FOUND");
    old["issued_on"] = json!(today() - Days::new(90));
    old["valid_until"] = json!(today());
    clinic.post(REFERRALS, old).await.expect(201);
    look_up(&hospital, PEOPLE[0].0).await.expect(200);
}

on_both!(numbers_are_never_given_twice);
async fn numbers_are_never_given_twice(server: Server) {
    let issued = (0..240).map(|at| {
        let client = server.client().as_role(if at % 3 == 0 { "counter" } else { "clinic" });
        tokio::spawn(async move { client.post(REFERRALS, siti()).await.expect(201)["number"].as_str().unwrap().to_owned() })
    });
    let mut numbers = BTreeSet::new();
    for number in issued.collect::<Vec<_>>() {
        assert!(numbers.insert(number.await.expect("an answer")));
    }
    assert_eq!(numbers.len(), 240);
}

on_both!(a_key_belongs_to_the_facility_and_its_replay_is_a_reading);
async fn a_key_belongs_to_the_facility_and_its_replay_is_a_reading(server: Server) {
    let keyed = async |user: &str| {
        let client = server.client().as_role(user);
        client.send(client.request(reqwest::Method::POST, REFERRALS).header("Idempotency-Key", "k").json(&siti())).await
    };
    let first = keyed("clinic").await;
    let (again, other) = (keyed("clinic").await, keyed("counter").await);
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_ne!(other.json["number"], first.json["number"]);

    let auditor = server.client().as_role("auditor");
    let events = auditor.get(&format!("/api/v1/audit/events?kind=answer.replayed&participant_id={}", id_of(PEOPLE[0].0))).await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1));
}

on_both!(who_asks_for_unknown_niks_too_often_is_stopped);
async fn who_asks_for_unknown_niks_too_often_is_stopped(server: Server) {
    let hospital = server.client().as_role("hospital");
    for _ in 0..20 {
        look_up(&hospital, NOBODY).await.expect_problem(404, "NOT_FOUND");
    }
    look_up(&hospital, PEOPLE[0].0).await.expect_problem(429, "TOO_MANY_UNKNOWN");
    look_up(&server.client().as_role("other_hospital"), NOBODY).await.expect_problem(404, "NOT_FOUND");
}
