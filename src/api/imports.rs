//! Imports: a CSV file comes in, a job stores its rows, and what was wrong with which line can be read back.

use std::io::Read;
use std::time::Duration;

use actix_web::body::BodyStream;
use actix_web::http::header::{self, ContentEncoding, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::idempotency::{Key, done, replied};
use super::language::Spoken;
use super::lists::{Listed, Page, period};
use super::query::{PathId, Query};
use super::streams::{self, Patience};
use super::{Answer, State, problem};
use crate::domain::id::Id;
use crate::domain::imports::{Column, ErrorReport, ImportFailure, ImportKind, ImportState, ReportLine};
use crate::domain::texts::{Language, Texts};
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Fault, Result};
use crate::service;
use crate::store;
use crate::store::imports::{Filter, Import, ImportFault};

/// How many faults a job tells by itself; errors.csv has them all.
const FIRST_FAULTS: i64 = 20;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// What the file is about. Each kind has its template.
    #[param(required = true, inline)]
    kind: Option<String>,
    /// True: every row is judged and counted, and nothing is stored.
    dry_run: Option<bool>,
    /// For `population`: the date of what the file says; today where none is given.
    as_of: Option<NaiveDate>,
    /// For `population`: the file may have far fewer people than the one before. Without it such a file is taken for a part of one and not compared.
    confirm_smaller: Option<bool>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    #[param(max_length = 36)]
    cursor: Option<String>,
    /// queued, running, done, failed or cancelled.
    state: Option<String>,
    /// First date of upload, as the city counts days.
    from: Option<NaiveDate>,
    /// Last date of upload.
    to: Option<NaiveDate>,
    /// Those that have moved since this instant.
    updated_since: Option<UtcTime>,
}

/// A job and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    pub id: Id,
    pub kind: ImportKind,
    pub state: ImportState,
    pub dry_run: bool,
    /// Of the file, 0 to 100.
    pub percent: u8,
    pub rows_read: i64,
    pub created: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub failed: i64,
    /// Why the job ended before the end of its file.
    pub failure: Option<FailureView>,
    pub asked_by: Id,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub finished_at: Option<UtcTime>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FailureView {
    pub code: ImportFailure,
    pub message: String,
    pub remedy: String,
}

/// A job with the first faults of its rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportDetailView {
    #[serde(flatten)]
    pub import: ImportView,
    /// The first twenty; all are in `errors.csv`.
    pub faults: Vec<RowFaultView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RowFaultView {
    /// The line of the file; the header stands on 1.
    pub line: i64,
    /// Null where the row as a whole is at fault.
    pub column: Option<String>,
    pub code: String,
    pub message: String,
    pub row_key: Option<String>,
}

/// Receives a file of up to 2 GiB. A file that cannot be read as a whole (not UTF-8, a missing column, a workbook) is refused at once, with
/// `pointer` `/line/column`; the rows of any other are stored by a job.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", params(ImportQuery),
    request_body(content = String, content_type = "text/csv", description = "CSV in UTF-8 with the columns of the template, in any order, between commas, semicolons or tabs. `Content-Encoding: gzip` is accepted."),
    responses((status = 202, body = ImportView, headers(("Location" = String, description = "The job.")))))]
pub async fn accept(
    state: web::Data<State>,
    asked: Asked,
    key: Key,
    request: HttpRequest,
    query: Query<ImportQuery>,
    spoken: Spoken,
    payload: web::Payload,
) -> Answer<HttpResponse> {
    let app = state.0.clone();
    let kind = asked_kind(query.0.kind.as_deref())?;
    let is_gzip = check_headers(request.headers(), app.settings.imports.most_bytes)?;
    let patience = Patience {
        whole: Duration::from_millis(app.settings.imports.upload_timeout_ms),
        part: Duration::from_millis(app.settings.server.body_timeout_ms),
    };
    let brought = service::reconciliations::Brought { as_of: query.0.as_of, confirm_smaller: query.0.confirm_smaller.unwrap_or(false) };
    let wanted = service::imports::Wanted { kind, dry_run: query.0.dry_run.unwrap_or(false), brought };
    let context = asked.context.clone();
    let accepted = streams::receive(BodyStream::new(payload), patience, move |body| {
        let body: Box<dyn Read> = if is_gzip { Box::new(MultiGzDecoder::new(body)) } else { Box::new(body) };
        service::imports::accept(&app, &context, wanted, body)
    })
    .await
    .map_err(|_| Error::internal("the blocking threads are gone"))??;
    let content = web::Bytes::copy_from_slice(accepted.digest());
    let app = state.0.clone();
    let reply = move |import: &Import| {
        let location = (header::LOCATION.to_string(), format!("/api/v1/imports/{}", import.id));
        replied(202, vec![location], &view(import.clone(), &app.city.texts, spoken.0))
    };
    state.once(asked, key, content, reply, move |app, db, context, once| service::imports::queue(app, db, context, accepted, once)).await
}

/// All jobs, newest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", params(ImportsQuery), responses((status = 200, body = Listed<ImportView>)))]
pub async fn list(state: web::Data<State>, query: Query<ImportsQuery>, spoken: Spoken) -> Answer<web::Json<Listed<ImportView>>> {
    let ImportsQuery { limit, cursor, state: wanted, from, to, updated_since } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let wanted =
        wanted.map(|word| word.parse::<ImportState>().map_err(|_| unknown_value("state", ImportState::ALL.iter().map(|state| state.as_str()))));
    let filter = Filter { state: wanted.transpose()?, created: period(from, to, state.0.city.offset)?, updated_since };
    let rows = state.db(move |_, db| store::imports::list(db, filter, page.before, page.limit + 1)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |row| row.id, |row| view(row, &state.0.city.texts, spoken.0))))
}

/// One job, how far it has come, and the first of its faults.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = String, Path, description = "The job.")),
    responses((status = 200, body = ImportDetailView)))]
pub async fn show(state: web::Data<State>, id: PathId, spoken: Spoken) -> Answer<web::Json<ImportDetailView>> {
    let (import, faults) =
        state.db(move |_, db| Ok((service::imports::get(db, id.0)?, store::imports::faults(db, id.0, None, FIRST_FAULTS)?))).await?;
    let texts = &state.0.city.texts;
    let faults = faults.into_iter().map(|fault| RowFaultView {
        message: sentence(texts, spoken.0, Some(&fault.column_name), &fault.code),
        line: fault.line,
        column: Some(fault.column_name).filter(|name| !name.is_empty()),
        code: fault.code,
        row_key: fault.row_key,
    });
    Ok(web::Json(ImportDetailView { faults: faults.collect(), import: view(import, texts, spoken.0) }))
}

/// Every fault of every row as CSV: line, column, code, message, row_key. It never holds what stood in the row.
#[utoipa::path(get, path = "/api/v1/imports/{id}/errors.csv", tag = "imports", params(("id" = String, Path, description = "The job.")),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn errors(state: web::Data<State>, id: PathId, spoken: Spoken) -> Answer<HttpResponse> {
    let id = id.0;
    state.db(move |_, db| service::imports::get(db, id)).await?;
    let app = state.0.clone();
    let body = streams::written(move |sink| {
        write_errors(&app.city.texts, spoken.0, sink, |after| store::imports::faults(&mut *app.pool.get()?, id, after, 1_000))
    });
    Ok(csv_file(&format!("import-{id}-errors.csv")).body(body))
}

/// Stops a job. Rows that were stored before stay.
#[utoipa::path(post, path = "/api/v1/imports/{id}/cancel", tag = "imports", params(("id" = String, Path, description = "The job.")),
    responses((status = 200, body = ImportView), (status = 409, description = "It has ended already: `STATE_CONFLICT`.")))]
pub async fn cancel(state: web::Data<State>, asked: Asked, key: Key, id: PathId, spoken: Spoken) -> Answer<HttpResponse> {
    let app = state.0.clone();
    let reply = move |import: &Import| done(&view(import.clone(), &app.city.texts, spoken.0));
    state.once(asked, key, web::Bytes::new(), reply, move |app, db, context, once| service::imports::cancel(app, db, context, id.0, once)).await
}

/// An empty file with the columns of a kind.
#[utoipa::path(get, path = "/api/v1/imports/templates/{kind}.csv", tag = "imports", params(("kind" = String, Path, description = "As in `POST /imports`.")),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn template(kind: web::Path<String>) -> Answer<HttpResponse> {
    let kind: ImportKind = kind.parse().map_err(|_| Error::refused(Code::NotFound))?;
    let names: Vec<&str> = kind.columns().all().map(Column::as_str).collect();
    Ok(csv_file(&format!("{kind}.csv")).body(names.join(",") + "\r\n"))
}

fn asked_kind(word: Option<&str>) -> Result<ImportKind> {
    let word = word.ok_or_else(|| Error::from(Fault::parameter("kind", "FIELD_MISSING")))?;
    word.parse().map_err(|_| unknown_value("kind", ImportKind::ALL.iter().map(|kind| kind.as_str())))
}

fn unknown_value<'a>(parameter: &str, allowed: impl Iterator<Item = &'a str>) -> Error {
    Fault::parameter(parameter, "UNKNOWN_VALUE").with("allowed", allowed.collect::<Vec<_>>().join(", ")).into()
}

/// Is it CSV, is it not too large by its own word, and is it packed?
fn check_headers(headers: &HeaderMap, most: u64) -> Result<bool> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(|text| text.trim().to_ascii_lowercase());
    let media_type = text(header::CONTENT_TYPE).unwrap_or_default();
    if !matches!(media_type.split(';').next().map(str::trim), Some("text/csv" | "application/csv")) {
        return Err(Error::refused(Code::MediaTypeNotSupported));
    }
    if text(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > most) {
        return Err(Error::refused(Code::BodyTooLarge));
    }
    match text(header::CONTENT_ENCODING).as_deref() {
        None | Some("identity") => Ok(false),
        Some("gzip" | "x-gzip") => Ok(true),
        Some(_) => Err(Error::refused(Code::MediaTypeNotSupported)),
    }
}

/// A CSV answer, kept from being packed: packing would hold small answers back until much has gathered.
pub fn csv_file(name: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.content_type("text/csv; charset=utf-8").insert_header(ContentEncoding::Identity);
    response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    response
}

/// Writes page after page, so that a job of millions of faults fills no memory.
fn write_errors(
    texts: &Texts,
    language: Language,
    sink: impl std::io::Write,
    mut page: impl FnMut(Option<(i64, i32)>) -> Result<Vec<ImportFault>>,
) -> std::result::Result<(), String> {
    let mut report =
        ErrorReport::new(sink, |fault: &ReportLine<'_>| sentence(texts, language, fault.column, fault.code)).map_err(|error| error.to_string())?;
    let mut after = None;
    loop {
        let faults = page(after).map_err(|error| error.to_string())?;
        let Some(last) = faults.last() else { break };
        after = Some((last.line, last.ordinal));
        for fault in &faults {
            let column = Some(fault.column_name.as_str()).filter(|name| !name.is_empty());
            let line = u64::try_from(fault.line).unwrap_or_default();
            report.write(&ReportLine { line, column, code: &fault.code, row_key: fault.row_key.as_deref() }).map_err(|error| error.to_string())?;
        }
    }
    report.finish().map(|_| ()).map_err(|error| error.to_string())
}

/// What is wrong with a row and what helps, as one sentence after the other.
pub fn sentence(texts: &Texts, language: Language, column: Option<&str>, code: &str) -> String {
    let choices = column.and_then(|name| name.parse::<Column>().ok()).map(Column::choices).unwrap_or_default();
    let (message, remedy) = problem::fault_texts(texts, language, code, &[("allowed", choices.join(", "))]);
    format!("{message} {remedy}")
}

fn view(import: Import, texts: &Texts, language: Language) -> ImportView {
    let failure = import.failure.map(|failure| {
        let (message, remedy) = problem::fault_texts(texts, language, failure.as_str(), &[]);
        FailureView { code: failure, message, remedy }
    });
    ImportView {
        id: import.id,
        kind: import.kind,
        state: import.state,
        dry_run: import.dry_run,
        percent: percent(&import),
        rows_read: import.rows_read,
        created: import.rows_created,
        changed: import.rows_changed,
        unchanged: import.rows_unchanged,
        failed: import.rows_failed,
        failure,
        asked_by: import.asked_by,
        created_at: import.created_at,
        updated_at: import.updated_at,
        finished_at: import.finished_at,
    }
}

/// A hundred only when it is done.
fn percent(import: &Import) -> u8 {
    if import.state == ImportState::Done {
        return 100;
    }
    let share = i128::from(import.bytes_done) * 100 / i128::from(import.bytes_total.max(1));
    u8::try_from(share.clamp(0, 99)).unwrap_or(99)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::imports::{FileCode, RowCode};
    use crate::domain::registration::FaultCode;
    use crate::service::imports::RefusalCode;

    #[test]
    fn every_code_of_a_report_has_its_words_in_both_languages() {
        let texts = [("id.toml", include_str!("../../config/texts/id.toml")), ("en.toml", include_str!("../../config/texts/en.toml"))];
        let texts = Texts::load(texts[0], texts[1]).unwrap();
        let codes = FileCode::ALL.iter().map(|code| code.as_str());
        let codes = codes.chain(RowCode::ALL.iter().map(|code| code.as_str())).chain(FaultCode::ALL.iter().map(|code| code.as_str()));
        let codes = codes.chain(RefusalCode::ALL.iter().map(|code| code.as_str())).chain(ImportFailure::ALL.iter().map(|code| code.as_str()));
        let without: Vec<&str> = codes
            .chain([service::imports::NOT_STORED])
            .filter(|code| {
                [Language::Id, Language::En].iter().any(|language| {
                    let (message, remedy) = problem::fault_texts(&texts, *language, code, &[]);
                    message.is_empty() || remedy.is_empty()
                })
            })
            .collect();
        assert_eq!(without, Vec::<&str>::new());
    }

    #[test]
    fn only_what_is_done_has_a_hundred_percent() {
        let import = |state, bytes_done| {
            let at: UtcTime = "2026-11-21T08:00:00Z".parse().unwrap();
            Import {
                id: Id::from_bytes([1; 16]),
                kind: ImportKind::Participants,
                state,
                dry_run: false,
                bytes_total: 1_000,
                bytes_done,
                rows_read: 0,
                rows_created: 0,
                rows_changed: 0,
                rows_unchanged: 0,
                rows_failed: 0,
                failure: None,
                asked_by: Id::from_bytes([2; 16]),
                created_at: at,
                updated_at: at,
                finished_at: None,
            }
        };
        for (state, bytes_done, expected) in [
            (ImportState::Queued, 0, 0),
            (ImportState::Running, 555, 55),
            (ImportState::Running, 1_000, 99),
            (ImportState::Done, 0, 100),
            (ImportState::Cancelled, 555, 55),
        ] {
            assert_eq!(percent(&import(state, bytes_done)), expected, "{state} at {bytes_done}");
        }
    }
}
