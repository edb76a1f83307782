//! Answers to the letter of the contract: what they hold, in whose words, and what is told of what is lacking, unknown or different.

use serde_json::{Value, json};

use super::people::{nik, path_of as participant_path, register};
use super::questions::{PHASES, ask, codes, decision, path_of, question, question_of, rule};
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::{NOBODY, id_of};

on_both!(an_answer_holds_all_that_the_contract_says);
async fn an_answer_holds_all_that_the_contract_says(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    let her = register(&registrar, 9001, json!({})).await;
    let member = json!({"segment": "PBI_APBN", "state": "active", "valid_from": "2020-01-01"});
    registrar.put(&format!("{}/jkn-status", participant_path(&her)), member).await.expect(201);
    let asked = json!({"nik": nik(9001), "service_date": TODAY, "care_type": "outpatient", "ward_class": "III", "diagnosis_code": "a09",
        "referral_number": null, "claimed_name": "Ny. WULAN Teladan", "claimed_birth_date": null,
        "facts": {"monthly_income": null, "special_group": null, "placement_reason": null, "injury_cause": null, "papers": ["ktp_el", "kk"]}});
    let check = ask(&server.client().as_role("hospital"), asked).await;

    let mut outside = check.clone();
    let fields = outside.as_object_mut().expect("an object");
    let taken: Vec<Value> = ["id", "checked_at", "rules", "reasons", "sources"].iter().map(|name| fields.remove(*name).expect("a field")).collect();
    let expected = json!({
        "decision": "not_eligible", "rule_set": "LKM-2022", "service_date": TODAY, "care_type": "outpatient", "retrospective": false,
        "facility_id": id_of("rsud"),
        "participant": {"id": her["id"], "name": "Wulan Teladan", "birth_year": 1990, "sex": "F", "nik_masked": "3275**********01"},
        "identity_match": {"name": "same", "birth_date": "not_given"}, "complete_by": null, "standing": null, "referral": null,
        "valid_until": "2026-11-21T16:59:59.999999Z"
    });
    assert_eq!(outside, expected);
    assert!(taken[1].as_str().is_some_and(|at| at.starts_with("2026-11-21T03:0") && at.ends_with('Z')), "{}", taken[1]);

    let told = |name: &str, member: &str, remedy: &str| {
        json!({"code": "JKN_ACTIVE", "outcome": "fail", "field": "jkn", "value": "PBI_APBN", "limit": "none", "unit": null,
            "message": format!("{name}: {member}."), "remedy": remedy})
    };
    let english =
        told("Active member of JKN", "PBI paid by the state (PBI APBN). Allowed: none", "Treat under JKN. The city does not pay what JKN covers.");
    assert_eq!(rule(&check, "JKN_ACTIVE"), &english);
    assert_eq!((codes(&check, "fail"), codes(&check, "warn")), (vec!["JKN_ACTIVE", "NO_REFERRAL"], vec!["PRIMARY_CARE_DIAGNOSIS"]));
    let stay = rule(&check, "RESIDENCY_TOO_SHORT");
    assert_eq!(
        stay,
        &json!({"code": "RESIDENCY_TOO_SHORT", "outcome": "pass", "field": "resident_since", "value": 140, "limit": 6, "unit": "months",
            "message": "Has lived in the city for 140 months; asked for: 6 months.", "remedy": null})
    );

    let in_indonesian = server.client().as_role("hospital").in_language("id").get(&path_of(&check)).await.expect(200);
    let message = rule(&in_indonesian, "JKN_ACTIVE")["message"].as_str().expect("a message");
    assert!(message.starts_with("Peserta JKN aktif: PBI yang dibayar negara"), "{message}");
    for (one, other) in check["rules"].as_array().unwrap().iter().zip(in_indonesian["rules"].as_array().unwrap()) {
        assert_ne!(one["message"], other["message"], "{}", one["code"]);
        for field in ["code", "outcome", "field", "value", "limit", "unit"] {
            assert_eq!(one[field], other[field]);
        }
    }
}

on_both!(an_unknown_nik_is_an_answer_and_never_curable);
async fn an_unknown_nik_is_an_answer_and_never_curable(server: DatedServer) {
    let hospital = server.client().as_role("hospital");
    for care_type in ["inpatient", "emergency"] {
        for (date, rule_set) in PHASES {
            let check = ask(&hospital, question_of(date, json!({"nik": NOBODY, "care_type": care_type}))).await;
            assert_eq!((check["rule_set"].as_str(), decision(&check)), (Some(rule_set), "not_eligible"));
            assert_eq!(
                (codes(&check, "fail"), &check["participant"], &rule(&check, "NIK_NOT_FOUND")["field"]),
                (vec!["NIK_NOT_FOUND"], &Value::Null, &json!("nik"))
            );
        }
    }
}

on_both!(who_is_claimed_to_be_another_is_not_decided_by_a_machine);
async fn who_is_claimed_to_be_another_is_not_decided_by_a_machine(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    for (name, born, matches, value, decided) in [
        (Value::Null, Value::Null, ["not_given", "not_given"], Value::Null, "eligible"),
        (json!("  "), Value::Null, ["not_given", "not_given"], Value::Null, "eligible"),
        (json!("TELADAN, Hj. Wulan"), json!("1990-02-15"), ["same", "same"], json!("name,birth_date"), "eligible"),
        (json!("Wulan Sari"), Value::Null, ["differs", "not_given"], json!("name"), "undetermined"),
        (json!("Wulan Teladan"), json!("1990-02-16"), ["same", "differs"], json!("birth_date"), "undetermined"),
        (json!("Wulan"), json!("1991-02-15"), ["differs", "differs"], json!("name,birth_date"), "undetermined"),
    ] {
        let check = ask(&hospital, question(json!({"nik": nik(9001), "claimed_name": name, "claimed_birth_date": born}))).await;
        assert_eq!(check["identity_match"], json!({"name": matches[0], "birth_date": matches[1]}));
        let identity = rule(&check, "IDENTITY_DIFFERS");
        assert_eq!((decision(&check), &identity["value"]), (decided, &value), "{name} {born}");
        assert_eq!(identity["outcome"] == "unknown", decided == "undetermined");
    }
    let emergency = json!({"nik": nik(9001), "care_type": "emergency", "claimed_name": "Wulan Sari"});
    assert_eq!(decision(&ask(&hospital, question(emergency)).await), "provisional", "treated first, cleared up later");
}

on_both!(papers_that_were_not_asked_for_lack_nothing);
async fn papers_that_were_not_asked_for_lack_nothing(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    for (papers, outcome, lacking) in [
        (Value::Null, "not_applicable", Value::Null),
        (json!([]), "fail", json!("ktp_el,kk")),
        (json!(["kk"]), "fail", json!("ktp_el")),
        (json!(["kk", "ktp_el", "sktm"]), "pass", Value::Null),
    ] {
        for (care_type, when_lacking) in [("inpatient", "not_eligible"), ("emergency", "provisional")] {
            let check = ask(&hospital, question(json!({"nik": nik(9001), "care_type": care_type, "facts": {"papers": papers}}))).await;
            let told = rule(&check, "PAPERS_MISSING");
            assert_eq!((&told["outcome"], &told["value"], &told["field"]), (&json!(outcome), &lacking, &json!("facts.papers")), "{papers}");
            assert_eq!(decision(&check), if outcome == "fail" { when_lacking } else { "eligible" }, "{papers}");
            if decision(&check) == "provisional" {
                let instant = |name: &str| check[name].as_str().expect("an instant").parse::<chrono::DateTime<chrono::Utc>>().expect("RFC 3339");
                assert_eq!(instant("complete_by") - instant("checked_at"), chrono::Duration::hours(72));
                assert_eq!(rule(&check, "EMERGENCY_PROVISIONAL")["value"], 72);
            }
        }
    }
    let nothing_told = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    assert_eq!(rule(&nothing_told, "PAPERS_MISSING")["outcome"], "not_applicable");
}

on_both!(an_income_that_nobody_told_is_not_known_in_the_first_phase);
async fn an_income_that_nobody_told_is_not_known_in_the_first_phase(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let with = |facts: Value| question_of("2017-03-01", json!({"nik": nik(9001), "facts": facts}));
    for (facts, decided, outcome) in [
        (json!({}), "undetermined", "unknown"),
        (json!({"monthly_income": 3_500_000}), "eligible", "pass"),
        (json!({"monthly_income": 3_500_001}), "not_eligible", "fail"),
        (json!({"papers": ["kk", "unemployment_letter"]}), "eligible", "pass"),
    ] {
        let check = ask(&hospital, with(facts)).await;
        let income = rule(&check, "INCOME_ABOVE_LIMIT");
        assert_eq!((decision(&check), &income["outcome"]), (decided, &json!(outcome)));
        assert_eq!((&income["limit"], &income["unit"]), (&json!(3_500_000), &json!("rupiah")));
    }
    assert_eq!(rule(&ask(&hospital, question(json!({"nik": nik(9001)}))).await, "INCOME_ABOVE_LIMIT")["outcome"], "not_applicable");
}

on_both!(what_happened_to_a_person_counts_from_its_day);
async fn what_happened_to_a_person_counts_from_its_day(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    for (serial, kind, code) in [
        (9001, "moved_out", "MOVED_OUT"),
        (9002, "suspended", "PARTICIPANT_SUSPENDED"),
        (9003, "nik_inactive", "NIK_INACTIVE"),
        (9004, "deceased", "DECEASED"),
    ] {
        let person = register(&registrar, serial, json!({"relation": "other"})).await;
        let event = json!({"kind": kind, "date": "2026-11-10", "document_number": "470/1"});
        registrar.post(&format!("{}/events", participant_path(&person)), event).await.expect(201);
        for (date, refused) in [("2026-11-09", false), ("2026-11-10", kind != "deceased"), ("2026-11-11", true)] {
            let check = ask(&hospital, question_of(date, json!({"nik": nik(serial)}))).await;
            assert_eq!((decision(&check) == "not_eligible", codes(&check, "fail").contains(&code)), (refused, refused), "{kind} on {date}");
            if refused {
                assert_eq!((&rule(&check, code)["value"], &rule(&check, code)["field"]), (&json!("2026-11-10"), &json!("state")));
            }
        }
    }
    let last_day = ask(&hospital, question_of("2026-11-10", json!({"nik": nik(9004)}))).await;
    assert_eq!((decision(&last_day), codes(&last_day, "warn")), ("eligible", vec!["DECEASED"]), "care on the day of death is covered");
}

on_both!(a_special_group_is_asked_for_its_own_papers);
async fn a_special_group_is_asked_for_its_own_papers(server: DatedServer) {
    let newcomer = json!({"resident_since": "2026-11-01"});
    register(&server.client().as_role("registrar"), 9001, newcomer).await;
    let hospital = server.client().as_role("hospital");
    for (group, papers, decided, fails) in [
        ("pmks", json!(["dinsos_letter"]), "eligible", vec![]),
        ("pmks", json!(["ktp_el", "kk"]), "not_eligible", vec!["RESIDENCY_TOO_SHORT", "SPECIAL_GROUP"]),
        ("violence", json!(["police_report"]), "not_eligible", vec!["RESIDENCY_TOO_SHORT"]),
    ] {
        let check = ask(&hospital, question(json!({"nik": nik(9001), "facts": {"special_group": group, "papers": papers}}))).await;
        assert_eq!((decision(&check), codes(&check, "fail")), (decided, fails), "{group} {papers}");
    }
    let by_cause = ask(&hospital, question(json!({"nik": nik(9001), "facts": {"injury_cause": "traffic"}}))).await;
    assert_eq!(codes(&by_cause, "fail"), ["RESIDENCY_TOO_SHORT", "SERVICE_EXCLUDED"]);
    assert_eq!(
        (&rule(&by_cause, "SERVICE_EXCLUDED")["field"], &rule(&by_cause, "SERVICE_EXCLUDED")["value"]),
        (&json!("facts.injury_cause"), &json!("traffic"))
    );
}

on_both!(where_the_city_has_no_contract_only_emergencies_are_served);
async fn where_the_city_has_no_contract_only_emergencies_are_served(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    for (user, care_type, fails) in [
        ("hospital", "inpatient", vec![]),
        ("other_hospital", "inpatient", vec!["FACILITY_NOT_GOVERNMENT"]),
        ("unbound_hospital", "inpatient", vec!["FACILITY_NOT_CONTRACTED", "FACILITY_NOT_GOVERNMENT"]),
        ("unbound_hospital", "emergency", vec![]),
        ("counter", "primary", vec![]),
        ("clinic", "primary", vec![]),
    ] {
        let check = ask(&server.client().as_role(user), question(json!({"nik": nik(9001), "care_type": care_type, "ward_class": null}))).await;
        let mut told = codes(&check, "fail");
        told.extend(codes(&check, "unknown").into_iter().filter(|code| *code != "CLASS_NOT_COVERED"));
        assert_eq!(told, fails, "{user} {care_type}");
    }
}
