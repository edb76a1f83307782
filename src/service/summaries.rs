//! The sums of the dashboard are kept up: what a change marked is counted anew a moment later, part by part.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::summaries::Subject;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::App;
use crate::store::db::{Db, Tx, snapshot, write_quietly};
use crate::store::gate::Priority;
use crate::store::summaries::{self, Part};
use crate::store::{check_places, check_sums, claim_months, claim_places, claim_sums, registry_sums, tariff_gaps};

/// How many parts are looked up at once; each is counted in a transaction of its own, so that others write between them.
const AT_ONCE: i64 = 200;
const WHY_QUIET: &str = "sums say nothing that the rows do not say";

/// Counts whatever is marked, until nothing is or the service ends. How many parts it were.
pub fn catch_up(app: &App, db: &mut Db, stop: &AtomicBool) -> Result<u64> {
    let (mut counted, mut failure) = (0, None);
    for subject in Subject::ALL {
        // What cannot be counted keeps nothing else from being counted.
        match may_wait(app, db, *subject).and_then(|waits| if waits { Ok(0) } else { catch_up_with(app, db, *subject, stop) }) {
            Ok(parts) => counted += parts,
            Err(error) => {
                tracing::warn!(%error, %subject, "sums could not be counted");
                failure = Some(error);
            }
        }
    }
    failure.map_or(Ok(counted), Err)
}

/// Is there anything that may be counted now?
pub fn any_due(app: &App, db: &mut Db) -> Result<bool> {
    for subject in Subject::ALL {
        if !may_wait(app, db, *subject)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Those that span everybody are counted now and then.
fn may_wait(app: &App, db: &mut Db, subject: Subject) -> Result<bool> {
    if !summaries::is_due(db, subject)? {
        return Ok(true);
    }
    let pause = chrono::Duration::seconds(app.settings.summaries.slow_seconds);
    let last = summaries::counted_to(db, subject)?;
    Ok(subject.is_slow() && last.is_some_and(|last| app.surroundings.now().since(last) < pause))
}

fn catch_up_with(app: &App, db: &mut Db, subject: Subject, stop: &AtomicBool) -> Result<u64> {
    let mut counted = 0;
    loop {
        // What was changed before this instant is marked before it: it is either counted below or still marked.
        let now = app.surroundings.now();
        let parts = summaries::due(db, subject, AT_ONCE)?;
        for part in &parts {
            if stop.load(Ordering::Acquire) {
                return Ok(counted);
            }
            if !count(app, db, subject, part, now)? {
                // Somebody else is at it.
                return Ok(counted);
            }
            counted += 1;
        }
        if (parts.len() as i64) < AT_ONCE {
            write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| {
                summaries::hold(tx, subject, now)?;
                summaries::note(tx, subject, now)
            })?;
            return Ok(counted);
        }
    }
}

/// Counts a part anew. False: another process began to count the subject meanwhile, and has seen more.
fn count(app: &App, db: &mut Db, subject: Subject, part: &Part, now: UtcTime) -> Result<bool> {
    let whole = |db: &mut Db, work: &dyn Fn(&mut Tx) -> Result<()>| {
        write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| {
            summaries::hold(tx, subject, now)?;
            summaries::unmark(tx, subject, part)?;
            work(tx)
        })?;
        Ok(true)
    };
    match subject {
        Subject::Checks => whole(db, &|tx| check_sums::recount(tx, part, app.city.offset)),
        Subject::Registry => aside(db, subject, part, now, registry_sums::count, registry_sums::store),
        Subject::Claims => {
            let count = |db: &mut Db, part: &Part| claim_months::count(db, part, app.city.offset);
            aside(db, subject, part, now, count, |tx, part, counted| {
                claim_months::store(tx, part, counted)?;
                // Held, so that nobody adds up what is not there yet and takes this mark for done.
                summaries::hold(tx, Subject::ClaimTotals, app.surroundings.now())?;
                summaries::mark(tx, Subject::ClaimTotals, &Part::of_month(part.day))
            })
        }
        Subject::ClaimTotals => aside(db, subject, part, now, tariff_gaps::count_totals, tariff_gaps::store_totals),
        Subject::CheckPlaces => aside(db, subject, part, now, check_places::count, check_places::store),
        Subject::ClaimPlaces => aside(db, subject, part, now, claim_places::count, claim_places::store),
    }
}

/// A month of the whole city is read outside the transaction that writes its sums, so that no check waits for it.
fn aside<T: Clone>(
    db: &mut Db,
    subject: Subject,
    part: &Part,
    now: UtcTime,
    count: impl Fn(&mut Db, &Part) -> Result<T>,
    store: impl Fn(&mut Tx, &Part, T) -> Result<()>,
) -> Result<bool> {
    let turn = write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| {
        summaries::hold(tx, subject, now)?;
        summaries::set_aside(tx, subject, part)
    })?;
    let counted = snapshot(db, |db| count(db, part))?;
    write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| {
        summaries::hold(tx, subject, now)?;
        if summaries::turn(tx, subject)? != turn {
            return Ok(false);
        }
        store(tx, part, counted.clone())?;
        summaries::done_aside(tx, subject, part)?;
        Ok(true)
    })
}

/// Counts everything anew. How many parts it were.
pub fn rebuild(app: &App, db: &mut Db) -> Result<u64> {
    let mut counted = 0;
    for subject in Subject::ALL {
        for part in summaries::parts(db, *subject)? {
            write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| summaries::mark(tx, *subject, &part))?;
        }
        counted += catch_up_with(app, db, *subject, &AtomicBool::new(false))?;
    }
    // What they come to together is otherwise only added to.
    for month in check_sums::months(db)? {
        write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| {
            summaries::hold(tx, Subject::Checks, app.surroundings.now())?;
            check_sums::recount_months(tx, month)
        })?;
    }
    for month in claim_sums::months(db)? {
        write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| {
            summaries::hold(tx, Subject::Claims, app.surroundings.now())?;
            claim_sums::recount_all(tx, month)
        })?;
    }
    Ok(counted)
}

/// Up to when these subjects are counted: until now where nothing of them is marked.
pub fn as_of(db: &mut Db, subjects: &[Subject], now: UtcTime) -> Result<UtcTime> {
    let mut as_of = now;
    for subject in subjects {
        if summaries::is_due(db, *subject)? {
            as_of = as_of.min(summaries::counted_to(db, *subject)?.unwrap_or(now.minus(chrono::Duration::days(36_500))));
        }
    }
    Ok(as_of)
}
