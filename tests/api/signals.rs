//! Signals: what raises one and what just does not, who sees them, how they are decided, and that they change no answer.

use chrono::Duration;
use serde_json::{Value, json};

use super::harness::count;
use super::imports::import;
use super::people::{LOOKUP, nik, path_of, register};
use super::questions::{CHECKS, ask, codes, decision, question};
use super::support::client::{Answer, Client};
use super::support::dated::{DatedServer, TODAY};
use super::support::house::PASSWORD;
use super::support::on_both;
use super::support::small_city::{PEOPLE, id_of};

const SIGNALS: &str = "/api/v1/signals";
const ENROLLMENTS: &str = "/api/v1/enrollments";

async fn list(client: &Client, query: &str) -> Vec<Value> {
    let listed = client.get(&format!("{SIGNALS}?{query}")).await.expect(200);
    listed["items"].as_array().expect("a list").clone()
}

async fn kinds(client: &Client) -> Vec<String> {
    let mut kinds: Vec<String> = list(client, "state=open").await.iter().map(|signal| signal["kind"].as_str().expect("a kind").to_owned()).collect();
    kinds.sort();
    kinds
}

async fn decide(client: &Client, signal: &Value, state: &str) -> Answer {
    let path = format!("{SIGNALS}/{}/decision", signal["id"].as_str().expect("an id"));
    client.post(&path, json!({"state": state, "note": "sudah ditanyakan kepada keluarga"})).await
}

fn request(person: &str, changes: Value) -> Value {
    let mut body = json!({"nik": person, "filed_by": {"kind": "officer"}, "channel": "counter"});
    super::people::change(&mut body, changes);
    body
}

async fn file(client: &Client, person: &str, changes: Value) -> Value {
    client.post(ENROLLMENTS, request(person, changes)).await.expect(201)
}

fn days_ago(days: i64) -> String {
    (TODAY.parse::<chrono::NaiveDate>().expect("a date") - Duration::days(days)).to_string()
}

on_both!(a_patient_from_tegal_whose_card_moved_ten_days_ago_is_refused_and_noticed);
async fn a_patient_from_tegal_whose_card_moved_ten_days_ago_is_refused_and_noticed(server: DatedServer) {
    let of = |role: &str| server.client().as_role(role);
    let (registrar, hospital, admin) = (of("registrar"), of("hospital"), of("admin"));
    let of_tegal = "3328015502909001";
    let person = register(&registrar, 9001, json!({"nik": of_tegal, "relation": "other", "resident_since": days_ago(10)})).await;
    // Whoever only comes to the clinic is not in a bed.
    ask(&hospital, question(json!({"nik": of_tegal, "care_type": "outpatient", "ward_class": null}))).await;
    assert_eq!(kinds(&admin).await, [""; 0]);
    let check = ask(&hospital, question(json!({"nik": of_tegal}))).await;
    assert_eq!((decision(&check), codes(&check, "fail")), ("not_eligible", vec!["RESIDENCY_TOO_SHORT"]));
    let signals = list(&admin, &format!("participant_id={}", person["id"].as_str().unwrap())).await;
    let [signal] = &signals[..] else { panic!("one signal, not {signals:?}") };
    assert_eq!(
        (&signal["kind"], &signal["state"], &signal["score"], &signal["facility_id"]),
        (&json!("moved_before_care"), &json!("open"), &json!(97), &json!(id_of("rsud")))
    );
    assert_eq!(signal["people"], json!([{"participant_id": person["id"], "nik_masked": "3328**********01"}]));
    assert_eq!(
        signal["evidence"],
        json!({"kind": "moved_before_care", "check_id": check["id"], "care_type": "inpatient", "service_date": TODAY,
            "resident_since": days_ago(10), "days": 10, "window_days": 180})
    );
    // And when the broker asks for a card while the patient lies there.
    let filed = file(&registrar, of_tegal, json!({"channel": "hospital"})).await;
    assert_eq!(kinds(&admin).await, ["moved_before_care", "moved_before_request", "request_while_admitted"]);
    let shown = admin.get(&format!("{ENROLLMENTS}/{}", filed["id"].as_str().unwrap())).await.expect(200);
    let beside: Vec<(&str, i64)> =
        shown["signals"].as_array().unwrap().iter().map(|one| (one["kind"].as_str().unwrap(), one["score"].as_i64().unwrap())).collect();
    assert_eq!(beside, [("moved_before_care", 97), ("request_while_admitted", 90), ("moved_before_request", 77)]);
    // Who filed it is not told what is noticed.
    assert!(filed.get("signals").is_none());
    let own = registrar.get(&format!("{ENROLLMENTS}/{}", filed["id"].as_str().unwrap())).await.expect(200);
    assert!(own.get("signals").is_none(), "{own}");
}

on_both!(who_moved_long_ago_or_was_born_here_is_not_noticed);
async fn who_moved_long_ago_or_was_born_here_is_not_noticed(server: DatedServer) {
    let of = |role: &str| server.client().as_role(role);
    let (registrar, hospital, admin) = (of("registrar"), of("hospital"), of("admin"));
    for (serial, since, expected) in [(9001, days_ago(180), 0), (9002, days_ago(179), 2)] {
        register(&registrar, serial, json!({"relation": "other", "resident_since": since})).await;
        file(&registrar, &nik(serial), json!({})).await;
        ask(&hospital, question(json!({"nik": nik(serial)}))).await;
        assert_eq!(list(&admin, "").await.len(), expected, "{since}");
    }
    assert_eq!(kinds(&admin).await, ["moved_before_care", "moved_before_request"]);
    let born = days_ago(20);
    let newborn = format!("327501{}{}{}9003", 40 + born[8..].parse::<u32>().unwrap(), &born[5..7], &born[2..4]);
    let child = json!({"nik": newborn, "relation": "child", "birth_date": born, "resident_since": born});
    register(&registrar, 9003, child).await;
    ask(&hospital, question(json!({"nik": newborn}))).await;
    file(&registrar, &newborn, json!({})).await;
    let about_requests = list(&admin, "kind=moved_before_request").await;
    assert_eq!((list(&admin, "kind=moved_before_care").await.len(), about_requests.len()), (1, 1), "{about_requests:?}");
}

on_both!(a_request_after_a_stay_is_one_while_admitted);
async fn a_request_after_a_stay_is_one_while_admitted(server: DatedServer) {
    let of = |role: &str| server.client().as_role(role);
    let (registrar, hospital, admin) = (of("registrar"), of("hospital"), of("admin"));
    for (serial, care, days, expected) in
        [(9001, "inpatient", 14, 0), (9002, "outpatient", 1, 0), (9003, "inpatient", 13, 1), (9004, "emergency", 0, 2)]
    {
        register(&registrar, serial, json!({"relation": "other"})).await;
        let ward = if care == "inpatient" { json!("III") } else { Value::Null };
        let asked = json!({"nik": nik(serial), "care_type": care, "ward_class": ward, "service_date": days_ago(days), "retrospective": days > 0});
        hospital.post(CHECKS, question(asked)).await.expect(201);
        file(&registrar, &nik(serial), json!({})).await;
        assert_eq!(list(&admin, "kind=request_while_admitted").await.len(), expected, "{care} {days} days ago");
    }
    // A void check is not counted.
    register(&registrar, 9005, json!({"relation": "other"})).await;
    let check = ask(&hospital, question(json!({"nik": nik(9005), "care_type": "emergency"}))).await;
    hospital.post(&format!("{CHECKS}/{}/void", check["id"].as_str().unwrap()), json!({"reason": "wrong_person"})).await.expect(200);
    file(&registrar, &nik(9005), json!({})).await;
    assert_eq!(list(&admin, "kind=request_while_admitted").await.len(), 2);
}

on_both!(many_requests_by_one_filer_are_noticed);
async fn many_requests_by_one_filer_are_noticed(mut server: DatedServer) {
    server.restart(&[("signals.requests_per_member", "3"), ("signals.requests_per_officer", "4"), ("signals.requests_per_account", "8")]);
    let of = |role: &str| server.client().as_role(role);
    let (registrar, admin) = (of("registrar"), of("admin"));
    for serial in 9001..=9008 {
        register(&registrar, serial, json!({"relation": "other"})).await;
    }
    let member = json!({"filed_by": {"kind": "member", "nik": nik(9001)}});
    let officer = json!({"filed_by": {"kind": "rt_rw", "name": "Ketua RW", "nik": PEOPLE[0].0}});
    for (serial, filer, expected) in [
        (9001, &member, 0),
        (9002, &member, 0),
        (9003, &member, 1),
        (9004, &officer, 1),
        (9005, &officer, 1),
        (9006, &officer, 1),
        (9007, &officer, 2),
        (9008, &officer, 3),
    ] {
        file(&registrar, &nik(serial), filer.clone()).await;
        assert_eq!(list(&admin, "kind=many_requests").await.len(), expected, "{serial}");
    }
    let found = list(&admin, "kind=many_requests").await;
    let told: Vec<(&Value, &Value, &Value, usize)> = found
        .iter()
        .map(|one| (&one["evidence"]["by"], &one["evidence"]["requests"], &one["evidence"]["account_id"], one["people"].as_array().unwrap().len()))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("account"), &json!(8), &json!(id_of("registrar")), 8),
            (&json!("nik"), &json!(5), &Value::Null, 5),
            (&json!("nik"), &json!(3), &Value::Null, 3)
        ]
    );
    // Whoever filed does not decide on it.
    assert!(!found.iter().any(|one| one.to_string().contains(&PEOPLE[0].0[4..])), "a filer's NIK in the open");
}

on_both!(a_card_that_was_printed_and_is_not_in_the_database_raises_a_forgery_signal);
async fn a_card_that_was_printed_and_is_not_in_the_database_raises_a_forgery_signal(server: DatedServer) {
    let of = |role: &str| server.client().as_role(role);
    let (hospital, clinic, admin) = (of("hospital"), of("clinic"), of("admin"));
    let check = ask(&hospital, question(json!({"card_number": "KS-2018-000777"}))).await;
    assert!(codes(&check, "fail").contains(&"NOT_ENROLLED"), "{:?}", codes(&check, "fail"));
    let first = list(&admin, "kind=card_not_in_database").await;
    assert_eq!(
        (first.len(), &first[0]["score"], &first[0]["people"], &first[0]["evidence"]["card_ending"]),
        (1, &json!(20), &json!([]), &json!("777"))
    );
    // Shown again elsewhere, at a desk and in a look-up: the same signal, and more to it.
    clinic.post(CHECKS, json!({"card_number": "ks-2018-000777", "care_type": "primary"})).await.expect(201);
    clinic.post(LOOKUP, json!({"card_number": "KS-2018-000777"})).await.expect_problem(404, "NOT_FOUND");
    let again = list(&admin, "kind=card_not_in_database").await;
    let evidence = &again[0]["evidence"];
    assert_eq!((again.len(), &again[0]["id"], &evidence["times"], &again[0]["score"]), (1, &first[0]["id"], &json!(3), &json!(70)));
    assert_eq!(evidence["facilities"].as_array().unwrap().len(), 2);
    // A NIK that nobody has is no forged card, and another card is another signal.
    hospital.post(CHECKS, question(json!({"nik": super::support::small_city::NOBODY}))).await.expect(201);
    clinic.post(LOOKUP, json!({"nik": super::support::small_city::NOBODY})).await.expect_problem(404, "NOT_FOUND");
    assert_eq!(list(&admin, "").await.len(), 1);
    clinic.post(LOOKUP, json!({"card_number": "KS-2018-000778"})).await.expect_problem(404, "NOT_FOUND");
    assert_eq!(list(&admin, "").await.len(), 2);
    // Cleared, it is raised anew when the card comes back, and tells of the earlier.
    decide(&admin, &first[0], "confirmed").await.expect(200);
    ask(&hospital, question(json!({"card_number": "KS-2018-000777"}))).await;
    let anew = list(&admin, "kind=card_not_in_database&state=open").await;
    assert_eq!((&anew[0]["earlier_id"], &anew[0]["evidence"]["times"]), (&first[0]["id"], &json!(1)));
    assert_eq!(list(&admin, "min_score=70").await.len(), 1);
    assert_eq!(list(&admin, &format!("facility_id={}", id_of("klinik"))).await.len(), 2);
    for leak in ["KS-2018", "000777"] {
        assert_eq!(count(server.database(), &format!("SELECT count(*) FROM audit_events WHERE header LIKE '%{leak}%'")), 0);
    }
}

on_both!(raised_sixteen_times_at_once_it_is_one);
async fn raised_sixteen_times_at_once_it_is_one(server: DatedServer) {
    let (hospital, clinic) = (server.client().as_role("hospital"), server.client().as_role("clinic"));
    let mut many = tokio::task::JoinSet::new();
    for at in 0..16 {
        let (client, path, body) = if at % 4 == 0 {
            (clinic.clone(), LOOKUP, json!({"card_number": "KS-2018-000777"}))
        } else {
            (hospital.clone(), CHECKS, question(json!({"card_number": "KS-2018-000777"})))
        };
        many.spawn(async move { client.post(path, body).await });
    }
    let answers = many.join_all().await;
    assert!(answers.iter().all(|answer| [201, 404].contains(&answer.status)), "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    let found = list(&server.client().as_role("auditor"), "").await;
    assert_eq!((found.len(), &found[0]["evidence"]["times"]), (1, &json!(16)));
}

on_both!(a_signal_is_decided_once_by_somebody_else);
async fn a_signal_is_decided_once_by_somebody_else(server: DatedServer) {
    let of = |role: &str| server.client().as_role(role);
    let (registrar, hospital, admin, auditor) = (of("registrar"), of("hospital"), of("admin"), of("auditor"));
    // The admin registered the person, and so does not decide.
    let person = register(&admin, 9001, json!({"resident_since": days_ago(10)})).await;
    ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    let found = list(&auditor, "").await;
    assert_eq!(found.len(), 1, "raised twice it is one");
    decide(&admin, &found[0], "cleared").await.expect_problem(409, "DECIDES_OWN_REQUEST");
    // The auditor sees to it that they are decided, and decides none.
    decide(&auditor, &found[0], "cleared").await.expect_problem(403, "NOT_ALLOWED");
    let (second, second_id) = another_admin(&server).await;
    let cleared = decide(&second, &found[0], "cleared").await.expect(200);
    assert_eq!(
        (&cleared["state"], &cleared["decided_by"], &cleared["note"]),
        (&json!("cleared"), &second_id, &json!("sudah ditanyakan kepada keluarga"))
    );
    decide(&second, &found[0], "confirmed").await.expect_problem(409, "STATE_CONFLICT");
    // The same again is nothing new.
    ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    assert_eq!((list(&auditor, "").await.len(), list(&auditor, "state=open").await.len()), (1, 0));
    // Another request is.
    file(&registrar, &nik(9001), json!({})).await;
    assert_eq!(kinds(&auditor).await, ["moved_before_request", "request_while_admitted"]);
    for role in ["registrar", "counter", "clinic", "hospital", "verifier", "finance", "manager", "dpo"] {
        of(role).get(SIGNALS).await.expect_problem(403, "NOT_ALLOWED");
        decide(&of(role), &found[0], "cleared").await.expect_problem(403, "NOT_ALLOWED");
    }
    let one = admin.get(&format!("{SIGNALS}/{}", cleared["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(one, cleared);
    admin.get(&format!("{SIGNALS}/{}", id_of("nobody"))).await.expect_problem(404, "NOT_FOUND");
    for (query, fault) in [("min_score=101", "OUT_OF_RANGE"), ("kind=odd", "WRONG_FORMAT"), ("from=2026-11-22&to=2026-11-21", "BEFORE_FROM")] {
        let problem = admin.get(&format!("{SIGNALS}?{query}")).await.expect(422);
        assert_eq!(problem["errors"][0]["code"], fault, "{query}");
    }
    assert_eq!((list(&admin, &format!("from={TODAY}&to={TODAY}")).await.len(), list(&admin, "to=2026-11-20").await.len()), (3, 0));
    // Reading them is in the log of those they are about, and what was noted is not in the open.
    let id = person["id"].as_str().unwrap();
    for kind in ["signals.listed", "signal.read", "signal.raised", "signal.decided"] {
        let text = format!("SELECT count(*) FROM audit_events WHERE kind = '{kind}' AND header LIKE '%{id}%'");
        assert!(count(server.database(), &text) > 0, "{kind}");
    }
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE header LIKE '%keluarga%' OR header LIKE '%window%'"), 0);
}

/// For what the first admin is involved in.
async fn another_admin(server: &DatedServer) -> (Client, Value) {
    let user = json!({"username": "wakil.admin", "password": PASSWORD, "name": "Uji Coba", "role": "admin"});
    let made = server.client().as_role("admin").post("/api/v1/users", user).await.expect(201);
    let tokens = server.client().post("/api/v1/auth/token", json!({"username": "wakil.admin", "password": PASSWORD})).await.expect(200);
    (server.client().with_token(tokens["access_token"].as_str().expect("a token")), made["id"].clone())
}

on_both!(a_whole_list_of_requests_is_one_signal_of_a_hundred_people);
async fn a_whole_list_of_requests_is_one_signal_of_a_hundred_people(mut server: DatedServer) {
    server.restart(&[("signals.requests_per_account", "10"), ("signals.requests_per_officer", "10")]);
    let (registrar, admin) = (server.client().as_role("registrar"), server.client().as_role("admin"));
    let person = |serial: u16| {
        format!("{},327501200115{serial},head,Wulan Teladan,1990-02-15,F,3275011001,3,12,Jl. Kenanga {serial},,2015-03-01\n", nik(serial))
    };
    let people = "nik,kk_number,relation,name,birth_date,sex,village_code,rt,rw,address,phone,resident_since\n".to_owned();
    let made = import(&admin, "/api/v1/imports?kind=participants", (9001..=9195).map(person).fold(people, |file, row| file + &row)).await;
    assert_eq!(made["created"], 195, "{made}");
    let filed_by = json!({"kind": "rt_rw", "name": "Ketua RW", "nik": PEOPLE[0].0});
    for list in [9001..=9065, 9066..=9130] {
        let items: Vec<Value> = list.map(|serial| json!({"nik": nik(serial)})).collect();
        let body = json!({"filed_by": filed_by, "channel": "rt_rw", "items": items});
        let filed = registrar.post(&format!("{ENROLLMENTS}/batch"), body).await.expect(200);
        assert!(filed["items"].as_array().unwrap().iter().all(|item| item["status"] == 201), "{filed}");
    }
    let told = async || {
        let found = list(&admin, "kind=many_requests").await;
        let mut told: Vec<(String, i64, usize)> = found
            .iter()
            .map(|one| {
                let evidence = &one["evidence"];
                (evidence["by"].to_string(), evidence["requests"].as_i64().unwrap(), one["people"].as_array().unwrap().len())
            })
            .collect();
        told.sort_unstable();
        told
    };
    assert_eq!(told().await, [("\"account\"".to_owned(), 130, 100), ("\"nik\"".to_owned(), 130, 100)]);
    // One for each list and each signal, not one for each request.
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'signal.renewed'"), 2);
    let request = |serial: u16| format!("{},rt_rw,{},Ketua RW,rt_rw\n", nik(serial), PEOPLE[0].0);
    let requests = "nik,filer_kind,filer_nik,filer_name,channel\n".to_owned();
    let made = import(&admin, "/api/v1/imports?kind=enrollments", (9131..=9195).map(request).fold(requests, |file, row| file + &row)).await;
    assert_eq!(made["created"], 65, "{made}");
    let [(_, by_admin, of_admin), (_, by_registrar, _), (_, by_officer, of_officer)] = told().await[..] else { panic!("{:?}", told().await) };
    assert!((10..=65).contains(&by_admin) && of_admin <= 65 && by_registrar == 130, "{by_admin} {of_admin} {by_registrar}");
    assert!((180..=195).contains(&by_officer) && of_officer == 100, "{by_officer} {of_officer}");
}

on_both!(a_signal_changes_no_answer);
async fn a_signal_changes_no_answer(server: DatedServer) {
    let of = |role: &str| server.client().as_role(role);
    let (registrar, hospital, admin) = (of("registrar"), of("hospital"), of("admin"));
    let person = register(&registrar, 9001, json!({"resident_since": days_ago(100)})).await;
    // Before there is one, while it is open, and when it is confirmed.
    let first = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    let open = list(&admin, "state=open").await;
    assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("moved_before_care")));
    let second = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    decide(&admin, &open[0], "confirmed").await.expect(200);
    let third = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    for later in [&second, &third] {
        assert_eq!((&later["decision"], &later["rules"], &later["reasons"]), (&first["decision"], &first["rules"], &first["reasons"]));
    }
    assert_eq!(count(server.database(), "SELECT count(*) FROM eligibility_checks"), 3);
    assert_eq!(count(server.database(), "SELECT count(DISTINCT digest) FROM eligibility_checks"), 1);
    // A request with open signals goes its whole way.
    let filed = file(&registrar, &nik(9001), json!({})).await;
    assert_eq!(kinds(&admin).await, ["moved_before_request", "request_while_admitted"]);
    for step in ["take", "approve", "activate"] {
        let path = format!("{ENROLLMENTS}/{}/decisions", filed["id"].as_str().unwrap());
        admin.post(&path, json!({"decision": step})).await.expect(200);
    }
    assert_eq!(admin.get(&path_of(&person)).await.expect(200)["enrollment"]["state"], "active");
}
