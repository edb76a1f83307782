//! Signing in, with a password or with a system's secret. Whoever may not come in gets one answer, whatever the reason, after the same time.

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};

use super::App;
use super::sessions::{Tokens, new_secret};
use super::throttles::{self, Door};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::domain::throttles::Scope;
use crate::domain::users::{self, ServiceAccount, User};
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write, write_quietly};
use crate::store::gate::Priority;

/// Who stands at the door.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub address: IpAddr,
    pub user_agent: String,
}

impl Visitor {
    /// By what guesses are counted. One customer holds a whole /64 of IPv6, so that counts as one.
    pub(super) fn place(&self) -> String {
        match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }

    /// Who may ask again after a lost answer.
    pub(super) fn client(&self, db: &Db) -> Result<[u8; 16]> {
        Ok(db.keyring().throttle_subject("session_client", &format!("{}\n{}", self.address, self.user_agent))?)
    }
}

/// A guess that was counted and is not judged yet.
struct Guess {
    user: Option<(User, String)>,
    /// Of the account, as this address sees it.
    account: Door,
    address: Door,
    shut: Vec<Scope>,
}

/// Signs a user in. It takes its connection itself, after its turn to hash.
pub fn with_password(app: &App, context: &Context, visitor: &Visitor, username: &str, password: &SecretString) -> Result<Tokens> {
    let turn = app.passwords.turn()?;
    let db = &mut *app.pool.get()?;
    let guess = count_guess(app, db, context, visitor, &users::username(username)).inspect_err(count_locked)?;
    let right = turn.verify(password, guess.user.as_ref().map(|(_, hash)| hash.as_str()))?;
    if let Some((user, hash)) = guess.user.as_ref().filter(|(user, _)| right && user.active) {
        let rehashed = turn.rehash(password, hash, context.random())?;
        if let Some(tokens) = admit(app, db, context, visitor, &guess, (user, hash), rehashed)? {
            metrics::counter!("ksnik_sign_ins_total", "outcome" => "succeeded").increment(1);
            return Ok(tokens);
        }
    }
    drop(turn);
    write(db, Priority::People, |tx| {
        record_failure(tx, context, visitor, guess.user.as_ref().map(|(user, _)| user.id), &guess.shut);
        Ok(())
    })?;
    Err(failed(&guess.shut))
}

fn count_guess(app: &App, db: &mut Db, context: &Context, visitor: &Visitor, username: &str) -> Result<Guess> {
    let (now, place) = (context.now, visitor.place());
    let address = app.door(db, Scope::Address, &place)?;
    let strangers = app.door(db, Scope::Account, username)?;
    let acquaintances = app.door(db, Scope::KnownAddress, &format!("{username}\n{place}"))?;
    let since = now.minus(chrono::Duration::days(app.settings.sign_in.known_address_days));
    write_quietly(db, Priority::People, "a guess is counted before it is judged; what came of it is recorded then", |tx| {
        let user = store::users::by_username(tx, username)?;
        let is_known = match &user {
            Some((user, _)) => store::sessions::knows_address(tx, user.id, &address.counted.1, since)?,
            None => false,
        };
        let account = if is_known { acquaintances } else { strangers };
        let shut = throttles::count(tx, &[account, address], Code::SignInLocked, now)?;
        Ok(Guess { user, account, address, shut })
    })
}

/// Begins a session, unless the user was disabled or got another password while this one was judged.
fn admit(
    app: &App,
    db: &mut Db,
    context: &Context,
    visitor: &Visitor,
    guess: &Guess,
    (user, hash): (&User, &str),
    rehashed: Option<String>,
) -> Result<Option<Tokens>> {
    let session = app.new_session(context, user.id, visitor.client(db)?);
    let refresh_token = new_secret(context);
    let caller = Caller { user_id: user.id, role: user.role, facility_id: user.facility_id, session_id: Some(session.id) };
    let context = &context.clone().as_caller(caller);
    let begun = write(db, Priority::People, |tx| {
        let still = store::users::lock_with_password(tx, user.id)?.is_some_and(|(now, stored)| now.active && stored == hash);
        if !still {
            return Err(Error::refused(Code::SignInFailed));
        }
        store::throttles::forget(tx, &guess.account.counted)?;
        throttles::take_back(tx, &guess.address, context.now)?;
        store::sessions::remember_address(tx, user.id, &guess.address.counted.1, context.now)?;
        store::sessions::insert(tx, &session)?;
        app.keep_refresh_token(tx, &session, &refresh_token, context)?;
        if let Some(hash) = &rehashed {
            store::users::rehash(tx, user.id, hash)?;
        }
        tx.record(Event::new(context, "sign_in.succeeded").object(user.id).with("session", session.id).with("address", visitor.address));
        Ok(())
    });
    match begun {
        Ok(()) => app.tokens(db, context, &session, refresh_token).map(Some),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Signs a system in. Its secret has 256 bits, so only address and name together are ever shut out, and people at that address are not.
pub fn with_secret(app: &App, db: &mut Db, context: &Context, visitor: &Visitor, client_id: &str, secret: &SecretString) -> Result<Tokens> {
    let (now, place) = (context.now, visitor.place());
    let doors = [app.door(db, Scope::Client, &format!("{client_id}\n{place}"))?, app.door(db, Scope::ClientAddress, &place)?];
    throttles::require_open(db, &doors, Code::SignInLocked, now).inspect_err(count_locked)?;
    let secret_hash = db.keyring().secret_hash(secret.expose_secret())?;
    let Some((account, secret_id)) = store::service_accounts::by_secret(db, client_id, &secret_hash)? else {
        let shut = write(db, Priority::People, |tx| {
            let shut = throttles::count(tx, &doors, Code::SignInLocked, now)?;
            record_failure(tx, context, visitor, None, &shut);
            Ok(shut)
        });
        return Err(failed(&shut.inspect_err(count_locked)?));
    };
    let ServiceAccount { id, role, facility_id, .. } = account;
    let context = &context.clone().as_caller(Caller { user_id: id, role, facility_id, session_id: Some(secret_id) });
    write(db, Priority::People, |tx| {
        store::throttles::forget(tx, &doors[0].counted)?;
        tx.record(Event::new(context, "sign_in.succeeded").object(id).with("secret", secret_id).with("address", visitor.address));
        Ok(())
    })?;
    metrics::counter!("ksnik_sign_ins_total", "outcome" => "succeeded").increment(1);
    let (access_token, expires_in) = app.issue_token(&db.keyring(), id, Some(secret_id), context.new_id(), now)?;
    Ok(Tokens { access_token, expires_in, refresh_token: None })
}

fn record_failure(tx: &mut Tx, context: &Context, visitor: &Visitor, user: Option<Id>, shut: &[Scope]) {
    let event = |kind| {
        let event = Event::new(context, kind).with("address", visitor.address);
        match user {
            Some(user) => event.object(user),
            None => event,
        }
    };
    tx.record(event("sign_in.failed"));
    for scope in shut {
        tx.record(event("sign_in.locked").with("scope", scope));
    }
}

/// The one answer to a failure, which is counted here with the doors that it shut.
fn failed(shut: &[Scope]) -> Error {
    metrics::counter!("ksnik_sign_ins_total", "outcome" => "failed").increment(1);
    for scope in shut {
        metrics::counter!("ksnik_lock_outs_total", "scope" => scope.as_str()).increment(1);
        tracing::warn!(scope = scope.as_str(), "too many failed sign-ins: the door is shut for a while");
    }
    Error::refused(Code::SignInFailed)
}

/// Those who come while the door is shut.
fn count_locked(error: &Error) {
    if matches!(error, Error::Refused(_)) {
        metrics::counter!("ksnik_sign_ins_total", "outcome" => "locked").increment(1);
    }
}

/// Forgets failures that no door remembers, and addresses from where nobody has come for long.
pub fn forget_old(app: &App, db: &mut Db) -> Result<()> {
    let (now, settings) = (app.surroundings.now(), &app.settings.sign_in);
    // A shut door is remembered for as long again after it has opened, so that the next time counts as the next.
    let failures_before = now.minus(chrono::Duration::minutes(2 * settings.longest_lock_minutes));
    let addresses_before = now.minus(chrono::Duration::days(settings.known_address_days));
    write_quietly(db, Priority::Bulk, "what is forgotten no longer counts", |tx| {
        store::throttles::sweep(tx, failures_before)?;
        store::sessions::sweep_addresses(tx, addresses_before)
    })
    .map(|_| ())
}
