//! Signals and whom they are about. One open signal about the same: the database sees to it.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{Db, Tx, locked, on_each};
use super::reading::Reading;
use crate::domain::id::Id;
use crate::domain::signals::{Evidence, SignalKind, SignalState};
use crate::domain::time::{Period, UtcTime};
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::privacy::cells::Column;
use crate::schema::{signal_subjects, signals};

/// Whom a signal names at most: one telephone number can stand on hundreds of thousands of cards, and the evidence tells how many they are.
pub const SUBJECTS: usize = 100;

/// What the sealed cell of a signal holds.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignalCell {
    pub evidence: Evidence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A signal whose cell is open.
#[derive(Clone)]
pub struct Signal {
    pub id: Id,
    pub state: SignalState,
    pub facility_id: Option<Id>,
    pub dedupe: BlindIndex,
    pub cell: SignalCell,
    pub earlier_id: Option<Id>,
    pub raised_at: UtcTime,
    pub updated_at: UtcTime,
    pub decided_at: Option<UtcTime>,
    pub decided_by: Option<Id>,
}

/// What is open about a signal.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = signals)]
pub struct Brief {
    pub id: Id,
    pub kind: SignalKind,
    pub score: i32,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signals, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    kind: SignalKind,
    state: SignalState,
    score: i32,
    facility_id: Option<Id>,
    dedupe: Id,
    key_id: i32,
    sealed: Vec<u8>,
    earlier_id: Option<Id>,
    raised_at: UtcTime,
    updated_at: UtcTime,
    decided_at: Option<UtcTime>,
    decided_by: Option<Id>,
}

fn open(db: &Db, row: Row) -> Result<Signal> {
    let Row { id, state, facility_id, dedupe, key_id, sealed, earlier_id, raised_at, updated_at, decided_at, decided_by, .. } = row;
    // What is sealed in it is evidence, which names and numbers nobody.
    let cell = db.keyring().unseal_json(Column::SignalSealed, id, &sealed)?;
    let dedupe = BlindIndex { value: dedupe, key_id };
    Ok(Signal { id, state, facility_id, dedupe, cell, earlier_id, raised_at, updated_at, decided_at, decided_by })
}

fn seal(db: &Db, signal: &Signal) -> Result<Row> {
    let Signal { id, state, facility_id, dedupe, cell, earlier_id, raised_at, updated_at, decided_at, decided_by } = signal;
    Ok(Row {
        id: *id,
        kind: cell.evidence.kind(),
        state: *state,
        score: cell.evidence.score(),
        facility_id: *facility_id,
        dedupe: dedupe.value,
        key_id: dedupe.key_id,
        sealed: db.keyring().seal_json(Column::SignalSealed, *id, cell)?,
        earlier_id: *earlier_id,
        raised_at: *raised_at,
        updated_at: *updated_at,
        decided_at: *decided_at,
        decided_by: *decided_by,
    })
}

/// The open signal about this, held for the rest of the transaction.
pub fn lock_open(tx: &mut Tx, dedupe: BlindIndex) -> Result<Option<Signal>> {
    let found: Option<Row> = locked!(
        tx,
        signals::table.filter(signals::dedupe.eq(dedupe.value)).filter(signals::state.eq(SignalState::Open)).select(Row::as_select()),
        first
    )
    .optional()?;
    found.map(|row| open(tx, row)).transpose()
}

/// The latest signal about this that was decided.
pub fn last_decided(tx: &mut Tx, dedupe: BlindIndex) -> Result<Option<Signal>> {
    let query = signals::table.filter(signals::dedupe.eq(dedupe.value)).filter(signals::state.ne(SignalState::Open)).order(signals::id.desc());
    let found: Option<Row> = query.select(Row::as_select()).first(&mut tx.db.connection).optional()?;
    found.map(|row| open(tx, row)).transpose()
}

/// Enters a signal; false when there is an open one about the same by now.
pub fn insert(tx: &mut Tx, signal: &Signal) -> Result<bool> {
    let row = seal(tx, signal)?;
    let inserted = on_each!(tx.db, |connection| diesel::insert_into(signals::table).values(row).on_conflict_do_nothing().execute(connection))?;
    Ok(inserted == 1)
}

/// Writes a signal that this transaction holds.
pub fn put(tx: &mut Tx, signal: &Signal) -> Result<()> {
    let row = seal(tx, signal)?;
    diesel::update(signals::table.find(row.id))
        .set((
            signals::state.eq(row.state),
            signals::score.eq(row.score),
            signals::facility_id.eq(row.facility_id),
            signals::sealed.eq(row.sealed),
            signals::updated_at.eq(row.updated_at),
            signals::decided_at.eq(row.decided_at),
            signals::decided_by.eq(row.decided_by),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Adds those who are not among its subjects yet, as far as there is room, to a signal that this transaction holds; returns whom of
/// these it names now, and how many of them are new.
pub fn add_subjects(tx: &mut Tx, signal: Id, people: &[Id]) -> Result<(Vec<Id>, usize)> {
    let known: BTreeSet<Id> = subjects_of(tx, signal)?.into_iter().collect();
    let (mut named, new): (Vec<Id>, Vec<Id>) = people.iter().partition(|person| known.contains(person));
    let added: Vec<Id> = new.into_iter().take(SUBJECTS.saturating_sub(known.len())).collect();
    let rows: Vec<_> = added.iter().map(|person| (signal_subjects::signal_id.eq(signal), signal_subjects::participant_id.eq(*person))).collect();
    if !rows.is_empty() {
        on_each!(tx.db, |connection| diesel::insert_into(signal_subjects::table).values(&rows).execute(connection))?;
    }
    named.extend(&added);
    Ok((named, added.len()))
}

fn subjects_of(db: &mut Db, signal: Id) -> Result<Vec<Id>> {
    let query = signal_subjects::table.filter(signal_subjects::signal_id.eq(signal)).order(signal_subjects::participant_id);
    Ok(query.limit(SUBJECTS as i64).select(signal_subjects::participant_id).load(&mut db.connection)?)
}

/// Whom these signals are about.
pub fn subjects(db: &mut Db, reading: &mut Reading, ids: &[Id]) -> Result<HashMap<Id, Vec<Id>>> {
    let mut about = HashMap::with_capacity(ids.len());
    for signal in ids {
        let people = subjects_of(db, *signal)?;
        reading.shows(people.iter().copied());
        about.insert(*signal, people);
    }
    Ok(about)
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Signal>> {
    let found: Option<Row> = signals::table.find(id).select(Row::as_select()).first(&mut db.connection).optional()?;
    found.map(|row| open(db, row)).transpose()
}

/// The signal, held for the rest of the transaction.
pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<Signal>> {
    let found: Option<Row> = locked!(tx, signals::table.find(id).select(Row::as_select()), first).optional()?;
    found.map(|row| open(tx, row)).transpose()
}

/// The open signals about a person, the gravest first.
pub fn open_about(db: &mut Db, participant: Id) -> Result<Vec<Brief>> {
    let about = signal_subjects::table.filter(signal_subjects::participant_id.eq(participant)).select(signal_subjects::signal_id);
    let query = signals::table.filter(signals::id.eq_any(about)).filter(signals::state.eq(SignalState::Open));
    Ok(query.order((signals::score.desc(), signals::id.desc())).select(Brief::as_select()).load(&mut db.connection)?)
}

/// What a list of signals may be narrowed by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    pub kind: Option<SignalKind>,
    pub state: Option<SignalState>,
    pub facility_id: Option<Id>,
    pub participant_id: Option<Id>,
    pub min_score: Option<i32>,
    /// When they were raised.
    pub raised: Period,
}

/// A page of signals, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Vec<Signal>> {
    let mut query = signals::table.select(Row::as_select()).into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(signals::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(signals::state.eq(state));
    }
    if let Some(facility) = filter.facility_id {
        query = query.filter(signals::facility_id.eq(facility));
    }
    if let Some(person) = filter.participant_id {
        let about = signal_subjects::table.filter(signal_subjects::participant_id.eq(person)).select(signal_subjects::signal_id);
        query = query.filter(signals::id.eq_any(about));
    }
    if let Some(least) = filter.min_score {
        query = query.filter(signals::score.ge(least));
    }
    if let Some(from) = filter.raised.from {
        query = query.filter(signals::raised_at.ge(from));
    }
    if let Some(until) = filter.raised.until {
        query = query.filter(signals::raised_at.lt(until));
    }
    if let Some(before) = before {
        query = query.filter(signals::id.lt(before));
    }
    let rows: Vec<Row> = query.order(signals::id.desc()).limit(limit + 1).load(&mut db.connection)?;
    rows.into_iter().map(|row| open(db, row)).collect()
}
