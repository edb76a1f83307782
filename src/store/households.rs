//! Households, every KK number they have had, and who belonged to them from when until when.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::db::{Db, Tx, locked, on_each};
use super::reading::Reading;
use super::sealed::{HouseholdCell, LeftMembership};
use super::signal_scans;
use crate::domain::id::Id;
use crate::domain::registration::Relation;
use crate::domain::residency::VillageCode;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::privacy::cells::Column;
use crate::schema::{household_members, households, kk_registry};

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

#[derive(Clone, PartialEq, Eq)]
pub struct Household {
    pub id: Id,
    pub version: i32,
    pub village_code: VillageCode,
    pub cell: HouseholdCell,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = households, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    version: i32,
    village_code: VillageCode,
    sealed: Vec<u8>,
    created_at: UtcTime,
    updated_at: UtcTime,
}

/// One person's time in one household, in one relation to its head. The last day is the person's; an open end means "still".
#[derive(Queryable, Selectable, Insertable, Debug, Clone, Copy, PartialEq, Eq)]
#[diesel(table_name = household_members, treat_none_as_default_value = false)]
pub struct Membership {
    pub id: Id,
    pub household_id: Id,
    pub participant_id: Id,
    pub relation: Relation,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
}

impl From<Membership> for LeftMembership {
    fn from(left: Membership) -> Self {
        let Membership { id, household_id, relation, valid_from: from, .. } = left;
        Self { id, household_id, relation, from }
    }
}

/// Opens households. Their numbers name the people in them, so it takes a `Reading` like the people themselves.
fn open(db: &Db, rows: Vec<Row>, _: &Reading) -> Result<Vec<Household>> {
    let keyring = db.keyring();
    rows.into_iter()
        .map(|Row { id, version, village_code, sealed, .. }| {
            Ok(Household { id, version, village_code, cell: keyring.unseal_json(Column::HouseholdSealed, id, &sealed)? })
        })
        .collect()
}

pub fn find(db: &mut Db, reading: &Reading, id: Id) -> Result<Option<Household>> {
    let row = households::table.find(id).select(Row::as_select()).first(&mut db.connection).optional()?;
    Ok(open(db, row.into_iter().collect(), reading)?.pop())
}

/// These households, in any order.
pub fn all(db: &mut Db, reading: &Reading, ids: &[Id]) -> Result<Vec<Household>> {
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(ROWS) {
        let query = households::table.filter(households::id.eq_any(chunk));
        rows.extend(on_each!(db, |connection| query.select(Row::as_select()).load::<Row>(connection))?);
    }
    open(db, rows, reading)
}

/// Holds the household for the rest of the transaction.
pub fn lock(tx: &mut Tx, reading: &Reading, id: Id) -> Result<Option<Household>> {
    let found = locked!(tx, households::table.find(id).select(Row::as_select()), first).optional()?;
    Ok(open(tx, found.into_iter().collect(), reading)?.pop())
}

pub fn insert_all(tx: &mut Tx, new: &[Household], now: UtcTime) -> Result<()> {
    let keyring = tx.keyring();
    let rows = new
        .iter()
        .map(|Household { id, version, village_code, cell }| {
            let sealed = keyring.seal_json(Column::HouseholdSealed, *id, cell)?;
            Ok(Row { id: *id, version: *version, village_code: *village_code, sealed, created_at: now, updated_at: now })
        })
        .collect::<Result<Vec<_>>>()?;
    for chunk in rows.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(households::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// Writes a household that this transaction holds.
pub fn update(tx: &mut Tx, household: &Household, now: UtcTime) -> Result<()> {
    let sealed = tx.keyring().seal_json(Column::HouseholdSealed, household.id, &household.cell)?;
    diesel::update(households::table.find(household.id))
        .set((
            households::version.eq(household.version + 1),
            households::village_code.eq(household.village_code),
            households::sealed.eq(sealed),
            households::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Which households these KK numbers find.
pub fn of_kks(db: &mut Db, kks: &[Id]) -> Result<HashMap<Id, Id>> {
    let mut found = HashMap::with_capacity(kks.len());
    for chunk in kks.chunks(ROWS) {
        let query = kk_registry::table.filter(kk_registry::bidx.eq_any(chunk)).select((kk_registry::bidx, kk_registry::household_id));
        found.extend(on_each!(db, |connection| query.load::<(Id, Id)>(connection))?);
    }
    Ok(found)
}

/// Takes KK numbers for households; returns how many were free. In the order of their values, so that two who take the same ones do not wait for each
/// other.
pub fn take_kks(tx: &mut Tx, kks: &[(BlindIndex, Id)]) -> Result<usize> {
    let mut kks = kks.to_vec();
    kks.sort_unstable_by_key(|(kk, _)| kk.value);
    let mut taken = 0;
    for chunk in kks.chunks(ROWS) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|(kk, household)| (kk_registry::bidx.eq(kk.value), kk_registry::key_id.eq(kk.key_id), kk_registry::household_id.eq(*household)))
            .collect();
        taken += on_each!(tx.db, |connection| diesel::insert_into(kk_registry::table).values(&rows).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(taken)
}

/// From now on all numbers of one household find another.
pub fn hand_over_kks(tx: &mut Tx, from: Id, to: Id) -> Result<()> {
    diesel::update(kk_registry::table.filter(kk_registry::household_id.eq(from)))
        .set(kk_registry::household_id.eq(to))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Everyone who belongs or belonged to a household, the oldest membership first.
pub fn members(db: &mut Db, household: Id) -> Result<Vec<Membership>> {
    Ok(household_members::table
        .filter(household_members::household_id.eq(household))
        .select(Membership::as_select())
        .order((household_members::valid_from, household_members::id))
        .load(&mut db.connection)?)
}

/// The open memberships of these people.
pub fn open_memberships(db: &mut Db, people: &[Id]) -> Result<Vec<Membership>> {
    let mut found = Vec::with_capacity(people.len());
    for chunk in people.chunks(ROWS) {
        let query = household_members::table.filter(household_members::participant_id.eq_any(chunk)).filter(household_members::valid_to.is_null());
        found.extend(on_each!(db, |connection| query.select(Membership::as_select()).load(connection))?);
    }
    Ok(found)
}

/// Everyone who belongs to these households now.
pub fn open_members(db: &mut Db, households: &[Id]) -> Result<Vec<Membership>> {
    let mut found = Vec::with_capacity(households.len());
    for chunk in households.chunks(ROWS) {
        let query = household_members::table.filter(household_members::household_id.eq_any(chunk)).filter(household_members::valid_to.is_null());
        found.extend(on_each!(db, |connection| query.select(Membership::as_select()).load(connection))?);
    }
    Ok(found)
}

/// All memberships of a person, by date.
pub fn memberships_of(db: &mut Db, participant: Id) -> Result<Vec<Membership>> {
    Ok(household_members::table
        .filter(household_members::participant_id.eq(participant))
        .select(Membership::as_select())
        .order((household_members::valid_from, household_members::id))
        .load(&mut db.connection)?)
}

pub fn insert_memberships(tx: &mut Tx, memberships: &[Membership]) -> Result<()> {
    for chunk in memberships.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(household_members::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// Writes memberships over those of the same ids. Ends come before new beginnings: nobody has two open ones even for a moment.
pub fn put_memberships(tx: &mut Tx, memberships: &[Membership]) -> Result<()> {
    // Who comes onto another card brings the number of a telephone there.
    signal_scans::note_changed(tx, &memberships.iter().map(|one| one.participant_id).collect::<Vec<_>>())?;
    let (ended, open): (Vec<Membership>, Vec<Membership>) = memberships.iter().partition(|membership| membership.valid_to.is_some());
    for chunk in ended.chunks(ROWS).chain(open.chunks(ROWS)) {
        on_each!(tx.db, |connection| diesel::insert_into(household_members::table)
            .values(chunk)
            .on_conflict(household_members::id)
            .do_update()
            .set((
                household_members::household_id.eq(excluded(household_members::household_id)),
                household_members::relation.eq(excluded(household_members::relation)),
                household_members::valid_from.eq(excluded(household_members::valid_from)),
                household_members::valid_to.eq(excluded(household_members::valid_to)),
            ))
            .execute(connection))?;
    }
    Ok(())
}

pub fn delete_membership(tx: &mut Tx, id: Id) -> Result<()> {
    diesel::delete(household_members::table.find(id)).execute(&mut tx.db.connection)?;
    Ok(())
}
