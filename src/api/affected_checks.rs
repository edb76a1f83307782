//! Recorded checks that would be decided otherwise by what the registry says now.

use actix_web::web;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::lists::Page;
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::eligibility::{CareType, Decision, Outcome};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::service::affected_checks::{self, Affected};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AffectedQuery {
    /// How many checks are looked at; those among them that would be decided otherwise are shown.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// A rule that would say otherwise.
#[derive(Serialize, ToSchema)]
pub struct ChangedRuleView {
    pub code: &'static str,
    pub then: Outcome,
    pub now: Outcome,
}

#[derive(Serialize, ToSchema)]
pub struct AffectedCheckView {
    pub id: Id,
    pub facility_id: Id,
    pub service_date: NaiveDate,
    pub care_type: CareType,
    pub checked_at: UtcTime,
    pub decision_then: Decision,
    pub decision_now: Decision,
    pub changed_rules: Vec<ChangedRuleView>,
}

#[derive(Serialize, ToSchema)]
pub struct AffectedChecksView {
    pub items: Vec<AffectedCheckView>,
    /// How many checks were looked at.
    pub looked_at: usize,
    /// Give it back as `cursor` to look at older ones; null at the end.
    pub next_cursor: Option<String>,
}

impl From<affected_checks::Page> for AffectedChecksView {
    fn from(page: affected_checks::Page) -> Self {
        let affected_checks::Page { affected, looked_at, next } = page;
        Self { items: affected.into_iter().map(view).collect(), looked_at, next_cursor: next.map(|id| id.to_string()) }
    }
}

fn view(affected: Affected) -> AffectedCheckView {
    let Affected { check, now, changed } = affected;
    AffectedCheckView {
        id: check.id,
        facility_id: check.facility_id,
        service_date: check.service_date,
        care_type: check.care_type,
        checked_at: check.checked_at,
        decision_then: check.decision,
        decision_now: now.decision,
        changed_rules: changed.into_iter().map(|(code, then, now)| ChangedRuleView { code: code.as_str(), then, now }).collect(),
    }
}

/// The recorded checks of a participant that would be decided otherwise now, newest first. Each is decided again on its own rules and on what the
/// facility told then; only what the registry says of the person is read anew. No check is changed by it.
#[utoipa::path(get, path = "/api/v1/participants/{id}/affected-checks", tag = "registry", params(("id" = Id, Path), AffectedQuery),
    responses((status = 200, body = AffectedChecksView)))]
pub async fn list(state: web::Data<State>, asked: Asked, id: PathId, query: Query<AffectedQuery>) -> Answer<web::Json<AffectedChecksView>> {
    let page = Page::new(query.0.limit, query.0.cursor.as_deref())?;
    let found = state.db(move |app, db| affected_checks::list(app, db, &asked.context, id.0, page.before, page.limit)).await?;
    Ok(web::Json(found.into()))
}
