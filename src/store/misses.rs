//! Look-ups that found nobody, counted by account and by facility within a window: fishing for NIKs is stopped, an honest morning rush never is.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer, Text, Timestamp};

use super::db::{Db, Tx, on_each};
use crate::domain::id::Id;
use crate::domain::text_enum::text_enum;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::throttles;

text_enum! {
    /// Whose misses are counted.
    MissScope { Account = "unknown_by_account", Facility = "unknown_by_facility" }
}

/// How many misses there are in the window that began then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misses {
    pub window_start: UtcTime,
    pub count: i32,
}

/// The counts of these accounts and facilities, whatever their window.
pub fn counts(db: &mut Db, subjects: &[Id]) -> Result<HashMap<(MissScope, Id), Misses>> {
    let scopes: Vec<&str> = MissScope::ALL.iter().map(|scope| scope.as_str()).collect();
    let rows: Vec<(MissScope, Id, UtcTime, i32)> = throttles::table
        .filter(throttles::subject.eq_any(subjects))
        .filter(throttles::scope.eq_any(scopes))
        .select((throttles::scope, throttles::subject, throttles::window_start, throttles::failures))
        .load(&mut db.connection)?;
    Ok(rows.into_iter().map(|(scope, subject, window_start, count)| ((scope, subject), Misses { window_start, count })).collect())
}

/// Adds misses and tells how many there are then, with those that others added meanwhile. A window that began before `window_after` is over and a new
/// one begins.
pub fn add(tx: &mut Tx, scope: MissScope, subject: Id, misses: i32, now: UtcTime, window_after: UtcTime) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Total {
        #[diesel(sql_type = Integer)]
        failures: i32,
    }
    let add = diesel::sql_query(
        "INSERT INTO throttles (scope, subject, window_start, failures, locks) VALUES ($1, $2, $3, $4, 0) \
         ON CONFLICT (scope, subject) DO UPDATE SET \
         failures = CASE WHEN throttles.window_start < $5 THEN $4 ELSE throttles.failures + $4 END, \
         window_start = CASE WHEN throttles.window_start < $5 THEN $3 ELSE throttles.window_start END \
         RETURNING failures",
    )
    .bind::<Text, _>(scope)
    .bind::<Binary, _>(subject)
    .bind::<Timestamp, _>(now)
    .bind::<Integer, _>(misses)
    .bind::<Timestamp, _>(window_after);
    let total: Total = on_each!(tx.db, |connection| add.get_result(connection))?;
    Ok(total.failures)
}
