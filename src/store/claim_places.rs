//! Claims of each month of admission by where patients live, as sums of which small ones are not told, and the diagnoses of districts and of the city.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::check_places::coin;
use super::claim_months::admitted;
use super::claim_sums::Amounts;
use super::db::{Db, Tx};
use super::diagnosis_sums::{self, city};
use super::summaries::{NO_FACILITY, Part, replace};
use crate::domain::claims::ClaimState;
use crate::domain::eligibility::CareType;
use crate::domain::figures::{Scope, first_of_month};
use crate::domain::id::Id;
use crate::domain::summaries::{published, published_share};
use crate::error::Result;
use crate::schema::{claim_places, claims, facilities};

/// Of a village's code, what names its district.
const DISTRICT_DIGITS: usize = 6;

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = claim_places, primary_key(month, village_code, care_type, state))]
struct Row {
    month: NaiveDate,
    village_code: String,
    care_type: CareType,
    state: ClaimState,
    claims: i64,
    claimed: i64,
    tariff: i64,
    hospital_cost: i64,
    approved: i64,
    paid: i64,
}

pub fn parts(db: &mut Db) -> Result<BTreeSet<Part>> {
    let days: Vec<NaiveDate> = claims::table.select(claims::admitted_on).distinct().load(&mut db.connection)?;
    let months: Vec<NaiveDate> = claim_places::table.select(claim_places::month).distinct().load(&mut db.connection)?;
    Ok(days.into_iter().map(first_of_month).chain(months).map(Part::of_month).collect())
}

/// What was counted of a month.
#[derive(Clone)]
pub struct Month {
    rows: Vec<Row>,
    diagnoses: Vec<diagnosis_sums::Row>,
}

/// Counts a month, facility after facility so that it never lies in memory as a whole.
pub fn count(db: &mut Db, part: &Part) -> Result<Month> {
    let month = part.day;
    let mut cells: BTreeMap<(String, CareType, ClaimState), (Amounts, HashSet<Id>)> = BTreeMap::new();
    let mut diagnoses = diagnosis_sums::Tally::default();
    let all: Vec<Id> = facilities::table.select(facilities::id).load(&mut db.connection)?;
    for facility in all {
        for claim in admitted(db, facility, month)? {
            let village = claim.village_code.map(|code| code.to_string()).unwrap_or_default();
            diagnoses.add(city(), &claim);
            if let Some(district) = village.get(..DISTRICT_DIGITS) {
                diagnoses.add((NO_FACILITY, district.to_owned()), &claim);
            }
            let (amounts, people) = cells.entry((village, claim.care_type, claim.state)).or_default();
            *amounts += Amounts::of(&claim);
            people.insert(claim.participant_id);
        }
    }
    let mut rows = Vec::with_capacity(cells.len());
    for ((village_code, care_type, state), (of, people)) in cells {
        let people = people.len() as i64;
        let coin = coin(db, &format!("claims {month} {village_code} {care_type} {state}"))?;
        let claims = published(of.claims, people, coin);
        let told = |amount| published_share(amount, of.claims, claims);
        rows.push(Row {
            month,
            village_code,
            care_type,
            state,
            claims,
            claimed: told(of.claimed),
            tariff: told(of.tariff),
            hospital_cost: told(of.hospital_cost),
            approved: told(of.approved),
            paid: told(of.paid),
        });
    }
    Ok(Month { rows, diagnoses: diagnoses.rows(db, month)? })
}

/// Puts what was counted of a month in the place of what was there.
pub fn store(tx: &mut Tx, part: &Part, Month { rows, diagnoses }: Month) -> Result<()> {
    diagnosis_sums::store(tx, NO_FACILITY, part.day, diagnoses)?;
    replace!(tx, Row, claim_places, claim_places::table.filter(claim_places::month.eq(part.day)), rows);
    Ok(())
}

/// A cell as it is read: its keys, how much it counts and what is told of it.
#[derive(Queryable, Debug, Clone)]
pub struct PlaceCell {
    pub month: NaiveDate,
    /// Empty where nobody knows.
    pub village_code: String,
    pub care_type: CareType,
    pub state: ClaimState,
    pub told: Amounts,
}

/// The cells of whole months within what was asked for.
pub fn cells(db: &mut Db, scope: &Scope) -> Result<Vec<PlaceCell>> {
    let mut query = claim_places::table
        .filter(claim_places::month.between(scope.from, scope.to))
        .select((
            claim_places::month,
            claim_places::village_code,
            claim_places::care_type,
            claim_places::state,
            (
                claim_places::claims,
                claim_places::claimed,
                claim_places::tariff,
                claim_places::hospital_cost,
                claim_places::approved,
                claim_places::paid,
            ),
        ))
        .into_boxed();
    if let Some(place) = &scope.place {
        query = query.filter(claim_places::village_code.between(place.0.clone(), format!("{}~", place.0)));
    }
    if let Some(care) = scope.care_type {
        query = query.filter(claim_places::care_type.eq(care));
    }
    Ok(query.load(&mut db.connection)?)
}
