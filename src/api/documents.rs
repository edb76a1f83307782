//! Documents: uploaded in a form, told of and read back by whom they concern.

use std::time::Duration;

use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guard::Asked;
use super::idempotency::{Key, created};
use super::query::PathId;
use super::streams::{self, Patience};
use super::upload_form::{Bounds, Form};
use super::{Answer, State};
use crate::domain::documents::DocumentKind;
use crate::domain::documents::contents::MediaType;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Fault;
use crate::service::documents::{self, Told};

/// What is sent, for the description: it is never in memory as one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read field by field, while it comes")]
pub struct DocumentForm {
    /// PDF, PNG or JPEG, told by its content. Its name is not kept.
    #[schema(value_type = String, format = Binary, min_length = 1, max_length = 10_485_760)]
    file: Vec<u8>,
    kind: DocumentKind,
}

#[derive(Serialize, ToSchema)]
pub struct DocumentView {
    pub id: Id,
    pub kind: DocumentKind,
    /// Of the content, in hexadecimal digits.
    #[schema(example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    pub sha256: String,
    pub size: i64,
    pub media_type: MediaType,
    /// Who brought it.
    pub facility_id: Id,
    pub uploaded_by: Id,
    pub uploaded_at: UtcTime,
    /// The claims that it stands behind. One that stands behind none for long is deleted.
    pub claim_ids: Vec<Id>,
}

impl From<Told> for DocumentView {
    fn from(Told { document, sha256, claims }: Told) -> Self {
        Self {
            id: document.id,
            kind: document.kind,
            sha256: sha256.to_string(),
            size: document.size,
            media_type: document.media_type,
            facility_id: document.facility_id,
            uploaded_by: document.uploaded_by,
            uploaded_at: document.uploaded_at,
            claim_ids: claims,
        }
    }
}

/// Brings a document of up to 10 MiB. It is put behind a claim by naming its id there.
#[utoipa::path(post, path = "/api/v1/documents", tag = "documents", request_body(content = DocumentForm, content_type = "multipart/form-data"),
    responses((status = 201, body = DocumentView, headers(("Location" = String))), (status = 415, description = "the body is no form by its content type")))]
pub async fn upload(state: web::Data<State>, asked: Asked, key: Key, request: HttpRequest, payload: web::Payload) -> Answer<HttpResponse> {
    let (app, context) = (state.0.clone(), asked.context.clone());
    let settings = &state.0.settings;
    let patience =
        Patience { whole: Duration::from_millis(settings.documents.upload_timeout_ms), part: Duration::from_millis(settings.server.body_timeout_ms) };
    let bounds = Bounds { most_bytes: settings.documents.most_bytes, patience };
    let mut form = Form::read(request.headers(), payload, bounds, &["kind"], move |body| documents::receive(&app, &context, body)).await?;
    let kind = form.word("kind").and_then(|word| word.parse::<DocumentKind>().map_err(|_| form.faults.push(unknown_kind())).ok());
    // Without a kind there is a fault, and no file comes out.
    let (received, kind) = (form.finish()?, kind.unwrap_or(DocumentKind::Other));
    // Before a connection to the database is taken: a bucket may be far away.
    let received = state.app(move |_| received.keep()).await?;
    let content = [received.sha256.as_bytes(), kind.as_str().as_bytes()].concat();
    let caller = asked.caller;
    let reply = |told: &Told| created(Some(format!("/api/v1/documents/{}", told.document.id)), None, &DocumentView::from(told.clone()));
    state.once(asked, key, content.into(), reply, move |_, db, context, once| documents::record(db, context, &caller, kind, received, once)).await
}

fn unknown_kind() -> Fault {
    let kinds: Vec<&str> = DocumentKind::ALL.iter().map(|kind| kind.as_str()).collect();
    Fault::at("/kind", "UNKNOWN_VALUE").with("allowed", kinds.join(", "))
}

/// What is known of a document.
#[utoipa::path(get, path = "/api/v1/documents/{id}", tag = "documents", params(("id" = String, Path, description = "The document.")),
    responses((status = 200, body = DocumentView)))]
pub async fn show(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<DocumentView>> {
    let told = state.db(move |_, db| documents::show(db, &asked.context, &asked.caller, id.0)).await?;
    Ok(web::Json(told.into()))
}

/// The document itself, byte for byte as it was brought.
#[utoipa::path(get, path = "/api/v1/documents/{id}/content", tag = "documents", params(("id" = String, Path, description = "The document.")),
    responses((status = 200, content((Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg")))))]
pub async fn content(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<HttpResponse> {
    let unlocked = state.db(move |_, db| documents::unlock(db, &asked.context, &asked.caller, id.0)).await?;
    let (id, media_type) = (unlocked.document.id, unlocked.document.media_type);
    // Not on a connection to the database: the file may be in a bucket far away.
    let mut content = state.app(move |app| documents::content(app, &unlocked)).await?;
    let body = streams::written(move |mut sink| std::io::copy(&mut content, &mut sink).map(|_| ()));
    let mut response = HttpResponse::Ok();
    response.content_type(media_type.as_str()).insert_header(ContentEncoding::Identity);
    response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"document-{id}.{}\"", media_type.ending())));
    Ok(response.body(body))
}
