//! Debts of a year that were acknowledged, and which claims were carried over with them.

use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::db::{Db, Tx, locked, on_each, total};
use crate::domain::budget::{Approval, Pot};
use crate::domain::claims::ClaimState;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{carried_debts, claims, debt_acknowledgements, debt_items};

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = debt_acknowledgements, treat_none_as_default_value = false)]
pub struct Acknowledgement {
    pub id: Id,
    pub number: String,
    pub year: i32,
    pub document_number: String,
    pub total_amount: Rupiah,
    pub item_count: i32,
    pub unbilled_estimate: Rupiah,
    pub content_hash: Vec<u8>,
    pub proposed_by: Id,
    pub proposed_at: UtcTime,
    pub approved_by: Option<Id>,
    pub approved_at: Option<UtcTime>,
}

impl Acknowledgement {
    pub fn approval(&self) -> Approval {
        if self.approved_at.is_some() { Approval::Approved } else { Approval::Proposed }
    }
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone, PartialEq, Eq)]
#[diesel(table_name = debt_items, treat_none_as_default_value = false)]
pub struct DebtItem {
    pub acknowledgement_id: Id,
    pub claim_id: Id,
    pub claim_number: String,
    pub facility_id: Id,
    pub facility_claim_number: String,
    pub pot: Pot,
    pub amount: Rupiah,
}

/// What of one hospital an acknowledgement has.
#[derive(Queryable, Debug, Clone)]
pub struct FacilityDebt {
    pub facility_id: Id,
    pub claims: i64,
    pub amount: Rupiah,
}

/// A claim that is approved, neither paid nor ordered, and was not carried over: id, number, hospital, the hospital's number, pot and amount.
type Unpaid = (Id, String, Id, String, Pot, Rupiah);

/// What of a year is unpaid, by the claims' ids, held for the rest of the transaction.
pub fn lock_unpaid(tx: &mut Tx, year: i32, acknowledgement_id: Id) -> Result<Vec<DebtItem>> {
    let rows: Vec<Unpaid> = locked!(
        tx,
        claims::table
            .filter(claims::budget_year.eq(year))
            .filter(claims::state.eq_any([ClaimState::Approved, ClaimState::ApprovedPartial]))
            .filter(claims::approved_amount.gt(Rupiah::ZERO))
            .filter(not(exists(carried_debts::table.filter(carried_debts::claim_id.eq(claims::id)))))
            .order(claims::id)
            .select((claims::id, claims::number, claims::facility_id, claims::facility_claim_number, claims::pot, claims::approved_amount)),
        load
    )?;
    let item = |(claim_id, claim_number, facility_id, facility_claim_number, pot, amount)| DebtItem {
        acknowledgement_id,
        claim_id,
        claim_number,
        facility_id,
        facility_claim_number,
        pot,
        amount,
    };
    Ok(rows.into_iter().map(item).collect())
}

pub fn insert(tx: &mut Tx, acknowledgement: &Acknowledgement, items: &[DebtItem]) -> Result<()> {
    diesel::insert_into(debt_acknowledgements::table).values(acknowledgement).execute(&mut tx.db.connection)?;
    for chunk in items.chunks(1_000) {
        on_each!(tx.db, |connection| diesel::insert_into(debt_items::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Acknowledgement>> {
    Ok(debt_acknowledgements::table.find(id).select(Acknowledgement::as_select()).first(&mut db.connection).optional()?)
}

pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Acknowledgement>> {
    Ok(locked!(tx, debt_acknowledgements::table.find(id).select(Acknowledgement::as_select()), first).optional()?)
}

pub fn approve(tx: &mut Tx, id: Id, by: Id, at: UtcTime) -> Result<()> {
    diesel::update(debt_acknowledgements::table.find(id))
        .set((debt_acknowledgements::approved_at.eq(at), debt_acknowledgements::approved_by.eq(by)))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// The claims of an acknowledgement are owed by this year from now on; false where one of them was carried over before.
pub fn carry(tx: &mut Tx, items: &[DebtItem], owed_by_year: i32) -> Result<bool> {
    for chunk in items.chunks(1_000) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|item| {
                (
                    carried_debts::claim_id.eq(item.claim_id),
                    carried_debts::acknowledgement_id.eq(item.acknowledgement_id),
                    carried_debts::owed_by_year.eq(owed_by_year),
                )
            })
            .collect();
        let carried =
            on_each!(tx.db, |connection| diesel::insert_into(carried_debts::table).values(&rows).on_conflict_do_nothing().execute(connection))?;
        if carried < chunk.len() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The year that owes a claim since it was carried over; none where its own year does.
pub fn owed_by(db: &mut Db, claim: Id) -> Result<Option<i32>> {
    Ok(carried_debts::table.find(claim).select(carried_debts::owed_by_year).first(&mut db.connection).optional()?)
}

/// Every claim of an acknowledgement, in the order in which they are hashed.
pub fn items(db: &mut Db, acknowledgement: Id) -> Result<Vec<DebtItem>> {
    let all = debt_items::table.filter(debt_items::acknowledgement_id.eq(acknowledgement)).order(debt_items::claim_id);
    Ok(all.select(DebtItem::as_select()).load(&mut db.connection)?)
}

/// What each hospital has of it.
pub fn by_facility(db: &mut Db, acknowledgement: Id) -> Result<Vec<FacilityDebt>> {
    let sums = debt_items::table
        .filter(debt_items::acknowledgement_id.eq(acknowledgement))
        .group_by(debt_items::facility_id)
        .order(debt_items::facility_id)
        .select((debt_items::facility_id, sql::<BigInt>("COUNT(*)"), total!("debt_items.amount")));
    Ok(sums.load(&mut db.connection)?)
}

/// A page, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, year: Option<i32>, before: Option<Id>, limit: i64) -> Result<Vec<Acknowledgement>> {
    let mut query = debt_acknowledgements::table.select(Acknowledgement::as_select()).into_boxed();
    if let Some(year) = year {
        query = query.filter(debt_acknowledgements::year.eq(year));
    }
    if let Some(before) = before {
        query = query.filter(debt_acknowledgements::id.lt(before));
    }
    Ok(query.order(debt_acknowledgements::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}
