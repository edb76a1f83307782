//! Failures and shut doors, by keyed hash of who failed.

use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::throttles::{Scope, Throttle};
use crate::domain::time::UtcTime;
use crate::error::{Error, Result, StorageFault};
use crate::schema::throttles;

/// A scope and who is counted in it.
pub type Counted = (Scope, [u8; 16]);

type Row = (UtcTime, i32, i32, Option<UtcTime>);

fn throttle((window_start, failures, locks, locked_until): Row) -> Throttle {
    Throttle { window_start, failures, locks, locked_until }
}

/// What is known, without holding it.
pub fn find(db: &mut Db, (scope, subject): &Counted) -> Result<Option<Throttle>> {
    let columns = (throttles::window_start, throttles::failures, throttles::locks, throttles::locked_until);
    let row: Option<Row> = throttles::table.find((scope, &subject[..])).select(columns).first(&mut db.connection).optional()?;
    Ok(row.map(throttle))
}

/// What is known, held for the rest of the transaction. The row is made first, because a row that is not there cannot be held.
pub fn lock(tx: &mut Tx, (scope, subject): &Counted, now: UtcTime) -> Result<Throttle> {
    let row = (
        throttles::scope.eq(scope),
        throttles::subject.eq(&subject[..]),
        throttles::window_start.eq(now),
        throttles::failures.eq(0),
        throttles::locks.eq(0),
    );
    on_each!(tx.db, |connection| diesel::insert_into(throttles::table).values(row).on_conflict_do_nothing().execute(connection))?;
    let columns = (throttles::window_start, throttles::failures, throttles::locks, throttles::locked_until);
    let row = throttles::table.find((scope, &subject[..])).select(columns);
    let row: Option<Row> = locked!(tx, row, first).optional()?;
    // Between the two statements somebody who signed in may have had it forgotten: then the whole transaction is tried again.
    row.map(throttle).ok_or_else(|| Error::Storage(StorageFault::Conflict("what was to be held is gone".into())))
}

pub fn save(tx: &mut Tx, (scope, subject): &Counted, throttle: &Throttle) -> Result<()> {
    diesel::update(throttles::table.find((scope, &subject[..])))
        .set((
            throttles::window_start.eq(throttle.window_start),
            throttles::failures.eq(throttle.failures),
            throttles::locks.eq(throttle.locks),
            throttles::locked_until.eq(throttle.locked_until),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

/// Nothing is held against this one any more.
pub fn forget(tx: &mut Tx, (scope, subject): &Counted) -> Result<()> {
    diesel::delete(throttles::table.find((scope, &subject[..]))).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Removes what has been over for long: whoever made up names must not have filled the table for good.
pub fn sweep(tx: &mut Tx, before: UtcTime) -> Result<usize> {
    let old =
        throttles::table.filter(throttles::window_start.lt(before)).filter(throttles::locked_until.is_null().or(throttles::locked_until.lt(before)));
    Ok(diesel::delete(old).execute(&mut tx.db.connection)?)
}
