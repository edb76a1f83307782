//! Guarantee letters: on a check that is good now, once, for as long as the rules say; and what becomes of them.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use chrono::Duration;
use ksnik::privacy::keyring::signature_holds;
use serde_json::{Value, json};

use super::check_progress::{homeless, letter as bring_letter};
use super::harness::count;
use super::people::{faults, nik, path_of as person_path, register};
use super::questions::{CHECKS, ask, question};
use super::support::client::{Answer, Client};
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::id_of;

pub const LETTERS: &str = "/api/v1/guarantee-letters";

/// What an account of the ledger holds, over all pots and years.
fn balance(server: &DatedServer, account: &str) -> i64 {
    count(server.database(), &format!("SELECT CAST(coalesce(sum(balance), 0) AS BIGINT) FROM ledger_balances WHERE account = '{account}'"))
}

async fn checked(server: &DatedServer, serial: u16, changes: Value) -> Value {
    register(&server.client().as_role("admin"), serial, json!({})).await;
    let mut body = question(json!({"nik": nik(serial)}));
    super::people::change(&mut body, changes);
    ask(&server.client().as_role("hospital"), body).await
}

async fn issue(client: &Client, check: &Value, changes: Value) -> Answer {
    let mut body = json!({"check_id": check["id"], "diagnosis_code": "J189", "ward_class": "III"});
    super::people::change(&mut body, changes);
    client.post_keyed(LETTERS, body).await
}

fn path(letter: &Value) -> String {
    format!("{LETTERS}/{}", letter["id"].as_str().expect("an id"))
}

async fn act(client: &Client, letter: &Value, action: &str, body: Value) -> Answer {
    client.post_keyed(&format!("{}/{action}", path(letter)), body).await
}

async fn verdict(server: &DatedServer, token: &str) -> Value {
    server.client().post(&format!("{LETTERS}/verify"), json!({ "token": token })).await.expect(200)
}

on_both!(a_letter_is_issued_used_and_left);
async fn a_letter_is_issued_used_and_left(server: DatedServer) {
    let check = checked(&server, 9100, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let answer = issue(&hospital, &check, json!({"estimated_amount": 6_000_000})).await;
    let place = answer.header("location").to_owned();
    let letter = answer.expect(201);
    assert_eq!(place, path(&letter));
    for (field, expected) in [
        ("number", json!("SJP-3275-2026-000001")),
        ("state", json!("issued")),
        ("diagnosis_code", json!("J18.9")),
        ("valid_from", json!("2026-11-21")),
        ("valid_until", json!("2026-12-04")),
        ("reserved_amount", json!(6_000_000)),
        ("complete_by", Value::Null),
        ("warnings", json!([])),
    ] {
        assert_eq!(letter[field], expected, "{field}");
    }
    assert_eq!(letter["participant"]["name"], "Wulan Teladan");
    assert_eq!((balance(&server, "reserved"), balance(&server, "available")), (6_000_000, -6_000_000));
    let fresh = verdict(&server, letter["token"].as_str().expect("a token")).await;
    assert_eq!((&fresh["genuine"], &fresh["usable"], &fresh["letter"]["state"]), (&json!(true), &json!(true), &json!("issued")));

    // One check, one letter.
    let refused = issue(&hospital, &check, json!({})).await.expect_problem(409, "LETTER_EXISTS");
    assert_eq!(refused["existing"]["id"], letter["id"]);

    let admitted = act(&hospital, &letter, "admit", json!({"admitted_on": "2026-11-21"})).await.expect(200);
    assert_eq!((&admitted["state"], &admitted["admitted_on"]), (&json!("used"), &json!("2026-11-21")));
    assert_eq!((balance(&server, "reserved"), balance(&server, "incurred")), (0, 6_000_000));
    act(&hospital, &letter, "admit", json!({"admitted_on": "2026-11-21"})).await.expect_problem(409, "LETTER_STATE_CONFLICT");
    act(&hospital, &letter, "cancel", json!({"reason": "salah"})).await.expect_problem(409, "LETTER_STATE_CONFLICT");
    let used = verdict(&server, letter["token"].as_str().expect("a token")).await;
    assert_eq!((&used["genuine"], &used["usable"], &used["letter"]["state"]), (&json!(true), &json!(false), &json!("used")));

    let early = act(&hospital, &letter, "discharge", json!({"discharged_on": "2026-11-20", "status": "home"})).await.expect(422);
    assert_eq!(faults(&early), ["/discharged_on BEFORE_ADMISSION"]);
    let ahead = act(&hospital, &letter, "discharge", json!({"discharged_on": "2026-11-22", "status": "home"})).await.expect(422);
    assert_eq!(faults(&ahead), ["/discharged_on DATE_IN_FUTURE"]);
    let left = act(&hospital, &letter, "discharge", json!({"discharged_on": "2026-11-21", "status": "home"})).await.expect(200);
    assert_eq!((&left["discharged_on"], &left["discharge_status"]), (&json!("2026-11-21"), &json!("home")));
    act(&hospital, &letter, "discharge", json!({"discharged_on": "2026-11-21", "status": "home"})).await.expect_problem(409, "LETTER_DISCHARGED");
    let actions: Vec<&str> = left["events"].as_array().expect("a story").iter().filter_map(|event| event["action"].as_str()).collect();
    assert_eq!(actions, ["issue", "admit", "discharge"]);
    assert_eq!(hospital.get(&path(&letter)).await.expect(200), left);
}

on_both!(a_letter_is_the_citys_word_on_the_day_it_is_given);
async fn a_letter_is_the_citys_word_on_the_day_it_is_given(server: DatedServer) {
    let check = checked(&server, 9101, json!({})).await;
    let (admin, hospital) = (server.client().as_role("admin"), server.client().as_role("hospital"));
    // JKN has come between the check and the letter.
    let person = json!({"id": check["participant"]["id"]});
    admin
        .put(&format!("{}/jkn-status", person_path(&person)), json!({"segment": "PBI_APBN", "state": "active", "valid_from": "2026-11-01"}))
        .await
        .expect(201);
    let refused = issue(&hospital, &check, json!({})).await.expect_problem(409, "LETTER_NOT_COVERED");
    assert_eq!((&refused["existing"]["decision"], &refused["existing"]["reasons"][0]), (&json!("not_eligible"), &json!("JKN_ACTIVE")));
    assert_eq!(balance(&server, "reserved"), 0);

    let other = checked(&server, 9102, json!({})).await;
    let class = issue(&hospital, &other, json!({"ward_class": "I"})).await.expect_problem(409, "LETTER_NOT_COVERED");
    assert_eq!(class["existing"]["reasons"], json!(["CLASS_NOT_COVERED"]));
    let none = issue(&hospital, &other, json!({"ward_class": null})).await.expect(422);
    assert_eq!(faults(&none), ["/ward_class WARD_CLASS_MISSING"]);
    let wrong = issue(&hospital, &other, json!({"diagnosis_code": "XX", "estimated_amount": 0})).await.expect(422);
    assert!(!faults(&wrong).is_empty(), "{wrong}");
    // Not another hospital's check, and not one that refuses.
    let foreign = issue(&server.client().as_role("other_hospital"), &other, json!({})).await.expect(422);
    assert_eq!(faults(&foreign), ["/check_id CHECK_UNKNOWN"]);
    let refusing = ask(&hospital, question(json!({"nik": super::support::small_city::NOBODY}))).await;
    issue(&hospital, &refusing, json!({})).await.expect_problem(409, "CHECK_NOT_ELIGIBLE");
    hospital.post(&format!("{CHECKS}/{}/void", other["id"].as_str().expect("an id")), json!({"reason": "left"})).await.expect(200);
    issue(&hospital, &other, json!({})).await.expect_problem(409, "CHECK_VOID");
    // Without a key nothing is done where money follows.
    hospital
        .post(LETTERS, json!({"check_id": other["id"], "diagnosis_code": "J18.9", "ward_class": "III"}))
        .await
        .expect_problem(400, "IDEMPOTENCY_KEY_MISSING");
    assert_eq!(count(server.database(), "SELECT count(*) FROM guarantee_letters"), 0);
}

on_both!(letters_end_by_the_clock);
async fn letters_end_by_the_clock(server: DatedServer) {
    let check = checked(&server, 9103, json!({})).await;
    let letter = issue(&server.client().as_role("hospital"), &check, json!({})).await.expect(201);
    assert_eq!((&letter["reserved_amount"], balance(&server, "reserved")), (&json!(4_000_000), 4_000_000));
    server.put_forward(Duration::days(5));
    let late = checked(&server, 9104, json!({"service_date": "2026-11-21", "retrospective": true})).await;
    let late = issue(&server.client().as_role("hospital"), &late, json!({})).await.expect(201);
    assert_eq!(late["warnings"], json!(["issued_late"]));
    server.put_forward(Duration::days(1));
    let hospital = server.client().as_role("hospital");
    let too_late = checked(&server, 9105, json!({"service_date": "2026-11-21", "retrospective": true})).await;
    issue(&hospital, &too_late, json!({})).await.expect_problem(409, "CHECK_TOO_OLD");

    // Prolonged before its end, by as much as the rules allow and as often.
    let far = act(&hospital, &letter, "extend", json!({"until": "2026-12-19", "reason": "masih dirawat"})).await.expect(422);
    assert_eq!(faults(&far), ["/until EXTENSION_TOO_LONG"]);
    let none = act(&hospital, &letter, "extend", json!({"until": "2026-12-04", "reason": "masih dirawat"})).await.expect(422);
    assert_eq!(faults(&none), ["/until NOT_LONGER"]);
    for (until, extensions) in [("2026-12-18", 1), ("2027-01-01", 2), ("2027-01-15", 3), ("2027-01-29", 4)] {
        let extended = act(&hospital, &letter, "extend", json!({"until": until, "reason": "masih dirawat"})).await.expect(200);
        assert_eq!((&extended["valid_until"], &extended["extensions"]), (&json!(until), &json!(extensions)));
    }
    act(&hospital, &letter, "extend", json!({"until": "2027-01-30", "reason": "x"})).await.expect_problem(409, "LETTER_EXTENDED_ENOUGH");
    assert_eq!(balance(&server, "reserved"), 8_000_000);

    // The one that nobody used or prolonged is over on the day after its last, and its money is free again.
    server.put_forward(Duration::days(7));
    let hospital = server.client().as_role("hospital");
    assert_eq!(hospital.get(&path(&late)).await.expect(200)["state"], "issued");
    server.put_forward(Duration::days(1));
    let hospital = server.client().as_role("hospital");
    assert_eq!(hospital.get(&path(&late)).await.expect(200)["state"], "expired");
    assert_eq!(hospital.get(&path(&letter)).await.expect(200)["state"], "issued");
    let expired = hospital.get(&format!("{LETTERS}?state=expired")).await.expect(200);
    assert_eq!(expired["items"].as_array().map(Vec::len), Some(1), "{expired}");
    assert_eq!(expired["items"][0]["id"], late["id"]);
    act(&hospital, &late, "admit", json!({"admitted_on": "2026-12-04"})).await.expect_problem(409, "LETTER_STATE_CONFLICT");
    super::harness::until("its money is free", || balance(&server, "reserved") == 4_000_000).await;
    assert_eq!(hospital.get(&path(&late)).await.expect(200)["reserved_amount"], 0);
}

on_both!(a_letter_for_a_homeless_emergency_waits_for_its_papers);
async fn a_letter_for_a_homeless_emergency_waits_for_its_papers(server: DatedServer) {
    let check = homeless(&server).await;
    let hospital = server.client().as_role("hospital");
    let letter = issue(&hospital, &check, json!({"ward_class": null})).await.expect(201);
    assert_eq!((&letter["state"], &letter["complete_by"]), (&json!("provisional"), &check["complete_by"]));
    let admitted = act(&hospital, &letter, "admit", json!({"admitted_on": "2026-11-21"})).await.expect(200);
    assert_eq!((&admitted["state"], balance(&server, "incurred")), (&json!("provisional"), 750_000));
    // Two more days are asked for, and the letter of the Dinas Sosial comes on the fourth day.
    let extended = hospital
        .send(hospital.request(reqwest::Method::POST, &format!("{CHECKS}/{}/extend", check["id"].as_str().expect("an id"))))
        .await
        .expect(200);
    server.put_forward(Duration::hours(80));
    let hospital = server.client().as_role("hospital");
    assert_eq!(hospital.get(&path(&letter)).await.expect(200)["complete_by"], extended["complete_by"]);
    let new = bring_letter(&hospital, &check).await.expect(200)["new_check"].clone();
    let shown = hospital.get(&path(&letter)).await.expect(200);
    assert_eq!((&shown["state"], &shown["check_id"], &shown["complete_by"]), (&json!("used"), &new["id"], &Value::Null));
    issue(&hospital, &check, json!({"ward_class": null})).await.expect_problem(409, "CHECK_COMPLETED");
    issue(&hospital, &new, json!({"ward_class": null})).await.expect_problem(409, "LETTER_EXISTS");

    // Another whose papers never come.
    let other = homeless(&server).await;
    let waiting = issue(&hospital, &other, json!({"ward_class": null})).await.expect(201);
    server.put_forward(Duration::hours(73));
    let hospital = server.client().as_role("hospital");
    assert_eq!(hospital.get(&path(&waiting)).await.expect(200)["state"], "lapsed");
    super::harness::until("its money is free", || balance(&server, "reserved") == 0).await;
    assert_eq!(balance(&server, "incurred"), 750_000, "only the first one's");
    issue(&hospital, &other, json!({"ward_class": null})).await.expect_problem(409, "CHECK_LAPSED");
}

on_both!(an_emergency_becomes_a_stay_or_goes_to_another_hospital);
async fn an_emergency_becomes_a_stay_or_goes_to_another_hospital(server: DatedServer) {
    let check = checked(&server, 9106, json!({"care_type": "emergency", "ward_class": null})).await;
    let hospital = server.client().as_role("hospital");
    let letter = issue(&hospital, &check, json!({"ward_class": null})).await.expect(201);
    act(&hospital, &letter, "admit", json!({"admitted_on": "2026-11-21"})).await.expect(200);
    let without = act(&hospital, &letter, "convert", json!({"care_type": "inpatient", "diagnosis_code": "J18.9"})).await.expect(422);
    assert_eq!(faults(&without), ["/ward_class WARD_CLASS_MISSING"]);
    let stay = act(&hospital, &letter, "convert", json!({"care_type": "inpatient", "diagnosis_code": "J189", "ward_class": "III"})).await.expect(200);
    assert_eq!((&stay["care_type"], &stay["ward_class"], &stay["reserved_amount"]), (&json!("inpatient"), &json!("III"), &json!(4_000_000)));
    assert_eq!(balance(&server, "incurred"), 4_000_000);
    // The old paper is still genuine, and what it says now is what is registered.
    let old = verdict(&server, letter["token"].as_str().expect("a token")).await;
    assert_eq!((&old["genuine"], &old["letter"]["care_type"]), (&json!(true), &json!("inpatient")));

    // A private hospital treats emergencies, and no others.
    let to = |name: &str| json!({"to_facility_id": id_of(name), "date": "2026-11-21", "reason": "ruang ICU penuh"});
    act(&hospital, &letter, "transfer", to("rs_lain")).await.expect_problem(409, "LETTER_NOT_COVERED");
    let same = act(&hospital, &letter, "transfer", to("rsud")).await.expect(422);
    assert_eq!(faults(&same), ["/to_facility_id SAME_FACILITY"]);
    let clinic = act(&hospital, &letter, "transfer", to("klinik")).await.expect(422);
    assert_eq!(faults(&clinic), ["/to_facility_id NOT_A_HOSPITAL"]);

    let second = checked(&server, 9107, json!({"care_type": "emergency", "ward_class": null})).await;
    let first = issue(&hospital, &second, json!({"ward_class": null})).await.expect(201);
    act(&hospital, &first, "admit", json!({"admitted_on": "2026-11-21"})).await.expect(200);
    let successor = act(&hospital, &first, "transfer", to("rs_lain")).await.expect(201);
    assert_eq!((&successor["previous_letter_id"], &successor["facility_id"]), (&first["id"], &json!(id_of("rs_lain"))));
    assert_eq!((&successor["state"], &successor["number"]), (&json!("issued"), &json!("SJP-3275-2026-000101")));
    let left = hospital.get(&path(&first)).await.expect(200);
    assert_eq!((&left["state"], &left["discharge_status"]), (&json!("used"), &json!("transferred")));
    // Each has its own from then on.
    hospital.get(&path(&successor)).await.expect_problem(404, "NOT_FOUND");
    let receiver = server.client().as_role("other_hospital");
    receiver.get(&path(&successor)).await.expect(200);
    receiver.get(&path(&first)).await.expect_problem(404, "NOT_FOUND");
    act(&receiver, &successor, "admit", json!({"admitted_on": "2026-11-21"})).await.expect(200);
    assert_eq!((balance(&server, "reserved"), balance(&server, "incurred")), (0, 4_000_000 + 750_000 + 750_000));
}

on_both!(a_letter_that_nobody_used_is_cancelled_and_its_check_may_have_another);
async fn a_letter_that_nobody_used_is_cancelled_and_its_check_may_have_another(server: DatedServer) {
    let check = checked(&server, 9108, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let first = issue(&hospital, &check, json!({})).await.expect(201);
    let cancelled = act(&hospital, &first, "cancel", json!({"reason": "pasien tidak jadi dirawat"})).await.expect(200);
    assert_eq!((&cancelled["state"], &cancelled["events"][1]["reason"]), (&json!("cancelled"), &json!("pasien tidak jadi dirawat")));
    assert_eq!(balance(&server, "reserved"), 0);
    let second = issue(&hospital, &check, json!({})).await.expect(201);
    assert_eq!(second["number"], "SJP-3275-2026-000002");
    // With the check goes a letter that nobody has used.
    hospital.post(&format!("{CHECKS}/{}/void", check["id"].as_str().expect("an id")), json!({"reason": "wrong_person"})).await.expect(200);
    assert_eq!(hospital.get(&path(&second)).await.expect(200)["state"], "cancelled");
    assert_eq!(balance(&server, "reserved"), 0);
    let listed = hospital.get(LETTERS).await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
    assert!(listed["items"][0].get("token").is_none() && !listed.to_string().contains("Wulan"));
    let by_number = hospital.get(&format!("{LETTERS}?number=SJP-3275-2026-000001")).await.expect(200);
    assert_eq!(by_number["items"][0]["id"], first["id"]);
    assert_eq!(server.client().as_role("other_hospital").get(LETTERS).await.expect(200)["items"], json!([]));
}

on_both!(two_letters_for_one_patient_at_once_are_told);
async fn two_letters_for_one_patient_at_once_are_told(server: DatedServer) {
    let check = checked(&server, 9109, json!({})).await;
    let hospital = server.client().as_role("hospital");
    issue(&hospital, &check, json!({})).await.expect(201);
    let again = ask(&hospital, question(json!({"nik": nik(9109)}))).await;
    let second = issue(&hospital, &again, json!({})).await.expect(201);
    assert_eq!(second["warnings"], json!(["open_episode"]));
    // Of many who ask at once for one check one is given it.
    let third = ask(&hospital, question(json!({"nik": nik(9109)}))).await;
    let asked = (0..8).map(|_| issue(&hospital, &third, json!({})));
    let statuses: Vec<u16> = futures_of(asked).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
}

async fn futures_of(asked: impl Iterator<Item = impl Future<Output = Answer>>) -> Vec<u16> {
    let mut answers = Vec::new();
    let mut waiting: Vec<_> = asked.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                answers.push(answer.status);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    answers
}

on_both!(anyone_verifies_a_letter_with_the_public_keys_alone);
async fn anyone_verifies_a_letter_with_the_public_keys_alone(server: DatedServer) {
    let check = checked(&server, 9110, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let letter = issue(&hospital, &check, json!({})).await.expect(201);
    let token = letter["token"].as_str().expect("a token");
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).expect("base 64");
    let header_json: Value = serde_json::from_slice(&decoded(header)).expect("JSON");
    let keys = server.client().get("/.well-known/jwks.json").await.expect(200);
    let key = keys["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == header_json["kid"]).expect("its key is published");
    let public = decoded(key["x"].as_str().expect("a key"));
    assert!(signature_holds(&public, format!("{header}.{payload}").as_bytes(), &decoded(signature)));
    let said: Value = serde_json::from_slice(&decoded(payload)).expect("JSON");
    assert_eq!((&said["number"], &said["care_type"], &said["valid_until"]), (&letter["number"], &json!("inpatient"), &json!("2026-12-04")));
    // The last second of the last day in the city.
    assert_eq!(said["exp"], json!("2026-12-04T16:59:59Z".parse::<chrono::DateTime<chrono::Utc>>().expect("an instant").timestamp()));
    let text = said.to_string();
    for secret in ["Wulan", "J18", "3275015502909110", check["participant"]["id"].as_str().expect("an id")] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }

    let swapped = format!("{header}.{}.{signature}", BASE64_URL_SAFE_NO_PAD.encode(text.replace("inpatient", "emergency")));
    let of_nobody = token.replace(header, &BASE64_URL_SAFE_NO_PAD.encode(json!({"typ": "sjp+jwt", "alg": "EdDSA", "kid": "letter-99"}).to_string()));
    let access = server.access_token("hospital");
    for (token, finding) in [
        (swapped.as_str(), "bad_signature"),
        (of_nobody.as_str(), "unknown_key"),
        (access.as_str(), "no_token"),
        ("SJP-3275-2026-000001", "no_token"),
    ] {
        let verdict = verdict(&server, token).await;
        assert_eq!((&verdict["genuine"], &verdict["finding"], &verdict["letter"]), (&json!(false), &json!(finding), &Value::Null), "{token}");
    }
    // A letter is no access token.
    server.client().with_token(token).get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");

    let pdf = hospital.get(&format!("{}/letter.pdf", path(&letter))).await;
    assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
    assert!(pdf.text.starts_with("%PDF-"));
    assert_eq!(pdf.header("content-disposition"), "attachment; filename=\"SJP-3275-2026-000001.pdf\"");
    server.client().as_role("other_hospital").get(&format!("{}/letter.pdf", path(&letter))).await.expect_problem(404, "NOT_FOUND");
}
