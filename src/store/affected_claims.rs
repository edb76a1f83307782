//! Claims that were decided, and letters that were issued, before it was known that JKN covered days of the care.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::claim_analysis::PAID_FOR;
use super::claims::{Claim, Terms};
use super::db::Db;
use super::letters::Letter;
use crate::domain::id::Id;
use crate::domain::letters::LetterState;
use crate::error::Result;
use crate::schema::{claim_terms, claims, guarantee_letters};

/// What a period must be to touch a claim. Of people who were registered twice the period may lie under another of their records: those claims are all
/// looked at.
const TOUCHED: &str = "(EXISTS (SELECT 1 FROM jkn_periods p WHERE p.participant_id = claims.participant_id AND p.state = 'active' \
    AND p.recorded_at > claim_terms.decided_at AND p.valid_from <= coalesce(claims.discharged_on, claims.admitted_on) \
    AND (p.valid_to IS NULL OR p.valid_to >= claims.admitted_on)) \
    OR EXISTS (SELECT 1 FROM merges m WHERE m.participant_id = claims.participant_id) \
    OR EXISTS (SELECT 1 FROM merges m WHERE m.into_id = claims.participant_id))";

/// Claims that a period recorded after their decision may touch, newest first.
pub fn candidates(db: &mut Db, facility: Option<Id>, before: Option<Id>, limit: i64) -> Result<Vec<(Claim, Terms)>> {
    let mut query = claims::table
        .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
        .filter(claims::state.eq_any(PAID_FOR))
        .filter(sql::<Bool>(TOUCHED))
        .select((Claim::as_select(), Terms::as_select()))
        .into_boxed();
    if let Some(facility) = facility {
        query = query.filter(claims::facility_id.eq(facility));
    }
    if let Some(before) = before {
        query = query.filter(claims::id.lt(before));
    }
    Ok(query.order(claims::id.desc()).limit(limit).load(&mut db.connection)?)
}

/// The same of a letter that may still be used or billed: what was billed is asked of its claim.
const LETTER_TOUCHED: &str = "NOT EXISTS (SELECT 1 FROM live_claim_grounds g WHERE g.ground_id = guarantee_letters.id) \
    AND (EXISTS (SELECT 1 FROM jkn_periods p WHERE p.participant_id = guarantee_letters.participant_id AND p.state = 'active' \
    AND p.recorded_at > guarantee_letters.issued_at \
    AND p.valid_from <= coalesce(guarantee_letters.discharged_on, guarantee_letters.valid_until) \
    AND (p.valid_to IS NULL OR p.valid_to >= coalesce(guarantee_letters.admitted_on, guarantee_letters.valid_from))) \
    OR EXISTS (SELECT 1 FROM merges m WHERE m.participant_id = guarantee_letters.participant_id) \
    OR EXISTS (SELECT 1 FROM merges m WHERE m.into_id = guarantee_letters.participant_id))";

/// Letters that a period recorded after their issue may touch, newest first.
pub fn candidate_letters(db: &mut Db, facility: Option<Id>, before: Option<Id>, limit: i64) -> Result<Vec<Letter>> {
    let in_use = [LetterState::Provisional, LetterState::Issued, LetterState::Used];
    let mut query = guarantee_letters::table
        .filter(guarantee_letters::state.eq_any(in_use))
        .filter(sql::<Bool>(LETTER_TOUCHED))
        .select(Letter::as_select())
        .into_boxed();
    if let Some(facility) = facility {
        query = query.filter(guarantee_letters::facility_id.eq(facility));
    }
    if let Some(before) = before {
        query = query.filter(guarantee_letters::id.lt(before));
    }
    Ok(query.order(guarantee_letters::id.desc()).limit(limit).load(&mut db.connection)?)
}
