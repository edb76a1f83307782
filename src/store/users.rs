//! Users and service accounts.

use diesel::prelude::*;

use super::db::Db;
use crate::domain::id::Id;
use crate::domain::roles::Role;
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
