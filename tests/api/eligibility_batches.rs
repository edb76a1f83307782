//! Many questions at once: each is answered for itself and in its place.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::harness::count;
use super::people::{KK, nik, register};
use super::questions::{BATCH, CHECKS, decision, keeps_promises, path_of, question, question_of};
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::{NOBODY, id_of};

const RECORDED: &str = "SELECT count(*) FROM eligibility_checks";

pub async fn ask_all(client: &Client, questions: Vec<Value>) -> Vec<Value> {
    let asked = questions.len();
    let answer = client.post(BATCH, json!({"checks": questions})).await.expect(200);
    let items = answer["items"].as_array().expect("a list").clone();
    assert_eq!(items.iter().map(|item| item["index"].as_u64()).collect::<Vec<_>>(), (0..asked as u64).map(Some).collect::<Vec<_>>());
    items
}

pub fn status(item: &Value) -> u64 {
    item["status"].as_u64().expect("a status")
}

on_both!(a_bad_question_has_its_problem_and_costs_no_other_its_answer);
async fn a_bad_question_has_its_problem_and_costs_no_other_its_answer(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let items = ask_all(
        &hospital,
        vec![
            question(json!({"nik": nik(9001)})),
            question(json!({"nik": "32750155029090", "colour": "red"})),
            question(json!({"nik": "32750155029090", "ward_class": "I", "service_date": "2016-01-01"})),
            question(json!({"nik": NOBODY})),
            question(json!({"kk_number": KK, "claimed_birth_date": "1990-02-16"})),
            question_of("2018-12-10", json!({"kk_number": KK, "claimed_birth_date": "1990-02-15"})),
            json!(7),
            json!({}),
            question(json!({"nik": nik(9001), "facility_id": id_of("klinik")})),
            question(json!({"participant_id": id_of("nobody")})),
            question(json!({"nik": nik(9001), "ward_class": "I"})),
        ],
    )
    .await;
    assert_eq!(items.iter().map(status).collect::<Vec<_>>(), [201, 422, 422, 201, 422, 201, 422, 422, 422, 422, 201]);
    for item in &items {
        assert_eq!(item["result"].is_object(), status(item) == 201);
        assert_eq!(item["problem"]["status"].as_u64(), (status(item) != 201).then(|| status(item)), "{item}");
    }
    let decisions: Vec<&str> = items.iter().filter(|item| status(item) == 201).map(|item| decision(&item["result"])).collect();
    assert_eq!(decisions, ["eligible", "not_eligible", "eligible", "not_eligible"]);
    for item in items.iter().filter(|item| status(item) == 201) {
        keeps_promises(&item["result"]);
        assert_eq!(hospital.get(&path_of(&item["result"])).await.expect(200), item["result"]);
    }
    let told = |item: &Value| -> Vec<String> {
        let faults = item["problem"]["errors"].as_array().into_iter().flatten();
        let mut told: Vec<String> =
            faults.map(|fault| format!("{} {}", fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect();
        told.sort();
        told
    };
    for (index, expected) in [
        (1, vec!["/colour UNKNOWN_FIELD", "/nik NIK_FORMAT"]),
        (2, vec!["/nik NIK_FORMAT", "/service_date SERVICE_DATE_OUT_OF_RANGE"]),
        (6, vec![" WRONG_TYPE"]),
        (7, vec!["/care_type FIELD_MISSING"]),
        (8, vec!["/facility_id FACILITY_NOT_YOURS"]),
        (9, vec!["/participant_id PARTICIPANT_NOT_FOUND"]),
    ] {
        assert_eq!(told(&items[index]), expected, "{index}");
    }
    assert_eq!(items[4]["problem"]["code"], "PERSON_NOT_SINGLED_OUT");
    assert_eq!(count(server.database(), RECORDED), 4);
}

on_both!(a_thousand_questions_are_answered_in_order_and_none_is_lost);
async fn a_thousand_questions_are_answered_in_order_and_none_is_lost(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    for serial in 9001..9004 {
        register(&registrar, serial, json!({"relation": "other"})).await;
    }
    let first = "2020-01-01".parse::<chrono::NaiveDate>().expect("a date");
    let date = |at: u16| (first + chrono::Days::new(at.into())).to_string();
    let questions = (0..1000).map(|at| question_of(&date(at), json!({"nik": nik(9001 + at % 3)}))).collect();
    let items = ask_all(&server.client().as_role("hospital"), questions).await;
    let mut ids = BTreeSet::new();
    for (at, item) in (0..).zip(&items) {
        let result = &item["result"];
        assert_eq!((status(item), &result["service_date"]), (201, &json!(date(at))));
        assert_eq!(result["participant"]["nik_masked"], json!(format!("3275**********{:02}", 1 + at % 3)), "{at}");
        assert!(ids.insert(result["id"].as_str().expect("an id")));
    }
    assert_eq!(count(server.database(), RECORDED), 1000);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'check.recorded'"), 1000);
}

on_both!(a_batch_is_neither_empty_nor_larger_than_a_thousand);
async fn a_batch_is_neither_empty_nor_larger_than_a_thousand(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let good = question(json!({"nik": nik(9001)}));
    for (body, pointer, code) in [
        (json!({"checks": vec![good.clone(); 1001]}), "/checks", "TOO_MANY"),
        (json!({"checks": []}), "/checks", "TOO_FEW"),
        (json!({}), "/checks", "FIELD_MISSING"),
        (json!({"checks": good}), "/checks", "WRONG_TYPE"),
        (json!({"checks": [good], "more": []}), "/more", "UNKNOWN_FIELD"),
    ] {
        let problem = hospital.post(BATCH, body).await.expect_problem(422, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    assert_eq!(count(server.database(), RECORDED), 0);
    server.client().as_role("verifier").post(BATCH, json!({"checks": [good]})).await.expect_problem(403, "NOT_ALLOWED");
}

on_both!(a_family_card_is_read_as_of_each_questions_own_date);
async fn a_family_card_is_read_as_of_each_questions_own_date(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({"resident_since": "2019-06-01"})).await;
    let on = |date: &str| question_of(date, json!({"kk_number": KK, "claimed_birth_date": "1990-02-15"}));
    let dates = ["2026-01-01", "2019-05-31", "2019-06-01", "2018-01-01"];
    let items = ask_all(&server.client().as_role("hospital"), dates.map(on).into()).await;
    assert_eq!(items.iter().map(status).collect::<Vec<_>>(), [201, 422, 201, 422]);
    assert_eq!(server.client().as_role("hospital").get(CHECKS).await.expect(200)["items"].as_array().map(Vec::len), Some(2));
}
