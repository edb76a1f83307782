//! Sign-ins: families of refresh tokens, which of them have ended, and from where users have signed in.

use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::id::Id;
use crate::domain::sessions::{EndReason, RefreshToken, Session};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{known_addresses, refresh_tokens, sessions, users};

/// Sessions that ended since a moment: access tokens older than that have expired by themselves.
pub fn ended_since(db: &mut Db, since: UtcTime) -> Result<Vec<Id>> {
    Ok(sessions::table.filter(sessions::ended_at.ge(since)).select(sessions::id).load(&mut db.connection)?)
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Session>> {
    Ok(sessions::table.find(id).select(Session::as_select()).first(&mut db.connection).optional()?)
}

pub fn insert(tx: &mut Tx, session: &Session) -> Result<()> {
    diesel::insert_into(sessions::table).values(session).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Ends one session; false when it has ended before.
pub fn end(tx: &mut Tx, id: Id, reason: EndReason, now: UtcTime) -> Result<bool> {
    let ended = diesel::update(sessions::table.find(id).filter(sessions::ended_at.is_null()))
        .set((sessions::ended_at.eq(now), sessions::end_reason.eq(reason)))
        .execute(&mut tx.db.connection)?;
    Ok(ended == 1)
}

/// Ends the sessions of a user, but for the one that asks. How many there were.
pub fn end_all(tx: &mut Tx, user: Id, except: Option<Id>, reason: EndReason, now: UtcTime) -> Result<usize> {
    let end = (sessions::ended_at.eq(now), sessions::end_reason.eq(reason));
    let live = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null());
    Ok(match except {
        Some(except) => diesel::update(live.filter(sessions::id.ne(except))).set(end).execute(&mut tx.db.connection)?,
        None => diesel::update(live).set(end).execute(&mut tx.db.connection)?,
    })
}

/// The session of a refresh token, held for the rest of the transaction, and whether its user may sign in.
pub fn lock_by_token(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<(Session, bool)>> {
    let session: Option<Id> = refresh_tokens::table.find(token_hash).select(refresh_tokens::session_id).first(&mut tx.db.connection).optional()?;
    let Some(id) = session else { return Ok(None) };
    let session = locked!(tx, sessions::table.find(id).select(Session::as_select()), first)?;
    let active = users::table.find(session.user_id).select(users::active).first(&mut tx.db.connection)?;
    Ok(Some((session, active)))
}

pub fn find_token(db: &mut Db, token_hash: &[u8]) -> Result<Option<RefreshToken>> {
    Ok(refresh_tokens::table.find(token_hash).select(RefreshToken::as_select()).first(&mut db.connection).optional()?)
}

pub fn insert_token(tx: &mut Tx, token: &RefreshToken) -> Result<()> {
    diesel::insert_into(refresh_tokens::table).values(token).execute(&mut tx.db.connection)?;
    Ok(())
}

/// The token is used up, and with it every other of its session that was still good. Those long expired go.
pub fn use_up(tx: &mut Tx, token: &RefreshToken, client: &[u8], now: UtcTime) -> Result<()> {
    let family = refresh_tokens::table.filter(refresh_tokens::session_id.eq(token.session_id));
    diesel::update(refresh_tokens::table.find(&token.token_hash)).set(refresh_tokens::rotated_at.eq(now)).execute(&mut tx.db.connection)?;
    diesel::update(family.filter(refresh_tokens::rotated_at.is_null()))
        .set((refresh_tokens::rotated_at.eq(now), refresh_tokens::replaced.eq(true)))
        .execute(&mut tx.db.connection)?;
    diesel::delete(family.filter(refresh_tokens::expires_at.lt(now))).execute(&mut tx.db.connection)?;
    diesel::update(sessions::table.find(token.session_id)).set(sessions::client.eq(client)).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Has another token of the session that was issued since a moment been used? Then the client did get its answer.
pub fn successor_used(db: &mut Db, token: &RefreshToken, since: UtcTime) -> Result<bool> {
    let used = refresh_tokens::table
        .filter(refresh_tokens::session_id.eq(token.session_id))
        .filter(refresh_tokens::token_hash.ne(&token.token_hash))
        .filter(refresh_tokens::issued_at.ge(since))
        .filter(refresh_tokens::rotated_at.is_not_null())
        .filter(refresh_tokens::replaced.eq(false));
    let first: Option<Vec<u8>> = used.select(refresh_tokens::token_hash).first(&mut db.connection).optional()?;
    Ok(first.is_some())
}

pub fn knows_address(db: &mut Db, user: Id, address: &[u8], since: UtcTime) -> Result<bool> {
    let known = known_addresses::table.find((user, address)).filter(known_addresses::last_at.ge(since));
    let last: Option<UtcTime> = known.select(known_addresses::last_at).first(&mut db.connection).optional()?;
    Ok(last.is_some())
}

pub fn remember_address(tx: &mut Tx, user: Id, address: &[u8], now: UtcTime) -> Result<()> {
    let row = (known_addresses::user_id.eq(user), known_addresses::address.eq(address), known_addresses::last_at.eq(now));
    on_each!(tx.db, |connection| diesel::insert_into(known_addresses::table)
        .values(row)
        .on_conflict((known_addresses::user_id, known_addresses::address))
        .do_update()
        .set(known_addresses::last_at.eq(now))
        .execute(connection))?;
    Ok(())
}

/// Addresses from where nobody has signed in for long are known no more.
pub fn sweep_addresses(tx: &mut Tx, before: UtcTime) -> Result<usize> {
    Ok(diesel::delete(known_addresses::table.filter(known_addresses::last_at.lt(before))).execute(&mut tx.db.connection)?)
}
