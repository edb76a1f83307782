//! The dashboard: every figure in one form, as JSON or CSV, with the time until which it is counted and how.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, mime, web};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::accept;
use super::guard::Asked;
use super::language::Spoken;
use super::query::Query;
use super::{Answer, State};
use crate::context::Context;
use crate::domain::eligibility::CareType;
use crate::domain::figures::{self, Breakdown, DateBasis, DefinedMeasure, FigureName, FigureSheet, Item, MeasureUnit, Scope};
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::domain::sheets::SheetFormat;
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::{Error, Fault};
use crate::service::App;
use crate::service::dashboard::{self, sheets};

const MOST_ITEMS: usize = 200;
/// Dates that nobody means are no dates of both databases.
pub(super) const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

#[derive(Deserialize, IntoParams, Default, Clone)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FigureQuery {
    /// The first day; this year's first without a word.
    pub(super) from: Option<NaiveDate>,
    /// The last day, today without a word. At most 366 days in all.
    pub(super) to: Option<NaiveDate>,
    /// Six digits. Figures by place are those of whole months, in fives, and a cell of fewer than five people is not told.
    #[param(pattern = "^[0-9]{6}$")]
    pub(super) district_code: Option<String>,
    /// Ten digits.
    #[param(pattern = "^[0-9]{10}$")]
    pub(super) village_code: Option<String>,
    /// Not together with a place. A hospital sees its own figures alone.
    pub(super) facility_id: Option<Id>,
    pub(super) care_type: Option<CareType>,
    /// What the items are; which there are is told by `GET /dashboard/glossary`.
    pub(super) by: Option<Breakdown>,
    /// Which date of what is counted lies in the period.
    pub(super) date_basis: Option<DateBasis>,
    /// How many items at most, the largest first, where there may be many.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<i64>,
}

/// What a figure was narrowed by.
#[derive(Serialize, ToSchema)]
pub struct FiltersView {
    pub district_code: Option<String>,
    pub village_code: Option<String>,
    pub facility_id: Option<Id>,
    pub care_type: Option<CareType>,
}

#[derive(Serialize, ToSchema)]
pub struct MeasureView {
    pub name: String,
    pub unit: MeasureUnit,
    /// What it counts.
    pub definition: String,
}

/// One cell.
#[derive(Serialize, ToSchema)]
pub struct ItemView {
    pub key: String,
    pub name: Option<String>,
    /// True: it is about fewer than five people and is not told.
    pub suppressed: bool,
    /// By the name of the measure.
    pub values: BTreeMap<String, Option<i64>>,
}

#[derive(Serialize, ToSchema)]
pub struct FigureView {
    pub figure: FigureName,
    /// All changes until then are counted.
    pub as_of: UtcTime,
    /// When it was told.
    pub computed_at: UtcTime,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub date_basis: DateBasis,
    pub by: Breakdown,
    pub filters: FiltersView,
    /// How it is counted.
    pub definition: String,
    pub measures: Vec<MeasureView>,
    pub items: Vec<ItemView>,
    /// Sums of the items, where they can be summed up.
    pub totals: BTreeMap<String, Option<i64>>,
}

/// What is asked, or everything that is wrong with the question.
pub(super) fn scope(app: &App, context: &Context, caller: &Caller, figure: FigureName, query: &FigureQuery) -> Result<Scope, Error> {
    let spec = figure.spec();
    let mut faults = Vec::new();
    let mut take = |wrong: Error| match wrong {
        Error::Invalid(more) => {
            faults.extend(more);
            Ok(())
        }
        other => Err(other),
    };
    let today = app.city.today(context.now);
    let to = query.to.unwrap_or(today);
    // Every year has a first day. What has no period is told as it stands today.
    let first = if spec.has_period { NaiveDate::from_ymd_opt(to.year(), 1, 1) } else { Some(to) };
    let from = query.from.or(first).unwrap_or(to);
    let (facility, own) = match dashboard::facility_for(app, caller, query.facility_id) {
        Ok(found) => found,
        Err(wrong) => take(wrong).map(|()| (None, false))?,
    };
    let place = match dashboard::place(app, query.district_code.as_deref(), query.village_code.as_deref()) {
        Ok(place) => place,
        Err(wrong) => take(wrong).map(|()| None)?,
    };
    // What the service does is no facility's.
    let facility = facility.filter(|_| figure != FigureName::ServiceLevels || query.facility_id.is_some());
    let mut scope = Scope { place, facility, care_type: query.care_type, own, ..Scope::of(figure, (from, to)) };
    scope.by = query.by.unwrap_or(scope.by);
    scope.basis = query.date_basis.unwrap_or(scope.basis);
    let limit = query.limit.map_or(Ok(scope.limit), usize::try_from).ok().filter(|limit| (1..=MOST_ITEMS).contains(limit));
    scope.limit = limit.unwrap_or(scope.limit);
    let mut wrong = |parameter: &'static str, code: &'static str| faults.push(Fault::parameter(parameter, code));
    if limit.is_none() {
        wrong("limit", "OUT_OF_RANGE");
    }
    if !spec.has_period {
        for (parameter, _) in [("from", query.from), ("to", query.to)].iter().filter(|(_, day)| day.is_some()) {
            wrong(parameter, "NOT_KEPT_SO");
        }
    } else if let Some((parameter, _)) = [("from", from), ("to", to)].iter().find(|(_, day)| !YEARS.contains(&day.year())) {
        wrong(parameter, "OUT_OF_RANGE");
    } else if from > to {
        wrong("to", "BEFORE_FROM");
    } else if (to - from).num_days() >= figures::LONGEST_DAYS {
        wrong("from", "PERIOD_TOO_LONG");
    }
    if !spec.by.contains(&scope.by) {
        wrong("by", "NOT_KEPT_SO");
    }
    if !spec.bases.contains(&scope.basis) {
        wrong("date_basis", "NOT_KEPT_SO");
    }
    if facility.is_some() && !spec.by_facility {
        wrong("facility_id", "NOT_KEPT_SO");
    }
    if query.care_type.is_some() && !spec.by_care {
        wrong("care_type", "NOT_KEPT_SO");
    }
    if scope.is_of_places() {
        let parameter = if scope.place.is_none() {
            "by"
        } else if query.village_code.is_some() {
            "village_code"
        } else {
            "district_code"
        };
        let is_unknown = query.village_code.is_some() && !figure.knows_villages();
        if is_unknown || !spec.of_places.contains(&scope.by) {
            wrong(parameter, "NOT_KEPT_BY_PLACE");
        } else if facility.is_some() {
            wrong(parameter, "PLACE_OR_FACILITY");
        }
        if scope.basis != DateBasis::Service {
            wrong("date_basis", "NOT_KEPT_BY_PLACE");
        }
    }
    if spec.has_period && (scope.is_of_places() || figure.is_by_month()) {
        // The month that runs is whole as far as it is known.
        let last = figures::last_of_month(to);
        if from != figures::first_of_month(from) {
            wrong("from", "WHOLE_MONTHS");
        }
        if to != last && to < today {
            wrong("to", "WHOLE_MONTHS");
        }
        scope.to = last;
    }
    if faults.is_empty() { Ok(scope) } else { Err(Error::Invalid(faults)) }
}

impl From<FigureSheet> for FigureView {
    fn from(sheet: FigureSheet) -> Self {
        let FigureSheet { figure, as_of, computed_at, from, to, date_basis, by, filters, definition, measures, items, totals } = sheet;
        let figures::Filters { district_code, village_code, facility_id, care_type } = filters;
        let measure = |DefinedMeasure { measure, definition }: DefinedMeasure| MeasureView { name: measure.name, unit: measure.unit, definition };
        let item = |Item { key, name, suppressed, values }: Item| ItemView { key, name, suppressed, values };
        Self {
            figure,
            as_of,
            computed_at,
            from,
            to,
            date_basis,
            by,
            filters: FiltersView { district_code, village_code, facility_id, care_type },
            definition,
            measures: measures.into_iter().map(measure).collect(),
            items: items.into_iter().map(item).collect(),
            totals,
        }
    }
}

async fn tell(
    state: web::Data<State>,
    asked: Asked,
    language: Language,
    request: &HttpRequest,
    figure: FigureName,
    query: FigureQuery,
) -> Answer<HttpResponse> {
    let as_csv = accept::prefers(request, &mime::TEXT_CSV, &mime::APPLICATION_JSON);
    let told = state
        .db(move |app, db| {
            let scope = scope(app, &asked.context, &asked.caller, figure, &query)?;
            dashboard::tell_one(app, db, &asked.context, language, &scope)
        })
        .await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept"));
    if as_csv {
        response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.csv\"", told.figure)));
        return Ok(response.content_type(SheetFormat::Csv.media_type()).body(sheets::csv(&told)?));
    }
    Ok(response.json(FigureView::from(told)))
}

/// Makes the handler of a figure.
macro_rules! figure {
    ($(#[$doc:meta])* $handler:ident $path:literal $figure:ident) => {
        $(#[$doc])*
        #[utoipa::path(get, path = $path, tag = "dashboard", params(FigureQuery),
            responses((status = 200, content((FigureView = "application/json"), (String = "text/csv")))))]
        pub async fn $handler(state: web::Data<State>, asked: Asked, spoken: Spoken, request: HttpRequest, query: Query<FigureQuery>) -> Answer<HttpResponse> {
            tell(state, asked, spoken.0, &request, FigureName::$figure, query.0).await
        }
    };
}

figure! {
    /// Eligibility checks by answer, reason, facility, care, day, month, weekday, hour and place.
    checks "/api/v1/dashboard/checks" Checks
}

figure! {
    /// What was noticed in the registry and what became of it: signals, differences from the population office's file, and cases.
    hygiene "/api/v1/dashboard/hygiene" Hygiene
}
figure! {
    /// People, families and enrolments as they stand, by state, sex, age, place and card. It has no period.
    participants "/api/v1/dashboard/participants" Participants
}
figure! {
    /// How fast checks were answered and how much of the time the service was ready, by month; or how far its sums are behind.
    service_levels "/api/v1/dashboard/service-levels" ServiceLevels
}
figure! {
    /// The headline figures: what stands, what came in the period, and the year's money.
    summary "/api/v1/dashboard/summary" Summary
}
figure! {
    /// Visits by month, day, facility, care and place.
    utilization "/api/v1/dashboard/utilization" Utilization
}

figure! {
    /// Claims and their amounts by state, month, day, facility, care, pot and place; of the day of service, of handing in, of approval or of payment.
    claims "/api/v1/dashboard/claims" Claims
}

figure! {
    /// Claims that are open today by how long ago they were handed in, by state, facility and care.
    ageing "/api/v1/dashboard/ageing" Ageing
}

figure! {
    /// Days until claims were complete, decided and paid, and how many were decided at once.
    turnaround "/api/v1/dashboard/turnaround" Turnaround
}

figure! {
    /// By how much what was approved falls short of what it cost, by facility, code, care and month. In whole months.
    tariff_gap "/api/v1/dashboard/tariff-gap" TariffGap
}

figure! {
    /// The principal diagnoses of claims, those first that were seen most. In whole months; of fewer than five people nothing is told.
    diagnoses "/api/v1/dashboard/diagnoses" Diagnoses
}

figure! {
    /// What the edits found on decided claims, and how often people agreed. In whole months.
    edits "/api/v1/dashboard/edits" Edits
}

figure! {
    /// How the budget stands today of the year in which the period ends, by pot.
    budget "/api/v1/dashboard/budget" Budget
}

figure! {
    /// Each facility in one row: checks, visits, claims, their amounts, and how long it waits for its money.
    facilities "/api/v1/dashboard/facilities" Facilities
}
