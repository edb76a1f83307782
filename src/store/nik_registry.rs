//! Who has a NIK, found by its blind index.

use diesel::prelude::*;

use super::db::Db;
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::error::Result;
use crate::schema::nik_registry;

pub fn find(db: &mut Db, nik: &Nik) -> Result<Option<Id>> {
    let index = db.keyring().nik_index(nik)?.value;
    Ok(nik_registry::table.find(index).select(nik_registry::participant_id).first(&mut db.connection).optional()?)
}
