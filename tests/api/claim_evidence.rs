//! What stands behind a claim, for whoever has to show it later.

use std::io::{Cursor, Read};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use zip::ZipArchive;

use super::claims::{bill, claim, path, prices, treated};
use super::support::dated::DatedServer;
use super::support::on_both;

pub fn file(zip: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Value {
    let mut text = String::new();
    zip.by_name(name).unwrap_or_else(|_| panic!("no {name}")).read_to_string(&mut text).expect("text");
    serde_json::from_str(&text).expect("JSON")
}

/// The evidence of a claim, as a verifier fetches it.
pub async fn opened(server: &DatedServer, claim: &Value) -> ZipArchive<Cursor<Vec<u8>>> {
    let verifier = server.client().as_role("verifier");
    let answer = verifier.request(reqwest::Method::GET, &format!("{}/evidence", path(claim))).send().await.expect("an answer");
    ZipArchive::new(Cursor::new(answer.bytes().await.expect("the whole file").to_vec())).expect("a zip")
}

fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().expect("a text")).expect("base64url")
}

on_both!(the_evidence_of_a_claim_is_in_one_file_and_its_links_hold);
async fn the_evidence_of_a_claim_is_in_one_file_and_its_links_hold(server: DatedServer) {
    prices(&server).await;
    let letter = treated(&server, 9240).await;
    let (hospital, verifier) = (server.client().as_role("hospital"), server.client().as_role("verifier"));
    let body = bill(&hospital, &letter, "RSX-1", json!({"submit": false})).await;
    let made = claim(&hospital, body.clone()).await.expect(201);
    let request = hospital.request(reqwest::Method::PUT, &path(&made)).header("If-Match", "\"1\"").json(&body);
    hospital.send(request).await.expect(200);
    let request = hospital.request(reqwest::Method::POST, &format!("{}/submit", path(&made))).header("Idempotency-Key", "submit-1");
    let claim = hospital.send(request).await.expect(200);
    assert_eq!((&claim["id"], &claim["revision"]), (&made["id"], &json!(2)));

    let answer = verifier.request(reqwest::Method::GET, &format!("{}/evidence", path(&claim))).send().await.expect("an answer");
    assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (200, &"application/zip".parse().expect("a value")));
    let name = answer.headers()["content-disposition"].to_str().expect("ASCII").to_owned();
    assert!(name.contains(claim["number"].as_str().expect("a number")), "{name}");
    let mut zip = ZipArchive::new(Cursor::new(answer.bytes().await.expect("the whole file").to_vec())).expect("a zip");
    assert_eq!(file(&mut zip, "claim.json"), claim);
    assert_eq!(file(&mut zip, "revisions/2.json")["bill"]["facility_claim_number"], "RSX-1");
    assert_eq!(file(&mut zip, "letter.json")["number"], letter["number"]);
    assert_eq!(file(&mut zip, "check.json")["id"], letter["check_id"]);
    assert_eq!(file(&mut zip, "check-inputs.json")["service_date"], "2026-11-18");
    assert_eq!(file(&mut zip, "rule-set.json")["code"], claim["basis"]["rule_set"]);
    assert_eq!(file(&mut zip, "tariff.json")["items"][0]["amount"], 4_000_000);
    assert_eq!(file(&mut zip, "payments.json"), json!([]));
    let papers = hospital.get(&format!("{}/documents", path(&claim))).await.expect(200);
    assert_eq!(papers["items"].as_array().map(Vec::len), Some(6));
    assert_eq!(file(&mut zip, "documents.json"), papers["items"]);
    let story = file(&mut zip, "history.json");
    assert_eq!(story[0]["action"], "submit");

    // Each link can be computed again by whoever has nothing but the file.
    let proof = file(&mut zip, "audit.json");
    let events = proof["events"].as_array().expect("events");
    let kinds: Vec<String> = events.iter().map(|event| header(event)["kind"].as_str().expect("a kind").to_owned()).collect();
    assert_eq!(kinds, ["claim.told", "claim.told", "claim.handed_in"]);
    for event in events {
        let previous = bytes(&event["previous_link"]);
        let stripe = i32::try_from(event["stripe"].as_i64().expect("a stripe")).expect("a small number").to_be_bytes();
        let seq = event["seq"].as_i64().expect("a number").to_be_bytes();
        let content = [&previous[..], &stripe, &seq, event["header"].as_str().expect("a header").as_bytes(), &bytes(&event["digest"])].concat();
        assert_eq!(digest(&SHA256, &content).as_ref(), bytes(&event["link"]), "{event}");
    }

    // Nobody else's, and no name in it that is not the patient's own.
    for (role, status) in [("other_hospital", 404), ("clinic", 403), ("manager", 403)] {
        for what in ["evidence", "documents"] {
            let answer = server.client().as_role(role).get(&format!("{}/{what}", path(&claim))).await;
            assert_eq!(answer.status, status, "{role} {what}");
        }
    }
}

fn header(event: &Value) -> Value {
    serde_json::from_str(event["header"].as_str().expect("a header")).expect("JSON")
}
