//! The stored keys, all wrapped by the root key, and the row by which nodes hear that something changed.

use diesel::prelude::*;

use super::db::{Db, Tx};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::keyring::{KeyPhase, KeyPurpose, WrappedKey};
use crate::schema::{keys, versions};

pub fn all(db: &mut Db) -> Result<Vec<WrappedKey>> {
    let rows: Vec<(i32, KeyPurpose, KeyPhase, Vec<u8>, Option<Vec<u8>>)> =
        keys::table.select((keys::id, keys::purpose, keys::phase, keys::wrapped, keys::public_key)).order(keys::id).load(&mut db.connection)?;
    Ok(rows.into_iter().map(|(id, purpose, phase, wrapped, public_key)| WrappedKey { id, purpose, phase, wrapped, public_key }).collect())
}

pub fn insert(tx: &mut Tx, key: &WrappedKey, now: UtcTime) -> Result<()> {
    diesel::insert_into(keys::table)
        .values((
            keys::id.eq(key.id),
            keys::purpose.eq(key.purpose),
            keys::phase.eq(key.phase),
            keys::wrapped.eq(&key.wrapped),
            keys::public_key.eq(&key.public_key),
            keys::created_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Every active key of a purpose stops making new things and goes on reading old ones.
pub fn demote(tx: &mut Tx, purpose: KeyPurpose) -> Result<()> {
    diesel::update(keys::table.filter(keys::purpose.eq(purpose)).filter(keys::phase.eq(KeyPhase::Active)))
        .set(keys::phase.eq(KeyPhase::Reading))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// What nodes hold in memory, by the number under which they hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Versions {
    pub sessions: i64,
    pub catalogue: i64,
    pub keys: i64,
}

pub fn versions(db: &mut Db) -> Result<Versions> {
    let (sessions, catalogue, keys) =
        versions::table.find(1).select((versions::sessions, versions::catalogue, versions::keys)).first(&mut db.connection)?;
    Ok(Versions { sessions, catalogue, keys })
}

pub fn bump_sessions(tx: &mut Tx) -> Result<()> {
    diesel::update(versions::table.find(1)).set(versions::sessions.eq(versions::sessions + 1)).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn bump_catalogue(tx: &mut Tx) -> Result<()> {
    diesel::update(versions::table.find(1)).set(versions::catalogue.eq(versions::catalogue + 1)).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn bump_keys(tx: &mut Tx) -> Result<()> {
    diesel::update(versions::table.find(1)).set(versions::keys.eq(versions::keys + 1)).execute(&mut tx.db.connection)?;
    Ok(())
}
