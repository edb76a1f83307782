//! The kinds of files: what stores the rows of each. The rest, from the upload to the report, is the same for all.

use std::io::Read;

use super::outcomes::RowOutcome;
use super::steps::{RowsOf, Steps};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::imports::{
    DeathRow, EnrollmentRow, Entry, HouseholdRow, ImportKind, JknRow, MoverRow, ParticipantRow, Place, Reader, Survey, Unreadable,
};
use crate::error::Result;
use crate::service::{App, enrollments, household_files, jkn_statuses, participant_events, reconciliations, upsert_plan, upserts};
use crate::store::db::Tx;

/// Rows that can be stored. Each kind does what its single form does, by the same rules.
pub trait Stored: Entry {
    /// Stores rows within a transaction that also keeps what became of them; the outcomes come in their order. A second run of the same rows changes
    /// nothing. For a dry run all of it is taken back.
    fn take(app: &App, tx: &mut Tx, context: &Context, rows: &[&Self]) -> Result<Vec<RowOutcome>>;
}

impl Stored for ParticipantRow {
    fn take(app: &App, tx: &mut Tx, context: &Context, rows: &[&Self]) -> Result<Vec<RowOutcome>> {
        let rows: Vec<upsert_plan::Row<'_>> = rows.iter().map(|row| upsert_plan::Row::new(context, row)).collect();
        upserts::take(app, tx, context, &rows)
    }
}

impl Stored for JknRow {
    fn take(app: &App, tx: &mut Tx, context: &Context, rows: &[&Self]) -> Result<Vec<RowOutcome>> {
        jkn_statuses::put_all(app, tx, context, rows)
    }
}

impl Stored for DeathRow {
    fn take(app: &App, tx: &mut Tx, context: &Context, rows: &[&Self]) -> Result<Vec<RowOutcome>> {
        participant_events::record_all(app, tx, context, &rows.iter().map(|row| &row.0).collect::<Vec<_>>())
    }
}

impl Stored for MoverRow {
    fn take(app: &App, tx: &mut Tx, context: &Context, rows: &[&Self]) -> Result<Vec<RowOutcome>> {
        participant_events::record_all(app, tx, context, &rows.iter().map(|row| &row.0).collect::<Vec<_>>())
    }
}

impl Stored for EnrollmentRow {
    fn take(app: &App, tx: &mut Tx, context: &Context, rows: &[&Self]) -> Result<Vec<RowOutcome>> {
        enrollments::file_rows(app, tx, context, rows)
    }
}

impl Stored for HouseholdRow {
    fn take(app: &App, tx: &mut Tx, context: &Context, rows: &[&Self]) -> Result<Vec<RowOutcome>> {
        household_files::register_all(app, tx, context, &rows.iter().map(|row| &row.0).collect::<Vec<_>>())
    }
}

/// Which file it is, and what it is read for.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// The job's, or that of the run that was begun for a file of the command line.
    pub id: Id,
    pub kind: ImportKind,
    pub dry_run: bool,
}

/// Opens a surveyed file whose first `done` bytes have been stored before.
pub fn open<'r>(
    app: &'r App,
    Task { id, kind, dry_run }: Task,
    input: impl Read + 'r,
    survey: Survey,
    done: u64,
) -> std::result::Result<Box<dyn Steps + 'r>, Unreadable> {
    match kind {
        ImportKind::Participants => steps::<ParticipantRow>(app, input, survey, done),
        ImportKind::JknStatus => steps::<JknRow>(app, input, survey, done),
        ImportKind::Deaths => steps::<DeathRow>(app, input, survey, done),
        ImportKind::Movers => steps::<MoverRow>(app, input, survey, done),
        ImportKind::Enrollments => steps::<EnrollmentRow>(app, input, survey, done),
        ImportKind::Households => steps::<HouseholdRow>(app, input, survey, done),
        ImportKind::Population => Ok(Box::new(reconciliations::Steps::open(app, (!dry_run).then_some(id), input, survey, done)?)),
    }
}

fn steps<'r, T: Stored + 'r>(app: &'r App, input: impl Read + 'r, survey: Survey, done: u64) -> std::result::Result<Box<dyn Steps + 'r>, Unreadable> {
    let place = Place { today: app.city.today(app.surroundings.now()), regions: &app.city.regions };
    Ok(Box::new(RowsOf::new(app, Reader::<_, T>::open(input, survey, place)?, done)))
}
