//! The population office: how it stands, and the semester report of what it was asked.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::query::Query;
use super::{Answer, State};
use crate::context::Purpose;
use crate::domain::circuit_breaker::BreakerState;
use crate::domain::id::Id;
use crate::domain::population_office::{CallResult, OfficeDriver, OfficeSource, Semester};
use crate::domain::roles::Role;
use crate::domain::text_enum::text_enum;
use crate::domain::time::UtcTime;
use crate::error::{Error, Fault};
use crate::service::population_office::report::{self, Line, Report, Standing};
use crate::store::population_office_calls::Counted;

#[derive(Serialize, ToSchema)]
pub struct StatusView {
    pub driver: OfficeDriver,
    /// Null where there is no web service.
    pub breaker: Option<BreakerState>,
    pub snapshot: Option<SnapshotView>,
    /// When the web service last gave an answer.
    pub last_answer_at: Option<UtcTime>,
}

/// The last population file that counts.
#[derive(Serialize, ToSchema)]
pub struct SnapshotView {
    pub as_of: NaiveDate,
    pub age_days: i64,
    /// Older than the rules of today use: it counts as none.
    pub too_old: bool,
}

impl From<Standing> for StatusView {
    fn from(standing: Standing) -> Self {
        let snapshot = standing.snapshot_as_of.zip(standing.snapshot_age_days);
        Self {
            driver: standing.driver,
            breaker: standing.breaker,
            snapshot: snapshot.map(|(as_of, age_days)| SnapshotView { as_of, age_days, too_old: standing.snapshot_too_old }),
            last_answer_at: standing.last_answer_at,
        }
    }
}

/// How the population office is asked and whether it answers.
#[utoipa::path(get, path = "/api/v1/population-office/status", tag = "registry", responses((status = 200, body = StatusView)))]
pub async fn status(state: web::Data<State>, asked: Asked) -> Answer<web::Json<StatusView>> {
    let standing = state.db(move |app, db| report::standing(app, db, &asked.context)).await?;
    Ok(web::Json(standing.into()))
}

text_enum! {
    ReportFormat { Json = "json", Csv = "csv" }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// Defaults to that of today.
    #[param(minimum = 2000, maximum = 2999)]
    year: Option<i32>,
    /// 1: January to June; 2: July to December. Defaults to that of today.
    #[param(minimum = 1, maximum = 2)]
    semester: Option<u8>,
    format: Option<ReportFormat>,
}

/// How often the office was asked in a half of a year.
#[derive(Serialize, ToSchema)]
pub struct ReportView {
    pub year: i32,
    pub semester: u8,
    pub calls: i64,
    /// Calls without an answer that could be read; they are in `calls` too.
    pub failures: i64,
    pub by_month: BTreeMap<String, i64>,
    pub by_purpose: BTreeMap<String, i64>,
    pub by_facility: BTreeMap<String, i64>,
    pub by_role: BTreeMap<String, i64>,
    pub by_result: BTreeMap<String, i64>,
    pub lines: Vec<CallsView>,
}

/// Calls of one month that have everything in common.
#[derive(Serialize, ToSchema)]
pub struct CallsView {
    #[schema(example = "2026-11")]
    pub month: String,
    pub purpose: Purpose,
    /// Null where no facility asked.
    pub facility_id: Option<Id>,
    /// Null where the service asked by itself.
    pub role: Option<Role>,
    pub source: OfficeSource,
    pub result: CallResult,
    pub calls: i64,
}

impl From<&Line> for CallsView {
    fn from(line: &Line) -> Self {
        let Line { year, month, counted: Counted { purpose, facility_id, role, source, result, calls } } = *line;
        Self { month: format!("{year}-{month:02}"), purpose, facility_id, role, source, result, calls }
    }
}

impl From<Report> for ReportView {
    fn from(report: Report) -> Self {
        let lines: Vec<CallsView> = report.lines.iter().map(CallsView::from).collect();
        let by = |key: fn(&CallsView) -> String| {
            lines.iter().fold(BTreeMap::new(), |mut counts, line| {
                *counts.entry(key(line)).or_default() += line.calls;
                counts
            })
        };
        Self {
            year: report.semester.year,
            semester: report.semester.half,
            calls: report.calls(),
            failures: report.failures(),
            by_month: by(|line| line.month.clone()),
            by_purpose: by(|line| line.purpose.to_string()),
            by_facility: by(|line| line.facility_id.map_or_else(|| "none".to_owned(), |id| id.to_string())),
            by_role: by(|line| line.role.map_or_else(|| "none".to_owned(), |role| role.to_string())),
            by_result: by(|line| line.result.to_string()),
            lines,
        }
    }
}

/// The semester report: how often the population office was asked, by month, purpose, facility, role and result. As CSV with `format=csv`.
#[utoipa::path(get, path = "/api/v1/population-office/reports", tag = "registry", params(ReportQuery),
    responses((status = 200, content((ReportView = "application/json"), (String = "text/csv")))))]
pub async fn reports(state: web::Data<State>, asked: Asked, query: Query<ReportQuery>) -> Answer<HttpResponse> {
    let ReportQuery { year, semester, format } = query.0;
    let semester = asked_for(state.0.city.today(asked.context.now), year, semester)?;
    let report = state.db(move |app, db| report::report(app, db, &asked.context, semester)).await?;
    Ok(match format.unwrap_or(ReportFormat::Json) {
        ReportFormat::Json => HttpResponse::Ok().json(ReportView::from(report)),
        ReportFormat::Csv => HttpResponse::Ok().content_type("text/csv; charset=utf-8").body(report::csv(&report)?),
    })
}

fn asked_for(today: NaiveDate, year: Option<i32>, half: Option<u8>) -> Result<Semester, Error> {
    let (year, half) = (year.unwrap_or(today.year()), half.unwrap_or(if today.month() <= 6 { 1 } else { 2 }));
    let mut faults = Vec::new();
    if !(2000..=2999).contains(&year) {
        faults.push(Fault::parameter("year", "OUT_OF_RANGE").with("limit", "2000 - 2999"));
    }
    if !(1..=2).contains(&half) {
        faults.push(Fault::parameter("semester", "OUT_OF_RANGE").with("limit", "1 - 2"));
    }
    Semester::new(year, half).ok_or(Error::Invalid(faults))
}
