//! A made-up city: the real districts and villages of Kota Bekasi, filled with people who do not exist. The same seed and date give the same city,
//! and a larger city begins with the smaller one. Nobody in it can be mistaken for a person: serials of NIKs and KK numbers are 9000 to 9999.
//!
//! `City::households` is an iterator that holds one household at a time, beside a fixed table of taken serials (about 220 kB).

mod chance;
mod facilities;
mod families;
mod heroes;
mod histories;
mod households;
mod numbers;
mod words;
pub mod year;

use chrono::NaiveDate;

pub use facilities::{FacilityPlan, facilities};
pub use heroes::{Hero, heroes};
pub use households::Households;

use super::enrollments::EnrollmentStanding;
use super::jkn::JknPeriod;
use super::kk::KkNumber;
use super::participants::StatusEvent;
use super::regions::Regions;
use super::registration::Registration;
use super::residency::VillageCode;

/// What a city is made from.
#[derive(Debug, Clone)]
pub struct City {
    seed: u64,
    today: NaiveDate,
    villages: Vec<VillageCode>,
}

impl City {
    /// A city on the villages that a code (`3275`) has in the list; none, and nobody lives there but the named persons.
    pub fn new(seed: u64, today: NaiveDate, code: &str, regions: &Regions) -> Self {
        Self { seed, today, villages: regions.villages_of(code).filter_map(|(village, _)| village.parse().ok()).collect() }
    }

    /// Households with these many participants in all: the named persons first, then made-up ones; the last household is cut to fit.
    pub fn households(&self, participants: usize) -> Households<'_> {
        Households::new(self, participants)
    }
}

/// People on one family card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    pub kk_number: KkNumber,
    /// The head first.
    pub members: Vec<Person>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub registration: Registration,
    /// The last day of residence, of those who moved out.
    pub resident_until: Option<NaiveDate>,
    /// The registry corrected the birth date and the NIK kept the old one, as it must.
    pub birth_date_corrected: bool,
    /// In order and without overlap.
    pub jkn: Vec<JknPeriod>,
    pub events: Vec<StatusEvent>,
    pub card: Option<Card>,
}

/// An enrolment and its card; one that was never issued has no number.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    pub number: Option<String>,
    pub standing: EnrollmentStanding,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card").field("standing", &self.standing).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
