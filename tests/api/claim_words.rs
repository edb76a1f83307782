//! Small rules of what may be said with letters, claims and money.

use reqwest::Method;
use serde_json::{Value, json};

use super::claims::{CLAIMS, act, bill, claim, path, prices, second, treated};
use super::letters::LETTERS;
use super::payments::{BATCHES, act as batch_act, approved};
use super::people::{faults, nik, register};
use super::questions::{ask, question_of};
use super::support::client::{Answer, Client};
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;

on_both!(a_letter_is_for_a_diagnosis_that_there_is);
async fn a_letter_is_for_a_diagnosis_that_there_is(server: DatedServer) {
    register(&server.client().as_role("admin"), 9330, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let check = ask(&hospital, question_of(TODAY, json!({"nik": nik(9330)}))).await;
    let asked = |code: &str| json!({"check_id": check["id"], "diagnosis_code": code, "ward_class": "III"});
    let refused = hospital.post_keyed(LETTERS, asked("J99.9")).await.expect(422);
    assert_eq!(faults(&refused), ["/diagnosis_code ICD10_UNKNOWN"]);
    let letter = hospital.post_keyed(LETTERS, asked("J18.9")).await.expect(201);
    let convert = json!({"care_type": "inpatient", "ward_class": "III", "diagnosis_code": "Q99.7"});
    let place = format!("{LETTERS}/{}/convert", letter["id"].as_str().expect("an id"));
    assert_eq!(faults(&hospital.post_keyed(&place, convert).await.expect(422)), ["/diagnosis_code ICD10_UNKNOWN"]);
}

on_both!(texts_that_go_into_papers_hide_nothing);
async fn texts_that_go_into_papers_hide_nothing(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9331).await;
    let hospital = server.client().as_role("hospital");
    for sign in ['\u{0}', '\u{7}', '\n', '\u{85}', '\u{202e}', '\u{2066}'] {
        let body = bill(&hospital, &letter, &format!("RSX{sign}1"), json!({})).await;
        assert_eq!(faults(&claim(&hospital, body).await.expect(422)), ["/facility_claim_number HIDDEN_SIGNS"], "{sign:?}");
    }
    // What a person writes in several lines stays as it is.
    let said = "obat habis\n\tdiganti";
    let body = bill(&hospital, &letter, "RSX-1", json!({"note": said, "document_ids": []})).await;
    let made = claim(&hospital, body).await.expect(201);
    assert_eq!(made["note"], said);
    let body = bill(&hospital, &letter, "RSX-1", json!({"note": "a\u{202e}b"})).await;
    assert_eq!(faults(&claim(&hospital, body).await.expect(422)), ["/note HIDDEN_SIGNS"]);
    let code = server.client().post("/api/v1/confirmations", json!({"code": "7K3M\u{0}Q9XA", "answer": "not_me"})).await.expect(422);
    assert_eq!(faults(&code), ["/code HIDDEN_SIGNS"]);
}

on_both!(what_the_hospital_wants_known_is_shown_with_the_claim);
async fn what_the_hospital_wants_known_is_shown_with_the_claim(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9332).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let body = |note: &'static str| bill(&hospital, &letter, "RSX-1", json!({"note": note, "document_ids": [], "submit": false}));
    let draft = claim(&hospital, body("resume menyusul").await).await.expect(201);
    assert_eq!(draft["note"], Value::Null, "nothing is handed in yet");
    let handed =
        hospital.send(hospital.request(Method::POST, &format!("{}/submit", path(&draft))).header("Idempotency-Key", "note-1")).await.expect(200);
    assert_eq!(handed["note"], "resume menyusul");
    assert_eq!(verifier.get(&path(&draft)).await.expect(200)["note"], "resume menyusul");
    let story = verifier.get(&format!("{}/history", path(&draft))).await.expect(200);
    assert_eq!(story["items"][0]["note"], "resume menyusul");
    act(&verifier, &draft, "decisions", json!({"decision": "return", "reason_code": "ADMIN_DOC_MISSING"})).await.expect(200);
    let mended = bill(&hospital, &letter, "RSX-1", json!({"note": "resume terlampir"})).await;
    assert_eq!(act(&hospital, &draft, "resubmit", mended).await.expect(200)["note"], "resume terlampir");
    assert_eq!(hospital.get(&format!("{}/revisions/1", path(&draft))).await.expect(200)["bill"]["note"], "resume menyusul");
    let long = bill(&hospital, &letter, "RSX-1", json!({"note": "x".repeat(1_001)})).await;
    assert_eq!(faults(&hospital.post(&format!("{CLAIMS}/dry-run"), long).await.expect(422)), ["/note TOO_LONG"]);
}

on_both!(only_one_takes_the_place_of_a_claim);
async fn only_one_takes_the_place_of_a_claim(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9333).await;
    let hospital = server.client().as_role("hospital");
    let gone = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({"document_ids": []})).await).await.expect(201);
    act(&hospital, &gone, "withdraw", json!({"reason": "salah"})).await.expect(200);
    // A second letter of the same patient, so that both may be billed.
    let check = ask(&hospital, question_of(super::claims::ADMITTED, json!({"nik": nik(9333)}))).await;
    let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III"});
    let other = hospital.post_keyed(LETTERS, asked).await.expect(201);
    let in_place = json!({"replaces_claim_id": gone["id"], "document_ids": [], "submit": false});
    let draft = claim(&hospital, bill(&hospital, &other, "RSX-2", in_place).await).await.expect(201);
    let heir = bill(&hospital, &letter, "RSX-3", json!({"replaces_claim_id": gone["id"], "document_ids": []})).await;
    claim(&hospital, heir).await.expect(201);
    let submit =
        async |key: &str| hospital.send(hospital.request(Method::POST, &format!("{}/submit", path(&draft))).header("Idempotency-Key", key)).await;
    assert_eq!(faults(&submit("late-1").await.expect(422)), ["/replaces_claim_id REPLACED_ALREADY"]);
    // Without it, the draft is a claim of its own.
    let alone = bill(&hospital, &other, "RSX-2", json!({"replaces_claim_id": null, "document_ids": []})).await;
    let alone = act(&hospital, &draft, "resubmit", alone).await.expect(200);
    assert_eq!(alone["replaces_claim_id"], Value::Null);
    let unknown = bill(&hospital, &letter, "RSX-4", json!({"replaces_claim_id": alone["id"]})).await;
    assert_eq!(faults(&claim(&hospital, unknown).await.expect(422)), ["/replaces_claim_id REPLACED_CLAIM_UNKNOWN"]);
}

on_both!(an_order_of_the_treasury_pays_one_payment);
async fn an_order_of_the_treasury_pays_one_payment(server: DatedServer) {
    prices(&server).await;
    let (finance, other) = (server.client().as_role("finance"), second(&server, "finance").await);
    let settle = async |batch: &Value, number: &str| -> Answer {
        let place = format!("{BATCHES}/{}/settle", batch["id"].as_str().expect("an id"));
        finance.post_keyed(&place, json!({"paid_on": TODAY, "sp2d_number": number})).await
    };
    let order = async |claim: &Value| {
        let asked = json!({"period": "2026-11", "pot": "rsud", "claim_ids": [claim["id"]]});
        let batch = finance.post_keyed(BATCHES, asked).await.expect(201);
        batch_act(&other, &batch, "approve").await.expect(200)
    };
    let (one, two) = (order(&approved(&server, 9334).await).await, order(&approved(&server, 9335).await).await);
    settle(&one, "SP2D-7/2026").await.expect(200);
    let refused = settle(&two, " SP2D-7/2026 ").await.expect_problem(409, "SP2D_IN_USE");
    assert_eq!(refused["existing"], json!({"id": one["id"], "number": one["number"]}));
    assert_eq!(settle(&two, "SP2D-8/2026").await.expect(200)["sp2d_number"], "SP2D-8/2026");
}

on_both!(who_proposed_a_budget_takes_it_back_until_it_is_approved);
async fn who_proposed_a_budget_takes_it_back_until_it_is_approved(server: DatedServer) {
    const BUDGETS: &str = "/api/v1/budgets";
    let (finance, admin, other) = (server.client().as_role("finance"), server.client().as_role("admin"), second(&server, "finance").await);
    let post = async |client: &Client, place: String| client.post(&place, json!({})).await;
    let propose = async || {
        let made = finance.post(BUDGETS, json!({"year": 2026, "pots": [{"pot": "rsud", "amount": 5_000_000}]})).await.expect(201);
        format!("{BUDGETS}/{}", made["id"].as_str().expect("an id"))
    };
    let wrong = propose().await;
    post(&other, format!("{wrong}/withdraw")).await.expect_problem(409, "PROPOSED_BY_ANOTHER");
    assert_eq!(post(&finance, format!("{wrong}/withdraw")).await.expect(200)["state"], "withdrawn");
    post(&finance, format!("{wrong}/withdraw")).await.expect_problem(409, "STATE_CONFLICT");
    post(&admin, format!("{wrong}/approve")).await.expect_problem(409, "STATE_CONFLICT");
    assert_eq!(finance.get(&wrong).await.expect(200)["state"], "withdrawn");

    let right = propose().await;
    post(&admin, format!("{right}/approve")).await.expect(200);
    post(&finance, format!("{right}/withdraw")).await.expect_problem(409, "STATE_CONFLICT");
    let change =
        json!({"pot": "rsud", "amount": 1_000, "effective_on": "2026-11-01", "legal_basis": "Perda 9/2026", "document_number": "DPPA-9/2026"});
    let revision = finance.post(&format!("{right}/revisions"), change).await.expect(201);
    let place = format!("{right}/revisions/{}", revision["id"].as_str().expect("an id"));
    post(&other, format!("{place}/withdraw")).await.expect_problem(409, "PROPOSED_BY_ANOTHER");
    assert_eq!(post(&finance, format!("{place}/withdraw")).await.expect(200)["state"], "withdrawn");
    post(&admin, format!("{place}/approve")).await.expect_problem(409, "STATE_CONFLICT");
    assert_eq!(finance.get(&right).await.expect(200)["revisions"][0]["state"], "withdrawn");
}
