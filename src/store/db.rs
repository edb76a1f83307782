//! The two databases behind one type, the pool, and `write`: the only door to a change.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::audit::{self, Event};
use super::gate::{Gate, Pass, Priority};
use super::ledger;
use crate::config::database_url::{Backend, DatabaseUrl};
use crate::error::{Error, Result, StorageFault};
use crate::privacy::keyring::Keyring;

/// A connection to either database. Queries are written once and run on both.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// One query text, compiled for each backend: for what the common subset does not carry (upsert, batch insert, row locks).
macro_rules! on_each {
    ($db:expr, |$connection:ident| $query:expr) => {
        match &mut $db.connection {
            $crate::store::db::AnyConnection::Sqlite($connection) => $query,
            $crate::store::db::AnyConnection::Postgres($connection) => $query,
        }
    };
}
pub(crate) use on_each;

/// Loads rows and holds them for the rest of the transaction: the one seam for row locks. On SQLite the transaction holds the whole file already.
macro_rules! locked {
    ($tx:expr, $query:expr, $load:ident) => {
        match &mut $tx.db.connection {
            $crate::store::db::AnyConnection::Sqlite(connection) => $query.$load(connection),
            $crate::store::db::AnyConnection::Postgres(connection) => $query.for_update().$load(connection),
        }
    };
}
pub(crate) use locked;

/// A sum as the number that its column is: PostgreSQL makes a larger one of it, and of nothing none.
macro_rules! total {
    ($what:literal) => {
        diesel::dsl::sql::<diesel::sql_types::BigInt>(concat!("CAST(coalesce(sum(", $what, "), 0) AS BIGINT)"))
    };
}
pub(crate) use total;

/// What all connections to one database share.
pub struct Shared {
    url: DatabaseUrl,
    gate: Gate,
    keyring: RwLock<Arc<Keyring>>,
}

impl Shared {
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_keyring(&self, keyring: Keyring) {
        *self.keyring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keyring);
    }

    pub fn backend(&self) -> Backend {
        self.url.backend()
    }

    /// How many have come to write for the desk or for people; always 0 on PostgreSQL, which has no gate.
    pub fn others_who_came(&self) -> u64 {
        self.gate.others_who_came()
    }
}

/// A connection with what it needs to seal, to queue and to be found again.
pub struct Db {
    pub(in crate::store) connection: AnyConnection,
    shared: Arc<Shared>,
}

impl Db {
    fn open(shared: Arc<Shared>) -> std::result::Result<Self, ConnectionError> {
        let connection = match shared.url.backend() {
            Backend::Sqlite => {
                private(shared.url.target());
                let mut connection = SqliteConnection::establish(shared.url.target())?;
                // FULL: an answer must survive a power cut, and foreign keys are off unless asked for.
                connection
                    .batch_execute(
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;",
                    )
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                AnyConnection::Sqlite(connection)
            }
            Backend::Postgres => {
                let mut connection = PgConnection::establish(shared.url.target())?;
                connection
                    .batch_execute("SET TIME ZONE 'UTC'; SET client_min_messages = warning; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                AnyConnection::Postgres(connection)
            }
        };
        Ok(Self { connection, shared })
    }

    pub fn keyring(&self) -> Arc<Keyring> {
        self.shared.keyring()
    }

    pub fn backend(&self) -> Backend {
        self.shared.backend()
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// A second connection to the same database, outside the pool: for the desk's own threads, and to ask after a lost commit.
    pub fn sibling(&self) -> Result<Self> {
        Self::open(self.shared.clone()).map_err(|error| StorageFault::Gone(error.to_string()).into())
    }

    /// Room for what writes all over the file: keys lie in it at random, and a page that cannot stay in memory is written for each row that falls on it.
    pub fn make_room(&mut self) -> Result<()> {
        match &mut self.connection {
            AnyConnection::Sqlite(connection) => connection.batch_execute("PRAGMA cache_size = -1000000")?,
            AnyConnection::Postgres(_) => {}
        }
        Ok(())
    }

    pub fn ping(&mut self) -> Result<()> {
        Ok(self.connection.ping()?)
    }
}

/// Proof of being inside a write transaction. Only `write` makes one, and every function that changes a row asks for it.
pub struct Tx<'c> {
    pub(in crate::store) db: &'c mut Db,
    events: Vec<Event>,
    /// What was posted to the ledger: it is written at the end, all at once, and the balances last, because everybody wants them.
    postings: Vec<ledger::Pending>,
}

impl Tx<'_> {
    /// What happened, for the audit log. It becomes part of the chain as the last thing before the commit.
    pub fn record(&mut self, event: Event) {
        self.events.push(event);
    }

    pub(in crate::store) fn settle_later(&mut self, posting: ledger::Pending) {
        self.postings.push(posting);
    }

    /// Does a part of the change. When it fails, what it wrote and recorded is taken back, and the transaction can go on.
    pub fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.part(true, work)
    }

    /// Does a part of the change and takes back what it wrote and recorded: it only tells what would be.
    pub fn rehearse<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.part(false, work)
    }

    /// Within the transaction a second one is a savepoint.
    fn part<T>(&mut self, stays: bool, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let (events, postings) = (self.events.len(), self.postings.len());
        <AnyConnection as Connection>::TransactionManager::begin_transaction(&mut self.db.connection)?;
        let worked = work(self);
        if stays && worked.is_ok() {
            <AnyConnection as Connection>::TransactionManager::commit_transaction(&mut self.db.connection)?;
        } else {
            self.events.truncate(events);
            self.postings.truncate(postings);
            // Where the connection is gone, that is told rather than what came of it.
            <AnyConnection as Connection>::TransactionManager::rollback_transaction(&mut self.db.connection)?;
        }
        worked
    }

    /// Whom the events of this transaction are about so far.
    pub fn subjects(&self) -> Vec<crate::domain::id::Id> {
        self.subjects_since(0)
    }

    /// How many events it has recorded so far.
    pub fn recorded(&self) -> usize {
        self.events.len()
    }

    /// Whom the events after so many are about.
    pub fn subjects_since(&self, recorded: usize) -> Vec<crate::domain::id::Id> {
        let mut subjects: Vec<_> = self.events.iter().skip(recorded).flat_map(|event| event.subjects.iter().copied()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }
}

impl std::ops::Deref for Tx<'_> {
    type Target = Db;
    fn deref(&self) -> &Db {
        self.db
    }
}

impl std::ops::DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Db {
        self.db
    }
}

/// Reads in one snapshot: what is committed meanwhile is not seen.
pub fn snapshot<T>(db: &mut Db, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    match &mut db.connection {
        AnyConnection::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN")?,
        AnyConnection::Postgres(connection) => {
            // Much is read or little, as the period says: a plan for what is usual would be a wrong one.
            let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL plan_cache_mode = force_custom_plan";
            AnsiTransactionManager::begin_transaction_sql(connection, begin)?;
        }
    }
    let answer = work(db);
    // Nothing was changed, so there is nothing to lose; a connection that cannot even roll back is gone and is noticed at its next use.
    let _ = <AnyConnection as Connection>::TransactionManager::rollback_transaction(&mut db.connection);
    answer
}

const TRIES: u32 = 5;

/// Runs `work` in a transaction, records its events and commits. It may run `work` again after a conflict, so `work` must have no effect outside.
pub fn write<T>(db: &mut Db, priority: Priority, work: impl FnMut(&mut Tx) -> Result<T>) -> Result<T> {
    write_checked(db, priority, None, work)
}

/// Does `work` in a transaction, tells what came of it and takes it all back. Whoever rehearses records by themselves whom they read.
pub fn rehearse<T>(db: &mut Db, priority: Priority, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    let shared = db.shared.clone();
    let _pass: Option<Pass<'_>> = match shared.backend() {
        Backend::Sqlite => Some(shared.gate.enter(priority)),
        Backend::Postgres => None,
    };
    begin(db)?;
    let answer = work(&mut Tx { db, events: Vec::new(), postings: Vec::new() });
    roll_back(db)?;
    answer
}

/// A change that leaves no event, with the reason why none is needed.
pub fn write_quietly<T>(db: &mut Db, priority: Priority, reason: &'static str, work: impl FnMut(&mut Tx) -> Result<T>) -> Result<T> {
    write_checked(db, priority, Some(reason), work)
}

fn write_checked<T>(db: &mut Db, priority: Priority, quiet: Option<&'static str>, mut work: impl FnMut(&mut Tx) -> Result<T>) -> Result<T> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let shared = db.shared.clone();
        let pass: Option<Pass<'_>> = match shared.backend() {
            Backend::Sqlite => Some(shared.gate.enter(priority)),
            Backend::Postgres => None,
        };
        let outcome = write_once(db, quiet, &mut work);
        drop(pass);
        match outcome {
            Err(Error::Storage(fault @ (StorageFault::Conflict(_) | StorageFault::Gone(_)))) if attempt < TRIES => {
                metrics::counter!("ksnik_write_retries_total").increment(1);
                tracing::debug!(attempt, %fault, "a transaction is tried again");
                if matches!(fault, StorageFault::Gone(_)) {
                    *db = db.sibling()?;
                }
                std::thread::sleep(pause_before(attempt));
            }
            other => return other,
        }
    }
}

/// A pause that grows and differs between threads, so that those who met do not meet again.
fn pause_before(attempt: u32) -> Duration {
    let mut byte = [0u8; 1];
    // Without randomness the pause is only less varied.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    Duration::from_micros((2_000_u64 << attempt.min(6)) * (64 + u64::from(byte[0])) / 256)
}

fn begin(db: &mut Db) -> Result<()> {
    match &mut db.connection {
        // At once, so that two writers queue instead of failing when the first turns from reading to writing.
        AnyConnection::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?,
        AnyConnection::Postgres(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN")?,
    }
    Ok(())
}

/// A rollback that fails means that the connection is gone, and with it the transaction.
fn roll_back(db: &mut Db) -> Result<()> {
    if <AnyConnection as Connection>::TransactionManager::rollback_transaction(&mut db.connection).is_err() && !db.connection.is_broken() {
        *db = db.sibling()?;
    }
    Ok(())
}

fn write_once<T>(db: &mut Db, quiet: Option<&'static str>, work: &mut impl FnMut(&mut Tx) -> Result<T>) -> Result<T> {
    begin(db)?;
    let mut tx = Tx { db, events: Vec::new(), postings: Vec::new() };
    let worked = work(&mut tx).and_then(|value| {
        let events = std::mem::take(&mut tx.events);
        if events.is_empty() && quiet.is_none() {
            return Err(Error::internal("a change was made without an event for the audit log"));
        }
        let first = events.first().map(|event| event.id);
        let postings = std::mem::take(&mut tx.postings);
        ledger::write_down(&mut tx, &postings)?;
        let stripe = audit::append(&mut tx, events)?;
        let raised = ledger::settle(&mut tx, postings)?;
        // Hardly ever: nobody waits for a stripe while holding a balance, since a stripe that is held already is free to its holder.
        audit::append(&mut tx, raised)?;
        Ok((value, first.zip(stripe)))
    });
    match worked {
        Ok((value, marker)) => match <AnyConnection as Connection>::TransactionManager::commit_transaction(&mut db.connection) {
            Ok(()) => Ok(value),
            Err(error) => after_lost_commit(db, error.into(), marker).map(|()| value),
        },
        Err(error) => {
            roll_back(db)?;
            Err(error)
        }
    }
}

/// The answer to COMMIT was lost. The first event is the marker: if it is there the commit happened, if not it may be tried again. The lost transaction
/// may still be ending: it is waited for at its stripe, which it holds until then.
fn after_lost_commit(db: &mut Db, error: Error, marker: Option<(crate::domain::id::Id, i32)>) -> Result<()> {
    let Error::Storage(StorageFault::Gone(_)) = &error else { return Err(error) };
    let Some((marker, stripe)) = marker else { return Err(error) };
    let mut fresh = db.sibling().map_err(|_| Error::InDoubt)?;
    let happened = audit::await_stripe(&mut fresh, stripe).and_then(|()| audit::exists(&mut fresh, marker)).map_err(|_| Error::InDoubt)?;
    *db = fresh;
    if happened { Ok(()) } else { Err(error) }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        Self::Storage(match error {
            DieselError::NotFound => StorageFault::Missing,
            DieselError::BrokenTransactionManager => StorageFault::Gone("broken transaction".into()),
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, info) => StorageFault::Conflict(info.message().to_owned()),
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => StorageFault::Gone(info.message().to_owned()),
            // diesel hides the SQLSTATE; these texts are the ones of a lost server, a deadlock and a busy file, in the C locale.
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, info) => {
                let message = info.message();
                if ["deadlock detected", "database is locked", "lock timeout", "database table is locked"].iter().any(|text| message.contains(text)) {
                    StorageFault::Conflict(message.to_owned())
                } else if [
                    "server closed",
                    "terminating connection",
                    "no connection",
                    "could not receive",
                    "could not send",
                    "connection not open",
                    "SSL SYSCALL",
                    "the database system is",
                    // Nothing was written, and when there is room again it may be tried again.
                    "database or disk is full",
                    "disk I/O error",
                    "No space left on device",
                ]
                .iter()
                .any(|text| message.contains(text))
                {
                    StorageFault::Gone(message.to_owned())
                } else {
                    StorageFault::Refused(message.to_owned())
                }
            }
            DieselError::DatabaseError(kind, info) => StorageFault::Refused(format!("{kind:?}: {}", info.message())),
            other => StorageFault::Refused(other.to_string()),
        })
    }
}

/// Makes the file of a new database so that only its owner reads it; SQLite gives its companions the same mode.
fn private(path: &str) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A file that is there keeps its mode, and what cannot be made is SQLite's to complain of.
    let _ = options.open(path);
}

/// Makes and checks pooled connections. Written by hand because the derived one hides why a connection failed.
pub struct Manager(Arc<Shared>);

impl r2d2::ManageConnection for Manager {
    type Connection = Db;
    type Error = ConnectionError;

    fn connect(&self) -> std::result::Result<Db, ConnectionError> {
        Db::open(self.0.clone())
    }

    fn is_valid(&self, db: &mut Db) -> std::result::Result<(), ConnectionError> {
        db.connection.ping().map_err(ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        // A panic in the middle of a transaction leaves it open: such a connection must not be lent again.
        std::thread::panicking() || db.connection.is_broken()
    }
}

#[derive(Clone)]
pub struct Pool {
    pool: r2d2::Pool<Manager>,
    shared: Arc<Shared>,
}

/// Hands r2d2's own complaints to our log, without the text of URLs.
#[derive(Debug)]
struct Complain;

impl r2d2::HandleError<ConnectionError> for Complain {
    fn handle_error(&self, error: ConnectionError) {
        tracing::warn!(reason = %reason(&error), "a database connection could not be made");
    }
}

fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::BadConnection(text) => text.lines().next().unwrap_or_default().to_owned(),
        other => other.to_string(),
    }
}

impl Pool {
    /// A pool that is filled on demand: making it does not need the database to be there.
    pub fn new(url: DatabaseUrl, size: u32, wait: Duration) -> Result<Self> {
        let shared = Arc::new(Shared { url, gate: Gate::default(), keyring: RwLock::new(Arc::new(Keyring::default())) });
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(wait)
            .error_handler(Box::new(Complain))
            .build_unchecked(Manager(shared.clone()));
        Ok(Self { pool, shared })
    }

    pub fn get(&self) -> Result<r2d2::PooledConnection<Manager>> {
        self.pool.get().map_err(|_| Error::Busy("no database connection is free"))
    }

    /// A connection of one's own, with the cause when it cannot be made.
    pub fn connect(&self) -> std::result::Result<Db, String> {
        Db::open(self.shared.clone()).map_err(|error| reason(&error))
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Connections in use and in all.
    pub fn load(&self) -> (u32, u32) {
        let state = self.pool.state();
        (state.connections - state.idle_connections, state.connections)
    }
}
