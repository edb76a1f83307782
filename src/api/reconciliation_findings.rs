//! Findings of reconciliations: in what the registry and the population office's file differ, listed and decided, one by one or in bulk.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::{BATCH, Body};
use super::guard::Asked;
use super::idempotency::{Key, done};
use super::imports::csv_file;
use super::language::Spoken;
use super::lists::{Listed, Page};
use super::problem::ProblemDocument;
use super::query::{PathId, Query};
use super::{Answer, State, problem, streams};
use crate::domain::id::Id;
use crate::domain::population::{ComparedField, FindingCategory, FindingState};
use crate::domain::residency::VillageCode;
use crate::domain::sheets::{Sheet, SheetFormat};
use crate::domain::time::UtcTime;
use crate::error::{Error, Fault, Result};
use crate::service::reconciliations::{self, Decided, Decision, FindingDecision, RecordAs, Which};
use crate::store::reconciliation_findings::{Filter, Finding, Line};

#[derive(Debug, Serialize, ToSchema)]
pub struct FindingView {
    pub id: Id,
    pub category: FindingCategory,
    pub state: FindingState,
    pub participant_id: Id,
    /// Of two people whom the file has as one, the one whose NIK it has.
    pub other_participant_id: Option<Id>,
    pub village_code: String,
    /// What the two say; a field that one of them leaves out is null there.
    pub differences: Vec<FieldPairView>,
    /// Since when, if the file says so.
    pub since: Option<NaiveDate>,
    /// The sender's own key of the row.
    pub row_key: Option<String>,
    /// The comparison that showed it first, and the last one that did.
    pub run_id: Id,
    pub last_run_id: Id,
    pub note: Option<String>,
    pub found_at: UtcTime,
    pub updated_at: UtcTime,
    pub decided_at: Option<UtcTime>,
    pub decided_by: Option<Id>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FieldPairView {
    pub field: ComparedField,
    pub registry: Option<String>,
    pub file: Option<String>,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        let difference = finding.cell.difference;
        let differences = difference.fields.into_iter().map(|pair| FieldPairView { field: pair.field, registry: pair.registry, file: pair.file });
        Self {
            id: finding.id,
            category: finding.category,
            state: finding.state,
            participant_id: finding.participant_id,
            other_participant_id: finding.other_participant_id,
            village_code: finding.village_code.to_string(),
            differences: differences.collect(),
            since: difference.since,
            row_key: finding.row_key,
            run_id: finding.run_id,
            last_run_id: finding.last_run_id,
            note: finding.cell.note,
            found_at: finding.found_at,
            updated_at: finding.updated_at,
            decided_at: finding.decided_at,
            decided_by: finding.decided_by,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FindingsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    category: Option<FindingCategory>,
    state: Option<FindingState>,
    /// Those that this comparison showed, and none since.
    run: Option<Id>,
    #[param(pattern = "^[0-9]{10}$")]
    village_code: Option<String>,
}

fn filter(category: Option<FindingCategory>, state: Option<FindingState>, run: Option<Id>, village: Option<VillageCode>) -> Filter {
    Filter { category, state, run, village }
}

fn village(text: Option<&str>) -> Result<Option<VillageCode>> {
    text.map(|text| text.parse().map_err(|_| Fault::parameter("village_code", "VILLAGE_FORMAT").into())).transpose()
}

/// Findings, newest first.
#[utoipa::path(get, path = "/api/v1/reconciliation-findings", tag = "registry", params(FindingsQuery),
    responses((status = 200, body = Listed<FindingView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<FindingsQuery>) -> Answer<web::Json<Listed<FindingView>>> {
    let FindingsQuery { limit, cursor, category, state: wanted, run, village_code } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let filter = filter(category, wanted, run, village(village_code.as_deref())?);
    let rows = state.db(move |_, db| reconciliations::findings(db, &asked.context, filter, (page.before, page.limit))).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |row| row.id, FindingView::from)))
}

/// All findings of a comparison as CSV: id, category, state, participant_id, village_code, row_key. It never holds what differs.
#[utoipa::path(get, path = "/api/v1/reconciliations/{id}/findings.csv", tag = "registry", params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn csv(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let (id, context) = (id.0, asked.context);
    state.db(move |_, db| reconciliations::export_begun(db, &context, id)).await?;
    let app = state.0.clone();
    let body = streams::written(move |sink| write_csv(sink, |after| reconciliations::lines(&mut *app.pool.get()?, id, after)));
    Ok(csv_file(&format!("reconciliation-{id}-findings.csv")).body(body))
}

/// Writes page after page, so that a list of any length fills no memory.
fn write_csv(sink: impl std::io::Write, mut page: impl FnMut(Option<Id>) -> Result<Vec<Line>>) -> std::result::Result<(), String> {
    let columns = ["id", "category", "state", "participant_id", "village_code", "row_key"];
    let mut sheet = Sheet::begin(SheetFormat::Csv, sink, "findings", &columns).map_err(|error| error.to_string())?;
    let mut after = None;
    loop {
        let lines = page(after).map_err(|error| error.to_string())?;
        let Some(last) = lines.last() else { break };
        after = Some(last.id);
        for line in &lines {
            let row = [
                line.id.to_string().into(),
                line.category.as_str().into(),
                line.state.as_str().into(),
                line.participant_id.to_string().into(),
                line.village_code.as_str().into(),
                line.row_key.as_deref().into(),
            ];
            sheet.row(&row).map_err(|error| error.to_string())?;
        }
    }
    sheet.finish().map(drop).map_err(|error| error.to_string())
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct FindingDecisionRequest {
    pub decision: FindingDecision,
    /// What becomes of someone whom the file does not have: only for `not_found`, and needed there to apply.
    #[serde(default)]
    pub record_as: Option<RecordAs>,
    /// Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    #[validate(length(min = 1, max = 500))]
    pub note: Option<String>,
}

/// Applies a finding, as if its change had been recorded at the counter, or dismisses it. One that was dismissed stays so until the file says something
/// else; the one who brought the file does not apply a `not_found`.
#[utoipa::path(post, path = "/api/v1/reconciliation-findings/{id}/decision", tag = "registry", params(("id" = Id, Path)),
    request_body = FindingDecisionRequest,
    responses((status = 200, body = FindingView), (status = 409, description = "decided already, or the record has changed since")))]
pub async fn decide(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<FindingDecisionRequest>) -> Answer<HttpResponse> {
    let FindingDecisionRequest { decision, record_as, note } = body.value;
    let decision = Decision { decision, record_as, note };
    let reply = |finding: &Finding| done(&FindingView::from(finding.clone()));
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| reconciliations::decide(app, db, context, id.0, &decision, once)).await
}

/// Which open findings are decided.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingsWhere {
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{10}$")]
    pub village_code: Option<VillageCode>,
}

/// One of `ids` and `category` with `run_id`.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct FindingDecisionsRequest {
    #[serde(default)]
    #[schema(min_items = 1, max_items = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub ids: Option<Vec<Id>>,
    #[serde(default)]
    pub category: Option<FindingCategory>,
    #[serde(default)]
    pub run_id: Option<Id>,
    #[serde(default, rename = "where")]
    pub narrowed: Option<FindingsWhere>,
    pub decision: FindingDecision,
    #[serde(default)]
    pub record_as: Option<RecordAs>,
    /// Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    #[validate(length(min = 1, max = 500))]
    pub note: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct FindingDecisionsAnswer {
    pub items: Vec<FindingDecisionItem>,
    /// More open findings match than are decided in one call: send it again with another key.
    pub more: bool,
}

/// What a single decision would have been answered.
#[derive(Serialize, ToSchema)]
pub struct FindingDecisionItem {
    pub id: Id,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<FindingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDocument>,
}

fn which(ids: Option<Vec<Id>>, category: Option<FindingCategory>, run: Option<Id>, narrowed: Option<FindingsWhere>) -> Result<Which> {
    match (ids, category, run) {
        (Some(_), Some(_), _) => Err(Fault::at("/category", "GIVEN_TWICE").into()),
        (Some(_), None, Some(_)) => Err(Fault::at("/run_id", "GIVEN_TWICE").into()),
        (Some(_), None, None) if narrowed.is_some() => Err(Fault::at("/where", "GIVEN_TWICE").into()),
        (Some(ids), None, None) => Ok(Which::These(ids)),
        (None, Some(category), Some(run)) => {
            let village = narrowed.and_then(|narrowed| narrowed.village_code);
            Ok(Which::Matching(filter(Some(category), None, Some(run), village)))
        }
        (None, category, run) => {
            let missing = [("/category", category.is_none()), ("/run_id", run.is_none())];
            Err(Error::Invalid(missing.iter().filter(|(_, is_missing)| *is_missing).map(|(at, _)| Fault::at(*at, "FIELD_MISSING")).collect()))
        }
    }
}

/// Decides up to 1,000 findings alike. Each is answered for itself; one that cannot be applied any more costs none of the others.
#[utoipa::path(post, path = "/api/v1/reconciliation-findings/decisions", tag = "registry", request_body = FindingDecisionsRequest,
    responses((status = 200, body = FindingDecisionsAnswer)))]
pub async fn decide_all(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    key: Key,
    body: Body<FindingDecisionsRequest, BATCH>,
) -> Answer<HttpResponse> {
    let FindingDecisionsRequest { ids, category, run_id, narrowed, decision, record_as, note } = body.value;
    let which = which(ids, category, run_id, narrowed)?;
    let decision = Decision { decision, record_as, note };
    let (app, request_id) = (state.0.clone(), asked.context.request_id);
    let reply = move |decided: &Decided| {
        let items = decided.outcomes.iter().map(|(id, outcome)| match outcome {
            Ok(finding) => FindingDecisionItem { id: *id, status: 200, result: Some(finding.clone().into()), problem: None },
            Err(error) => {
                let (document, _) = problem::document(error, &app.city.texts, spoken.0, request_id);
                FindingDecisionItem { id: *id, status: document.status, result: None, problem: Some(document) }
            }
        });
        done(&FindingDecisionsAnswer { items: items.collect(), more: decided.more })
    };
    state
        .once(asked, key, body.bytes, reply, move |app, db, context, once| reconciliations::decide_all(app, db, context, &which, &decision, once))
        .await
}
