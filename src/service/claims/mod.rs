//! Claims: submitted by the hospital, judged at once by all edits, decided by themselves where nothing speaks against them, and by a person where something
//! does.

mod back_tests;
mod batches;
mod clocks;
mod course;
mod decisions;
mod disputes;
mod evidence;
mod judging;
mod known;
mod money;
mod replays;
mod statistics;

use std::sync::Arc;

use chrono::Datelike;

use super::App;
use super::changes;
use super::idempotency::Once;
use crate::context::Context;
use crate::domain::adjudication::{Adjudication, EditOutcome, Verdict};
use crate::domain::budget::Pot;
use crate::domain::claims::{Bill, ClaimAction, ClaimState, Clocks, DiagnosisKind, LineState};
use crate::domain::facilities::Facility;
use crate::domain::id::Id;
use crate::domain::letters::LetterAction;
use crate::domain::roles::{Caller, Role};
use crate::domain::rule_sets::RuleSet;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::claim_disputes::{self, Dispute};
use crate::store::claim_parts::{self, ClaimAdjustment, ClaimCode, ClaimEvent, ClaimHit, ClaimLine, Parts};
use crate::store::claims::{self, Claim, Filter, InTheWay, Terms};
use crate::store::db::{Db, Tx, rehearse};
use crate::store::gate::Priority;
use crate::store::letters::LetterEvent;
use crate::store::new_claims::NewClaim;
use crate::store::reading::{Reading, read};
use crate::store::{documents, letters, messages};

pub use back_tests::{Past, look_back};
pub use batches::submit_many;
pub use clocks::settle_due;
pub use course::{hand_in_last, replace, resubmit, withdraw};
pub use decisions::{Decision, DecisionKind, LineDecision, decide, queue, release, take};
pub use disputes::{DisputeDecision, Objection, decide_dispute, dispute};
pub use evidence::{Evidence, Link, evidence, papers};
use judging::{Ground, Judged, judge};
pub use judging::{jkn_days, jkn_periods};
use known::{Known, Occasion, Together, grounds, refuse_strange};
pub use replays::{Replay, replay};
pub use statistics::count as count_statistics;

/// What a hospital sends.
pub struct Submission {
    pub bill: Bill,
    pub letter_number: Option<String>,
    pub check_id: Option<Id>,
    pub replaces_claim_id: Option<Id>,
    /// False for a draft, which is judged and not handed in.
    pub submit: bool,
}

/// A claim as it is told to who may read it.
#[derive(Clone)]
pub struct Told {
    pub claim: Claim,
    pub terms: Terms,
    pub parts: Parts,
    pub letter_number: Option<String>,
    /// Since when the participant has said that this care was not theirs.
    pub denied_at: Option<UtcTime>,
    pub events: Vec<(ClaimEvent, Option<String>)>,
    pub dispute: Option<Dispute>,
}

impl Told {
    /// What an edit in the shadow would have done is for verifiers, who may come to see whether it is right; nobody is to be judged by it.
    fn to(mut self, role: Role) -> Self {
        if role != Role::Verifier {
            self.parts.hits.retain(|hit| !hit.shadow);
        }
        self
    }
}

fn own_facility(app: &App, caller: &Caller) -> Result<Arc<Facility>> {
    caller.facility_id.and_then(|id| app.memory.facility(id)).ok_or_else(|| Error::refused(Code::FacilityRequired))
}

/// Its own facility's, and whoever looks at, pays or audits all.
fn sees(caller: &Caller, claim: &Claim) -> bool {
    match caller.role {
        Role::Admin | Role::Auditor | Role::Verifier | Role::Finance => true,
        Role::Hospital | Role::Clinic | Role::Registrar | Role::Manager | Role::Dpo => caller.facility_id == Some(claim.facility_id),
    }
}

/// The claim of a change, held for it.
fn held(tx: &mut Tx, caller: &Caller, id: Id) -> Result<Claim> {
    claims::lock(tx, id)?.filter(|claim| sees(caller, claim)).ok_or_else(|| Error::refused(Code::NotFound))
}

/// The state after an action, or a refusal that names the state.
fn after(claim: &Claim, action: ClaimAction) -> Result<ClaimState> {
    claim.state.after(action).ok_or_else(|| Error::conflict(Code::ClaimState, serde_json::json!({ "state": claim.state })))
}

/// What would come of a claim, as if it were handed in now; nothing is stored.
pub fn dry_run(app: &App, db: &mut Db, context: &Context, caller: &Caller, submission: &Submission) -> Result<Told> {
    let facility = own_facility(app, caller)?;
    let told = rehearse(db, Priority::People, |tx| place_one(app, tx, context, (caller, &facility), submission))?;
    read(db, Event::new(context, "claim.rehearsed"), |_, reading| {
        reading.shows([told.claim.participant_id]);
        Ok(())
    })?;
    Ok(told)
}

/// What a claim takes the place of is an ended claim of the same hospital and person, and what is handed in takes the place of none that another took.
fn refuse_wrongly_replaced(tx: &mut Tx, facility: &Facility, ground: &Ground, (id, submission): (Id, &Submission)) -> Result<()> {
    let Some(replaced) = submission.replaces_claim_id else { return Ok(()) };
    let is_same = |old: &Claim| old.id != id && old.facility_id == facility.id && ground.records.contains(&old.participant_id);
    if claims::find(tx, replaced)?.filter(|old| is_same(old) && !old.state.is_live()).is_none() {
        return Err(Fault::at("/replaces_claim_id", "REPLACED_CLAIM_UNKNOWN").into());
    }
    if submission.submit && claims::handed_in_for(tx, replaced, id)? {
        return Err(Fault::at("/replaces_claim_id", "REPLACED_ALREADY").into());
    }
    Ok(())
}

/// Stores a claim and, unless it is a draft, hands it in.
pub fn submit(app: &App, db: &mut Db, context: &Context, caller: &Caller, submission: &Submission, once: &Once<'_, Told>) -> Result<Told> {
    let facility = own_facility(app, caller)?;
    once.write(db, Priority::People, |tx| place_one(app, tx, context, (caller, &facility), submission))
}

/// What a claim alone rests on.
fn ground(tx: &mut Tx, facility: &Facility, submission: &Submission) -> Result<Ground> {
    grounds(tx, facility, &[submission])?.pop().ok_or_else(|| Error::internal("a claim without a ground"))?
}

fn place_one(app: &App, tx: &mut Tx, context: &Context, (caller, facility): (&Caller, &Arc<Facility>), submission: &Submission) -> Result<Told> {
    let ground = ground(tx, facility, submission)?;
    let mut known = Known::read(app, tx, facility, Occasion::New, &[(&submission.bill, &ground)])?;
    let mut together = Together::new(app, context, facility.id);
    let told = place(app, tx, context, (caller, facility), (submission, &ground), (&mut known, &mut together))?;
    together.store(tx)?;
    Ok(told)
}

/// Judges a new claim and stores its own row; what hangs on it is left to be stored with that of the others.
fn place(
    app: &App,
    tx: &mut Tx,
    context: &Context,
    (caller, facility): (&Caller, &Arc<Facility>),
    (submission, ground): (&Submission, &Ground),
    (known, together): (&mut Known, &mut Together),
) -> Result<Told> {
    let today = app.city.today(context.now);
    let bill = &submission.bill;
    let id = context.new_id();
    let amount = || Error::from(Fault::at("/lines", "AMOUNT_TOO_LARGE"));
    let mut claim = Claim {
        id,
        version: 1,
        number: String::new(),
        revision: 1,
        state: ClaimState::Draft,
        facility_id: facility.id,
        facility_claim_number: bill.facility_claim_number.clone(),
        participant_id: ground.person,
        letter_id: ground.letter.as_ref().map(|letter| letter.id),
        check_id: ground.check.id,
        care_type: bill.care_type,
        admitted_on: bill.admitted_on,
        discharged_on: bill.discharged_on,
        discharge_status: bill.discharge_status,
        ward_class: bill.ward_class,
        principal_diagnosis: bill.principal().map(ToString::to_string),
        budget_year: bill.admitted_on.year(),
        pot: Pot::of(facility),
        claimed_amount: bill.claimed().map_err(|_| amount())?,
        tariff_amount: Rupiah::ZERO,
        hospital_cost: bill.hospital_cost().map_err(|_| amount())?,
        payable_amount: Rupiah::ZERO,
        approved_amount: Rupiah::ZERO,
        paid_amount: Rupiah::ZERO,
        late: false,
        replaces_claim_id: submission.replaces_claim_id,
        taken_by: None,
        created_by: caller.user_id,
        created_at: context.now,
        updated_at: context.now,
    };
    refuse_wrongly_replaced(tx, facility, ground, (id, submission))?;
    let judged = judge(app, tx, context, (facility, ground, known), bill, (Some(id), None))?;
    let rules = app.city.rule_sets.by_code(&judged.rule_set).ok_or_else(|| Error::internal("a rule set that judged is gone"))?;
    if !rules.claims.paid_kinds.contains(&facility.kind) {
        return Err(Error::refused(Code::NotPaidByClaim));
    }
    let mut terms = terms(id, &judged, rules, bill);
    let mut parts = parts(id, bill, &judged.adjudication);
    measure(&mut claim, &parts, &judged.adjudication);
    claim.number = format!("CLM-{}-{}-{:06}", app.city.number_prefix, today.year(), together.numbers.next(tx)?);
    tx.record(Event::new(context, "claim.told").object(id).about([ground.person]).with("number", &claim.number).with("revision", claim.revision));
    let (mut steps, mut billed) = (Vec::new(), None);
    if submission.submit {
        (steps, billed) =
            hand_in(app, tx, context, (caller, ClaimAction::Submit), (&mut claim, &mut terms, &mut parts.lines), (&judged, ground), rules)?;
        // Told and handed in, as if one came after the other.
        claim.version += 1;
    }
    claims::insert(tx, &claim)?;
    refuse_in_the_way(tx, &claim)?;
    if claim.state == ClaimState::Rejected {
        claims::vacate(tx, id)?;
    }
    refuse_strange(known.papers(), facility.id, &bill.document_ids)?;
    let note = bill.note.clone().filter(|_| !steps.is_empty());
    let events = claim_parts::begin_story(tx, context, id, (&steps, note.as_deref()))?;
    let judged_by = judged.judged_by(app)?;
    let new = NewClaim { claim: &claim, terms: &terms, parts: &parts, events: &events, bill, case: &judged.case, judged_by };
    together.waiting.add(tx, context, &new, billed)?;
    known.now_there(&claim, &bill.document_ids);
    // As they are read: in the order of their numbers.
    parts.lines.sort_by_key(|line| line.line);
    let told = Told {
        letter_number: ground.letter.as_ref().map(|letter| letter.number.clone()),
        denied_at: known.denied_since(claim.letter_id),
        claim,
        terms,
        parts,
        // What was said stands with the first.
        events: events.into_iter().zip(std::iter::once(note).chain(std::iter::repeat(None))).collect(),
        dispute: None,
    };
    Ok(told.to(Role::Hospital))
}

/// The claim is the city's now: decided by itself where nothing speaks against it. Tells what was done with it and with its letter; these rows are left to the
/// caller.
fn hand_in(
    app: &App,
    tx: &mut Tx,
    context: &Context,
    (caller, action): (&Caller, ClaimAction),
    (claim, terms, lines): (&mut Claim, &mut Terms, &mut [ClaimLine]),
    (judged, ground): (&Judged, &Ground),
    rules: &RuleSet,
) -> Result<(Vec<(ClaimAction, ClaimState)>, Option<LetterEvent>)> {
    let (today, clocks) = (app.city.today(context.now), Clocks::new(&rules.claims));
    let last_day = claim.discharged_on.unwrap_or(claim.admitted_on);
    claim.state = after(claim, action)?;
    if terms.submitted_at.is_none() {
        claim.late = clocks.is_late(last_day, today);
    }
    terms.submitted_at = terms.submitted_at.or(Some(context.now));
    terms.submitted_by = Some(caller.user_id);
    (terms.complete_by, terms.fix_by) = (Some(clocks.complete_by(today)), None);
    let mut steps = vec![(action, claim.state)];
    let used = money::billed(tx, context, claim, ground.letter.as_ref(), today)?;
    let lacks_papers = judged.adjudication.hits.iter().any(|hit| !hit.shadow && hit.outcome == EditOutcome::Pend && hit.edit == "ING_DOCS_MISSING");
    let next = match judged.adjudication.verdict {
        // Whether the papers are complete is for a person to say, or for the clock.
        Verdict::Pend if lacks_papers => None,
        Verdict::Pend => Some(ClaimAction::Complete),
        Verdict::Reject => Some(ClaimAction::Reject),
        Verdict::Pay if judged.adjudication.payable < claim.claimed_amount => Some(ClaimAction::ApprovePartly),
        Verdict::Pay => Some(ClaimAction::Approve),
    };
    if let Some(next) = next {
        complete(terms, context, &clocks, today);
        claim.state = after(claim, next)?;
        steps.push((next, claim.state));
        match judged.adjudication.verdict {
            Verdict::Pend => {}
            Verdict::Reject | Verdict::Pay => stand(tx, context, (claim, terms, lines), &clocks, today)?,
        }
    }
    let event = Event::new(context, "claim.handed_in").object(claim.id).about([claim.participant_id]);
    let event = event.with("state", claim.state).with("claimed", claim.claimed_amount).with("payable", claim.payable_amount);
    let event = event.tells(used.iter().flat_map(|(letter, _)| changes::of_letter(letter, LetterAction::Bill)));
    tx.record(event.tells(changes::of_claim(claim, action)));
    Ok((steps, used.map(|(_, event)| event)))
}

/// From here the clock of the payment runs.
fn complete(terms: &mut Terms, context: &Context, clocks: &Clocks<'_>, today: chrono::NaiveDate) {
    terms.complete_by = None;
    if terms.completed_at.is_none() {
        (terms.completed_at, terms.pay_by) = (Some(context.now), Some(clocks.pay_by(today)));
    }
}

/// A decision of a stored claim stands.
fn settle(tx: &mut Tx, context: &Context, (claim, terms): (&mut Claim, &mut Terms), clocks: &Clocks<'_>, today: chrono::NaiveDate) -> Result<()> {
    let mut lines = claim_parts::of(tx, claim.id)?.lines;
    stand(tx, context, (claim, terms, &mut lines), clocks, today)?;
    claim_parts::update_lines(tx, &lines)?;
    if claim.state == ClaimState::Rejected {
        claims::vacate(tx, claim.id)?;
    }
    Ok(())
}

/// Its amounts are those of the lines, and the budget follows.
fn stand(
    tx: &mut Tx,
    context: &Context,
    (claim, terms, lines): (&mut Claim, &mut Terms, &mut [ClaimLine]),
    clocks: &Clocks<'_>,
    today: chrono::NaiveDate,
) -> Result<()> {
    let (before, was_decided) = (claim.approved_amount, terms.decided_at.is_some());
    for line in lines {
        line.approved_amount = line.payable_amount;
        line.state = match line.payable_amount {
            Rupiah::ZERO if line.claimed_amount != Rupiah::ZERO => LineState::Rejected,
            payable if payable < line.claimed_amount => LineState::Reduced,
            _ => LineState::Approved,
        };
    }
    claim.approved_amount = claim.payable_amount;
    claim.taken_by = None;
    terms.decided_at = Some(context.now);
    (terms.first_decided_by, terms.first_decided_amount) = (None, None);
    terms.recoverable_amount = Rupiah::ZERO;
    terms.dispute_by = (claim.approved_amount < claim.claimed_amount).then(|| clocks.dispute_by(today));
    if was_decided { money::decided_again(tx, context, claim, before, today) } else { money::decided(tx, context, claim, today) }
}

fn refuse_in_the_way(tx: &mut Tx, claim: &Claim) -> Result<()> {
    let (code, id) = match claims::occupy(tx, claim)? {
        None => return Ok(()),
        Some(InTheWay::Number(id)) => (Code::ClaimNumberInUse, id),
        Some(InTheWay::Ground(id)) => (Code::AlreadyBilled, id),
    };
    let other = claims::find(tx, id)?.ok_or_else(|| Error::internal("a live claim that is not there"))?;
    // Whoever is in the way is this hospital's own: its number and its letters are.
    Err(Error::conflict(code, serde_json::json!({ "id": other.id, "number": other.number, "state": other.state })))
}

/// Puts papers behind a claim that is stored.
fn attach(tx: &mut Tx, context: &Context, claim: &Claim, wanted: &[Id]) -> Result<()> {
    let held = documents::lock_many(tx, wanted)?.into_iter().map(|document| (document.id, document)).collect();
    refuse_strange(&held, claim.facility_id, wanted)?;
    documents::attach(tx, (claim.id, claim.participant_id), wanted, context.now)
}

fn terms(id: Id, judged: &Judged, rules: &RuleSet, bill: &Bill) -> Terms {
    Terms {
        claim_id: id,
        rule_set: judged.rule_set.clone(),
        rule_date: judged.rule_date,
        tariff_schedule_id: judged.schedule,
        tariff_date: bill.admitted_on,
        contract_id: judged.contract,
        payment_percent: judged.payment_percent,
        submitted_at: None,
        submitted_by: None,
        completed_at: None,
        decided_at: None,
        decided_by: None,
        complete_by: None,
        fix_by: None,
        pay_by: None,
        dispute_by: None,
        expires_on: Clocks::new(&rules.claims).expires_on(bill.last_day()),
        disputes: 0,
        sampled: judged.sampled,
        recoverable_amount: judged.recoverable,
        first_decided_by: None,
        first_decided_amount: None,
    }
}

fn parts(id: Id, bill: &Bill, adjudication: &Adjudication) -> Parts {
    let position = |at: usize| i32::try_from(at).unwrap_or(i32::MAX);
    let lines = bill.lines.iter().zip(&adjudication.lines).map(|(line, judged)| ClaimLine {
        claim_id: id,
        line: line.line,
        state: LineState::Pending,
        tariff_code: line.tariff_code.clone(),
        service_date: line.date,
        quantity: line.quantity,
        claimed_amount: line.claimed_amount,
        tariff_amount: judged.tariff_amount,
        hospital_cost: line.hospital_cost,
        payable_amount: judged.payable,
        approved_amount: Rupiah::ZERO,
        paid_amount: Rupiah::ZERO,
        reason_code: None,
    });
    let diagnoses = bill.diagnoses.iter().map(|diagnosis| {
        let kind = match diagnosis.kind {
            DiagnosisKind::Principal => "principal",
            DiagnosisKind::Secondary => "secondary",
        };
        (kind, diagnosis.code.to_string(), None)
    });
    let procedures = bill.procedures.iter().map(|procedure| ("procedure", procedure.code.to_string(), Some(procedure.date)));
    let codes = diagnoses.chain(procedures).enumerate().map(|(at, (kind, code, service_date))| ClaimCode {
        claim_id: id,
        position: position(at),
        kind: kind.to_owned(),
        code,
        service_date,
    });
    let adjustments = adjudication.adjustments.iter().enumerate().map(|(at, cut)| ClaimAdjustment {
        claim_id: id,
        position: position(at),
        line: cut.line,
        source: cut.edit.clone(),
        step: cut.step.map(|step| step.as_str().to_owned()),
        amount: cut.amount,
    });
    Parts {
        lines: lines.collect(),
        codes: codes.collect(),
        hits: adjudication.hits.iter().enumerate().map(|(at, hit)| ClaimHit::of(id, position(at), hit)).collect(),
        adjustments: adjustments.collect(),
    }
}

fn measure(claim: &mut Claim, parts: &Parts, adjudication: &Adjudication) {
    // Each is a sum of at most as many lines as a bill has, each far from what an i64 holds.
    claim.tariff_amount = Rupiah::sum(parts.lines.iter().filter_map(|line| line.tariff_amount)).unwrap_or(Rupiah(i64::MAX));
    claim.payable_amount = adjudication.payable;
}

/// To a hospital, within a change, whose event tells of the patient.
fn tell(tx: &mut Tx, claim: Claim, terms: Terms) -> Result<Told> {
    tell_verifier(tx, claim, terms).map(|told| told.to(Role::Hospital))
}

/// The same to those who also see what edits in the shadow would have done.
fn tell_verifier(tx: &mut Tx, claim: Claim, terms: Terms) -> Result<Told> {
    let mut reading = Reading::within(tx);
    open(tx, &mut reading, claim, terms)
}

fn open(db: &mut Db, reading: &mut Reading, claim: Claim, terms: Terms) -> Result<Told> {
    reading.shows([claim.participant_id]);
    let letter_number = match claim.letter_id {
        Some(id) => letters::find(db, id)?.map(|letter| letter.number),
        None => None,
    };
    let parts = claim_parts::of(db, claim.id)?;
    let events = claim_parts::events(db, claim.id)?.into_iter().map(|event| event.note(db).map(|note| (event, note))).collect::<Result<_>>()?;
    let denied_at = messages::denied_since(db, claim.letter_id, Some(claim.id))?;
    let dispute = if terms.disputes > 0 { claim_disputes::of_claim(db, claim.id)? } else { None };
    Ok(Told { claim, terms, parts, letter_number, denied_at, events, dispute })
}

pub fn show(db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Told> {
    read(db, Event::new(context, "claim.read").object(id), |db, reading| {
        let claim = claims::find(db, id)?.filter(|claim| sees(caller, claim)).ok_or_else(|| Error::refused(Code::NotFound))?;
        let terms = claims::terms(db, id)?;
        open(db, reading, claim, terms).map(|told| told.to(caller.role))
    })
}

/// What the hospital said in a revision.
pub fn revision(db: &mut Db, context: &Context, caller: &Caller, id: Id, revision: i32) -> Result<claim_parts::Revision> {
    read(db, Event::new(context, "claim.revision_read").object(id).with("revision", revision), |db, reading| {
        let claim = claims::find(db, id)?.filter(|claim| sees(caller, claim)).ok_or_else(|| Error::refused(Code::NotFound))?;
        reading.shows([claim.participant_id]);
        claim_parts::revision(db, id, revision)?.ok_or_else(|| Error::refused(Code::NotFound))
    })
}

/// A page of claims without the people in them, and one more if there is one.
pub fn list(db: &mut Db, context: &Context, caller: &Caller, filter: Filter, before: Option<Id>, limit: i64) -> Result<Vec<(Claim, Terms)>> {
    let own = match caller.role {
        Role::Admin | Role::Auditor | Role::Verifier | Role::Finance => None,
        Role::Hospital | Role::Clinic | Role::Registrar | Role::Manager | Role::Dpo => {
            Some(caller.facility_id.ok_or_else(|| Error::refused(Code::FacilityRequired))?)
        }
    };
    if own.is_some_and(|own| filter.facility_id.is_some_and(|asked| asked != own)) {
        return Ok(Vec::new());
    }
    let filter = Filter { facility_id: own.or(filter.facility_id), ..filter };
    read(db, Event::new(context, "claims.listed").with("filter", &filter), |db, reading| {
        let rows = claims::page(db, &filter, before, limit)?;
        let page = usize::try_from(limit).unwrap_or_default();
        reading.shows(rows.iter().take(page).map(|(claim, _)| claim.participant_id));
        Ok(rows)
    })
}
