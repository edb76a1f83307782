//! Reconciliations: a file of the population office is read, sorted, kept as the snapshot that counts, and compared with the registry. What differs
//! becomes findings. Nothing is changed by itself: a person decides.

mod applying;
mod comparing;
mod decisions;
mod sorting;
mod steps;

use std::io::Read;

use aws_lc_rs::digest::{Context as Sha, SHA256};
use chrono::NaiveDate;

pub use decisions::{Decided, Decision, FindingDecision, MOST_AT_ONCE, RecordAs, Which, decide, decide_all};
pub use steps::{Steps, share};

use super::App;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::population::SnapshotState;
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::population::Snapshot;
use crate::store::reading::read;
use crate::store::reconciliation_findings::{self, Filter, Finding, Line};
use crate::store::reconciliations::{Dated, Run, Unfinished};

pub fn find(db: &mut Db, id: Id) -> Result<Option<Dated>> {
    store::reconciliations::find(db, id)
}

/// A page of runs, and one more if there is one.
pub fn runs(db: &mut Db, before: Option<Id>, limit: i64) -> Result<Vec<Dated>> {
    store::reconciliations::page(db, before, limit + 1)
}

/// A page of findings, and one more if there is one.
pub fn findings(db: &mut Db, context: &Context, filter: Filter, (before, limit): (Option<Id>, i64)) -> Result<Vec<Finding>> {
    let event = Event::new(context, "reconciliation.findings_listed").with("category", filter.category).with("state", filter.state);
    read(db, event, |db, reading| reconciliation_findings::page(db, reading, filter, before, limit + 1))
}

/// What whoever brings a file says about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Brought {
    /// The date of what the file says; today where none is given.
    pub as_of: Option<NaiveDate>,
    /// It may have far fewer people than the one before.
    pub confirm_smaller: bool,
}

/// Begins a run for a file that is there as a whole; returns the date of what it says.
pub(super) fn begin(app: &App, tx: &mut Tx, context: &Context, (id, digest): (Id, &[u8]), brought: Brought) -> Result<NaiveDate> {
    let today = app.city.today(context.now);
    let as_of = brought.as_of.unwrap_or(today);
    if as_of > today {
        return Err(Fault::parameter("as_of", "DATE_IN_FUTURE").into());
    }
    // An older file would take back what a newer one has shown.
    if let Some(current) = store::population::current(tx)?.filter(|current| current.as_of > as_of) {
        return Err(Fault::parameter("as_of", "OLDER_THAN_SNAPSHOT").with("limit", current.as_of).into());
    }
    let snapshot = Snapshot {
        id,
        as_of,
        state: SnapshotState::Loading,
        digest: digest.to_vec(),
        records: 0,
        loaded_to: None,
        made_at: context.now,
        updated_at: context.now,
        smaller_confirmed_at: brought.confirm_smaller.then_some(context.now),
    };
    store::population::insert_snapshot(tx, &snapshot)?;
    store::reconciliations::insert(tx, &Run::new(id, context.caller.map(|caller| caller.user_id), context.now))?;
    Ok(as_of)
}

/// Says who takes the findings of a run with them.
pub fn export_begun(db: &mut Db, context: &Context, id: Id) -> Result<()> {
    find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    write(db, Priority::People, |tx| {
        tx.record(Event::new(context, "reconciliation.findings_exported").object(id));
        Ok(())
    })
}

/// Findings that a run was the last to show, in the order in which they were found, after one.
pub fn lines(db: &mut Db, id: Id, after: Option<Id>) -> Result<Vec<Line>> {
    const AT_ONCE: i64 = 1_000;
    reconciliation_findings::lines(db, Filter { run: Some(id), ..Filter::default() }, after, AT_ONCE)
}

/// Tells a file from another one.
pub fn digest(mut file: impl Read) -> std::io::Result<Vec<u8>> {
    let mut digest = Sha::new(&SHA256);
    let mut buffer = zeroize::Zeroizing::new(vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(digest.finish().as_ref().to_vec()),
            read => digest.update(&buffer[..read]),
        }
    }
}

/// The run of a file at the command line: the one that was interrupted, or a new one. A run that nobody repeats would wait for ever with what it has read
/// of its file: the other ones that were interrupted are given up, and their records go.
pub fn begin_or_go_on(app: &App, db: &mut Db, context: &Context, digest: &[u8], brought: Brought) -> Result<Id> {
    let new = context.new_id();
    let id = write(db, Priority::Bulk, |tx| {
        let newest = store::population::current(tx)?.map(|current| current.as_of);
        let unfinished = store::reconciliations::unfinished(tx)?;
        // Without a date, the one of the interrupted run holds: midnight may have passed since.
        let goes_on = |run: &&Unfinished| run.digest == digest && brought.as_of.is_none_or(|date| run.as_of == date) && newest <= Some(run.as_of);
        let (id, event) = match unfinished.iter().find(goes_on) {
            Some(run) => {
                if brought.confirm_smaller {
                    store::population::confirm_smaller(tx, run.id, context.now)?;
                }
                (run.id, Event::new(context, "reconciliation.resumed").object(run.id).with("as_of", run.as_of))
            }
            None => {
                let as_of = begin(app, tx, context, (new, digest), brought)?;
                (new, Event::new(context, "reconciliation.begun").object(new).with("as_of", as_of))
            }
        };
        tx.record(event.with("confirm_smaller", brought.confirm_smaller));
        for other in unfinished.iter().filter(|run| run.id != id) {
            store::reconciliations::abandon(tx, other.id, context.now)?;
            tx.record(Event::new(context, "reconciliation.given_up").object(other.id));
        }
        Ok(id)
    })?;
    while steps::sweep(db)? {}
    Ok(id)
}
