//! Who comes to the hospitals of the demo without a number that is theirs alone, and what the civil registry makes of it.

use super::{Act, Year};
use crate::domain::participants::{CaseOutcome, CaseState, Sex, TemporaryReason};
use crate::domain::synthetic::year::Place;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::idempotency::Once;
use crate::service::registry_cases;
use crate::service::temporary_identities::{self, Patient};
use crate::store::db::Db;

/// One comes every so many days: homeless, or with a number that somebody else has too.
pub(super) const DAYS_BETWEEN: usize = 45;

impl Year<'_> {
    /// The so-many-eth of them. Every third has a number that another person has.
    pub(super) fn arrive_unknown(&mut self, db: &mut Db, which: usize, at: UtcTime) -> Result<()> {
        let Some((hospital, _)) = self.cast.hospitals.get(&Place::Municipal) else { return Ok(()) };
        let context = self.acting(*hospital, at);
        let shares = which % 3 == 2;
        let conflicting = self.patients.get(&true).and_then(|patients| patients.get(which)).copied().filter(|_| shares);
        let reason = if conflicting.is_some() { TemporaryReason::NikConflict } else { TemporaryReason::NoNik };
        let patient = Patient {
            reason,
            name: None,
            sex: Some(if which.is_multiple_of(2) { Sex::M } else { Sex::F }),
            estimated_birth_year: i32::try_from(1950 + 7 * which).ok(),
            dinsos_letter_number: (reason == TemporaryReason::NoNik).then(|| format!("DINSOS/{}", 100 + which)),
            conflicting_nik: conflicting,
        };
        temporary_identities::make(self.app, db, &context, &patient, &Once::plain())?;
        // The first is settled, the others wait.
        if shares && which < 3 {
            self.enter_after(at, 20, Act::CloseCase);
        }
        Ok(())
    }

    pub(super) fn close_case(&mut self, db: &mut Db, at: UtcTime) -> Result<()> {
        let context = self.acting(self.cast.registrar, at);
        let Some(case) = registry_cases::list(db, &context, Some(CaseState::Open), (None, 1))?.pop() else { return Ok(()) };
        registry_cases::close(db, &context, case.id, (CaseOutcome::NoConflict, &None), &Once::plain())?;
        Ok(())
    }
}
