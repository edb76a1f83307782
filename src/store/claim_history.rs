//! What was claimed and paid before for a person, for those who judge another claim. Read under the lock of the person: two claims at once pass no limit
//! together.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::claim_parts::{ClaimCode, ClaimLine};
use super::claims::Claim;
use super::db::{AnyConnection, Db, Tx};
use crate::domain::adjudication::{PastClaim, PastLine};
use crate::domain::claims::ClaimState;
use crate::domain::icd9cm::Icd9Code;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::error::Result;
use crate::schema::{claim_codes, claim_lines, claims, participants};

/// Of what was rejected the newest are read: they only show whether this claim should name one of them.
const MOST_REJECTED: i64 = 200;

/// Holds these records for the rest of the transaction, in one order, so that nobody waits for somebody who waits for them.
pub fn lock_people(tx: &mut Tx, records: &[Id]) -> Result<()> {
    // On SQLite the transaction holds the whole file already.
    if let AnyConnection::Postgres(connection) = &mut tx.db.connection {
        let held = participants::table.filter(participants::id.eq_any(records)).order(participants::id).select(participants::id);
        held.for_update().load::<Id>(connection)?;
    }
    Ok(())
}

/// The claims of some people that are live or were rejected, newest first. Live ones are all there: however many there are, none may be pushed out of
/// sight by others.
#[derive(Default)]
pub struct History {
    live: Vec<Claim>,
    rejected: Vec<Claim>,
    lines: HashMap<Id, Vec<PastLine>>,
    procedures: HashMap<Id, Vec<(Icd9Code, NaiveDate)>>,
}

impl History {
    /// The history of these records of one person.
    pub fn of_one(db: &mut Db, records: &[Id]) -> Result<Self> {
        Self::read(db, records, MOST_REJECTED)
    }

    /// The history of many people at once; none where so much of theirs was rejected that each must be read for themselves.
    pub fn of_many(db: &mut Db, records: &[Id]) -> Result<Option<Self>> {
        let history = Self::read(db, records, MOST_REJECTED + 1)?;
        Ok(Some(history).filter(|history| i64::try_from(history.rejected.len()).is_ok_and(|rejected| rejected <= MOST_REJECTED)))
    }

    fn read(db: &mut Db, records: &[Id], most_rejected: i64) -> Result<Self> {
        let live: Vec<ClaimState> = ClaimState::ALL.iter().copied().filter(|state| state.is_live() && *state != ClaimState::Draft).collect();
        let all = || claims::table.filter(claims::participant_id.eq_any(records)).select(Claim::as_select()).order(claims::admitted_on.desc());
        let live: Vec<Claim> = all().filter(claims::state.eq_any(live)).load(&mut db.connection)?;
        let rejected: Vec<Claim> = all().filter(claims::state.eq(ClaimState::Rejected)).limit(most_rejected).load(&mut db.connection)?;
        let mut history = Self { live, rejected, ..Self::default() };
        let ids: Vec<Id> = history.live.iter().chain(&history.rejected).map(|claim| claim.id).collect();
        // Chunks keep a statement below SQLite's number of binds.
        for ids in ids.chunks(2_000) {
            for line in claim_lines::table.filter(claim_lines::claim_id.eq_any(ids)).select(ClaimLine::as_select()).load(&mut db.connection)? {
                history.lines.entry(line.claim_id).or_default().push(PastLine {
                    tariff_code: line.tariff_code,
                    date: line.service_date,
                    quantity: line.quantity,
                    claimed: line.claimed_amount,
                    approved: line.approved_amount,
                    paid: line.paid_amount,
                });
            }
            let codes = claim_codes::table.filter(claim_codes::claim_id.eq_any(ids)).filter(claim_codes::kind.eq("procedure"));
            for ClaimCode { claim_id, code, service_date, .. } in codes.select(ClaimCode::as_select()).load(&mut db.connection)? {
                if let (Ok(code), Some(date)) = (code.parse(), service_date) {
                    history.procedures.entry(claim_id).or_default().push((code, date));
                }
            }
        }
        Ok(history)
    }

    /// The claims of these records, but for one.
    pub fn of(&self, records: &[Id], but: Option<Id>) -> Vec<PastClaim> {
        let others = |claim: &&Claim| records.contains(&claim.participant_id) && Some(claim.id) != but;
        let live: Vec<&Claim> = self.live.iter().filter(others).collect();
        let replaced: Vec<Id> = live.iter().filter_map(|claim| claim.replaces_claim_id).collect();
        live.into_iter()
            .chain(self.rejected.iter().filter(others))
            .map(|claim| PastClaim {
                replaced: replaced.contains(&claim.id),
                earlier: but.is_none_or(|but| claim.id < but),
                lines: self.lines.get(&claim.id).cloned().unwrap_or_default(),
                procedures: self.procedures.get(&claim.id).cloned().unwrap_or_default(),
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
            .collect()
    }

    /// What was approved, or would be, for these records in care of these dates, but for one claim.
    pub fn used_between(&self, records: &[Id], (from, to): (NaiveDate, NaiveDate), but: Option<Id>) -> Rupiah {
        let counts = |claim: &&Claim| {
            records.contains(&claim.participant_id)
                && Some(claim.id) != but
                && COUNTED.contains(&claim.state)
                && (from..=to).contains(&claim.admitted_on)
        };
        sum(self.live.iter().filter(counts).map(|claim| (claim.payable_amount, claim.approved_amount)))
    }
}

/// The states in which a claim uses up what a person may have.
const COUNTED: [ClaimState; 9] = [
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

/// A sum that does not fit is far above any limit.
fn sum(amounts: impl Iterator<Item = (Rupiah, Rupiah)>) -> Rupiah {
    Rupiah::sum(amounts.map(|(payable, approved)| payable.max(approved))).unwrap_or(Rupiah(i64::MAX))
}

/// The same of many people together, as it is stored.
pub fn used_between(db: &mut Db, records: &[Id], (from, to): (NaiveDate, NaiveDate), but: Option<Id>) -> Result<Rupiah> {
    let mut query = claims::table
        .filter(claims::participant_id.eq_any(records))
        .filter(claims::state.eq_any(COUNTED))
        .filter(claims::admitted_on.between(from, to))
        .select((claims::payable_amount, claims::approved_amount))
        .into_boxed();
    if let Some(but) = but {
        query = query.filter(claims::id.ne(but));
    }
    let amounts: Vec<(Rupiah, Rupiah)> = query.load(&mut db.connection)?;
    Ok(sum(amounts.into_iter()))
}
