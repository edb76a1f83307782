//! Participants answer a message about care in their name: with its code, without signing in.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::enrollment_tracking::BothLanguages;
use super::guard::Unasked;
use super::visitor::From;
use super::{Answer, State};
use crate::domain::messages::{Answer as Word, MessageKind};
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::error::Error;
use crate::service::confirmations::{Said, confirm};

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationRequest {
    /// As it stands in the message; case, spaces and the hyphen do not count.
    #[schema(min_length = 1, max_length = 20, example = "7K3M-Q9XA")]
    #[validate(length(min = 1, max = 20))]
    pub code: String,
    pub answer: Word,
    /// What the participant wants to say with it. Kept sealed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    #[validate(length(min = 1, max = 500))]
    pub note: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ConfirmationView {
    pub kind: MessageKind,
    pub answer: Word,
    pub answered_at: UtcTime,
    pub next_step: BothLanguages,
}

fn next_step(texts: &Texts, answer: Word) -> BothLanguages {
    let say = |language| texts.get(language, &format!("confirmations.{answer}"), &[]).unwrap_or_default();
    BothLanguages { id: say(Language::Id), en: say(Language::En) }
}

/// Answers a message with its code. "Not me" holds what is unpaid and has somebody look; it refuses nobody's care. The same answer again changes nothing. A
/// wrong code and one that is too old are answered alike.
#[utoipa::path(post, path = "/api/v1/confirmations", tag = "messages", request_body = ConfirmationRequest,
    responses((status = 200, body = ConfirmationView), (status = 404, description = "no such code, or too old: which of them is not told"),
        (status = 409, description = "answered otherwise before"),
        (status = 429, description = "too many wrong codes: try again after `Retry-After` seconds")))]
pub async fn answer(state: web::Data<State>, unasked: Unasked, from: From, body: Body<ConfirmationRequest>) -> Answer<web::Json<ConfirmationView>> {
    let ConfirmationRequest { code, answer, note } = body.value;
    let message = state.db(move |app, db| confirm(app, db, &unasked.0, &from.0, &Said { code: &code, answer, note: note.as_deref() })).await?;
    let answered_at = message.answered_at.ok_or_else(|| Error::internal("an answer that was not noted"))?;
    Ok(web::Json(ConfirmationView { kind: message.kind, answer, answered_at, next_step: next_step(&state.0.city.texts, answer) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_a_reply_in_both_languages() {
        let texts =
            Texts::load(("id.toml", include_str!("../../config/texts/id.toml")), ("en.toml", include_str!("../../config/texts/en.toml"))).unwrap();
        let needed: Vec<&str> = Word::ALL.iter().map(|answer| answer.as_str()).collect();
        assert_eq!(texts.check("confirmations", &needed), vec![]);
    }
}
