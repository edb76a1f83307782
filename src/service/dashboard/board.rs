//! What the streams of the dashboard show: the summary of each reader's scope and language, looked at once a second however many read.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{Datelike, NaiveDate};

use super::{facility_for, summary, tell_one};
use crate::domain::figures::{Breakdown, DateBasis, FigureName, FigureSheet, Filters, Scope};
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
#[derive(PartialEq)]
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
    // Entries are put in whole, so a panic elsewhere leaves them right.
    let mut entries: MutexGuard<'_, _> = app.board.entries.lock().unwrap_or_else(PoisonError::into_inner);
    let last = entries.get(&(facility, language));
    if let Some(entry) = last.filter(|entry| entry.looked.elapsed() < LOOK_EVERY) {
        return Ok(entry.shown.clone());
    }
    let mut db = app.pool.get()?;
    let version = Version::now(app, &mut db)?;
    let shown = match last {
        Some(entry) if entry.version == version => entry.shown.clone(),
        last => {
            let context = app.context();
            let scope = of_this_year(version.today, facility, own);
            let figure = tell_one(app, &mut db, &context, language, &scope)?;
            match last {
                Some(entry) if entry.shown.figure.items == figure.items => entry.shown.clone(),
                last => {
                    let number = last.map_or(1, |entry| entry.shown.number + 1);
                    Arc::new(Shown { number, figure })
                }
            }
        }
    };
    entries.insert((facility, language), Entry { looked: Instant::now(), version, shown: shown.clone() });
    Ok(shown)
}

fn of_this_year(today: NaiveDate, facility: Option<Id>, own: bool) -> Scope {
    Scope {
        figure: FigureName::Summary,
        by: Breakdown::Measure,
        basis: DateBasis::Service,
        // Every year has a first day.
        from: NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today),
        to: today,
        place: None,
        facility,
        care_type: None,
        limit: 0,
        own,
        filters: Filters { facility_id: facility, ..Filters::default() },
    }
}
