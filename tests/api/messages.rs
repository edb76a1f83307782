//! Participants are told of letters and payments in their name, and answer with a code: through a gateway of the tests' own, well and badly.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use ksnik::context::Machine;
use ksnik::service::housekeeping;
use ksnik::service::messages::sending;
use serde_json::{Value, json};

use super::claims::{ADMITTED, balance, bill, claim, path, prices, second, treated};
use super::harness::count;
use super::letters::LETTERS;
use super::payments::{BATCHES, approved, order, pay};
use super::people::{nik, register};
use super::questions::{ask, question_of};
use super::recoveries::{self, ask as ask_back};
use super::support::client::{Answer, Client};
use super::support::databases::{Database, Engine, Seed};
use super::support::dated::{DatedServer, TODAY};
use super::support::office::{Manner, Request, StubOffice};
use super::support::served::Served;
use super::support::small_city::id_of;
use super::support::{Given, on_both, product};

const MESSAGES: &str = "/api/v1/messages";
const CONFIRMATIONS: &str = "/api/v1/confirmations";
const SECRET: &str = "rahasia-gerbang-pesan-0123456789";
const PATIENCE: Duration = Duration::from_secs(30);

/// The dated city with a gateway that the test commands.
struct WithGateway {
    server: DatedServer,
    gateway: StubOffice,
}

impl Given for WithGateway {
    fn on(engine: Engine) -> Option<Self> {
        let mut given = Self { server: DatedServer::on(engine)?, gateway: StubOffice::start() };
        given.restart(&[]);
        Some(given)
    }
}

fn settings<'a>(gateway: &'a StubOffice, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let ours = [
        ("messages.driver", "webhook"),
        ("messages.url", gateway.url.as_str()),
        ("messages.secret", SECRET),
        // Enough for a busy machine.
        ("messages.timeout_ms", "10000"),
        ("messages.connect_timeout_ms", "10000"),
    ];
    [&ours, more].concat()
}

impl WithGateway {
    fn restart(&mut self, more: &[(&str, &str)]) {
        self.server.restart(&settings(&self.gateway, more));
    }

    fn of(&self, role: &str) -> Client {
        self.server.client().as_role(role)
    }

    /// The messages, newest first, once what is asked for holds of them.
    async fn once(&self, what: &str, holds: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let listed = self.of("admin").get(MESSAGES).await.expect(200);
            let messages = listed["items"].as_array().expect("a list");
            if holds(messages) {
                return messages.clone();
            }
            assert!(Instant::now() < deadline, "waited in vain until {what}: {listed}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn all_sent(&self, how_many: usize) -> Vec<Value> {
        self.once("all are sent", |messages| messages.len() == how_many && messages.iter().all(|message| message["state"] == "sent")).await
    }

    /// The code of the newest message, as it went out.
    fn newest_code(&self) -> String {
        code_of(self.gateway.requests().last().expect("a message went out"))
    }

    async fn answers(&self, code: &str, answer: &str) -> Answer {
        self.server.client().post(CONFIRMATIONS, json!({"code": code, "answer": answer})).await
    }

    async fn signals(&self) -> Vec<Value> {
        let listed = self.of("auditor").get("/api/v1/signals?kind=denied_by_participant").await.expect(200);
        listed["items"].as_array().expect("a list").clone()
    }
}

fn code_of(request: &Request) -> String {
    let text = request.body["text"].as_str().expect("a text");
    text.rsplit_once("kode ").expect("a code").1.trim_end_matches('.').to_owned()
}

/// A letter for somebody, whom these changes make somebody else.
async fn letter(server: &DatedServer, serial: u16, changes: Value) -> Value {
    register(&server.client().as_role("admin"), serial, changes).await;
    let hospital = server.client().as_role("hospital");
    let check = ask(&hospital, question_of(ADMITTED, json!({"nik": nik(serial)}))).await;
    let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III"});
    hospital.post_keyed(LETTERS, asked).await.expect(201)
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    let line = request.headers.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}: ")));
    line.expect("a header").split_once(": ").expect("a value").1
}

on_both!(each_letter_is_told_once_in_words_that_say_no_more_than_needed);
async fn each_letter_is_told_once_in_words_that_say_no_more_than_needed(given: WithGateway) {
    let letter = letter(&given.server, 9300, json!({})).await;
    let [message] = &given.all_sent(1).await[..] else { panic!("one message") };
    assert_eq!((&message["kind"], &message["letter_id"], &message["claim_id"]), (&json!("letter_issued"), &letter["id"], &Value::Null));
    assert_eq!((&message["attempts"], &message["driver"], &message["next_attempt_at"]), (&json!(1), &json!("webhook"), &Value::Null));

    let [request] = &given.gateway.requests()[..] else { panic!("one call") };
    assert_eq!((&request.body["id"], &request.body["kind"]), (&message["id"], &json!("letter_issued")));
    assert_eq!(request.body["to"], "+6281200000007");
    let text = request.body["text"].as_str().expect("a text");
    let facility = given.of("admin").get(&format!("/api/v1/facilities/{}", id_of("rsud"))).await.expect(200);
    for told in [facility["name"].as_str().expect("a name"), "18 November 2026", "situs Kartu Sehat", &code_of(request)] {
        assert!(text.contains(told), "{told} is not told in: {text}");
    }
    for untold in [&nik(9300), "Wulan", "Teladan", "J18", "1990", "0007"] {
        assert!(!text.contains(untold), "{untold} is told in: {text}");
    }
    let signature = header(request, "x-ksnik-signature");
    let (at, tag) = signature.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")).expect("an instant and a tag");
    let tag: Vec<u8> = (0..tag.len()).step_by(2).map(|from| u8::from_str_radix(&tag[from..from + 2], 16).expect("hexadecimal")).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    hmac::verify(&key, format!("{at}.{}", request.text).as_bytes(), &tag).expect("it is signed with the secret");

    // Whoever looks after messages sees neither the text nor the code; who answers for the data may look too, and nobody else.
    let code = code_of(request);
    let shown = given.of("dpo").get(&format!("{MESSAGES}/{}", message["id"].as_str().expect("an id"))).await.expect(200);
    for view in [message, &shown, &given.of("auditor").get("/api/v1/audit/events?limit=200").await.expect(200)] {
        let told = view.to_string();
        assert!(!told.contains(&code) && !told.contains(&code.replace('-', "")) && !told.contains("81200000007"), "{told}");
    }
    given.of("verifier").get(MESSAGES).await.expect(403);
    assert_eq!(count(given.server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'message.sent'"), 1);
    assert_eq!(given.of("admin").get(&format!("{MESSAGES}?state=failed")).await.expect(200)["items"], json!([]));
    assert_eq!(given.gateway.calls(), 1);
}

on_both!(what_the_gateway_does_not_take_is_tried_again_and_costs_nobody_anything);
async fn what_the_gateway_does_not_take_is_tried_again_and_costs_nobody_anything(given: WithGateway) {
    let mut given = given;
    given.restart(&[("messages.attempts", "3"), ("messages.first_pause_seconds", "600")]);
    // That it was tried is told before it is tried; that it failed, by how long it waits: longer than whoever tries may hold it.
    let waits = |message: &Value, seconds: i64| {
        let at = |field: &str| message[field].as_str().and_then(|at| at.parse::<chrono::DateTime<chrono::Utc>>().ok()).expect("an instant");
        at("next_attempt_at") - at("created_at") >= chrono::Duration::seconds(seconds)
    };
    given.gateway.now(Manner::Status(503));
    // The letter is issued all the same.
    letter(&given.server, 9301, json!({})).await;
    for (attempt, manner, until) in [(1, Manner::HangsUp, 600), (2, Manner::Status(400), 1800)] {
        let messages = given.once("it was tried", |messages| messages[0]["attempts"] == json!(attempt) && waits(&messages[0], until)).await;
        assert_eq!((&messages[0]["state"], given.gateway.calls()), (&json!("queued"), attempt));
        given.gateway.now(manner);
        // Not before its time: that of the second pause is twice that of the first.
        given.server.put_forward(chrono::Duration::seconds(601 * i64::try_from(attempt).expect("small")));
    }
    let failed = given.once("it has failed", |messages| messages[0]["state"] == "failed").await;
    assert_eq!((&failed[0]["attempts"], &failed[0]["driver"], &failed[0]["sent_at"]), (&json!(3), &Value::Null, &Value::Null));
    assert_eq!(given.of("admin").get(&format!("{MESSAGES}?state=failed")).await.expect(200)["items"].as_array().map(Vec::len), Some(1));

    given.gateway.now(Manner::Status(500));
    letter(&given.server, 9302, json!({})).await;
    given.once("it was tried", |messages| messages[0]["attempts"] == json!(1) && waits(&messages[0], 600)).await;
    assert_eq!(given.gateway.calls(), 4);
    given.gateway.says(json!({}));
    given.server.put_forward(chrono::Duration::seconds(601));
    let sent = given.once("it is sent", |messages| messages[0]["state"] == "sent").await;
    assert_eq!(sent[0]["attempts"], 2);
    let [.., first, again] = &given.gateway.requests()[..] else { panic!("two calls") };
    assert_eq!(first.body, again.body, "the same message with the same code");
}

on_both!(whom_nobody_can_reach_is_told_to_whoever_looks_after_messages);
async fn whom_nobody_can_reach_is_told_to_whoever_looks_after_messages(given: WithGateway) {
    letter(&given.server, 9303, json!({"phone": null})).await;
    letter(&given.server, 9304, json!({"phone": "0888888888"})).await;
    let messages = given.once("both are given up", |messages| messages.iter().filter(|message| message["state"] == "no_contact").count() == 2).await;
    assert_eq!((messages.len(), given.gateway.calls()), (2, 0));
}

on_both!(several_processes_send_each_message_once);
async fn several_processes_send_each_message_once(given: WithGateway) {
    let WithGateway { mut server, gateway } = given;
    gateway.now(Manner::Status(503));
    const PEOPLE: std::ops::Range<u16> = 9310..9318;
    for serial in PEOPLE {
        letter(&server, serial, json!({})).await;
    }
    server.stop();
    gateway.says(json!({}));
    let before = gateway.calls();
    // Days later, so that all are due.
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let app = product::app(product::settings(server.database().url(), &settings(&gateway, &[])), Arc::new(Machine));
            std::thread::spawn(move || {
                let mut db = app.pool.connect().expect("a connection");
                housekeeping::prepare(&app, &mut db).expect("keys");
                app.refresh(&mut db).expect("the facilities");
                while sending::send_next(&app, &mut db).expect("a message goes out") {}
            })
        })
        .collect();
    senders.into_iter().for_each(|sender| sender.join().expect("a sender"));
    let mut sent: BTreeMap<String, usize> = BTreeMap::new();
    for request in &gateway.requests()[before..] {
        *sent.entry(request.body["id"].to_string()).or_default() += 1;
    }
    assert_eq!((sent.len(), sent.values().max()), (PEOPLE.len(), Some(&1)), "{sent:?}");
    assert_eq!(count(server.database(), "SELECT count(*) FROM messages WHERE state = 'sent'"), i64::try_from(PEOPLE.len()).expect("few"));
}

on_both!(a_wrong_code_and_an_old_one_are_answered_alike_and_guessing_shuts_the_door);
async fn a_wrong_code_and_an_old_one_are_answered_alike_and_guessing_shuts_the_door(given: WithGateway) {
    let mut given = given;
    given.restart(&[("sign_in.failures_per_address", "5"), ("messages.answer_days", "2")]);
    letter(&given.server, 9320, json!({})).await;
    given.all_sent(1).await;
    let code = given.newest_code();
    for not_counted in [json!({"code": "", "answer": "me"}), json!({"code": code, "answer": "maybe"}), json!({"code": code})] {
        given.server.client().post(CONFIRMATIONS, not_counted).await.expect(422);
    }
    let wrong = given.answers("0000-0000", "not_me").await;
    // What is right is not counted, however often.
    for _ in 0..6 {
        given.answers(&code.to_lowercase(), "me").await.expect(200);
    }
    given.server.put_forward(chrono::Duration::days(3));
    let mut shapes = std::collections::BTreeSet::new();
    for answer in [wrong, given.answers(&code, "me").await, given.answers(&nik(9320), "me").await] {
        let mut problem = answer.expect_problem(404, "NOT_FOUND");
        problem.as_object_mut().expect("an object").remove("instance");
        shapes.insert(problem.to_string());
    }
    assert_eq!(shapes.len(), 1, "{shapes:?}");
    for _ in 0..3 {
        given.answers("1111-1111", "not_me").await.expect_problem(404, "NOT_FOUND");
    }
    let shut = given.answers("1111-1111", "not_me").await;
    assert!(shut.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    shut.expect_problem(429, "CONFIRMATION_LOCKED");
    assert_eq!(count(given.server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'confirmation.locked'"), 1);
    assert_eq!(given.signals().await.len(), 0);
}

on_both!(whoever_says_not_me_before_the_bill_has_it_looked_at);
async fn whoever_says_not_me_before_the_bill_has_it_looked_at(given: WithGateway) {
    prices(&given.server).await;
    let letter = treated(&given.server, 9330).await;
    given.all_sent(1).await;
    let code = given.newest_code();
    let said = json!({"code": code, "answer": "not_me", "note": "saya di rumah saja"});
    let told = given.server.client().post(CONFIRMATIONS, said.clone()).await.expect(200);
    assert_eq!((&told["answer"], &told["kind"]), (&json!("not_me"), &json!("letter_issued")));
    assert!(told["next_step"]["id"].as_str().is_some_and(|text| text.contains("ditahan")), "{told}");
    assert_eq!(given.server.client().post(CONFIRMATIONS, said).await.expect(200), told, "the same again changes nothing");
    let other = given.answers(&code, "me").await.expect_problem(409, "CONFIRMATION_ANSWERED");
    assert_eq!(other["existing"]["answer"], "not_me");

    let [signal] = &given.signals().await[..] else { panic!("one signal") };
    assert_eq!((&signal["evidence"]["letter_id"], &signal["evidence"]["claim_id"], &signal["score"]), (&letter["id"], &Value::Null, &json!(80)));
    let message = signal["evidence"]["message_id"].as_str().expect("an id").to_owned();
    let shown = given.of("admin").get(&format!("{MESSAGES}/{message}")).await.expect(200);
    assert_eq!((&shown["note"], &shown["answer"]), (&json!("saya di rumah saja"), &json!("not_me")));
    assert_eq!(signal["people"][0]["participant_id"], shown["participant_id"]);

    let hospital = given.of("hospital");
    let made = claim(&hospital, bill(&hospital, &letter, "RSX-9330", json!({})).await).await.expect(201);
    let found: Vec<_> = made["edits"].as_array().expect("findings").iter().map(|edit| (&edit["code"], &edit["outcome"])).collect();
    assert!(found.contains(&(&json!("ELG_MEMBER_SAYS_NO"), &json!("pend"))), "{found:?}");
    assert_eq!((&made["state"], &made["denied_by_participant_at"]), (&json!("complete"), &told["answered_at"]));
    // The patient was asked and had erred: somebody decides that, and then it is paid as any other.
    let decided = given.of("verifier").post_keyed(&format!("{}/decisions", path(&made)), json!({"decision": "approve"})).await.expect(200);
    assert_eq!(decided["state"], "approved");
    assert_eq!(given.of("finance").post_keyed(BATCHES, order()).await.expect(201)["item_count"], 1);
}

on_both!(whoever_says_not_me_after_the_bill_stops_its_payment);
async fn whoever_says_not_me_after_the_bill_stops_its_payment(given: WithGateway) {
    prices(&given.server).await;
    let (denied, other) = (approved(&given.server, 9340).await, approved(&given.server, 9341).await);
    given.all_sent(2).await;
    // The first message is that of the first letter.
    let [first, second_one] = &given.gateway.requests()[..] else { panic!("two messages") };
    let (first, second_one) = (code_of(first), code_of(second_one));
    given.answers(&second_one, "me").await.expect(200);
    assert_eq!(given.of("finance").get(&path(&other)).await.expect(200)["state"], "approved");

    let finance = given.of("finance");
    let batch = finance.post_keyed(BATCHES, order()).await.expect(201);
    let place = format!("{BATCHES}/{}", batch["id"].as_str().expect("an id"));
    let accountant = second(&given.server, "finance").await;
    assert_eq!(accountant.post_keyed(&format!("{place}/approve"), json!({})).await.expect(200)["total_amount"], 8_000_000);
    given.answers(&first, "not_me").await.expect(200);
    let held = finance.get(&path(&denied)).await.expect(200);
    assert_eq!((&held["state"], &held["waiting_for"]), (&json!("recheck"), &json!("verifier")));
    let story = finance.get(&format!("{}/history", path(&denied))).await.expect(200);
    let actions: Vec<&str> = story["items"].as_array().expect("a story").iter().filter_map(|event| event["action"].as_str()).collect();
    assert_eq!(actions[actions.len() - 2..], ["unorder_payment", "recheck"], "{story}");
    let [signal] = &given.signals().await[..] else { panic!("one signal") };
    assert_eq!((&signal["evidence"]["claim_id"], &signal["evidence"]["paid"], &signal["score"]), (&denied["id"], &json!(false), &json!(90)));

    // The treasury pays the other alone, and what was held may be refused and is then nobody's debt.
    let left = finance.get(&place).await.expect(200);
    assert_eq!((&left["total_amount"], &left["item_count"]), (&json!(4_000_000), &json!(1)));
    let sheet = finance.get(&format!("{place}/sheet.csv")).await;
    assert_eq!(sheet.text.lines().count(), 2, "{}", sheet.text);
    // It is not what was approved any more, so another approves it again.
    assert_eq!(left["state"], "proposed");
    accountant.post_keyed(&format!("{place}/approve"), json!({})).await.expect(200);
    let settle = json!({"paid_on": "2026-11-21", "sp2d_number": "SP2D-78/2026"});
    let paid = finance.post_keyed(&format!("{place}/settle"), settle).await.expect(200);
    let states: BTreeMap<&str, &str> = paid["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| (item["claim_id"].as_str().expect("an id"), item["state"].as_str().expect("a state")))
        .collect();
    assert_eq!((states[denied["id"].as_str().expect("an id")], states[other["id"].as_str().expect("an id")]), ("released", "paid"));
    assert_eq!((balance(&given.server, "approved_unpaid"), balance(&given.server, "paid")), (4_000_000, 4_000_000));
    let remittance = given.of("hospital").get("/api/v1/remittances").await.expect(200);
    assert_eq!(remittance["items"][0]["amount"], 4_000_000);
    // Whoever decided on it before, because it was drawn for the sample, does not decide again.
    let (verifier, place) = (second(&given.server, "verifier").await, format!("{}/decisions", path(&denied)));
    let refused = verifier.post_keyed(&place, json!({"decision": "reject", "reason_code": "NOT_ELIGIBLE"})).await.expect(200);
    assert_eq!(refused["state"], "rejected");
    assert_eq!(balance(&given.server, "approved_unpaid"), 0);
}

on_both!(a_batch_whose_only_claim_is_denied_pays_nothing);
async fn a_batch_whose_only_claim_is_denied_pays_nothing(given: WithGateway) {
    prices(&given.server).await;
    let denied = approved(&given.server, 9345).await;
    given.all_sent(1).await;
    let finance = given.of("finance");
    let batch = finance.post_keyed(BATCHES, order()).await.expect(201);
    given.answers(&given.newest_code(), "not_me").await.expect(200);
    let left = finance.get(&format!("{BATCHES}/{}", batch["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!((&left["state"], &left["total_amount"], &left["items"][0]["state"]), (&json!("cancelled"), &json!(0), &json!("released")));
    assert_eq!(finance.get(&path(&denied)).await.expect(200)["state"], "recheck");
    finance.post_keyed(BATCHES, order()).await.expect_problem(409, "NOTHING_TO_PAY");
}

on_both!(a_batch_that_pays_less_keeps_back_less);
async fn a_batch_that_pays_less_keeps_back_less(given: WithGateway) {
    prices(&given.server).await;
    let (finance, accountant) = (given.of("finance"), second(&given.server, "finance").await);
    let paid = [approved(&given.server, 9346).await, approved(&given.server, 9347).await];
    pay(&finance, &accountant, TODAY).await;
    for (claim, amount) in paid.iter().zip([4_000_000, 1_000_000]) {
        let recovery = ask_back(&finance, claim, amount).await.expect(201);
        recoveries::act(&accountant, &recovery, "approve", json!({})).await.expect(200);
    }
    approved(&given.server, 9348).await;
    given.all_sent(5).await;
    approved(&given.server, 9349).await;
    given.all_sent(6).await;
    let batch = finance.post_keyed(BATCHES, order()).await.expect(201);
    assert_eq!((&batch["kept_back_amount"], &batch["net_amount"]), (&json!(5_000_000), &json!(3_000_000)));
    let open = async || {
        let due = finance.get("/api/v1/recoveries?state=due").await.expect(200);
        due["items"].as_array().expect("a list").iter().map(|one| one["open_amount"].as_i64().expect("an amount")).sum::<i64>()
    };
    assert_eq!(open().await, 0);
    given.answers(&given.newest_code(), "not_me").await.expect(200);
    let place = format!("{BATCHES}/{}", batch["id"].as_str().expect("an id"));
    let less = finance.get(&place).await.expect(200);
    let told = ["total_amount", "kept_back_amount", "net_amount"].map(|name| less[name].clone());
    assert_eq!(told, [json!(4_000_000), json!(4_000_000), json!(0)], "{less}");
    assert_eq!(open().await, 1_000_000);
    accountant.post_keyed(&format!("{place}/approve"), json!({})).await.expect(200);
    finance.post_keyed(&format!("{place}/settle"), json!({"paid_on": TODAY, "sp2d_number": "SP2D-9"})).await.expect(200);
    assert_eq!(balance(&given.server, "paid"), 8_000_000, "three claims less one that was paid back");
}

on_both!(what_was_paid_is_told_too_and_not_me_is_seen_on_the_claim);
async fn what_was_paid_is_told_too_and_not_me_is_seen_on_the_claim(given: WithGateway) {
    prices(&given.server).await;
    let made = approved(&given.server, 9350).await;
    let finance = given.of("finance");
    let batch = finance.post_keyed(BATCHES, order()).await.expect(201);
    let place = format!("{BATCHES}/{}", batch["id"].as_str().expect("an id"));
    second(&given.server, "finance").await.post_keyed(&format!("{place}/approve"), json!({})).await.expect(200);
    given.all_sent(1).await;
    finance.post_keyed(&format!("{place}/settle"), json!({"paid_on": "2026-11-21", "sp2d_number": "SP2D-79/2026"})).await.expect(200);
    let messages = given.all_sent(2).await;
    assert_eq!((&messages[0]["kind"], &messages[0]["claim_id"]), (&json!("claim_paid"), &made["id"]));
    let [_, last] = &given.gateway.requests()[..] else { panic!("two messages") };
    assert!(last.body["text"].as_str().is_some_and(|text| text.contains("telah membayar")), "{}", last.text);

    given.answers(&given.newest_code(), "not_me").await.expect(200);
    let shown = given.of("verifier").get(&path(&made)).await.expect(200);
    assert_eq!((&shown["state"], &shown["amounts"]["paid"]), (&json!("paid"), &json!(4_000_000)), "what is paid stays paid until it is recovered");
    assert!(shown["denied_by_participant_at"].is_string(), "{shown}");
    let [signal] = &given.signals().await[..] else { panic!("one signal") };
    assert_eq!((&signal["evidence"]["paid"], &signal["score"], &signal["evidence"]["claim_id"]), (&json!(true), &json!(95), &made["id"]));
}

on_both!(who_registered_the_patient_does_not_bill_for_them_alone);
async fn who_registered_the_patient_does_not_bill_for_them_alone(server: DatedServer) {
    prices(&server).await;
    let (username, password) = ("petugas.pindah", "kuda lumping berlari 7");
    let admin = server.client().as_role("admin");
    let signed_in = async || {
        let tokens = server.client().post("/api/v1/auth/token", json!({"username": username, "password": password})).await.expect(200);
        server.client().with_token(tokens["access_token"].as_str().expect("a token"))
    };
    let user =
        admin.post("/api/v1/users", json!({"username": username, "password": password, "name": "Uji Coba", "role": "registrar"})).await.expect(201);
    register(&signed_in().await, 9355, json!({})).await;
    let place = format!("/api/v1/users/{}", user["id"].as_str().expect("an id"));
    let version = admin.get(&place).await.header("etag").to_owned();
    admin.patch(&place, &version, json!({"role": "hospital", "facility_id": id_of("rsud")})).await.expect(200);

    let hospital = server.client().as_role("hospital");
    let check = ask(&hospital, question_of(ADMITTED, json!({"nik": nik(9355)}))).await;
    let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III"});
    let letter = hospital.post_keyed(LETTERS, asked).await.expect(201);
    let place = format!("{LETTERS}/{}", letter["id"].as_str().expect("an id"));
    hospital.post_keyed(&format!("{place}/admit"), json!({"admitted_on": ADMITTED})).await.expect(200);
    hospital.post_keyed(&format!("{place}/discharge"), json!({"discharged_on": "2026-11-21", "status": "home"})).await.expect(200);
    let found = |claim: &Value| claim["edits"].as_array().expect("findings").iter().any(|edit| edit["code"] == "PAY_FOUR_EYES");
    let same = signed_in().await;
    for (client, is_found) in [(&hospital, false), (&same, true)] {
        let dry = client.post("/api/v1/claims/dry-run", bill(client, &letter, "RSX-9355", json!({})).await).await.expect(200);
        assert_eq!(found(&dry), is_found, "{dry}");
    }
}

fn logged(engine: Engine) -> Option<(Served, Database)> {
    let database = Database::copy_of(engine, Seed::City)?;
    Some((Served::start(&database, &[("log.level", "debug")]), database))
}

on_both!(the_log_tells_of_a_message_and_nothing_in_it, logged);
async fn the_log_tells_of_a_message_and_nothing_in_it((served, database): (Served, Database)) {
    let of = |role: &str| served.client().as_role(role);
    let person = json!({"phone": "081299001122", "name": "Zulaikha Qarinah"});
    register(&of("admin"), 9360, person).await;
    let check =
        of("hospital").post("/api/v1/eligibility-checks", json!({"nik": nik(9360), "care_type": "inpatient", "ward_class": "III"})).await.expect(201);
    let asked = json!({"check_id": check["id"], "diagnosis_code": "J18.9", "ward_class": "III"});
    of("hospital").post_keyed(LETTERS, asked).await.expect(201);
    let deadline = Instant::now() + PATIENCE;
    let sent = loop {
        let listed = of("admin").get(MESSAGES).await.expect(200);
        if listed["items"][0]["state"] == "sent" {
            break listed["items"][0].clone();
        }
        assert!(Instant::now() < deadline, "{listed}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(sent["driver"], "log");
    let printed = served.printed();
    let line = printed.lines().find(|line| line.contains("a participant would be told")).expect("a line");
    assert!(line.contains(sent["id"].as_str().expect("an id")) && line.contains("letter_issued"), "{line}");
    let (app, mut db) = super::support::audited::opened(&database);
    let id = sent["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let code = ksnik::store::messages::find(&mut db, id).expect("a row").expect("a message").code(&db).expect("a code");
    drop(app);
    let shown = ksnik::domain::messages::shown(&code);
    for secret in ["1299001122", "Qarinah", &code, &shown, "Bukan Anda"] {
        assert!(!printed.contains(secret), "{secret} stands in the log");
    }
}
