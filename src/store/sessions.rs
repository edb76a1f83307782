//! Sign-ins: families of refresh tokens, and which of them have ended.

use diesel::prelude::*;

use super::db::Db;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::sessions;

/// Sessions that ended since a moment: access tokens older than that have expired by themselves.
pub fn ended_since(db: &mut Db, since: UtcTime) -> Result<Vec<Id>> {
    Ok(sessions::table.filter(sessions::ended_at.ge(since)).select(sessions::id).load(&mut db.connection)?)
}
