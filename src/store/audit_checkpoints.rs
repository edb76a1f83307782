//! Signed statements of how far every stripe of the audit log had come. Kept outside too, they betray even an operator who rewrote the log.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::audit::Head;
use super::db::{Db, Tx};
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::schema::audit_checkpoints;

/// As it is told to the outside: in the log, over HTTP, in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub id: Id,
    pub at: UtcTime,
    pub heads: Vec<HeadAt>,
    pub key_id: i32,
    /// Base64url.
    pub signature: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadAt {
    pub stripe: i32,
    pub seq: i64,
    /// Base64url.
    pub link: String,
}

impl From<&Head> for HeadAt {
    fn from(head: &Head) -> Self {
        Self { stripe: head.stripe, seq: head.seq, link: BASE64_URL_SAFE_NO_PAD.encode(&head.link) }
    }
}

impl HeadAt {
    pub fn is_link(&self, link: &[u8]) -> bool {
        self.link == BASE64_URL_SAFE_NO_PAD.encode(link)
    }
}

impl Checkpoint {
    /// What is signed.
    pub fn message(id: Id, at: UtcTime, key_id: i32, heads: &[HeadAt]) -> Result<String> {
        Ok(format!("ksnik audit checkpoint 1\n{id}\n{at}\n{key_id}\n{}", heads_text(heads)?))
    }

    pub fn signature_bytes(&self) -> Option<Vec<u8>> {
        BASE64_URL_SAFE_NO_PAD.decode(&self.signature).ok()
    }
}

fn heads_text(heads: &[HeadAt]) -> Result<String> {
    serde_json::to_string(heads).map_err(|_| Error::internal("heads have no JSON form"))
}

pub fn insert(tx: &mut Tx, checkpoint: &Checkpoint, signature: &[u8]) -> Result<()> {
    diesel::insert_into(audit_checkpoints::table)
        .values((
            audit_checkpoints::id.eq(checkpoint.id),
            audit_checkpoints::at.eq(checkpoint.at),
            audit_checkpoints::heads.eq(heads_text(&checkpoint.heads)?),
            audit_checkpoints::key_id.eq(checkpoint.key_id),
            audit_checkpoints::signature.eq(signature),
        ))
        .execute(&mut tx.db.connection)?;
    Ok(())
}

type Row = (Id, UtcTime, String, i32, Vec<u8>);

/// None when the heads are not in the form in which they were stored.
fn checkpoint((id, at, text, key_id, signature): Row) -> (Id, Option<Checkpoint>) {
    let heads = serde_json::from_str::<Vec<HeadAt>>(&text).ok().filter(|heads| heads_text(heads).is_ok_and(|own| own == text));
    (id, heads.map(|heads| Checkpoint { id, at, heads, key_id, signature: BASE64_URL_SAFE_NO_PAD.encode(signature) }))
}

pub fn latest(db: &mut Db) -> Result<Option<Checkpoint>> {
    let row: Option<Row> = audit_checkpoints::table.order(audit_checkpoints::id.desc()).first(&mut db.connection).optional()?;
    Ok(row.and_then(|row| checkpoint(row).1))
}

/// In order of time, behind an id; each as far as it can still be read.
pub fn page_after(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<(Id, Option<Checkpoint>)>> {
    let mut query = audit_checkpoints::table.into_boxed();
    if let Some(after) = after {
        query = query.filter(audit_checkpoints::id.gt(after));
    }
    let rows: Vec<Row> = query.order(audit_checkpoints::id).limit(limit).load(&mut db.connection)?;
    Ok(rows.into_iter().map(checkpoint).collect())
}

/// A page for people, newest first, one more than asked for when there are more.
pub fn list(db: &mut Db, before: Option<Id>, limit: i64) -> Result<Vec<Checkpoint>> {
    let mut query = audit_checkpoints::table.into_boxed();
    if let Some(before) = before {
        query = query.filter(audit_checkpoints::id.lt(before));
    }
    let rows: Vec<Row> = query.order(audit_checkpoints::id.desc()).limit(limit + 1).load(&mut db.connection)?;
    Ok(rows.into_iter().filter_map(|row| checkpoint(row).1).collect())
}
