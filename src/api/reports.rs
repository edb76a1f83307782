//! Reports: figures frozen for the mayor and the council, as JSON, workbook and paper.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::dashboard::FigureView;
use super::guard::Asked;
use super::idempotency::{Key, created};
use super::language::Spoken;
use super::lists::{Listed, Page};
use super::query::{PathId, Query};
use super::report_pdf;
use super::{Answer, State};
use crate::domain::eligibility::CareType;
use crate::domain::figures::{Breakdown, DateBasis, FigureName};
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::reports::ReportKind;
use crate::domain::sheets::SheetFormat;
use crate::domain::time::UtcTime;
use crate::error::{At, Error, Fault, Result};
use crate::service::dashboard::questions::{self, Question, YEARS};
use crate::service::dashboard::sheets;
use crate::service::reports::{self, Wanted};
use crate::store;
use crate::store::reports::{Report, ReportHead};

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    pub kind: ReportKind,
    /// Of a monthly report: a month that is over.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", max_length = 7, example = "2026-10")]
    #[validate(length(max = 7))]
    pub month: Option<String>,
    /// Of a figure: which, and as `GET /api/v1/dashboard/…` takes it.
    #[serde(default)]
    pub figure: Option<FigureName>,
    #[serde(default)]
    pub from: Option<NaiveDate>,
    #[serde(default)]
    pub to: Option<NaiveDate>,
    #[serde(default)]
    #[schema(max_length = 6)]
    #[validate(length(max = 6))]
    pub district_code: Option<String>,
    #[serde(default)]
    #[schema(max_length = 10)]
    #[validate(length(max = 10))]
    pub village_code: Option<String>,
    #[serde(default)]
    pub facility_id: Option<Id>,
    #[serde(default)]
    pub care_type: Option<CareType>,
    #[serde(default)]
    pub by: Option<Breakdown>,
    #[serde(default)]
    pub date_basis: Option<DateBasis>,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 200)]
    #[validate(range(min = 1, max = 200))]
    pub limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct ReportHeadView {
    pub id: Id,
    #[schema(example = "LAP-3275-2026-000001")]
    pub number: String,
    pub kind: ReportKind,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Of `content.json`, in hexadecimal digits.
    pub sha256: String,
    pub made_by: Id,
    pub made_at: UtcTime,
}

#[derive(Serialize, ToSchema)]
pub struct FrozenReportView {
    #[serde(flatten)]
    pub head: ReportHeadView,
    /// As they were told then.
    pub figures: Vec<FigureView>,
}

fn hash_text(bytes: &[u8]) -> Result<String> {
    let bytes = bytes.try_into().map_err(|_| Error::internal("a stored hash has not 32 bytes"))?;
    Ok(ContentHash::from_bytes(bytes).to_string())
}

fn head(head: ReportHead) -> Result<ReportHeadView> {
    let ReportHead { id, number, kind, from_day, to_day, content_hash, made_by, made_at } = head;
    Ok(ReportHeadView { id, number, kind, from: from_day, to: to_day, sha256: hash_text(&content_hash)?, made_by, made_at })
}

fn head_of(report: &Report) -> ReportHead {
    ReportHead {
        id: report.id,
        number: report.number.clone(),
        kind: report.kind,
        from_day: report.from_day,
        to_day: report.to_day,
        content_hash: report.content_hash.clone(),
        made_by: report.made_by,
        made_at: report.made_at,
    }
}

/// Faults of a question in a body point into it.
fn in_body(error: Error) -> Error {
    match error {
        Error::Invalid(faults) => Error::Invalid(
            faults
                .into_iter()
                .map(|fault| match &fault.at {
                    At::Parameter(name) => Fault { at: At::Pointer(format!("/{name}")), ..fault },
                    At::Pointer(_) | At::Header(_) => fault,
                })
                .collect(),
        ),
        other => other,
    }
}

/// Freezes a figure or a month's figures. They stay as they are, whatever is corrected afterwards; another report tells the corrected ones.
#[utoipa::path(post, path = "/api/v1/reports", tag = "dashboard", request_body = ReportRequest,
    responses((status = 201, body = ReportHeadView, headers(("Location" = String)))))]
pub async fn freeze(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, body: Body<ReportRequest>) -> Answer<HttpResponse> {
    let request = body.value;
    // A report stays: it must not answer another question than was asked.
    let of_figures = [
        ("/figure", request.figure.is_some()),
        ("/from", request.from.is_some()),
        ("/to", request.to.is_some()),
        ("/district_code", request.district_code.is_some()),
        ("/village_code", request.village_code.is_some()),
        ("/facility_id", request.facility_id.is_some()),
        ("/care_type", request.care_type.is_some()),
        ("/by", request.by.is_some()),
        ("/date_basis", request.date_basis.is_some()),
        ("/limit", request.limit.is_some()),
    ];
    let of_months = [("/month", request.month.is_some())];
    let strange: &[(&str, bool)] = match request.kind {
        ReportKind::Figure => &of_months,
        ReportKind::Monthly => &of_figures,
    };
    let strange: Vec<Fault> = strange.iter().filter(|(_, given)| *given).map(|(field, _)| Fault::at(*field, "NOT_KEPT_SO")).collect();
    if !strange.is_empty() {
        return Err(Error::Invalid(strange).into());
    }
    let wanted = match (request.kind, &request.month, request.figure) {
        (ReportKind::Monthly, None, _) => return Err(Error::from(Fault::at("/month", "FIELD_MISSING")).into()),
        (ReportKind::Figure, _, None) => return Err(Error::from(Fault::at("/figure", "FIELD_MISSING")).into()),
        (ReportKind::Monthly, Some(month), _) => {
            let day = format!("{month}-01").parse().ok().filter(|day: &NaiveDate| month.len() == 7 && YEARS.contains(&day.year()));
            Wanted::Month(day.ok_or_else(|| Error::from(Fault::at("/month", "WRONG_FORMAT")))?)
        }
        (ReportKind::Figure, _, Some(figure)) => {
            let question = Question {
                from: request.from,
                to: request.to,
                district_code: request.district_code,
                village_code: request.village_code,
                facility_id: request.facility_id,
                care_type: request.care_type,
                by: request.by,
                date_basis: request.date_basis,
                limit: request.limit,
            };
            Wanted::Figure(Box::new(questions::scope(&state.0, &asked.context, &asked.caller, figure, &question).map_err(in_body)?))
        }
    };
    let (caller, language) = (asked.caller, spoken.0);
    let reply = |report: &Report| created(Some(format!("/api/v1/reports/{}", report.id)), None, &head(head_of(report))?);
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| reports::freeze(app, db, context, &caller, language, &wanted, once)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    kind: Option<ReportKind>,
}

/// Reports, newest first.
#[utoipa::path(get, path = "/api/v1/reports", tag = "dashboard", params(ReportListQuery), responses((status = 200, body = Listed<ReportHeadView>)))]
pub async fn list(state: web::Data<State>, query: Query<ReportListQuery>) -> Answer<web::Json<Listed<ReportHeadView>>> {
    let ReportListQuery { limit, cursor, kind } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let rows = state.db(move |_, db| store::reports::page(db, kind, page.before, page.limit)).await?;
    let Listed { items, next_cursor } = Listed::from_rows(rows, page, |report| report.id, head);
    Ok(web::Json(Listed { items: items.into_iter().collect::<Result<_>>()?, next_cursor }))
}

/// One report with its figures.
#[utoipa::path(get, path = "/api/v1/reports/{id}", tag = "dashboard", params(("id" = Id, Path)), responses((status = 200, body = FrozenReportView)))]
pub async fn show(state: web::Data<State>, id: PathId) -> Answer<web::Json<FrozenReportView>> {
    let (report, content) = state.db(move |_, db| reports::show(db, id.0)).await?;
    Ok(web::Json(FrozenReportView { head: head(head_of(&report))?, figures: content.figures.into_iter().map(FigureView::from).collect() }))
}

fn file(name: &str, media_type: &str, bytes: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(media_type).insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    response.body(bytes)
}

/// The very bytes of which `sha256` is told.
#[utoipa::path(get, path = "/api/v1/reports/{id}/content.json", tag = "dashboard", params(("id" = Id, Path)),
    responses((status = 200, body = serde_json::Value, content_type = "application/json")))]
pub async fn content(state: web::Data<State>, id: PathId) -> Answer<HttpResponse> {
    let (report, _) = state.db(move |_, db| reports::show(db, id.0)).await?;
    Ok(file(&format!("{}.json", report.number), "application/json", report.content.into_bytes()))
}

/// A workbook with a sheet for each figure.
#[utoipa::path(get, path = "/api/v1/reports/{id}/report.xlsx", tag = "dashboard", params(("id" = Id, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn workbook(state: web::Data<State>, id: PathId) -> Answer<HttpResponse> {
    let (report, content) = state.db(move |_, db| reports::show(db, id.0)).await?;
    Ok(file(&format!("{}.xlsx", report.number), SheetFormat::Xlsx.media_type(), sheets::workbook(&content.figures)?))
}

/// On paper, with plots.
#[utoipa::path(get, path = "/api/v1/reports/{id}/report.pdf", tag = "dashboard", params(("id" = Id, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")))]
pub async fn paper(state: web::Data<State>, id: PathId) -> Answer<HttpResponse> {
    let (number, pdf) = state
        .db(move |app, db| {
            let (report, content) = reports::show(db, id.0)?;
            let pdf = report_pdf::written_out(app, &report, &content)?;
            Ok((report.number, pdf))
        })
        .await?;
    Ok(file(&format!("{number}.pdf"), "application/pdf", pdf))
}
