//! Principal diagnoses of claims by the month of admission: of each hospital, of each district, and of the city.
//!
//! What is told without a kind of care is the sum of what is told of each, and kept beside them: there are many codes.
//!
//! The three are rounded each by itself, and of fewer than five people none tells anything: what one leaves out cannot be had back from another.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::check_places::coin;
use super::claim_months::Counted;
use super::db::{Db, Tx, total};
use super::summaries::{NO_FACILITY, replace};
use crate::domain::claim_figures::came_to_nothing;
use crate::domain::eligibility::CareType;
use crate::domain::figures::Scope;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::summaries::{FEWEST_PEOPLE, published, published_share};
use crate::error::Result;
use crate::schema::diagnosis_sums;

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = diagnosis_sums, primary_key(facility_id, district_code, month, code, care_type))]
pub(super) struct Row {
    facility_id: Id,
    district_code: String,
    month: NaiveDate,
    code: String,
    /// Or all of them.
    care_type: String,
    #[diesel(embed)]
    seen: Seen,
}

/// How often a diagnosis was the principal one, and what is told of it.
#[derive(Queryable, Selectable, Insertable, Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[diesel(table_name = diagnosis_sums)]
pub struct Seen {
    pub claims: i64,
    pub people: i64,
    pub approved: i64,
    pub told_claims: i64,
    pub told_people: i64,
    pub told_approved: i64,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.claims += other.claims;
        self.people += other.people;
        self.approved += other.approved;
        self.told_claims += other.told_claims;
        self.told_people += other.told_people;
        self.told_approved += other.told_approved;
    }
}

const ALL_CARE: &str = "all";

/// Whose diagnoses are counted together.
pub(super) type Family = (Id, String);

/// As the city is called, which has no facility and no district.
pub(super) const fn city() -> Family {
    (NO_FACILITY, String::new())
}

/// Of a diagnosis.
#[derive(Default)]
struct Cell {
    claims: i64,
    people: HashSet<Id>,
    approved: i64,
    /// For whom something was approved.
    helped: HashSet<Id>,
}

#[derive(Default)]
pub(super) struct Tally {
    cells: BTreeMap<(Family, String, CareType), Cell>,
}

impl Tally {
    /// Counts a claim that came to something.
    pub(super) fn add(&mut self, family: Family, claim: &Counted) {
        let Some(code) = claim.principal_diagnosis.as_ref().filter(|_| !came_to_nothing(claim.state)) else { return };
        let cell = self.cells.entry((family, code.clone(), claim.care_type)).or_default();
        cell.claims += 1;
        cell.people.insert(claim.participant_id);
        cell.approved += claim.approved.0;
        if claim.approved != Rupiah::ZERO {
            cell.helped.insert(claim.participant_id);
        }
    }

    /// What is kept of it.
    pub(super) fn rows(self, db: &Db, month: NaiveDate) -> Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(2 * self.cells.len());
        let mut of_all_care: BTreeMap<(Family, String), Seen> = BTreeMap::new();
        for (((facility_id, district_code), code, care_type), Cell { claims, people, approved, helped }) in self.cells {
            let (people, helped) = (people.len() as i64, helped.len() as i64);
            let cell = format!("{month} {facility_id} {district_code} {code} {care_type}");
            // With one coin, so that there are never more people told than claims.
            let coin = coin(db, &format!("diagnosis {cell}"))?;
            let (told_claims, told_people) = (published(claims, people, coin), published(people, people, coin));
            let seen = Seen {
                claims,
                people,
                approved,
                told_claims,
                told_people,
                told_approved: if helped < FEWEST_PEOPLE { 0 } else { published_share(approved, claims, told_claims) },
            };
            of_all_care.entry(((facility_id, district_code.clone()), code.clone())).or_default().add(&seen);
            rows.push(Row { facility_id, district_code, month, code, care_type: care_type.to_string(), seen });
        }
        let all =
            |(((facility_id, district_code), code), seen)| Row { facility_id, district_code, month, code, care_type: ALL_CARE.to_owned(), seen };
        rows.extend(of_all_care.into_iter().map(all));
        Ok(rows)
    }
}

/// In the place of what was counted of a month for a hospital, or for the city with its districts.
pub(super) fn store(tx: &mut Tx, facility: Id, month: NaiveDate, rows: Vec<Row>) -> Result<()> {
    let kept = diagnosis_sums::table.filter(diagnosis_sums::facility_id.eq(facility)).filter(diagnosis_sums::month.eq(month));
    replace!(tx, Row, diagnosis_sums, kept, rows);
    Ok(())
}

/// Counts a hospital's month.
pub(super) fn count(db: &Db, facility: Id, month: NaiveDate, rows: &[Counted]) -> Result<Vec<Row>> {
    let mut tally = Tally::default();
    for claim in rows {
        tally.add((facility, String::new()), claim);
    }
    tally.rows(db, month)
}

/// By code, of the hospital or district that is asked for, or of the city.
pub fn by_code(db: &mut Db, scope: &Scope) -> Result<Vec<(String, Seen)>> {
    let district = scope.place.as_ref().map(|place| place.0.as_str()).unwrap_or_default();
    let query = diagnosis_sums::table
        .filter(diagnosis_sums::facility_id.eq(scope.facility.unwrap_or(NO_FACILITY)))
        .filter(diagnosis_sums::district_code.eq(district))
        .filter(diagnosis_sums::month.between(scope.from, scope.to))
        .filter(diagnosis_sums::care_type.eq(scope.care_type.map_or(ALL_CARE, CareType::as_str)))
        .group_by(diagnosis_sums::code)
        .select((
            diagnosis_sums::code,
            (total!("claims"), total!("people"), total!("approved"), total!("told_claims"), total!("told_people"), total!("told_approved")),
        ));
    Ok(query.load(&mut db.connection)?)
}
