//! Files of the other kinds: each row does what the single form does, and is told when it cannot.

use reqwest::Method;
use serde_json::{Value, json};

use super::imports::import;
use super::people::{nik, path_of, register};
use super::questions::{ask, codes, decision, question_of};
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::server::Server;

fn path(kind: &str) -> String {
    format!("/api/v1/imports?kind={kind}")
}

fn dry(kind: &str) -> String {
    format!("/api/v1/imports?kind={kind}&dry_run=true")
}

/// Created, changed, unchanged, failed.
fn counts(job: &Value) -> [i64; 4] {
    assert_eq!(job["state"], "done", "{job}");
    ["created", "changed", "unchanged", "failed"].map(|name| job[name].as_i64().expect("a number"))
}

/// The faults of a job as "line column CODE".
fn told(job: &Value) -> Vec<String> {
    let faults = job["faults"].as_array().expect("a list");
    faults
        .iter()
        .map(|fault| {
            assert!(fault["message"].as_str().is_some_and(|text| text.len() > 20), "{fault}");
            format!("{} {} {}", fault["line"], fault["column"].as_str().unwrap_or("-"), fault["code"].as_str().expect("a code"))
        })
        .collect()
}

async fn history(client: &super::support::client::Client, person: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("open").to_owned();
    let items = client.get(&format!("{}/jkn-statuses", path_of(person))).await.expect(200)["items"].clone();
    let items = items.as_array().expect("a list").iter();
    items.map(|item| format!("{} {} {}", text(&item["state"]), text(&item["valid_from"]), text(&item["valid_to"]))).collect()
}

on_both!(members_switched_off_by_a_file_are_so_from_its_date);
async fn members_switched_off_by_a_file_are_so_from_its_date(server: DatedServer) {
    let (admin, hospital) = (server.client().as_role("admin"), server.client().as_role("hospital"));
    let rows = |state: &str, from: &str| {
        let rows: Vec<String> = super::people_file::niks(2_000).map(|nik| format!("{nik},PBI_APBN,{state},{from}")).collect();
        format!("nik,segment,state,valid_from\n{}\n", rows.join("\n"))
    };
    let families: Vec<_> = (0..2_000).map(super::people_file::Family::new).collect();
    assert_eq!(import(&admin, &path("participants"), super::people_file::file(&families)).await["created"], 6_000);
    assert_eq!(counts(&import(&admin, &path("jkn_status"), rows("active", "2016-03-01")).await), [2_000, 0, 0, 0]);

    let off = rows("inactive", "2026-02-01");
    assert_eq!(counts(&import(&admin, &dry("jkn_status"), off.clone()).await), [0, 2_000, 0, 0]);
    let sampled: Vec<String> = super::people_file::niks(2_000).step_by(499).collect();
    assert_eq!(sampled.len(), 5);
    let answers = async |date: &str| {
        let mut answers = Vec::new();
        for nik in &sampled {
            let check = ask(&hospital, question_of(date, json!({"nik": nik}))).await;
            answers.push((decision(&check).to_owned(), codes(&check, "fail").iter().map(ToString::to_string).collect::<Vec<_>>()));
        }
        answers.dedup();
        answers
    };
    let member = vec![("not_eligible".to_owned(), vec!["JKN_ACTIVE".to_owned()])];
    assert_eq!(answers("2026-02-01").await, member, "a dry run switches nobody off");
    assert_eq!(counts(&import(&admin, &path("jkn_status"), off.clone()).await), [0, 2_000, 0, 0]);
    assert_eq!(answers("2026-01-31").await, member);
    assert_eq!(answers("2026-02-01").await, [("eligible".to_owned(), vec![])]);
    assert_eq!(counts(&import(&admin, &path("jkn_status"), off).await), [0, 0, 2_000, 0], "a second run changes nothing");
}

on_both!(a_status_that_cannot_be_put_is_told_and_hinders_no_other);
async fn a_status_that_cannot_be_put_is_told_and_hinders_no_other(server: Server) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let mut people = Vec::new();
    for serial in 9001..9005 {
        people.push(register(&registrar, serial, json!({"relation": "other"})).await);
    }
    let closed = json!({"segment": "PPU", "state": "active", "valid_from": "2019-01-01", "valid_to": "2019-12-31"});
    registrar.put(&format!("{}/jkn-status", path_of(&people[1])), closed).await.expect(201);
    let file = [
        "row_key;valid_to;valid_from;state;segment;nik".to_owned(),
        format!("a;2026-12-31;2026-01-01;active;PBI_APBN;{}", nik(9001)),
        format!("b;;2019-06-01;active;PPU;{}", nik(9002)),
        format!("c;;2026-01-01;active;PPU;{}", nik(9999)),
        format!("d;2025-12-31;2026-01-01;active;PPU;{}", nik(9003)),
        format!("e;;1/1/2026;on;PBI;{}", nik(9003)),
        format!("f;46000;2026-01-01;active;PPU;{}", nik(9003)),
        "g;;2026-01-01;active;PPU;3,27501E+15".to_owned(),
        format!("h;;2099-01-01;arrears;BP;{}", nik(9003)),
        format!("i;;2026-05-01;arrears;BP;{}", nik(9001)),
        format!("j;2026-12-31;2026-01-01;active;PBI_APBN;{}", nik(9001)),
        format!("k;;\"2026-01-01;active;BP;{}", nik(9004)),
        format!("l;;2026-01-01;active;BP;{}", nik(9004)),
    ];
    let faults = [
        "3 valid_from JKN_PERIOD_OVERLAPS",
        "4 nik NIK_NOT_FOUND",
        "5 valid_to ENDS_BEFORE_BEGINNING",
        "6 segment UNKNOWN_VALUE",
        "6 state UNKNOWN_VALUE",
        "6 valid_from DATE_IS_LOCAL",
        "7 valid_to DATE_IS_SERIAL_NUMBER",
        "8 nik NIK_SCIENTIFIC_NOTATION",
        "10 nik NIK_REPEATED",
        "12 - QUOTE_NOT_CLOSED",
    ];
    let tried = import(&admin, &dry("jkn_status"), file.join("\n")).await;
    assert_eq!((counts(&tried), told(&tried)), ([3, 0, 1, 8], faults.map(str::to_owned).to_vec()), "{tried}");
    assert_eq!(history(&registrar, &people[0]).await, Vec::<String>::new(), "a dry run stores nothing");
    let job = import(&admin, &path("jkn_status"), file.join("\n")).await;
    assert_eq!((counts(&job), &job["faults"]), (counts(&tried), &tried["faults"]), "a run does what the dry run said");
    assert_eq!(history(&registrar, &people[0]).await, ["active 2026-01-01 2026-12-31"]);
    assert_eq!(history(&registrar, &people[1]).await, ["active 2019-01-01 2019-12-31"]);
    assert_eq!(history(&registrar, &people[2]).await, ["arrears 2099-01-01 open"], "a file may tell what comes");
    let again = import(&admin, &path("jkn_status"), file.join("\n")).await;
    assert_eq!((counts(&again), &again["faults"]), ([0, 0, 4, 8], &tried["faults"]));
    let report = admin.get(&format!("/api/v1/imports/{}/errors.csv", job["id"].as_str().expect("an id"))).await;
    assert!(report.text.contains("\n4,nik,NIK_NOT_FOUND,") && !report.text.contains(&nik(9999)), "{}", report.text);

    let seen = server.client().as_role("auditor").get(&format!("{}/history", path_of(&people[0]))).await.expect(200);
    let change = &seen["items"].as_array().expect("a list").iter().find(|item| item["kind"] == "participants.jkn_imported").expect("an event");
    assert_eq!(change["changes"]["jkn"]["after"][0]["valid_to"], "2026-12-31", "{change}");
}

on_both!(nobody_but_an_admin_brings_a_file_of_any_kind);
async fn nobody_but_an_admin_brings_a_file_of_any_kind(server: Server) {
    for kind in ["jkn_status"] {
        for role in ["registrar", "counter", "clinic", "hospital", "verifier", "finance", "manager", "auditor", "dpo"] {
            let client = server.client().as_role(role);
            let request = client.request(Method::POST, &path(kind)).header("Content-Type", "text/csv").body("nik\n");
            client.send(request).await.expect_problem(403, "NOT_ALLOWED");
        }
        let admin = server.client().as_role("admin");
        let template = admin.get(&format!("/api/v1/imports/templates/{kind}.csv")).await;
        assert_eq!((template.status, template.header("content-type")), (200, "text/csv; charset=utf-8"));
        // The template is a file of this kind without any rows.
        assert_eq!(counts(&import(&admin, &path(kind), template.text.clone()).await), [0, 0, 0, 0], "{kind}");
    }
}
