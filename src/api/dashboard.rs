//! The dashboard: every figure in one form, as JSON or CSV, with the time until which it is counted and how.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, mime, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::accept;
use super::guard::Asked;
use super::language::Spoken;
use super::query::Query;
use super::{Answer, State};
use crate::domain::eligibility::CareType;
use crate::domain::figures::{self, Breakdown, DateBasis, DefinedMeasure, FigureName, FigureSheet, Item, MeasureUnit};
use crate::domain::id::Id;
use crate::domain::sheets::SheetFormat;
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::service::dashboard::questions::{self, Question};
use crate::service::dashboard::{self, sheets};

#[derive(Deserialize, IntoParams, Default, Clone)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FigureQuery {
    /// The first day; this year's first without a word.
    from: Option<NaiveDate>,
    /// The last day, today without a word. At most 366 days in all.
    to: Option<NaiveDate>,
    /// Six digits. Figures by place are those of whole months, in fives, and a cell of fewer than five people is not told.
    #[param(pattern = "^[0-9]{6}$")]
    district_code: Option<String>,
    /// Ten digits.
    #[param(pattern = "^[0-9]{10}$")]
    village_code: Option<String>,
    /// Not together with a place. A hospital sees its own figures alone.
    facility_id: Option<Id>,
    care_type: Option<CareType>,
    /// What the items are; which there are is told by `GET /dashboard/glossary`.
    by: Option<Breakdown>,
    /// Which date of what is counted lies in the period.
    date_basis: Option<DateBasis>,
    /// How many items at most, the largest first; by `code`, of which there are many.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
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

impl From<FigureQuery> for Question {
    fn from(query: FigureQuery) -> Self {
        let FigureQuery { from, to, district_code, village_code, facility_id, care_type, by, date_basis, limit } = query;
        Self { from, to, district_code, village_code, facility_id, care_type, by, date_basis, limit }
    }
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
            let scope = questions::scope(app, &asked.context, &asked.caller, figure, &query.into())?;
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
