//! Tariffs: schedules are written by one admin, published by another, and never changed after that; prices are asked of whichever is in force.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::App;
use super::idempotency::Once;
use crate::context::Context;
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::rupiah::Rupiah;
use crate::domain::tariff_files::{self, Mapping, RowFault};
use crate::domain::tariffs::{self, Entry, Fit, Item, Key, ScheduleState, TariffCode};
use crate::domain::time::{DateRange, UtcTime};
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::tariffs::{Filter, Schedule};

/// What is said of a schedule beside its items.
#[derive(Debug, Clone)]
pub struct Head {
    pub name: String,
    pub range: DateRange,
    pub payment_percent: i32,
}

/// What is said anew. `None` leaves a field as it is; the inner one of `valid_to` empties it.
#[derive(Debug, Clone, Default)]
pub struct HeadChange {
    pub name: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<Option<NaiveDate>>,
    pub payment_percent: Option<i32>,
}

/// What became of items that were sent.
#[derive(Debug, Clone)]
pub struct Added {
    pub schedule: Schedule,
    pub added: usize,
    pub replaced: usize,
    pub unchanged: usize,
}

pub fn create(db: &mut Db, context: &Context, head: Head, once: &Once<'_, Schedule>) -> Result<Schedule> {
    let schedule = draft(context, head)?;
    once.write(db, Priority::People, |tx| begin(tx, context, &schedule).map(|()| schedule.clone()))
}

fn draft(context: &Context, head: Head) -> Result<Schedule> {
    let Head { name, range, payment_percent } = head;
    check_range(range)?;
    Ok(Schedule {
        id: context.new_id(),
        version: 1,
        name,
        state: ScheduleState::Draft,
        valid_from: range.from,
        valid_to: range.to,
        payment_percent,
        item_count: 0,
        created_at: context.now,
        updated_at: context.now,
        published_at: None,
        published_by: None,
        content_hash: None,
    })
}

fn begin(tx: &mut Tx, context: &Context, schedule: &Schedule) -> Result<()> {
    store::tariffs::insert(tx, schedule)?;
    store::tariffs::add_writer(tx, schedule.id, context.signed_in()?.user_id)?;
    tx.record(Event::new(context, "tariff_schedule.created").object(schedule.id).with("schedule", told(schedule)));
    Ok(())
}

fn check_range(range: DateRange) -> Result<()> {
    if range.to.is_some_and(|to| to < range.from) { Err(Fault::at("/valid_to", "BEFORE_FROM").into()) } else { Ok(()) }
}

/// A schedule's head as the log tells of it.
fn told(schedule: &Schedule) -> serde_json::Value {
    let Schedule { name, valid_from, valid_to, payment_percent, item_count, .. } = schedule;
    serde_json::json!({ "name": name, "valid_from": valid_from, "valid_to": valid_to, "payment_percent": payment_percent, "item_count": item_count })
}

/// The draft, held for the rest of the transaction.
fn hold_draft(tx: &mut Tx, id: Id) -> Result<Schedule> {
    let schedule = store::tariffs::lock(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    match schedule.state {
        ScheduleState::Draft => Ok(schedule),
        ScheduleState::Published => Err(Error::refused(Code::ScheduleIsPublished)),
    }
}

/// Corrects the head of the draft that the caller has seen.
pub fn change(db: &mut Db, context: &Context, id: Id, seen: i32, said: &HeadChange) -> Result<Schedule> {
    write(db, Priority::People, |tx| {
        let before = hold_draft(tx, id)?;
        if before.version != seen {
            return Err(Error::refused(Code::IfMatchStale));
        }
        let after = Schedule {
            version: seen + 1,
            name: said.name.clone().unwrap_or_else(|| before.name.clone()),
            valid_from: said.valid_from.unwrap_or(before.valid_from),
            valid_to: said.valid_to.unwrap_or(before.valid_to),
            payment_percent: said.payment_percent.unwrap_or(before.payment_percent),
            updated_at: context.now,
            ..before.clone()
        };
        check_range(after.range())?;
        store::tariffs::update(tx, &after)?;
        store::tariffs::add_writer(tx, id, context.signed_in()?.user_id)?;
        tx.record(Event::new(context, "tariff_schedule.changed").object(id).with("before", told(&before)).with("after", told(&after)));
        Ok(after)
    })
}

/// Entries that may go into a schedule: each key once, and regions that there are. Faults point at `/items/n`.
pub fn check_entries(app: &App, entries: &[Entry]) -> Result<()> {
    let mut first = HashMap::<&Key, usize>::with_capacity(entries.len());
    let mut faults = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        if entry.key.region.as_ref().is_some_and(|region| !app.city.regions.contains(region)) {
            faults.push(Fault::at(format!("/items/{at}/region"), "REGION_UNKNOWN"));
        }
        if let Some(other) = first.insert(&entry.key, at) {
            faults.push(Fault::at(format!("/items/{at}"), "TARIFF_ITEM_REPEATED").with("other", other));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// The entries of a CSV file whose headings are the JSON names. Every fault is told by `/line/column`.
pub fn entries_of_csv(app: &App, content: &[u8], most_rows: usize) -> Result<Vec<Entry>> {
    let mapping = Mapping::by_name();
    let file = tariff_files::read_csv(content, &mapping, &app.city.regions)
        .map_err(|faults| Error::Invalid(faults.iter().map(super::imports::fault).collect()))?;
    if file.rows > most_rows {
        return Err(Fault::at("", "TOO_MANY").with("limit", most_rows).into());
    }
    let mut faults: Vec<Fault> = file.faults.iter().take(MOST_FAULTS).map(fault).collect();
    if file.faults.len() > MOST_FAULTS {
        faults.push(Fault::at("", "MORE_FAULTS"));
    }
    if faults.is_empty() && file.entries.is_empty() {
        faults.push(Fault::at("", "TOO_FEW").with("limit", 1));
    }
    if faults.is_empty() { Ok(file.entries) } else { Err(Error::Invalid(faults)) }
}

/// So many faults of a file are told, as of any request.
const MOST_FAULTS: usize = 200;

/// A fault of a file's line as a request is told of it.
pub fn fault(fault: &RowFault) -> Fault {
    let place = fault.column.as_ref().map_or_else(|| format!("/{}", fault.line), |column| format!("/{}/{column}", fault.line));
    Fault::at(place, fault.code.as_str()).with("line", fault.line).with("allowed", fault.allowed.join(", "))
}

/// Adds items to a draft; one with the same key is replaced. All of them, or none.
pub fn add_items(db: &mut Db, context: &Context, id: Id, entries: &[Entry], once: &Once<'_, Added>) -> Result<Added> {
    once.write(db, Priority::People, |tx| {
        let schedule = hold_draft(tx, id)?;
        add(tx, context, schedule, entries)
    })
}

/// The draft of this name, or a new one, with these items: for whoever brings a whole file.
pub fn add_to_named(db: &mut Db, context: &Context, head: &Head, entries: &[Entry]) -> Result<Added> {
    write(db, Priority::Bulk, |tx| {
        let drafts = store::tariffs::drafts_named(tx, &head.name)?;
        let schedule = match drafts.as_slice() {
            [] => {
                let schedule = draft(context, head.clone())?;
                begin(tx, context, &schedule)?;
                schedule
            }
            [found] if found.range() == head.range && found.payment_percent == head.payment_percent => hold_draft(tx, found.id)?,
            [_, ..] => return Err(Error::refused(Code::ScheduleNameInUse)),
        };
        add(tx, context, schedule, entries)
    })
}

fn add(tx: &mut Tx, context: &Context, before: Schedule, entries: &[Entry]) -> Result<Added> {
    let mut codes: Vec<TariffCode> = entries.iter().map(|entry| entry.key.code.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut there: HashMap<Key, Item> = store::tariffs::items_of(tx, before.id, &codes)?.into_iter().map(|item| (item.key.clone(), item)).collect();
    let (mut fresh, mut over, mut unchanged) = (Vec::new(), Vec::new(), 0);
    for entry in entries {
        match there.remove(&entry.key) {
            Some(old) if old.amount == entry.amount && old.description == entry.description => {
                unchanged += 1;
                continue;
            }
            Some(old) => over.push(old.id),
            None => {}
        }
        fresh.push(Item::new(context.new_id(), entry.clone()));
    }
    store::tariffs::delete_items(tx, &over)?;
    store::tariffs::insert_items(tx, before.id, &fresh)?;
    let added = fresh.len() - over.len();
    let count = i32::try_from(added).ok().and_then(|added| before.item_count.checked_add(added));
    let schedule = Schedule {
        version: before.version + 1,
        item_count: count.ok_or_else(|| Error::internal("more items than can be counted"))?,
        updated_at: context.now,
        ..before
    };
    store::tariffs::update(tx, &schedule)?;
    store::tariffs::add_writer(tx, schedule.id, context.signed_in()?.user_id)?;
    let event = Event::new(context, "tariff_schedule.items_added").object(schedule.id).with("added", added).with("replaced", over.len());
    tx.record(event.with("unchanged", unchanged).with("hash", tariffs::content_hash(&fresh).to_string()));
    Ok(Added { schedule, added, replaced: over.len(), unchanged })
}

/// Publishes a draft: from now on it is never changed. Whoever wrote any of it may not; whoever says what version they have seen publishes no other.
pub fn publish(db: &mut Db, context: &Context, id: Id, seen: Option<i32>, once: &Once<'_, Schedule>) -> Result<Schedule> {
    let publisher = context.signed_in()?.user_id;
    once.write(db, Priority::People, |tx| {
        let draft = hold_draft(tx, id)?;
        if seen.is_some_and(|seen| seen != draft.version) {
            return Err(Error::refused(Code::IfMatchStale));
        }
        if store::tariffs::is_writer(tx, id, publisher)? {
            return Err(Error::refused(Code::PublishesOwnSchedule));
        }
        if draft.item_count == 0 {
            return Err(Error::refused(Code::ScheduleIsEmpty));
        }
        let hash = tariffs::content_hash(&store::tariffs::all_items(tx, id)?);
        let published = published(draft, context.now, publisher, hash);
        store::tariffs::update(tx, &published)?;
        let event = Event::new(context, "tariff_schedule.published").object(id).with("schedule", told(&published));
        tx.record(event.with("hash", hash.to_string()));
        Ok(published)
    })
}

/// A draft as it is once it is published.
pub(super) fn published(draft: Schedule, now: UtcTime, by: Id, hash: ContentHash) -> Schedule {
    Schedule {
        version: draft.version + 1,
        state: ScheduleState::Published,
        updated_at: now,
        published_at: Some(now),
        published_by: Some(by),
        content_hash: Some(hash.as_bytes().to_vec()),
        ..draft
    }
}

/// Those who write drafts see them, and those who look over their shoulders.
const fn sees_drafts(role: Role) -> bool {
    match role {
        Role::Admin | Role::Auditor => true,
        Role::Registrar | Role::Clinic | Role::Hospital | Role::Verifier | Role::Finance | Role::Manager | Role::Dpo => false,
    }
}

pub fn show(db: &mut Db, caller: &Caller, id: Id) -> Result<Schedule> {
    let seen = store::tariffs::find(db, id)?.filter(|schedule| schedule.state == ScheduleState::Published || sees_drafts(caller.role));
    seen.ok_or_else(|| Error::refused(Code::NotFound))
}

pub fn list(db: &mut Db, caller: &Caller, filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<Schedule>> {
    match filter.state {
        Some(ScheduleState::Draft) if !sees_drafts(caller.role) => Ok(Vec::new()),
        None if !sees_drafts(caller.role) => store::tariffs::list(db, Filter { state: Some(ScheduleState::Published), ..filter }, before, limit),
        Some(_) | None => store::tariffs::list(db, filter, before, limit),
    }
}

pub fn items(db: &mut Db, caller: &Caller, id: Id, code: Option<&TariffCode>, before: Option<Id>, limit: i64) -> Result<Vec<Item>> {
    show(db, caller, id)?;
    store::tariffs::page_of_items(db, id, code, before, limit)
}

/// The prices of some codes in the schedule that is in force on a date.
#[derive(Debug, Clone)]
pub struct Prices {
    /// None: nothing is in force on that date.
    pub schedule: Option<Schedule>,
    items: Arc<HashMap<TariffCode, Vec<Item>>>,
}

/// A price, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priced {
    pub schedule_id: Id,
    pub item_id: Id,
    /// Before the percentage.
    pub amount: Rupiah,
    pub payment_percent: i32,
}

impl Priced {
    pub fn payable(self) -> Rupiah {
        tariffs::payable(self.amount, self.payment_percent)
    }
}

/// The prices of all these codes on a date, in two queries however many there are. A code that is none is in no schedule.
pub fn prices(db: &mut Db, date: NaiveDate, codes: &[&str]) -> Result<Prices> {
    let found = prices_of_dates(db, &[date], codes)?.remove(&date);
    Ok(found.unwrap_or_else(|| Prices { schedule: None, items: Arc::default() }))
}

/// The same on each of these dates, in a query more for each schedule.
pub fn prices_of_dates(db: &mut Db, dates: &[NaiveDate], codes: &[&str]) -> Result<HashMap<NaiveDate, Prices>> {
    let Some((first, last)) = dates.iter().min().zip(dates.iter().max()) else { return Ok(HashMap::new()) };
    let schedules = store::tariffs::published_between(db, *first, *last)?;
    let published: Vec<_> = schedules.iter().filter_map(Schedule::published).collect();
    let mut codes: Vec<TariffCode> = codes.iter().filter_map(|code| code.parse().ok()).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut items_of: HashMap<Id, Arc<HashMap<TariffCode, Vec<Item>>>> = HashMap::new();
    let mut found = HashMap::with_capacity(dates.len());
    for date in dates {
        let in_force = tariffs::in_force(&published, *date).map(|schedule| schedule.id);
        let schedule = schedules.iter().find(|schedule| Some(schedule.id) == in_force).cloned();
        let items = match &schedule {
            None => Arc::default(),
            Some(schedule) => match items_of.get(&schedule.id) {
                Some(items) => items.clone(),
                None => {
                    let mut items = HashMap::<TariffCode, Vec<Item>>::new();
                    for item in store::tariffs::items_of(db, schedule.id, &codes)? {
                        items.entry(item.key.code.clone()).or_default().push(item);
                    }
                    items_of.entry(schedule.id).or_insert(Arc::new(items)).clone()
                }
            },
        };
        found.insert(*date, Prices { schedule, items });
    }
    Ok(found)
}

impl Prices {
    /// The price of a code for a case.
    pub fn closest(&self, code: &str, fit: &Fit) -> Option<Priced> {
        let (schedule, item) = self.schedule.as_ref().zip(self.item(code, fit))?;
        Some(Priced { schedule_id: schedule.id, item_id: item.id, amount: item.amount, payment_percent: schedule.payment_percent })
    }

    /// The item whose price it is.
    pub fn item(&self, code: &str, fit: &Fit) -> Option<&Item> {
        tariffs::closest(self.of(code), fit)
    }

    /// All items of a code.
    fn of(&self, code: &str) -> &[Item] {
        code.parse::<TariffCode>().ok().and_then(|code| self.items.get(&code)).map_or(&[], Vec::as_slice)
    }
}

/// What a price is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    pub code: TariffCode,
    /// None: the caller's own.
    pub facility_id: Option<Id>,
    pub care_type: Option<CareType>,
    pub ward_class: Option<WardClass>,
    /// None: today.
    pub service_date: Option<NaiveDate>,
}

#[derive(Debug, Clone)]
pub struct Quote {
    pub facility_id: Id,
    pub service_date: NaiveDate,
    pub schedule: Schedule,
    pub item: Item,
    pub priced: Priced,
}

/// The price that is in force. Who works at a facility asks for that one.
pub fn quote(app: &App, db: &mut Db, context: &Context, caller: &Caller, question: &Question) -> Result<Quote> {
    let facility_id = match (question.facility_id, caller.facility_id) {
        (Some(asked), Some(own)) if asked != own => return Err(Error::refused(Code::NotFound)),
        (asked, own) => asked.or(own).ok_or_else(|| Fault::parameter("facility_id", "FIELD_MISSING"))?,
    };
    let facility = app.memory.facility(facility_id).ok_or_else(|| Fault::parameter("facility_id", "FACILITY_UNKNOWN"))?;
    let service_date = question.service_date.unwrap_or_else(|| app.city.today(context.now));
    let fit = Fit::at(&facility, &app.city.code, question.care_type, question.ward_class);
    let code = question.code.as_str();
    let prices = prices(db, service_date, &[code])?;
    if let choices @ [_, _, ..] = tariffs::care_types(prices.of(code), &fit).as_slice() {
        let choices: Vec<&str> = choices.iter().map(|care_type| care_type.as_str()).collect();
        return Err(Fault::parameter("care_type", "CARE_TYPE_NEEDED").with("allowed", choices.join(", ")).into());
    }
    match (&prices.schedule, prices.item(code, &fit), prices.closest(code, &fit)) {
        (Some(schedule), Some(item), Some(priced)) => Ok(Quote { facility_id, service_date, schedule: schedule.clone(), item: item.clone(), priced }),
        (Some(schedule), ..) => Err(Error::conflict(Code::TariffNotFound, serde_json::json!({ "schedule_id": schedule.id }))),
        (None, ..) => Err(Error::refused(Code::TariffNotFound)),
    }
}
