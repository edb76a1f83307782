//! Guarantee letters (SJP): issued on a check, carried on by the hospital, verified by anyone who holds one.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::cards::pdf_file;
use super::check_views::ParticipantShown;
use super::guard::{Asked, Unasked};
use super::idempotency::{NeededKey, changed, created};
use super::letter_pdf;
use super::lists::{Listed, Page, in_order};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::facilities::Facility;
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::letters::{DischargeStatus, LetterAction, LetterState};
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Error, Fault};
use crate::service::letter_tokens::{TOKEN_MAX_CHARS, TokenFinding};
use crate::service::letters::{self, Ask, Conversion, Discharge, Extension, LetterWarning, Told, Transfer};
use crate::store::letters::{Filter, Letter};

const PLACE: &str = "/api/v1/guarantee-letters";

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct LetterRequest {
    pub check_id: Id,
    /// ICD-10, with or without the dot.
    #[schema(min_length = 3, max_length = 6, pattern = "^[A-Za-z][0-9]{2}([.]?[0-9]{1,2})?$", example = "J18.9")]
    pub diagnosis_code: String,
    /// Needed for a stay.
    #[serde(default)]
    pub ward_class: Option<WardClass>,
    /// What the care will cost, in rupiah, as far as the hospital can tell. Without it the rule set's usual amount is kept aside.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000_000_000_i64)]
    #[validate(range(min = 1, max = 10_000_000_000_i64))]
    pub estimated_amount: Option<i64>,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct AdmitRequest {
    pub admitted_on: NaiveDate,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct DischargeRequest {
    pub discharged_on: NaiveDate,
    pub status: DischargeStatus,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConvertRequest {
    pub care_type: CareType,
    /// Another check of the same patient, as for the ward after an emergency.
    #[serde(default)]
    pub check_id: Option<Id>,
    #[schema(min_length = 3, max_length = 6, pattern = "^[A-Za-z][0-9]{2}([.]?[0-9]{1,2})?$", example = "J18.9")]
    pub diagnosis_code: String,
    #[serde(default)]
    pub ward_class: Option<WardClass>,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000_000_000_i64)]
    #[validate(range(min = 1, max = 10_000_000_000_i64))]
    pub estimated_amount: Option<i64>,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ExtendRequest {
    /// The new last day.
    pub until: NaiveDate,
    /// Kept sealed.
    #[schema(min_length = 1, max_length = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub reason: String,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    pub to_facility_id: Id,
    pub date: NaiveDate,
    #[schema(min_length = 1, max_length = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub reason: String,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    #[schema(min_length = 1, max_length = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub reason: String,
}

fn diagnosis(code: &str) -> Result<Icd10Code, Error> {
    code.parse().map_err(|_| Fault::at("/diagnosis_code", "ICD10_FORMAT").into())
}

#[derive(Serialize, ToSchema)]
pub struct LetterView {
    pub id: Id,
    #[schema(example = "SJP-3275-2026-000001")]
    pub number: String,
    pub state: LetterState,
    pub check_id: Id,
    pub facility_id: Id,
    pub participant: Option<ParticipantShown>,
    pub care_type: CareType,
    pub ward_class: Option<WardClass>,
    pub diagnosis_code: String,
    pub rule_set: String,
    pub valid_from: NaiveDate,
    /// The last day.
    pub valid_until: NaiveDate,
    /// Until when the papers of a provisional letter must be there.
    pub complete_by: Option<UtcTime>,
    pub extensions: i32,
    /// Kept aside in the budget, in rupiah.
    pub reserved_amount: Rupiah,
    /// A JWS (EdDSA) that anyone verifies with `/.well-known/jwks.json`. It tells nothing of the patient.
    pub token: String,
    pub previous_letter_id: Option<Id>,
    pub admitted_on: Option<NaiveDate>,
    pub discharged_on: Option<NaiveDate>,
    pub discharge_status: Option<DischargeStatus>,
    pub warnings: Vec<LetterWarning>,
    pub issued_at: UtcTime,
    pub issued_by: Id,
    pub events: Vec<LetterEventView>,
}

/// What was done with a letter.
#[derive(Serialize, ToSchema)]
pub struct LetterEventView {
    pub action: LetterAction,
    pub state: LetterState,
    pub at: UtcTime,
    /// Null where the clock did it.
    pub by: Option<Id>,
    pub reason: Option<String>,
}

impl From<Told> for LetterView {
    fn from(told: Told) -> Self {
        let Told { letter, state, token, shown, warnings, events, .. } = told;
        Self {
            id: letter.id,
            number: letter.number,
            state,
            check_id: letter.check_id,
            facility_id: letter.facility_id,
            participant: shown.as_ref().map(|shown| ParticipantShown::of(letter.participant_id, shown)),
            care_type: letter.care_type,
            ward_class: letter.ward_class,
            diagnosis_code: letter.diagnosis_code,
            rule_set: letter.rule_set,
            valid_from: letter.valid_from,
            valid_until: letter.valid_until,
            complete_by: letter.complete_by,
            extensions: letter.extensions,
            reserved_amount: letter.reserved_amount,
            token,
            previous_letter_id: letter.previous_letter_id,
            admitted_on: letter.admitted_on,
            discharged_on: letter.discharged_on,
            discharge_status: letter.discharge_status,
            warnings,
            issued_at: letter.issued_at,
            issued_by: letter.issued_by,
            events: events
                .into_iter()
                .map(|(event, reason)| LetterEventView { action: event.action, state: event.state, at: event.taken_at, by: event.taken_by, reason })
                .collect(),
        }
    }
}

/// A letter in a list: nobody's name, no token.
#[derive(Serialize, ToSchema)]
pub struct LetterSummary {
    pub id: Id,
    pub number: String,
    pub state: LetterState,
    pub check_id: Id,
    pub participant_id: Id,
    pub facility_id: Id,
    pub care_type: CareType,
    pub ward_class: Option<WardClass>,
    pub diagnosis_code: String,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub complete_by: Option<UtcTime>,
    pub extensions: i32,
    pub reserved_amount: Rupiah,
    pub previous_letter_id: Option<Id>,
    pub admitted_on: Option<NaiveDate>,
    pub discharged_on: Option<NaiveDate>,
    pub issued_at: UtcTime,
    pub updated_at: UtcTime,
}

impl From<(Letter, LetterState)> for LetterSummary {
    fn from((letter, state): (Letter, LetterState)) -> Self {
        Self {
            id: letter.id,
            number: letter.number,
            state,
            check_id: letter.check_id,
            participant_id: letter.participant_id,
            facility_id: letter.facility_id,
            care_type: letter.care_type,
            ward_class: letter.ward_class,
            diagnosis_code: letter.diagnosis_code,
            valid_from: letter.valid_from,
            valid_until: letter.valid_until,
            complete_by: letter.complete_by,
            extensions: letter.extensions,
            reserved_amount: letter.reserved_amount,
            previous_letter_id: letter.previous_letter_id,
            admitted_on: letter.admitted_on,
            discharged_on: letter.discharged_on,
            issued_at: letter.issued_at,
            updated_at: letter.updated_at,
        }
    }
}

/// Issues a guarantee letter on a check of the caller's hospital. The check is decided again at this moment.
#[utoipa::path(post, path = "/api/v1/guarantee-letters", tag = "letters", request_body = LetterRequest,
    responses((status = 201, body = LetterView, headers(("Location" = String), ("ETag" = String))),
        (status = 409, description = "the check is not good any more, has a letter already, or does not cover as things stand now: `existing.reasons` are the rules' codes")))]
pub async fn issue(state: web::Data<State>, asked: Asked, key: NeededKey, body: Body<LetterRequest>) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let LetterRequest { check_id, ref diagnosis_code, ward_class, estimated_amount } = body.value;
    let ask = Ask { check_id, diagnosis: diagnosis(diagnosis_code)?, ward_class, estimated_amount: estimated_amount.map(Rupiah) };
    let reply = |told: &Told| made(told);
    state.once(asked, key.0, body.bytes, reply, move |app, db, context, once| letters::issue(app, db, context, &caller, ask, once)).await
}

fn made(told: &Told) -> crate::error::Result<crate::service::idempotency::Reply> {
    created(Some(format!("{PLACE}/{}", told.letter.id)), Some(told.letter.version), &LetterView::from(told.clone()))
}

fn altered(told: &Told) -> crate::error::Result<crate::service::idempotency::Reply> {
    changed(told.letter.version, &LetterView::from(told.clone()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    facility_id: Option<Id>,
    /// As on the letter.
    #[param(max_length = 40)]
    number: Option<String>,
    state: Option<LetterState>,
    /// First day of validity, not before.
    from: Option<NaiveDate>,
    /// First day of validity, not after.
    to: Option<NaiveDate>,
    updated_since: Option<UtcTime>,
}

/// Letters, newest first. A hospital sees its own.
#[utoipa::path(get, path = "/api/v1/guarantee-letters", tag = "letters", params(ListQuery), responses((status = 200, body = Listed<LetterSummary>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<ListQuery>) -> Answer<web::Json<Listed<LetterSummary>>> {
    let ListQuery { limit, cursor, facility_id, number, state: in_state, from, to, updated_since } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    in_order(from, to)?;
    let filter = Filter { facility_id, number, state: in_state, from, to, updated_since };
    let rows = state.db(move |app, db| letters::list(app, db, &asked.context, &asked.caller, filter, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |(letter, _)| letter.id, LetterSummary::from)))
}

/// One letter with its story.
#[utoipa::path(get, path = "/api/v1/guarantee-letters/{id}", tag = "letters", params(("id" = Id, Path)),
    responses((status = 200, body = LetterView, headers(("ETag" = String)))))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let told = state.db(move |app, db| letters::show(app, db, &asked.context, &asked.caller, id.0)).await?;
    let tag = super::query::etag(told.letter.version);
    Ok(HttpResponse::Ok().insert_header(tag).json(LetterView::from(told)))
}

/// The letter on paper, with its token as a QR code.
#[utoipa::path(get, path = "/api/v1/guarantee-letters/{id}/letter.pdf", tag = "letters", params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "application/pdf")))]
pub async fn print(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let told = state.db(move |app, db| letters::show(app, db, &asked.context, &asked.caller, id.0)).await?;
    let name = format!("{}.pdf", told.letter.number);
    let bytes = state.app(move |app| letter_pdf::written_out(app, &told)).await?;
    Ok(pdf_file(&name, bytes))
}

/// The patient has come. From then on the letter is used.
#[utoipa::path(post, path = "/api/v1/guarantee-letters/{id}/admit", tag = "letters", params(("id" = Id, Path)), request_body = AdmitRequest,
    responses((status = 200, body = LetterView), (status = 409, description = "the letter is over, or the patient was admitted already")))]
pub async fn admit(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId, body: Body<AdmitRequest>) -> Answer<HttpResponse> {
    let (caller, on) = (asked.caller, body.value.admitted_on);
    state.once(asked, key.0, body.bytes, altered, move |app, db, context, once| letters::admit(app, db, context, &caller, id.0, on, once)).await
}

/// The patient has left.
#[utoipa::path(post, path = "/api/v1/guarantee-letters/{id}/discharge", tag = "letters", params(("id" = Id, Path)), request_body = DischargeRequest,
    responses((status = 200, body = LetterView), (status = 409, description = "the patient was not admitted, or has left already")))]
pub async fn discharge(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId, body: Body<DischargeRequest>) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let left = Discharge { discharged_on: body.value.discharged_on, status: body.value.status };
    state
        .once(asked, key.0, body.bytes, altered, move |app, db, context, once| letters::discharge(app, db, context, &caller, id.0, &left, once))
        .await
}

/// To another kind of care, as from the emergency room to a ward. The check is decided again for it.
#[utoipa::path(post, path = "/api/v1/guarantee-letters/{id}/convert", tag = "letters", params(("id" = Id, Path)), request_body = ConvertRequest,
    responses((status = 200, body = LetterView), (status = 409, description = "the letter is over, the patient has left, or the rules do not cover this care")))]
pub async fn convert(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId, body: Body<ConvertRequest>) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let ConvertRequest { care_type, check_id, ref diagnosis_code, ward_class, estimated_amount } = body.value;
    let to = Conversion { care_type, check_id, diagnosis: diagnosis(diagnosis_code)?, ward_class, estimated_amount: estimated_amount.map(Rupiah) };
    state.once(asked, key.0, body.bytes, altered, move |app, db, context, once| letters::convert(app, db, context, &caller, id.0, &to, once)).await
}

/// The patient stays longer.
#[utoipa::path(post, path = "/api/v1/guarantee-letters/{id}/extend", tag = "letters", params(("id" = Id, Path)), request_body = ExtendRequest,
    responses((status = 200, body = LetterView), (status = 409, description = "the letter is over, or was prolonged as often as may be")))]
pub async fn extend(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId, body: Body<ExtendRequest>) -> Answer<HttpResponse> {
    let (caller, extension) = (asked.caller, Extension { until: body.value.until, reason: body.value.reason });
    state
        .once(asked, key.0, body.bytes, altered, move |app, db, context, once| letters::extend(app, db, context, &caller, id.0, &extension, once))
        .await
}

/// To another hospital, which has a letter of its own from then on: the answer is that one.
#[utoipa::path(post, path = "/api/v1/guarantee-letters/{id}/transfer", tag = "letters", params(("id" = Id, Path)), request_body = TransferRequest,
    responses((status = 201, body = LetterView, headers(("Location" = String))), (status = 409, description = "the letter is over, or the rules do not cover the other hospital")))]
pub async fn transfer(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId, body: Body<TransferRequest>) -> Answer<HttpResponse> {
    let caller = asked.caller;
    let to = Transfer { to_facility_id: body.value.to_facility_id, date: body.value.date, reason: body.value.reason };
    let reply = |told: &Told| made(told);
    state.once(asked, key.0, body.bytes, reply, move |app, db, context, once| letters::transfer(app, db, context, &caller, id.0, &to, once)).await
}

/// Nobody will come. Under a letter that was used nothing is cancelled.
#[utoipa::path(post, path = "/api/v1/guarantee-letters/{id}/cancel", tag = "letters", params(("id" = Id, Path)), request_body = CancelRequest,
    responses((status = 200, body = LetterView), (status = 409, description = "the letter was used or is over")))]
pub async fn cancel(state: web::Data<State>, asked: Asked, key: NeededKey, id: PathId, body: Body<CancelRequest>) -> Answer<HttpResponse> {
    let (caller, reason) = (asked.caller, body.value.reason);
    state.once(asked, key.0, body.bytes, altered, move |app, db, context, once| letters::cancel(app, db, context, &caller, id.0, &reason, once)).await
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct LetterVerifyRequest {
    /// What the scanner read.
    #[schema(min_length = 1, max_length = 2000)]
    #[validate(length(min = 1, max = 2000))]
    pub token: String,
}

#[derive(Serialize, ToSchema)]
pub struct LetterVerdictView {
    /// Ours, and registered.
    pub genuine: bool,
    pub finding: TokenFinding,
    /// Genuine, not used, and good today.
    pub usable: bool,
    /// Null unless it is genuine.
    pub letter: Option<VerifiedLetterView>,
}

/// The letter as it stands now, which may be other than its paper says. Nothing of the patient.
#[derive(Serialize, ToSchema)]
pub struct VerifiedLetterView {
    pub number: String,
    pub state: LetterState,
    pub facility_id: Id,
    pub facility: String,
    pub care_type: CareType,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
}

/// Is a letter genuine, unused and good?
#[utoipa::path(post, path = "/api/v1/guarantee-letters/verify", tag = "letters", request_body = LetterVerifyRequest,
    responses((status = 200, body = LetterVerdictView)))]
pub async fn verify(state: web::Data<State>, asked: Unasked, body: Body<LetterVerifyRequest>) -> Answer<web::Json<LetterVerdictView>> {
    let token = body.value.token;
    let context = asked.0;
    let today = state.0.city.today(context.now);
    let verified = state.db(move |app, db| letters::verify(app, db, &context, &token)).await?;
    let usable = verified.letter.as_ref().is_some_and(|(letter, stands, _)| {
        matches!(stands, LetterState::Provisional | LetterState::Issued)
            && letter.admitted_on.is_none()
            && today >= letter.valid_from
            && today <= letter.valid_until
    });
    let view = |(letter, state, facility): (Letter, LetterState, Arc<Facility>)| VerifiedLetterView {
        number: letter.number,
        state,
        facility_id: letter.facility_id,
        facility: facility.name.clone(),
        care_type: letter.care_type,
        valid_from: letter.valid_from,
        valid_until: letter.valid_until,
    };
    let finding = verified.finding;
    Ok(web::Json(LetterVerdictView { genuine: finding == TokenFinding::Genuine, finding, usable, letter: verified.letter.map(view) }))
}

/// The longest token that is looked at is the one that the schema allows.
const _: () = assert!(TOKEN_MAX_CHARS == 2_000);
