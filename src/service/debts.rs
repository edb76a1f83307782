//! Debts of a year: what is approved and unpaid when it is over is acknowledged in writing, by two people of the finance office, and owed by the year after.

use chrono::NaiveDate;

use super::App;
use super::budget_positions::{self, When};
use super::idempotency::Once;
use super::ledger;
use crate::context::Context;
use crate::domain::budget::{Account, Approval, Move, Posting, PostingKind, Pot};
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::domain::rupiah::Rupiah;
use crate::domain::sheets::{Cell, Sheet, SheetFormat};
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::claims::Claim;
use crate::store::db::{Db, Tx};
use crate::store::debts::{self, Acknowledgement, DebtItem, FacilityDebt};
use crate::store::gate::Priority;
use crate::store::numbers::{self, NumberKind};

/// An acknowledgement with what each hospital has of it.
pub type Told = (Acknowledgement, Vec<FacilityDebt>);

/// Which year pays a claim, and between which of its accounts the money moves when it does.
pub struct Payer {
    pub year: i32,
    pub unpaid: Account,
    pub paid: Account,
}

/// Its own year, or the one that owes it since its own year ended.
pub fn payer(db: &mut Db, claim: &Claim) -> Result<Payer> {
    Ok(match debts::owed_by(db, claim.id)? {
        None => Payer { year: claim.budget_year, unpaid: Account::ApprovedUnpaid, paid: Account::Paid },
        Some(year) => Payer { year, unpaid: Account::DebtCarriedIn, paid: Account::DebtPaid },
    })
}

fn too_large() -> Error {
    Error::internal("more debt than there is money")
}

fn last_day(year: i32) -> Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 12, 31).ok_or_else(|| Error::internal("a year without a last day"))
}

fn first_day(year: i32) -> Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 1, 1).ok_or_else(|| Error::internal("a year without a first day"))
}

/// The list that is hashed, as it is downloaded: whoever has the file finds its hash with any tool. It names nobody.
pub fn sheet(year: i32, items: &[DebtItem]) -> Result<Vec<u8>> {
    let columns = ["year", "pot", "facility_id", "claim_number", "facility_claim_number", "amount"];
    let broken = |_| Error::internal("a sheet could not be written");
    let mut sheet = Sheet::begin(SheetFormat::Csv, Vec::new(), "debts", &columns).map_err(broken)?;
    for item in items {
        let row = [
            Cell::Number(year.into()),
            Cell::from(item.pot.as_str()),
            Cell::from(item.facility_id.to_string()),
            Cell::from(item.claim_number.as_str()),
            Cell::from(item.facility_claim_number.as_str()),
            Cell::Number(item.amount.0),
        ];
        sheet.row(&row).map_err(broken)?;
    }
    sheet.finish().map_err(broken)
}

/// Freezes what a year left unpaid, for somebody else to approve. What is ordered is left out: it is being paid.
pub fn propose(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    (year, document_number): (i32, &str),
    once: &Once<'_, Told>,
) -> Result<Told> {
    let today = app.city.today(context.now);
    let last = last_day(year)?;
    if today <= last {
        return Err(Fault::at("/year", "YEAR_NOT_OVER").into());
    }
    let position = budget_positions::of_year(app, db, context.now, year, When { as_of: Some(last), known_at: None })?;
    let id = context.new_id();
    once.write(db, Priority::People, |tx| {
        let items = debts::lock_unpaid(tx, year, id)?;
        if items.is_empty() {
            return Err(Error::refused(Code::NothingOwed));
        }
        let number = numbers::take(tx, NumberKind::Debt, year, numbers::CITY)?;
        let acknowledgement = Acknowledgement {
            id,
            number: format!("DEBT-{}-{year}-{number:04}", app.city.number_prefix),
            year,
            document_number: document_number.to_owned(),
            total_amount: Rupiah::sum(items.iter().map(|item| item.amount)).map_err(|_| too_large())?,
            item_count: i32::try_from(items.len()).unwrap_or(i32::MAX),
            unbilled_estimate: position.total.unbilled.estimate,
            content_hash: ContentHash::of(&sheet(year, &items)?).as_bytes().to_vec(),
            proposed_by: caller.user_id,
            proposed_at: context.now,
            approved_by: None,
            approved_at: None,
        };
        debts::insert(tx, &acknowledgement, &items)?;
        let event = Event::new(context, "debt.proposed").object(id).with("year", year).with("total", acknowledgement.total_amount);
        tx.record(event.with("content_hash", hash_of(&acknowledgement)?.to_string()));
        told(tx, acknowledgement)
    })
}

/// The hash of the list, as it is told.
pub fn hash_of(acknowledgement: &Acknowledgement) -> Result<ContentHash> {
    let bytes = acknowledgement.content_hash.as_slice().try_into();
    bytes.map(ContentHash::from_bytes).map_err(|_| Error::internal("a stored hash has not 32 bytes"))
}

/// Acknowledges what another proposed. From then on the year after owes it.
pub fn approve(db: &mut Db, context: &Context, caller: &Caller, id: Id, once: &Once<'_, Told>) -> Result<Told> {
    once.write(db, Priority::People, |tx| {
        let mut acknowledgement = debts::lock(tx, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
        if acknowledgement.approval() == Approval::Approved {
            return Err(Error::refused(Code::StateConflict));
        }
        if acknowledgement.proposed_by == caller.user_id {
            return Err(Error::refused(Code::DecidesOwnRequest));
        }
        let (year, items) = (acknowledgement.year, debts::items(tx, id)?);
        let unpaid = debts::lock_unpaid(tx, year, id)?;
        // Both are in the order of the claims' ids.
        let still = items.iter().all(|item| unpaid.binary_search_by(|one| one.claim_id.cmp(&item.claim_id)).is_ok_and(|at| unpaid[at] == *item));
        if !still || !debts::carry(tx, &items, year + 1)? {
            return Err(Error::refused(Code::DebtChanged));
        }
        for pot in Pot::ALL {
            let amount = Rupiah::sum(items.iter().filter(|item| item.pot == *pot).map(|item| item.amount)).map_err(|_| too_large())?;
            let post = |tx: &mut Tx, year: i32, kind, occurred_on, (from, to)| {
                let moves = vec![Move { from, to, amount }];
                ledger::post(tx, context, &Posting { year, pot: *pot, kind, object_id: id, occurred_on, moves })
            };
            post(tx, year, PostingKind::DebtAcknowledged, last_day(year)?, (Account::ApprovedUnpaid, Account::DebtAcknowledged))?;
            post(tx, year + 1, PostingKind::DebtCarriedIn, first_day(year + 1)?, (Account::Available, Account::DebtCarriedIn))?;
        }
        debts::approve(tx, id, caller.user_id, context.now)?;
        (acknowledgement.approved_by, acknowledgement.approved_at) = (Some(caller.user_id), Some(context.now));
        let event = Event::new(context, "debt.acknowledged").object(id).with("year", year).with("total", acknowledgement.total_amount);
        tx.record(event.with("content_hash", hash_of(&acknowledgement)?.to_string()));
        told(tx, acknowledgement)
    })
}

fn told(db: &mut Db, acknowledgement: Acknowledgement) -> Result<Told> {
    let by_facility = debts::by_facility(db, acknowledgement.id)?;
    Ok((acknowledgement, by_facility))
}

/// The approved amount of a claim that was carried over changes, on objection or because JKN turns out to pay: its own year acknowledged more or less, and
/// the year after owes as much more or less.
pub fn changed(tx: &mut Tx, context: &Context, claim: &Claim, before: Rupiah, today: NaiveDate) -> Result<()> {
    let Some(owed_by) = debts::owed_by(tx, claim.id)? else { return Ok(()) };
    let change = claim.approved_amount.minus(before).map_err(|_| too_large())?;
    let amount = Rupiah(change.0.abs());
    let move_of = |less: Account, more: Account| if change < Rupiah::ZERO { (more, less) } else { (less, more) };
    let (own, later) = (move_of(Account::ApprovedUnpaid, Account::DebtAcknowledged), move_of(Account::Available, Account::DebtCarriedIn));
    for (year, kind, (from, to), occurred_on) in
        [(claim.budget_year, PostingKind::DebtAcknowledged, own, today), (owed_by, PostingKind::DebtCarriedIn, later, today)]
    {
        let moves = vec![Move { from, to, amount }];
        ledger::post(tx, context, &Posting { year, pot: claim.pot, kind, object_id: claim.id, occurred_on, moves })?;
    }
    Ok(())
}

pub fn show(db: &mut Db, id: Id) -> Result<Told> {
    let acknowledgement = debts::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    told(db, acknowledgement)
}

/// The file of which an acknowledgement has the hash, with its number.
pub fn file(db: &mut Db, id: Id) -> Result<(String, Vec<u8>)> {
    let acknowledgement = debts::find(db, id)?.ok_or_else(|| Error::refused(Code::NotFound))?;
    let items = debts::items(db, id)?;
    Ok((acknowledgement.number, sheet(acknowledgement.year, &items)?))
}
