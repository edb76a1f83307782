//! Enrolments and the cards that show them. A card's number finds its enrolment through a blind index.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::db::{Db, Tx, on_each};
use super::reading::Reading;
use super::sealed::CardCell;
use crate::domain::cards::CardState;
use crate::domain::enrollments::{EnrollmentStanding, EnrollmentState};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::privacy::cells::Column;
use crate::schema::{card_registry, enrollments};

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

#[derive(Clone, PartialEq, Eq)]
pub struct Enrollment {
    pub id: Id,
    pub version: i32,
    pub participant_id: Id,
    pub standing: EnrollmentStanding,
    pub card_number: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = enrollments, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    version: i32,
    participant_id: Id,
    state: EnrollmentState,
    card_state: CardState,
    issued_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    card: Vec<u8>,
    created_at: UtcTime,
    updated_at: UtcTime,
}

/// The enrolments of these people, each person's by age.
pub fn of(db: &mut Db, _: &Reading, people: &[Id]) -> Result<Vec<Enrollment>> {
    let mut rows: Vec<Row> = Vec::new();
    for chunk in people.chunks(ROWS) {
        let query = enrollments::table.filter(enrollments::participant_id.eq_any(chunk)).order((enrollments::participant_id, enrollments::id));
        rows.extend(on_each!(db, |connection| query.select(Row::as_select()).load(connection))?);
    }
    let keyring = db.keyring();
    rows.into_iter()
        .map(|row| {
            let Row { id, version, participant_id, state, card_state, issued_on, ended_on, card, .. } = row;
            let CardCell { card_number } = keyring.unseal_json(Column::EnrollmentCard, id, &card)?;
            Ok(Enrollment { id, version, participant_id, standing: EnrollmentStanding { state, card_state, issued_on, ended_on }, card_number })
        })
        .collect()
}

/// Writes enrolments over those of the same ids.
pub fn put_all(tx: &mut Tx, changed: &[Enrollment], now: UtcTime) -> Result<()> {
    let keyring = tx.keyring();
    let rows = changed
        .iter()
        .map(|Enrollment { id, version, participant_id, standing, card_number }| {
            let card = keyring.seal_json(Column::EnrollmentCard, *id, &CardCell { card_number: card_number.clone() })?;
            let EnrollmentStanding { state, card_state, issued_on, ended_on } = *standing;
            let (id, participant_id, version) = (*id, *participant_id, version + 1);
            Ok(Row { id, version, participant_id, state, card_state, issued_on, ended_on, card, created_at: now, updated_at: now })
        })
        .collect::<Result<Vec<_>>>()?;
    for chunk in rows.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(enrollments::table)
            .values(chunk)
            .on_conflict(enrollments::id)
            .do_update()
            .set((
                enrollments::version.eq(excluded(enrollments::version)),
                enrollments::state.eq(excluded(enrollments::state)),
                enrollments::card_state.eq(excluded(enrollments::card_state)),
                enrollments::issued_on.eq(excluded(enrollments::issued_on)),
                enrollments::ended_on.eq(excluded(enrollments::ended_on)),
                enrollments::card.eq(excluded(enrollments::card)),
                enrollments::updated_at.eq(excluded(enrollments::updated_at)),
            ))
            .execute(connection))?;
    }
    Ok(())
}

/// Which enrolment and which person each of these cards finds.
pub fn of_cards(db: &mut Db, cards: &[Id]) -> Result<HashMap<Id, (Id, Id)>> {
    let mut found = HashMap::with_capacity(cards.len());
    for chunk in cards.chunks(ROWS) {
        let query = card_registry::table
            .inner_join(enrollments::table.on(enrollments::id.eq(card_registry::enrollment_id)))
            .filter(card_registry::bidx.eq_any(chunk))
            .select((card_registry::bidx, enrollments::id, enrollments::participant_id));
        let rows: Vec<(Id, Id, Id)> = on_each!(db, |connection| query.load(connection))?;
        found.extend(rows.into_iter().map(|(card, enrollment, person)| (card, (enrollment, person))));
    }
    Ok(found)
}

/// Takes card numbers for enrolments; returns how many were free.
pub fn take_cards(tx: &mut Tx, cards: &[(BlindIndex, Id)]) -> Result<usize> {
    let mut cards = cards.to_vec();
    cards.sort_unstable_by_key(|(card, _)| card.value);
    let mut taken = 0;
    for chunk in cards.chunks(ROWS) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|(card, enrollment)| {
                (card_registry::bidx.eq(card.value), card_registry::key_id.eq(card.key_id), card_registry::enrollment_id.eq(*enrollment))
            })
            .collect();
        taken += on_each!(tx.db, |connection| diesel::insert_into(card_registry::table).values(&rows).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(taken)
}
