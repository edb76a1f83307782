//! The limit on look-ups that find nobody. Over the limit everything is refused for the rest of the window, what exists too: an answer that depended
//! on existence would tell it.

use std::collections::HashMap;

use super::App;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::roles::Caller;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Result, StorageFault};
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::misses::{self, MissScope, Misses};
use crate::store::participants;

/// The counts of everyone who asks in one turn, kept up while the turn goes on.
pub struct Counts {
    counts: HashMap<(MissScope, Id), Misses>,
    added: HashMap<(MissScope, Id), Added>,
    window_after: UtcTime,
}

/// Misses of this turn, and the request of the first.
struct Added {
    count: i32,
    context: Context,
}

fn subjects(caller: &Caller) -> impl Iterator<Item = (MissScope, Id)> {
    std::iter::once((MissScope::Account, caller.user_id)).chain(caller.facility_id.map(|facility| (MissScope::Facility, facility)))
}

impl Counts {
    pub fn load<'a>(app: &App, db: &mut Db, callers: impl IntoIterator<Item = &'a Caller>, now: UtcTime) -> Result<Self> {
        let mut who: Vec<Id> = callers.into_iter().flat_map(subjects).map(|(_, id)| id).collect();
        who.sort_unstable();
        who.dedup();
        let counts = misses::counts(db, &who)?;
        Ok(Self { counts, added: HashMap::new(), window_after: now.minus(chrono::Duration::minutes(app.settings.checks.window_minutes)) })
    }

    fn count(&self, key: (MissScope, Id)) -> i32 {
        let stored = self.counts.get(&key).filter(|misses| misses.window_start >= self.window_after).map_or(0, |misses| misses.count);
        stored + self.added.get(&key).map_or(0, |added| added.count)
    }

    fn limit(app: &App, scope: MissScope) -> i32 {
        match scope {
            MissScope::Account => app.settings.checks.unknown_per_account,
            MissScope::Facility => app.settings.checks.unknown_per_facility,
        }
    }

    /// May this caller ask?
    pub fn admit(&self, app: &App, caller: &Caller, now: UtcTime) -> Result<()> {
        for key in subjects(caller) {
            if self.count(key) >= Self::limit(app, key.0) {
                let began = self.counts.get(&key).map(|misses| misses.window_start).filter(|start| *start >= self.window_after).unwrap_or(now);
                let left = chrono::Duration::minutes(app.settings.checks.window_minutes) - now.since(began);
                let seconds = u32::try_from(left.num_seconds().max(1)).unwrap_or(1);
                return Err(Error::throttled(Code::TooManyUnknown, seconds));
            }
        }
        Ok(())
    }

    pub fn note(&mut self, context: &Context, caller: &Caller) {
        for key in subjects(caller) {
            self.added.entry(key).or_insert_with(|| Added { count: 0, context: context.clone() }).count += 1;
        }
    }

    /// Writes what was added, and an event for each limit that is reached now.
    pub fn save(&self, app: &App, tx: &mut Tx) -> Result<()> {
        // In a fixed order, so that two turns cannot wait for each other's rows.
        let mut added: Vec<_> = self.added.iter().collect();
        added.sort_unstable_by_key(|(key, _)| **key);
        for ((scope, subject), Added { count, context }) in added {
            let total = misses::add(tx, *scope, *subject, *count, context.now, self.window_after)?;
            let limit = Self::limit(app, *scope);
            // Others missed at the same time: who goes over the limit only together with them is judged again, and then sees their misses.
            if total > limit {
                return Err(StorageFault::Conflict("misses were counted elsewhere meanwhile".into()).into());
            }
            if total == limit {
                metrics::counter!("ksnik_lookup_limits_reached_total", "scope" => scope.as_str()).increment(1);
                tx.record(Event::new(context, "lookups.limited").object(*subject).with("scope", scope.as_str()).with("unknown", total));
            }
        }
        Ok(())
    }
}

/// Looks for one person outside the desk. A number that nobody has is an event and counted, so that fishing for numbers is stopped.
pub fn counted<T>(app: &App, db: &mut Db, context: &Context, caller: &Caller, look: impl FnOnce(&mut Db) -> Result<Option<T>>) -> Result<Option<T>> {
    Counts::load(app, db, [caller], context.now)?.admit(app, caller, context.now)?;
    let found = look(db)?;
    if found.is_none() {
        write(db, Priority::People, |tx| {
            miss(app, tx, context, caller)?;
            tx.record(Event::new(context, "participant.not_found"));
            Ok(())
        })?;
    }
    Ok(found)
}

/// Who has this NIK. Who asks for unknown ones too often is stopped.
pub fn whose(app: &App, db: &mut Db, context: &Context, caller: &Caller, nik: &Nik) -> Result<Option<Id>> {
    counted(app, db, context, caller, |db| {
        let index = db.keyring().nik_index(nik)?.value;
        Ok(participants::of_niks(db, &[index])?.remove(&index))
    })
}

/// Counts one miss, or refuses: the limit may have been reached since the caller was let in.
pub fn miss(app: &App, tx: &mut Tx, context: &Context, caller: &Caller) -> Result<()> {
    let mut counts = Counts::load(app, tx, [caller], context.now)?;
    counts.admit(app, caller, context.now)?;
    counts.note(context, caller);
    counts.save(app, tx)
}
