//! Who fishes for numbers is stopped, and an honest rush never is.

use chrono::Duration;
use serde_json::{Value, json};

use super::eligibility_batches::{ask_all, status};
use super::people::{KK, LOOKUP, nik, register};
use super::questions::{CHECKS, ask, decision, path_of, question};
use super::support::client::{Answer, Client};
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::id_of;

/// Numbers that nobody has.
fn unknown(number: u32) -> Value {
    json!(format!("32750101018{:05}", number))
}

async fn ask_for(client: &Client, nik: Value) -> Answer {
    client.post(CHECKS, question(json!({"nik": nik}))).await
}

async fn miss(client: &Client, times: u32) {
    let items = ask_all(client, (0..times).map(|number| question(json!({"nik": unknown(number)}))).collect()).await;
    assert!(items.iter().all(|item| status(item) == 201), "an honest error is answered");
}

#[track_caller]
fn stopped(answer: Answer) -> u32 {
    let seconds = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=600).contains(&seconds), "{seconds}");
    answer.expect_problem(429, "TOO_MANY_UNKNOWN");
    seconds
}

async fn limits_reached(server: &DatedServer) -> Vec<Value> {
    let events = server.client().as_role("auditor").get("/api/v1/audit/events?kind=lookups.limited").await.expect(200);
    events["items"].as_array().expect("a list").clone()
}

on_both!(after_twenty_unknown_numbers_known_and_unknown_are_refused_alike);
async fn after_twenty_unknown_numbers_known_and_unknown_are_refused_alike(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let early = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    // Whatever way a number is asked for, it counts.
    miss(&hospital, 14).await;
    for _ in 0..3 {
        hospital.post(LOOKUP, json!({"nik": unknown(1)})).await.expect_problem(404, "NOT_FOUND");
        assert_eq!(decision(&ask(&hospital, question(json!({"nik": nik(9001)}))).await), "eligible", "the limit is not reached");
    }
    ask(&hospital, question(json!({"card_number": "KS-000001"}))).await;
    let of_family = json!({"kk_number": KK, "claimed_birth_date": "1990-02-16"});
    hospital.post(CHECKS, question(of_family)).await.expect_problem(422, "PERSON_NOT_SINGLED_OUT");
    assert_eq!(limits_reached(&server).await, Vec::<Value>::new());
    assert_eq!(ask_for(&hospital, unknown(7)).await.status, 201, "the twentieth");

    let without_own = |mut problem: Value| {
        problem.as_object_mut().expect("an object").remove("instance");
        problem
    };
    let (known, nobodys) = (ask_for(&hospital, json!(nik(9001))).await, ask_for(&hospital, unknown(8)).await);
    stopped(known.clone());
    stopped(nobodys.clone());
    let seconds =
        |answer: &Answer| answer.json["detail"].as_str().expect("a detail").chars().filter(|letter| !letter.is_ascii_digit()).collect::<String>();
    assert_eq!(seconds(&known), seconds(&nobodys));
    assert_eq!(without_own(known.json)["title"], without_own(nobodys.json)["title"]);
    for number in [json!(nik(9001)), unknown(9)] {
        stopped(hospital.post(LOOKUP, json!({"nik": number})).await);
    }
    let items = ask_all(&hospital, vec![question(json!({"nik": nik(9001)})), question(json!({"nik": "1"}))]).await;
    assert_eq!((status(&items[0]), status(&items[1]), &items[0]["problem"]["code"]), (429, 422, &json!("TOO_MANY_UNKNOWN")));
    assert_eq!(hospital.get(&path_of(&early)).await.status, 200, "what was answered may be read");

    assert_eq!(decision(&ask(&server.client().as_role("counter"), question(json!({"nik": nik(9001), "care_type": "emergency"}))).await), "eligible");
    let told = limits_reached(&server).await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["object_id"], &told[0]["user_id"]), (&json!(id_of("hospital")), &json!(id_of("hospital"))));
    assert_eq!(told[0]["payload"], json!({"scope": "unknown_by_account", "unknown": 20}));
}

on_both!(the_accounts_of_a_facility_have_a_budget_together);
async fn the_accounts_of_a_facility_have_a_budget_together(server: DatedServer) {
    let admin = server.client().as_role("admin");
    register(&admin, 9001, json!({})).await;
    let mut accounts = vec![server.client().as_role("hospital")];
    for number in 2..=4 {
        let user = json!({"username": format!("loket{number}"), "password": "kembang sepatu biru", "name": "Loket", "role": "hospital",
            "facility_id": id_of("rsud"), "must_change_password": false});
        admin.post("/api/v1/users", user).await.expect(201);
        let sign_in = json!({"username": format!("loket{number}"), "password": "kembang sepatu biru"});
        let token = server.client().post("/api/v1/auth/token", sign_in).await.expect(200)["access_token"].clone();
        accounts.push(server.client().with_token(token.as_str().expect("a token")));
    }
    for account in &accounts[..3] {
        assert_eq!(ask_for(account, json!(nik(9001))).await.status, 201);
        miss(account, 20).await;
        stopped(ask_for(account, json!(nik(9001))).await);
    }
    stopped(ask_for(&accounts[3], json!(nik(9001))).await);
    assert_eq!(ask_for(&server.client().as_role("other_hospital"), unknown(1)).await.status, 201);
    let told = limits_reached(&server).await;
    let scopes: Vec<&Value> = told.iter().map(|event| &event["payload"]["scope"]).collect();
    assert_eq!(scopes.iter().filter(|scope| **scope == "unknown_by_account").count(), 3);
    let of_facility: Vec<&Value> = told.iter().filter(|event| event["payload"]["scope"] == "unknown_by_facility").collect();
    assert_eq!((of_facility.len(), &of_facility[0]["object_id"], &of_facility[0]["payload"]["unknown"]), (1, &json!(id_of("rsud")), &json!(60)));
}

on_both!(an_honest_rush_is_never_limited);
async fn an_honest_rush_is_never_limited(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    for serial in 9001..9006 {
        register(&registrar, serial, json!({"relation": "other"})).await;
    }
    let hospital = server.client().as_role("hospital");
    let asked: Vec<_> = (0..400u16)
        .map(|at| {
            let (hospital, mistyped) = (hospital.clone(), at % 21 == 20);
            let number = if mistyped { unknown(at.into()) } else { json!(nik(9001 + at % 5)) };
            tokio::spawn(async move { (mistyped, ask(&hospital, question(json!({"nik": number, "care_type": "emergency"}))).await) })
        })
        .collect();
    for answer in asked {
        let (mistyped, check) = answer.await.expect("an answer");
        assert_eq!(decision(&check), if mistyped { "not_eligible" } else { "eligible" });
    }
    assert_eq!(limits_reached(&server).await, Vec::<Value>::new());
}

on_both!(the_window_passes);
async fn the_window_passes(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    miss(&server.client().as_role("hospital"), 20).await;
    server.put_forward(Duration::minutes(9));
    assert!(stopped(ask_for(&server.client().as_role("hospital"), json!(nik(9001))).await) <= 60);
    server.put_forward(Duration::minutes(1));
    let hospital = server.client().as_role("hospital");
    assert_eq!(ask_for(&hospital, json!(nik(9001))).await.status, 201);
    miss(&hospital, 20).await;
    stopped(ask_for(&hospital, json!(nik(9001))).await);
    assert_eq!(limits_reached(&server).await.len(), 2);
}

/// One number in a hundred is someone's.
async fn some_people(server: &DatedServer) {
    for serial in 9001..9011 {
        register(&server.client().as_role("registrar"), serial, json!({"relation": "other"})).await;
    }
}

fn scanned(number: u16) -> Value {
    if number % 100 == 99 { json!(nik(9001 + number / 100 % 10)) } else { unknown(number.into()) }
}

on_both!(a_scan_in_batches_yields_almost_nothing);
async fn a_scan_in_batches_yields_almost_nothing(server: DatedServer) {
    some_people(&server).await;
    let hospital = server.client().as_role("hospital");
    let (mut found, mut not_found) = (0, 0);
    for batch in 0..2 {
        let questions = (0..1000).map(|at| question(json!({"nik": scanned(batch * 1000 + at)}))).collect();
        for item in ask_all(&hospital, questions).await {
            match status(&item) {
                201 if item["result"]["participant"].is_null() => not_found += 1,
                201 => found += 1,
                other => assert_eq!(other, 429),
            }
        }
    }
    // Before the limit, a slice may hold someone.
    assert!(not_found == 20 && found <= 4, "{not_found} misses and {found} hits of 2,000");
}

on_both!(a_scan_over_many_connections_yields_almost_nothing);
async fn a_scan_over_many_connections_yields_almost_nothing(server: DatedServer) {
    some_people(&server).await;
    let asked: Vec<_> = (0..64u16)
        .map(|scanner| {
            let hospital = server.client().as_role("hospital");
            tokio::spawn(async move {
                let mut answers = Vec::new();
                for at in 0..4 {
                    let number = scanned(scanner * 4 + at);
                    // Both ways in at once, as someone would who looks for the one that is not counted.
                    let answer = match at % 2 {
                        0 => ask_for(&hospital, number).await,
                        _ => hospital.post(LOOKUP, json!({"nik": number})).await,
                    };
                    answers.push(answer);
                }
                answers
            })
        })
        .collect();
    let (mut found, mut not_found) = (0, 0);
    for answers in asked {
        for answer in answers.await.expect("answers") {
            match answer.status {
                201 if answer.json["participant"].is_null() => not_found += 1,
                404 => not_found += 1,
                200 | 201 => found += 1,
                _ => drop(stopped(answer)),
            }
        }
    }
    assert!(not_found == 20 && found <= 2, "{not_found} misses and {found} hits of 256");
}
