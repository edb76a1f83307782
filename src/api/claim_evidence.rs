//! What stands behind a claim: its documents, and everything on which it was decided in one file.

use std::io::{Cursor, Write};

use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::audit::CheckpointView;
use super::check_views;
use super::claim_views::{ClaimEventView, ClaimRevisionView, ClaimView};
use super::documents::DocumentView;
use super::guard::Asked;
use super::language::Spoken;
use super::letters::LetterView;
use super::query::PathId;
use super::rule_sets::RuleSetView;
use super::{Answer, State};
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::service::App;
use crate::service::claims::{self, Evidence, Link};

#[derive(Serialize, ToSchema)]
pub struct ClaimDocumentsView {
    pub items: Vec<DocumentView>,
}

/// The documents behind a claim, the oldest first. Their contents are read by their ids.
#[utoipa::path(get, path = "/api/v1/claims/{id}/documents", tag = "claims", params(("id" = crate::domain::id::Id, Path)),
    responses((status = 200, body = ClaimDocumentsView)))]
pub async fn documents(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<ClaimDocumentsView>> {
    let told = state.db(move |_, db| claims::papers(db, &asked.context, &asked.caller, id.0)).await?;
    Ok(web::Json(ClaimDocumentsView { items: told.into_iter().map(DocumentView::from).collect() }))
}

/// A zip with the claim and its findings, every revision, the letter, the check with its inputs, the rule set, the prices, the payments, the digests of its
/// documents, and its events in the audit log with their links.
#[utoipa::path(get, path = "/api/v1/claims/{id}/evidence", tag = "claims", params(("id" = crate::domain::id::Id, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/zip")))]
pub async fn evidence(state: web::Data<State>, asked: Asked, spoken: Spoken, id: PathId) -> Answer<HttpResponse> {
    let now = asked.context.now;
    let (name, bytes) = state
        .db(move |app, db| {
            let evidence = claims::evidence(app, db, &asked.context, &asked.caller, id.0)?;
            let name = format!("{}.zip", evidence.told.claim.number);
            Ok((name, zipped(&files(app, evidence, spoken.0, now)?)?))
        })
        .await?;
    let mut response = HttpResponse::Ok();
    response.content_type("application/zip").insert_header(ContentEncoding::Identity);
    Ok(response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))).body(bytes))
}

#[derive(Serialize, ToSchema)]
pub struct ClaimReplayView {
    pub revision: i32,
    /// The same comes out as then.
    pub identical: bool,
    pub stored_hash: String,
    pub replayed_hash: String,
    /// Of the edits with their versions, then and now: where they differ, so may the outcome.
    pub edits_hash_then: String,
    pub edits_hash: String,
    pub rule_set_hash: String,
}

/// Judges the last revision of a claim again, on what it was judged on then and by the rules of then.
#[utoipa::path(post, path = "/api/v1/claims/{id}/replay", tag = "claims", params(("id" = crate::domain::id::Id, Path)),
    responses((status = 200, body = ClaimReplayView)))]
pub async fn replay(state: web::Data<State>, asked: Asked, id: PathId) -> Answer<web::Json<ClaimReplayView>> {
    let replay = state.db(move |app, db| claims::replay(app, db, &asked.context, &asked.caller, id.0)).await?;
    Ok(web::Json(ClaimReplayView {
        revision: replay.revision,
        identical: replay.stored == replay.replayed,
        stored_hash: replay.stored.to_string(),
        replayed_hash: replay.replayed.to_string(),
        edits_hash_then: replay.edits_then.to_string(),
        edits_hash: replay.edits_now.to_string(),
        rule_set_hash: replay.rule_set.to_string(),
    }))
}

type File = (String, Value);

fn files(app: &App, evidence: Evidence, language: Language, now: UtcTime) -> Result<Vec<File>> {
    let texts = &app.city.texts;
    let mut files = vec![("claim.json".to_owned(), written(ClaimView::of(&evidence.told, texts, language))?)];
    let rules = app.city.rule_sets.by_code(&evidence.told.terms.rule_set).ok_or_else(|| Error::internal("a claim of rules that are gone"))?;
    files.push(("history.json".to_owned(), written(ClaimEventView::story(&evidence.told))?));
    for revision in evidence.revisions {
        files.push((format!("revisions/{}.json", revision.revision), written(ClaimRevisionView::from(revision))?));
    }
    if let Some(letter) = evidence.letter {
        files.push(("letter.json".to_owned(), written(LetterView::from(letter))?));
    }
    let inputs = serde_json::to_value(&evidence.check.recorded.record.facts).map_err(|_| no_json())?;
    files.push(("check.json".to_owned(), written(check_views::followed(&evidence.check, language, now))?));
    files.push(("check-inputs.json".to_owned(), inputs));
    files.push(("rule-set.json".to_owned(), written(RuleSetView::of(rules, texts, language)?)?));
    let price = |(code, priced): &(String, Option<crate::service::tariffs::Priced>)| {
        json!({
            "tariff_code": code, "schedule_id": priced.map(|price| price.schedule_id), "item_id": priced.map(|price| price.item_id),
            "amount": priced.map(|price| price.amount), "payment_percent": priced.map(|price| price.payment_percent),
        })
    };
    let prices = json!({"date": evidence.told.terms.tariff_date, "items": evidence.prices.iter().map(price).collect::<Vec<_>>()});
    files.push(("tariff.json".to_owned(), prices));
    let payments: Vec<Value> = evidence
        .payments
        .iter()
        .map(|(batch, item)| {
            json!({
                "number": batch.number, "state": batch.state, "item_state": item.state, "amount": item.amount, "paid_on": batch.paid_on,
                "sp2d_number": batch.sp2d_number, "approved_at": batch.approved_at,
            })
        })
        .collect();
    files.push(("payments.json".to_owned(), Value::Array(payments)));
    files.push(("documents.json".to_owned(), written(evidence.documents.into_iter().map(DocumentView::from).collect::<Vec<_>>())?));
    let events: Vec<Value> = evidence.links.iter().map(link).collect();
    let proof = json!({
        "rule": "link = SHA-256(previous link, stripe as 4 bytes, seq as 8 bytes, header, digest), the highest byte first",
        "events": events, "checkpoint": written(evidence.checkpoint.map(CheckpointView::from))?,
    });
    files.push(("audit.json".to_owned(), proof));
    Ok(files)
}

fn link(link: &Link) -> Value {
    let Link { row, previous } = link;
    json!({
        "stripe": row.stripe, "seq": row.seq, "header": row.header, "digest": URL_SAFE_NO_PAD.encode(&row.digest),
        "previous_link": previous.as_ref().map(|previous| URL_SAFE_NO_PAD.encode(previous)), "link": URL_SAFE_NO_PAD.encode(&row.link),
    })
}

fn no_json() -> Error {
    Error::internal("a view has no JSON form")
}

fn written(view: impl Serialize) -> Result<Value> {
    serde_json::to_value(view).map_err(|_| no_json())
}

fn zipped(files: &[File]) -> Result<Vec<u8>> {
    let broken = |_| Error::internal("an archive in memory could not be written");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).map_err(|_| broken(()))?;
        let bytes = serde_json::to_vec_pretty(content).map_err(|_| no_json())?;
        zip.write_all(&bytes).map_err(|_| broken(()))?;
    }
    Ok(zip.finish().map_err(|_| broken(()))?.into_inner())
}
