//! What happened to claims, letters, reviews and payments, in the order in which it was committed.

use diesel::prelude::*;

use super::audit;
use super::db::{Db, Tx, on_each};
use crate::domain::changes::{Change, ChangeKind};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::changes;

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
pub struct Row {
    pub stripe: i32,
    pub place: i64,
    pub changed_at: UtcTime,
    pub facility_id: Option<Id>,
    pub kind: ChangeKind,
    pub object_id: Id,
    pub number: Option<String>,
    pub action: String,
    pub state: String,
}

/// So many changes may one event tell of: a payment tells each hospital of its part.
const OF_ONE_EVENT: i64 = 1 << 16;

impl Row {
    /// The change of an event that has this number in its stripe, and of its changes this place.
    pub(in crate::store) fn of((stripe, seq): (i32, i64), nth: i64, changed_at: UtcTime, change: Change) -> Self {
        let Change { facility_id, kind, object_id, number, action, state } = change;
        Self { stripe, place: seq * OF_ONE_EVENT + nth.min(OF_ONE_EVENT - 1), changed_at, facility_id, kind, object_id, number, action, state }
    }
}

pub(in crate::store) fn insert(tx: &mut Tx, rows: &[Row]) -> Result<()> {
    // Chunks keep a statement below SQLite's number of binds.
    for chunk in rows.chunks(500) {
        on_each!(tx.db, |connection| diesel::insert_into(changes::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

/// The next changes of each stripe after the place up to which it was read and not before an instant; of one facility, where one is named.
pub fn after(db: &mut Db, facility: Option<Id>, (read, since): (&[(i32, i64)], UtcTime), limit: i64) -> Result<Vec<Vec<Row>>> {
    let mut stripes = Vec::new();
    for stripe in 0..audit::stripes(db.backend()) {
        let from = read.iter().find(|(of, _)| *of == stripe).map_or(-1, |(_, place)| *place);
        let mut query = changes::table
            .filter(changes::stripe.eq(stripe))
            .filter(changes::place.gt(from))
            .filter(changes::changed_at.ge(since))
            .select(Row::as_select())
            .into_boxed();
        if let Some(facility) = facility {
            query = query.filter(changes::facility_id.eq(facility));
        }
        stripes.push(query.order(changes::place).limit(limit).load(&mut db.connection)?);
    }
    Ok(stripes)
}

/// Deletes what is older than this, not more than so many at once, and says how many.
pub fn forget_older(tx: &mut Tx, than: UtcTime, at_most: i64) -> Result<usize> {
    let old = changes::table.filter(changes::changed_at.lt(than)).select((changes::stripe, changes::place)).order(changes::changed_at).limit(at_most);
    let old: Vec<(i32, i64)> = old.load(&mut tx.db.connection)?;
    for (stripe, place) in &old {
        diesel::delete(changes::table.find((stripe, place))).execute(&mut tx.db.connection)?;
    }
    Ok(old.len())
}
