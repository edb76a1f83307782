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

/// All records of the person of a row: those above the one that it names, and all that were merged into any of these.
macro_rules! records_of {
    ($record:literal) => {
        concat!(
            "WITH RECURSIVE above(id) AS (SELECT ",
            $record,
            " UNION SELECT m.into_id FROM merges m JOIN above ON m.participant_id = above.id), \
            family(id) AS (SELECT id FROM above UNION SELECT m.participant_id FROM merges m JOIN family ON m.into_id = family.id) "
        )
    };
}

/// What a period must be to touch a claim, under whichever record of the person it was told. What was paid back in full is settled.
const TOUCHED: &str = concat!(
    "EXISTS (",
    records_of!("claims.participant_id"),
    "SELECT 1 FROM jkn_periods p JOIN family ON p.participant_id = family.id WHERE p.state = 'active' \
    AND p.recorded_at > claim_terms.decided_at AND p.valid_from <= coalesce(claims.discharged_on, claims.admitted_on) \
    AND (p.valid_to IS NULL OR p.valid_to >= claims.admitted_on)) \
    AND NOT (claims.paid_amount > 0 \
    AND claims.paid_amount <= coalesce((SELECT sum(r.repaid_amount) FROM recoveries r WHERE r.claim_id = claims.id), 0))"
);

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
const LETTER_TOUCHED: &str = concat!(
    "NOT EXISTS (SELECT 1 FROM live_claim_grounds g WHERE g.ground_id = guarantee_letters.id) AND EXISTS (",
    records_of!("guarantee_letters.participant_id"),
    "SELECT 1 FROM jkn_periods p JOIN family ON p.participant_id = family.id WHERE p.state = 'active' \
    AND p.recorded_at > guarantee_letters.issued_at \
    AND p.valid_from <= coalesce(guarantee_letters.discharged_on, guarantee_letters.valid_until) \
    AND (p.valid_to IS NULL OR p.valid_to >= coalesce(guarantee_letters.admitted_on, guarantee_letters.valid_from)))"
);

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
