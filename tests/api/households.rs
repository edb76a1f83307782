//! Families in one go, and what happens to households.

use serde_json::{Value, json};

use super::people::{HOUSEHOLDS, KK, LOOKUP, PARTICIPANTS, VILLAGE, change, faults, household_of, nik, path_of, person, register};
use super::support::client::Client;
use super::support::on_both;
use super::support::server::Server;

const NEW_KK: &str = "3275012001159008";

fn member(serial: u16, relation: &str, changes: Value) -> Value {
    let mut member = person(serial, json!({"kk_number": null, "village_code": null, "address": null, "relation": relation}));
    change(&mut member, changes);
    member
}

fn family(members: Value) -> Value {
    json!({"kk_number": KK, "village_code": VILLAGE, "address": "Jl. Kenanga 7", "members": members})
}

/// A head, a spouse and two children, and the path of their household.
async fn a_family(client: &Client) -> (String, Value) {
    let members = json!([
        member(9001, "head", json!({"name": "Bima Teladan"})),
        member(9002, "spouse", json!({})),
        member(9003, "child", json!({"name": "Citra Teladan"})),
        member(9004, "child", json!({"name": "Dewi Teladan"})),
    ]);
    let made = client.post(HOUSEHOLDS, family(members)).await;
    (made.header("location").to_owned(), made.expect(201))
}

fn ids(household: &Value) -> Vec<&str> {
    household["members"].as_array().expect("members").iter().map(|member| member["participant_id"].as_str().expect("an id")).collect()
}

/// Who still belongs to it, as "name relation".
fn current(household: &Value) -> Vec<String> {
    let members = household["members"].as_array().expect("members").iter();
    let mut current: Vec<String> = members
        .filter(|member| member["to"].is_null())
        .map(|member| format!("{} {}", member["name"].as_str().expect("a name"), member["relation"].as_str().expect("a relation")))
        .collect();
    current.sort();
    current
}

on_both!(a_family_is_registered_in_one_go);
async fn a_family_is_registered_in_one_go(server: Server) {
    let registrar = server.client().as_role("registrar");
    let (place, made) = a_family(&registrar).await;
    assert_eq!((&made["kk_number"], &made["village_code"]), (&json!(KK), &json!(VILLAGE)));
    assert_eq!(current(&made), ["Bima Teladan head", "Citra Teladan child", "Dewi Teladan child", "Wulan Teladan spouse"]);
    assert_eq!(registrar.get(&place).await.expect(200), made);

    let head = registrar.post(LOOKUP, json!({"nik": nik(9001)})).await.expect(200);
    assert_eq!((household_of(&head), &head["address"]), (place, &json!("Jl. Kenanga 7")));
    registrar.post(HOUSEHOLDS, family(json!([member(9009, "head", json!({}))]))).await.expect_problem(409, "KK_ALREADY_REGISTERED");
}

on_both!(a_family_is_registered_whole_or_not_at_all);
async fn a_family_is_registered_whole_or_not_at_all(server: Server) {
    let admin = server.client().as_role("admin");
    let (good, child) = (member(9001, "head", json!({})), member(9002, "child", json!({})));
    for (members, expected) in [
        (json!([]), vec!["/members TOO_FEW"]),
        (json!([child]), vec!["/members HEAD_COUNT"]),
        (json!([good, member(9002, "head", json!({}))]), vec!["/members HEAD_COUNT"]),
        (json!([good, member(9001, "child", json!({}))]), vec!["/members/1/nik NIK_REPEATED"]),
        (
            json!([good, member(9002, "child", json!({"name": "X Æ 12", "sex": 1})), member(9003, "child", json!({"nik": "1", "address": "here"}))]),
            vec!["/members/1/name NAME_CHARACTERS", "/members/1/sex WRONG_TYPE", "/members/2/address UNKNOWN_FIELD", "/members/2/nik NIK_FORMAT"],
        ),
    ] {
        assert_eq!(faults(&admin.post(HOUSEHOLDS, family(members)).await.expect(422)), expected);
    }
    let mut elsewhere = family(json!([good, child]));
    change(&mut elsewhere, json!({"village_code": "9999999999", "kk_number": 5}));
    assert_eq!(faults(&admin.post(HOUSEHOLDS, elsewhere).await.expect(422)), ["/kk_number KK_FORMAT", "/village_code VILLAGE_UNKNOWN"]);

    register(&admin, 9002, json!({"kk_number": NEW_KK})).await;
    let refused = admin.post(HOUSEHOLDS, family(json!([good, child]))).await.expect_problem(409, "NIK_ALREADY_REGISTERED");
    assert_eq!(refused["existing"]["pointers"], json!(["/members/1/nik"]));
    admin.post(LOOKUP, json!({"nik": nik(9001)})).await.expect_problem(404, "NOT_FOUND");
    register(&admin, 9001, json!({})).await;
}

on_both!(a_household_keeps_every_number_it_had);
async fn a_household_keeps_every_number_it_had(server: Server) {
    let admin = server.client().as_role("admin");
    let (place, _) = a_family(&admin).await;
    let events = format!("{place}/events");
    let event = json!({"kind": "renumbered", "date": "2026-01-10", "new_kk_number": NEW_KK});
    let renumbered = admin.post(&events, event).await.expect(201)["household"].clone();
    assert_eq!((&renumbered["kk_number"], &renumbered["former_kk_numbers"]), (&json!(NEW_KK), &json!([KK])));
    for number in [KK, NEW_KK] {
        let found = admin.post("/api/v1/participants/search", json!({"kk_number": number})).await.expect(200);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(4), "{number}");
        assert_eq!(household_of(&register(&admin, if number == KK { 9005 } else { 9006 }, json!({"kk_number": number})).await), place);
        let again = json!({"kind": "renumbered", "date": "2026-01-11", "new_kk_number": number});
        admin.post(&events, again).await.expect_problem(409, "KK_ALREADY_REGISTERED");
        if number == KK {
            // Those who joined by the old number are looked for under the new one too.
            let joined = admin.post(LOOKUP, json!({"nik": nik(9005)})).await.expect(200);
            admin
                .post(
                    &format!("{}/events", path_of(&joined)),
                    json!({"kind": "moved_in", "date": "2026-02-01", "village_code": VILLAGE, "kk_number": "3275012001159009"}),
                )
                .await
                .expect(201);
        }
    }
}

on_both!(a_household_splits);
async fn a_household_splits(server: Server) {
    let admin = server.client().as_role("admin");
    let (place, made) = a_family(&admin).await;
    let events = format!("{place}/events");
    let ids = ids(&made);
    let leaving = json!([{"participant_id": ids[2], "relation": "head"}, {"participant_id": ids[3], "relation": "sibling"}]);
    let event = json!({"kind": "split", "date": "2026-01-10", "new_kk_number": NEW_KK, "members": leaving});
    let split = admin.post(&events, event.clone()).await.expect(201);
    assert_eq!(current(&split["household"]), ["Bima Teladan head", "Wulan Teladan spouse"]);
    assert_eq!(current(&split["other_household"]), ["Citra Teladan head", "Dewi Teladan sibling"]);
    let left: Vec<&Value> = split["household"]["members"].as_array().unwrap().iter().filter(|member| !member["to"].is_null()).collect();
    assert!(left.len() == 2 && left.iter().all(|member| member["to"] == json!("2026-01-09")), "the day before");
    let citra = admin.post(LOOKUP, json!({"nik": nik(9003)})).await.expect(200);
    assert_eq!((&citra["kk_number"], &citra["relation"]), (&json!(NEW_KK), &json!("head")));
    assert_eq!(
        faults(&admin.post(&events, event).await.expect(422)),
        ["/members/0/participant_id NOT_A_MEMBER", "/members/1/participant_id NOT_A_MEMBER"]
    );
}

on_both!(what_an_event_of_a_household_needs);
async fn what_an_event_of_a_household_needs(server: Server) {
    let admin = server.client().as_role("admin");
    let (place, made) = a_family(&admin).await;
    let events = format!("{place}/events");
    let ids = ids(&made);
    let head = json!([{"participant_id": ids[1], "relation": "head"}]);
    let everyone: Vec<Value> =
        ids.iter().enumerate().map(|(at, id)| json!({"participant_id": id, "relation": if at == 0 { "head" } else { "child" }})).collect();
    for (event, expected) in [
        (json!({"kind": "split", "date": "2026-01-10"}), vec!["/members FIELD_MISSING", "/new_kk_number FIELD_MISSING"]),
        (
            json!({"kind": "renumbered", "date": "2999-01-01", "members": head}),
            vec!["/date DATE_IN_FUTURE", "/members FIELD_NOT_FOR_THIS_KIND", "/new_kk_number FIELD_MISSING"],
        ),
        (
            json!({"kind": "merged", "date": "2026-01-10", "new_kk_number": NEW_KK}),
            vec!["/new_kk_number FIELD_NOT_FOR_THIS_KIND", "/to_household_id FIELD_MISSING"],
        ),
        (
            json!({"kind": "head_changed", "date": "2026-01-10", "members": [{"participant_id": ids[1], "relation": "child"}]}),
            vec!["/members HEAD_COUNT"],
        ),
        (json!({"kind": "head_changed", "date": "2015-02-28", "members": head}), vec!["/date DATE_BEFORE_MEMBERSHIP"]),
        (json!({"kind": "split", "date": "2026-01-10", "new_kk_number": NEW_KK, "members": everyone}), vec!["/members SPLIT_TAKES_EVERYONE"]),
        (json!({"kind": "merged", "date": "2026-01-10", "to_household_id": made["id"]}), vec!["/to_household_id MERGE_TARGET"]),
        (
            json!({"kind": "merged", "date": "2026-01-10", "to_household_id": "0190a000-0000-7000-8000-000000000000"}),
            vec!["/to_household_id MERGE_TARGET"],
        ),
    ] {
        assert_eq!(faults(&admin.post(&events, event).await.expect(422)), expected);
    }
    assert_eq!(admin.get(&place).await.expect(200), made, "nothing has changed");
    admin.get(&format!("{HOUSEHOLDS}/{}", KK)).await.expect_problem(404, "NOT_FOUND");
    server.client().as_role("clinic").get(&place).await.expect_problem(403, "NOT_ALLOWED");
}

on_both!(a_household_gets_another_head_and_number);
async fn a_household_gets_another_head_and_number(server: Server) {
    let admin = server.client().as_role("admin");
    let (place, made) = a_family(&admin).await;
    let head = json!([{"participant_id": ids(&made)[1], "relation": "head"}]);
    let event = json!({"kind": "head_changed", "date": "2026-01-10", "members": head, "new_kk_number": NEW_KK});
    let changed = admin.post(&format!("{place}/events"), event).await.expect(201)["household"].clone();
    assert_eq!(current(&changed), ["Bima Teladan other", "Citra Teladan child", "Dewi Teladan child", "Wulan Teladan head"]);
    assert_eq!(changed["kk_number"], json!(NEW_KK));
}

on_both!(a_household_joins_another);
async fn a_household_joins_another(server: Server) {
    let admin = server.client().as_role("admin");
    let (place, _) = a_family(&admin).await;
    let alone = register(&admin, 9005, json!({"kk_number": NEW_KK, "name": "Eka Teladan"})).await;
    let event = json!({"kind": "merged", "date": "2026-01-10", "to_household_id": place.rsplit('/').next().unwrap()});
    let merged = admin.post(&format!("{}/events", household_of(&alone)), event).await.expect(201);
    assert_eq!(current(&merged["household"]), Vec::<String>::new());
    let expected = ["Bima Teladan head", "Citra Teladan child", "Dewi Teladan child", "Eka Teladan other", "Wulan Teladan spouse"];
    assert_eq!(current(&merged["other_household"]), expected);
    assert_eq!(household_of(&register(&admin, 9006, json!({"kk_number": NEW_KK})).await), place, "its number finds the one it joined");
    admin.post(PARTICIPANTS, person(9005, json!({}))).await.expect_problem(409, "NIK_ALREADY_REGISTERED");
    // Nothing more happens to what everybody has left, and nobody joins it.
    let empty = household_of(&alone);
    for (from, event) in [
        (&empty, json!({"kind": "merged", "date": "2026-01-11", "to_household_id": place.rsplit('/').next().unwrap()})),
        (&empty, json!({"kind": "renumbered", "date": "2026-01-11", "new_kk_number": "3275012001159019"})),
        (&place, json!({"kind": "merged", "date": "2026-01-11", "to_household_id": empty.rsplit('/').next().unwrap()})),
    ] {
        admin.post(&format!("{from}/events"), event).await.expect_problem(409, "STATE_CONFLICT");
    }
}

on_both!(what_is_odd_about_a_household_is_told);
async fn what_is_odd_about_a_household_is_told(server: Server) {
    let admin = server.client().as_role("admin");
    let (place, made) = a_family(&admin).await;
    let ids = ids(&made);
    let warnings = async || admin.get(&place).await.expect(200)["warnings"].clone();
    let happens = |who: usize| format!("{PARTICIPANTS}/{}/events", ids[who]);
    assert_eq!((&made["warnings"], warnings().await), (&json!([]), json!([])));

    let death = admin.post(&happens(0), json!({"kind": "deceased", "date": "2026-01-05"})).await.expect(201);
    assert_eq!(warnings().await, json!(["no_head"]), "its head has died");
    admin.post(&format!("{}/{}/revoke", happens(0), death["id"].as_str().unwrap()), json!({"reason": "another"})).await.expect(200);
    assert_eq!(warnings().await, json!([]));
    admin.post(&happens(0), json!({"kind": "deceased", "date": "2026-01-05"})).await.expect(201);
    let head = json!([{"participant_id": ids[1], "relation": "head"}]);
    let event = json!({"kind": "head_changed", "date": "2026-01-10", "members": head});
    let changed = admin.post(&format!("{place}/events"), event).await.expect(201);
    assert_eq!(changed["household"]["warnings"], json!([]), "the widow is head");

    admin.post(&happens(2), json!({"kind": "moved_in", "date": "2026-02-01", "village_code": "3275011002"})).await.expect(201);
    assert_eq!(warnings().await, json!(["members_in_different_villages"]));
    register(&admin, 9005, json!({})).await;
    assert_eq!(warnings().await, json!(["several_heads", "members_in_different_villages"]));
}
