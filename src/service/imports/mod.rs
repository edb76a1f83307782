//! Imports: a file is received whole, judged as a whole while its sender waits, and its rows are stored by a job in the background.

mod job;
mod pace;
mod runner;
mod spool;
mod steps;

use std::io::Read;

pub use pace::{Manners, Pace};
pub use runner::{Bell, Importer};
pub use steps::{LineFault, Settled, Step, Steps, settle};

use super::App;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::imports::{self, FileFault, ImportKind, ImportState, Unreadable};
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, write};
use crate::store::gate::Priority;
use crate::store::imports::Import;
use spool::Spool;

/// Receives a file and queues its job. A file that is at fault as a whole is refused at once, with all that is wrong.
pub fn accept(app: &App, context: &Context, kind: ImportKind, dry_run: bool, body: impl Read) -> Result<Import> {
    let asked_by = context.caller.ok_or_else(|| Error::refused(Code::SignInRequired))?.user_id;
    require_available(kind)?;
    let id = context.new_id();
    let spool = Spool::receive(&spool::folder(&app.settings), id, body, app.settings.imports.most_bytes)?;
    let queued = queue(app, context, kind, dry_run, asked_by, &spool, id);
    if queued.is_err() {
        spool.delete();
    }
    queued
}

fn queue(app: &App, context: &Context, kind: ImportKind, dry_run: bool, asked_by: Id, spool: &Spool, id: Id) -> Result<Import> {
    let unreadable = |error: std::io::Error| Error::internal(format!("the spool file cannot be read: {error}"));
    let survey = imports::survey(spool.open().map_err(unreadable)?).map_err(|error| match error {
        Unreadable::Refused(faults) => Error::Invalid(faults.iter().map(fault).collect()),
        Unreadable::Io(error) => unreadable(error),
    })?;
    // An upload may take long: the job begins when it has come.
    let now = app.surroundings.now();
    let import = Import {
        id,
        kind,
        state: ImportState::Queued,
        dry_run,
        bytes_total: i64::try_from(survey.bytes).unwrap_or(i64::MAX),
        bytes_done: 0,
        rows_read: 0,
        rows_created: 0,
        rows_changed: 0,
        rows_unchanged: 0,
        rows_failed: 0,
        failure: None,
        asked_by,
        created_at: now,
        updated_at: now,
        finished_at: None,
    };
    let mut db = app.pool.get()?;
    write(&mut db, Priority::People, |tx| {
        store::imports::insert(tx, &import, &spool.key)?;
        tx.record(Event::new(context, "import.queued").object(id).with("kind", kind).with("dry_run", dry_run).with("rows", survey.rows));
        Ok(())
    })?;
    app.importer.ring();
    Ok(import)
}

/// A kind that the interface promises and that is not there yet says which ones are.
pub fn require_available(kind: ImportKind) -> Result<()> {
    if ImportKind::AVAILABLE.contains(&kind) {
        return Ok(());
    }
    let available = ImportKind::AVAILABLE.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    Err(Fault::parameter("kind", "IMPORT_KIND_NOT_AVAILABLE").with("allowed", available).into())
}

/// A fault of the file as a whole; it points to the line, and to the column where there is one.
pub fn fault(fault: &FileFault) -> Fault {
    let place = fault.column.as_ref().map_or_else(|| format!("/{}", fault.line), |column| format!("/{}/{column}", fault.line));
    let with = Fault::at(place, fault.code.as_str()).with("line", fault.line).with("column", fault.column.as_deref().unwrap_or_default());
    with.with("encoding", fault.encoding.map_or("", |encoding| encoding.as_str()))
}

pub fn get(db: &mut Db, id: Id) -> Result<Import> {
    store::imports::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))
}

/// Stops a job where it is; rows that were stored stay.
pub fn cancel(app: &App, db: &mut Db, context: &Context, id: Id) -> Result<Import> {
    get(db, id)?;
    write(db, Priority::People, |tx| {
        if !store::imports::finish(tx, id, ImportState::Cancelled, None, context.now)? {
            return Err(Error::refused(Code::StateConflict));
        }
        tx.record(Event::new(context, "import.cancelled").object(id));
        Ok(())
    })?;
    spool::delete(&spool::path(&spool::folder(&app.settings), id));
    get(db, id)
}
