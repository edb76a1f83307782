//! Budgets and their revisions: finance proposes, somebody else approves, and with the approval the money stands in the ledger.

use chrono::{Datelike, Duration, NaiveDate};
use serde_json::json;

use super::App;
use super::idempotency::Once;
use super::ledger;
use crate::context::Context;
use crate::domain::budget::{Account, Approval, Move, Posting, PostingKind, Pot, lowest_ceiling};
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::budgets::{self, Budget, PotRow, Revision, Whole};
use crate::store::db::{Db, Tx};
use crate::store::gate::Priority;

/// What finance says that the council gave.
#[derive(Clone)]
pub struct Proposal {
    pub year: i32,
    pub pots: Vec<(Pot, Rupiah)>,
}

/// A change of a pot, as a document says.
#[derive(Clone)]
pub struct Change {
    pub pot: Pot,
    /// What is added, or taken away when below zero.
    pub amount: Rupiah,
    pub effective_on: NaiveDate,
    pub legal_basis: String,
    pub document_number: String,
}

/// Proposes the budget of a year. A pot that is not named gets nothing.
pub fn propose(app: &App, db: &mut Db, context: &Context, caller: &Caller, proposal: &Proposal, once: &Once<'_, Whole>) -> Result<Whole> {
    let twice = proposal.pots.iter().enumerate().filter(|(at, (pot, _))| proposal.pots[..*at].iter().any(|(earlier, _)| earlier == pot));
    let faults: Vec<Fault> = twice.map(|(at, _)| Fault::at(format!("/pots/{at}/pot"), "GIVEN_TWICE")).collect();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let id = context.new_id();
    let amount = |pot: Pot| proposal.pots.iter().find(|(named, _)| *named == pot).map_or(Rupiah::ZERO, |(_, amount)| *amount);
    let budget = Budget {
        id,
        year: proposal.year,
        alert_percents: app.settings.budgets.alert_percents.clone(),
        proposed_at: context.now,
        proposed_by: caller.user_id,
        approved_at: None,
        approved_by: None,
        withdrawn_at: None,
    };
    let pots = Pot::ALL.iter().map(|pot| PotRow { budget_id: id, pot: *pot, amount: amount(*pot), alert_level: 0 }).collect();
    let whole = Whole { budget, pots, revisions: Vec::new() };
    once.write(db, Priority::People, |tx| {
        budgets::insert(tx, &whole)?;
        tx.record(Event::new(context, "budget.proposed").object(id).with("year", proposal.year).with("pots", &proposal.pots));
        Ok(whole.clone())
    })
}

/// Approves a budget, which is then the one of its year.
pub fn approve(db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Whole>) -> Result<Whole> {
    once.write(db, Priority::People, |tx| {
        let mut whole = budgets::lock(tx, id)?.ok_or_else(not_found)?;
        let budget = &mut whole.budget;
        decidable(budget.approval(), budget.proposed_by, caller)?;
        if !budgets::claim_year(tx, budget)? {
            let standing = budgets::approved_of(tx, budget.year)?.map(|standing| standing.budget.id);
            return Err(Error::conflict(Code::BudgetExists, json!({ "id": standing })));
        }
        budgets::approve(tx, id, caller.user_id, context.now)?;
        (budget.approved_at, budget.approved_by) = (Some(context.now), Some(caller.user_id));
        let year = budget.year;
        let new_year = NaiveDate::from_ymd_opt(year, 1, 1).ok_or_else(|| Error::internal("a budget of a year without a first day"))?;
        for PotRow { pot, amount, .. } in &whole.pots {
            let given = Move { from: Account::Appropriation, to: Account::Available, amount: *amount };
            let posting = Posting { year, pot: *pot, kind: PostingKind::Appropriation, object_id: id, occurred_on: new_year, moves: vec![given] };
            ledger::post(tx, context, &posting)?;
        }
        tx.record(Event::new(context, "budget.approved").object(id).with("year", year));
        Ok(whole)
    })
}

/// Takes a proposal back that nobody has approved.
pub fn withdraw(db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Whole>) -> Result<Whole> {
    once.write(db, Priority::People, |tx| {
        let mut whole = budgets::lock(tx, id)?.ok_or_else(not_found)?;
        withdrawable(whole.budget.approval(), whole.budget.proposed_by, caller)?;
        budgets::withdraw(tx, id, context.now)?;
        whole.budget.withdrawn_at = Some(context.now);
        tx.record(Event::new(context, "budget.withdrawn").object(id).with("year", whole.budget.year));
        Ok(whole)
    })
}

/// The same of a revision.
pub fn withdraw_revision(
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    (id, revision_id): (Id, Id),
    once: &Once<'_, (Whole, Revision)>,
) -> Result<(Whole, Revision)> {
    once.write(db, Priority::People, |tx| {
        let mut whole = budgets::lock(tx, id)?.ok_or_else(not_found)?;
        let revision = whole.revisions.iter_mut().find(|revision| revision.id == revision_id).ok_or_else(not_found)?;
        withdrawable(revision.approval(), revision.proposed_by, caller)?;
        budgets::withdraw_revision(tx, revision_id, context.now)?;
        revision.withdrawn_at = Some(context.now);
        let revision = revision.clone();
        tx.record(Event::new(context, "budget_revision.withdrawn").object(revision_id).with("budget_id", id));
        Ok((whole, revision))
    })
}

/// Proposes a change of an approved budget.
pub fn revise(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    (id, change): (Id, &Change),
    once: &Once<'_, (Whole, Revision)>,
) -> Result<(Whole, Revision)> {
    let effective_at = change.effective_on.pred_opt().and_then(|eve| UtcTime::end_of_date(eve, app.city.offset));
    let revision_id = context.new_id();
    once.write(db, Priority::People, |tx| {
        let mut whole = budgets::lock(tx, id)?.ok_or_else(not_found)?;
        if whole.budget.approval() != Approval::Approved {
            return Err(Error::refused(Code::StateConflict));
        }
        let effective_at = effective_at.filter(|_| change.effective_on.year() == whole.budget.year);
        let revision = effective_at.map(|eve| Revision {
            id: revision_id,
            budget_id: id,
            pot: change.pot,
            amount: change.amount,
            effective_on: change.effective_on,
            effective_at: eve.plus(Duration::microseconds(1)),
            legal_basis: change.legal_basis.clone(),
            document_number: change.document_number.clone(),
            proposed_at: context.now,
            proposed_by: caller.user_id,
            approved_at: None,
            approved_by: None,
            withdrawn_at: None,
        });
        let mut faults = Vec::new();
        if change.amount == Rupiah::ZERO {
            faults.push(Fault::at("/amount", "AMOUNT_ZERO"));
        }
        match &revision {
            None => faults.push(Fault::at("/effective_on", "OUTSIDE_BUDGET_YEAR").with("limit", whole.budget.year)),
            Some(revision) if !leaves_enough(&whole, revision)? => faults.push(Fault::at("/amount", "CEILING_BELOW_ZERO")),
            Some(_) => {}
        }
        let Some(revision) = revision.filter(|_| faults.is_empty()) else { return Err(Error::Invalid(faults)) };
        budgets::insert_revision(tx, &revision)?;
        tx.record(
            Event::new(context, "budget_revision.proposed")
                .object(revision.id)
                .with("budget_id", id)
                .with("pot", change.pot)
                .with("amount", change.amount)
                .with("effective_on", change.effective_on),
        );
        whole.revisions.push(revision.clone());
        Ok((whole, revision))
    })
}

/// Approves a revision, which then counts from its date.
pub fn approve_revision(
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    (id, revision_id): (Id, Id),
    once: &Once<'_, (Whole, Revision)>,
) -> Result<(Whole, Revision)> {
    once.write(db, Priority::People, |tx| {
        let mut whole = budgets::lock(tx, id)?.ok_or_else(not_found)?;
        let at = whole.revisions.iter().position(|revision| revision.id == revision_id).ok_or_else(not_found)?;
        let mut revision = whole.revisions[at].clone();
        decidable(revision.approval(), revision.proposed_by, caller)?;
        // Another may have been approved since this one was proposed.
        if !leaves_enough(&whole, &revision)? {
            return Err(Error::refused(Code::CeilingBelowZero));
        }
        budgets::approve_revision(tx, revision_id, caller.user_id, context.now)?;
        (revision.approved_at, revision.approved_by) = (Some(context.now), Some(caller.user_id));
        post_revision(tx, context, whole.budget.year, &revision)?;
        tx.record(Event::new(context, "budget_revision.approved").object(revision_id).with("budget_id", id));
        whole.revisions[at] = revision.clone();
        Ok((whole, revision))
    })
}

fn post_revision(tx: &mut Tx, context: &Context, year: i32, revision: &Revision) -> Result<()> {
    let size = Rupiah(revision.amount.0.saturating_abs());
    let (from, to) =
        if revision.amount > Rupiah::ZERO { (Account::Appropriation, Account::Available) } else { (Account::Available, Account::Appropriation) };
    let posting = Posting {
        year,
        pot: revision.pot,
        kind: PostingKind::Revision,
        object_id: revision.id,
        occurred_on: revision.effective_on,
        moves: vec![Move { from, to, amount: size }],
    };
    ledger::post(tx, context, &posting)
}

/// With this revision beside those that are approved: is the ceiling never below zero?
fn leaves_enough(whole: &Whole, revision: &Revision) -> Result<bool> {
    let approved = whole.revisions.iter().filter(|other| other.pot == revision.pot && other.approval() == Approval::Approved);
    let given: Vec<_> = approved.chain([revision]).map(Revision::given).collect();
    let lowest = lowest_ceiling(whole.appropriation(revision.pot), &given).map_err(|_| Error::internal("a ceiling is too large"))?;
    Ok(lowest >= Rupiah::ZERO)
}

fn decidable(standing: Approval, proposed_by: Id, caller: &Caller) -> Result<()> {
    if standing != Approval::Proposed {
        return Err(Error::refused(Code::StateConflict));
    }
    if proposed_by == caller.user_id { Err(Error::refused(Code::DecidesOwnRequest)) } else { Ok(()) }
}

/// What nobody has approved is its proposer's to take back, and nobody else's.
fn withdrawable(standing: Approval, proposed_by: Id, caller: &Caller) -> Result<()> {
    if standing != Approval::Proposed {
        return Err(Error::refused(Code::StateConflict));
    }
    if proposed_by == caller.user_id { Ok(()) } else { Err(Error::refused(Code::ProposedByAnother)) }
}

fn not_found() -> Error {
    Error::refused(Code::NotFound)
}
