//! Findings: in what the registry and the population office's file differ, and what a person decided about it.

use std::collections::HashMap;

use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use super::reading::Reading;
use crate::domain::id::Id;
use crate::domain::population::{Difference, FindingCategory, FindingState};
use crate::domain::residency::VillageCode;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::privacy::cells::Column;
use crate::schema::reconciliation_findings as findings;

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 1_000;

/// A finding whose cell is open.
#[derive(Clone)]
pub struct Finding {
    pub id: Id,
    /// The run that showed it first, and the last one that did.
    pub run_id: Id,
    pub last_run_id: Id,
    pub participant_id: Id,
    pub other_participant_id: Option<Id>,
    pub category: FindingCategory,
    pub state: FindingState,
    pub village_code: VillageCode,
    pub row_key: Option<String>,
    /// Tells this difference from another one of the same person and category.
    pub content: BlindIndex,
    pub cell: FindingCell,
    pub found_at: UtcTime,
    pub updated_at: UtcTime,
    pub decided_at: Option<UtcTime>,
    pub decided_by: Option<Id>,
}

/// What is inside the cell.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct FindingCell {
    pub difference: Difference,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = findings, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    run_id: Id,
    last_run_id: Id,
    participant_id: Id,
    other_participant_id: Option<Id>,
    category: FindingCategory,
    state: FindingState,
    village_code: VillageCode,
    row_key: Option<String>,
    content: Id,
    key_id: i32,
    sealed: Vec<u8>,
    found_at: UtcTime,
    updated_at: UtcTime,
    decided_at: Option<UtcTime>,
    decided_by: Option<Id>,
}

fn open(db: &Db, reading: &mut Reading, row: Row) -> Result<Finding> {
    reading.shows(std::iter::once(row.participant_id).chain(row.other_participant_id));
    let cell = db.keyring().unseal_json(Column::ReconciliationFindingSealed, row.id, &row.sealed)?;
    Ok(Finding {
        id: row.id,
        run_id: row.run_id,
        last_run_id: row.last_run_id,
        participant_id: row.participant_id,
        other_participant_id: row.other_participant_id,
        category: row.category,
        state: row.state,
        village_code: row.village_code,
        row_key: row.row_key,
        content: BlindIndex { value: row.content, key_id: row.key_id },
        cell,
        found_at: row.found_at,
        updated_at: row.updated_at,
        decided_at: row.decided_at,
        decided_by: row.decided_by,
    })
}

/// A finding as far as a run must know it.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct Known {
    pub id: Id,
    pub category: FindingCategory,
    pub state: FindingState,
}

/// The findings of these people, by person and content.
pub fn known(db: &mut Db, people: &[Id]) -> Result<HashMap<(Id, Id), Known>> {
    let mut found = HashMap::new();
    for chunk in people.chunks(ROWS) {
        let query = findings::table.filter(findings::participant_id.eq_any(chunk)).select((
            findings::participant_id,
            findings::content,
            (findings::id, findings::category, findings::state),
        ));
        let rows: Vec<(Id, Id, Known)> = on_each!(db, |connection| query.load(connection))?;
        found.extend(rows.into_iter().map(|(person, content, known)| ((person, content), known)));
    }
    Ok(found)
}

pub fn insert_all(tx: &mut Tx, new: &[Finding]) -> Result<()> {
    let keyring = tx.keyring();
    let rows = new
        .iter()
        .map(|finding| {
            Ok(Row {
                id: finding.id,
                run_id: finding.run_id,
                last_run_id: finding.last_run_id,
                participant_id: finding.participant_id,
                other_participant_id: finding.other_participant_id,
                category: finding.category,
                state: finding.state,
                village_code: finding.village_code,
                row_key: finding.row_key.clone(),
                content: finding.content.value,
                key_id: finding.content.key_id,
                sealed: keyring.seal_json(Column::ReconciliationFindingSealed, finding.id, &finding.cell)?,
                found_at: finding.found_at,
                updated_at: finding.updated_at,
                decided_at: finding.decided_at,
                decided_by: finding.decided_by,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    for chunk in rows.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(findings::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// This run shows them too, whatever was decided about them meanwhile.
pub fn shown_again(tx: &mut Tx, ids: &[Id], run: Id, now: UtcTime) -> Result<()> {
    for chunk in ids.chunks(ROWS) {
        let shown = diesel::update(findings::table.filter(findings::id.eq_any(chunk)).filter(findings::last_run_id.ne(run)));
        shown.set((findings::last_run_id.eq(run), findings::updated_at.eq(now))).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// They were settled in this state, and are there again; returns how many still were.
pub fn reopen(tx: &mut Tx, ids: &[Id], settled: FindingState) -> Result<usize> {
    let mut reopened = 0;
    for chunk in ids.chunks(ROWS) {
        let again = diesel::update(findings::table.filter(findings::id.eq_any(chunk)).filter(findings::state.eq(settled)));
        reopened += again
            .set((findings::state.eq(FindingState::Open), findings::decided_at.eq(None::<UtcTime>), findings::decided_by.eq(None::<Id>)))
            .execute(&mut tx.db.connection)?;
    }
    Ok(reopened)
}

/// Some open findings of a category that a run no longer shows, after one, by id: the order of the index, so that each is looked at once.
pub fn unshown(db: &mut Db, run: Id, category: FindingCategory, after: Option<Id>, most: i64) -> Result<Vec<Id>> {
    let mut query = findings::table
        .filter(findings::state.eq(FindingState::Open))
        .filter(findings::category.eq(category))
        .filter(findings::last_run_id.ne(run))
        .order(findings::id)
        .select(findings::id)
        .limit(most)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(findings::id.gt(after));
    }
    Ok(query.load(&mut db.connection)?)
}

/// Closes those of them that are still open and not shown: a person may decide about one at the same moment, and that stands. Returns how many.
pub fn resolve(tx: &mut Tx, ids: &[Id], run: Id, now: UtcTime) -> Result<usize> {
    let closed = diesel::update(
        findings::table.filter(findings::id.eq_any(ids)).filter(findings::state.eq(FindingState::Open)).filter(findings::last_run_id.ne(run)),
    );
    Ok(closed.set((findings::state.eq(FindingState::Resolved), findings::updated_at.eq(now))).execute(&mut tx.db.connection)?)
}

/// The finding, held for the rest of the transaction.
pub fn lock(tx: &mut Tx, reading: &mut Reading, id: Id) -> Result<Option<Finding>> {
    let found: Option<Row> = locked!(tx, findings::table.find(id).select(Row::as_select()), first).optional()?;
    found.map(|row| open(tx, reading, row)).transpose()
}

/// Writes what was decided about a finding that this transaction holds.
pub fn decide(tx: &mut Tx, finding: &Finding) -> Result<()> {
    let sealed = tx.keyring().seal_json(Column::ReconciliationFindingSealed, finding.id, &finding.cell)?;
    diesel::update(findings::table.find(finding.id))
        .set((
            findings::state.eq(finding.state),
            findings::sealed.eq(sealed),
            findings::updated_at.eq(finding.updated_at),
            findings::decided_at.eq(finding.decided_at),
            findings::decided_by.eq(finding.decided_by),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// What a list of findings may be narrowed by. A run is the last one that shows them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub category: Option<FindingCategory>,
    pub state: Option<FindingState>,
    pub run: Option<Id>,
    pub village: Option<VillageCode>,
}

type Query<'a> = findings::BoxedQuery<'a, super::db::MultiBackend>;

fn narrowed<'a>(filter: Filter) -> Query<'a> {
    let mut query = findings::table.into_boxed();
    if let Some(category) = filter.category {
        query = query.filter(findings::category.eq(category));
    }
    if let Some(state) = filter.state {
        query = query.filter(findings::state.eq(state));
    }
    if let Some(run) = filter.run {
        query = query.filter(findings::last_run_id.eq(run));
    }
    if let Some(village) = filter.village {
        query = query.filter(findings::village_code.eq(village));
    }
    query
}

/// A page of findings, newest first.
pub fn page(db: &mut Db, reading: &mut Reading, filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<Finding>> {
    let mut query = narrowed(filter).order(findings::id.desc()).limit(limit);
    if let Some(before) = before {
        query = query.filter(findings::id.lt(before));
    }
    let rows: Vec<Row> = query.select(Row::as_select()).load(&mut db.connection)?;
    rows.into_iter().map(|row| open(db, reading, row)).collect()
}

/// The ids of findings, the oldest first.
pub fn ids(db: &mut Db, filter: Filter, limit: i64) -> Result<Vec<Id>> {
    Ok(narrowed(filter).order(findings::id).limit(limit).select(findings::id).load(&mut db.connection)?)
}

/// A finding without what is sealed in it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = findings)]
pub struct Line {
    pub id: Id,
    pub participant_id: Id,
    pub category: FindingCategory,
    pub state: FindingState,
    pub village_code: VillageCode,
    pub row_key: Option<String>,
}

/// Findings in the order in which they were found, after one.
pub fn lines(db: &mut Db, filter: Filter, after: Option<Id>, limit: i64) -> Result<Vec<Line>> {
    let mut query = narrowed(filter).order(findings::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(findings::id.gt(after));
    }
    Ok(query.select(Line::as_select()).load(&mut db.connection)?)
}
