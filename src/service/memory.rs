//! What a node holds in memory because every request needs it: who may sign in, which sessions were ended, facilities and their contracts. The row
//! `versions` tells when any of it changed; all of it is small and is read again whole.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::App;
use super::tokens::SignedIn;
use crate::domain::facilities::Facility;
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::error::{Error, Result};
use crate::store::db::Db;
use crate::store::keys::Versions;
use crate::{service, store};

/// A user or a system as every request needs to know it.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    pub role: Role,
    pub facility_id: Option<Id>,
    pub active: bool,
    pub must_change_password: bool,
}

#[derive(Default)]
pub struct Snapshot {
    pub versions: Versions,
    accounts: HashMap<Id, Account>,
    ended_sessions: HashSet<Id>,
    pub facilities: HashMap<Id, Arc<Facility>>,
}

#[derive(Default)]
pub struct Memory {
    snapshot: RwLock<Arc<Snapshot>>,
    /// When the row was last read, in milliseconds of this process's life; 0: never.
    heard: AtomicU64,
}

fn life() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    u64::try_from(BEGAN.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
}

impl Memory {
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn facility(&self, id: Id) -> Option<Arc<Facility>> {
        self.snapshot().facilities.get(&id).cloned()
    }

    /// The caller behind a user and a session, unless either has ended.
    pub(super) fn signed_in(&self, user_id: Id, session_id: Option<Id>) -> Result<Option<SignedIn>> {
        let snapshot = self.snapshot();
        if session_id.is_some_and(|session| snapshot.ended_sessions.contains(&session)) {
            return Ok(None);
        }
        Ok(snapshot.accounts.get(&user_id).filter(|account| account.active).map(|account| SignedIn {
            caller: Caller { user_id, role: account.role, facility_id: account.facility_id, session_id },
            must_change_password: account.must_change_password,
        }))
    }

    /// Was the row read lately? A node that cannot hear of sign-outs must not go on letting people in.
    pub fn is_fresh(&self, within: Duration) -> bool {
        let heard = self.heard.load(Ordering::Acquire);
        heard > 0 && u128::from(life().saturating_sub(heard)) <= within.as_millis()
    }
}

impl App {
    /// Reads the row of versions and whatever it says has changed.
    pub fn refresh(&self, db: &mut Db) -> Result<()> {
        let versions = store::keys::versions(db)?;
        let held = self.memory.snapshot();
        if versions != held.versions {
            if versions.keys != held.versions.keys && held.versions.keys != 0 {
                service::keys::reload(db, &self.settings)?;
            }
            let now = self.surroundings.now();
            let ended_since = now.minus(chrono::Duration::seconds(self.settings.sign_in.access_token_seconds + 60));
            let accounts = store::users::accounts(db)?
                .into_iter()
                .map(|(id, role, facility_id, active, must_change_password)| (id, Account { role, facility_id, active, must_change_password }));
            // A system's token names its secret where a user's names the session.
            let ended =
                store::sessions::ended_since(db, ended_since)?.into_iter().chain(store::service_accounts::secrets_ended_since(db, ended_since)?);
            let fresh = Snapshot {
                versions,
                accounts: accounts.collect(),
                ended_sessions: ended.collect(),
                facilities: if versions.catalogue == held.versions.catalogue {
                    held.facilities.clone()
                } else {
                    store::facilities::all(db)?.into_iter().map(|facility| (facility.id, Arc::new(facility))).collect()
                },
            };
            *self.memory.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        }
        self.memory.heard.store(life(), Ordering::Release);
        Ok(())
    }

    /// Refuses to work on what may have changed long ago.
    pub fn require_fresh_memory(&self) -> Result<()> {
        if self.memory.is_fresh(Duration::from_millis(self.settings.server.stale_after_ms)) {
            Ok(())
        } else {
            Err(Error::Busy("the database has not been heard of for too long"))
        }
    }
}
