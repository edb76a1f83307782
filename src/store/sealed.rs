//! What is inside the sealed cells, in the form in which it is kept: short names, strict in nothing, so that an older cell stays readable.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::id::Id;
use crate::domain::participants::Guess;
use crate::domain::registration::Relation;
use crate::domain::residency::VillageCode;

/// `participants.identity`: who a person is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub nik: String,
    pub name: String,
    pub birth_date: NaiveDate,
    /// Numbers that were corrected: they still find the person, and a new index key must hash them too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_niks: Vec<String>,
    /// What nobody knows yet: a stand-in is in its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guessed: Vec<Guess>,
}

impl Identity {
    /// The birth date, where it is known.
    pub fn known_birth_date(&self) -> Option<NaiveDate> {
        (!self.guessed.contains(&Guess::BirthDate)).then_some(self.birth_date)
    }

    /// The name, where it is known.
    pub fn known_name(&self) -> Option<&str> {
        (!self.guessed.contains(&Guess::Name)).then_some(self.name.as_str())
    }
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseholdCell {
    pub kk_number: String,
    pub address: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_kk_numbers: Vec<String>,
}

/// `enrollments.card`: the number that is printed on the card, if one was given.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct CardCell {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_number: Option<String>,
}

/// `participant_events.sealed`: what belongs to one event beside its kind and date.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCell {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub village_code: Option<VillageCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kk_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_participant_id: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The household that a move led into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_household: Option<Id>,
    /// The membership that a move has written over because it began on the same day, as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overwritten: Option<LeftMembership>,
}

/// `participant_changes.sealed`: why a change is asked for, and what was said when it was decided.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCell {
    pub old_value: Option<String>,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `merges.sealed`: the open membership of the record that goes, as it was.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeCell {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<LeftMembership>,
}

/// Where someone was before something else was written in its place.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftMembership {
    pub id: Id,
    pub household_id: Id,
    pub relation: Relation,
    pub from: NaiveDate,
}

/// `temporary_identities.sealed`: what was told when the identity was made.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemporaryCell {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dinsos_letter_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicting_nik: Option<String>,
}

/// `registry_cases.sealed`: the number that two people have, and what the civil registry said.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCell {
    pub nik: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
