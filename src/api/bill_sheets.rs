//! The bills of a hospital by month of discharge: as pages, as a sheet, and on paper. They name nobody, and no diagnosis.

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use utoipa::{IntoParams, ToSchema};

use super::cards::pdf_file;
use super::claim_views::DueView;
use super::guard::Asked;
use super::lists::{Listed, Page};
use super::problem::Problem;
use super::query::Query;
use super::table_pdf::{self, Column, Table, label};
use super::{Answer, State};
use crate::domain::claims::ClaimState;
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::sheets::{Cell, Sheet, SheetFormat};
use crate::domain::texts::Language;
use crate::error::{Code, Error, Result};
use crate::service::App;
use crate::service::bill_sheets::{self, BillSheet};
use crate::store::bill_sheets::{Bill, Part, Totals};

/// Every text that stands on the sheet beside its values.
#[cfg(test)]
const LABELS: [&str; 19] = [
    "title",
    "facility",
    "month",
    "claims",
    "line",
    "number",
    "facility_number",
    "letter",
    "admitted",
    "discharged",
    "care",
    "class",
    "claimed",
    "tariff",
    "cost",
    "approved",
    "paid",
    "state",
    "pay_by",
];

/// The `{month}` of a path, as its first day. What is no month is not found.
pub struct PathMonth(pub NaiveDate);

impl FromRequest for PathMonth {
    type Error = actix_web::Error;
    type Future = Ready<std::result::Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("month").filter(|text| text.len() == 7);
        let month = text.and_then(|text| format!("{text}-01").parse().ok()).map(Self);
        ready(month.ok_or_else(|| Problem(Error::refused(Code::NotFound)).into()))
    }
}

#[derive(Serialize, ToSchema)]
pub struct BillView {
    pub claim_id: Id,
    pub number: String,
    pub facility_claim_number: String,
    pub letter_number: Option<String>,
    pub admitted_on: NaiveDate,
    pub discharged_on: Option<NaiveDate>,
    pub care_type: CareType,
    pub ward_class: Option<WardClass>,
    pub amounts: BillAmounts,
    pub state: ClaimState,
    pub due: DueView,
}

/// In whole rupiah.
#[derive(Serialize, ToSchema)]
pub struct BillAmounts {
    pub claimed: Rupiah,
    pub tariff: Rupiah,
    pub hospital_cost: Rupiah,
    pub approved: Rupiah,
    pub paid: Rupiah,
}

#[derive(Serialize, ToSchema)]
pub struct BillSheetView {
    pub facility_id: Id,
    pub facility_name: String,
    #[schema(example = "2026-11")]
    pub month: String,
    /// How many bills the month has, on all pages.
    pub claims: i64,
    /// Of all of them.
    pub totals: BillAmounts,
    #[serde(flatten)]
    pub page: Listed<BillView>,
}

impl From<Totals> for BillAmounts {
    fn from(Totals { claimed, tariff, hospital_cost, approved, paid, .. }: Totals) -> Self {
        Self { claimed, tariff, hospital_cost, approved, paid }
    }
}

impl From<Bill> for BillView {
    fn from((claim, terms, letter_number): Bill) -> Self {
        Self {
            claim_id: claim.id,
            number: claim.number,
            facility_claim_number: claim.facility_claim_number,
            letter_number,
            admitted_on: claim.admitted_on,
            discharged_on: claim.discharged_on,
            care_type: claim.care_type,
            ward_class: claim.ward_class,
            amounts: BillAmounts {
                claimed: claim.claimed_amount,
                tariff: claim.tariff_amount,
                hospital_cost: claim.hospital_cost,
                approved: claim.approved_amount,
                paid: claim.paid_amount,
            },
            state: claim.state,
            due: DueView {
                complete_by: terms.complete_by,
                fix_by: terms.fix_by,
                pay_by: terms.pay_by,
                dispute_by: terms.dispute_by,
                expires_on: terms.expires_on,
            },
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BillSheetQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    /// A hospital asks for its own; everybody else names one.
    facility_id: Option<Id>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BillFileQuery {
    /// A hospital asks for its own; everybody else names one.
    facility_id: Option<Id>,
}

/// The bills of a hospital for care that ended in a month, newest first, with the totals of the month. Drafts, and what was withdrawn or let go, are none.
#[utoipa::path(get, path = "/api/v1/bill-sheets/{month}", tag = "payments",
    params(("month" = String, Path, description = "YYYY-MM"), BillSheetQuery), responses((status = 200, body = BillSheetView)))]
pub async fn show(state: web::Data<State>, asked: Asked, month: PathMonth, query: Query<BillSheetQuery>) -> Answer<web::Json<BillSheetView>> {
    let BillSheetQuery { limit, cursor, facility_id } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let part = Part::Page { before: page.before, limit: page.limit };
    let asked_for = (month.0, facility_id);
    let sheet = state.db(move |app, db| bill_sheets::of_month(app, db, &asked.context, &asked.caller, asked_for, part)).await?;
    Ok(web::Json(BillSheetView {
        facility_id: sheet.facility.id,
        facility_name: sheet.facility.name.clone(),
        month: month_text(sheet.month),
        claims: sheet.totals.claims,
        totals: sheet.totals.into(),
        page: Listed::from_rows(sheet.bills, page, |(claim, ..)| claim.id, BillView::from),
    }))
}

fn month_text(month: NaiveDate) -> String {
    month.format("%Y-%m").to_string()
}

async fn whole(state: &State, asked: Asked, month: PathMonth, facility: Option<Id>) -> Answer<BillSheet> {
    Ok(state.db(move |app, db| bill_sheets::of_month(app, db, &asked.context, &asked.caller, (month.0, facility), Part::Whole)).await?)
}

/// What the file is called: by the hospital's code where it has one.
fn file_name(sheet: &BillSheet, ending: &str) -> String {
    let hospital = sheet.facility.code.as_deref().filter(|code| code.chars().all(|sign| sign.is_ascii_alphanumeric()));
    let hospital = hospital.map_or_else(|| sheet.facility.id.to_string(), str::to_owned);
    format!("bills-{hospital}-{}.{ending}", month_text(sheet.month))
}

/// The whole month as CSV, the first bill first, with the totals in the last row.
#[utoipa::path(get, path = "/api/v1/bill-sheets/{month}/sheet.csv", tag = "payments",
    params(("month" = String, Path, description = "YYYY-MM"), BillFileQuery), responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn csv(state: web::Data<State>, asked: Asked, month: PathMonth, query: Query<BillFileQuery>) -> Answer<HttpResponse> {
    let sheet = whole(&state, asked, month, query.0.facility_id).await?;
    file(&state, sheet, SheetFormat::Csv).await
}

/// The whole month as a workbook.
#[utoipa::path(get, path = "/api/v1/bill-sheets/{month}/sheet.xlsx", tag = "payments",
    params(("month" = String, Path, description = "YYYY-MM"), BillFileQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn xlsx(state: web::Data<State>, asked: Asked, month: PathMonth, query: Query<BillFileQuery>) -> Answer<HttpResponse> {
    let sheet = whole(&state, asked, month, query.0.facility_id).await?;
    file(&state, sheet, SheetFormat::Xlsx).await
}

async fn file(state: &State, sheet: BillSheet, format: SheetFormat) -> Answer<HttpResponse> {
    let disposition = format!("attachment; filename=\"{}\"", file_name(&sheet, format.as_str()));
    let bytes = state.app(move |_| rows(&sheet, format).map_err(|_| Error::internal("a sheet could not be written"))).await?;
    Ok(HttpResponse::Ok().content_type(format.media_type()).insert_header((header::CONTENT_DISPOSITION, disposition)).body(bytes))
}

fn rows(sheet: &BillSheet, format: SheetFormat) -> std::io::Result<Vec<u8>> {
    let columns = [
        "claim_number",
        "facility_claim_number",
        "letter_number",
        "admitted_on",
        "discharged_on",
        "care_type",
        "ward_class",
        "claimed_amount",
        "tariff_amount",
        "hospital_cost",
        "approved_amount",
        "paid_amount",
        "state",
        "complete_by",
        "fix_by",
        "pay_by",
        "dispute_by",
        "expires_on",
    ];
    let mut out = Sheet::begin(format, Vec::new(), "bills", &columns)?;
    for (claim, terms, letter) in &sheet.bills {
        out.row(&[
            Cell::from(claim.number.as_str()),
            Cell::from(claim.facility_claim_number.as_str()),
            Cell::from(letter.as_deref()),
            Cell::from(claim.admitted_on),
            Cell::from(claim.discharged_on),
            Cell::from(claim.care_type.as_str()),
            Cell::from(claim.ward_class.map(WardClass::as_str)),
            Cell::from(claim.claimed_amount.0),
            Cell::from(claim.tariff_amount.0),
            Cell::from(claim.hospital_cost.0),
            Cell::from(claim.approved_amount.0),
            Cell::from(claim.paid_amount.0),
            Cell::from(claim.state.as_str()),
            Cell::from(terms.complete_by),
            Cell::from(terms.fix_by),
            Cell::from(terms.pay_by),
            Cell::from(terms.dispute_by),
            Cell::from(terms.expires_on),
        ])?;
    }
    let Totals { claims, claimed, tariff, hospital_cost, approved, paid } = sheet.totals;
    let mut last = vec![Cell::from("total"), Cell::from(claims)];
    last.resize(7, Cell::Empty);
    last.extend([claimed, tariff, hospital_cost, approved, paid].map(|amount| Cell::from(amount.0)));
    last.resize(columns.len(), Cell::Empty);
    out.row(&last)?;
    out.finish()
}

/// The whole month on paper.
#[utoipa::path(get, path = "/api/v1/bill-sheets/{month}/sheet.pdf", tag = "payments",
    params(("month" = String, Path, description = "YYYY-MM"), BillFileQuery),
    responses((status = 200, body = String, content_type = "application/pdf")))]
pub async fn pdf(state: web::Data<State>, asked: Asked, month: PathMonth, query: Query<BillFileQuery>) -> Answer<HttpResponse> {
    let sheet = whole(&state, asked, month, query.0.facility_id).await?;
    let name = file_name(&sheet, "pdf");
    let bytes = state.app(move |app| table_pdf::written_out(app, &table(app, &sheet)?)).await?;
    Ok(pdf_file(&name, bytes))
}

/// An amount in a column that says it is rupiah.
pub(super) fn amount(amount: Rupiah) -> String {
    amount.to_string().replace("Rp ", "")
}

pub(super) fn day(date: NaiveDate) -> String {
    date.format("%d-%m-%Y").to_string()
}

/// What a month is called, as `November 2026`.
fn month_name(app: &App, month: NaiveDate) -> String {
    let name = app.city.texts.date(Language::Id, month);
    name.split_once(' ').map_or(name.clone(), |(_, month)| month.to_owned())
}

fn table(app: &App, sheet: &BillSheet) -> Result<Table> {
    let text = |key: &str| label(app, "bill_sheet", key);
    let word = |word: &str| app.city.texts.word(Language::Id, word).to_owned();
    let widths = [
        ("line", 8.0, true),
        ("number", 31.0, false),
        ("facility_number", 25.0, false),
        ("letter", 31.0, false),
        ("admitted", 16.5, false),
        ("discharged", 16.5, false),
        ("care", 16.0, false),
        ("class", 11.0, false),
        ("claimed", 18.5, true),
        ("tariff", 18.5, true),
        ("cost", 18.5, true),
        ("approved", 18.5, true),
        ("paid", 18.5, true),
        ("state", 16.0, false),
        ("pay_by", 16.0, false),
    ];
    let columns = widths.into_iter().map(|(key, width, is_number)| Ok(Column { heading: text(key)?, width, is_number }));
    let rows = (1u32..).zip(&sheet.bills).map(|(line, (claim, terms, letter))| {
        vec![
            line.to_string(),
            claim.number.clone(),
            claim.facility_claim_number.clone(),
            letter.clone().unwrap_or_default(),
            day(claim.admitted_on),
            claim.discharged_on.map(day).unwrap_or_default(),
            word(claim.care_type.as_str()),
            claim.ward_class.map(|class| word(class.as_str())).unwrap_or_default(),
            amount(claim.claimed_amount),
            amount(claim.tariff_amount),
            amount(claim.hospital_cost),
            amount(claim.approved_amount),
            amount(claim.paid_amount),
            label(app, "claim_states", claim.state.as_str()).unwrap_or_default(),
            terms.pay_by.map(day).unwrap_or_default(),
        ]
    });
    let Totals { claims, claimed, tariff, hospital_cost, approved, paid } = sheet.totals;
    let mut totals = vec![String::new(), format!("{} {claims}", text("claims")?)];
    totals.resize(8, String::new());
    totals.extend([claimed, tariff, hospital_cost, approved, paid].map(amount));
    Ok(Table {
        title: text("title")?,
        particulars: vec![(text("facility")?, sheet.facility.name.clone()), (text("month")?, month_name(app, sheet.month))],
        columns: columns.collect::<Result<_>>()?,
        rows: rows.collect(),
        totals: vec![totals],
        notes: Vec::new(),
        is_wide: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::texts::Texts;

    #[test]
    fn every_label_is_there_in_both_languages() {
        let texts =
            Texts::load(("id.toml", include_str!("../../config/texts/id.toml")), ("en.toml", include_str!("../../config/texts/en.toml"))).unwrap();
        assert_eq!(texts.check("bill_sheet", &LABELS), vec![]);
        let states: Vec<&str> = ClaimState::ALL.iter().map(|state| state.as_str()).collect();
        assert_eq!(texts.check("claim_states", &states), vec![]);
        assert_eq!(texts.check("paper", &["page"]), vec![]);
    }
}
