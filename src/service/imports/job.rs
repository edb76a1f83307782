//! A job: one file, read from where it is to its end.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::runner;
use super::spool::{self, Spool};
use super::steps::{Interrupted, Manner};
use super::{Manners, Pace, Settled, Task, kinds};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::imports::{self, ImportFailure, ImportState, Unreadable};
use crate::domain::roles::{Caller, Role};
use crate::error::{Code, Error, Result};
use crate::service::App;
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write, write_quietly};
use crate::store::gate::Priority;
use crate::store::imports::{Import, ImportFault};

const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Stores a file until its end or until told to stop.
pub fn run(app: &App, db: &mut Db, import: &Import, path: PathBuf, stop: &AtomicBool) -> Result<()> {
    let key = match store::imports::spool_key(db, import.id) {
        Ok(Some(key)) => key,
        // What sealed the key is not known any more; any other error will pass.
        Ok(None) | Err(Error::Unusable(_) | Error::Internal(_)) => {
            spool::delete(&path);
            return end(app, db, import, ImportState::Failed, Some(ImportFailure::SpoolLost));
        }
        Err(error) => return Err(error),
    };
    let spool = Spool { path, key };
    match go_on(app, db, import, &spool, stop) {
        Ok(Ending::Stopped) => return Ok(()),
        Ok(Ending::AtTheEnd) => end(app, db, import, ImportState::Done, None)?,
        Err(Unable::Read(failure)) => end(app, db, import, ImportState::Failed, Some(failure))?,
        // Ended by someone, or moved on by a commit whose answer was lost: the job itself knows.
        Err(Unable::Store(Error::Refused(refusal))) if refusal.code == Code::StateConflict => {}
        Err(Unable::Store(error)) => return Err(error),
    }
    if store::imports::find(db, import.id)?.is_none_or(|import| import.state.is_finished()) {
        spool.delete();
    }
    Ok(())
}

enum Ending {
    AtTheEnd,
    Stopped,
}

enum Unable {
    Read(ImportFailure),
    Store(Error),
}

impl From<Error> for Unable {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<std::io::Error> for Unable {
    fn from(_: std::io::Error) -> Self {
        Self::Read(ImportFailure::SpoolUnreadable)
    }
}

impl From<Unreadable> for Unable {
    fn from(unreadable: Unreadable) -> Self {
        Self::Read(match unreadable {
            Unreadable::Refused(_) => ImportFailure::FileRefused,
            Unreadable::Io(_) => ImportFailure::SpoolUnreadable,
        })
    }
}

impl From<Interrupted> for Unable {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Read(_) => Self::Read(ImportFailure::SpoolUnreadable),
            Interrupted::Store(error) => Self::Store(error),
            Interrupted::FarFewerPeople => Self::Read(ImportFailure::FarFewerPeople),
        }
    }
}

fn go_on(app: &App, db: &mut Db, import: &Import, spool: &Spool, stop: &AtomicBool) -> std::result::Result<Ending, Unable> {
    let columns = import.kind.columns();
    let survey = imports::survey(spool.open()?, columns)?;
    let done = u64::try_from(import.bytes_done).unwrap_or_default();
    let mut steps = kinds::open(app, Task { id: import.id, kind: import.kind, dry_run: import.dry_run }, spool.open()?, survey, done)?;
    let mut pace = Pace::new(Manners::PauseForOthers, db.backend());
    write_quietly(db, Priority::Bulk, "the job's own bookkeeping", |tx| require(store::imports::begin(tx, import.id, app.surroundings.now())?))?;
    let mut looked = Instant::now();
    loop {
        let begun = Instant::now();
        if looked.elapsed() > LOOK_EVERY {
            // The jobs that wait behind a long one must not pass for lost.
            runner::look(app, db)?;
            looked = begun;
        }
        let context = context(app, import);
        let manner = Manner { rows: pace.rows(), dry_run: import.dry_run };
        if !steps.next(db, &context, manner, &mut |tx, settled| keep(tx, import.id, settled, &context))? {
            return Ok(Ending::AtTheEnd);
        }
        if stop.load(Ordering::Acquire) {
            return Ok(Ending::Stopped);
        }
        std::thread::sleep(pace.after(begun.elapsed(), db));
    }
}

/// Each step has its own moment and speaks for the one who asked for the import.
fn context(app: &App, import: &Import) -> Context {
    app.context().as_caller(Caller { user_id: import.asked_by, role: Role::Admin, facility_id: None, session_id: None })
}

/// Keeps the faults and moves the job on.
fn keep(tx: &mut Tx, id: Id, settled: &Settled, context: &Context) -> Result<()> {
    let byte = |byte: u64| i64::try_from(byte).unwrap_or(i64::MAX);
    require(store::imports::advance(tx, id, byte(settled.begin), byte(settled.end), settled.rows, context.now)?)?;
    store::imports::insert_faults(tx, &stored_faults(id, settled))
}

/// The job must be as it was seen; else it was ended, or someone else works on it.
fn require(as_seen: bool) -> Result<()> {
    if as_seen { Ok(()) } else { Err(Error::refused(Code::StateConflict)) }
}

fn stored_faults(id: Id, settled: &Settled) -> Vec<ImportFault> {
    let mut place = (0, 0);
    let faults = settled.faults.iter().map(|fault| {
        place = (fault.line, if place.0 == fault.line { place.1 + 1 } else { 0 });
        ImportFault {
            import_id: id,
            line: i64::try_from(fault.line).unwrap_or(i64::MAX),
            ordinal: place.1,
            column_name: fault.column.map_or_else(String::new, |column| column.as_str().to_owned()),
            code: fault.code.to_string(),
            row_key: fault.row_key.clone(),
        }
    });
    faults.collect()
}

/// Ends a job, unless someone else was faster.
pub fn end(app: &App, db: &mut Db, import: &Import, state: ImportState, failure: Option<ImportFailure>) -> Result<()> {
    let context = context(app, import);
    let ended = write(db, Priority::Bulk, |tx| {
        require(store::imports::finish(tx, import.id, state, failure, context.now)?)?;
        if state != ImportState::Done {
            store::reconciliations::abandon(tx, import.id, context.now)?;
        }
        tx.record(Event::new(&context, "import.ended").object(import.id).with("state", state).with("failure", failure));
        Ok(())
    });
    match ended {
        Err(Error::Refused(_)) => Ok(()),
        ended => ended,
    }
}
