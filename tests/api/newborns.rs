//! Newborns on the mother's NIK: single ones and twins, repeats, and where they live.

use serde_json::{Value, json};

use super::people::{HOUSEHOLDS, LOOKUP, PARTICIPANTS, change, faults, nik, path_of, register};
use super::questions::{CHECKS, ask, codes, decision, question, question_of, rule};
use super::support::client::Client;
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::NOBODY;

pub const NEWBORNS: &str = "/api/v1/participants/newborns";

/// A girl, born ten days ago to the woman of serial 9001 as her only child; null takes a field away.
pub fn birth(changes: Value) -> Value {
    let mut body = json!({"mother_nik": nik(9001), "birth_date": "2026-11-11", "sex": "F", "birth_order": 0});
    change(&mut body, changes);
    body
}

pub async fn born(client: &Client, changes: Value) -> Value {
    client.post(NEWBORNS, birth(changes)).await.expect(201)
}

on_both!(a_newborn_joins_its_mothers_household);
async fn a_newborn_joins_its_mothers_household(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let mother = register(&registrar, 9001, json!({})).await;
    let answer = registrar.post(NEWBORNS, birth(json!({}))).await;
    let place = answer.header("location").to_owned();
    let child = answer.expect(201);
    for (field, expected) in [
        ("nik", Value::Null),
        ("name", json!("Bayi Ny. Wulan Teladan")),
        ("mother_name", json!("Wulan Teladan")),
        ("birth_date", json!("2026-11-11")),
        ("sex", json!("F")),
        ("relation", json!("child")),
        ("resident_since", json!("2026-11-11")),
        ("state", json!("temporary")),
        ("estimated", json!([])),
    ] {
        assert_eq!(child[field], expected, "{field}");
    }
    for field in ["household", "kk_number", "village_code", "address", "rt", "rw"] {
        assert_eq!(child[field], mother[field], "{field}");
    }
    assert_eq!(registrar.get(&place).await.expect(200), child);
    let household = format!("{HOUSEHOLDS}/{}", mother["household"]["id"].as_str().expect("an id"));
    let members = registrar.get(&household).await.expect(200);
    assert!(members.to_string().contains(child["id"].as_str().expect("an id")), "{members}");
    let history = registrar.get(&format!("{}/history", path_of(&child))).await.expect(200);
    assert!(history.to_string().contains("newborn.registered"), "{history}");
}

on_both!(a_hospital_gets_the_short_answer);
async fn a_hospital_gets_the_short_answer(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let child = born(&server.client().as_role("hospital"), json!({"name": " Citra   Teladan"})).await;
    assert_eq!((&child["name"], &child["birth_year"], &child["state"]), (&json!("Citra Teladan"), &json!(2026), &json!("temporary")));
    assert!(child.get("address").is_none() && child.get("household").is_none(), "{child}");
}

on_both!(twins_are_two_and_a_repeat_is_none);
async fn twins_are_two_and_a_repeat_is_none(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    register(&registrar, 9001, json!({})).await;
    let first = born(&registrar, json!({"birth_order": 1})).await;
    let second = born(&registrar, json!({"birth_order": 2, "sex": "M"})).await;
    assert_ne!(first["id"], second["id"]);

    let repeat = registrar.post(NEWBORNS, birth(json!({"birth_order": 2, "sex": "F", "name": "Lain"}))).await;
    let problem = repeat.expect_problem(409, "NEWBORN_ALREADY_REGISTERED");
    assert_eq!(problem["existing"], json!({"participant_ids": [second["id"]]}));
    let alone = registrar.post(NEWBORNS, birth(json!({"birth_order": 0}))).await.expect_problem(409, "BIRTH_ORDER_CONFLICT");
    assert_eq!(alone["existing"], json!({"participant_ids": [first["id"], second["id"]]}));

    let earlier = born(&registrar, json!({"birth_date": "2025-01-01"})).await;
    let twin = registrar.post(NEWBORNS, birth(json!({"birth_date": "2025-01-01", "birth_order": 1}))).await;
    let problem = twin.expect_problem(409, "BIRTH_ORDER_CONFLICT");
    assert_eq!(problem["existing"], json!({"participant_ids": [earlier["id"]]}));
}

on_both!(of_16_registrations_of_one_newborn_one_is_made);
async fn of_16_registrations_of_one_newborn_one_is_made(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    register(&registrar, 9001, json!({})).await;
    let asked: Vec<_> = (0..16)
        .map(|at| {
            // Half of them tell of an only child, half of a twin.
            let (registrar, body) = (registrar.clone(), birth(json!({"birth_order": at % 2})));
            tokio::spawn(async move { registrar.post(NEWBORNS, body).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for answer in asked {
        statuses.push(answer.await.expect("an answer"));
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 15][..]));
}

on_both!(what_cannot_be_is_refused);
async fn what_cannot_be_is_refused(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let mother = register(&registrar, 9001, json!({})).await;
    register(&registrar, 9002, json!({"sex": "M", "relation": "other"})).await;
    for (changes, expected) in [
        (json!({"mother_nik": NOBODY}), "/mother_nik MOTHER_NOT_FOUND"),
        (json!({"mother_nik": nik(9002)}), "/mother_nik MOTHER_NOT_A_WOMAN"),
        (json!({"mother_nik": "12"}), "/mother_nik NIK_FORMAT"),
        (json!({"birth_date": "2026-11-22"}), "/birth_date DATE_IN_FUTURE"),
        (json!({"birth_date": "1899-12-31"}), "/birth_date BIRTH_DATE_TOO_EARLY"),
        (json!({"name": "=1+1"}), "/name NAME_CHARACTERS"),
        (json!({"birth_order": 10}), "/birth_order TOO_LARGE"),
    ] {
        let answer = registrar.post(NEWBORNS, birth(changes)).await;
        assert_eq!(faults(&answer.expect(422)), [expected]);
    }
    registrar.post(&format!("{}/events", path_of(&mother)), json!({"kind": "deceased", "date": "2026-11-11"})).await.expect(201);
    born(&registrar, json!({})).await;
    let later = registrar.post(NEWBORNS, birth(json!({"birth_date": "2026-11-12"}))).await;
    assert_eq!(faults(&later.expect(422)), ["/birth_date BORN_AFTER_MOTHERS_DEATH"]);
}

on_both!(who_fishes_for_mothers_is_stopped);
async fn who_fishes_for_mothers_is_stopped(mut server: DatedServer) {
    server.restart(&[("checks.unknown_per_account", "2")]);
    let hospital = server.client().as_role("hospital");
    for serial in 9801..9803 {
        hospital.post(NEWBORNS, birth(json!({"mother_nik": nik(serial)}))).await.expect(422);
    }
    hospital.post(NEWBORNS, birth(json!({"mother_nik": nik(9803)}))).await.expect_problem(429, "TOO_MANY_UNKNOWN");
    hospital.post(LOOKUP, json!({"nik": nik(9803)})).await.expect_problem(429, "TOO_MANY_UNKNOWN");
}

on_both!(a_newborn_gets_a_nik_and_stays_who_it_is);
async fn a_newborn_gets_a_nik_and_stays_who_it_is(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    register(&registrar, 9001, json!({})).await;
    let child = born(&registrar, json!({})).await;
    let to = format!("{}/nik", path_of(&child));
    let own = "3275015111269010";
    let taken = registrar.post(&to, json!({"nik": nik(9001)})).await.expect_problem(409, "NIK_ALREADY_REGISTERED");
    assert!(taken["existing"]["participant_id"].is_string() && taken["detail"].as_str().is_some_and(|text| text.contains("merge")), "{taken}");

    let named = registrar.post(&to, json!({"nik": own, "name": "Citra Teladan", "document_number": "AK-7"})).await.expect(200);
    for (field, expected) in [("id", &child["id"]), ("nik", &json!(own)), ("name", &json!("Citra Teladan")), ("state", &json!("active"))] {
        assert_eq!(&named[field], expected, "{field}");
    }
    assert_eq!((&named["household"], &named["relation"], &named["resident_since"]), (&child["household"], &json!("child"), &json!("2026-11-11")));
    let found = registrar.post(LOOKUP, json!({"nik": own})).await.expect(200);
    assert_eq!(found["id"], child["id"]);
    registrar.post(&to, json!({"nik": "3275015111269011"})).await.expect_problem(409, "STATE_CONFLICT");
    let listed = registrar.post("/api/v1/participants/search", json!({"name": "Citra", "birth_date": "2026-11-11"})).await.expect(200);
    assert_eq!(listed["items"][0]["state"], "active");
    registrar.post(&format!("{PARTICIPANTS}/0190a000-0000-7000-8000-000000000000/nik"), json!({"nik": own})).await.expect_problem(404, "NOT_FOUND");
    assert!(TODAY > "2026-11-11");
}

/// A question about the child of the woman of serial 9001; null takes a field away.
fn about(changes: Value) -> Value {
    let mut body = question(json!({"mother_nik": nik(9001), "birth_date": "2026-11-11", "birth_order": 0}));
    change(&mut body, changes);
    body
}

on_both!(twins_without_a_nik_are_two_and_keep_what_was_checked);
async fn twins_without_a_nik_are_two_and_keep_what_was_checked(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    register(&registrar, 9001, json!({})).await;
    let mut twins = Vec::new();
    for order in [1, 2] {
        twins.push(born(&hospital, json!({"birth_order": order, "sex": "M"})).await);
    }
    for (order, twin) in (1..).zip(&twins) {
        let check = ask(&hospital, about(json!({"birth_order": order}))).await;
        assert_eq!((decision(&check), &check["participant"]["id"]), ("eligible", &twin["id"]));
        assert_eq!((&check["reasons"], &check["participant"]["nik_masked"]), (&json!([]), &json!("")));
        let covered = rule(&check, "NEWBORN_COVERED");
        assert_eq!(
            (&covered["outcome"], &covered["value"], &covered["limit"], &covered["unit"]),
            (&json!("pass"), &json!(10), &json!(28), &json!("days"))
        );
        assert_eq!(rule(&check, "RESIDENCY_TOO_SHORT")["value"], 140);
        let again = ask(&hospital, question(json!({"participant_id": twin["id"]}))).await;
        assert_eq!(rule(&again, "NEWBORN_COVERED"), covered);

        let own = format!("3275011111269{order:03}");
        registrar.post(&format!("{}/nik", path_of(twin)), json!({"nik": own})).await.expect(200);
        let by_nik = ask(&hospital, question(json!({"nik": own}))).await;
        let by_mother = ask(&hospital, about(json!({"birth_order": order}))).await;
        for later in [&by_nik, &by_mother] {
            assert_eq!((decision(later), &later["participant"]["id"]), ("eligible", &twin["id"]));
        }
        let before = hospital.get(&format!("{CHECKS}/{}", check["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!(before["participant"], check["participant"], "a recorded check stays as it was answered");
        let all = hospital.get(CHECKS).await.expect(200);
        let own = all["items"].as_array().expect("a list").iter().filter(|check| check["participant_id"] == twin["id"]);
        assert_eq!(own.count(), 4, "before and after it is one person");
    }
}

on_both!(a_newborn_that_nobody_registered_is_answered_by_its_mothers_standing);
async fn a_newborn_that_nobody_registered_is_answered_by_its_mothers_standing(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    let mother = register(&registrar, 9001, json!({})).await;
    for (born, decided, outcome, value) in [
        ("2026-10-24", "eligible", "pass", json!(28)),
        ("2026-10-23", "eligible", "warn", json!(29)),
        ("2026-08-21", "eligible", "warn", json!(92)),
        ("2026-08-20", "not_eligible", "fail", json!(3)),
    ] {
        let check = ask(&hospital, about(json!({"birth_date": born}))).await;
        let covered = rule(&check, "NEWBORN_COVERED");
        assert_eq!((decision(&check), &covered["outcome"], &covered["value"]), (decided, &json!(outcome), &value), "{born}");
        assert_eq!(check["participant"], Value::Null, "the mother is not the patient");
    }
    registrar.post(&format!("{}/events", path_of(&mother)), json!({"kind": "suspended", "date": TODAY})).await.expect(201);
    let suspended = ask(&hospital, about(json!({}))).await;
    assert_eq!(
        (decision(&suspended), codes(&suspended, "fail"), &rule(&suspended, "NEWBORN_COVERED")["value"]),
        ("not_eligible", vec!["NEWBORN_COVERED"], &json!("suspended"))
    );
    let log = server.client().as_role("auditor").get("/api/v1/audit/events?limit=50").await.expect(200);
    assert!(log.to_string().contains("check.recorded"), "{log}");
}

on_both!(what_a_mother_may_not_have_her_newborn_may_not_have);
async fn what_a_mother_may_not_have_her_newborn_may_not_have(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    let mother = register(&registrar, 9001, json!({})).await;
    let member = json!({"segment": "PBI_APBN", "state": "active", "valid_from": "2015-04-01"});
    registrar.put(&format!("{}/jkn-status", path_of(&mother)), member).await.expect(201);
    born(&registrar, json!({"birth_date": "2026-10-24"})).await;
    let young = ask(&hospital, about(json!({"birth_date": "2026-10-24"}))).await;
    assert_eq!((decision(&young), codes(&young, "fail")), ("not_eligible", vec!["JKN_ACTIVE"]));
    born(&registrar, json!({"birth_date": "2026-08-01", "birth_order": 1})).await;
    let older = question_of("2026-09-10", json!({"mother_nik": nik(9001), "birth_date": "2026-08-01", "birth_order": 1}));
    assert_eq!(codes(&ask(&hospital, older).await, "warn"), ["NEWBORN_COVERED"]);

    register(&registrar, 9003, json!({"relation": "other", "resident_since": "2026-10-01"})).await;
    let stranger = ask(&hospital, about(json!({"mother_nik": nik(9003)}))).await;
    assert_eq!((decision(&stranger), codes(&stranger, "fail")), ("not_eligible", vec!["RESIDENCY_TOO_SHORT"]));
}

on_both!(a_mother_that_nobody_is_and_a_child_named_by_half);
async fn a_mother_that_nobody_is_and_a_child_named_by_half(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let check = ask(&hospital, about(json!({"mother_nik": NOBODY}))).await;
    assert_eq!((decision(&check), codes(&check, "fail"), &check["participant"]), ("not_eligible", vec!["NIK_NOT_FOUND"], &Value::Null));
    for (changes, expected) in [
        (json!({"birth_order": null}), vec!["/birth_order FIELD_MISSING"]),
        (json!({"birth_date": null}), vec!["/birth_date FIELD_MISSING"]),
        (json!({"mother_nik": null}), vec!["/mother_nik FIELD_MISSING"]),
        (json!({"mother_nik": "12"}), vec!["/mother_nik NIK_FORMAT"]),
        (json!({"nik": nik(9001)}), vec![" PERSON_NAMED_TWICE"]),
        (json!({"birth_date": "2026-11-22"}), vec!["/birth_date BORN_AFTER_SERVICE"]),
    ] {
        assert_eq!(faults(&hospital.post(CHECKS, about(changes)).await.expect(422)), expected);
    }
}

on_both!(a_newborn_whose_birth_date_was_wrong_is_found_by_the_right_one);
async fn a_newborn_whose_birth_date_was_wrong_is_found_by_the_right_one(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    register(&registrar, 9001, json!({})).await;
    let first = born(&registrar, json!({"birth_order": 1})).await;
    let second = born(&registrar, json!({"birth_order": 2})).await;
    for (at, twin) in [(1, &first), (2, &second)] {
        let body = json!({"birth_date": "2026-11-12", "reason": "as in the delivery record"});
        let request = registrar.request(reqwest::Method::PATCH, &path_of(twin)).header("If-Match", "\"1\"").json(&body);
        let corrected = registrar.send(request).await.expect(200);
        assert_eq!((&corrected["birth_date"], &corrected["resident_since"]), (&json!("2026-11-12"), &json!("2026-11-12")));
        let found = ask(&hospital, about(json!({"birth_date": "2026-11-12", "birth_order": at}))).await;
        assert_eq!((decision(&found), &found["participant"]["id"]), ("eligible", &twin["id"]));
    }
    let household = registrar.get(&format!("{HOUSEHOLDS}/{}", first["household"]["id"].as_str().expect("an id"))).await.expect(200);
    let joined = household["members"].as_array().expect("a list").iter().filter(|member| member["from"] == "2026-11-12");
    assert_eq!(joined.count(), 2, "they are on the family card since they were born");
    let again = registrar.post(NEWBORNS, birth(json!({"birth_date": "2026-11-12", "birth_order": 1}))).await;
    assert_eq!(again.expect_problem(409, "NEWBORN_ALREADY_REGISTERED")["existing"], json!({"participant_ids": [first["id"]]}));
    // On the wrong day nobody was born, so another child may have been.
    let single = born(&registrar, json!({"birth_order": 0})).await;
    let body = json!({"birth_date": "2026-11-12", "reason": "as in the delivery record"});
    let request = registrar.request(reqwest::Method::PATCH, &path_of(&single)).header("If-Match", "\"1\"").json(&body);
    registrar.send(request).await.expect_problem(409, "BIRTH_ORDER_CONFLICT");
}

on_both!(twins_whose_niks_were_registered_beside_them_are_merged_with_their_checks);
async fn twins_whose_niks_were_registered_beside_them_are_merged_with_their_checks(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    register(&registrar, 9001, json!({})).await;
    for order in [1, 2] {
        let twin = born(&hospital, json!({"birth_order": order, "sex": "M"})).await;
        let check = ask(&hospital, about(json!({"birth_order": order}))).await;
        // Somebody registered the child on its own NIK without looking for it.
        let own = format!("3275011111269{order:03}");
        let birth = json!({"nik": own, "sex": "M", "birth_date": "2026-11-11", "resident_since": "2026-11-11", "relation": "child"});
        let known = register(&registrar, 9010 + order, birth).await;
        let by_nik = ask(&hospital, question(json!({"nik": own}))).await;
        assert_eq!(codes(&by_nik, "fail"), ["RESIDENCY_TOO_SHORT"], "the record beside knows no mother");
        let taken = registrar.post(&format!("{}/nik", path_of(&twin)), json!({"nik": own})).await.expect_problem(409, "NIK_ALREADY_REGISTERED");
        assert_eq!(taken["existing"], json!({"participant_id": known["id"]}));

        let preview = format!("{}/merge-preview", path_of(&twin));
        let told = registrar.post(&preview, json!({"to_participant_id": known["id"]})).await.expect(200);
        assert_eq!((&told["possible"], &told["moves"]["checks"], &told["moves"]["temporary_identity"]), (&json!(true), &json!(1), &json!(true)));
        let merged = json!({"kind": "merged", "date": TODAY, "to_participant_id": known["id"]});
        registrar.post(&format!("{}/events", path_of(&twin)), merged).await.expect(201);
        for who in [json!({"nik": own}), json!({"participant_id": twin["id"]})] {
            let later = ask(&hospital, question(who)).await;
            assert_eq!((decision(&later), &later["participant"]["id"]), ("eligible", &known["id"]), "covered through the mother of the twin");
        }
        let by_mother = ask(&hospital, about(json!({"birth_order": order}))).await;
        assert_eq!((decision(&by_mother), &by_mother["participant"]["id"]), ("eligible", &known["id"]));
        let all = hospital.get(&format!("{CHECKS}?participant_id={}", known["id"].as_str().expect("an id"))).await.expect(200);
        let ids: Vec<&Value> = all["items"].as_array().expect("a list").iter().map(|item| &item["id"]).collect();
        assert!(ids.len() == 5 && ids.contains(&&check["id"]), "what was checked without a NIK is kept");
        // The check by the record that knew no mother would be decided otherwise now.
        let affected = registrar.get(&format!("{}/affected-checks", path_of(&known))).await.expect(200);
        let affected: Vec<&Value> = affected["items"].as_array().expect("a list").iter().map(|item| &item["id"]).collect();
        assert_eq!(affected, [&by_nik["id"]]);
    }
}

on_both!(nobody_is_born_of_a_child);
async fn nobody_is_born_of_a_child(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    register(&registrar, 9001, json!({})).await;
    for (date, status) in [("1970-05-06", 422), ("2000-02-14", 422), ("2000-02-15", 201)] {
        let birth = json!({"mother_nik": nik(9001), "birth_date": date, "sex": "F", "birth_order": 0});
        let answer = registrar.post("/api/v1/participants/newborns", birth).await;
        assert_eq!(answer.status, status, "{date}: {}", answer.text);
        if status == 422 {
            assert_eq!(faults(&answer.json), ["/birth_date MOTHER_TOO_YOUNG"]);
        }
    }
}
