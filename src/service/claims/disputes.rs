//! Objections: the hospital objects once and in time, to lines of its claim; a verifier who had no hand in it decides by the minutes of a panel.

use super::decisions::{LineDecision, line_fault, needs_another, outcome, rebalance, refuse_own};
use super::{Told, after, attach, complete, held, own_facility, refuse_in_the_way, settle, tell, tell_verifier};
use crate::context::Context;
use crate::domain::claims::{ClaimAction, ClaimState, Clocks, DisputeOutcome};
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::domain::rupiah::Rupiah;
use crate::error::{Code, Error, Fault, Result};
use crate::service::App;
use crate::service::changes;
use crate::service::idempotency::Once;
use crate::store::audit::Event;
use crate::store::claim_disputes::{self, Dispute, DisputedLine, Head};
use crate::store::claim_parts::{self, Parts};
use crate::store::claims::{self, Claim};
use crate::store::db::{Db, Tx};
use crate::store::gate::Priority;

pub struct Objection {
    pub reason: String,
    /// Which lines are objected to; none named is all.
    pub lines: Vec<i32>,
    pub document_ids: Vec<Id>,
}

pub struct DisputeDecision {
    pub outcome: DisputeOutcome,
    pub lines: Vec<LineDecision>,
    /// Of the panel's minutes.
    pub minutes_number: String,
}

/// The hospital objects, once and in time. Somebody else than who decided looks at it.
pub fn dispute(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, objection: &Objection, once: &Once<'_, Told>) -> Result<Told> {
    own_facility(app, caller)?;
    once.write(db, Priority::People, |tx| {
        let mut claim = held(tx, caller, id)?;
        let mut terms = claims::terms(tx, id)?;
        claim.state = after(&claim, ClaimAction::Dispute)?;
        if terms.disputes > 0 {
            return Err(Error::refused(Code::DisputedAlready));
        }
        if terms.dispute_by.is_none_or(|by| app.city.today(context.now) > by) {
            return Err(Error::refused(Code::DisputeTooLate));
        }
        // What was billed again in its place is judged there.
        if let Some(heir) = claims::in_place_of(tx, id)?.map(|heir| claims::find(tx, heir)).transpose()?.flatten() {
            return Err(Error::conflict(Code::AlreadyBilled, serde_json::json!({ "id": heir.id, "number": heir.number, "state": heir.state })));
        }
        let parts = claim_parts::of(tx, id)?;
        let lines = disputed(&parts, &objection.lines)?;
        attach(tx, context, &claim, &objection.document_ids)?;
        let cut = |line: &&claim_parts::ClaimLine| lines.contains(&line.line);
        let could_be_paid: i64 = parts.lines.iter().filter(cut).map(|line| line.claimed_amount.0 - line.approved_amount.0).sum();
        terms.disputes += 1;
        (terms.first_decided_by, terms.first_decided_amount) = (None, None);
        terms.recoverable_amount = Rupiah(could_be_paid.max(0));
        refuse_in_the_way_again(tx, &claim)?;
        claims::update(tx, &mut claim, &terms, context.now)?;
        claim_parts::note(tx, context, (id, claim.state), ClaimAction::Dispute, (None, Some(&objection.reason)))?;
        let event = Event::new(context, "claim.disputed").object(id).about([claim.participant_id]).with("lines", &lines);
        tx.record(event.tells(changes::of_claim(&claim, ClaimAction::Dispute)));
        claim_disputes::insert(tx, &placed(context, caller, id, lines, &objection.document_ids))?;
        tell(tx, claim, terms)
    })
}

fn placed(context: &Context, caller: &Caller, claim_id: Id, lines: Vec<i32>, document_ids: &[Id]) -> Dispute {
    let head = Head {
        claim_id,
        disputed_at: context.now,
        disputed_by: Some(caller.user_id),
        outcome: None,
        minutes_number: None,
        decided_at: None,
        decided_by: None,
    };
    let mut document_ids = document_ids.to_vec();
    document_ids.sort_unstable();
    document_ids.dedup();
    let line = |line| DisputedLine { claim_id, line, proposed_amount: None, proposed_reason: None };
    Dispute { head, lines: lines.into_iter().map(line).collect(), document_ids }
}

/// The lines that are objected to: those that are named, or all.
fn disputed(parts: &Parts, named: &[i32]) -> Result<Vec<i32>> {
    let mut faults = Vec::new();
    for (at, line) in named.iter().enumerate() {
        if named[..at].contains(line) {
            faults.push(Fault::at(format!("/lines/{at}"), "LINE_TWICE"));
        } else if !parts.lines.iter().any(|known| known.line == *line) {
            faults.push(Fault::at(format!("/lines/{at}"), "LINE_UNKNOWN"));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(parts.lines.iter().map(|line| line.line).filter(|line| named.is_empty() || named.contains(line)).collect())
}

/// A claim that was rejected has let go of its number and letter; disputed, it holds them again.
fn refuse_in_the_way_again(tx: &mut Tx, claim: &Claim) -> Result<()> {
    claims::vacate(tx, claim.id)?;
    refuse_in_the_way(tx, claim)
}

/// Decides an objection. Upheld, the amounts stay as they were decided; changed, disputed lines have the amounts that are given, with their reasons.
pub fn decide_dispute(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    id: Id,
    decision: &DisputeDecision,
    once: &Once<'_, Told>,
) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut claim = held(tx, caller, id)?;
        let mut terms = claims::terms(tx, id)?;
        if claim.state != ClaimState::Disputed {
            return Err(Error::conflict(Code::ClaimState, serde_json::json!({ "state": claim.state })));
        }
        refuse_own(tx, &claim, &terms, caller)?;
        let mut dispute = claim_disputes::of_claim(tx, id)?.ok_or_else(|| Error::internal("a disputed claim without its objection"))?;
        let rules = app.city.rule_sets.by_code(&terms.rule_set).ok_or_else(|| Error::internal("a claim of rules that are gone"))?;
        let (today, clocks) = (app.city.today(context.now), Clocks::new(&rules.claims));
        let mut parts = claim_parts::of(tx, id)?;
        change(&mut parts, &dispute, decision)?;
        let decided_before = claim.payable_amount;
        rebalance(&mut claim, &mut parts);
        let action = outcome(&claim);
        let waits = needs_another(rules, &claim, &terms, action, caller)?;
        let action = if waits {
            // Nothing is changed by one of two: what the first would change stands beside the lines, for the second to see.
            (terms.first_decided_by, terms.first_decided_amount) = (Some(caller.user_id), Some(claim.payable_amount));
            claim.payable_amount = decided_before;
            propose(&mut dispute, &decision.lines);
            ClaimAction::FirstApproval
        } else {
            claim_parts::update_lines(tx, &parts.lines)?;
            claim_parts::replace_adjustments(tx, id, &parts.adjustments)?;
            propose(&mut dispute, &[]);
            dispute.head.outcome = Some(decision.outcome);
            dispute.head.minutes_number = Some(decision.minutes_number.clone());
            (dispute.head.decided_at, dispute.head.decided_by) = (Some(context.now), Some(caller.user_id));
            action
        };
        claim.state = after(&claim, action)?;
        complete(&mut terms, context, &clocks, today);
        if !waits {
            settle(tx, context, (&mut claim, &mut terms), &clocks, today)?;
            terms.decided_by = Some(caller.user_id);
        }
        claim_disputes::update(tx, &dispute)?;
        claims::update(tx, &mut claim, &terms, context.now)?;
        claim_parts::note(tx, context, (id, claim.state), action, (None, None))?;
        let event = Event::new(context, "claim.dispute_decided").object(id).about([claim.participant_id]).with("action", action);
        let event = event.with("outcome", decision.outcome).with("minutes_number", &decision.minutes_number).with("state", claim.state);
        tx.record(event.tells(changes::of_claim(&claim, action)));
        tell_verifier(tx, claim, terms)
    })
}

fn propose(dispute: &mut Dispute, given: &[LineDecision]) {
    for line in &mut dispute.lines {
        let of_line = given.iter().find(|given| given.line == line.line);
        (line.proposed_amount, line.proposed_reason) = (of_line.map(|given| given.approved_amount), of_line.and_then(|given| given.reason_code));
    }
}

/// Puts the amounts of a decision into the lines, or names everything that is wrong with it.
fn change(parts: &mut Parts, dispute: &Dispute, decision: &DisputeDecision) -> Result<()> {
    let mut faults = Vec::new();
    if decision.minutes_number.is_empty() {
        faults.push(Fault::at("/minutes_number", "FIELD_MISSING"));
    }
    match decision.outcome {
        DisputeOutcome::Upheld if !decision.lines.is_empty() => faults.push(Fault::at("/lines", "FIELD_NOT_FOR_THIS_KIND")),
        DisputeOutcome::Changed if decision.lines.is_empty() => faults.push(Fault::at("/lines", "FIELD_MISSING")),
        DisputeOutcome::Upheld | DisputeOutcome::Changed => {}
    }
    let before: Vec<Rupiah> = parts.lines.iter().map(|line| line.payable_amount).collect();
    for (at, given) in decision.lines.iter().enumerate() {
        faults.extend(line_fault(parts, &decision.lines, at));
        let Some(line) = parts.lines.iter_mut().find(|line| line.line == given.line) else { continue };
        if !dispute.lines.iter().any(|line| line.line == given.line) {
            faults.push(Fault::at(format!("/lines/{at}/line"), "LINE_NOT_DISPUTED"));
        }
        if given.reason_code.is_none() {
            faults.push(Fault::at(format!("/lines/{at}/reason_code"), "REASON_NEEDED"));
        }
        (line.payable_amount, line.reason_code) = (given.approved_amount, given.reason_code);
    }
    let unchanged = parts.lines.iter().map(|line| line.payable_amount).eq(before);
    if faults.is_empty() && unchanged && decision.outcome == DisputeOutcome::Changed {
        faults.push(Fault::at("/lines", "NOTHING_CHANGED"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
