//! Bills of a hospital by month of discharge, and bills that should have been paid by a day.

use chrono::NaiveDate;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date};

use super::claims::{Claim, Terms};
use super::db::{Db, total};
use crate::domain::claims::ClaimState;
use crate::domain::id::Id;
use crate::domain::payments::ItemState;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{claim_terms, claims, guarantee_letters, payment_batches, payment_items};

/// A claim with what is due, and the number of its letter.
pub type Bill = (Claim, Terms, Option<String>);

/// What was never handed in, or is over without a decision, is no bill.
const NO_BILLS: [ClaimState; 3] = [ClaimState::Draft, ClaimState::Withdrawn, ClaimState::Expired];

/// Which part of the list is read.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// All, in the order in which they came.
    Whole,
    /// A page, newest first, and one more if there is one.
    Page { before: Option<Id>, limit: i64 },
}

/// Claims of a hospital whose care ended between these days, both included.
macro_rules! of_month {
    ($facility:expr, $from:expr, $to:expr) => {
        claims::table.filter(claims::facility_id.eq($facility)).filter(claims::state.ne_all(NO_BILLS)).filter(
            claims::discharged_on
                .between($from, $to)
                .or(claims::discharged_on.is_null().and(claims::admitted_on.between($from, $to)).assume_not_null()),
        )
    };
}

pub fn of_month(db: &mut Db, facility: Id, (from, to): (NaiveDate, NaiveDate), part: Part) -> Result<Vec<Bill>> {
    let query = of_month!(facility, from, to)
        .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
        .left_join(guarantee_letters::table.on(guarantee_letters::id.nullable().eq(claims::letter_id)))
        .select((Claim::as_select(), Terms::as_select(), guarantee_letters::number.nullable()))
        .into_boxed();
    let query = match part {
        Part::Whole => query.order(claims::id),
        Part::Page { before: Some(before), limit } => query.filter(claims::id.lt(before)).order(claims::id.desc()).limit(limit + 1),
        Part::Page { before: None, limit } => query.order(claims::id.desc()).limit(limit + 1),
    };
    Ok(query.load(&mut db.connection)?)
}

/// Sums over bills.
#[derive(Queryable, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub claims: i64,
    pub claimed: Rupiah,
    pub tariff: Rupiah,
    pub hospital_cost: Rupiah,
    pub approved: Rupiah,
    pub paid: Rupiah,
}

pub fn totals_of_month(db: &mut Db, facility: Id, (from, to): (NaiveDate, NaiveDate)) -> Result<Totals> {
    let sums = of_month!(facility, from, to).select((
        sql::<BigInt>("COUNT(*)"),
        total!("claims.claimed_amount"),
        total!("claims.tariff_amount"),
        total!("claims.hospital_cost"),
        total!("claims.approved_amount"),
        total!("claims.paid_amount"),
    ));
    Ok(sums.first(&mut db.connection)?)
}

/// Of which day it is asked: the date, and the instant at which it ends in the city.
#[derive(Debug, Clone, Copy)]
pub struct AsOf {
    pub on: NaiveDate,
    pub ends_at: UtcTime,
}

/// What a hospital is owed that should have been paid.
#[derive(Queryable, Debug, Clone)]
pub struct FacilityOverdue {
    pub facility_id: Id,
    pub claims: i64,
    pub amount: Rupiah,
    /// The day on which the longest due of them was.
    pub oldest_pay_by: NaiveDate,
}

/// Claims that were approved by the end of a day, were due before it, and were not paid by it.
macro_rules! overdue {
    ($as_of:expr) => {
        claims::table
            .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
            .filter(claim_terms::pay_by.lt($as_of.on))
            .filter(claim_terms::decided_at.le($as_of.ends_at))
            .filter(claims::approved_amount.gt(Rupiah::ZERO))
            .filter(
                claims::state.eq_any([ClaimState::Approved, ClaimState::ApprovedPartial, ClaimState::PaymentOrdered]).or(claims::state
                    .eq(ClaimState::Paid)
                    .and(exists(
                        payment_items::table
                            .inner_join(payment_batches::table.on(payment_batches::id.eq(payment_items::batch_id)))
                            .filter(payment_items::claim_id.eq(claims::id))
                            .filter(payment_items::state.eq(ItemState::Paid))
                            .filter(payment_batches::paid_on.gt($as_of.on)),
                    ))),
            )
    };
}

/// What each hospital is owed, by their ids.
pub fn overdue_by_facility(db: &mut Db, as_of: AsOf) -> Result<Vec<FacilityOverdue>> {
    let sums = overdue!(as_of).group_by(claims::facility_id).order(claims::facility_id).select((
        claims::facility_id,
        sql::<BigInt>("COUNT(*)"),
        total!("claims.approved_amount"),
        sql::<Date>("MIN(claim_terms.pay_by)"),
    ));
    Ok(sums.load(&mut db.connection)?)
}

/// A page of them, the first that came first, and one more if there is one; of one hospital, where one is named.
pub fn overdue(db: &mut Db, as_of: AsOf, facility: Option<Id>, after: Option<Id>, limit: i64) -> Result<Vec<(Claim, Terms)>> {
    let mut query = overdue!(as_of).select((Claim::as_select(), Terms::as_select())).into_boxed();
    if let Some(facility) = facility {
        query = query.filter(claims::facility_id.eq(facility));
    }
    if let Some(after) = after {
        query = query.filter(claims::id.gt(after));
    }
    Ok(query.order(claims::id).limit(limit + 1).load(&mut db.connection)?)
}
