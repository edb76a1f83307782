//! Two records of one person: the preview, what the merge moves, and the un-merge that gives all of it back.

use serde_json::{Value, json};

use super::newborns::born;
use super::people::{HOUSEHOLDS, LOOKUP, faults, nik, path_of, register};
use super::questions::{CHECKS, ask, decision, question};
use super::support::client::Client;
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;

const OTHER_KK: &str = "3275012001159008";
const THIRD_KK: &str = "3275012001159009";

async fn tell(client: &Client, participant: &Value, event: Value) -> Value {
    client.post(&format!("{}/events", path_of(participant)), event).await.expect(201)
}

async fn merge(client: &Client, gone: &Value, into: &Value) -> Value {
    tell(client, gone, json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": into["id"]})).await
}

async fn revoke(client: &Client, participant: &Value, event: &Value) {
    let path = format!("{}/events/{}/revoke", path_of(participant), event["id"].as_str().expect("an id"));
    client.post(&path, json!({"reason": "two people after all"})).await.expect(200);
}

async fn preview(client: &Client, gone: &Value, into: &Value) -> Value {
    client.post(&format!("{}/merge-preview", path_of(gone)), json!({"to_participant_id": into["id"]})).await.expect(200)
}

async fn found(client: &Client, serial: u16) -> Value {
    client.post(LOOKUP, json!({"nik": nik(serial)})).await.expect(200)["id"].clone()
}

/// Files a request and brings it as far as these decisions.
async fn enroll(server: &DatedServer, serial: u16, decisions: &[&str]) -> Value {
    let (admin, second) = (server.client().as_role("admin"), server.client().as_role("registrar"));
    let body = json!({"nik": nik(serial), "filed_by": {"kind": "officer"}, "channel": "counter", "submit": true});
    let filed = admin.post("/api/v1/enrollments", body).await.expect(201);
    for decision in decisions {
        let path = format!("/api/v1/enrollments/{}/decisions", filed["id"].as_str().expect("an id"));
        second.post(&path, json!({"decision": decision})).await.expect(200);
    }
    filed
}

async fn enrollment(client: &Client, enrollment: &Value) -> Value {
    client.get(&format!("/api/v1/enrollments/{}", enrollment["id"].as_str().expect("an id"))).await.expect(200)
}

/// What a clerk sees of a record, without its version.
async fn seen(client: &Client, participant: &Value) -> Value {
    let mut seen = client.get(&path_of(participant)).await.expect(200);
    let fields = seen.as_object_mut().expect("an object");
    for field in ["version", "updated_at"] {
        fields.remove(field);
    }
    seen
}

on_both!(a_merge_moves_what_its_preview_says_and_an_unmerge_gives_it_back);
async fn a_merge_moves_what_its_preview_says_and_an_unmerge_gives_it_back(server: DatedServer) {
    let (admin, hospital) = (server.client().as_role("admin"), server.client().as_role("hospital"));
    let stays = register(&admin, 9001, json!({})).await;
    let goes = register(&admin, 9002, json!({"kk_number": OTHER_KK, "name": "Wulan Teladan"})).await;
    let child = born(&admin, json!({"mother_nik": nik(9002)})).await;
    let steps = ["take", "approve", "activate"];
    let (kept, expires) = (enroll(&server, 9001, &steps).await, enroll(&server, 9002, &steps).await);
    ask(&hospital, question(json!({"nik": nik(9001)}))).await;
    let of_gone = ask(&hospital, question(json!({"nik": nik(9002)}))).await;
    let before = (seen(&admin, &goes).await, seen(&admin, &stays).await, enrollment(&admin, &expires).await["state"].clone());

    let told = preview(&admin, &goes, &stays).await;
    assert_eq!((&told["possible"], &told["obstacles"]), (&json!(true), &json!([])));
    assert_eq!(told["warnings"], json!(["both_enrolled", "both_in_households", "head_leaves"]));
    let moves = json!({"niks": 1, "merged_records": [], "newborns": [child["id"]], "cards": 1, "checks": 1,
        "enrollment": {"id": expires["id"], "number": expires["number"], "state": "active", "expires": true},
        "kept_enrollment": {"id": kept["id"], "number": kept["number"], "state": "active", "expires": false},
        "left_household_id": goes["household"]["id"], "temporary_identity": false});
    assert_eq!(told["moves"], moves);
    assert_eq!(seen(&admin, &goes).await, before.0, "a preview changes nothing");

    merge(&admin, &goes, &stays).await;
    assert_eq!((found(&admin, 9001).await, found(&admin, 9002).await), (stays["id"].clone(), stays["id"].clone()));
    assert_eq!(
        (enrollment(&admin, &expires).await["state"].clone(), enrollment(&admin, &kept).await["state"].clone()),
        (json!("expired"), json!("active"))
    );
    let family = admin.get(&format!("{HOUSEHOLDS}/{}", goes["household"]["id"].as_str().expect("an id"))).await.expect(200);
    let open: Vec<&Value> = family["members"].as_array().expect("a list").iter().filter(|member| member["to"].is_null()).collect();
    assert_eq!(open.iter().map(|member| &member["participant_id"]).collect::<Vec<_>>(), [&child["id"]], "the child stays on the family card");
    let checks = admin.get(&format!("{CHECKS}?participant_id={}", stays["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!(checks["items"].as_array().expect("a list").len(), 2, "checks of both are found under the one that stays");
    assert_eq!(
        hospital.get(&format!("{CHECKS}/{}", of_gone["id"].as_str().expect("an id"))).await.expect(200)["participant"],
        of_gone["participant"]
    );
    for who in [json!({"nik": nik(9002)}), json!({"participant_id": goes["id"]})] {
        let check = ask(&hospital, question(who)).await;
        assert_eq!((decision(&check), &check["participant"]["id"]), ("eligible", &stays["id"]));
    }
    for mother in [9001, 9002] {
        let of_child = json!({"mother_nik": nik(mother), "birth_date": "2026-11-11", "birth_order": 0});
        assert_eq!(ask(&hospital, question(of_child)).await["participant"]["id"], child["id"], "{mother}");
    }
    let twice = json!({"mother_nik": nik(9001), "birth_date": "2026-11-11", "sex": "F", "birth_order": 0});
    let problem = admin.post("/api/v1/participants/newborns", twice).await.expect_problem(409, "NEWBORN_ALREADY_REGISTERED");
    assert_eq!(problem["existing"], json!({"participant_ids": [child["id"]]}));

    let unmerged = tell(&admin, &goes, json!({"kind": "unmerged", "date": TODAY})).await;
    let after = (seen(&admin, &goes).await, seen(&admin, &stays).await, enrollment(&admin, &expires).await["state"].clone());
    assert_eq!(after, before, "an un-merge gives back what was");
    assert_eq!(found(&admin, 9002).await, goes["id"]);
    for (who, kinds) in [(&goes, vec!["merged", "unmerged"]), (&stays, vec!["merged", "unmerged"])] {
        let history = admin.get(&format!("{}/history", path_of(who))).await.expect(200);
        let told = history["items"].as_array().expect("a list").iter().filter(|item| item["details"]["participant_id"] == goes["id"]);
        let mut told: Vec<&str> = told.map(|item| item["details"]["kind"].as_str().expect("a kind")).collect();
        told.reverse();
        assert_eq!(told, kinds, "both sides have it in their history");
    }
    revoke(&admin, &goes, &unmerged).await;
    assert_eq!(found(&admin, 9002).await, stays["id"], "and the un-merge is taken back");
}

on_both!(nobody_hides_an_insurance_in_a_merge);
async fn nobody_hides_an_insurance_in_a_merge(server: DatedServer) {
    let (admin, hospital) = (server.client().as_role("admin"), server.client().as_role("hospital"));
    let stays = register(&admin, 9001, json!({})).await;
    let goes = register(&admin, 9002, json!({"kk_number": OTHER_KK})).await;
    let status = json!({"segment": "PPU", "state": "active", "valid_from": "2024-01-01"});
    admin.put(&format!("{}/jkn-status", path_of(&goes)), status).await.expect(201);
    let refused = async |serial: u16| {
        let check = ask(&hospital, question(json!({"nik": nik(serial)}))).await;
        check["reasons"].as_array().expect("a list").iter().any(|reason| reason["code"] == "JKN_ACTIVE" && reason["outcome"] == "fail")
    };
    assert_eq!((refused(9001).await, refused(9002).await), (false, true));
    merge(&admin, &goes, &stays).await;
    assert_eq!((refused(9001).await, refused(9002).await), (true, true), "whoever is insured under one record is insured");
    assert_eq!(admin.get(&path_of(&stays)).await.expect(200)["jkn"]["segment"], "PPU");
    let told = admin.get(&format!("{}/jkn-statuses", path_of(&stays))).await.expect(200);
    assert_eq!(told["items"].as_array().expect("a list").len(), 1, "{told}");
    tell(&admin, &goes, json!({"kind": "unmerged", "date": TODAY})).await;
    assert_eq!((refused(9001).await, refused(9002).await), (false, true));
}

on_both!(what_was_granted_does_not_give_way_to_a_draft);
async fn what_was_granted_does_not_give_way_to_a_draft(server: DatedServer) {
    let admin = server.client().as_role("admin");
    let stays = register(&admin, 9001, json!({})).await;
    let goes = register(&admin, 9002, json!({"kk_number": OTHER_KK})).await;
    let (asked, granted) = (enroll(&server, 9001, &[]).await, enroll(&server, 9002, &["take", "approve", "activate"]).await);
    let told = preview(&admin, &goes, &stays).await;
    assert_eq!((&told["moves"]["enrollment"]["expires"], &told["moves"]["kept_enrollment"]["expires"]), (&json!(false), &json!(true)));
    merge(&admin, &goes, &stays).await;
    let states = async || (enrollment(&admin, &asked).await["state"].clone(), enrollment(&admin, &granted).await["state"].clone());
    assert_eq!(states().await, (json!("expired"), json!("active")));
    tell(&admin, &goes, json!({"kind": "unmerged", "date": TODAY})).await;
    assert_eq!(states().await, (json!("submitted"), json!("active")), "an un-merge gives it back");
}

on_both!(what_stands_in_the_way_of_a_merge_is_told_before);
async fn what_stands_in_the_way_of_a_merge_is_told_before(server: DatedServer) {
    let admin = server.client().as_role("admin");
    let stays = register(&admin, 9001, json!({})).await;
    let goes =
        register(&admin, 9002, json!({"kk_number": OTHER_KK, "sex": "M", "birth_date": "1990-02-16", "name": "Budi Lain", "relation": "other"}))
            .await;
    for who in [&stays, &goes] {
        let status = json!({"segment": "PPU", "state": "inactive", "valid_from": "2024-01-01"});
        admin.put(&format!("{}/jkn-status", path_of(who)), status).await.expect(201);
    }
    let told = preview(&admin, &goes, &stays).await;
    let warnings = json!(["sex_differs", "birth_date_differs", "name_differs", "both_in_households", "jkn_periods_overlap"]);
    assert_eq!((&told["possible"], &told["warnings"]), (&json!(true), &warnings));

    let temporary = admin.post("/api/v1/participants/temporary", json!({"reason": "no_nik"})).await.expect(201);
    let third = register(&admin, 9003, json!({"kk_number": THIRD_KK})).await;
    merge(&admin, &goes, &stays).await;
    for (one, into, obstacles) in [
        (&stays, &stays, json!(["same_record"])),
        (&goes, &third, json!(["already_merged"])),
        (&third, &goes, json!(["target_is_merged"])),
        (&third, &temporary, json!(["target_has_no_nik"])),
        (&temporary, &third, json!([])),
    ] {
        let told = preview(&admin, one, into).await;
        assert_eq!((&told["obstacles"], &told["possible"]), (&obstacles, &json!(obstacles == json!([]))));
        let body = json!({"kind": "merged", "date": "2026-11-20", "to_participant_id": into["id"]});
        let status = admin.post(&format!("{}/events/preview", path_of(one)), body).await.status;
        assert_eq!(status == 200, obstacles == json!([]), "the merge says the same");
    }
    let nobody = json!({"to_participant_id": "0190a000-0000-7000-8000-000000000000"});
    let refused = admin.post(&format!("{}/merge-preview", path_of(&third)), nobody).await;
    assert_eq!(faults(&refused.expect(422)), ["/to_participant_id MERGE_TARGET"]);
}

on_both!(a_chain_of_merges_comes_apart_wherever_it_is_cut);
async fn a_chain_of_merges_comes_apart_wherever_it_is_cut(server: DatedServer) {
    let admin = server.client().as_role("admin");
    let a = register(&admin, 9001, json!({})).await;
    let b = register(&admin, 9002, json!({"kk_number": OTHER_KK})).await;
    let c = register(&admin, 9003, json!({"kk_number": THIRD_KK})).await;
    let all = async || [found(&admin, 9001).await, found(&admin, 9002).await, found(&admin, 9003).await];
    let ids = |people: [&Value; 3]| people.map(|who| who["id"].clone());
    let enrolled = enroll(&server, 9001, &["take", "approve", "activate"]).await;

    let first = merge(&admin, &a, &b).await;
    let body = json!({"nik": nik(9002), "filed_by": {"kind": "officer"}, "channel": "counter"});
    let problem = admin.post("/api/v1/enrollments", body).await.expect_problem(409, "ENROLLMENT_EXISTS");
    assert_eq!(problem["existing"]["id"], enrolled["id"], "the enrolment of the merged record is that of who stays");
    let of_c = enroll(&server, 9003, &["take", "approve", "activate"]).await;
    let second = merge(&admin, &b, &c).await;
    assert_eq!(all().await, ids([&c, &c, &c]));
    assert_eq!(enrollment(&admin, &enrolled).await["state"], "expired");

    tell(&admin, &a, json!({"kind": "unmerged", "date": TODAY})).await;
    assert_eq!(all().await, ids([&a, &c, &c]), "the first goes, the others stay one");
    assert_eq!((&enrollment(&admin, &enrolled).await["state"], &enrollment(&admin, &of_c).await["state"]), (&json!("active"), &json!("active")));
    revoke(&admin, &b, &second).await;
    assert_eq!(all().await, ids([&a, &b, &c]));

    let told = admin.post(&format!("{}/events/{}/revoke", path_of(&a), first["id"].as_str().expect("an id")), json!({"reason": "x"})).await;
    assert_eq!(told.expect(200)["participant_state"], "active", "a merge that was undone can be revoked as well");
    assert_eq!(all().await, ids([&a, &b, &c]));
}

on_both!(what_is_told_to_a_merged_record_is_sent_to_the_one_that_stays);
async fn what_is_told_to_a_merged_record_is_sent_to_the_one_that_stays(server: DatedServer) {
    let admin = server.client().as_role("admin");
    let stays = register(&admin, 9001, json!({})).await;
    let goes = register(&admin, 9002, json!({"kk_number": OTHER_KK})).await;
    let suspended = tell(&admin, &goes, json!({"kind": "suspended", "date": "2026-11-01"})).await;
    merge(&admin, &goes, &stays).await;
    let place = path_of(&goes);
    let revocation = format!("{place}/events/{}/revoke", suspended["id"].as_str().expect("an id"));
    let patched = admin.request(reqwest::Method::PATCH, &place).header("If-Match", "\"3\"").json(&json!({"name": "Lain", "reason": "x"}));
    for answer in [
        admin.post(&format!("{place}/events"), json!({"kind": "deceased", "date": TODAY})).await,
        admin.post(&revocation, json!({"reason": "x"})).await,
        admin.put(&format!("{place}/jkn-status"), json!({"segment": "PPU", "state": "active", "valid_from": "2024-01-01"})).await,
        admin.send(patched).await,
    ] {
        let problem = answer.expect_problem(409, "STATE_CONFLICT");
        assert_eq!(problem["existing"], json!({"participant_id": stays["id"]}));
    }
}
