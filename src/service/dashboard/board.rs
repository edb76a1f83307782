//! What the streams of the dashboard show: the summary of each reader's scope and language, looked at once a second however many read.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{Datelike, NaiveDate};

use super::questions::facility_for;
use super::{summary, tell_one};
use crate::domain::figures::{FigureName, FigureSheet, Scope};
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::domain::summaries::Subject;
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::service::App;
use crate::store::db::{Db, snapshot};
use crate::store::{hygiene, summaries};

/// A little less than the second after which each stream looks again.
const LOOK_EVERY: Duration = Duration::from_millis(900);

/// A summary that is shown.
pub struct Shown {
    /// Another for each other summary of the same reader.
    pub number: u64,
    pub figure: FigureSheet,
}

/// What a summary depends on, cheaper to ask for than the summary.
#[derive(PartialEq, Clone)]
struct Version {
    today: NaiveDate,
    counted: Vec<Option<UtcTime>>,
    budget: Vec<(&'static str, i64)>,
    signals: i64,
}

impl Version {
    fn now(app: &App, db: &mut Db) -> Result<Self> {
        let now = app.surroundings.now();
        let today = app.city.today(now);
        snapshot(db, |db| {
            let counted = Subject::ALL.iter().map(|subject| summaries::counted_to(db, *subject)).collect::<Result<_>>()?;
            let mut budget = Vec::new();
            summary::budget(db, now, today, &mut budget)?;
            Ok(Self { today, counted, budget, signals: hygiene::open_signals(db)? })
        })
    }
}

struct Entry {
    looked: Instant,
    version: Version,
    shown: Arc<Shown>,
}

#[derive(Default)]
pub struct Board {
    entries: Mutex<HashMap<(Option<Id>, Language), Entry>>,
    seats: AtomicUsize,
}

/// A place among those who read, until it is dropped.
pub struct Seat(Arc<App>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.board.seats.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Seat {
    pub fn take(app: &Arc<App>) -> Result<Self> {
        let most = app.settings.summaries.most_streams;
        let taken = app.board.seats.fetch_update(Ordering::AcqRel, Ordering::Acquire, |seats| (seats < most).then_some(seats + 1));
        taken.map(|_| Self(app.clone())).map_err(|_| Error::Busy("as many streams are read as the settings allow"))
    }
}

/// The summary of this year for whoever reads.
pub fn look(app: &App, caller: &Caller, language: Language) -> Result<Arc<Shown>> {
    let (facility, own) = facility_for(app, caller, None)?;
    let key = (facility, language);
    let last = match app.board.glance(key) {
        Glance::Fresh(shown) => return Ok(shown),
        Glance::Stale(last) => last,
    };
    // No lock is held here: a slow database keeps no other reader waiting.
    let mut db = app.pool.get()?;
    let version = Version::now(app, &mut db)?;
    let shown = match last {
        Some((before, shown)) if before == version => shown,
        last => {
            // Every year has a first day.
            let first = NaiveDate::from_ymd_opt(version.today.year(), 1, 1).unwrap_or(version.today);
            let scope = Scope { facility, own, ..Scope::of(FigureName::Summary, (first, version.today)) };
            let figure = tell_one(app, &mut db, &app.context(), language, &scope)?;
            match last {
                Some((_, shown)) if shown.figure.items == figure.items => shown,
                last => Arc::new(Shown { number: last.map_or(1, |(_, shown)| shown.number + 1), figure }),
            }
        }
    };
    Ok(app.board.show(key, version, shown))
}

/// What hangs on the board.
enum Glance {
    Fresh(Arc<Shown>),
    /// Whoever hears this looks again; the others keep what hangs there meanwhile.
    Stale(Option<(Version, Arc<Shown>)>),
}

impl Board {
    // Entries are put in whole, so a panic elsewhere leaves them right.
    fn entries(&self) -> MutexGuard<'_, HashMap<(Option<Id>, Language), Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn glance(&self, key: (Option<Id>, Language)) -> Glance {
        match self.entries().get_mut(&key) {
            Some(entry) if entry.looked.elapsed() < LOOK_EVERY => Glance::Fresh(entry.shown.clone()),
            Some(entry) => {
                entry.looked = Instant::now();
                Glance::Stale(Some((entry.version.clone(), entry.shown.clone())))
            }
            None => Glance::Stale(None),
        }
    }

    /// Puts it up, unless somebody put up another meanwhile: what is newer in it is found at the next look.
    fn show(&self, key: (Option<Id>, Language), version: Version, shown: Arc<Shown>) -> Arc<Shown> {
        let mut entries = self.entries();
        if let Some(entry) = entries.get(&key).filter(|entry| entry.shown.number >= shown.number && !Arc::ptr_eq(&entry.shown, &shown)) {
            return entry.shown.clone();
        }
        entries.insert(key, Entry { looked: Instant::now(), version, shown: shown.clone() });
        shown
    }
}
