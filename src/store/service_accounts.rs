//! The systems of facilities and their secrets, which are kept as keyed hashes only.

use diesel::prelude::*;

use super::db::{Db, Tx, locked};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::domain::users::ServiceAccount;
use crate::error::Result;
use crate::schema::{service_account_secrets, service_accounts};

/// A secret that is still good, without its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct LiveSecret {
    pub id: Id,
    pub created_at: UtcTime,
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<ServiceAccount>> {
    Ok(service_accounts::table.find(id).select(ServiceAccount::as_select()).first(&mut db.connection).optional()?)
}

/// Newest first.
pub fn list(db: &mut Db, facility: Option<Id>, updated_since: Option<UtcTime>, before: Option<Id>, limit: i64) -> Result<Vec<ServiceAccount>> {
    let mut query = service_accounts::table.select(ServiceAccount::as_select()).order(service_accounts::id.desc()).limit(limit).into_boxed();
    if let Some(facility) = facility {
        query = query.filter(service_accounts::facility_id.eq(facility));
    }
    if let Some(since) = updated_since {
        query = query.filter(service_accounts::updated_at.ge(since));
    }
    if let Some(before) = before {
        query = query.filter(service_accounts::id.lt(before));
    }
    Ok(query.load(&mut db.connection)?)
}

/// Holds the account for the rest of the transaction, so that its secrets can be counted.
pub fn lock(tx: &mut Tx, id: Id) -> Result<Option<ServiceAccount>> {
    Ok(locked!(tx, service_accounts::table.find(id).select(ServiceAccount::as_select()), first).optional()?)
}

pub fn insert(tx: &mut Tx, account: &ServiceAccount) -> Result<()> {
    diesel::insert_into(service_accounts::table)
        .values((
            service_accounts::id.eq(account.id),
            service_accounts::version.eq(account.version),
            service_accounts::client_id.eq(&account.client_id),
            service_accounts::name.eq(&account.name),
            service_accounts::role.eq(account.role),
            service_accounts::facility_id.eq(account.facility_id),
            service_accounts::active.eq(account.active),
            service_accounts::created_at.eq(account.created_at),
            service_accounts::updated_at.eq(account.updated_at),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Writes the account over the version that was read; false when someone else was faster.
pub fn update(tx: &mut Tx, account: &ServiceAccount, seen: i32, now: UtcTime) -> Result<bool> {
    let changed = diesel::update(service_accounts::table.find(account.id).filter(service_accounts::version.eq(seen)))
        .set((
            service_accounts::version.eq(seen + 1),
            service_accounts::name.eq(&account.name),
            service_accounts::active.eq(account.active),
            service_accounts::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(changed == 1)
}

pub fn live_secrets(db: &mut Db, account: Id) -> Result<Vec<LiveSecret>> {
    let live = service_account_secrets::table
        .filter(service_account_secrets::account_id.eq(account))
        .filter(service_account_secrets::ended_at.is_null())
        .order(service_account_secrets::id);
    Ok(live.select((service_account_secrets::id, service_account_secrets::created_at)).load(&mut db.connection)?)
}

pub fn insert_secret(tx: &mut Tx, account: Id, secret: Id, secret_hash: &[u8], now: UtcTime) -> Result<()> {
    diesel::insert_into(service_account_secrets::table)
        .values((
            service_account_secrets::id.eq(secret),
            service_account_secrets::account_id.eq(account),
            service_account_secrets::secret_hash.eq(secret_hash),
            service_account_secrets::created_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// False when there is no such secret of the account, or it has ended before.
pub fn end_secret(tx: &mut Tx, account: Id, secret: Id, now: UtcTime) -> Result<bool> {
    let live = service_account_secrets::table
        .find(secret)
        .filter(service_account_secrets::account_id.eq(account))
        .filter(service_account_secrets::ended_at.is_null());
    let ended = diesel::update(live).set(service_account_secrets::ended_at.eq(now)).execute(&mut tx.db.connection)?;
    Ok(ended == 1)
}

/// The active account that signs in with this secret, and the secret's id.
pub fn by_secret(db: &mut Db, client_id: &str, secret_hash: &[u8]) -> Result<Option<(ServiceAccount, Id)>> {
    let live = service_accounts::table
        .inner_join(service_account_secrets::table.on(service_account_secrets::account_id.eq(service_accounts::id)))
        .filter(service_accounts::client_id.eq(client_id))
        .filter(service_accounts::active.eq(true))
        .filter(service_account_secrets::secret_hash.eq(secret_hash))
        .filter(service_account_secrets::ended_at.is_null());
    Ok(live.select((ServiceAccount::as_select(), service_account_secrets::id)).first(&mut db.connection).optional()?)
}

/// Secrets that ended since a moment: access tokens made with them end too.
pub fn secrets_ended_since(db: &mut Db, since: UtcTime) -> Result<Vec<Id>> {
    let ended = service_account_secrets::table.filter(service_account_secrets::ended_at.ge(since));
    Ok(ended.select(service_account_secrets::id).load(&mut db.connection)?)
}
