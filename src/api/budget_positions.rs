//! Where a year's budget stands: every measure a number of its own, with its definition beside it.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::budget_alerts::AlertView;
use super::guard::Asked;
use super::language::Spoken;
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::budget::{MonthUse, NoForecast, Pot};
use crate::domain::id::Id;
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::error::{Code, Error};
use crate::service::budget_positions::{self, Position, Standing, When};
use crate::store::budget_alerts::Alert;

/// What is defined in words, under `budget_measures` in the texts.
const MEASURES: [&str; 19] = [
    "appropriation",
    "revisions",
    "ceiling",
    "reserved",
    "incurred",
    "billed",
    "verified",
    "approved_unpaid",
    "paid",
    "debt_acknowledged",
    "debt_carried_in",
    "debt_paid",
    "used",
    "available",
    "owed_as_billed",
    "owed_as_verified",
    "ceiling_less_paid",
    "unbilled_estimate",
    "exhaustion_on",
];

/// In whole rupiah. What each means stands under `definitions`.
#[derive(Serialize, ToSchema)]
pub struct StandingView {
    pub appropriation: i64,
    pub revisions: i64,
    pub ceiling: i64,
    pub reserved: i64,
    pub incurred: i64,
    pub billed: i64,
    pub verified: i64,
    pub approved_unpaid: i64,
    pub paid: i64,
    pub debt_acknowledged: i64,
    pub debt_carried_in: i64,
    pub debt_paid: i64,
    pub used: i64,
    /// Below zero when more is spoken for than there is: no patient is refused for it.
    pub available: i64,
    pub owed_as_billed: i64,
    pub owed_as_verified: i64,
    pub ceiling_less_paid: i64,
    pub unbilled_estimate: i64,
    pub unbilled_basis: UnbilledBasis,
    /// Null: `forecast_basis.reason` tells why.
    pub exhaustion_on: Option<NaiveDate>,
    pub forecast_basis: ForecastBasis,
    /// The oldest first.
    pub alerts: Vec<AlertView>,
}

/// `incurred`, and `begun_per_day` for as many days as it takes until care is told of.
#[derive(Serialize, ToSchema)]
pub struct UnbilledBasis {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub incurred: i64,
    /// Care that began a day: admissions under letters, and claims for what no letter had put aside.
    pub begun_per_day: i64,
    /// Days from care until it was told of, in tenths of a day, each rupiah counting alike.
    pub average_lag_tenths: i64,
    pub untold: i64,
}

#[derive(Serialize, ToSchema)]
pub struct MonthView {
    /// The first day of the month.
    pub month: NaiveDate,
    pub amount: i64,
}

/// The use of the last whole months, by the date from which it counts, goes on alike.
#[derive(Serialize, ToSchema)]
pub struct ForecastBasis {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub months_used: usize,
    pub months: Vec<MonthView>,
    /// Null when nothing was used in any of the months.
    pub amount_per_month: Option<i64>,
    /// Why no day is told, or why it is today.
    pub reason: Option<NoForecast>,
}

impl StandingView {
    fn of(standing: &Standing, alerts: &[&Alert]) -> Self {
        let Standing { measures, unbilled, window, exhaustion_on, no_forecast, basis } = standing;
        let months: Vec<MonthView> = basis.months.iter().map(|MonthUse { month, amount }| MonthView { month: *month, amount: amount.0 }).collect();
        Self {
            appropriation: measures.appropriation.0,
            revisions: measures.revisions.0,
            ceiling: measures.ceiling.0,
            reserved: measures.reserved.0,
            incurred: measures.incurred.0,
            billed: measures.billed.0,
            verified: measures.verified.0,
            approved_unpaid: measures.approved_unpaid.0,
            paid: measures.paid.0,
            debt_acknowledged: measures.debt_acknowledged.0,
            debt_carried_in: measures.debt_carried_in.0,
            debt_paid: measures.debt_paid.0,
            used: measures.used.0,
            available: measures.available.0,
            owed_as_billed: measures.owed_as_billed.0,
            owed_as_verified: measures.owed_as_verified.0,
            ceiling_less_paid: measures.ceiling_less_paid.0,
            unbilled_estimate: unbilled.estimate.0,
            unbilled_basis: UnbilledBasis {
                from: window.from,
                to: window.to,
                incurred: unbilled.incurred.0,
                begun_per_day: unbilled.begun_per_day.0,
                average_lag_tenths: unbilled.lag_tenths,
                untold: unbilled.untold.0,
            },
            exhaustion_on: *exhaustion_on,
            forecast_basis: ForecastBasis {
                from: basis.from,
                to: basis.to,
                months_used: months.len(),
                amount_per_month: (!months.is_empty()).then_some(basis.amount_per_month.0),
                months,
                reason: *no_forecast,
            },
            alerts: alerts.iter().map(|alert| AlertView::from(*alert)).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PotStandingView {
    pub pot: Pot,
    #[serde(flatten)]
    pub standing: StandingView,
}

#[derive(Serialize, ToSchema)]
pub struct PositionView {
    pub year: i32,
    /// The approved budget of the year; null when there was none by then.
    pub budget_id: Option<Id>,
    /// Nothing was approved for the year. What was spent is counted all the same.
    pub no_budget: bool,
    pub as_of: NaiveDate,
    pub known_at: UtcTime,
    pub pots: Vec<PotStandingView>,
    pub total: StandingView,
    /// Each measure in words.
    pub definitions: BTreeMap<&'static str, String>,
}

fn view(position: &Position, texts: &Texts, language: Language) -> PositionView {
    let define = |measure: &'static str| (measure, texts.get(language, &format!("budget_measures.{measure}"), &[]).unwrap_or_default());
    let alerts: Vec<&Alert> = position.alerts.iter().collect();
    let of_pot = |pot: Pot| alerts.iter().copied().filter(|alert| alert.pot == pot).collect::<Vec<_>>();
    PositionView {
        year: position.year,
        budget_id: position.budget_id,
        no_budget: position.budget_id.is_none(),
        as_of: position.as_of,
        known_at: position.known_at,
        pots: position
            .pots
            .iter()
            .map(|(pot, standing)| PotStandingView { pot: *pot, standing: StandingView::of(standing, &of_pot(*pot)) })
            .collect(),
        total: StandingView::of(&position.total, &alerts),
        definitions: MEASURES.into_iter().map(define).collect(),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PositionQuery {
    /// What counts by this civil date. Without it: the day of `known_at`.
    as_of: Option<NaiveDate>,
    /// What had been recorded by this instant. Without it: now. What is recorded later never changes the answer for an earlier instant.
    known_at: Option<UtcTime>,
}

/// Where the year of a budget stands, by pot and in total.
#[utoipa::path(get, path = "/api/v1/budgets/{id}/position", tag = "budgets", params(("id" = Id, Path), PositionQuery),
    responses((status = 200, body = PositionView)))]
pub async fn of_budget(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    id: PathId,
    query: Query<PositionQuery>,
) -> Answer<web::Json<PositionView>> {
    let (now, when) = (asked.context.now, When { as_of: query.0.as_of, known_at: query.0.known_at });
    let position = state.db(move |app, db| budget_positions::of_budget(app, db, now, id.0, when)).await?;
    Ok(web::Json(view(&position, &state.0.city.texts, spoken.0)))
}

/// Where a year stands, whether it has a budget or not.
#[utoipa::path(get, path = "/api/v1/budget-positions/{year}", tag = "budgets",
    params(("year" = i32, Path, description = "2000 to 2100"), PositionQuery), responses((status = 200, body = PositionView)))]
pub async fn of_year(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    request: HttpRequest,
    query: Query<PositionQuery>,
) -> Answer<web::Json<PositionView>> {
    let year = request.match_info().get("year").and_then(|text| text.parse::<i32>().ok()).filter(|year| (2000..=2100).contains(year));
    let year = year.ok_or_else(|| Error::refused(Code::NotFound))?;
    let (now, when) = (asked.context.now, When { as_of: query.0.as_of, known_at: query.0.known_at });
    let position = state.db(move |app, db| budget_positions::of_year(app, db, now, year, when)).await?;
    Ok(web::Json(view(&position, &state.0.city.texts, spoken.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_is_defined_in_both_languages() {
        let texts =
            Texts::load(("id.toml", include_str!("../../config/texts/id.toml")), ("en.toml", include_str!("../../config/texts/en.toml"))).unwrap();
        assert_eq!(texts.check("budget_measures", &MEASURES), vec![]);
    }
}
