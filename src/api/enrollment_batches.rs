//! Filing for a whole neighbourhood in one upload: each item is answered for itself.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::body::{BATCH, Body, Read};
use super::enrollments::{EnrollmentRequestView, FilerRequest, who, whole};
use super::guard::Asked;
use super::idempotency::{Key, done};
use super::language::Spoken;
use super::problem::ProblemDocument;
use super::{Answer, State, problem};
use crate::domain::enrollments::Channel;
use crate::domain::id::Id;
use crate::error::{Error, Result};
use crate::service::enrollments::{self, Filing, Told};

/// For whom: one of `participant_id` and `nik`.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct EnrollmentBatchItemRequest {
    #[serde(default)]
    pub participant_id: Option<Id>,
    #[serde(default)]
    #[schema(pattern = "^[0-9]{16}$", min_length = 16, max_length = 16)]
    pub nik: Option<String>,
    /// Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub note: Option<String>,
}

/// A batch as the document shows it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrollmentBatchRequest {
    pub filed_by: FilerRequest,
    pub channel: Channel,
    #[schema(min_items = 1, max_items = 1000)]
    pub items: Vec<EnrollmentBatchItemRequest>,
}

/// A batch as it is read: each item is judged for itself.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct EnrollmentBatch {
    #[validate(nested)]
    pub filed_by: FilerRequest,
    pub channel: Channel,
    #[schema(min_items = 1, max_items = 1000)]
    #[validate(length(min = 1, max = 1000))]
    pub items: Vec<Value>,
}

#[derive(Serialize, ToSchema)]
pub struct EnrollmentBatchAnswer {
    pub items: Vec<EnrollmentBatchItem>,
}

/// One answer of a batch: what a single request would have been answered.
#[derive(Serialize, ToSchema)]
pub struct EnrollmentBatchItem {
    pub index: usize,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<EnrollmentRequestView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDocument>,
}

fn filing(item: EnrollmentBatchItemRequest) -> Result<Filing> {
    let EnrollmentBatchItemRequest { participant_id, nik, note } = item;
    Ok(Filing { who: who(participant_id, nik)?, note })
}

/// Submits up to 1,000 requests that one filer brings. Each is answered for itself; a bad one costs none of the others.
#[utoipa::path(post, path = "/api/v1/enrollments/batch", tag = "registry", request_body = EnrollmentBatchRequest,
    responses((status = 200, body = EnrollmentBatchAnswer)))]
pub async fn file_all(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, body: Body<EnrollmentBatch, BATCH>) -> Answer<HttpResponse> {
    let EnrollmentBatch { filed_by, channel, items } = body.value;
    let manner = filed_by.manner(channel, true)?;
    let (mut filings, mut refused) = (Vec::new(), Vec::with_capacity(items.len()));
    for item in &items {
        refused.push(match Read::of(item).and_then(|read| read.judged(filing)) {
            Ok(filing) => {
                filings.push(filing);
                None
            }
            Err(error) => Some(error),
        });
    }
    let (app, now, request_id) = (state.0.clone(), asked.context.now, asked.context.request_id);
    let reply = move |outcomes: &Vec<Result<Told>>| {
        let failed = |index: usize, error: &Error| {
            let (document, _) = problem::document(error, &app.city.texts, spoken.0, request_id);
            EnrollmentBatchItem { index, status: document.status, result: None, problem: Some(document) }
        };
        let mut outcomes = outcomes.iter();
        let answered = refused.iter().enumerate().map(|(index, refused)| match refused {
            Some(error) => Ok(failed(index, error)),
            None => match outcomes.next() {
                Some(Ok(told)) => Ok(EnrollmentBatchItem { index, status: 201, result: Some(whole(told, now)), problem: None }),
                Some(Err(error)) => Ok(failed(index, error)),
                None => Err(Error::internal("an item of a batch was lost")),
            },
        });
        done(&EnrollmentBatchAnswer { items: answered.collect::<Result<_>>()? })
    };
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| enrollments::file_all(app, db, context, &manner, &filings, once)).await
}
