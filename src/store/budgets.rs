//! Budgets with their pots and revisions. What was proposed never changes; it is approved, taken back, or it is not.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::budget::{Approval, Given, Pot};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{budget_pots, budget_revisions, budget_years, budgets};

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = budgets, treat_none_as_default_value = false)]
pub struct Budget {
    pub id: Id,
    pub year: i32,
    /// The thresholds that were in force when it was proposed.
    pub alert_percents: String,
    pub proposed_at: UtcTime,
    pub proposed_by: Id,
    pub approved_at: Option<UtcTime>,
    pub approved_by: Option<Id>,
    /// By whoever proposed it.
    pub withdrawn_at: Option<UtcTime>,
}

impl Budget {
    pub fn approval(&self) -> Approval {
        approval(self.approved_at, self.withdrawn_at)
    }
}

fn approval(approved_at: Option<UtcTime>, withdrawn_at: Option<UtcTime>) -> Approval {
    match (approved_at, withdrawn_at) {
        (Some(_), _) => Approval::Approved,
        (None, Some(_)) => Approval::Withdrawn,
        (None, None) => Approval::Proposed,
    }
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone, Copy)]
#[diesel(table_name = budget_pots)]
pub struct PotRow {
    pub budget_id: Id,
    pub pot: Pot,
    pub amount: Rupiah,
    /// The highest threshold of which was told, 0 for none.
    pub alert_level: i32,
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = budget_revisions, treat_none_as_default_value = false)]
pub struct Revision {
    pub id: Id,
    pub budget_id: Id,
    pub pot: Pot,
    pub amount: Rupiah,
    pub effective_on: NaiveDate,
    /// When that date begins where the city is.
    pub effective_at: UtcTime,
    pub legal_basis: String,
    pub document_number: String,
    pub proposed_at: UtcTime,
    pub proposed_by: Id,
    pub approved_at: Option<UtcTime>,
    pub approved_by: Option<Id>,
    /// By whoever proposed it.
    pub withdrawn_at: Option<UtcTime>,
}

impl Revision {
    pub fn approval(&self) -> Approval {
        approval(self.approved_at, self.withdrawn_at)
    }

    pub fn given(&self) -> Given {
        Given { effective_on: self.effective_on, effective_at: self.effective_at, amount: self.amount }
    }

    pub fn is_approved_at(&self, known_at: UtcTime) -> bool {
        self.approved_at.is_some_and(|at| at <= known_at)
    }
}

/// A budget with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Whole {
    pub budget: Budget,
    pub pots: Vec<PotRow>,
    /// The oldest first.
    pub revisions: Vec<Revision>,
}

impl Whole {
    pub fn appropriation(&self, pot: Pot) -> Rupiah {
        self.pots.iter().find(|row| row.pot == pot).map_or(Rupiah::ZERO, |row| row.amount)
    }

    /// What revisions of a pot were approved by then.
    pub fn given(&self, pot: Pot, known_at: UtcTime) -> Vec<Given> {
        self.revisions.iter().filter(|revision| revision.pot == pot && revision.is_approved_at(known_at)).map(Revision::given).collect()
    }
}

pub fn insert(tx: &mut Tx, whole: &Whole) -> Result<()> {
    diesel::insert_into(budgets::table).values(&whole.budget).execute(&mut tx.db.connection)?;
    on_each!(tx.db, |connection| diesel::insert_into(budget_pots::table).values(&whole.pots).execute(connection))?;
    Ok(())
}

pub fn insert_revision(tx: &mut Tx, revision: &Revision) -> Result<()> {
    diesel::insert_into(budget_revisions::table).values(revision).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Whole>> {
    let budget: Option<Budget> = budgets::table.find(id).select(Budget::as_select()).first(&mut db.connection).optional()?;
    Ok(complete(db, budget.into_iter().collect())?.pop())
}

/// A budget that nobody else can approve or revise for the rest of the transaction.
pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Whole>> {
    let budget: Option<Budget> = locked!(tx, budgets::table.find(id).select(Budget::as_select()), first).optional()?;
    Ok(complete(tx, budget.into_iter().collect())?.pop())
}

/// The budget of a year that was approved.
pub fn approved_of(db: &mut Db, year: i32) -> Result<Option<Whole>> {
    let id: Option<Id> = budget_years::table.find(year).select(budget_years::budget_id).first(&mut db.connection).optional()?;
    id.map_or(Ok(None), |id| find(db, id))
}

/// A page of budgets, the latest proposed first, one more than asked for when there are more.
pub fn page(db: &mut Db, year: Option<i32>, before: Option<Id>, limit: i64) -> Result<Vec<Whole>> {
    let mut query = budgets::table.select(Budget::as_select()).into_boxed();
    if let Some(year) = year {
        query = query.filter(budgets::year.eq(year));
    }
    if let Some(before) = before {
        query = query.filter(budgets::id.lt(before));
    }
    let found = query.order(budgets::id.desc()).limit(limit + 1).load(&mut db.connection)?;
    complete(db, found)
}

fn complete(db: &mut Db, found: Vec<Budget>) -> Result<Vec<Whole>> {
    let ids: Vec<Id> = found.iter().map(|budget| budget.id).collect();
    let pots: Vec<PotRow> = budget_pots::table
        .filter(budget_pots::budget_id.eq_any(&ids))
        .order((budget_pots::budget_id, budget_pots::pot.desc()))
        .select(PotRow::as_select())
        .load(&mut db.connection)?;
    let revisions: Vec<Revision> = budget_revisions::table
        .filter(budget_revisions::budget_id.eq_any(&ids))
        .order(budget_revisions::id)
        .select(Revision::as_select())
        .load(&mut db.connection)?;
    let mut wholes: HashMap<Id, (Vec<PotRow>, Vec<Revision>)> = HashMap::new();
    for pot in pots {
        wholes.entry(pot.budget_id).or_default().0.push(pot);
    }
    for revision in revisions {
        wholes.entry(revision.budget_id).or_default().1.push(revision);
    }
    let whole = |budget: Budget| {
        let (pots, revisions) = wholes.remove(&budget.id).unwrap_or_default();
        Whole { budget, pots, revisions }
    };
    Ok(found.into_iter().map(whole).collect())
}

/// Makes it the budget of its year; false when the year has one.
pub fn claim_year(tx: &mut Tx, budget: &Budget) -> Result<bool> {
    let row = (budget_years::year.eq(budget.year), budget_years::budget_id.eq(budget.id));
    let inserted = on_each!(tx.db, |connection| diesel::insert_into(budget_years::table).values(row).on_conflict_do_nothing().execute(connection))?;
    Ok(inserted == 1)
}

pub fn approve(tx: &mut Tx, id: Id, by: Id, at: UtcTime) -> Result<()> {
    diesel::update(budgets::table.find(id)).set((budgets::approved_at.eq(at), budgets::approved_by.eq(by))).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn withdraw(tx: &mut Tx, id: Id, at: UtcTime) -> Result<()> {
    diesel::update(budgets::table.find(id)).set(budgets::withdrawn_at.eq(at)).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn withdraw_revision(tx: &mut Tx, id: Id, at: UtcTime) -> Result<()> {
    diesel::update(budget_revisions::table.find(id)).set(budget_revisions::withdrawn_at.eq(at)).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn approve_revision(tx: &mut Tx, id: Id, by: Id, at: UtcTime) -> Result<()> {
    diesel::update(budget_revisions::table.find(id))
        .set((budget_revisions::approved_at.eq(at), budget_revisions::approved_by.eq(by)))
        .execute(&mut tx.db.connection)?;
    Ok(())
}
