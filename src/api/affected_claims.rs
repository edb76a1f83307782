//! Claims that were decided, and letters that were issued, before it was known that JKN covered days of the care.

use actix_web::web;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Asked;
use super::lists::{Listed, Page};
use super::query::Query;
use super::{Answer, State};
use crate::domain::claims::ClaimState;
use crate::domain::eligibility::CareType;
use crate::domain::id::Id;
use crate::domain::jkn::{JknPeriod, JknSegment};
use crate::domain::letters::LetterState;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::service::affected_claims::{self, Affected, AffectedLetter};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AffectedClaimsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    cursor: Option<String>,
    facility_id: Option<Id>,
}

/// A membership that was learnt of after the decision.
#[derive(Serialize, ToSchema)]
pub struct LateMembershipView {
    pub segment: JknSegment,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub recorded_at: UtcTime,
}

fn late(memberships: Vec<(JknPeriod, UtcTime)>) -> Vec<LateMembershipView> {
    let view = |(period, recorded_at): (JknPeriod, UtcTime)| {
        let JknPeriod { valid_from, valid_to, segment, state: _ } = period;
        LateMembershipView { segment, valid_from, valid_to, recorded_at }
    };
    memberships.into_iter().map(view).collect()
}

#[derive(Serialize, ToSchema)]
pub struct AffectedClaimView {
    pub id: Id,
    pub number: String,
    pub facility_claim_number: String,
    pub state: ClaimState,
    pub facility_id: Id,
    pub participant_id: Id,
    pub care_type: CareType,
    pub admitted_on: NaiveDate,
    pub discharged_on: Option<NaiveDate>,
    pub decided_at: Option<UtcTime>,
    pub memberships: Vec<LateMembershipView>,
    /// Days of the care on which one of them covered the patient.
    pub covered_days: usize,
    pub approved_amount: Rupiah,
    pub paid_amount: Rupiah,
    /// What the hospital paid back.
    pub recovered_amount: Rupiah,
    /// All that was approved or paid and did not come back: who covers a day of a stay may cover the stay.
    pub amount_at_stake: Rupiah,
}

impl From<Affected> for AffectedClaimView {
    fn from(affected: Affected) -> Self {
        let amount_at_stake = affected.at_stake();
        let Affected { claim, terms, memberships, days, recovered } = affected;
        Self {
            id: claim.id,
            number: claim.number,
            facility_claim_number: claim.facility_claim_number,
            state: claim.state,
            facility_id: claim.facility_id,
            participant_id: claim.participant_id,
            care_type: claim.care_type,
            admitted_on: claim.admitted_on,
            discharged_on: claim.discharged_on,
            decided_at: terms.decided_at,
            memberships: late(memberships),
            covered_days: days,
            approved_amount: claim.approved_amount,
            paid_amount: claim.paid_amount,
            recovered_amount: recovered,
            amount_at_stake,
        }
    }
}

/// Claims that were approved or paid and on days of which JKN covered the patient, as was recorded, corrected or reconciled only after the decision. Newest
/// claims first. One that is decided again with this in view leaves the list.
#[utoipa::path(get, path = "/api/v1/affected-claims", tag = "claims", params(AffectedClaimsQuery),
    responses((status = 200, body = Listed<AffectedClaimView>)))]
pub async fn list(state: web::Data<State>, asked: Asked, query: Query<AffectedClaimsQuery>) -> Answer<web::Json<Listed<AffectedClaimView>>> {
    let AffectedClaimsQuery { limit, cursor, facility_id } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let rows = state.db(move |app, db| affected_claims::list(app, db, &asked.context, facility_id, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |affected| affected.claim.id, AffectedClaimView::from)))
}

#[derive(Serialize, ToSchema)]
pub struct AffectedLetterView {
    pub id: Id,
    pub number: String,
    pub state: LetterState,
    pub facility_id: Id,
    pub participant_id: Id,
    pub care_type: CareType,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub admitted_on: Option<NaiveDate>,
    pub discharged_on: Option<NaiveDate>,
    pub issued_at: UtcTime,
    pub memberships: Vec<LateMembershipView>,
    /// Days of the stay, or of the letter where nobody was admitted, on which one of them covers the patient.
    pub covered_days: usize,
    /// What the letter keeps aside in the budget.
    pub amount_at_stake: Rupiah,
}

impl From<AffectedLetter> for AffectedLetterView {
    fn from(AffectedLetter { letter, memberships, days }: AffectedLetter) -> Self {
        Self {
            memberships: late(memberships),
            covered_days: days,
            amount_at_stake: letter.reserved_amount,
            id: letter.id,
            number: letter.number,
            state: letter.state,
            facility_id: letter.facility_id,
            participant_id: letter.participant_id,
            care_type: letter.care_type,
            valid_from: letter.valid_from,
            valid_until: letter.valid_until,
            admitted_on: letter.admitted_on,
            discharged_on: letter.discharged_on,
            issued_at: letter.issued_at,
        }
    }
}

/// Letters in use that are not billed yet and on days of which JKN covers the patient, as was recorded only after their issue. Newest first.
#[utoipa::path(get, path = "/api/v1/affected-letters", tag = "letters", params(AffectedClaimsQuery),
    responses((status = 200, body = Listed<AffectedLetterView>)))]
pub async fn letters(state: web::Data<State>, asked: Asked, query: Query<AffectedClaimsQuery>) -> Answer<web::Json<Listed<AffectedLetterView>>> {
    let AffectedClaimsQuery { limit, cursor, facility_id } = query.0;
    let page = Page::new(limit, cursor.as_deref())?;
    let rows = state.db(move |app, db| affected_claims::letters(app, db, &asked.context, facility_id, page.before, page.limit)).await?;
    Ok(web::Json(Listed::from_rows(rows, page, |affected| affected.letter.id, AffectedLetterView::from)))
}
