//! Steps: a few rows of a file at a time, stored in one transaction together with whatever tells how far it has come. A row that the database refuses
//! is found by halving and told like any other bad row; the good ones beside it are stored.

use std::borrow::Cow;
use std::io::Read;

use super::kinds::Stored;
use super::outcomes::RowOutcome;
use crate::context::Context;
use crate::domain::imports::{Column, Outcome, Reader, Row};
use crate::error::{Code, Error, Result, StorageFault};
use crate::service::App;
use crate::store::db::{Db, Tx, write_quietly};
use crate::store::gate::Priority;
use crate::store::imports::Tally;

/// The code of a row that only the database refuses; what it said is in the log.
pub const NOT_STORED: &str = "ROW_NOT_STORED";
/// Why a step needs no event of its own: where someone was entered or changed, one is recorded.
const ONLY_CHANGES_ARE_TOLD: &str = "only who was entered or changed is told";

/// A file of whatever kind, stored a few rows at a time.
pub trait Steps {
    /// What is done when all rows of the file are read, and which share of it, where that is not all.
    fn beyond_the_file(&self) -> Option<(&'static str, f64)> {
        None
    }

    /// Settles the next rows, `most` at the most; false at the end. `keep` runs in the same transaction and keeps what became of them; it may see them in
    /// parts.
    fn next(&mut self, db: &mut Db, context: &Context, manner: Manner, keep: Keep<'_>) -> std::result::Result<bool, Interrupted>;
}

/// Keeps what became of some rows, in the transaction that stores them.
pub type Keep<'k> = &'k mut dyn FnMut(&mut Tx, &Settled) -> Result<()>;

/// How many rows a step takes, and whether it only tells what would become of them.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub rows: usize,
    pub dry_run: bool,
}

/// Why a file was not gone on with.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    #[error(transparent)]
    Read(#[from] std::io::Error),
    #[error(transparent)]
    Store(#[from] Error),
    /// A file of the population office that is only a part of one.
    #[error("the file has far fewer people than it should")]
    FarFewerPeople,
}

/// The rows of one kind, cut into steps.
pub struct RowsOf<'r, R, T> {
    app: &'r App,
    reader: Reader<'r, R, T>,
    /// What lies before this byte is done. After a restart its rows are still judged: a repetition of one shows only so.
    done: u64,
}

/// Some rows, and from which byte of the file to which they reach.
struct Step<T> {
    rows: Vec<Row<T>>,
    begin: u64,
    end: u64,
}

impl<'r, R: Read, T: Stored> RowsOf<'r, R, T> {
    pub fn new(app: &'r App, reader: Reader<'r, R, T>, done: u64) -> Self {
        Self { app, reader, done }
    }

    fn read(&mut self, most: usize) -> std::io::Result<Option<Step<T>>> {
        let mut rows = Vec::with_capacity(most);
        while rows.len() < most
            && let Some(together) = self.reader.next_together()?
        {
            rows.extend(together.into_iter().filter(|row| row.byte_position >= self.done));
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let end = self.reader.position();
        let begin = std::mem::replace(&mut self.done, end);
        Ok(Some(Step { rows, begin, end }))
    }
}

impl<R: Read, T: Stored> Steps for RowsOf<'_, R, T> {
    fn next(&mut self, db: &mut Db, context: &Context, manner: Manner, keep: Keep<'_>) -> std::result::Result<bool, Interrupted> {
        let Some(step) = self.read(manner.rows)? else { return Ok(false) };
        settle(self.app, db, context, step, manner.dry_run, keep)?;
        Ok(true)
    }
}

/// A fault, where it is, and the sender's own key of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    pub line: u64,
    pub column: Option<Column>,
    pub code: Cow<'static, str>,
    pub row_key: Option<String>,
}

/// What became of a step, or of a part of it.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    pub rows: Tally,
    pub faults: Vec<LineFault>,
    pub begin: u64,
    pub end: u64,
}

/// Stores the good rows of a step, or tells what would become of them.
fn settle<T: Stored>(app: &App, db: &mut Db, context: &Context, step: Step<T>, dry_run: bool, keep: Keep<'_>) -> Result<()> {
    let good: Vec<&T> = step.rows.iter().filter_map(Row::entry).collect();
    let tried = write_quietly(db, Priority::Bulk, ONLY_CHANGES_ARE_TOLD, |tx| {
        let outcomes = if dry_run { tx.rehearse(|tx| T::take(app, tx, context, &good))? } else { T::take(app, tx, context, &good)? };
        keep(tx, &count(&step, &outcomes))
    });
    match tried {
        Err(error) if is_a_rows_fault(&error) && step.middle().is_some() => {
            let (first, second) = step.halves();
            settle(app, db, context, first, dry_run, keep)?;
            settle(app, db, context, second, dry_run, keep)
        }
        Err(error) if is_a_rows_fault(&error) && !good.is_empty() => {
            tracing::error!(import.byte = step.begin, %error, "a row could not be stored");
            write_quietly(db, Priority::Bulk, ONLY_CHANGES_ARE_TOLD, |tx| keep(tx, &count(&step, &[])))
        }
        tried => tried,
    }
}

/// Would the same rows fail again, whenever they are tried?
fn is_a_rows_fault(error: &Error) -> bool {
    match error {
        Error::Storage(StorageFault::Refused(_) | StorageFault::Missing) | Error::Unusable(_) | Error::Internal(_) | Error::Invalid(_) => true,
        // That the job was ended meanwhile is no row's fault.
        Error::Refused(refusal) => refusal.code != Code::StateConflict,
        Error::Storage(StorageFault::Gone(_) | StorageFault::Conflict(_)) | Error::Busy(_) | Error::InDoubt => false,
    }
}

impl<T> Step<T> {
    /// Where it can be cut in two without parting rows that stand together, near its middle.
    fn middle(&self) -> Option<usize> {
        let apart = |at: &usize| self.rows[*at].household.is_none() || self.rows[*at].household != self.rows[at - 1].household;
        let middle = self.rows.len() / 2;
        (middle.max(1)..self.rows.len()).find(apart).or_else(|| (1..middle).rev().find(apart))
    }

    /// The same as two; the second is empty where it cannot be cut.
    fn halves(mut self) -> (Self, Self) {
        let rows = self.rows.split_off(self.middle().unwrap_or(self.rows.len()));
        let middle = rows.first().map_or(self.end, |row| row.byte_position);
        (Self { end: middle, ..self }, Self { rows, begin: middle, end: self.end })
    }
}

/// Counts rows, given what became of the good ones among them.
fn count<T>(step: &Step<T>, outcomes: &[RowOutcome]) -> Settled {
    let mut settled = Settled { begin: step.begin, end: step.end, ..Settled::default() };
    let mut outcomes = outcomes.iter();
    for row in &step.rows {
        let mut tell =
            |column, code: Cow<'static, str>| settled.faults.push(LineFault { line: row.line, column, code, row_key: row.row_key.clone() });
        match &row.outcome {
            Outcome::Repeated => settled.rows.unchanged += 1,
            Outcome::Bad(faults) => {
                faults.iter().for_each(|fault| tell(fault.column, fault.code.as_str().into()));
                settled.rows.failed += 1;
            }
            Outcome::Good(_) => match outcomes.next() {
                Some(RowOutcome::Created(_)) => settled.rows.created += 1,
                Some(RowOutcome::Changed(_)) => settled.rows.changed += 1,
                Some(RowOutcome::Unchanged(_)) => settled.rows.unchanged += 1,
                Some(RowOutcome::Refused(refused)) => {
                    refused.iter().for_each(|refused| tell(refused.column, refused.code.clone()));
                    settled.rows.failed += 1;
                }
                None => {
                    tell(None, NOT_STORED.into());
                    settled.rows.failed += 1;
                }
            },
        }
    }
    settled
}
