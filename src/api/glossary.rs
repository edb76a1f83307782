//! What the dashboard can be asked, in the reader's language; and the service levels that anyone may read.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use chrono::Months;
use serde::Serialize;
use utoipa::ToSchema;

use super::dashboard::{FigureView, MeasureView};
use super::guard::Unasked;
use super::language::Spoken;
use super::{Answer, State};
use crate::domain::figures::{Breakdown, DateBasis, FigureName, Scope, first_of_month};
use crate::domain::texts::Language;
use crate::service::App;
use crate::service::dashboard::{self, glossary};

/// A figure, and all that it can be asked for.
#[derive(Serialize, ToSchema)]
pub struct GlossaryEntry {
    pub figure: FigureName,
    pub path: String,
    /// How it is counted.
    pub definition: String,
    /// What it can be broken down by; the first without a word.
    pub by: Vec<Breakdown>,
    /// Those of them that tell where people live or may be narrowed to a place: in whole months, in fives, and not of fewer than five people.
    pub by_of_places: Vec<Breakdown>,
    /// Which dates may lie in the period; the first without a word. Empty: there is no period, it is told as it stands.
    pub date_bases: Vec<DateBasis>,
    /// The parameters by which it can be narrowed.
    pub filters: Vec<&'static str>,
    pub measures: Vec<MeasureView>,
}

#[derive(Serialize, ToSchema)]
pub struct GlossaryView {
    pub figures: Vec<GlossaryEntry>,
}

fn entry(app: &App, language: Language, figure: FigureName) -> GlossaryEntry {
    let text = |key: String| app.city.texts.get(language, &key, &[]).unwrap_or_default();
    let spec = figure.spec();
    let filters = [
        ("from", spec.has_period),
        ("to", spec.has_period),
        ("district_code", !spec.of_places.is_empty()),
        ("village_code", !spec.of_places.is_empty() && figure.knows_villages()),
        ("facility_id", spec.by_facility),
        ("care_type", spec.by_care),
        ("limit", spec.by.iter().any(|by| by.is_ranked())),
    ];
    let measure = |(name, unit): &(&str, _)| MeasureView { name: (*name).to_owned(), unit: *unit, definition: text(format!("measures.{name}")) };
    GlossaryEntry {
        figure,
        path: format!("/api/v1/dashboard/{figure}"),
        definition: text(format!("figures.{figure}")),
        by: spec.by.to_vec(),
        by_of_places: spec.of_places.to_vec(),
        date_bases: if spec.has_period { spec.bases.to_vec() } else { Vec::new() },
        filters: filters.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect(),
        measures: glossary::measures(figure).iter().map(measure).collect(),
    }
}

/// Every figure of the dashboard: how it is counted, and by what it can be broken down and narrowed.
#[utoipa::path(get, path = "/api/v1/dashboard/glossary", tag = "dashboard", responses((status = 200, body = GlossaryView)))]
pub async fn show(state: web::Data<State>, spoken: Spoken) -> web::Json<GlossaryView> {
    web::Json(GlossaryView { figures: FigureName::ALL.iter().map(|figure| entry(&state.0, spoken.0, *figure)).collect() })
}

/// How many months are told to anyone, with the one that runs.
const MONTHS: u32 = 12;

/// Service levels of the last twelve months, for anyone: how fast checks were answered, and how much of the time the service was ready.
#[utoipa::path(get, path = "/api/v1/public/service-levels", tag = "dashboard", responses((status = 200, body = FigureView)))]
pub async fn service_levels(state: web::Data<State>, asked: Unasked, spoken: Spoken) -> Answer<HttpResponse> {
    let told = state
        .db(move |app, db| {
            let today = app.city.today(asked.0.now);
            let first = first_of_month(today).checked_sub_months(Months::new(MONTHS - 1)).unwrap_or(today);
            let scope = Scope::of(FigureName::ServiceLevels, (first, today));
            dashboard::tell_one(app, db, &asked.0, spoken.0, &scope).map(FigureView::from)
        })
        .await?;
    let cacheable = (header::CACHE_CONTROL, "public, max-age=60");
    Ok(HttpResponse::Ok().insert_header(cacheable).insert_header((header::VARY, "Accept-Language")).json(told))
}
