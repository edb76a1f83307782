//! Referrals of our own registry: written by a Puskesmas or clinic, found by the hospital.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, created};
use super::lists::{Listed, Page, in_order};
use super::participant_views::{ShortView, brief};
use super::query::Query;
use super::{Answer, State};
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::referrals::Direction;
use crate::domain::roles::Role;
use crate::domain::time::UtcTime;
use crate::error::{Error, Fault};
use crate::service::referrals::{self, Issue, Told};
use crate::store::referrals::Filter;

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReferralRequest {
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub nik: String,
    /// The hospital that is meant; without one, any under contract.
    #[serde(default)]
    pub to_facility_id: Option<Id>,
    /// ICD-10, with or without the dot.
    #[schema(min_length = 3, max_length = 6, pattern = "^[A-Za-z][0-9]{2}([.]?[0-9]{1,2})?$", example = "J02.9")]
    pub diagnosis_code: String,
    pub issued_on: NaiveDate,
    #[serde(default)]
    pub valid_until: Option<NaiveDate>,
    /// Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub reason: Option<String>,
}

impl ReferralRequest {
    fn issue(self) -> Result<Issue, Error> {
        let Self { nik, to_facility_id, diagnosis_code, issued_on, valid_until, reason } = self;
        match (parsed(&nik), diagnosis_code.parse::<Icd10Code>()) {
            (Ok(nik), Ok(diagnosis)) => Ok(Issue { nik, to_facility_id, diagnosis, issued_on, valid_until, reason }),
            (nik, diagnosis) => {
                Err(Error::Invalid(nik.err().into_iter().chain(diagnosis.err().map(|_| Fault::at("/diagnosis_code", "ICD10_FORMAT"))).collect()))
            }
        }
    }
}

fn parsed(nik: &str) -> Result<Nik, Fault> {
    Nik::parse(nik).map_err(|_| Fault::at("/nik", "NIK_FORMAT"))
}

#[derive(Serialize, ToSchema)]
pub struct ReferralView {
    pub id: Id,
    #[schema(example = "R-3275-2026-000001")]
    pub number: String,
    pub participant_id: Id,
    pub participant: Option<ShortView>,
    pub from_facility_id: Id,
    /// Null: any hospital under contract.
    pub to_facility_id: Option<Id>,
    pub diagnosis_code: String,
    pub issued_on: NaiveDate,
    pub valid_until: NaiveDate,
    pub reason: Option<String>,
    pub issued_by: Id,
    pub created_at: UtcTime,
}

impl From<Told> for ReferralView {
    fn from(Told { referral, said, patient }: Told) -> Self {
        Self {
            participant: patient.map(brief),
            id: referral.id,
            number: referral.number,
            participant_id: referral.participant_id,
            from_facility_id: referral.from_facility_id,
            to_facility_id: referral.to_facility_id,
            diagnosis_code: said.diagnosis.to_string(),
            issued_on: referral.issued_on,
            valid_until: referral.valid_until,
            reason: said.reason,
            issued_by: referral.issued_by,
            created_at: referral.created_at,
        }
    }
}

/// Sends a patient on to a hospital.
#[utoipa::path(post, path = "/api/v1/referrals", tag = "referrals", request_body = ReferralRequest,
    responses((status = 201, body = ReferralView, headers(("Location" = String))), (status = 429, description = "too many unknown NIKs")))]
pub async fn issue(state: web::Data<State>, asked: Asked, key: Key, body: Body<ReferralRequest>) -> Answer<HttpResponse> {
    let (caller, issue) = (asked.caller, body.value.issue()?);
    let reply = |told: &Told| created(Some(format!("/api/v1/referrals/{}", told.referral.number)), None, &ReferralView::from(told.clone()));
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| referrals::issue(app, db, context, &caller, issue, once)).await
}

/// One referral, for who wrote it and who receives it.
#[utoipa::path(get, path = "/api/v1/referrals/{number}", tag = "referrals", params(("number" = String, Path, description = "As on the referral.")),
    responses((status = 200, body = ReferralView)))]
pub async fn show(state: web::Data<State>, asked: Asked, number: web::Path<String>) -> Answer<web::Json<ReferralView>> {
    let told = state.db(move |app, db| referrals::show(app, db, &asked.context, &asked.caller, &number)).await?;
    Ok(web::Json(told.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    /// `in`: those that name this facility, the default of hospitals; `out`: those that it wrote.
    direction: Option<Direction>,
    /// As on the referral.
    #[param(max_length = 40)]
    number: Option<String>,
    /// First date of issue.
    from: Option<NaiveDate>,
    /// Last date of issue.
    to: Option<NaiveDate>,
}

/// The referrals of the caller's facility, newest first.
#[utoipa::path(get, path = "/api/v1/referrals", tag = "referrals", params(ListQuery), responses((status = 200, body = Listed<ReferralView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<ListQuery>) -> Answer<web::Json<Listed<ReferralView>>> {
    let ListQuery { limit, cursor, direction, number, from, to } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    in_order(from, to)?;
    let usual = if asked.caller.role == Role::Hospital { Direction::In } else { Direction::Out };
    let (direction, filter) = (direction.unwrap_or(usual), Filter { number, from, to });
    let rows =
        state.db(move |app, db| referrals::list(app, db, &asked.context, &asked.caller, (direction, &filter), (page.before, page.limit))).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |told| told.referral.id, ReferralView::from)))
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ReferralLookup {
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub nik: String,
}

/// The referrals with which a patient may come to the caller's hospital today.
#[utoipa::path(post, path = "/api/v1/referrals/lookup", tag = "referrals", request_body = ReferralLookup,
    responses((status = 200, body = Listed<ReferralView>), (status = 404, description = "none that is good here today"),
        (status = 429, description = "too many unknown NIKs")))]
pub async fn look_up(state: web::Data<State>, asked: Asked, body: Body<ReferralLookup>) -> Answer<web::Json<Listed<ReferralView>>> {
    let nik = parsed(&body.value.nik)?;
    let rows = state.db(move |app, db| referrals::look_up(app, db, &asked.context, &asked.caller, &nik)).await?;
    Ok(web::Json(Listed { items: rows.into_iter().map(ReferralView::from).collect(), next_cursor: None }))
}
