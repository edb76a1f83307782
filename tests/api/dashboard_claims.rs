//! The dashboard's figures of claims: each against what was counted by hand, what is not told of few people, and the sums against a recount.

use chrono::Duration;
use serde_json::{Value, json};

use super::claim_analysis::line;
use super::claims::{act, bill, claim, path, prices, second, treated, treated_as};
use super::dashboard::{cells, expected, fresh};
use super::harness::count;
use super::payments::{BATCHES, act as act_on_batch};
use super::summaries::{agree, rebuild};
use super::support::client::Client;
use super::support::dated::DatedServer;
use super::support::on_both;
use super::support::small_city::id_of;

pub fn of(figure: &str, query: &str) -> String {
    format!("/api/v1/dashboard/{figure}?{query}")
}

/// The values of one item, by these measures.
pub fn row<const N: usize>(figure: &Value, key: &str, measures: [&str; N]) -> [Option<i64>; N] {
    let found = figure["items"].as_array().expect("items").iter().find(|item| item["key"] == key);
    let found = found.unwrap_or_else(|| panic!("no {key} in {figure}"));
    measures.map(|measure| found["values"][measure].as_i64())
}

/// What a claim is decided by where it did not decide itself.
async fn decide(server: &DatedServer, made: &Value, lines: Value) {
    if made["decided_at"] == Value::Null {
        act(&server.client().as_role("verifier"), made, "decisions", json!({"decision": "approve", "lines": lines})).await.expect(200);
    }
}

/// Five claims of one stay each, from 18 November 2026: one paid on the 28th, one decided in part on the 26th, one that waits, a draft and a withdrawn one.
/// Tells whether the first decided itself.
pub async fn five_claims(server: &DatedServer) -> bool {
    prices(server).await;
    let hospital = server.client().as_role("hospital");
    let make = async |serial: u16, lines: Value, changes: Value| {
        let letter = treated(server, serial).await;
        let total: i64 = lines.as_array().expect("lines").iter().filter_map(|line| line["claimed_amount"].as_i64()).sum();
        let mut body = bill(&hospital, &letter, &format!("RSX-{serial}"), json!({"lines": lines, "total_claimed": total})).await;
        super::people::change(&mut body, changes);
        claim(&hospital, body).await.expect(201)
    };
    let capped = make(9300, json!([line(1, "J-4-16-I", 4_500_000, Some(4_600_000))]), json!({})).await;
    decide(server, &capped, json!([])).await;
    let lines =
        json!([line(1, "K-4-17-I", 2_400_000, Some(2_000_000)), line(2, "X-9-99-I", 100_000, None), line(3, "X-9-98-I", 70_000, Some(90_000))]);
    let partly = make(9301, lines, json!({})).await;
    let waits = make(9302, json!([line(1, "X-9-99-I", 50_000, None)]), json!({})).await;
    assert_eq!((&partly["state"], &waits["state"]), (&json!("complete"), &json!("complete")));
    make(9303, json!([line(1, "J-4-16-I", 4_000_000, None)]), json!({"submit": false})).await;
    let withdrawn = make(9304, json!([line(1, "J-4-16-I", 4_000_000, None)]), json!({"submit": false})).await;
    act(&hospital, &withdrawn, "withdraw", json!({"reason": "salah pasien"})).await.expect(200);

    server.put_forward(Duration::days(5));
    decide(server, &partly, json!([{"line": 3, "approved_amount": 0, "reason_code": "CODING_PROCEDURE"}])).await;
    server.put_forward(Duration::days(2));
    let finance = server.client().as_role("finance");
    let order = json!({"period": "2026-11", "pot": "rsud", "claim_ids": [capped["id"]]});
    let batch = finance.post_keyed(BATCHES, order).await.expect(201);
    act_on_batch(&second(server, "finance").await, &batch, "approve").await.expect(200);
    let place = format!("{BATCHES}/{}/settle", batch["id"].as_str().expect("an id"));
    finance.post_keyed(&place, json!({"paid_on": "2026-11-28", "sp2d_number": "SP2D-1"})).await.expect(200);
    let shown = server.client().as_role("hospital").get(&path(&capped)).await.expect(200);
    assert_eq!(shown["state"], "paid");
    capped["sampled"] == json!(false)
}

on_both!(claims_are_counted_by_the_days_that_they_reached);
async fn claims_are_counted_by_the_days_that_they_reached(server: DatedServer) {
    let decided_itself = five_claims(&server).await;
    let (manager, rsud) = (server.client().as_role("manager"), id_of("rsud").to_string());
    for (query, counted) in [
        ("by=state", expected([("draft", 1), ("complete", 1), ("approved_partial", 1), ("paid", 1), ("withdrawn", 1)])),
        ("by=facility", expected([(&rsud, 5)])),
        ("by=care_type", expected([("inpatient", 5)])),
        ("by=pot", expected([("rsud", 5)])),
        ("by=day", expected([("2026-11-18", 5)])),
        ("by=month", expected([("2026-11", 5)])),
        ("by=month&from=2026-11-02&to=2026-11-29", expected([("2026-11", 5)])),
        ("by=state&from=2026-11-19", expected([])),
        ("by=day&date_basis=submitted", expected([("2026-11-21", 3)])),
        ("by=day&date_basis=approved", expected([("2026-11-21", 1), ("2026-11-26", 1)])),
        ("by=state&date_basis=approved&from=2026-11-22", expected([("approved_partial", 1)])),
        ("by=day&date_basis=paid", expected([("2026-11-28", 1)])),
        ("by=month&date_basis=paid&from=2026-10-15&to=2026-11-28", expected([("2026-11", 1)])),
        ("care_type=outpatient", expected([])),
        (&format!("facility_id={}", id_of("rs_lain")), expected([])),
        ("from=2020-01-01&to=2020-12-31", expected([])),
    ] {
        let figure = fresh(&manager, &of("claims", query)).await;
        assert_eq!(cells(&figure, "claims"), counted, "{query}: {figure}");
    }
    let by_state = fresh(&manager.in_language("en"), &of("claims", "by=state")).await;
    let amounts = ["claimed", "tariff", "hospital_cost", "approved", "paid"];
    assert_eq!(row(&by_state, "paid", amounts), [4_500_000, 4_000_000, 4_600_000, 4_000_000, 4_000_000].map(Some));
    assert_eq!(row(&by_state, "approved_partial", ["claimed", "approved", "paid"]), [2_570_000, 2_500_000, 0].map(Some));
    assert_eq!((&by_state["totals"]["claimed"], &by_state["totals"]["approved"]), (&json!(15_120_000), &json!(6_500_000)));
    let states: Vec<&Value> = by_state["items"].as_array().expect("items").iter().map(|item| &item["name"]).collect();
    assert_eq!(states, ["draft", "complete", "approved in part", "paid", "withdrawn"].map(Value::from).iter().collect::<Vec<_>>());
    let own = fresh(&server.client().as_role("other_hospital"), &of("claims", "by=facility")).await;
    assert_eq!(own["items"], json!([]), "another's are not its own");
    let other = server.client().as_role("other_hospital");
    for figure in ["ageing", "turnaround", "tariff-gap", "edits", "facilities"] {
        assert_eq!(fresh(&other, &of(figure, "")).await["items"], json!([]), "{figure}");
        assert_ne!(fresh(&manager, &of(figure, "")).await["items"], json!([]), "{figure}: nothing is left out");
        let elsewhere = fresh(&manager, &of(figure, &format!("facility_id={}", id_of("rs_lain")))).await;
        assert_eq!(elsewhere["items"], json!([]), "{figure}");
    }
    let headlines = async |client: &Client| {
        let told = cells(&fresh(client, &of("summary", "")).await, "value");
        ["claims", "claims_open", "claimed", "approved", "paid"].map(|key| told[key])
    };
    assert_eq!(headlines(&manager).await, [5, 2, 15_120_000, 6_500_000, 4_000_000].map(Some));
    assert_eq!(headlines(&other).await, [0; 5].map(Some));

    // Days until each step was done: complete and decided at once, or after five days; paid seven days after the decision.
    let steps = fresh(&manager, &of("turnaround", "")).await;
    let days = ["claims", "median_days", "p90_days"];
    for (step, told) in [("complete", [3, 0, 0]), ("verify", [2, 0, 5]), ("pay", [1, 7, 7])] {
        assert_eq!(row(&steps, step, days), told.map(Some), "{steps}");
    }
    let first_pass = i64::from(decided_itself);
    assert_eq!((&steps["totals"]["decided"], &steps["totals"]["first_pass"]), (&json!(2), &json!(first_pass)), "{steps}");
    let ended = fresh(&manager, &of("turnaround", "from=2026-11-22")).await;
    assert_eq!((row(&ended, "verify", days), ended["items"].as_array().map(Vec::len)), ([Some(1), Some(5), Some(5)], Some(2)), "{ended}");
    for (query, key) in [("by=facility", rsud.as_str()), ("by=month", "2026-11"), ("by=care_type", "inpatient")] {
        let told = fresh(&manager, &of("turnaround", query)).await;
        let names = ["completed_claims", "verify_p90_days", "paid_claims", "pay_median_days", "first_pass_per_mille"];
        assert_eq!(row(&told, key, names), [3, 5, 1, 7, first_pass * 500].map(Some), "{query}");
    }
    let none = fresh(&manager, &of("turnaround", "from=2020-01-01&to=2020-12-31")).await;
    assert_eq!((&none["items"], &none["totals"]["first_pass_per_mille"]), (&json!([]), &Value::Null));

    let row_of = fresh(&manager, &of("facilities", "")).await;
    let names = ["checks", "visits", "claims", "claimed", "approved", "paid", "approved_unpaid", "median_days_to_pay", "first_pass_per_mille"];
    let told = [5, 5, 5, 15_120_000, 6_500_000, 4_000_000, 2_500_000, 7, first_pass * 500].map(Some);
    assert_eq!(row(&row_of, &rsud, names), told, "{row_of}");
    assert_eq!(fresh(&manager, &of("facilities", "care_type=primary")).await["items"], json!([]));

    // What is open grows older by itself.
    let open = fresh(&manager, &of("ageing", "")).await;
    assert_eq!(row(&open, "days_0_15", ["claims", "claimed", "approved"]), [2, 2_620_000, 2_500_000].map(Some), "{open}");
    let by_state = fresh(&manager, &of("ageing", "by=state")).await;
    assert_eq!(cells(&by_state, "claims"), expected([("complete", 1), ("approved_partial", 1)]));
    assert_eq!(row(&by_state, "complete", ["days_0_15", "days_16_30", "days_over_90"]), [1, 0, 0].map(Some), "{by_state}");
    assert_eq!(cells(&fresh(&manager, &of("ageing", "by=facility")).await, "claims"), expected([(&rsud, 2)]));
    assert_eq!(fresh(&manager, &of("ageing", "by=care_type&care_type=outpatient")).await["items"], json!([]));
    server.put_forward(Duration::days(9));
    let older = fresh(&server.client().as_role("manager"), &of("ageing", "")).await;
    assert_eq!(cells(&older, "claims"), expected([("days_16_30", 2)]), "{older}");
    let by_facility = fresh(&server.client().as_role("manager"), &of("ageing", "by=facility")).await;
    assert_eq!(row(&by_facility, &rsud, ["days_0_15", "days_16_30", "claims"]), [0, 2, 2].map(Some), "{by_facility}");

    // All of it is what is counted from the rows, also where somebody has spoilt it.
    for table in ["claim_sums", "open_claims", "claim_steps", "claim_firsts", "tariff_gap_codes", "edit_sums", "diagnosis_sums", "claim_places"] {
        assert!(count(server.database(), &format!("SELECT count(*) FROM {table}")) > 0, "{table}: nothing is compared");
    }
    agree(server.database()).await;
    server
        .database()
        .execute(
            "UPDATE claim_sums SET claims = claims + 1; DELETE FROM tariff_gap_codes; UPDATE claim_places SET paid = 7; \
             UPDATE claim_steps SET histogram = 'spoilt'; UPDATE claim_firsts SET decided = decided + 1; \
             UPDATE open_claims SET claims = claims + 1; DELETE FROM diagnosis_sums",
        )
        .expect("spoilt");
    rebuild(server.database());
    assert_eq!(count(server.database(), "SELECT CAST(sum(claims) AS BIGINT) FROM claim_sums WHERE basis = 'service' AND grain = 'day'"), 10);
    assert_eq!(count(server.database(), "SELECT CAST(sum(lines) AS BIGINT) FROM tariff_gap_codes"), 8, "of the hospital and of the city");
    assert_eq!(count(server.database(), "SELECT CAST(sum(paid) AS BIGINT) FROM claim_places"), 0);
    assert_eq!(count(server.database(), "SELECT count(*) FROM claim_steps WHERE histogram NOT LIKE '%:%'"), 0);
    assert_eq!(count(server.database(), "SELECT CAST(sum(claims) AS BIGINT) FROM open_claims"), 4, "of the hospital and of all");
    assert_ne!(count(server.database(), "SELECT count(*) FROM diagnosis_sums WHERE care_type = 'all'"), 0);
    let put_right = fresh(&server.client().as_role("manager"), &of("turnaround", "")).await;
    assert_eq!((put_right["items"].as_array().map(Vec::len), &put_right["totals"]["decided"]), (Some(3), &json!(2)), "{put_right}");
}

/// A claim that waits for its papers, of somebody from this village with this diagnosis.
async fn waiting(server: &DatedServer, hospital: &Client, (serial, village, diagnosis): (u16, &str, &str)) {
    let letter = treated_as(server, serial, json!({"village_code": village})).await;
    let changes = json!({"document_ids": [], "diagnoses": [{"code": diagnosis, "kind": "principal"}]});
    let made = claim(hospital, bill(hospital, &letter, &format!("RSX-{serial}"), changes).await).await.expect(201);
    assert_eq!(made["state"], "submitted", "{made}");
}

on_both!(of_few_people_neither_villages_nor_diagnoses_are_told);
async fn of_few_people_neither_villages_nor_diagnoses_are_told(server: DatedServer) {
    prices(&server).await;
    let (hospital, manager) = (server.client().as_role("hospital"), server.client().as_role("manager"));
    for serial in 9310..9315 {
        waiting(&server, &hospital, (serial, "3275011001", "J189")).await;
    }
    for serial in 9315..9318 {
        waiting(&server, &hospital, (serial, "3275011002", "J180")).await;
    }
    let villages = fresh(&manager, &of("claims", "by=village")).await;
    assert_eq!(cells(&villages, "claims"), expected([("3275011001", 5)]), "{villages}");
    assert_eq!(cells(&villages, "claimed"), expected([("3275011001", 20_000_000)]));
    assert_eq!(villages["to"], "2026-11-30", "whole months");
    for (query, counted) in [
        ("by=district", expected([("327501", 5)])),
        ("by=state&district_code=327501", expected([("submitted", 5)])),
        ("by=month&village_code=3275011001", expected([("2026-11", 5)])),
        ("by=care_type&village_code=3275011001&care_type=outpatient", expected([])),
        // Without a place it is the hospitals' business, and all of it is told.
        ("by=state", expected([("submitted", 8)])),
    ] {
        let figure = fresh(&manager, &of("claims", query)).await;
        assert_eq!(cells(&figure, "claims"), counted, "{query}: {figure}");
    }

    let diagnoses = fresh(&manager, &of("diagnoses", "")).await;
    let known = cells(&diagnoses, "claims");
    // How many codes there are beside it would tell, beside the exact number of claims, how few people had them.
    let rare = &diagnoses["totals"]["codes_not_told"];
    assert_eq!((known.len(), known.values().next(), rare), (1, Some(&Some(5)), &Value::Null), "{diagnoses}");
    assert_eq!((cells(&diagnoses, "people"), &diagnoses["totals"]["approved"]), (known.clone(), &json!(0)));
    assert!(diagnoses["items"][0]["name"].as_str().is_some_and(|title| title.contains(' ')), "{diagnoses}");
    for query in ["district_code=327501".to_owned(), format!("facility_id={}", id_of("rsud"))] {
        let told = fresh(&manager, &of("diagnoses", &query)).await;
        assert_eq!((cells(&told, "claims"), &told["totals"]["codes_not_told"]), (known.clone(), &Value::Null), "{query}");
    }
    assert_eq!(fresh(&manager, &of("diagnoses", "district_code=327502")).await["items"], json!([]));
    // The hospital knows its patients.
    let own = fresh(&hospital, &of("diagnoses", "")).await;
    assert_eq!((cells(&own, "claims").values().flatten().sum::<i64>(), &own["totals"]["codes_not_told"]), (8, &json!(0)), "{own}");
    assert_eq!(cells(&fresh(&hospital, &of("diagnoses", "limit=1")).await, "people"), known);

    for (figure, query, parameter, code) in [
        ("diagnoses", "village_code=3275011001", "village_code", "NOT_KEPT_BY_PLACE"),
        ("diagnoses", "by=month", "by", "NOT_KEPT_SO"),
        ("diagnoses", "limit=201", "limit", "OUT_OF_RANGE"),
        ("diagnoses", "limit=0", "limit", "OUT_OF_RANGE"),
        ("tariff-gap", "by=month&limit=5", "limit", "NOT_KEPT_SO"),
        ("diagnoses", "from=2026-11-02", "from", "WHOLE_MONTHS"),
        ("claims", "by=village&date_basis=paid", "date_basis", "NOT_KEPT_BY_PLACE"),
        ("claims", "by=pot&village_code=3275011001", "village_code", "NOT_KEPT_BY_PLACE"),
        ("claims", "by=village&from=2026-11-02", "from", "WHOLE_MONTHS"),
        ("ageing", "by=month", "by", "NOT_KEPT_SO"),
        ("ageing", "district_code=327501", "district_code", "NOT_KEPT_BY_PLACE"),
        ("turnaround", "date_basis=paid", "date_basis", "NOT_KEPT_SO"),
        ("tariff-gap", "to=2026-10-30", "to", "WHOLE_MONTHS"),
        ("edits", "from=2026-10-02", "from", "WHOLE_MONTHS"),
        ("budget", "care_type=inpatient", "care_type", "NOT_KEPT_SO"),
        ("facilities", "village_code=3275011001", "village_code", "NOT_KEPT_BY_PLACE"),
    ] {
        let refused = manager.get(&of(figure, query)).await.expect_problem(422, code);
        assert!(refused["errors"].as_array().is_some_and(|faults| faults.iter().any(|fault| fault["parameter"] == parameter)), "{query}: {refused}");
    }
    hospital.get(&of("claims", &format!("facility_id={}", id_of("rs_lain")))).await.expect_problem(422, "FACILITY_NOT_YOURS");
    server.client().as_role("verifier").get(&of("claims", "")).await.expect(403);
}
