//! What was answered to a key, so that a retry gets the same answer. It is stored in the transaction of what it guards; for a check only its id.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::db::{AnyConnection, Db, Tx, on_each};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::idempotency;

/// What is kept for a key: how the request is known again, and either the sealed answer or the check that tells it anew.
#[derive(Queryable, Selectable, Insertable, Debug, Clone, PartialEq, Eq)]
#[diesel(table_name = idempotency, treat_none_as_default_value = false)]
pub struct Kept {
    pub key: Id,
    pub fingerprint: Vec<u8>,
    pub status: i32,
    pub check_id: Option<Id>,
    /// Sealed as `Column::IdempotencyAnswer` under the key as its row.
    pub answer: Option<Vec<u8>>,
    pub created_at: UtcTime,
}

pub fn find(db: &mut Db, key: Id) -> Result<Option<Kept>> {
    Ok(idempotency::table.find(key).select(Kept::as_select()).first(&mut db.connection).optional()?)
}

pub fn find_many(db: &mut Db, keys: &[Id]) -> Result<HashMap<Id, Kept>> {
    let mut found = HashMap::with_capacity(keys.len());
    for some in keys.chunks(500) {
        let rows: Vec<Kept> = idempotency::table.filter(idempotency::key.eq_any(some)).select(Kept::as_select()).load(&mut db.connection)?;
        found.extend(rows.into_iter().map(|kept| (kept.key, kept)));
    }
    Ok(found)
}

diesel::define_sql_function! { fn pg_try_advisory_xact_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool; }

/// Claims the key until the end of the transaction; false when another node is at it. SQLite has one writer, which is claim enough.
pub fn claim(tx: &mut Tx, key: Id) -> Result<bool> {
    match &mut tx.db.connection {
        AnyConnection::Sqlite(_) => Ok(true),
        AnyConnection::Postgres(connection) => Ok(diesel::select(pg_try_advisory_xact_lock(lock_of(key))).get_result(connection)?),
    }
}

/// Claims these keys until the end of the transaction, and tells which could not be: another node is at them.
pub fn claim_many(tx: &mut Tx, keys: &[Id]) -> Result<HashSet<Id>> {
    let AnyConnection::Postgres(connection) = &mut tx.db.connection else { return Ok(HashSet::new()) };
    let locks: Vec<i64> = keys.iter().copied().map(lock_of).collect();
    let query = diesel::sql_query("SELECT place, pg_try_advisory_xact_lock(key) AS held FROM unnest($1) WITH ORDINALITY AS keys (key, place)");
    let tried: Vec<Tried> = query.bind::<diesel::sql_types::Array<diesel::sql_types::BigInt>, _>(locks).load(connection)?;
    let place = |tried: &Tried| usize::try_from(tried.place).ok().and_then(|place| keys.get(place.checked_sub(1)?)).copied();
    Ok(tried.iter().filter(|tried| !tried.held).filter_map(place).collect())
}

#[derive(QueryableByName)]
struct Tried {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    place: i64,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    held: bool,
}

fn lock_of(key: Id) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *key.as_bytes();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// False when the key was there already.
pub fn insert(tx: &mut Tx, kept: &Kept) -> Result<bool> {
    Ok(insert_many(tx, std::slice::from_ref(kept))? == 1)
}

/// How many of them were new.
pub fn insert_many(tx: &mut Tx, kept: &[Kept]) -> Result<usize> {
    let mut inserted = 0;
    for some in kept.chunks(500) {
        inserted += on_each!(tx.db, |connection| diesel::insert_into(idempotency::table).values(some).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(inserted)
}

/// Deletes what is older, at most so many, and tells how many it were.
pub fn forget_older(tx: &mut Tx, than: UtcTime, at_most: i64) -> Result<usize> {
    let old = idempotency::table.filter(idempotency::created_at.lt(than)).select(idempotency::key).limit(at_most);
    let keys: Vec<Id> = old.load(&mut tx.db.connection)?;
    Ok(diesel::delete(idempotency::table.filter(idempotency::key.eq_any(keys))).execute(&mut tx.db.connection)?)
}
