//! What letters keep aside in the budget: an estimate while nobody has come, incurred care once somebody has, until a claim takes its place.

use chrono::NaiveDate;

use crate::context::Context;
use crate::domain::budget::{Account, Move, Posting, PostingKind};
use crate::domain::rupiah::Rupiah;
use crate::error::Result;
use crate::service::ledger;
use crate::store::db::Tx;
use crate::store::letters::Letter;

fn account(letter: &Letter) -> Account {
    if letter.admitted_on.is_some() { Account::Incurred } else { Account::Reserved }
}

fn post(
    tx: &mut Tx,
    context: &Context,
    letter: &Letter,
    kind: PostingKind,
    occurred_on: NaiveDate,
    (from, to): (Account, Account),
    amount: Rupiah,
) -> Result<()> {
    let moves = vec![Move { from, to, amount }];
    ledger::post(tx, context, &Posting { year: letter.budget_year, pot: letter.pot, kind, object_id: letter.id, occurred_on, moves })
}

pub fn reserve(tx: &mut Tx, context: &Context, letter: &Letter) -> Result<()> {
    let way = (Account::Available, Account::Reserved);
    post(tx, context, letter, PostingKind::LetterIssued, letter.valid_from, way, letter.reserved_amount)
}

/// The patient is there: what was an estimate of care to come is care that has begun.
pub fn begin(tx: &mut Tx, context: &Context, letter: &Letter, on: NaiveDate) -> Result<()> {
    post(tx, context, letter, PostingKind::LetterAdmitted, on, (Account::Reserved, Account::Incurred), letter.reserved_amount)
}

/// Another estimate takes the place of the one before.
pub fn adjust(tx: &mut Tx, context: &Context, letter: &mut Letter, amount: Rupiah, on: NaiveDate) -> Result<()> {
    let (account, before) = (account(letter), letter.reserved_amount);
    let (way, difference) = if amount > before {
        ((Account::Available, account), Rupiah(amount.0 - before.0))
    } else {
        ((account, Account::Available), Rupiah(before.0 - amount.0))
    };
    post(tx, context, letter, PostingKind::LetterAdjusted, on, way, difference)?;
    letter.reserved_amount = amount;
    Ok(())
}

/// Nothing will be billed under it: what it kept aside is free again.
pub fn release(tx: &mut Tx, context: &Context, letter: &mut Letter, on: NaiveDate) -> Result<()> {
    post(tx, context, letter, PostingKind::LetterReleased, on, (account(letter), Account::Available), letter.reserved_amount)?;
    letter.reserved_amount = Rupiah::ZERO;
    Ok(())
}
