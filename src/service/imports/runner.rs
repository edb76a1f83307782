//! The importer: the one thread of a process that stores the rows of uploaded files, job after job. It can be stopped between any two steps; the
//! next start goes on from there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{job, spool};
use crate::config::database_url::Backend;
use crate::domain::id::Id;
use crate::domain::imports::{ImportFailure, ImportState};
use crate::error::{Error, Result};
use crate::service::App;
use crate::store;
use crate::store::db::{Db, write_quietly};
use crate::store::gate::Priority;
use crate::store::imports::Import;

const LOOK_EVERY: Duration = Duration::from_secs(10);
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// A job whose file is on none of the nodes that are alive, for this long, has lost it.
const LOST_AFTER: chrono::Duration = chrono::Duration::minutes(15);

/// Wakes the importer when there is something to do.
#[derive(Default)]
pub struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.heard.notify_all();
    }

    fn wait(&self, most: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) = self.heard.wait_timeout_while(rung, most, |rung| !*rung).unwrap_or_else(PoisonError::into_inner);
        *rung = false;
    }
}

/// The thread. It ends, between two steps, when dropped.
pub struct Importer {
    app: Arc<App>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Importer {
    pub fn begin(app: Arc<App>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (there, told) = (app.clone(), stop.clone());
        let thread = std::thread::Builder::new().name("importer".into()).spawn(move || work(&there, &told));
        if thread.is_err() {
            tracing::error!("the importer's thread could not be made: imports will stay queued");
        }
        Self { app, stop, thread: thread.ok() }
    }
}

impl Drop for Importer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.app.importer.ring();
        if let Some(thread) = self.thread.take() {
            // An importer that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

fn work(app: &App, stop: &AtomicBool) {
    let mut db: Option<Db> = None;
    while !stop.load(Ordering::Acquire) {
        if app.ready().is_err() {
            app.importer.wait(TRY_AGAIN_AFTER);
            continue;
        }
        let turn = match &mut db {
            None => app.pool.connect().map(|connection| db = Some(connection)).map_err(|_| Error::Busy("no connection for the importer")),
            Some(db) => turn(app, db, stop).map(|worked| {
                if !worked {
                    app.importer.wait(LOOK_EVERY);
                }
            }),
        };
        if let Err(error) = turn {
            tracing::warn!(%error, "an import was interrupted; it goes on from where it was");
            db = None;
            app.importer.wait(TRY_AGAIN_AFTER);
        }
    }
}

/// Works on the oldest job whose file is here; false when there is none.
fn turn(app: &App, db: &mut Db, stop: &AtomicBool) -> Result<bool> {
    let Some(next) = look(app, db)? else { return Ok(false) };
    job::run(app, db, &next, spool::path(&spool::folder(&app.settings), next.id), stop)?;
    Ok(true)
}

/// Looks at what is unfinished: says of the jobs whose file is here that they will have their turn, ends those whose file is nowhere, and gives the
/// oldest that can be worked on.
pub(super) fn look(app: &App, db: &mut Db) -> Result<Option<Import>> {
    let folder = spool::folder(&app.settings);
    let now = app.surroundings.now();
    let (here, elsewhere): (Vec<Import>, Vec<Import>) =
        store::imports::unfinished(db)?.into_iter().partition(|import| spool::path(&folder, import.id).exists());
    for import in &elsewhere {
        // On PostgreSQL the file may be another node's, which says so every minute; SQLite has one node.
        let is_lost = match db.backend() {
            Backend::Sqlite => true,
            Backend::Postgres => now.since(import.updated_at) > LOST_AFTER,
        };
        if is_lost {
            job::end(app, db, import, ImportState::Failed, Some(ImportFailure::SpoolLost))?;
        }
    }
    let ids: Vec<Id> = here.iter().map(|import| import.id).collect();
    spool::tidy(&folder, &ids);
    if !ids.is_empty() {
        write_quietly(db, Priority::Bulk, "only says that the files are here", |tx| store::imports::touch(tx, &ids, now))?;
    }
    Ok(here.into_iter().next())
}
