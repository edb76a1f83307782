//! Claims: from the letter to the decision, what the edits say, and what the budget makes of it.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use super::documents::upload;
use super::harness::count;
use super::letters::LETTERS;
use super::people::{change, faults, nik, path_of, register};
use super::questions::{ask, question_of};
use super::support::client::{Answer, Client};
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::papers::pdf;
use super::support::small_city::id_of;

pub const CLAIMS: &str = "/api/v1/claims";

/// What an account of the ledger holds, over all pots and years.
pub fn balance(server: &DatedServer, account: &str) -> i64 {
    count(server.database(), &format!("SELECT CAST(coalesce(sum(balance), 0) AS BIGINT) FROM ledger_balances WHERE account = '{account}'"))
}

const PASSWORD: &str = "kuda lumping berlari 7";

/// A second user of a role that the small city has one of.
pub async fn second(server: &DatedServer, role: &str) -> Client {
    let user = json!({"username": format!("wakil.{role}"), "password": PASSWORD, "name": "Uji Coba", "role": role});
    server.client().as_role("admin").post("/api/v1/users", user).await.expect(201);
    second_again(server, role).await
}

/// The same who signs in again, when days have gone by.
pub async fn second_again(server: &DatedServer, role: &str) -> Client {
    let signs_in = json!({"username": format!("wakil.{role}"), "password": PASSWORD});
    let tokens = server.client().post("/api/v1/auth/token", signs_in).await.expect(200);
    server.client().with_token(tokens["access_token"].as_str().expect("a token"))
}

/// Prices of a stay and of a visit, written by one admin and published by another.
pub async fn prices(server: &DatedServer) {
    let admin = server.client().as_role("admin");
    let head = json!({"name": "Perwal uji", "valid_from": "2026-01-01"});
    let made = admin.post("/api/v1/tariff-schedules", head).await;
    let path = made.header("location").to_owned();
    made.expect(201);
    let item = |code: &str, care_type: &str, amount: i64| json!({"code": code, "description": "Contoh", "care_type": care_type, "amount": amount});
    let items = [
        item("J-4-16-I", "inpatient", 4_000_000),
        item("K-4-17-I", "inpatient", 2_500_000),
        item("Q-5-44-0", "outpatient", 200_000),
        item("U-3-10-0", "emergency", 200_000),
    ];
    admin.post(&format!("{path}/items"), json!({ "items": items })).await.expect(200);
    let other = second(server, "admin").await;
    other.send(other.request(Method::POST, &format!("{path}/publish"))).await.expect(200);
}

/// The day of admission in these tests; the discharge is on the day of the test, three nights later.
pub const ADMITTED: &str = "2026-11-18";

/// Somebody in the municipal hospital under a letter, for three nights until the day of the test.
pub async fn treated(server: &DatedServer, serial: u16) -> Value {
    treated_as(server, serial, json!({})).await
}

/// The same of somebody who differs in this from the others.
pub async fn treated_as(server: &DatedServer, serial: u16, changes: Value) -> Value {
    register(&server.client().as_role("admin"), serial, changes).await;
    let hospital = server.client().as_role("hospital");
    let check = ask(&hospital, question_of(ADMITTED, json!({"nik": nik(serial)}))).await;
    let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III", "estimated_amount": 3_000_000});
    let letter = hospital.post_keyed(LETTERS, asked).await.expect(201);
    let path = format!("{LETTERS}/{}", letter["id"].as_str().expect("an id"));
    hospital.post_keyed(&format!("{path}/admit"), json!({"admitted_on": ADMITTED})).await.expect(200);
    hospital.post_keyed(&format!("{path}/discharge"), json!({"discharged_on": "2026-11-21", "status": "home"})).await.expect(200)
}

static SHEETS: AtomicU64 = AtomicU64::new(0);

/// The papers of a stay, uploaded by the hospital.
async fn papers(hospital: &Client) -> Vec<Value> {
    let mut ids = Vec::new();
    for kind in ["bill", "medical_resume", "letter", "identity", "referral", "er_note"] {
        // Each is a file of its own: the same one behind two patients' claims is noticed.
        let file = pdf(&format!("{kind} {}", SHEETS.fetch_add(1, Ordering::Relaxed)));
        ids.push(upload(hospital, kind, &file).await["id"].clone());
    }
    ids
}

/// The bill of that stay, with these changes.
pub async fn bill(hospital: &Client, letter: &Value, number: &str, changes: Value) -> Value {
    let mut body = json!({
        "facility_claim_number": number, "letter_number": letter["number"], "care_type": "inpatient",
        "admitted_on": ADMITTED, "discharged_on": "2026-11-21", "discharge_status": "home", "ward_class": "III", "ward_class_used": "III",
        "medical_record_number": "MR-0042", "practitioner_license": "SIP-0001",
        "diagnoses": [{"code": "J189", "kind": "principal"}],
        "lines": [{"line": 1, "tariff_code": "J-4-16-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 4_000_000, "hospital_cost": 4_600_000}],
        "total_claimed": 4_000_000, "document_ids": papers(hospital).await, "submit": true,
    });
    change(&mut body, changes);
    body
}

pub async fn claim(client: &Client, body: Value) -> Answer {
    client.post_keyed(CLAIMS, body).await
}

pub fn path(claim: &Value) -> String {
    format!("{CLAIMS}/{}", claim["id"].as_str().expect("an id"))
}

pub async fn act(client: &Client, claim: &Value, action: &str, body: Value) -> Answer {
    client.post_keyed(&format!("{}/{action}", path(claim)), body).await
}

/// What is asked less what is cut is what would be paid, line by line and in all.
#[track_caller]
pub fn adds_up(claim: &Value) {
    let amount = |value: &Value| value.as_i64().expect("an amount");
    let cuts = |cuts: &Value| cuts.as_array().expect("cuts").iter().map(|cut| amount(&cut["amount"])).sum::<i64>();
    assert_eq!(amount(&claim["amounts"]["claimed"]) - cuts(&claim["adjustments"]), amount(&claim["amounts"]["payable"]), "{claim}");
    for line in claim["lines"].as_array().expect("lines") {
        assert_eq!(amount(&line["claimed_amount"]) - cuts(&line["adjustments"]), amount(&line["payable_amount"]), "{line}");
    }
    for told in claim["edits"].as_array().expect("findings") {
        assert!(
            told["message"].as_str().is_some_and(|text| text.contains(' ')) && told["remedy"].as_str().is_some_and(|text| text.contains(' ')),
            "{told}"
        );
    }
}

fn found<'a>(claim: &'a Value, outcome: &str) -> Vec<&'a str> {
    let told = claim["edits"].as_array().expect("findings").iter();
    told.filter(|edit| edit["outcome"] == outcome).map(|edit| edit["code"].as_str().expect("a code")).collect()
}

/// Whether a claim was drawn for the control sample is chance; a test that needs a clean one makes another until one was not.
async fn unsampled(server: &DatedServer, serials: std::ops::Range<u16>, changes: Value) -> Value {
    let hospital = server.client().as_role("hospital");
    for serial in serials {
        let letter = treated(server, serial).await;
        let body = bill(&hospital, &letter, &format!("RSX-{serial}"), changes.clone()).await;
        let made = claim(&hospital, body).await.expect(201);
        if made["sampled"] == json!(false) {
            return made;
        }
    }
    panic!("every claim was drawn");
}

on_both!(a_clean_claim_decides_itself);
async fn a_clean_claim_decides_itself(server: DatedServer) {
    prices(&server).await;
    let made = unsampled(&server, 9200..9206, json!({})).await;
    adds_up(&made);
    assert_eq!(found(&made, "pend"), Vec::<&str>::new(), "{made}");
    assert_eq!((&made["state"], &made["waiting_for"], &made["late"]), (&json!("approved"), &json!("finance"), &json!(false)), "{made}");
    for (field, amount) in [("claimed", 4_000_000), ("tariff", 4_000_000), ("hospital_cost", 4_600_000), ("approved", 4_000_000), ("paid", 0)] {
        assert_eq!(made["amounts"][field], amount, "{field}");
    }
    assert_eq!(made["due"]["pay_by"], "2026-12-06");
    assert_eq!(made["basis"]["pot"], "rsud");
    assert_eq!(made["letter_number"].as_str().map(|number| &number[..9]), Some("SJP-3275-"));
    let hospital = server.client().as_role("hospital");
    assert_eq!(hospital.get(&path(&made)).await.expect(200), made);
    let story = hospital.get(&format!("{}/history", path(&made))).await.expect(200);
    let actions: Vec<&str> = story["items"].as_array().expect("a story").iter().filter_map(|event| event["action"].as_str()).collect();
    assert_eq!(actions, ["submit", "approve"]);
    assert_eq!(balance(&server, "approved_unpaid"), count(server.database(), "SELECT CAST(sum(approved_amount) AS BIGINT) FROM claims"));
    assert_eq!(balance(&server, "incurred"), 0, "what the letter kept aside is billed");
    // Nobody else's.
    server.client().as_role("other_hospital").get(&path(&made)).await.expect_problem(404, "NOT_FOUND");
    assert_eq!(server.client().as_role("other_hospital").get(CLAIMS).await.expect(200)["items"], json!([]));
}

on_both!(a_dry_run_says_what_a_submission_would_and_keeps_nothing);
async fn a_dry_run_says_what_a_submission_would_and_keeps_nothing(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9210).await;
    let hospital = server.client().as_role("hospital");
    let body = bill(
        &hospital,
        &letter,
        "RSX-1",
        json!({"lines": [
        {"line": 1, "tariff_code": "J-4-16-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 4_500_000},
        {"line": 2, "tariff_code": "X-9-99-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 100_000}], "total_claimed": 4_600_000}),
    )
    .await;
    let dry = hospital.post(&format!("{CLAIMS}/dry-run"), body.clone()).await.expect(200);
    adds_up(&dry);
    for table in ["claims", "claim_lines", "live_claims", "claim_documents"] {
        assert_eq!(count(server.database(), &format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(balance(&server, "billed"), 0);
    let made = claim(&hospital, body).await.expect(201);
    adds_up(&made);
    for field in ["amounts", "lines", "adjustments", "basis"] {
        assert_eq!(dry[field], made[field], "{field}");
    }
    let codes = |claim: &Value| {
        claim["edits"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|edit| edit["code"].clone())
            .filter(|code| code != "FRD_RANDOM_SAMPLE")
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&dry), codes(&made));
    assert!(found(&made, "cap").contains(&"PRC_ABOVE_TARIFF") && found(&made, "pend").contains(&"PRC_NO_TARIFF"), "{made}");
    assert_eq!((&made["state"], &made["amounts"]["payable"], &made["amounts"]["approved"]), (&json!("complete"), &json!(4_100_000), &json!(0)));
    assert_eq!(balance(&server, "billed"), 4_600_000);
}

on_both!(what_is_wrong_with_a_claim_is_told_at_once_and_costs_nothing);
async fn what_is_wrong_with_a_claim_is_told_at_once_and_costs_nothing(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9211).await;
    let hospital = server.client().as_role("hospital");
    let wrong = bill(
        &hospital,
        &letter,
        "RSX-1",
        json!({"check_id": id_of("nothing"), "diagnoses": [{"code": "XX1", "kind": "principal"}],
        "procedures": [{"code": "1", "date": "2026-11-21"}], "lines": [
        {"line": 1, "tariff_code": "J-4-16-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": -1},
        {"line": 1, "tariff_code": "J-4-16-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 1}]}),
    )
    .await;
    let told = faults(&claim(&hospital, wrong).await.expect(422));
    assert!(told.iter().any(|fault| fault.starts_with("/lines/0/claimed_amount")), "{told:?}");
    let foreign = bill(&hospital, &letter, "RSX-1", json!({"document_ids": [id_of("nothing")]})).await;
    assert_eq!(faults(&claim(&hospital, foreign).await.expect(422)), ["/document_ids/0 DOCUMENT_UNKNOWN"]);
    let other = server.client().as_role("other_hospital");
    let stolen = bill(&other, &letter, "RSX-1", json!({})).await;
    assert_eq!(faults(&claim(&other, stolen).await.expect(422)), ["/letter_number LETTER_UNKNOWN"]);
    assert_eq!(count(server.database(), "SELECT count(*) FROM claims"), 0);
    assert_eq!(balance(&server, "incurred"), 3_000_000, "the letter still keeps its money aside");

    // Dates that are reversed are judged: every reason at once, and nothing is paid.
    let reversed = bill(&hospital, &letter, "RSX-2", json!({"discharged_on": "2026-11-17", "total_claimed": 1})).await;
    let rejected = claim(&hospital, reversed).await.expect(201);
    adds_up(&rejected);
    assert!(found(&rejected, "reject").contains(&"ING_DATE_ORDER"), "{rejected}");
    assert_eq!((&rejected["state"], &rejected["amounts"]["approved"]), (&json!("rejected"), &json!(0)));
    // A rejected claim stands in nobody's way.
    let again = bill(&hospital, &letter, "RSX-2", json!({"replaces_claim_id": rejected["id"]})).await;
    let again = claim(&hospital, again).await.expect(201);
    let refused = claim(&hospital, bill(&hospital, &letter, "RSX-3", json!({})).await).await.expect_problem(409, "ALREADY_BILLED");
    assert_eq!(refused["existing"]["id"], again["id"]);
    let letter = treated(&server, 9212).await;
    let refused = claim(&hospital, bill(&hospital, &letter, "RSX-2", json!({})).await).await.expect_problem(409, "CLAIM_NUMBER_IN_USE");
    assert_eq!((&refused["existing"]["id"], &refused["existing"]["number"]), (&again["id"], &again["number"]));
}

on_both!(what_speaks_against_a_claim_is_decided_by_one_person);
async fn what_speaks_against_a_claim_is_decided_by_one_person(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9213).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let lines = json!([
        {"line": 1, "tariff_code": "J-4-16-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 4_500_000},
        {"line": 2, "tariff_code": "X-9-99-I", "date": "2026-11-21", "quantity": 1, "claimed_amount": 100_000}]);
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({"lines": lines, "total_claimed": 4_600_000})).await).await.expect(201);
    assert_eq!((&made["state"], &made["waiting_for"]), (&json!("complete"), &json!("verifier")));
    let queue = verifier.get("/api/v1/review-queue").await.expect(200);
    assert_eq!((&queue["items"][0]["id"], &queue["items"][0]["recoverable_amount"]), (&made["id"], &json!(4_100_000)));

    let taken = verifier.send(verifier.request(Method::POST, &format!("{}/take", path(&made))).header("Idempotency-Key", "take-1")).await.expect(200);
    assert_eq!(taken["state"], "in_verification");
    let other = second(&server, "verifier").await;
    act(&other, &made, "decisions", json!({"decision": "approve"})).await.expect_problem(409, "CLAIM_TAKEN_BY_ANOTHER");
    act(&hospital, &made, "withdraw", json!({"reason": "salah"})).await.expect_problem(409, "CLAIM_STATE_CONFLICT");

    let without = act(&verifier, &made, "decisions", json!({"decision": "approve_partial", "lines": [{"line": 2, "approved_amount": 0}, {"line": 7, "approved_amount": 0}, {"line": 1, "approved_amount": 9_000_000}]})).await.expect(422);
    assert_eq!(faults(&without), ["/lines/0/reason_code REASON_NEEDED", "/lines/1/line LINE_UNKNOWN", "/lines/2/approved_amount ABOVE_CLAIMED"]);
    let decided = act(&verifier, &made, "decisions", json!({"decision": "approve_partial", "note": "kode tidak dikenal", "lines": [{"line": 2, "approved_amount": 0, "reason_code": "CODING_PROCEDURE"}]})).await.expect(200);
    adds_up(&decided);
    assert_eq!((&decided["state"], &decided["amounts"]["approved"]), (&json!("approved_partial"), &json!(4_000_000)));
    assert_eq!((&decided["lines"][1]["state"], &decided["lines"][1]["reason_code"]), (&json!("rejected"), &json!("CODING_PROCEDURE")));
    assert_eq!((balance(&server, "billed"), balance(&server, "approved_unpaid")), (0, 4_000_000));
    act(&verifier, &made, "decisions", json!({"decision": "approve"})).await.expect_problem(409, "CLAIM_STATE_CONFLICT");

    // The hospital objects once; somebody else decides, by minutes.
    let disputed = act(&hospital, &made, "dispute", json!({"reason": "kode ada di lampiran"})).await.expect(200);
    assert_eq!((&disputed["state"], &disputed["waiting_for"]), (&json!("disputed"), &json!("verifier")));
    let change = json!({"outcome": "changed", "minutes_number": "BA-7/2026", "lines": [{"line": 2, "approved_amount": 60_000, "reason_code": "CODING_PROCEDURE"}]});
    act(&verifier, &made, "dispute-decision", change.clone()).await.expect_problem(409, "DECIDES_OWN_REQUEST");
    let changed = act(&other, &made, "dispute-decision", change).await.expect(200);
    adds_up(&changed);
    assert_eq!((&changed["state"], &changed["amounts"]["approved"]), (&json!("approved_partial"), &json!(4_060_000)));
    assert_eq!(balance(&server, "approved_unpaid"), 4_060_000);
    act(&hospital, &made, "dispute", json!({"reason": "lagi"})).await.expect_problem(409, "CLAIM_DISPUTED_ALREADY");
}

on_both!(what_is_returned_is_mended_and_keeps_its_number);
async fn what_is_returned_is_mended_and_keeps_its_number(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9214).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let line = |code: &str| json!([{"line": 1, "tariff_code": code, "date": "2026-11-21", "quantity": 1, "claimed_amount": 4_000_000}]);
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({"lines": line("J-4-16-X")})).await).await.expect(201);
    let none = act(&verifier, &made, "decisions", json!({"decision": "return"})).await.expect(422);
    assert_eq!(faults(&none), ["/reason_code REASON_NEEDED"]);
    let back = act(&verifier, &made, "decisions", json!({"decision": "return", "reason_code": "CODING_PROCEDURE"})).await.expect(200);
    assert_eq!((&back["state"], &back["waiting_for"], &back["due"]["fix_by"]), (&json!("returned"), &json!("hospital"), &json!("2026-12-10")));
    assert_eq!((balance(&server, "billed"), balance(&server, "incurred")), (0, 4_000_000), "the care was given all the same");
    let mended = act(&hospital, &made, "resubmit", bill(&hospital, &letter, "RSX-1", json!({"lines": line("J-4-16-I")})).await).await.expect(200);
    assert_eq!((&mended["id"], &mended["number"], &mended["revision"]), (&made["id"], &made["number"], &json!(2)));
    assert!(["approved", "complete"].contains(&mended["state"].as_str().expect("a state")), "{mended}");
    act(&hospital, &made, "resubmit", bill(&hospital, &letter, "RSX-1", json!({})).await).await.expect_problem(409, "CLAIM_STATE_CONFLICT");

    let said = hospital.get(&format!("{}/revisions/1", path(&made))).await.expect(200);
    assert_eq!((&said["revision"], &said["bill"]["lines"][0]["tariff_code"]), (&json!(1), &json!("J-4-16-X")));
    for none in ["0", "3", "x"] {
        hospital.get(&format!("{}/revisions/{none}", path(&made))).await.expect_problem(404, "NOT_FOUND");
    }

    // A draft costs nothing until it is handed in, and may be withdrawn.
    let letter = treated(&server, 9215).await;
    let draft = claim(&hospital, bill(&hospital, &letter, "RSX-9", json!({"submit": false})).await).await.expect(201);
    assert_eq!((&draft["state"], &draft["submitted_at"]), (&json!("draft"), &Value::Null));
    assert_eq!(balance(&server, "incurred"), 3_000_000);
    let withdrawn = act(&hospital, &draft, "withdraw", json!({"reason": "salah pasien"})).await.expect(200);
    assert_eq!(withdrawn["state"], "withdrawn");
    claim(&hospital, bill(&hospital, &letter, "RSX-9", json!({"submit": false})).await).await.expect(201);
}

on_both!(silence_for_ten_days_makes_a_claim_complete);
async fn silence_for_ten_days_makes_a_claim_complete(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9216).await;
    let hospital = server.client().as_role("hospital");
    let body = bill(&hospital, &letter, "RSX-1", json!({"document_ids": []})).await;
    let made = claim(&hospital, body).await.expect(201);
    assert_eq!((&made["state"], &made["due"]["complete_by"]), (&json!("submitted"), &json!("2026-12-01")), "{made}");
    server.put_forward(chrono::Duration::days(11));
    super::harness::until("it is complete", || count(server.database(), "SELECT count(*) FROM claims WHERE state = 'complete'") == 1).await;
    let shown = server.client().as_role("hospital").get(&path(&made)).await.expect(200);
    assert_eq!((&shown["state"], &shown["due"]["pay_by"]), (&json!("complete"), &json!("2026-12-17")));
}

on_both!(letters_and_claims_follow_a_person_who_was_registered_twice);
async fn letters_and_claims_follow_a_person_who_was_registered_twice(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9218).await;
    let (admin, hospital) = (server.client().as_role("admin"), server.client().as_role("hospital"));
    let stays = register(&admin, 9219, json!({"relation": "other"})).await;
    let gone = json!({"id": letter["participant"]["id"]});
    let merged = json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": stays["id"]});
    let event = admin.post(&format!("{}/events", path_of(&gone)), merged).await.expect(201);
    // The letter of the record that is gone is billed for the person who is found in its place.
    let first = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({})).await).await.expect(201);
    assert_eq!(first["participant_id"], stays["id"]);
    adds_up(&first);
    // And what was billed under the one number is known when the other is billed for the same days.
    let check = ask(&hospital, question_of(ADMITTED, json!({"nik": nik(9219)}))).await;
    let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III"});
    let again = hospital.post_keyed(LETTERS, asked).await.expect(201);
    assert_eq!(again["warnings"], json!(["open_episode", "issued_late"]));
    let second = claim(&hospital, bill(&hospital, &again, "RSX-2", json!({})).await).await.expect(201);
    assert!(found(&second, "reject").contains(&"DUP_EXACT"), "{second}");
    // Two people after all: both records have what they had, and the claim is still there to be read.
    let undo = format!("{}/events/{}/revoke", path_of(&gone), event["id"].as_str().expect("an id"));
    admin.post(&undo, json!({"reason": "dua orang"})).await.expect(200);
    assert_eq!(hospital.get(&path(&first)).await.expect(200)["number"], first["number"]);
}

on_both!(what_nobody_mends_is_let_go_with_its_money);
async fn what_nobody_mends_is_let_go_with_its_money(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9217).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let line = json!([{"line": 1, "tariff_code": "J-4-16-X", "date": "2026-11-21", "quantity": 1, "claimed_amount": 4_000_000}]);
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-1", json!({"lines": line})).await).await.expect(201);
    act(&verifier, &made, "decisions", json!({"decision": "return", "reason_code": "CODING_PROCEDURE"})).await.expect(200);
    assert_eq!(balance(&server, "incurred"), 4_000_000);
    server.put_forward(chrono::Duration::days(20));
    super::harness::until("it is let go", || count(server.database(), "SELECT count(*) FROM claims WHERE state = 'expired'") == 1).await;
    let shown = server.client().as_role("hospital").get(&path(&made)).await.expect(200);
    assert_eq!((&shown["state"], &shown["waiting_for"]), (&json!("expired"), &Value::Null));
    assert_eq!((balance(&server, "incurred"), balance(&server, "billed"), balance(&server, "available")), (0, 0, 0));
}
