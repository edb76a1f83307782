//! Who may decide on a request for enrolment, and for whom it can be granted.

use serde_json::json;

use super::enrollments::{ENROLLMENTS, all, decide, file};
use super::people::{PARTICIPANTS, nik, register};
use super::support::dated::{DatedServer, TODAY};
use super::support::on_both;
use super::support::small_city::PEOPLE;

on_both!(who_sends_a_request_in_does_not_decide_on_it);
async fn who_sends_a_request_in_does_not_decide_on_it(server: DatedServer) {
    let (registrar, counter, admin) = (server.client().as_role("registrar"), server.client().as_role("counter"), server.client().as_role("admin"));
    let returned = file(&counter, PEOPLE[0].0, json!({})).await;
    all(&admin, &returned, &["take", "return", "resubmit", "take"]).await;
    let draft = file(&counter, PEOPLE[1].0, json!({"submit": false})).await;
    all(&admin, &draft, &["submit", "take"]).await;
    for filed in [&returned, &draft] {
        decide(&admin, filed, "approve").await.expect_problem(409, "DECIDES_OWN_REQUEST");
        all(&registrar, filed, &["approve"]).await;
    }
}

on_both!(nobody_is_granted_what_they_cannot_have_any_more);
async fn nobody_is_granted_what_they_cannot_have_any_more(server: DatedServer) {
    let (counter, admin) = (server.client().as_role("counter"), server.client().as_role("admin"));
    let person = register(&server.client().as_role("registrar"), 9001, json!({})).await;
    let filed = file(&counter, &nik(9001), json!({})).await;
    all(&admin, &filed, &["take", "approve"]).await;
    let events = format!("{PARTICIPANTS}/{}/events", person["id"].as_str().unwrap());
    admin.post(&events, json!({"kind": "deceased", "date": TODAY})).await.expect(201);
    decide(&admin, &filed, "activate").await.expect_problem(409, "STATE_CONFLICT");
    all(&admin, &filed, &["revoke"]).await;

    // And the dead do not stand in the way of the others' cards.
    for serial in [9002, 9003] {
        register(&server.client().as_role("registrar"), serial, json!({"relation": "child"})).await;
        let filed = file(&counter, &nik(serial), json!({})).await;
        all(&admin, &filed, &["take", "approve", "activate"]).await;
        if serial == 9002 {
            let events = format!("{PARTICIPANTS}/{}/events", filed["participant_id"].as_str().unwrap());
            admin.post(&events, json!({"kind": "deceased", "date": TODAY})).await.expect(201);
        }
    }
    let batch = admin.post("/api/v1/card-batches", json!({"channel": "counter"})).await.expect(201);
    assert_eq!(batch["items"].as_array().unwrap().len(), 1, "{batch}");
    assert_eq!(batch["items"][0]["status"], 201, "{batch}");
}

on_both!(who_registered_somebody_without_a_nik_does_not_approve_either);
async fn who_registered_somebody_without_a_nik_does_not_approve_either(server: DatedServer) {
    let (registrar, admin, counter) = (server.client().as_role("registrar"), server.client().as_role("admin"), server.client().as_role("counter"));
    let mother = register(&counter, 9001, json!({})).await;
    let birth = json!({"mother_nik": nik(9001), "birth_date": TODAY, "sex": "F", "birth_order": 0});
    let child = admin.post("/api/v1/participants/newborns", birth).await.expect(201);
    let patient = admin.post("/api/v1/participants/temporary", json!({"reason": "unidentified"})).await.expect(201);
    for (who, status) in [(&child, 409), (&patient, 409), (&mother, 200)] {
        let body = json!({"participant_id": who["id"], "filed_by": {"kind": "officer"}, "channel": "counter"});
        let filed = registrar.post(ENROLLMENTS, body).await.expect(201);
        all(&registrar, &filed, &["take"]).await;
        assert_eq!(decide(&admin, &filed, "approve").await.status, status, "a birth is the child's, not the mother's");
    }
}
