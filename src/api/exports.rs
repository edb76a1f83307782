//! Exports: sheets that leave the service, as CSV or XLSX, written while they are read. Why is asked for, and everyone on a sheet can see it.

use std::io::BufWriter;

use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use validator::Validate;

use super::body::Body;
use super::guard::Asked;
use super::{Answer, State, streams};
use crate::domain::exports::{ExportKind, Identifiers};
use crate::domain::id::Id;
use crate::domain::residency::VillageCode;
use crate::domain::roles::Role;
use crate::domain::sheets::SheetFormat;
use crate::error::{Code, Error, Result};
use crate::service::exports::{self, Filter, Wanted};

/// How many are written at once: each keeps a thread for as long as it is read.
static AT_ONCE: Semaphore = Semaphore::const_new(4);
/// Seconds after which somebody may have come to the end of theirs.
const TRY_AGAIN_AFTER: u32 = 30;
/// What is sent at once: a part for each cell would cost more than the cells.
const PART: usize = 64 * 1024;

#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    pub kind: ExportKind,
    #[serde(default)]
    #[schema(default = "csv")]
    pub format: Option<SheetFormat>,
    /// `full` is for an admin alone: NIK, KK, address, phone, mother's name and card number. Masked by default.
    #[serde(default)]
    pub identifiers: Option<Identifiers>,
    /// Why it is needed; it stands in the audit log, where whoever is on the sheet can be told of it.
    #[schema(min_length = 10, max_length = 500)]
    #[validate(length(min = 10, max = 500))]
    pub reason: String,
    /// Of participants: where they live.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{10}$")]
    pub village_code: Option<VillageCode>,
    /// Of participants and enrolments.
    #[serde(default)]
    #[schema(max_length = 40)]
    #[validate(length(max = 40))]
    pub state: Option<String>,
    /// Of enrolments the first day of filing, of checks the first date of service.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Of checks.
    #[serde(default)]
    pub facility_id: Option<Id>,
}

/// A sheet of people, enrolments or checks. Rows come in the order in which they were entered; what is entered meanwhile may be on it. A sheet that
/// breaks off is not whole: the connection ends without its last part.
#[utoipa::path(post, path = "/api/v1/exports", tag = "exports", request_body = ExportRequest,
    responses((status = 200, description = "The sheet.", content((String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 503, description = "`BUSY`: as many as can be written at once are.")))]
pub async fn write(state: web::Data<State>, asked: Asked, body: Body<ExportRequest>) -> Answer<HttpResponse> {
    let wanted = wanted(body.value, asked.caller.role)?;
    let place = AT_ONCE.try_acquire().map_err(|_| Error::throttled(Code::Busy, TRY_AGAIN_AFTER))?;
    let (context, begun) = (asked.context.clone(), wanted.clone());
    let id = state.db(move |_, db| exports::begin(db, &context, &begun)).await?;
    let (app, context, format, kind) = (state.0.clone(), asked.context, wanted.format, wanted.kind);
    let answer = streams::written(move |sink| {
        let written = exports::run(&app, &context, id, &wanted, BufWriter::with_capacity(PART, sink));
        drop(place);
        written.map(drop)
    });
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        // Packing would hold back small parts, and a workbook is packed.
        .insert_header(ContentEncoding::Identity)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{kind}-{id}.{format}\"")))
        .body(answer))
}

fn wanted(request: ExportRequest, role: Role) -> Result<Wanted> {
    let ExportRequest { kind, format, identifiers, reason, village_code, state, from, to, facility_id } = request;
    let identifiers = identifiers.unwrap_or(Identifiers::Masked);
    if identifiers == Identifiers::Full && role != Role::Admin {
        return Err(Error::refused(Code::NotAllowed));
    }
    let filter = Filter { village_code, state, from, to, facility_id };
    Wanted::new(kind, format.unwrap_or(SheetFormat::Csv), identifiers, filter, reason)
}
