//! What the check desk reads: for a whole turn at once, each kind of fact by one query. All of it runs inside the turn's transaction, whose events
//! say who was read.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::Tx;
use super::enrollment_suspensions;
use super::merges;
use super::referrals::Said;
use super::sealed::Identity;
use crate::domain::cards::CardState;
use crate::domain::enrollments::EnrollmentStanding;
use crate::domain::enrollments::EnrollmentState;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::jkn::{JknPeriod, JknSegment, JknState};
use crate::domain::participants::{ParticipantState, Sex, StatusEvent, StatusEventKind};
use crate::domain::population::{CivilRecord, SnapshotState};
use crate::domain::residency::{ResidencyPeriod, VillageCode};
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::privacy::cells::Column;
use crate::schema::{
    card_registry, enrollments, household_members, jkn_periods, kk_registry, nik_registry, participant_events, participants, population_records,
    population_snapshots, referrals, residencies,
};

/// A person as the rules need to know them.
#[derive(Clone)]
pub struct Person {
    pub id: Id,
    pub state: ParticipantState,
    pub sex: Sex,
    pub birth_year: i32,
    pub registered_at: UtcTime,
    /// When the record was last changed.
    pub updated_at: UtcTime,
    pub identity: Identity,
    pub residency: Vec<ResidencyPeriod>,
    pub jkn: Vec<JknPeriod>,
    pub events: Vec<StatusEvent>,
    /// Each with its stretches.
    pub enrollments: Vec<Vec<EnrollmentStanding>>,
}

/// The card that was shown: whose it is and how it stands.
#[derive(Debug, Clone)]
pub struct CardHolder {
    pub participant_id: Id,
    pub stretches: Vec<EnrollmentStanding>,
}

/// What the rules ask of an enrolment.
#[derive(Queryable, Selectable)]
#[diesel(table_name = enrollments)]
struct Enrolled {
    id: Id,
    participant_id: Id,
    state: EnrollmentState,
    card_state: CardState,
    issued_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
}

impl Enrolled {
    fn standing(&self) -> EnrollmentStanding {
        let Self { state, card_state, issued_on, ended_on, .. } = *self;
        EnrollmentStanding { state, card_state, issued_on, ended_on }
    }
}

/// A referral of our own registry, by its number.
#[derive(Queryable, Selectable)]
#[diesel(table_name = referrals)]
pub struct ReferralRow {
    pub id: Id,
    pub number: String,
    pub participant_id: Id,
    pub to_facility_id: Option<Id>,
    pub issued_on: NaiveDate,
    pub valid_until: NaiveDate,
    pub sealed: Vec<u8>,
}

/// The same with what is sealed in it.
pub struct FoundReferral {
    pub row: ReferralRow,
    pub diagnosis: Icd10Code,
}

/// Participants by the blind index of a NIK.
pub fn by_nik(tx: &mut Tx, indexes: &[Id]) -> Result<HashMap<Id, Id>> {
    let rows: Vec<(Id, Id)> = nik_registry::table
        .filter(nik_registry::bidx.eq_any(indexes))
        .select((nik_registry::bidx, nik_registry::participant_id))
        .load(&mut tx.db.connection)?;
    Ok(rows.into_iter().collect())
}

/// Card holders by the blind index of a card number.
pub fn by_card(tx: &mut Tx, indexes: &[Id]) -> Result<HashMap<Id, CardHolder>> {
    let cards: Vec<(Id, Id, Option<Id>)> = card_registry::table
        .filter(card_registry::bidx.eq_any(indexes))
        .select((card_registry::bidx, card_registry::enrollment_id, card_registry::card_id))
        .load(&mut tx.db.connection)?;
    let wanted: Vec<Id> = cards.iter().map(|(_, enrollment, _)| *enrollment).collect();
    let lives = super::cards::lives(tx, &cards.iter().filter_map(|(_, _, card)| *card).collect::<Vec<_>>())?;
    let rows: Vec<Enrolled> = enrollments::table.filter(enrollments::id.eq_any(&wanted)).select(Enrolled::as_select()).load(&mut tx.db.connection)?;
    let suspensions = enrollment_suspensions::of(tx, &wanted)?;
    let holders: HashMap<Id, CardHolder> = rows
        .into_iter()
        .map(|row| {
            let stretches = row.standing().stretches(suspensions.get(&row.id).map_or(&[], Vec::as_slice));
            (row.id, CardHolder { participant_id: row.participant_id, stretches })
        })
        .collect();
    let shown = |holder: &CardHolder, card: Option<Id>| match card.and_then(|card| lives.get(&card)) {
        Some(life) => CardHolder { stretches: holder.stretches.iter().map(|stretch| life.shows(*stretch)).collect(), ..*holder },
        None => holder.clone(),
    };
    Ok(cards.into_iter().filter_map(|(index, enrollment, card)| Some((index, shown(holders.get(&enrollment)?, card)))).collect())
}

/// Everyone who was on a family card on a date, by the blind index of its number.
pub fn on_card_of_family(tx: &mut Tx, index: Id, date: NaiveDate) -> Result<Vec<Id>> {
    Ok(kk_registry::table
        .inner_join(household_members::table.on(household_members::household_id.eq(kk_registry::household_id)))
        .filter(kk_registry::bidx.eq(index))
        .filter(household_members::valid_from.le(date))
        .filter(household_members::valid_to.is_null().or(household_members::valid_to.ge(date)))
        .select(household_members::participant_id)
        .load(&mut tx.db.connection)?)
}

pub fn by_number(tx: &mut Tx, numbers: &[&str]) -> Result<HashMap<String, FoundReferral>> {
    let rows: Vec<ReferralRow> =
        referrals::table.filter(referrals::number.eq_any(numbers)).select(ReferralRow::as_select()).load(&mut tx.db.connection)?;
    // A referral of a record that was merged is that of who is found now.
    let people: Vec<Id> = rows.iter().map(|row| row.participant_id).collect();
    let stand_ins = merges::stand_ins(tx, &people)?;
    let keyring = tx.keyring();
    rows.into_iter()
        .map(|mut row| {
            row.participant_id = stand_ins.get(&row.participant_id).copied().unwrap_or(row.participant_id);
            let Said { diagnosis, .. } = keyring.unseal_json(Column::ReferralSealed, row.id, &row.sealed)?;
            Ok((row.number.clone(), FoundReferral { row, diagnosis }))
        })
        .collect()
}

/// Persons with everything that the rules ask about them.
pub fn persons(tx: &mut Tx, ids: &[Id]) -> Result<HashMap<Id, Person>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let keyring = tx.keyring();
    let rows: Vec<(Id, ParticipantState, Sex, i32, UtcTime, UtcTime, Vec<u8>)> = participants::table
        .filter(participants::id.eq_any(ids))
        .select((
            participants::id,
            participants::state,
            participants::sex,
            participants::birth_year,
            participants::created_at,
            participants::updated_at,
            participants::identity,
        ))
        .load(&mut tx.db.connection)?;
    let mut persons = HashMap::with_capacity(rows.len());
    for (id, state, sex, birth_year, registered_at, updated_at, cell) in rows {
        let identity = keyring.unseal_json(Column::ParticipantIdentity, id, &cell)?;
        persons.insert(
            id,
            Person {
                id,
                state,
                sex,
                birth_year,
                registered_at,
                updated_at,
                identity,
                residency: Vec::new(),
                jkn: Vec::new(),
                events: Vec::new(),
                enrollments: Vec::new(),
            },
        );
    }

    let homes: Vec<(Id, String, NaiveDate, Option<NaiveDate>)> = residencies::table
        .filter(residencies::participant_id.eq_any(ids))
        .select((residencies::participant_id, residencies::village_code, residencies::resident_since, residencies::resident_until))
        .load(&mut tx.db.connection)?;
    for (id, village, from, until) in homes {
        let village_code: VillageCode = village.parse().map_err(|_| Error::internal("a stored village code is none"))?;
        if let Some(person) = persons.get_mut(&id) {
            person.residency.push(ResidencyPeriod { from, until, village_code });
        }
    }

    // What was enrolled or insured under a record that was merged into one of these is that one's.
    let merged: HashMap<Id, Id> = merges::merged_into(tx, ids)?.into_iter().collect();
    let records: Vec<Id> = ids.iter().chain(merged.keys()).copied().collect();
    let memberships: Vec<(Id, JknSegment, JknState, NaiveDate, Option<NaiveDate>)> = jkn_periods::table
        .filter(jkn_periods::participant_id.eq_any(&records))
        .select((jkn_periods::participant_id, jkn_periods::segment, jkn_periods::state, jkn_periods::valid_from, jkn_periods::valid_to))
        .load(&mut tx.db.connection)?;
    for (id, segment, state, valid_from, valid_to) in memberships {
        if let Some(person) = persons.get_mut(merged.get(&id).unwrap_or(&id)) {
            person.jkn.push(JknPeriod { valid_from, valid_to, segment, state });
        }
    }

    let happenings: Vec<(Id, StatusEventKind, NaiveDate, Option<UtcTime>)> = participant_events::table
        .filter(participant_events::participant_id.eq_any(ids))
        .select((participant_events::participant_id, participant_events::kind, participant_events::happened_on, participant_events::revoked_at))
        .load(&mut tx.db.connection)?;
    for (id, kind, date, revoked_at) in happenings {
        if let Some(person) = persons.get_mut(&id) {
            person.events.push(StatusEvent { date, kind, revoked: revoked_at.is_some() });
        }
    }

    let enrolled = enrollments::table.filter(enrollments::participant_id.eq_any(&records));
    let enrolled: Vec<Enrolled> = enrolled.select(Enrolled::as_select()).load(&mut tx.db.connection)?;
    let suspensions = enrollment_suspensions::of(tx, &enrolled.iter().map(|row| row.id).collect::<Vec<Id>>())?;
    for row in enrolled {
        if let Some(person) = persons.get_mut(merged.get(&row.participant_id).unwrap_or(&row.participant_id)) {
            person.enrollments.push(row.standing().without_card().stretches(suspensions.get(&row.id).map_or(&[], Vec::as_slice)));
        }
    }
    Ok(persons)
}

/// The population office's current file, and what it says under the NIKs that were asked for.
pub struct CivilFile {
    pub as_of: NaiveDate,
    pub people: HashMap<Id, Vec<CivilRecord>>,
}

/// One query: the file, with the records that are wanted; none while no file is current.
pub fn civil_file(tx: &mut Tx, indexes: &[Id]) -> Result<Option<CivilFile>> {
    let rows: Vec<(NaiveDate, Option<Id>, Option<Vec<u8>>)> = population_snapshots::table
        .left_join(
            population_records::table.on(population_records::snapshot_id.eq(population_snapshots::id).and(population_records::bidx.eq_any(indexes))),
        )
        .filter(population_snapshots::state.eq(SnapshotState::Current))
        .select((population_snapshots::as_of, population_records::bidx.nullable(), population_records::sealed.nullable()))
        .load(&mut tx.db.connection)?;
    let Some((as_of, ..)) = rows.first() else { return Ok(None) };
    let (as_of, keyring, mut people) = (*as_of, tx.keyring(), HashMap::new());
    for (_, index, sealed) in rows {
        if let Some((index, sealed)) = index.zip(sealed) {
            people.insert(index, keyring.unseal_json(Column::PopulationRecordSealed, index, &sealed)?);
        }
    }
    Ok(Some(CivilFile { as_of, people }))
}
