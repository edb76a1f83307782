//! Enrolments: filing a request, listing, reading, and deciding step by step.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::{Body, Read};
use super::guard::Asked;
use super::idempotency::{Key, changed, created};
use super::lists::{Listed, Page, period};
use super::participant_views::masked;
use super::query::{PathId, Query, etag};
use super::signals::SignalBriefView;
use super::{Answer, State};
use crate::domain::cards::CardState;
use crate::domain::enrollments::{Channel, EnrollmentAction, EnrollmentState, FilerKind};
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::time::UtcTime;
use crate::error::{Error, Fault};
use crate::service::enrollment_decisions::{self, Decision};
use crate::service::enrollments::{self, Filing, Manner, Told, Who};
use crate::store::enrollment_requests::{Filter, Request, Said};

/// Who files: a member of the same family card by NIK, an officer of the RT/RW or of the social service by NIK and name, or the officer at the counter.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct FilerRequest {
    pub kind: FilerKind,
    /// Of everyone but the officer at the counter. Kept sealed.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub nik: Option<String>,
    /// Of an officer of the RT/RW or of the social service. Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub name: Option<String>,
}

/// For whom: one of `participant_id` and `nik`.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct EnrollmentRequest {
    #[serde(default)]
    pub participant_id: Option<Id>,
    #[serde(default)]
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub nik: Option<String>,
    #[validate(nested)]
    pub filed_by: FilerRequest,
    pub channel: Channel,
    /// Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub note: Option<String>,
    /// Unless it is false the request is submitted at once, and its clock runs.
    #[serde(default)]
    pub submit: Option<bool>,
}

impl FilerRequest {
    pub fn manner(self, channel: Channel, submit: bool) -> Result<Manner, Error> {
        let Self { kind, nik, name } = self;
        let needs = kind.needs();
        let lacking = [(needs.nik && nik.is_none(), "/filed_by/nik"), (needs.name && name.is_none(), "/filed_by/name")];
        let mut faults: Vec<Fault> = lacking.iter().filter(|(lacks, _)| *lacks).map(|(_, place)| Fault::at(*place, "FIELD_MISSING")).collect();
        let nik = nik.and_then(|nik| Nik::parse(&nik).map_err(|_| faults.push(Fault::at("/filed_by/nik", "NIK_FORMAT"))).ok());
        if faults.is_empty() { Ok(Manner { filer: kind, filer_nik: nik, filer_name: name, channel, submit }) } else { Err(Error::Invalid(faults)) }
    }
}

/// Whom a request is for.
pub fn who(participant_id: Option<Id>, nik: Option<String>) -> Result<Who, Error> {
    match (participant_id, nik) {
        (Some(id), None) => Ok(Who::Participant(id)),
        (None, Some(nik)) => Nik::parse(&nik).map(Who::Nik).map_err(|_| Fault::at("/nik", "NIK_FORMAT").into()),
        (None, None) | (Some(_), Some(_)) => Err(Fault::at("", "ONE_OF").with("fields", "participant_id, nik").into()),
    }
}

fn filing(request: EnrollmentRequest) -> Result<(Manner, Filing), Error> {
    let EnrollmentRequest { participant_id, nik, filed_by, channel, note, submit } = request;
    match (filed_by.manner(channel, submit.unwrap_or(true)), who(participant_id, nik)) {
        (Ok(manner), Ok(who)) => Ok((manner, Filing { who, note })),
        (Err(Error::Invalid(mut faults)), Err(Error::Invalid(more))) => {
            faults.extend(more);
            Err(Error::Invalid(faults))
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

#[derive(Serialize, ToSchema)]
pub struct FilerView {
    pub kind: FilerKind,
    pub nik_masked: Option<String>,
    pub name: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct EnrollmentStepView {
    pub action: EnrollmentAction,
    /// The state that it led to.
    pub state: EnrollmentState,
    pub at: UtcTime,
    /// Null: a command at the machine, such as an import.
    pub by: Option<Id>,
    pub reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct EnrollmentRequestView {
    pub id: Id,
    /// As people read it; null where the enrolment was imported.
    #[schema(example = "ENR-3275-2026-000001")]
    pub number: Option<String>,
    pub participant_id: Id,
    pub state: EnrollmentState,
    pub card_state: CardState,
    pub channel: Option<Channel>,
    pub issued_on: Option<NaiveDate>,
    /// The first date on which it no longer counts.
    pub ended_on: Option<NaiveDate>,
    pub created_at: UtcTime,
    /// The user who entered it.
    pub created_by: Option<Id>,
    pub updated_at: UtcTime,
    /// By when it is to be decided; null when nobody waits for a decision.
    pub due_at: Option<UtcTime>,
    pub overdue: bool,
    /// Left out in lists, as what follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed_by: Option<FilerView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<EnrollmentStepView>>,
    /// The open signals about the person, the gravest first: their kinds and scores, without the evidence. Only where one request is read by somebody who
    /// may decide on it and neither filed it nor registered the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signals: Option<Vec<SignalBriefView>>,
}

fn summary(request: &Request, now: UtcTime) -> EnrollmentRequestView {
    let due_at = request.due();
    EnrollmentRequestView {
        id: request.id,
        number: request.number.clone(),
        participant_id: request.participant_id,
        state: request.state,
        card_state: request.card_state,
        channel: request.channel,
        issued_on: request.issued_on,
        ended_on: request.ended_on,
        created_at: request.created_at,
        created_by: request.filed_by,
        updated_at: request.updated_at,
        due_at,
        overdue: due_at.is_some_and(|due| due < now),
        filed_by: None,
        note: None,
        steps: None,
        signals: None,
    }
}

pub fn whole(told: &Told, now: UtcTime) -> EnrollmentRequestView {
    let Told { request, said, steps, signals } = told;
    let Said { filer_nik, filer_name, note } = said.clone().unwrap_or_default();
    let filed_by = request.filer.map(|kind| FilerView { kind, nik_masked: filer_nik.as_deref().and_then(masked), name: filer_name });
    let steps = steps
        .iter()
        .map(|(step, reason)| EnrollmentStepView {
            action: step.action,
            state: step.state,
            at: step.taken_at,
            by: step.taken_by,
            reason: reason.clone(),
        })
        .collect();
    let signals = signals.as_ref().map(|signals| signals.iter().map(SignalBriefView::from).collect());
    EnrollmentRequestView { filed_by, note, steps: Some(steps), signals, ..summary(request, now) }
}

/// Files a request for enrolment. A person has one live enrolment: a request, or a card in force or suspended.
#[utoipa::path(post, path = "/api/v1/enrollments", tag = "registry", request_body = EnrollmentRequest,
    responses((status = 201, body = EnrollmentRequestView, headers(("Location" = String))),
        (status = 409, description = "the person has a live enrolment, or cannot have one"), (status = 429, description = "too many unknown NIKs")))]
pub async fn file(state: web::Data<State>, asked: Asked, key: Key, body: Body<Read<EnrollmentRequest>>) -> Answer<HttpResponse> {
    let now = asked.context.now;
    let (manner, filing) = body.value.judged(filing)?;
    let reply = move |told: &Told| {
        let location = format!("/api/v1/enrollments/{}", told.request.id);
        created(Some(location), Some(told.request.version), &whole(told, now))
    };
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| enrollments::file(app, db, context, &manner, &filing, once)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EnrollmentQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    state: Option<EnrollmentState>,
    /// Those that should have been decided by now, or those that need not have been.
    overdue: Option<bool>,
    channel: Option<Channel>,
    /// As people read it.
    #[param(max_length = 40)]
    number: Option<String>,
    /// First date of filing, as the city counts days.
    from: Option<NaiveDate>,
    /// Last date.
    to: Option<NaiveDate>,
}

/// Enrolments, newest first.
#[utoipa::path(get, path = "/api/v1/enrollments", tag = "registry", params(EnrollmentQuery),
    responses((status = 200, body = Listed<EnrollmentRequestView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<EnrollmentQuery>) -> Answer<web::Json<Listed<EnrollmentRequestView>>> {
    let EnrollmentQuery { limit, cursor, state: wanted, overdue, channel, number, from, to } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let now = asked.context.now;
    let filed = period(from, to, state.0.city.offset)?;
    let filter = Filter { state: wanted, channel, number, filed, overdue: overdue.map(|overdue| (overdue, now)) };
    let rows = state.db(move |_, db| enrollments::list(db, &asked.context, &filter, (page.before, page.limit))).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |request| request.id, |request| summary(&request, now))))
}

/// One enrolment with who filed it and every step.
#[utoipa::path(get, path = "/api/v1/enrollments/{id}", tag = "registry", params(("id" = Id, Path)),
    responses((status = 200, body = EnrollmentRequestView)))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let now = asked.context.now;
    let told = state.db(move |_, db| enrollments::show(db, &asked.context, id.0)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(told.request.version)).json(whole(&told, now)))
}

/// What a person may do with an enrolment. That it lapses is not for anybody to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentDecision {
    Submit,
    Take,
    Return,
    Resubmit,
    Approve,
    Reject,
    Activate,
    Suspend,
    Reinstate,
    Revoke,
}

impl From<EnrollmentDecision> for EnrollmentAction {
    fn from(decision: EnrollmentDecision) -> Self {
        match decision {
            EnrollmentDecision::Submit => Self::Submit,
            EnrollmentDecision::Take => Self::Take,
            EnrollmentDecision::Return => Self::Return,
            EnrollmentDecision::Resubmit => Self::Resubmit,
            EnrollmentDecision::Approve => Self::Approve,
            EnrollmentDecision::Reject => Self::Reject,
            EnrollmentDecision::Activate => Self::Activate,
            EnrollmentDecision::Suspend => Self::Suspend,
            EnrollmentDecision::Reinstate => Self::Reinstate,
            EnrollmentDecision::Revoke => Self::Revoke,
        }
    }
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct EnrollmentDecisionRequest {
    pub decision: EnrollmentDecision,
    /// Needed where something is returned, rejected, suspended or revoked. Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub reason: Option<String>,
}

/// The next step of an enrolment. Who filed the request or registered the person does not approve or reject it.
#[utoipa::path(post, path = "/api/v1/enrollments/{id}/decisions", tag = "registry", params(("id" = Id, Path)),
    request_body = EnrollmentDecisionRequest,
    responses((status = 200, body = EnrollmentRequestView), (status = 409, description = "not possible in this state, or the caller's own request")))]
pub async fn decide(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<EnrollmentDecisionRequest>) -> Answer<HttpResponse> {
    let now = asked.context.now;
    let EnrollmentDecisionRequest { decision, reason } = body.value;
    let decision = Decision { action: decision.into(), reason };
    let reply = move |told: &Told| changed(told.request.version, &whole(told, now));
    state
        .once(asked, key, body.bytes, reply, move |app, db, context, once| enrollment_decisions::decide(app, db, context, id.0, &decision, once))
        .await
}
