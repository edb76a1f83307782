//! Medical codes, looked up by whoever writes them into a referral or a claim.

use actix_web::web;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::lists::{DEFAULT, Listed, MOST};
use super::query::Query;
use super::{Answer, State};
use crate::domain::codes::{self, CodeList, MedicalCode};
use crate::error::{Error, Fault};

const LONGEST_QUERY: usize = 100;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CodesQuery {
    /// The beginning of a code, with or without the dot, or the beginnings of words of its title. Without it, all codes.
    #[param(max_length = 100)]
    query: Option<String>,
    /// Only codes that are valid on this date; today where none is given.
    date: Option<NaiveDate>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CodeView {
    #[schema(example = "J02.9")]
    pub code: String,
    pub title: String,
    /// True: longer codes below it say more, and a claim wants one of them.
    pub has_longer: bool,
    /// Null: from the beginning.
    pub valid_from: Option<NaiveDate>,
    /// Null: still valid.
    pub valid_to: Option<NaiveDate>,
}

impl From<codes::Listed<'_>> for CodeView {
    fn from(line: codes::Listed<'_>) -> Self {
        let codes::Listed { code, title, validity, has_longer } = line;
        Self { code: code.to_owned(), title: title.to_owned(), has_longer, valid_from: validity.from, valid_to: validity.to }
    }
}

fn find<C: MedicalCode>(list: &CodeList<C>, asked: CodesQuery, today: NaiveDate) -> Result<Listed<CodeView>, Error> {
    let CodesQuery { query, date, limit, cursor } = asked;
    let (query, limit) = (query.unwrap_or_default(), limit.unwrap_or(DEFAULT));
    let mut faults = Vec::new();
    if query.chars().count() > LONGEST_QUERY {
        faults.push(Fault::parameter("query", "TOO_LONG").with("limit", LONGEST_QUERY));
    }
    if !(1..=MOST).contains(&limit) {
        faults.push(Fault::parameter("limit", "OUT_OF_RANGE").with("limit", format!("1 - {MOST}")));
    }
    let after = cursor.map(|cursor| cursor.parse::<C>()).transpose().map_err(|_| Fault::parameter("cursor", "WRONG_FORMAT"));
    match after {
        Ok(after) if faults.is_empty() => {
            let limit = usize::try_from(limit).unwrap_or_default();
            let mut found = list.find(&query, date.unwrap_or(today), after.as_ref());
            let items: Vec<CodeView> = found.by_ref().take(limit).map(CodeView::from).collect();
            let next_cursor = found.next().and(items.last()).map(|last| last.code.clone());
            Ok(Listed { items, next_cursor })
        }
        after => {
            faults.extend(after.err());
            Err(Error::Invalid(faults))
        }
    }
}

/// ICD-10 codes of diagnoses, by code.
#[utoipa::path(get, path = "/api/v1/codes/diagnoses", tag = "codes", params(CodesQuery), responses((status = 200, body = Listed<CodeView>)))]
pub async fn diagnoses(state: web::Data<State>, asked: Asked, query: Query<CodesQuery>) -> Answer<web::Json<Listed<CodeView>>> {
    let city = &state.0.city;
    Ok(web::Json(find(&city.diagnoses, query.0, city.today(asked.context.now))?))
}

/// ICD-9-CM codes of procedures, by code.
#[utoipa::path(get, path = "/api/v1/codes/procedures", tag = "codes", params(CodesQuery), responses((status = 200, body = Listed<CodeView>)))]
pub async fn procedures(state: web::Data<State>, asked: Asked, query: Query<CodesQuery>) -> Answer<web::Json<Listed<CodeView>>> {
    let city = &state.0.city;
    Ok(web::Json(find(&city.procedures, query.0, city.today(asked.context.now))?))
}
