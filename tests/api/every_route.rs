//! Every route of the table, walked by those who may not: strangers, wrong roles, other facilities. A new route is walked too, or fails for want of a
//! word on whose it is.

use std::collections::BTreeSet;

use ksnik::api::guard::Access;
use ksnik::api::routes::{self, Route};
use ksnik::domain::roles::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::people::{nik, register};
use super::samples::{body, declares, filled, request};
use super::support::client::{Answer, Client};
use super::support::databases::Engine;
use super::support::papers::{Form, pdf};
use super::support::server::Server;
use super::support::small_city::{NOBODY, PEOPLE, id_of};
use super::support::{on_both, run};

const NOTHING: &str = "0190a000-0000-7000-8000-000000000000";

/// Name of the user, role, facility: as the small city has them.
const USERS: [(&str, Role, Option<&str>); 12] = [
    ("admin", Role::Admin, None),
    ("registrar", Role::Registrar, None),
    ("counter", Role::Registrar, Some("puskesmas")),
    ("clinic", Role::Clinic, Some("klinik")),
    ("hospital", Role::Hospital, Some("rsud")),
    ("other_hospital", Role::Hospital, Some("rs_lain")),
    ("unbound_hospital", Role::Hospital, Some("rs_lepas")),
    ("verifier", Role::Verifier, None),
    ("finance", Role::Finance, None),
    ("manager", Role::Manager, None),
    ("auditor", Role::Auditor, None),
    ("dpo", Role::Dpo, None),
];

/// Who may call, said once more: the roles of the table, the counter of a Puskesmas as a clinic, and the auditor to read as an admin.
fn may_call(route: &Route, role: Role, has_facility: bool) -> bool {
    let Access::Only(roles) = route.access else { return true };
    let is_counter = role == Role::Registrar && has_facility;
    let only_reads = route.method == "GET" || ["/api/v1/participants/lookup", "/api/v1/participants/search"].contains(&route.path);
    roles.contains(&role) || (is_counter && roles.contains(&Role::Clinic)) || (role == Role::Auditor && only_reads && roles.contains(&Role::Admin))
}

fn users_of(route: &Route) -> impl Iterator<Item = &'static str> {
    USERS.iter().filter(|(_, role, facility)| may_call(route, *role, facility.is_some())).map(|(name, ..)| *name)
}

/// Asks as one who knows the route: with a body that it takes, and the version that it asks for.
async fn ask(client: &Client, route: &Route, id: &str) -> Answer {
    let request = request(client, route, &filled(route.path, id));
    client
        .send(match body(route) {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
}

/// An error's body without what differs between any two requests.
fn shape(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    body.as_object_mut().map(|fields| fields.remove("instance"));
    body
}

#[test]
fn a_stranger_is_turned_away_everywhere_in_the_same_words() {
    run(Engine::Sqlite, async |server: Server| {
        let mut shapes = BTreeSet::new();
        for client in [server.client(), server.client().with_token("x"), server.client().with_token("")] {
            for route in routes::table().iter().filter(|route| !matches!(route.access, Access::Anyone)) {
                let answer = ask(&client, route, NOTHING).await;
                assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{} {}", route.method, route.path);
                assert!(declares(route, 401), "{} {}", route.method, route.path);
                shapes.insert(shape(&answer).to_string());
            }
        }
        assert_eq!(shapes.len(), 1, "{shapes:?}");
    });
}

#[test]
fn a_wrong_role_is_refused_everywhere_in_the_same_words() {
    run(Engine::Sqlite, async |server: Server| {
        let mut shapes = BTreeSet::new();
        let mut refused = 0;
        for (name, role, facility) in USERS {
            let client = server.client().as_role(name);
            for route in routes::table().iter().filter(|route| !may_call(route, role, facility.is_some())) {
                let answer = ask(&client, route, NOTHING).await;
                assert_eq!(answer.status, 403, "{name} at {} {}: {}", route.method, route.path, answer.text);
                assert!(declares(route, 403), "{} {}", route.method, route.path);
                shapes.insert(shape(&answer).to_string());
                refused += 1;
            }
        }
        assert_eq!(shapes.len(), 1, "{shapes:?}");
        assert!(refused > 200, "{refused} refusals");
    });
}

on_both!(a_right_role_is_let_in_everywhere_and_told_what_the_document_says);
async fn a_right_role_is_let_in_everywhere_and_told_what_the_document_says(server: Server) {
    for route in routes::table() {
        // Whoever changes accounts goes last of all, and not here: the walk needs them as they are.
        if route.path.starts_with("/api/v1/auth") || route.path == "/api/v1/me/password" {
            continue;
        }
        for name in users_of(&route) {
            let answer = ask(&server.client().as_role(name), &route, NOTHING).await;
            let what = format!("{name} at {} {}: {} {}", route.method, route.path, answer.status, answer.text);
            assert!(![401, 403].contains(&answer.status) && answer.status < 500, "{what}");
            assert!(declares(&route, answer.status), "the document does not say so: {what}");
        }
    }
}

on_both!(an_id_that_nobody_has_is_not_found_and_is_not_repeated);
async fn an_id_that_nobody_has_is_not_found_and_is_not_repeated(server: Server) {
    let mut shapes = BTreeSet::new();
    let with_ids: Vec<Route> = routes::table().into_iter().filter(|route| route.path.contains('{')).collect();
    assert!(with_ids.len() > 20);
    for route in with_ids {
        let caller = users_of(&route).next().expect("a user");
        let client = server.client().as_role(caller);
        let of_something_else = id_of(if route.path.starts_with("/api/v1/participants") { "klinik" } else { PEOPLE[0].0 }).to_string();
        // No id at all, a person's number, and what looks like a path.
        for id in [NOTHING, &of_something_else, NOBODY, "x", "%2e%2e", "%00", "%ff", "a%2fb"] {
            // Whoever sends dots asks for another path, which may be a route too.
            let asked = reqwest::Url::parse("http://host").and_then(|host| host.join(&filled(route.path, id))).expect("a path");
            if routes::table().iter().any(|other| other.path != route.path && other.path == asked.path()) {
                continue;
            }
            let answer = ask(&client, &route, id).await;
            assert_eq!(answer.status, 404, "{caller} at {} {} with {id}: {}", route.method, route.path, answer.text);
            shapes.insert(shape(&answer).to_string());
        }
    }
    assert_eq!(shapes.len(), 1, "{shapes:?}");
}

/// What the clinic has: the ids of a check, of a review of it and of a document, and the number of a referral to the municipal hospital; and a letter of
/// that hospital.
struct Held {
    letter: String,
    claim: String,
    check: String,
    review: String,
    referral: String,
    document: String,
}

impl Held {
    async fn by_the_clinic(server: &Server) -> Self {
        let clinic = server.client().as_role("clinic");
        let text = |value: &Value, field: &str| value[field].as_str().expect("a text").to_owned();
        let check = clinic.post("/api/v1/eligibility-checks", json!({"nik": PEOPLE[0].0, "care_type": "primary"})).await.expect(201);
        let check = text(&check, "id");
        let review = clinic.post(&format!("/api/v1/eligibility-checks/{check}/reviews"), json!({"reason": "mohon ditinjau"})).await.expect(201);
        let referral =
            json!({"nik": PEOPLE[0].0, "diagnosis_code": "J02.9", "issued_on": chrono::Utc::now().date_naive(), "to_facility_id": id_of("rsud")});
        let referral = clinic.post("/api/v1/referrals", referral).await.expect(201);
        let form = clinic.request(Method::POST, "/api/v1/documents").header("Content-Type", Form::content_type());
        let document = clinic.send(form.body(Form::of("bill", &pdf("x")).bytes())).await.expect(201);
        let hospital = server.client().as_role("hospital");
        register(&server.client().as_role("admin"), 9190, json!({})).await;
        let stay = json!({"nik": nik(9190), "care_type": "inpatient", "ward_class": "III"});
        let stay = hospital.post("/api/v1/eligibility-checks", stay).await.expect(201);
        let letter = json!({"check_id": stay["id"], "diagnosis_code": "J18.9", "ward_class": "III"});
        let letter = hospital.post_keyed("/api/v1/guarantee-letters", letter).await.expect(201);
        let today = &stay["service_date"];
        let bill = json!({"facility_claim_number": "RSX-1", "check_id": stay["id"], "care_type": "inpatient", "admitted_on": today,
            "diagnoses": [{"code": "J18.9", "kind": "principal"}],
            "lines": [{"line": 1, "tariff_code": "J-4-16-I", "date": today, "quantity": 1, "claimed_amount": 1}], "total_claimed": 1, "submit": false});
        let claim = hospital.post_keyed("/api/v1/claims", bill).await.expect(201);
        let [letter, document, claim] = [&letter, &document, &claim].map(|made| text(made, "id"));
        Self { check, review: text(&review, "id"), referral: text(&referral, "number"), letter, document, claim }
    }

    /// The id for a route of what belongs to the clinic; None where what it names belongs to the whole city.
    fn id_for(&self, route: &Route) -> Option<&str> {
        let mut parts = route.path.trim_start_matches("/api/v1/").split('/');
        match (parts.next().unwrap_or_default(), parts.nth(1)) {
            ("eligibility-checks", _) => Some(&self.check),
            ("eligibility-reviews", _) => Some(&self.review),
            ("referrals", _) => Some(&self.referral),
            ("documents", _) => Some(&self.document),
            ("guarantee-letters", _) => Some(&self.letter),
            ("claims", _) => Some(&self.claim),
            ("facilities", Some("contracts")) => Some(KLINIK),
            // Anyone signed in may know facilities and rules, and the counter keeps the registry of the whole city.
            ("facilities" | "rule-sets" | "participants" | "households" | "enrollments" | "registry-cases" | "card-batches", _) => None,
            ("reconciliations" | "reconciliation-findings" | "tariff-schedules" | "payment-batches" | "messages" | "edits" | "reports", _) => None,
            // Of these a hospital has a part, which tests of their own look at.
            ("bill-sheets" | "remittances" | "recoveries" | "debt-acknowledgements", _) => None,
            (other, _) => panic!("{}: say here whose {other} are", route.path),
        }
    }
}

/// `id_of("klinik")`, as text.
const KLINIK: &str = "00000000-0000-0000-0000-6b6c696e696b";

on_both!(what_another_facility_has_does_not_exist);
async fn what_another_facility_has_does_not_exist(server: Server) {
    assert_eq!(id_of("klinik").to_string(), KLINIK);
    let held = Held::by_the_clinic(&server).await;
    let mut walked = BTreeSet::new();
    for route in routes::table().iter().filter(|route| route.path.contains('{') && !matches!(route.access, Access::Anyone)) {
        for (name, role, facility) in USERS {
            if facility.is_none() || !may_call(route, role, true) {
                continue;
            }
            // A revision is named by its number, which no id is.
            let Some(id) = held.id_for(route).filter(|_| !route.path.ends_with("{n}")) else { continue };
            let client = server.client().as_role(name);
            let (theirs, nothing) = (ask(&client, route, id).await, ask(&client, route, NOTHING).await);
            let what = format!("{name} at {} {}: {}", route.method, route.path, theirs.text);
            // The hospital to which a patient is referred reads the referral.
            let owner =
                if ["/api/v1/guarantee-letters", "/api/v1/claims"].iter().any(|own| route.path.starts_with(own)) { "hospital" } else { "clinic" };
            if name == owner || (name == "hospital" && route.path.starts_with("/api/v1/referrals")) {
                assert!(theirs.status != 404, "{what}");
                assert!(walked.insert((route.path, route.method.to_string(), name)));
            } else {
                assert_eq!((theirs.status, shape(&theirs)), (404, shape(&nothing)), "{what}");
            }
        }
    }
    assert!(walked.len() >= 5, "{walked:?}");
    for (name, path) in [
        ("counter", "eligibility-checks"),
        ("other_hospital", "eligibility-checks"),
        ("counter", "eligibility-reviews"),
        ("other_hospital", "referrals"),
        ("other_hospital", "guarantee-letters"),
    ] {
        let list = server.client().as_role(name).get(&format!("/api/v1/{path}")).await.expect(200);
        assert_eq!(list["items"], json!([]), "{name} lists {path}");
    }
}

#[test]
fn every_path_names_its_methods_to_whoever_tries_another() {
    run(Engine::Sqlite, async |server: Server| {
        let client = server.client().as_role("admin");
        let paths: BTreeSet<&str> = routes::table().iter().map(|route| route.path).collect();
        for path in paths {
            let mut right: BTreeSet<String> =
                routes::table().iter().filter(|route| route.path == path).map(|route| route.method.to_string()).collect();
            if right.contains("GET") {
                right.insert("HEAD".to_owned());
                let head = client.request(reqwest::Method::HEAD, &filled(path, NOTHING)).send().await.expect("an answer");
                let get = client.get(&filled(path, NOTHING)).await;
                assert_eq!((head.status().as_u16(), head.bytes().await.expect("no body").len()), (get.status, 0), "HEAD {path}");
            }
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"].iter().filter(|method| !right.contains(**method)) {
                let request = client.request(method.parse().expect("a method"), &filled(path, NOTHING));
                let answer = client.send(request).await;
                let allowed: BTreeSet<String> = answer.header("allow").split(", ").map(str::to_owned).collect();
                assert_eq!(allowed, right, "{method} {path}");
                answer.expect_problem(405, "METHOD_NOT_ALLOWED");
            }
        }
    });
}

#[test]
fn what_is_no_path_of_ours_is_not_found() {
    run(Engine::Sqlite, async |server: Server| {
        let client = server.client().as_role("admin");
        for path in [
            "/nothing",
            "/api",
            "/api/v1",
            "/api/v1/",
            "/api/v1/me/",
            "//api/v1/me",
            "/API/v1/me",
            "/api/v2/me",
            "/.env",
            "/docs/../../etc/passwd",
            "/%2e%2e/",
            "/api/v1/users/%",
        ] {
            client.get(path).await.expect_problem(404, "NOT_FOUND");
        }
        // The pages of the document keep the promises of all answers too, which the client looks at.
        let page = client.get("/docs/").await;
        assert_eq!(page.status, 200);
        for outside in ["http://", "https://", "//cdn"] {
            assert!(!page.text.contains(outside), "the page speaks of {outside}");
        }
    });
}
