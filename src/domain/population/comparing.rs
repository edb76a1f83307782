//! Comparing: what the registry knows of a person beside what the file says under the same NIK. Pure, and it changes nothing: a person decides.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{CivilRecord, CivilStatus};
use crate::domain::jkn::{JknPeriod, JknState};
use crate::domain::names;
use crate::domain::participants::{ParticipantState, Sex};
use crate::domain::residency::VillageCode;
use crate::domain::text_enum::text_enum;

text_enum! {
    /// What a difference is about.
    FindingCategory {
        /// Registered and living here, and the file does not have the NIK, or says that it is not in use.
        NotFound = "not_found",
        /// The file has the person in another village, or out of the city, or back in it.
        Moved = "moved",
        /// One NIK with several people in the file, or two registered people whom the file has as one.
        Duplicate = "duplicate",
        /// Name, birth date, sex or KK number.
        Different = "different",
        /// One of the two says that the person has died.
        Deceased = "deceased",
        JknChanged = "jkn_changed",
    }
}

text_enum! {
    /// What becomes of a finding. A file that no longer shows it resolves it.
    FindingState { Open = "open", Applied = "applied", Dismissed = "dismissed", Resolved = "resolved" }
}

text_enum! {
    /// What is compared.
    ComparedField {
        Status = "status", VillageCode = "village_code", Name = "name", BirthDate = "birth_date", Sex = "sex", KkNumber = "kk_number",
        JknSegment = "jkn_segment", JknState = "jkn_state",
    }
}

/// What the registry knows of a person. What nobody knows yet is not compared.
#[derive(Clone)]
pub struct Registered<'a> {
    pub state: ParticipantState,
    pub name: Option<&'a str>,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<Sex>,
    pub kk_number: Option<&'a str>,
    pub village_code: VillageCode,
    /// The period that holds on the file's date.
    pub jkn: Option<JknPeriod>,
}

/// One field on both sides; `None` where a side says nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldPair {
    pub field: ComparedField,
    pub registry: Option<String>,
    pub file: Option<String>,
}

/// A difference with all that a decision needs. The same difference is the same content, in whichever file it shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub category: FindingCategory,
    /// Since when, if the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<NaiveDate>,
    pub fields: Vec<FieldPair>,
}

/// Everything in which the two differ; nothing where they agree. `said` has no record where the file does not have the NIK.
pub fn compare(known: &Registered<'_>, said: &[CivilRecord], city: &str) -> Vec<Difference> {
    // A record that stands for nobody of its own is compared with nothing.
    if matches!(known.state, ParticipantState::Merged | ParticipantState::Temporary) {
        return Vec::new();
    }
    let Some((first, more)) = said.split_first() else { return not_in_file(known) };
    if more.iter().any(|other| !is_same_person(first, other)) {
        return vec![given_twice(known, said)];
    }
    // Of several rows about one person the one that agrees most is meant: the others are left-overs of the same register.
    said.iter().map(|record| with_record(known, record, city)).min_by_key(Vec::len).unwrap_or_default()
}

pub fn is_same_person(one: &CivilRecord, other: &CivilRecord) -> bool {
    one.birth_date == other.birth_date && names::same(&one.name, &other.name)
}

fn not_in_file(known: &Registered<'_>) -> Vec<Difference> {
    if is_alive_and_here(known.state) { vec![unusable(known, None)] } else { Vec::new() }
}

/// Someone whose record is not live for another reason needs no second one.
const fn is_alive_and_here(state: ParticipantState) -> bool {
    match state {
        ParticipantState::Active => true,
        ParticipantState::MovedOut | ParticipantState::Deceased | ParticipantState::Suspended | ParticipantState::NikInactive => false,
        ParticipantState::Duplicate | ParticipantState::Temporary | ParticipantState::Merged => false,
    }
}

fn unusable(known: &Registered<'_>, said: Option<&CivilRecord>) -> Difference {
    let status = FieldPair {
        field: ComparedField::Status,
        registry: Some(known.state.to_string()),
        file: said.and_then(|record| record.status).map(|status| status.to_string()),
    };
    Difference { category: FindingCategory::NotFound, since: said.and_then(|record| record.status_date), fields: vec![status] }
}

fn given_twice(known: &Registered<'_>, said: &[CivilRecord]) -> Difference {
    let mut fields = Vec::with_capacity(said.len() * 2);
    for record in said {
        fields.push(pair(ComparedField::Name, known.name, Some(&record.name)));
        fields.push(pair(ComparedField::BirthDate, known.birth_date, Some(record.birth_date)));
    }
    Difference { category: FindingCategory::Duplicate, since: None, fields }
}

fn with_record(known: &Registered<'_>, record: &CivilRecord, city: &str) -> Vec<Difference> {
    if let Some(life) = life(known, record) {
        // While it is open whether someone lives, nothing else about them is worth a decision.
        return vec![life];
    }
    let mut found = Vec::new();
    let is_dead = known.state == ParticipantState::Deceased;
    if record.status == Some(CivilStatus::NikInactive) {
        found.extend(is_alive_and_here(known.state).then(|| unusable(known, Some(record))));
    } else if !is_dead {
        found.extend(moved(known, record, city));
    }
    found.extend(different(known, record, is_here(record, city) && known.state != ParticipantState::MovedOut));
    if !is_dead {
        found.extend(jkn_changed(known, record));
    }
    found
}

fn life(known: &Registered<'_>, record: &CivilRecord) -> Option<Difference> {
    let says_dead = record.status == Some(CivilStatus::Deceased);
    // To have moved out or to have an unusable number says nothing about being alive.
    let says_alive = matches!(record.status, None | Some(CivilStatus::Active));
    let differs = match known.state {
        ParticipantState::Deceased => says_alive,
        ParticipantState::Active | ParticipantState::MovedOut | ParticipantState::Suspended | ParticipantState::NikInactive => says_dead,
        ParticipantState::Duplicate | ParticipantState::Temporary | ParticipantState::Merged => says_dead,
    };
    let status = || FieldPair {
        field: ComparedField::Status,
        registry: Some(known.state.to_string()),
        file: Some(record.status.unwrap_or(CivilStatus::Active).to_string()),
    };
    differs.then(|| Difference { category: FindingCategory::Deceased, since: record.status_date.filter(|_| says_dead), fields: vec![status()] })
}

fn is_here(record: &CivilRecord, city: &str) -> bool {
    record.status != Some(CivilStatus::MovedOut) && record.village_code.is_in(city)
}

/// Where the file has someone elsewhere. Its status outweighs its village: who has moved out may still stand under the old one.
fn moved(known: &Registered<'_>, record: &CivilRecord, city: &str) -> Option<Difference> {
    let (was_here, is_here) = (known.state != ParticipantState::MovedOut, is_here(record, city));
    if (!was_here && !is_here) || (was_here && is_here && known.village_code == record.village_code) {
        return None;
    }
    let mut fields = Vec::new();
    if was_here != is_here {
        let file = if is_here { CivilStatus::Active } else { CivilStatus::MovedOut };
        fields.push(pair(ComparedField::Status, Some(known.state), Some(file)));
    }
    if known.village_code != record.village_code {
        fields.push(pair(ComparedField::VillageCode, Some(known.village_code), Some(record.village_code)));
    }
    let since = if is_here { record.resident_since } else { record.status_date };
    Some(Difference { category: FindingCategory::Moved, since, fields })
}

fn different(known: &Registered<'_>, record: &CivilRecord, with_card: bool) -> Option<Difference> {
    let mut fields = Vec::new();
    if known.name.is_some_and(|name| !names::same(name, &record.name)) {
        fields.push(pair(ComparedField::Name, known.name, Some(&record.name)));
    }
    if known.birth_date.is_some_and(|date| date != record.birth_date) {
        fields.push(pair(ComparedField::BirthDate, known.birth_date, Some(record.birth_date)));
    }
    if known.sex.is_some_and(|sex| sex != record.sex) {
        fields.push(pair(ComparedField::Sex, known.sex, Some(record.sex)));
    }
    // Whoever leaves the city leaves the family card, which is the new place's to write.
    if with_card && known.kk_number != Some(record.kk_number.as_str()) {
        fields.push(pair(ComparedField::KkNumber, known.kk_number, Some(&record.kk_number)));
    }
    (!fields.is_empty()).then_some(Difference { category: FindingCategory::Different, since: None, fields })
}

/// A file without a word about JKN says nothing about it; not to be a member and to be an inactive one come to the same.
fn jkn_changed(known: &Registered<'_>, record: &CivilRecord) -> Option<Difference> {
    let (segment, state) = record.jkn_segment.zip(record.jkn_state)?;
    let differs = match known.jkn {
        Some(period) => (period.segment, period.state) != (segment, state),
        None => state == JknState::Active,
    };
    let fields = || {
        vec![
            pair(ComparedField::JknSegment, known.jkn.map(|period| period.segment), Some(segment)),
            pair(ComparedField::JknState, known.jkn.map(|period| period.state), Some(state)),
        ]
    };
    differs.then(|| Difference { category: FindingCategory::JknChanged, since: None, fields: fields() })
}

fn pair(field: ComparedField, registry: Option<impl ToString>, file: Option<impl ToString>) -> FieldPair {
    FieldPair { field, registry: registry.map(|value| value.to_string()), file: file.map(|value| value.to_string()) }
}

impl Difference {
    /// Two registered people whom the file has as one.
    pub fn two_of_one(name: &str, birth_date: NaiveDate) -> Self {
        let fields = vec![pair(ComparedField::Name, Some(name), None::<&str>), pair(ComparedField::BirthDate, Some(birth_date), None::<NaiveDate>)];
        Self { category: FindingCategory::Duplicate, since: None, fields }
    }

    /// What the file says of a field.
    pub fn said(&self, field: ComparedField) -> Option<&str> {
        self.fields.iter().find(|pair| pair.field == field)?.file.as_deref()
    }

    /// Could the registry have learned of it only after the file was made? Then the file is behind, and that is no difference.
    pub const fn ages(&self) -> bool {
        match self.category {
            FindingCategory::Moved | FindingCategory::Deceased => true,
            FindingCategory::NotFound | FindingCategory::Duplicate | FindingCategory::Different | FindingCategory::JknChanged => false,
        }
    }
}
