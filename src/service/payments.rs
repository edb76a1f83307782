//! Paying hospitals: one person of the finance office orders, another approves, and what the treasury has paid is settled. JKN is asked once more before.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{Datelike, Months, NaiveDate};

use super::App;
use super::bill_sheets::facility_asked;
use super::claims as billing;
use super::idempotency::Once;
use super::{changes, debts, ledger, messages, recoveries};
use crate::context::Context;
use crate::domain::budget::{Move, Posting, PostingKind, Pot};
use crate::domain::claims::{ClaimAction, ClaimState, ReasonCode};
use crate::domain::facilities::Facility;
use crate::domain::id::Id;
use crate::domain::payments::{BatchAction, BatchState, ItemState};
use crate::domain::recoveries::RepaymentState;
use crate::domain::roles::{Caller, Role};
use crate::domain::rupiah::Rupiah;
use crate::error::{Code, Error, Fault, Result, StorageFault};
use crate::store::audit::Event;
use crate::store::claims::{self, Claim};
use crate::store::db::{Db, Tx};
use crate::store::gate::Priority;
use crate::store::numbers::{self, NumberKind};
use crate::store::payments::{self, Batch, Item};
use crate::store::reading::read;
use crate::store::recoveries::{self as owed, Recovery, Repayment};
use crate::store::{claim_parts, eligibility_checks as checks};

/// So many claims are paid at once.
const MOST: i64 = 1_000;

pub struct Order {
    /// Any day of the last month of discharge that is to be paid.
    pub period: NaiveDate,
    pub pot: Pot,
    pub facility_ids: Vec<Id>,
    pub claim_ids: Vec<Id>,
}

/// A batch as it is told: what it pays, and what it holds back.
#[derive(Clone)]
pub struct Told {
    pub batch: Batch,
    pub items: Vec<(Item, Claim)>,
    /// What is kept back of what hospitals owe from payments before, with the claims for which they owe it.
    pub kept_back: Vec<(Repayment, Recovery, Claim)>,
    /// Claims that would have been paid, but for an active JKN membership on a day of care.
    pub held: Vec<Id>,
}

impl Told {
    /// What is paid; what was taken out of the batch is not.
    pub fn paying(&self) -> impl Iterator<Item = &(Item, Claim)> {
        self.items.iter().filter(|(item, _)| item.state != ItemState::Released)
    }

    /// What the treasury pays: the claims less what is kept back.
    pub fn net(&self) -> Option<Rupiah> {
        let kept = Rupiah::sum(self.keeping().map(|(repayment, ..)| repayment.amount)).ok()?;
        self.batch.total_amount.minus(kept).ok()
    }

    /// What is kept back; what was let go is not.
    pub fn keeping(&self) -> impl Iterator<Item = &(Repayment, Recovery, Claim)> {
        self.kept_back.iter().filter(|(repayment, ..)| repayment.state != RepaymentState::Released)
    }
}

fn after(batch: &Batch, action: BatchAction) -> Result<BatchState> {
    batch.state.after(action).ok_or_else(|| Error::conflict(Code::PaymentState, serde_json::json!({ "state": batch.state })))
}

/// Orders the payment of what is approved. Care that JKN has turned out to cover is held back and looked at again.
pub fn order(app: &App, db: &mut Db, context: &Context, caller: &Caller, order: &Order, once: &Once<'_, Told>) -> Result<Told> {
    let month = order.period.with_day(1).ok_or_else(|| Error::internal("a month without a first day"))?;
    let before = month.checked_add_months(Months::new(1)).ok_or_else(|| Fault::at("/period", "DATE_IN_FUTURE"))?;
    let today = app.city.today(context.now);
    if month > today {
        return Err(Fault::at("/period", "DATE_IN_FUTURE").into());
    }
    let id = context.new_id();
    once.write(db, Priority::People, |tx| {
        let (mut items, mut held, mut total) = (Vec::new(), Vec::new(), Rupiah::ZERO);
        for found in payments::payable(tx, order.pot, (before, today), (&order.facility_ids, &order.claim_ids), MOST)? {
            let Some(mut claim) = claims::lock(tx, found.id)? else { continue };
            let Some(state) = claim.state.after(ClaimAction::OrderPayment) else { continue };
            let terms = claims::terms(tx, claim.id)?;
            if is_double_funded(app, tx, &claim, &terms.rule_set)? {
                recheck(tx, context, &mut claim, &terms, ReasonCode::DoubleFunded)?;
                held.push(claim.id);
                continue;
            }
            claim.state = state;
            claims::update(tx, &mut claim, &terms, context.now)?;
            claim_parts::note(tx, context, (claim.id, claim.state), ClaimAction::OrderPayment, (None, None))?;
            let event = Event::new(context, "claim.payment_ordered").object(claim.id).about([claim.participant_id]).with("batch_id", id);
            tx.record(event.tells(changes::of_claim(&claim, ClaimAction::OrderPayment)));
            total = total.plus(claim.approved_amount).map_err(|_| Error::internal("a batch of more money than there is"))?;
            items.push(Item {
                batch_id: id,
                claim_id: claim.id,
                facility_id: claim.facility_id,
                amount: claim.approved_amount,
                state: ItemState::Ordered,
            });
        }
        let unknown = |id: &&Id| !held.contains(*id) && !items.iter().any(|item| item.claim_id == **id);
        let at = |id: &Id| order.claim_ids.iter().position(|one| one == id).unwrap_or_default();
        let faults: Vec<Fault> =
            order.claim_ids.iter().filter(unknown).map(|id| Fault::at(format!("/claim_ids/{}", at(id)), "CLAIM_NOT_PAYABLE")).collect();
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        if items.is_empty() && held.is_empty() {
            return Err(Error::refused(Code::NothingToPay));
        }
        let number = numbers::take(tx, NumberKind::Payment, today.year(), CITY_FINANCE)?;
        let batch = Batch {
            id,
            version: 1,
            number: format!("PAY-{}-{}-{number:06}", app.city.number_prefix, today.year()),
            // Where all was held back there is nothing to approve.
            state: if items.is_empty() { BatchState::Cancelled } else { BatchState::Proposed },
            period_month: month,
            pot: order.pot,
            total_amount: total,
            item_count: i32::try_from(items.len()).unwrap_or(i32::MAX),
            created_by: caller.user_id,
            created_at: context.now,
            approved_by: None,
            approved_at: None,
            settled_by: None,
            settled_at: None,
            paid_on: None,
            sp2d_number: None,
        };
        payments::insert(tx, &batch, &items)?;
        recoveries::keep_back(tx, context, caller.user_id, (id, order.pot), &by_facility(&items)?)?;
        let event = Event::new(context, "payment.ordered").object(id).with("number", &batch.number).with("total", total).with("held", held.len());
        tx.record(event.tells(changes::of_payment(&batch, "order", None)));
        Ok(Told { held: held.clone(), ..tell(tx, batch)? })
    })
}

fn too_large() -> Error {
    Error::internal("more money than there is")
}

/// What is paid to each hospital.
fn by_facility(items: &[Item]) -> Result<BTreeMap<Id, Rupiah>> {
    let mut sums: BTreeMap<Id, Rupiah> = BTreeMap::new();
    for item in items {
        let sum = sums.entry(item.facility_id).or_default();
        *sum = sum.plus(item.amount).map_err(|_| too_large())?;
    }
    Ok(sums)
}

/// Batches of the city draw from a range of their own beside the city's row.
const CITY_FINANCE: Id = Id::from_bytes([255; 16]);

/// Is JKN known by now to have covered a day of this care?
fn is_double_funded(app: &App, tx: &mut Tx, claim: &Claim, rule_set: &str) -> Result<bool> {
    let rules = app.city.rule_sets.by_code(rule_set).ok_or_else(|| Error::internal("a claim of rules that are gone"))?;
    let check = checks::find(tx, claim.check_id)?.ok_or_else(|| Error::internal("a claim without its check"))?;
    let record = checks::open(tx, &check)?;
    let facts = super::affected_checks::person_now(app, tx, claim.participant_id, &record.facts)?.facts;
    let last = claim.discharged_on.unwrap_or(claim.admitted_on);
    Ok(!billing::jkn_days(rules, &facts, (claim.admitted_on, last)).is_empty())
}

/// Back to a verifier, with what is known now.
fn recheck(tx: &mut Tx, context: &Context, claim: &mut Claim, terms: &claims::Terms, why: ReasonCode) -> Result<()> {
    let Some(state) = claim.state.after(ClaimAction::Recheck) else { return Ok(()) };
    // Whoever said yes before did not know this: a large amount is again for two.
    let terms = claims::Terms { recoverable_amount: claim.approved_amount, first_decided_by: None, first_decided_amount: None, ..terms.clone() };
    claim.state = state;
    claims::update(tx, claim, &terms, context.now)?;
    claim_parts::note(tx, context, (claim.id, claim.state), ClaimAction::Recheck, (Some(why), None))?;
    let event = Event::new(context, "claim.held_back").object(claim.id).about([claim.participant_id]).with("reason", why);
    tx.record(event.tells(changes::of_claim(claim, ClaimAction::Recheck)));
    Ok(())
}

/// The participant says that this care was not theirs: what is approved or ordered waits for a verifier. What was paid is paid, and what nobody has decided
/// yet is looked at anyway. Returns the claim as it is then.
pub(super) fn hold(tx: &mut Tx, context: &Context, id: Id) -> Result<Option<Claim>> {
    // A batch is held before its claims, as everywhere here.
    let mut order = None;
    if let Some(item) = payments::ordered(tx, id)? {
        order = payments::lock(tx, item.batch_id)?.map(|batch| (batch, item));
    }
    let Some(mut claim) = claims::lock(tx, id)? else { return Ok(None) };
    let terms = claims::terms(tx, id)?;
    if let Some(state) = claim.state.after(ClaimAction::UnorderPayment) {
        // Ordered since it was looked for: everything is tried again.
        let (mut batch, item) = order.ok_or_else(|| Error::Storage(StorageFault::Conflict("a claim was ordered meanwhile".into())))?;
        claim.state = state;
        claim_parts::note(tx, context, (id, state), ClaimAction::UnorderPayment, (None, None))?;
        take_out(tx, context, &mut batch, &item)?;
    }
    if claim.state != ClaimState::Paid {
        recheck(tx, context, &mut claim, &terms, ReasonCode::NotEligible)?;
    }
    Ok(Some(claim))
}

/// A batch pays one claim less, and is cancelled where that was its last.
fn take_out(tx: &mut Tx, context: &Context, batch: &mut Batch, item: &Item) -> Result<()> {
    payments::release(tx, item)?;
    batch.total_amount = Rupiah(batch.total_amount.0 - item.amount.0);
    batch.item_count -= 1;
    if batch.item_count == 0 {
        batch.state = after(batch, BatchAction::Cancel)?;
    } else if batch.state == BatchState::Approved {
        // It pays something else than what was approved.
        (batch.state, batch.approved_by, batch.approved_at) = (BatchState::Proposed, None, None);
    }
    payments::update(tx, batch)?;
    // It keeps back no more of this hospital's than it pays it now; the others stay as they are.
    recoveries::end_of_payment(tx, context, (batch.id, Some(item.facility_id)), None)?;
    let mut pays = by_facility(&payments::items(tx, batch.id)?)?;
    pays.retain(|facility, _| *facility == item.facility_id);
    recoveries::keep_back(tx, context, batch.created_by, (batch.id, batch.pot), &pays)?;
    let event = Event::new(context, "payment.reduced").object(batch.id).with("claim_id", item.claim_id).with("total", batch.total_amount);
    tx.record(event.tells(changes::of_payment(batch, "reduce", None)));
    Ok(())
}

fn held_batch(tx: &mut Tx, id: Id) -> Result<Batch> {
    payments::lock(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))
}

fn tell(tx: &mut Tx, batch: Batch) -> Result<Told> {
    let kept_back = owed::kept_back(tx, &[batch.id], None)?;
    Ok(Told { items: payments::with_claims(tx, batch.id, None)?, batch, kept_back, held: Vec::new() })
}

/// Approves what another ordered.
pub fn approve(app: &App, db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut batch = held_batch(tx, id)?;
        after(&batch, BatchAction::Approve)?;
        if batch.created_by == caller.user_id {
            return Err(Error::refused(Code::DecidesOwnRequest));
        }
        // JKN may have come since the order: this is the last look before the money goes.
        let mut held = Vec::new();
        for item in payments::items(tx, id)? {
            let mut claim = claims::lock(tx, item.claim_id)?.ok_or_else(|| Error::internal("a payment of no claim"))?;
            let terms = claims::terms(tx, claim.id)?;
            if !is_double_funded(app, tx, &claim, &terms.rule_set)? {
                continue;
            }
            claim.state = claim.state.after(ClaimAction::UnorderPayment).ok_or_else(|| Error::internal("an ordered claim that is not"))?;
            claim_parts::note(tx, context, (claim.id, claim.state), ClaimAction::UnorderPayment, (None, None))?;
            take_out(tx, context, &mut batch, &item)?;
            recheck(tx, context, &mut claim, &terms, ReasonCode::DoubleFunded)?;
            held.push(claim.id);
        }
        if batch.item_count == 0 {
            return Ok(Told { held, ..tell(tx, batch)? });
        }
        let state = after(&batch, BatchAction::Approve)?;
        (batch.state, batch.approved_by, batch.approved_at) = (state, Some(caller.user_id), Some(context.now));
        payments::update(tx, &mut batch)?;
        let event = Event::new(context, "payment.approved").object(id).with("total", batch.total_amount);
        tx.record(event.tells(changes::of_payment(&batch, "approve", None)));
        Ok(Told { held, ..tell(tx, batch)? })
    })
}

/// The treasury has paid: the claims of the batch are, and the budget follows.
pub fn settle(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    id: Id,
    (paid_on, sp2d, paid): (NaiveDate, &str, Option<Rupiah>),
    once: &Once<'_, Told>,
) -> Result<Told> {
    if paid_on > app.city.today(context.now) {
        return Err(Fault::at("/paid_on", "DATE_IN_FUTURE").into());
    }
    once.write(db, Priority::People, |tx| {
        let mut batch = held_batch(tx, id)?;
        let state = after(&batch, BatchAction::Settle)?;
        let told = tell(tx, batch.clone())?;
        let ordered = told.items.iter().filter(|(item, _)| item.state == ItemState::Ordered);
        let last_day = ordered.map(|(_, claim)| claim.discharged_on.unwrap_or(claim.admitted_on)).max();
        if last_day.is_some_and(|day| paid_on < day) {
            return Err(Fault::at("/paid_on", "PAID_BEFORE_CARE").into());
        }
        let net = told.net().ok_or_else(too_large)?;
        if paid.is_some_and(|paid| paid != net) {
            return Err(Fault::at("/net_amount", "NOT_WHAT_WAS_ORDERED").with("limit", net).into());
        }
        let mut paid_to = BTreeSet::new();
        if let Some(other) = payments::take_treasury_order(tx, sp2d, id)? {
            return Err(Error::conflict(Code::TreasuryOrderInUse, serde_json::json!({ "id": other.id, "number": other.number })));
        }
        for item in payments::items(tx, id)? {
            let mut claim = claims::lock(tx, item.claim_id)?.ok_or_else(|| Error::internal("a payment of no claim"))?;
            let terms = claims::terms(tx, claim.id)?;
            claim.state = claim.state.after(ClaimAction::Pay).ok_or_else(|| Error::internal("an ordered claim that is not"))?;
            claim.paid_amount = item.amount;
            claims::update(tx, &mut claim, &terms, context.now)?;
            payments::pay_lines(tx, claim.id)?;
            claim_parts::note(tx, context, (claim.id, claim.state), ClaimAction::Pay, (None, None))?;
            let event = Event::new(context, "claim.paid").object(claim.id).about([claim.participant_id]).with("amount", item.amount);
            tx.record(event.tells(changes::of_claim(&claim, ClaimAction::Pay)));
            paid_to.insert(claim.facility_id);
            let payer = debts::payer(tx, &claim)?;
            let moves = vec![Move { from: payer.unpaid, to: payer.paid, amount: item.amount }];
            let posting =
                Posting { year: payer.year, pot: claim.pot, kind: PostingKind::PaymentSettled, object_id: claim.id, occurred_on: paid_on, moves };
            ledger::post(tx, context, &posting)?;
            messages::tell(tx, context, &messages::of_claim(&claim))?;
        }
        recoveries::end_of_payment(tx, context, (id, None), Some((paid_on, sp2d)))?;
        payments::become_all(tx, id, ItemState::Paid)?;
        (batch.state, batch.settled_by, batch.settled_at) = (state, Some(caller.user_id), Some(context.now));
        (batch.paid_on, batch.sp2d_number) = (Some(paid_on), Some(sp2d.to_owned()));
        payments::update(tx, &mut batch)?;
        let event = Event::new(context, "payment.settled").object(id).with("total", batch.total_amount).with("sp2d_number", sp2d);
        tx.record(event.tells(changes::of_payment(&batch, "settle", Some(&paid_to))));
        tell(tx, batch)
    })
}

/// Nothing of it will be paid: its claims may be ordered again.
pub fn cancel(db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut batch = held_batch(tx, id)?;
        let state = after(&batch, BatchAction::Cancel)?;
        // What two have approved, the one who ordered it does not take back alone: the treasury may have paid.
        if batch.state == BatchState::Approved && batch.created_by == caller.user_id {
            return Err(Error::refused(Code::DecidesOwnRequest));
        }
        batch.state = state;
        for item in payments::items(tx, id)? {
            let mut claim = claims::lock(tx, item.claim_id)?.ok_or_else(|| Error::internal("a payment of no claim"))?;
            let terms = claims::terms(tx, claim.id)?;
            claim.state = claim.state.after(ClaimAction::UnorderPayment).ok_or_else(|| Error::internal("an ordered claim that is not"))?;
            if claim.approved_amount < claim.claimed_amount {
                claim.state = crate::domain::claims::ClaimState::ApprovedPartial;
            }
            claims::update(tx, &mut claim, &terms, context.now)?;
            claim_parts::note(tx, context, (claim.id, claim.state), ClaimAction::UnorderPayment, (None, None))?;
            let event = Event::new(context, "claim.payment_taken_back").object(claim.id).about([claim.participant_id]);
            tx.record(event.tells(changes::of_claim(&claim, ClaimAction::UnorderPayment)));
        }
        recoveries::end_of_payment(tx, context, (id, None), None)?;
        payments::become_all(tx, id, ItemState::Released)?;
        payments::update(tx, &mut batch)?;
        tx.record(Event::new(context, "payment.cancelled").object(id).tells(changes::of_payment(&batch, "cancel", None)));
        tell(tx, batch)
    })
}

/// A batch; to a hospital, what of it is the hospital's, once it is settled.
pub fn show(db: &mut Db, context: &Context, caller: &Caller, id: Id) -> Result<Told> {
    let own = caller.facility_id.filter(|_| caller.role != Role::Finance);
    part(db, context, id, own)
}

/// What a settled batch paid to a hospital.
pub struct Advice {
    pub facility: Arc<Facility>,
    pub told: Told,
}

/// The part of a hospital, once it is settled: its own, or of the one that is named.
pub fn advice(app: &App, db: &mut Db, context: &Context, caller: &Caller, (id, facility): (Id, Option<Id>)) -> Result<Advice> {
    // What is not there is not there, whoever is named.
    payments::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    let facility = facility_asked(app, caller, facility)?;
    Ok(Advice { told: part(db, context, id, Some(facility.id))?, facility })
}

fn part(db: &mut Db, context: &Context, id: Id, facility: Option<Id>) -> Result<Told> {
    read(db, Event::new(context, "payment.read").object(id), |db, reading| {
        let batch = payments::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        let mut items = payments::with_claims(db, id, facility)?;
        // What was taken out of it before it was settled is no payment of the hospital's.
        items.retain(|(item, _)| facility.is_none() || item.state == ItemState::Paid);
        if facility.is_some() && (items.is_empty() || batch.state != BatchState::Settled) {
            return Err(Error::refused(Code::NotFound));
        }
        let mut kept_back = owed::kept_back(db, &[id], facility)?;
        kept_back.retain(|(repayment, ..)| facility.is_none() || repayment.state == RepaymentState::Repaid);
        reading.shows(items.iter().map(|(_, claim)| claim.participant_id));
        reading.shows(kept_back.iter().map(|(.., claim)| claim.participant_id));
        Ok(Told { batch, items, kept_back, held: Vec::new() })
    })
}

pub fn list(db: &mut Db, state: Option<BatchState>, before: Option<Id>, limit: i64) -> Result<Vec<Batch>> {
    payments::page(db, state, before, limit)
}

/// What a hospital was paid with a batch, and what of it was kept back.
pub struct Remittance {
    pub batch: Batch,
    pub amount: Rupiah,
    pub kept_back: Rupiah,
}

/// What a hospital was paid, batch by batch.
pub fn remittances(db: &mut Db, caller: &Caller, before: Option<Id>, limit: i64) -> Result<Vec<Remittance>> {
    let facility = caller.facility_id.ok_or_else(|| Error::refused(Code::FacilityRequired))?;
    let batches = payments::paid_to(db, facility, before, limit)?;
    let ids: Vec<Id> = batches.iter().map(|batch| batch.id).collect();
    let paid = payments::items_of(db, &ids, facility)?.into_iter().map(|item| (item.batch_id, item.amount));
    let paid = sums(paid)?;
    let kept = owed::kept_back(db, &ids, Some(facility))?
        .into_iter()
        .filter(|(repayment, ..)| repayment.state == RepaymentState::Repaid)
        .filter_map(|(repayment, ..)| Some((repayment.batch_id?, repayment.amount)));
    let kept = sums(kept)?;
    let of = |sums: &HashMap<Id, Rupiah>, batch: &Batch| sums.get(&batch.id).copied().unwrap_or_default();
    Ok(batches.into_iter().map(|batch| Remittance { amount: of(&paid, &batch), kept_back: of(&kept, &batch), batch }).collect())
}

fn sums(amounts: impl Iterator<Item = (Id, Rupiah)>) -> Result<HashMap<Id, Rupiah>> {
    let mut sums: HashMap<Id, Rupiah> = HashMap::new();
    for (batch, amount) in amounts {
        let sum = sums.entry(batch).or_default();
        *sum = sum.plus(amount).map_err(|_| too_large())?;
    }
    Ok(sums)
}
