//! What becomes of a recorded check: papers within 72 hours, 48 more on request, then a new check or nothing; and checks that are void.

use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::count;
use super::people::{faults, nik, register};
use super::questions::{CHECKS, ask, codes, decision, keeps_promises, path_of, question};
use super::support::client::{Answer, Client};
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::id_of;

const TEMPORARY: &str = "/api/v1/participants/temporary";
const LETTER: &str = "460/123/DINSOS/2026";

async fn nameless(hospital: &Client) -> Value {
    hospital.post(TEMPORARY, json!({"reason": "unidentified", "sex": "M"})).await.expect(201)
}

/// A homeless patient at night: nobody knows who he is, and he has no papers.
pub async fn homeless(server: &DatedServer) -> Value {
    let hospital = server.client().as_role("hospital");
    let patient = nameless(&hospital).await;
    let facts = json!({"special_group": "pmks", "papers": []});
    let check = ask(&hospital, question(json!({"participant_id": patient["id"], "care_type": "emergency", "facts": facts}))).await;
    assert_eq!((decision(&check), &check["standing"], check.get("progress")), ("provisional", &json!("open"), None));
    check
}

async fn bring(client: &Client, check: &Value, kind: &str, number: &str) -> Answer {
    client.post(&format!("{}/papers", path_of(check)), json!({"kind": kind, "number": number})).await
}

pub async fn letter(client: &Client, check: &Value) -> Answer {
    bring(client, check, "dinsos_letter", LETTER).await
}

async fn extend(client: &Client, check: &Value) -> Answer {
    client.send(client.request(Method::POST, &format!("{}/extend", path_of(check)))).await
}

async fn make_void(client: &Client, check: &Value, reason: &str) -> Answer {
    client.post(&format!("{}/void", path_of(check)), json!({"reason": reason})).await
}

async fn standing(client: &Client, check: &Value) -> Value {
    let shown = client.get(&path_of(check)).await.expect(200)["standing"].clone();
    let listed = client.get(CHECKS).await.expect(200);
    let items = listed["items"].as_array().expect("a list");
    let item = items.iter().find(|item| item["id"] == check["id"]).expect("it is listed");
    assert_eq!(item["standing"], shown, "the list and the check differ");
    shown
}

async fn with_standing(client: &Client, standing: &str) -> Vec<Value> {
    let listed = client.get(&format!("{CHECKS}?standing={standing}")).await.expect(200);
    listed["items"].as_array().expect("a list").iter().map(|item| item["id"].clone()).collect()
}

fn instant(check: &Value, field: &str) -> chrono::DateTime<chrono::Utc> {
    check[field].as_str().expect("a time").parse().expect("RFC 3339")
}

on_both!(a_letter_in_time_makes_a_new_check_in_the_place_of_the_provisional_one);
async fn a_letter_in_time_makes_a_new_check_in_the_place_of_the_provisional_one(server: DatedServer) {
    let check = homeless(&server).await;
    server.put_forward(Duration::hours(71));
    let (hospital, admin) = (server.client().as_role("hospital"), server.client().as_role("admin"));
    let brought = letter(&hospital, &check).await.expect(200);
    let (then, new) = (&brought["check"], &brought["new_check"]);
    keeps_promises(then);
    keeps_promises(new);
    assert_eq!((decision(then), &then["standing"], &then["progress"]["completed_by"]), ("provisional", &json!("completed"), &new["id"]));
    let paper = &then["progress"]["papers"][0];
    assert_eq!((&paper["kind"], &paper["number"], &paper["brought_by"]), (&json!("dinsos_letter"), &json!(LETTER), &json!(id_of("hospital"))));
    assert_eq!((decision(new), &new["override_of"], &new["complete_by"], &new["standing"]), ("eligible", &check["id"], &Value::Null, &Value::Null));
    for field in ["rule_set", "service_date", "care_type", "facility_id", "participant", "valid_until"] {
        assert_eq!(new[field], check[field], "{field}");
    }
    assert_eq!(&hospital.get(&path_of(new)).await.expect(200), new);
    let mut shown = hospital.get(&path_of(&check)).await.expect(200);
    assert_eq!(&shown, then);
    shown.as_object_mut().expect("an object").remove("progress");
    shown["standing"] = json!("open");
    assert_eq!(shown, check, "what was decided stays as it was");
    for check in [&check, new] {
        let replayed = admin.post(&format!("{}/replay", path_of(check)), json!({})).await.expect(200);
        assert_eq!((&replayed["identical"], &replayed["decision"]), (&json!(true), &check["decision"]));
    }
    server.put_forward(Duration::hours(10));
    let hospital = server.client().as_role("hospital");
    assert_eq!(standing(&hospital, &check).await, "completed", "time no longer counts");
    assert_eq!(with_standing(&hospital, "completed").await, [check["id"].clone()]);
    bring(&hospital, &check, "sktm", "1").await.expect_problem(409, "CHECK_COMPLETED");
    extend(&hospital, &check).await.expect_problem(409, "CHECK_COMPLETED");
    letter(&hospital, new).await.expect_problem(409, "CHECK_NOT_PROVISIONAL");
    extend(&hospital, new).await.expect_problem(409, "CHECK_NOT_PROVISIONAL");
    assert_eq!(count(server.database(), "SELECT count(*) FROM eligibility_checks"), 2);
}

on_both!(without_a_letter_the_provisional_answer_lapses);
async fn without_a_letter_the_provisional_answer_lapses(server: DatedServer) {
    let check = homeless(&server).await;
    assert_eq!(instant(&check, "complete_by") - instant(&check, "checked_at"), Duration::hours(72));
    server.put_forward(Duration::hours(72) - Duration::minutes(2));
    let hospital = server.client().as_role("hospital");
    assert_eq!(standing(&hospital, &check).await, "open");
    assert_eq!((with_standing(&hospital, "open").await, with_standing(&hospital, "lapsed").await), (vec![check["id"].clone()], vec![]));
    server.put_forward(Duration::minutes(3));
    let hospital = server.client().as_role("hospital");
    assert_eq!(standing(&hospital, &check).await, "lapsed");
    assert_eq!((with_standing(&hospital, "open").await, with_standing(&hospital, "lapsed").await), (vec![], vec![check["id"].clone()]));
    letter(&hospital, &check).await.expect_problem(409, "CHECK_LAPSED");
    extend(&hospital, &check).await.expect_problem(409, "CHECK_LAPSED");
    assert_eq!(count(server.database(), "SELECT count(*) FROM check_papers"), 0);
}

on_both!(time_is_prolonged_once_by_48_hours);
async fn time_is_prolonged_once_by_48_hours(server: DatedServer) {
    let check = homeless(&server).await;
    let other = homeless(&server).await;
    let hospital = server.client().as_role("hospital");
    let extended = extend(&hospital, &check).await.expect(200);
    assert_eq!(instant(&extended, "complete_by") - instant(&check, "complete_by"), Duration::hours(48));
    assert_eq!((&extended["standing"], &extended["progress"]["extended_by"]), (&json!("open"), &json!(id_of("hospital"))));
    extend(&hospital, &check).await.expect_problem(409, "CHECK_ALREADY_EXTENDED");
    server.put_forward(Duration::hours(119));
    let hospital = server.client().as_role("hospital");
    assert_eq!((standing(&hospital, &check).await, standing(&hospital, &other).await), (json!("open"), json!("lapsed")));
    assert_eq!(
        (with_standing(&hospital, "open").await, with_standing(&hospital, "lapsed").await),
        (vec![check["id"].clone()], vec![other["id"].clone()])
    );
    extend(&hospital, &check).await.expect_problem(409, "CHECK_ALREADY_EXTENDED");
    let listed = hospital.get(&format!("{CHECKS}?standing=open")).await.expect(200);
    assert_eq!(listed["items"][0]["complete_by"], extended["complete_by"]);
    server.put_forward(Duration::minutes(61));
    let hospital = server.client().as_role("hospital");
    assert_eq!(standing(&hospital, &check).await, "lapsed");
    assert_eq!(with_standing(&hospital, "open").await, Vec::<Value>::new());
    letter(&hospital, &check).await.expect_problem(409, "CHECK_LAPSED");
}

on_both!(a_letter_is_in_time_within_the_extension);
async fn a_letter_is_in_time_within_the_extension(server: DatedServer) {
    let check = homeless(&server).await;
    server.put_forward(Duration::hours(71));
    extend(&server.client().as_role("hospital"), &check).await.expect(200);
    server.put_forward(Duration::hours(48));
    let brought = letter(&server.client().as_role("hospital"), &check).await.expect(200);
    assert_eq!(decision(&brought["new_check"]), "eligible");
}

on_both!(whoever_turns_out_to_be_registered_is_judged_as_who_they_are);
async fn whoever_turns_out_to_be_registered_is_judged_as_who_they_are(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    let known = register(&registrar, 9001, json!({})).await;
    let patient = nameless(&hospital).await;
    let check = ask(&hospital, question(json!({"participant_id": patient["id"], "care_type": "emergency", "facts": {"papers": []}}))).await;
    assert_eq!((decision(&check), codes(&check, "fail")), ("provisional", vec!["PAPERS_MISSING"]));
    let merged = json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": known["id"]});
    registrar.post(&format!("/api/v1/participants/{}/events", patient["id"].as_str().expect("an id")), merged).await.expect(201);

    let first = bring(&hospital, &check, "ktp_el", &nik(9001)).await.expect(200);
    assert_eq!((&first["new_check"], &first["check"]["standing"]), (&Value::Null, &json!("open")), "the family card is still lacking");
    assert_eq!(first["check"]["progress"]["papers"][0]["number"], "3275**********01");
    bring(&hospital, &check, "ktp_el", &nik(9001)).await.expect_problem(409, "PAPER_ALREADY_BROUGHT");
    let second = bring(&hospital, &check, "kk", "3275012001159007").await.expect(200);
    let new = &second["new_check"];
    keeps_promises(new);
    assert_eq!((decision(new), &new["participant"]["id"], &new["participant"]["name"]), ("eligible", &known["id"], &json!("Wulan Teladan")));
    let kinds: Vec<&Value> = second["check"]["progress"]["papers"].as_array().expect("a list").iter().map(|paper| &paper["kind"]).collect();
    assert_eq!(kinds, ["ktp_el", "kk"]);
    let replayed = server.client().as_role("admin").post(&format!("{}/replay", path_of(new)), json!({})).await.expect(200);
    assert_eq!(replayed["identical"], true);
}

on_both!(a_void_check_stays_to_be_read_and_is_not_counted);
async fn a_void_check_stays_to_be_read_and_is_not_counted(server: DatedServer) {
    let check = homeless(&server).await;
    let hospital = server.client().as_role("hospital");
    let kept = ask(&hospital, question(json!({"participant_id": check["participant"]["id"]}))).await;
    let void = make_void(&hospital, &check, "left").await.expect(200);
    assert_eq!((decision(&void), &void["standing"]), ("provisional", &json!("void")));
    assert_eq!((&void["progress"]["void_reason"], &void["progress"]["voided_by"]), (&json!("left"), &json!(id_of("hospital"))));
    assert_eq!(standing(&hospital, &check).await, "void");
    assert_eq!((with_standing(&hospital, "void").await, with_standing(&hospital, "open").await), (vec![check["id"].clone()], vec![]));
    make_void(&hospital, &check, "duplicate").await.expect_problem(409, "CHECK_VOID");
    letter(&hospital, &check).await.expect_problem(409, "CHECK_VOID");
    extend(&hospital, &check).await.expect_problem(409, "CHECK_VOID");
    hospital.post(&format!("{}/reviews", path_of(&check)), json!({"reason": "she left"})).await.expect_problem(409, "CHECK_VOID");
    // One that is decided can be void as well.
    make_void(&hospital, &kept, "duplicate").await.expect(200);
    assert_eq!(standing(&hospital, &kept).await, "void");

    let admin = server.client().as_role("admin");
    let known = register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let patient = check["participant"]["id"].as_str().expect("an id");
    let into = json!({"to_participant_id": known["id"]});
    let preview = admin.post(&format!("/api/v1/participants/{patient}/merge-preview"), into).await.expect(200);
    assert_eq!(preview["moves"]["checks"], 0, "{preview}");
}

on_both!(only_the_facility_of_a_check_and_the_dinas_carry_it_on);
async fn only_the_facility_of_a_check_and_the_dinas_carry_it_on(server: DatedServer) {
    let check = homeless(&server).await;
    for stranger in ["other_hospital", "clinic", "counter", "registrar"] {
        let client = server.client().as_role(stranger);
        letter(&client, &check).await.expect_problem(404, "NOT_FOUND");
        extend(&client, &check).await.expect_problem(404, "NOT_FOUND");
        make_void(&client, &check, "left").await.expect_problem(404, "NOT_FOUND");
    }
    for role in ["auditor", "verifier", "finance", "manager", "dpo"] {
        let client = server.client().as_role(role);
        letter(&client, &check).await.expect_problem(403, "NOT_ALLOWED");
        extend(&client, &check).await.expect_problem(403, "NOT_ALLOWED");
        make_void(&client, &check, "left").await.expect_problem(403, "NOT_ALLOWED");
    }
    let admin = server.client().as_role("admin");
    extend(&admin, &check).await.expect(200);
    assert_eq!(decision(&letter(&admin, &check).await.expect(200)["new_check"]), "eligible");
    make_void(&admin, &check, "wrong_person").await.expect(200);
    let auditor = server.client().as_role("auditor");
    let participant = check["participant"]["id"].as_str().expect("an id");
    for (kind, times) in [("check.extended", 1), ("check.paper_brought", 1), ("check.voided", 1), ("check.recorded", 2)] {
        let events = auditor.get(&format!("/api/v1/audit/events?kind={kind}&participant_id={participant}")).await.expect(200);
        assert_eq!(events["items"].as_array().map(Vec::len), Some(times), "{kind}");
        assert!(!events.to_string().contains(LETTER), "{kind}");
    }
}

on_both!(every_fault_of_a_paper_is_told_at_once);
async fn every_fault_of_a_paper_is_told_at_once(server: DatedServer) {
    let check = homeless(&server).await;
    let hospital = server.client().as_role("hospital");
    let papers = format!("{}/papers", path_of(&check));
    for (body, expected) in [
        (json!({}), vec!["/kind FIELD_MISSING", "/number FIELD_MISSING"]),
        (json!({"kind": "passport", "number": ""}), vec!["/kind UNKNOWN_VALUE", "/number TOO_SHORT"]),
        (json!({"kind": "sktm", "number": "1".repeat(61), "document_id": null}), vec!["/document_id UNKNOWN_FIELD", "/number TOO_LONG"]),
        (json!({"kind": "ktp_el", "number": "3275"}), vec!["/number NIK_FORMAT"]),
        (json!({"kind": "kk", "number": "32750120011590x7"}), vec!["/number KK_FORMAT"]),
    ] {
        assert_eq!(faults(&hospital.post(&papers, body.clone()).await.expect(422)), expected, "{body}");
    }
    let void = format!("{}/void", path_of(&check));
    for (body, expected) in [(json!({}), "/reason FIELD_MISSING"), (json!({"reason": "because"}), "/reason UNKNOWN_VALUE")] {
        assert_eq!(faults(&hospital.post(&void, body).await.expect(422)), [expected]);
    }
    hospital.get(&format!("{CHECKS}?standing=closed")).await.expect(422);
    assert_eq!(standing(&hospital, &check).await, "open");
}

on_both!(of_many_who_bring_one_letter_one_makes_a_check);
async fn of_many_who_bring_one_letter_one_makes_a_check(server: DatedServer) {
    let check = homeless(&server).await;
    let brought: Vec<_> = (0..8)
        .map(|_| {
            let (hospital, check) = (server.client().as_role("hospital"), check.clone());
            tokio::spawn(async move { letter(&hospital, &check).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for answer in brought {
        statuses.push(answer.await.expect("an answer"));
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(count(server.database(), "SELECT count(*) FROM eligibility_checks WHERE override_of IS NOT NULL"), 1);
}

on_both!(a_key_brings_prolongs_and_voids_once);
async fn a_key_brings_prolongs_and_voids_once(server: DatedServer) {
    let check = homeless(&server).await;
    let hospital = server.client().as_role("hospital");
    for (part, body) in
        [("extend", None), ("papers", Some(json!({"kind": "dinsos_letter", "number": LETTER}))), ("void", Some(json!({"reason": "left"})))]
    {
        let mut answers = Vec::new();
        for _ in 0..2 {
            let request = hospital.request(Method::POST, &format!("{}/{part}", path_of(&check))).header("Idempotency-Key", "once");
            let request = body.iter().fold(request, |request, body| request.json(body));
            answers.push(hospital.send(request).await);
        }
        assert_eq!((answers[0].status, answers[1].header("idempotency-replayed")), (200, "true"), "{part}: {}", answers[0].text);
        assert_eq!(answers[0].text, answers[1].text, "{part}");
    }
    assert_eq!(count(server.database(), "SELECT count(*) FROM eligibility_checks"), 2);
}
