//! A hospital's month of admission, counted as a whole: what of its claims the sums are made of.

use std::collections::{BTreeSet, HashMap};

use chrono::{FixedOffset, NaiveDate};
use diesel::prelude::*;

use super::claim_parts::ClaimLine;
use super::db::{Db, Tx};
use super::summaries::Part;
use super::{claim_steps, claim_sums, diagnosis_sums, edit_sums, open_claims, tariff_gaps};
use crate::domain::budget::Pot;
use crate::domain::claim_figures::{Course, Done, first_decision};
use crate::domain::claims::{ClaimAction, ClaimState};
use crate::domain::eligibility::CareType;
use crate::domain::figures::{first_of_month, last_of_month};
use crate::domain::id::Id;
use crate::domain::payments::ItemState;
use crate::domain::residency::VillageCode;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{claim_events, claim_lines, claim_terms, claims, eligibility_checks, payment_batches, payment_items};

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
    let sums = [claim_sums::parts(db)?, open_claims::parts(db)?, claim_steps::parts(db)?].concat();
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
    sums: claim_sums::Tally,
    open: open_claims::Tally,
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

    let mut sums = claim_sums::Tally::default();
    let mut open = open_claims::Tally::default();
    let mut steps = claim_steps::Tally::default();
    for claim in &rows {
        let (course, story) = course(claim);
        sums.add(claim, &course);
        open.add(claim, &course);
        steps.add(claim.care_type, &course, story);
    }
    let lines: Vec<ClaimLine> = decided!(claim_lines, facility, month).select(ClaimLine::as_select()).load(&mut db.connection)?;
    Ok(Month {
        sums,
        open,
        steps,
        gaps: tariff_gaps::sum_up((facility, month), &rows, &lines),
        edits: edit_sums::count(db, facility, month, &rows, &lines)?,
        diagnoses: diagnosis_sums::count(db, facility, month, &rows)?,
    })
}

/// Puts what was counted of a month in the place of what was there.
pub fn store(tx: &mut Tx, part: &Part, Month { sums, open, steps, gaps, edits, diagnoses }: Month) -> Result<()> {
    let (facility, month) = (part.facility_id, part.day);
    claim_sums::store(tx, facility, month, sums)?;
    open_claims::store(tx, facility, month, open)?;
    claim_steps::store(tx, facility, month, steps)?;
    tariff_gaps::store(tx, facility, month, gaps)?;
    edit_sums::store(tx, facility, month, edits)?;
    diagnosis_sums::store(tx, facility, month, diagnoses)
}
