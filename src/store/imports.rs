//! Imports: how far each has come, and which rows of its file were bad.

use diesel::prelude::*;

use super::db::{Db, Tx, on_each};
use crate::domain::id::Id;
use crate::domain::imports::{ImportFailure, ImportKind, ImportState};
use crate::domain::time::{Period, UtcTime};
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::privacy::spool::SpoolKey;
use crate::schema::{import_faults, imports};

/// A job and its counters.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
pub struct Import {
    pub id: Id,
    pub kind: ImportKind,
    pub state: ImportState,
    pub dry_run: bool,
    pub bytes_total: i64,
    pub bytes_done: i64,
    pub rows_read: i64,
    pub rows_created: i64,
    pub rows_changed: i64,
    pub rows_unchanged: i64,
    pub rows_failed: i64,
    pub failure: Option<ImportFailure>,
    pub asked_by: Id,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub finished_at: Option<UtcTime>,
}

/// What became of some rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub created: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub failed: i64,
}

impl Tally {
    pub const fn read(&self) -> i64 {
        self.created + self.changed + self.unchanged + self.failed
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.created += more.created;
        self.changed += more.changed;
        self.unchanged += more.unchanged;
        self.failed += more.failed;
    }
}

/// A fault of a row, without the value. `column_name` is empty where the row as a whole is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_faults, treat_none_as_default_value = false)]
pub struct ImportFault {
    pub import_id: Id,
    pub line: i64,
    pub ordinal: i32,
    pub column_name: String,
    pub code: String,
    pub row_key: Option<String>,
}

/// A new job with the key of its spool file.
pub fn insert(tx: &mut Tx, import: &Import, spool_key: &SpoolKey) -> Result<()> {
    let sealed = tx.keyring().seal(Column::ImportSpoolKey, import.id, spool_key.secret())?;
    diesel::insert_into(imports::table).values((import, imports::spool_key.eq(sealed))).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Import>> {
    Ok(imports::table.find(id).select(Import::as_select()).first(&mut db.connection).optional()?)
}

/// What a list of jobs may be narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub state: Option<ImportState>,
    pub created: Period,
    pub updated_since: Option<UtcTime>,
}

/// Newest first, below an id.
pub fn list(db: &mut Db, filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<Import>> {
    let mut query = imports::table.select(Import::as_select()).order(imports::id.desc()).limit(limit).into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(imports::state.eq(state));
    }
    if let Some(from) = filter.created.from {
        query = query.filter(imports::created_at.ge(from));
    }
    if let Some(until) = filter.created.until {
        query = query.filter(imports::created_at.lt(until));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(imports::updated_at.ge(since));
    }
    if let Some(before) = before {
        query = query.filter(imports::id.lt(before));
    }
    Ok(query.load(&mut db.connection)?)
}

/// Jobs that wait or run, the oldest first.
pub fn unfinished(db: &mut Db) -> Result<Vec<Import>> {
    Ok(imports::table
        .filter(imports::state.eq_any([ImportState::Queued, ImportState::Running]))
        .select(Import::as_select())
        .order(imports::id)
        .load(&mut db.connection)?)
}

/// The key of a job's spool file; none when the job is over.
pub fn spool_key(db: &mut Db, id: Id) -> Result<Option<SpoolKey>> {
    let sealed: Option<Option<Vec<u8>>> = imports::table.find(id).select(imports::spool_key).first(&mut db.connection).optional()?;
    let keyring = db.keyring();
    Ok(match sealed.flatten() {
        Some(sealed) => Some(SpoolKey::of(id, keyring.unseal(Column::ImportSpoolKey, id, &sealed)?)),
        None => None,
    })
}

/// From waiting to running; false when it was ended meanwhile. One that was running before a restart goes on running.
pub fn begin(tx: &mut Tx, id: Id, now: UtcTime) -> Result<bool> {
    let begun = diesel::update(imports::table.find(id).filter(imports::state.eq_any([ImportState::Queued, ImportState::Running])))
        .set((imports::state.eq(ImportState::Running), imports::updated_at.eq(now)))
        .execute(&mut tx.db.connection)?;
    Ok(begun == 1)
}

/// Moves a running job on from the byte at which it was seen; false when it was ended, or moved by someone else.
pub fn advance(tx: &mut Tx, id: Id, seen: i64, done: i64, rows: Tally, now: UtcTime) -> Result<bool> {
    let moved = diesel::update(imports::table.find(id).filter(imports::state.eq(ImportState::Running)).filter(imports::bytes_done.eq(seen)))
        .set((
            imports::bytes_done.eq(done),
            imports::rows_read.eq(imports::rows_read + rows.read()),
            imports::rows_created.eq(imports::rows_created + rows.created),
            imports::rows_changed.eq(imports::rows_changed + rows.changed),
            imports::rows_unchanged.eq(imports::rows_unchanged + rows.unchanged),
            imports::rows_failed.eq(imports::rows_failed + rows.failed),
            imports::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(moved == 1)
}

/// Ends a job and forgets the key of its file; false when it had ended before.
pub fn finish(tx: &mut Tx, id: Id, state: ImportState, failure: Option<ImportFailure>, now: UtcTime) -> Result<bool> {
    let finished = diesel::update(imports::table.find(id).filter(imports::state.eq_any([ImportState::Queued, ImportState::Running])))
        .set((
            imports::state.eq(state),
            imports::failure.eq(failure),
            imports::updated_at.eq(now),
            imports::finished_at.eq(now),
            imports::spool_key.eq(None::<Vec<u8>>),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(finished == 1)
}

/// Says of jobs that their file is here and their turn will come.
pub fn touch(tx: &mut Tx, ids: &[Id], now: UtcTime) -> Result<()> {
    diesel::update(imports::table.filter(imports::id.eq_any(ids))).set(imports::updated_at.eq(now)).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn insert_faults(tx: &mut Tx, faults: &[ImportFault]) -> Result<()> {
    // Chunks keep a statement below SQLite's number of binds.
    for chunk in faults.chunks(1_000) {
        on_each!(tx.db, |connection| diesel::insert_into(import_faults::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// Faults in the order of the file, after a place in it.
pub fn faults(db: &mut Db, id: Id, after: Option<(i64, i32)>, limit: i64) -> Result<Vec<ImportFault>> {
    let mut query = import_faults::table
        .filter(import_faults::import_id.eq(id))
        .select(ImportFault::as_select())
        .order((import_faults::line, import_faults::ordinal))
        .limit(limit)
        .into_boxed();
    if let Some((line, ordinal)) = after {
        query = query.filter(import_faults::line.gt(line).or(import_faults::line.eq(line).and(import_faults::ordinal.gt(ordinal))));
    }
    Ok(query.load(&mut db.connection)?)
}
