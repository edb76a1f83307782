//! The neighbours of the puskesmas of the demo, who come to it again and again.

use std::sync::Arc;

use super::Year;
use crate::domain::eligibility::{CareType, ToldFacts};
use crate::domain::facilities::Facility;
use crate::domain::nik::Nik;
use crate::domain::synthetic::City;
use crate::domain::synthetic::year::{Coverage, coverage, named_families};
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::check_questions::{Question, Who};
use crate::service::check_turn;
use crate::store::db::{Db, write_quietly};
use crate::store::gate::Priority;

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
        let question = Question {
            context: self.acting(*caller, at),
            caller: *caller,
            facility: Arc::clone(facility),
            who: Who::Nik(*nik),
            service_date: self.today(at),
            retrospective: false,
            care_type: CareType::Primary,
            ward_class: None,
            diagnosis: None,
            referral: None,
            claimed_name: None,
            claimed_birth_date: None,
            told: ToldFacts::default(),
            offline: None,
            language: Language::Id,
            override_of: None,
            key: None,
            office_asked: true,
        };
        let questions = [question];
        let answers =
            write_quietly(db, Priority::Bulk, "each recorded check brings its own event", |tx| check_turn::answer(self.app, tx, &questions))?;
        answers.into_iter().try_for_each(|answer| answer.map(drop))
    }
}
