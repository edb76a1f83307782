//! Reconciliations: comparisons of the registry with a file of the population office.

use actix_web::web;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::lists::{Listed, Page};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::id::Id;
use crate::domain::population::RunState;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error};
use crate::service::reconciliations;
use crate::store::reconciliations::Dated;

/// A comparison, how far it has come, and what it counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReconciliationView {
    /// That of the import that brought the file, unless it was read at the command line.
    pub id: Id,
    pub state: RunState,
    /// The date of what the file says.
    pub as_of: NaiveDate,
    /// Of the registry that is compared, 0 to 100.
    pub percent: u8,
    /// How many NIKs the file has.
    pub records: i64,
    pub compared: i64,
    pub agree: i64,
    /// Records of people who are not registered; null until the end.
    pub only_in_file: Option<i64>,
    pub found: FoundView,
    /// How many of them wait for a decision because of this file.
    pub new_findings: i64,
    /// How many open findings the file no longer shows.
    pub resolved: i64,
    pub asked_by: Option<Id>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub finished_at: Option<UtcTime>,
}

/// How many differences the file shows, by category.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundView {
    pub not_found: i64,
    pub moved: i64,
    pub duplicate: i64,
    pub different: i64,
    pub deceased: i64,
    pub jkn_changed: i64,
}

impl From<Dated> for ReconciliationView {
    fn from(Dated { run, as_of, records }: Dated) -> Self {
        let is_done = run.state == RunState::Done;
        // A hundred only when it is done.
        let share = (reconciliations::share(run.compared_to) * 100.0).min(99.0);
        Self {
            id: run.id,
            state: run.state,
            as_of,
            percent: if is_done { 100 } else { share as u8 },
            records,
            compared: run.compared,
            agree: run.agree,
            only_in_file: is_done.then_some(records - run.matched),
            found: FoundView {
                not_found: run.not_found,
                moved: run.moved,
                duplicate: run.duplicate,
                different: run.different,
                deceased: run.deceased,
                jkn_changed: run.jkn_changed,
            },
            new_findings: run.new_findings,
            resolved: run.resolved,
            asked_by: run.asked_by,
            created_at: run.created_at,
            updated_at: run.updated_at,
            finished_at: run.finished_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReconciliationsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Comparisons, newest first.
#[utoipa::path(get, path = "/api/v1/reconciliations", tag = "registry", params(ReconciliationsQuery),
    responses((status = 200, body = Listed<ReconciliationView>)))]
pub async fn list(state: web::Data<State>, query: Query<ReconciliationsQuery>) -> Answer<web::Json<Listed<ReconciliationView>>> {
    let page = Page::new(query.0.limit, query.0.cursor.as_deref())?;
    let rows = state.db(move |_, db| reconciliations::runs(db, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |row| row.run.id, ReconciliationView::from)))
}

/// One comparison, how far it has come, and what it counted.
#[utoipa::path(get, path = "/api/v1/reconciliations/{id}", tag = "registry", params(("id" = Id, Path)),
    responses((status = 200, body = ReconciliationView)))]
pub async fn show(state: web::Data<State>, id: PathId) -> Answer<web::Json<ReconciliationView>> {
    let found = state.db(move |_, db| reconciliations::find(db, id.0)?.ok_or(Error::refused(Code::NotFound))).await?;
    Ok(web::Json(found.into()))
}
