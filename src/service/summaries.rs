//! The sums of the dashboard are kept up: what a change marked is counted anew a moment later, part by part.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::NaiveDate;

use crate::domain::id::Id;
use crate::domain::summaries::Subject;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::App;
use crate::store::db::{Db, Tx, snapshot, write_quietly};
use crate::store::gate::Priority;
use crate::store::summaries::{self, Part};
use crate::store::{check_places, check_sums, claim_months, claim_places, claim_steps, claim_sums, open_claims, registry_sums, tariff_gaps};

/// How many parts are looked up at once; each is written in a transaction of its own, so that others write between them.
const AT_ONCE: i64 = 200;
/// So soon is looked again whether a subject is free.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
const WHY_QUIET: &str = "sums say nothing that the rows do not say";

/// Counts whatever is marked, until nothing is or the service ends. How many parts it were.
pub fn catch_up(app: &App, db: &mut Db, stop: &AtomicBool) -> Result<u64> {
    catch_up_those(app, db, Subject::ALL, stop)
}

fn catch_up_those<'s>(app: &App, db: &mut Db, subjects: impl IntoIterator<Item = &'s Subject>, stop: &AtomicBool) -> Result<u64> {
    let (mut counted, mut failure) = (0, None);
    for subject in subjects {
        // What cannot be counted keeps nothing else from being counted.
        match may_wait(app, db, *subject).and_then(|waits| if waits { Ok(None) } else { catch_up_with(app, db, *subject, stop) }) {
            Ok(parts) => counted += parts.unwrap_or_default(),
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

/// Counts what is marked of a subject. None: another process is at it.
fn catch_up_with(app: &App, db: &mut Db, subject: Subject, stop: &AtomicBool) -> Result<Option<u64>> {
    let run = Run { app, subject, who: app.context().new_id() };
    if !run.held(db, |tx| run.go_on(tx))? {
        return Ok(None);
    }
    let counted = run.count_all(db, stop);
    // Should it not be left, it is free after a while.
    let left = run.held(db, |tx| summaries::leave(tx, subject, run.who));
    let counted = counted?;
    left.map(|()| counted)
}

/// One process that counts a subject, while the others wait.
struct Run<'a> {
    app: &'a App,
    subject: Subject,
    who: Id,
}

impl Run<'_> {
    fn held<T>(&self, db: &mut Db, work: impl Fn(&mut Tx) -> Result<T>) -> Result<T> {
        write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| {
            summaries::hold(tx, self.subject, self.app.surroundings.now())?;
            work(tx)
        })
    }

    fn go_on(&self, tx: &mut Tx) -> Result<bool> {
        summaries::take(tx, self.subject, self.who, self.app.surroundings.now())
    }

    fn count_all(&self, db: &mut Db, stop: &AtomicBool) -> Result<Option<u64>> {
        let (mut counted, mut others_can) = (0, true);
        loop {
            // What was changed before this instant is marked before it: it is either counted below or still marked.
            let now = self.app.surroundings.now();
            // What is added up is no newer than that of which it is the sum.
            let now = if self.subject == Subject::ClaimTotals { as_of(db, &[Subject::Claims], now)? } else { now };
            let parts = summaries::due(db, self.subject, AT_ONCE)?;
            for part in &parts {
                if stop.load(Ordering::Acquire) {
                    return Ok(Some(counted));
                }
                if !self.count(db, part)? {
                    return Ok(None);
                }
                counted += 1;
                if self.subject.is_slow() && others_can {
                    // What is counted at once does not wait until everybody is. Should it fail, it was said, and it waits for its own turn.
                    others_can = catch_up_those(self.app, db, Subject::ALL.iter().filter(|subject| !subject.is_slow()), stop).is_ok();
                }
            }
            if (parts.len() as i64) < AT_ONCE {
                let noted = self.held(db, |tx| {
                    let is_ours = summaries::is_taken_by(tx, self.subject, self.who)?;
                    if is_ours {
                        summaries::note(tx, self.subject, now)?;
                    }
                    Ok(is_ours)
                })?;
                return Ok(noted.then_some(counted));
            }
        }
    }

    /// Counts a part anew. False: it took so long that another process has begun to count the subject.
    fn count(&self, db: &mut Db, part: &Part) -> Result<bool> {
        let app = self.app;
        match self.subject {
            Subject::Checks => self.held(db, |tx| {
                if !self.go_on(tx)? {
                    return Ok(false);
                }
                summaries::unmark(tx, self.subject, part)?;
                check_sums::recount(tx, part, app.city.offset)?;
                Ok(true)
            }),
            Subject::Registry => self.aside(db, part, registry_sums::count, registry_sums::store),
            Subject::Claims => {
                let count = |db: &mut Db, part: &Part| claim_months::count(db, part, app.city.offset);
                self.aside(db, part, count, |tx, part, counted| {
                    claim_months::store(tx, part, counted)?;
                    // Held, so that nobody adds up what is not there yet and takes this mark for done.
                    summaries::hold(tx, Subject::ClaimTotals, app.surroundings.now())?;
                    summaries::mark(tx, Subject::ClaimTotals, &Part::of_month(part.day))
                })
            }
            Subject::ClaimTotals => self.aside(db, part, tariff_gaps::count_totals, tariff_gaps::store_totals),
            Subject::CheckPlaces => self.aside(db, part, check_places::count, check_places::store),
            Subject::ClaimPlaces => self.aside(db, part, claim_places::count, claim_places::store),
        }
    }

    /// Much is read outside the transaction that writes its sums, so that no check waits for it.
    fn aside<T: Clone>(
        &self,
        db: &mut Db,
        part: &Part,
        count: impl Fn(&mut Db, &Part) -> Result<T>,
        store: impl Fn(&mut Tx, &Part, T) -> Result<()>,
    ) -> Result<bool> {
        let goes_on = self.held(db, |tx| {
            let goes_on = self.go_on(tx)?;
            if goes_on {
                summaries::set_aside(tx, self.subject, part)?;
            }
            Ok(goes_on)
        })?;
        if !goes_on {
            return Ok(false);
        }
        let counted = snapshot(db, |db| count(db, part))?;
        self.held(db, |tx| {
            if !summaries::is_taken_by(tx, self.subject, self.who)? {
                return Ok(false);
            }
            store(tx, part, counted.clone())?;
            summaries::done_aside(tx, self.subject, part)?;
            Ok(true)
        })
    }
}

/// Counts a subject to its end, when nobody else does.
fn finish(app: &App, db: &mut Db, subject: Subject) -> Result<u64> {
    loop {
        if let Some(counted) = catch_up_with(app, db, subject, &AtomicBool::new(false))? {
            return Ok(counted);
        }
        // A service that runs beside it is at it, and will not be for long.
        std::thread::sleep(AGAIN_AFTER);
    }
}

/// What facilities come to together, beside what is kept of each.
struct Totals {
    subject: Subject,
    months: fn(&mut Db) -> Result<BTreeSet<NaiveDate>>,
    recount: fn(&mut Tx, NaiveDate) -> Result<()>,
}

const TOTALS: &[Totals] = &[
    Totals { subject: Subject::Checks, months: check_sums::months, recount: check_sums::recount_months },
    Totals { subject: Subject::Claims, months: claim_sums::months, recount: claim_sums::recount_all },
    Totals { subject: Subject::Claims, months: open_claims::months, recount: open_claims::recount_all },
    Totals { subject: Subject::Claims, months: claim_steps::months, recount: claim_steps::recount_all },
];

/// Counts everything anew. How many parts it were.
pub fn rebuild(app: &App, db: &mut Db) -> Result<u64> {
    write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| {
        summaries::hold(tx, Subject::Claims, app.surroundings.now())?;
        claim_steps::drop_unreadable(tx)
    })?;
    let mut counted = 0;
    for subject in Subject::ALL {
        for part in summaries::parts(db, *subject)? {
            write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| summaries::mark(tx, *subject, &part))?;
        }
        counted += finish(app, db, *subject)?;
    }
    // What they come to together is otherwise only added to.
    for Totals { subject, months, recount } in TOTALS {
        for month in months(db)? {
            write_quietly(db, Priority::Bulk, WHY_QUIET, |tx| {
                summaries::hold(tx, *subject, app.surroundings.now())?;
                recount(tx, month)
            })?;
        }
    }
    Ok(counted)
}

/// How many seconds ago the oldest change was that is not counted. None: of one of them nothing is counted yet.
pub fn behind(db: &mut Db, subjects: &[Subject], now: UtcTime) -> Result<Option<i64>> {
    let behind = now.since(as_of(db, subjects, now)?);
    Ok(Some(behind).filter(|behind| *behind < summaries::NEVER).map(|behind| behind.num_seconds()))
}

/// Up to when these subjects are counted: until now where nothing of them is marked.
pub fn as_of(db: &mut Db, subjects: &[Subject], now: UtcTime) -> Result<UtcTime> {
    let mut as_of = now;
    for subject in subjects {
        if summaries::is_due(db, *subject)? {
            as_of = as_of.min(summaries::counted_to(db, *subject)?.unwrap_or(now.minus(summaries::NEVER)));
        }
    }
    Ok(as_of)
}
