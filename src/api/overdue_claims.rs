//! What hospitals should have been paid by a day, and were not.

use actix_web::web;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::lists::{Listed, Page};
use super::query::Query;
use super::{Answer, State};
use crate::domain::claims::ClaimState;
use crate::domain::id::Id;
use crate::domain::payments::late_indicator;
use crate::domain::rupiah::Rupiah;
use crate::service::bill_sheets::{self, OverdueAsked};
use crate::store::bill_sheets::FacilityOverdue;

#[derive(Serialize, ToSchema)]
pub struct OverdueView {
    pub as_of: NaiveDate,
    /// Of all pages.
    pub claims: i64,
    pub amount: Rupiah,
    pub facilities: Vec<FacilityOverdueView>,
    #[serde(flatten)]
    pub page: Listed<OverdueClaimView>,
}

#[derive(Serialize, ToSchema)]
pub struct FacilityOverdueView {
    pub facility_id: Id,
    pub claims: i64,
    pub amount: Rupiah,
    /// Of the longest due.
    pub days_overdue: i64,
}

#[derive(Serialize, ToSchema)]
pub struct OverdueClaimView {
    pub claim_id: Id,
    pub number: String,
    pub facility_claim_number: String,
    pub facility_id: Id,
    /// As it is now.
    pub state: ClaimState,
    pub amount: Rupiah,
    pub pay_by: Option<NaiveDate>,
    pub days_overdue: i64,
    /// One per cent for each whole month of thirty days: for comparison with the national programme. The city pays none.
    pub late_indicator: Rupiah,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OverdueQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    /// What was approved by this day, due before it and not paid by it. Without it: today.
    as_of: Option<NaiveDate>,
    facility_id: Option<Id>,
}

/// Claims that were due before a day and not paid by it, those first that came first, with the sums by hospital.
#[utoipa::path(get, path = "/api/v1/overdue-claims", tag = "payments", params(OverdueQuery), responses((status = 200, body = OverdueView)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<OverdueQuery>) -> Answer<web::Json<OverdueView>> {
    let OverdueQuery { limit, cursor, as_of, facility_id } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let wanted = OverdueAsked { as_of, facility_id, after: page.before, limit: page.limit };
    let overdue = state.db(move |app, db| bill_sheets::overdue(app, db, &asked.context, &wanted)).await?;
    let as_of = overdue.as_of;
    let days = |pay_by: NaiveDate| (as_of - pay_by).num_days();
    let by_facility = |one: FacilityOverdue| FacilityOverdueView {
        facility_id: one.facility_id,
        claims: one.claims,
        amount: one.amount,
        days_overdue: days(one.oldest_pay_by),
    };
    let facilities = overdue.facilities.into_iter().map(by_facility).collect();
    let page = Listed::from_rows(
        overdue.items,
        page,
        |(claim, _)| claim.id,
        |(claim, terms)| {
            let days_overdue = terms.pay_by.map_or(0, days);
            OverdueClaimView {
                claim_id: claim.id,
                number: claim.number,
                facility_claim_number: claim.facility_claim_number,
                facility_id: claim.facility_id,
                state: claim.state,
                amount: claim.approved_amount,
                pay_by: terms.pay_by,
                days_overdue,
                late_indicator: late_indicator(claim.approved_amount, days_overdue),
            }
        },
    );
    Ok(web::Json(OverdueView { as_of, claims: overdue.claims, amount: overdue.amount, facilities, page }))
}
