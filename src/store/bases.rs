//! On what checks were decided: the very contents of rule sets, lists and texts, each kept once by its hash.

use diesel::prelude::*;

use super::db::{Db, Tx, on_each};
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::text_enum::text_enum;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{basis_contents, decision_bases};

text_enum! {
    ContentKind { RuleSet = "rule_set", Texts = "texts", Lists = "lists" }
}

/// One combination of contents and engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    pub id: Id,
    pub rule_set_code: String,
    pub rule_set_revision: i32,
    pub rule_set: ContentHash,
    pub texts: ContentHash,
    pub lists: ContentHash,
    pub engine: i32,
}

pub fn keep_content(tx: &mut Tx, kind: ContentKind, hash: ContentHash, content: &str) -> Result<()> {
    let row = (basis_contents::hash.eq(hash.as_bytes().as_slice()), basis_contents::kind.eq(kind), basis_contents::content.eq(content));
    on_each!(tx.db, |connection| diesel::insert_into(basis_contents::table).values(row).on_conflict_do_nothing().execute(connection))?;
    Ok(())
}

pub fn content(db: &mut Db, hash: ContentHash) -> Result<Option<String>> {
    Ok(basis_contents::table.find(hash.as_bytes().as_slice()).select(basis_contents::content).first(&mut db.connection).optional()?)
}

/// Keeps the basis unless it is there, and gives the id under which it is kept.
pub fn keep(tx: &mut Tx, basis: &Basis, now: UtcTime) -> Result<Id> {
    let row = (
        decision_bases::id.eq(basis.id),
        decision_bases::rule_set_code.eq(&basis.rule_set_code),
        decision_bases::rule_set_revision.eq(basis.rule_set_revision),
        decision_bases::rule_set_hash.eq(basis.rule_set.as_bytes().as_slice()),
        decision_bases::texts_hash.eq(basis.texts.as_bytes().as_slice()),
        decision_bases::lists_hash.eq(basis.lists.as_bytes().as_slice()),
        decision_bases::engine.eq(basis.engine),
        decision_bases::created_at.eq(now),
    );
    on_each!(tx.db, |connection| diesel::insert_into(decision_bases::table).values(row).on_conflict_do_nothing().execute(connection))?;
    Ok(decision_bases::table
        .filter(decision_bases::rule_set_hash.eq(basis.rule_set.as_bytes().as_slice()))
        .filter(decision_bases::texts_hash.eq(basis.texts.as_bytes().as_slice()))
        .filter(decision_bases::lists_hash.eq(basis.lists.as_bytes().as_slice()))
        .filter(decision_bases::engine.eq(basis.engine))
        .select(decision_bases::id)
        .first(&mut tx.db.connection)?)
}

type Row = (Id, String, i32, Vec<u8>, Vec<u8>, Vec<u8>, i32);

pub fn find(db: &mut Db, id: Id) -> Result<Option<Basis>> {
    let row: Option<Row> = decision_bases::table
        .find(id)
        .select((
            decision_bases::id,
            decision_bases::rule_set_code,
            decision_bases::rule_set_revision,
            decision_bases::rule_set_hash,
            decision_bases::texts_hash,
            decision_bases::lists_hash,
            decision_bases::engine,
        ))
        .first(&mut db.connection)
        .optional()?;
    row.map(basis).transpose()
}

/// Every rule set that was ever in use: code, revision, hash.
pub fn rule_sets_in_use(db: &mut Db) -> Result<Vec<(String, i32, ContentHash)>> {
    let rows: Vec<(String, i32, Vec<u8>)> = decision_bases::table
        .select((decision_bases::rule_set_code, decision_bases::rule_set_revision, decision_bases::rule_set_hash))
        .distinct()
        .load(&mut db.connection)?;
    rows.into_iter().map(|(code, revision, hash)| Ok((code, revision, self::hash(hash)?))).collect()
}

fn basis((id, rule_set_code, rule_set_revision, rule_set, texts, lists, engine): Row) -> Result<Basis> {
    Ok(Basis { id, rule_set_code, rule_set_revision, rule_set: hash(rule_set)?, texts: hash(texts)?, lists: hash(lists)?, engine })
}

fn hash(bytes: Vec<u8>) -> Result<ContentHash> {
    bytes.try_into().map(ContentHash::from_bytes).map_err(|_| crate::error::Error::internal("a stored hash has not 32 bytes"))
}
