//! What happened in Bekasi, asked of the service as its hospitals would ask.

use serde_json::{Value, json};

use super::imports::import;
use super::people::{KK, nik, path_of as participant_path, register};
use super::people_file::{Family, file};
use super::questions::{CHECKS, PHASES, ask, codes, decision, question, question_of, rule};
use super::support::client::Client;
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::id_of;

async fn jkn(registrar: &Client, participant: &Value, segment: &str, state: &str, from: &str) {
    let status = json!({"segment": segment, "state": state, "valid_from": from});
    registrar.put(&format!("{}/jkn-status", participant_path(participant)), status).await.expect(201);
}

on_both!(one_patient_on_six_dates_meets_six_rule_sets);
async fn one_patient_on_six_dates_meets_six_rule_sets(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    for (date, rule_set) in PHASES {
        let check = ask(&hospital, question_of(date, json!({"nik": nik(9001), "facts": {"monthly_income": 3_000_000}}))).await;
        assert_eq!((check["rule_set"].as_str(), decision(&check)), (Some(rule_set), "eligible"), "{date}");
        assert_eq!((&check["service_date"], &check["retrospective"]), (&json!(date), &json!(date != TODAY)));
    }
}

on_both!(a_newcomer_from_tegal_of_ten_days_is_refused_since_2020);
async fn a_newcomer_from_tegal_of_ten_days_is_refused_since_2020(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    for (serial, since, date, months) in [
        (9001, "2026-11-11", TODAY, Some(0)),
        (9002, "2020-01-31", "2020-02-10", Some(0)),
        (9003, "2026-05-22", TODAY, Some(5)),
        (9004, "2026-05-21", TODAY, None),
        (9005, "2019-11-30", "2019-12-10", None),
    ] {
        let of_tegal = format!("332801550290{serial}");
        register(&registrar, serial, json!({"nik": of_tegal, "relation": "other", "resident_since": since})).await;
        let check = ask(&hospital, question_of(date, json!({"nik": of_tegal}))).await;
        let residency = rule(&check, "RESIDENCY_TOO_SHORT");
        match months {
            Some(months) => {
                assert_eq!((decision(&check), codes(&check, "fail")), ("not_eligible", vec!["RESIDENCY_TOO_SHORT"]), "{since}");
                assert_eq!(
                    (&residency["field"], &residency["value"], &residency["limit"], &residency["unit"]),
                    (&json!("resident_since"), &json!(months), &json!(6), &json!("months"))
                );
            }
            None => assert_eq!((decision(&check), &residency["outcome"]), ("eligible", &json!("pass")), "{since}"),
        }
    }
}

on_both!(a_nik_of_jakarta_does_not_make_a_stranger);
async fn a_nik_of_jakarta_does_not_make_a_stranger(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({"nik": "3175015502909001", "resident_since": "2015-03-01"})).await;
    let check = ask(&server.client().as_role("hospital"), question(json!({"nik": "3175015502909001"}))).await;
    assert_eq!((decision(&check), &check["reasons"]), ("eligible", &json!([])));
    assert_eq!(rule(&check, "NOT_RESIDENT")["value"], "2015-03-01");
}

on_both!(a_corrected_birth_date_only_warns);
async fn a_corrected_birth_date_only_warns(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    let her = register(&registrar, 9001, json!({})).await;
    let before = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    let correction = json!({"birth_date": "1990-02-16", "reason": "birth certificate"});
    registrar.patch(&participant_path(&her), "\"1\"", correction).await.expect(200);
    let after = ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    assert_eq!((decision(&before), &before["reasons"]), ("eligible", &json!([])));
    assert_eq!((decision(&after), codes(&after, "warn")), ("eligible", vec!["NIK_FORMAT"]));
    assert_eq!(rule(&after, "NIK_FORMAT")["value"], "NIK_BIRTH_DATE_DIFFERS");
}

on_both!(only_who_is_paid_for_was_barred_in_2019_and_every_member_in_2020);
async fn only_who_is_paid_for_was_barred_in_2019_and_every_member_in_2020(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    for (serial, segment) in [(9001, "PBI_APBN"), (9002, "PBPU")] {
        let member = register(&registrar, serial, json!({"relation": "other"})).await;
        jkn(&registrar, &member, segment, "active", "2015-04-01").await;
    }
    for (serial, segment, date, limit, refused) in [
        (9001, "PBI_APBN", "2018-12-10", "any", false),
        (9001, "PBI_APBN", "2019-03-10", "PPU,PBPU,BP", true),
        (9002, "PBPU", "2019-03-10", "PPU,PBPU,BP", false),
        (9001, "PBI_APBN", "2020-02-10", "none", true),
        (9002, "PBPU", "2020-02-10", "none", true),
    ] {
        let check = ask(&hospital, question_of(date, json!({"nik": nik(serial)}))).await;
        let expected = if refused { ("not_eligible", vec!["JKN_ACTIVE"]) } else { ("eligible", vec![]) };
        assert_eq!((decision(&check), codes(&check, "fail")), expected, "{segment} on {date}");
        let membership = rule(&check, "JKN_ACTIVE");
        assert_eq!(
            (&membership["field"], &membership["value"], &membership["limit"], &membership["unit"]),
            (&json!("jkn"), &json!(segment), &json!(limit), &Value::Null)
        );
    }
}

on_both!(memberships_switched_off_in_bulk_count_until_the_day_before);
async fn memberships_switched_off_in_bulk_count_until_the_day_before(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    for serial in 9001..9004 {
        let member = register(&registrar, serial, json!({"relation": "other"})).await;
        jkn(&registrar, &member, "PBI_APBN", "active", "2015-04-01").await;
        jkn(&registrar, &member, "PBI_APBN", "inactive", "2026-02-01").await;
    }
    for serial in 9001..9004 {
        for (date, decided, value) in
            [("2026-01-31", "not_eligible", "PBI_APBN"), ("2026-02-01", "eligible", "inactive"), (TODAY, "eligible", "inactive")]
        {
            let check = ask(&hospital, question_of(date, json!({"nik": nik(serial)}))).await;
            assert_eq!((decision(&check), &rule(&check, "JKN_ACTIVE")["value"]), (decided, &json!(value)), "{date}");
        }
    }
}

on_both!(a_card_that_is_not_in_the_database_is_refused_in_every_phase);
async fn a_card_that_is_not_in_the_database_is_refused_in_every_phase(server: DatedServer) {
    let hospital = server.client().as_role("hospital");
    for (date, rule_set) in PHASES {
        let check = ask(&hospital, question_of(date, json!({"card_number": "KS-000001"}))).await;
        assert_eq!((check["rule_set"].as_str(), decision(&check)), (Some(rule_set), "not_eligible"));
        assert_eq!((codes(&check, "fail"), &check["participant"]), (vec!["NOT_ENROLLED"], &Value::Null), "{date}");
        let card = rule(&check, "NOT_ENROLLED");
        assert_eq!((&card["field"], &card["value"], &card["limit"]), (&json!("enrollment"), &json!("not_found"), &json!("active")));
        assert!(card["remedy"].as_str().is_some_and(|remedy| remedy.contains("NIK")), "{card}");
    }
}

on_both!(a_card_counts_from_its_issue_until_it_is_suspended);
async fn a_card_counts_from_its_issue_until_it_is_suspended(server: DatedServer) {
    let (admin, hospital) = (server.client().as_role("admin"), server.client().as_role("hospital"));
    let family = Family::new(1);
    import(&admin, "/api/v1/imports?kind=participants", file(std::slice::from_ref(&family))).await;
    let with_card = |date: &str| question_of(date, json!({"card_number": "KS-900001"}));
    for (date, decided, value) in
        [("2017-12-31", "not_eligible", "not_issued_yet"), ("2018-01-01", "eligible", "active"), (TODAY, "eligible", "active")]
    {
        let check = ask(&hospital, with_card(date)).await;
        assert_eq!((decision(&check), &rule(&check, "NOT_ENROLLED")["value"]), (decided, &json!(value)), "{date}");
        assert_eq!(check["participant"]["name"], "Kepala Satu", "a card that is ours has a holder");
    }
    assert_eq!(decision(&ask(&hospital, question(json!({"card_number": " ks-900001 "}))).await), "eligible", "as a hurried clerk types it");

    server.database().execute("UPDATE enrollments SET state = 'suspended', ended_on = '2019-02-01'").expect("a suspension");
    assert_eq!(decision(&ask(&hospital, with_card("2019-01-31")).await), "eligible");
    let suspended = ask(&hospital, with_card("2019-02-01")).await;
    assert_eq!((decision(&suspended), codes(&suspended, "fail")), ("not_eligible", vec!["NOT_ENROLLED", "CARD_SUSPENDED"]));
    let by_nik = ask(&hospital, question_of("2019-02-01", json!({"nik": family.head_nik()}))).await;
    assert_eq!(decision(&by_nik), "eligible", "KTP-el and KK stand for the card");
}

on_both!(who_forgot_the_card_is_found_by_kk_and_birth_date_one_at_a_time);
async fn who_forgot_the_card_is_found_by_kk_and_birth_date_one_at_a_time(server: DatedServer) {
    let (registrar, hospital) = (server.client().as_role("registrar"), server.client().as_role("hospital"));
    let mother = register(&registrar, 9001, json!({})).await;
    let twin = async |nik: &str, name: &str, sex: &str| {
        let changes = json!({"nik": nik, "name": name, "sex": sex, "relation": "child", "birth_date": "2015-06-01", "resident_since": "2015-06-01"});
        register(&registrar, 9002, changes).await["id"].clone()
    };
    let (citra, cakra) = (twin("3275014106159002", "Citra Teladan", "F").await, twin("3275010106159003", "Cakra Teladan", "M").await);

    let forgot = |born: &str, name: Value| {
        question_of("2018-12-10", json!({"kk_number": KK, "claimed_birth_date": born, "claimed_name": name, "facts": {"papers": ["ktp_el", "kk"]}}))
    };
    let check = ask(&hospital, forgot("1990-02-15", Value::Null)).await;
    assert_eq!((decision(&check), &check["participant"]["id"]), ("eligible", &mother["id"]));
    assert_eq!(check["identity_match"], json!({"name": "not_given", "birth_date": "same"}));
    for (name, id) in [("Citra Teladan", citra), ("TELADAN  cakra", cakra)] {
        let check = ask(&hospital, forgot("2015-06-01", json!(name))).await;
        assert_eq!((decision(&check), &check["participant"]["id"]), ("eligible", &id));
        assert_eq!(check["identity_match"], json!({"name": "same", "birth_date": "same"}));
    }

    for (born, name) in [("2015-06-01", Value::Null), ("2015-06-01", json!("Wulan Teladan")), ("2015-06-02", Value::Null)] {
        let problem = hospital.post(CHECKS, forgot(born, name)).await.expect_problem(422, "PERSON_NOT_SINGLED_OUT");
        assert!(!problem.to_string().contains("Teladan"), "a list of whom it could be: {problem}");
    }
    let nobodys = question(json!({"kk_number": "3275012001159099", "claimed_birth_date": "1990-02-15"}));
    hospital.post(CHECKS, nobodys).await.expect_problem(422, "PERSON_NOT_SINGLED_OUT");
    assert_eq!(hospital.get(CHECKS).await.expect(200)["items"].as_array().map(Vec::len), Some(3));
}

on_both!(a_private_hospital_without_referral_serves_the_emergency_only);
async fn a_private_hospital_without_referral_serves_the_emergency_only(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let private = server.client().as_role("other_hospital");
    let visit = |changes: Value| {
        let mut body = question_of("2018-12-10", json!({"nik": nik(9001), "care_type": "outpatient", "ward_class": null}));
        super::people::change(&mut body, changes);
        body
    };
    let refused = ask(&private, visit(json!({}))).await;
    assert_eq!((decision(&refused), codes(&refused, "fail")), ("not_eligible", vec!["NO_REFERRAL"]));
    let remedy = |check: &Value| rule(check, "NO_REFERRAL")["remedy"].as_str().expect("a remedy").to_owned();
    assert!(remedy(&refused).contains("Puskesmas of the domicile"), "{}", remedy(&refused));
    let in_indonesian = ask(&private.in_language("id"), visit(json!({}))).await;
    assert!(remedy(&in_indonesian).contains("Puskesmas sesuai domisili"), "{}", remedy(&in_indonesian));

    assert_eq!(decision(&ask(&private, visit(json!({"care_type": "emergency"}))).await), "eligible");
    let on_paper = ask(&private, visit(json!({"referral_source": "paper", "from_facility_code": "P3275-01", "issued_on": "2018-12-01"}))).await;
    let told = json!({"source": "paper", "fit": "fits", "from_facility_code": "P3275-01", "issued_on": "2018-12-01", "valid_until": null});
    assert_eq!(on_paper["referral"], told);
    assert_eq!((decision(&on_paper), &rule(&on_paper, "NO_REFERRAL")["outcome"]), ("eligible", &json!("warn")));
    let too_old = ask(&private, visit(json!({"referral_source": "pcare", "issued_on": "2018-09-01"}))).await;
    assert_eq!((decision(&too_old), codes(&too_old, "fail")), ("not_eligible", vec!["REFERRAL_EXPIRED"]));
    let age = rule(&too_old, "REFERRAL_EXPIRED");
    assert_eq!((&age["value"], &age["limit"], &age["unit"]), (&json!(100), &json!(90), &json!("days")));
}

on_both!(the_diagnosis_of_the_referral_counts_where_the_question_has_none);
async fn the_diagnosis_of_the_referral_counts_where_the_question_has_none(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let referral = json!({"nik": nik(9001), "diagnosis_code": "J02.9", "issued_on": TODAY});
    let number = server.client().as_role("clinic").post("/api/v1/referrals", referral).await.expect(201)["number"].clone();
    let visit = json!({"nik": nik(9001), "care_type": "outpatient", "ward_class": null, "referral_number": number});
    let hospital = server.client().as_role("hospital");
    let sore_throat = ask(&hospital, question(visit.clone())).await;
    assert_eq!((&rule(&sore_throat, "PRIMARY_CARE_DIAGNOSIS")["outcome"], decision(&sore_throat)), (&json!("warn"), "eligible"));
    let mut heart = question(visit);
    heart["diagnosis_code"] = json!("I21.9");
    assert_eq!(rule(&ask(&hospital, heart).await, "PRIMARY_CARE_DIAGNOSIS")["outcome"], json!("pass"));
}

on_both!(a_referral_of_our_own_opens_the_hospital_that_it_names_to_whom_it_names);
async fn a_referral_of_our_own_opens_the_hospital_that_it_names_to_whom_it_names(server: DatedServer) {
    let registrar = server.client().as_role("registrar");
    for serial in [9001, 9002] {
        register(&registrar, serial, json!({"relation": "other"})).await;
    }
    let referral = json!({"nik": nik(9001), "to_facility_id": id_of("rsud"), "diagnosis_code": "I21.9", "issued_on": TODAY});
    let number = server.client().as_role("clinic").post("/api/v1/referrals", referral).await.expect(201)["number"].clone();
    for (user, serial, number, outcome, value) in [
        ("hospital", 9001, number.clone(), "pass", "registry"),
        ("hospital", 9002, number.clone(), "fail", "other_person"),
        ("other_hospital", 9001, number, "fail", "other_facility"),
        ("hospital", 9001, json!("R-3275-2026-999999"), "fail", "not_found"),
    ] {
        let visit = question(json!({"nik": nik(serial), "care_type": "outpatient", "ward_class": null, "referral_number": number}));
        let check = ask(&server.client().as_role(user), visit).await;
        let referral = rule(&check, "NO_REFERRAL");
        assert_eq!((&referral["outcome"], &referral["value"]), (&json!(outcome), &json!(value)), "{user}");
        assert_eq!(decision(&check) == "eligible", outcome == "pass");
    }
}

on_both!(class_three_and_no_other);
async fn class_three_and_no_other(server: DatedServer) {
    register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let hospital = server.client().as_role("hospital");
    for (class, decided) in [("I", "not_eligible"), ("II", "not_eligible"), ("III", "eligible"), ("vip", "not_eligible")] {
        let check = ask(&hospital, question(json!({"nik": nik(9001), "ward_class": class}))).await;
        let ward = rule(&check, "CLASS_NOT_COVERED");
        assert_eq!((decision(&check), &ward["value"], &ward["limit"]), (decided, &json!(class), &json!("III")));
    }
    let untold = ask(&hospital, question(json!({"nik": nik(9001), "ward_class": null}))).await;
    assert_eq!((decision(&untold), codes(&untold, "unknown")), ("undetermined", vec!["CLASS_NOT_COVERED"]));
}

on_both!(the_day_of_admission_decides_where_a_contract_ends_during_the_stay);
async fn the_day_of_admission_decides_where_a_contract_ends_during_the_stay(server: DatedServer) {
    let admin = server.client().as_role("admin");
    register(&admin, 9001, json!({})).await;
    let hospital = json!({"name": "RS Teratai", "kind": "hospital", "class": "C", "government": false, "inside_city": true, "code": "RS-T"});
    let hospital = admin.post("/api/v1/facilities", hospital).await.expect(201)["id"].clone();
    let contracts = format!("/api/v1/facilities/{}/contracts", hospital.as_str().expect("an id"));
    let contract = admin.post(&contracts, json!({"valid_from": "2020-01-01"})).await.expect(201)["id"].clone();
    let end = json!({"on": "2022-03-31", "reason": "private contracts were dropped", "document_number": "440/1"});
    admin.post(&format!("{contracts}/{}/terminate", contract.as_str().expect("an id")), end).await.expect(200);

    let admitted =
        |date: &str| question_of(date, json!({"nik": nik(9001), "facility_id": hospital, "facts": {"placement_reason": "government_full"}}));
    for date in ["2022-03-30", "2022-03-31"] {
        let check = ask(&admin, admitted(date)).await;
        assert_eq!((decision(&check), check["rule_set"].as_str()), ("eligible", Some("LKM-2020")), "{date}");
    }
    let discharge = ask(&admin, admitted("2022-04-03")).await;
    assert_eq!(codes(&discharge, "fail"), ["FACILITY_NOT_CONTRACTED", "FACILITY_NOT_GOVERNMENT"]);
    let contract = rule(&discharge, "FACILITY_NOT_CONTRACTED");
    assert_eq!((&contract["value"], &contract["limit"]), (&json!("2022-03-31"), &json!("2022-04-03")));
    let before_any = ask(&admin, admitted("2019-12-31")).await;
    assert_eq!(
        (codes(&before_any, "fail"), &rule(&before_any, "FACILITY_NOT_CONTRACTED")["value"]),
        (vec!["FACILITY_NOT_CONTRACTED"], &json!("none"))
    );
}
