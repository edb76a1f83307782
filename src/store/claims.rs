//! Claims as they stand, by what they are judged, and what is in the way of another.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::budget::Pot;
use crate::domain::claims::ClaimState;
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::id::Id;
use crate::domain::letters::DischargeStatus;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{claim_terms, claims, live_claim_grounds, live_claims};

#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone)]
#[diesel(table_name = claims, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Claim {
    pub id: Id,
    pub version: i32,
    pub number: String,
    pub revision: i32,
    pub state: ClaimState,
    pub facility_id: Id,
    pub facility_claim_number: String,
    pub participant_id: Id,
    pub letter_id: Option<Id>,
    pub check_id: Id,
    pub care_type: CareType,
    pub admitted_on: NaiveDate,
    pub discharged_on: Option<NaiveDate>,
    pub discharge_status: Option<DischargeStatus>,
    pub ward_class: Option<WardClass>,
    pub principal_diagnosis: Option<String>,
    pub budget_year: i32,
    pub pot: Pot,
    pub claimed_amount: Rupiah,
    pub tariff_amount: Rupiah,
    pub hospital_cost: Rupiah,
    pub payable_amount: Rupiah,
    pub approved_amount: Rupiah,
    pub paid_amount: Rupiah,
    pub late: bool,
    pub replaces_claim_id: Option<Id>,
    pub taken_by: Option<Id>,
    pub created_by: Id,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
}

/// By what a claim was judged, and what is due when.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone)]
#[diesel(table_name = claim_terms, primary_key(claim_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Terms {
    pub claim_id: Id,
    pub rule_set: String,
    pub rule_date: NaiveDate,
    pub tariff_schedule_id: Option<Id>,
    pub tariff_date: NaiveDate,
    pub contract_id: Option<Id>,
    pub payment_percent: i32,
    pub submitted_at: Option<UtcTime>,
    pub submitted_by: Option<Id>,
    pub completed_at: Option<UtcTime>,
    pub decided_at: Option<UtcTime>,
    pub decided_by: Option<Id>,
    pub complete_by: Option<NaiveDate>,
    pub fix_by: Option<NaiveDate>,
    pub pay_by: Option<NaiveDate>,
    pub dispute_by: Option<NaiveDate>,
    pub expires_on: NaiveDate,
    pub disputes: i32,
    pub sampled: bool,
    pub recoverable_amount: Rupiah,
    /// Where the amount is one that two decide.
    pub first_decided_by: Option<Id>,
    pub first_decided_amount: Option<Rupiah>,
}

/// What stands in the way of a new claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTheWay {
    /// Another live claim of this hospital has the number.
    Number(Id),
    /// The letter or check was billed already.
    Ground(Id),
}

/// Stores a new claim alone; what hangs on it is in `new_claims`.
pub fn insert(tx: &mut Tx, claim: &Claim) -> Result<()> {
    diesel::insert_into(claims::table).values(claim).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Takes the number and the ground of a claim that was stored; none where both were free.
pub fn occupy(tx: &mut Tx, claim: &Claim) -> Result<Option<InTheWay>> {
    let ground = claim.letter_id.unwrap_or(claim.check_id);
    let number = (
        live_claims::facility_id.eq(claim.facility_id),
        live_claims::facility_claim_number.eq(&claim.facility_claim_number),
        live_claims::claim_id.eq(claim.id),
    );
    if on_each!(tx.db, |connection| diesel::insert_into(live_claims::table).values(number).on_conflict_do_nothing().execute(connection))? == 0 {
        let holder = live_claims::table.find((claim.facility_id, &claim.facility_claim_number)).select(live_claims::claim_id);
        return Ok(Some(InTheWay::Number(holder.first(&mut tx.db.connection)?)));
    }
    let row = (live_claim_grounds::ground_id.eq(ground), live_claim_grounds::claim_id.eq(claim.id));
    if on_each!(tx.db, |connection| diesel::insert_into(live_claim_grounds::table).values(row).on_conflict_do_nothing().execute(connection))? == 0 {
        let holder = live_claim_grounds::table.find(ground).select(live_claim_grounds::claim_id);
        return Ok(Some(InTheWay::Ground(holder.first(&mut tx.db.connection)?)));
    }
    Ok(None)
}

/// The number and the ground of a claim that is over are free for another.
pub fn vacate(tx: &mut Tx, claim: Id) -> Result<()> {
    diesel::delete(live_claims::table.filter(live_claims::claim_id.eq(claim))).execute(&mut tx.db.connection)?;
    diesel::delete(live_claim_grounds::table.filter(live_claim_grounds::claim_id.eq(claim))).execute(&mut tx.db.connection)?;
    Ok(())
}

/// A live claim that was made in the place of this one.
pub fn in_place_of(db: &mut Db, claim: Id) -> Result<Option<Id>> {
    let live: Vec<ClaimState> = ClaimState::ALL.iter().copied().filter(|state| state.is_live()).collect();
    let heirs = claims::table.filter(claims::replaces_claim_id.eq(claim)).filter(claims::state.eq_any(live));
    Ok(heirs.select(claims::id).first(&mut db.connection).optional()?)
}

/// Was another claim handed in, in the place of this one?
pub fn handed_in_for(db: &mut Db, claim: Id, but: Id) -> Result<bool> {
    let live: Vec<ClaimState> = ClaimState::ALL.iter().copied().filter(|state| state.is_live() && *state != ClaimState::Draft).collect();
    let heirs = claims::table.filter(claims::replaces_claim_id.eq(claim)).filter(claims::state.eq_any(live)).filter(claims::id.ne(but));
    Ok(diesel::select(diesel::dsl::exists(heirs)).get_result(&mut db.connection)?)
}

/// The live claim under a letter, or on a check without one.
pub fn on_ground(db: &mut Db, ground: Id) -> Result<Option<Id>> {
    Ok(live_claim_grounds::table.find(ground).select(live_claim_grounds::claim_id).first(&mut db.connection).optional()?)
}

/// The same of several: by the letter or the check.
pub fn on_grounds(db: &mut Db, grounds: &[Id]) -> Result<HashMap<Id, Id>> {
    let rows = live_claim_grounds::table.filter(live_claim_grounds::ground_id.eq_any(grounds));
    Ok(rows.select((live_claim_grounds::ground_id, live_claim_grounds::claim_id)).load::<(Id, Id)>(&mut db.connection)?.into_iter().collect())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Claim>> {
    Ok(claims::table.find(id).select(Claim::as_select()).first(&mut db.connection).optional()?)
}

pub fn terms(db: &mut Db, id: Id) -> Result<Terms> {
    Ok(claim_terms::table.find(id).select(Terms::as_select()).first(&mut db.connection)?)
}

/// Holds a claim for the rest of the transaction.
pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Claim>> {
    Ok(locked!(tx, claims::table.find(id).select(Claim::as_select()), first).optional()?)
}

/// Stores a claim as it is now, one version on.
pub fn update(tx: &mut Tx, claim: &mut Claim, terms: &Terms, now: UtcTime) -> Result<()> {
    claim.version += 1;
    claim.updated_at = now;
    diesel::update(claims::table.find(claim.id)).set(&*claim).execute(&mut tx.db.connection)?;
    diesel::update(claim_terms::table.find(claim.id)).set(terms).execute(&mut tx.db.connection)?;
    Ok(())
}

/// What a list of claims may be narrowed by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    pub facility_id: Option<Id>,
    pub number: Option<String>,
    pub facility_claim_number: Option<String>,
    pub state: Option<ClaimState>,
    pub care_type: Option<CareType>,
    /// Day of admission, from and to.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub updated_since: Option<UtcTime>,
}

/// A page of claims with what is due, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Vec<(Claim, Terms)>> {
    let mut query = claims::table
        .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
        .select((Claim::as_select(), Terms::as_select()))
        .into_boxed();
    if let Some(facility) = filter.facility_id {
        query = query.filter(claims::facility_id.eq(facility));
    }
    if let Some(number) = &filter.number {
        query = query.filter(claims::number.eq(number));
    }
    if let Some(number) = &filter.facility_claim_number {
        query = query.filter(claims::facility_claim_number.eq(number));
    }
    if let Some(state) = filter.state {
        query = query.filter(claims::state.eq(state));
    }
    if let Some(care_type) = filter.care_type {
        query = query.filter(claims::care_type.eq(care_type));
    }
    if let Some(from) = filter.from {
        query = query.filter(claims::admitted_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(claims::admitted_on.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(claims::updated_at.ge(since));
    }
    if let Some(before) = before {
        query = query.filter(claims::id.lt(before));
    }
    Ok(query.order(claims::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}

/// Claims that wait for a person, those first that could save most; of two alike the older one.
pub fn to_review(db: &mut Db, limit: i64) -> Result<Vec<(Claim, Terms)>> {
    let waiting = [ClaimState::Submitted, ClaimState::Complete, ClaimState::InVerification, ClaimState::Disputed, ClaimState::Recheck];
    let queue = claims::table
        .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
        .filter(claims::state.eq_any(waiting))
        .order((claim_terms::recoverable_amount.desc(), claims::id))
        .limit(limit);
    Ok(queue.select((Claim::as_select(), Terms::as_select())).load(&mut db.connection)?)
}

/// Claims on which a clock has run out: to be taken for complete, or to be let go.
pub fn due(db: &mut Db, today: NaiveDate, limit: i64) -> Result<Vec<Id>> {
    let complete = claims::table
        .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
        .filter(claims::state.eq_any([ClaimState::Submitted, ClaimState::InVerification]))
        .filter(claim_terms::complete_by.lt(today))
        .select(claims::id)
        .limit(limit);
    let mut due: Vec<Id> = complete.load(&mut db.connection)?;
    let forgotten = claims::table
        .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
        .filter(claims::state.eq(ClaimState::Draft))
        .filter(claim_terms::expires_on.lt(today))
        .select(claims::id)
        .limit(limit);
    due.extend(forgotten.load::<Id>(&mut db.connection)?);
    let unmended = claims::table
        .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
        .filter(claims::state.eq(ClaimState::Returned))
        .filter(claim_terms::fix_by.lt(today))
        .select(claims::id)
        .limit(limit);
    due.extend(unmended.load::<Id>(&mut db.connection)?);
    Ok(due)
}
