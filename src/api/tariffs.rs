//! What a service costs: the price in force, and from which schedule.

use actix_web::web;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::query::Query;
use super::tariff_schedules::TariffItemView;
use super::{Answer, State};
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::id::Id;
use crate::domain::tariffs::TariffCode;
use crate::error::{Error, Fault};
use crate::service::tariffs::{self, Question, Quote};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QuoteQuery {
    #[param(required = true, max_length = 30, example = "A-4-14-I")]
    code: Option<String>,
    /// Whoever works at a facility may leave it out, and asks for no other.
    facility_id: Option<Id>,
    /// Needed where the code has prices for more than one kind of care.
    care_type: Option<CareType>,
    ward_class: Option<WardClass>,
    /// Today, if left out.
    service_date: Option<NaiveDate>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QuoteView {
    pub code: String,
    pub facility_id: Id,
    pub service_date: NaiveDate,
    pub schedule_id: Id,
    pub schedule_name: String,
    /// The item that is the closest to the case.
    pub item: TariffItemView,
    /// Whole rupiah, before the percentage.
    pub amount: i64,
    pub payment_percent: i32,
    /// `amount` times `payment_percent`; a part of a rupiah is left out.
    pub payable_amount: i64,
}

impl From<Quote> for QuoteView {
    fn from(Quote { facility_id, service_date, schedule, item, priced }: Quote) -> Self {
        Self {
            code: item.key.code.to_string(),
            facility_id,
            service_date,
            schedule_id: priced.schedule_id,
            schedule_name: schedule.name,
            item: item.into(),
            amount: priced.amount.0,
            payment_percent: priced.payment_percent,
            payable_amount: priced.payable().0,
        }
    }
}

/// The price of a code at a facility on a date.
#[utoipa::path(get, path = "/api/v1/tariffs/quote", tag = "tariffs", params(QuoteQuery),
    responses((status = 200, body = QuoteView), (status = 404, description = "`TARIFF_NOT_FOUND`: no schedule is in force, or none of its prices fits")))]
pub async fn quote(state: web::Data<State>, asked: Asked, query: Query<QuoteQuery>) -> Answer<web::Json<QuoteView>> {
    let QuoteQuery { code, facility_id, care_type, ward_class, service_date } = query.0;
    let code = code.ok_or_else(|| Fault::parameter("code", "FIELD_MISSING"));
    let code = code.and_then(|code| code.parse::<TariffCode>().map_err(|_| Fault::parameter("code", "TARIFF_CODE_FORMAT")));
    let code = code.map_err(Error::from)?;
    let question = Question { code, facility_id, care_type, ward_class, service_date };
    let quote = state.db(move |app, db| tariffs::quote(app, db, &asked.context, &asked.caller, &question)).await?;
    Ok(web::Json(quote.into()))
}
