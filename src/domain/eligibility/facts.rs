//! The facts of a check: everything that the rules consume, and nothing that names a person. Kept with the check, so that it can be decided again.

use std::collections::BTreeSet;

use chrono::{FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{CareType, IdentifiedBy, IdentityMatch, InjuryCause, Paper, PlacementReason, SpecialGroup, WardClass};
use crate::domain::enrollments::EnrollmentStanding;
use crate::domain::facilities::{Contract, Facility, FacilityClass, FacilityKind};
use crate::domain::icd10::Icd10Code;
use crate::domain::jkn::JknPeriod;
use crate::domain::names;
use crate::domain::nik::NikOddity;
use crate::domain::participants::StatusEvent;
use crate::domain::population_office::{Compared, Verdict};
use crate::domain::referrals::{ReferralFit, ReferralSource};
use crate::domain::residency::ResidencyPeriod;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::{DateRange, UtcTime};

/// The version of the form in which facts are kept. It grows when a field changes its meaning, not when one is added.
pub const FACTS_VERSION: u32 = 1;

/// Sets are ordered, so the same facts are always the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub v: u32,
    pub asked_at: UtcTime,
    /// Where the city is, east of Greenwich: its days begin at its own midnight.
    pub utc_offset_seconds: i32,
    pub service_date: NaiveDate,
    pub retrospective: bool,
    pub care_type: CareType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward_class: Option<WardClass>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Icd10Code>,
    pub identified_by: IdentifiedBy,
    /// What is odd about the NIK, of the person or as it was typed; none where no NIK is known.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub nik_oddities: BTreeSet<NikOddity>,
    /// The enrolment that the shown card belongs to; none where no card was shown or nobody has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<EnrollmentStanding>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonFacts>,
    pub identity: IdentityFacts,
    pub facility: FacilityFacts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<ReferralFacts>,
    pub told: ToldFacts,
    pub registry: SourceStanding,
    /// What the population office says of this person, where it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<PopulationFacts>,
    /// JKN's own service, where it is asked; without it the periods are those of the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkn: Option<SourceStanding>,
    /// A person at the Dinas looked again and granted what the rules alone would not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub granted_on_review: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonFacts {
    #[serde(default)]
    pub temporary: bool,
    /// On the date of service. Unknown counts as grown up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_years: Option<u16>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub events: BTreeSet<StatusEvent>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub residency: BTreeSet<ResidencyPeriod>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub jkn: BTreeSet<JknPeriod>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub enrollments: BTreeSet<EnrollmentStanding>,
    /// Someone who was registered, or is asked about, as the child of a mother.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newborn: Option<NewbornFacts>,
}

/// A child and what of its mother's standing is its own for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewbornFacts {
    pub born: NaiveDate,
    /// False for a child that only its mother's NIK tells of.
    pub registered: bool,
    pub mother: MotherFacts,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MotherFacts {
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub events: BTreeSet<StatusEvent>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub residency: BTreeSet<ResidencyPeriod>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub jkn: BTreeSet<JknPeriod>,
}

/// How what the facility was told compares with the registry. The texts themselves are compared before and stay out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityFacts {
    pub name: IdentityMatch,
    pub birth_date: IdentityMatch,
}

impl IdentityFacts {
    pub const NOT_GIVEN: Self = Self { name: IdentityMatch::NotGiven, birth_date: IdentityMatch::NotGiven };

    /// Compares what was claimed, as (name, birth date), with what is registered. Where one side has nothing, nothing is compared.
    pub fn compare(claimed: (Option<&str>, Option<NaiveDate>), registered: (Option<&str>, Option<NaiveDate>)) -> Self {
        let found = |same: Option<bool>| same.map_or(IdentityMatch::NotGiven, |same| if same { IdentityMatch::Same } else { IdentityMatch::Differs });
        Self {
            name: found(claimed.0.zip(registered.0).map(|(claimed, registered)| names::same(claimed, registered))),
            birth_date: found(claimed.1.zip(registered.1).map(|(claimed, registered)| claimed == registered)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacilityFacts {
    pub kind: FacilityKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<FacilityClass>,
    pub government: bool,
    pub inside_city: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub contracts: BTreeSet<DateRange>,
}

impl FacilityFacts {
    pub fn of(facility: &Facility) -> Self {
        Self {
            kind: facility.kind,
            class: facility.class,
            government: facility.government,
            inside_city: facility.inside_city,
            contracts: facility.contracts.iter().map(Contract::range).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralFacts {
    pub source: ReferralSource,
    pub fit: ReferralFit,
    /// The facility's own number, where a referral is told rather than found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_facility_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Icd10Code>,
}

/// What the facility says beside the question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldFacts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_income: Option<Rupiah>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub special_group: Option<SpecialGroup>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement_reason: Option<PlacementReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injury_cause: Option<InjuryCause>,
    /// None was not asked and lacks nothing; a set lacks what is not in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub papers: Option<BTreeSet<Paper>>,
}

/// A source and how fresh it is. One that is away may have left a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceStanding {
    pub as_of: Option<UtcTime>,
    pub away: bool,
}

/// The last word of the population office on this person, and whether it could be asked now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopulationFacts {
    pub source: SourceStanding,
    /// None where nothing was ever said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What does not agree, of what was compared.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub differing: BTreeSet<Compared>,
}

impl Facts {
    pub fn utc_offset(&self) -> FixedOffset {
        // An offset beyond a day cannot be set, but a kept number can be anything; UTC is then as good as any.
        FixedOffset::east_opt(self.utc_offset_seconds).unwrap_or_else(|| chrono::Offset::fix(&chrono::Utc))
    }
}
