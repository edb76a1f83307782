//! By how much what was approved falls short of what it cost, as sums of each hospital and month of admission, and by code.
//!
//! What counts is what `claim_analysis` says: lines that were decided, of claims on which a decision stands; costs only of lines that were not refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::claim_months::Counted;
use super::claim_parts::ClaimLine;
use super::db::{Db, Tx, total};
use super::summaries::{NO_FACILITY, Part, of_care, of_facility, replace};
use crate::domain::claims::LineState;
use crate::domain::eligibility::CareType;
use crate::domain::figures::Scope;
use crate::domain::id::Id;
use crate::error::Result;
use crate::schema::{tariff_gap_codes, tariff_gap_sums};

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
    fn of(line: &ClaimLine) -> Self {
        let cost = line.hospital_cost.filter(|_| line.state != LineState::Rejected);
        Self {
            lines: 1,
            claimed: line.claimed_amount.0,
            tariff: line.tariff_amount.unwrap_or_default().0,
            approved: line.approved_amount.0,
            costed_lines: i64::from(cost.is_some()),
            hospital_cost: cost.unwrap_or_default().0,
            shortfall: cost.map_or(0, |cost| cost.0 - line.approved_amount.0),
        }
    }

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
pub struct CodeRow {
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

impl CodeRow {
    fn of((facility_id, month): (Id, NaiveDate), code: String, care_type: CareType, gap: Gap) -> Self {
        let Gap { lines, claimed, tariff, approved, costed_lines, hospital_cost, shortfall } = gap;
        Self { facility_id, month, code, care_type, lines, claimed, tariff, approved, costed_lines, hospital_cost, shortfall }
    }
}

/// What was counted of a hospital's month.
#[derive(Clone)]
pub(super) struct Month {
    sums: Vec<SumRow>,
    codes: Vec<CodeRow>,
}

/// Adds up a hospital's month; `lines` are those of its decided claims.
pub(super) fn sum_up((facility, month): (Id, NaiveDate), rows: &[Counted], lines: &[ClaimLine]) -> Month {
    let cares: HashMap<Id, CareType> = rows.iter().map(|claim| (claim.id, claim.care_type)).collect();
    let mut sums: BTreeMap<CareType, Gap> = BTreeMap::new();
    let mut codes: BTreeMap<(&str, CareType), Gap> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.state != LineState::Pending) {
        let Some(care_type) = cares.get(&line.claim_id) else { continue };
        let gap = Gap::of(line);
        sums.entry(*care_type).or_default().add(&gap);
        codes.entry((&line.tariff_code, *care_type)).or_default().add(&gap);
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
    let of_codes = |((code, care_type), gap): ((&str, _), _)| CodeRow::of((facility, month), code.to_owned(), care_type, gap);
    Month { sums: sums.into_iter().map(of_sums).collect(), codes: codes.into_iter().map(of_codes).collect() }
}

pub(super) fn store(tx: &mut Tx, facility: Id, month: NaiveDate, Month { sums, codes }: Month) -> Result<()> {
    let kept = tariff_gap_sums::table.filter(tariff_gap_sums::facility_id.eq(facility)).filter(tariff_gap_sums::month.eq(month));
    replace!(tx, SumRow, tariff_gap_sums, kept, sums);
    store_codes(tx, facility, month, codes)
}

fn store_codes(tx: &mut Tx, facility: Id, month: NaiveDate, codes: Vec<CodeRow>) -> Result<()> {
    let kept = tariff_gap_codes::table.filter(tariff_gap_codes::facility_id.eq(facility)).filter(tariff_gap_codes::month.eq(month));
    replace!(tx, CodeRow, tariff_gap_codes, kept, codes);
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
pub fn count_totals(db: &mut Db, part: &Part) -> Result<Vec<CodeRow>> {
    let rows: Vec<(String, CareType, Gap)> = tariff_gap_codes::table
        .filter(tariff_gap_codes::facility_id.ne(NO_FACILITY))
        .filter(tariff_gap_codes::month.eq(part.day))
        .group_by((tariff_gap_codes::code, tariff_gap_codes::care_type))
        .select((tariff_gap_codes::code, tariff_gap_codes::care_type, gap!()))
        .load(&mut db.connection)?;
    Ok(rows.into_iter().map(|(code, care_type, gap)| CodeRow::of((NO_FACILITY, part.day), code, care_type, gap)).collect())
}

/// Puts what was counted of a month in the place of what was there.
pub fn store_totals(tx: &mut Tx, part: &Part, codes: Vec<CodeRow>) -> Result<()> {
    store_codes(tx, NO_FACILITY, part.day, codes)
}

macro_rules! gaps {
    ($scope:expr) => {{
        let scope: &Scope = $scope;
        tariff_gap_sums::table
            .filter(tariff_gap_sums::month.between(scope.from, scope.to))
            .filter(of_facility!(scope, tariff_gap_sums))
            .filter(of_care!(scope, tariff_gap_sums))
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
        .filter(of_care!(scope, tariff_gap_codes))
        .group_by(tariff_gap_codes::code)
        .select((tariff_gap_codes::code, gap!()))
        .order((total!("shortfall").desc(), tariff_gap_codes::code));
    Ok(query.limit(limit).load(&mut db.connection)?)
}
