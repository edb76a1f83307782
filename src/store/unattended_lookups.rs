//! Whom an account looked up and nobody of its facility has attended to since.

use diesel::dsl::count;
use diesel::prelude::*;

use super::audit::Header;
use super::db::{Db, Tx, on_each};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::schema::{audit_events, unattended_lookups};

/// Rows a statement: SQLite takes 32,766 binds.
const ROWS: usize = 2_000;

#[derive(Insertable, Debug, Clone, Copy)]
#[diesel(table_name = unattended_lookups, treat_none_as_default_value = false)]
pub struct Lookup {
    pub account_id: Id,
    pub participant_id: Id,
    pub facility_id: Option<Id>,
    pub looked_up_at: UtcTime,
}

/// Events of these kinds between two ids, in their order.
pub fn events(db: &mut Db, kinds: &[&str], after: Id, before: Id, limit: i64) -> Result<Vec<Header>> {
    let query = audit_events::table
        .filter(audit_events::id.gt(after))
        .filter(audit_events::id.lt(before))
        .filter(audit_events::kind.eq_any(kinds))
        .order(audit_events::id)
        .limit(limit)
        .select(audit_events::header);
    let headers: Vec<String> = on_each!(db, |connection| query.load(connection))?;
    let headers = headers.iter().map(|header| serde_json::from_str(header));
    headers.collect::<std::result::Result<_, _>>().map_err(|_| Error::internal("an event's header does not read"))
}

/// Keeps these, of those who are waited for already the first.
pub fn put_all(tx: &mut Tx, lookups: &[Lookup]) -> Result<()> {
    for chunk in lookups.chunks(ROWS) {
        on_each!(tx.db, |connection| diesel::insert_into(unattended_lookups::table)
            .values(chunk)
            .on_conflict((unattended_lookups::account_id, unattended_lookups::participant_id))
            .do_nothing()
            .execute(connection))?;
    }
    Ok(())
}

/// These people were attended to by this account, or by somebody of this facility.
pub fn attended(tx: &mut Tx, people: &[Id], account: Option<Id>, facility: Option<Id>) -> Result<()> {
    let of_account = unattended_lookups::account_id.nullable().eq(account);
    let gone = unattended_lookups::table
        .filter(unattended_lookups::participant_id.eq_any(people))
        .filter(of_account.or(unattended_lookups::facility_id.eq(facility)));
    on_each!(tx.db, |connection| diesel::delete(gone).execute(connection))?;
    Ok(())
}

pub fn forget_before(tx: &mut Tx, moment: UtcTime) -> Result<()> {
    diesel::delete(unattended_lookups::table.filter(unattended_lookups::looked_up_at.lt(moment))).execute(&mut tx.db.connection)?;
    Ok(())
}

/// How many people each account looked up before this moment, who are still not attended to.
pub fn by_account(db: &mut Db, before: UtcTime) -> Result<Vec<(Id, i64)>> {
    Ok(unattended_lookups::table
        .filter(unattended_lookups::looked_up_at.lt(before))
        .group_by(unattended_lookups::account_id)
        .select((unattended_lookups::account_id, count(unattended_lookups::participant_id)))
        .load(&mut db.connection)?)
}

/// The latest of them, and where the account works.
pub fn of_account(db: &mut Db, account: Id, before: UtcTime, limit: i64) -> Result<Vec<(Id, Option<Id>)>> {
    Ok(unattended_lookups::table
        .filter(unattended_lookups::account_id.eq(account))
        .filter(unattended_lookups::looked_up_at.lt(before))
        .order(unattended_lookups::looked_up_at.desc())
        .limit(limit)
        .select((unattended_lookups::participant_id, unattended_lookups::facility_id))
        .load(&mut db.connection)?)
}
