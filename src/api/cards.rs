//! Cards: what happened to a person's, printing one, and telling a genuine one from a forgery.

use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::card_sheets;
use super::guard::Asked;
use super::idempotency::{Key, created};
use super::query::PathId;
use super::{Answer, State};
use crate::domain::cards::{BlockReason, CardEventKind, CardState};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::service::card_tokens::CardFinding;
use crate::service::cards::{self, Seen, Told, Verdict};

/// What a person may tell of a card. That it was issued is not for anybody to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardEventName {
    Printed,
    Delivered,
    Lost,
    Stolen,
    Damaged,
    Forged,
    Replaced,
}

impl From<CardEventName> for CardEventKind {
    fn from(name: CardEventName) -> Self {
        match name {
            CardEventName::Printed => Self::Printed,
            CardEventName::Delivered => Self::Delivered,
            CardEventName::Lost => Self::Lost,
            CardEventName::Stolen => Self::Stolen,
            CardEventName::Damaged => Self::Damaged,
            CardEventName::Forged => Self::Forged,
            CardEventName::Replaced => Self::Replaced,
        }
    }
}

/// `lost`, `stolen`, `damaged` and `forged` block the card from the date on; `replaced` blocks it unless it is, and gives another with a new number.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CardEventRequest {
    pub kind: CardEventName,
    /// Today unless it is told; not in the future.
    #[serde(default)]
    pub date: Option<NaiveDate>,
    /// Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    #[validate(length(min = 1, max = 500))]
    pub note: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CardEventView {
    pub kind: CardEventKind,
    pub date: NaiveDate,
    pub note: Option<String>,
    pub recorded_at: UtcTime,
    /// Null: a command at the machine.
    pub recorded_by: Option<Id>,
}

#[derive(Serialize, ToSchema)]
pub struct CardView {
    /// Null: an imported card to which nothing has happened since.
    pub id: Option<Id>,
    pub enrollment_id: Id,
    /// 1 for the first card of the enrolment, 2 for the one in its place.
    pub serial: i32,
    #[schema(example = "KS-3275-2026-000001-75")]
    pub card_number: String,
    pub state: CardState,
    pub block_reason: Option<BlockReason>,
    /// These dates are null where nobody told them, as of an imported card.
    pub issued_on: Option<NaiveDate>,
    pub printed_on: Option<NaiveDate>,
    pub delivered_on: Option<NaiveDate>,
    /// The first date on which it no longer counts.
    pub blocked_on: Option<NaiveDate>,
    pub events: Vec<CardEventView>,
}

#[derive(Serialize, ToSchema)]
pub struct CardListView {
    pub items: Vec<CardView>,
}

pub fn view(seen: &Seen) -> CardView {
    let Seen { id, enrollment_id, serial, life, number, events } = seen;
    let events = events.iter().map(|(event, note)| CardEventView {
        kind: event.kind,
        date: event.happened_on,
        note: note.clone(),
        recorded_at: event.recorded_at,
        recorded_by: event.recorded_by,
    });
    CardView {
        id: *id,
        enrollment_id: *enrollment_id,
        serial: *serial,
        card_number: number.clone(),
        state: life.state,
        block_reason: life.block_reason,
        issued_on: life.issued_on,
        printed_on: life.printed_on,
        delivered_on: life.delivered_on,
        blocked_on: life.blocked_on,
        events: events.collect(),
    }
}

/// Records what happened to a person's newest card; answers the card, and after `replaced` the new one.
#[utoipa::path(post, path = "/api/v1/participants/{id}/card-events", tag = "registry", params(("id" = Id, Path)), request_body = CardEventRequest,
    responses((status = 201, body = CardView), (status = 409, description = "the person has no card, or its state does not allow this")))]
pub async fn record(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<CardEventRequest>) -> Answer<HttpResponse> {
    let CardEventRequest { kind, date, note } = body.value;
    let told = Told { kind: kind.into(), date, note };
    let reply = |seen: &Seen| created(None, None, &view(seen));
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| cards::record(app, db, context, id.0, &told, once)).await
}

/// All cards that a person has had, first to last, with what happened to each.
#[utoipa::path(get, path = "/api/v1/participants/{id}/cards", tag = "registry", params(("id" = Id, Path)),
    responses((status = 200, body = CardListView)))]
pub async fn list(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<CardListView>> {
    let seen = state.db(move |_, db| cards::list(db, &asked.context, id.0)).await?;
    Ok(web::Json(CardListView { items: seen.iter().map(view).collect() }))
}

/// The person's card, to be printed: name, card number, masked NIK, and a code with the signed card number.
#[utoipa::path(get, path = "/api/v1/participants/{id}/card.pdf", tag = "registry", params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "application/pdf"),
        (status = 409, description = "the person is not enrolled, or the card is blocked")))]
pub async fn print(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let face = state.db(move |_, db| cards::face(db, &asked.context, id.0)).await?;
    let bytes = state.app(move |app| card_sheets::single(app, &face)).await?;
    Ok(pdf_file("card.pdf", bytes))
}

/// The name of the file tells nothing of a person.
pub fn pdf_file(name: &str, bytes: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type("application/pdf").insert_header(ContentEncoding::Identity);
    response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))).body(bytes)
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CardVerifyRequest {
    /// What the scanner read.
    #[schema(min_length = 1, max_length = 500)]
    #[validate(length(min = 1, max = 500))]
    pub token: String,
}

#[derive(Serialize, ToSchema)]
pub struct VerifiedCardView {
    pub card_number: String,
    pub state: CardState,
    pub block_reason: Option<BlockReason>,
    pub issued_on: Option<NaiveDate>,
    pub blocked_on: Option<NaiveDate>,
    /// Does it show an enrolment that is in force today? Whether the person is covered, a check says.
    pub counts_today: bool,
}

#[derive(Serialize, ToSchema)]
pub struct CardVerdictView {
    /// Ours, and registered.
    pub genuine: bool,
    pub finding: CardFinding,
    /// Null unless it is genuine.
    pub card: Option<VerifiedCardView>,
}

/// Is the code on a card ours, and does the card count today?
#[utoipa::path(post, path = "/api/v1/cards/verify", tag = "checks", request_body = CardVerifyRequest, responses((status = 200, body = CardVerdictView)))]
pub async fn verify(state: web::Data<State>, asked: Asked, body: Body<CardVerifyRequest>) -> Answer<web::Json<CardVerdictView>> {
    let token = body.value.token;
    let Verdict { finding, card } = state.db(move |app, db| cards::verify(app, db, &asked.context, &token)).await?;
    let card = card.map(|card| VerifiedCardView {
        card_number: card.number,
        state: card.life.state,
        block_reason: card.life.block_reason,
        issued_on: card.life.issued_on,
        blocked_on: card.life.blocked_on,
        counts_today: card.counts_today,
    });
    Ok(web::Json(CardVerdictView { genuine: finding == CardFinding::Genuine, finding, card }))
}
