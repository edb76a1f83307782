//! Questions that cannot be asked so: every fault is told at its place, and nothing is recorded.

use serde_json::{Value, json};

use super::harness::count;
use super::people::{KK, change, faults, nik, register};
use super::questions::{CHECKS, ask, decision, question};
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::id_of;

const RECORDED: &str = "SELECT count(*) FROM eligibility_checks";

on_both!(every_fault_of_a_question_is_told_and_nothing_is_recorded);
async fn every_fault_of_a_question_is_told_and_nothing_is_recorded(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    for (changes, expected) in [
        (json!({"nik": "32750155029090"}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": "3.27501E+15"}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": "327501550290900A"}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": " 3275015502909001"}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": 3275015502909001_i64}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": null}), vec![" PERSON_NOT_NAMED"]),
        (json!({"card_number": "KS-000001"}), vec![" PERSON_NAMED_TWICE"]),
        (json!({"nik": null, "kk_number": KK}), vec!["/claimed_birth_date FIELD_MISSING"]),
        (json!({"nik": null, "kk_number": "1", "claimed_birth_date": "1990-02-15"}), vec!["/kk_number KK_FORMAT"]),
        (json!({"nik": null, "participant_id": id_of("nobody")}), vec!["/participant_id PARTICIPANT_NOT_FOUND"]),
        (json!({"nik": null, "participant_id": "9001"}), vec!["/participant_id WRONG_FORMAT"]),
        (json!({"service_date": "2026-11-20"}), vec!["/service_date SERVICE_DATE_OUT_OF_RANGE"]),
        (json!({"service_date": "2026-11-20", "retrospective": false}), vec!["/service_date SERVICE_DATE_OUT_OF_RANGE"]),
        (json!({"service_date": "2026-11-22"}), vec!["/service_date SERVICE_DATE_OUT_OF_RANGE"]),
        (json!({"service_date": "2026-11-22", "retrospective": true}), vec!["/service_date SERVICE_DATE_OUT_OF_RANGE"]),
        (json!({"service_date": "2017-01-15", "retrospective": true}), vec!["/service_date SERVICE_DATE_OUT_OF_RANGE"]),
        (json!({"service_date": "2026-02-30", "retrospective": true}), vec!["/service_date NOT_A_DATE"]),
        (json!({"service_date": "21-11-2026"}), vec!["/service_date NOT_A_DATE"]),
        (json!({"care_type": null}), vec!["/care_type FIELD_MISSING"]),
        (json!({"care_type": "dental"}), vec!["/care_type UNKNOWN_VALUE"]),
        (json!({"ward_class": "IV"}), vec!["/ward_class UNKNOWN_VALUE"]),
        (json!({"diagnosis_code": "A"}), vec!["/diagnosis_code ICD10_FORMAT"]),
        (json!({"facility_id": id_of("klinik")}), vec!["/facility_id FACILITY_NOT_YOURS"]),
        (json!({"referral_source": "registry"}), vec!["/referral_number FIELD_MISSING"]),
        (json!({"referral_source": "paper"}), vec!["/issued_on FIELD_MISSING"]),
        (json!({"recorded_offline_at": "2026-11-21T04:00:00Z"}), vec!["/recorded_offline_at DATE_IN_FUTURE"]),
        (json!({"offline_reference": "book 7"}), vec!["/recorded_offline_at FIELD_MISSING"]),
        (json!({"facts": {"papers": ["passport"]}}), vec!["/facts/papers/0 UNKNOWN_VALUE"]),
        (json!({"facts": {"monthly_income": -1}}), vec!["/facts/monthly_income TOO_SMALL"]),
        (json!({"facts": {"monthly_income": 1.5}}), vec!["/facts/monthly_income WRONG_TYPE"]),
        (json!({"facts": {"special_group": "poor", "age": 3}}), vec!["/facts/age UNKNOWN_FIELD", "/facts/special_group UNKNOWN_VALUE"]),
        (json!({"colour": "red"}), vec!["/colour UNKNOWN_FIELD"]),
        (
            json!({"nik": "1", "service_date": "2017-01-15", "diagnosis_code": "?", "facility_id": id_of("klinik"), "referral_source": "pcare",
                "offline_reference": "book 7"}),
            vec![
                "/diagnosis_code ICD10_FORMAT",
                "/facility_id FACILITY_NOT_YOURS",
                "/issued_on FIELD_MISSING",
                "/nik NIK_FORMAT",
                "/recorded_offline_at FIELD_MISSING",
                "/service_date SERVICE_DATE_OUT_OF_RANGE",
            ],
        ),
    ] {
        let mut body = question(json!({"nik": nik(9001)}));
        change(&mut body, changes);
        for language in ["id", "en"] {
            let answer = hospital.in_language(language).post(CHECKS, body.clone()).await;
            assert!(!answer.text.contains("32750155"), "a NIK in an error: {}", answer.text);
            let problem = answer.expect(422);
            assert_eq!(faults(&problem), expected, "{body}");
            for fault in problem["errors"].as_array().expect("a list") {
                assert!(fault["message"].as_str().is_some_and(|text| text.contains(' ')), "{fault}");
                assert!(fault["remedy"].as_str().is_some_and(|text| text.contains(' ')), "{fault}");
            }
            if expected.len() == 1 {
                assert_eq!(problem["code"], json!(expected[0].split(' ').next_back()), "one kind of fault lends its code");
            }
        }
    }
    assert_eq!(count(server.database(), RECORDED), 0);
}

on_both!(who_has_no_facility_names_one);
async fn who_has_no_facility_names_one(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    for user in ["admin", "registrar"] {
        let client = server.client().as_role(user);
        client.post(CHECKS, question(json!({"nik": nik(9001)}))).await.expect_problem(422, "FACILITY_REQUIRED");
        let unknown = question(json!({"nik": nik(9001), "facility_id": id_of("nowhere")}));
        client.post(CHECKS, unknown).await.expect_problem(422, "FACILITY_UNKNOWN");
        let both = client.post(CHECKS, question(json!({"nik": "1", "ward_class": null}))).await.expect(422);
        assert_eq!(faults(&both), ["/facility_id FACILITY_REQUIRED", "/nik NIK_FORMAT"]);
        assert_eq!(count(server.database(), RECORDED), 0);
    }
    for user in ["admin", "registrar"] {
        let named = ask(&server.client().as_role(user), question(json!({"nik": nik(9001), "facility_id": id_of("rsud")}))).await;
        assert_eq!((decision(&named), &named["facility_id"]), ("eligible", &json!(id_of("rsud"))));
    }
    let own = ask(&server.client().as_role("counter"), question(json!({"nik": nik(9001), "care_type": "primary", "ward_class": null}))).await;
    assert_eq!((decision(&own), &own["facility_id"]), ("eligible", &json!(id_of("puskesmas"))));
    for user in ["verifier", "finance", "manager", "auditor", "dpo"] {
        server.client().as_role(user).post(CHECKS, question(json!({"nik": nik(9001)}))).await.expect_problem(403, "NOT_ALLOWED");
    }
}

on_both!(what_is_not_told_is_today);
async fn what_is_not_told_is_today(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    let check = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    assert_eq!((&check["service_date"], &check["retrospective"]), (&json!(TODAY), &json!(false)));
    // Six in the evening UTC is one o'clock of the next day where the city is.
    server.put_forward(chrono::Duration::hours(15));
    let hospital = server.client().as_role("hospital");
    assert_eq!(ask(&hospital, question(json!({"nik": nik(9001)}))).await["service_date"], "2026-11-22");
    let of_yesterday = question(json!({"nik": nik(9001), "service_date": TODAY}));
    hospital.post(CHECKS, of_yesterday).await.expect_problem(422, "SERVICE_DATE_OUT_OF_RANGE");
}

on_both!(how_far_back_may_be_asked_is_a_setting);
async fn how_far_back_may_be_asked_is_a_setting(mut server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let on = |date: &str| question(json!({"nik": nik(9001), "service_date": date, "retrospective": true}));
    ask(&server.client().as_role("hospital"), on("2017-01-16")).await;
    server.restart(&[("checks.past_days", "30")]);
    let hospital = server.client().as_role("hospital");
    ask(&hospital, on("2026-10-22")).await;
    hospital.post(CHECKS, on("2026-10-21")).await.expect_problem(422, "SERVICE_DATE_OUT_OF_RANGE");
}

on_both!(what_was_written_down_by_hand_says_so);
async fn what_was_written_down_by_hand_says_so(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let by_hand = json!({"nik": nik(9001), "service_date": "2026-11-19", "retrospective": true, "recorded_offline_at": "2026-11-19T14:03:00+07:00",
        "offline_reference": "book 7, line 3"});
    let check = ask(&server.client().as_role("hospital"), question(by_hand)).await;
    assert_eq!((&check["recorded_offline_at"], &check["retrospective"]), (&json!("2026-11-19T07:03:00.000000Z"), &json!(true)));
    assert_eq!(check["offline_reference"], "book 7, line 3");
    let other = ask(&server.client().as_role("hospital"), question(json!({"nik": nik(9001)}))).await;
    assert_eq!(other.get("recorded_offline_at").unwrap_or(&Value::Null), &Value::Null);
}
