//! Checks and visits of each month by where patients live, as sums of which small ones are not told.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::check_sums::VISITS;
use super::db::{Db, Tx};
use super::summaries::{Part, replace};
use crate::domain::eligibility::{CareType, Decision};
use crate::domain::figures::{Scope, first_of_month, last_of_month};
use crate::domain::id::Id;
use crate::domain::residency::VillageCode;
use crate::domain::summaries::published;
use crate::domain::text_enum::text_enum;
use crate::error::Result;
use crate::schema::{check_places, check_voids, eligibility_checks, facilities};

text_enum! {
    /// What a cell counts.
    PlaceKind { Decision = "decision", Reason = "reason", Visit = "visit" }
}

#[derive(Queryable)]
struct Counted {
    participant_id: Option<Id>,
    village_code: Option<VillageCode>,
    service_date: NaiveDate,
    care_type: CareType,
    decision: Decision,
    failing: String,
}

/// A cell as it is kept.
#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = check_places, primary_key(month, village_code, care_type, kind, name))]
pub struct Row {
    month: NaiveDate,
    village_code: String,
    care_type: CareType,
    kind: PlaceKind,
    name: String,
    published: i64,
}

pub fn parts(db: &mut Db) -> Result<BTreeSet<Part>> {
    let days: Vec<NaiveDate> = eligibility_checks::table.select(eligibility_checks::service_date).distinct().load(&mut db.connection)?;
    let months: Vec<NaiveDate> = check_places::table.select(check_places::month).distinct().load(&mut db.connection)?;
    Ok(days.into_iter().map(first_of_month).chain(months).map(Part::of_month).collect())
}

type Cell = (VillageText, CareType, PlaceKind, String);
type VillageText = String;

/// How often, and of whom.
#[derive(Default)]
struct Tally {
    counted: i64,
    people: HashSet<Id>,
    /// Was it asked about somebody whom nobody knows?
    has_unknown: bool,
}

impl Tally {
    fn add(&mut self, person: Option<Id>) {
        self.counted += 1;
        match person {
            Some(person) => {
                self.people.insert(person);
            }
            None => self.has_unknown = true,
        }
    }
}

/// Counts a month, facility after facility so that it never lies in memory as a whole.
pub fn count(db: &mut Db, part: &Part) -> Result<Vec<Row>> {
    let month = part.day;
    let mut cells: BTreeMap<Cell, Tally> = BTreeMap::new();
    let all: Vec<Id> = facilities::table.select(facilities::id).load(&mut db.connection)?;
    for facility in all {
        let is_void = exists(check_voids::table.filter(check_voids::check_id.eq(eligibility_checks::id)));
        let rows: Vec<Counted> = eligibility_checks::table
            .filter(eligibility_checks::facility_id.eq(facility))
            .filter(eligibility_checks::service_date.between(month, last_of_month(month)))
            .filter(not(is_void))
            .select((
                eligibility_checks::participant_id,
                eligibility_checks::village_code,
                eligibility_checks::service_date,
                eligibility_checks::care_type,
                eligibility_checks::decision,
                eligibility_checks::failing,
            ))
            .load(&mut db.connection)?;
        let mut came: HashSet<(Id, NaiveDate, CareType)> = HashSet::new();
        for check in rows {
            let village = check.village_code.map(|code| code.to_string()).unwrap_or_default();
            let mut count =
                |kind, name: &str| cells.entry((village.clone(), check.care_type, kind, name.to_owned())).or_default().add(check.participant_id);
            count(PlaceKind::Decision, check.decision.as_str());
            check.failing.split(',').filter(|reason| !reason.is_empty()).for_each(|reason| count(PlaceKind::Reason, reason));
            if let (Decision::Eligible | Decision::Provisional, Some(person)) = (check.decision, check.participant_id)
                && came.insert((person, check.service_date, check.care_type))
            {
                count(PlaceKind::Visit, VISITS);
            }
        }
    }

    let mut rows = Vec::with_capacity(cells.len());
    for ((village_code, care_type, kind, name), tally) in cells {
        // Whom nobody knows may be one person, asked about often.
        let people = tally.people.len() as i64 + i64::from(tally.has_unknown);
        let coin = coin(db, &format!("{month} {village_code} {care_type} {kind} {name}"))?;
        rows.push(Row { month, village_code, care_type, kind, name, published: published(tally.counted, people, coin) });
    }
    Ok(rows)
}

/// Puts what was counted of a month in the place of what was there.
pub fn store(tx: &mut Tx, part: &Part, rows: Vec<Row>) -> Result<()> {
    replace!(tx, Row, check_places, check_places::table.filter(check_places::month.eq(part.day)), rows);
    Ok(())
}

/// The coin of a cell, which falls the same way each time and which nobody can know without the keys.
pub fn coin(db: &Db, cell: &str) -> Result<u64> {
    let [a, b, c, d, e, f, g, h, ..] = db.keyring().fingerprint("published cell", cell.as_bytes())?;
    Ok(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// A cell as it is read: its keys, and how much is told of it.
#[derive(Queryable, Debug, Clone)]
pub struct PlaceCell {
    pub month: NaiveDate,
    /// Empty where nobody knows.
    pub village_code: String,
    pub care_type: CareType,
    pub name: String,
    pub published: i64,
}

/// The cells of whole months within what was asked for.
pub fn cells(db: &mut Db, scope: &Scope, kind: PlaceKind) -> Result<Vec<PlaceCell>> {
    let mut query = check_places::table
        .filter(check_places::month.between(scope.from, scope.to))
        .filter(check_places::kind.eq(kind))
        .select((check_places::month, check_places::village_code, check_places::care_type, check_places::name, check_places::published))
        .into_boxed();
    if let Some(place) = &scope.place {
        query = query.filter(check_places::village_code.between(place.0.clone(), format!("{}~", place.0)));
    }
    if let Some(care) = scope.care_type {
        query = query.filter(check_places::care_type.eq(care));
    }
    Ok(query.load(&mut db.connection)?)
}
