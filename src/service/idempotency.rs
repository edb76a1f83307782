//! A request that carries a key is done once: whoever sends it again gets the first answer, from this node or another, also after a crash.
//!
//! A use case takes a `Once` and writes through it instead of through `write`; that is all. The answer is stored in the same transaction, sealed.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::App;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Result};
use crate::privacy::cells::Column;
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write, write_quietly};
use crate::store::gate::Priority;
use crate::store::idempotency::Kept;

/// An answer as it leaves and as it is stored: the same bytes both times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What is inside the sealed cell.
#[derive(Serialize, Deserialize)]
struct Cell {
    headers: Vec<(String, String)>,
    body: String,
    /// Whom the answer is about: who reads it again is in their log again.
    about: Vec<Id>,
}

/// A key as the client sent it, and what came with it.
#[derive(Clone, Copy)]
pub struct Keyed<'a> {
    pub key: &'a str,
    /// Method and path with its query: the same key on another path is another key.
    pub route: &'a str,
    pub content: &'a [u8],
}

pub enum Given {
    Now(Reply),
    Before(Reply),
}

/// The keys whose first request is still running in this process.
#[derive(Default)]
pub struct InFlight(Mutex<HashSet<Id>>);

/// Lets the key go when the request has ended, however it ends.
pub struct Held<'a>(&'a InFlight, Id);

impl InFlight {
    /// Refuses while the first request with this key is still running here.
    pub fn hold(&self, key: Id) -> Result<Held<'_>> {
        let fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        if fresh { Ok(Held(self, key)) } else { Err(in_progress()) }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// How a use case writes when its request may carry a key.
pub struct Once<'a, T> {
    claim: Option<Claim>,
    reply: Option<&'a dyn Fn(&T) -> Result<Reply>>,
    given: RefCell<Option<Reply>>,
}

struct Claim {
    key: Id,
    fingerprint: [u8; 32],
    now: UtcTime,
}

impl<T> Once<'_, T> {
    /// For a use case that is asked without HTTP: nothing to look up, nothing to keep.
    pub fn plain() -> Self {
        Self { claim: None, reply: None, given: RefCell::new(None) }
    }

    /// `store::db::write`, which also stores the answer under the request's key.
    pub fn write(&self, db: &mut Db, priority: Priority, mut work: impl FnMut(&mut Tx) -> Result<T>) -> Result<T> {
        let (value, reply) = write(db, priority, |tx| {
            if let Some(claim) = &self.claim {
                // Found only now: another node was faster by a moment, and its answer is there for the next try.
                if !store::idempotency::claim(tx, claim.key)? || store::idempotency::find(tx, claim.key)?.is_some() {
                    return Err(in_progress());
                }
            }
            let value = work(tx)?;
            let reply = self.reply.map(|reply| reply(&value)).transpose()?;
            if let (Some(claim), Some(reply)) = (&self.claim, &reply) {
                let about = tx.subjects();
                claim.keep(tx, reply, about)?;
            }
            Ok((value, reply))
        })?;
        *self.given.borrow_mut() = reply;
        Ok(value)
    }
}

impl Claim {
    fn kept(&self, db: &Db, reply: &Reply, about: Vec<Id>) -> Result<Kept> {
        let cell = Cell { headers: reply.headers.clone(), body: reply.body.clone(), about };
        Ok(Kept {
            key: self.key,
            fingerprint: self.fingerprint.to_vec(),
            status: i32::from(reply.status),
            check_id: None,
            answer: Some(db.keyring().seal_json(Column::IdempotencyAnswer, self.key, &cell)?),
            created_at: self.now,
        })
    }

    fn keep(&self, tx: &mut Tx, reply: &Reply, about: Vec<Id>) -> Result<()> {
        let kept = self.kept(tx, reply, about)?;
        if store::idempotency::insert(tx, &kept)? { Ok(()) } else { Err(in_progress()) }
    }
}

pub(super) fn in_progress() -> Error {
    Error::throttled(Code::IdempotencyInProgress, 1)
}

/// Does what was asked, unless its key was answered before. `work` must pass its write through the `Once` that it is given.
pub fn once<T, R>(
    app: &App,
    db: &mut Db,
    context: &Context,
    keyed: Option<Keyed<'_>>,
    reply: &dyn Fn(&T) -> Result<Reply>,
    work: impl FnOnce(&mut Db, &Once<'_, T>) -> Result<R>,
) -> Result<Given> {
    let claim = keyed.as_ref().map(|keyed| claim(db, context, keyed)).transpose()?;
    let held = claim.as_ref().map(|claim| app.in_flight.hold(claim.key)).transpose()?;
    if let (Some(claim), Some(keyed)) = (&claim, &keyed)
        && let Some(kept) = store::idempotency::find(db, claim.key)?
    {
        return again(db, context, keyed.route, claim, kept).map(Given::Before);
    }
    let once = Once { claim, reply: Some(reply), given: RefCell::new(None) };
    work(db, &once)?;
    drop(held);
    once.given.into_inner().map(Given::Now).ok_or_else(|| Error::internal("a use case did not write through the Once that it was given"))
}

fn claim(db: &Db, context: &Context, keyed: &Keyed<'_>) -> Result<Claim> {
    let caller = context.signed_in()?;
    let keyring = db.keyring();
    let scope = caller.facility_id.unwrap_or(caller.user_id);
    let key = keyring.idempotency_key(scope, keyed.route, keyed.key)?;
    Ok(Claim { key, fingerprint: keyring.fingerprint(keyed.key, keyed.content)?, now: context.now })
}

/// Several requests that share a transaction, each with its own key.
pub struct Parts {
    claims: Vec<Claim>,
    /// Those of the keys that another node is at.
    elsewhere: HashSet<Id>,
    before: HashMap<Id, Kept>,
    done: Vec<Kept>,
}

impl Parts {
    /// Claims all keys. What was done under them before is read when they are claimed, and not sooner.
    pub fn begin(tx: &mut Tx, context: &Context, keys: &[Keyed<'_>]) -> Result<Self> {
        let claims = keys.iter().map(|keyed| claim(tx, context, keyed)).collect::<Result<Vec<_>>>()?;
        let keys: Vec<Id> = claims.iter().map(|claim| claim.key).collect();
        let elsewhere = store::idempotency::claim_many(tx, &keys)?;
        let before = store::idempotency::find_many(tx, &keys)?;
        Ok(Self { claims, elsewhere, before, done: Vec::new() })
    }

    /// Does the request in this place, once. What it fails of is taken back and costs the others nothing.
    pub fn part<T>(
        &mut self,
        tx: &mut Tx,
        context: &Context,
        (place, keyed): (usize, &Keyed<'_>),
        reply: &dyn Fn(&T) -> Result<Reply>,
        work: impl FnOnce(&mut Tx) -> Result<T>,
    ) -> Result<Given> {
        let claim = self.claims.get(place).ok_or_else(|| Error::internal("a part without its key"))?;
        if self.elsewhere.contains(&claim.key) {
            return Err(in_progress());
        }
        if let Some(kept) = self.before.remove(&claim.key) {
            let (reply, about) = opened(tx, claim, kept)?;
            tx.record(Event::new(context, "answer.replayed").about(about).with("route", keyed.route));
            return Ok(Given::Before(reply));
        }
        let (kept, reply) = tx.attempt(|tx| {
            let before = tx.recorded();
            let value = work(tx)?;
            let reply = reply(&value)?;
            let about = tx.subjects_since(before);
            Ok((claim.kept(tx, &reply, about)?, reply))
        })?;
        self.done.push(kept);
        Ok(Given::Now(reply))
    }

    /// Stores what was answered.
    pub fn end(self, tx: &mut Tx) -> Result<()> {
        if store::idempotency::insert_many(tx, &self.done)? == self.done.len() { Ok(()) } else { Err(in_progress()) }
    }
}

/// Refuses keys that were used with another body, before anything is done under them.
pub fn refuse_other_content(db: &mut Db, context: &Context, keys: &[Keyed<'_>]) -> Result<()> {
    let claims = keys.iter().map(|keyed| claim(db, context, keyed)).collect::<Result<Vec<_>>>()?;
    let kept = store::idempotency::find_many(db, &claims.iter().map(|claim| claim.key).collect::<Vec<_>>())?;
    let differs = |claim: &Claim| kept.get(&claim.key).is_some_and(|kept| kept.fingerprint != claim.fingerprint);
    if claims.iter().any(differs) { Err(Error::refused(Code::IdempotencyKeyReused)) } else { Ok(()) }
}

/// The stored answer, if it was the same request. Reading a person again is recorded again.
fn again(db: &mut Db, context: &Context, route: &str, claim: &Claim, kept: Kept) -> Result<Reply> {
    let (reply, about) = opened(db, claim, kept)?;
    if !about.is_empty() {
        let event = Event::new(context, "answer.replayed").about(about).with("route", route);
        write(db, Priority::People, |tx| {
            tx.record(event.clone());
            Ok(())
        })?;
    }
    Ok(reply)
}

/// What was answered, and whom it is about.
fn opened(db: &Db, claim: &Claim, kept: Kept) -> Result<(Reply, Vec<Id>)> {
    if kept.fingerprint != claim.fingerprint {
        return Err(Error::refused(Code::IdempotencyKeyReused));
    }
    let sealed = kept.answer.ok_or_else(|| Error::internal("a stored answer without a cell"))?;
    let cell: Cell = db.keyring().unseal_json(Column::IdempotencyAnswer, claim.key, &sealed)?;
    let status = u16::try_from(kept.status).map_err(|_| Error::internal("a stored answer without a status"))?;
    Ok((Reply { status, headers: cell.headers, body: cell.body }, cell.about))
}

/// Deletes a slice of the keys that were kept long enough; true when there may be more.
pub fn forget_old(app: &App, db: &mut Db) -> Result<bool> {
    const SLICE: i64 = 200;
    let than = app.surroundings.now().minus(chrono::Duration::days(app.settings.idempotency.keep_days));
    let forgotten =
        write_quietly(db, Priority::Bulk, "an old answer is told by what it guarded", |tx| store::idempotency::forget_older(tx, than, SLICE))?;
    Ok(i64::try_from(forgotten).is_ok_and(|forgotten| forgotten == SLICE))
}
