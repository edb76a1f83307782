//! What claims do to the budget: what a letter kept aside becomes a bill, a bill becomes an approval, and the rest is free again.

use chrono::NaiveDate;

use crate::context::Context;
use crate::domain::budget::{Account, Move, Posting, PostingKind};
use crate::domain::claims::ClaimState;
use crate::domain::letters::LetterAction;
use crate::domain::rupiah::Rupiah;
use crate::error::Result;
use crate::service::letters::money as letters_money;
use crate::service::{debts, ledger};
use crate::store::claims::Claim;
use crate::store::db::Tx;
use crate::store::letters::{self, Letter, LetterEvent};

fn post(tx: &mut Tx, context: &Context, claim: &Claim, kind: PostingKind, occurred_on: NaiveDate, moves: Vec<Move>) -> Result<()> {
    ledger::post(tx, context, &Posting { year: claim.budget_year, pot: claim.pot, kind, object_id: claim.id, occurred_on, moves })
}

fn some(from: Account, to: Account, amount: Rupiah) -> Move {
    Move { from, to, amount }
}

/// The bill takes the place of what its letter kept aside; what is missing or left over is made up from what is free.
/// Tells of the letter, which the caller holds, where that is used from now on: the caller keeps that it was.
pub fn billed(tx: &mut Tx, context: &Context, claim: &Claim, letter: Option<&Letter>, today: NaiveDate) -> Result<Option<(Letter, LetterEvent)>> {
    let mut used = None;
    let mut moves = Vec::new();
    let mut aside = Rupiah::ZERO;
    let occurred_on = claim.admitted_on.min(today);
    if let Some(mut letter) = letter.cloned() {
        let account = if letter.admitted_on.is_some() { Account::Incurred } else { Account::Reserved };
        if is_elsewhere(&letter, claim) {
            letters_money::release(tx, context, &mut letter, today)?;
        } else {
            aside = letter.reserved_amount;
            let taken = aside.min(claim.claimed_amount);
            moves.push(some(account, Account::Billed, taken));
            moves.push(some(account, Account::Available, Rupiah(aside.0 - taken.0)));
        }
        letter.reserved_amount = Rupiah::ZERO;
        if let Some(state) = letter.state.after(LetterAction::Bill) {
            letter.state = state;
            letters::update(tx, &mut letter, context.now)?;
            let event = letters::event(tx, context, &letter, LetterAction::Bill, None)?;
            used = Some((letter, event));
        } else {
            letters::update(tx, &mut letter, context.now)?;
        }
    }
    let missing = Rupiah((claim.claimed_amount.0 - aside.0).max(0));
    moves.push(some(Account::Available, Account::Billed, missing));
    post(tx, context, claim, PostingKind::ClaimSubmitted, occurred_on, moves)?;
    Ok(used)
}

/// A letter of the end of a year may be used in the next one, which then pays.
fn is_elsewhere(letter: &Letter, claim: &Claim) -> bool {
    (letter.budget_year, letter.pot) != (claim.budget_year, claim.pot)
}

/// What is decided after the year belongs to its last day: the year's own position counts it.
fn within_year(claim: &Claim, today: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(claim.budget_year, 12, 31).map_or(today, |last| today.min(last))
}

/// The bill is decided: what is approved is owed, the rest is free.
pub fn decided(tx: &mut Tx, context: &Context, claim: &Claim, today: NaiveDate) -> Result<()> {
    let rest = Rupiah((claim.claimed_amount.0 - claim.approved_amount.0).max(0));
    let moves = vec![some(Account::Billed, Account::ApprovedUnpaid, claim.approved_amount), some(Account::Billed, Account::Available, rest)];
    post(tx, context, claim, PostingKind::ClaimDecided, within_year(claim, today), moves)
}

/// It is decided again, on objection or before it is paid: only what changes moves. Where its year is over and another owes it, that one follows.
pub fn decided_again(tx: &mut Tx, context: &Context, claim: &Claim, before: Rupiah, today: NaiveDate) -> Result<()> {
    let moves = vec![
        some(Account::Available, Account::ApprovedUnpaid, Rupiah((claim.approved_amount.0 - before.0).max(0))),
        some(Account::ApprovedUnpaid, Account::Available, Rupiah((before.0 - claim.approved_amount.0).max(0))),
    ];
    post(tx, context, claim, PostingKind::ClaimDecided, within_year(claim, today), moves)?;
    debts::changed(tx, context, claim, before, today)
}

/// The bill is gone, back at the hospital or withdrawn, and nothing was decided. The care under its letter was given all the same.
pub fn unbilled(tx: &mut Tx, context: &Context, claim: &Claim, was: ClaimState, today: NaiveDate) -> Result<()> {
    if was.is_open_to_hospital() {
        return Ok(());
    }
    let mut to = Account::Available;
    if let Some(id) = claim.letter_id
        && let Some(mut letter) = letters::lock(tx, id)?
    {
        if is_elsewhere(&letter, claim) {
            let amount = Rupiah(letter.reserved_amount.0.saturating_add(claim.claimed_amount.0));
            letters_money::adjust(tx, context, &mut letter, amount, today)?;
        } else {
            to = if letter.admitted_on.is_some() { Account::Incurred } else { Account::Reserved };
            letter.reserved_amount = Rupiah(letter.reserved_amount.0.saturating_add(claim.claimed_amount.0));
        }
        letters::update(tx, &mut letter, context.now)?;
    }
    post(tx, context, claim, PostingKind::ClaimWithdrawn, today, vec![some(Account::Billed, to, claim.claimed_amount)])
}
