//! Registering, reading, looking up and correcting participants.

use serde_json::{Value, json};

use super::people::{KK, LOOKUP, OTHER_VILLAGE, PARTICIPANTS, VILLAGE, change, faults, household_of, nik, path_of, person, register};
use super::support::on_both;
use super::support::server::Server;
use super::support::small_city::NOBODY;

on_both!(a_participant_is_registered_and_read);
async fn a_participant_is_registered_and_read(server: Server) {
    let registrar = server.client().as_role("registrar");
    let body = person(9001, json!({"name": "  Wulan   Teladan ", "rt": "3", "phone": "+62 812-0000-0007"}));
    let made = registrar.post(PARTICIPANTS, body).await;
    let (place, version) = (made.header("location").to_owned(), made.header("etag").to_owned());
    let made = made.expect(201);
    for (field, expected) in [
        ("nik", json!(nik(9001))),
        ("kk_number", json!(KK)),
        ("relation", json!("head")),
        ("name", json!("Wulan Teladan")),
        ("rt", json!("003")),
        ("phone", json!("081200000007")),
        ("village_code", json!(VILLAGE)),
        ("district_code", json!("327501")),
        ("resident_since", json!("2015-03-01")),
        ("resident_until", Value::Null),
        ("mother_name", json!("Ratna Teladan")),
        ("state", json!("active")),
        ("enrollment", Value::Null),
        ("jkn", Value::Null),
        ("merged_into", Value::Null),
        ("warnings", json!([])),
        ("pending_changes", json!([])),
    ] {
        assert_eq!(made[field], expected, "{field}");
    }
    assert!(made["household"]["id"].is_string());

    let read = registrar.get(&place).await;
    assert_eq!((read.header("etag"), &read.json), (version.as_str(), &made));
    registrar.get(&format!("{PARTICIPANTS}/0190a000-0000-7000-8000-000000000000")).await.expect_problem(404, "NOT_FOUND");
    registrar.get(&format!("{PARTICIPANTS}/{}", nik(9001))).await.expect_problem(404, "NOT_FOUND");
}

on_both!(whoever_has_a_known_kk_joins_that_household);
async fn whoever_has_a_known_kk_joins_that_household(server: Server) {
    let admin = server.client().as_role("admin");
    let head = register(&admin, 9001, json!({})).await;
    let child = register(&admin, 9002, json!({"relation": "child"})).await;
    let stranger = register(&admin, 9003, json!({"kk_number": "3275012001159008"})).await;
    assert_eq!(head["household"], child["household"]);
    assert_ne!(head["household"], stranger["household"]);
}

on_both!(every_fault_of_a_registration_is_told_at_once);
async fn every_fault_of_a_registration_is_told_at_once(server: Server) {
    let admin = server.client().as_role("admin");
    for (changes, expected) in [
        (json!({"nik": 3275015502909001_i64}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": "3.27501E+15"}), vec!["/nik NIK_FORMAT"]),
        (json!({"birth_date": "1990-02-30"}), vec!["/birth_date DATE_IMPOSSIBLE"]),
        (json!({"birth_date": "15-02-1990"}), vec!["/birth_date NOT_A_DATE"]),
        (json!({"resident_since": "1989-01-01"}), vec!["/resident_since RESIDENT_BEFORE_BIRTH"]),
        (json!({"name": null}), vec!["/name FIELD_MISSING"]),
        (json!({"name": "   "}), vec!["/name FIELD_MISSING"]),
        (json!({"state": "active"}), vec!["/state UNKNOWN_FIELD"]),
        (
            json!({"nik": 1, "kk_number": "1", "relation": "uncle", "name": "=1+1", "birth_date": "2999-01-01", "sex": "P", "village_code": "9999999999",
                "rt": "x", "rw": 12, "phone": "12", "resident_since": null, "colour": "red"}),
            vec![
                "/birth_date DATE_IN_FUTURE",
                "/colour UNKNOWN_FIELD",
                "/kk_number KK_FORMAT",
                "/name NAME_CHARACTERS",
                "/nik NIK_FORMAT",
                "/phone PHONE_FORMAT",
                "/relation UNKNOWN_VALUE",
                "/resident_since FIELD_MISSING",
                "/rt RT_RW_FORMAT",
                "/rw WRONG_TYPE",
                "/sex UNKNOWN_VALUE",
                "/village_code VILLAGE_UNKNOWN",
            ],
        ),
    ] {
        let problem = admin.post(PARTICIPANTS, person(9001, changes)).await.expect(422);
        assert_eq!(faults(&problem), expected);
    }
    admin.post(LOOKUP, json!({"nik": nik(9001)})).await.expect_problem(404, "NOT_FOUND");
}

on_both!(what_is_odd_warns_and_never_refuses);
async fn what_is_odd_warns_and_never_refuses(server: Server) {
    let admin = server.client().as_role("admin");
    let odd = register(&admin, 9001, json!({"nik": "3175015502919001", "sex": "M"})).await;
    let codes: Vec<&str> = odd["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["NIK_BIRTH_DATE_DIFFERS", "NIK_SEX_DIFFERS"]);
    assert!(odd["warnings"][0]["message"].as_str().is_some_and(|text| text.contains(' ')), "{odd}");
}

on_both!(of_64_registrations_of_one_nik_one_is_made);
async fn of_64_registrations_of_one_nik_one_is_made(server: Server) {
    let admin = server.client().as_role("admin");
    let asked = (0..64).map(|at| {
        let (admin, body) = (admin.clone(), person(9001, json!({"kk_number": format!("32750120011591{:02}", at % 4)})));
        tokio::spawn(async move { admin.post(PARTICIPANTS, body).await })
    });
    let mut statuses = Vec::new();
    for answer in asked.collect::<Vec<_>>() {
        let answer = answer.await.expect("an answer");
        if answer.status != 201 {
            answer.clone().expect_problem(409, "NIK_ALREADY_REGISTERED");
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
}

on_both!(a_new_kk_is_one_household_whoever_comes_first);
async fn a_new_kk_is_one_household_whoever_comes_first(server: Server) {
    let admin = server.client().as_role("admin");
    let asked: Vec<_> = (0..16)
        .map(|at| {
            let (admin, body) = (admin.clone(), person(9001 + at, json!({"relation": "child"})));
            tokio::spawn(async move { admin.post(PARTICIPANTS, body).await.expect(201)["household"]["id"].clone() })
        })
        .collect();
    let mut households = Vec::new();
    for answer in asked {
        households.push(answer.await.expect("an answer"));
    }
    households.dedup();
    assert_eq!(households.len(), 1);
}

on_both!(a_key_registers_once);
async fn a_key_registers_once(server: Server) {
    let admin = server.client().as_role("admin");
    let ask = || admin.request(reqwest::Method::POST, PARTICIPANTS).header("Idempotency-Key", "one").json(&person(9001, json!({})));
    let first = admin.send(ask()).await;
    let again = admin.send(ask()).await;
    assert_eq!((again.status, &again.json, again.header("location")), (201, &first.json, first.header("location")));
    assert_eq!(again.header("idempotency-replayed"), "true");
}

on_both!(each_role_sees_what_it_may);
async fn each_role_sees_what_it_may(server: Server) {
    let made = register(&server.client().as_role("admin"), 9001, json!({})).await;
    let asked = json!({"nik": nik(9001)});
    for role in ["admin", "registrar", "counter", "verifier", "auditor"] {
        let seen = server.client().as_role(role).post(LOOKUP, asked.clone()).await.expect(200);
        assert_eq!(seen, made, "{role}");
    }
    for role in ["clinic", "hospital"] {
        let seen = server.client().as_role(role).post(LOOKUP, asked.clone()).await.expect(200);
        let short = json!({"id": made["id"], "name": "Wulan Teladan", "birth_year": 1990, "sex": "F", "nik_masked": "3275**********01", "state": "active",
                "estimated": []});
        assert_eq!(seen, short, "{role}");
        server.client().as_role(role).get(&path_of(&made)).await.expect_problem(403, "NOT_ALLOWED");
    }
    for role in ["finance", "manager", "dpo"] {
        server.client().as_role(role).post(LOOKUP, asked.clone()).await.expect_problem(403, "NOT_ALLOWED");
    }
    server.client().post(LOOKUP, asked).await.expect_problem(401, "SIGN_IN_REQUIRED");
}

on_both!(a_lookup_takes_one_number);
async fn a_lookup_takes_one_number(server: Server) {
    let clinic = server.client().as_role("clinic");
    for (body, expected) in [
        (json!({}), " ONE_OF"),
        (json!({"nik": nik(9001), "card_number": "KS-0001"}), " ONE_OF"),
        (json!({"nik": "32750155029090"}), "/nik NIK_FORMAT"),
        (json!({"nik": 3275015502909001_i64}), "/nik NIK_FORMAT"),
        (json!({"card_number": "a b c d"}), "/card_number CARD_NUMBER_FORMAT"),
    ] {
        assert_eq!(faults(&clinic.post(LOOKUP, body).await.expect(422)), [expected]);
    }
    clinic.post(LOOKUP, json!({"card_number": "KS-0001"})).await.expect_problem(404, "NOT_FOUND");
}

on_both!(who_fishes_for_numbers_is_stopped);
async fn who_fishes_for_numbers_is_stopped(server: Server) {
    let clinic = server.client().as_role("clinic");
    let mut misses = 0;
    let stopped = loop {
        let answer = clinic.post(LOOKUP, json!({"nik": NOBODY})).await;
        if answer.status != 404 {
            break answer;
        }
        misses += 1;
        assert!(misses < 100, "nobody is stopped");
    };
    assert!(stopped.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    stopped.expect_problem(429, "TOO_MANY_UNKNOWN");
    server.client().as_role("hospital").post(LOOKUP, json!({"nik": NOBODY})).await.expect_problem(404, "NOT_FOUND");
}

on_both!(a_correction_needs_the_version_that_was_seen);
async fn a_correction_needs_the_version_that_was_seen(server: Server) {
    let admin = server.client().as_role("admin");
    let made = admin.post(PARTICIPANTS, person(9001, json!({}))).await;
    let (place, version) = (made.header("location").to_owned(), made.header("etag").to_owned());
    let body = json!({"name": "Wulan Sari", "birth_date": "1990-02-16", "phone": null, "reason": "typing error"});

    admin.send(admin.request(reqwest::Method::PATCH, &place).json(&body)).await.expect_problem(428, "IF_MATCH_MISSING");
    let changed = admin.patch(&place, &version, body.clone()).await;
    assert_ne!(changed.header("etag"), version);
    let newer = changed.header("etag").to_owned();
    let changed = changed.expect(200);
    assert_eq!((&changed["name"], &changed["birth_date"], &changed["phone"]), (&json!("Wulan Sari"), &json!("1990-02-16"), &Value::Null));
    assert_eq!(changed["address"], json!("Jl. Kenanga 7"), "what is not sent stays");
    admin.patch(&place, &version, body.clone()).await.expect_problem(412, "IF_MATCH_STALE");
    let same = admin.patch(&place, &newer, body).await;
    assert_eq!((same.status, same.header("etag")), (200, newer.as_str()), "the same again changes nothing");
}

on_both!(faults_of_a_correction_are_told_at_once);
async fn faults_of_a_correction_are_told_at_once(server: Server) {
    let admin = server.client().as_role("admin");
    let made = register(&admin, 9001, json!({})).await;
    for (body, expected) in [
        (json!({"reason": "x"}), vec![" NOTHING_TO_CORRECT"]),
        (json!({"name": "Wulan"}), vec!["/reason FIELD_MISSING"]),
        (json!({"name": null, "reason": "x"}), vec!["/name FIELD_MISSING"]),
        (json!({"birth_date": "2016-01-01", "reason": "x"}), vec!["/birth_date RESIDENT_BEFORE_BIRTH"]),
        (
            json!({"name": "R2D2", "sex": "X", "rt": 3, "state": "active", "nik": "1", "reason": ""}),
            vec!["/name NAME_CHARACTERS", "/nik NIK_FORMAT", "/reason TOO_SHORT", "/rt WRONG_TYPE", "/sex UNKNOWN_VALUE", "/state UNKNOWN_FIELD"],
        ),
    ] {
        assert_eq!(faults(&admin.patch(&path_of(&made), "\"1\"", body).await.expect(422)), expected);
    }
}

on_both!(a_corrected_nik_keeps_the_old_one_found);
async fn a_corrected_nik_keeps_the_old_one_found(server: Server) {
    let admin = server.client().as_role("admin");
    let made = register(&admin, 9001, json!({})).await;
    let other = register(&admin, 9002, json!({"relation": "child"})).await;
    let place = path_of(&made);

    admin.patch(&place, "\"1\"", json!({"nik": nik(9002), "reason": "x"})).await.expect_problem(409, "NIK_ALREADY_REGISTERED");
    let corrected = admin.patch(&place, "\"1\"", json!({"nik": nik(9003), "reason": "serial misread"})).await.expect(200);
    assert_eq!(corrected["nik"], json!(nik(9003)));
    for serial in [9001, 9003] {
        assert_eq!(admin.post(LOOKUP, json!({"nik": nik(serial)})).await.expect(200)["id"], made["id"], "{serial}");
    }
    admin.post(PARTICIPANTS, person(9001, json!({}))).await.expect_problem(409, "NIK_ALREADY_REGISTERED");
    let back = admin.patch(&place, "\"2\"", json!({"nik": nik(9001), "reason": "it was right"})).await.expect(200);
    assert_eq!((&back["nik"], &back["id"]), (&json!(nik(9001)), &made["id"]));
    assert_eq!(admin.post(LOOKUP, json!({"nik": nik(9002)})).await.expect(200)["id"], other["id"]);
}

on_both!(a_wrong_household_is_corrected);
async fn a_wrong_household_is_corrected(server: Server) {
    let admin = server.client().as_role("admin");
    let made = register(&admin, 9001, json!({})).await;
    let other = register(&admin, 9002, json!({"kk_number": "3275012001159008"})).await;
    let body = json!({"kk_number": "3275012001159008", "relation": "child", "village_code": OTHER_VILLAGE, "reason": "copied from the wrong card"});
    let corrected = admin.patch(&path_of(&made), "\"1\"", body).await.expect(200);
    assert_eq!((&corrected["household"], &corrected["relation"]), (&other["household"], &json!("child")));
    assert_eq!((&corrected["village_code"], &corrected["resident_since"]), (&json!(OTHER_VILLAGE), &json!("2015-03-01")));
    let former = admin.get(&household_of(&made)).await.expect(200);
    assert_eq!(former["members"], json!([]), "a correction says that it was never so");
    let history = admin.get(&format!("{}/history", path_of(&made))).await.expect(200);
    assert_eq!(history["items"][0]["changes"]["kk_number"], json!({"before": KK, "after": "3275012001159008"}));
    let fresh = json!({"kk_number": "3275012001159009", "reason": "a card of her own"});
    let fresh = admin.patch(&path_of(&made), "\"2\"", fresh).await.expect(200);
    assert!(fresh["household"] != made["household"] && fresh["household"] != other["household"]);
}

on_both!(how_long_someone_lives_here_takes_two_people);
async fn how_long_someone_lives_here_takes_two_people(server: Server) {
    let (registrar, admin) = (server.client().as_role("registrar"), server.client().as_role("admin"));
    let made = register(&registrar, 9001, json!({})).await;
    let place = path_of(&made);
    let proposal = json!({"resident_since": "2012-01-01", "reason": "older family card"});
    let proposed = registrar.patch(&place, "\"1\"", proposal.clone()).await.expect(200);
    assert_eq!(proposed["resident_since"], json!("2015-03-01"), "not yet");
    let change_of = |participant: &Value| format!("{place}/changes/{}/decision", participant["pending_changes"][0]["id"].as_str().expect("a change"));
    assert_eq!(
        (&proposed["pending_changes"][0]["old_value"], &proposed["pending_changes"][0]["new_value"]),
        (&json!("2015-03-01"), &json!("2012-01-01"))
    );
    let decide = change_of(&proposed);
    registrar.post(&decide, json!({"decision": "approve"})).await.expect_problem(409, "DECIDES_OWN_REQUEST");
    admin.post(&decide, json!({"decision": "perhaps"})).await.expect(422);
    let decided = admin.post(&decide, json!({"decision": "approve", "note": "seen"})).await.expect(200);
    assert_eq!((&decided["resident_since"], &decided["pending_changes"]), (&json!("2012-01-01"), &json!([])));
    admin.post(&decide, json!({"decision": "reject"})).await.expect_problem(409, "STATE_CONFLICT");

    let version = registrar.get(&place).await.header("etag").to_owned();
    let mut other = proposal;
    change(&mut other, json!({"resident_since": "2010-01-01"}));
    let proposed = registrar.patch(&place, &version, other).await.expect(200);
    let decided = admin.post(&change_of(&proposed), json!({"decision": "reject"})).await.expect(200);
    assert_eq!((&decided["resident_since"], &decided["pending_changes"]), (&json!("2012-01-01"), &json!([])));
    admin.post(&format!("{place}/changes/0190a000-0000-7000-8000-000000000000/decision"), json!({"decision": "reject"})).await.expect(404);
}
