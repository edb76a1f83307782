//! The whole of a participant, put together: the person, the household, where they live, what happened to them, JKN, the card, and what waits for a
//! second person.

use chrono::NaiveDate;

use super::App;
use crate::domain::enrollments::EnrollmentState;
use crate::domain::id::Id;
use crate::domain::jkn::{JknPeriod, JknState};
use crate::domain::nik::{Nik, NikOddity, oddities};
use crate::domain::participants::{ParticipantState, Standing, StatusEvent, StatusEventKind};
use crate::domain::population_office::Finding;
use crate::domain::registration::Relation;
use crate::domain::residency::{self, ResidencyPeriod};
use crate::error::Result;
use crate::store;
use crate::store::db::Db;
use crate::store::enrollments::Enrollment;
use crate::store::households::Household;
use crate::store::participant_changes::Change;
use crate::store::participant_events::Event;
use crate::store::participants::Participant;
use crate::store::reading::Reading;

pub struct Profile {
    pub participant: Participant,
    pub household: Option<(Household, Relation)>,
    pub state: ParticipantState,
    /// The first day of the stay that holds today, or of the last one.
    pub resident_since: Option<NaiveDate>,
    pub resident_until: Option<NaiveDate>,
    pub jkn: Option<JknPeriod>,
    pub enrollment: Option<Enrollment>,
    pub pending: Vec<Change>,
    pub merged_into: Option<Id>,
    pub warnings: Vec<NikOddity>,
    /// What the population office said just now, at a registration.
    pub said: Option<Finding>,
}

impl Profile {
    /// Puts together what belongs to an open participant, as things stand on this day.
    pub fn load(app: &App, db: &mut Db, reading: &mut Reading, participant: Participant, today: NaiveDate) -> Result<Self> {
        let id = participant.id;
        let household = match store::households::open_memberships(db, &[id])?.first() {
            Some(membership) => store::households::find(db, reading, membership.household_id)?.map(|household| (household, membership.relation)),
            None => None,
        };
        let stays: Vec<ResidencyPeriod> = store::residencies::of(db, &[id])?.iter().map(|stay| stay.period()).collect();
        let events = store::participant_events::of(db, reading, id)?;
        // Under whichever of their records; should two hold, the active one is the one to tell.
        let records = store::merges::with_merged(db, id)?;
        let memberships = store::jkn::of(db, &records)?.into_iter().map(|row| row.period()).filter(|period| period.holds_on(today));
        let jkn = memberships.min_by_key(|period| period.state != JknState::Active);
        // What was enrolled under a record that was merged into this one is this person's.
        let records = store::merges::with_merged(db, id)?;
        let mut enrollments = store::enrollments::of(db, reading, &records)?;
        let current = enrollments.iter().rposition(|enrollment| enrollment.standing.state == EnrollmentState::Active);
        let enrollment = current.map(|at| enrollments.swap_remove(at)).or_else(|| enrollments.pop());
        let state = standing(&participant, &events, today).state();
        Ok(Self {
            state,
            resident_since: stay_since(&stays, &app.city.code, today),
            resident_until: stays.last().and_then(|stay| stay.until),
            jkn,
            enrollment,
            pending: store::participant_changes::pending(db, reading, id)?,
            merged_into: (state == ParticipantState::Merged).then(|| merged_into(&events, today)).flatten(),
            warnings: warnings(app, &participant),
            said: None,
            household,
            participant,
        })
    }
}

/// What stands against a record on a date. One without a NIK is a temporary one.
pub fn standing(participant: &Participant, events: &[Event], on: NaiveDate) -> Standing {
    let statuses: Vec<StatusEvent> = events.iter().map(Event::status).collect();
    Standing::on(on, participant.identity.nik.is_empty(), &statuses)
}

/// The first day of the stay in the city that holds on a date; for someone who is away, of the last one.
pub fn stay_since(stays: &[ResidencyPeriod], city: &str, on: NaiveDate) -> Option<NaiveDate> {
    let last = stays.last()?;
    residency::resident_since(stays, city, on).or_else(|| residency::resident_since(stays, city, last.until.unwrap_or(last.from))).or(Some(last.from))
}

/// The last merge that stands on a date, whatever came after it.
pub(super) fn standing_merge(events: &[Event], on: NaiveDate) -> Option<&Event> {
    let merges = events.iter().filter(|event| event.kind == StatusEventKind::Merged && event.revoked_at.is_none() && event.happened_on <= on);
    merges.max_by_key(|event| (event.happened_on, event.id))
}

/// Into whom a merged record was merged.
fn merged_into(events: &[Event], on: NaiveDate) -> Option<Id> {
    standing_merge(events, on).and_then(|event| event.cell.to_participant_id)
}

fn warnings(app: &App, participant: &Participant) -> Vec<NikOddity> {
    // A temporary record has no number that could be odd.
    Nik::parse(&participant.identity.nik)
        .map(|nik| oddities(&nik, participant.identity.birth_date, participant.sex, &app.city.regions))
        .unwrap_or_default()
}
