//! Residencies: who lived where from when until when.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::db::{Db, Tx, on_each};
use crate::domain::id::Id;
use crate::domain::residency::{ResidencyPeriod, VillageCode};
use crate::error::Result;
use crate::schema::residencies;

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

#[derive(Queryable, Selectable, Insertable, Debug, Clone, Copy, PartialEq, Eq)]
#[diesel(table_name = residencies, treat_none_as_default_value = false)]
pub struct Residency {
    pub id: Id,
    pub participant_id: Id,
    pub village_code: VillageCode,
    pub resident_since: NaiveDate,
    pub resident_until: Option<NaiveDate>,
}

impl Residency {
    pub fn period(&self) -> ResidencyPeriod {
        ResidencyPeriod { from: self.resident_since, until: self.resident_until, village_code: self.village_code }
    }
}

/// The stays of these people, each person's by date.
pub fn of(db: &mut Db, people: &[Id]) -> Result<Vec<Residency>> {
    let mut found = Vec::with_capacity(people.len());
    for chunk in people.chunks(ROWS) {
        let query = residencies::table.filter(residencies::participant_id.eq_any(chunk)).order((
            residencies::participant_id,
            residencies::resident_since,
            residencies::id,
        ));
        found.extend(on_each!(db, |connection| query.select(Residency::as_select()).load(connection))?);
    }
    Ok(found)
}

pub fn insert_all(tx: &mut Tx, stays: &[Residency]) -> Result<()> {
    for chunk in stays.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(residencies::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// Writes stays over those of the same ids. Ends come before new beginnings: nobody has two open ones even for a moment.
pub fn put_all(tx: &mut Tx, stays: &[Residency]) -> Result<()> {
    let (ended, open): (Vec<Residency>, Vec<Residency>) = stays.iter().partition(|stay| stay.resident_until.is_some());
    for chunk in ended.chunks(ROWS).chain(open.chunks(ROWS)) {
        on_each!(tx.db, |connection| diesel::insert_into(residencies::table)
            .values(chunk)
            .on_conflict(residencies::id)
            .do_update()
            .set((
                residencies::village_code.eq(excluded(residencies::village_code)),
                residencies::resident_since.eq(excluded(residencies::resident_since)),
                residencies::resident_until.eq(excluded(residencies::resident_until)),
            ))
            .execute(connection))?;
    }
    Ok(())
}

/// Makes the stays of a person these: known ones keep their id, and `new_id` is for the one that is new.
pub fn become_these(tx: &mut Tx, participant: Id, known: &[Residency], stays: &[ResidencyPeriod], new_ids: &[Id]) -> Result<()> {
    let gone: Vec<Id> = known.iter().filter(|old| !stays.iter().any(|stay| stay.from == old.resident_since)).map(|old| old.id).collect();
    for id in gone {
        diesel::delete(residencies::table.find(id)).execute(&mut tx.db.connection)?;
    }
    let mut fresh = new_ids.iter();
    let rows: Option<Vec<Residency>> = stays
        .iter()
        .map(|stay| {
            let known = known.iter().find(|old| old.resident_since == stay.from).map(|old| old.id);
            let id = known.or_else(|| fresh.next().copied())?;
            let (resident_since, resident_until) = (stay.from, stay.until);
            Some(Residency { id, participant_id: participant, village_code: stay.village_code, resident_since, resident_until })
        })
        .collect();
    let rows = rows.ok_or_else(|| crate::error::Error::internal("a stay without an id"))?;
    put_all(tx, &rows)
}
