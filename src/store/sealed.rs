//! What is inside the sealed cells, in the form in which it is kept: short names, strict in nothing, so that an older cell stays readable.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// `participants.identity`: who a person is.
#[derive(Clone, Serialize, Deserialize)]
pub struct Identity {
    pub nik: String,
    pub name: String,
    pub birth_date: NaiveDate,
}

/// `participants.contact`: where a person can be found. The hot path never opens it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub address: String,
    pub rt: String,
    pub rw: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mother_name: Option<String>,
}

/// `households.sealed`.
#[derive(Clone, Serialize, Deserialize)]
pub struct HouseholdCell {
    pub kk_number: String,
    pub address: String,
}

/// `enrollments.card`: the number that is printed on the card, if one was given.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct CardCell {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_number: Option<String>,
}
