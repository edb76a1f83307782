//! Past claims as reports read them: in pages or in sums, so that a million lines never lie in memory.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::claim_parts::{ClaimHit, ClaimLine};
use super::db::{Db, total};
use crate::domain::claims::{ClaimState, LineState};
use crate::domain::eligibility::{CareType, WardClass};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::{Period, UtcTime};
use crate::error::Result;
use crate::schema::{claim_hits, claim_lines, claim_terms, claims};

/// The states in which amounts were decided and not all of it was refused.
pub const PAID_FOR: [ClaimState; 6] =
    [ClaimState::Approved, ClaimState::ApprovedPartial, ClaimState::Disputed, ClaimState::PaymentOrdered, ClaimState::Paid, ClaimState::Recheck];

/// The states in which a decision stands, a refusal too.
pub const DECIDED: [ClaimState; 7] = [
    ClaimState::Approved,
    ClaimState::ApprovedPartial,
    ClaimState::Rejected,
    ClaimState::Disputed,
    ClaimState::PaymentOrdered,
    ClaimState::Paid,
    ClaimState::Recheck,
];

/// What of a claim a price depends on.
#[derive(Queryable, Debug, Clone, Copy)]
pub struct Priceable {
    pub id: Id,
    pub facility_id: Id,
    pub care_type: CareType,
    pub ward_class: Option<WardClass>,
    pub admitted_on: NaiveDate,
    pub payment_percent: i32,
}

/// The next claims of these days of admission that were decided, after the one that was read last.
pub fn priceable(db: &mut Db, (from, to): (NaiveDate, NaiveDate), after: Option<(NaiveDate, Id)>, limit: i64) -> Result<Vec<Priceable>> {
    let mut query = claims::table
        .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
        // From where the last page ended, so that no page looks through those before it.
        .filter(claims::admitted_on.between(after.map_or(from, |(day, _)| day), to))
        .filter(claims::state.eq_any(PAID_FOR))
        .select((claims::id, claims::facility_id, claims::care_type, claims::ward_class, claims::admitted_on, claim_terms::payment_percent))
        .into_boxed();
    if let Some((day, id)) = after {
        query = query.filter(claims::admitted_on.gt(day).or(claims::admitted_on.eq(day).and(claims::id.gt(id))));
    }
    Ok(query.order((claims::admitted_on, claims::id)).limit(limit).load(&mut db.connection)?)
}

/// The lines of these claims.
pub fn lines_of(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, Vec<ClaimLine>>> {
    let mut lines: HashMap<Id, Vec<ClaimLine>> = HashMap::with_capacity(ids.len());
    let rows = claim_lines::table.filter(claim_lines::claim_id.eq_any(ids)).select(ClaimLine::as_select()).order(claim_lines::line);
    for line in rows.load(&mut db.connection)? {
        lines.entry(line.claim_id).or_default().push(line);
    }
    Ok(lines)
}

/// What edits found on these claims.
pub fn hits_of(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, Vec<ClaimHit>>> {
    let mut hits: HashMap<Id, Vec<ClaimHit>> = HashMap::with_capacity(ids.len());
    let rows = claim_hits::table.filter(claim_hits::claim_id.eq_any(ids)).select(ClaimHit::as_select()).order(claim_hits::position);
    for hit in rows.load(&mut db.connection)? {
        hits.entry(hit.claim_id).or_default().push(hit);
    }
    Ok(hits)
}

/// How many claims of these days stand in which state, and what they claimed.
pub fn by_state(db: &mut Db, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<(ClaimState, i64, Rupiah)>> {
    let query = claims::table.filter(claims::admitted_on.between(from, to)).group_by(claims::state).order(claims::state);
    Ok(query.select((claims::state, count_star(), total!("claims.claimed_amount"))).load(&mut db.connection)?)
}

/// Sums over lines that were decided.
#[derive(Queryable, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineSums {
    pub lines: i64,
    pub claimed: Rupiah,
    pub tariff: Rupiah,
    pub approved: Rupiah,
    pub refused_lines: i64,
    pub refused_claimed: Rupiah,
    /// Of lines that were not refused and tell what they cost.
    pub costed_lines: i64,
    pub hospital_cost: Rupiah,
    pub approved_of_costed: Rupiah,
}

macro_rules! decided_lines {
    ($period:expr, $facility:expr) => {{
        let (period, facility): ((NaiveDate, NaiveDate), Option<Id>) = ($period, $facility);
        claim_lines::table
            .inner_join(claims::table.on(claims::id.eq(claim_lines::claim_id)))
            .filter(claims::admitted_on.between(period.0, period.1))
            .filter(claims::state.eq_any(DECIDED))
            .filter(claim_lines::state.ne(LineState::Pending))
            // A condition rather than another query: a grouped one cannot be put together piece by piece.
            .filter(facility.is_none().into_sql::<Bool>().or(claims::facility_id.eq(facility.unwrap_or(Id::from_bytes([0; 16])))))
    }};
}

macro_rules! line_sums {
    () => {
        (
            count_star(),
            total!("claim_lines.claimed_amount"),
            total!("claim_lines.tariff_amount"),
            total!("claim_lines.approved_amount"),
            total!("CASE WHEN claim_lines.state = 'rejected' THEN 1 ELSE 0 END"),
            total!("CASE WHEN claim_lines.state = 'rejected' THEN claim_lines.claimed_amount ELSE 0 END"),
            total!("CASE WHEN claim_lines.state <> 'rejected' AND claim_lines.hospital_cost IS NOT NULL THEN 1 ELSE 0 END"),
            total!("CASE WHEN claim_lines.state <> 'rejected' THEN claim_lines.hospital_cost ELSE 0 END"),
            total!("CASE WHEN claim_lines.state <> 'rejected' AND claim_lines.hospital_cost IS NOT NULL THEN claim_lines.approved_amount ELSE 0 END"),
        )
    };
}

pub fn sums(db: &mut Db, period: (NaiveDate, NaiveDate), facility: Option<Id>) -> Result<LineSums> {
    Ok(decided_lines!(period, facility).select(line_sums!()).first(&mut db.connection)?)
}

pub fn sums_by_facility(db: &mut Db, period: (NaiveDate, NaiveDate), facility: Option<Id>) -> Result<Vec<(Id, LineSums)>> {
    let query = decided_lines!(period, facility).group_by(claims::facility_id).order(claims::facility_id);
    Ok(query.select((claims::facility_id, line_sums!())).load(&mut db.connection)?)
}

/// By code, those first that fall shortest of what they cost.
pub fn sums_by_code(db: &mut Db, period: (NaiveDate, NaiveDate), facility: Option<Id>, limit: i64) -> Result<Vec<(String, LineSums)>> {
    let short = total!(
        "CASE WHEN claim_lines.state <> 'rejected' AND claim_lines.hospital_cost IS NOT NULL THEN claim_lines.hospital_cost - claim_lines.approved_amount ELSE 0 END"
    );
    let query = decided_lines!(period, facility).group_by(claim_lines::tariff_code).order((short.desc(), claim_lines::tariff_code)).limit(limit);
    Ok(query.select((claim_lines::tariff_code, line_sums!())).load(&mut db.connection)?)
}

/// A claim on which a decision stands.
#[derive(Queryable, Debug, Clone, Copy)]
pub struct Decided {
    pub id: Id,
    pub decided_at: UtcTime,
    /// None: it decided itself.
    pub decided_by: Option<Id>,
}

/// The next claims that were decided in this time, after the one that was read last.
pub fn decided(db: &mut Db, period: Period, after: Option<(UtcTime, Id)>, limit: i64) -> Result<Vec<Decided>> {
    let mut query = claim_terms::table
        .inner_join(claims::table.on(claims::id.eq(claim_terms::claim_id)))
        .filter(claims::state.eq_any(DECIDED))
        .filter(claim_terms::decided_at.is_not_null())
        .select((claims::id, claim_terms::decided_at.assume_not_null(), claim_terms::decided_by))
        .into_boxed();
    if let Some(from) = after.map(|(at, _)| at).or(period.from) {
        query = query.filter(claim_terms::decided_at.ge(from));
    }
    if let Some(until) = period.until {
        query = query.filter(claim_terms::decided_at.lt(until));
    }
    if let Some((at, id)) = after {
        query = query.filter(claim_terms::decided_at.gt(at).or(claim_terms::decided_at.eq(at).and(claims::id.gt(id))));
    }
    Ok(query.order((claim_terms::decided_at, claims::id)).limit(limit).load(&mut db.connection)?)
}

/// The newest claims of these days of admission that were handed in, before the one that was read last.
pub fn handed_in(db: &mut Db, (from, to): (NaiveDate, NaiveDate), before: Option<Id>, limit: i64) -> Result<Vec<Id>> {
    let left_out = [ClaimState::Draft, ClaimState::Returned, ClaimState::Withdrawn, ClaimState::Expired];
    let mut query = claims::table
        .filter(claims::admitted_on.between(from, to))
        .filter(claims::state.ne_all(left_out))
        .select(claims::id)
        .order(claims::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(claims::id.lt(before));
    }
    Ok(query.load(&mut db.connection)?)
}

pub fn count_handed_in(db: &mut Db, (from, to): (NaiveDate, NaiveDate)) -> Result<i64> {
    let left_out = [ClaimState::Draft, ClaimState::Returned, ClaimState::Withdrawn, ClaimState::Expired];
    let query = claims::table.filter(claims::admitted_on.between(from, to)).filter(claims::state.ne_all(left_out));
    Ok(query.select(count_star()).first(&mut db.connection)?)
}
