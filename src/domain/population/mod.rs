//! The population office's file: what the civil registry says about a person as of a date, and what it means for ours where the two differ. It is a
//! second opinion: nothing here changes anyone.

mod comparing;

pub use comparing::{ComparedField, Difference, FieldPair, FindingCategory, FindingState, Registered, compare, is_same_person};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::jkn::{JknSegment, JknState};
use super::participants::Sex;
use super::residency::VillageCode;
use super::text_enum::text_enum;

text_enum! {
    /// How a person stands in the civil registry.
    CivilStatus { Active = "active", MovedOut = "moved_out", Deceased = "deceased", NikInactive = "nik_inactive" }
}

text_enum! {
    /// The life of a file's records: only those of the current one count.
    SnapshotState { Loading = "loading", Current = "current", Replaced = "replaced", Abandoned = "abandoned" }
}

text_enum! {
    /// How far a comparison has come. One whose file was replaced before its end is superseded.
    RunState { Loading = "loading", Comparing = "comparing", Done = "done", Superseded = "superseded", Abandoned = "abandoned" }
}

impl RunState {
    pub const fn is_finished(self) -> bool {
        match self {
            Self::Loading | Self::Comparing => false,
            Self::Done | Self::Superseded | Self::Abandoned => true,
        }
    }
}

/// What the file says about one person. It is sealed as it stands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct CivilRecord {
    pub nik: String,
    pub kk_number: String,
    pub name: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    /// Where the person lives, which may be outside the city.
    pub village_code: VillageCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<CivilStatus>,
    /// Since when that status holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_date: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident_since: Option<NaiveDate>,
    /// Both or neither of the two that tell of JKN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkn_segment: Option<JknSegment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkn_state: Option<JknState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_key: Option<String>,
}

#[cfg(test)]
mod tests;
