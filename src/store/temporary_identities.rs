//! Temporary identities: why someone has no NIK that can be used, and what was told when the identity was made.

use diesel::prelude::*;

use super::db::Tx;
use super::sealed::TemporaryCell;
use crate::domain::id::Id;
use crate::domain::participants::TemporaryReason;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::temporary_identities;

pub fn insert(tx: &mut Tx, participant: Id, reason: TemporaryReason, cell: &TemporaryCell, at: UtcTime, by: Id) -> Result<()> {
    let sealed = tx.keyring().seal_json(Column::TemporaryIdentitySealed, participant, cell)?;
    diesel::insert_into(temporary_identities::table)
        .values((
            temporary_identities::participant_id.eq(participant),
            temporary_identities::reason.eq(reason),
            temporary_identities::sealed.eq(sealed),
            temporary_identities::made_at.eq(at),
            temporary_identities::made_by.eq(by),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}
