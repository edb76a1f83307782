//! The budget ledger: postings, which never change, and the balances that they sum up to.
//!
//! The balances of a year's pot are rows that everybody changes. They are held for as short as can be: a posting leaves its changes with the
//! transaction, which makes them, sorted, as its last statements before the commit. So nobody waits for who is still working, and two never wait for
//! each other. The postings themselves are written just before, all together.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Date, Text};
use diesel::upsert::excluded;

use super::audit::Event;
use super::budget_alerts;
use super::db::{Db, Tx, on_each, total};
use crate::context::Context;
use crate::domain::budget::{Account, Balances, Begun, Drawn, Posting, PostingKind, Pot, used};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::schema::{ledger_balances, ledger_entries, ledger_transactions};

#[derive(Insertable, Debug, Clone)]
#[diesel(table_name = ledger_transactions, treat_none_as_default_value = false)]
struct Transaction {
    id: Id,
    year: i32,
    pot: Pot,
    kind: PostingKind,
    object_id: Id,
    occurred_on: NaiveDate,
    recorded_at: UtcTime,
    recorded_by: Option<Id>,
}

/// A posting and what it does to the balances, until the transaction makes it so.
#[derive(Clone)]
pub(in crate::store) struct Pending {
    context: Context,
    row: Transaction,
    changes: BTreeMap<Account, Rupiah>,
}

/// Leaves a posting with the transaction, which writes it with all others before the commit.
pub fn insert(tx: &mut Tx, context: &Context, posting: &Posting, changes: BTreeMap<Account, Rupiah>) {
    let row = Transaction {
        id: context.new_id(),
        year: posting.year,
        pot: posting.pot,
        kind: posting.kind,
        object_id: posting.object_id,
        occurred_on: posting.occurred_on,
        recorded_at: context.now,
        recorded_by: context.caller.map(|caller| caller.user_id),
    };
    tx.settle_later(Pending { context: context.clone(), row, changes });
}

/// Writes the postings of a transaction, before it takes what others wait for.
pub(in crate::store) fn write_down(tx: &mut Tx, pending: &[Pending]) -> Result<()> {
    // Chunks keep a statement below SQLite's number of binds.
    for chunk in pending.chunks(1_000) {
        let rows: Vec<&Transaction> = chunk.iter().map(|posting| &posting.row).collect();
        on_each!(tx.db, |connection| diesel::insert_into(ledger_transactions::table).values(rows).execute(connection))?;
        let entry = |id: Id, account: Account, amount: Rupiah| {
            (ledger_entries::transaction_id.eq(id), ledger_entries::account.eq(account), ledger_entries::amount.eq(amount))
        };
        let each = |posting: &Pending| posting.changes.iter().map(|(account, amount)| entry(posting.row.id, *account, *amount)).collect::<Vec<_>>();
        let entries: Vec<_> = chunk.iter().flat_map(each).collect();
        on_each!(tx.db, |connection| diesel::insert_into(ledger_entries::table).values(&entries).execute(connection))?;
    }
    Ok(())
}

/// Makes the changes to the balances, and gives the events of the alerts that they raise. Called by `write` only, when nothing but the commit is left
/// to do.
pub(in crate::store) fn settle(tx: &mut Tx, pending: Vec<Pending>) -> Result<Vec<Event>> {
    let mut sums: BTreeMap<(i32, Pot, Account), Rupiah> = BTreeMap::new();
    let mut contexts: BTreeMap<(i32, Pot), Context> = BTreeMap::new();
    for Pending { context, row: Transaction { year, pot, .. }, changes } in pending {
        for (account, amount) in changes {
            let sum = sums.entry((year, pot, account)).or_default();
            *sum = sum.plus(amount).map_err(|_| too_large())?;
        }
        contexts.entry((year, pot)).or_insert(context);
    }
    sums.retain(|_, amount| *amount != Rupiah::ZERO);
    // In the order of their keys, as everybody does.
    for ((year, pot, account), amount) in &sums {
        let row = (
            ledger_balances::year.eq(*year),
            ledger_balances::pot.eq(*pot),
            ledger_balances::account.eq(*account),
            ledger_balances::balance.eq(*amount),
        );
        on_each!(tx.db, |connection| diesel::insert_into(ledger_balances::table)
            .values(row)
            .on_conflict((ledger_balances::year, ledger_balances::pot, ledger_balances::account))
            .do_update()
            .set(ledger_balances::balance.eq(ledger_balances::balance + excluded(ledger_balances::balance)))
            .execute(connection))?;
    }
    let mut raised = Vec::new();
    for ((year, pot), context) in contexts {
        // Whoever uses more or less of a pot has changed what is available, and holds that row.
        if sums.contains_key(&(year, pot, Account::Available)) {
            let used = used(&balances(tx, year)?.remove(&pot).unwrap_or_default()).map_err(|_| too_large())?;
            raised.extend(budget_alerts::notice(tx, &context, (year, pot), used)?);
        }
    }
    Ok(raised)
}

fn too_large() -> Error {
    Error::internal("a sum of the ledger is too large")
}

/// How the accounts of a year stand, by pot.
pub fn balances(db: &mut Db, year: i32) -> Result<BTreeMap<Pot, Balances>> {
    let rows: Vec<(Pot, Account, Rupiah)> = ledger_balances::table
        .filter(ledger_balances::year.eq(year))
        .select((ledger_balances::pot, ledger_balances::account, ledger_balances::balance))
        .load(&mut db.connection)?;
    by_pot(rows)
}

fn by_pot(rows: Vec<(Pot, Account, Rupiah)>) -> Result<BTreeMap<Pot, Balances>> {
    let mut books: BTreeMap<Pot, Balances> = BTreeMap::new();
    for (pot, account, amount) in rows {
        books.entry(pot).or_default().add(account, amount).map_err(|_| too_large())?;
    }
    Ok(books)
}

/// Which postings count: by the civil dates from which they do, and by when they were recorded.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub known_at: UtcTime,
}

impl Counted {
    pub fn until(to: NaiveDate, known_at: UtcTime) -> Self {
        Self { from: BEGINNING, to, known_at }
    }

    pub fn after(date: NaiveDate, known_at: UtcTime) -> Self {
        Self { from: date.succ_opt().unwrap_or(END), to: END, known_at }
    }
}

// Years of four digits: what is longer is not in order as text, which is how SQLite compares.
const BEGINNING: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("it is in the calendar");
const END: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("it is in the calendar");

/// The entries of a year that count.
macro_rules! entries {
    ($year:expr, $counted:expr) => {
        ledger_entries::table
            .inner_join(ledger_transactions::table.on(ledger_transactions::id.eq(ledger_entries::transaction_id)))
            .filter(ledger_transactions::year.eq($year))
            .filter(ledger_transactions::occurred_on.between($counted.from, $counted.to))
            .filter(ledger_transactions::recorded_at.le($counted.known_at))
    };
}

/// What the entries that count sum up to, by pot: a plain recount.
pub fn counted(db: &mut Db, year: i32, counted: Counted) -> Result<BTreeMap<Pot, Balances>> {
    let rows = entries!(year, counted)
        .group_by((ledger_transactions::pot, ledger_entries::account))
        .select((ledger_transactions::pot, ledger_entries::account, total!("ledger_entries.amount")))
        .load(&mut db.connection)?;
    by_pot(rows)
}

/// What was spoken for and freed again, by pot and date. What was given and old debt are no use.
pub fn drawn(db: &mut Db, year: i32, counted: Counted) -> Result<Vec<(Pot, Drawn)>> {
    const NO_USE: [PostingKind; 3] = [PostingKind::Appropriation, PostingKind::Revision, PostingKind::DebtCarriedIn];
    let rows: Vec<(Pot, NaiveDate, Rupiah)> = entries!(year, counted)
        .filter(ledger_entries::account.eq(Account::Available))
        .filter(ledger_transactions::kind.ne_all(NO_USE))
        .group_by((ledger_transactions::pot, ledger_transactions::occurred_on))
        .select((ledger_transactions::pot, ledger_transactions::occurred_on, total!("ledger_entries.amount")))
        .load(&mut db.connection)?;
    rows.into_iter().map(|(pot, on, amount)| Ok((pot, Drawn { on, amount: Rupiah::ZERO.minus(amount).map_err(|_| too_large())? }))).collect()
}

/// Care that began, by pot, date, and the day on which it was told: admissions under letters, and claims for what no letter had put aside.
pub fn begun(db: &mut Db, year: i32, counted: Counted) -> Result<Vec<(Pot, Begun)>> {
    let (sort, account) = (ledger_transactions::kind, ledger_entries::account);
    let admitted = sort.eq(PostingKind::LetterAdmitted).and(account.eq(Account::Incurred));
    let claimed = sort.eq(PostingKind::ClaimSubmitted).and(account.eq(Account::Available)).and(ledger_entries::amount.lt(Rupiah::ZERO));
    // The day of an instant, in UTC, in words that both databases know and diesel does not.
    const EACH: &str = "ledger_transactions.pot, ledger_transactions.occurred_on, date(ledger_transactions.recorded_at), ledger_entries.account";
    let rows: Vec<(Pot, NaiveDate, NaiveDate, Rupiah)> = entries!(year, counted)
        .filter(admitted.or(claimed))
        .group_by(sql::<Text>(EACH))
        .select((
            sql::<Text>("ledger_transactions.pot"),
            sql::<Date>("ledger_transactions.occurred_on"),
            sql::<Date>("date(ledger_transactions.recorded_at)"),
            total!("ledger_entries.amount"),
        ))
        .load(&mut db.connection)?;
    // What a claim took out stands below zero.
    Ok(rows.into_iter().map(|(pot, on, told_on, amount)| (pot, Begun { on, told_on, amount: Rupiah(amount.0.saturating_abs()) })).collect())
}
