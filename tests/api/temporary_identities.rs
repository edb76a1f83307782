//! Patients whose NIK cannot be used now: what is guessed, the case for the civil registry, and the NIK that comes later.

use serde_json::{Value, json};

use super::people::{PARTICIPANTS, faults, nik, path_of, register};
use super::questions::{ask, codes, decision, question, rule};
use super::support::dated::DatedServer;
use super::support::on_both;

const TEMPORARY: &str = "/api/v1/participants/temporary";
const CASES: &str = "/api/v1/registry-cases";

on_both!(what_is_not_known_is_said_to_be_a_guess);
async fn what_is_not_known_is_said_to_be_a_guess(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    for (body, estimated, birth_date) in [
        (json!({"reason": "unidentified"}), json!(["name", "birth_date", "sex"]), "1970-07-01"),
        (json!({"reason": "no_nik", "name": "Asep Contoh", "sex": "M", "estimated_birth_year": 1960}), json!(["birth_date"]), "1960-07-01"),
    ] {
        let made = registrar.post(TEMPORARY, body).await.expect(201);
        assert_eq!((&made["estimated"], &made["birth_date"], &made["state"]), (&estimated, &json!(birth_date), &json!("temporary")));
        assert_eq!((&made["nik"], &made["household"], &made["resident_since"]), (&Value::Null, &Value::Null, &Value::Null));
    }
    let short = server.client().as_role("clinic").post(TEMPORARY, json!({"reason": "unidentified", "sex": "F"})).await.expect(201);
    assert_eq!((&short["estimated"], &short["sex"]), (&json!(["name", "birth_date"]), &json!("F")));
    assert!(short.get("address").is_none());
    for (body, expected) in [
        (json!({"reason": "nik_conflict"}), "/conflicting_nik FIELD_MISSING"),
        (json!({"reason": "no_nik", "conflicting_nik": nik(9001)}), "/conflicting_nik CONFLICT_NOT_MEANT"),
        (json!({"reason": "nik_conflict", "conflicting_nik": "1"}), "/conflicting_nik NIK_FORMAT"),
        (json!({"reason": "no_nik", "estimated_birth_year": 2027}), "/estimated_birth_year DATE_IN_FUTURE"),
        (json!({"reason": "no_nik", "name": "=1"}), "/name NAME_CHARACTERS"),
    ] {
        let answer = registrar.post(TEMPORARY, body).await;
        assert_eq!(faults(&answer.expect(422)), [expected]);
    }
}

on_both!(the_nik_that_comes_later_settles_every_guess);
async fn the_nik_that_comes_later_settles_every_guess(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let head = register(&registrar, 9001, json!({})).await;
    let made = server.client().as_role("hospital").post(TEMPORARY, json!({"reason": "unidentified"})).await.expect(201);
    let to = format!("{}/nik", path_of(&made));
    let answer = registrar.post(&to, json!({"nik": nik(9002)})).await;
    assert_eq!(faults(&answer.expect(422)), ["/birth_date FIELD_MISSING", "/name FIELD_MISSING", "/sex FIELD_MISSING"]);
    let body = json!({"nik": nik(9002), "name": "Ratih Contoh", "birth_date": "1990-02-15", "sex": "F", "kk_number": head["kk_number"]});
    let named = registrar.post(&to, body).await.expect(200);
    assert_eq!((&named["id"], &named["state"], &named["estimated"]), (&made["id"], &json!("active"), &json!([])));
    assert_eq!((&named["name"], &named["household"]), (&json!("Ratih Contoh"), &head["household"]));
    let history = registrar.get(&format!("{}/history", path_of(&made))).await.expect(200).to_string();
    assert!(history.contains("temporary_identity.made") && history.contains("participant.nik_given"), "{history}");
}

on_both!(whose_nik_is_anothers_is_merged_into_that_record);
async fn whose_nik_is_anothers_is_merged_into_that_record(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let known = register(&registrar, 9001, json!({})).await;
    let body = json!({"reason": "no_nik", "name": "Wulan", "sex": "F"});
    let made = registrar.post(TEMPORARY, body).await.expect(201);
    let to = format!("{}/nik", path_of(&made));
    let body = json!({"nik": nik(9001), "birth_date": "1990-02-15"});
    let problem = registrar.post(&to, body.clone()).await.expect_problem(409, "NIK_ALREADY_REGISTERED");
    assert_eq!(problem["existing"], json!({"participant_id": known["id"]}));
    let merged = json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": known["id"]});
    registrar.post(&format!("{}/events", path_of(&made)), merged).await.expect(201);
    let gone = registrar.get(&path_of(&made)).await.expect(200);
    assert_eq!((&gone["state"], &gone["merged_into"]), (&json!("merged"), &known["id"]));
    registrar.post(&to, json!({"nik": nik(9005), "birth_date": "1990-02-15"})).await.expect_problem(409, "STATE_CONFLICT");
}

on_both!(two_people_with_one_nik_are_a_case_for_the_civil_registry);
async fn two_people_with_one_nik_are_a_case_for_the_civil_registry(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let known = register(&registrar, 9001, json!({})).await;
    let body = json!({"reason": "nik_conflict", "name": "Wati Contoh", "sex": "F", "conflicting_nik": nik(9001)});
    let clinic = server.client().as_role("clinic");
    let made = clinic.post(TEMPORARY, body).await.expect(201);
    assert!(!made.to_string().contains(known["id"].as_str().expect("an id")), "a clinic is not told whose it is: {made}");
    let nobodys = json!({"reason": "nik_conflict", "conflicting_nik": nik(9002)});
    registrar.post(TEMPORARY, nobodys).await.expect(201);

    let cases = server.client().as_role("auditor").get(&format!("{CASES}?state=open")).await.expect(200);
    let items = cases["items"].as_array().expect("a list");
    assert_eq!((items.len(), &items[0]["other_participant_id"]), (2, &Value::Null));
    let case = &items[1];
    assert_eq!((&case["participant_id"], &case["other_participant_id"]), (&made["id"], &known["id"]));
    assert_eq!((&case["state"], &case["nik_masked"]), (&json!("open"), &json!("3275**********01")));

    let close = format!("{CASES}/{}/close", case["id"].as_str().expect("an id"));
    let closed = registrar.post(&close, json!({"outcome": "new_nik", "note": "Disdukcapil 7/2026"})).await.expect(200);
    assert_eq!((&closed["state"], &closed["outcome"], &closed["note"]), (&json!("closed"), &json!("new_nik"), &json!("Disdukcapil 7/2026")));
    assert!(closed["closed_at"].is_string() && closed["closed_by"].is_string());
    registrar.post(&close, json!({"outcome": "no_conflict"})).await.expect_problem(409, "STATE_CONFLICT");
    let nothing = format!("{CASES}/0190a000-0000-7000-8000-000000000000/close");
    registrar.post(&nothing, json!({"outcome": "no_conflict"})).await.expect_problem(404, "NOT_FOUND");
    assert_eq!(registrar.get(&format!("{CASES}?state=open")).await.expect(200)["items"].as_array().map(Vec::len), Some(1));
    let page = registrar.get(&format!("{CASES}?limit=1")).await.expect(200);
    assert!(page["next_cursor"].is_string(), "{page}");
    assert!(path_of(&made).starts_with(PARTICIPANTS));
}

on_both!(a_homeless_patient_at_night_has_72_hours_for_the_letter);
async fn a_homeless_patient_at_night_has_72_hours_for_the_letter(server: DatedServer) {
    let hospital = server.client().as_role("hospital");
    let patient = hospital.post(TEMPORARY, json!({"reason": "unidentified", "sex": "M"})).await.expect(201);
    let visit = |papers: Value| {
        question(json!({"participant_id": patient["id"], "care_type": "emergency", "facts": {"special_group": "pmks", "papers": papers}}))
    };
    let at_night = ask(&hospital, visit(json!([]))).await;
    assert_eq!((decision(&at_night), &at_night["participant"]["id"]), ("provisional", &patient["id"]));
    let at = |check: &Value, field: &str| check[field].as_str().expect("a time").parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
    assert_eq!(at(&at_night, "complete_by") - at(&at_night, "checked_at"), chrono::Duration::hours(72));
    let with_letter = ask(&hospital, visit(json!(["dinsos_letter"]))).await;
    assert_eq!((decision(&with_letter), &with_letter["complete_by"]), ("eligible", &Value::Null));
    assert_eq!(rule(&with_letter, "TEMPORARY_IDENTITY")["outcome"], "not_applicable");
    let planned = ask(&hospital, question(json!({"participant_id": patient["id"]}))).await;
    assert_eq!((decision(&planned), codes(&planned, "unknown")), ("undetermined", vec!["TEMPORARY_IDENTITY"]));
}

on_both!(a_guessed_birth_date_is_compared_with_nothing);
async fn a_guessed_birth_date_is_compared_with_nothing(server: DatedServer) {
    let hospital = server.client().as_role("hospital");
    let patient = hospital.post(TEMPORARY, json!({"reason": "no_nik", "name": "Asep Contoh"})).await.expect(201);
    let claims = json!({"participant_id": patient["id"], "claimed_name": "Asep Contoh", "claimed_birth_date": "1980-01-01"});
    let check = ask(&hospital, question(claims)).await;
    assert_eq!(check["identity_match"], json!({"name": "same", "birth_date": "not_given"}));
}
