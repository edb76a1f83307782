//! Finding people. Both are POSTs, because a NIK may not stand in a URL.

use actix_web::web;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::language::Spoken;
use super::lists::{Listed, Page};
use super::participant_views::{ParticipantView, ShortView, SummaryView, short, summary, whole};
use super::query::Query;
use super::{Answer, State};
use crate::domain::card_tokens::looks_like_token;
use crate::domain::cards::card_number;
use crate::domain::kk::KkNumber;
use crate::domain::nik::Nik;
use crate::domain::participants::ParticipantState;
use crate::domain::residency::VillageCode;
use crate::domain::roles::Role;
use crate::domain::texts::{Language, Texts};
use crate::error::{Error, Fault, Result};
use crate::service::profiles::Profile;
use crate::service::searches::{self, Number, Place, Wanted};

/// One of the two.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct LookupRequest {
    #[schema(pattern = "^[0-9]{16}$")]
    pub nik: Option<String>,
    /// As it is printed on the card, or what a scanner reads from its code.
    #[schema(min_length = 4, max_length = 152, pattern = "^[0-9A-Za-z.-]+$")]
    pub card_number: Option<String>,
}

/// The whole participant, or what those who give care need of it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum LookupView {
    Whole(Box<ParticipantView>),
    Short(ShortView),
}

impl LookupView {
    /// A participant as this role may see one.
    pub fn of(profile: &Profile, role: Role, texts: &Texts, language: Language) -> Self {
        match role {
            Role::Clinic | Role::Hospital => Self::Short(short(profile)),
            Role::Admin | Role::Registrar | Role::Verifier | Role::Finance | Role::Manager | Role::Auditor | Role::Dpo => {
                Self::Whole(Box::new(whole(profile, texts, language)))
            }
        }
    }
}

/// One participant by NIK or card. Clinics and hospitals get the short answer. Look-ups that find nobody are counted.
#[utoipa::path(post, path = "/api/v1/participants/lookup", tag = "registry", request_body = LookupRequest,
    responses((status = 200, body = LookupView), (status = 404, description = "nobody has this number"),
        (status = 429, description = "too many unknown numbers: try again after `Retry-After` seconds")))]
pub async fn lookup(state: web::Data<State>, asked: Asked, spoken: Spoken, body: Body<LookupRequest>) -> Answer<web::Json<LookupView>> {
    let number = number(&body.value)?;
    let role = asked.caller.role;
    let profile = state.db(move |app, db| searches::lookup(app, db, &asked.context, &asked.caller, &number)).await?;
    Ok(web::Json(LookupView::of(&profile, role, &state.0.city.texts, spoken.0)))
}

fn number(request: &LookupRequest) -> Result<Number> {
    match (&request.nik, &request.card_number) {
        (Some(nik), None) => Nik::parse(nik).map(Number::Nik).map_err(|_| Fault::at("/nik", "NIK_FORMAT").into()),
        (None, Some(card)) => typed(card).map(Number::Card).ok_or_else(|| Fault::at("/card_number", "CARD_NUMBER_FORMAT").into()),
        (None, None) | (Some(_), Some(_)) => Err(Fault::at("", "ONE_OF").with("fields", "nik, card_number").into()),
    }
}

/// A card number as it is kept, or a code that was scanned.
fn typed(card: &str) -> Option<String> {
    if looks_like_token(card) { Some(card.to_owned()) } else { card_number(card) }
}

/// At least a name, a KK number or a village. All that is given must fit; all words of the name must be in the person's.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub name: Option<String>,
    pub birth_date: Option<NaiveDate>,
    #[schema(pattern = "^[0-9]{16}$")]
    pub kk_number: Option<String>,
    #[schema(pattern = "^[0-9]{10}$")]
    pub village_code: Option<String>,
    pub state: Option<ParticipantState>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// People by what one knows of them.
#[utoipa::path(post, path = "/api/v1/participants/search", tag = "registry", params(SearchQuery), request_body = SearchRequest,
    responses((status = 200, body = Listed<SummaryView>)))]
pub async fn search(
    state: web::Data<State>,
    asked: Asked,
    query: Query<SearchQuery>,
    body: Body<SearchRequest>,
) -> Answer<web::Json<Listed<SummaryView>>> {
    let limit = usize::try_from(Page::new(query.0.limit, None)?.limit).unwrap_or(1);
    let place = query.0.cursor.as_deref().map(place).transpose()?.unwrap_or_default();
    let wanted = wanted(body.value)?;
    let page = state.db(move |app, db| searches::search(app, db, &asked.context, &wanted, place, limit)).await?;
    Ok(web::Json(Listed { items: page.found.into_iter().map(summary).collect(), next_cursor: page.next.map(cursor) }))
}

fn wanted(request: SearchRequest) -> Result<Wanted> {
    let SearchRequest { name, birth_date, kk_number, village_code, state } = request;
    let mut faults = Vec::new();
    let kk_number = kk_number.and_then(|text| KkNumber::parse(&text).map_err(|_| faults.push(Fault::at("/kk_number", "KK_FORMAT"))).ok());
    let village_code =
        village_code.and_then(|text| text.parse::<VillageCode>().map_err(|_| faults.push(Fault::at("/village_code", "VILLAGE_FORMAT"))).ok());
    if faults.is_empty() { Ok(Wanted { name, birth_date, kk_number, village_code, state }) } else { Err(Error::Invalid(faults)) }
}

fn cursor(place: Place) -> String {
    let part = |text: Option<String>| text.unwrap_or_default();
    BASE64_URL_SAFE_NO_PAD.encode(format!("{}/{}", part(place.from.map(|date| date.to_string())), part(place.after.map(|id| id.to_string()))))
}

fn place(cursor: &str) -> Result<Place> {
    fn part<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    }
    let read = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (from, after) = std::str::from_utf8(&bytes).ok()?.split_once('/')?;
        Some(Place { from: part(from)?, after: part(after)? })
    };
    read().ok_or_else(|| Fault::parameter("cursor", "WRONG_FORMAT").into())
}
