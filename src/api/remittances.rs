//! What each hospital was paid: its remittances, and the advice of each as a sheet and on paper.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bill_sheets::{amount, day};
use super::cards::pdf_file;
use super::guard::Asked;
use super::lists::{Listed, Page};
use super::payments::sheet;
use super::query::{PathId, Query};
use super::table_pdf::{self, Column, Table, label};
use super::{Answer, State};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::payments::{self, Advice, Remittance};

/// Every text that stands on an advice beside its values.
#[cfg(test)]
const LABELS: [&str; 17] = [
    "title",
    "number",
    "facility",
    "paid_on",
    "sp2d",
    "line",
    "claim",
    "facility_number",
    "discharged",
    "claimed",
    "cut",
    "paid",
    "kept_back",
    "payments",
    "less",
    "transferred",
    "dispute",
];

/// What the caller's hospital was paid with a batch.
#[derive(Serialize, ToSchema)]
pub struct RemittanceView {
    pub batch_id: Id,
    pub number: String,
    pub paid_on: Option<NaiveDate>,
    pub sp2d_number: Option<String>,
    /// For its claims.
    pub amount: Rupiah,
    /// Of what it owed from payments before.
    pub kept_back_amount: Rupiah,
    /// The difference: what was transferred.
    pub net_amount: Rupiah,
}

impl From<Remittance> for RemittanceView {
    fn from(remittance: Remittance) -> Self {
        let Remittance { batch, amount, kept_back } = remittance;
        Self {
            batch_id: batch.id,
            number: batch.number,
            paid_on: batch.paid_on,
            sp2d_number: batch.sp2d_number,
            amount,
            kept_back_amount: kept_back,
            // No more is kept back than is paid.
            net_amount: Rupiah(amount.0 - kept_back.0),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RemittanceQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// What the caller's hospital was paid, newest first. The claims of each are those of the batch.
#[utoipa::path(get, path = "/api/v1/remittances", tag = "payments", params(RemittanceQuery), responses((status = 200, body = Listed<RemittanceView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<RemittanceQuery>) -> Answer<web::Json<Listed<RemittanceView>>> {
    let page = Page::new(query.0.limit, query.0.cursor.as_deref())?;
    let rows = state.db(move |_, db| payments::remittances(db, &asked.caller, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |remittance| remittance.batch.id, RemittanceView::from)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AdviceQuery {
    /// A hospital asks for its own; everybody else names one.
    facility_id: Option<Id>,
}

async fn advice(state: &State, asked: Asked, id: PathId, facility: Option<Id>) -> Answer<Advice> {
    Ok(state.db(move |app, db| payments::advice(app, db, &asked.context, &asked.caller, (id.0, facility))).await?)
}

/// What a settled payment paid to a hospital, claim by claim, with what was kept back, as CSV.
#[utoipa::path(get, path = "/api/v1/remittances/{id}/advice.csv", tag = "payments",
    params(("id" = Id, Path, description = "of the payment batch"), AdviceQuery), responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn csv(state: web::Data<State>, asked: Asked, id: PathId, query: Query<AdviceQuery>) -> Answer<HttpResponse> {
    let advice = advice(&state, asked, id, query.0.facility_id).await?;
    let name = format!("{}.csv", advice.told.batch.number);
    let bytes = state.app(move |app| sheet(app, &advice.told).map_err(|_| Error::internal("a sheet could not be written"))).await?;
    let mut response = HttpResponse::Ok();
    response.content_type("text/csv; charset=utf-8").insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    Ok(response.body(bytes))
}

/// The same on paper.
#[utoipa::path(get, path = "/api/v1/remittances/{id}/advice.pdf", tag = "payments",
    params(("id" = Id, Path, description = "of the payment batch"), AdviceQuery),
    responses((status = 200, body = String, content_type = "application/pdf")))]
pub async fn pdf(state: web::Data<State>, asked: Asked, id: PathId, query: Query<AdviceQuery>) -> Answer<HttpResponse> {
    let advice = advice(&state, asked, id, query.0.facility_id).await?;
    let name = format!("{}.pdf", advice.told.batch.number);
    let bytes = state.app(move |app| table_pdf::written_out(app, &table(app, &advice)?)).await?;
    Ok(pdf_file(&name, bytes))
}

fn table(app: &App, advice: &Advice) -> Result<Table> {
    let text = |key: &str| label(app, "advice", key);
    let batch = &advice.told.batch;
    let widths = [
        ("line", 9.0, true),
        ("claim", 36.0, false),
        ("facility_number", 45.0, false),
        ("discharged", 22.0, false),
        ("claimed", 26.0, true),
        ("cut", 26.0, true),
        ("paid", 26.0, true),
    ];
    let columns = widths.into_iter().map(|(key, width, is_number)| Ok(Column { heading: text(key)?, width, is_number }));
    let mut rows = Vec::new();
    let (mut claimed, mut paid, mut kept) = (Rupiah::ZERO, Rupiah::ZERO, Rupiah::ZERO);
    let too_large = |_| Error::internal("more money than there is");
    for (line, (item, claim)) in (1u32..).zip(advice.told.paying()) {
        claimed = claimed.plus(claim.claimed_amount).map_err(too_large)?;
        paid = paid.plus(item.amount).map_err(too_large)?;
        rows.push(vec![
            line.to_string(),
            claim.number.clone(),
            claim.facility_claim_number.clone(),
            day(claim.discharged_on.unwrap_or(claim.admitted_on)),
            amount(claim.claimed_amount),
            amount(claim.claimed_amount.minus(item.amount).map_err(too_large)?),
            amount(item.amount),
        ]);
    }
    let kept_back = text("kept_back")?;
    for (repayment, recovery, claim) in advice.told.keeping() {
        kept = kept.plus(repayment.amount).map_err(too_large)?;
        let less = amount(Rupiah::ZERO.minus(repayment.amount).map_err(too_large)?);
        let why = format!("{kept_back} {}", recovery.document_number);
        rows.push(vec![String::new(), claim.number.clone(), why, String::new(), String::new(), String::new(), less]);
    }
    let sum = |key: &str, amounts: [Option<Rupiah>; 3]| -> Result<Vec<String>> {
        let mut cells = vec![String::new(), text(key)?, String::new(), String::new()];
        cells.extend(amounts.map(|one| one.map(amount).unwrap_or_default()));
        Ok(cells)
    };
    let cut = claimed.minus(paid).map_err(too_large)?;
    let net = paid.minus(kept).map_err(too_large)?;
    let mut totals = vec![sum("payments", [Some(claimed), Some(cut), Some(paid)])?];
    if kept > Rupiah::ZERO {
        totals.push(sum("less", [None, None, Some(Rupiah::ZERO.minus(kept).map_err(too_large)?)])?);
    }
    totals.push(sum("transferred", [None, None, Some(net)])?);
    Ok(Table {
        title: text("title")?,
        particulars: vec![
            (text("number")?, batch.number.clone()),
            (text("facility")?, advice.facility.name.clone()),
            (text("paid_on")?, batch.paid_on.map(day).unwrap_or_default()),
            (text("sp2d")?, batch.sp2d_number.clone().unwrap_or_default()),
        ],
        columns: columns.collect::<Result<_>>()?,
        rows,
        totals,
        notes: vec![text("dispute")?],
        is_wide: false,
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
        assert_eq!(texts.check("advice", &LABELS), vec![]);
    }
}
