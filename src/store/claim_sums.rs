//! Claims as sums by the days on which they came to something, of each hospital and of all together.
//!
//! Those of a hospital are counted by the month of admission. What changes of them is added to the sums of all, so that no answer adds up hospitals.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{AddAssign, Neg};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::claim_months::Counted;
use super::db::{Db, Tx, total};
use super::summaries::{NO_DAY, NO_FACILITY, add_to, changes, of_care, of_each, of_one_or_all, replace};
use crate::domain::budget::Pot;
use crate::domain::claim_figures::{Course, is_open};
use crate::domain::claims::ClaimState;
use crate::domain::eligibility::CareType;
use crate::domain::figures::{DateBasis, Scope, first_of_month, last_of_month};
use crate::domain::id::Id;
use crate::domain::spans::{Grain, spans};
use crate::error::Result;
use crate::schema::claim_sums;

/// How many claims, and their five amounts.
#[derive(Queryable, Selectable, Insertable, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[diesel(table_name = claim_sums)]
pub struct Amounts {
    pub claims: i64,
    pub claimed: i64,
    pub tariff: i64,
    pub hospital_cost: i64,
    pub approved: i64,
    pub paid: i64,
}

impl Amounts {
    pub(super) fn of(claim: &Counted) -> Self {
        Self {
            claims: 1,
            claimed: claim.claimed.0,
            tariff: claim.tariff.0,
            hospital_cost: claim.hospital_cost.0,
            approved: claim.approved.0,
            paid: claim.paid.0,
        }
    }
}

impl AddAssign for Amounts {
    fn add_assign(&mut self, other: Self) {
        self.claims += other.claims;
        self.claimed += other.claimed;
        self.tariff += other.tariff;
        self.hospital_cost += other.hospital_cost;
        self.approved += other.approved;
        self.paid += other.paid;
    }
}

impl Neg for Amounts {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            claims: -self.claims,
            claimed: -self.claimed,
            tariff: -self.tariff,
            hospital_cost: -self.hospital_cost,
            approved: -self.approved,
            paid: -self.paid,
        }
    }
}

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = claim_sums, primary_key(basis, grain, day, facility_id, care_type, pot, state, part))]
struct SumRow {
    basis: DateBasis,
    grain: Grain,
    day: NaiveDate,
    facility_id: Id,
    care_type: CareType,
    pot: Pot,
    state: ClaimState,
    part: NaiveDate,
    #[diesel(embed)]
    amounts: Amounts,
}

/// What is counted of a hospital's month.
#[derive(Default, Clone)]
pub(super) struct Tally(BTreeMap<Kind, Amounts>);

/// What a cell counts, whose ever it is.
type Kind = (DateBasis, Grain, NaiveDate, CareType, Pot, ClaimState);

impl Tally {
    pub(super) fn add(&mut self, claim: &Counted, course: &Course) {
        let amounts = Amounts::of(claim);
        for basis in DateBasis::ALL {
            let Some(day) = course.day(*basis) else { continue };
            for (grain, day) in [(Grain::Day, day), (Grain::Month, first_of_month(day))] {
                *self.0.entry((*basis, grain, day, claim.care_type, claim.pot, claim.state)).or_default() += amounts;
            }
        }
    }
}

fn row((basis, grain, day, care_type, pot, state): Kind, (facility_id, part): (Id, NaiveDate), amounts: Amounts) -> SumRow {
    SumRow { basis, grain, day, facility_id, care_type, pot, state, part, amounts }
}

pub(super) fn store(tx: &mut Tx, facility: Id, month: NaiveDate, Tally(sums): Tally) -> Result<()> {
    let kept = claim_sums::table.filter(claim_sums::facility_id.eq(facility)).filter(claim_sums::part.eq(month));
    let rows = sums.into_iter().map(|(kind, amounts)| row(kind, (facility, month), amounts));
    let (before, now) = replace!(tx, SumRow, claim_sums, kept, rows);
    // What changed of a hospital's sums is added to those of all.
    let sums = changes(&before, &now, |row| ((row.basis, row.grain, row.day, row.care_type, row.pot, row.state), row.amounts));
    let rows: Vec<SumRow> = sums.iter().map(|(kind, change)| row(*kind, (NO_FACILITY, NO_DAY), *change)).collect();
    add_to!(
        tx,
        claim_sums,
        rows,
        (basis, grain, day, facility_id, care_type, pot, state, part),
        (claims, claimed, tariff, hospital_cost, approved, paid)
    );
    for ((basis, grain, day, care_type, pot, state), _) in sums.into_iter().filter(|(_, change)| change.claims < 0) {
        // What is nothing has no cell.
        let cell = claim_sums::table.find((basis, grain, day, NO_FACILITY, care_type, pot, state, NO_DAY));
        diesel::delete(cell.filter(claim_sums::claims.eq(0))).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// Whose months of admission have sums.
pub(super) fn parts(db: &mut Db) -> Result<Vec<(Id, NaiveDate)>> {
    let of_hospitals = claim_sums::table.filter(claim_sums::facility_id.ne(NO_FACILITY));
    Ok(of_hospitals.select((claim_sums::facility_id, claim_sums::part)).distinct().load(&mut db.connection)?)
}

/// The months of which there are sums.
pub fn months(db: &mut Db) -> Result<BTreeSet<NaiveDate>> {
    let days: Vec<NaiveDate> = claim_sums::table.select(claim_sums::day).distinct().load(&mut db.connection)?;
    Ok(days.into_iter().map(first_of_month).collect())
}

macro_rules! amounts {
    () => {
        (total!("claims"), total!("claimed"), total!("tariff"), total!("hospital_cost"), total!("approved"), total!("paid"))
    };
}

/// Adds up the sums of all hospitals anew, of a month and its days.
pub fn recount_all(tx: &mut Tx, month: NaiveDate) -> Result<()> {
    // With all bases and grains in words, as the keys begin with them.
    let in_month = || {
        claim_sums::table
            .filter(claim_sums::basis.eq_any(DateBasis::ALL))
            .filter(claim_sums::grain.eq_any(Grain::ALL))
            .filter(claim_sums::day.between(month, last_of_month(month)))
    };
    let key = || (claim_sums::basis, claim_sums::grain, claim_sums::day, claim_sums::care_type, claim_sums::pot, claim_sums::state);
    let rows: Vec<(Kind, Amounts)> =
        in_month().filter(claim_sums::facility_id.ne(NO_FACILITY)).group_by(key()).select((key(), amounts!())).load(&mut tx.db.connection)?;
    let kept = in_month().filter(claim_sums::facility_id.eq(NO_FACILITY));
    replace!(tx, SumRow, claim_sums, kept, rows.into_iter().map(|(kind, amounts)| row(kind, (NO_FACILITY, NO_DAY), amounts)));
    Ok(())
}

/// Sums of the period by one of the columns, within what was asked for.
macro_rules! sums {
    ($db:expr, $scope:expr, $spans:expr, $of:expr, $key:ident) => {{
        let scope: &Scope = $scope;
        let mut sums: BTreeMap<_, Amounts> = BTreeMap::new();
        for (grain, from, to) in $spans {
            let rows: Vec<(_, Amounts)> = claim_sums::table
                .filter(claim_sums::basis.eq(scope.basis))
                .filter(claim_sums::grain.eq(grain))
                .filter(claim_sums::day.between(from, to))
                .filter($of)
                .filter(of_care!(scope, claim_sums))
                .group_by(claim_sums::$key)
                .select((claim_sums::$key, amounts!()))
                .load(&mut $db.connection)?;
            for (key, amounts) in rows {
                *sums.entry(key).or_default() += amounts;
            }
        }
        sums
    }};
}

pub fn by_state(db: &mut Db, scope: &Scope) -> Result<BTreeMap<ClaimState, Amounts>> {
    Ok(sums!(db, scope, spans(scope.from, scope.to), of_one_or_all!(scope, claim_sums), state))
}

pub fn by_facility(db: &mut Db, scope: &Scope) -> Result<BTreeMap<Id, Amounts>> {
    Ok(sums!(db, scope, spans(scope.from, scope.to), of_each!(scope, claim_sums), facility_id))
}

pub fn by_care_type(db: &mut Db, scope: &Scope) -> Result<BTreeMap<CareType, Amounts>> {
    Ok(sums!(db, scope, spans(scope.from, scope.to), of_one_or_all!(scope, claim_sums), care_type))
}

pub fn by_pot(db: &mut Db, scope: &Scope) -> Result<BTreeMap<Pot, Amounts>> {
    Ok(sums!(db, scope, spans(scope.from, scope.to), of_one_or_all!(scope, claim_sums), pot))
}

pub fn by_day(db: &mut Db, scope: &Scope) -> Result<BTreeMap<NaiveDate, Amounts>> {
    Ok(sums!(db, scope, [(Grain::Day, scope.from, scope.to)], of_one_or_all!(scope, claim_sums), day))
}

/// By the first day of each month.
pub fn by_month(db: &mut Db, scope: &Scope) -> Result<BTreeMap<NaiveDate, Amounts>> {
    let cells: BTreeMap<NaiveDate, Amounts> = sums!(db, scope, spans(scope.from, scope.to), of_one_or_all!(scope, claim_sums), day);
    let mut months: BTreeMap<NaiveDate, Amounts> = BTreeMap::new();
    for (day, amounts) in cells {
        *months.entry(first_of_month(day)).or_default() += amounts;
    }
    Ok(months)
}

/// The same with what of it was approved and is not paid yet.
pub fn with_unpaid_by_facility(db: &mut Db, scope: &Scope) -> Result<BTreeMap<Id, (Amounts, i64)>> {
    let mut facilities: BTreeMap<Id, (Amounts, i64)> = BTreeMap::new();
    for (grain, from, to) in spans(scope.from, scope.to) {
        let rows: Vec<((Id, ClaimState), Amounts)> = claim_sums::table
            .filter(claim_sums::basis.eq(scope.basis))
            .filter(claim_sums::grain.eq(grain))
            .filter(claim_sums::day.between(from, to))
            .filter(of_each!(scope, claim_sums))
            .filter(of_care!(scope, claim_sums))
            .group_by((claim_sums::facility_id, claim_sums::state))
            .select(((claim_sums::facility_id, claim_sums::state), amounts!()))
            .load(&mut db.connection)?;
        for ((facility, state), amounts) in rows {
            let (all, unpaid) = facilities.entry(facility).or_default();
            *all += amounts;
            *unpaid += if is_open(state) { amounts.approved } else { 0 };
        }
    }
    Ok(facilities)
}
