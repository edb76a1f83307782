//! What the hospital does with a claim after it was told: sends it again, withdraws it, objects.

use std::sync::Arc;

use chrono::Datelike;

use super::known::{Known, Occasion};
use super::{Submission, Told, after, attach, hand_in, held, judge, measure, money, own_facility, parts, refuse_in_the_way, tell, terms};
use crate::context::Context;
use crate::domain::claims::{ClaimAction, ClaimState};
use crate::domain::facilities::Facility;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Fault, Result};
use crate::service::App;
use crate::service::changes;
use crate::service::idempotency::Once;
use crate::store::audit::Event;
use crate::store::claims::{Claim, Terms};
use crate::store::db::{Db, Tx, write};
use crate::store::gate::Priority;
use crate::store::{claim_parts, claims, letters};

/// The whole claim again: a draft that is changed, or handed in, or what was returned and is mended. It keeps its number.
pub fn resubmit(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, submission: &Submission, once: &Once<'_, Told>) -> Result<Told> {
    let facility = own_facility(app, caller)?;
    once.write(db, Priority::People, |tx| {
        let mut claim = open_to_hospital(tx, caller, id)?;
        claim.revision += 1;
        tell_again(app, tx, context, (caller, &facility), (claim, Words::New), submission)
    })
}

/// The same, if nobody changed it since it was read.
pub fn replace(app: &App, db: &mut Db, context: &Context, caller: &Caller, (id, version): (Id, i32), submission: &Submission) -> Result<Told> {
    let facility = own_facility(app, caller)?;
    write(db, Priority::People, |tx| {
        let mut claim = open_to_hospital(tx, caller, id)?;
        if claim.version != version {
            return Err(Error::refused(Code::IfMatchStale));
        }
        claim.revision += 1;
        tell_again(app, tx, context, (caller, &facility), (claim, Words::New), submission)
    })
}

/// Hands in what was told last, as it is.
pub fn hand_in_last(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Told>) -> Result<Told> {
    let facility = own_facility(app, caller)?;
    once.write(db, Priority::People, |tx| {
        let claim = open_to_hospital(tx, caller, id)?;
        let told = claim_parts::revision(tx, id, claim.revision)?.ok_or_else(|| Error::internal("a claim without its last revision"))?;
        let letter = claim.letter_id.map(|letter| letters::find(tx, letter)).transpose()?.flatten();
        let check_id = if letter.is_some() { None } else { Some(claim.check_id) };
        let submission = Submission {
            bill: told.bill,
            letter_number: letter.map(|letter| letter.number),
            check_id,
            replaces_claim_id: claim.replaces_claim_id,
            submit: true,
        };
        tell_again(app, tx, context, (caller, &facility), (claim, Words::Same), &submission)
    })
}

fn open_to_hospital(tx: &mut Tx, caller: &Caller, id: Id) -> Result<Claim> {
    let claim = held(tx, caller, id)?;
    if claim.state.is_open_to_hospital() { Ok(claim) } else { Err(Error::conflict(Code::ClaimState, serde_json::json!({ "state": claim.state }))) }
}

/// Whether the hospital says something else than the last time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    New,
    Same,
}

fn tell_again(
    app: &App,
    tx: &mut Tx,
    context: &Context,
    (caller, facility): (&Caller, &Arc<Facility>),
    (mut claim, words): (Claim, Words),
    submission: &Submission,
) -> Result<Told> {
    let id = claim.id;
    let old = claims::terms(tx, id)?;
    let ground = super::ground(tx, facility, submission)?;
    if ground.person != claim.participant_id && !ground.records.contains(&claim.participant_id) {
        return Err(Fault::at("/letter_number", "CLAIM_OF_ANOTHER").into());
    }
    super::refuse_wrongly_replaced(tx, facility, &ground, (id, submission))?;
    claim.replaces_claim_id = submission.replaces_claim_id;
    let bill = &submission.bill;
    // What comes back mended in time is not later than it was: it counts as received when it first was.
    let received_on = old.submitted_at.map(|at| app.city.today(at));
    let mut known = Known::read(app, tx, facility, Occasion::Again, &[(bill, &ground)])?;
    let judged = judge(app, tx, context, (facility, &ground, &mut known), bill, (Some(id), received_on))?;
    let rules = app.city.rule_sets.by_code(&judged.rule_set).ok_or_else(|| Error::internal("a rule set that judged is gone"))?;
    let amount = || Error::from(Fault::at("/lines", "AMOUNT_TOO_LARGE"));
    let letter_id = ground.letter.as_ref().map(|letter| letter.id);
    if let Some(left) = claim.letter_id.filter(|id| Some(*id) != letter_id) {
        // It is billed under another letter: what this one still keeps aside is free.
        crate::service::letters::unbilled(app, tx, context, left)?;
    }
    claim.facility_claim_number.clone_from(&bill.facility_claim_number);
    claim.participant_id = ground.person;
    claim.letter_id = letter_id;
    claim.check_id = ground.check.id;
    claim.care_type = bill.care_type;
    (claim.admitted_on, claim.discharged_on, claim.discharge_status) = (bill.admitted_on, bill.discharged_on, bill.discharge_status);
    claim.ward_class = bill.ward_class;
    claim.principal_diagnosis = bill.principal().map(ToString::to_string);
    claim.budget_year = bill.admitted_on.year();
    claim.claimed_amount = bill.claimed().map_err(|_| amount())?;
    claim.hospital_cost = bill.hospital_cost().map_err(|_| amount())?;
    let mut terms = Terms { disputes: old.disputes, submitted_at: old.submitted_at, completed_at: None, ..terms(id, &judged, rules, bill) };
    let mut parts = parts(id, bill, &judged.adjudication);
    measure(&mut claim, &parts, &judged.adjudication);
    claims::vacate(tx, id)?;
    refuse_in_the_way(tx, &claim)?;
    attach(tx, context, &claim, &bill.document_ids)?;
    judged.keep(app, tx, context, (id, claim.revision))?;
    if words == Words::New {
        claim_parts::keep(tx, context, id, (claim.revision, caller.user_id), bill)?;
        let told = Event::new(context, "claim.told").object(id).about([claim.participant_id]);
        tx.record(told.with("number", &claim.number).with("revision", claim.revision));
    }
    if submission.submit {
        let action = if claim.state.after(ClaimAction::Submit).is_some() { ClaimAction::Submit } else { ClaimAction::Resubmit };
        let (steps, billed) = hand_in(app, tx, context, (caller, action), (&mut claim, &mut terms, &mut parts.lines), (&judged, &ground), rules)?;
        letters::keep(tx, billed.as_slice())?;
        let mut said = bill.note.as_deref();
        for (action, state) in steps {
            // What the hospital says with it belongs to what it did itself, which is the first.
            claim_parts::note(tx, context, (id, state), action, (None, said.take()))?;
        }
        if claim.state == ClaimState::Rejected {
            claims::vacate(tx, id)?;
        }
    }
    claim_parts::replace(tx, id, &parts)?;
    claims::update(tx, &mut claim, &terms, context.now)?;
    tell(tx, claim, terms)
}

/// The hospital takes it back before anybody looks at it. Its letter and its number are free for another claim.
pub fn withdraw(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, reason: &str, once: &Once<'_, Told>) -> Result<Told> {
    own_facility(app, caller)?;
    once.write(db, Priority::People, |tx| {
        let mut claim = held(tx, caller, id)?;
        let (was, mut terms) = (claim.state, claims::terms(tx, id)?);
        claim.state = after(&claim, ClaimAction::Withdraw)?;
        let today = app.city.today(context.now);
        money::unbilled(tx, context, &claim, was, today)?;
        if let Some(mut letter) = claim.letter_id.map(|letter| letters::lock(tx, letter)).transpose()?.flatten() {
            // What was asked by mistake is not what the care will cost: the letter keeps what letters usually do.
            let rules = app.city.rule_sets.by_code(&terms.rule_set).ok_or_else(|| Error::internal("a claim of rules that are gone"))?;
            let usual = rules.letters.usual_amounts.get(&claim.care_type).copied().unwrap_or(letter.reserved_amount);
            let amount = usual.min(letter.reserved_amount);
            crate::service::letters::money::adjust(tx, context, &mut letter, amount, today)?;
            letters::update(tx, &mut letter, context.now)?;
        }
        (terms.complete_by, terms.fix_by, terms.pay_by) = (None, None, None);
        claims::vacate(tx, id)?;
        claims::update(tx, &mut claim, &terms, context.now)?;
        claim_parts::note(tx, context, (id, claim.state), ClaimAction::Withdraw, (None, Some(reason)))?;
        let event = Event::new(context, "claim.withdrawn").object(id).about([claim.participant_id]);
        tx.record(event.tells(changes::of_claim(&claim, ClaimAction::Withdraw)));
        tell(tx, claim, terms)
    })
}
