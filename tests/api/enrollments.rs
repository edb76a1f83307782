//! Enrolment: a request is filed, reviewed by somebody else, and made active; applicants follow it by its number.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::harness::count;
use super::imports::import;
use super::people::{PARTICIPANTS, faults, nik, register};
use super::people_file;
use super::questions::{ask, codes, decision, question_of, rule};
use super::support::client::{Answer, Client};
use super::support::dated::{DatedServer, TODAY};
use super::support::house::House;
use super::support::on_both;
use super::support::rows;
use super::support::small_city::{NOBODY, PEOPLE, id_of};

pub const ENROLLMENTS: &str = "/api/v1/enrollments";
const TRACK: &str = "/api/v1/enrollments/track";

fn request(person: &str, changes: Value) -> Value {
    let mut body = json!({"nik": person, "filed_by": {"kind": "officer"}, "channel": "counter"});
    super::people::change(&mut body, changes);
    body
}

pub async fn file(client: &Client, person: &str, changes: Value) -> Value {
    client.post(ENROLLMENTS, request(person, changes)).await.expect(201)
}

fn path(enrollment: &Value) -> String {
    format!("{ENROLLMENTS}/{}", enrollment["id"].as_str().expect("an id"))
}

pub async fn decide(client: &Client, enrollment: &Value, decision: &str) -> Answer {
    client.post(&format!("{}/decisions", path(enrollment)), json!({"decision": decision, "reason": "KTP-el belum dilampirkan"})).await
}

pub async fn all(client: &Client, enrollment: &Value, decisions: &[&str]) {
    for decision in decisions {
        decide(client, enrollment, decision).await.expect(200);
    }
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("an instant").parse().expect("RFC 3339")
}

fn items(listed: &Value) -> Vec<&Value> {
    listed["items"].as_array().expect("a list").iter().map(|item| &item["id"]).collect()
}

on_both!(a_request_goes_its_whole_way_and_every_step_is_kept);
async fn a_request_goes_its_whole_way_and_every_step_is_kept(server: DatedServer) {
    let (registrar, counter, admin) = (server.client().as_role("registrar"), server.client().as_role("counter"), server.client().as_role("admin"));
    let person = register(&registrar, 9001, json!({})).await;
    let body = request(
        &nik(9001),
        json!({"submit": false, "note": "tidak dapat berjalan", "channel": "home_visit",
        "filed_by": {"kind": "rt_rw", "name": "Ketua RW Teladan", "nik": PEOPLE[1].0}}),
    );
    let filed = counter.post(ENROLLMENTS, body).await;
    let place = filed.header("location").to_owned();
    let filed = filed.expect(201);
    assert_eq!(place, path(&filed));
    assert_eq!((&filed["number"], &filed["state"], &filed["due_at"]), (&json!("ENR-3275-2026-000001"), &json!("draft"), &Value::Null));
    assert_eq!(filed["filed_by"], json!({"kind": "rt_rw", "name": "Ketua RW Teladan", "nik_masked": "3275**********02"}));
    assert_eq!((&filed["note"], &filed["created_by"], &filed["steps"]), (&json!("tidak dapat berjalan"), &json!(id_of("counter")), &json!([])));
    assert_eq!((&filed["participant_id"], &filed["card_state"]), (&person["id"], &json!("not_printed")));

    let submitted = decide(&counter, &filed, "submit").await.expect(200);
    assert_eq!(instant(&submitted["due_at"]) - instant(&submitted["updated_at"]), Duration::hours(72));
    all(&admin, &filed, &["take", "return"]).await;
    let returned = counter.get(&path(&filed)).await.expect(200);
    assert_eq!((&returned["state"], &returned["due_at"]), (&json!("returned"), &Value::Null));
    server.put_forward(Duration::minutes(2));
    let again = decide(&counter, &filed, "resubmit").await.expect(200);
    assert!(instant(&again["due_at"]) > instant(&submitted["due_at"]), "it is looked at anew");
    let taken = decide(&admin, &filed, "take").await;
    assert_eq!(taken.header("etag"), "\"6\"");
    assert_eq!(taken.expect(200)["due_at"], again["due_at"], "the clock goes on");

    // Who filed it and who registered the person do not decide on it.
    for own in [&counter, &registrar] {
        for decision in ["approve", "reject"] {
            decide(own, &filed, decision).await.expect_problem(409, "DECIDES_OWN_REQUEST");
        }
    }
    all(&admin, &filed, &["approve"]).await;
    assert_eq!(admin.get(&format!("{PARTICIPANTS}/{}", person["id"].as_str().unwrap())).await.expect(200)["enrollment"]["state"], "approved");
    all(&registrar, &filed, &["activate"]).await;
    let active = admin.get(&format!("{PARTICIPANTS}/{}", person["id"].as_str().unwrap())).await.expect(200);
    let number = "KS-3275-2026-000001-75";
    assert_eq!(active["enrollment"], json!({"state": "active", "card_state": "not_printed", "card_number": number, "issued_on": TODAY}));
    all(&admin, &filed, &["suspend"]).await;
    assert_eq!(admin.get(&path(&filed)).await.expect(200)["ended_on"], TODAY);
    all(&admin, &filed, &["reinstate", "revoke"]).await;

    let whole = admin.get(&path(&filed)).await.expect(200);
    let steps: Vec<&str> = whole["steps"].as_array().unwrap().iter().map(|step| step["action"].as_str().unwrap()).collect();
    let expected = ["submit", "take", "return", "resubmit", "take", "approve", "activate", "suspend", "reinstate", "revoke"];
    assert_eq!((steps, &whole["state"]), (expected.to_vec(), &json!("revoked")));
    let returned = &whole["steps"][2];
    assert_eq!(
        (&returned["by"], &returned["state"], &returned["reason"]),
        (&json!(id_of("admin")), &json!("returned"), &json!("KTP-el belum dilampirkan"))
    );
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'enrollment.decided'"), 10);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'enrollment.filed'"), 1);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE header LIKE '%KTP%' OR header LIKE '%Ketua%'"), 0);
}

on_both!(what_a_state_does_not_allow_is_refused);
async fn what_a_state_does_not_allow_is_refused(server: DatedServer) {
    let (counter, admin) = (server.client().as_role("counter"), server.client().as_role("admin"));
    let filed = file(&counter, PEOPLE[0].0, json!({})).await;
    for impossible in ["submit", "resubmit", "return", "approve", "reject", "activate", "suspend", "reinstate"] {
        decide(&admin, &filed, impossible).await.expect_problem(409, "STATE_CONFLICT");
    }
    all(&admin, &filed, &["take"]).await;
    for (decision, body) in [("return", json!({"decision": "return"})), ("reject", json!({"decision": "reject", "reason": null}))] {
        let problem = admin.post(&format!("{}/decisions", path(&filed)), body).await.expect_problem(422, "FIELD_MISSING");
        assert_eq!(faults(&problem), ["/reason FIELD_MISSING"], "{decision}");
    }
    all(&admin, &filed, &["reject"]).await;
    decide(&admin, &filed, "take").await.expect_problem(409, "STATE_CONFLICT");
    let shown = admin.get(&path(&filed)).await.expect(200);
    assert_eq!((&shown["state"], shown["steps"].as_array().map(Vec::len)), (&json!("rejected"), Some(3)));
    for user in ["clinic", "hospital", "verifier", "auditor"] {
        decide(&server.client().as_role(user), &filed, "take").await.expect_problem(403, "NOT_ALLOWED");
    }
}

on_both!(every_fault_of_a_request_is_told);
async fn every_fault_of_a_request_is_told(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    register(&registrar, 9001, json!({})).await;
    register(&registrar, 9002, json!({"relation": "child"})).await;
    let of_others = json!({"kk_number": "3275012001159008"});
    register(&registrar, 9003, of_others).await;
    let member = |nik: &str| json!({"filed_by": {"kind": "member", "nik": nik}});
    for (changes, expected) in [
        (json!({"nik": "327501550290900"}), "/nik NIK_FORMAT"),
        (json!({"nik": NOBODY}), "/nik NIK_NOT_FOUND"),
        (json!({"nik": null}), " ONE_OF"),
        (json!({"participant_id": id_of(PEOPLE[0].0)}), " ONE_OF"),
        (json!({"nik": null, "participant_id": id_of("klinik")}), "/participant_id PARTICIPANT_NOT_FOUND"),
        (json!({"filed_by": {"kind": "member"}}), "/filed_by/nik FIELD_MISSING"),
        (json!({"filed_by": {"kind": "rt_rw", "nik": PEOPLE[1].0}}), "/filed_by/name FIELD_MISSING"),
        (json!({"filed_by": {"kind": "rt_rw", "name": "Ketua RW Teladan"}}), "/filed_by/nik FIELD_MISSING"),
        (json!({"filed_by": {"kind": "dinsos", "nik": PEOPLE[1].0}}), "/filed_by/name FIELD_MISSING"),
        (json!({"filed_by": {"kind": "dinsos", "name": "Petugas Dinsos"}}), "/filed_by/nik FIELD_MISSING"),
        (member(&nik(9003)), "/filed_by/nik FILER_NOT_IN_FAMILY"),
        (member(NOBODY), "/filed_by/nik FILER_NOT_IN_FAMILY"),
        (member("1"), "/filed_by/nik NIK_FORMAT"),
        (json!({"channel": null}), "/channel FIELD_MISSING"),
    ] {
        let problem = registrar.post(ENROLLMENTS, request(&nik(9001), changes)).await.expect(422);
        assert_eq!(faults(&problem), [expected]);
        assert!(!problem.to_string().contains(&NOBODY[..12]), "a NIK in an error");
    }
    let both = json!({"nik": null, "filed_by": {"kind": "member"}});
    assert_eq!(faults(&registrar.post(ENROLLMENTS, request("", both)).await.expect(422)), [" ONE_OF", "/filed_by/nik FIELD_MISSING"]);
    // One of the family may, and so may everybody for themselves.
    file(&registrar, &nik(9001), member(&nik(9002))).await;
    file(&registrar, &nik(9003), member(&nik(9003))).await;
    server.database().execute("UPDATE participants SET state = 'deceased' WHERE birth_year = 1985").expect("a death");
    registrar.post(ENROLLMENTS, request(PEOPLE[1].0, json!({}))).await.expect_problem(409, "STATE_CONFLICT");
    assert_eq!(count(server.database(), "SELECT count(*) FROM enrollments"), 2);
}

on_both!(a_person_has_one_live_enrolment);
async fn a_person_has_one_live_enrolment(server: DatedServer) {
    let (counter, admin) = (server.client().as_role("counter"), server.client().as_role("admin"));
    let mut many = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let client = counter.clone();
        many.spawn(async move { client.post(ENROLLMENTS, request(PEOPLE[0].0, json!({}))).await });
    }
    let (made, refused): (Vec<Answer>, Vec<Answer>) = many.join_all().await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 7));
    let first = &made[0].json;
    for answer in refused {
        let problem = answer.expect_problem(409, "ENROLLMENT_EXISTS");
        assert_eq!(problem["existing"], json!({"id": first["id"], "number": first["number"], "state": "submitted"}));
    }
    all(&admin, first, &["take", "approve", "activate", "suspend"]).await;
    let by_id = json!({"nik": null, "participant_id": id_of(PEOPLE[0].0)});
    counter.post(ENROLLMENTS, request("", by_id.clone())).await.expect_problem(409, "ENROLLMENT_EXISTS");
    all(&admin, first, &["revoke"]).await;
    let second = file(&counter, "", by_id).await;
    assert_ne!(second["number"], first["number"]);
    assert_eq!(second["participant_id"], json!(id_of(PEOPLE[0].0)));
}

on_both!(what_is_not_decided_in_time_is_overdue);
async fn what_is_not_decided_in_time_is_overdue(server: DatedServer) {
    let (counter, admin) = (server.client().as_role("counter"), server.client().as_role("admin"));
    let waiting = file(&counter, PEOPLE[0].0, json!({})).await;
    let draft = file(&counter, PEOPLE[1].0, json!({"submit": false, "channel": "hospital"})).await;
    let returned = file(&counter, PEOPLE[2].0, json!({})).await;
    all(&admin, &returned, &["take", "return"]).await;
    let none: Vec<&Value> = Vec::new();
    assert_eq!(items(&admin.get(&format!("{ENROLLMENTS}?overdue=true")).await.expect(200)), none);

    server.put_forward(Duration::hours(72) + Duration::minutes(1));
    let admin = server.client().as_role("admin");
    for (query, expected) in [
        ("overdue=true", vec![&waiting]),
        ("overdue=false", vec![&returned, &draft]),
        ("", vec![&returned, &draft, &waiting]),
        ("state=returned", vec![&returned]),
        ("channel=hospital", vec![&draft]),
        (&format!("number={}", waiting["number"].as_str().unwrap()), vec![&waiting]),
        (&format!("from={TODAY}&to={TODAY}"), vec![&returned, &draft, &waiting]),
        ("from=2026-11-22", vec![]),
        ("to=2026-11-20", vec![]),
    ] {
        let listed = admin.get(&format!("{ENROLLMENTS}?{query}")).await.expect(200);
        assert_eq!(items(&listed), expected.iter().map(|enrollment| &enrollment["id"]).collect::<Vec<_>>(), "{query}");
        for item in listed["items"].as_array().unwrap() {
            assert_eq!(item["overdue"], json!(item["id"] == waiting["id"]), "{item}");
            assert!(item.get("note").is_none() && item.get("filed_by").is_none() && item.get("steps").is_none(), "{item}");
        }
    }
    let first = admin.get(&format!("{ENROLLMENTS}?limit=2")).await.expect(200);
    let next = admin.get(&format!("{ENROLLMENTS}?limit=2&cursor={}", first["next_cursor"].as_str().expect("more"))).await.expect(200);
    assert_eq!((items(&next), &next["next_cursor"]), (vec![&waiting["id"]], &Value::Null));
}

on_both!(an_imported_card_takes_the_place_of_what_was_there);
async fn an_imported_card_takes_the_place_of_what_was_there(server: DatedServer) {
    let (registrar, admin) = (server.client().as_role("registrar"), server.client().as_role("admin"));
    let person = register(&registrar, 9001, json!({})).await;
    let asked = file(&registrar, &nik(9001), json!({})).await;
    let header =
        "nik,kk_number,relation,name,birth_date,sex,village_code,rt,rw,address,phone,resident_since,mother_name,card_number,card_issued_on,row_key";
    let row = format!(
        "{},3275012001159007,head,Wulan Teladan,1990-02-15,F,3275011001,003,012,Jl. Kenanga 7,081200000007,2015-03-01,Ratna Teladan,KS-900123,2018-01-01,r1",
        nik(9001)
    );
    let job = import(&admin, "/api/v1/imports?kind=participants", format!("{header}\n{row}\n")).await;
    assert_eq!((&job["state"], &job["changed"]), (&json!("done"), &json!(1)), "{job}");

    let lapsed = admin.get(&path(&asked)).await.expect(200);
    assert_eq!((&lapsed["state"], &lapsed["due_at"], &lapsed["ended_on"]), (&json!("expired"), &Value::Null, &Value::Null));
    let last = &lapsed["steps"][1];
    assert_eq!((&last["action"], &last["by"]), (&json!("expire"), &json!(id_of("admin"))), "{lapsed}");
    let held = admin.get(&super::people::path_of(&person)).await.expect(200);
    assert_eq!((&held["enrollment"]["state"], &held["enrollment"]["card_number"]), (&json!("active"), &json!("KS-900123")));

    let problem = registrar.post(ENROLLMENTS, request(&nik(9001), json!({}))).await.expect_problem(409, "ENROLLMENT_EXISTS");
    assert_eq!((&problem["existing"]["state"], &problem["existing"]["number"]), (&json!("active"), &Value::Null));
    all(&registrar, &problem["existing"], &["suspend"]).await;
    let imported = admin.get(&path(&problem["existing"])).await.expect(200);
    assert_eq!((&imported["number"], &imported["channel"], imported.get("filed_by")), (&Value::Null, &Value::Null, None));
    assert_eq!((&imported["issued_on"], &imported["ended_on"]), (&json!("2018-01-01"), &json!(TODAY)));
}

const HERE: &str = "198.51.100.7";

async fn track(house: &House, from: &str, number: &Value, birth_date: &str) -> Answer {
    house.knock(from, TRACK, json!({"number": number, "birth_date": birth_date})).await
}

on_both!(applicants_follow_their_request_and_learn_nothing_else);
async fn applicants_follow_their_request_and_learn_nothing_else(house: House) {
    let counter = house.server.client().as_role("counter");
    let filed = file(&counter, PEOPLE[0].0, json!({"note": "tidak dapat berjalan"})).await;
    let (number, birth_date) = (&filed["number"], PEOPLE[0].2);
    let told = track(&house, HERE, number, birth_date).await;
    assert!(!told.text.contains(PEOPLE[0].0) && !told.text.contains("Teladan") && !told.text.contains("berjalan"), "{}", told.text);
    let told = told.expect(200);
    let fields: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["due_at", "next_step", "number", "state", "updated_at"]);
    assert_eq!((&told["number"], &told["state"], &told["due_at"]), (number, &json!("submitted"), &filed["due_at"]));
    assert!(told["next_step"]["id"].as_str().unwrap().contains("petugas") && told["next_step"]["en"].as_str().unwrap().contains("officer"));
    let in_small = json!(number.as_str().unwrap().to_lowercase());
    track(&house, HERE, &in_small, birth_date).await.expect(200);

    let mut shapes = std::collections::BTreeSet::new();
    for (number, birth_date) in
        [(number.clone(), "1990-01-06"), (json!("ENR-3275-2026-999999"), birth_date), (json!(PEOPLE[0].0), birth_date), (json!("x"), birth_date)]
    {
        let mut problem = track(&house, HERE, &number, birth_date).await.expect_problem(404, "NOT_FOUND");
        problem.as_object_mut().unwrap().remove("instance");
        shapes.insert(problem.to_string());
    }
    assert_eq!(shapes.len(), 1, "{shapes:?}");
    all(&house.admin(), &filed, &["take", "reject"]).await;
    let told = track(&house, HERE, number, birth_date).await.expect(200);
    assert_eq!((&told["state"], &told["due_at"]), (&json!("rejected"), &Value::Null));
    assert!(!told.to_string().contains("KTP-el belum"), "a reason for anybody to read: {told}");
    assert_eq!(rows::count(&house, "SELECT count(*) FROM audit_events WHERE kind = 'enrollment.tracked'"), 3);
    assert_eq!(rows::count(&house, "SELECT count(*) FROM audit_events WHERE kind = 'enrollment.tracking_failed'"), 4);
}

#[track_caller]
fn shut(answer: Answer) {
    let seconds: u32 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=15 * 60).contains(&seconds), "{seconds}");
    answer.expect_problem(429, "TRACKING_LOCKED");
}

on_both!(guessing_a_birth_date_shuts_the_door_of_that_number);
async fn guessing_a_birth_date_shuts_the_door_of_that_number(house: House) {
    let counter = house.server.client().as_role("counter");
    let filed = file(&counter, PEOPLE[0].0, json!({})).await;
    let other = file(&counter, PEOPLE[1].0, json!({})).await;
    for day in 1..=10 {
        // The right one between them counts for nothing.
        track(&house, HERE, &filed["number"], PEOPLE[0].2).await.expect(200);
        track(&house, &format!("203.0.113.{day}"), &filed["number"], &format!("1991-01-{day:02}")).await.expect_problem(404, "NOT_FOUND");
    }
    shut(track(&house, HERE, &filed["number"], PEOPLE[0].2).await);
    shut(track(&house, "203.0.113.99", &filed["number"], PEOPLE[0].2).await);
    track(&house, HERE, &other["number"], PEOPLE[1].2).await.expect(200);
    assert_eq!(rows::count(&house, "SELECT count(*) FROM audit_events WHERE kind = 'enrollment.tracking_locked'"), 1);
    // A number that nobody has is locked as one that somebody has.
    let nothing = json!("ENR-3275-2026-999999");
    for _ in 0..10 {
        track(&house, HERE, &nothing, PEOPLE[0].2).await.expect_problem(404, "NOT_FOUND");
    }
    shut(track(&house, HERE, &nothing, PEOPLE[0].2).await);
    house.clock.forward(Duration::minutes(15));
    track(&house, HERE, &filed["number"], PEOPLE[0].2).await.expect(200);
}

on_both!(guessing_at_many_numbers_shuts_the_door_of_an_address);
async fn guessing_at_many_numbers_shuts_the_door_of_an_address(house: House) {
    let filed = file(&house.server.client().as_role("counter"), PEOPLE[0].0, json!({})).await;
    for number in 0..100 {
        let number = json!(format!("ENR-3275-2026-9{number:05}"));
        track(&house, "2001:db8:1:2::1", &number, PEOPLE[0].2).await.expect_problem(404, "NOT_FOUND");
    }
    // One customer has the whole /64.
    shut(track(&house, "2001:db8:1:2:3::9", &filed["number"], PEOPLE[0].2).await);
    track(&house, HERE, &filed["number"], PEOPLE[0].2).await.expect(200);
}

async fn batch(client: &Client, items: Value) -> Vec<Value> {
    let body = json!({"filed_by": {"kind": "rt_rw", "name": "Ketua RW Teladan", "nik": PEOPLE[1].0}, "channel": "rt_rw", "items": items});
    client.post(&format!("{ENROLLMENTS}/batch"), body).await.expect(200)["items"].as_array().expect("a list").clone()
}

on_both!(a_whole_neighbourhood_is_filed_at_once_item_by_item);
async fn a_whole_neighbourhood_is_filed_at_once_item_by_item(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let first = file(&registrar, PEOPLE[0].0, json!({})).await;
    let answered = batch(
        &registrar,
        json!([
            {"nik": PEOPLE[1].0, "note": "rumah pojok"},
            {"nik": "12"},
            {"nik": NOBODY},
            {"nik": PEOPLE[0].0},
            {"participant_id": id_of(PEOPLE[2].0)},
            {"nik": PEOPLE[1].0},
            {"participant_id": id_of("klinik")},
            {"colour": "red"},
            7,
        ]),
    )
    .await;
    let told: Vec<(u64, &str)> = answered
        .iter()
        .map(|item| (item["status"].as_u64().unwrap(), item["problem"]["code"].as_str().or(item["result"]["number"].as_str()).unwrap()))
        .collect();
    assert_eq!(told[0], (201, "ENR-3275-2026-000002"));
    assert_eq!((told[1], told[2], told[3]), ((422, "NIK_FORMAT"), (422, "NIK_NOT_FOUND"), (409, "ENROLLMENT_EXISTS")));
    assert_eq!((told[4].0, told[5], told[6]), (201, (409, "ENROLLMENT_EXISTS"), (422, "PARTICIPANT_NOT_FOUND")));
    assert_eq!((told[7].0, told[8].0, told.len()), (422, 422, 9));
    assert!(answered.iter().enumerate().all(|(at, item)| item["index"] == at));
    assert_eq!(answered[3]["problem"]["existing"]["id"], first["id"]);
    let made = registrar.get(&path(&answered[0]["result"])).await.expect(200);
    assert_eq!((&made["state"], &made["channel"], &made["note"]), (&json!("submitted"), &json!("rt_rw"), &json!("rumah pojok")));
    assert_eq!(made["filed_by"]["name"], "Ketua RW Teladan");
    assert_eq!(count(server.database(), "SELECT count(*) FROM enrollments"), 3);
    let nameless = json!({"filed_by": {"kind": "rt_rw"}, "channel": "rt_rw", "items": [{"nik": PEOPLE[1].0}]});
    let problem = registrar.post(&format!("{ENROLLMENTS}/batch"), nameless).await.expect(422);
    assert_eq!(faults(&problem), ["/filed_by/name FIELD_MISSING", "/filed_by/nik FIELD_MISSING"]);
    for (items, code) in [(json!([]), "TOO_FEW_ITEMS"), (Value::Array(vec![json!({}); 1001]), "TOO_MANY_ITEMS")] {
        let body = json!({"filed_by": {"kind": "officer"}, "channel": "bulk", "items": items});
        let problem = registrar.post(&format!("{ENROLLMENTS}/batch"), body).await.expect(422);
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(1), "{code}: {problem}");
    }
}

on_both!(a_thousand_are_filed_and_unknown_numbers_are_limited);
async fn a_thousand_are_filed_and_unknown_numbers_are_limited(server: DatedServer) {
    let (registrar, admin) = (server.client().as_role("registrar"), server.client().as_role("admin"));
    let unknown = |number: usize| json!({"nik": format!("32750101018{number:05}")});
    let mut items: Vec<Value> = (0..30).map(unknown).collect();
    items.push(json!({"nik": PEOPLE[0].0}));
    items.extend((31..1000).map(|_| json!({"participant_id": id_of(PEOPLE[1].0)})));
    let statuses: Vec<u64> = batch(&registrar, items.into()).await.iter().map(|item| item["status"].as_u64().unwrap()).collect();
    assert_eq!((&statuses[..20], &statuses[20..31]), (&[422; 20][..], &[429; 11][..]));
    assert_eq!((statuses[31], &statuses[32..]), (201, &[409; 968][..]));
    registrar.post(ENROLLMENTS, request(PEOPLE[2].0, json!({}))).await.expect_problem(429, "TOO_MANY_UNKNOWN");
    file(&admin, PEOPLE[2].0, json!({})).await;
}

on_both!(a_suspension_that_was_lifted_still_counts_for_the_days_within_it);
async fn a_suspension_that_was_lifted_still_counts_for_the_days_within_it(server: DatedServer) {
    import(&server.client().as_role("admin"), "/api/v1/imports?kind=participants", people_file::file(&[people_file::Family::new(1)])).await;
    let listed = server.client().as_role("admin").get(ENROLLMENTS).await.expect(200);
    let card = listed["items"].as_array().expect("a list").iter().find(|item| item["card_state"] == "delivered").expect("a card").clone();
    decide(&server.client().as_role("admin"), &card, "suspend").await.expect(200);
    let hospital = server.client().as_role("hospital");
    let during = ask(&hospital, question_of(TODAY, json!({"card_number": "KS-900001"}))).await;
    assert_eq!(codes(&during, "fail"), ["NOT_ENROLLED", "CARD_SUSPENDED"]);
    server.put_forward(Duration::days(10));
    decide(&server.client().as_role("admin"), &card, "reinstate").await.expect(200);
    let hospital = server.client().as_role("hospital");
    for (date, decided, value) in [
        ("2017-12-31", "not_eligible", "not_issued_yet"),
        ("2026-11-20", "eligible", "active"),
        (TODAY, "not_eligible", "suspended"),
        ("2026-11-30", "not_eligible", "suspended"),
        ("2026-12-01", "eligible", "active"),
    ] {
        let check = ask(&hospital, question_of(date, json!({"card_number": "KS-900001"}))).await;
        assert_eq!((decision(&check), &rule(&check, "NOT_ENROLLED")["value"]), (decided, &json!(value)), "{date}");
    }
    let holder = format!("{PARTICIPANTS}/{}", during["participant"]["id"].as_str().expect("an id"));
    let admin = server.client().as_role("admin");
    assert_eq!(admin.get(&format!("{holder}/affected-checks")).await.expect(200)["items"], json!([]), "it is decided as it was");
    let history = admin.get(&format!("{holder}/history")).await.expect(200)["items"].clone();
    let steps = history.as_array().expect("a list").iter().filter(|item| item["kind"] == "enrollment.decided");
    let steps: Vec<&Value> = steps.map(|item| &item["details"]["action"]).collect();
    assert_eq!(steps, ["reinstate", "suspend"], "the history tells of the steps");

    // A card stays its holder's, but says nothing for who has left.
    admin.post(&format!("{holder}/events"), json!({"kind": "moved_out", "date": "2026-12-01"})).await.expect(201);
    let gone = ask(&server.client().as_role("hospital"), question_of("2026-12-01", json!({"card_number": "KS-900001"}))).await;
    assert_eq!((decision(&gone), &rule(&gone, "NOT_ENROLLED")["outcome"]), ("not_eligible", &json!("pass")));
}

on_both!(a_draft_that_nobody_submits_lapses);
async fn a_draft_that_nobody_submits_lapses(mut server: DatedServer) {
    server.restart(&[("enrollments.draft_days", "30")]);
    let registrar = server.client().as_role("registrar");
    let draft = file(&registrar, PEOPLE[0].0, json!({"submit": false})).await;
    let submitted = file(&registrar, PEOPLE[1].0, json!({"submit": true})).await;
    server.put_forward(Duration::days(31));
    let registrar = server.client().as_role("registrar");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while registrar.get(&path(&draft)).await.expect(200)["state"] != "expired" {
        assert!(std::time::Instant::now() < deadline, "the draft never lapsed");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(registrar.get(&path(&submitted)).await.expect(200)["state"], "submitted", "what waits for others stays");
    file(&registrar, PEOPLE[0].0, json!({})).await;
    let history = registrar.get(&format!("{PARTICIPANTS}/{}/history", id_of(PEOPLE[0].0))).await.expect(200).to_string();
    assert!(history.contains("enrollment.lapsed"), "{history}");
}
