//! The dashboard's figures of tariffs, edits and the budget, each against the endpoint that reads the rows themselves.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dashboard::{cells, fresh};
use super::dashboard_claims::{five_claims, of, row};
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::id_of;

on_both!(the_tariff_gap_is_the_shortfall_of_the_rows);
async fn the_tariff_gap_is_the_shortfall_of_the_rows(server: DatedServer) {
    five_claims(&server).await;
    let (manager, hospital) = (server.client().as_role("manager"), server.client().as_role("hospital"));
    let rows = manager.get("/api/v1/tariff-shortfall?from=2026-11-01&to=2026-11-30").await.expect(200);
    let names = ["lines", "claimed", "tariff", "approved", "costed_lines", "hospital_cost", "shortfall"];
    let of_rows = |sums: &Value| names.map(|name| sums[name].as_i64());
    let gap = fresh(&manager, &of("tariff-gap", "from=2026-11-01&to=2026-11-30")).await;
    assert_eq!(row(&gap, &id_of("rsud").to_string(), names), [4, 7_070_000, 6_500_000, 6_500_000, 2, 6_600_000, 200_000].map(Some), "{gap}");
    assert_eq!(names.map(|name| gap["totals"][name].as_i64()), of_rows(&rows["total"]));
    for (query, key) in [("by=care_type", "inpatient"), ("by=month", "2026-11")] {
        assert_eq!(row(&fresh(&manager, &of("tariff-gap", query)).await, key, names), of_rows(&rows["total"]), "{query}");
    }
    // Of the whole city, and of a hospital, by code; the largest gap first.
    for told in [fresh(&manager, &of("tariff-gap", "by=code")).await, fresh(&hospital, &of("tariff-gap", "by=code")).await] {
        let keys: Vec<&Value> = told["items"].as_array().expect("items").iter().map(|item| &item["key"]).collect();
        assert_eq!(keys, rows["codes"].as_array().expect("codes").iter().map(|code| &code["code"]).collect::<Vec<_>>());
        for code in rows["codes"].as_array().expect("codes") {
            assert_eq!(row(&told, code["code"].as_str().expect("a code"), names), of_rows(code));
        }
        assert_eq!(told["totals"]["shortfall"], 200_000);
    }
    let first = fresh(&manager, &of("tariff-gap", "by=code&limit=1")).await;
    assert_eq!((cells(&first, "shortfall").len(), &first["totals"]), (1, &gap["totals"]));
    for none in ["care_type=outpatient", "by=code&care_type=outpatient", "from=2026-10-01&to=2026-10-31", "from=2020-01-01&to=2020-12-31"] {
        let none = fresh(&manager, &of("tariff-gap", none)).await;
        assert_eq!((&none["items"], &none["totals"]["lines"]), (&json!([]), &json!(0)), "{none}");
    }
}

on_both!(edits_are_as_precise_as_the_rows_say);
async fn edits_are_as_precise_as_the_rows_say(server: DatedServer) {
    five_claims(&server).await;
    let (manager, hospital) = (server.client().as_role("manager"), server.client().as_role("hospital"));
    let rows = manager.get("/api/v1/edits/precision?from=2026-11-01&to=2026-11-30").await.expect(200);
    let edits = fresh(&manager, &of("edits", "")).await;
    let pairs = [
        ("hits", "findings"),
        ("pended", "pended"),
        ("decided", "decided_by_people"),
        ("upheld", "agreed"),
        ("overridden", "overturned"),
        ("precision_permille", "precision_per_mille"),
        ("amount_at_stake", "at_stake"),
        ("amount_cut", "cut"),
    ];
    let mut compared = 0;
    for edit in rows["edits"].as_array().expect("edits").iter().filter(|edit| edit["active"]["hits"] != 0) {
        let told = row(&edits, edit["code"].as_str().expect("a code"), pairs.map(|(_, measure)| measure));
        assert_eq!(told, pairs.map(|(name, _)| edit["active"][name].as_i64()), "{edit}");
        compared += 1;
    }
    assert_eq!(edits["items"].as_array().map(Vec::len), Some(compared), "{edits}");
    assert_eq!(row(&edits, "PRC_ABOVE_TARIFF", ["findings", "at_stake", "adjusted"]), [1, 4_500_000, 500_000].map(Some));
    assert_eq!(
        row(&edits, "PRC_NO_TARIFF", ["pended", "decided_by_people", "agreed", "overturned", "precision_per_mille", "cut"]),
        [1, 1, 1, 0, 1_000, 70_000].map(Some)
    );
    let sum = |figure: &Value| cells(figure, "findings").values().flatten().sum::<i64>();
    for query in ["by=outcome", "by=facility", "by=care_type", "by=month"] {
        let told = fresh(&manager, &of("edits", query)).await;
        assert_eq!((sum(&told), &told["totals"]), (sum(&edits), &edits["totals"]), "{query}");
    }
    let outcomes = fresh(&manager, &of("edits", "by=outcome")).await;
    assert_eq!(row(&outcomes, "cap", ["adjusted"]), [Some(500_000)], "{outcomes}");
    let own = fresh(&hospital, &of("edits", "")).await;
    assert_eq!(cells(&own, "findings"), cells(&edits, "findings"));
    assert_eq!((&edits["totals"]["shadow_findings"], &own["totals"]["shadow_findings"]), (&json!(0), &Value::Null), "shadows judge no hospital");
    assert_eq!(fresh(&manager, &of("edits", "from=2020-01-01&to=2020-12-31")).await["items"], json!([]));
}

on_both!(the_budget_stands_as_its_position_says);
async fn the_budget_stands_as_its_position_says(server: DatedServer) {
    let finance = server.client().as_role("finance");
    let pots = json!([{"pot": "others", "amount": 500_000_000}, {"pot": "rsud", "amount": 1_000_000_000}]);
    let budget = finance.post("/api/v1/budgets", json!({"year": 2026, "pots": pots})).await.expect(201);
    let place = format!("/api/v1/budgets/{}/approve", budget["id"].as_str().expect("an id"));
    server.client().as_role("admin").post(&place, json!({})).await.expect(200);
    five_claims(&server).await;
    let manager = server.client().as_role("manager");
    let position = manager.get("/api/v1/budget-positions/2026").await.expect(200);
    let told = manager.get(&of("budget", "")).await.expect(200);
    let names = ["appropriation", "ceiling", "reserved", "incurred", "billed", "approved_unpaid", "paid", "debt_carried_in", "used", "available"];
    for pot in position["pots"].as_array().expect("pots") {
        assert_eq!(row(&told, pot["pot"].as_str().expect("a pot"), names), names.map(|name| pot[name].as_i64()), "{told}");
    }
    assert_eq!(row(&told, "rsud", ["appropriation", "billed", "approved_unpaid", "paid"]), [1_000_000_000, 50_000, 2_500_000, 4_000_000].map(Some));
    assert_eq!(names.map(|name| &told["totals"][name]), names.map(|name| &position["total"][name]));
    let day: Option<chrono::NaiveDate> = position["total"]["exhaustion_on"].as_str().and_then(|day| day.parse().ok());
    assert_eq!(told["totals"]["exhaustion_on"].as_i64(), day.map(|day| (day - chrono::NaiveDate::default()).num_days()));
    assert_eq!(told["as_of"], told["computed_at"]);
    let pots: BTreeMap<&str, &str> = BTreeMap::from([("rsud", "the city's own hospitals"), ("others", "other hospitals")]);
    for item in manager.in_language("en").get(&of("budget", "")).await.expect(200)["items"].as_array().expect("items") {
        assert_eq!(item["name"], pots[item["key"].as_str().expect("a key")]);
    }
    assert_eq!(manager.get(&of("budget", "from=2020-01-01&to=2020-12-31")).await.expect(200)["items"], json!([]));
    server.client().as_role("hospital").get(&of("budget", "")).await.expect(403);
}

on_both!(every_measure_is_defined_in_both_languages);
async fn every_measure_is_defined_in_both_languages(server: DatedServer) {
    let manager = server.client().as_role("manager");
    for (figure, queries) in [
        ("claims", vec![""]),
        ("ageing", vec![""]),
        ("turnaround", vec!["by=step", "by=facility"]),
        ("tariff-gap", vec![""]),
        ("diagnoses", vec![""]),
        ("edits", vec![""]),
        ("budget", vec![""]),
        ("facilities", vec![""]),
    ] {
        for (language, query) in ["en", "id"].into_iter().flat_map(|language| queries.iter().map(move |query| (language, *query))) {
            let told = manager.in_language(language).get(&of(figure, query)).await.expect(200);
            let is_text = |text: &Value| text.as_str().is_some_and(|text| text.len() > 4 && !text.contains('{'));
            assert!(is_text(&told["definition"]), "{told}");
            for measure in told["measures"].as_array().expect("measures") {
                assert!(is_text(&measure["definition"]), "{figure} {language}: {measure}");
            }
        }
    }
}
