//! The scan: what people share, what no register can have given, and look-ups without a visit.

use chrono::Duration;
use ksnik::service::{lookup_watch, signal_scan};
use serde_json::{Value, json};

use super::imports::import;
use super::people::{LOOKUP, household_of, nik, path_of, register};
use super::questions::CHECKS;
use super::support::Given;
use super::support::databases::{Database, Engine, Seed};
use super::support::house::House;
use super::support::on_both;
use super::support::small_city::id_of;

const SIGNALS: &str = "/api/v1/signals";

/// A service that notices few look-ups already.
struct Watchful(House);

impl Given for Watchful {
    fn on(engine: Engine) -> Option<Self> {
        Some(Self(House::with(Database::copy_of(engine, Seed::City)?, &[("signals.lookups_without_visit", "3"), ("signals.scan_minutes", "0")])))
    }
}

/// A service for which a telephone on three cards is on too many.
struct Strict(House);

impl Given for Strict {
    fn on(engine: Engine) -> Option<Self> {
        Some(Self(House::with(Database::copy_of(engine, Seed::City)?, &[("signals.cards_per_phone", "2"), ("signals.scan_minutes", "0")])))
    }
}

/// One turn of a service that has just been started; false when there was nothing more to do.
fn turn(house: &House) -> bool {
    let mut db = house.app.pool.get().expect("a connection");
    signal_scan::step(&house.app, &mut db, &house.app.context(), &mut signal_scan::Run::default()).expect("a turn")
}

/// Ten minutes later the scan comes by; returns how many people it went through.
fn scan(house: &House) -> usize {
    house.clock.forward(Duration::minutes(10));
    let mut db = house.app.pool.get().expect("a connection");
    let context = house.app.context();
    while lookup_watch::step(&house.app, &mut db, &context).expect("look-ups are followed") {}
    signal_scan::all(&house.app, &mut db, &context, false).expect("a scan").people
}

async fn found(house: &House, kind: &str) -> Vec<Value> {
    let listed = house.server.client().as_role("auditor").get(&format!("{SIGNALS}?kind={kind}")).await.expect(200);
    listed["items"].as_array().expect("a list").clone()
}

/// Signed in now: the clock of these tests goes fast.
async fn enter(house: &House, role: &str, body: Value) -> Value {
    register(&house.server.client().as_role(role), 0, body).await
}

fn kk(at: u16) -> String {
    format!("3275012001159{at:03}")
}

/// Someone who shares nothing with anybody.
fn alone(at: u16) -> Value {
    json!({"nik": nik(9000 + 7 * at), "kk_number": kk(at), "name": format!("{}wulan", char::from(b'a' + (at % 26) as u8)), "phone": format!("08120000{at:04}"), "address": format!("Jl. Kenanga {at}")})
}

fn with(mut body: Value, changes: Value) -> Value {
    super::people::change(&mut body, changes);
    body
}

on_both!(one_phone_or_address_on_many_cards_is_noticed);
async fn one_phone_or_address_on_many_cards_is_noticed(house: House) {
    for at in 1..=5 {
        enter(&house, "registrar", with(alone(at), json!({"phone": "081234567890"}))).await;
    }
    // Two on one card are one card.
    enter(&house, "registrar", with(alone(6), json!({"phone": "081234567890", "kk_number": kk(5), "relation": "child"}))).await;
    assert_eq!(scan(&house), 6);
    assert_eq!(found(&house, "shared_phone").await.len(), 0);
    let sixth = enter(&house, "registrar", with(alone(7), json!({"phone": "+62 812-3456-7890"}))).await;
    assert_eq!(scan(&house), 1);
    let shared = found(&house, "shared_phone").await;
    assert_eq!((shared.len(), &shared[0]["evidence"]), (1, &json!({"kind": "shared_phone", "cards": 6, "threshold": 5})));
    assert_eq!((&shared[0]["score"], shared[0]["people"].as_array().unwrap().len()), (&json!(41), 7));
    // What is corrected is looked at again; what is nothing new stays one.
    house.admin().patch(&path_of(&sixth), "\"1\"", json!({"phone": "081100000001", "reason": "wrong number"})).await.expect(200);
    assert_eq!((scan(&house), scan(&house)), (1, 0));
    assert_eq!(found(&house, "shared_phone").await.len(), 1);

    for at in 10..=18 {
        enter(&house, "registrar", with(alone(at), json!({"address": if at % 2 == 0 { "Jl. Mawar No. 3" } else { "JALAN MAWAR 3" }}))).await;
        if at == 17 {
            scan(&house);
            assert_eq!(found(&house, "shared_address").await.len(), 0);
        }
    }
    enter(&house, "registrar", with(alone(19), json!({"address": "Jl. Mawar 3", "rt": "004"}))).await;
    scan(&house);
    let shared = found(&house, "shared_address").await;
    assert_eq!((shared.len(), &shared[0]["evidence"]["cards"]), (1, &json!(9)));
    assert_eq!(found(&house, "likely_duplicate").await.len() + found(&house, "sequential_niks").await.len(), 0);
}

on_both!(many_shared_numbers_are_counted_a_few_a_turn_and_none_is_lost);
async fn many_shared_numbers_are_counted_a_few_a_turn_and_none_is_lost(Strict(house): Strict) {
    let person = |at: u16| {
        let name: String = [at / 26, at % 26].into_iter().map(|letter| char::from(b'a' + letter as u8)).collect();
        let (nik, phone) = (nik(9000 + 7 * at), 1000 + at / 3);
        format!("{nik},{},head,{name}wulan,1990-02-15,F,3275011001,3,12,Jl. Kenanga {at},08120000{phone},2015-03-01\n", kk(at))
    };
    let header = "nik,kk_number,relation,name,birth_date,sex,village_code,rt,rw,address,phone,resident_since\n".to_owned();
    let file = (0..75).map(person).fold(header, |file, row| file + &row);
    let made = import(&house.admin(), "/api/v1/imports?kind=participants", file).await;
    assert_eq!(made["created"], 75, "{made}");
    house.clock.forward(Duration::minutes(10));
    let mut known = vec![0];
    while turn(&house) {
        known.push(found(&house, "shared_phone").await.len());
    }
    assert_eq!(known.last(), Some(&25), "{known:?}");
    assert!(known.windows(2).all(|turns| turns[1] - turns[0] <= 20), "too many in one turn: {known:?}");
    assert_eq!(scan(&house), 0);
}

on_both!(who_comes_onto_another_card_is_looked_at_again);
async fn who_comes_onto_another_card_is_looked_at_again(house: House) {
    let mut people = Vec::new();
    for (at, card) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 5)] {
        let relation = if at == 6 { "child" } else { "head" };
        people.push(enter(&house, "registrar", with(alone(at), json!({"phone": "081234567890", "kk_number": kk(card), "relation": relation}))).await);
    }
    scan(&house);
    assert_eq!(found(&house, "shared_phone").await.len(), 0);
    let leaving = json!([{"participant_id": people[5]["id"], "relation": "head"}]);
    let split = json!({"kind": "split", "date": "2026-01-10", "new_kk_number": kk(6), "members": leaving});
    house.admin().post(&format!("{}/events", household_of(&people[4])), split).await.expect(201);
    assert_eq!(scan(&house), 1);
    assert_eq!(found(&house, "shared_phone").await[0]["evidence"]["cards"], 6);
}

on_both!(two_with_one_name_and_birth_date_are_likely_one);
async fn two_with_one_name_and_birth_date_are_likely_one(house: House) {
    let named = |at: u16, name: &str, born: &str| with(alone(at), json!({"name": name, "birth_date": born}));
    let first = enter(&house, "registrar", named(1, "Wulan Ayu Teladan", "1990-02-15")).await;
    enter(&house, "registrar", named(2, "Wulan Ayu Teladan", "1990-02-16")).await;
    enter(&house, "registrar", named(3, "Wulan Sari", "1990-02-15")).await;
    scan(&house);
    assert_eq!(found(&house, "likely_duplicate").await.len(), 0, "another birth date, or another name");
    let same = enter(&house, "registrar", named(4, "TELADAN, Ny. Wulan Ayu", "1990-02-15")).await;
    let nearly = enter(&house, "registrar", named(5, "Wulan Teladan", "1990-02-15")).await;
    scan(&house);
    let pairs = found(&house, "likely_duplicate").await;
    let mut told: Vec<(i64, i64)> =
        pairs.iter().map(|pair| (pair["evidence"]["shared_words"].as_i64().unwrap(), pair["score"].as_i64().unwrap())).collect();
    told.sort_unstable();
    assert_eq!(told, [(2, 40), (2, 40), (3, 80)]);
    let whole = pairs.iter().find(|pair| pair["score"] == 80).unwrap();
    let people: Vec<&Value> = whole["people"].as_array().unwrap().iter().map(|person| &person["participant_id"]).collect();
    assert!(people.contains(&&first["id"]) && people.contains(&&same["id"]) && people.len() == 2);
    // Cleared, it stays so, though one of them is corrected and looked at again.
    let path = format!("{SIGNALS}/{}/decision", whole["id"].as_str().unwrap());
    house.server.client().as_role("registrar").post(&path, json!({"state": "cleared"})).await.expect_problem(403, "NOT_ALLOWED");
    house.admin().post(&path, json!({"state": "cleared", "note": "kembar"})).await.expect(200);
    for person in [&first, &nearly] {
        house.admin().patch(&path_of(person), "\"1\"", json!({"rt": "009", "reason": "wrong"})).await.expect(200);
    }
    assert_eq!(scan(&house), 2);
    let after = found(&house, "likely_duplicate").await;
    assert_eq!((after.len(), after.iter().filter(|one| one["state"] == "open").count()), (3, 2));
}

on_both!(niks_in_a_row_and_impossible_ones_are_noticed);
async fn niks_in_a_row_and_impossible_ones_are_noticed(house: House) {
    // Two in a row and one with a gap; and a third in the row, whom another account registered onto another card.
    for (at, serial) in [(1, 9001), (2, 9002), (3, 9004)] {
        enter(&house, "registrar", with(alone(at), json!({"nik": nik(serial), "kk_number": kk(1), "relation": "other"}))).await;
    }
    enter(&house, "admin", with(alone(4), json!({"nik": nik(9003)}))).await;
    scan(&house);
    assert_eq!(found(&house, "sequential_niks").await.len(), 0);
    // The same account, weeks later, on a card of their own: 9004 to 9006.
    house.clock.forward(Duration::days(20));
    for (at, serial) in [(5, 9005), (6, 9006)] {
        enter(&house, "registrar", with(alone(at), json!({"nik": nik(serial)}))).await;
        scan(&house);
    }
    let rows = found(&house, "sequential_niks").await;
    assert_eq!((rows.len(), &rows[0]["evidence"]["run"], &rows[0]["evidence"]["registered_by"]), (1, &json!(3), &json!(id_of("registrar"))));
    assert_eq!(rows[0]["evidence"]["household_id"], Value::Null);
    // And three on one card, whoever registered them.
    let mut home = Value::Null;
    for (at, serial) in [(7, 9011), (8, 9012), (9, 9013)] {
        home = enter(
            &house,
            if at == 8 { "admin" } else { "registrar" },
            with(alone(at), json!({"nik": nik(serial), "kk_number": kk(9), "relation": "other"})),
        )
        .await;
    }
    scan(&house);
    let rows = found(&house, "sequential_niks").await;
    assert_eq!((rows.len(), &rows[0]["evidence"]["household_id"]), (2, &home["household"]["id"]));

    assert_eq!(found(&house, "impossible_nik").await.len(), 0);
    enter(&house, "registrar", with(alone(20), json!({"nik": "3275013502909021"}))).await;
    scan(&house);
    let odd = found(&house, "impossible_nik").await;
    assert_eq!((odd.len(), &odd[0]["evidence"]["oddities"], &odd[0]["score"]), (1, &json!(["NIK_DATE_IMPOSSIBLE"]), &json!(60)));
    assert_eq!(odd[0]["people"][0]["nik_masked"], "3275**********21");
}

on_both!(look_ups_that_no_visit_follows_are_noticed);
async fn look_ups_that_no_visit_follows_are_noticed(Watchful(house): Watchful) {
    for at in 1..=4 {
        enter(&house, "registrar", alone(at)).await;
    }
    let look_up = async |at: u16| {
        house.server.client().as_role("clinic").post(LOOKUP, json!({"nik": nik(9000 + 7 * at)})).await.expect(200);
    };
    for at in 1..=3 {
        look_up(at).await;
    }
    // One of the three is treated after all, and one is looked up twice.
    house.server.client().as_role("clinic").post(CHECKS, json!({"nik": nik(9007), "care_type": "primary"})).await.expect(201);
    look_up(2).await;
    scan(&house);
    house.clock.forward(Duration::hours(25));
    scan(&house);
    assert_eq!(found(&house, "lookups_without_visit").await.len(), 0);
    // The check of another facility is no visit here.
    look_up(4).await;
    let elsewhere = json!({"nik": nik(9028), "care_type": "emergency"});
    house.server.client().as_role("hospital").post(CHECKS, elsewhere).await.expect(201);
    scan(&house);
    assert_eq!(found(&house, "lookups_without_visit").await.len(), 0, "there is a day for the visit");
    house.clock.forward(Duration::hours(25));
    scan(&house);
    let noticed = found(&house, "lookups_without_visit").await;
    assert_eq!((noticed.len(), &noticed[0]["facility_id"]), (1, &json!(id_of("klinik"))));
    let evidence = &noticed[0]["evidence"];
    assert_eq!((&evidence["account_id"], &evidence["people"], &evidence["threshold"]), (&json!(id_of("clinic")), &json!(3), &json!(3)));
    // A week later it is forgotten, and nothing new is raised.
    house.clock.forward(Duration::days(8));
    scan(&house);
    assert_eq!(found(&house, "lookups_without_visit").await.len(), 1);
}

on_both!(asking_again_every_day_puts_no_visit_off);
async fn asking_again_every_day_puts_no_visit_off(Watchful(house): Watchful) {
    for at in 1..=3 {
        enter(&house, "registrar", alone(at)).await;
    }
    for noticed in [0, 1] {
        for at in 1..=3 {
            house.server.client().as_role("clinic").post(LOOKUP, json!({"nik": nik(9000 + 7 * at)})).await.expect(200);
        }
        house.clock.forward(Duration::hours(20));
        scan(&house);
        assert_eq!(found(&house, "lookups_without_visit").await.len(), noticed);
    }
}

on_both!(a_card_that_is_handed_over_is_a_visit);
async fn a_card_that_is_handed_over_is_a_visit(Watchful(house): Watchful) {
    let holder = enter(&house, "registrar", alone(1)).await;
    for at in 2..=3 {
        enter(&house, "registrar", alone(at)).await;
    }
    let request = json!({"participant_id": holder["id"], "filed_by": {"kind": "officer"}, "channel": "counter"});
    let filed = house.server.client().as_role("registrar").post("/api/v1/enrollments", request).await.expect(201);
    for decision in ["take", "approve", "activate"] {
        let path = format!("/api/v1/enrollments/{}/decisions", filed["id"].as_str().unwrap());
        house.admin().post(&path, json!({"decision": decision})).await.expect(200);
    }
    let counter = house.server.client().as_role("counter");
    for at in 1..=3 {
        counter.post(LOOKUP, json!({"nik": nik(9000 + 7 * at)})).await.expect(200);
    }
    counter.post(&format!("{}/card-events", path_of(&holder)), json!({"kind": "printed"})).await.expect(201);
    house.clock.forward(Duration::hours(25));
    scan(&house);
    assert_eq!(found(&house, "lookups_without_visit").await.len(), 0, "two of three");
}
