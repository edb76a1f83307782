//! People, families and enrolments of each village, as sums of how they stand.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, exists};
use diesel::prelude::*;

use super::db::{Db, Tx, total};
use super::summaries::{Part, replace};
use crate::domain::cards::CardState;
use crate::domain::enrollments::EnrollmentState;
use crate::domain::figures::Place;
use crate::domain::participants::{ParticipantState, Sex};
use crate::domain::text_enum::text_enum;
use crate::error::Result;
use crate::schema::{enrollments, household_members, households, participants, registry_cells};

text_enum! {
    /// What a cell counts: people of a state, those who live here of a sex or a birth year, families of whom somebody lives here, enrolments of a state, valid cards of a state.
    RegistryKind {
        State = "state", Sex = "sex", BirthYear = "birth_year", Household = "household", Enrollment = "enrollment", Card = "card",
    }
}

/// The name of the cells of families, which have no kinds.
pub const HOUSEHOLDS: &str = "households";

pub fn parts(db: &mut Db) -> Result<BTreeSet<Part>> {
    let of_people: Vec<String> = participants::table.select(participants::village_code).distinct().load(&mut db.connection)?;
    let of_households: Vec<String> = households::table.select(households::village_code).distinct().load(&mut db.connection)?;
    let of_cells: Vec<String> = registry_cells::table.select(registry_cells::village_code).distinct().load(&mut db.connection)?;
    Ok(of_people.into_iter().chain(of_households).chain(of_cells).map(Part::of_village).collect())
}

#[derive(Queryable, Selectable, Insertable, Identifiable, Debug, Clone, PartialEq, Eq, Hash)]
#[diesel(table_name = registry_cells, primary_key(village_code, kind, name))]
pub struct Row {
    village_code: String,
    kind: RegistryKind,
    name: String,
    counted: i64,
}

/// Counts a village.
pub fn count(db: &mut Db, part: &Part) -> Result<Vec<Row>> {
    let village = &part.village_code;
    let people: Vec<(ParticipantState, Sex, i32, i64)> = participants::table
        .filter(participants::village_code.eq(village))
        .group_by((participants::state, participants::sex, participants::birth_year))
        .select((participants::state, participants::sex, participants::birth_year, count_star()))
        .load(&mut db.connection)?;
    // Of a card that was given up for another, or on which nobody is left, the number alone is kept.
    let living: Vec<ParticipantState> = ParticipantState::ALL.iter().copied().filter(|state| state.lives_here()).collect();
    let members = household_members::table
        .inner_join(participants::table.on(participants::id.eq(household_members::participant_id)))
        .filter(household_members::household_id.eq(households::id))
        .filter(household_members::valid_to.is_null())
        .filter(participants::state.eq_any(living));
    let families = households::table.filter(households::village_code.eq(village)).filter(exists(members));
    let families: i64 = families.count().get_result(&mut db.connection)?;
    let enrolled: Vec<(EnrollmentState, CardState, i64)> = enrollments::table
        .inner_join(participants::table.on(participants::id.eq(enrollments::participant_id)))
        .filter(participants::village_code.eq(village))
        .group_by((enrollments::state, enrollments::card_state))
        .select((enrollments::state, enrollments::card_state, count_star()))
        .load(&mut db.connection)?;

    let mut cells: BTreeMap<(RegistryKind, String), i64> = BTreeMap::new();
    let mut count = |kind: RegistryKind, name: &str, counted: i64| *cells.entry((kind, name.to_owned())).or_default() += counted;
    for (state, sex, birth_year, counted) in people {
        count(RegistryKind::State, state.as_str(), counted);
        if state.lives_here() {
            count(RegistryKind::Sex, sex.as_str(), counted);
            count(RegistryKind::BirthYear, &birth_year.to_string(), counted);
        }
    }
    if families > 0 {
        count(RegistryKind::Household, HOUSEHOLDS, families);
    }
    for (state, card, counted) in enrolled {
        count(RegistryKind::Enrollment, state.as_str(), counted);
        if state == EnrollmentState::Active {
            count(RegistryKind::Card, card.as_str(), counted);
        }
    }

    Ok(cells.into_iter().map(|((kind, name), counted)| Row { village_code: village.clone(), kind, name, counted }).collect())
}

/// Puts what was counted of a village in the place of what was there.
pub fn store(tx: &mut Tx, part: &Part, rows: Vec<Row>) -> Result<()> {
    replace!(tx, Row, registry_cells, registry_cells::table.filter(registry_cells::village_code.eq(&part.village_code)), rows);
    Ok(())
}

/// A cell of a village.
#[derive(Queryable, Debug, Clone)]
pub struct RegistryCell {
    pub village_code: String,
    pub name: String,
    pub counted: i64,
}

/// The cells of a kind, of a place or of everywhere.
pub fn cells(db: &mut Db, kind: RegistryKind, place: Option<&Place>) -> Result<Vec<RegistryCell>> {
    let mut query = registry_cells::table
        .filter(registry_cells::kind.eq(kind))
        .select((registry_cells::village_code, registry_cells::name, registry_cells::counted))
        .into_boxed();
    if let Some(place) = place {
        query = query.filter(registry_cells::village_code.between(place.0.clone(), format!("{}~", place.0)));
    }
    Ok(query.load(&mut db.connection)?)
}

/// The cells of a kind, all villages together.
pub fn sums(db: &mut Db, kind: RegistryKind) -> Result<Vec<(String, i64)>> {
    Ok(registry_cells::table
        .filter(registry_cells::kind.eq(kind))
        .group_by(registry_cells::name)
        .select((registry_cells::name, total!("counted")))
        .order(registry_cells::name)
        .load(&mut db.connection)?)
}
