//! Facilities: where care is given, and how the law sorts them.

use chrono::NaiveDate;

use super::id::Id;
use super::regions::Regions;
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

/// What does not fit together in what is said about a facility: the field and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    ClassOfNoHospital,
    VillageUnknown,
    /// Inside the city, in a village that is not: or the other way round.
    VillageElsewhere,
}

impl Misfit {
    pub const fn field(self) -> &'static str {
        match self {
            Self::ClassOfNoHospital => "class",
            Self::VillageUnknown | Self::VillageElsewhere => "village_code",
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::ClassOfNoHospital => "CLASS_ONLY_FOR_HOSPITALS",
            Self::VillageUnknown => "VILLAGE_UNKNOWN",
            Self::VillageElsewhere => "VILLAGE_ELSEWHERE",
        }
    }
}

impl Facility {
    /// Everything about it that does not fit. Villages are listed for the city only; elsewhere the district must be known.
    pub fn misfits(&self, city: &str, regions: &Regions) -> Vec<Misfit> {
        let mut found = Vec::new();
        if self.class.is_some() && self.kind != FacilityKind::Hospital {
            found.push(Misfit::ClassOfNoHospital);
        }
        if let Some(village) = &self.village_code {
            let in_city = village.starts_with(city);
            let known = if in_city { regions.contains(village) } else { village.get(..6).is_some_and(|district| regions.contains(district)) };
            if !known {
                found.push(Misfit::VillageUnknown);
            } else if in_city != self.inside_city {
                found.push(Misfit::VillageElsewhere);
            }
        }
        found
    }

    /// Does a contract bind it on this date?
    pub fn is_contracted_on(&self, date: NaiveDate) -> bool {
        self.contracts.iter().any(|contract| contract.range().contains(date))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn facility(kind: FacilityKind, class: Option<FacilityClass>, inside_city: bool, village: Option<&str>) -> Facility {
        Facility {
            id: Id::from_bytes([1; 16]),
            version: 1,
            code: None,
            name: "RS Teratai".into(),
            kind,
            class,
            government: false,
            inside_city,
            village_code: village.map(str::to_owned),
            beds: None,
            address: None,
            contracts: Vec::new(),
        }
    }

    #[test]
    fn what_is_said_about_a_facility_fits_together() {
        use FacilityKind::{Clinic, Hospital, Puskesmas};
        let regions = Regions::from_codes(["3275011001", "317401"], []);
        for (kind, class, inside, village, expected) in [
            (Hospital, Some(FacilityClass::B), true, Some("3275011001"), vec![]),
            (Hospital, None, false, None, vec![]),
            (Hospital, None, false, Some("3174011009"), vec![]),
            (Puskesmas, Some(FacilityClass::D), true, None, vec![Misfit::ClassOfNoHospital]),
            (Clinic, None, true, Some("3275019999"), vec![Misfit::VillageUnknown]),
            (Clinic, None, false, Some("9999011001"), vec![Misfit::VillageUnknown]),
            (Clinic, None, false, Some("3275011001"), vec![Misfit::VillageElsewhere]),
            (Clinic, Some(FacilityClass::A), true, Some("3174011009"), vec![Misfit::ClassOfNoHospital, Misfit::VillageElsewhere]),
        ] {
            assert_eq!(facility(kind, class, inside, village).misfits("3275", &regions), expected, "{kind} {inside} {village:?}");
        }
    }

    #[test]
    fn a_termination_shortens_a_contract() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut hospital = facility(FacilityKind::Hospital, None, true, None);
        hospital.contracts.push(Contract {
            id: Id::from_bytes([2; 16]),
            facility_id: hospital.id,
            valid_from: day("2026-01-01"),
            valid_to: Some(day("2026-12-31")),
            contract_number: None,
            terminated_on: Some(day("2026-06-30")),
            termination_reason: None,
            termination_document: None,
        });
        for (date, bound) in [("2025-12-31", false), ("2026-01-01", true), ("2026-06-30", true), ("2026-07-01", false)] {
            assert_eq!(hospital.is_contracted_on(day(date)), bound, "{date}");
        }
    }
}
