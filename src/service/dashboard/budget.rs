//! How the budget of a year stands today, by pot: the measures of `GET /budget-positions/{year}`.

use chrono::{Datelike, NaiveDate};

use super::Told;
use crate::context::Context;
use crate::domain::figures::{Item, MeasureUnit, Scope, Values, item};
use crate::error::Result;
use crate::service::App;
use crate::service::budget_positions::{self, Standing, When};
use crate::store::db::Db;

pub const MEASURES: &[(&str, MeasureUnit)] = &[
    ("appropriation", MeasureUnit::Rupiah),
    ("revisions", MeasureUnit::Rupiah),
    ("ceiling", MeasureUnit::Rupiah),
    ("reserved", MeasureUnit::Rupiah),
    ("incurred", MeasureUnit::Rupiah),
    ("billed", MeasureUnit::Rupiah),
    ("verified", MeasureUnit::Rupiah),
    ("approved_unpaid", MeasureUnit::Rupiah),
    ("paid", MeasureUnit::Rupiah),
    ("debt_acknowledged", MeasureUnit::Rupiah),
    ("debt_carried_in", MeasureUnit::Rupiah),
    ("debt_paid", MeasureUnit::Rupiah),
    ("used", MeasureUnit::Rupiah),
    ("available", MeasureUnit::Rupiah),
    ("unbilled_estimate", MeasureUnit::Rupiah),
    ("exhaustion_on", MeasureUnit::Date),
];

pub fn tell(app: &App, db: &mut Db, context: &Context, scope: &Scope) -> Result<Told> {
    let position = budget_positions::standing(app, db, context.now, scope.to.year(), When::default())?;
    // A year of which nothing is known has no rows; one without a budget in which something was spent has.
    let is_known = |item: &Item| position.budget_id.is_some() || item.values.values().flatten().any(|value| *value != 0);
    let items = position.pots.iter().map(|(pot, standing)| Item { key: pot.to_string(), values: values(standing), ..Item::default() });
    let items: Vec<Item> = items.filter(is_known).collect();
    let totals = if items.is_empty() { Values::new() } else { values(&position.total) };
    Ok(Told { measures: MEASURES, items, totals })
}

fn values(standing: &Standing) -> Values {
    let of = &standing.measures;
    let amounts = [
        ("appropriation", of.appropriation),
        ("revisions", of.revisions),
        ("ceiling", of.ceiling),
        ("reserved", of.reserved),
        ("incurred", of.incurred),
        ("billed", of.billed),
        ("verified", of.verified),
        ("approved_unpaid", of.approved_unpaid),
        ("paid", of.paid),
        ("debt_acknowledged", of.debt_acknowledged),
        ("debt_carried_in", of.debt_carried_in),
        ("debt_paid", of.debt_paid),
        ("used", of.used),
        ("available", of.available),
        ("unbilled_estimate", standing.unbilled.estimate),
    ];
    let mut values = item("", amounts.map(|(name, amount)| (name, amount.0))).values;
    // As days since the first of 1970, as every measure that is a date.
    values.insert("exhaustion_on".to_owned(), standing.exhaustion_on.map(|day| (day - NaiveDate::default()).num_days()));
    values
}
