//! What past claims say about prices: a schedule simulated on them, and by how much tariffs fall short of costs.

use actix_web::web;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::lists::in_order;
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::context::Context;
use crate::domain::claim_analysis::Simulated;
use crate::domain::claims::ClaimState;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::ScheduleState;
use crate::error::{Error, Fault};
use crate::service::App;
use crate::service::claim_analysis::{self, Shortfall, Simulation};
use crate::store::claim_analysis::LineSums;

/// Days of admission, both ends included.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct DaysRequest {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl DaysRequest {
    pub(super) fn in_order(&self) -> Result<(NaiveDate, NaiveDate), Error> {
        if self.from > self.to { Err(Fault::at("/to", "BEFORE_FROM").into()) } else { Ok((self.from, self.to)) }
    }
}

/// The days that a report is asked for; without a word, this year's until today.
pub(super) fn days(app: &App, context: &Context, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<(NaiveDate, NaiveDate), Error> {
    in_order(from, to)?;
    let to = to.unwrap_or_else(|| app.city.today(context.now));
    // Every year has a first day.
    let from = from.or_else(|| NaiveDate::from_ymd_opt(to.year(), 1, 1)).unwrap_or(to);
    in_order(Some(from), Some(to))?;
    Ok((from, to))
}

/// In whole rupiah. `lines` are `refused_lines`, `unpriced_lines` and `compared_lines` together.
#[derive(Serialize, ToSchema)]
pub struct SimulatedView {
    pub claims: u64,
    pub lines: u64,
    pub claimed: Rupiah,
    /// Of the lines that tell it.
    pub hospital_cost: Rupiah,
    /// By the tariff of then, before its percentage.
    pub tariff: Rupiah,
    pub approved: Rupiah,
    /// Lines of which nothing was paid: no price changes that.
    pub refused_lines: u64,
    pub refused_claimed: Rupiah,
    /// Lines whose code has no price for this case in the schedule.
    pub unpriced_lines: u64,
    pub unpriced_claimed: Rupiah,
    pub unpriced_approved: Rupiah,
    pub compared_lines: u64,
    /// Of the compared lines: what the tariff of then paid at most, before other cuts.
    pub by_tariff_then: Rupiah,
    /// Of the compared lines: what this schedule would have paid at most, before other cuts, never more than was claimed.
    pub would_pay: Rupiah,
    /// `would_pay` less `by_tariff_then`.
    pub difference: Rupiah,
}

impl From<&Simulated> for SimulatedView {
    fn from(sums: &Simulated) -> Self {
        Self {
            claims: sums.claims,
            lines: sums.lines,
            claimed: sums.claimed,
            hospital_cost: sums.hospital_cost,
            tariff: sums.tariff,
            approved: sums.approved,
            refused_lines: sums.refused_lines,
            refused_claimed: sums.refused_claimed,
            unpriced_lines: sums.unpriced_lines,
            unpriced_claimed: sums.unpriced_claimed,
            unpriced_approved: sums.unpriced_approved,
            compared_lines: sums.compared_lines,
            by_tariff_then: sums.by_tariff_then,
            would_pay: sums.would_pay,
            difference: sums.difference(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SimulatedFacilityView {
    pub facility_id: Id,
    pub facility_name: Option<String>,
    #[serde(flatten)]
    pub sums: SimulatedView,
}

/// Claims in a state in which no amount stands.
#[derive(Serialize, ToSchema)]
pub struct LeftOutView {
    pub state: ClaimState,
    pub claims: i64,
    pub claimed: Rupiah,
}

#[derive(Serialize, ToSchema)]
pub struct SimulationView {
    pub schedule_id: Id,
    pub schedule_name: String,
    pub schedule_state: ScheduleState,
    pub schedule_version: i32,
    pub payment_percent: i32,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub facilities: Vec<SimulatedFacilityView>,
    pub total: SimulatedView,
    /// Claims of these days that were not simulated, by their state.
    pub left_out: Vec<LeftOutView>,
}

fn name_of(app: &App, id: Id) -> Option<String> {
    app.memory.facility(id).map(|facility| facility.name.clone())
}

fn simulation_view(app: &App, (from, to): (NaiveDate, NaiveDate), simulation: Simulation) -> SimulationView {
    let Simulation { schedule, facilities, total, left_out } = simulation;
    let facility =
        |(id, sums): &(Id, Simulated)| SimulatedFacilityView { facility_id: *id, facility_name: name_of(app, *id), sums: SimulatedView::from(sums) };
    SimulationView {
        schedule_id: schedule.id,
        schedule_name: schedule.name,
        schedule_state: schedule.state,
        schedule_version: schedule.version,
        payment_percent: schedule.payment_percent,
        from,
        to,
        facilities: facilities.iter().map(facility).collect(),
        total: SimulatedView::from(&total),
        left_out: left_out.into_iter().map(|(state, claims, claimed)| LeftOutView { state, claims, claimed }).collect(),
    }
}

/// What a schedule, a draft too, would have paid for the claims of past days that were decided, by facility. Nothing is changed by it.
#[utoipa::path(post, path = "/api/v1/tariff-schedules/{id}/simulate", tag = "tariffs", params(("id" = Id, Path)), request_body = DaysRequest,
    responses((status = 200, body = SimulationView)))]
pub async fn simulate(state: web::Data<State>, id: PathId, body: Body<DaysRequest>) -> Answer<web::Json<SimulationView>> {
    let period = body.value.in_order()?;
    let view = state.db(move |app, db| Ok(simulation_view(app, period, claim_analysis::simulate(app, db, id.0, period)?))).await?;
    Ok(web::Json(view))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShortfallQuery {
    /// Day of admission, not before; the first of the year, if left out.
    from: Option<NaiveDate>,
    /// Day of admission, not after; today, if left out.
    to: Option<NaiveDate>,
    /// A hospital is told of itself.
    facility_id: Option<Id>,
    /// How many codes are told, those first that fall shortest.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// In whole rupiah, of lines that were decided.
#[derive(Serialize, ToSchema)]
pub struct ShortfallSums {
    pub lines: i64,
    pub claimed: Rupiah,
    /// By the tariff of then, before its percentage.
    pub tariff: Rupiah,
    pub approved: Rupiah,
    /// Lines of which nothing was paid: they say nothing about a price, and are in no shortfall.
    pub refused_lines: i64,
    pub refused_claimed: Rupiah,
    /// Lines that were paid for and tell what they cost the hospital.
    pub costed_lines: i64,
    pub hospital_cost: Rupiah,
    pub approved_of_costed: Rupiah,
    /// `hospital_cost` less `approved_of_costed`; below zero where more was paid than it cost.
    pub shortfall: Rupiah,
}

impl From<&LineSums> for ShortfallSums {
    fn from(sums: &LineSums) -> Self {
        Self {
            lines: sums.lines,
            claimed: sums.claimed,
            tariff: sums.tariff,
            approved: sums.approved,
            refused_lines: sums.refused_lines,
            refused_claimed: sums.refused_claimed,
            costed_lines: sums.costed_lines,
            hospital_cost: sums.hospital_cost,
            approved_of_costed: sums.approved_of_costed,
            // Two sums of what is not below zero.
            shortfall: Rupiah(sums.hospital_cost.0 - sums.approved_of_costed.0),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct FacilityShortfallView {
    pub facility_id: Id,
    pub facility_name: Option<String>,
    #[serde(flatten)]
    pub sums: ShortfallSums,
}

#[derive(Serialize, ToSchema)]
pub struct CodeShortfallView {
    pub code: String,
    #[serde(flatten)]
    pub sums: ShortfallSums,
}

#[derive(Serialize, ToSchema)]
pub struct ShortfallView {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub total: ShortfallSums,
    pub facilities: Vec<FacilityShortfallView>,
    /// Those first that fall shortest.
    pub codes: Vec<CodeShortfallView>,
}

fn shortfall_view(app: &App, (from, to): (NaiveDate, NaiveDate), told: &Shortfall) -> ShortfallView {
    let facility = |(id, sums): &(Id, LineSums)| FacilityShortfallView { facility_id: *id, facility_name: name_of(app, *id), sums: sums.into() };
    ShortfallView {
        from,
        to,
        total: ShortfallSums::from(&told.total),
        facilities: told.facilities.iter().map(facility).collect(),
        codes: told.codes.iter().map(|(code, sums)| CodeShortfallView { code: code.clone(), sums: sums.into() }).collect(),
    }
}

/// What care cost hospitals beside what was claimed, what the tariff says and what was approved, by facility and by code.
#[utoipa::path(get, path = "/api/v1/tariff-shortfall", tag = "tariffs", params(ShortfallQuery),
    responses((status = 200, body = ShortfallView), (status = 404, description = "no such facility, or not yours")))]
pub async fn shortfall(state: web::Data<State>, asked: Asked, query: Query<ShortfallQuery>) -> Answer<web::Json<ShortfallView>> {
    let ShortfallQuery { from, to, facility_id, limit } = query.0;
    let limit = super::lists::Page::new(limit, None)?.limit;
    let period = days(&state.0, &asked.context, from, to)?;
    let view =
        state.db(move |app, db| Ok(shortfall_view(app, period, &claim_analysis::shortfall(db, &asked.caller, period, facility_id, limit)?))).await?;
    Ok(web::Json(view))
}
