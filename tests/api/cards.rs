//! Cards: given with the enrolment, printed alone or ten a sheet, delivered, lost and replaced; and codes that are ours or are not.

use chrono::Duration;
use ksnik::privacy::keyring::{self, KeyPurpose, Keyring};
use ksnik::privacy::root::RootKey;
use ksnik::service::{card_tokens, keys};
use serde_json::{Value, json};

use super::harness::count;
use super::imports::import;
use super::people::{LOOKUP, PARTICIPANTS, faults, nik, path_of, register};
use super::people_file::{Family, file};
use super::questions::{ask, question, question_of, rule};
use super::support::client::{Answer, Client};
use super::support::databases::Engine;
use super::support::dated::{DatedServer, TODAY};
use super::support::{on_both, product, run};

const ENROLLMENTS: &str = "/api/v1/enrollments";
const BATCHES: &str = "/api/v1/card-batches";
const VERIFY: &str = "/api/v1/cards/verify";

/// A person whose enrolment is in force, with the enrolment's id.
async fn enrolled(server: &DatedServer, serial: u16) -> (Value, String) {
    let (registrar, counter, admin) = (server.client().as_role("registrar"), server.client().as_role("counter"), server.client().as_role("admin"));
    let relation = if serial == 9001 { "head" } else { "child" };
    let person = register(&registrar, serial, json!({"relation": relation})).await;
    let body = json!({"nik": nik(serial), "filed_by": {"kind": "officer"}, "channel": "home_visit"});
    let filed = counter.post(ENROLLMENTS, body).await.expect(201);
    let enrollment = filed["id"].as_str().expect("an id").to_owned();
    for decision in ["take", "approve", "activate"] {
        admin.post(&format!("{ENROLLMENTS}/{enrollment}/decisions"), json!({"decision": decision})).await.expect(200);
    }
    (person, enrollment)
}

async fn enrollment_of(client: &Client, person: &Value) -> Value {
    client.get(&path_of(person)).await.expect(200)["enrollment"].clone()
}

async fn tell(client: &Client, person: &Value, event: Value) -> Answer {
    client.post(&format!("{}/card-events", path_of(person)), event).await
}

fn number(card: &Value) -> &str {
    card["card_number"].as_str().expect("a number")
}

/// What the rule on enrolment says of a card.
async fn shown(client: &Client, date: Option<&str>, card: &str) -> (String, Value) {
    let asked = json!({ "card_number": card });
    let check = ask(client, date.map_or_else(|| question(asked.clone()), |date| question_of(date, asked.clone()))).await;
    let rule = rule(&check, "NOT_ENROLLED");
    (rule["outcome"].as_str().expect("an outcome").to_owned(), rule["value"].clone())
}

/// The keys of this service, as another process over the same database has them.
fn keyring_of(server: &DatedServer) -> std::sync::Arc<Keyring> {
    let app = product::app(product::settings(server.database().url(), &[]), std::sync::Arc::new(ksnik::context::Machine));
    let mut db = app.pool.connect().expect("a database");
    ksnik::service::housekeeping::prepare(&app, &mut db).expect("keys");
    db.keyring()
}

fn pages(pdf: &str) -> usize {
    pdf.matches("/Type/Page").count() + pdf.matches("/Type /Page").count() - pdf.matches("/Type/Pages").count() - pdf.matches("/Type /Pages").count()
}

on_both!(a_card_is_given_printed_delivered_lost_and_replaced);
async fn a_card_is_given_printed_delivered_lost_and_replaced(server: DatedServer) {
    let (registrar, clinic) = (server.client().as_role("registrar"), server.client().as_role("clinic"));
    let (person, enrollment) = enrolled(&server, 9001).await;
    let given = enrollment_of(&registrar, &person).await;
    let first = number(&given).to_owned();
    assert!(first.starts_with("KS-3275-2026-000001-") && first.len() == 22, "{first}");
    assert_eq!((&given["card_state"], &given["issued_on"]), (&json!("not_printed"), &json!(TODAY)));
    assert_eq!(shown(&clinic, None, &first).await, ("warn".to_owned(), json!("not_printed")));

    // Nobody loses or is handed what was not made.
    for kind in ["delivered", "damaged", "replaced"] {
        tell(&registrar, &person, json!({"kind": kind})).await.expect_problem(409, "STATE_CONFLICT");
    }
    let printed = tell(&registrar, &person, json!({"kind": "printed"})).await.expect(201);
    assert_eq!((&printed["state"], &printed["printed_on"], &printed["serial"]), (&json!("printed"), &json!(TODAY), &json!(1)));
    assert_eq!((&printed["enrollment_id"], number(&printed)), (&json!(enrollment), &*first));
    let delivered = tell(&registrar, &person, json!({"kind": "delivered", "note": "diterima tetangga"})).await.expect(201);
    assert_eq!((&delivered["state"], &delivered["events"][2]["note"]), (&json!("delivered"), &json!("diterima tetangga")));
    assert_eq!(enrollment_of(&registrar, &person).await["card_state"], "delivered");
    assert_eq!(shown(&clinic, None, &first).await, ("pass".to_owned(), json!("active")));

    server.put_forward(Duration::days(10));
    let (registrar, clinic) = (server.client().as_role("registrar"), server.client().as_role("clinic"));
    for (date, code) in [("2026-12-02", "DATE_IN_FUTURE"), ("2026-11-20", "DATE_BEFORE_CARD")] {
        let problem = tell(&registrar, &person, json!({"kind": "lost", "date": date})).await.expect(422);
        assert_eq!(faults(&problem), [format!("/date {code}")]);
    }
    let lost = tell(&registrar, &person, json!({"kind": "lost", "date": "2026-11-25"})).await.expect(201);
    assert_eq!((&lost["state"], &lost["block_reason"], &lost["blocked_on"]), (&json!("blocked"), &json!("lost"), &json!("2026-11-25")));
    let blocked = enrollment_of(&registrar, &person).await;
    assert_eq!((&blocked["state"], &blocked["card_state"]), (&json!("active"), &json!("blocked")), "the person stays in the scheme");
    for kind in ["printed", "delivered", "lost", "stolen", "damaged", "forged"] {
        tell(&registrar, &person, json!({"kind": kind})).await.expect_problem(409, "STATE_CONFLICT");
    }
    let second = tell(&registrar, &person, json!({"kind": "replaced"})).await.expect(201);
    assert_eq!((&second["serial"], &second["state"], &second["issued_on"]), (&json!(2), &json!("not_printed"), &json!("2026-12-01")));
    assert_ne!(number(&second), first);
    let now = enrollment_of(&registrar, &person).await;
    assert_eq!((number(&now), &now["card_state"], &now["issued_on"]), (number(&second), &json!("not_printed"), &json!(TODAY)));
    tell(&registrar, &person, json!({"kind": "printed"})).await.expect(201);

    // Each date is answered as it was on that date; a card that was not given yet shows nothing.
    for (card, date, expected) in [
        (&*first, Some("2026-11-24"), ("pass", json!("active"))),
        (&*first, Some("2026-11-25"), ("fail", json!("blocked"))),
        (&*first, None, ("fail", json!("blocked"))),
        (number(&second), None, ("pass", json!("active"))),
        (number(&second), Some("2026-11-30"), ("fail", json!("not_issued_yet"))),
    ] {
        assert_eq!(shown(&clinic, date, card).await, (expected.0.to_owned(), expected.1), "{card} on {date:?}");
    }
    for card in [&*first, number(&second)] {
        assert_eq!(registrar.post(LOOKUP, json!({ "card_number": card })).await.expect(200)["id"], person["id"], "the old one finds who it was");
    }

    // One that is in use is replaced in one step.
    let third = tell(&registrar, &person, json!({"kind": "replaced"})).await.expect(201);
    assert_eq!(third["serial"], 3);
    let listed = registrar.get(&format!("{}/cards", path_of(&person))).await.expect(200);
    let told: Vec<(&str, Option<&str>)> = listed["items"]
        .as_array()
        .expect("cards")
        .iter()
        .map(|card| (card["state"].as_str().expect("a state"), card["block_reason"].as_str()))
        .collect();
    assert_eq!(told, [("blocked", Some("lost")), ("blocked", Some("replaced")), ("not_printed", None)]);
    let kinds: Vec<&str> =
        listed["items"][0]["events"].as_array().expect("events").iter().map(|event| event["kind"].as_str().expect("a kind")).collect();
    assert_eq!(kinds, ["issued", "printed", "delivered", "lost"]);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'card.issued'"), 3);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'card.recorded'"), 5);
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE header LIKE '%KS-3275%' OR header LIKE '%tetangga%'"), 0);
}

on_both!(what_was_imported_has_no_made_up_past_and_can_be_lost_like_any_other);
async fn what_was_imported_has_no_made_up_past_and_can_be_lost_like_any_other(server: DatedServer) {
    let (registrar, clinic, admin) = (server.client().as_role("registrar"), server.client().as_role("clinic"), server.client().as_role("admin"));
    let family = Family::new(1);
    let rows = file(std::slice::from_ref(&family));
    import(&admin, "/api/v1/imports?kind=participants", rows.clone()).await;
    let person = registrar.post(LOOKUP, json!({"nik": family.head_nik()})).await.expect(200);
    let old = number(&person["enrollment"]).to_owned();
    let listed = registrar.get(&format!("{}/cards", path_of(&person))).await.expect(200);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["state"]), (&Value::Null, &json!("delivered")));
    assert_eq!((&listed["items"][0]["printed_on"], &listed["items"][0]["events"]), (&Value::Null, &json!([])));
    assert_eq!(count(server.database(), "SELECT count(*) FROM cards"), 0);

    let lost = tell(&registrar, &person, json!({"kind": "stolen"})).await.expect(201);
    assert_eq!((&lost["state"], &lost["printed_on"], number(&lost)), (&json!("blocked"), &Value::Null, &*old));
    // In 2018 whoever lacked papers was asked for the enrolment: a card that is gone takes nobody out of it, then or now.
    let own = json!({"participant_id": person["id"], "facts": {"papers": []}});
    let check = ask(&clinic, question_of("2018-12-10", own)).await;
    assert_eq!((&rule(&check, "NOT_ENROLLED")["outcome"], &rule(&check, "NOT_ENROLLED")["value"]), (&json!("pass"), &json!("active")));
    assert_eq!(shown(&clinic, Some("2018-12-10"), &old).await, ("pass".to_owned(), json!("active")));
    let replaced = tell(&registrar, &person, json!({"kind": "replaced"})).await.expect(201);
    assert_eq!(replaced["serial"], 2);
    assert_eq!(shown(&clinic, None, &old).await, ("fail".to_owned(), json!("blocked")));
    // The file still tells of the old card: it is older than what is known here.
    let again = import(&admin, "/api/v1/imports?kind=participants", rows).await;
    assert_eq!((&again["failed"], &again["changed"]), (&json!(0), &json!(0)));
    assert_eq!(number(&enrollment_of(&registrar, &person).await), number(&replaced));
}

on_both!(a_mistyped_number_is_told_and_one_that_nobody_has_is_on_record);
async fn a_mistyped_number_is_told_and_one_that_nobody_has_is_on_record(server: DatedServer) {
    let (registrar, clinic) = (server.client().as_role("registrar"), server.client().as_role("clinic"));
    let (person, _) = enrolled(&server, 9001).await;
    let right = number(&enrollment_of(&registrar, &person).await).to_owned();
    let mistyped = right.replace("-000001-", "-000010-");
    let problem = registrar.post(LOOKUP, json!({ "card_number": mistyped })).await.expect(422);
    assert_eq!(faults(&problem), ["/card_number CARD_NUMBER_FORMAT"]);
    registrar.post(LOOKUP, json!({"card_number": "KS-0000001"})).await.expect_problem(404, "NOT_FOUND");
    for forged in [&*mistyped, "KS-3275-2026-000099", "KS-0000001"] {
        assert_eq!(shown(&clinic, None, forged).await, ("fail".to_owned(), json!("not_found")), "{forged}");
    }
    assert_eq!(shown(&clinic, None, &right.to_lowercase()).await.0, "warn");
}

on_both!(a_code_is_ours_or_it_is_not);
async fn a_code_is_ours_or_it_is_not(server: DatedServer) {
    let (registrar, clinic) = (server.client().as_role("registrar"), server.client().as_role("clinic"));
    let (person, _) = enrolled(&server, 9001).await;
    let card = number(&enrollment_of(&registrar, &person).await).to_owned();
    let ours = keyring_of(&server);
    let token = card_tokens::sign(&ours, &card).expect("a token");
    assert!(!token.contains(&nik(9001)) && token.contains(&card));
    let verdict = clinic.post(VERIFY, json!({ "token": token })).await.expect(200);
    assert_eq!((&verdict["genuine"], &verdict["finding"]), (&json!(true), &json!("genuine")));
    assert_eq!((&verdict["card"]["card_number"], &verdict["card"]["counts_today"]), (&json!(card), &json!(true)));
    for told in ["Wulan", &nik(9001), "1990", person["id"].as_str().expect("an id")] {
        assert!(!verdict.to_string().contains(told), "{told}");
    }

    // A scanner that types puts the code where the number goes, in whatever case.
    for typed in [token.clone(), token.to_lowercase()] {
        assert_eq!(shown(&clinic, None, &typed).await.0, "warn");
        assert_eq!(clinic.post(LOOKUP, json!({ "card_number": typed })).await.expect(200)["id"], person["id"]);
    }

    let root = RootKey::from_hex(&"5a".repeat(32)).expect("a key");
    let of_another = |id: i32| {
        let key = keyring::make(&root, id, KeyPurpose::Card).expect("a key");
        card_tokens::sign(&Keyring::open(&root, &[key]).expect("a ring"), &card).expect("a token")
    };
    let our_key = ours.signing_card_key().expect("a key").id;
    let access = (server.access_token("clinic"), "no_token");
    for (forged, finding) in [
        (token.replace("000001", "000002"), "bad_signature"),
        (of_another(our_key), "bad_signature"),
        (of_another(our_key + 50), "unknown_key"),
        (of_another(1), "unknown_key"),
        (token[..token.len() - 2].to_owned(), "no_token"),
        (card.clone(), "no_token"),
        (access.0, access.1),
        (card_tokens::sign(&ours, "KS-0000001").expect("a token"), "not_registered"),
    ] {
        let verdict = clinic.post(VERIFY, json!({ "token": forged })).await.expect(200);
        assert_eq!((&verdict["genuine"], &verdict["finding"], &verdict["card"]), (&json!(false), &json!(finding), &Value::Null), "{forged}");
        if finding != "no_token" {
            assert_eq!(shown(&clinic, None, &forged).await, ("fail".to_owned(), json!("not_found")), "{finding}");
        }
    }
    // Each forged card is a signal, however often it is shown, and a slip or another system's token is none.
    let raised = server.client().as_role("auditor").get("/api/v1/signals?kind=card_not_in_database").await.expect(200);
    assert_eq!(raised["items"].as_array().expect("a list").len(), 5, "{raised}");
    assert!(raised["items"].as_array().unwrap().iter().all(|signal| signal["evidence"]["times"] == 2), "verified once, and checked once: {raised}");
    // And a card's code lets nobody in.
    server.client().with_token(token.clone()).get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");

    tell(&registrar, &person, json!({"kind": "forged", "note": "salinan di pasar"})).await.expect(201);
    let verdict = clinic.post(VERIFY, json!({ "token": token })).await.expect(200);
    let blocked = &verdict["card"];
    assert_eq!((&verdict["genuine"], &blocked["state"], &blocked["counts_today"]), (&json!(true), &json!("blocked"), &json!(false)));
    for (user, status) in [("registrar", 200), ("admin", 200), ("hospital", 200), ("verifier", 403), ("finance", 403)] {
        assert_eq!(server.client().as_role(user).post(VERIFY, json!({ "token": token })).await.status, status, "{user}");
    }
}

on_both!(cards_of_an_old_key_stay_ours);
async fn cards_of_an_old_key_stay_ours(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let (person, _) = enrolled(&server, 9001).await;
    let card = number(&enrollment_of(&registrar, &person).await).to_owned();
    let before = card_tokens::sign(&keyring_of(&server), &card).expect("a token");
    let other = product::app(product::settings(server.database().url(), &[]), std::sync::Arc::new(ksnik::context::Machine));
    let mut db = other.pool.connect().expect("a database");
    ksnik::service::housekeeping::prepare(&other, &mut db).expect("keys");
    let id = keys::rotate(&mut db, &other.settings, &other.context(), KeyPurpose::Card).expect("a new key");
    let after = card_tokens::sign(&db.keyring(), &card).expect("a token");
    assert!(after.starts_with(&format!("KSC1.{id}.")) && !before.starts_with(&format!("KSC1.{id}.")));

    let mut server = server;
    server.restart(&[]);
    let clinic = server.client().as_role("clinic");
    for token in [&before, &after] {
        assert_eq!(clinic.post(VERIFY, json!({ "token": token })).await.expect(200)["genuine"], true);
    }
    let published = server.client().get("/.well-known/jwks.json").await.expect(200);
    let of_cards = published["keys"].as_array().expect("keys").iter().filter(|key| key["kid"].as_str().is_some_and(|kid| kid.starts_with("card-")));
    assert_eq!(of_cards.count(), 2);
}

on_both!(a_card_is_printed_for_those_who_keep_the_registry);
async fn a_card_is_printed_for_those_who_keep_the_registry(server: DatedServer) {
    let (person, _) = enrolled(&server, 9001).await;
    let place = format!("{}/card.pdf", path_of(&person));
    for user in ["registrar", "admin", "counter"] {
        let answer = server.client().as_role(user).get(&place).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/pdf"), "{user}");
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"card.pdf\"");
        assert!(answer.text.starts_with("%PDF-") && answer.text.len() > 5_000);
        assert_eq!(pages(&answer.text), 1);
        assert!(!answer.text.contains(&nik(9001)) && !answer.text.contains("Wulan"));
    }
    for user in ["clinic", "hospital", "verifier"] {
        server.client().as_role(user).get(&place).await.expect_problem(403, "NOT_ALLOWED");
    }
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'card.shown'"), 3);
    let registrar = server.client().as_role("registrar");
    let nobody = register(&registrar, 9002, json!({"relation": "child"})).await;
    for path in ["card.pdf", "cards", "card-events"] {
        let missing = format!("{PARTICIPANTS}/0190a000-0000-7000-8000-000000000000/{path}");
        let answer = if path == "card-events" { registrar.post(&missing, json!({"kind": "lost"})).await } else { registrar.get(&missing).await };
        answer.expect_problem(404, "NOT_FOUND");
    }
    registrar.get(&format!("{}/card.pdf", path_of(&nobody))).await.expect_problem(409, "STATE_CONFLICT");
    tell(&registrar, &nobody, json!({"kind": "lost"})).await.expect_problem(409, "STATE_CONFLICT");
    assert_eq!(registrar.get(&format!("{}/cards", path_of(&nobody))).await.expect(200)["items"], json!([]));
    // Nothing is printed while something stands against the person.
    let event = |kind: &str| json!({"kind": kind, "date": TODAY});
    registrar.post(&format!("{}/events", path_of(&person)), event("suspended")).await.expect(201);
    registrar.get(&place).await.expect_problem(409, "STATE_CONFLICT");
    registrar.post(&format!("{}/events", path_of(&person)), event("reinstated")).await.expect(201);
    assert_eq!(registrar.get(&place).await.status, 200);
    tell(&registrar, &person, json!({"kind": "forged"})).await.expect(201);
    registrar.get(&place).await.expect_problem(409, "STATE_CONFLICT");
}

on_both!(cards_are_printed_together_and_a_bad_one_costs_none_of_the_others);
async fn cards_are_printed_together_and_a_bad_one_costs_none_of_the_others(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let mut enrolments = Vec::new();
    let mut people = Vec::new();
    for serial in 9001..=9011 {
        let (person, enrollment) = enrolled(&server, serial).await;
        enrolments.push(enrollment);
        people.push(person);
    }
    let suspended = json!({"decision": "suspend", "reason": "data ganda"});
    registrar.post(&format!("{ENROLLMENTS}/{}/decisions", enrolments[3]), suspended).await.expect(200);
    let request = registrar.request(reqwest::Method::POST, BATCHES).header("Idempotency-Key", "batch-1").json(&json!({"enrollment_ids": enrolments}));
    let answer = registrar.send(request.try_clone().expect("a body that can be sent again")).await;
    let place = answer.header("location").to_owned();
    let made = answer.expect(201);
    assert_eq!(place, format!("{BATCHES}/{}", made["id"].as_str().expect("an id")));
    let items = made["items"].as_array().expect("items");
    for (at, item) in items.iter().enumerate() {
        assert_eq!((&item["index"], &item["enrollment_id"]), (&json!(at), &json!(enrolments[at])));
        assert_eq!(item["status"], if at == 3 { 409 } else { 201 }, "{item}");
    }
    assert_eq!(items[3]["problem"]["code"], "STATE_CONFLICT");
    assert_eq!(registrar.send(request).await.expect(201), made, "sent again it is the same batch");

    // The suspension lifted, the one goes into a batch of its own; those that wait go into no other.
    registrar.post(&format!("{ENROLLMENTS}/{}/decisions", enrolments[3]), json!({"decision": "reinstate"})).await.expect(200);
    let rest = registrar.post(BATCHES, json!({"channel": "home_visit"})).await.expect(201);
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
    let none = registrar.post(BATCHES, json!({"enrollment_ids": [enrolments[0], id_of_nobody()]})).await.expect(200);
    assert_eq!(none["id"], Value::Null);
    assert_eq!((&none["items"][0]["problem"]["code"], &none["items"][1]["problem"]["code"]), (&json!("CARD_IN_PRINT"), &json!("NOT_FOUND")));

    let sheet = registrar.get(&format!("{place}/sheet.pdf")).await;
    assert_eq!((sheet.status, sheet.header("content-type"), pages(&sheet.text)), (200, "application/pdf", 1));
    registrar.post(&format!("{place}/delivered"), json!({})).await.expect_problem(409, "STATE_CONFLICT");
    let strange = json!({"failed": [items[0]["result"]["id"], rest["items"][0]["result"]["id"]]});
    let problem = registrar.post(&format!("{place}/printed"), strange).await.expect(422);
    assert_eq!(faults(&problem), ["/failed/1 CARD_NOT_IN_BATCH"]);
    // Two are misprinted, and one is reported while the sheets lie in the printer.
    tell(&registrar, &people[5], json!({"kind": "forged"})).await.expect(201);
    let failed = json!({"failed": [items[0]["result"]["id"], items[1]["result"]["id"]]});
    let printed = registrar.post(&format!("{place}/printed"), failed.clone()).await.expect(200);
    let outcomes: Vec<&str> = printed["items"].as_array().expect("items").iter().map(|item| item["outcome"].as_str().expect("a word")).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "printed").count(), 7);
    assert_eq!((outcomes[0], outcomes[1], outcomes[4]), ("failed", "failed", "failed"));
    registrar.post(&format!("{place}/printed"), failed).await.expect_problem(409, "STATE_CONFLICT");
    assert_eq!(enrollment_of(&registrar, &people[0]).await["card_state"], "not_printed");
    assert_eq!(enrollment_of(&registrar, &people[2]).await["card_state"], "printed");
    let retried = registrar.post(BATCHES, json!({"enrollment_ids": [enrolments[0], enrolments[1], enrolments[2]]})).await.expect(201);
    let statuses: Vec<&Value> = retried["items"].as_array().expect("items").iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, [&json!(201), &json!(201), &json!(409)]);

    let undelivered = json!({"undelivered": [items[2]["result"]["id"]]});
    registrar.post(&format!("{place}/delivered"), undelivered).await.expect(200);
    assert_eq!(enrollment_of(&registrar, &people[2]).await["card_state"], "printed");
    assert_eq!(enrollment_of(&registrar, &people[10]).await["card_state"], "delivered");
    let all = registrar.post(&format!("{place}/delivered"), json!({})).await.expect(200);
    assert_eq!(all, registrar.get(&place).await.expect(200));
    assert_eq!(enrollment_of(&registrar, &people[2]).await["card_state"], "delivered");
    for body in [json!({}), json!({"enrollment_ids": enrolments, "channel": "counter"})] {
        assert_eq!(faults(&registrar.post(BATCHES, body).await.expect(422)), [" ONE_OF"]);
    }
}

fn id_of_nobody() -> &'static str {
    "0190a000-0000-7000-8000-000000000000"
}

#[test]
fn eleven_cards_are_two_pages() {
    run(Engine::Sqlite, async |server: DatedServer| {
        let registrar = server.client().as_role("registrar");
        for serial in 9001..=9011 {
            enrolled(&server, serial).await;
        }
        let made = registrar.post(BATCHES, json!({"village_code": "3275011001"})).await.expect(201);
        assert_eq!(made["items"].as_array().map(Vec::len), Some(11));
        let sheet = registrar.get(&format!("{BATCHES}/{}/sheet.pdf", made["id"].as_str().expect("an id"))).await;
        assert_eq!(pages(&sheet.text), 2);
        assert!(!(9001..=9011).any(|serial| sheet.text.contains(&nik(serial))));
        assert_eq!(registrar.post(BATCHES, json!({"village_code": "3275011002"})).await.expect(200), json!({"id": null, "items": []}));
    });
}

on_both!(a_card_counts_for_whoever_is_in_order_and_belongs_to_who_stays);
async fn a_card_counts_for_whoever_is_in_order_and_belongs_to_who_stays(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let (person, _) = enrolled(&server, 9001).await;
    let card = number(&enrollment_of(&registrar, &person).await).to_owned();
    let token = card_tokens::sign(&keyring_of(&server), &card).expect("a token");
    let counts = async || registrar.post(VERIFY, json!({ "token": token })).await.expect(200)["card"]["counts_today"].clone();
    assert_eq!(counts().await, true);

    let stays = register(&registrar, 9002, json!({"relation": "child"})).await;
    let merged = json!({"kind": "merged", "date": TODAY, "to_participant_id": stays["id"]});
    registrar.post(&format!("{}/events", path_of(&person)), merged).await.expect(201);
    assert_eq!(counts().await, true, "the card counts on for who stays");
    let cards = registrar.get(&format!("{}/cards", path_of(&stays))).await.expect(200);
    assert_eq!(cards["items"][0]["card_number"], json!(card), "{cards}");
    assert_eq!(tell(&registrar, &person, json!({"kind": "printed"})).await.status, 409, "a merged record takes nothing more");
    tell(&registrar, &stays, json!({"kind": "printed"})).await.expect(201);

    registrar.post(&format!("{}/events", path_of(&stays)), json!({"kind": "deceased", "date": TODAY})).await.expect(201);
    assert_eq!(counts().await, false);
}

on_both!(a_number_that_was_just_given_is_not_replaced_again);
async fn a_number_that_was_just_given_is_not_replaced_again(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let (person, _) = enrolled(&server, 9001).await;
    tell(&registrar, &person, json!({"kind": "lost"})).await.expect(201);
    let replaced = async || tell(&registrar, &person, json!({"kind": "replaced"})).await.status;
    assert_eq!((replaced().await, replaced().await), (201, 409), "a second click takes nothing away");
}
