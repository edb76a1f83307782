//! Claims of each hospital and month of admission, as sums by the days on which they came to something, and what of them is open.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{FixedOffset, NaiveDate};
use diesel::prelude::*;

use super::claim_parts::ClaimLine;
use super::db::{Db, Tx, total};
use super::summaries::{Part, of_care, of_facility, replace};
use super::{claim_steps, diagnosis_sums, edit_sums, tariff_gaps};
use crate::domain::budget::Pot;
use crate::domain::claim_figures::{Course, Done, Grain, first_decision, is_open, spans};
use crate::domain::claims::{ClaimAction, ClaimState};
use crate::domain::eligibility::CareType;
use crate::domain::figures::{DateBasis, Scope, first_of_month, last_of_month};
use crate::domain::id::Id;
use crate::domain::payments::ItemState;
use crate::domain::residency::VillageCode;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{claim_events, claim_lines, claim_sums, claim_terms, claims, eligibility_checks, open_claims, payment_batches, payment_items};

/// What of a claim is counted.
#[derive(Queryable, Debug, Clone)]
pub(super) struct Counted {
    pub id: Id,
    pub state: ClaimState,
    pub care_type: CareType,
    pub pot: Pot,
    pub participant_id: Id,
    pub admitted_on: NaiveDate,
    pub principal_diagnosis: Option<String>,
    pub claimed: Rupiah,
    pub tariff: Rupiah,
    pub hospital_cost: Rupiah,
    pub approved: Rupiah,
    pub paid: Rupiah,
    pub submitted_at: Option<UtcTime>,
    pub completed_at: Option<UtcTime>,
    pub decided_at: Option<UtcTime>,
    /// None: it decided itself.
    pub decided_by: Option<Id>,
    /// Where the patient lived when the care was asked for.
    pub village_code: Option<VillageCode>,
}

/// Every month of admission of every hospital that has claims or sums.
pub fn parts(db: &mut Db) -> Result<BTreeSet<Part>> {
    let rows: Vec<(Id, NaiveDate)> = claims::table.select((claims::facility_id, claims::admitted_on)).distinct().load(&mut db.connection)?;
    // Each claim has a cell by its service.
    let sums: Vec<(Id, NaiveDate)> = claim_sums::table.select((claim_sums::facility_id, claim_sums::part)).distinct().load(&mut db.connection)?;
    Ok(rows.into_iter().chain(sums).map(|(facility, day)| Part::of_facility(facility, first_of_month(day))).collect())
}

/// The claims of a hospital that were admitted in a month.
pub(super) fn admitted(db: &mut Db, facility: Id, month: NaiveDate) -> Result<Vec<Counted>> {
    let rows = claims::table
        .inner_join(claim_terms::table.on(claim_terms::claim_id.eq(claims::id)))
        .inner_join(eligibility_checks::table.on(eligibility_checks::id.eq(claims::check_id)))
        .filter(claims::facility_id.eq(facility))
        .filter(claims::admitted_on.between(month, last_of_month(month)))
        .select((
            claims::id,
            claims::state,
            claims::care_type,
            claims::pot,
            claims::participant_id,
            claims::admitted_on,
            claims::principal_diagnosis,
            claims::claimed_amount,
            claims::tariff_amount,
            claims::hospital_cost,
            claims::approved_amount,
            claims::paid_amount,
            claim_terms::submitted_at,
            claim_terms::completed_at,
            claim_terms::decided_at,
            claim_terms::decided_by,
            eligibility_checks::village_code,
        ));
    Ok(rows.load(&mut db.connection)?)
}

/// What was done with each of these claims, first to last.
fn stories(db: &mut Db, facility: Id, month: NaiveDate) -> Result<HashMap<Id, Vec<Done>>> {
    let rows: Vec<(Id, ClaimAction, UtcTime, Option<Id>)> = claim_events::table
        .inner_join(claims::table.on(claims::id.eq(claim_events::claim_id)))
        .filter(claims::facility_id.eq(facility))
        .filter(claims::admitted_on.between(month, last_of_month(month)))
        .select((claim_events::claim_id, claim_events::action, claim_events::taken_at, claim_events::taken_by))
        .order((claim_events::claim_id, claim_events::position))
        .load(&mut db.connection)?;
    let mut stories: HashMap<Id, Vec<Done>> = HashMap::new();
    for (claim, action, at, by) in rows {
        stories.entry(claim).or_default().push(Done { action, at, by });
    }
    Ok(stories)
}

/// The days on which the treasury paid them.
fn paid_on(db: &mut Db, facility: Id, month: NaiveDate) -> Result<HashMap<Id, NaiveDate>> {
    let rows: Vec<(Id, Option<NaiveDate>)> = payment_items::table
        .inner_join(payment_batches::table.on(payment_batches::id.eq(payment_items::batch_id)))
        .inner_join(claims::table.on(claims::id.eq(payment_items::claim_id)))
        .filter(claims::facility_id.eq(facility))
        .filter(claims::admitted_on.between(month, last_of_month(month)))
        .filter(payment_items::state.eq(ItemState::Paid))
        .select((payment_items::claim_id, payment_batches::paid_on))
        .load(&mut db.connection)?;
    Ok(rows.into_iter().filter_map(|(claim, day)| Some((claim, day?))).collect())
}

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

    pub fn add(&mut self, other: &Self) {
        self.claims += other.claims;
        self.claimed += other.claimed;
        self.tariff += other.tariff;
        self.hospital_cost += other.hospital_cost;
        self.approved += other.approved;
        self.paid += other.paid;
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

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = open_claims, primary_key(day, facility_id, care_type, state, part))]
struct OpenRow {
    day: NaiveDate,
    facility_id: Id,
    care_type: CareType,
    state: ClaimState,
    part: NaiveDate,
    claims: i64,
    claimed: i64,
    approved: i64,
}

/// What is in one of these tables of the decided claims of a hospital's month.
macro_rules! decided {
    ($table:ident, $facility:expr, $month:expr) => {
        $table::table
            .inner_join($crate::schema::claims::table.on($crate::schema::claims::id.eq($table::claim_id)))
            .filter($crate::schema::claims::facility_id.eq($facility))
            .filter($crate::schema::claims::admitted_on.between($month, $crate::domain::figures::last_of_month($month)))
            .filter($crate::schema::claims::state.eq_any($crate::store::claim_analysis::DECIDED))
    };
}
pub(super) use decided;

/// What was counted of a hospital's month.
#[derive(Clone)]
pub struct Month {
    sums: Vec<SumRow>,
    open: Vec<OpenRow>,
    steps: claim_steps::Tally,
    gaps: tariff_gaps::Month,
    edits: Vec<edit_sums::Row>,
    diagnoses: Vec<diagnosis_sums::Row>,
}

/// Counts a hospital's month of admission, in all that is told of it.
pub fn count(db: &mut Db, part: &Part, offset: FixedOffset) -> Result<Month> {
    let (facility, month) = (part.facility_id, part.day);
    let rows = admitted(db, facility, month)?;
    let (stories, paid) = (stories(db, facility, month)?, paid_on(db, facility, month)?);
    let day = |at: Option<UtcTime>| at.map(|at| at.date_at(offset));
    let course = |claim: &Counted| {
        let story = stories.get(&claim.id).map(Vec::as_slice).unwrap_or_default();
        let course = Course {
            state: claim.state,
            admitted_on: claim.admitted_on,
            submitted_on: day(claim.submitted_at),
            completed_on: day(claim.completed_at),
            first_decided_on: day(first_decision(story).map(|done| done.at).or(claim.decided_at)),
            decided_on: day(claim.decided_at),
            approved: claim.approved,
            paid_on: paid.get(&claim.id).copied(),
        };
        (course, story)
    };

    let mut sums: BTreeMap<_, Amounts> = BTreeMap::new();
    let mut open: BTreeMap<_, Amounts> = BTreeMap::new();
    let mut steps = claim_steps::Tally::default();
    for claim in &rows {
        let (course, story) = course(claim);
        let amounts = Amounts::of(claim);
        for basis in DateBasis::ALL {
            let Some(day) = course.day(*basis) else { continue };
            for (grain, day) in [(Grain::Day, day), (Grain::Month, first_of_month(day))] {
                sums.entry((*basis, grain, day, claim.care_type, claim.pot, claim.state)).or_default().add(&amounts);
            }
        }
        if let Some(day) = course.submitted_on.filter(|_| is_open(claim.state)) {
            open.entry((day, claim.care_type, claim.state)).or_default().add(&amounts);
        }
        steps.add(claim.care_type, &course, story);
    }

    let of_sums = |((basis, grain, day, care_type, pot, state), amounts)| SumRow {
        basis,
        grain,
        day,
        facility_id: facility,
        care_type,
        pot,
        state,
        part: month,
        amounts,
    };
    let of_open = |((day, care_type, state), of): (_, Amounts)| OpenRow {
        day,
        facility_id: facility,
        care_type,
        state,
        part: month,
        claims: of.claims,
        claimed: of.claimed,
        approved: of.approved,
    };
    let lines: Vec<ClaimLine> = decided!(claim_lines, facility, month).select(ClaimLine::as_select()).load(&mut db.connection)?;
    Ok(Month {
        sums: sums.into_iter().map(of_sums).collect(),
        open: open.into_iter().map(of_open).collect(),
        steps,
        gaps: tariff_gaps::sum_up((facility, month), &rows, &lines),
        edits: edit_sums::count(db, facility, month, &rows, &lines)?,
        diagnoses: diagnosis_sums::count(db, facility, month, &rows)?,
    })
}

/// Puts what was counted of a month in the place of what was there.
pub fn store(tx: &mut Tx, part: &Part, Month { sums, open, steps, gaps, edits, diagnoses }: Month) -> Result<()> {
    let (facility, month) = (part.facility_id, part.day);
    let kept = claim_sums::table.filter(claim_sums::facility_id.eq(facility)).filter(claim_sums::part.eq(month));
    replace!(tx, SumRow, claim_sums, kept, sums);
    let kept = open_claims::table.filter(open_claims::facility_id.eq(facility)).filter(open_claims::part.eq(month));
    replace!(tx, OpenRow, open_claims, kept, open);
    claim_steps::store(tx, facility, month, steps)?;
    tariff_gaps::store(tx, facility, month, gaps)?;
    edit_sums::store(tx, facility, month, edits)?;
    diagnosis_sums::store(tx, facility, month, diagnoses)
}

/// Sums of the period by one of the columns, within what was asked for.
macro_rules! sums {
    ($db:expr, $scope:expr, $spans:expr, $key:ident) => {{
        let scope: &Scope = $scope;
        let mut sums: BTreeMap<_, Amounts> = BTreeMap::new();
        for (grain, from, to) in $spans {
            let rows: Vec<(_, Amounts)> = claim_sums::table
                .filter(claim_sums::basis.eq(scope.basis))
                .filter(claim_sums::grain.eq(grain))
                .filter(claim_sums::day.between(from, to))
                .filter(of_facility!(scope, claim_sums))
                .filter(of_care!(scope, claim_sums))
                .group_by(claim_sums::$key)
                .select((
                    claim_sums::$key,
                    (total!("claims"), total!("claimed"), total!("tariff"), total!("hospital_cost"), total!("approved"), total!("paid")),
                ))
                .load(&mut $db.connection)?;
            for (key, amounts) in rows {
                sums.entry(key).or_default().add(&amounts);
            }
        }
        sums
    }};
}

pub fn by_state(db: &mut Db, scope: &Scope) -> Result<BTreeMap<ClaimState, Amounts>> {
    Ok(sums!(db, scope, spans(scope.from, scope.to), state))
}

pub fn by_facility(db: &mut Db, scope: &Scope) -> Result<BTreeMap<Id, Amounts>> {
    Ok(sums!(db, scope, spans(scope.from, scope.to), facility_id))
}

pub fn by_care_type(db: &mut Db, scope: &Scope) -> Result<BTreeMap<CareType, Amounts>> {
    Ok(sums!(db, scope, spans(scope.from, scope.to), care_type))
}

pub fn by_pot(db: &mut Db, scope: &Scope) -> Result<BTreeMap<Pot, Amounts>> {
    Ok(sums!(db, scope, spans(scope.from, scope.to), pot))
}

pub fn by_day(db: &mut Db, scope: &Scope) -> Result<BTreeMap<NaiveDate, Amounts>> {
    Ok(sums!(db, scope, [(Grain::Day, scope.from, scope.to)], day))
}

/// By the first day of each month.
pub fn by_month(db: &mut Db, scope: &Scope) -> Result<BTreeMap<NaiveDate, Amounts>> {
    let cells: BTreeMap<NaiveDate, Amounts> = sums!(db, scope, spans(scope.from, scope.to), day);
    let mut months: BTreeMap<NaiveDate, Amounts> = BTreeMap::new();
    for (day, amounts) in cells {
        months.entry(first_of_month(day)).or_default().add(&amounts);
    }
    Ok(months)
}

/// What was approved and is not paid yet, by facility.
pub fn unpaid_by_facility(db: &mut Db, scope: &Scope) -> Result<BTreeMap<Id, i64>> {
    let open: Vec<ClaimState> = ClaimState::ALL.iter().copied().filter(|state| is_open(*state)).collect();
    let mut unpaid = BTreeMap::new();
    for (grain, from, to) in spans(scope.from, scope.to) {
        let rows: Vec<(Id, i64)> = claim_sums::table
            .filter(claim_sums::basis.eq(scope.basis))
            .filter(claim_sums::grain.eq(grain))
            .filter(claim_sums::day.between(from, to))
            .filter(claim_sums::state.eq_any(&open))
            .filter(of_facility!(scope, claim_sums))
            .filter(of_care!(scope, claim_sums))
            .group_by(claim_sums::facility_id)
            .select((claim_sums::facility_id, total!("approved")))
            .load(&mut db.connection)?;
        for (facility, approved) in rows {
            *unpaid.entry(facility).or_insert(0) += approved;
        }
    }
    Ok(unpaid)
}

/// Open claims of one of these cells.
#[derive(Queryable, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    pub claims: i64,
    pub claimed: i64,
    pub approved: i64,
}

/// What is open, by one column, within what was asked for. There is no period: it is what is open now.
macro_rules! open {
    ($db:expr, $scope:expr, $key:ident) => {{
        let scope: &Scope = $scope;
        open_claims::table
            .filter(of_facility!(scope, open_claims))
            .filter(of_care!(scope, open_claims))
            .group_by(open_claims::$key)
            .select((open_claims::$key, (total!("claims"), total!("claimed"), total!("approved"))))
            .order(open_claims::$key)
            .load(&mut $db.connection)?
    }};
}

/// By the day of the first handing-in.
pub fn open_by_day(db: &mut Db, scope: &Scope) -> Result<Vec<(NaiveDate, Open)>> {
    Ok(open!(db, scope, day))
}

pub fn open_by_state(db: &mut Db, scope: &Scope) -> Result<Vec<(ClaimState, Open)>> {
    Ok(open!(db, scope, state))
}

pub fn open_by_facility(db: &mut Db, scope: &Scope) -> Result<Vec<(Id, Open)>> {
    Ok(open!(db, scope, facility_id))
}

pub fn open_by_care_type(db: &mut Db, scope: &Scope) -> Result<Vec<(CareType, Open)>> {
    Ok(open!(db, scope, care_type))
}
