//! Guarantee letters, what was done with each, and which check has one in use.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{Db, Tx, locked, on_each};
use crate::context::Context;
use crate::domain::budget::Pot;
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::id::Id;
use crate::domain::letters::{DischargeStatus, LetterAction, LetterState};
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::{guarantee_letters, letter_events, live_claim_grounds, live_letters};

#[derive(Queryable, Selectable, Insertable, AsChangeset, Identifiable, Debug, Clone)]
#[diesel(table_name = guarantee_letters, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Letter {
    pub id: Id,
    pub version: i32,
    pub number: String,
    /// As it was last noted; `letters::state_at` says how it stands.
    pub state: LetterState,
    pub check_id: Id,
    pub participant_id: Id,
    pub facility_id: Id,
    pub care_type: CareType,
    pub ward_class: Option<WardClass>,
    pub diagnosis_code: String,
    pub rule_set: String,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub complete_by: Option<UtcTime>,
    pub extensions: i32,
    pub reserved_amount: Rupiah,
    pub budget_year: i32,
    pub pot: Pot,
    pub previous_letter_id: Option<Id>,
    pub admitted_on: Option<NaiveDate>,
    pub discharged_on: Option<NaiveDate>,
    pub discharge_status: Option<DischargeStatus>,
    pub issued_at: UtcTime,
    pub issued_by: Id,
    pub updated_at: UtcTime,
}

/// What was done with a letter, by whom, and where it led.
#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = letter_events, treat_none_as_default_value = false)]
pub struct LetterEvent {
    pub id: Id,
    pub letter_id: Id,
    pub action: LetterAction,
    pub state: LetterState,
    pub taken_at: UtcTime,
    /// Nobody where the clock did it.
    pub taken_by: Option<Id>,
    sealed: Option<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Cell {
    reason: String,
}

impl LetterEvent {
    pub fn reason(&self, db: &Db) -> Result<Option<String>> {
        let cell = self.sealed.as_ref().map(|sealed| db.keyring().unseal_json::<Cell>(Column::LetterEventSealed, self.id, sealed));
        Ok(cell.transpose()?.map(|cell| cell.reason))
    }
}

/// Stores a new letter as the one that its check has in use; false where it has one already.
pub fn insert(tx: &mut Tx, letter: &Letter) -> Result<bool> {
    diesel::insert_into(guarantee_letters::table).values(letter).execute(&mut tx.db.connection)?;
    let live = (live_letters::check_id.eq(letter.check_id), live_letters::facility_id.eq(letter.facility_id), live_letters::letter_id.eq(letter.id));
    Ok(on_each!(tx.db, |connection| diesel::insert_into(live_letters::table).values(live).on_conflict_do_nothing().execute(connection))? == 1)
}

/// The letter of this check that is in use at a hospital.
pub fn live_of_check(db: &mut Db, check: Id, facility: Id) -> Result<Option<Id>> {
    Ok(live_letters::table.find((check, facility)).select(live_letters::letter_id).first(&mut db.connection).optional()?)
}

/// The letters of this check that are in use, held for the rest of the transaction.
pub fn lock_of_check(tx: &mut Tx, check: Id) -> Result<Vec<Letter>> {
    let ids = live_letters::table.filter(live_letters::check_id.eq(check)).order(live_letters::letter_id).select(live_letters::letter_id);
    let ids: Vec<Id> = ids.load(&mut tx.db.connection)?;
    ids.into_iter().filter_map(|id| lock(tx, id).transpose()).collect()
}

/// The check may have another letter.
pub fn free(tx: &mut Tx, letter: Id) -> Result<()> {
    diesel::delete(live_letters::table.filter(live_letters::letter_id.eq(letter))).execute(&mut tx.db.connection)?;
    Ok(())
}

/// The check of a letter was completed by another, which is the letter's from now on.
pub fn pass_on(tx: &mut Tx, letter: Id, check: Id) -> Result<()> {
    diesel::update(live_letters::table.filter(live_letters::letter_id.eq(letter)))
        .set(live_letters::check_id.eq(check))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Letter>> {
    Ok(guarantee_letters::table.find(id).select(Letter::as_select()).first(&mut db.connection).optional()?)
}

/// Holds a letter for the rest of the transaction.
pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Letter>> {
    Ok(locked!(tx, guarantee_letters::table.find(id).select(Letter::as_select()), first).optional()?)
}

/// Holds those letters of a hospital that have one of these numbers, in one order, so that nobody waits for somebody who waits for them.
pub fn lock_numbered(tx: &mut Tx, facility: Id, numbers: &[&str]) -> Result<Vec<Letter>> {
    let named = guarantee_letters::table.filter(guarantee_letters::number.eq_any(numbers)).filter(guarantee_letters::facility_id.eq(facility));
    Ok(locked!(tx, named.order(guarantee_letters::id).select(Letter::as_select()), load)?)
}

/// Stores a letter as it is now, one version on.
pub fn update(tx: &mut Tx, letter: &mut Letter, now: UtcTime) -> Result<()> {
    letter.version += 1;
    letter.updated_at = now;
    diesel::update(guarantee_letters::table.find(letter.id)).set(&*letter).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Notes what was done with a letter.
pub fn note(tx: &mut Tx, context: &Context, letter: &Letter, action: LetterAction, reason: Option<&str>) -> Result<()> {
    let event = event(tx, context, letter, action, reason)?;
    keep(tx, &[event])
}

/// What was done with a letter, to be kept with what was done with others.
pub fn event(tx: &Tx, context: &Context, letter: &Letter, action: LetterAction, reason: Option<&str>) -> Result<LetterEvent> {
    let id = context.new_id();
    let sealed = reason.map(|reason| tx.keyring().seal_json(Column::LetterEventSealed, id, &Cell { reason: reason.to_owned() })).transpose()?;
    let taken_by = context.caller.map(|caller| caller.user_id);
    Ok(LetterEvent { id, letter_id: letter.id, action, state: letter.state, taken_at: context.now, taken_by, sealed })
}

pub fn keep(tx: &mut Tx, events: &[LetterEvent]) -> Result<()> {
    on_each!(tx.db, |connection| diesel::insert_into(letter_events::table).values(events).execute(connection))?;
    Ok(())
}

/// Its story, first to last.
pub fn events(db: &mut Db, letter: Id) -> Result<Vec<LetterEvent>> {
    let events = letter_events::table.filter(letter_events::letter_id.eq(letter));
    Ok(events.select(LetterEvent::as_select()).order(letter_events::id).load(&mut db.connection)?)
}

/// The letters of these records of a person that are in use.
pub fn in_use_of(db: &mut Db, records: &[Id]) -> Result<Vec<Letter>> {
    let states = [LetterState::Provisional, LetterState::Issued, LetterState::Used];
    let letters = guarantee_letters::table
        .filter(guarantee_letters::participant_id.eq_any(records))
        .filter(guarantee_letters::state.eq_any(states))
        .order(guarantee_letters::id);
    Ok(letters.select(Letter::as_select()).load(&mut db.connection)?)
}

/// Letters whose time is over and that nobody has noted as such yet.
pub fn due(db: &mut Db, today: NaiveDate, now: UtcTime, limit: i64) -> Result<Vec<Id>> {
    let lapsed = guarantee_letters::table
        .filter(guarantee_letters::state.eq(LetterState::Provisional))
        .filter(guarantee_letters::complete_by.lt(now))
        .select(guarantee_letters::id)
        .limit(limit);
    let mut due: Vec<Id> = lapsed.load(&mut db.connection)?;
    let expired = guarantee_letters::table
        .filter(guarantee_letters::state.eq(LetterState::Issued))
        .filter(guarantee_letters::valid_until.lt(today))
        .select(guarantee_letters::id)
        .limit(limit);
    due.extend(expired.load::<Id>(&mut db.connection)?);
    Ok(due)
}

/// Used letters that ended before this day, keep money aside, and were not billed.
pub fn never_billed(db: &mut Db, before: NaiveDate, limit: i64) -> Result<Vec<Id>> {
    let billed = live_claim_grounds::table.filter(live_claim_grounds::ground_id.eq(guarantee_letters::id));
    let letters = guarantee_letters::table
        .filter(guarantee_letters::state.eq(LetterState::Used))
        .filter(guarantee_letters::reserved_amount.gt(Rupiah::ZERO))
        .filter(guarantee_letters::valid_until.lt(before))
        .filter(diesel::dsl::not(diesel::dsl::exists(billed)));
    Ok(letters.select(guarantee_letters::id).limit(limit).load(&mut db.connection)?)
}

/// What a list of letters may be narrowed by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    pub facility_id: Option<Id>,
    pub number: Option<String>,
    pub state: Option<LetterState>,
    /// First day of validity, from and to.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub updated_since: Option<UtcTime>,
}

/// A page of letters as they stand on this day at this instant, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, filter: &Filter, (today, now): (NaiveDate, UtcTime), before: Option<Id>, limit: i64) -> Result<Vec<Letter>> {
    let mut query = guarantee_letters::table.select(Letter::as_select()).into_boxed();
    if let Some(facility) = filter.facility_id {
        query = query.filter(guarantee_letters::facility_id.eq(facility));
    }
    if let Some(number) = &filter.number {
        query = query.filter(guarantee_letters::number.eq(number));
    }
    // `letters::state_at` as a condition.
    if let Some(state) = filter.state {
        use guarantee_letters::{complete_by, state as stored, valid_until};
        query = match state {
            LetterState::Provisional => query.filter(stored.eq(state)).filter(complete_by.is_null().or(complete_by.ge(now))),
            LetterState::Issued => query.filter(stored.eq(state)).filter(valid_until.ge(today)),
            LetterState::Expired => query.filter(stored.eq(state).or(stored.eq(LetterState::Issued).and(valid_until.lt(today)))),
            LetterState::Lapsed => {
                let over = complete_by.lt(now).assume_not_null();
                query.filter(stored.eq(state).or(stored.eq(LetterState::Provisional).and(complete_by.is_not_null()).and(over)))
            }
            LetterState::Used | LetterState::Cancelled => query.filter(stored.eq(state)),
        };
    }
    if let Some(from) = filter.from {
        query = query.filter(guarantee_letters::valid_from.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(guarantee_letters::valid_from.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(guarantee_letters::updated_at.ge(since));
    }
    if let Some(before) = before {
        query = query.filter(guarantee_letters::id.lt(before));
    }
    Ok(query.order(guarantee_letters::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}
