//! What verifiers do: take a claim, so that no two decide it, and decide it line by line, or send it back. Who handed it in or decided it before does not.

use super::{Told, after, complete, held, settle, tell_verifier as tell};
use crate::context::Context;
use crate::domain::claims::{ClaimAction, ClaimState, Clocks, ReasonCode};
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::domain::rule_sets::RuleSet;
use crate::domain::rupiah::Rupiah;
use crate::domain::text_enum::text_enum;
use crate::error::{Code, Error, Fault, Result};
use crate::service::App;
use crate::service::changes;
use crate::service::idempotency::Once;
use crate::store::audit::Event;
use crate::store::claim_parts::{self, ClaimAdjustment};
use crate::store::claims::{self, Claim, Terms};
use crate::store::db::{Db, Tx};
use crate::store::gate::Priority;
use crate::store::reading::read;

text_enum! {
    DecisionKind {
        Approve = "approve", ApprovePartial = "approve_partial", Reject = "reject",
        /// Back to the hospital, to be mended.
        Return = "return",
    }
}

pub struct LineDecision {
    pub line: i32,
    pub approved_amount: Rupiah,
    pub reason_code: Option<ReasonCode>,
}

pub struct Decision {
    pub kind: DecisionKind,
    pub reason_code: Option<ReasonCode>,
    pub note: Option<String>,
    pub lines: Vec<LineDecision>,
}

/// The claims that wait for a person, those first where a look could save most.
pub fn queue(db: &mut Db, context: &Context, limit: i64) -> Result<Vec<(Claim, Terms)>> {
    read(db, Event::new(context, "claims.queued"), |db, reading| {
        let rows = claims::to_review(db, limit)?;
        reading.shows(rows.iter().map(|(claim, _)| claim.participant_id));
        Ok(rows)
    })
}

/// Holds a claim for whoever looks at it.
pub fn take(db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut claim = held(tx, caller, id)?;
        let terms = claims::terms(tx, id)?;
        refuse_own(tx, &claim, &terms, caller)?;
        if claim.state == ClaimState::InVerification {
            return Err(Error::refused(Code::TakenByAnother));
        }
        claim.state = after(&claim, ClaimAction::Take)?;
        claim.taken_by = Some(caller.user_id);
        claims::update(tx, &mut claim, &terms, context.now)?;
        noted(tx, context, &claim, ClaimAction::Take, (None, None))?;
        tell(tx, claim, terms)
    })
}

/// Lets it go undecided. An admin does it for somebody who cannot any more.
pub fn release(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut claim = held(tx, caller, id)?;
        let mut terms = claims::terms(tx, id)?;
        claim.state = after(&claim, ClaimAction::Release)?;
        if caller.role != Role::Admin {
            refuse_others(&claim, caller)?;
        }
        claim.taken_by = None;
        let rules = app.city.rule_sets.by_code(&terms.rule_set).ok_or_else(|| Error::internal("a claim of rules that are gone"))?;
        complete(&mut terms, context, &Clocks::new(&rules.claims), app.city.today(context.now));
        claims::update(tx, &mut claim, &terms, context.now)?;
        noted(tx, context, &claim, ClaimAction::Release, (None, None))?;
        tell(tx, claim, terms)
    })
}

/// Nobody decides what they handed in, nor once more what they decided themselves: an objection, or what has turned out otherwise.
pub(super) fn refuse_own(tx: &mut Tx, claim: &Claim, terms: &Terms, caller: &Caller) -> Result<()> {
    let own = claim.created_by == caller.user_id || terms.submitted_by == Some(caller.user_id);
    let looked_at_again = matches!(claim.state, ClaimState::Disputed | ClaimState::Recheck);
    let again = looked_at_again && claim_parts::decided_before(tx, claim.id, caller.user_id, terms.first_decided_by)?;
    if own || again { Err(Error::refused(Code::DecidesOwnRequest)) } else { Ok(()) }
}

fn refuse_others(claim: &Claim, caller: &Caller) -> Result<()> {
    if claim.taken_by.is_some_and(|by| by != caller.user_id) { Err(Error::refused(Code::TakenByAnother)) } else { Ok(()) }
}

fn noted(tx: &mut Tx, context: &Context, claim: &Claim, action: ClaimAction, said: (Option<ReasonCode>, Option<&str>)) -> Result<()> {
    claim_parts::note(tx, context, (claim.id, claim.state), action, said)?;
    let kind = match action {
        ClaimAction::Take => "claim.taken",
        ClaimAction::Release => "claim.released",
        ClaimAction::FirstApproval => "claim.first_approved",
        _ => "claim.decided",
    };
    let event = Event::new(context, kind).object(claim.id).about([claim.participant_id]).with("action", action).with("state", claim.state);
    tx.record(event.tells(changes::of_claim(claim, action)));
    Ok(())
}

/// Decides a claim. Without lines the amounts of the adjudication stand; a line that is named has the amount that
/// is given, and never more than was asked.
pub fn decide(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, decision: &Decision, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut claim = held(tx, caller, id)?;
        let mut terms = claims::terms(tx, id)?;
        if claim.state == ClaimState::Disputed {
            return Err(Error::refused(Code::DisputeHasItsOwnDecision));
        }
        refuse_own(tx, &claim, &terms, caller)?;
        refuse_others(&claim, caller)?;
        let rules = app.city.rule_sets.by_code(&terms.rule_set).ok_or_else(|| Error::internal("a claim of rules that are gone"))?;
        let (today, clocks) = (app.city.today(context.now), Clocks::new(&rules.claims));
        if matches!(decision.kind, DecisionKind::Reject | DecisionKind::Return) && !decision.lines.is_empty() {
            return Err(Fault::at("/lines", "FIELD_NOT_FOR_THIS_KIND").into());
        }
        let said = (decision.reason_code, decision.note.as_deref());
        if decision.kind == DecisionKind::Return {
            let was = claim.state;
            claim.state = after(&claim, ClaimAction::Return)?;
            reason(decision)?;
            super::money::unbilled(tx, context, &claim, was, today)?;
            claim.taken_by = None;
            (terms.complete_by, terms.pay_by, terms.completed_at, terms.fix_by) = (None, None, None, Some(clocks.fix_by(today)));
            terms.recoverable_amount = Rupiah::ZERO;
            (terms.first_decided_by, terms.first_decided_amount) = (None, None);
            claims::update(tx, &mut claim, &terms, context.now)?;
            noted(tx, context, &claim, ClaimAction::Return, said)?;
            return tell(tx, claim, terms);
        }
        let action = judged(tx, &mut claim, decision)?;
        if needs_another(rules, &claim, &terms, action, caller)? {
            claim.state = after(&claim, ClaimAction::FirstApproval)?;
            claim.taken_by = None;
            (terms.first_decided_by, terms.first_decided_amount) = (Some(caller.user_id), Some(claim.payable_amount));
            complete(&mut terms, context, &clocks, today);
            claims::update(tx, &mut claim, &terms, context.now)?;
            noted(tx, context, &claim, ClaimAction::FirstApproval, said)?;
            return tell(tx, claim, terms);
        }
        claim.state = after(&claim, action)?;
        complete(&mut terms, context, &clocks, today);
        settle(tx, context, (&mut claim, &mut terms), &clocks, today)?;
        terms.decided_by = Some(caller.user_id);
        claims::update(tx, &mut claim, &terms, context.now)?;
        noted(tx, context, &claim, action, said)?;
        tell(tx, claim, terms)
    })
}

/// A large amount is not one person's word. Who comes second may approve as much as the first, or less; more is a first word again.
pub(super) fn needs_another(rules: &RuleSet, claim: &Claim, terms: &Terms, action: ClaimAction, caller: &Caller) -> Result<bool> {
    let is_large = rules.claims.second_decision_above.is_some_and(|limit| claim.payable_amount > limit);
    if action == ClaimAction::Reject || !is_large {
        return Ok(false);
    }
    match (terms.first_decided_by, terms.first_decided_amount) {
        (Some(first), _) if first == caller.user_id => Err(Error::refused(Code::SecondDecisionByAnother)),
        (Some(_), Some(amount)) => Ok(claim.payable_amount > amount),
        (Some(_), None) | (None, _) => Ok(true),
    }
}

fn reason(decision: &Decision) -> Result<ReasonCode> {
    decision.reason_code.ok_or_else(|| Fault::at("/reason_code", "REASON_NEEDED").into())
}

/// What is wrong with a line whatever is decided: named twice, not there, or of more than was asked.
pub(super) fn line_fault(parts: &claim_parts::Parts, lines: &[LineDecision], at: usize) -> Option<Fault> {
    let given = lines.get(at)?;
    if lines[..at].iter().any(|other| other.line == given.line) {
        return Some(Fault::at(format!("/lines/{at}/line"), "LINE_TWICE"));
    }
    match parts.lines.iter().find(|line| line.line == given.line) {
        None => Some(Fault::at(format!("/lines/{at}/line"), "LINE_UNKNOWN")),
        Some(line) if given.approved_amount < Rupiah::ZERO || given.approved_amount > line.claimed_amount => {
            Some(Fault::at(format!("/lines/{at}/approved_amount"), "ABOVE_CLAIMED").with("limit", line.claimed_amount))
        }
        Some(_) => None,
    }
}

/// What a decision is, by its amounts.
pub(super) fn outcome(claim: &Claim) -> ClaimAction {
    match claim.payable_amount {
        Rupiah::ZERO => ClaimAction::Reject,
        payable if payable < claim.claimed_amount => ClaimAction::ApprovePartly,
        _ => ClaimAction::Approve,
    }
}

/// Puts the amounts of a decision into the lines, and tells what it is.
fn judged(tx: &mut Tx, claim: &mut Claim, decision: &Decision) -> Result<ClaimAction> {
    let mut parts = claim_parts::of(tx, claim.id)?;
    if decision.kind == DecisionKind::Reject {
        let why = reason(decision)?;
        for line in &mut parts.lines {
            (line.payable_amount, line.reason_code) = (Rupiah::ZERO, Some(why));
        }
    }
    let mut faults = Vec::new();
    for (at, given) in decision.lines.iter().enumerate() {
        if let Some(fault) = line_fault(&parts, &decision.lines, at) {
            faults.push(fault);
            continue;
        }
        let Some(line) = parts.lines.iter_mut().find(|line| line.line == given.line) else { continue };
        let reason = given.reason_code.or(decision.reason_code);
        // What is more than the adjudication allows, or less, has its reason.
        if given.approved_amount != line.payable_amount && reason.is_none() {
            faults.push(Fault::at(format!("/lines/{at}/reason_code"), "REASON_NEEDED"));
        }
        (line.payable_amount, line.reason_code) = (given.approved_amount, reason.or(line.reason_code));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    rebalance(claim, &mut parts);
    claim_parts::update_lines(tx, &parts.lines)?;
    claim_parts::replace_adjustments(tx, claim.id, &parts.adjustments)?;
    let action = outcome(claim);
    match (decision.kind, action) {
        (DecisionKind::Approve, ClaimAction::Reject) | (DecisionKind::ApprovePartial, ClaimAction::Reject) => {
            Err(Fault::at("/decision", "NOTHING_APPROVED").into())
        }
        (DecisionKind::Approve | DecisionKind::ApprovePartial | DecisionKind::Reject | DecisionKind::Return, _) => Ok(action),
    }
}

/// What is asked less the adjustments is what is paid, also after a person decided: the edits' cuts of a line that was decided otherwise give way to one
/// under the reason of whoever decided.
pub(super) fn rebalance(claim: &mut Claim, parts: &mut claim_parts::Parts) {
    let mut adjustments = Vec::new();
    for line in &parts.lines {
        let cuts: Vec<&ClaimAdjustment> = parts.adjustments.iter().filter(|cut| cut.line == line.line).collect();
        let cut: i64 = cuts.iter().map(|cut| cut.amount.0).sum();
        let difference = line.claimed_amount.0 - line.payable_amount.0;
        if cut == difference {
            adjustments.extend(cuts.into_iter().cloned());
        } else if difference != 0 {
            let source = line.reason_code.map_or("", ReasonCode::as_str).to_owned();
            adjustments.push(ClaimAdjustment { claim_id: claim.id, position: 0, line: line.line, source, step: None, amount: Rupiah(difference) });
        }
    }
    for (position, cut) in (0..).zip(&mut adjustments) {
        cut.position = position;
    }
    parts.adjustments = adjustments;
    claim.payable_amount = Rupiah::sum(parts.lines.iter().map(|line| line.payable_amount)).unwrap_or(claim.payable_amount);
}
