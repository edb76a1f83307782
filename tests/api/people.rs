//! People for the registry's tests: every test makes its own, from serials that no real person has.

use serde_json::{Value, json};

use super::support::client::Client;

pub const PARTICIPANTS: &str = "/api/v1/participants";
pub const LOOKUP: &str = "/api/v1/participants/lookup";
pub const SEARCH: &str = "/api/v1/participants/search";
pub const HOUSEHOLDS: &str = "/api/v1/households";

pub const KK: &str = "3275012001159007";
pub const VILLAGE: &str = "3275011001";
pub const OTHER_VILLAGE: &str = "3275011002";

/// The NIK of a woman born on 1990-02-15, with this serial.
pub fn nik(serial: u16) -> String {
    format!("327501550290{serial:04}")
}

/// A registration that is right, with these changes; null takes a field away.
pub fn person(serial: u16, changes: Value) -> Value {
    let mut body = json!({"nik": nik(serial), "kk_number": KK, "relation": "head", "name": "Wulan Teladan", "birth_date": "1990-02-15", "sex": "F",
        "village_code": VILLAGE, "rt": "003", "rw": "012", "address": "Jl. Kenanga 7", "phone": "081200000007", "resident_since": "2015-03-01",
        "mother_name": "Ratna Teladan"});
    change(&mut body, changes);
    body
}

pub fn change(body: &mut Value, changes: Value) {
    let body = body.as_object_mut().expect("an object");
    for (field, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            body.remove(field);
        } else {
            body.insert(field.clone(), value.clone());
        }
    }
}

pub async fn register(client: &Client, serial: u16, changes: Value) -> Value {
    client.post(PARTICIPANTS, person(serial, changes)).await.expect(201)
}

pub fn path_of(participant: &Value) -> String {
    format!("{PARTICIPANTS}/{}", participant["id"].as_str().expect("an id"))
}

pub fn household_of(participant: &Value) -> String {
    format!("{HOUSEHOLDS}/{}", participant["household"]["id"].as_str().expect("an id"))
}

/// The faults of a problem as "pointer CODE", in order.
pub fn faults(problem: &Value) -> Vec<String> {
    let mut faults: Vec<String> = problem["errors"]
        .as_array()
        .expect("a list of faults")
        .iter()
        .map(|fault| format!("{} {}", fault["pointer"].as_str().expect("a pointer"), fault["code"].as_str().expect("a code")))
        .collect();
    faults.sort();
    faults
}
