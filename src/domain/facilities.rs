//! Facilities: where care is given, and how the law sorts them.

use chrono::NaiveDate;

use super::id::Id;
use super::text_enum::text_enum;
use super::time::DateRange;

text_enum! {
    FacilityKind { Hospital = "hospital", Puskesmas = "puskesmas", Clinic = "clinic" }
}

text_enum! {
    /// The class of a hospital, from A (most specialised) to D.
    FacilityClass { A = "A", B = "B", C = "C", D = "D" }
}

/// A place of care with the contracts that bind it to the city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facility {
    pub id: Id,
    pub version: i32,
    /// The code under which other systems know it.
    pub code: Option<String>,
    pub name: String,
    pub kind: FacilityKind,
    pub class: Option<FacilityClass>,
    pub government: bool,
    pub inside_city: bool,
    pub village_code: Option<String>,
    pub beds: Option<i32>,
    pub address: Option<String>,
    pub contracts: Vec<Contract>,
}

/// An agreement (MoU) of the city with a facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    pub id: Id,
    pub facility_id: Id,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub contract_number: Option<String>,
    pub terminated_on: Option<NaiveDate>,
    pub termination_reason: Option<String>,
    pub termination_document: Option<String>,
}

impl Contract {
    /// From when until when it bound: a termination shortens it, and never lengthens it.
    pub fn range(&self) -> DateRange {
        let to = match (self.valid_to, self.terminated_on) {
            (Some(to), Some(terminated)) => Some(to.min(terminated)),
            (to, terminated) => to.or(terminated),
        };
        DateRange { from: self.valid_from, to }
    }
}
