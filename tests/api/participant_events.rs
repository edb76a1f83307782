//! What happens to people: moving, dying, suspension, doubles; and taking it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use ksnik::context::{Machine, Surroundings};
use ksnik::domain::time::UtcTime;
use serde_json::{Value, json};

use super::people::{LOOKUP, OTHER_VILLAGE, VILLAGE, faults, nik, path_of, register};
use super::support::client::Client;
use super::support::databases::{Database, Seed};
use super::support::on_both;
use super::support::product;
use super::support::server::Server;

async fn tell(client: &Client, participant: &Value, event: Value) -> Value {
    client.post(&format!("{}/events", path_of(participant)), event).await.expect(201)
}

async fn revoke(client: &Client, participant: &Value, event: &Value) -> Value {
    let path = format!("{}/events/{}/revoke", path_of(participant), event["id"].as_str().expect("an id"));
    client.post(&path, json!({"reason": "recorded for the wrong person"})).await.expect(200)
}

/// State, first and last day of the stay, village.
async fn standing(client: &Client, participant: &Value) -> [Value; 4] {
    let seen = client.get(&path_of(participant)).await.expect(200);
    ["state", "resident_since", "resident_until", "village_code"].map(|field| seen[field].clone())
}

on_both!(who_moves_out_and_in_again_begins_a_new_stay);
async fn who_moves_out_and_in_again_begins_a_new_stay(server: Server) {
    let registrar = server.client().as_role("registrar");
    let who = register(&registrar, 9001, json!({})).await;
    let out =
        tell(&registrar, &who, json!({"kind": "moved_out", "date": "2020-05-01", "document_number": "SKP-1", "village_code": "3171011001"})).await;
    assert_eq!((&out["participant_state"], &out["document_number"]), (&json!("moved_out"), &json!("SKP-1")));
    assert_eq!(standing(&registrar, &who).await, [json!("moved_out"), json!("2015-03-01"), json!("2020-04-30"), json!(VILLAGE)]);

    let moved_in = tell(&registrar, &who, json!({"kind": "moved_in", "date": "2021-01-01", "village_code": OTHER_VILLAGE})).await;
    assert_eq!(standing(&registrar, &who).await, [json!("active"), json!("2021-01-01"), Value::Null, json!(OTHER_VILLAGE)]);

    revoke(&registrar, &who, &moved_in).await;
    assert_eq!(standing(&registrar, &who).await, [json!("moved_out"), json!("2015-03-01"), json!("2020-04-30"), json!(VILLAGE)]);
    let revoked = revoke(&registrar, &who, &out).await;
    assert!(revoked["revoked_at"].is_string() && revoked["revoked_by"].is_string());
    assert_eq!(standing(&registrar, &who).await, [json!("active"), json!("2015-03-01"), Value::Null, json!(VILLAGE)]);
    let again = format!("{}/events/{}/revoke", path_of(&who), out["id"].as_str().unwrap());
    registrar.post(&again, json!({"reason": "twice"})).await.expect_problem(409, "STATE_CONFLICT");
}

on_both!(a_move_within_the_city_goes_on_with_the_stay);
async fn a_move_within_the_city_goes_on_with_the_stay(server: Server) {
    let registrar = server.client().as_role("registrar");
    let who = register(&registrar, 9001, json!({})).await;
    let event = json!({"kind": "moved_in", "date": "2020-05-01", "village_code": OTHER_VILLAGE, "kk_number": "3275012001159008"});
    let moved = tell(&registrar, &who, event).await;
    assert_eq!(standing(&registrar, &who).await, [json!("active"), json!("2015-03-01"), Value::Null, json!(OTHER_VILLAGE)]);
    let seen = registrar.get(&path_of(&who)).await.expect(200);
    assert_eq!((&seen["kk_number"], &seen["relation"]), (&json!("3275012001159008"), &json!("head")));
    assert_ne!(seen["household"], who["household"]);
    // The middle of a chain cannot be taken out where a later move rests on it: this one can.
    revoke(&registrar, &who, &moved).await;
    let seen = registrar.get(&path_of(&who)).await.expect(200);
    assert_eq!((&seen["household"], &seen["village_code"]), (&who["household"], &json!(VILLAGE)));
}

on_both!(what_begins_on_a_later_date_holds_from_that_date);
async fn what_begins_on_a_later_date_holds_from_that_date(empty: Database) {
    let database = Database::copy_of(empty.engine(), Seed::City).expect("there is an empty one");
    let clock = Arc::new(Shifted(AtomicI64::new(0)));
    let app = product::app(product::settings(database.url(), &[]), clock.clone());
    let running = product::start_app(app);
    let client = Client::new(running.address, running.token_of.clone());
    let admin = client.as_role("admin");
    let who = register(&admin, 9001, json!({})).await;
    let ahead = |days: i64| (chrono::Utc::now() + chrono::Duration::hours(7) + chrono::Duration::days(days)).date_naive().to_string();
    tell(&admin, &who, json!({"kind": "moved_in", "date": ahead(3), "village_code": OTHER_VILLAGE})).await;
    let event = tell(&admin, &who, json!({"kind": "suspended", "date": ahead(3)})).await;
    assert_eq!(event["participant_state"], json!("active"));
    assert_eq!(standing(&admin, &who).await, [json!("active"), json!("2015-03-01"), Value::Null, json!(VILLAGE)]);

    clock.0.store(3, Ordering::SeqCst);
    let admin = client.as_role("admin");
    assert_eq!(standing(&admin, &who).await[0], json!("suspended"), "read with the new date");
    // The stored state follows by itself, which a search by state shows.
    let search = json!({"village_code": OTHER_VILLAGE, "state": "suspended"});
    let deadline = Instant::now() + Duration::from_secs(20);
    while admin.post("/api/v1/participants/search", search.clone()).await.expect(200)["items"] == json!([]) {
        assert!(Instant::now() < deadline, "the state was never brought up to date");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    (running.stop)();
}

/// The machine's clock, some days on.
struct Shifted(AtomicI64);

impl Surroundings for Shifted {
    fn now(&self) -> UtcTime {
        Machine.now().plus(chrono::Duration::days(self.0.load(Ordering::SeqCst)))
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        Machine.fill_random(bytes);
    }
}

on_both!(a_death_is_undone_only_by_revoking_it);
async fn a_death_is_undone_only_by_revoking_it(server: Server) {
    let registrar = server.client().as_role("registrar");
    let who = register(&registrar, 9001, json!({})).await;
    let death = tell(&registrar, &who, json!({"kind": "deceased", "date": "2026-01-10", "document_number": "AK-77"})).await;
    let events = format!("{}/events", path_of(&who));
    registrar.post(&events, json!({"kind": "deceased", "date": "2026-01-11"})).await.expect_problem(409, "STATE_CONFLICT");
    registrar.post(&events, json!({"kind": "reinstated", "date": "2026-01-11"})).await.expect_problem(409, "STATE_CONFLICT");
    assert_eq!(standing(&registrar, &who).await[0], json!("deceased"));
    assert_eq!(revoke(&registrar, &who, &death).await["participant_state"], json!("active"));
}

on_both!(what_an_event_needs);
async fn what_an_event_needs(server: Server) {
    let registrar = server.client().as_role("registrar");
    let who = register(&registrar, 9001, json!({})).await;
    let events = format!("{}/events", path_of(&who));
    for (event, expected) in [
        (json!({"kind": "moved_in", "date": "2020-01-01"}), vec!["/village_code FIELD_MISSING"]),
        (json!({"kind": "moved_in", "date": "2020-01-01", "village_code": "3171011001"}), vec!["/village_code VILLAGE_UNKNOWN"]),
        (json!({"kind": "moved_in", "date": "2015-03-01", "village_code": VILLAGE}), vec!["/date DATE_BEFORE_RESIDENCE"]),
        (json!({"kind": "moved_out", "date": "2014-01-01"}), vec!["/date DATE_BEFORE_RESIDENCE"]),
        (json!({"kind": "moved_out", "date": "2020-01-01", "kk_number": "3275012001159008"}), vec!["/kk_number FIELD_NOT_FOR_THIS_KIND"]),
        (
            json!({"kind": "deceased", "date": "2999-01-01", "village_code": VILLAGE}),
            vec!["/date DATE_IN_FUTURE", "/village_code FIELD_NOT_FOR_THIS_KIND"],
        ),
        (json!({"kind": "suspended", "date": "1980-01-01"}), vec!["/date DATE_BEFORE_BIRTH"]),
        (json!({"kind": "merged", "date": "2020-01-01"}), vec!["/to_participant_id FIELD_MISSING"]),
        (json!({"kind": "merged", "date": "2020-01-01", "to_participant_id": who["id"]}), vec!["/to_participant_id MERGE_TARGET"]),
        (json!({"kind": "vanished", "date": "2020-02-30", "by": "x"}), vec!["/by UNKNOWN_FIELD", "/date NOT_A_DATE", "/kind UNKNOWN_VALUE"]),
    ] {
        assert_eq!(faults(&registrar.post(&events, event).await.expect(422)), expected);
    }
    tell(&registrar, &who, json!({"kind": "moved_out", "date": "2020-05-01"})).await;
    registrar.post(&events, json!({"kind": "moved_out", "date": "2020-06-01"})).await.expect_problem(409, "STATE_CONFLICT");
    server.client().as_role("hospital").post(&events, json!({"kind": "deceased", "date": "2020-01-01"})).await.expect_problem(403, "NOT_ALLOWED");
    let nobody = "/api/v1/participants/0190a000-0000-7000-8000-000000000000/events";
    registrar.post(nobody, json!({"kind": "suspended", "date": "2020-01-01"})).await.expect_problem(404, "NOT_FOUND");
}

on_both!(of_two_who_merge_each_into_the_other_one_comes_too_late);
async fn of_two_who_merge_each_into_the_other_one_comes_too_late(server: Server) {
    let admin = server.client().as_role("admin");
    for pair in 0..8 {
        let one = register(&admin, 9001 + pair, json!({})).await;
        let other = register(&admin, 9101 + pair, json!({})).await;
        let merge = |gone: &Value, into: &Value| {
            let (admin, path) = (admin.clone(), format!("{}/events", path_of(gone)));
            let body = json!({"kind": "merged", "date": "2026-01-10", "to_participant_id": into["id"]});
            tokio::spawn(async move { admin.post(&path, body).await.status })
        };
        let (first, second) = (merge(&one, &other), merge(&other, &one));
        let mut statuses = [first.await.expect("an answer"), second.await.expect("an answer")];
        statuses.sort_unstable();
        assert!([[201, 409], [201, 422]].contains(&statuses), "{statuses:?}");
    }
}

on_both!(two_records_of_one_person_become_one_and_two_again);
async fn two_records_of_one_person_become_one_and_two_again(server: Server) {
    let admin = server.client().as_role("admin");
    let stays = register(&admin, 9001, json!({})).await;
    let goes = register(&admin, 9002, json!({"kk_number": "3275012001159008"})).await;
    let found = async |serial: u16| admin.post(LOOKUP, json!({"nik": nik(serial)})).await.expect(200)["id"].clone();

    tell(&admin, &goes, json!({"kind": "merged", "date": "2026-01-10", "to_participant_id": stays["id"]})).await;
    assert_eq!((found(9001).await, found(9002).await), (stays["id"].clone(), stays["id"].clone()));
    let gone = admin.get(&path_of(&goes)).await.expect(200);
    assert_eq!((&gone["state"], &gone["merged_into"]), (&json!("merged"), &stays["id"]));
    let third = register(&admin, 9003, json!({"kk_number": "3275012001159009"})).await;
    let into_gone = json!({"kind": "merged", "date": "2026-01-11", "to_participant_id": goes["id"]});
    assert_eq!(faults(&admin.post(&format!("{}/events", path_of(&third)), into_gone).await.expect(422)), ["/to_participant_id MERGE_TARGET"]);
    let unmerged = tell(&admin, &goes, json!({"kind": "unmerged", "date": "2026-01-12"})).await;
    assert_eq!((found(9002).await, &unmerged["participant_state"]), (goes["id"].clone(), &json!("active")));
    revoke(&admin, &goes, &unmerged).await;
    assert_eq!(found(9002).await, stays["id"]);
}

on_both!(whoever_came_without_a_number_lives_where_they_move_in);
async fn whoever_came_without_a_number_lives_where_they_move_in(server: Server) {
    let registrar = server.client().as_role("registrar");
    let patient = registrar.post("/api/v1/participants/temporary", json!({"reason": "no_nik"})).await.expect(201);
    let events = format!("{}/events", path_of(&patient));
    registrar.post(&events, json!({"kind": "moved_out", "date": "2026-01-01"})).await.expect_problem(409, "STATE_CONFLICT");
    let came = tell(&registrar, &patient, json!({"kind": "moved_in", "date": "2026-02-01", "village_code": VILLAGE})).await;
    let left = tell(&registrar, &patient, json!({"kind": "moved_out", "date": "2026-03-01"})).await;
    assert_eq!(standing(&registrar, &patient).await[1..3], [json!("2026-02-01"), json!("2026-02-28")]);
    revoke(&registrar, &patient, &left).await;
    revoke(&registrar, &patient, &came).await;
    assert_eq!(standing(&registrar, &patient).await[1..3], [Value::Null, Value::Null], "and it is taken back");
    tell(&registrar, &patient, json!({"kind": "moved_in", "date": "2026-02-01", "village_code": OTHER_VILLAGE})).await;
    assert_eq!(standing(&registrar, &patient).await[3], OTHER_VILLAGE);
}

on_both!(the_dead_do_not_move);
async fn the_dead_do_not_move(server: Server) {
    let registrar = server.client().as_role("registrar");
    let who = register(&registrar, 9001, json!({})).await;
    tell(&registrar, &who, json!({"kind": "deceased", "date": "2026-02-01"})).await;
    for event in [json!({"kind": "moved_out", "date": "2026-03-01"}), json!({"kind": "moved_in", "date": "2026-03-01", "village_code": VILLAGE})] {
        registrar.post(&format!("{}/events", path_of(&who)), event).await.expect_problem(409, "STATE_CONFLICT");
    }
    tell(&registrar, &who, json!({"kind": "moved_out", "date": "2026-01-01"})).await;
}
