//! Contracts of the city with facilities. Who works in a facility sees its own only.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::idempotency::{Key, created, done};
use super::lists::{Listed, Page};
use super::query::{PathId, PathIds, Query};
use super::{Answer, State};
use crate::domain::facilities::Contract;
use crate::domain::id::Id;
use crate::domain::time::DateRange;
use crate::error::{Code, Error};
use crate::service::facilities::{self, Termination, Terms};
use crate::store;

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ContractRequest {
    pub valid_from: NaiveDate,
    /// The last day; without one, until further notice.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub contract_number: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TerminationRequest {
    /// The last day on which it binds.
    pub on: NaiveDate,
    #[schema(min_length = 1, max_length = 500)]
    #[validate(length(min = 1, max = 500))]
    pub reason: String,
    #[schema(min_length = 1, max_length = 100)]
    #[validate(length(min = 1, max = 100))]
    pub document_number: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ContractView {
    pub id: Id,
    pub facility_id: Id,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub contract_number: Option<String>,
    /// The last day on which it bound, if it was ended early.
    pub terminated_on: Option<NaiveDate>,
    pub termination_reason: Option<String>,
    pub termination_document_number: Option<String>,
}

impl From<Contract> for ContractView {
    fn from(contract: Contract) -> Self {
        let Contract { id, facility_id, valid_from, valid_to, contract_number, terminated_on, termination_reason, termination_document } = contract;
        let termination_document_number = termination_document;
        Self { id, facility_id, valid_from, valid_to, contract_number, terminated_on, termination_reason, termination_document_number }
    }
}

/// Binds a facility for a time.
#[utoipa::path(post, path = "/api/v1/facilities/{id}/contracts", tag = "facilities", params(("id" = Id, Path)), request_body = ContractRequest,
    responses((status = 201, body = ContractView), (status = 409, description = "another contract binds it in that time")))]
pub async fn add(state: web::Data<State>, asked: Asked, key: Key, id: PathId, body: Body<ContractRequest>) -> Answer<HttpResponse> {
    let ContractRequest { valid_from, valid_to, contract_number } = body.value;
    let terms = Terms { range: DateRange { from: valid_from, to: valid_to }, contract_number };
    let reply = |contract: &Contract| created(None, None, &ContractView::from(contract.clone()));
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| facilities::add_contract(app, db, context, id.0, terms, once)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The contracts of a facility, newest first.
#[utoipa::path(get, path = "/api/v1/facilities/{id}/contracts", tag = "facilities", params(("id" = Id, Path), ListQuery),
    responses((status = 200, body = Listed<ContractView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, id: PathId, query: Query<ListQuery>) -> Answer<web::Json<Listed<ContractView>>> {
    let page = Page::new(query.0.limit, query.0.cursor.as_deref())?;
    let rows = state
        .db(move |_, db| {
            let is_foreign = asked.caller.facility_id.is_some_and(|own| own != id.0);
            if is_foreign || store::facilities::find(db, id.0)?.is_none() {
                return Err(Error::refused(Code::NotFound));
            }
            store::facilities::list_contracts(db, id.0, page.before, page.limit)
        })
        .await?;
    Ok(web::Json(Listed::from_rows(rows, page, |contract| contract.id, ContractView::from)))
}

/// Ends a contract early.
#[utoipa::path(post, path = "/api/v1/facilities/{id}/contracts/{cid}/terminate", tag = "facilities", params(("id" = Id, Path), ("cid" = Id, Path)),
    request_body = TerminationRequest, responses((status = 200, body = ContractView), (status = 409, description = "it was ended before")))]
pub async fn terminate(state: web::Data<State>, asked: Asked, key: Key, ids: PathIds, body: Body<TerminationRequest>) -> Answer<HttpResponse> {
    let TerminationRequest { on, reason, document_number } = body.value;
    let said = Termination { on, reason, document_number };
    let PathIds(facility, contract) = ids;
    let reply = |contract: &Contract| done(&ContractView::from(contract.clone()));
    state
        .once(asked, key, body.bytes, reply, move |app, db, context, once| {
            facilities::terminate_contract(app, db, context, facility, contract, &said, once)
        })
        .await
}
