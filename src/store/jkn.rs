//! JKN periods: who was in which segment of the national insurance from when until when.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::db::{Db, Tx, on_each};
use crate::domain::id::Id;
use crate::domain::jkn::{JknPeriod, JknSegment, JknState};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::jkn_periods;

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

#[derive(Queryable, Selectable, Insertable, Debug, Clone, Copy, PartialEq, Eq)]
#[diesel(table_name = jkn_periods, treat_none_as_default_value = false)]
pub struct Row {
    pub id: Id,
    pub participant_id: Id,
    pub segment: JknSegment,
    pub state: JknState,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub recorded_at: UtcTime,
}

impl Row {
    pub fn new(id: Id, participant_id: Id, period: JknPeriod, recorded_at: UtcTime) -> Self {
        let JknPeriod { valid_from, valid_to, segment, state } = period;
        Self { id, participant_id, segment, state, valid_from, valid_to, recorded_at }
    }

    pub fn period(&self) -> JknPeriod {
        JknPeriod { valid_from: self.valid_from, valid_to: self.valid_to, segment: self.segment, state: self.state }
    }
}

/// The histories of these people, each by date.
pub fn of(db: &mut Db, people: &[Id]) -> Result<Vec<Row>> {
    let mut found = Vec::with_capacity(people.len());
    for chunk in people.chunks(ROWS) {
        let query =
            jkn_periods::table.filter(jkn_periods::participant_id.eq_any(chunk)).order((jkn_periods::participant_id, jkn_periods::valid_from));
        found.extend(on_each!(db, |connection| query.select(Row::as_select()).load(connection))?);
    }
    Ok(found)
}

/// Writes periods over those of the same ids. Ends come before new beginnings: nobody has two open ones even for a moment.
pub fn put_all(tx: &mut Tx, periods: &[Row]) -> Result<()> {
    let (ended, open): (Vec<Row>, Vec<Row>) = periods.iter().partition(|period| period.valid_to.is_some());
    for chunk in ended.chunks(ROWS).chain(open.chunks(ROWS)) {
        on_each!(tx.db, |connection| diesel::insert_into(jkn_periods::table)
            .values(chunk)
            .on_conflict(jkn_periods::id)
            .do_update()
            .set((
                jkn_periods::segment.eq(excluded(jkn_periods::segment)),
                jkn_periods::state.eq(excluded(jkn_periods::state)),
                jkn_periods::valid_to.eq(excluded(jkn_periods::valid_to)),
                jkn_periods::recorded_at.eq(excluded(jkn_periods::recorded_at)),
            ))
            .execute(connection))?;
    }
    Ok(())
}
