//! Payment batches and what each pays to whom.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::claims::Claim;
use super::db::{Db, Tx, locked, on_each};
use crate::domain::budget::Pot;
use crate::domain::claims::ClaimState;
use crate::domain::id::Id;
use crate::domain::payments::{BatchState, ItemState};
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{claim_lines, claim_terms, claims, payment_batches, payment_items, treasury_orders};

#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone)]
#[diesel(table_name = payment_batches, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Batch {
    pub id: Id,
    pub version: i32,
    pub number: String,
    pub state: BatchState,
    pub period_month: NaiveDate,
    pub pot: Pot,
    pub total_amount: Rupiah,
    pub item_count: i32,
    pub created_by: Id,
    pub created_at: UtcTime,
    pub approved_by: Option<Id>,
    pub approved_at: Option<UtcTime>,
    pub settled_by: Option<Id>,
    pub settled_at: Option<UtcTime>,
    pub paid_on: Option<NaiveDate>,
    pub sp2d_number: Option<String>,
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = payment_items, treat_none_as_default_value = false)]
pub struct Item {
    pub batch_id: Id,
    pub claim_id: Id,
    pub facility_id: Id,
    pub amount: Rupiah,
    pub state: ItemState,
}

/// Takes an order of the treasury for a batch; tells of the batch that it paid, where that is another.
pub fn take_treasury_order(tx: &mut Tx, sp2d_number: &str, batch: Id) -> Result<Option<Batch>> {
    let row = (treasury_orders::sp2d_number.eq(sp2d_number), treasury_orders::batch_id.eq(batch));
    if on_each!(tx.db, |connection| diesel::insert_into(treasury_orders::table).values(row).on_conflict_do_nothing().execute(connection))? == 1 {
        return Ok(None);
    }
    let paid: Id = treasury_orders::table.find(sp2d_number).select(treasury_orders::batch_id).first(&mut tx.db.connection)?;
    find(tx, paid)
}

/// Approved claims of a pot whose care ended before this day, oldest first; of these hospitals or these claims, where they are named. One to which the
/// hospital may still object is paid early only where it is named.
pub fn payable(
    db: &mut Db,
    pot: Pot,
    (before, today): (NaiveDate, NaiveDate),
    (facilities, named): (&[Id], &[Id]),
    limit: i64,
) -> Result<Vec<Claim>> {
    let ended = claims::discharged_on.lt(before).or(claims::discharged_on.is_null().and(claims::admitted_on.lt(before)).assume_not_null());
    let mut query = claims::table
        .filter(claims::pot.eq(pot))
        .filter(claims::state.eq_any([ClaimState::Approved, ClaimState::ApprovedPartial]))
        .filter(claims::approved_amount.gt(Rupiah::ZERO))
        .filter(ended)
        .select(Claim::as_select())
        .into_boxed();
    if !facilities.is_empty() {
        query = query.filter(claims::facility_id.eq_any(facilities.to_vec()));
    }
    if named.is_empty() {
        let objectionable = claim_terms::table
            .filter(claim_terms::claim_id.eq(claims::id))
            .filter(claim_terms::dispute_by.ge(today))
            .filter(claim_terms::disputes.eq(0));
        query = query.filter(claims::state.eq(ClaimState::Approved).or(diesel::dsl::not(diesel::dsl::exists(objectionable))));
    } else {
        query = query.filter(claims::id.eq_any(named.to_vec()));
    }
    Ok(query.order(claims::id).limit(limit).load(&mut db.connection)?)
}

pub fn insert(tx: &mut Tx, batch: &Batch, items: &[Item]) -> Result<()> {
    diesel::insert_into(payment_batches::table).values(batch).execute(&mut tx.db.connection)?;
    for chunk in items.chunks(1_000) {
        on_each!(tx.db, |connection| diesel::insert_into(payment_items::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Batch>> {
    Ok(payment_batches::table.find(id).select(Batch::as_select()).first(&mut db.connection).optional()?)
}

pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Batch>> {
    Ok(locked!(tx, payment_batches::table.find(id).select(Batch::as_select()), first).optional()?)
}

pub fn update(tx: &mut Tx, batch: &mut Batch) -> Result<()> {
    batch.version += 1;
    diesel::update(payment_batches::table.find(batch.id)).set(&*batch).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Every item that the batch still pays becomes this.
pub fn become_all(tx: &mut Tx, batch: Id, state: ItemState) -> Result<()> {
    let ordered = payment_items::table.filter(payment_items::batch_id.eq(batch)).filter(payment_items::state.eq(ItemState::Ordered));
    diesel::update(ordered).set(payment_items::state.eq(state)).execute(&mut tx.db.connection)?;
    Ok(())
}

/// The item by which a claim is to be paid.
pub fn ordered(db: &mut Db, claim: Id) -> Result<Option<Item>> {
    let ordered = payment_items::table.filter(payment_items::claim_id.eq(claim)).filter(payment_items::state.eq(ItemState::Ordered));
    Ok(ordered.select(Item::as_select()).first(&mut db.connection).optional()?)
}

/// Takes one claim out of a batch.
pub fn release(tx: &mut Tx, item: &Item) -> Result<()> {
    diesel::update(payment_items::table.find((item.batch_id, item.claim_id)))
        .set(payment_items::state.eq(ItemState::Released))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// What a batch still pays, by claim.
pub fn items(db: &mut Db, batch: Id) -> Result<Vec<Item>> {
    let items = payment_items::table.filter(payment_items::batch_id.eq(batch)).filter(payment_items::state.eq(ItemState::Ordered));
    Ok(items.order(payment_items::claim_id).select(Item::as_select()).load(&mut db.connection)?)
}

/// The items of a batch with the numbers by which both sides know the claims; of one hospital, where one is named.
pub fn with_claims(db: &mut Db, batch: Id, facility: Option<Id>) -> Result<Vec<(Item, Claim)>> {
    let mut query = payment_items::table
        .inner_join(claims::table.on(claims::id.eq(payment_items::claim_id)))
        .filter(payment_items::batch_id.eq(batch))
        .select((Item::as_select(), Claim::as_select()))
        .into_boxed();
    if let Some(facility) = facility {
        query = query.filter(payment_items::facility_id.eq(facility));
    }
    Ok(query.order(payment_items::claim_id).load(&mut db.connection)?)
}

/// The batches in which a claim was ordered, the oldest first.
pub fn of_claim(db: &mut Db, claim: Id) -> Result<Vec<(Batch, Item)>> {
    let items = payment_items::table
        .inner_join(payment_batches::table.on(payment_batches::id.eq(payment_items::batch_id)))
        .filter(payment_items::claim_id.eq(claim));
    Ok(items.select((Batch::as_select(), Item::as_select())).order(payment_batches::id).load(&mut db.connection)?)
}

/// What these batches paid a hospital.
pub fn items_of(db: &mut Db, batches: &[Id], facility: Id) -> Result<Vec<Item>> {
    let items = payment_items::table.filter(payment_items::batch_id.eq_any(batches)).filter(payment_items::facility_id.eq(facility));
    Ok(items.filter(payment_items::state.eq(ItemState::Paid)).select(Item::as_select()).load(&mut db.connection)?)
}

/// What was approved line by line is paid.
pub fn pay_lines(tx: &mut Tx, claim: Id) -> Result<()> {
    diesel::update(claim_lines::table.filter(claim_lines::claim_id.eq(claim)))
        .set(claim_lines::paid_amount.eq(claim_lines::approved_amount))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// A page of batches, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, state: Option<BatchState>, before: Option<Id>, limit: i64) -> Result<Vec<Batch>> {
    let mut query = payment_batches::table.select(Batch::as_select()).into_boxed();
    if let Some(state) = state {
        query = query.filter(payment_batches::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(payment_batches::id.lt(before));
    }
    Ok(query.order(payment_batches::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}

/// The settled batches that paid a hospital something, newest first, one more than asked for when there are more.
pub fn paid_to(db: &mut Db, facility: Id, before: Option<Id>, limit: i64) -> Result<Vec<Batch>> {
    let mut paid = payment_items::table
        .filter(payment_items::facility_id.eq(facility))
        .filter(payment_items::state.eq(ItemState::Paid))
        .select(payment_items::batch_id)
        .distinct()
        .into_boxed();
    if let Some(before) = before {
        paid = paid.filter(payment_items::batch_id.lt(before));
    }
    let ids: Vec<Id> = paid.order(payment_items::batch_id.desc()).limit(limit + 1).load(&mut db.connection)?;
    let batches = payment_batches::table.filter(payment_batches::id.eq_any(ids)).order(payment_batches::id.desc());
    Ok(batches.select(Batch::as_select()).load(&mut db.connection)?)
}
