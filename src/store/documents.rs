//! Documents and the claims that they stand behind. What opens the file of one is sealed in its row.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::db::{Db, Tx, locked, on_each};
use super::reading::Reading;
use crate::domain::documents::DocumentKind;
use crate::domain::documents::contents::MediaType;
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::privacy::spool::SpoolKey;
use crate::schema::{claim_documents, documents};

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = documents)]
pub struct Document {
    pub id: Id,
    pub kind: DocumentKind,
    pub media_type: MediaType,
    pub size: i64,
    /// The same for every document with this content; it says nothing to whoever lacks our keys.
    pub content_bidx: Id,
    pub content_key_id: i32,
    pub sealed: Vec<u8>,
    pub facility_id: Id,
    pub uploaded_by: Id,
    pub uploaded_at: UtcTime,
}

/// What the sealed cell holds: the digest of the content, which alone would tell who has the same one, and the key of the file.
#[derive(Serialize, Deserialize)]
struct Cell {
    sha256: [u8; 32],
    key: Vec<u8>,
}

/// What is inside the cell, for somebody who may know it.
pub struct Opened {
    pub sha256: ContentHash,
    pub key: SpoolKey,
}

pub fn seal(db: &Db, id: Id, sha256: &ContentHash, key: &SpoolKey) -> Result<Vec<u8>> {
    let mut cell = Cell { sha256: *sha256.as_bytes(), key: key.secret().to_vec() };
    let sealed = db.keyring().seal_json(Column::DocumentSealed, id, &cell);
    cell.key.zeroize();
    Ok(sealed?)
}

impl Document {
    /// Opens it for those whose it is.
    pub fn open(&self, db: &mut Db, reading: &mut Reading) -> Result<Opened> {
        let people = claim_documents::table.filter(claim_documents::document_id.eq(self.id)).select(claim_documents::participant_id);
        reading.shows(people.load::<Id>(&mut db.connection)?);
        let cell: Cell = db.keyring().unseal_json(Column::DocumentSealed, self.id, &self.sealed)?;
        Ok(Opened { sha256: ContentHash::from_bytes(cell.sha256), key: SpoolKey::of(self.id, Zeroizing::new(cell.key)) })
    }
}

pub fn insert(tx: &mut Tx, document: &Document) -> Result<()> {
    diesel::insert_into(documents::table).values(document).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Document>> {
    Ok(documents::table.find(id).select(Document::as_select()).first(&mut db.connection).optional()?)
}

/// Those of these ids that are documents.
pub fn find_many(db: &mut Db, ids: &[Id]) -> Result<Vec<Document>> {
    let found = documents::table.filter(documents::id.eq_any(ids.to_vec())).select(Document::as_select());
    Ok(found.order(documents::id).load(&mut db.connection)?)
}

/// The claims that a document stands behind, the oldest first.
pub fn claims_of(db: &mut Db, document: Id) -> Result<Vec<Id>> {
    let claims = claim_documents::table.filter(claim_documents::document_id.eq(document)).select(claim_documents::claim_id);
    Ok(claims.order(claim_documents::claim_id).load(&mut db.connection)?)
}

/// A document behind a claim.
#[derive(Insertable)]
#[diesel(table_name = claim_documents, treat_none_as_default_value = false)]
pub(in crate::store) struct Attachment {
    claim_id: Id,
    document_id: Id,
    participant_id: Id,
    attached_at: UtcTime,
}

impl Attachment {
    pub(in crate::store) fn all((claim_id, participant_id): (Id, Id), wanted: &[Id], now: UtcTime) -> Vec<Self> {
        let ids: BTreeSet<Id> = wanted.iter().copied().collect();
        ids.into_iter().map(|document_id| Self { claim_id, document_id, participant_id, attached_at: now }).collect()
    }
}

/// Those of these ids that are documents, held for the rest of the transaction so that they are not tidied away meanwhile. They are taken in one order,
/// so that nobody waits for somebody who waits for them.
pub fn lock_many(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Document>> {
    let mut held = Vec::new();
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    // Chunks keep a statement below SQLite's number of binds.
    for chunk in ids.chunks(2_000) {
        held.extend::<Vec<Document>>(locked!(
            tx,
            documents::table.filter(documents::id.eq_any(chunk)).order(documents::id).select(Document::as_select()),
            load
        )?);
    }
    Ok(held)
}

/// Puts documents that are held behind a claim of a person; those that are behind it already stay as they are.
pub fn attach(tx: &mut Tx, claim: (Id, Id), wanted: &[Id], now: UtcTime) -> Result<()> {
    attach_all(tx, &Attachment::all(claim, wanted, now))
}

pub(in crate::store) fn attach_all(tx: &mut Tx, attachments: &[Attachment]) -> Result<()> {
    for chunk in attachments.chunks(2_000) {
        on_each!(tx.db, |connection| diesel::insert_into(claim_documents::table).values(chunk).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(())
}

/// The documents behind a claim, the oldest first.
pub fn of_claim(db: &mut Db, claim: Id) -> Result<Vec<Document>> {
    let behind = documents::table.inner_join(claim_documents::table.on(claim_documents::document_id.eq(documents::id)));
    Ok(behind.filter(claim_documents::claim_id.eq(claim)).select(Document::as_select()).order(documents::id).load(&mut db.connection)?)
}

/// The people behind whose claims a document with one of these contents stands, by the content.
pub fn people_with_content(db: &mut Db, contents: &[Id]) -> Result<BTreeMap<Id, BTreeSet<Id>>> {
    let same = documents::table.inner_join(claim_documents::table.on(claim_documents::document_id.eq(documents::id)));
    let mut found: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for chunk in contents.chunks(2_000) {
        let pairs = same.filter(documents::content_bidx.eq_any(chunk)).select((documents::content_bidx, claim_documents::participant_id)).distinct();
        for (content, person) in pairs.load::<(Id, Id)>(&mut db.connection)? {
            found.entry(content).or_default().insert(person);
        }
    }
    Ok(found)
}

/// Documents that nobody put behind a claim since they came, the oldest first.
pub fn orphans(db: &mut Db, before: UtcTime, limit: i64) -> Result<Vec<Id>> {
    let attached = claim_documents::table.filter(claim_documents::document_id.eq(documents::id));
    let orphans = documents::table.filter(documents::uploaded_at.lt(before)).filter(not(exists(attached)));
    Ok(orphans.select(documents::id).order(documents::id).limit(limit).load(&mut db.connection)?)
}

/// Deletes a document that stands behind no claim; false when it has come to stand behind one, or is gone.
pub fn delete_orphan(tx: &mut Tx, id: Id) -> Result<bool> {
    // Whoever attaches it holds it too: one of the two sees what the other did.
    let held: Option<Id> = locked!(tx, documents::table.find(id).select(documents::id), first).optional()?;
    if held.is_none() || !claims_of(tx, id)?.is_empty() {
        return Ok(false);
    }
    Ok(diesel::delete(documents::table.find(id)).execute(&mut tx.db.connection)? == 1)
}

/// Which of these ids are documents.
pub fn known(db: &mut Db, ids: &[Id]) -> Result<Vec<Id>> {
    let mut known = Vec::new();
    // Chunks keep a statement below SQLite's number of binds.
    for chunk in ids.chunks(1_000) {
        let found: Vec<Id> = documents::table.filter(documents::id.eq_any(chunk.to_vec())).select(documents::id).load(&mut db.connection)?;
        known.extend(found);
    }
    Ok(known)
}
