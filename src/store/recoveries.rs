//! What hospitals owe back, and how it was repaid.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::claims::Claim;
use super::db::{Db, Tx, locked, total};
use crate::domain::budget::Pot;
use crate::domain::id::Id;
use crate::domain::recoveries::{RecoveryReason, RecoveryState, RepaymentState};
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{claims, recoveries, recovery_repayments};

#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone)]
#[diesel(table_name = recoveries, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Recovery {
    pub id: Id,
    pub version: i32,
    pub claim_id: Id,
    pub facility_id: Id,
    pub pot: Pot,
    pub state: RecoveryState,
    pub reason: RecoveryReason,
    pub amount: Rupiah,
    pub repaid_amount: Rupiah,
    /// What orders that are not settled will keep back.
    pub ordered_amount: Rupiah,
    pub document_number: String,
    pub asked_by: Id,
    pub asked_at: UtcTime,
    pub approved_by: Option<Id>,
    pub approved_at: Option<UtcTime>,
}

impl Recovery {
    /// What is neither repaid nor on its way. The table holds the parts to the whole.
    pub fn open(&self) -> Rupiah {
        Rupiah(self.amount.0 - self.repaid_amount.0 - self.ordered_amount.0)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone)]
#[diesel(table_name = recovery_repayments, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Repayment {
    pub id: Id,
    pub recovery_id: Id,
    pub facility_id: Id,
    /// The payment out of which it is kept back; none where the hospital transferred it.
    pub batch_id: Option<Id>,
    pub amount: Rupiah,
    pub state: RepaymentState,
    pub repaid_on: Option<NaiveDate>,
    pub document_number: Option<String>,
    pub recorded_by: Id,
    pub recorded_at: UtcTime,
}

/// What a list may be narrowed by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    pub facility_id: Option<Id>,
    pub claim_id: Option<Id>,
    pub state: Option<RecoveryState>,
    pub reason: Option<RecoveryReason>,
    /// Not what is only asked for, nor what was taken back.
    pub owed_only: bool,
}

pub fn insert(tx: &mut Tx, recovery: &Recovery) -> Result<()> {
    diesel::insert_into(recoveries::table).values(recovery).execute(&mut tx.db.connection)?;
    Ok(())
}

/// With the claim that it is about.
pub fn find(db: &mut Db, id: Id) -> Result<Option<(Recovery, Claim)>> {
    let found = recoveries::table.inner_join(claims::table.on(claims::id.eq(recoveries::claim_id))).filter(recoveries::id.eq(id));
    Ok(found.select((Recovery::as_select(), Claim::as_select())).first(&mut db.connection).optional()?)
}

pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Recovery>> {
    Ok(locked!(tx, recoveries::table.find(id).select(Recovery::as_select()), first).optional()?)
}

/// Stores it as it is now, one version on.
pub fn update(tx: &mut Tx, recovery: &mut Recovery) -> Result<()> {
    recovery.version += 1;
    diesel::update(recoveries::table.find(recovery.id)).set(&*recovery).execute(&mut tx.db.connection)?;
    Ok(())
}

/// What is asked back for a claim in all, whoever approved it yet or not.
pub fn asked_for(db: &mut Db, claim: Id) -> Result<Rupiah> {
    let asked = recoveries::table.filter(recoveries::claim_id.eq(claim)).filter(recoveries::state.ne(RecoveryState::Cancelled));
    Ok(asked.select(total!("recoveries.amount")).first(&mut db.connection)?)
}

/// What came back already of what was paid for each of these claims; of others nothing did.
pub fn repaid_of(db: &mut Db, claims: &[Id]) -> Result<HashMap<Id, Rupiah>> {
    let of_claims = recoveries::table.filter(recoveries::claim_id.eq_any(claims)).group_by(recoveries::claim_id);
    let sum = total!("recoveries.repaid_amount");
    Ok(of_claims.select((recoveries::claim_id, sum)).load::<(Id, Rupiah)>(&mut db.connection)?.into_iter().collect())
}

/// What a hospital owes to a pot, the oldest first, held for the rest of the transaction.
pub fn lock_due(tx: &mut Tx, facility: Id, pot: Pot) -> Result<Vec<Recovery>> {
    let due = locked!(
        tx,
        recoveries::table
            .filter(recoveries::facility_id.eq(facility))
            .filter(recoveries::pot.eq(pot))
            .filter(recoveries::state.eq(RecoveryState::Due))
            .order(recoveries::id)
            .select(Recovery::as_select()),
        load
    )?;
    Ok(due)
}

pub fn insert_repayment(tx: &mut Tx, repayment: &Repayment) -> Result<()> {
    diesel::insert_into(recovery_repayments::table).values(repayment).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn update_repayment(tx: &mut Tx, repayment: &Repayment) -> Result<()> {
    diesel::update(recovery_repayments::table.find(repayment.id)).set(repayment).execute(&mut tx.db.connection)?;
    Ok(())
}

/// How it was repaid, the oldest first.
pub fn repayments(db: &mut Db, recovery: Id) -> Result<Vec<Repayment>> {
    let all = recovery_repayments::table.filter(recovery_repayments::recovery_id.eq(recovery)).order(recovery_repayments::id);
    Ok(all.select(Repayment::as_select()).load(&mut db.connection)?)
}

/// What these payments keep back, the oldest debt first, with the claims for which it is owed; from one hospital, where one is named.
pub fn kept_back(db: &mut Db, batches: &[Id], facility: Option<Id>) -> Result<Vec<(Repayment, Recovery, Claim)>> {
    let mut query = recovery_repayments::table
        .inner_join(recoveries::table.on(recoveries::id.eq(recovery_repayments::recovery_id)))
        .inner_join(claims::table.on(claims::id.eq(recoveries::claim_id)))
        .filter(recovery_repayments::batch_id.eq_any(batches.iter().copied().map(Some)))
        .select((Repayment::as_select(), Recovery::as_select(), Claim::as_select()))
        .into_boxed();
    if let Some(facility) = facility {
        query = query.filter(recovery_repayments::facility_id.eq(facility));
    }
    Ok(query.order((recoveries::id, recovery_repayments::id)).load(&mut db.connection)?)
}

/// A page with the claims that they are about, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Vec<(Recovery, Claim)>> {
    let mut query = recoveries::table
        .inner_join(claims::table.on(claims::id.eq(recoveries::claim_id)))
        .select((Recovery::as_select(), Claim::as_select()))
        .into_boxed();
    if let Some(facility) = filter.facility_id {
        query = query.filter(recoveries::facility_id.eq(facility));
    }
    if let Some(claim) = filter.claim_id {
        query = query.filter(recoveries::claim_id.eq(claim));
    }
    if let Some(state) = filter.state {
        query = query.filter(recoveries::state.eq(state));
    }
    if let Some(reason) = filter.reason {
        query = query.filter(recoveries::reason.eq(reason));
    }
    if filter.owed_only {
        query = query.filter(recoveries::state.eq_any([RecoveryState::Due, RecoveryState::Repaid]));
    }
    if let Some(before) = before {
        query = query.filter(recoveries::id.lt(before));
    }
    Ok(query.order(recoveries::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}
