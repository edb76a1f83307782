//! Printing cards together: the batch, its sheets, and what became of each card.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::{Body, Read};
use super::card_sheets;
use super::cards::{CardView, pdf_file, view};
use super::guard::Asked;
use super::idempotency::{Key, changed, created, done};
use super::language::Spoken;
use super::problem::ProblemDocument;
use super::query::{PathId, etag};
use super::{Answer, State, problem};
use crate::domain::enrollments::Channel;
use crate::domain::id::Id;
use crate::domain::residency::VillageCode;
use crate::domain::time::UtcTime;
use crate::error::{Fault, Result};
use crate::service::card_batches::{self, Confirmed, Made, Opened, Wanted};
use crate::service::idempotency::Reply;
use crate::store::card_batches::{Filter, PrintOutcome};

/// Whose cards are to be printed: `enrollment_ids`, or all that a village or a channel has unprinted, oldest first and at most 500.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CardBatchRequest {
    #[serde(default)]
    #[schema(min_items = 1, max_items = 500)]
    #[validate(length(min = 1, max = 500))]
    pub enrollment_ids: Option<Vec<Id>>,
    #[serde(default)]
    #[schema(pattern = "^[0-9]{10}$")]
    pub village_code: Option<String>,
    #[serde(default)]
    pub channel: Option<Channel>,
}

fn wanted(request: CardBatchRequest) -> Result<Wanted> {
    let CardBatchRequest { enrollment_ids, village_code, channel } = request;
    match (enrollment_ids, village_code, channel) {
        (Some(ids), None, None) => Ok(Wanted::Enrollments(ids)),
        (None, None, None) | (Some(_), _, _) => Err(Fault::at("", "ONE_OF").with("fields", "enrollment_ids, village_code, channel").into()),
        (None, village, channel) => {
            let village = village.map(|text| text.parse::<VillageCode>()).transpose().map_err(|_| Fault::at("/village_code", "VILLAGE_FORMAT"))?;
            Ok(Wanted::All(Filter { village_code: village, channel }))
        }
    }
}

/// One enrolment of the request: its card, or why it gets none.
#[derive(Serialize, ToSchema)]
pub struct CardBatchMadeItem {
    pub index: usize,
    pub enrollment_id: Id,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<CardView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDocument>,
}

#[derive(Serialize, ToSchema)]
pub struct CardBatchMadeView {
    /// Null where no card is to be printed; then there is no batch.
    pub id: Option<Id>,
    pub items: Vec<CardBatchMadeItem>,
}

/// Puts cards into a batch to be printed. Each enrolment is answered for itself; one that has no card to print costs none of the others.
#[utoipa::path(post, path = "/api/v1/card-batches", tag = "registry", request_body = CardBatchRequest,
    responses((status = 201, body = CardBatchMadeView, headers(("Location" = String))),
        (status = 200, body = CardBatchMadeView, description = "no card is to be printed, and there is no batch")))]
pub async fn make(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, body: Body<Read<CardBatchRequest>>) -> Answer<HttpResponse> {
    let wanted = body.value.judged(wanted)?;
    let (app, request_id) = (state.0.clone(), asked.context.request_id);
    let reply = move |made: &Made| {
        let items = made.outcomes.iter().enumerate().map(|(index, (enrollment_id, outcome))| match outcome {
            Ok(seen) => CardBatchMadeItem { index, enrollment_id: *enrollment_id, status: 201, result: Some(view(seen)), problem: None },
            Err(error) => {
                let (document, _) = problem::document(error, &app.city.texts, spoken.0, request_id);
                CardBatchMadeItem { index, enrollment_id: *enrollment_id, status: document.status, result: None, problem: Some(document) }
            }
        });
        let items = items.collect();
        match &made.batch {
            Some(batch) => {
                let location = format!("/api/v1/card-batches/{}", batch.id);
                created(Some(location), Some(batch.version), &CardBatchMadeView { id: Some(batch.id), items })
            }
            None => done(&CardBatchMadeView { id: None, items }),
        }
    };
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| card_batches::make(app, db, context, &wanted, once)).await
}

#[derive(Serialize, ToSchema)]
pub struct CardBatchItemView {
    pub outcome: PrintOutcome,
    pub card: CardView,
}

#[derive(Serialize, ToSchema)]
pub struct CardBatchView {
    pub id: Id,
    pub made_at: UtcTime,
    pub made_by: Id,
    /// When somebody said which were printed; null while they wait.
    pub printed_at: Option<UtcTime>,
    pub printed_by: Option<Id>,
    /// In the order of the sheet.
    pub items: Vec<CardBatchItemView>,
}

fn whole(opened: &Opened) -> CardBatchView {
    let Opened { batch, items } = opened;
    let items = items.iter().map(|(item, seen)| CardBatchItemView { outcome: item.outcome, card: view(seen) });
    CardBatchView {
        id: batch.id,
        made_at: batch.made_at,
        made_by: batch.made_by,
        printed_at: batch.printed_at,
        printed_by: batch.printed_by,
        items: items.collect(),
    }
}

/// A batch and what became of its cards.
#[utoipa::path(get, path = "/api/v1/card-batches/{id}", tag = "registry", params(("id" = Id, Path)), responses((status = 200, body = CardBatchView)))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let opened = state.db(move |_, db| card_batches::show(db, &asked.context, id.0)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(opened.batch.version)).json(whole(&opened)))
}

/// The cards of a batch on sheets of A4, ten a page, with marks where to cut. Those that failed or were blocked are left out.
#[utoipa::path(get, path = "/api/v1/card-batches/{id}/sheet.pdf", tag = "registry", params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "application/pdf"), (status = 409, description = "no card of it is to be printed")))]
pub async fn sheet(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let faces = state.db(move |_, db| card_batches::faces(db, &asked.context, id.0)).await?;
    let bytes = state.app(move |app| card_sheets::sheets(app, &faces)).await?;
    Ok(pdf_file(&format!("cards-{}.pdf", id.0), bytes))
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CardBatchPrintedRequest {
    /// Today unless it is told; not in the future.
    #[serde(default)]
    pub date: Option<NaiveDate>,
    /// The ids of the cards that came out badly: they stay unprinted, for another batch.
    #[serde(default)]
    #[schema(max_items = 500)]
    #[validate(length(max = 500))]
    pub failed: Option<Vec<Id>>,
}

/// Says which cards of the batch were printed, once.
#[utoipa::path(post, path = "/api/v1/card-batches/{id}/printed", tag = "registry", params(("id" = Id, Path)), request_body = CardBatchPrintedRequest,
    responses((status = 200, body = CardBatchView), (status = 409, description = "it was said before")))]
pub async fn printed(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<CardBatchPrintedRequest>) -> Answer<HttpResponse> {
    let CardBatchPrintedRequest { date, failed } = body.value;
    let said = Confirmed { date, except: failed.unwrap_or_default() };
    state.once(asked, key, body.bytes, replied, move |app, db, context, once| card_batches::printed(app, db, context, id.0, &said, once)).await
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CardBatchDeliveredRequest {
    /// Today unless it is told; not in the future.
    #[serde(default)]
    pub date: Option<NaiveDate>,
    /// The ids of the cards that have not reached their people yet.
    #[serde(default)]
    #[schema(max_items = 500)]
    #[validate(length(max = 500))]
    pub undelivered: Option<Vec<Id>>,
}

/// Says that the printed cards of the batch have reached their people, all but those named. It may be said again when the rest has.
#[utoipa::path(post, path = "/api/v1/card-batches/{id}/delivered", tag = "registry", params(("id" = Id, Path)),
    request_body = CardBatchDeliveredRequest,
    responses((status = 200, body = CardBatchView), (status = 409, description = "nobody has said yet which were printed")))]
pub async fn delivered(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<CardBatchDeliveredRequest>) -> Answer<HttpResponse> {
    let CardBatchDeliveredRequest { date, undelivered } = body.value;
    let said = Confirmed { date, except: undelivered.unwrap_or_default() };
    state.once(asked, key, body.bytes, replied, move |app, db, context, once| card_batches::delivered(app, db, context, id.0, &said, once)).await
}

fn replied(opened: &Opened) -> Result<Reply> {
    changed(opened.batch.version, &whole(opened))
}
