//! The rules in words and values, for anyone: what stands here is what decides.

use actix_web::{HttpRequest, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::language::Spoken;
use super::{Answer, State};
use crate::domain::rule_sets::RuleSet;
use crate::domain::texts::{Language, Texts};
use crate::error::{Code, Error};

#[derive(Serialize, ToSchema)]
pub struct RuleSetView {
    pub code: String,
    pub revision: u32,
    pub valid_from: NaiveDate,
    /// Null while the phase lasts.
    pub valid_to: Option<NaiveDate>,
    /// Of the file's contents; a recorded check names it.
    pub hash: String,
    pub legal_basis: Vec<LegalBasisView>,
    /// The rules in sentences.
    pub rules: Vec<RuleInWords>,
    /// The parameters as the file has them.
    pub parameters: serde_json::Value,
}

#[derive(Serialize, ToSchema)]
pub struct LegalBasisView {
    pub instrument: String,
    pub about: String,
    /// Marks of where this is known from.
    pub sources: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct RuleInWords {
    pub topic: &'static str,
    pub text: String,
}

impl RuleSetView {
    pub fn of(rule_set: &RuleSet, texts: &Texts, language: Language) -> Result<Self, Error> {
        Ok(Self {
            code: rule_set.code.clone(),
            revision: rule_set.revision,
            valid_from: rule_set.valid_from,
            valid_to: rule_set.valid_to,
            hash: rule_set.hash().to_string(),
            legal_basis: rule_set
                .legal_basis
                .iter()
                .map(|basis| LegalBasisView { instrument: basis.instrument.clone(), about: basis.about.clone(), sources: basis.sources.clone() })
                .collect(),
            rules: texts.describe(language, rule_set).into_iter().map(|rule| RuleInWords { topic: rule.topic, text: rule.text }).collect(),
            parameters: serde_json::from_str(rule_set.canonical()).map_err(|_| Error::internal("a rule set's canonical form is not JSON"))?,
        })
    }
}

/// All rule sets by the date of service that they govern, the first one first.
#[utoipa::path(get, path = "/api/v1/rule-sets", tag = "rules", responses((status = 200, body = Vec<RuleSetView>)))]
pub async fn list(state: web::Data<State>, spoken: Spoken) -> Answer<web::Json<Vec<RuleSetView>>> {
    let city = &state.0.city;
    Ok(web::Json(city.rule_sets.iter().map(|rule_set| RuleSetView::of(rule_set, &city.texts, spoken.0)).collect::<Result<_, _>>()?))
}

/// One rule set by its code.
#[utoipa::path(get, path = "/api/v1/rule-sets/{code}", tag = "rules", params(("code" = String, Path, max_length = 40)), responses((status = 200, body = RuleSetView)))]
pub async fn show(state: web::Data<State>, spoken: Spoken, request: HttpRequest) -> Answer<web::Json<RuleSetView>> {
    let city = &state.0.city;
    let code = request.match_info().get("code").unwrap_or_default();
    let rule_set = city.rule_sets.by_code(code).ok_or_else(|| Error::refused(Code::NotFound))?;
    Ok(web::Json(RuleSetView::of(rule_set, &city.texts, spoken.0)?))
}
