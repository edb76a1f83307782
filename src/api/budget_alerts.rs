//! Alerts that a pot is being used up.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::idempotency::{Key, done};
use super::lists::{Listed, Page};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::budget::Pot;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::service::budget_alerts;
use crate::store;
use crate::store::budget_alerts::{Alert, Filter};

#[derive(Serialize, ToSchema)]
pub struct AlertView {
    pub id: Id,
    pub budget_id: Id,
    pub year: i32,
    pub pot: Pot,
    /// The threshold that was reached, in per cent of the ceiling.
    pub percent: i32,
    /// What was spoken for when it was reached.
    pub used: i64,
    /// The ceiling in force at that moment.
    pub ceiling: i64,
    pub raised_at: UtcTime,
    pub acknowledged_at: Option<UtcTime>,
    pub acknowledged_by: Option<Id>,
}

impl From<&Alert> for AlertView {
    fn from(alert: &Alert) -> Self {
        Self {
            id: alert.id,
            budget_id: alert.budget_id,
            year: alert.year,
            pot: alert.pot,
            percent: alert.percent,
            used: alert.used.0,
            ceiling: alert.ceiling.0,
            raised_at: alert.raised_at,
            acknowledged_at: alert.acknowledged_at,
            acknowledged_by: alert.acknowledged_by,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    year: Option<i32>,
    pot: Option<Pot>,
    acknowledged: Option<bool>,
}

/// Alerts, newest first. Each crossing of a threshold is told once.
#[utoipa::path(get, path = "/api/v1/budget-alerts", tag = "budgets", params(AlertQuery), responses((status = 200, body = Listed<AlertView>)))]
pub async fn list(state: web::Data<State>, query: Query<AlertQuery>) -> Answer<web::Json<Listed<AlertView>>> {
    let AlertQuery { limit, cursor, year, pot, acknowledged } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let filter = Filter { year, pot, acknowledged };
    let rows = state.db(move |_, db| store::budget_alerts::page(db, filter, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |alert| alert.id, |alert| AlertView::from(&alert))))
}

/// Takes note of an alert.
#[utoipa::path(post, path = "/api/v1/budget-alerts/{id}/acknowledge", tag = "budgets", params(("id" = Id, Path)),
    responses((status = 200, body = AlertView), (status = 409, description = "acknowledged already")))]
pub async fn acknowledge(state: web::Data<State>, asked: Asked, key: Key, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let reply = |alert: &Alert| done(&AlertView::from(alert));
    state.once(asked, key, web::Bytes::new(), reply, move |_, db, context, once| budget_alerts::acknowledge(db, context, &caller, id.0, once)).await
}
