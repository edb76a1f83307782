//! Every call to the population office: who, why, how it ended. Rows are added and counted, never changed.

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::db::{Db, Tx};
use crate::context::Purpose;
use crate::domain::id::Id;
use crate::domain::population_office::{CallResult, OfficeSource};
use crate::domain::roles::Role;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::population_office_calls as calls;

#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = calls, treat_none_as_default_value = false)]
pub struct Call {
    pub id: Id,
    pub asked_at: UtcTime,
    /// None for what the service does by itself.
    pub asked_by: Option<Id>,
    pub role: Option<Role>,
    pub facility_id: Option<Id>,
    pub purpose: Purpose,
    /// None for somebody who was not registered yet.
    pub participant_id: Option<Id>,
    pub source: OfficeSource,
    pub result: CallResult,
    pub duration_ms: i64,
}

pub fn insert(tx: &mut Tx, call: &Call) -> Result<()> {
    diesel::insert_into(calls::table).values(call).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Calls that have all of this in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Counted {
    pub purpose: Purpose,
    pub facility_id: Option<Id>,
    pub role: Option<Role>,
    pub source: OfficeSource,
    pub result: CallResult,
    pub calls: i64,
}

/// The calls from one instant until another, counted.
pub fn counted(db: &mut Db, from: UtcTime, until: UtcTime) -> Result<Vec<Counted>> {
    let group = (calls::purpose, calls::facility_id, calls::role, calls::source, calls::result);
    let query = calls::table.filter(calls::asked_at.ge(from)).filter(calls::asked_at.lt(until)).group_by(group);
    let columns = (calls::purpose, calls::facility_id, calls::role, calls::source, calls::result, count_star());
    let mut rows: Vec<Counted> = query.select(columns).load(&mut db.connection)?;
    rows.sort_by_key(|row| (row.purpose, row.facility_id, row.role, row.source, row.result));
    Ok(rows)
}

/// When the web service last gave an answer.
pub fn last_answer(db: &mut Db) -> Result<Option<UtcTime>> {
    let answered: Vec<CallResult> = CallResult::ALL.iter().copied().filter(|result| !result.is_failure()).collect();
    Ok(calls::table
        .filter(calls::source.eq(OfficeSource::WebService))
        .filter(calls::result.eq_any(answered))
        .order(calls::asked_at.desc())
        .select(calls::asked_at)
        .first(&mut db.connection)
        .optional()?)
}
