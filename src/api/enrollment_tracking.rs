//! How a request for enrolment stands, for applicants: with its number and a birth date, without signing in, and without a word of who it is about.

use actix_web::web;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::guard::Unasked;
use super::visitor::From;
use super::{Answer, State};
use crate::domain::enrollments::EnrollmentState;
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::service::enrollment_tracking;

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TrackingRequest {
    /// As on the receipt.
    #[schema(min_length = 1, max_length = 40, example = "ENR-3275-2026-000001")]
    #[validate(length(min = 1, max = 40))]
    pub number: String,
    /// Of whom the request is about.
    pub birth_date: NaiveDate,
}

/// A text in both languages.
#[derive(Serialize, ToSchema)]
pub struct BothLanguages {
    pub id: String,
    pub en: String,
}

#[derive(Serialize, ToSchema)]
pub struct TrackingView {
    pub number: String,
    pub state: EnrollmentState,
    pub next_step: BothLanguages,
    pub updated_at: UtcTime,
    /// By when it is to be decided; null when nobody waits for a decision.
    pub due_at: Option<UtcTime>,
}

fn next_step(texts: &Texts, state: EnrollmentState) -> BothLanguages {
    let say = |language| texts.get(language, &format!("next_steps.{state}"), &[]).unwrap_or_default();
    BothLanguages { id: say(Language::Id), en: say(Language::En) }
}

/// How a request for enrolment stands and what comes next, for whoever knows its number and the birth date. A wrong number and a wrong birth date are
/// answered alike.
#[utoipa::path(post, path = "/api/v1/enrollments/track", tag = "registry", request_body = TrackingRequest,
    responses((status = 200, body = TrackingView), (status = 404, description = "no such number, or another birth date: which of them is not told"),
        (status = 429, description = "too many wrong attempts: try again after `Retry-After` seconds")))]
pub async fn track(state: web::Data<State>, unasked: Unasked, from: From, body: Body<TrackingRequest>) -> Answer<web::Json<TrackingView>> {
    let TrackingRequest { number, birth_date } = body.value;
    let request = state.db(move |app, db| enrollment_tracking::track(app, db, &unasked.0, &from.0, &number, birth_date)).await?;
    let due_at = request.due();
    Ok(web::Json(TrackingView {
        number: request.number.unwrap_or_default(),
        state: request.state,
        next_step: next_step(&state.0.city.texts, request.state),
        updated_at: request.updated_at,
        due_at,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_next_step_in_both_languages() {
        let texts =
            Texts::load(("id.toml", include_str!("../../config/texts/id.toml")), ("en.toml", include_str!("../../config/texts/en.toml"))).unwrap();
        let needed: Vec<&str> = EnrollmentState::ALL.iter().map(|state| state.as_str()).collect();
        assert_eq!(texts.check("next_steps", &needed), vec![]);
    }
}
