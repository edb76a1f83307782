//! Signals: what somebody should look at, listed and decided.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, done};
use super::lists::{Listed, Page, period};
use super::participant_views::masked;
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::id::Id;
use crate::domain::signals::{Evidence, SignalKind, SignalState};
use crate::domain::time::UtcTime;
use crate::error::Fault;
use crate::service::signals::{self, Shown, Verdict};
use crate::store::signals::{Brief, Filter};

#[derive(Serialize, ToSchema)]
pub struct SignalPersonView {
    pub participant_id: Id,
    pub nik_masked: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SignalView {
    pub id: Id,
    pub kind: SignalKind,
    pub state: SignalState,
    /// 0 to 100: which to look at first.
    #[schema(minimum = 0, maximum = 100)]
    pub score: i32,
    /// Where it was last noticed, if at a facility.
    pub facility_id: Option<Id>,
    /// Whom it is about; at most a hundred, and the evidence tells how many they are.
    pub people: Vec<SignalPersonView>,
    /// What was found, as fields: dates, counts with their thresholds, ids and codes.
    #[schema(value_type = Object)]
    pub evidence: Evidence,
    /// The one about the same that was decided before.
    pub earlier_id: Option<Id>,
    pub raised_at: UtcTime,
    pub updated_at: UtcTime,
    pub decided_at: Option<UtcTime>,
    pub decided_by: Option<Id>,
    pub note: Option<String>,
}

impl From<Shown> for SignalView {
    fn from(Shown { signal, people }: Shown) -> Self {
        let evidence = signal.cell.evidence;
        Self {
            id: signal.id,
            kind: evidence.kind(),
            state: signal.state,
            score: evidence.score(),
            facility_id: signal.facility_id,
            people: people.into_iter().map(|(participant_id, nik)| SignalPersonView { participant_id, nik_masked: masked(&nik) }).collect(),
            evidence,
            earlier_id: signal.earlier_id,
            raised_at: signal.raised_at,
            updated_at: signal.updated_at,
            decided_at: signal.decided_at,
            decided_by: signal.decided_by,
            note: signal.cell.note,
        }
    }
}

/// An open signal, as it stands beside what it is about.
#[derive(Serialize, ToSchema)]
pub struct SignalBriefView {
    pub id: Id,
    pub kind: SignalKind,
    pub score: i32,
}

impl From<&Brief> for SignalBriefView {
    fn from(&Brief { id, kind, score }: &Brief) -> Self {
        Self { id, kind, score }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SignalQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    kind: Option<SignalKind>,
    state: Option<SignalState>,
    facility_id: Option<Id>,
    participant_id: Option<Id>,
    #[param(minimum = 0, maximum = 100)]
    min_score: Option<i32>,
    /// First date on which it was raised, as the city counts days.
    from: Option<NaiveDate>,
    /// Last date.
    to: Option<NaiveDate>,
}

/// Signals, newest first.
#[utoipa::path(get, path = "/api/v1/signals", tag = "signals", params(SignalQuery), responses((status = 200, body = Listed<SignalView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<SignalQuery>) -> Answer<web::Json<Listed<SignalView>>> {
    let SignalQuery { limit, cursor, kind, state: wanted, facility_id, participant_id, min_score, from, to } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    if min_score.is_some_and(|score| !(0..=100).contains(&score)) {
        return Err(Fault::parameter("min_score", "OUT_OF_RANGE").with("limit", "0 - 100").into());
    }
    let filter = Filter { kind, state: wanted, facility_id, participant_id, min_score, raised: period(from, to, state.0.city.offset)? };
    let rows = state.db(move |_, db| signals::list(db, &asked.context, &filter, (page.before, page.limit))).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |shown| shown.signal.id, SignalView::from)))
}

/// One signal with its evidence.
#[utoipa::path(get, path = "/api/v1/signals/{id}", tag = "signals", params(("id" = Id, Path)), responses((status = 200, body = SignalView)))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<SignalView>> {
    let shown = state.db(move |_, db| signals::show(db, &asked.context, id.0)).await?;
    Ok(web::Json(shown.into()))
}

/// What can be said of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignalVerdict {
    /// It has a good reason.
    Cleared,
    /// It is what it looks like. What follows from that is decided elsewhere: a signal refuses nobody.
    Confirmed,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SignalDecisionRequest {
    pub state: SignalVerdict,
    /// Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub note: Option<String>,
}

/// Clears or confirms a signal: an admin, who neither registered nor filed for those it is about.
#[utoipa::path(post, path = "/api/v1/signals/{id}/decision", tag = "signals", params(("id" = Id, Path)), request_body = SignalDecisionRequest,
    responses((status = 200, body = SignalView), (status = 409, description = "decided already, or about the caller's own work")))]
pub async fn decide(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<SignalDecisionRequest>) -> Answer<HttpResponse> {
    let SignalDecisionRequest { state: verdict, note } = body.value;
    let verdict = Verdict { confirmed: verdict == SignalVerdict::Confirmed, note };
    let reply = |shown: &Shown| done(&SignalView::from(shown.clone()));
    state.once(asked, key, body.bytes, reply, move |_, db, context, once| signals::decide(db, context, id.0, &verdict, once)).await
}
