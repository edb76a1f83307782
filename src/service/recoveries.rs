//! Recoveries: what hospitals pay back for claims that were paid. One person of the finance office asks, another approves; the hospital transfers it, or
//! the next payments to it keep it back. The budget has the money again when it has come.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::App;
use super::debts;
use super::idempotency::Once;
use super::ledger;
use crate::context::Context;
use crate::domain::budget::{Account, Move, Posting, PostingKind, Pot};
use crate::domain::claims::ClaimState;
use crate::domain::id::Id;
use crate::domain::recoveries::{RecoveryAction, RecoveryReason, RecoveryState, RepaymentState, kept_back};
use crate::domain::roles::{Caller, Role};
use crate::domain::rupiah::Rupiah;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::claims::{self, Claim};
use crate::store::db::{Db, Tx};
use crate::store::gate::Priority;
use crate::store::reading::read;
use crate::store::recoveries::{self, Filter, Recovery, Repayment};

/// A recovery with the claim that it is about, and how it was repaid.
#[derive(Clone)]
pub struct Told {
    pub recovery: Recovery,
    pub claim: Claim,
    pub repayments: Vec<Repayment>,
}

pub struct Demand {
    pub amount: Rupiah,
    pub reason: RecoveryReason,
    pub document_number: String,
}

pub struct Receipt {
    pub amount: Rupiah,
    pub received_on: NaiveDate,
    pub document_number: String,
}

fn too_large() -> Error {
    Error::internal("more money than there is")
}

fn after(recovery: &Recovery, action: RecoveryAction) -> Result<RecoveryState> {
    let conflict = || Error::conflict(Code::RecoveryState, serde_json::json!({ "state": recovery.state }));
    recovery.state.after(action).ok_or_else(conflict)
}

fn held(tx: &mut Tx, id: Id) -> Result<Recovery> {
    recoveries::lock(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))
}

/// Of what was paid and not asked back yet.
pub fn ask(db: &mut Db, context: &Context, caller: &Caller, claim_id: Id, demand: &Demand, once: &Once<'_, Told>) -> Result<Told> {
    let id = context.new_id();
    once.write(db, Priority::People, |tx| {
        let claim = claims::lock(tx, claim_id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        if claim.state != ClaimState::Paid {
            return Err(Error::conflict(Code::ClaimState, serde_json::json!({ "state": claim.state })));
        }
        let left = claim.paid_amount.minus(recoveries::asked_for(tx, claim_id)?).map_err(|_| too_large())?;
        if demand.amount > left {
            return Err(Fault::at("/amount", "ABOVE_PAID").with("limit", left).into());
        }
        let recovery = Recovery {
            id,
            version: 1,
            claim_id,
            facility_id: claim.facility_id,
            pot: claim.pot,
            state: RecoveryState::Proposed,
            reason: demand.reason,
            amount: demand.amount,
            repaid_amount: Rupiah::ZERO,
            ordered_amount: Rupiah::ZERO,
            document_number: demand.document_number.clone(),
            asked_by: caller.user_id,
            asked_at: context.now,
            approved_by: None,
            approved_at: None,
        };
        recoveries::insert(tx, &recovery)?;
        let event = Event::new(context, "recovery.asked").object(id).about([claim.participant_id]).with("claim_id", claim_id);
        tx.record(event.with("amount", recovery.amount).with("reason", recovery.reason));
        Ok(Told { recovery, claim, repayments: Vec::new() })
    })
}

fn tell(tx: &mut Tx, recovery: Recovery) -> Result<Told> {
    let claim = claims::find(tx, recovery.claim_id)?.ok_or_else(|| Error::internal("a recovery for no claim"))?;
    let repayments = recoveries::repayments(tx, recovery.id)?;
    Ok(Told { recovery, claim, repayments })
}

/// Approves what another asked for: from now on the hospital owes it.
pub fn approve(db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut recovery = held(tx, id)?;
        let state = after(&recovery, RecoveryAction::Approve)?;
        if recovery.asked_by == caller.user_id {
            return Err(Error::refused(Code::DecidesOwnRequest));
        }
        (recovery.state, recovery.approved_by, recovery.approved_at) = (state, Some(caller.user_id), Some(context.now));
        recoveries::update(tx, &mut recovery)?;
        let told = tell(tx, recovery)?;
        tx.record(Event::new(context, "recovery.approved").object(id).about([told.claim.participant_id]).with("amount", told.recovery.amount));
        Ok(told)
    })
}

/// Takes back what nobody approved.
pub fn cancel(db: &mut Db, context: &Context, id: Id, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut recovery = held(tx, id)?;
        recovery.state = after(&recovery, RecoveryAction::Cancel)?;
        recoveries::update(tx, &mut recovery)?;
        let told = tell(tx, recovery)?;
        tx.record(Event::new(context, "recovery.cancelled").object(id).about([told.claim.participant_id]));
        Ok(told)
    })
}

/// The hospital has transferred it, or a part of it.
pub fn receive(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, receipt: &Receipt, once: &Once<'_, Told>) -> Result<Told> {
    if receipt.received_on > app.city.today(context.now) {
        return Err(Fault::at("/received_on", "DATE_IN_FUTURE").into());
    }
    let repayment_id = context.new_id();
    once.write(db, Priority::People, |tx| {
        let mut recovery = held(tx, id)?;
        after(&recovery, RecoveryAction::Repay)?;
        if receipt.amount > recovery.open() {
            return Err(Fault::at("/amount", "ABOVE_OPEN").with("limit", recovery.open()).into());
        }
        let repayment = Repayment {
            id: repayment_id,
            recovery_id: id,
            facility_id: recovery.facility_id,
            batch_id: None,
            amount: receipt.amount,
            state: RepaymentState::Repaid,
            repaid_on: Some(receipt.received_on),
            document_number: Some(receipt.document_number.clone()),
            recorded_by: caller.user_id,
            recorded_at: context.now,
        };
        recoveries::insert_repayment(tx, &repayment)?;
        repaid(tx, context, &mut recovery, (receipt.amount, receipt.received_on))?;
        tell(tx, recovery)
    })
}

/// So much of it is back: the budget that paid has it again.
fn repaid(tx: &mut Tx, context: &Context, recovery: &mut Recovery, (amount, on): (Rupiah, NaiveDate)) -> Result<()> {
    recovery.repaid_amount = recovery.repaid_amount.plus(amount).map_err(|_| too_large())?;
    if recovery.repaid_amount == recovery.amount {
        recovery.state = RecoveryState::Repaid;
    }
    recoveries::update(tx, recovery)?;
    let claim = claims::find(tx, recovery.claim_id)?.ok_or_else(|| Error::internal("a recovery for no claim"))?;
    let payer = debts::payer(tx, &claim)?;
    let posting = Posting {
        year: payer.year,
        pot: claim.pot,
        kind: PostingKind::Recovery,
        object_id: claim.id,
        occurred_on: on,
        moves: vec![Move { from: payer.paid, to: Account::Available, amount }],
    };
    ledger::post(tx, context, &posting)?;
    let event = Event::new(context, "recovery.repaid").object(recovery.id).about([claim.participant_id]);
    tx.record(event.with("amount", amount).with("state", recovery.state));
    Ok(())
}

/// What a payment keeps back of what each hospital owes, the oldest first, and never more than it pays that hospital.
pub fn keep_back(tx: &mut Tx, context: &Context, recorded_by: Id, (batch, pot): (Id, Pot), pays: &BTreeMap<Id, Rupiah>) -> Result<()> {
    for (facility, payment) in pays {
        let mut kept = Rupiah::ZERO;
        for mut recovery in recoveries::lock_due(tx, *facility, pot)? {
            let amount = kept_back(recovery.open(), *payment, kept).map_err(|_| too_large())?;
            if amount == Rupiah::ZERO {
                continue;
            }
            kept = kept.plus(amount).map_err(|_| too_large())?;
            recovery.ordered_amount = recovery.ordered_amount.plus(amount).map_err(|_| too_large())?;
            recoveries::update(tx, &mut recovery)?;
            let repayment = Repayment {
                id: context.new_id(),
                recovery_id: recovery.id,
                facility_id: *facility,
                batch_id: Some(batch),
                amount,
                state: RepaymentState::Ordered,
                repaid_on: None,
                document_number: None,
                recorded_by,
                recorded_at: context.now,
            };
            recoveries::insert_repayment(tx, &repayment)?;
            tx.record(Event::new(context, "recovery.kept_back").object(recovery.id).with("batch_id", batch).with("amount", amount));
        }
    }
    Ok(())
}

/// The payment was made without what it keeps back, or lets go of it: because it is cancelled, or because it pays something else from now on, of which
/// `keep_back` keeps back anew.
pub fn end_of_payment(tx: &mut Tx, context: &Context, (batch, facility): (Id, Option<Id>), paid: Option<(NaiveDate, &str)>) -> Result<()> {
    for (mut repayment, ..) in recoveries::kept_back(tx, &[batch], facility)? {
        if repayment.state != RepaymentState::Ordered {
            continue;
        }
        let mut recovery = held(tx, repayment.recovery_id)?;
        recovery.ordered_amount = recovery.ordered_amount.minus(repayment.amount).map_err(|_| too_large())?;
        if let Some((on, sp2d)) = paid {
            (repayment.state, repayment.repaid_on, repayment.document_number) = (RepaymentState::Repaid, Some(on), Some(sp2d.to_owned()));
            repaid(tx, context, &mut recovery, (repayment.amount, on))?;
        } else {
            repayment.state = RepaymentState::Released;
            recoveries::update(tx, &mut recovery)?;
        }
        recoveries::update_repayment(tx, &repayment)?;
    }
    Ok(())
}

/// The city's finance sees all, a hospital what it owes itself.
fn own(caller: &Caller) -> Result<Option<Id>> {
    match caller.role {
        Role::Admin | Role::Auditor | Role::Finance => Ok(None),
        Role::Hospital | Role::Clinic | Role::Registrar | Role::Manager | Role::Dpo | Role::Verifier => {
            caller.facility_id.map(Some).ok_or_else(|| Error::refused(Code::FacilityRequired))
        }
    }
}

/// What a hospital learns of only when it owes it.
fn is_told(own: Option<Id>, recovery: &Recovery) -> bool {
    own.is_none_or(|own| own == recovery.facility_id && matches!(recovery.state, RecoveryState::Due | RecoveryState::Repaid))
}

pub fn show(db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Told> {
    let own = own(caller)?;
    read(db, Event::new(context, "recovery.read").object(id), |db, reading| {
        let found = recoveries::find(db, id)?.filter(|(recovery, _)| is_told(own, recovery));
        let (recovery, claim) = found.ok_or_else(|| Error::refused(Code::NotFound))?;
        reading.shows([claim.participant_id]);
        Ok(Told { repayments: recoveries::repayments(db, id)?, recovery, claim })
    })
}

pub fn list(db: &mut Db, context: &Context, caller: &Caller, filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<(Recovery, Claim)>> {
    let own = own(caller)?;
    if own.is_some_and(|own| filter.facility_id.is_some_and(|asked| asked != own)) {
        return Ok(Vec::new());
    }
    let filter = Filter { facility_id: own.or(filter.facility_id), owed_only: own.is_some(), ..filter };
    read(db, Event::new(context, "recoveries.listed").with("filter", &filter), |db, reading| {
        let rows = recoveries::page(db, &filter, before, limit)?;
        let page = usize::try_from(limit).unwrap_or_default();
        reading.shows(rows.iter().take(page).map(|(_, claim)| claim.participant_id));
        Ok(rows)
    })
}
