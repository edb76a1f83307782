//! Reconciliations: one comparison of the registry with a file of the population office, how far it has come and what it counted.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx};
use crate::domain::id::Id;
use crate::domain::population::RunState;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{population_snapshots, reconciliations};

/// A run. It has the id of its snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = reconciliations, treat_none_as_default_value = false)]
pub struct Run {
    pub id: Id,
    pub state: RunState,
    /// The key of the last number of the registry that was compared.
    pub compared_to: Option<Id>,
    pub compared: i64,
    pub agree: i64,
    /// How many records of the file are someone's who is registered.
    pub matched: i64,
    pub not_found: i64,
    pub moved: i64,
    pub duplicate: i64,
    pub different: i64,
    pub deceased: i64,
    pub jkn_changed: i64,
    pub new_findings: i64,
    pub resolved: i64,
    /// Who brought the file; nobody at the command line.
    pub asked_by: Option<Id>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub finished_at: Option<UtcTime>,
}

impl Run {
    pub const fn new(id: Id, asked_by: Option<Id>, now: UtcTime) -> Self {
        Self {
            id,
            state: RunState::Loading,
            compared_to: None,
            compared: 0,
            agree: 0,
            matched: 0,
            not_found: 0,
            moved: 0,
            duplicate: 0,
            different: 0,
            deceased: 0,
            jkn_changed: 0,
            new_findings: 0,
            resolved: 0,
            asked_by,
            created_at: now,
            updated_at: now,
            finished_at: None,
        }
    }
}

/// A run with the date and the length of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    pub run: Run,
    pub as_of: NaiveDate,
    pub records: i64,
}

pub fn insert(tx: &mut Tx, run: &Run) -> Result<()> {
    diesel::insert_into(reconciliations::table).values(run).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Dated>> {
    let found: Option<(Run, NaiveDate, i64)> = reconciliations::table
        .inner_join(population_snapshots::table.on(population_snapshots::id.eq(reconciliations::id)))
        .filter(reconciliations::id.eq(id))
        .select((Run::as_select(), population_snapshots::as_of, population_snapshots::records))
        .first(&mut db.connection)
        .optional()?;
    Ok(found.map(|(run, as_of, records)| Dated { run, as_of, records }))
}

/// Newest first, below an id.
pub fn page(db: &mut Db, before: Option<Id>, limit: i64) -> Result<Vec<Dated>> {
    let mut query = reconciliations::table
        .inner_join(population_snapshots::table.on(population_snapshots::id.eq(reconciliations::id)))
        .select((Run::as_select(), population_snapshots::as_of, population_snapshots::records))
        .order(reconciliations::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(reconciliations::id.lt(before));
    }
    let found: Vec<(Run, NaiveDate, i64)> = query.load(&mut db.connection)?;
    Ok(found.into_iter().map(|(run, as_of, records)| Dated { run, as_of, records }).collect())
}

/// A run that was begun at the command line and has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Unfinished {
    pub id: Id,
    pub as_of: NaiveDate,
    /// Tells its file from another one.
    pub digest: Vec<u8>,
}

/// The unfinished runs of the command line, newest first.
pub fn unfinished(db: &mut Db) -> Result<Vec<Unfinished>> {
    Ok(reconciliations::table
        .inner_join(population_snapshots::table.on(population_snapshots::id.eq(reconciliations::id)))
        .filter(reconciliations::state.eq_any([RunState::Loading, RunState::Comparing]))
        .filter(reconciliations::asked_by.is_null())
        .order(reconciliations::id.desc())
        .select((reconciliations::id, population_snapshots::as_of, population_snapshots::digest))
        .load(&mut db.connection)?)
}

/// From one state to another; false when it is not in the first any more.
pub fn go(tx: &mut Tx, id: Id, from: RunState, to: RunState, now: UtcTime) -> Result<bool> {
    let finished_at = to.is_finished().then_some(now);
    let gone = diesel::update(reconciliations::table.find(id).filter(reconciliations::state.eq(from)))
        .set((reconciliations::state.eq(to), reconciliations::updated_at.eq(now), reconciliations::finished_at.eq(finished_at)))
        .execute(&mut tx.db.connection)?;
    Ok(gone == 1)
}

/// Writes a run over what was seen of it; false when it was ended, or moved on by someone else.
pub fn advance(tx: &mut Tx, seen: &Run, run: &Run) -> Result<bool> {
    let place = reconciliations::table.find(seen.id).filter(reconciliations::state.eq(RunState::Comparing));
    let values = (
        reconciliations::compared_to.eq(run.compared_to),
        reconciliations::compared.eq(run.compared),
        reconciliations::agree.eq(run.agree),
        reconciliations::matched.eq(run.matched),
        reconciliations::not_found.eq(run.not_found),
        reconciliations::moved.eq(run.moved),
        reconciliations::duplicate.eq(run.duplicate),
        reconciliations::different.eq(run.different),
        reconciliations::deceased.eq(run.deceased),
        reconciliations::jkn_changed.eq(run.jkn_changed),
        reconciliations::new_findings.eq(run.new_findings),
        reconciliations::resolved.eq(run.resolved),
        reconciliations::updated_at.eq(run.updated_at),
    );
    let moved = match seen.compared_to {
        Some(key) => diesel::update(place.filter(reconciliations::compared_to.eq(key))).set(values).execute(&mut tx.db.connection)?,
        None => diesel::update(place.filter(reconciliations::compared_to.is_null())).set(values).execute(&mut tx.db.connection)?,
    };
    Ok(moved == 1)
}

/// Gives up a run that has not ended, and its snapshot if that is not whole.
pub fn abandon(tx: &mut Tx, id: Id, now: UtcTime) -> Result<()> {
    super::population::abandon(tx, id, now)?;
    for state in [RunState::Loading, RunState::Comparing] {
        go(tx, id, state, RunState::Abandoned, now)?;
    }
    Ok(())
}
