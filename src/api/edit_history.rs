//! How often people agreed with the edits of claims, and what an edit would have done on past ones.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::Body;
use super::claim_analysis::{DaysRequest, days};
use super::edits::code_of;
use super::guard::Asked;
use super::idempotency::{Key, created};
use super::lists::{Listed, Page, period};
use super::query::Query;
use super::{Answer, State};
use crate::domain::adjudication::precision::Tally;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::service::edits;
use crate::store::edit_modes::BackTest;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PrecisionQuery {
    /// Day of the decision, not before; the first of the year, if left out.
    from: Option<NaiveDate>,
    /// Day of the decision, not after; today, if left out.
    to: Option<NaiveDate>,
}

/// What one edit found, claims counted once each, and what people made of it.
#[derive(Serialize, ToSchema)]
pub struct TallyView {
    /// Claims on which it found something.
    pub hits: u32,
    /// Of these, where it asked for a person.
    pub pended: u32,
    /// Of these, where a person decided: `upheld` and `overridden` together.
    pub decided: u32,
    /// The person did not pay, or not all, of what it spoke of.
    pub upheld: u32,
    /// The person paid it all the same.
    pub overridden: u32,
    /// `upheld` of a thousand `decided`; null where nothing was.
    pub precision_permille: Option<u32>,
    /// Claimed on the lines that it spoke of.
    pub amount_at_stake: Rupiah,
    /// Not paid of these lines, where it was upheld.
    pub amount_cut: Rupiah,
}

impl From<&Tally> for TallyView {
    fn from(tally: &Tally) -> Self {
        Self {
            hits: tally.hits,
            pended: tally.pended,
            decided: tally.decided,
            upheld: tally.upheld,
            overridden: tally.overridden,
            precision_permille: tally.permille(),
            amount_at_stake: tally.at_stake,
            amount_cut: tally.cut,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct EditPrecisionView {
    pub code: String,
    pub version: u16,
    pub active: TallyView,
    /// What it found while it was in the shadow: it cost nothing, and nobody was asked because of it.
    pub shadow: TallyView,
}

#[derive(Serialize, ToSchema)]
pub struct PrecisionView {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Claims that were decided on these days.
    pub claims: u32,
    /// Of these, by a person.
    pub decided_by_a_person: u32,
    pub edits: Vec<EditPrecisionView>,
}

/// How often people who decided claims agreed with what each edit had found.
#[utoipa::path(get, path = "/api/v1/edits/precision", tag = "claims", params(PrecisionQuery), responses((status = 200, body = PrecisionView)))]
pub async fn precision(state: web::Data<State>, asked: Asked, query: Query<PrecisionQuery>) -> Answer<web::Json<PrecisionView>> {
    let (from, to) = days(&state.0, &asked.context, query.0.from, query.0.to)?;
    let within = period(Some(from), Some(to), state.0.city.offset)?;
    let told = state.db(move |_, db| edits::precision(db, within)).await?;
    let view = |(edit, active, shadow): &(&crate::domain::adjudication::Edit, Tally, Tally)| EditPrecisionView {
        code: edit.code.to_owned(),
        version: edit.version,
        active: TallyView::from(active),
        shadow: TallyView::from(shadow),
    };
    Ok(web::Json(PrecisionView {
        from,
        to,
        claims: told.claims,
        decided_by_a_person: told.by_a_person,
        edits: told.edits.iter().map(view).collect(),
    }))
}

/// What an edit would have done on past claims, by itself.
#[derive(Serialize, ToSchema)]
pub struct BackTestView {
    pub id: Id,
    pub edit: String,
    pub edit_version: i32,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Claims that were looked at.
    pub claims: i32,
    /// Claims of these days that were not: older than the newest two thousand, or of a facility or rules that are gone.
    pub left_out: i32,
    pub hits: i32,
    pub pended: i32,
    pub decided: i32,
    pub upheld: i32,
    pub overridden: i32,
    /// `upheld` of a thousand `decided`; null where nothing was.
    pub precision_permille: Option<i32>,
    pub amount_at_stake: Rupiah,
    /// What it would not have paid.
    pub would_cut: Rupiah,
    /// What people did not pay of the lines that it spoke of, where they agreed.
    pub amount_cut: Rupiah,
    pub run_by: Id,
    pub run_at: UtcTime,
}

impl From<BackTest> for BackTestView {
    fn from(test: BackTest) -> Self {
        Self {
            precision_permille: test.upheld.saturating_mul(1000).checked_div(test.decided),
            id: test.id,
            edit: test.edit,
            edit_version: test.edit_version,
            from: test.first_day,
            to: test.last_day,
            claims: test.claims,
            left_out: test.left_out,
            hits: test.hits,
            pended: test.pended,
            decided: test.decided,
            upheld: test.upheld,
            overridden: test.overridden,
            amount_at_stake: test.at_stake,
            would_cut: test.would_cut,
            amount_cut: test.cut,
            run_by: test.run_by,
            run_at: test.run_at,
        }
    }
}

/// Runs an edit over the newest two thousand claims of these days of admission, and keeps what it would have done. No claim is changed.
#[utoipa::path(post, path = "/api/v1/edits/{code}/back-tests", tag = "claims", params(("code" = String, Path, max_length = 60)),
    request_body = DaysRequest, responses((status = 201, body = BackTestView)))]
pub async fn back_test(state: web::Data<State>, asked: Asked, key: Key, request: HttpRequest, body: Body<DaysRequest>) -> Answer<HttpResponse> {
    let (code, days) = (code_of(&request), body.value.in_order()?);
    let reply = |test: &BackTest| created(None, None, &BackTestView::from(test.clone()));
    state.once(asked, key, body.bytes, reply, move |app, db, context, once| edits::back_test(app, db, context, (&code, days), once)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BackTestsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// The back-tests of an edit, newest first.
#[utoipa::path(get, path = "/api/v1/edits/{code}/back-tests", tag = "claims", params(("code" = String, Path, max_length = 60), BackTestsQuery),
    responses((status = 200, body = Listed<BackTestView>)))]
pub async fn back_tests(state: web::Data<State>, request: HttpRequest, query: Query<BackTestsQuery>) -> Answer<web::Json<Listed<BackTestView>>> {
    let (code, page) = (code_of(&request), Page::new(query.0.limit, query.0.cursor.as_deref())?);
    let rows = state.db(move |_, db| edits::back_tests(db, &code, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |test| test.id, BackTestView::from)))
}
