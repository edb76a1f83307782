//! Rule sets: each phase of the law with its parameters, chosen by the date of service. The same person has another answer on another date.

mod load;
mod money;
mod papers;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;

use super::eligibility::{RuleCode, Source, SpecialGroup, WardClass};
use super::facilities::FacilityKind;
use super::files::ContentHash;
use super::jkn::JknSegment;
use super::rupiah::Rupiah;
use super::text_enum::text_enum;
use super::time::{DateRange, UtcTime};

pub use load::RuleSets;
pub use money::{Claims, DoubleFunding, Letters};
pub use papers::PaperSets;

text_enum! {
    /// Which date of a stay chooses the rule set and is judged by it.
    GoverningDate { Admission = "admission", Discharge = "discharge" }
}

text_enum! {
    /// How strictly government hospitals come first.
    GovernmentFirst {
        NotAsked = "not_asked", WarnWithoutReason = "warn_without_reason", FailWithoutReason = "fail_without_reason", Only = "only",
    }
}

text_enum! {
    /// What an answer is worth while a source is away and its last snapshot is used.
    WhenAway { Provisional = "provisional", Undetermined = "undetermined" }
}

/// One phase of the law.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    pub code: String,
    /// Grows with every change of a file whose code has already answered checks.
    pub revision: u32,
    pub valid_from: NaiveDate,
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    pub governing_date: GoverningDate,
    /// How many days after the date of service an answer is still good; 0 is the end of that date.
    pub answer_valid_days: u32,
    pub legal_basis: Vec<LegalBasis>,
    pub residence: Residence,
    pub jkn: Jkn,
    pub enrollment: Enrollment,
    pub papers: Papers,
    pub newborn: Newborn,
    pub income: Income,
    pub referral: Referral,
    pub ward: Ward,
    pub facility: Facility,
    pub services: Services,
    pub special_groups: BTreeMap<SpecialGroup, Group>,
    pub emergency: Emergency,
    pub sources: Sources,
    #[serde(default = "Letters::unspoken")]
    pub letters: Letters,
    #[serde(default = "Claims::unspoken")]
    pub claims: Claims,
    #[serde(skip)]
    pub(super) canonical: String,
    #[serde(skip, default = "no_hash")]
    pub(super) hash: ContentHash,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    pub instrument: String,
    pub about: String,
    /// Marks of where this is known from.
    pub sources: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residence {
    /// The region code that a village must begin with.
    pub city: String,
    pub min_months: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jkn {
    /// Members of these segments are not served while their membership is active.
    pub barred: BTreeSet<JknSegment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrollment {
    pub required: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Papers {
    /// Any one of these sets is enough.
    pub accepted: PaperSets,
    /// A valid card of the scheme stands for all of them.
    pub card_suffices: bool,
    /// Nobody younger has a KTP-el, so nobody younger is asked for it.
    pub ktp_el_from_age: u16,
}

/// Children who have no NIK yet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newborn {
    /// Until this day of life the mother's standing is the child's.
    pub through_mother_days: u32,
    /// From then to this age the child is covered with a warning; after it only with a NIK.
    pub nik_after_months: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Income {
    #[serde(default)]
    pub monthly_limit: Option<Rupiah>,
    /// Papers that stand for the amount, such as that of someone who has just been dismissed.
    pub papers_instead: PaperSets,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referral {
    /// For outpatient care at a hospital. Emergencies and inpatients are never asked.
    pub required: bool,
    pub valid_days: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ward {
    pub covered: BTreeSet<WardClass>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facility {
    /// Kinds that the city runs itself: its own need no contract with it.
    pub own_kinds: BTreeSet<FacilityKind>,
    pub government_first: GovernmentFirst,
    /// The kinds that are asked whether they are the government's.
    pub government_kinds: BTreeSet<FacilityKind>,
    pub emergency_exempt: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Services {
    pub warn_primary_care_diagnoses: bool,
    pub refuse_excluded: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub papers: PaperSets,
    /// Rules that these papers answer once they are shown.
    pub stands_for: BTreeSet<RuleCode>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    pub curable_in_emergency: BTreeSet<RuleCode>,
    pub complete_within_hours: u32,
    pub extension_hours: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// An older snapshot is no snapshot.
    pub snapshot_max_age_days: u32,
    pub when_away: BTreeMap<Source, WhenAway>,
}

fn no_hash() -> ContentHash {
    ContentHash::from_bytes([0; 32])
}

impl RuleSet {
    pub fn range(&self) -> DateRange {
        DateRange { from: self.valid_from, to: self.valid_to }
    }

    /// Of what the file says, without comments and layout.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// What the file says, as JSON with sorted keys: kept once for each hash, so that a recorded check can be decided again by its own rules.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// When the missing papers of a provisional answer must be there.
    pub fn complete_by(&self, checked_at: UtcTime) -> UtcTime {
        checked_at.plus(chrono::Duration::hours(i64::from(self.emergency.complete_within_hours)))
    }

    /// The same after the one extension that may be asked for.
    pub fn extended_complete_by(&self, checked_at: UtcTime) -> UtcTime {
        self.complete_by(checked_at).plus(chrono::Duration::hours(i64::from(self.emergency.extension_hours)))
    }

    pub fn when_away(&self, source: Source) -> WhenAway {
        // The loader demands every source; were one missing, the careful answer is the right one.
        self.sources.when_away.get(&source).copied().unwrap_or(WhenAway::Undetermined)
    }
}
