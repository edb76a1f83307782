//! Which recorded checks would be decided otherwise now, and what an event would give before it is recorded.

use serde_json::{Value, json};

use super::harness::count;
use super::people::{OTHER_VILLAGE, VILLAGE, nik, path_of, register};
use super::questions::{CHECKS, ask, decision, path_of as check_path, question, question_of};
use super::support::client::Client;
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;

async fn affected(client: &Client, participant: &Value) -> Value {
    client.get(&format!("{}/affected-checks", path_of(participant))).await.expect(200)
}

/// Service date, decision then and now, and the rules that say otherwise.
fn told(list: &Value) -> Vec<(String, String, String, Vec<String>)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let items = list["items"].as_array().expect("a list").iter();
    items
        .map(|item| {
            let changed = item["changed_rules"].as_array().expect("a list").iter();
            let changed = changed.map(|rule| format!("{} {} {}", text(&rule["code"]), text(&rule["then"]), text(&rule["now"])));
            (text(&item["service_date"]), text(&item["decision_then"]), text(&item["decision_now"]), changed.collect())
        })
        .collect()
}

async fn tell(client: &Client, participant: &Value, event: Value) -> Value {
    client.post(&format!("{}/events", path_of(participant)), event).await.expect(201)
}

on_both!(a_death_that_is_told_late_shows_the_checks_after_it);
async fn a_death_that_is_told_late_shows_the_checks_after_it(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    let who = register(&registrar, 9001, json!({})).await;
    let mut checks = Vec::new();
    for date in ["2026-11-01", "2026-11-10", "2026-11-11"] {
        checks.push(ask(&hospital, question_of(date, json!({"nik": nik(9001)}))).await);
    }
    let none = affected(&registrar, &who).await;
    assert_eq!((&none["items"], &none["looked_at"], &none["next_cursor"]), (&json!([]), &json!(3), &Value::Null));

    let event = json!({"kind": "deceased", "date": "2026-11-09"});
    let events = format!("{}/events", path_of(&who));
    let preview = registrar.post(&format!("{events}/preview"), event.clone()).await.expect(200);
    assert_eq!((&preview["participant_state"], &preview["state_on_date"]), (&json!("deceased"), &json!("deceased")));
    assert_eq!(registrar.get(&path_of(&who)).await.expect(200)["state"], "active", "a preview records nothing");
    let death = tell(&registrar, &who, event).await;
    let found = affected(&registrar, &who).await;
    let because = vec!["DECEASED pass fail".to_owned()];
    let late = |date: &str| (date.to_owned(), "eligible".to_owned(), "not_eligible".to_owned(), because.clone());
    assert_eq!(told(&found), [late("2026-11-11"), late("2026-11-10")], "newest first");
    assert_eq!((&found["items"], &found["items"][0]["id"]), (&preview["affected_checks"]["items"], &checks[2]["id"]), "as the preview said");

    let again = hospital.get(&check_path(&checks[2])).await.expect(200);
    assert_eq!((decision(&again), &again["rules"]), ("eligible", &checks[2]["rules"]), "a recorded check stays as it was answered");
    let replay = server.client().as_role("admin").post(&format!("{}/replay", check_path(&checks[2])), json!({})).await.expect(200);
    assert_eq!(replay["identical"], true);

    registrar.post(&format!("{events}/{}/revoke", death["id"].as_str().unwrap()), json!({"reason": "another"})).await.expect(200);
    assert_eq!(affected(&registrar, &who).await["items"], json!([]));
    let looked = "SELECT count(*) FROM audit_events WHERE kind = 'checks.decided_again'";
    assert_eq!(count(server.database(), looked), 3, "who looked is in the log");
    assert_eq!(count(server.database(), "SELECT count(*) FROM audit_events WHERE kind = 'participant.event_previewed'"), 1);
}

on_both!(what_is_corrected_or_recorded_late_shows_what_it_would_change);
async fn what_is_corrected_or_recorded_late_shows_what_it_would_change(server: DatedServer) {
    let (registrar, admin) = (server.client().as_role("registrar"), server.client().as_role("admin"));
    let hospital = server.client().as_role("hospital");
    let who = register(&registrar, 9001, json!({})).await;
    // What the facility told of the patient then is told in deciding again.
    for (date, told) in [("2026-10-31", "none"), ("2026-11-01", "none"), (TODAY, "work")] {
        let cause = if told == "none" { json!({}) } else { json!({"injury_cause": "work"}) };
        ask(&hospital, question_of(date, json!({"nik": nik(9001), "facts": cause}))).await;
    }
    let jkn = json!({"segment": "PPU", "state": "active", "valid_from": "2026-11-01"});
    registrar.put(&format!("{}/jkn-status", path_of(&who)), jkn).await.expect(201);
    let found = affected(&registrar, &who).await;
    assert_eq!(told(&found).iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["2026-11-01"], "{found}");
    assert_eq!(found["looked_at"], 3);

    // Proposed by one and approved by another, the shorter stay refuses all.
    let body = json!({"resident_since": "2026-08-01", "reason": "as in the population database"});
    let request = registrar.request(reqwest::Method::PATCH, &path_of(&who)).header("If-Match", "\"2\"").json(&body);
    let change = registrar.send(request).await.expect(200)["pending_changes"][0]["id"].clone();
    assert_eq!(told(&affected(&registrar, &who).await).len(), 1, "what is only proposed changes nothing");
    let decide = format!("{}/changes/{}/decision", path_of(&who), change.as_str().expect("an id"));
    admin.post(&decide, json!({"decision": "approve"})).await.expect(200);
    let dates: Vec<String> = told(&affected(&registrar, &who).await).into_iter().map(|one| one.0).collect();
    assert_eq!(dates, ["2026-11-01", "2026-10-31"]);
}

on_both!(moves_are_previewed_with_the_stays_they_give);
async fn moves_are_previewed_with_the_stays_they_give(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let who = register(&registrar, 9001, json!({})).await;
    let to = format!("{}/events/preview", path_of(&who));
    let preview = registrar.post(&to, json!({"kind": "moved_in", "date": "2026-12-01", "village_code": OTHER_VILLAGE})).await.expect(200);
    assert_eq!(preview["participant_state"], "active");
    let stays = json!([{"village_code": VILLAGE, "from": "2015-03-01", "until": "2026-11-30"},
        {"village_code": OTHER_VILLAGE, "from": "2026-12-01", "until": null}]);
    assert_eq!(preview["stays"], stays);
    registrar.post(&to, json!({"kind": "reinstated", "date": "2026-01-01"})).await.expect_problem(409, "STATE_CONFLICT");
    registrar.post(&to, json!({"kind": "moved_in", "date": "2026-01-01"})).await.expect(422);
    let history = registrar.get(&format!("{}/history", path_of(&who))).await.expect(200);
    assert_eq!(history["items"].as_array().expect("a list").len(), 1, "only the registration");
}

on_both!(many_checks_are_looked_at_page_by_page);
async fn many_checks_are_looked_at_page_by_page(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    let who = register(&registrar, 9001, json!({})).await;
    let other = register(&registrar, 9002, json!({})).await;
    for _ in 0..5 {
        ask(&hospital, question(json!({"nik": nik(9001)}))).await;
        ask(&hospital, question(json!({"nik": nik(9002)}))).await;
    }
    tell(&registrar, &who, json!({"kind": "suspended", "date": TODAY})).await;
    let (mut cursor, mut pages, mut found) = (String::new(), Vec::new(), 0);
    loop {
        let page = registrar.get(&format!("{}/affected-checks?limit=2{cursor}", path_of(&who))).await.expect(200);
        pages.push(page["looked_at"].as_u64().expect("a number"));
        found += page["items"].as_array().expect("a list").len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((pages, found), (vec![2, 2, 1], 5));
    assert_eq!(affected(&registrar, &other).await["items"], json!([]));
    let own = hospital.get(&format!("{CHECKS}?participant_id={}", who["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!(own["items"].as_array().expect("a list").len(), 5);
    hospital.get(&format!("{}/affected-checks", path_of(&who))).await.expect_problem(403, "NOT_ALLOWED");
    registrar.get("/api/v1/participants/0190a000-0000-7000-8000-000000000000/affected-checks").await.expect_problem(404, "NOT_FOUND");
}
