//! Imports: a file is received whole, judged as a whole while its sender waits, and its rows are stored by a job in the background.

mod job;
mod kinds;
mod outcomes;
mod pace;
mod people;
mod runner;
pub(super) mod spool;
mod steps;

use std::io::Read;

pub use kinds::{Task, open};
pub use outcomes::{RefusalCode, RowOutcome};
pub use pace::{Manners, Pace};
pub use people::People;
pub use runner::{Bell, Importer};
pub use steps::{Interrupted, Keep, LineFault, Manner, NOT_STORED, Settled, Steps};

use super::App;
use super::idempotency::Once;
use super::reconciliations::{self, Brought};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::imports::{self, FileFault, ImportKind, ImportState, Unreadable};
use crate::domain::roles::{Caller, Role};
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, write};
use crate::store::gate::Priority;
use crate::store::imports::{Import, Tally};
use spool::{Received, Spool};
pub use spool::{Scratch, folder};

/// What a file is sent for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub kind: ImportKind,
    pub dry_run: bool,
    /// What is said about a file of the population office.
    pub brought: Brought,
}

/// A file that has come and can be read; its job is not queued yet.
pub struct Accepted {
    import: Import,
    rows: u64,
    received: Received,
    brought: Brought,
}

impl Accepted {
    /// What tells this file from another one.
    pub fn digest(&self) -> &[u8] {
        &self.received.digest
    }
}

/// Receives a file. One that is at fault as a whole is refused at once, with all that is wrong.
pub fn accept(app: &App, context: &Context, Wanted { kind, dry_run, brought }: Wanted, body: impl Read) -> Result<Accepted> {
    let asked_by = context.signed_in()?.user_id;
    let columns = kind.columns();
    let said = [("as_of", brought.as_of.is_some()), ("confirm_smaller", brought.confirm_smaller)];
    let of_another_kind = said.into_iter().filter(|(_, is_said)| *is_said && kind != ImportKind::Population);
    let faults: Vec<Fault> = of_another_kind.map(|(name, _)| Fault::parameter(name, "FIELD_NOT_FOR_THIS_KIND")).collect();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let id = context.new_id();
    let received = Spool::receive(&spool::folder(&app.settings), id, body, app.settings.imports.most_bytes)?;
    let unreadable = |error: std::io::Error| Error::internal(format!("the spool file cannot be read: {error}"));
    let survey = imports::survey(received.spool.open().map_err(unreadable)?, columns).map_err(|error| match error {
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
    Ok(Accepted { import, rows: survey.rows, received, brought })
}

/// Queues the job of a file that was accepted.
pub fn queue(app: &App, db: &mut Db, context: &Context, accepted: Accepted, once: &Once<'_, Import>) -> Result<()> {
    let Accepted { import, rows, received, brought } = accepted;
    let compares = import.kind == ImportKind::Population && !import.dry_run;
    once.write(db, Priority::People, |tx| {
        store::imports::insert(tx, &import, &received.spool.key)?;
        if compares {
            reconciliations::begin(app, tx, context, (import.id, &received.digest), brought)?;
        }
        tx.record(
            Event::new(context, "import.queued").object(import.id).with("kind", import.kind).with("dry_run", import.dry_run).with("rows", rows),
        );
        Ok(import.clone())
    })?;
    received.claim();
    app.importer.ring();
    Ok(())
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
pub fn cancel(app: &App, db: &mut Db, context: &Context, id: Id, once: &Once<'_, Import>) -> Result<()> {
    once.write(db, Priority::People, |tx| {
        let import = get(tx, id)?;
        if !store::imports::finish(tx, id, ImportState::Cancelled, None, context.now)? {
            return Err(Error::refused(Code::StateConflict));
        }
        store::reconciliations::abandon(tx, id, context.now)?;
        tx.record(Event::new(context, "import.cancelled").object(id));
        Ok(Import { state: ImportState::Cancelled, updated_at: context.now, finished_at: Some(context.now), ..import })
    })?;
    spool::delete(&spool::path(&spool::folder(&app.settings), id));
    Ok(())
}

/// The admin of this name, for a file that is read from the command line; none where nobody active has it or it is no admin's.
pub fn admin(db: &mut Db, username: &str) -> Result<Option<Caller>> {
    let user = store::users::by_username(db, username)?.map(|(user, _)| user);
    let user = user.filter(|user| user.active && user.role == Role::Admin);
    Ok(user.map(|user| Caller { user_id: user.id, role: user.role, facility_id: user.facility_id, session_id: None }))
}

/// Tells the audit log of a file that was read from the command line, where no job does.
pub fn record_command(db: &mut Db, context: &Context, kind: ImportKind, dry_run: bool, rows: Tally) -> Result<()> {
    let Tally { created, changed, unchanged, failed } = rows;
    write(db, Priority::Bulk, |tx| {
        let event = Event::new(context, "import.ran").with("kind", kind).with("dry_run", dry_run);
        tx.record(event.with("created", created).with("changed", changed).with("unchanged", unchanged).with("failed", failed));
        Ok(())
    })
}
