//! The parts of a claim: its lines and codes, what the edits found, what was cut, what was done with it, and what the hospital said each time.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{Db, Tx, on_each};
use crate::context::Context;
use crate::domain::adjudication::precision::{DecidedLine, Spoken};
use crate::domain::adjudication::{EditOutcome, Hit};
use crate::domain::claims::{Bill, ClaimAction, ClaimState, LineState, ReasonCode};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::cells::Column;
use crate::schema::{claim_adjustments, claim_codes, claim_events, claim_hits, claim_lines, claim_revisions};

#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone)]
#[diesel(table_name = claim_lines, primary_key(claim_id, line), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ClaimLine {
    pub claim_id: Id,
    pub line: i32,
    pub state: LineState,
    pub tariff_code: String,
    pub service_date: NaiveDate,
    pub quantity: i32,
    pub claimed_amount: Rupiah,
    pub tariff_amount: Option<Rupiah>,
    pub hospital_cost: Option<Rupiah>,
    pub payable_amount: Rupiah,
    pub approved_amount: Rupiah,
    pub paid_amount: Rupiah,
    pub reason_code: Option<ReasonCode>,
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = claim_codes, treat_none_as_default_value = false)]
pub struct ClaimCode {
    pub claim_id: Id,
    pub position: i32,
    pub kind: String,
    pub code: String,
    pub service_date: Option<NaiveDate>,
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = claim_hits, treat_none_as_default_value = false)]
pub struct ClaimHit {
    pub claim_id: Id,
    pub position: i32,
    pub edit: String,
    pub edit_version: i32,
    pub outcome: EditOutcome,
    pub line: Option<i32>,
    pub field: String,
    pub value: Option<String>,
    pub bound: Option<String>,
    pub shadow: bool,
}

impl ClaimHit {
    pub fn of(claim_id: Id, position: i32, hit: &Hit) -> Self {
        let Hit { edit, version, outcome, line, field, value, limit, shadow } = hit.clone();
        Self { claim_id, position, edit, edit_version: version.into(), outcome, line, field, value, bound: limit, shadow }
    }
}

impl From<&ClaimHit> for Spoken {
    fn from(hit: &ClaimHit) -> Self {
        Self { outcome: hit.outcome, line: hit.line, limit: hit.bound.clone() }
    }
}

impl From<&ClaimLine> for DecidedLine {
    fn from(line: &ClaimLine) -> Self {
        Self { line: line.line, claimed: line.claimed_amount, approved: line.approved_amount, reason: line.reason_code }
    }
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = claim_adjustments, treat_none_as_default_value = false)]
pub struct ClaimAdjustment {
    pub claim_id: Id,
    pub position: i32,
    pub line: i32,
    /// An edit, or the reason of whoever decided.
    pub source: String,
    pub step: Option<String>,
    pub amount: Rupiah,
}

/// What the hospital said, sealed.
#[derive(Insertable)]
#[diesel(table_name = claim_revisions, treat_none_as_default_value = false)]
pub(in crate::store) struct Told {
    claim_id: Id,
    revision: i32,
    id: Id,
    told_at: UtcTime,
    told_by: Id,
    sealed: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = claim_events, treat_none_as_default_value = false)]
pub struct ClaimEvent {
    pub id: Id,
    pub claim_id: Id,
    pub position: i32,
    pub action: ClaimAction,
    pub state: ClaimState,
    pub reason_code: Option<ReasonCode>,
    pub taken_at: UtcTime,
    /// Nobody where the clock or the program did it.
    pub taken_by: Option<Id>,
    sealed: Option<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Note {
    note: String,
}

impl ClaimEvent {
    pub fn note(&self, db: &Db) -> Result<Option<String>> {
        let cell = self.sealed.as_ref().map(|sealed| db.keyring().unseal_json::<Note>(Column::ClaimEventSealed, self.id, sealed));
        Ok(cell.transpose()?.map(|cell| cell.note))
    }
}

/// Everything that hangs on a claim, as its last adjudication left it.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    pub lines: Vec<ClaimLine>,
    pub codes: Vec<ClaimCode>,
    pub hits: Vec<ClaimHit>,
    pub adjustments: Vec<ClaimAdjustment>,
}

pub fn of(db: &mut Db, claim: Id) -> Result<Parts> {
    Ok(Parts {
        lines: claim_lines::table
            .filter(claim_lines::claim_id.eq(claim))
            .select(ClaimLine::as_select())
            .order(claim_lines::line)
            .load(&mut db.connection)?,
        codes: claim_codes::table
            .filter(claim_codes::claim_id.eq(claim))
            .select(ClaimCode::as_select())
            .order(claim_codes::position)
            .load(&mut db.connection)?,
        hits: claim_hits::table
            .filter(claim_hits::claim_id.eq(claim))
            .select(ClaimHit::as_select())
            .order(claim_hits::position)
            .load(&mut db.connection)?,
        adjustments: claim_adjustments::table
            .filter(claim_adjustments::claim_id.eq(claim))
            .select(ClaimAdjustment::as_select())
            .order(claim_adjustments::position)
            .load(&mut db.connection)?,
    })
}

/// Puts these parts in the place of those that were there.
pub fn replace(tx: &mut Tx, claim: Id, parts: &Parts) -> Result<()> {
    let connection = &mut tx.db.connection;
    diesel::delete(claim_lines::table.filter(claim_lines::claim_id.eq(claim))).execute(connection)?;
    diesel::delete(claim_codes::table.filter(claim_codes::claim_id.eq(claim))).execute(connection)?;
    diesel::delete(claim_hits::table.filter(claim_hits::claim_id.eq(claim))).execute(connection)?;
    on_each!(tx.db, |connection| diesel::insert_into(claim_lines::table).values(&parts.lines).execute(connection))?;
    on_each!(tx.db, |connection| diesel::insert_into(claim_codes::table).values(&parts.codes).execute(connection))?;
    on_each!(tx.db, |connection| diesel::insert_into(claim_hits::table).values(&parts.hits).execute(connection))?;
    replace_adjustments(tx, claim, &parts.adjustments)
}

pub fn replace_adjustments(tx: &mut Tx, claim: Id, adjustments: &[ClaimAdjustment]) -> Result<()> {
    diesel::delete(claim_adjustments::table.filter(claim_adjustments::claim_id.eq(claim))).execute(&mut tx.db.connection)?;
    on_each!(tx.db, |connection| diesel::insert_into(claim_adjustments::table).values(adjustments).execute(connection))?;
    Ok(())
}

pub fn update_lines(tx: &mut Tx, lines: &[ClaimLine]) -> Result<()> {
    for line in lines {
        diesel::update(claim_lines::table.find((line.claim_id, line.line))).set(line).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// The beginning of a claim's story: what was done with it as it came, and what was said with the first of it.
pub fn begin_story(db: &Db, context: &Context, claim_id: Id, (steps, said): (&[(ClaimAction, ClaimState)], Option<&str>)) -> Result<Vec<ClaimEvent>> {
    let taken_by = context.caller.map(|caller| caller.user_id);
    let event = |(position, (action, state)): (i32, &(ClaimAction, ClaimState))| {
        let id = context.new_id();
        let note = said.filter(|_| position == 1).map(|note| Note { note: note.to_owned() });
        let sealed = note.map(|note| db.keyring().seal_json(Column::ClaimEventSealed, id, &note)).transpose()?;
        Ok(ClaimEvent { id, claim_id, position, action: *action, state: *state, reason_code: None, taken_at: context.now, taken_by, sealed })
    };
    (1..).zip(steps).map(event).collect()
}

/// Notes what was done with a claim.
pub fn note(
    tx: &mut Tx,
    context: &Context,
    (claim, state): (Id, ClaimState),
    action: ClaimAction,
    said: (Option<ReasonCode>, Option<&str>),
) -> Result<()> {
    let id = context.new_id();
    let (reason_code, note) = said;
    let sealed = note.map(|note| tx.keyring().seal_json(Column::ClaimEventSealed, id, &Note { note: note.to_owned() })).transpose()?;
    let taken_by = context.caller.map(|caller| caller.user_id);
    // Whoever notes something holds the claim.
    let last = claim_events::table.filter(claim_events::claim_id.eq(claim)).select(diesel::dsl::max(claim_events::position));
    let last: Option<i32> = last.first(&mut tx.db.connection)?;
    let event =
        ClaimEvent { id, claim_id: claim, position: last.unwrap_or(0) + 1, action, state, reason_code, taken_at: context.now, taken_by, sealed };
    diesel::insert_into(claim_events::table).values(&event).execute(&mut tx.db.connection)?;
    Ok(())
}

/// Has this person decided on the claim before: as the one whose word counts, or as the first of two since it was last looked at?
pub fn decided_before(db: &mut Db, claim: Id, by: Id, first_of_now: Option<Id>) -> Result<bool> {
    // Who gave the first word on what is looked at now may not be told that this is their own decision: another is waited for.
    if first_of_now == Some(by) {
        return Ok(false);
    }
    let decisions = [ClaimAction::Approve, ClaimAction::ApprovePartly, ClaimAction::Reject, ClaimAction::FirstApproval];
    let own = claim_events::table
        .filter(claim_events::claim_id.eq(claim))
        .filter(claim_events::taken_by.eq(by))
        .filter(claim_events::action.eq_any(decisions));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(&mut db.connection)?)
}

/// Its story, first to last.
pub fn events(db: &mut Db, claim: Id) -> Result<Vec<ClaimEvent>> {
    let events = claim_events::table.filter(claim_events::claim_id.eq(claim));
    Ok(events.select(ClaimEvent::as_select()).order(claim_events::position).load(&mut db.connection)?)
}

/// A revision with what the hospital said in it.
#[derive(Debug, Clone)]
pub struct Revision {
    pub revision: i32,
    pub told_at: UtcTime,
    pub told_by: Id,
    pub bill: Bill,
}

/// Keeps what the hospital said.
pub fn keep(tx: &mut Tx, context: &Context, claim: Id, (revision, by): (i32, Id), bill: &Bill) -> Result<()> {
    let told = told(tx, context, claim, (revision, by), bill)?;
    diesel::delete(claim_revisions::table.find((claim, revision))).execute(&mut tx.db.connection)?;
    diesel::insert_into(claim_revisions::table).values(&told).execute(&mut tx.db.connection)?;
    Ok(())
}

pub(in crate::store) fn told(db: &Db, context: &Context, claim_id: Id, (revision, told_by): (i32, Id), bill: &Bill) -> Result<Told> {
    let id = context.new_id();
    let sealed = db.keyring().seal_json(Column::ClaimRevisionSealed, id, bill)?;
    Ok(Told { claim_id, revision, id, told_at: context.now, told_by, sealed })
}

pub fn revision(db: &mut Db, claim: Id, revision: i32) -> Result<Option<Revision>> {
    type Row = (Id, UtcTime, Id, Vec<u8>);
    let row = claim_revisions::table.find((claim, revision));
    let row: Option<Row> = row
        .select((claim_revisions::id, claim_revisions::told_at, claim_revisions::told_by, claim_revisions::sealed))
        .first(&mut db.connection)
        .optional()?;
    row.map(|(id, told_at, told_by, sealed)| {
        let bill = db.keyring().unseal_json(Column::ClaimRevisionSealed, id, &sealed)?;
        Ok(Revision { revision, told_at, told_by, bill })
    })
    .transpose()
}
