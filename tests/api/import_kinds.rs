//! Files of the other kinds: each row does what the single form does, and is told when it cannot.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::imports::{Watched, ended, import, upload};
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
    for kind in ["jkn_status", "deaths", "movers", "enrollments", "households"] {
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

on_both!(deaths_are_recorded_once_and_on_one_date);
async fn deaths_are_recorded_once_and_on_one_date(server: Server) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let mut people = Vec::new();
    for serial in 9001..9005 {
        people.push(register(&registrar, serial, json!({"relation": "other"})).await);
    }
    registrar.post(&format!("{}/events", path_of(&people[1])), json!({"kind": "deceased", "date": "2025-05-01"})).await.expect(201);
    let file = [
        "nik,date,document_number,note".to_owned(),
        format!("{},2025-06-30,3275-KM-01,\"di rumah, malam\"", nik(9001)),
        format!("{},2025-05-02,,", nik(9002)),
        format!("{},2099-01-01,,", nik(9003)),
        format!("{},1980-01-01,,", nik(9004)),
        format!("{},2025-06-30,,", nik(9999)),
        format!("{},30/6/2025,{},", nik(9003), "x".repeat(101)),
    ]
    .join("\n");
    let faults = [
        "3 date DEATH_DATE_DIFFERS",
        "4 date DATE_IN_FUTURE",
        "5 date DATE_BEFORE_BIRTH",
        "6 nik NIK_NOT_FOUND",
        "7 date DATE_IS_LOCAL",
        "7 document_number FIELD_TOO_LONG",
    ];
    let tried = import(&admin, &dry("deaths"), file.clone()).await;
    assert_eq!((counts(&tried), told(&tried)), ([1, 0, 0, 5], faults.map(str::to_owned).to_vec()));
    assert_eq!(registrar.get(&path_of(&people[0])).await.expect(200)["state"], "active", "a dry run buries nobody");
    let job = import(&admin, &path("deaths"), file.clone()).await;
    assert_eq!((counts(&job), &job["faults"]), ([1, 0, 0, 5], &tried["faults"]));
    let states = async || {
        let mut states = Vec::new();
        for person in &people {
            states.push(registrar.get(&path_of(person)).await.expect(200)["state"].as_str().expect("a state").to_owned());
        }
        states
    };
    assert_eq!(states().await, ["deceased", "deceased", "active", "active"]);
    let again = import(&admin, &path("deaths"), file).await;
    assert_eq!((counts(&again), &again["faults"]), ([0, 0, 1, 5], &tried["faults"]));
    assert_eq!(states().await, ["deceased", "deceased", "active", "active"]);

    let history = server.client().as_role("auditor").get(&format!("{}/history", path_of(&people[0]))).await.expect(200);
    let recorded: Vec<&Value> =
        history["items"].as_array().expect("a list").iter().filter(|item| item["kind"] == "participant.event_recorded").collect();
    assert_eq!((recorded.len(), recorded[0]["by"]["user_id"].as_str()), (1, job["asked_by"].as_str()), "{history}");
}

on_both!(movers_leave_and_come_by_a_file);
async fn movers_leave_and_come_by_a_file(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let mut people = Vec::new();
    for serial in 9001..9006 {
        people.push(register(&registrar, serial, json!({"relation": "other"})).await);
    }
    let gone = json!({"kind": "moved_out", "date": "2026-01-01"});
    registrar.post(&format!("{}/events", path_of(&people[4])), gone).await.expect(201);
    let file = [
        "nik\tkind\tdate\tvillage_code\tkk_number\tdocument_number".to_owned(),
        format!("{}\tmoved_out\t2026-03-01\t\t\tSKPWNI/3275/01", nik(9001)),
        format!("{}\tmoved_in\t2026-03-01\t3275011002\t3275012001159008\t", nik(9002)),
        format!("{}\tmoved_out\t2026-12-01\t\t\t", nik(9003)),
        format!("{}\tmoved_in\t2026-03-01\t\t\t", nik(9004)),
        format!("{}\tmoved_out\t2026-03-01\t\t\t", nik(9005)),
        format!("{}\tdeceased\t2026-03-01\t\t\t", nik(9004)),
        format!("{}\tmoved_in\t46082\t12\t\"3,27501E+15\"\t", nik(9004)),
        format!("{}\tmoved_out\t2010-01-01\t\t\t", nik(9004)),
    ]
    .join("\n");
    let faults = [
        "5 village_code FIELD_MISSING",
        "6 - STATE_CONFLICT",
        "7 kind UNKNOWN_VALUE",
        "8 date DATE_IS_SERIAL_NUMBER",
        "8 village_code VILLAGE_FORMAT",
        "8 kk_number NIK_SCIENTIFIC_NOTATION",
        "9 nik NIK_REPEATED",
    ];
    let tried = import(&admin, &dry("movers"), file.clone()).await;
    assert_eq!((counts(&tried), told(&tried)), ([3, 0, 0, 5], faults.map(str::to_owned).to_vec()));
    let job = import(&admin, &path("movers"), file.clone()).await;
    assert_eq!((counts(&job), &job["faults"]), ([3, 0, 0, 5], &tried["faults"]));
    let seen = async |at: usize| {
        let seen = registrar.get(&path_of(&people[at])).await.expect(200);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        (text(&seen["state"]), text(&seen["village_code"]), text(&seen["kk_number"]))
    };
    assert_eq!(seen(0).await.0, "moved_out");
    assert_eq!(seen(1).await, ("active".into(), "3275011002".into(), "3275012001159008".into()));
    assert_eq!(seen(2).await.0, "active", "who leaves next month is still here");
    let again = import(&admin, &path("movers"), file.clone()).await;
    assert_eq!((counts(&again), &again["faults"]), ([0, 0, 3, 5], &tried["faults"]));
    let elsewhere = import(&admin, &path("movers"), file.replace("3275011002", "3275011001")).await;
    assert_eq!((counts(&elsewhere), told(&elsewhere)[0].as_str()), ([0, 0, 2, 6], "3 date MOVE_DIFFERS"));
}

on_both!(requests_for_enrolment_come_in_a_file);
async fn requests_for_enrolment_come_in_a_file(server: Server) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    for serial in 9001..9006 {
        register(&registrar, serial, json!({"relation": "other"})).await;
    }
    let counter = json!({"nik": nik(9003), "filed_by": {"kind": "officer"}, "channel": "counter"});
    registrar.post("/api/v1/enrollments", counter).await.expect(201);
    let zeroed = |at: u16| format!("{},member,{},,,", nik(9001 + at), nik(9100 + at * 10));
    let file = [
        "nik,filer_kind,filer_nik,filer_name,channel,note".to_owned(),
        format!("{},rt_rw,{},Ketua RW 12,rt_rw,lansia", nik(9001), nik(9005)),
        format!("{},member,{},,,", nik(9002), nik(9002)),
        format!("{},officer,,,,", nik(9003)),
        format!("{},rt_rw,,,fax,", nik(9004)),
        format!("{},member,{},,,", nik(9004), super::support::small_city::NOBODY),
        format!("{},officer,,,,", nik(9999)),
    ]
    .join("\n");
    let faults = [
        "4 nik ENROLLMENT_EXISTS",
        "5 filer_nik FIELD_MISSING",
        "5 filer_name FIELD_MISSING",
        "5 channel UNKNOWN_VALUE",
        "6 filer_nik FILER_NOT_IN_FAMILY",
        "7 nik NIK_NOT_FOUND",
    ];
    let tried = import(&admin, &dry("enrollments"), file.clone()).await;
    assert_eq!((counts(&tried), told(&tried)), ([2, 0, 0, 4], faults.map(str::to_owned).to_vec()));
    let filed = async || {
        let listed = registrar.get("/api/v1/enrollments?state=submitted").await.expect(200);
        let items = listed["items"].as_array().expect("a list").clone();
        let text = |item: &Value, field: &str| item[field].as_str().expect("a text").to_owned();
        let mut filed: Vec<String> = items.iter().map(|item| format!("{} {}", text(item, "number"), text(item, "channel"))).collect();
        // Those of one moment are listed in no order.
        filed.sort();
        filed
    };
    let before: Vec<String> = filed().await;
    assert_eq!(before.len(), 1, "a dry run files nothing: {before:?}");
    let job = import(&admin, &path("enrollments"), file.clone()).await;
    assert_eq!((counts(&job), &job["faults"]), ([2, 0, 0, 4], &tried["faults"]));
    let after: Vec<String> = filed().await;
    assert_eq!(after.len(), 3);
    let channels: Vec<&str> = after.iter().filter_map(|item| item.split(' ').nth(1)).collect();
    assert_eq!(channels, ["counter", "rt_rw", "bulk"], "{after:?}");
    let again = import(&admin, &path("enrollments"), file.clone()).await;
    assert_eq!((counts(&again), &again["faults"]), ([0, 0, 2, 4], &tried["faults"]));
    assert_eq!(filed().await, after);
    let other = import(&admin, &path("enrollments"), file.replace("lansia", "difabel")).await;
    assert_eq!((counts(&other), told(&other)[0].as_str()), ([0, 0, 1, 5], "2 nik ENROLLMENT_EXISTS"), "another request than the one that stands");

    let file = format!("nik,filer_kind,filer_nik,filer_name,channel,note\n{}", (0..30).map(zeroed).collect::<Vec<_>>().join("\n"));
    let broken = import(&admin, &path("enrollments"), file).await;
    assert_eq!(counts(&broken), [0, 0, 0, 30], "{broken}");
    assert!(broken["faults"].as_array().expect("a list").iter().any(|fault| fault["code"] == "NIK_LAST_DIGIT_ZEROED"), "{broken}");
}

const HOUSEHOLD_HEADER: &str = "kk_number,village_code,address,nik,relation,name,birth_date,sex,rt,rw,resident_since";

fn member(kk: u32, serial: u16, relation: &str) -> String {
    format!("327501200115{kk:04},3275011001,Jl. Anggrek {kk},{},{relation},Wulan Teladan,1990-02-15,F,003,012,2015-03-01", nik(serial))
}

on_both!(families_of_a_file_are_registered_whole_or_not_at_all);
async fn families_of_a_file_are_registered_whole_or_not_at_all(server: Server) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    register(&registrar, 9001, json!({})).await;
    let file = [
        HOUSEHOLD_HEADER.to_owned(),
        member(9101, 9011, "head"),
        member(9101, 9012, "child"),
        member(9102, 9021, "head"),
        member(9102, 9022, "uncle"),
        member(9103, 9031, "child"),
        member(9104, 9041, "head"),
        member(9104, 9001, "child"),
        member(9105, 9051, "head"),
        member(9105, 9052, "child").replace("Anggrek", "Mawar"),
        member(9106, 9061, "head"),
        member(9106, 9062, "child"),
        "1,2,3".to_owned(),
        member(9107, 9071, "head"),
        member(9101, 9013, "head"),
        member(9108, 9081, "head"),
        member(9108, 9081, "head"),
    ]
    .join("\n");
    let faults = [
        "4 kk_number HOUSEHOLD_INCOMPLETE",
        "5 relation UNKNOWN_VALUE",
        "6 relation HEAD_COUNT",
        "7 kk_number HOUSEHOLD_INCOMPLETE",
        "8 nik NIK_ALREADY_REGISTERED",
        "9 address HOUSEHOLD_DIFFERS",
        "10 address HOUSEHOLD_DIFFERS",
        "11 kk_number HOUSEHOLD_INCOMPLETE",
        "12 kk_number HOUSEHOLD_INCOMPLETE",
        "13 - TOO_FEW_FIELDS",
        "15 kk_number HOUSEHOLD_ROWS_APART",
        "16 kk_number HOUSEHOLD_INCOMPLETE",
        "17 nik NIK_REPEATED",
    ];
    let tried = import(&admin, &dry("households"), file.clone()).await;
    assert_eq!((counts(&tried), told(&tried)), ([3, 0, 0, 13], faults.map(str::to_owned).to_vec()));
    registrar.post("/api/v1/participants/lookup", json!({"nik": nik(9011)})).await.expect_problem(404, "NOT_FOUND");
    let job = import(&admin, &path("households"), file.clone()).await;
    assert_eq!((counts(&job), &job["faults"]), ([3, 0, 0, 13], &tried["faults"]));
    let child = registrar.post("/api/v1/participants/lookup", json!({"nik": nik(9012)})).await.expect(200);
    assert_eq!((&child["kk_number"], &child["relation"]), (&json!("3275012001159101"), &json!("child")), "{child}");
    for serial in [9021, 9022, 9031, 9041, 9051, 9061, 9013] {
        registrar.post("/api/v1/participants/lookup", json!({"nik": nik(serial)})).await.expect_problem(404, "NOT_FOUND");
    }
    let again = import(&admin, &path("households"), file.clone()).await;
    assert_eq!((counts(&again), &again["faults"]), ([0, 0, 3, 13], &tried["faults"]));
    let other = import(&admin, &path("households"), format!("{HOUSEHOLD_HEADER}\n{}", member(9107, 9071, "head").replace("Wulan", "Sari"))).await;
    assert_eq!((counts(&other), told(&other)), ([0, 0, 0, 1], vec!["2 kk_number KK_ALREADY_REGISTERED".to_owned()]));

    let large: Vec<String> = (0..60).map(|at| member(9109, 9100 + at, if at == 0 { "head" } else { "child" })).collect();
    let large = import(&admin, &path("households"), format!("{HOUSEHOLD_HEADER}\n{}", large.join("\n"))).await;
    assert_eq!((counts(&large), told(&large)[0].as_str()), ([0, 0, 0, 60], "2 kk_number HOUSEHOLD_TOO_LARGE"));
}

on_both!(a_stopped_job_of_any_kind_goes_on_and_doubles_nothing);
async fn a_stopped_job_of_any_kind_goes_on_and_doubles_nothing(mut server: Watched) {
    const FAMILIES: u32 = 1_500;
    let households: Vec<String> = (0..FAMILIES)
        .flat_map(|at| {
            let kk = format!("32750120{:02}15{:04}", 1 + at / 900, 9_100 + at % 900);
            let row = |relation: &str, nik: String| {
                format!("{kk},3275011001,Jl. Anggrek {at},{nik},{relation},Wulan Teladan,1990-02-{:02},F,003,012,2015-03-01", 5 + at / 450)
            };
            let nik = |tail: u32| format!("327501{}0290{:04}", 45 + at / 450, 9_000 + at % 450 * 2 + tail);
            [row("head", nik(0)), row("sibling", nik(1))]
        })
        .collect();
    let niks: Vec<&str> = households.iter().filter_map(|row| row.split(',').nth(3)).collect();
    let of_all = |header: &str, rest: &str| niks.iter().fold(header.to_owned(), |text, nik| format!("{text}\n{nik},{rest}"));
    for (kind, file) in [
        ("households", format!("{HOUSEHOLD_HEADER}\n{}", households.join("\n"))),
        ("jkn_status", of_all("nik,segment,state,valid_from", "PBI_APBN,inactive,2026-02-01")),
        ("enrollments", of_all("nik,filer_kind", "officer")),
        ("movers", of_all("nik,kind,date", "moved_out,2026-06-01")),
        ("deaths", of_all("nik,date", "2026-07-01")),
    ] {
        let accepted = upload(&server.admin(), &path(kind), file.clone()).await;
        let place = accepted.header("location").to_owned();
        let deadline = Instant::now() + Duration::from_secs(60);
        let stopped_at = loop {
            let job = server.admin().get(&place).await.expect(200);
            if job["rows_read"].as_i64().is_some_and(|read| read >= 100) {
                break job;
            }
            assert!(Instant::now() < deadline, "it does not begin: {job}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        server.stop();
        server.start(&[]);
        let job = ended(&server.admin(), &place).await;
        assert_eq!(counts(&job), [3_000, 0, 0, 0], "{kind}, stopped at {stopped_at}");
        assert_eq!(counts(&import(&server.admin(), &path(kind), file).await), [0, 0, 3_000, 0], "{kind} again");
    }
    server.is_tidied().await;
}
