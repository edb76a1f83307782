//! Reconciliation: a file of the population office is compared with the registry, and a person decides about what differs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::harness::count;
use super::imports::import;
use super::people::{OTHER_VILLAGE, VILLAGE, nik, path_of, register};
use super::questions::{ask, codes, question_of};
use super::support::client::{Answer, Client};
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::{PEOPLE, id_of};

pub const FILES: &str = "/api/v1/imports?kind=population";
const FINDINGS: &str = "/api/v1/reconciliation-findings";
const HEADER: &str = "nik,kk_number,name,birth_date,sex,village_code,status,status_date,resident_since,jkn_segment,jkn_state,row_key";
pub const KK: [&str; 3] = ["3275012001159101", "3275012001159102", "3275012001159103"];

/// A row of a file, as the registry has the person of this serial.
#[derive(Clone)]
pub struct Civil(Vec<(&'static str, String)>);

impl Civil {
    pub fn new(serial: u16, kk: &str) -> Self {
        let row = [("nik", nik(serial)), ("kk_number", kk.into()), ("name", "Wulan Teladan".into()), ("birth_date", "1990-02-15".into())];
        let rest = [("sex", "F".into()), ("village_code", VILLAGE.into()), ("row_key", format!("baris {serial}"))];
        Self(row.into_iter().chain(rest).collect())
    }

    pub fn with(mut self, column: &'static str, value: &str) -> Self {
        self.0.retain(|(known, _)| *known != column);
        self.0.push((column, value.to_owned()));
        self
    }

    fn line(&self) -> String {
        let cell = |column: &str| self.0.iter().find(|(known, _)| *known == column).map_or("", |(_, value)| value.as_str());
        HEADER.split(',').map(cell).collect::<Vec<_>>().join(",")
    }
}

/// The people of the small city as a file has them, and these.
pub fn file(rows: &[Civil]) -> String {
    let mut lines = vec![HEADER.to_owned()];
    for (nik, name, birth_date) in PEOPLE {
        lines.push(format!("{nik},{},{name},{birth_date},F,{VILLAGE},,,,,,", KK[2]));
    }
    lines.extend(rows.iter().map(Civil::line));
    lines.join("\n") + "\n"
}

pub async fn send(client: &Client, rows: &[Civil]) -> Value {
    let job = import(client, FILES, file(rows)).await;
    assert_eq!((&job["state"], &job["failed"]), (&json!("done"), &json!(0)), "{job}");
    let run = client.get(&format!("/api/v1/reconciliations/{}", job["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!((&run["state"], &run["percent"]), (&json!("done"), &json!(100)), "{run}");
    run
}

/// The findings about someone, as "category state".
pub async fn about(client: &Client, person: &Value) -> Vec<String> {
    let mut about: Vec<String> = all(client, "").await.iter().filter(|finding| finding["participant_id"] == person["id"]).map(named).collect();
    about.sort();
    about
}

fn named(finding: &Value) -> String {
    format!("{} {}", finding["category"].as_str().expect("a word"), finding["state"].as_str().expect("a word"))
}

async fn all(client: &Client, query: &str) -> Vec<Value> {
    let listed = client.get(&format!("{FINDINGS}?limit=200{query}")).await.expect(200);
    listed["items"].as_array().expect("a list").clone()
}

async fn of(client: &Client, person: &Value, category: &str) -> Value {
    let found = all(client, &format!("&category={category}")).await;
    let mut found: Vec<Value> =
        found.into_iter().filter(|finding| finding["participant_id"] == person["id"] && finding["state"] != "resolved").collect();
    assert_eq!(found.len(), 1, "{category}: {found:?}");
    found.remove(0)
}

async fn decide(client: &Client, finding: &Value, body: Value) -> Answer {
    client.post(&format!("{FINDINGS}/{}/decision", finding["id"].as_str().expect("an id")), body).await
}

/// The people of the small city have no household: the file knows their card, which is a difference of theirs and of no test.
async fn settle_the_city(client: &Client) {
    let ids: Vec<Value> = all(client, "&category=different")
        .await
        .iter()
        .filter(|finding| PEOPLE.iter().any(|(nik, ..)| finding["participant_id"] == json!(id_of(nik))))
        .map(|finding| finding["id"].clone())
        .collect();
    assert_eq!(ids.len(), PEOPLE.len());
    client.post(&format!("{FINDINGS}/decisions"), json!({"ids": ids, "decision": "dismiss"})).await.expect(200);
}

on_both!(each_difference_is_found_decided_and_felt);
async fn each_difference_is_found_decided_and_felt(server: DatedServer) {
    let (admin, registrar, hospital) = (server.client().as_role("admin"), server.client().as_role("registrar"), server.client().as_role("hospital"));
    let mut people = Vec::new();
    for serial in 9001..=9008 {
        let name = if serial == 9008 { "Yang Hilang" } else { "Wulan Teladan" };
        people.push(register(&registrar, serial, json!({"kk_number": KK[0], "relation": "other", "name": name})).await);
    }
    // Two records of one person: the file has one of the two numbers.
    let twin = register(&registrar, 9009, json!({"kk_number": KK[1], "name": "Ratih Kembar"})).await;
    let other = register(&registrar, 9010, json!({"kk_number": KK[1], "name": "RATIH  KEMBAR", "relation": "other"})).await;
    let row = |serial| Civil::new(serial, KK[0]);
    let rows = [
        row(9001),
        row(9002).with("status", "moved_out").with("status_date", "2026-10-01").with("village_code", "3173011001"),
        row(9003).with("village_code", OTHER_VILLAGE).with("resident_since", "2026-09-01"),
        row(9004).with("status", "deceased").with("status_date", "2026-08-17"),
        row(9005).with("name", "Wulandari Teladan").with("kk_number", KK[1]),
        row(9006).with("jkn_segment", "PPU").with("jkn_state", "active"),
        row(9007).with("name", "Orang Lain").with("birth_date", "1971-01-01"),
        row(9007),
        Civil::new(9010, KK[1]).with("name", "Ratih Kembar"),
        row(9099),
    ];
    let run = send(&admin, &rows).await;
    let expected = json!({"not_found": 1, "moved": 2, "duplicate": 2, "different": 4, "deceased": 1, "jkn_changed": 1});
    assert_eq!((&run["found"], &run["only_in_file"], &run["records"]), (&expected, &json!(1), &json!(12)), "{run}");
    assert_eq!((&run["compared"], &run["agree"], &run["as_of"]), (&json!(13), &json!(2), &json!(TODAY)), "{run}");
    for (at, expected) in [
        vec![],
        vec!["moved open"],
        vec!["moved open"],
        vec!["deceased open"],
        vec!["different open"],
        vec!["jkn_changed open"],
        vec!["duplicate open"],
        vec!["not_found open"],
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(about(&registrar, &people[at]).await, *expected, "person {at}");
        let state = registrar.get(&path_of(&people[at])).await.expect(200)["state"].clone();
        assert_eq!(state, "active", "nobody is changed by a comparison");
    }
    settle_the_city(&registrar).await;

    let moved = of(&registrar, &people[1], "moved").await;
    assert_eq!((&moved["since"], &moved["row_key"]), (&json!("2026-10-01"), &json!("baris 9002")));
    assert_eq!(moved["differences"][0], json!({"field": "status", "registry": "active", "file": "moved_out"}));
    let applied = decide(&registrar, &moved, json!({"decision": "apply"})).await.expect(200);
    assert_eq!((&applied["state"], &applied["decided_by"]), (&json!("applied"), &json!(id_of("registrar"))));
    decide(&admin, &moved, json!({"decision": "apply"})).await.expect_problem(409, "STATE_CONFLICT");
    for (at, category) in [(2, "moved"), (3, "deceased"), (4, "different"), (5, "jkn_changed"), (6, "duplicate")] {
        let finding = of(&registrar, &people[at], category).await;
        let problem = decide(&registrar, &finding, json!({"decision": "apply", "record_as": "suspended"})).await;
        problem.expect_problem(422, "FIELD_NOT_FOR_THIS_KIND");
        decide(&registrar, &finding, json!({"decision": "apply", "note": "sudah dicek"})).await.expect(200);
    }
    let doubled = of(&registrar, &twin, "duplicate").await;
    assert_eq!(doubled["other_participant_id"], other["id"]);
    decide(&registrar, &doubled, json!({"decision": "apply"})).await.expect(200);

    let gone = of(&registrar, &people[7], "not_found").await;
    decide(&registrar, &gone, json!({"decision": "apply"})).await.expect_problem(422, "FIELD_MISSING");
    decide(&admin, &gone, json!({"decision": "apply", "record_as": "nik_inactive"})).await.expect_problem(409, "DECIDES_OWN_REQUEST");
    decide(&registrar, &gone, json!({"decision": "apply", "record_as": "nik_inactive"})).await.expect(200);

    let mut shown = Vec::new();
    for person in &people {
        shown.push(registrar.get(&path_of(person)).await.expect(200));
    }
    let states: Vec<&str> = shown.iter().map(|person| person["state"].as_str().expect("a word")).collect();
    assert_eq!(states, ["active", "moved_out", "active", "deceased", "active", "active", "active", "nik_inactive"]);
    assert_eq!(
        (&shown[2]["village_code"], &shown[4]["name"], &shown[4]["kk_number"]),
        (&json!(OTHER_VILLAGE), &json!("Wulandari Teladan"), &json!(KK[1]))
    );
    assert_eq!((&shown[5]["jkn"]["segment"], &shown[5]["jkn"]["valid_from"]), (&json!("PPU"), &json!(TODAY)), "{}", shown[5]);
    let cases = registrar.get("/api/v1/registry-cases?state=open").await.expect(200);
    assert_eq!(cases["items"].as_array().expect("a list").len(), 2, "{cases}");
    for (serial, date, code) in
        [(9002, "2026-10-02", "MOVED_OUT"), (9004, "2026-08-18", "DECEASED"), (9006, TODAY, "JKN_ACTIVE"), (9008, TODAY, "NIK_INACTIVE")]
    {
        let check = ask(&hospital, question_of(date, json!({"nik": nik(serial)}))).await;
        assert!(codes(&check, "fail").contains(&code), "{serial}: {:?}", codes(&check, "fail"));
    }

    let again = send(&admin, &rows).await;
    assert_eq!((&again["new_findings"], &again["resolved"]), (&json!(0), &json!(0)), "{again}");
    assert_eq!(all(&registrar, "&state=open").await.len(), 0, "what was decided stays decided");
}

on_both!(a_finding_is_one_until_the_file_says_something_else);
async fn a_finding_is_one_until_the_file_says_something_else(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let person = register(&registrar, 9001, json!({"kk_number": KK[0]})).await;
    let row = Civil::new(9001, KK[0]);
    let renamed = [row.clone().with("name", "Wulan Contoh")];
    send(&admin, &renamed).await;
    settle_the_city(&registrar).await;
    let first = of(&registrar, &person, "different").await;
    assert_eq!(send(&admin, &renamed).await["new_findings"], 0, "the same file raises nothing new");
    assert_eq!(of(&registrar, &person, "different").await["id"], first["id"]);

    assert_eq!(send(&admin, std::slice::from_ref(&row)).await["resolved"], 1);
    assert_eq!(about(&registrar, &person).await, ["different resolved"]);
    assert_eq!(send(&admin, &renamed).await["new_findings"], 1, "it is there again");
    decide(&registrar, &first, json!({"decision": "dismiss", "note": "ejaan lama"})).await.expect(200);
    assert_eq!(send(&admin, &renamed).await["new_findings"], 0);
    assert_eq!(about(&registrar, &person).await, ["different dismissed"], "what was dismissed stays so");
    assert_eq!(send(&admin, &[row.clone().with("name", "Wulan Misal")]).await["new_findings"], 1);
    assert_eq!(about(&registrar, &person).await, ["different dismissed", "different open"], "until it says something else");

    // A death undone is a difference anew.
    let dead = [row.clone().with("status", "deceased").with("status_date", "2026-08-17")];
    send(&admin, &dead).await;
    let death = of(&registrar, &person, "deceased").await;
    decide(&registrar, &death, json!({"decision": "apply"})).await.expect(200);
    assert_eq!(send(&admin, std::slice::from_ref(&row)).await["found"]["deceased"], 1, "the file has someone alive whom we have dead");
    let alive = all(&registrar, "&category=deceased&state=open").await.remove(0);
    decide(&registrar, &alive, json!({"decision": "apply"})).await.expect(200);
    assert_eq!(registrar.get(&path_of(&person)).await.expect(200)["state"], "active");
    assert_eq!(send(&admin, &dead).await["new_findings"], 1);
    assert_eq!(all(&registrar, "&category=deceased&state=open").await[0]["id"], death["id"]);
}

on_both!(many_are_decided_alike_and_one_that_became_impossible_is_told);
async fn many_are_decided_alike_and_one_that_became_impossible_is_told(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let mut people = Vec::new();
    let mut rows = Vec::new();
    for serial in 9001..=9006 {
        let village = if serial == 9006 { OTHER_VILLAGE } else { VILLAGE };
        people.push(register(&registrar, serial, json!({"kk_number": KK[0], "relation": "other", "village_code": village})).await);
        rows.push(Civil::new(serial, KK[0]).with("village_code", village).with("status", "moved_out").with("status_date", "2026-10-01"));
    }
    let run = send(&admin, &rows).await;
    // One of them is found to have died meanwhile, before the date of the move.
    let death = json!({"kind": "deceased", "date": "2026-07-01"});
    registrar.post(&format!("{}/events", path_of(&people[2])), death).await.expect(201);
    let mut body =
        json!({"category": "moved", "run_id": run["id"], "where": {"village_code": VILLAGE}, "decision": "apply", "note": "berkas Oktober"});
    let decisions = format!("{FINDINGS}/decisions");
    let answer = registrar.post(&decisions, body.clone()).await.expect(200);
    let items = answer["items"].as_array().expect("a list");
    let statuses: Vec<u64> = items.iter().map(|item| item["status"].as_u64().expect("a number")).collect();
    assert_eq!((statuses.len(), statuses.iter().filter(|status| **status == 200).count(), &answer["more"]), (5, 4, &json!(false)), "{answer}");
    let refused = items.iter().find(|item| item["status"] != 200).expect("one");
    assert_eq!((&refused["status"], &refused["problem"]["code"]), (&json!(409), &json!("STATE_CONFLICT")));
    for (at, state) in ["moved_out", "moved_out", "deceased", "moved_out", "moved_out", "active"].iter().enumerate() {
        assert_eq!(registrar.get(&path_of(&people[at])).await.expect(200)["state"], *state, "person {at}");
    }
    body["where"] = json!({"village_code": OTHER_VILLAGE});
    assert_eq!(registrar.post(&decisions, body).await.expect(200)["items"].as_array().expect("a list").len(), 1);

    let done: Vec<&Value> = items.iter().filter(|item| item["status"] == 200).map(|item| &item["id"]).collect();
    let again = registrar.post(&decisions, json!({"ids": done, "decision": "apply"})).await.expect(200);
    assert!(
        again["items"].as_array().expect("a list").iter().all(|item| item["status"] == 200),
        "a call that is sent again finds done what was done"
    );
    for (body, pointer) in [
        (json!({"decision": "apply"}), "/category"),
        (json!({"ids": done, "category": "moved", "decision": "apply"}), "/category"),
        (json!({"category": "moved", "decision": "apply"}), "/run_id"),
        (json!({"ids": [], "decision": "apply"}), "/ids"),
    ] {
        let problem = registrar.post(&decisions, body).await.expect(422);
        assert!(problem["errors"].as_array().expect("faults").iter().any(|fault| fault["pointer"] == pointer), "{problem}");
    }
}

on_both!(what_is_found_about_a_record_is_not_applied_once_it_is_merged);
async fn what_is_found_about_a_record_is_not_applied_once_it_is_merged(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let goes = register(&registrar, 9001, json!({"kk_number": KK[0]})).await;
    let stays = register(&registrar, 9002, json!({"kk_number": KK[1]})).await;
    let row = Civil::new(9001, KK[1]).with("jkn_segment", "PPU").with("jkn_state", "active");
    send(&admin, &[row, Civil::new(9002, KK[1])]).await;
    let events = format!("{}/events", path_of(&goes));
    registrar.post(&events, json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": stays["id"]})).await.expect(201);
    for category in ["different", "jkn_changed"] {
        let finding = of(&registrar, &goes, category).await;
        decide(&registrar, &finding, json!({"decision": "apply"})).await.expect_problem(409, "STATE_CONFLICT");
    }
    registrar.post(&events, json!({"kind": "unmerged", "date": TODAY})).await.expect(201);
    for category in ["different", "jkn_changed"] {
        let finding = of(&registrar, &goes, category).await;
        decide(&registrar, &finding, json!({"decision": "apply"})).await.expect(200);
    }
    assert_eq!(registrar.get(&path_of(&goes)).await.expect(200)["kk_number"], KK[1]);
}

on_both!(a_move_within_the_city_is_known_from_the_file_on);
async fn a_move_within_the_city_is_known_from_the_file_on(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let person = register(&registrar, 9001, json!({"kk_number": KK[0]})).await;
    send(&admin, &[Civil::new(9001, KK[0]).with("village_code", OTHER_VILLAGE).with("resident_since", "2015-03-01")]).await;
    decide(&registrar, &of(&admin, &person, "moved").await, json!({"decision": "apply"})).await.expect(200);
    let seen = registrar.get(&path_of(&person)).await.expect(200);
    assert_eq!((&seen["village_code"], &seen["resident_since"]), (&json!(OTHER_VILLAGE), &json!("2015-03-01")), "the stay in the city is unbroken");
}

on_both!(whoever_stands_in_a_bad_row_is_not_absent);
async fn whoever_stands_in_a_bad_row_is_not_absent(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let bad = register(&registrar, 9001, json!({"kk_number": KK[0]})).await;
    let absent = register(&registrar, 9002, json!({"kk_number": KK[1], "name": "Yang Hilang"})).await;
    let job = import(&admin, FILES, file(&[Civil::new(9001, KK[0]).with("status", "gone")])).await;
    assert_eq!((&job["state"], &job["failed"]), (&json!("done"), &json!(1)), "{job}");
    assert_eq!((about(&registrar, &bad).await, about(&registrar, &absent).await), (vec![], vec!["not_found open".to_owned()]));
    let run = admin.get(&format!("/api/v1/reconciliations/{}", job["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!((&run["agree"], &run["only_in_file"]), (&json!(0), &json!(0)), "it agrees with nothing, and is known: {run}");
    // And the office's file, where it is asked, knows the number.
    let said = registrar.post(&format!("{}/verifications", path_of(&bad)), json!({})).await.expect(201);
    assert_eq!((&said["verdict"], &said["fields"]["name"]), (&json!("match"), &json!("not_given")), "{said}");
}

on_both!(bad_rows_are_told_and_a_list_names_nobody);
async fn bad_rows_are_told_and_a_list_names_nobody(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let person = register(&registrar, 9001, json!({"kk_number": KK[0]})).await;
    let good = Civil::new(9001, KK[0]).with("sex", "M");
    let bad = [good.clone().with("status", "gone"), good.clone().with("jkn_state", "active"), good.clone().with("birth_date", "15/02/1990")];
    let rows: Vec<Civil> = bad.into_iter().chain([good]).collect();
    let tried = import(&admin, &format!("{FILES}&dry_run=true"), file(&rows)).await;
    assert_eq!((&tried["created"], &tried["failed"]), (&json!(4), &json!(3)), "{tried}");
    assert_eq!(count(server.database(), "SELECT count(*) FROM population_snapshots"), 0, "a dry run keeps nothing");
    let job = import(&admin, FILES, file(&rows)).await;
    let told: Vec<&str> = job["faults"].as_array().expect("a list").iter().map(|fault| fault["code"].as_str().expect("a code")).collect();
    assert_eq!((&job["state"], &job["created"], told), (&json!("done"), &json!(4), vec!["UNKNOWN_VALUE", "FIELD_MISSING", "DATE_IS_LOCAL"]), "{job}");
    assert_eq!(about(&registrar, &person).await, ["different open"], "the rest goes on");

    let id = job["id"].as_str().expect("an id");
    let csv = registrar.get(&format!("/api/v1/reconciliations/{id}/findings.csv")).await;
    assert!(csv.status == 200 && csv.text.starts_with("id,category,state,participant_id,village_code,row_key"), "{}", csv.text);
    assert!(csv.text.contains(&format!("different,open,{},{VILLAGE},baris 9001", person["id"].as_str().expect("an id"))), "{}", csv.text);
    for hidden in [nik(9001), KK[0].to_owned(), "Wulan".to_owned()] {
        assert!(!csv.text.contains(&hidden), "{hidden} is told");
    }
    registrar.get("/api/v1/reconciliations/019b0000-0000-7000-8000-000000000000").await.expect_problem(404, "NOT_FOUND");
    registrar.get("/api/v1/reconciliations/019b0000-0000-7000-8000-000000000000/findings.csv").await.expect_problem(404, "NOT_FOUND");
    for role in ["clinic", "hospital", "verifier", "finance"] {
        server.client().as_role(role).get(FINDINGS).await.expect_problem(403, "NOT_ALLOWED");
    }
    // The auditor reads what an admin may read, and decides nothing.
    let auditor = server.client().as_role("auditor");
    auditor.get(FINDINGS).await.expect(200);
    let body = json!({"category": "different", "run_id": id, "decision": "apply"});
    auditor.post(&format!("{FINDINGS}/decisions"), body).await.expect_problem(403, "NOT_ALLOWED");

    let future = admin
        .send(admin.request(reqwest::Method::POST, &format!("{FILES}&as_of=2026-11-22")).header("Content-Type", "text/csv").body(file(&[])))
        .await;
    assert_eq!(future.expect_problem(422, "DATE_IN_FUTURE")["errors"][0]["parameter"], "as_of");
    let older = admin
        .send(admin.request(reqwest::Method::POST, &format!("{FILES}&as_of=2026-11-20")).header("Content-Type", "text/csv").body(file(&[])))
        .await;
    assert_eq!(older.expect_problem(422, "OLDER_THAN_SNAPSHOT")["errors"][0]["parameter"], "as_of");
    assert_eq!(count(server.database(), "SELECT count(*) FROM population_snapshots"), 1);
}

on_both!(what_the_registry_knows_better_is_no_difference);
async fn what_the_registry_knows_better_is_no_difference(server: DatedServer) {
    let (admin, registrar) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let person = register(&registrar, 9001, json!({"kk_number": KK[0]})).await;
    let left = json!({"kind": "moved_out", "date": "2026-11-15"});
    registrar.post(&format!("{}/events", path_of(&person)), left).await.expect(201);
    let rows = file(&[Civil::new(9001, KK[0])]);
    let old = import(&admin, &format!("{FILES}&as_of=2026-11-10"), rows.clone()).await;
    assert_eq!(old["state"], "done");
    assert_eq!(about(&registrar, &person).await, Vec::<String>::new(), "the file is behind");
    import(&admin, FILES, rows).await;
    assert_eq!(about(&registrar, &person).await, ["moved open"], "the file of today still has them here");
    assert_eq!(count(server.database(), "SELECT count(*) FROM population_records"), 4, "records of the file before are gone");
}

/// A name of letters alone for each number.
fn name_of(serial: u16) -> String {
    format!("Orang {}", serial.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>())
}

/// How far a file has come, and whether it is done.
async fn progress(client: &Client, id: &str) -> (Vec<Value>, bool) {
    let job = client.get(&format!("/api/v1/imports/{id}")).await.expect(200);
    let run = client.get(&format!("/api/v1/reconciliations/{id}")).await.expect(200);
    (vec![job["rows_read"].clone(), run["records"].clone(), run["state"].clone(), run["compared"].clone()], job["state"] == "done")
}

on_both!(a_file_that_is_interrupted_again_and_again_is_compared_once);
async fn a_file_that_is_interrupted_again_and_again_is_compared_once(mut server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    for serial in 9001..=9040 {
        register(&registrar, serial, json!({"kk_number": KK[0], "relation": "other", "name": name_of(serial)})).await;
    }
    // Thousands whom the registry does not know, and the forty with another birth date.
    let other_birth = |serial| Civil::new(serial, KK[0]).with("name", &name_of(serial)).with("birth_date", "1990-02-16");
    let mut rows: Vec<Civil> = (9001..=9040).map(other_birth).collect();
    rows.extend((0..4_000).map(|number| Civil::new(9500, KK[1]).with("nik", &format!("31730155029{}{}", number / 1_000, 9_000 + number % 1_000))));
    let admin = server.client().as_role("admin");
    let upload = admin.request(reqwest::Method::POST, FILES).header("Content-Type", "text/csv").body(file(&rows));
    let job = admin.send(upload).await.expect(202);
    let id = job["id"].as_str().expect("an id");

    let (mut before, mut stops) = (Vec::new(), 0);
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let (now, is_done) = progress(&server.client().as_role("admin"), id).await;
        if is_done {
            break;
        }
        assert!(Instant::now() < deadline, "it does not come to its end: {now:?}");
        if now == before {
            tokio::time::sleep(Duration::from_millis(2)).await;
        } else {
            server.restart(&[]);
            (before, stops) = (now, stops + 1);
        }
    }
    assert!(stops > 2, "it was hardly interrupted");
    let registrar = server.client().as_role("registrar");
    let job = server.client().as_role("admin").get(&format!("/api/v1/imports/{id}")).await.expect(200);
    assert_eq!((&job["rows_read"], &job["created"], &job["failed"]), (&json!(4_043), &json!(4_043), &json!(0)), "{job}");
    let run = registrar.get(&format!("/api/v1/reconciliations/{id}")).await.expect(200);
    assert_eq!((&run["records"], &run["compared"], &run["only_in_file"]), (&json!(4_043), &json!(43), &json!(4_000)), "{run}");
    assert_eq!((&run["found"]["different"], &run["new_findings"]), (&json!(43), &json!(43)), "{run}");
    assert_eq!(count(server.database(), "SELECT count(*) FROM population_records"), 4_043);
    assert_eq!(count(server.database(), "SELECT count(*) FROM reconciliation_findings"), 43);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'reconciliation.ended'"), 1);
}
