//! Many claims in one request.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::body::{BATCH, Body, Read};
use super::claim_views::ClaimView;
use super::claims::{ClaimRequest, placed};
use super::guard::Asked;
use super::idempotency::{NeededKey, REPLAYED};
use super::language::Spoken;
use super::problem::{self, ProblemDocument};
use super::{Answer, State};
use crate::error::{Error, Result};
use crate::service::claims::{self, Told};
use crate::service::idempotency::{Given, Reply};

/// A batch as the document shows it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimBatchRequest {
    #[schema(min_items = 1, max_items = 500)]
    pub claims: Vec<ClaimRequest>,
}

/// A batch as it is read: each claim is judged for itself.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ClaimBatch {
    #[schema(min_items = 1, max_items = 500)]
    #[validate(length(min = 1, max = 500))]
    pub claims: Vec<Value>,
}

#[derive(Serialize, ToSchema)]
pub struct ClaimBatchAnswer {
    pub items: Vec<ClaimBatchItem>,
}

/// One answer of a batch: what a single claim would have been answered.
#[derive(Serialize, ToSchema)]
pub struct ClaimBatchItem {
    pub index: usize,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ClaimView>)]
    pub result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDocument>,
}

/// Hands in up to 500 claims. Each is judged for itself; a bad one costs none of the others, and a retry with the same key does what is left.
#[utoipa::path(post, path = "/api/v1/claims/batch", tag = "claims", request_body = ClaimBatchRequest,
    responses((status = 200, body = ClaimBatchAnswer)))]
pub async fn submit_many(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    key: NeededKey,
    body: Body<ClaimBatch, BATCH>,
) -> Answer<HttpResponse> {
    let Body { value: ClaimBatch { claims: wanted }, bytes, room } = body;
    let keys = key.of_parts(wanted.len());
    let (app, language, request_id) = (state.0.clone(), spoken.0, asked.context.request_id);
    let given = state
        .db(move |app, db| {
            let read = |value: &Value| Read::<ClaimRequest>::of(value).and_then(|read| read.judged(|request| request.submission(true)));
            let parts = keys.keyed(&bytes).into_iter().zip(wanted.iter().map(read)).collect();
            let reply = |told: &Told| placed(&app.city.texts, language, told);
            claims::submit_many(app, db, &asked.context, &asked.caller, parts, &reply)
        })
        .await?;
    drop(room);
    let replayed = given.iter().any(|one| matches!(one, Ok(Given::Before(_))));
    let items = given.into_iter().enumerate().map(|(index, one)| match one {
        Ok(Given::Now(reply) | Given::Before(reply)) => result(index, &reply),
        Err(error) => {
            let (document, _) = problem::document(&error, &app.city.texts, language, request_id);
            Ok(ClaimBatchItem { index, status: document.status, result: None, problem: Some(document) })
        }
    });
    let answer = ClaimBatchAnswer { items: items.collect::<Result<_>>()? };
    let mut response = HttpResponse::Ok();
    if replayed {
        response.insert_header((REPLAYED, "true"));
    }
    Ok(response.json(answer))
}

fn result(index: usize, reply: &Reply) -> Result<ClaimBatchItem> {
    let claim = serde_json::from_str(&reply.body).map_err(|_| Error::internal("a stored answer that is not JSON"))?;
    Ok(ClaimBatchItem { index, status: reply.status, result: Some(claim), problem: None })
}
