//! Lists of what people went through: each page read is one event about everyone on it and nobody else; and what a list may be narrowed by.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::harness::count;
use super::people::{nik, register};
use super::questions::{CHECKS, ask, question};
use super::support::client::Client;
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::{NOBODY, PEOPLE, id_of};

const REVIEWS: &str = "/api/v1/eligibility-reviews";
const REFERRALS: &str = "/api/v1/referrals";

fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().expect("a list").iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

async fn listed(client: &Client, path: &str) -> Value {
    client.get(path).await.expect(200)
}

/// The subjects of each event of this kind, the newest first.
async fn subjects(server: &DatedServer, kind: &str) -> Vec<Vec<String>> {
    let events = listed(&server.client().as_role("auditor"), &format!("/api/v1/audit/events?kind={kind}")).await;
    let of = |event: &Value| event["subjects"].as_array().expect("a list").iter().map(|id| id.as_str().expect("an id").to_owned()).collect();
    events["items"].as_array().expect("a list").iter().map(of).collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

on_both!(a_page_of_checks_is_one_event_about_those_on_it);
async fn a_page_of_checks_is_one_event_about_those_on_it(server: DatedServer) {
    let hospital = server.client().as_role("hospital");
    for who in [PEOPLE[0].0, PEOPLE[1].0, NOBODY, PEOPLE[1].0] {
        ask(&hospital, question(json!({"nik": who}))).await;
    }
    ask(&server.client().as_role("other_hospital"), question(json!({"nik": PEOPLE[2].0}))).await;
    let person = |at: usize| id_of(PEOPLE[at].0).to_string();

    assert_eq!(ids(&listed(&hospital, CHECKS).await).len(), 4);
    assert_eq!(subjects(&server, "checks.listed").await, [sorted(vec![person(0), person(1)])]);
    // The third of the newest is nobody's; the fourth, about another person, is only behind the end of the page.
    assert_eq!(ids(&listed(&hospital, &format!("{CHECKS}?limit=3")).await).len(), 3);
    assert_eq!(subjects(&server, "checks.listed").await[0], [person(1)]);
    let none = format!("{CHECKS}?decision=provisional");
    assert_eq!(ids(&listed(&server.client().as_role("auditor"), &none).await).len(), 0);
    assert_eq!(subjects(&server, "checks.listed").await[0], Vec::<String>::new());
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'checks.listed'"), 3);

    let asked = hospital.request(reqwest::Method::GET, CHECKS).header("X-Purpose", "complaint").header("X-Actor", "loket 2");
    hospital.send(asked).await.expect(200);
    let events = listed(&server.client().as_role("auditor"), "/api/v1/audit/events?kind=checks.listed&limit=1").await;
    let event = &events["items"][0];
    assert_eq!((&event["purpose"], &event["payload"]["actor"]), (&json!("complaint"), &json!("loket 2")));
    assert_eq!(event["payload"]["filter"]["facility_id"], Value::Null);
}

on_both!(a_page_of_reviews_is_one_event_about_those_on_it);
async fn a_page_of_reviews_is_one_event_about_those_on_it(server: DatedServer) {
    let (hospital, admin) = (server.client().as_role("hospital"), server.client().as_role("admin"));
    for (who, _, _) in PEOPLE {
        let check = ask(&hospital, question(json!({"nik": who}))).await;
        hospital.post(&format!("{CHECKS}/{}/reviews", check["id"].as_str().expect("an id")), json!({"reason": "lahir di sini"})).await.expect(201);
    }
    let person = |at: usize| id_of(PEOPLE[at].0).to_string();
    assert_eq!(ids(&listed(&admin, REVIEWS).await).len(), 3);
    assert_eq!(subjects(&server, "reviews.listed").await, [sorted((0..3).map(person).collect())]);
    assert_eq!(ids(&listed(&hospital, &format!("{REVIEWS}?limit=1")).await).len(), 1);
    assert_eq!(subjects(&server, "reviews.listed").await[0], [person(2)]);
}

on_both!(a_page_of_referrals_is_not_about_who_stands_behind_its_end);
async fn a_page_of_referrals_is_not_about_who_stands_behind_its_end(server: DatedServer) {
    let clinic = server.client().as_role("clinic");
    for at in [0, 1, 2, 2] {
        clinic.post(REFERRALS, json!({"nik": PEOPLE[at].0, "diagnosis_code": "J02.9", "issued_on": TODAY})).await.expect(201);
    }
    let person = |at: usize| id_of(PEOPLE[at].0).to_string();
    for (limit, expected) in [(1, vec![person(2)]), (2, vec![person(2)]), (3, vec![person(1), person(2)]), (4, (0..3).map(person).collect())] {
        assert_eq!(ids(&listed(&clinic, &format!("{REFERRALS}?limit={limit}")).await).len(), limit);
        assert_eq!(subjects(&server, "referrals.listed").await[0], sorted(expected), "{limit}");
    }
}

on_both!(referrals_are_narrowed_by_number_and_date_of_issue);
async fn referrals_are_narrowed_by_number_and_date_of_issue(server: DatedServer) {
    let clinic = server.client().as_role("clinic");
    let mut made = Vec::new();
    for issued_on in ["2026-11-01", "2026-11-10", "2026-11-20"] {
        let body = json!({"nik": PEOPLE[0].0, "diagnosis_code": "J02.9", "issued_on": issued_on, "to_facility_id": id_of("rsud")});
        made.push(clinic.post(REFERRALS, body).await.expect(201));
    }
    let number = |at: usize| made[at]["number"].as_str().expect("a number");
    for (query, expected) in [
        (String::new(), vec![2, 1, 0]),
        (format!("number={}", number(1)), vec![1]),
        ("number=R-3275-2026-999999".to_owned(), vec![]),
        ("from=2026-11-10".to_owned(), vec![2, 1]),
        ("to=2026-11-10".to_owned(), vec![1, 0]),
        ("from=2026-11-02&to=2026-11-19".to_owned(), vec![1]),
        (format!("from=2026-11-11&number={}", number(1)), vec![]),
        ("from=2026-11-02&limit=1".to_owned(), vec![2]),
    ] {
        let expected: Vec<&str> = expected.iter().map(|at: &usize| made[*at]["id"].as_str().expect("an id")).collect();
        for user in ["clinic", "hospital"] {
            assert_eq!(ids(&listed(&server.client().as_role(user), &format!("{REFERRALS}?{query}")).await), expected, "{user} {query}");
        }
    }
    let first = listed(&clinic, &format!("{REFERRALS}?from=2026-11-02&limit=1")).await;
    let next = first["next_cursor"].as_str().expect("more");
    let second = listed(&clinic, &format!("{REFERRALS}?from=2026-11-02&limit=1&cursor={next}")).await;
    assert_eq!((ids(&second), &second["next_cursor"]), (vec![made[1]["id"].as_str().expect("an id")], &Value::Null));
    assert_eq!(ids(&listed(&server.client().as_role("counter"), &format!("{REFERRALS}?number={}", number(1))).await), Vec::<&str>::new());
    clinic.get(&format!("{REFERRALS}?from=2026-11-02&to=2026-11-01")).await.expect_problem(422, "BEFORE_FROM");
    clinic.get(&format!("{REFERRALS}?from=01-11-2026")).await.expect_problem(422, "WRONG_FORMAT");
}

on_both!(reviews_are_narrowed_by_date_facility_and_change);
async fn reviews_are_narrowed_by_date_facility_and_change(mut server: DatedServer) {
    let mut reviews = Vec::new();
    for (user, who) in [("hospital", PEOPLE[0].0), ("other_hospital", PEOPLE[1].0), ("hospital", PEOPLE[1].0)] {
        let client = server.client().as_role(user);
        let check = ask(&client, question(json!({"nik": who}))).await;
        let path = format!("{CHECKS}/{}/reviews", check["id"].as_str().expect("an id"));
        reviews.push(client.post(&path, json!({"reason": "lahir di sini"})).await.expect(201));
        server.put_forward(Duration::days(1));
    }
    server.restart(&[]);
    let id = |at: usize| reviews[at]["id"].as_str().expect("an id");
    let admin = server.client().as_role("admin");
    let decision = json!({"decision": "refuse", "note": "tidak"});
    let decided = admin.post(&format!("{REVIEWS}/{}/decision", id(0)), decision).await.expect(200);
    let after = |instant: &Value, seconds: i64| {
        let instant: DateTime<Utc> = instant.as_str().expect("an instant").parse().expect("RFC 3339");
        (instant + Duration::seconds(seconds)).format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
    };
    let (rsud, other) = (id_of("rsud"), id_of("rs_lain"));
    for (user, query, expected) in [
        ("admin", String::new(), vec![2, 1, 0]),
        ("admin", format!("facility_id={rsud}"), vec![2, 0]),
        ("admin", format!("facility_id={rsud}&state=open"), vec![2]),
        ("admin", format!("from={TODAY}&to={TODAY}"), vec![0]),
        ("admin", "from=2026-11-22".to_owned(), vec![2, 1]),
        ("admin", "to=2026-11-22".to_owned(), vec![1, 0]),
        ("admin", format!("updated_since={}", after(&reviews[2]["asked_at"], 0)), vec![2, 0]),
        ("admin", format!("updated_since={}", after(&reviews[2]["asked_at"], 1)), vec![0]),
        ("admin", format!("updated_since={}", after(&decided["decided_at"], 1)), vec![]),
        ("hospital", format!("facility_id={other}"), vec![]),
        ("hospital", format!("facility_id={rsud}&from=2026-11-22"), vec![2]),
    ] {
        let expected: Vec<&str> = expected.iter().map(|at: &usize| id(*at)).collect();
        assert_eq!(ids(&listed(&server.client().as_role(user), &format!("{REVIEWS}?{query}")).await), expected, "{user} {query}");
    }
    admin.get(&format!("{REVIEWS}?from=2026-11-23&to=2026-11-22&updated_since=x")).await.expect(422);
}

on_both!(users_and_systems_are_narrowed_by_change);
async fn users_and_systems_are_narrowed_by_change(server: DatedServer) {
    let admin = server.client().as_role("admin");
    for (path, body, change) in [
        (
            "/api/v1/users",
            json!({"username": "siti", "password": "kuda lumping berlari 7", "name": "Uji Coba", "role": "registrar"}),
            json!({"name": "Siti Loket"}),
        ),
        ("/api/v1/service-accounts", json!({"name": "SIMRS", "role": "hospital", "facility_id": id_of("rsud")}), json!({"name": "SIMRS baru"})),
    ] {
        let made = admin.post(path, body).await.expect(201);
        let id = made["id"].as_str().expect("an id");
        let since = made["updated_at"].as_str().expect("an instant");
        assert!(ids(&listed(&admin, &format!("{path}?updated_since={since}")).await) == [id], "{path}");
        let later = since.parse::<DateTime<Utc>>().expect("RFC 3339") + Duration::microseconds(1);
        let later = later.format("%Y-%m-%dT%H:%M:%S%.6fZ");
        assert_eq!(ids(&listed(&admin, &format!("{path}?updated_since={later}")).await), Vec::<&str>::new(), "{path}");
        admin.patch(&format!("{path}/{id}"), "\"1\"", change).await.expect(200);
        assert_eq!(ids(&listed(&admin, &format!("{path}?updated_since={later}")).await), [id], "{path}");
    }
}

on_both!(imports_are_narrowed_by_date_and_change);
async fn imports_are_narrowed_by_date_and_change(server: DatedServer) {
    const IMPORTS: &str = "/api/v1/imports";
    let admin = server.client().as_role("admin");
    let upload = admin.request(reqwest::Method::POST, &format!("{IMPORTS}?kind=participants&dry_run=true")).header("Content-Type", "text/csv");
    let template = admin.get(&format!("{IMPORTS}/templates/participants.csv")).await.text;
    let made = admin.send(upload.body(template)).await.expect(202);
    let id = made["id"].as_str().expect("an id");
    for (query, is_there) in [
        (format!("from={TODAY}&to={TODAY}"), true),
        ("from=2026-11-22".to_owned(), false),
        ("to=2026-11-20".to_owned(), false),
        (format!("updated_since={}", made["created_at"].as_str().expect("an instant")), true),
        ("updated_since=2026-11-22T00:00:00Z".to_owned(), false),
    ] {
        assert_eq!(ids(&listed(&admin, &format!("{IMPORTS}?{query}")).await) == [id], is_there, "{query}");
    }
    admin.get(&format!("{IMPORTS}?from=2026-11-22&to=2026-11-21")).await.expect_problem(422, "BEFORE_FROM");
}

/// What a list is narrowed by stands in its description, and what does not apply is refused, not passed over.
#[test]
fn lists_say_what_they_are_narrowed_by() {
    let document = ksnik::api::openapi::document();
    for (path, expected) in [
        (CHECKS, &["from", "to", "facility_id"][..]),
        (REVIEWS, &["from", "to", "updated_since", "state", "facility_id"]),
        (REFERRALS, &["from", "to", "number"]),
        ("/api/v1/imports", &["from", "to", "updated_since", "state"]),
        ("/api/v1/facilities", &["updated_since"]),
        ("/api/v1/users", &["updated_since", "facility_id"]),
        ("/api/v1/service-accounts", &["updated_since", "facility_id"]),
        ("/api/v1/audit/events", &["from", "to", "facility_id"]),
    ] {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().expect("a list");
        let names: Vec<&str> = parameters.iter().filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str()).collect();
        let missing: Vec<&&str> = expected.iter().filter(|name| !names.contains(name)).collect();
        assert!(missing.is_empty(), "{path} without {missing:?}");
    }
}

on_both!(a_registered_person_is_told_by_their_id_alone);
async fn a_registered_person_is_told_by_their_id_alone(server: DatedServer) {
    let made = register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    let answer = hospital.get(CHECKS).await;
    assert!(!answer.text.contains("Wulan") && !answer.text.contains(&nik(9001)[..8]), "{}", answer.text);
    assert_eq!(subjects(&server, "checks.listed").await, [[made["id"].as_str().expect("an id")]]);
}
