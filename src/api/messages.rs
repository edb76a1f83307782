//! Messages to participants, for those who see to it that they arrive. Neither text, code nor telephone is shown.

use actix_web::web;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::lists::{Listed, Page};
use super::query::{PathId, Query};
use super::{Answer, State};
use crate::domain::id::Id;
use crate::domain::messages::{Answer as Word, MessageDriver, MessageKind, MessageState};
use crate::domain::time::UtcTime;
use crate::service::messages;
use crate::store::messages::Message;

#[derive(Serialize, ToSchema)]
pub struct MessageView {
    pub id: Id,
    pub kind: MessageKind,
    pub state: MessageState,
    pub facility_id: Id,
    pub letter_id: Option<Id>,
    pub claim_id: Option<Id>,
    /// The first day of the care.
    pub care_on: NaiveDate,
    pub attempts: i32,
    /// When it is tried next; null where it is not.
    pub next_attempt_at: Option<UtcTime>,
    /// By what it went out. With "log" nobody was told.
    pub driver: Option<MessageDriver>,
    pub sent_at: Option<UtcTime>,
    pub answer: Option<Word>,
    pub answered_at: Option<UtcTime>,
    pub created_at: UtcTime,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            kind: message.kind,
            state: message.state,
            facility_id: message.facility_id,
            letter_id: message.letter_id,
            claim_id: message.claim_id,
            care_on: message.care_on,
            attempts: message.attempts,
            next_attempt_at: (message.state == MessageState::Queued).then_some(message.next_attempt_at),
            driver: message.driver,
            sent_at: message.sent_at,
            answer: message.answer,
            answered_at: message.answered_at,
            created_at: message.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct MessageDetailView {
    #[serde(flatten)]
    pub message: MessageView,
    pub participant_id: Id,
    /// What the participant said with the answer.
    pub note: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessageQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    state: Option<MessageState>,
    kind: Option<MessageKind>,
}

/// Messages, newest first.
#[utoipa::path(get, path = "/api/v1/messages", tag = "messages", params(MessageQuery), responses((status = 200, body = Listed<MessageView>)))]
pub async fn list(state: web::Data<State>, _asked: Asked, query: Query<MessageQuery>) -> Answer<web::Json<Listed<MessageView>>> {
    let MessageQuery { limit, cursor, state: in_state, kind } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let rows = state.db(move |_, db| messages::list(db, (in_state, kind), page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |message| message.id, MessageView::from)))
}

/// One message with what was said to it.
#[utoipa::path(get, path = "/api/v1/messages/{id}", tag = "messages", params(("id" = Id, Path)), responses((status = 200, body = MessageDetailView)))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<MessageDetailView>> {
    let (message, note) = state.db(move |_, db| messages::show(db, &asked.context, id.0)).await?;
    Ok(web::Json(MessageDetailView { participant_id: message.participant_id, note, message: message.into() }))
}
