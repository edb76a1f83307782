//! Doors that shut on those who fail too often. A guess is counted before it is judged, so that many at once are not judged before one is counted.

use super::App;
use crate::domain::throttles::{Policy, Scope};
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::db::{Db, Tx};
use crate::store::throttles::Counted;

/// Whom a door counts, and how much it lets pass.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    pub counted: Counted,
    pub policy: Policy,
}

impl App {
    /// A door for those who guess at secrets, by a keyed hash of who they are.
    pub(super) fn door(&self, db: &Db, scope: Scope, who: &str) -> Result<Door> {
        let settings = &self.settings.sign_in;
        let most = match scope {
            Scope::Account | Scope::KnownAddress | Scope::Client | Scope::OwnPassword | Scope::Tracking => settings.failures_per_account,
            Scope::Address | Scope::ClientAddress | Scope::TrackingAddress | Scope::ConfirmationAddress => settings.failures_per_address,
        };
        let policy = Policy {
            most,
            window: chrono::Duration::minutes(settings.window_minutes),
            longest_lock: chrono::Duration::minutes(settings.longest_lock_minutes),
        };
        Ok(Door { counted: (scope, db.keyring().throttle_subject(scope.as_str(), who)?), policy })
    }
}

/// Refuses while any of the doors is shut, with the longest wait.
pub fn require_open(db: &mut Db, doors: &[Door], code: Code, now: UtcTime) -> Result<()> {
    let mut wait = None;
    for door in doors {
        wait = wait.max(store::throttles::find(db, &door.counted)?.and_then(|throttle| throttle.shut_for(now)));
    }
    wait.map_or(Ok(()), |seconds| Err(Error::throttled(code, seconds)))
}

/// Counts one failure at every door, unless one of them is shut. Which of them it has shut.
pub fn count(tx: &mut Tx, doors: &[Door], code: Code, now: UtcTime) -> Result<Vec<Scope>> {
    let mut shut = Vec::new();
    for door in doors {
        // Held in the order given, which is the same for all who hold several.
        let throttle = store::throttles::lock(tx, &door.counted, now)?;
        if let Some(seconds) = throttle.shut_for(now) {
            return Err(Error::throttled(code, seconds));
        }
        let next = throttle.count(&door.policy, now);
        store::throttles::save(tx, &door.counted, &next)?;
        if next.shut_for(now).is_some() {
            shut.push(door.counted.0);
        }
    }
    Ok(shut)
}

/// The failure that was counted at this door was none.
pub fn take_back(tx: &mut Tx, door: &Door, now: UtcTime) -> Result<()> {
    let throttle = store::throttles::lock(tx, &door.counted, now)?;
    store::throttles::save(tx, &door.counted, &throttle.take_back(&door.policy, now))
}
