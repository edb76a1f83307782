//! Tariff schedules and their items. Codes and amounts are open: they are published.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::facilities::FacilityClass;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::{Item, Key, Ownership, Published, ScheduleState, TariffCode};
use crate::domain::time::{DateRange, UtcTime};
use crate::error::Result;
use crate::schema::{tariff_items, tariff_schedule_writers, tariff_schedules};

/// So many rows go into one statement: each has ten values, and PostgreSQL takes 65,535.
const AT_ONCE: usize = 2_000;

#[derive(Queryable, Selectable, Insertable, Debug, Clone, PartialEq, Eq)]
#[diesel(table_name = tariff_schedules, treat_none_as_default_value = false)]
pub struct Schedule {
    pub id: Id,
    pub version: i32,
    pub name: String,
    pub state: ScheduleState,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub payment_percent: i32,
    pub item_count: i32,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub published_at: Option<UtcTime>,
    pub published_by: Option<Id>,
    pub content_hash: Option<Vec<u8>>,
}

impl Schedule {
    pub fn range(&self) -> DateRange {
        DateRange { from: self.valid_from, to: self.valid_to }
    }

    pub fn published(&self) -> Option<Published<UtcTime>> {
        self.published_at.map(|published_at| Published { id: self.id, range: self.range(), published_at })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tariff_items, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    schedule_id: Id,
    code: TariffCode,
    description: String,
    care_type: CareType,
    ward_class: Option<WardClass>,
    facility_class: Option<FacilityClass>,
    ownership: Option<Ownership>,
    region: Option<String>,
    amount: Rupiah,
}

impl Row {
    fn of(schedule_id: Id, item: &Item) -> Self {
        let Item { id, key, description, amount } = item.clone();
        let Key { code, care_type, ward_class, facility_class, ownership, region } = key;
        Self { id, schedule_id, code, description, care_type, ward_class, facility_class, ownership, region, amount }
    }

    fn item(self) -> Item {
        let Self { id, schedule_id: _, code, description, care_type, ward_class, facility_class, ownership, region, amount } = self;
        Item { id, key: Key { code, care_type, ward_class, facility_class, ownership, region }, description, amount }
    }
}

pub fn insert(tx: &mut Tx, schedule: &Schedule) -> Result<()> {
    diesel::insert_into(tariff_schedules::table).values(schedule).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Schedule>> {
    Ok(tariff_schedules::table.find(id).select(Schedule::as_select()).first(&mut db.connection).optional()?)
}

/// Holds a schedule for the rest of the transaction: one change of its head or its items at a time.
pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Schedule>> {
    Ok(locked!(tx, tariff_schedules::table.find(id).select(Schedule::as_select()), first).optional()?)
}

/// Writes the head over the one that was locked.
pub fn update(tx: &mut Tx, schedule: &Schedule) -> Result<()> {
    diesel::update(tariff_schedules::table.find(schedule.id))
        .set((
            tariff_schedules::version.eq(schedule.version),
            tariff_schedules::name.eq(&schedule.name),
            tariff_schedules::state.eq(schedule.state),
            tariff_schedules::valid_from.eq(schedule.valid_from),
            tariff_schedules::valid_to.eq(schedule.valid_to),
            tariff_schedules::payment_percent.eq(schedule.payment_percent),
            tariff_schedules::item_count.eq(schedule.item_count),
            tariff_schedules::updated_at.eq(schedule.updated_at),
            tariff_schedules::published_at.eq(schedule.published_at),
            tariff_schedules::published_by.eq(schedule.published_by),
            tariff_schedules::content_hash.eq(&schedule.content_hash),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// What a list of schedules may be narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub state: Option<ScheduleState>,
    /// Those that are for this date.
    pub valid_on: Option<NaiveDate>,
    pub updated_since: Option<UtcTime>,
}

/// A page of schedules, newest first, one more than asked for when there are more.
pub fn list(db: &mut Db, filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<Schedule>> {
    let mut query = tariff_schedules::table.select(Schedule::as_select()).order(tariff_schedules::id.desc()).limit(limit + 1).into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(tariff_schedules::state.eq(state));
    }
    if let Some(date) = filter.valid_on {
        query = query.filter(tariff_schedules::valid_from.le(date));
        query = query.filter(tariff_schedules::valid_to.is_null().or(tariff_schedules::valid_to.ge(date)));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(tariff_schedules::updated_at.ge(since));
    }
    if let Some(before) = before {
        query = query.filter(tariff_schedules::id.lt(before));
    }
    Ok(query.load(&mut db.connection)?)
}

/// All published schedules that hold on a day between these.
pub fn published_between(db: &mut Db, first: NaiveDate, last: NaiveDate) -> Result<Vec<Schedule>> {
    let query = tariff_schedules::table
        .filter(tariff_schedules::state.eq(ScheduleState::Published))
        .filter(tariff_schedules::valid_from.le(last))
        .filter(tariff_schedules::valid_to.is_null().or(tariff_schedules::valid_to.ge(first)));
    Ok(query.select(Schedule::as_select()).load(&mut db.connection)?)
}

pub fn drafts_named(db: &mut Db, name: &str) -> Result<Vec<Schedule>> {
    let query = tariff_schedules::table.filter(tariff_schedules::state.eq(ScheduleState::Draft)).filter(tariff_schedules::name.eq(name));
    Ok(query.select(Schedule::as_select()).order(tariff_schedules::id).load(&mut db.connection)?)
}

/// Remembers that this user wrote some of it.
pub fn add_writer(tx: &mut Tx, schedule: Id, user: Id) -> Result<()> {
    let row = (tariff_schedule_writers::schedule_id.eq(schedule), tariff_schedule_writers::user_id.eq(user));
    on_each!(tx.db, |connection| diesel::insert_into(tariff_schedule_writers::table).values(row).on_conflict_do_nothing().execute(connection))?;
    Ok(())
}

pub fn is_writer(db: &mut Db, schedule: Id, user: Id) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(tariff_schedule_writers::table.find((schedule, user)))).get_result(&mut db.connection)?)
}

pub fn insert_items(tx: &mut Tx, schedule: Id, items: &[Item]) -> Result<()> {
    for chunk in items.chunks(AT_ONCE) {
        let rows: Vec<Row> = chunk.iter().map(|item| Row::of(schedule, item)).collect();
        on_each!(tx.db, |connection| diesel::insert_into(tariff_items::table).values(&rows).execute(connection))?;
    }
    Ok(())
}

pub fn delete_items(tx: &mut Tx, ids: &[Id]) -> Result<()> {
    for chunk in ids.chunks(AT_ONCE) {
        diesel::delete(tariff_items::table.filter(tariff_items::id.eq_any(chunk))).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// The items of a schedule that have one of these codes.
pub fn items_of(db: &mut Db, schedule: Id, codes: &[TariffCode]) -> Result<Vec<Item>> {
    let mut found = Vec::new();
    for chunk in codes.chunks(AT_ONCE) {
        let query = tariff_items::table.filter(tariff_items::schedule_id.eq(schedule)).filter(tariff_items::code.eq_any(chunk));
        let rows: Vec<Row> = query.select(Row::as_select()).load(&mut db.connection)?;
        found.extend(rows.into_iter().map(Row::item));
    }
    Ok(found)
}

pub fn all_items(db: &mut Db, schedule: Id) -> Result<Vec<Item>> {
    let rows: Vec<Row> = tariff_items::table.filter(tariff_items::schedule_id.eq(schedule)).select(Row::as_select()).load(&mut db.connection)?;
    Ok(rows.into_iter().map(Row::item).collect())
}

/// A page of a schedule's items, newest first, one more than asked for when there are more.
pub fn page_of_items(db: &mut Db, schedule: Id, code: Option<&TariffCode>, before: Option<Id>, limit: i64) -> Result<Vec<Item>> {
    let query = tariff_items::table.filter(tariff_items::schedule_id.eq(schedule)).select(Row::as_select());
    let mut query = query.order(tariff_items::id.desc()).limit(limit + 1).into_boxed();
    if let Some(code) = code {
        query = query.filter(tariff_items::code.eq(code));
    }
    if let Some(before) = before {
        query = query.filter(tariff_items::id.lt(before));
    }
    let rows: Vec<Row> = query.load(&mut db.connection)?;
    Ok(rows.into_iter().map(Row::item).collect())
}
