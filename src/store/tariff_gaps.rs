//! By how much what was approved falls short of what it cost, as sums of each hospital and month of admission, and by code.
//!
//! What counts is what `claim_analysis` says: lines that were decided, of claims on which a decision stands; costs only of lines that were not refused.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::claim_analysis::DECIDED;
use super::claim_sums::{replace, total};
use super::db::{Db, Tx, on_each};
use super::summaries::{NO_FACILITY, Part};
use crate::domain::claims::LineState;
use crate::domain::eligibility::CareType;
use crate::domain::figures::{Scope, last_of_month};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::error::Result;
use crate::schema::{claim_lines, claims, tariff_gap_codes, tariff_gap_sums};

/// Sums over decided lines.
#[derive(Queryable, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gap {
    pub lines: i64,
    pub claimed: i64,
    pub tariff: i64,
    pub approved: i64,
    /// Those that were not refused and tell what they cost.
    pub costed_lines: i64,
    pub hospital_cost: i64,
    pub shortfall: i64,
}

impl Gap {
    fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.claimed += other.claimed;
        self.tariff += other.tariff;
        self.approved += other.approved;
        self.costed_lines += other.costed_lines;
        self.hospital_cost += other.hospital_cost;
        self.shortfall += other.shortfall;
    }
}

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = tariff_gap_sums, primary_key(month, facility_id, care_type))]
struct SumRow {
    month: NaiveDate,
    facility_id: Id,
    care_type: CareType,
    lines: i64,
    claimed: i64,
    tariff: i64,
    approved: i64,
    costed_lines: i64,
    hospital_cost: i64,
    shortfall: i64,
}

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = tariff_gap_codes, primary_key(facility_id, month, code, care_type))]
struct CodeRow {
    facility_id: Id,
    month: NaiveDate,
    code: String,
    care_type: CareType,
    lines: i64,
    claimed: i64,
    tariff: i64,
    approved: i64,
    costed_lines: i64,
    hospital_cost: i64,
    shortfall: i64,
}

type Codes = BTreeMap<(String, CareType), Gap>;

/// What of a line is counted.
#[derive(Queryable)]
struct Line {
    care_type: CareType,
    code: String,
    state: LineState,
    claimed: Rupiah,
    tariff: Option<Rupiah>,
    hospital_cost: Option<Rupiah>,
    approved: Rupiah,
}

impl Line {
    fn gap(&self) -> Gap {
        let cost = self.hospital_cost.filter(|_| self.state != LineState::Rejected);
        Gap {
            lines: 1,
            claimed: self.claimed.0,
            tariff: self.tariff.unwrap_or_default().0,
            approved: self.approved.0,
            costed_lines: i64::from(cost.is_some()),
            hospital_cost: cost.unwrap_or_default().0,
            shortfall: cost.map_or(0, |cost| cost.0 - self.approved.0),
        }
    }
}

pub(super) fn recount(tx: &mut Tx, facility: Id, month: NaiveDate) -> Result<()> {
    let lines: Vec<Line> = claim_lines::table
        .inner_join(claims::table.on(claims::id.eq(claim_lines::claim_id)))
        .filter(claims::facility_id.eq(facility))
        .filter(claims::admitted_on.between(month, last_of_month(month)))
        .filter(claims::state.eq_any(DECIDED))
        .filter(claim_lines::state.ne(LineState::Pending))
        .select((
            claims::care_type,
            claim_lines::tariff_code,
            claim_lines::state,
            claim_lines::claimed_amount,
            claim_lines::tariff_amount,
            claim_lines::hospital_cost,
            claim_lines::approved_amount,
        ))
        .load(&mut tx.db.connection)?;
    let (mut sums, mut codes): (BTreeMap<CareType, Gap>, Codes) = (BTreeMap::new(), BTreeMap::new());
    for line in lines {
        let gap = line.gap();
        sums.entry(line.care_type).or_default().add(&gap);
        codes.entry((line.code, line.care_type)).or_default().add(&gap);
    }
    let of_sums = |(care_type, gap): (_, Gap)| SumRow {
        month,
        facility_id: facility,
        care_type,
        lines: gap.lines,
        claimed: gap.claimed,
        tariff: gap.tariff,
        approved: gap.approved,
        costed_lines: gap.costed_lines,
        hospital_cost: gap.hospital_cost,
        shortfall: gap.shortfall,
    };
    let kept = tariff_gap_sums::table.filter(tariff_gap_sums::facility_id.eq(facility)).filter(tariff_gap_sums::month.eq(month));
    replace!(tx, SumRow, tariff_gap_sums, kept, sums.into_iter().map(of_sums));
    store_codes(tx, facility, month, codes)
}

fn store_codes(tx: &mut Tx, facility: Id, month: NaiveDate, codes: Codes) -> Result<()> {
    let of_codes = |((code, care_type), gap): (_, Gap)| CodeRow {
        facility_id: facility,
        month,
        code,
        care_type,
        lines: gap.lines,
        claimed: gap.claimed,
        tariff: gap.tariff,
        approved: gap.approved,
        costed_lines: gap.costed_lines,
        hospital_cost: gap.hospital_cost,
        shortfall: gap.shortfall,
    };
    let kept = tariff_gap_codes::table.filter(tariff_gap_codes::facility_id.eq(facility)).filter(tariff_gap_codes::month.eq(month));
    replace!(tx, CodeRow, tariff_gap_codes, kept, codes.into_iter().map(of_codes));
    Ok(())
}

macro_rules! gap {
    () => {
        (
            total!("lines"),
            total!("claimed"),
            total!("tariff"),
            total!("approved"),
            total!("costed_lines"),
            total!("hospital_cost"),
            total!("shortfall"),
        )
    };
}

/// Every month that has sums of hospitals, or totals of them.
pub fn parts_of_totals(db: &mut Db) -> Result<BTreeSet<Part>> {
    let months: Vec<NaiveDate> = tariff_gap_codes::table.select(tariff_gap_codes::month).distinct().load(&mut db.connection)?;
    Ok(months.into_iter().map(Part::of_month).collect())
}

/// Adds up a month's codes over all hospitals.
pub fn recount_totals(tx: &mut Tx, part: &Part) -> Result<()> {
    let rows: Vec<(String, CareType, Gap)> = tariff_gap_codes::table
        .filter(tariff_gap_codes::facility_id.ne(NO_FACILITY))
        .filter(tariff_gap_codes::month.eq(part.day))
        .group_by((tariff_gap_codes::code, tariff_gap_codes::care_type))
        .select((tariff_gap_codes::code, tariff_gap_codes::care_type, gap!()))
        .load(&mut tx.db.connection)?;
    let codes = rows.into_iter().map(|(code, care_type, gap)| ((code, care_type), gap)).collect();
    store_codes(tx, NO_FACILITY, part.day, codes)
}

macro_rules! gaps {
    ($scope:expr) => {{
        let scope: &Scope = $scope;
        tariff_gap_sums::table
            .filter(tariff_gap_sums::month.between(scope.from, scope.to))
            .filter(scope.facility.is_none().into_sql::<Bool>().or(tariff_gap_sums::facility_id.eq(scope.facility.unwrap_or(NO_FACILITY))))
            .filter(scope.care_type.is_none().into_sql::<Bool>().or(tariff_gap_sums::care_type.eq(scope.care_type.unwrap_or(CareType::Outpatient))))
    }};
}

pub fn in_all(db: &mut Db, scope: &Scope) -> Result<Gap> {
    Ok(gaps!(scope).select(gap!()).first(&mut db.connection)?)
}

pub fn by_facility(db: &mut Db, scope: &Scope) -> Result<Vec<(Id, Gap)>> {
    let query = gaps!(scope).group_by(tariff_gap_sums::facility_id).select((tariff_gap_sums::facility_id, gap!()));
    Ok(query.order((total!("shortfall").desc(), tariff_gap_sums::facility_id)).load(&mut db.connection)?)
}

pub fn by_care_type(db: &mut Db, scope: &Scope) -> Result<Vec<(CareType, Gap)>> {
    let query = gaps!(scope).group_by(tariff_gap_sums::care_type).select((tariff_gap_sums::care_type, gap!()));
    Ok(query.order(tariff_gap_sums::care_type).load(&mut db.connection)?)
}

pub fn by_month(db: &mut Db, scope: &Scope) -> Result<Vec<(NaiveDate, Gap)>> {
    let query = gaps!(scope).group_by(tariff_gap_sums::month).select((tariff_gap_sums::month, gap!()));
    Ok(query.order(tariff_gap_sums::month).load(&mut db.connection)?)
}

/// Those first that fall shortest.
pub fn by_code(db: &mut Db, scope: &Scope) -> Result<Vec<(String, Gap)>> {
    let limit = i64::try_from(scope.limit).unwrap_or(i64::MAX);
    let query = tariff_gap_codes::table
        .filter(tariff_gap_codes::facility_id.eq(scope.facility.unwrap_or(NO_FACILITY)))
        .filter(tariff_gap_codes::month.between(scope.from, scope.to))
        .filter(scope.care_type.is_none().into_sql::<Bool>().or(tariff_gap_codes::care_type.eq(scope.care_type.unwrap_or(CareType::Outpatient))))
        .group_by(tariff_gap_codes::code)
        .select((tariff_gap_codes::code, gap!()))
        .order((total!("shortfall").desc(), tariff_gap_codes::code));
    Ok(query.limit(limit).load(&mut db.connection)?)
}
