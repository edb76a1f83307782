//! Objections to the decision of a claim: to which lines, with which papers, and by which minutes each was decided.

use diesel::prelude::*;

use super::db::{Db, Tx, on_each};
use crate::domain::claims::{DisputeOutcome, ReasonCode};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{claim_disputes, disputed_documents, disputed_lines};

#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone)]
#[diesel(table_name = claim_disputes, primary_key(claim_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Head {
    pub claim_id: Id,
    pub disputed_at: UtcTime,
    pub disputed_by: Option<Id>,
    /// None until it is decided, and of what was decided before minutes were kept.
    pub outcome: Option<DisputeOutcome>,
    pub minutes_number: Option<String>,
    pub decided_at: Option<UtcTime>,
    pub decided_by: Option<Id>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone)]
#[diesel(table_name = disputed_lines, primary_key(claim_id, line), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DisputedLine {
    pub claim_id: Id,
    pub line: i32,
    /// Of an amount that two decide, what the first of them would change.
    pub proposed_amount: Option<Rupiah>,
    pub proposed_reason: Option<ReasonCode>,
}

#[derive(Insertable)]
#[diesel(table_name = disputed_documents)]
struct DisputedDocument {
    claim_id: Id,
    document_id: Id,
}

#[derive(Debug, Clone)]
pub struct Dispute {
    pub head: Head,
    pub lines: Vec<DisputedLine>,
    pub document_ids: Vec<Id>,
}

pub fn insert(tx: &mut Tx, dispute: &Dispute) -> Result<()> {
    let claim_id = dispute.head.claim_id;
    let documents: Vec<_> = dispute.document_ids.iter().map(|id| DisputedDocument { claim_id, document_id: *id }).collect();
    diesel::insert_into(claim_disputes::table).values(&dispute.head).execute(&mut tx.db.connection)?;
    on_each!(tx.db, |connection| diesel::insert_into(disputed_lines::table).values(&dispute.lines).execute(connection))?;
    on_each!(tx.db, |connection| diesel::insert_into(disputed_documents::table).values(&documents).execute(connection))?;
    Ok(())
}

/// The objection to a claim; a claim is objected to once.
pub fn of_claim(db: &mut Db, claim: Id) -> Result<Option<Dispute>> {
    let head: Option<Head> = claim_disputes::table.find(claim).select(Head::as_select()).first(&mut db.connection).optional()?;
    let Some(head) = head else { return Ok(None) };
    let lines = disputed_lines::table.filter(disputed_lines::claim_id.eq(claim)).order(disputed_lines::line);
    let documents = disputed_documents::table.filter(disputed_documents::claim_id.eq(claim)).order(disputed_documents::document_id);
    Ok(Some(Dispute {
        head,
        lines: lines.select(DisputedLine::as_select()).load(&mut db.connection)?,
        document_ids: documents.select(disputed_documents::document_id).load(&mut db.connection)?,
    }))
}

/// Stores an objection as it is now. Its papers are as they came.
pub fn update(tx: &mut Tx, dispute: &Dispute) -> Result<()> {
    diesel::update(claim_disputes::table.find(dispute.head.claim_id)).set(&dispute.head).execute(&mut tx.db.connection)?;
    for line in &dispute.lines {
        diesel::update(disputed_lines::table.find((line.claim_id, line.line))).set(line).execute(&mut tx.db.connection)?;
    }
    Ok(())
}
