//! What hangs on new claims. It waits until all claims of a transaction are judged and is stored together: a statement for each kind of row, not for each
//! claim.

use diesel::prelude::*;

use super::claim_cases;
use super::claim_parts::{self, ClaimAdjustment, ClaimCode, ClaimEvent, ClaimHit, ClaimLine, Parts};
use super::claims::{Claim, Terms};
use super::db::{Tx, on_each};
use super::documents::{self, Attachment};
use super::letters::LetterEvent;
use crate::context::Context;
use crate::domain::adjudication::kept::KeptCase;
use crate::domain::claims::Bill;
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::error::Result;
use crate::schema::{
    claim_adjustments, claim_cases as cases, claim_codes, claim_events, claim_hits, claim_lines, claim_revisions, claim_terms, letter_events,
};

/// A new claim, whose own row is stored already, and what belongs to it.
pub struct NewClaim<'a> {
    pub claim: &'a Claim,
    pub terms: &'a Terms,
    pub parts: &'a Parts,
    pub events: &'a [ClaimEvent],
    pub bill: &'a Bill,
    /// What it was judged on and by: the rule set, and the fingerprints of the edits and of the outcome.
    pub case: &'a KeptCase,
    pub judged_by: (Id, (ContentHash, ContentHash)),
}

#[derive(Default)]
pub struct Waiting {
    terms: Vec<Terms>,
    documents: Vec<Attachment>,
    revisions: Vec<claim_parts::Told>,
    cases: Vec<claim_cases::Row>,
    lines: Vec<ClaimLine>,
    codes: Vec<ClaimCode>,
    hits: Vec<ClaimHit>,
    adjustments: Vec<ClaimAdjustment>,
    events: Vec<ClaimEvent>,
    of_letters: Vec<LetterEvent>,
}

impl Waiting {
    /// Nothing is written yet, so whoever adds a claim must be sure that its own row stays.
    pub fn add(&mut self, tx: &Tx, context: &Context, new: &NewClaim<'_>, of_letter: Option<LetterEvent>) -> Result<()> {
        let NewClaim { claim, terms, parts, events, bill, case, judged_by } = *new;
        let case = claim_cases::Row::of(tx, (claim.id, claim.revision), context.new_id(), judged_by, case)?;
        self.revisions.push(claim_parts::told(tx, context, claim.id, (claim.revision, claim.created_by), bill)?);
        self.cases.push(case);
        self.terms.push(terms.clone());
        self.documents.extend(Attachment::all((claim.id, claim.participant_id), &bill.document_ids, context.now));
        self.lines.extend_from_slice(&parts.lines);
        self.codes.extend_from_slice(&parts.codes);
        self.hits.extend_from_slice(&parts.hits);
        self.adjustments.extend_from_slice(&parts.adjustments);
        self.events.extend_from_slice(events);
        self.of_letters.extend(of_letter);
        Ok(())
    }

    /// Stores all that waits.
    pub fn store(&mut self, tx: &mut Tx) -> Result<()> {
        let Self { terms, documents, revisions, cases: judged, lines, codes, hits, adjustments, events, of_letters } = std::mem::take(self);
        insert(tx, &terms, |tx, rows| on_each!(tx.db, |connection| diesel::insert_into(claim_terms::table).values(rows).execute(connection)))?;
        insert(tx, &revisions, |tx, rows| {
            on_each!(tx.db, |connection| diesel::insert_into(claim_revisions::table).values(rows).execute(connection))
        })?;
        insert(tx, &judged, |tx, rows| on_each!(tx.db, |connection| diesel::insert_into(cases::table).values(rows).execute(connection)))?;
        insert(tx, &lines, |tx, rows| on_each!(tx.db, |connection| diesel::insert_into(claim_lines::table).values(rows).execute(connection)))?;
        insert(tx, &codes, |tx, rows| on_each!(tx.db, |connection| diesel::insert_into(claim_codes::table).values(rows).execute(connection)))?;
        insert(tx, &hits, |tx, rows| on_each!(tx.db, |connection| diesel::insert_into(claim_hits::table).values(rows).execute(connection)))?;
        insert(tx, &adjustments, |tx, rows| {
            on_each!(tx.db, |connection| diesel::insert_into(claim_adjustments::table).values(rows).execute(connection))
        })?;
        insert(tx, &events, |tx, rows| on_each!(tx.db, |connection| diesel::insert_into(claim_events::table).values(rows).execute(connection)))?;
        insert(tx, &of_letters, |tx, rows| on_each!(tx.db, |connection| diesel::insert_into(letter_events::table).values(rows).execute(connection)))?;
        documents::attach_all(tx, &documents)
    }
}

/// Chunks keep a statement below SQLite's number of binds, and their text short.
fn insert<T>(tx: &mut Tx, rows: &[T], statement: impl Fn(&mut Tx, &[T]) -> QueryResult<usize>) -> Result<()> {
    for chunk in rows.chunks(500) {
        statement(tx, chunk)?;
    }
    Ok(())
}
