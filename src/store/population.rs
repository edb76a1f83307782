//! The population office's file: its snapshots, of which one is current, and what it says under each NIK.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx, on_each};
use super::reading::Reading;
use crate::domain::id::Id;
use crate::domain::population::{CivilRecord, SnapshotState};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::privacy::cells::Column;
use crate::privacy::keyring::Keyring;
use crate::schema::{population_records, population_snapshots};

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

/// A file and how far its records have come.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = population_snapshots, treat_none_as_default_value = false)]
pub struct Snapshot {
    pub id: Id,
    /// The date of what the file says.
    pub as_of: NaiveDate,
    pub state: SnapshotState,
    /// Tells the same file from another one.
    pub digest: Vec<u8>,
    pub records: i64,
    /// The key of the last record that is in the table.
    pub loaded_to: Option<Id>,
    pub made_at: UtcTime,
    pub updated_at: UtcTime,
    /// When who brought it confirmed that it may be far smaller than the one before.
    pub smaller_confirmed_at: Option<UtcTime>,
}

/// What a file says under one NIK.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    pub nik_index: Id,
    /// One, unless the file gives the NIK to different people; none where its row could not be read.
    pub people: Vec<CivilRecord>,
}

/// The snapshot that counts.
pub fn current(db: &mut Db) -> Result<Option<Snapshot>> {
    Ok(population_snapshots::table
        .filter(population_snapshots::state.eq(SnapshotState::Current))
        .select(Snapshot::as_select())
        .first(&mut db.connection)
        .optional()?)
}

/// What the current snapshot says under this NIK. Its words are those of a person, so it takes a `Reading` like the people themselves.
pub fn find(db: &mut Db, _: &Reading, nik_index: Id) -> Result<Option<Record>> {
    let found: Option<Vec<u8>> = population_records::table
        .inner_join(population_snapshots::table.on(population_snapshots::id.eq(population_records::snapshot_id)))
        .filter(population_snapshots::state.eq(SnapshotState::Current))
        .filter(population_records::bidx.eq(nik_index))
        .select(population_records::sealed)
        .first(&mut db.connection)
        .optional()?;
    let keyring = db.keyring();
    found.map(|sealed| open(&keyring, nik_index, &sealed)).transpose()
}

fn open(keyring: &Keyring, nik_index: Id, sealed: &[u8]) -> Result<Record> {
    Ok(Record { nik_index, people: keyring.unseal_json(Column::PopulationRecordSealed, nik_index, sealed)? })
}

/// A snapshot by its id.
pub fn snapshot(db: &mut Db, id: Id) -> Result<Option<Snapshot>> {
    Ok(population_snapshots::table.find(id).select(Snapshot::as_select()).first(&mut db.connection).optional()?)
}

pub fn insert_snapshot(tx: &mut Tx, snapshot: &Snapshot) -> Result<()> {
    diesel::insert_into(population_snapshots::table).values(snapshot).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Who brought it confirms that it may be far smaller than the one before.
pub fn confirm_smaller(tx: &mut Tx, id: Id, now: UtcTime) -> Result<()> {
    diesel::update(population_snapshots::table.find(id)).set(population_snapshots::smaller_confirmed_at.eq(now)).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Puts records behind those that are there, in the order of their keys; false when the snapshot was given up, or moved on by someone else.
pub fn insert_records(tx: &mut Tx, seen: &Snapshot, records: &[(BlindIndex, Vec<CivilRecord>)], now: UtcTime) -> Result<bool> {
    let Some((last, _)) = records.last() else { return Ok(true) };
    let more = i64::try_from(records.len()).unwrap_or(i64::MAX);
    let place = population_snapshots::table
        .find(seen.id)
        .filter(population_snapshots::state.eq(SnapshotState::Loading))
        .filter(population_snapshots::records.eq(seen.records));
    let moved = diesel::update(place)
        .set((
            population_snapshots::records.eq(seen.records + more),
            population_snapshots::loaded_to.eq(last.value),
            population_snapshots::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    if moved == 0 {
        return Ok(false);
    }
    let keyring = tx.keyring();
    for chunk in records.chunks(ROWS) {
        let rows = chunk
            .iter()
            .map(|(nik, people)| {
                let sealed = keyring.seal_json(Column::PopulationRecordSealed, nik.value, people)?;
                Ok((
                    population_records::snapshot_id.eq(seen.id),
                    population_records::bidx.eq(nik.value),
                    population_records::key_id.eq(nik.key_id),
                    population_records::sealed.eq(sealed),
                ))
            })
            .collect::<Result<Vec<_>>>()?;
        on_each!(tx.db, |connection| diesel::insert_into(population_records::table).values(&rows).execute(connection))?;
    }
    Ok(true)
}

/// From now on this snapshot counts and the one before does not; false when this one was not being loaded any more.
pub fn make_current(tx: &mut Tx, id: Id, now: UtcTime) -> Result<bool> {
    diesel::update(population_snapshots::table.filter(population_snapshots::state.eq(SnapshotState::Current)))
        .set((population_snapshots::state.eq(SnapshotState::Replaced), population_snapshots::updated_at.eq(now)))
        .execute(&mut tx.db.connection)?;
    let made = diesel::update(population_snapshots::table.find(id).filter(population_snapshots::state.eq(SnapshotState::Loading)))
        .set((population_snapshots::state.eq(SnapshotState::Current), population_snapshots::updated_at.eq(now)))
        .execute(&mut tx.db.connection)?;
    Ok(made == 1)
}

/// Gives up a snapshot that is not whole.
pub fn abandon(tx: &mut Tx, id: Id, now: UtcTime) -> Result<()> {
    diesel::update(population_snapshots::table.find(id).filter(population_snapshots::state.eq(SnapshotState::Loading)))
        .set((population_snapshots::state.eq(SnapshotState::Abandoned), population_snapshots::updated_at.eq(now)))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Snapshots whose records nobody needs any more.
pub fn useless(db: &mut Db) -> Result<Vec<Id>> {
    Ok(population_snapshots::table
        .filter(population_snapshots::state.eq_any([SnapshotState::Replaced, SnapshotState::Abandoned]))
        .filter(population_snapshots::loaded_to.is_not_null())
        .select(population_snapshots::id)
        .load(&mut db.connection)?)
}

/// Deletes some records of such a snapshot; false when none are left.
pub fn sweep(tx: &mut Tx, id: Id, most: i64) -> Result<bool> {
    let last: Option<Id> = population_records::table
        .filter(population_records::snapshot_id.eq(id))
        .order(population_records::bidx)
        .select(population_records::bidx)
        .limit(most)
        .load(&mut tx.db.connection)?
        .pop();
    let Some(last) = last else {
        diesel::update(population_snapshots::table.find(id)).set(population_snapshots::loaded_to.eq(None::<Id>)).execute(&mut tx.db.connection)?;
        return Ok(false);
    };
    diesel::delete(population_records::table.filter(population_records::snapshot_id.eq(id)).filter(population_records::bidx.le(last)))
        .execute(&mut tx.db.connection)?;
    Ok(true)
}

/// What a snapshot says under these NIKs.
pub fn of_niks(db: &mut Db, _: &Reading, snapshot: Id, niks: &[Id]) -> Result<HashMap<Id, Record>> {
    let keyring = db.keyring();
    let mut found = HashMap::with_capacity(niks.len());
    for chunk in niks.chunks(ROWS) {
        let query = population_records::table
            .filter(population_records::snapshot_id.eq(snapshot))
            .filter(population_records::bidx.eq_any(chunk))
            .select((population_records::bidx, population_records::sealed));
        let rows: Vec<(Id, Vec<u8>)> = on_each!(db, |connection| query.load(connection))?;
        for (nik, sealed) in rows {
            found.insert(nik, open(&keyring, nik, &sealed)?);
        }
    }
    Ok(found)
}

/// Which of these NIKs a snapshot has.
pub fn which(db: &mut Db, snapshot: Id, niks: &[Id]) -> Result<HashSet<Id>> {
    let mut found = HashSet::with_capacity(niks.len());
    for chunk in niks.chunks(ROWS) {
        let query = population_records::table
            .filter(population_records::snapshot_id.eq(snapshot))
            .filter(population_records::bidx.eq_any(chunk))
            .select(population_records::bidx);
        found.extend(on_each!(db, |connection| query.load::<Id>(connection))?);
    }
    Ok(found)
}
