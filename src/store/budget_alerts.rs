//! Alerts that a pot is being used up, raised by the transaction that used it.

use diesel::prelude::*;

use super::audit::Event;
use super::db::{Db, Tx, locked};
use crate::context::Context;
use crate::domain::budget::{Pot, crossed, percents};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::schema::{budget_alerts, budget_pots, budget_revisions, budget_years, budgets};

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = budget_alerts, treat_none_as_default_value = false)]
pub struct Alert {
    pub id: Id,
    pub budget_id: Id,
    pub year: i32,
    pub pot: Pot,
    pub percent: i32,
    /// As they stood when it was raised.
    pub used: Rupiah,
    pub ceiling: Rupiah,
    pub raised_at: UtcTime,
    pub acknowledged_at: Option<UtcTime>,
    pub acknowledged_by: Option<Id>,
}

/// Raises an alert for each threshold that the use of a pot has reached. The caller holds the pot's balances.
pub(in crate::store) fn notice(tx: &mut Tx, context: &Context, (year, pot): (i32, Pot), used: Rupiah) -> Result<Vec<Event>> {
    let budget: Option<(Id, Rupiah, i32, String)> = budget_years::table
        .inner_join(budgets::table.on(budgets::id.eq(budget_years::budget_id)))
        .inner_join(budget_pots::table.on(budget_pots::budget_id.eq(budget_years::budget_id)))
        .filter(budget_years::year.eq(year))
        .filter(budget_pots::pot.eq(pot))
        .select((budgets::id, budget_pots::amount, budget_pots::alert_level, budgets::alert_percents))
        .first(&mut tx.db.connection)
        .optional()?;
    let Some((budget_id, appropriation, standing, thresholds)) = budget else { return Ok(Vec::new()) };
    let revisions: Vec<Rupiah> = budget_revisions::table
        .filter(budget_revisions::budget_id.eq(budget_id))
        .filter(budget_revisions::pot.eq(pot))
        .filter(budget_revisions::approved_at.is_not_null())
        .filter(budget_revisions::effective_at.le(context.now))
        .select(budget_revisions::amount)
        .load(&mut tx.db.connection)?;
    let ceiling = Rupiah::sum(std::iter::once(appropriation).chain(revisions)).map_err(|_| Error::internal("a ceiling is too large"))?;
    let thresholds = percents(&thresholds).ok_or_else(|| Error::internal("the thresholds of a budget do not read"))?;
    let (level, raised) = crossed(&thresholds, standing, used, ceiling);
    if level != standing {
        let pot = budget_pots::table.find((budget_id, pot));
        diesel::update(pot).set(budget_pots::alert_level.eq(level)).execute(&mut tx.db.connection)?;
    }
    let mut events = Vec::new();
    for percent in raised {
        let id = context.new_id();
        let alert = Alert { id, budget_id, year, pot, percent, used, ceiling, raised_at: context.now, acknowledged_at: None, acknowledged_by: None };
        diesel::insert_into(budget_alerts::table).values(&alert).execute(&mut tx.db.connection)?;
        let event = Event::new(context, "budget_alert.raised").object(id).with("year", year).with("pot", pot).with("percent", percent);
        events.push(event.with("used", used).with("ceiling", ceiling));
    }
    Ok(events)
}

/// The alerts of a budget that had been raised by then, the oldest first.
pub fn of_budget(db: &mut Db, budget: Id, known_at: UtcTime) -> Result<Vec<Alert>> {
    let alerts = budget_alerts::table.filter(budget_alerts::budget_id.eq(budget)).filter(budget_alerts::raised_at.le(known_at));
    Ok(alerts.select(Alert::as_select()).order((budget_alerts::raised_at, budget_alerts::percent)).load(&mut db.connection)?)
}

/// What a list of alerts may be narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub year: Option<i32>,
    pub pot: Option<Pot>,
    pub acknowledged: Option<bool>,
}

/// A page of alerts, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<Alert>> {
    let mut query = budget_alerts::table.select(Alert::as_select()).into_boxed();
    if let Some(year) = filter.year {
        query = query.filter(budget_alerts::year.eq(year));
    }
    if let Some(pot) = filter.pot {
        query = query.filter(budget_alerts::pot.eq(pot));
    }
    query = match filter.acknowledged {
        None => query,
        Some(true) => query.filter(budget_alerts::acknowledged_at.is_not_null()),
        Some(false) => query.filter(budget_alerts::acknowledged_at.is_null()),
    };
    if let Some(before) = before {
        query = query.filter(budget_alerts::id.lt(before));
    }
    Ok(query.order(budget_alerts::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}

pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Alert>> {
    Ok(locked!(tx, budget_alerts::table.find(id).select(Alert::as_select()), first).optional()?)
}

pub fn acknowledge(tx: &mut Tx, alert: &Alert) -> Result<()> {
    diesel::update(budget_alerts::table.find(alert.id))
        .set((budget_alerts::acknowledged_at.eq(alert.acknowledged_at), budget_alerts::acknowledged_by.eq(alert.acknowledged_by)))
        .execute(&mut tx.db.connection)?;
    Ok(())
}
