//! What each revision of a claim was judged on, and a fingerprint of what came out.

use diesel::prelude::*;

use super::db::{Db, Tx};
use crate::domain::adjudication::kept::KeptCase;
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::claim_cases;

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = claim_cases, treat_none_as_default_value = false)]
pub(in crate::store) struct Row {
    claim_id: Id,
    revision: i32,
    id: Id,
    basis_id: Id,
    edits_hash: Vec<u8>,
    outcome_hash: Vec<u8>,
    sealed: Vec<u8>,
}

impl Row {
    pub(in crate::store) fn of(
        db: &Db,
        (claim_id, revision): (Id, i32),
        id: Id,
        (basis_id, (edits, outcome)): (Id, (ContentHash, ContentHash)),
        case: &KeptCase,
    ) -> Result<Self> {
        let sealed = db.keyring().seal_json(Column::ClaimCaseSealed, id, case)?;
        Ok(Self { claim_id, revision, id, basis_id, edits_hash: edits.as_bytes().to_vec(), outcome_hash: outcome.as_bytes().to_vec(), sealed })
    }
}

/// A case as it was kept.
pub struct Stored {
    pub basis_id: Id,
    pub edits: ContentHash,
    pub outcome: ContentHash,
    pub case: KeptCase,
}

/// Keeps what a revision was judged on, in the place of what it was judged on before.
pub fn keep(tx: &mut Tx, (claim_id, revision): (Id, i32), id: Id, judged_by: (Id, (ContentHash, ContentHash)), case: &KeptCase) -> Result<()> {
    let row = Row::of(tx, (claim_id, revision), id, judged_by, case)?;
    diesel::delete(claim_cases::table.find((claim_id, revision))).execute(&mut tx.db.connection)?;
    diesel::insert_into(claim_cases::table).values(&row).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, claim_id: Id, revision: i32) -> Result<Option<Stored>> {
    let row: Option<Row> = claim_cases::table.find((claim_id, revision)).select(Row::as_select()).first(&mut db.connection).optional()?;
    row.map(|row| {
        let hash =
            |bytes: Vec<u8>| bytes.try_into().map(ContentHash::from_bytes).map_err(|_| crate::error::Error::internal("a hash of another length"));
        let case = db.keyring().unseal_json(Column::ClaimCaseSealed, row.id, &row.sealed)?;
        Ok(Stored { basis_id: row.basis_id, edits: hash(row.edits_hash)?, outcome: hash(row.outcome_hash)?, case })
    })
    .transpose()
}
