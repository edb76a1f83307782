//! The steps of a file of the population office: its rows are read and sorted, put in the order of their keys, and then compared with the registry.
//! Each step is a transaction that also says how far it has come, so that a kill at any moment loses at most one.

use std::io::Read;
use std::iter::Peekable;

use chrono::NaiveDate;

use super::comparing;
use super::sorting::{Item, Sorted, Sorter};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::imports::{Outcome, Place, PopulationRow, Reader, RowFault, Survey, Unreadable};
use crate::domain::population::{CivilRecord, RunState};
use crate::error::{Code, Error, Result};
use crate::privacy::blind::BlindIndex;
use crate::service::App;
use crate::service::imports::{self, Interrupted, Keep, LineFault, Manner, Settled};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write, write_quietly};
use crate::store::gate::Priority;
use crate::store::population::Snapshot;
use crate::store::reconciliations::Run;

/// So much of a file is sorted at once.
const SORTED_AT_ONCE: usize = 48 * 1024 * 1024;
/// More people under one NIK are a broken file; these are enough to see it.
const MOST_UNDER_ONE_NIK: usize = 8;
const QUIET: &str = "the file's records are told as a whole when they become current, and findings when they are new";

pub struct Steps<'r, R> {
    app: &'r App,
    /// None for a dry run, which only judges the rows.
    run: Option<Id>,
    /// What lies before this byte of the file has been told.
    done: u64,
    phase: Phase<'r, R>,
}

enum Phase<'r, R> {
    /// Where the run is, is not known yet.
    Opened(Box<Reader<'r, R, PopulationRow>>),
    Reading(Box<Reader<'r, R, PopulationRow>>, Sorter),
    Loading(Peekable<Sorted>, Snapshot),
    Comparing(Box<Run>, NaiveDate),
    Resolving(Box<Run>, comparing::Place),
    /// Records of older files go.
    Sweeping,
    /// The file is no whole one: what was read of it goes.
    Withdrawing,
    Ended,
}

impl<'r, R: Read> Steps<'r, R> {
    pub fn open(app: &'r App, run: Option<Id>, input: R, survey: Survey, done: u64) -> std::result::Result<Self, Unreadable> {
        let place = Place { today: app.city.today(app.surroundings.now()), regions: &app.city.regions };
        Ok(Self { app, run, done, phase: Phase::Opened(Box::new(Reader::open(input, survey, place)?)) })
    }

    /// Where a run goes on: with its file, or with the comparison.
    fn resume(&self, db: &mut Db, reader: Box<Reader<'r, R, PopulationRow>>) -> Result<Phase<'r, R>> {
        let reading = |reader| Phase::Reading(reader, Sorter::new(imports::folder(&self.app.settings), SORTED_AT_ONCE));
        let Some(id) = self.run else { return Ok(reading(reader)) };
        let found = store::reconciliations::find(db, id)?.ok_or_else(|| Error::internal("a reconciliation that was never begun"))?;
        Ok(match found.run.state {
            RunState::Loading => reading(reader),
            RunState::Comparing => Phase::Comparing(Box::new(found.run), found.as_of),
            RunState::Done | RunState::Superseded => Phase::Sweeping,
            RunState::Abandoned => Phase::Withdrawing,
        })
    }

    /// Reads some rows. After a restart all are read again for sorting, and only those that were not told before are told.
    fn read(
        &mut self,
        reader: &mut Reader<'r, R, PopulationRow>,
        sorter: &mut Sorter,
        (db, context, most): (&Db, &Context, usize),
    ) -> std::result::Result<Option<Settled>, Interrupted> {
        let keyring = db.keyring();
        let mut settled = Settled { begin: self.done, ..Settled::default() };
        let mut read = 0;
        while read < most
            && let Some(row) = reader.next()
        {
            let row = row?;
            let is_told = row.byte_position < self.done;
            read += usize::from(!is_told);
            // Whom a bad row is about stands in the file all the same: it is put beside the others with nothing said.
            if let Some(nik) = row.about.filter(|_| self.run.is_some()) {
                sorter.push(keyring.nik_index(&nik).map_err(Error::from)?, Vec::new(), || context.new_id())?;
            }
            match row.outcome {
                Outcome::Good(entry) if self.run.is_some() => {
                    let said = serde_json::to_vec(&entry.record).map_err(|_| Error::internal("a record that is no JSON"))?;
                    sorter.push(keyring.nik_index(&entry.nik).map_err(Error::from)?, said, || context.new_id())?;
                    settled.rows.created += i64::from(!is_told);
                }
                Outcome::Good(_) => settled.rows.created += i64::from(!is_told),
                Outcome::Repeated => settled.rows.unchanged += i64::from(!is_told),
                Outcome::Bad(_) if is_told => {}
                Outcome::Bad(faults) => {
                    let tell = |fault: &RowFault| LineFault {
                        line: row.line,
                        column: fault.column,
                        code: fault.code.as_str().into(),
                        row_key: row.row_key.clone(),
                    };
                    settled.faults.extend(faults.iter().map(tell));
                    settled.rows.failed += 1;
                }
            }
        }
        if read == 0 {
            return Ok(None);
        }
        settled.end = (*reader).position();
        self.done = settled.end;
        Ok(Some(settled))
    }

    /// The place where the file has been read to its end: that the job is still wanted shows when it is kept.
    fn at_the_end(&self) -> Settled {
        Settled { begin: self.done, end: self.done, ..Settled::default() }
    }

    /// Puts the next records behind those that are there.
    fn load(
        &self,
        db: &mut Db,
        context: &Context,
        sorted: &mut Peekable<Sorted>,
        snapshot: &mut Snapshot,
        manner: Manner,
        keep: Keep<'_>,
    ) -> std::result::Result<bool, Interrupted> {
        let mut records = Vec::with_capacity(manner.rows);
        while records.len() < manner.rows
            && let Some((nik, people)) = next_record(sorted)?
        {
            // After a restart the first ones are there.
            if snapshot.loaded_to.is_none_or(|last| nik.value > last) {
                records.push((nik, people));
            }
        }
        let Some((last, _)) = records.last() else { return Ok(false) };
        let place = self.at_the_end();
        write_quietly(db, Priority::Bulk, QUIET, |tx| {
            require(store::population::insert_records(tx, snapshot, &records, context.now)?)?;
            keep(tx, &place)
        })?;
        snapshot.records += i64::try_from(records.len()).unwrap_or(i64::MAX);
        snapshot.loaded_to = Some(last.value);
        Ok(true)
    }

    /// The file is there as a whole: from now on it counts. False where it has too few people to be more than a part of one: then it never will.
    fn become_current(&self, db: &mut Db, context: &Context, snapshot: &Snapshot, keep: Keep<'_>) -> Result<bool> {
        let place = self.at_the_end();
        write(db, Priority::Bulk, |tx| {
            if let Some(least) = self.least_of(tx, snapshot)?.filter(|least| snapshot.records < *least) {
                store::reconciliations::abandon(tx, snapshot.id, context.now)?;
                let event = Event::new(context, "population.snapshot_refused").object(snapshot.id);
                tx.record(event.with("records", snapshot.records).with("least", least));
                keep(tx, &place)?;
                return Ok(false);
            }
            require(store::population::make_current(tx, snapshot.id, context.now)?)?;
            require(store::reconciliations::go(tx, snapshot.id, RunState::Loading, RunState::Comparing, context.now)?)?;
            let event = Event::new(context, "population.snapshot_current").object(snapshot.id);
            tx.record(event.with("as_of", snapshot.as_of).with("records", snapshot.records));
            keep(tx, &place)?;
            Ok(true)
        })
    }

    /// How many people the file must have; none where who brought it has confirmed that it may be small.
    fn least_of(&self, tx: &mut Tx, snapshot: &Snapshot) -> Result<Option<i64>> {
        let percent = self.app.settings.imports.least_population_percent;
        if snapshot.smaller_confirmed_at.is_some() || percent == 0 {
            return Ok(None);
        }
        let former = match store::population::current(tx)? {
            Some(current) => current.records,
            None => store::participants::active(tx)?,
        };
        Ok(Some(former.saturating_mul(percent).saturating_add(99) / 100))
    }

    fn compare(&self, db: &mut Db, context: &Context, (run, as_of): (&Run, NaiveDate), manner: Manner, keep: Keep<'_>) -> Result<Compared> {
        let place = self.at_the_end();
        write_quietly(db, Priority::Bulk, QUIET, |tx| {
            if store::population::current(tx)?.is_none_or(|current| current.id != run.id) {
                require(end(tx, context, run, RunState::Superseded)?)?;
                return Ok(Compared::Superseded);
            }
            keep(tx, &place)?;
            let rows = i64::try_from(manner.rows).unwrap_or(i64::MAX);
            Ok(comparing::page(self.app, tx, context, run, as_of, rows)?.map_or(Compared::Everyone, |run| Compared::Some(Box::new(run))))
        })
    }
}

enum Compared {
    Some(Box<Run>),
    Everyone,
    Superseded,
}

impl<R: Read> imports::Steps for Steps<'_, R> {
    fn beyond_the_file(&self) -> Option<(&'static str, f64)> {
        match &self.phase {
            Phase::Opened(_) | Phase::Reading(..) | Phase::Ended => None,
            Phase::Loading(_, snapshot) => Some(("records kept", share(snapshot.loaded_to))),
            Phase::Comparing(run, _) => Some(("registry compared", share(run.compared_to))),
            Phase::Resolving(..) | Phase::Sweeping | Phase::Withdrawing => Some(("tidying up", 1.0)),
        }
    }

    fn next(&mut self, db: &mut Db, context: &Context, manner: Manner, keep: Keep<'_>) -> std::result::Result<bool, Interrupted> {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Opened(reader) => self.resume(db, reader)?,
            Phase::Reading(mut reader, mut sorter) => match (self.read(&mut reader, &mut sorter, (db, context, manner.rows))?, self.run) {
                (Some(settled), _) => {
                    write_quietly(db, Priority::Bulk, QUIET, |tx| keep(tx, &settled))?;
                    Phase::Reading(reader, sorter)
                }
                (None, None) => Phase::Ended,
                (None, Some(id)) => {
                    let snapshot = store::population::snapshot(db, id)?.ok_or_else(|| Error::internal("a run without its snapshot"))?;
                    Phase::Loading(sorter.sorted()?.peekable(), snapshot)
                }
            },
            Phase::Loading(mut sorted, mut snapshot) => {
                if self.load(db, context, &mut sorted, &mut snapshot, manner, keep)? {
                    Phase::Loading(sorted, snapshot)
                } else if !self.become_current(db, context, &snapshot, keep)? {
                    Phase::Withdrawing
                } else {
                    let found = store::reconciliations::find(db, snapshot.id)?.ok_or_else(|| Error::internal("a run is gone"))?;
                    Phase::Comparing(Box::new(found.run), found.as_of)
                }
            }
            Phase::Comparing(run, as_of) => match self.compare(db, context, (&run, as_of), manner, keep)? {
                Compared::Some(run) => Phase::Comparing(run, as_of),
                Compared::Everyone => Phase::Resolving(run, comparing::Place::default()),
                Compared::Superseded => Phase::Sweeping,
            },
            Phase::Resolving(mut run, mut place) => {
                if comparing::resolve(db, context, &mut run, &mut place)? {
                    Phase::Resolving(run, place)
                } else {
                    write(db, Priority::Bulk, |tx| require(end(tx, context, &run, RunState::Done)?))?;
                    Phase::Sweeping
                }
            }
            Phase::Sweeping => {
                if sweep(db)? {
                    Phase::Sweeping
                } else {
                    Phase::Ended
                }
            }
            Phase::Withdrawing => {
                if !sweep(db)? {
                    return Err(Interrupted::FarFewerPeople);
                }
                Phase::Withdrawing
            }
            Phase::Ended => Phase::Ended,
        };
        Ok(!matches!(self.phase, Phase::Ended))
    }
}

/// How far a key is on the way from the first to the last: keys are hashes, so they lie evenly.
pub fn share(key: Option<Id>) -> f64 {
    let [high, low, ..] = key.map_or([0; 16], |key| *key.as_bytes());
    f64::from(u16::from_be_bytes([high, low])) / f64::from(u16::MAX)
}

fn require(as_seen: bool) -> Result<()> {
    if as_seen { Ok(()) } else { Err(Error::refused(Code::StateConflict)) }
}

fn end(tx: &mut Tx, context: &Context, run: &Run, state: RunState) -> Result<bool> {
    let event = Event::new(context, "reconciliation.ended").object(run.id).with("state", state).with("compared", run.compared);
    tx.record(event.with("agree", run.agree).with("new_findings", run.new_findings).with("resolved", run.resolved));
    store::reconciliations::go(tx, run.id, RunState::Comparing, state, context.now)
}

/// All that the file says under the next NIK. Rows that say the same count once, whatever their sender calls them.
fn next_record(sorted: &mut Peekable<Sorted>) -> std::result::Result<Option<(BlindIndex, Vec<CivilRecord>)>, Interrupted> {
    let Some(first) = sorted.next().transpose()? else { return Ok(None) };
    let nik = first.key;
    let mut people: Vec<CivilRecord> = open(&first)?.into_iter().collect();
    while let Some(item) = sorted.next_if(|next| next.as_ref().map_or(true, |item| item.key.value == nik.value)) {
        let Some(record) = open(&item?)? else { continue };
        let is_known = people.iter().any(|known| CivilRecord { row_key: known.row_key.clone(), ..record.clone() } == *known);
        if !is_known && people.len() < MOST_UNDER_ONE_NIK {
            people.push(record);
        }
    }
    Ok(Some((nik, people)))
}

/// What a row says; none of one that was at fault.
fn open(item: &Item) -> Result<Option<CivilRecord>> {
    if item.said.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&item.said).map(Some).map_err(|_| Error::internal("a sorted record does not read"))
}

/// Deletes some records of files that do not count any more; false when none are left.
pub(super) fn sweep(db: &mut Db) -> Result<bool> {
    const SLICE: i64 = 500;
    let Some(id) = store::population::useless(db)?.first().copied() else { return Ok(false) };
    write_quietly(db, Priority::Bulk, "what does not count any more is told by what replaced it", |tx| store::population::sweep(tx, id, SLICE))?;
    Ok(true)
}
