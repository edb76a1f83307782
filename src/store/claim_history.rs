//! What was claimed and paid before for a person, for those who judge another claim. Read under the lock of the person: two claims at once pass no limit
//! together.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::claim_parts::{ClaimCode, ClaimLine};
use super::claims::Claim;
use super::db::{Db, Tx, locked};
use crate::domain::adjudication::{PastClaim, PastLine};
use crate::domain::claims::ClaimState;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::error::Result;
use crate::schema::{claim_codes, claim_lines, claims, participants};

/// Of what was rejected the newest are read: they only show whether this claim should name one of them.
const MOST_REJECTED: i64 = 200;

/// Holds these records for the rest of the transaction. They come sorted, so that everybody takes them in the same order.
pub fn lock_people(tx: &mut Tx, records: &[Id]) -> Result<()> {
    for record in records {
        let _: Option<Id> = locked!(tx, participants::table.find(*record).select(participants::id), first).optional()?;
    }
    Ok(())
}

/// The other claims of these records of a person that are live or were rejected, newest first. Live ones are all read: however many there are, none may be
/// pushed out of sight by others.
pub fn of_person(db: &mut Db, records: &[Id], but: Option<Id>) -> Result<Vec<PastClaim>> {
    let live: Vec<ClaimState> = ClaimState::ALL.iter().copied().filter(|state| state.is_live() && *state != ClaimState::Draft).collect();
    // No id is all zeros.
    let but_id = but.unwrap_or(Id::from_bytes([0; 16]));
    let others = || claims::table.filter(claims::participant_id.eq_any(records)).filter(claims::id.ne(but_id)).select(Claim::as_select());
    let mut rows: Vec<Claim> = others().filter(claims::state.eq_any(live)).order(claims::admitted_on.desc()).load(&mut db.connection)?;
    let replaced: Vec<Id> = rows.iter().filter_map(|claim| claim.replaces_claim_id).collect();
    let rejected = others().filter(claims::state.eq(ClaimState::Rejected)).order(claims::admitted_on.desc()).limit(MOST_REJECTED);
    rows.extend(rejected.load::<Claim>(&mut db.connection)?);
    let ids: Vec<Id> = rows.iter().map(|claim| claim.id).collect();
    let mut lines: HashMap<Id, Vec<PastLine>> = HashMap::new();
    for line in claim_lines::table.filter(claim_lines::claim_id.eq_any(&ids)).select(ClaimLine::as_select()).load(&mut db.connection)? {
        lines.entry(line.claim_id).or_default().push(PastLine {
            tariff_code: line.tariff_code,
            date: line.service_date,
            quantity: line.quantity,
            claimed: line.claimed_amount,
            approved: line.approved_amount,
            paid: line.paid_amount,
        });
    }
    let mut procedures: HashMap<Id, Vec<_>> = HashMap::new();
    let codes = claim_codes::table.filter(claim_codes::claim_id.eq_any(&ids)).filter(claim_codes::kind.eq("procedure"));
    for ClaimCode { claim_id, code, service_date, .. } in codes.select(ClaimCode::as_select()).load(&mut db.connection)? {
        if let (Ok(code), Some(date)) = (code.parse(), service_date) {
            procedures.entry(claim_id).or_default().push((code, date));
        }
    }
    Ok(rows
        .into_iter()
        .map(|claim| PastClaim {
            replaced: replaced.contains(&claim.id),
            earlier: but.is_none_or(|but| claim.id < but),
            lines: lines.remove(&claim.id).unwrap_or_default(),
            procedures: procedures.remove(&claim.id).unwrap_or_default(),
            principal: claim.principal_diagnosis.as_deref().and_then(|code| code.parse().ok()),
            id: claim.id,
            facility_id: claim.facility_id,
            state: claim.state,
            care_type: claim.care_type,
            admitted_on: claim.admitted_on,
            discharged_on: claim.discharged_on,
            discharge_status: claim.discharge_status,
            claimed: claim.claimed_amount,
            approved: claim.approved_amount,
        })
        .collect())
}

/// What was approved, or would be, for these records in care of these dates, but for one claim.
pub fn used_between(db: &mut Db, records: &[Id], (from, to): (NaiveDate, NaiveDate), but: Option<Id>) -> Result<Rupiah> {
    let counted = [
        ClaimState::Submitted,
        ClaimState::Complete,
        ClaimState::InVerification,
        ClaimState::Approved,
        ClaimState::ApprovedPartial,
        ClaimState::Disputed,
        ClaimState::PaymentOrdered,
        ClaimState::Paid,
        ClaimState::Recheck,
    ];
    let mut query = claims::table
        .filter(claims::participant_id.eq_any(records))
        .filter(claims::state.eq_any(counted))
        .filter(claims::admitted_on.between(from, to))
        .select((claims::payable_amount, claims::approved_amount))
        .into_boxed();
    if let Some(but) = but {
        query = query.filter(claims::id.ne(but));
    }
    let amounts: Vec<(Rupiah, Rupiah)> = query.load(&mut db.connection)?;
    // A sum that does not fit is far above any limit.
    Ok(Rupiah::sum(amounts.into_iter().map(|(payable, approved)| payable.max(approved))).unwrap_or(Rupiah(i64::MAX)))
}
