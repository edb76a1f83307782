//! The work in the background: opening the database at start, however long it stays away, and hearing four times a second of what changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::NaiveDate;

use super::App;
use super::bases::Adoption;
use super::{changes, checkpoints, documents, idempotency, lookup_watch, messages, service_levels, sign_in, signal_scan, summaries};
use crate::error::{Error, Result};
use crate::store::db::Db;
use crate::{service, store};

const HEAR_EVERY: Duration = Duration::from_millis(250);
/// Whether a message is due is asked so often.
const SEND_EVERY: Duration = Duration::from_secs(1);
/// Whether sums are to be counted anew is asked so often.
const SUM_EVERY: Duration = Duration::from_secs(1);
const SIGN_EVERY: Duration = Duration::from_secs(60);
const FORGET_EVERY: Duration = Duration::from_secs(600);
const TIDY_EVERY: Duration = Duration::from_secs(3600);
/// Not among the first things that a service does.
const FIRST_SCAN_AFTER: Duration = Duration::from_secs(60);
/// So that whoever waits to write comes between two pages.
const BETWEEN_PAGES: Duration = Duration::from_millis(20);
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// A thread that ends when told, or when dropped.
pub struct Housekeeper {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Housekeeper {
    /// `refuse` is told why, should the service never be able to open this database with its files.
    pub fn begin(app: Arc<App>, refuse: impl FnOnce(String) + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let thread = std::thread::Builder::new().name("housekeeper".into()).spawn(move || keep_house(&app, &told, refuse));
        if thread.is_err() {
            tracing::error!("the housekeeper's thread could not be made: the service will not become ready");
        }
        Self { stop, thread: thread.ok() }
    }

    pub fn end(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A housekeeper that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

impl Drop for Housekeeper {
    fn drop(&mut self) {
        self.end();
    }
}

/// Why the database is not open.
enum Setback {
    /// It may pass: the database is away, or another program still brings it up to date.
    Passing(Error),
    /// Only whoever runs the service can mend it.
    Lasting(String),
}

impl<E: Into<Error>> From<E> for Setback {
    fn from(error: E) -> Self {
        match error.into() {
            Error::Unusable(reason) => Self::Lasting(reason),
            passing => Self::Passing(passing),
        }
    }
}

fn keep_house(app: &Arc<App>, stop: &Arc<AtomicBool>, refuse: impl FnOnce(String)) {
    let mut db: Option<Db> = None;
    let mut opened = false;
    let mut told = String::new();
    let mut chores = Chores::begin(stop);
    while !stop.load(Ordering::Acquire) {
        let turn = match &mut db {
            None => app
                .pool
                .connect()
                .map(|connection| db = Some(connection))
                .map_err(|reason| Error::internal(format!("cannot connect: {reason}")).into()),
            Some(connection) if !opened => open(app, connection).map(|()| opened = true),
            Some(connection) => app.refresh(connection).and_then(|()| chores.do_due(app, connection)).map_err(Setback::Passing),
        };
        match turn {
            Ok(()) if opened => {
                if !told.is_empty() {
                    tracing::info!("the database is back");
                    told.clear();
                }
                std::thread::park_timeout(HEAR_EVERY);
            }
            Ok(()) => {}
            Err(Setback::Lasting(reason)) => return refuse(reason),
            Err(Setback::Passing(error)) => {
                // Said once for each reason, not twice a second.
                let reason = error.to_string();
                if reason != told {
                    tracing::warn!(reason, "the database cannot be used yet; trying again");
                    told = reason;
                }
                db = None;
                std::thread::park_timeout(TRY_AGAIN_AFTER);
            }
        }
    }
    let Some(connection) = db.as_mut().filter(|_| opened) else { return };
    if let Err(error) = service_levels::write_down(app, connection) {
        tracing::warn!(%error, "how long the last answers took could not be written down");
    }
    if let Err(error) = checkpoints::sign(app, connection) {
        tracing::warn!(%error, "the audit log could not be signed at the end");
    }
}

/// What is done now and then.
struct Chores {
    sign_at: Instant,
    forget_at: Instant,
    settled_on: Option<NaiveDate>,
    settled_at: Option<i64>,
    scan_at: Instant,
    scan: Aside,
    tidy_at: Instant,
    tidying: Aside,
    send_at: Instant,
    sending: Aside,
    counted_on: Option<NaiveDate>,
    counting: Aside,
    sum_at: Instant,
    summing: Aside,
    stop: Arc<AtomicBool>,
}

/// Work in a thread and on a connection of its own: whatever it finds to do, the house is kept meanwhile.
#[derive(Default)]
struct Aside(Option<JoinHandle<()>>);

impl Aside {
    fn is_busy(&self) -> bool {
        self.0.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    fn begin(&mut self, name: &'static str, app: &Arc<App>, stop: &Arc<AtomicBool>, work: fn(&App, &AtomicBool) -> Result<()>) {
        let (app, stop) = (app.clone(), stop.clone());
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            if let Err(error) = work(&app, &stop) {
                tracing::warn!(%error, work = name, "work in the background ended early; it goes on from there the next time");
            }
        });
        self.0 = thread.inspect_err(|error| tracing::error!(%error, work = name, "a thread could not be made")).ok();
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // It ends after the page that it is at; one that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

impl Chores {
    fn begin(stop: &Arc<AtomicBool>) -> Self {
        let (now, stop) = (Instant::now(), stop.clone());
        Self {
            sign_at: now + SIGN_EVERY,
            forget_at: now + FORGET_EVERY,
            settled_on: None,
            settled_at: None,
            scan_at: now + FIRST_SCAN_AFTER,
            scan: Aside::default(),
            tidy_at: now + FIRST_SCAN_AFTER,
            tidying: Aside::default(),
            send_at: now,
            sending: Aside::default(),
            counted_on: None,
            counting: Aside::default(),
            sum_at: now,
            summing: Aside::default(),
            stop,
        }
    }

    fn do_due(&mut self, app: &Arc<App>, db: &mut Db) -> Result<()> {
        let now = Instant::now();
        if now >= self.sign_at {
            self.sign_at = now + SIGN_EVERY;
            checkpoints::sign(app, db)?;
        }
        if now >= self.forget_at {
            // A slice a turn, so that hearing of sign-outs never waits for it.
            let more = idempotency::forget_old(app, db)? || changes::forget_old(app, db)?;
            if !more {
                sign_in::forget_old(app, db)?;
            }
            self.forget_at = if more { now } else { now + FORGET_EVERY };
        }
        // What was recorded for a date begins to hold on it.
        let today = app.city.today(app.surroundings.now());
        if self.settled_on != Some(today) {
            service::participant_events::settle_due(app, db)?;
            service::enrollment_lapses::lapse_drafts(app, db)?;
            service::claims::settle_due(app, db, &app.context())?;
            service::letters::release_never_billed(app, db, &app.context())?;
            self.settled_on = Some(today);
        }
        if self.counted_on != Some(today) && !self.counting.is_busy() {
            self.counted_on = Some(today);
            self.counting.begin("statistics", app, &self.stop, count);
        }
        // Letters lapse at an instant of the city's clock, not after so long a time of this process.
        let minute = app.surroundings.now().unix_seconds() / 60;
        if self.settled_at != Some(minute) {
            service_levels::write_down(app, db)?;
            service::letters::settle_due(app, db, &app.context())?;
            self.settled_at = Some(minute);
        }
        self.scan_for_signals(app, now);
        if now >= self.send_at && !self.sending.is_busy() {
            self.send_at = now + SEND_EVERY;
            // A gateway may be slow, and the house is kept meanwhile.
            if messages::sending::any_due(app, db)? {
                self.sending.begin("messages", app, &self.stop, send);
            }
        }
        if now >= self.sum_at && !self.summing.is_busy() {
            self.sum_at = now + SUM_EVERY;
            if summaries::any_due(app, db)? {
                self.summing.begin("summaries", app, &self.stop, sum);
            }
        }
        if now >= self.tidy_at && !self.tidying.is_busy() {
            self.tidy_at = now + TIDY_EVERY;
            self.tidying.begin("documents", app, &self.stop, tidy);
        }
        Ok(())
    }

    fn scan_for_signals(&mut self, app: &Arc<App>, now: Instant) {
        let minutes = u64::try_from(app.settings.signals.scan_minutes).unwrap_or_default();
        if minutes == 0 || now < self.scan_at || self.scan.is_busy() {
            return;
        }
        self.scan_at = now + Duration::from_secs(60 * minutes);
        self.scan.begin("signals", app, &self.stop, scan);
    }
}

/// Page after page until nothing is left or the service ends.
fn scan(app: &App, stop: &AtomicBool) -> Result<()> {
    let mut db = app.pool.connect().map_err(|reason| Error::internal(format!("cannot connect: {reason}")))?;
    let (context, mut run) = (app.context(), signal_scan::Run::default());
    while !stop.load(Ordering::Acquire) && (signal_scan::step(app, &mut db, &context, &mut run)? || lookup_watch::step(app, &mut db, &context)?) {
        std::thread::sleep(BETWEEN_PAGES);
    }
    Ok(())
}

/// What is compared in a night.
fn count(app: &App, _: &AtomicBool) -> Result<()> {
    let mut db = app.pool.connect().map_err(|reason| Error::internal(format!("cannot connect: {reason}")))?;
    service::claims::count_statistics(app, &mut db)
}

/// Part after part until everything is counted.
fn sum(app: &App, stop: &AtomicBool) -> Result<()> {
    let mut db = app.pool.connect().map_err(|reason| Error::internal(format!("cannot connect: {reason}")))?;
    summaries::catch_up(app, &mut db, stop).map(drop)
}

/// Message after message until none is due.
fn send(app: &App, stop: &AtomicBool) -> Result<()> {
    let mut db = app.pool.connect().map_err(|reason| Error::internal(format!("cannot connect: {reason}")))?;
    while !stop.load(Ordering::Acquire) && messages::sending::send_next(app, &mut db)? {}
    Ok(())
}

/// Slice after slice until no document is left that nobody needs; then the files that are no document's.
fn tidy(app: &App, stop: &AtomicBool) -> Result<()> {
    let mut db = app.pool.connect().map_err(|reason| Error::internal(format!("cannot connect: {reason}")))?;
    let context = app.context();
    while documents::tidying::forget_orphans(app, &mut db, &context)? && !stop.load(Ordering::Acquire) {
        std::thread::sleep(BETWEEN_PAGES);
    }
    documents::tidying::sweep(app, &mut db)
}

/// From a connection to a service that may answer.
fn open(app: &Arc<App>, db: &mut Db) -> std::result::Result<(), Setback> {
    let context = app.context();
    prepare(app, db)?;
    app.welcome_first_admin(db, &context)?;
    if let Adoption::Refused(reason) = service::bases::adopt(app, db)? {
        return Err(Setback::Lasting(reason));
    }
    app.refresh(db)?;
    app.open_desk()?;
    app.open_doors();
    tracing::info!(elapsed_ms = app.surroundings.now().since(context.now).num_milliseconds(), "ready");
    Ok(())
}

/// Migrates and unlocks a database: what `serve` and every command need before they can work.
pub fn prepare(app: &App, db: &mut Db) -> Result<()> {
    if app.settings.database.migrate_on_start {
        for name in store::migrate::run(db)? {
            tracing::info!(migration = name, "the schema was brought up to date");
        }
    } else if !store::migrate::is_current(db)? {
        return Err(Error::internal("the schema is older than this program: run `ksnik migrate`"));
    }
    service::keys::unlock(db, &app.settings, &app.context())
}
