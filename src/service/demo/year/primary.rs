//! The neighbours of the puskesmas of the demo, who come to it again and again.

use std::sync::Arc;

use super::Year;
use crate::domain::eligibility::CareType;
use crate::domain::facilities::Facility;
use crate::domain::nik::Nik;
use crate::domain::synthetic::City;
use crate::domain::synthetic::year::{Coverage, coverage, named_families};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::store::db::Db;

/// So many of its neighbours are known to it.
const NEIGHBOURS: usize = 200;
/// At these minutes of a day one of them comes.
pub(super) const VISITS: [i64; 3] = [8 * 60 + 10, 9 * 60 + 25, 11 * 60 + 40];

/// Those of its village whom the city covers.
pub(super) fn neighbours(city: &City, participants: usize, puskesmas: &Facility, today: chrono::NaiveDate) -> Vec<Nik> {
    let lives_near = |village: &str| puskesmas.village_code.as_deref() == Some(village);
    let named = named_families(today);
    let people = city.households(participants).filter(|household| !named.contains(&household.kk_number)).flat_map(|household| household.members);
    people
        .filter(|person| lives_near(&person.registration.village_code.to_string()) && coverage(person, today) == Some(Coverage::City))
        .map(|person| person.registration.nik)
        .take(NEIGHBOURS)
        .collect()
}

impl Year<'_> {
    /// The so-many-eth visit of the year.
    pub(super) fn visit(&self, db: &mut Db, which: usize, at: UtcTime) -> Result<()> {
        let (caller, facility) = &self.cast.puskesmas;
        // Not in turn.
        let Some(nik) = self.neighbours.get((which * 13 + which / 5) % self.neighbours.len().max(1)) else { return Ok(()) };
        let question = self.question((*caller, Arc::clone(facility)), *nik, CareType::Primary, at);
        self.ask(db, question).map(drop)
    }
}
