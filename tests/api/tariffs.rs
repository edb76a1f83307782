//! Tariffs: drafts that are written by one admin, published by another, never changed after that, and quoted from.

use chrono::{Days, NaiveDate, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::count;
use super::support::client::{Answer, Client};
use super::support::on_both;
use super::support::server::Server;
use super::support::small_city::id_of;

pub const SCHEDULES: &str = "/api/v1/tariff-schedules";
const PASSWORD: &str = "kuda lumping berlari 7";

fn today() -> NaiveDate {
    (Utc::now() + chrono::Duration::hours(7)).date_naive()
}

pub fn item(code: &str, amount: i64, more: Value) -> Value {
    let mut item = json!({"code": code, "description": "Contoh layanan", "care_type": "inpatient", "amount": amount});
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

/// The admin who looks over what the first one wrote.
pub async fn second_admin(server: &Server) -> Client {
    let user = json!({"username": "wakil.admin", "password": PASSWORD, "name": "Uji Coba", "role": "admin"});
    server.client().as_role("admin").post("/api/v1/users", user).await.expect(201);
    let tokens = server.client().post("/api/v1/auth/token", json!({"username": "wakil.admin", "password": PASSWORD})).await.expect(200);
    server.client().with_token(tokens["access_token"].as_str().expect("a token"))
}

/// A draft of the first admin with these items: its path.
async fn draft(server: &Server, head: Value, items: Vec<Value>) -> String {
    let admin = server.client().as_role("admin");
    let made = admin.post(SCHEDULES, head).await;
    let path = made.header("location").to_owned();
    made.expect(201);
    admin.post(&format!("{path}/items"), json!({"items": items})).await.expect(200);
    path
}

fn head(from: &str, to: Option<&str>, percent: i64) -> Value {
    json!({"name": format!("Perwal {from}"), "valid_from": from, "valid_to": to, "payment_percent": percent})
}

async fn publish(client: &Client, path: &str) -> Answer {
    client.send(client.request(Method::POST, &format!("{path}/publish"))).await
}

async fn quote(client: &Client, query: &str) -> Answer {
    client.get(&format!("/api/v1/tariffs/quote?{query}")).await
}

/// The codes of all faults with their places.
pub fn faults(problem: &Value) -> Vec<String> {
    let told = problem["errors"].as_array().into_iter().flatten();
    let place = |fault: &Value| ["pointer", "parameter"].iter().find_map(|at| fault[*at].as_str().map(str::to_owned)).unwrap_or_default();
    told.map(|fault| format!("{} {}", place(fault), fault["code"].as_str().unwrap_or_default())).collect()
}

on_both!(a_schedule_is_written_looked_over_published_and_quoted);
async fn a_schedule_is_written_looked_over_published_and_quoted(server: Server) {
    let admin = server.client().as_role("admin");
    let made = admin.post(SCHEDULES, json!({"name": "Perwal 12/2026", "valid_from": "2026-01-01"})).await;
    assert_eq!(made.header("etag"), "\"1\"");
    let path = made.header("location").to_owned();
    let made = made.expect(201);
    assert_eq!((&made["state"], &made["payment_percent"], &made["valid_to"]), (&json!("draft"), &json!(100), &Value::Null));
    publish(&admin, &path).await.expect_problem(409, "PUBLISHES_OWN_SCHEDULE");
    let second = second_admin(&server).await;
    publish(&second, &path).await.expect_problem(409, "TARIFF_SCHEDULE_EMPTY");

    let changed = admin.patch(&path, "\"1\"", json!({"payment_percent": 75, "valid_to": "2026-12-31"})).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(changed.expect(200)["payment_percent"], 75);
    admin.patch(&path, "\"1\"", json!({"payment_percent": 80})).await.expect_problem(412, "IF_MATCH_STALE");
    assert_eq!(faults(&admin.patch(&path, "\"2\"", json!({"valid_to": "2025-12-31"})).await.expect(422)), ["/valid_to BEFORE_FROM"]);

    let items = [item("a-4-14-i", 2_000_000, json!({"ward_class": "III"})), item("A-4-14-I", 1_500_001, json!({}))];
    let added = admin.post(&format!("{path}/items"), json!({"items": items})).await;
    let seen = added.header("etag").to_owned();
    let added = added.expect(200);
    assert_eq!((&added["added"], &added["replaced"], &added["unchanged"]), (&json!(2), &json!(0), &json!(0)));
    let again = json!({"items": [item("A-4-14-I", 2_100_000, json!({"ward_class": "III"})), items[1]]});
    let replaced = admin.post(&format!("{path}/items"), again).await.expect(200);
    assert_eq!((&replaced["added"], &replaced["replaced"], &replaced["unchanged"]), (&json!(0), &json!(1), &json!(1)));
    assert_eq!(replaced["schedule"]["item_count"], 2);

    let looked = second.request(Method::POST, &format!("{path}/publish")).header("If-Match", seen);
    second.send(looked).await.expect_problem(412, "IF_MATCH_STALE");
    let looked = second.get(&path).await;
    let looked = second.request(Method::POST, &format!("{path}/publish")).header("If-Match", looked.header("etag"));
    let published = second.send(looked).await.expect(200);
    assert_eq!((&published["state"], published["content_hash"].as_str().map(str::len)), (&json!("published"), Some(64)));
    assert_eq!(server.client().as_role("finance").get(&path).await.expect(200), published);

    let answer = quote(&server.client().as_role("hospital"), "code=A-4-14-I&care_type=inpatient&ward_class=III&service_date=2026-11-01").await;
    let answer = answer.expect(200);
    assert_eq!((&answer["amount"], &answer["payment_percent"], &answer["payable_amount"]), (&json!(2_100_000), &json!(75), &json!(1_575_000)));
    assert_eq!(
        (&answer["schedule_id"], &answer["schedule_name"], &answer["item"]["ward_class"]),
        (&published["id"], &json!("Perwal 12/2026"), &json!("III"))
    );
    let other_ward = quote(&server.client().as_role("hospital"), "code=a-4-14-i&ward_class=II&service_date=2026-12-31").await.expect(200);
    assert_eq!((&other_ward["amount"], &other_ward["payable_amount"]), (&json!(1_500_001), &json!(1_125_000)));
    for kind in ["tariff_schedule.created", "tariff_schedule.changed", "tariff_schedule.items_added", "tariff_schedule.published"] {
        assert!(count(server.database(), &format!("SELECT count(*) FROM audit_events WHERE kind = '{kind}'")) > 0, "{kind}");
    }
}

on_both!(what_is_published_is_never_changed);
async fn what_is_published_is_never_changed(server: Server) {
    let (admin, second) = (server.client().as_role("admin"), second_admin(&server).await);
    let path = draft(&server, head("2026-01-01", None, 100), vec![item("A-4-14-I", 2_000_000, json!({}))]).await;
    publish(&second, &path).await.expect(200);
    let before = admin.get(&path).await;
    for client in [&admin, &second] {
        publish(client, &path).await.expect_problem(409, "TARIFF_SCHEDULE_PUBLISHED");
        client.patch(&path, before.header("etag"), json!({"payment_percent": 50})).await.expect_problem(409, "TARIFF_SCHEDULE_PUBLISHED");
        let items = json!({"items": [item("A-4-14-I", 1, json!({}))]});
        client.post(&format!("{path}/items"), items).await.expect_problem(409, "TARIFF_SCHEDULE_PUBLISHED");
    }
    assert_eq!(admin.get(&path).await.expect(200), before.json);
    let items = admin.get(&format!("{path}/items")).await.expect(200);
    assert_eq!((items["items"].as_array().map(Vec::len), &items["items"][0]["amount"]), (Some(1), &json!(2_000_000)));
}

on_both!(of_schedules_for_the_same_date_the_one_published_last_is_in_force);
async fn of_schedules_for_the_same_date_the_one_published_last_is_in_force(server: Server) {
    let second = second_admin(&server).await;
    let code = |amount| vec![item("A-4-14-I", amount, json!({}))];
    let old = draft(&server, head("2025-01-01", None, 100), [code(1_000), vec![item("B-1", 5, json!({}))]].concat()).await;
    let new = draft(&server, head("2026-03-01", Some("2026-06-30"), 90), code(2_000)).await;
    publish(&second, &old).await.expect(200);
    let hospital = server.client().as_role("hospital");
    let price = async |date: &str| quote(&hospital, &format!("code=A-4-14-I&service_date={date}")).await.json["amount"].clone();
    assert_eq!(price("2026-04-01").await, 1_000, "a draft is not in force");
    publish(&second, &new).await.expect(200);
    for (date, amount) in [
        ("2024-12-31", Value::Null),
        ("2025-01-01", json!(1_000)),
        ("2026-02-28", json!(1_000)),
        ("2026-03-01", json!(2_000)),
        ("2026-06-30", json!(2_000)),
        ("2026-07-01", json!(1_000)),
    ] {
        assert_eq!(price(date).await, amount, "{date}");
    }
    // The newer schedule stands for itself: what it leaves out has no price while it is in force.
    let left_out = quote(&hospital, "code=B-1&service_date=2026-04-01").await.expect_problem(404, "TARIFF_NOT_FOUND");
    assert_eq!(format!("{SCHEDULES}/{}", left_out["existing"]["schedule_id"].as_str().unwrap()), new);
    let nothing = quote(&hospital, "code=B-1&service_date=2024-01-01").await.expect_problem(404, "TARIFF_NOT_FOUND");
    assert_eq!(nothing["existing"], Value::Null);
}

on_both!(the_closest_price_is_quoted_at_each_facility);
async fn the_closest_price_is_quoted_at_each_facility(server: Server) {
    let items = vec![
        item("A-4-14-I", 1, json!({})),
        item("A-4-14-I", 2, json!({"facility_class": "B"})),
        item("A-4-14-I", 3, json!({"facility_class": "B", "ward_class": "III"})),
        item("A-4-14-I", 4, json!({"ownership": "private", "region": "3275"})),
        item("A-4-14-I", 5, json!({"ward_class": "I"})),
        item("A-4-14-I", 6, json!({"region": "3174"})),
        item("A-4-14-I", 7, json!({"care_type": "outpatient", "ownership": "private"})),
        item("Q-5-44-0", 8, json!({"care_type": "outpatient"})),
    ];
    let path = draft(&server, head("2026-01-01", None, 100), items).await;
    publish(&second_admin(&server).await, &path).await.expect(200);
    // A municipal hospital of class B and a private one of class C, both in the city.
    for (user, query, amount) in [
        ("hospital", "care_type=inpatient", 2),
        ("hospital", "care_type=inpatient&ward_class=III", 3),
        ("hospital", "care_type=inpatient&ward_class=II", 2),
        // As near as the class; of the two the ward comes first.
        ("hospital", "care_type=inpatient&ward_class=I", 5),
        ("other_hospital", "care_type=inpatient", 4),
        ("other_hospital", "care_type=inpatient&ward_class=I", 4),
        ("other_hospital", "care_type=outpatient", 7),
    ] {
        let answer = quote(&server.client().as_role(user), &format!("code=A-4-14-I&service_date=2026-05-05&{query}")).await.expect(200);
        assert_eq!(answer["amount"], amount, "{user} {query}");
    }
    let private = server.client().as_role("other_hospital");
    let unsaid = quote(&private, "code=A-4-14-I&service_date=2026-05-05").await.expect(422);
    assert_eq!(faults(&unsaid), ["care_type CARE_TYPE_NEEDED"]);
    assert_eq!(quote(&private, "code=Q-5-44-0&service_date=2026-05-05").await.expect(200)["item"]["care_type"], "outpatient");
    quote(&server.client().as_role("hospital"), "code=A-4-14-I&care_type=emergency").await.expect_problem(404, "TARIFF_NOT_FOUND");
}

on_both!(who_works_at_a_facility_asks_for_that_one);
async fn who_works_at_a_facility_asks_for_that_one(server: Server) {
    let path = draft(&server, head("2020-01-01", None, 100), vec![item("A-4-14-I", 9, json!({}))]).await;
    publish(&second_admin(&server).await, &path).await.expect(200);
    for (user, facility, status) in [
        ("hospital", None, 200),
        ("hospital", Some("rsud"), 200),
        ("hospital", Some("rs_lain"), 404),
        ("counter", Some("rsud"), 404),
        ("clinic", None, 200),
        ("verifier", None, 422),
        ("verifier", Some("rsud"), 200),
        ("manager", Some("nowhere"), 422),
        ("dpo", Some("rs_lain"), 200),
    ] {
        let facility = facility.map(|name| format!("&facility_id={}", id_of(name))).unwrap_or_default();
        let answer = quote(&server.client().as_role(user), &format!("code=A-4-14-I{facility}")).await;
        assert_eq!(answer.status, status, "{user} {facility}: {}", answer.text);
        if status == 200 {
            assert_eq!(answer.json["service_date"], json!(today()));
        }
    }
    let verifier = server.client().as_role("verifier");
    assert_eq!(faults(&quote(&verifier, "").await.expect(422)), ["code FIELD_MISSING"]);
    assert_eq!(faults(&quote(&verifier, "code=A%20B").await.expect(422)), ["code TARIFF_CODE_FORMAT"]);
    assert_eq!(faults(&quote(&verifier, "code=A&ward_class=IV&care_type=x").await.expect(422)).len(), 2);
}

on_both!(all_faults_of_items_are_told_and_then_none_is_taken);
async fn all_faults_of_items_are_told_and_then_none_is_taken(server: Server) {
    let admin = server.client().as_role("admin");
    let path = draft(&server, head("2026-01-01", None, 100), vec![item("A-1", 1, json!({}))]).await;
    let (items, before) = (format!("{path}/items"), admin.get(&path).await.expect(200));
    let bad = [
        item("A-2", 5, json!({})),
        item("A 3", 5, json!({})),
        item("A-4", 0, json!({})),
        item("A-5", 1_000_000_000_001, json!({})),
        item("A-6", 5, json!({"care_type": "surgery"})),
        item("A-7", 5, json!({"ward_class": "IV", "facility_class": "E", "ownership": "church"})),
        item("A-8", 5, json!({"region": "327"})),
        item("A-9", 5, json!({"price": 5})),
        item("A-10", 5, json!({"description": ""})),
        json!({"code": "A-11"}),
    ];
    let told = faults(&admin.post(&items, json!({"items": bad})).await.expect_problem(422, "INVALID_REQUEST"));
    for fault in [
        "/items/1/code TARIFF_CODE_FORMAT",
        "/items/2/amount TOO_SMALL",
        "/items/3/amount TOO_LARGE",
        "/items/4/care_type UNKNOWN_VALUE",
        "/items/5/ward_class UNKNOWN_VALUE",
        "/items/5/facility_class UNKNOWN_VALUE",
        "/items/5/ownership UNKNOWN_VALUE",
        "/items/6/region WRONG_FORMAT",
        "/items/7/price UNKNOWN_FIELD",
        "/items/8/description TOO_SHORT",
        "/items/9/amount FIELD_MISSING",
    ] {
        assert!(told.contains(&fault.to_owned()), "{fault} is not told: {told:?}");
    }
    let twice = [item("a-2", 5, json!({})), item("A-2", 6, json!({})), item("A-3", 0, json!({})), item("A-4", 5, json!({"region": "9999"}))];
    let told = faults(&admin.post(&items, json!({"items": twice})).await.expect(422));
    assert_eq!(told, ["/items/2/amount TOO_SMALL", "/items/1 TARIFF_ITEM_REPEATED", "/items/3/region REGION_UNKNOWN"]);
    let float = admin.post(&items, json!({"items": [item("A-2", 5, json!({"amount": 5.5}))]})).await;
    assert_eq!(faults(&float.expect(422)), ["/items/0/amount WRONG_TYPE"]);
    assert_eq!(admin.get(&path).await.expect(200), before);
    assert_eq!(admin.get(&items).await.expect(200)["items"].as_array().map(Vec::len), Some(1));
}

on_both!(drafts_are_seen_by_those_who_write_them);
async fn drafts_are_seen_by_those_who_write_them(server: Server) {
    let second = second_admin(&server).await;
    let published = draft(&server, head("2026-01-01", None, 100), vec![item("A-1", 1, json!({}))]).await;
    publish(&second, &published).await.expect(200);
    let unpublished = draft(&server, head("2027-01-01", None, 100), vec![item("A-1", 2, json!({}))]).await;
    for (user, sees_drafts) in [("admin", true), ("auditor", true), ("finance", false), ("manager", false), ("verifier", false), ("hospital", false)]
    {
        let client = server.client().as_role(user);
        let listed = async |query: &str| client.get(&format!("{SCHEDULES}{query}")).await.expect(200)["items"].as_array().unwrap().len();
        assert_eq!(listed("").await, if sees_drafts { 2 } else { 1 }, "{user}");
        assert_eq!(listed("?state=draft").await, usize::from(sees_drafts), "{user}");
        assert_eq!((listed("?state=published").await, listed("?valid_on=2025-12-31").await), (1, 0), "{user}");
        for path in [&unpublished, &format!("{unpublished}/items")] {
            assert_eq!(client.get(path).await.status, if sees_drafts { 200 } else { 404 }, "{user} {path}");
        }
        client.get(&format!("{published}/items")).await.expect(200);
        if user != "admin" {
            client.post(SCHEDULES, head("2028-01-01", None, 100)).await.expect_problem(403, "NOT_ALLOWED");
            publish(&client, &unpublished).await.expect_problem(403, "NOT_ALLOWED");
        }
    }
    for user in ["clinic", "registrar", "dpo"] {
        server.client().as_role(user).get(SCHEDULES).await.expect_problem(403, "NOT_ALLOWED");
    }
}

on_both!(items_come_in_pages_and_by_code_and_a_retry_adds_nothing);
async fn items_come_in_pages_and_by_code_and_a_retry_adds_nothing(server: Server) {
    let admin = server.client().as_role("admin");
    let wards = ["I", "II"];
    let many = (0..1_250).flat_map(|code| wards.map(|ward| (code, ward))).zip(1..);
    let many: Vec<Value> = many.map(|((code, ward), amount)| item(&format!("A-{code}"), amount, json!({"ward_class": ward}))).collect();
    let path = draft(&server, head("2026-01-01", None, 100), Vec::from(&many[..1])).await;
    let keyed = async || {
        let request = admin.request(Method::POST, &format!("{path}/items")).header("Idempotency-Key", "the-list").json(&json!({"items": many}));
        admin.send(request).await
    };
    let (first, again) = (keyed().await, keyed().await);
    assert_eq!((again.header("idempotency-replayed"), &again.text), ("true", &first.text));
    let first = first.expect(200);
    assert_eq!((&first["added"], &first["unchanged"], &first["schedule"]["item_count"]), (&json!(2_499), &json!(1), &json!(2_500)));
    let by_code = admin.get(&format!("{path}/items?code=a-7")).await.expect(200);
    let mut amounts: Vec<i64> = by_code["items"].as_array().unwrap().iter().map(|item| item["amount"].as_i64().unwrap()).collect();
    amounts.sort_unstable();
    assert_eq!((amounts, &by_code["next_cursor"]), (vec![15, 16], &Value::Null));
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = admin.get(&format!("{path}/items?limit=200{cursor}")).await.expect(200);
        seen += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 2_500);
}

on_both!(a_price_of_the_past_stays_when_a_new_schedule_comes);
async fn a_price_of_the_past_stays_when_a_new_schedule_comes(server: Server) {
    let second = second_admin(&server).await;
    let (yesterday, tomorrow) = (today() - Days::new(1), today() + Days::new(1));
    let old = draft(&server, head(&(yesterday - Days::new(300)).to_string(), None, 100), vec![item("A-1", 10, json!({}))]).await;
    publish(&second, &old).await.expect(200);
    let hospital = server.client().as_role("hospital");
    let before = quote(&hospital, &format!("code=A-1&service_date={yesterday}")).await.expect(200);
    let new = draft(&server, head(&tomorrow.to_string(), None, 100), vec![item("A-1", 20, json!({}))]).await;
    publish(&second, &new).await.expect(200);
    assert_eq!(quote(&hospital, &format!("code=A-1&service_date={yesterday}")).await.expect(200), before);
    assert_eq!(quote(&hospital, &format!("code=A-1&service_date={tomorrow}")).await.expect(200)["amount"], 20);
}

on_both!(two_who_write_at_once_lose_nothing);
async fn two_who_write_at_once_lose_nothing(server: Server) {
    let path = draft(&server, head("2026-01-01", None, 100), vec![item("A-0", 1, json!({}))]).await;
    let sent = (1..=24).map(|number| {
        let (client, path) = (server.client().as_role("admin"), format!("{path}/items"));
        // Each one brings an item of its own and one that all bring.
        let items = json!({"items": [item(&format!("A-{number}"), number, json!({})), item("A-0", number + 1, json!({}))]});
        tokio::spawn(async move { client.post(&path, items).await.expect(200) })
    });
    for answer in sent.collect::<Vec<_>>() {
        answer.await.expect("an answer");
    }
    let admin = server.client().as_role("admin");
    assert_eq!(admin.get(&path).await.expect(200)["item_count"], 25);
    assert_eq!(count(server.database(), "SELECT count(*) FROM tariff_items"), 25);
}
