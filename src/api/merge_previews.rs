//! What a merge of two records would move, before anybody merges.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::query::PathId;
use super::{Answer, State};
use crate::domain::enrollments::EnrollmentState;
use crate::domain::id::Id;
use crate::domain::merges::{MergeObstacle, MergeWarning};
use crate::service::merge_previews::{self, Moves, Preview};
use crate::store::enrollment_requests::Request;

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct MergePreviewRequest {
    /// The record that would stay.
    pub to_participant_id: Id,
}

/// A live enrolment.
#[derive(Serialize, ToSchema)]
pub struct MovedEnrollmentView {
    pub id: Id,
    pub number: Option<String>,
    pub state: EnrollmentState,
    /// Of two live ones that of less weight expires, and an un-merge gives it back. The other counts on.
    pub expires: bool,
}

#[derive(Serialize, ToSchema)]
pub struct MovesView {
    /// How many NIKs would find the one that stays.
    pub niks: usize,
    /// Records that were merged into the one that goes, and go with it.
    pub merged_records: Vec<Id>,
    /// Children who were registered on the mother's NIK.
    pub newborns: Vec<Id>,
    pub cards: usize,
    /// How many recorded checks would be found under the one that stays.
    pub checks: i64,
    /// That of the record that goes.
    pub enrollment: Option<MovedEnrollmentView>,
    /// That of the one that stays.
    pub kept_enrollment: Option<MovedEnrollmentView>,
    /// The household that the record leaves.
    pub left_household_id: Option<Id>,
    pub temporary_identity: bool,
}

#[derive(Serialize, ToSchema)]
pub struct MergePreviewView {
    pub possible: bool,
    /// Why it is not possible.
    pub obstacles: Vec<MergeObstacle>,
    /// What to look at before.
    pub warnings: Vec<MergeWarning>,
    pub moves: MovesView,
}

fn view(preview: Preview) -> MergePreviewView {
    let Preview { obstacles, warnings, moves } = preview;
    let Moves { niks, merged_records, newborns, cards, checks, enrollments, left_household, temporary_identity } = moves;
    let expires = enrollments.expires();
    let shown = |request: Option<Request>| {
        request.map(|Request { id, number, state, .. }| MovedEnrollmentView { id, number, state, expires: expires == Some(id) })
    };
    let (enrollment, kept_enrollment) = (shown(enrollments.moves), shown(enrollments.stays));
    let moves = MovesView {
        niks,
        merged_records,
        newborns,
        cards,
        checks,
        enrollment,
        kept_enrollment,
        left_household_id: left_household,
        temporary_identity,
    };
    MergePreviewView { possible: obstacles.is_empty(), obstacles, warnings, moves }
}

/// What merging this record into another would move, what is in the way, and what to look at before. Nothing is changed by it; the merge is an event.
#[utoipa::path(post, path = "/api/v1/participants/{id}/merge-preview", tag = "registry", params(("id" = Id, Path)),
    request_body = MergePreviewRequest, responses((status = 200, body = MergePreviewView)))]
pub async fn preview(state: web::Data<State>, asked: Asked, id: PathId, body: Body<MergePreviewRequest>) -> Answer<web::Json<MergePreviewView>> {
    let into = body.value.to_participant_id;
    let preview = state.db(move |app, db| merge_previews::preview(app, db, &asked.context, id.0, into)).await?;
    Ok(web::Json(view(preview)))
}
