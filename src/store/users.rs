//! Users, and what every node must know of all who may sign in.

use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::id::Id;
use crate::domain::roles::Role;
use crate::domain::time::UtcTime;
use crate::domain::users::User;
use crate::error::Result;
use crate::schema::{service_accounts, users};

/// Who there is and what they may do: id, role, facility, active, must change the password. Users and systems alike.
pub fn accounts(db: &mut Db) -> Result<Vec<(Id, Role, Option<Id>, bool, bool)>> {
    let mut all: Vec<(Id, Role, Option<Id>, bool, bool)> =
        users::table.select((users::id, users::role, users::facility_id, users::active, users::must_change_password)).load(&mut db.connection)?;
    let systems: Vec<(Id, Role, Option<Id>, bool)> = service_accounts::table
        .select((service_accounts::id, service_accounts::role, service_accounts::facility_id, service_accounts::active))
        .load(&mut db.connection)?;
    all.extend(systems.into_iter().map(|(id, role, facility, active)| (id, role, facility, active, false)));
    Ok(all)
}

pub fn any(db: &mut Db) -> Result<bool> {
    let first: Option<Id> = users::table.select(users::id).first(&mut db.connection).optional()?;
    Ok(first.is_some())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<User>> {
    Ok(users::table.find(id).select(User::as_select()).first(&mut db.connection).optional()?)
}

/// What narrows a list of users.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub role: Option<Role>,
    pub facility_id: Option<Id>,
    pub active: Option<bool>,
    pub updated_since: Option<UtcTime>,
}

/// Newest first.
pub fn list(db: &mut Db, filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<User>> {
    let mut query = users::table.select(User::as_select()).order(users::id.desc()).limit(limit).into_boxed();
    if let Some(role) = filter.role {
        query = query.filter(users::role.eq(role));
    }
    if let Some(facility) = filter.facility_id {
        query = query.filter(users::facility_id.eq(facility));
    }
    if let Some(active) = filter.active {
        query = query.filter(users::active.eq(active));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(users::updated_at.ge(since));
    }
    if let Some(before) = before {
        query = query.filter(users::id.lt(before));
    }
    Ok(query.load(&mut db.connection)?)
}

/// A user with the hash of their password.
pub fn by_username(db: &mut Db, username: &str) -> Result<Option<(User, String)>> {
    let row = users::table.filter(users::username.eq(username)).select((User::as_select(), users::password_hash));
    Ok(row.first(&mut db.connection).optional()?)
}

/// The same by id, held for the rest of the transaction.
pub fn lock_with_password(tx: &mut Tx, id: Id) -> Result<Option<(User, String)>> {
    Ok(locked!(tx, users::table.find(id).select((User::as_select(), users::password_hash)), first).optional()?)
}

/// Holds every active admin, in one order, so that two cannot disable each other at the same moment.
pub fn lock_active_admins(tx: &mut Tx) -> Result<Vec<Id>> {
    let admins = users::table.filter(users::role.eq(Role::Admin)).filter(users::active.eq(true)).select(users::id).order(users::id);
    Ok(locked!(tx, admins, load)?)
}

/// False when the username is taken.
pub fn insert(tx: &mut Tx, user: &User, password_hash: &str) -> Result<bool> {
    let row = (
        users::id.eq(user.id),
        users::version.eq(user.version),
        users::username.eq(&user.username),
        users::name.eq(&user.name),
        users::role.eq(user.role),
        users::facility_id.eq(user.facility_id),
        users::password_hash.eq(password_hash),
        users::must_change_password.eq(user.must_change_password),
        users::active.eq(user.active),
        users::created_at.eq(user.created_at),
        users::updated_at.eq(user.updated_at),
    );
    let inserted =
        on_each!(tx.db, |connection| diesel::insert_into(users::table).values(row).on_conflict(users::username).do_nothing().execute(connection))?;
    Ok(inserted == 1)
}

/// Writes the user over the version that was read; false when someone else was faster.
pub fn update(tx: &mut Tx, user: &User, seen: i32, now: UtcTime) -> Result<bool> {
    let changed = diesel::update(users::table.find(user.id).filter(users::version.eq(seen)))
        .set((
            users::version.eq(seen + 1),
            users::name.eq(&user.name),
            users::role.eq(user.role),
            users::facility_id.eq(user.facility_id),
            users::must_change_password.eq(user.must_change_password),
            users::active.eq(user.active),
            users::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(changed == 1)
}

pub fn set_password(tx: &mut Tx, id: Id, password_hash: &str, must_change: bool, now: UtcTime) -> Result<()> {
    diesel::update(users::table.find(id))
        .set((
            users::version.eq(users::version + 1),
            users::password_hash.eq(password_hash),
            users::must_change_password.eq(must_change),
            users::updated_at.eq(now),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// The same password under newer parameters: nothing that anyone could see has changed.
pub fn rehash(tx: &mut Tx, id: Id, password_hash: &str) -> Result<()> {
    diesel::update(users::table.find(id)).set(users::password_hash.eq(password_hash)).execute(&mut tx.db.connection)?;
    Ok(())
}
