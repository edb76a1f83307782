//! The dashboard: each figure against what was counted by hand, each filter, and what is not told of few people.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::people::{nik, register};
use super::questions::{ask, path_of, question};
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::{NOBODY, id_of};

const CHECKS: &str = "/api/v1/dashboard/checks";
const PATIENCE: Duration = Duration::from_secs(60);

/// A figure as soon as everything is counted in it.
pub async fn fresh(client: &Client, path: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let figure = client.get(path).await.expect(200);
        if figure["as_of"] == figure["computed_at"] {
            return figure;
        }
        assert!(Instant::now() < deadline, "waited in vain for {path}: {figure}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The items of a figure: one measure by key. What is not told of few people is left out.
pub fn cells(figure: &Value, measure: &str) -> BTreeMap<String, Option<i64>> {
    let items = figure["items"].as_array().expect("items").iter().filter(|item| item["suppressed"] == false || !item["values"][measure].is_null());
    items.map(|item| (item["key"].as_str().expect("a key").to_owned(), item["values"][measure].as_i64())).collect()
}

/// What a test expects of them.
pub fn expected<const N: usize>(cells: [(&str, i64); N]) -> BTreeMap<String, Option<i64>> {
    cells.into_iter().map(|(key, value)| (key.to_owned(), Some(value))).collect()
}

on_both!(checks_are_counted_as_by_hand);
async fn checks_are_counted_as_by_hand(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    for serial in [9001, 9002] {
        register(&registrar, serial, json!({})).await;
    }
    let (hospital, clinic, manager) = (server.client().as_role("hospital"), server.client().as_role("clinic"), server.client().as_role("manager"));
    let first = ask(&hospital, question(json!({"nik": nik(9001), "care_type": "inpatient", "ward_class": "III"}))).await;
    ask(&hospital, question(json!({"nik": nik(9001), "care_type": "inpatient", "ward_class": "III"}))).await;
    ask(&hospital, question(json!({"nik": NOBODY, "care_type": "inpatient", "ward_class": "III"}))).await;
    ask(&clinic, question(json!({"nik": nik(9002), "care_type": "primary"}))).await;
    let earlier = json!({"nik": nik(9002), "care_type": "primary", "service_date": "2026-10-05", "retrospective": true, "recorded_offline_at": "2026-10-05T02:00:00Z"});
    ask(&clinic, question(earlier)).await;
    assert_eq!(first["decision"], "eligible", "{first}");

    let (rsud, klinik) = (id_of("rsud").to_string(), id_of("klinik").to_string());
    let at = |query: &str| format!("{CHECKS}?{query}");
    for (query, counted) in [
        ("by=decision", expected([("eligible", 4), ("not_eligible", 1)])),
        ("by=reason", expected([("NIK_NOT_FOUND", 1)])),
        ("by=facility", expected([(&rsud, 3), (&klinik, 2)])),
        ("by=care_type", expected([("inpatient", 3), ("primary", 2)])),
        ("by=day", expected([("2026-10-05", 1), ("2026-11-21", 4)])),
        ("by=month", expected([("2026-10", 1), ("2026-11", 4)])),
        ("by=weekday", expected([("weekday_1", 1), ("weekday_6", 4)])),
        ("by=hour", expected([("10", 5)])),
        ("by=decision&from=2026-11-01", expected([("eligible", 3), ("not_eligible", 1)])),
        ("by=decision&to=2026-10-31", expected([("eligible", 1)])),
        ("by=decision&from=2020-01-01&to=2020-12-31", expected([])),
        ("by=decision&care_type=primary", expected([("eligible", 2)])),
        // Parts of months, alone and beside whole ones.
        ("by=facility&from=2026-10-05&to=2026-11-21", expected([(&rsud, 3), (&klinik, 2)])),
        ("by=facility&from=2026-10-06&to=2026-11-21", expected([(&rsud, 3), (&klinik, 1)])),
        ("by=decision&from=2026-09-30&to=2026-11-20", expected([("eligible", 1)])),
        ("by=hour&from=2026-09-30&to=2026-11-21", expected([("10", 5)])),
        (&format!("by=care_type&facility_id={klinik}&from=2026-09-15&to=2026-11-21"), expected([("primary", 2)])),
        (&format!("by=decision&facility_id={rsud}"), expected([("eligible", 2), ("not_eligible", 1)])),
    ] {
        let figure = fresh(&manager, &at(query)).await;
        assert_eq!(cells(&figure, "checks"), counted, "{query}: {figure}");
    }
    // A hospital sees its own, and no other's.
    let own = fresh(&hospital, &at("by=facility")).await;
    assert_eq!((cells(&own, "checks"), &own["filters"]["facility_id"], &own["totals"]["checks"]), (expected([(&rsud, 3)]), &json!(rsud), &json!(3)));
    hospital.get(&at(&format!("facility_id={klinik}"))).await.expect_problem(422, "FACILITY_NOT_YOURS");
    // A void one is not counted any more.
    clinic
        .post(
            &format!("{}/void", path_of(&ask(&clinic, question(json!({"nik": nik(9002), "care_type": "primary"}))).await)),
            json!({"reason": "duplicate"}),
        )
        .await
        .expect(200);
    assert_eq!(cells(&fresh(&manager, &at("by=care_type")).await, "checks"), expected([("inpatient", 3), ("primary", 2)]));

    let told = fresh(&manager.in_language("en"), &at("by=decision")).await;
    assert_eq!((&told["items"][0]["name"], &told["measures"][0]["unit"]), (&json!("covered"), &json!("count")));
    assert!(told["definition"].as_str().is_some_and(|text| text.starts_with("Recorded answers")), "{told}");
    let sheet = manager.send(manager.request(Method::GET, &at("by=facility")).header("Accept", "text/csv")).await;
    let lines: Vec<&str> = sheet.text.lines().collect();
    assert_eq!(lines[0], "figure,as_of,from,to,date_basis,district_code,village_code,facility_id,care_type,by,key,name,checks,suppressed");
    let narrowed =
        manager.send(manager.request(Method::GET, &at(&format!("facility_id={rsud}&care_type=inpatient"))).header("Accept", "text/csv")).await;
    assert!(narrowed.text.lines().nth(1).is_some_and(|line| line.contains(&format!(",service,,,{rsud},inpatient,decision,"))), "{}", narrowed.text);
    assert!(lines.len() == 3 && lines[1..].iter().any(|line| line.ends_with(&format!("{rsud},rsud,3,false"))), "{}", sheet.text);
}

on_both!(by_place_nothing_is_told_of_few_people);
async fn by_place_nothing_is_told_of_few_people(server: DatedServer) {
    let (registrar, clinic, manager) = (server.client().as_role("registrar"), server.client().as_role("clinic"), server.client().as_role("manager"));
    // Five people of one village, three of another in one month and four in the next.
    for (serials, village, day) in
        [(9001..9006, "3275011001", "2026-11-20"), (9006..9009, "3275011002", "2026-10-20"), (9009..9013, "3275011002", "2026-11-20")]
    {
        for serial in serials {
            register(&registrar, serial, json!({"village_code": village})).await;
            let asked = json!({"nik": nik(serial), "care_type": "primary", "service_date": day, "retrospective": true, "recorded_offline_at": format!("{day}T02:00:00Z")});
            ask(&clinic, question(asked)).await;
        }
    }
    let at = |query: &str| format!("{CHECKS}?{query}");
    let both = fresh(&manager, &at("by=village&from=2026-10-01")).await;
    assert_eq!(cells(&both, "checks"), expected([("3275011001", 5)]), "{both}");
    // Every village is listed: where four came, or nobody, is told alike.
    let hidden = |village: &str| both["items"].as_array().expect("items").iter().find(|item| item["key"] == village).expect("it is listed").clone();
    for village in ["3275011002", "3275011003"] {
        assert_eq!((&hidden(village)["suppressed"], &hidden(village)["values"]), (&json!(true), &json!({"checks": null})));
    }
    assert_eq!((&both["to"], &both["totals"]["checks"]), (&json!("2026-11-30"), &json!(5)));
    // Neither month tells it, and no difference does: seven people came in both together.
    for query in ["from=2026-10-01&to=2026-10-31", "from=2026-11-01", "from=2026-10-01"] {
        let figure = fresh(&manager, &at(&format!("by=decision&village_code=3275011002&{query}"))).await;
        assert!(figure["items"].as_array().is_some_and(|items| items.len() == 4 && items.iter().all(|item| item["suppressed"] == true)), "{figure}");
        assert_eq!((cells(&figure, "checks"), &figure["totals"]), (expected([]), &json!({"checks": null})), "{figure}");
    }
    let district = fresh(&manager, &at("by=district&from=2026-10-01")).await;
    assert_eq!(cells(&district, "checks"), expected([("327501", 5)]));
    let rsud = id_of("rsud");
    for (query, parameter, code) in [
        ("by=village&from=2026-10-02", "from", "WHOLE_MONTHS"),
        ("by=village&to=2026-10-30", "to", "WHOLE_MONTHS"),
        ("district_code=327599", "district_code", "DISTRICT_UNKNOWN"),
        ("district_code=317101", "district_code", "DISTRICT_UNKNOWN"),
        ("village_code=3275019999", "village_code", "VILLAGE_UNKNOWN"),
        ("village_code=3275011001&district_code=327502", "village_code", "VILLAGE_OUTSIDE_DISTRICT"),
        ("by=hour&village_code=3275011001", "village_code", "NOT_KEPT_BY_PLACE"),
        (&format!("by=village&facility_id={rsud}"), "by", "PLACE_OR_FACILITY"),
        (&format!("facility_id={}", id_of("nowhere")), "facility_id", "FACILITY_UNKNOWN"),
        ("from=2026-11-02&to=2026-11-01", "to", "BEFORE_FROM"),
        ("from=2025-11-01&to=2026-11-02", "from", "PERIOD_TOO_LONG"),
        ("date_basis=paid", "date_basis", "NOT_KEPT_SO"),
        ("limit=20", "limit", "NOT_KEPT_SO"),
        ("by=colour", "by", "WRONG_FORMAT"),
    ] {
        let refused = manager.get(&at(query)).await.expect_problem(422, code);
        assert!(refused["errors"].as_array().is_some_and(|faults| faults.iter().any(|fault| fault["parameter"] == parameter)), "{query}: {refused}");
    }
    server.client().as_role("hospital").get(&at("by=village")).await.expect_problem(422, "PLACE_OR_FACILITY");
    clinic.get(CHECKS).await.expect(403);
}
