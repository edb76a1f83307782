//! Claims: handed in by hospitals, judged at once, looked at by verifiers where something speaks against them.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::claim_views::{ClaimEventView, ClaimRevisionView, ClaimSummary, ClaimView};
use super::guard::Asked;
use super::idempotency::{NeededKey, changed, created};
use super::language::Spoken;
use super::lists::{Listed, Page, in_order};
use super::query::{IfMatch, PathId, Query, etag};
use super::{Answer, State};
use crate::context::Context;
use crate::domain::claims::{Bill, ClaimState, Diagnosis, DiagnosisKind, Line, Procedure};
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::id::Id;
use crate::domain::letters::DischargeStatus;
use crate::domain::rupiah::Rupiah;
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Fault, Result};
use crate::service::App;
use crate::service::claims::{self, Submission, Told};
use crate::service::idempotency::{Once, Reply};
use crate::store::claims::Filter;
use crate::store::db::Db;

const PLACE: &str = "/api/v1/claims";

/// One episode of care with its bill. Amounts are whole rupiah, line amounts are totals of their lines.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// The hospital's own number, unique among its live claims.
    #[schema(min_length = 1, max_length = 60)]
    #[validate(length(min = 1, max = 60))]
    pub facility_claim_number: String,
    /// Exactly one of `letter_number` and `check_id`.
    #[serde(default)]
    #[schema(max_length = 40)]
    #[validate(length(max = 40))]
    pub letter_number: Option<String>,
    #[serde(default)]
    pub check_id: Option<Id>,
    pub care_type: CareType,
    pub admitted_on: NaiveDate,
    #[serde(default)]
    pub discharged_on: Option<NaiveDate>,
    #[serde(default)]
    pub discharge_status: Option<DischargeStatus>,
    /// What the patient is entitled to.
    #[serde(default)]
    pub ward_class: Option<WardClass>,
    /// Where the patient lay.
    #[serde(default)]
    pub ward_class_used: Option<WardClass>,
    /// Kept sealed.
    #[serde(default)]
    #[schema(max_length = 500)]
    #[validate(length(max = 500))]
    pub ward_class_reason: Option<String>,
    /// Kept sealed.
    #[serde(default)]
    #[schema(max_length = 40)]
    #[validate(length(max = 40))]
    pub medical_record_number: Option<String>,
    #[serde(default)]
    #[schema(max_length = 60)]
    #[validate(length(max = 60))]
    pub practitioner_license: Option<String>,
    #[serde(default)]
    #[schema(minimum = 200, maximum = 9000)]
    #[validate(range(min = 200, max = 9000))]
    pub birth_weight_grams: Option<i32>,
    #[schema(min_items = 1, max_items = 30)]
    #[validate(length(min = 1, max = 30), nested)]
    pub diagnoses: Vec<DiagnosisRequest>,
    #[serde(default)]
    #[schema(max_items = 60)]
    #[validate(length(max = 60), nested)]
    pub procedures: Vec<ProcedureRequest>,
    #[schema(min_items = 1, max_items = 200)]
    #[validate(length(min = 1, max = 200), nested)]
    pub lines: Vec<LineRequest>,
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    #[validate(range(min = 0, max = 1_000_000_000_000_i64))]
    pub total_claimed: i64,
    #[serde(default)]
    #[schema(max_items = 40)]
    #[validate(length(max = 40))]
    pub document_ids: Vec<Id>,
    /// A claim that was rejected, withdrawn or let go, in whose place this one is.
    #[serde(default)]
    pub replaces_claim_id: Option<Id>,
    /// What whoever looks at it should know. Kept sealed.
    #[serde(default)]
    #[schema(max_length = 1000)]
    #[validate(length(max = 1000))]
    pub note: Option<String>,
    /// False keeps it as a draft.
    pub submit: bool,
}

#[derive(Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct DiagnosisRequest {
    /// ICD-10, with or without the dot.
    #[schema(min_length = 3, max_length = 6, pattern = "^[A-Za-z][0-9]{2}([.]?[0-9]{1,2})?$", example = "J18.9")]
    pub code: String,
    pub kind: DiagnosisKind,
}

#[derive(Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ProcedureRequest {
    /// ICD-9-CM, with or without the dot.
    #[schema(min_length = 2, max_length = 6, pattern = "^[0-9]{2}([.]?[0-9]{1,3})?$", example = "45.23")]
    pub code: String,
    pub date: NaiveDate,
}

#[derive(Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct LineRequest {
    #[schema(minimum = 1, maximum = 9999)]
    #[validate(range(min = 1, max = 9999))]
    pub line: i32,
    #[schema(min_length = 1, max_length = 30, pattern = "^[A-Za-z0-9][A-Za-z0-9./_-]*$", example = "J-4-16-I")]
    #[validate(length(min = 1, max = 30))]
    pub tariff_code: String,
    pub date: NaiveDate,
    #[schema(minimum = 0, maximum = 10000)]
    #[validate(range(min = 0, max = 10000))]
    pub quantity: i32,
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    #[validate(range(min = 0, max = 1_000_000_000_000_i64))]
    pub claimed_amount: i64,
    /// What it cost the hospital.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    #[validate(range(min = 0, max = 1_000_000_000_000_i64))]
    pub hospital_cost: Option<i64>,
}

impl ClaimRequest {
    /// Every fault that no schema tells, at once. On what it rests is judged for a claim that is there only once it is found.
    pub(super) fn submission(self, is_new: bool) -> Result<Submission> {
        let mut faults = Vec::new();
        let mut fault = |pointer: String, code: &'static str| faults.push(Fault::at(pointer, code));
        let mut diagnoses = Vec::new();
        for (at, DiagnosisRequest { code, kind }) in self.diagnoses.into_iter().enumerate() {
            match code.parse() {
                Ok(code) => diagnoses.push(Diagnosis { code, kind }),
                Err(_) => fault(format!("/diagnoses/{at}/code"), "ICD10_FORMAT"),
            }
        }
        if diagnoses.iter().filter(|diagnosis| diagnosis.kind == DiagnosisKind::Principal).count() != 1 {
            fault("/diagnoses".to_owned(), "ONE_PRINCIPAL");
        }
        let mut procedures = Vec::new();
        for (at, ProcedureRequest { code, date }) in self.procedures.into_iter().enumerate() {
            match code.parse() {
                Ok(code) => procedures.push(Procedure { code, date }),
                Err(_) => fault(format!("/procedures/{at}/code"), "ICD9_FORMAT"),
            }
        }
        let mut lines: Vec<Line> = Vec::new();
        for (at, line) in self.lines.into_iter().enumerate() {
            let LineRequest { line, tariff_code, date, quantity, claimed_amount, hospital_cost } = line;
            if lines.iter().any(|other| other.line == line) {
                fault(format!("/lines/{at}/line"), "LINE_TWICE");
            }
            let (claimed_amount, hospital_cost) = (Rupiah(claimed_amount), hospital_cost.map(Rupiah));
            lines.push(Line { line, tariff_code: tariff_code.to_ascii_uppercase(), date, quantity, claimed_amount, hospital_cost });
        }
        if self.facility_claim_number.trim().is_empty() {
            fault("/facility_claim_number".to_owned(), "FIELD_MISSING");
        }
        if is_new && self.letter_number.is_some() == self.check_id.is_some() {
            fault("/letter_number".to_owned(), "LETTER_OR_CHECK");
        }
        let mut document_ids = self.document_ids;
        document_ids.sort_unstable();
        document_ids.dedup();
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let bill = Bill {
            facility_claim_number: self.facility_claim_number.trim().to_owned(),
            care_type: self.care_type,
            admitted_on: self.admitted_on,
            discharged_on: self.discharged_on,
            discharge_status: self.discharge_status,
            ward_class: self.ward_class,
            ward_class_used: self.ward_class_used,
            ward_class_reason: self.ward_class_reason,
            medical_record_number: self.medical_record_number,
            practitioner_license: self.practitioner_license,
            birth_weight_grams: self.birth_weight_grams,
            diagnoses,
            procedures,
            lines,
            total_claimed: Rupiah(self.total_claimed),
            document_ids,
            note: self.note.filter(|note| !note.trim().is_empty()),
        };
        Ok(Submission {
            bill,
            letter_number: self.letter_number,
            check_id: self.check_id,
            replaces_claim_id: self.replaces_claim_id,
            submit: self.submit,
        })
    }
}

/// A change of a claim under its key, told in the language that was asked for.
pub(super) async fn change(
    state: &State,
    (asked, spoken, key): (Asked, Spoken, NeededKey),
    content: web::Bytes,
    work: impl FnOnce(&App, &mut Db, &Context, &Once<'_, Told>) -> Result<Told> + Send + 'static,
) -> Answer<HttpResponse> {
    let (app, language) = (state.0.clone(), spoken.0);
    let reply = move |told: &Told| changed(told.claim.version, &ClaimView::of(told, &app.city.texts, language));
    state.once(asked, key.0, content, reply, work).await
}

pub(super) fn placed(texts: &Texts, language: Language, told: &Told) -> Result<Reply> {
    created(Some(format!("{PLACE}/{}", told.claim.id)), Some(told.claim.version), &ClaimView::of(told, texts, language))
}

/// Hands a claim in, or keeps a draft of one. It is judged at once: what nothing speaks against is decided by itself.
#[utoipa::path(post, path = "/api/v1/claims", tag = "claims", request_body = ClaimRequest,
    responses((status = 201, body = ClaimView, headers(("Location" = String), ("ETag" = String))),
        (status = 409, description = "the hospital's number is in use, or the letter or check was billed already: `existing` says by which claim")))]
pub async fn submit(state: web::Data<State>, asked: Asked, spoken: Spoken, key: NeededKey, body: Body<ClaimRequest>) -> Answer<HttpResponse> {
    let (caller, submission) = (asked.caller, body.value.submission(true)?);
    let (app, language) = (state.0.clone(), spoken.0);
    let reply = move |told: &Told| placed(&app.city.texts, language, told);
    state.once(asked, key.0, body.bytes, reply, move |app, db, context, once| claims::submit(app, db, context, &caller, &submission, once)).await
}

/// Exactly what a submission would answer; nothing is stored.
#[utoipa::path(post, path = "/api/v1/claims/dry-run", tag = "claims", request_body = ClaimRequest, responses((status = 200, body = ClaimView)))]
pub async fn dry_run(state: web::Data<State>, asked: Asked, spoken: Spoken, body: Body<ClaimRequest>) -> Answer<web::Json<ClaimView>> {
    let submission = body.value.submission(true)?;
    let told = state.db(move |app, db| claims::dry_run(app, db, &asked.context, &asked.caller, &submission)).await?;
    Ok(web::Json(ClaimView::of(&told, &state.0.city.texts, spoken.0)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    facility_id: Option<Id>,
    /// As the city counts claims.
    #[param(max_length = 40)]
    number: Option<String>,
    /// As the hospital counts them.
    #[param(max_length = 60)]
    facility_claim_number: Option<String>,
    state: Option<ClaimState>,
    care_type: Option<CareType>,
    /// Day of admission, not before.
    from: Option<NaiveDate>,
    /// Day of admission, not after.
    to: Option<NaiveDate>,
    updated_since: Option<UtcTime>,
}

/// Claims, newest first. A hospital sees its own.
#[utoipa::path(get, path = "/api/v1/claims", tag = "claims", params(ListQuery), responses((status = 200, body = Listed<ClaimSummary>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<ListQuery>) -> Answer<web::Json<Listed<ClaimSummary>>> {
    let ListQuery { limit, cursor, facility_id, number, facility_claim_number, state: in_state, care_type, from, to, updated_since } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    in_order(from, to)?;
    let filter = Filter { facility_id, number, facility_claim_number, state: in_state, care_type, from, to, updated_since };
    let rows = state.db(move |_, db| claims::list(db, &asked.context, &asked.caller, filter, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |(claim, _)| claim.id, ClaimSummary::from)))
}

/// One claim, with every finding and every cut.
#[utoipa::path(get, path = "/api/v1/claims/{id}", tag = "claims", params(("id" = Id, Path)),
    responses((status = 200, body = ClaimView, headers(("ETag" = String)))))]
pub async fn show(state: web::Data<State>, asked: Asked, spoken: Spoken, id: PathId) -> Answer<HttpResponse> {
    let told = state.db(move |_, db| claims::show(db, &asked.context, &asked.caller, id.0)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(told.claim.version)).json(ClaimView::of(&told, &state.0.city.texts, spoken.0)))
}

#[derive(Serialize, ToSchema)]
pub struct ClaimHistoryView {
    pub items: Vec<ClaimEventView>,
}

/// What was done with a claim, first to last.
#[utoipa::path(get, path = "/api/v1/claims/{id}/history", tag = "claims", params(("id" = Id, Path)), responses((status = 200, body = ClaimHistoryView)))]
pub async fn history(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<ClaimHistoryView>> {
    let told = state.db(move |_, db| claims::show(db, &asked.context, &asked.caller, id.0)).await?;
    Ok(web::Json(ClaimHistoryView { items: ClaimEventView::story(&told) }))
}

/// Changes a draft, or what was returned: the whole claim again, handed in where `submit` says so. The same id and number, the next revision.
#[utoipa::path(put, path = "/api/v1/claims/{id}", tag = "claims", request_body = ClaimRequest,
    params(("id" = Id, Path), ("If-Match" = String, Header, description = "The `ETag` of the claim that was read.", example = "\"1\"")),
    responses((status = 200, body = ClaimView, headers(("ETag" = String))), (status = 409, description = "the claim is not open to the hospital"),
        (status = 412, description = "changed since it was read"), (status = 428, description = "`If-Match` is missing")))]
pub async fn replace(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    seen: IfMatch,
    id: PathId,
    body: Body<ClaimRequest>,
) -> Answer<HttpResponse> {
    let submission = body.value.submission(false)?;
    let told = state.db(move |app, db| claims::replace(app, db, &asked.context, &asked.caller, (id.0, seen.0), &submission)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(told.claim.version)).json(ClaimView::of(&told, &state.0.city.texts, spoken.0)))
}

/// Hands in a draft, or what was returned, as it was told last. It takes no body.
#[utoipa::path(post, path = "/api/v1/claims/{id}/submit", tag = "claims", params(("id" = Id, Path)),
    responses((status = 200, body = ClaimView), (status = 409, description = "the claim is not open to the hospital")))]
pub async fn hand_in(state: web::Data<State>, asked: Asked, spoken: Spoken, key: NeededKey, id: PathId) -> Answer<HttpResponse> {
    let caller = asked.caller;
    change(&state, (asked, spoken, key), web::Bytes::new(), move |app, db, context, once| claims::hand_in_last(app, db, context, &caller, id.0, once))
        .await
}

/// The whole claim again: a draft that is changed or handed in, or what was returned and is mended. The same id and number, the next revision.
#[utoipa::path(post, path = "/api/v1/claims/{id}/resubmit", tag = "claims", params(("id" = Id, Path)), request_body = ClaimRequest,
    responses((status = 200, body = ClaimView), (status = 409, description = "the claim is not open to the hospital")))]
pub async fn resubmit(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    key: NeededKey,
    id: PathId,
    body: Body<ClaimRequest>,
) -> Answer<HttpResponse> {
    let (caller, submission) = (asked.caller, body.value.submission(false)?);
    change(&state, (asked, spoken, key), body.bytes, move |app, db, context, once| {
        claims::resubmit(app, db, context, &caller, id.0, &submission, once)
    })
    .await
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ClaimReasonRequest {
    /// Kept sealed.
    #[schema(min_length = 1, max_length = 2000)]
    #[validate(length(min = 1, max = 2000))]
    pub reason: String,
}

/// Takes a claim back before anybody looks at it.
#[utoipa::path(post, path = "/api/v1/claims/{id}/withdraw", tag = "claims", params(("id" = Id, Path)), request_body = ClaimReasonRequest,
    responses((status = 200, body = ClaimView), (status = 409, description = "somebody looks at it, or it was decided")))]
pub async fn withdraw(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    key: NeededKey,
    id: PathId,
    body: Body<ClaimReasonRequest>,
) -> Answer<HttpResponse> {
    let (caller, reason) = (asked.caller, body.value.reason);
    change(&state, (asked, spoken, key), body.bytes, move |app, db, context, once| claims::withdraw(app, db, context, &caller, id.0, &reason, once))
        .await
}

/// One revision of a claim: what the hospital said, as it said it.
#[utoipa::path(get, path = "/api/v1/claims/{id}/revisions/{n}", tag = "claims",
    params(("id" = Id, Path), ("n" = i32, Path, description = "From 1.")), responses((status = 200, body = ClaimRevisionView)))]
pub async fn revision(state: web::Data<State>, asked: Asked, id: PathId, request: HttpRequest) -> Answer<web::Json<ClaimRevisionView>> {
    let number = request.match_info().get("n").and_then(|text| text.parse().ok()).ok_or_else(|| Error::refused(Code::NotFound))?;
    let told = state.db(move |_, db| claims::revision(db, &asked.context, &asked.caller, id.0, number)).await?;
    Ok(web::Json(ClaimRevisionView::from(told)))
}
