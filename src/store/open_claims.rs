//! What was handed in and is not over, by the day of the first handing-in: of each hospital, and of all together.
//!
//! There is no period: it is what is open now. Days are kept, so that claims grow older without being counted anew.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{AddAssign, Neg};

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date};

use super::claim_months::Counted;
use super::db::{Db, Tx, total};
use super::summaries::{NO_DAY, NO_FACILITY, add_to, changes, of_care, of_each, of_one_or_all, replace};
use crate::domain::claim_figures::{Age, Course, is_open};
use crate::domain::claims::ClaimState;
use crate::domain::eligibility::CareType;
use crate::domain::figures::{Scope, first_of_month, last_of_month};
use crate::domain::id::Id;
use crate::error::Result;
use crate::schema::open_claims;

/// Open claims of a cell.
#[derive(Queryable, Selectable, Insertable, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[diesel(table_name = open_claims)]
pub struct Open {
    pub claims: i64,
    pub claimed: i64,
    pub approved: i64,
}

impl AddAssign for Open {
    fn add_assign(&mut self, other: Self) {
        self.claims += other.claims;
        self.claimed += other.claimed;
        self.approved += other.approved;
    }
}

impl Neg for Open {
    type Output = Self;

    fn neg(self) -> Self {
        Self { claims: -self.claims, claimed: -self.claimed, approved: -self.approved }
    }
}

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = open_claims, primary_key(day, facility_id, care_type, state, part))]
struct Row {
    day: NaiveDate,
    facility_id: Id,
    care_type: CareType,
    state: ClaimState,
    part: NaiveDate,
    #[diesel(embed)]
    open: Open,
}

/// What a cell counts, whose ever it is.
type Kind = (NaiveDate, CareType, ClaimState);

impl Row {
    const fn new((day, care_type, state): Kind, (facility_id, part): (Id, NaiveDate), open: Open) -> Self {
        Self { day, facility_id, care_type, state, part, open }
    }
}

/// What is counted of a hospital's month.
#[derive(Default, Clone)]
pub(super) struct Tally(BTreeMap<Kind, Open>);

impl Tally {
    pub(super) fn add(&mut self, claim: &Counted, course: &Course) {
        if let Some(day) = course.submitted_on.filter(|_| is_open(claim.state)) {
            let open = Open { claims: 1, claimed: claim.claimed.0, approved: claim.approved.0 };
            *self.0.entry((day, claim.care_type, claim.state)).or_default() += open;
        }
    }
}

pub(super) fn store(tx: &mut Tx, facility: Id, month: NaiveDate, Tally(cells): Tally) -> Result<()> {
    let kept = open_claims::table.filter(open_claims::facility_id.eq(facility)).filter(open_claims::part.eq(month));
    let rows = cells.into_iter().map(|(kind, open)| Row::new(kind, (facility, month), open));
    let (before, now) = replace!(tx, Row, open_claims, kept, rows);
    // What changed of a hospital's cells is added to those of all.
    let sums = changes(&before, &now, |row| ((row.day, row.care_type, row.state), row.open));
    let rows: Vec<Row> = sums.iter().map(|(kind, change)| Row::new(*kind, (NO_FACILITY, NO_DAY), *change)).collect();
    add_to!(tx, open_claims, rows, (day, facility_id, care_type, state, part), (claims, claimed, approved));
    for ((day, care_type, state), _) in sums.into_iter().filter(|(_, change)| change.claims < 0) {
        // What is nothing has no cell.
        let cell = open_claims::table.find((day, NO_FACILITY, care_type, state, NO_DAY));
        diesel::delete(cell.filter(open_claims::claims.eq(0))).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// Whose months of admission have sums.
pub(super) fn parts(db: &mut Db) -> Result<Vec<(Id, NaiveDate)>> {
    let of_hospitals = open_claims::table.filter(open_claims::facility_id.ne(NO_FACILITY));
    Ok(of_hospitals.select((open_claims::facility_id, open_claims::part)).distinct().load(&mut db.connection)?)
}

/// The months of which there are sums.
pub fn months(db: &mut Db) -> Result<BTreeSet<NaiveDate>> {
    let days: Vec<NaiveDate> = open_claims::table.select(open_claims::day).distinct().load(&mut db.connection)?;
    Ok(days.into_iter().map(first_of_month).collect())
}

macro_rules! open {
    () => {
        (total!("claims"), total!("claimed"), total!("approved"))
    };
}

/// Adds up the sums of all hospitals anew, of the days of a month.
pub fn recount_all(tx: &mut Tx, month: NaiveDate) -> Result<()> {
    let in_month = || open_claims::table.filter(open_claims::day.between(month, last_of_month(month)));
    let key = || (open_claims::day, open_claims::care_type, open_claims::state);
    let rows: Vec<(Kind, Open)> =
        in_month().filter(open_claims::facility_id.ne(NO_FACILITY)).group_by(key()).select((key(), open!())).load(&mut tx.db.connection)?;
    let kept = in_month().filter(open_claims::facility_id.eq(NO_FACILITY));
    replace!(tx, Row, open_claims, kept, rows.into_iter().map(|(kind, open)| Row::new(kind, (NO_FACILITY, NO_DAY), open)));
    Ok(())
}

/// What is open of one hospital or of all together, by these columns.
macro_rules! sums {
    ($db:expr, $scope:expr, $key:expr) => {{
        let scope: &Scope = $scope;
        open_claims::table
            .filter(of_one_or_all!(scope, open_claims))
            .filter(of_care!(scope, open_claims))
            .group_by($key)
            .select(($key, open!()))
            .order($key)
            .load(&mut $db.connection)?
    }};
}

/// What is open of each cell, by the day of the first handing-in.
pub type ByDay<K> = Vec<((K, NaiveDate), Open)>;

pub fn by_day(db: &mut Db, scope: &Scope) -> Result<Vec<(NaiveDate, Open)>> {
    Ok(sums!(db, scope, open_claims::day))
}

pub fn by_state(db: &mut Db, scope: &Scope) -> Result<ByDay<ClaimState>> {
    Ok(sums!(db, scope, (open_claims::state, open_claims::day)))
}

pub fn by_care_type(db: &mut Db, scope: &Scope) -> Result<ByDay<CareType>> {
    Ok(sums!(db, scope, (open_claims::care_type, open_claims::day)))
}

/// What is open of a facility, and how many claims of it for so many days at most, in the order of `Age::LIMITS`.
pub type Aged = (Id, Open, (i64, i64, i64, i64));

/// Each facility in a row, for its days are many.
pub fn by_facility(db: &mut Db, scope: &Scope, today: NaiveDate) -> Result<Vec<Aged>> {
    let claims_since = |days: i64| {
        let first = today - chrono::Duration::days(days);
        sql::<BigInt>("CAST(coalesce(sum(CASE WHEN day >= ").bind::<Date, _>(first).sql(" THEN claims ELSE 0 END), 0) AS BIGINT)")
    };
    let [a, b, c, d] = Age::LIMITS;
    let rows = open_claims::table
        .filter(of_each!(scope, open_claims))
        .filter(of_care!(scope, open_claims))
        .group_by(open_claims::facility_id)
        .select((open_claims::facility_id, open!(), (claims_since(a), claims_since(b), claims_since(c), claims_since(d))))
        .order(open_claims::facility_id);
    Ok(rows.load(&mut db.connection)?)
}
