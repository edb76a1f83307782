//! What becomes of a recorded check: papers that are brought, more time for them, and that it is void.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::{Body, Read};
use super::check_views::{CheckView, followed};
use super::guard::Asked;
use super::idempotency::{Key, done};
use super::language::Spoken;
use super::query::PathId;
use super::{Answer, State};
use crate::domain::check_progress::{PaperNumber, VoidReason};
use crate::domain::eligibility::Paper;
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::nik::Nik;
use crate::error::{Error, Fault};
use crate::service::check_progress::{self, Completion};
use crate::service::eligibility_checks::Followed;

/// A paper that the facility has seen. Its scan is not sent: the number is what is kept.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PaperRequest {
    pub kind: Paper,
    /// As it is printed: of a KTP-el the NIK, of a KK its 16 digits, of a letter its number. Kept sealed.
    #[schema(min_length = 1, max_length = 60)]
    #[validate(length(min = 1, max = 60))]
    pub number: String,
}

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct VoidRequest {
    pub reason: VoidReason,
}

/// The provisional check as it stands now, and the check that took its place when nothing was lacking any more.
#[derive(Serialize, ToSchema)]
pub struct CompletionView {
    pub check: CheckView,
    pub new_check: Option<CheckView>,
}

fn paper(request: PaperRequest) -> Result<(Paper, String), Error> {
    let PaperRequest { kind, number } = request;
    let fault = match PaperNumber::of(kind) {
        PaperNumber::Nik => Nik::parse(&number).err().map(|_| "NIK_FORMAT"),
        PaperNumber::Kk => KkNumber::parse(&number).err().map(|_| "KK_FORMAT"),
        PaperNumber::Letter => None,
    };
    fault.map_or(Ok((kind, number)), |code| Err(Fault::at("/number", code).into()))
}

/// Records a paper that was brought for a provisional answer. When with it nothing is lacking any more, by the rules of the check and by what the registry
/// says now, a new check takes its place.
#[utoipa::path(post, path = "/api/v1/eligibility-checks/{id}/papers", tag = "eligibility", params(("id" = Id, Path)), request_body = PaperRequest,
    responses((status = 200, body = CompletionView), (status = 409, description = "the check is not provisional, completed, lapsed or void, or this kind of paper was brought already")))]
pub async fn bring(
    state: web::Data<State>,
    asked: Asked,
    spoken: Spoken,
    key: Key,
    id: PathId,
    body: Body<Read<PaperRequest>>,
) -> Answer<HttpResponse> {
    let (now, caller) = (asked.context.now, asked.caller);
    let (kind, number) = body.value.judged(paper)?;
    let reply = move |completion: &Completion| {
        let view = |found: &Followed| followed(found, spoken.0, now);
        done(&CompletionView { check: view(&completion.check), new_check: completion.new_check.as_ref().map(view) })
    };
    state
        .once(asked, key, body.bytes, reply, move |app, db, context, once| {
            check_progress::bring(app, db, context, &caller, id.0, (kind, &number), once)
        })
        .await
}

/// Gives more time for the papers of a provisional answer, once and before the time is over. It takes no body.
#[utoipa::path(post, path = "/api/v1/eligibility-checks/{id}/extend", tag = "eligibility", params(("id" = Id, Path)),
    responses((status = 200, body = CheckView), (status = 409, description = "the check is not provisional, completed, lapsed, void, or extended already")))]
pub async fn extend(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, id: PathId) -> Answer<HttpResponse> {
    let (now, caller) = (asked.context.now, asked.caller);
    let reply = move |found: &Followed| done(&followed(found, spoken.0, now));
    state
        .once(asked, key, web::Bytes::new(), reply, move |app, db, context, once| check_progress::extend(app, db, context, &caller, id.0, once))
        .await
}

/// Marks a check as one that is not to be counted. It stays to be read, and says so.
#[utoipa::path(post, path = "/api/v1/eligibility-checks/{id}/void", tag = "eligibility", params(("id" = Id, Path)), request_body = VoidRequest,
    responses((status = 200, body = CheckView), (status = 409, description = "the check is void already")))]
pub async fn make_void(state: web::Data<State>, asked: Asked, spoken: Spoken, key: Key, id: PathId, body: Body<VoidRequest>) -> Answer<HttpResponse> {
    let (now, caller, reason) = (asked.context.now, asked.caller, body.value.reason);
    let reply = move |found: &Followed| done(&followed(found, spoken.0, now));
    state
        .once(asked, key, body.bytes, reply, move |app, db, context, once| check_progress::make_void(app, db, context, &caller, id.0, reason, once))
        .await
}
