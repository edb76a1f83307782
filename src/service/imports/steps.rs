//! Steps: a few rows of a file at a time, stored in one transaction together with whatever tells how far it has come. A row that the database refuses
//! is found by halving and told like any other bad row; the good ones beside it are stored.

use std::io::Read;

use crate::context::Context;
use crate::domain::imports::{Column, Outcome, ParticipantRow, Reader, Row};
use crate::error::{Code, Error, Result, StorageFault};
use crate::service::App;
use crate::service::upsert_plan;
use crate::service::upserts::{ONLY_CHANGES_ARE_TOLD, RowOutcome, take};
use crate::store::db::{Db, Tx, write_quietly};
use crate::store::gate::Priority;
use crate::store::imports::Tally;

/// The code of a row that only the database refuses; what it said is in the log.
pub const NOT_STORED: &str = "ROW_NOT_STORED";

/// Some rows, and from which byte of the file to which they reach.
pub struct Step {
    rows: Vec<Row>,
    begin: u64,
    end: u64,
}

/// Cuts what a reader gives into steps.
pub struct Steps<'r, R> {
    reader: Reader<'r, R>,
    /// What lies before this byte is done. After a restart its rows are still judged: a repetition of one shows only so.
    done: u64,
}

impl<'r, R: Read> Steps<'r, R> {
    pub fn new(reader: Reader<'r, R>, done: u64) -> Self {
        Self { reader, done }
    }

    /// The next rows, `most` at the most; none at the end.
    pub fn next(&mut self, most: usize) -> std::io::Result<Option<Step>> {
        let mut rows = Vec::with_capacity(most);
        while rows.len() < most
            && let Some(row) = self.reader.next()
        {
            let row = row?;
            if row.byte_position >= self.done {
                rows.push(row);
            }
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let end = self.reader.position();
        let begin = std::mem::replace(&mut self.done, end);
        Ok(Some(Step { rows, begin, end }))
    }
}

/// A fault, where it is, and the sender's own key of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    pub line: u64,
    pub column: Option<Column>,
    pub code: &'static str,
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

/// Stores the good rows of a step. `keep` runs in the same transaction and keeps what became of them; it may see the step in parts.
pub fn settle(
    app: &App,
    db: &mut Db,
    context: &Context,
    step: Step,
    dry_run: bool,
    keep: &mut impl FnMut(&mut Tx, &Settled) -> Result<()>,
) -> Result<()> {
    let good: Vec<upsert_plan::Row<'_>> = step.rows.iter().filter_map(good).map(|row| upsert_plan::Row::new(context, row)).collect();
    let tried = write_quietly(db, Priority::Bulk, ONLY_CHANGES_ARE_TOLD, |tx| {
        let outcomes = take(app, tx, context, &good, dry_run)?;
        keep(tx, &count(&step, &outcomes))
    });
    match tried {
        Err(error) if is_a_rows_fault(&error) && step.rows.len() > 1 => {
            drop(good);
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

impl Step {
    fn halves(mut self) -> (Self, Self) {
        let rows = self.rows.split_off(self.rows.len() / 2);
        let middle = rows.first().map_or(self.end, |row| row.byte_position);
        (Self { end: middle, ..self }, Self { rows, begin: middle, end: self.end })
    }
}

fn good(row: &Row) -> Option<&ParticipantRow> {
    match &row.outcome {
        Outcome::Good(row) => Some(row),
        Outcome::Repeated | Outcome::Bad(_) => None,
    }
}

/// Counts rows, given what became of the good ones among them.
fn count(step: &Step, outcomes: &[RowOutcome]) -> Settled {
    let mut settled = Settled { begin: step.begin, end: step.end, ..Settled::default() };
    let mut outcomes = outcomes.iter();
    for row in &step.rows {
        let mut tell = |column, code| settled.faults.push(LineFault { line: row.line, column, code, row_key: row.row_key.clone() });
        match &row.outcome {
            Outcome::Repeated => settled.rows.unchanged += 1,
            Outcome::Bad(faults) => {
                faults.iter().for_each(|fault| tell(fault.column, fault.code.as_str()));
                settled.rows.failed += 1;
            }
            Outcome::Good(_) => match outcomes.next() {
                Some(RowOutcome::Created(_)) => settled.rows.created += 1,
                Some(RowOutcome::Changed(_)) => settled.rows.changed += 1,
                Some(RowOutcome::Unchanged(_)) => settled.rows.unchanged += 1,
                Some(RowOutcome::Refused(column, code)) => {
                    tell(Some(*column), code.as_str());
                    settled.rows.failed += 1;
                }
                None => {
                    tell(None, NOT_STORED);
                    settled.rows.failed += 1;
                }
            },
        }
    }
    settled
}
