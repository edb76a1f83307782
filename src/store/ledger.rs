//! The budget ledger: postings, which never change, and the balances that they sum up to.
//!
//! The balances of a year's pot are rows that everybody changes. They are held for as short as can be: a posting leaves its changes with the
//! transaction, which makes them, sorted, as its last statements before the commit. So nobody waits for who is still working, and two never wait for
//! each other.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::db::{Db, Tx, on_each};
use crate::context::Context;
use crate::domain::budget::{Account, Balances, Posting, PostingKind, Pot};
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::schema::{ledger_balances, ledger_entries, ledger_transactions};

#[derive(Insertable, Debug)]
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

/// What a posting does to the balances, until the transaction makes it so.
#[derive(Debug, Clone)]
pub(in crate::store) struct Change {
    year: i32,
    pot: Pot,
    account: Account,
    amount: Rupiah,
}

/// Writes a posting. Its balances follow as the last thing before the commit.
pub fn insert(tx: &mut Tx, context: &Context, posting: &Posting, changes: &BTreeMap<Account, Rupiah>) -> Result<()> {
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
    diesel::insert_into(ledger_transactions::table).values(&row).execute(&mut tx.db.connection)?;
    let entries: Vec<_> = changes
        .iter()
        .map(|(account, amount)| {
            (ledger_entries::transaction_id.eq(row.id), ledger_entries::account.eq(*account), ledger_entries::amount.eq(*amount))
        })
        .collect();
    on_each!(tx.db, |connection| diesel::insert_into(ledger_entries::table).values(&entries).execute(connection))?;
    let (year, pot) = (posting.year, posting.pot);
    tx.change_balances(changes.iter().map(|(account, amount)| Change { year, pot, account: *account, amount: *amount }));
    Ok(())
}

/// Makes the changes to the balances. Called by `write` only, when nothing but the commit is left to do.
pub(in crate::store) fn settle(tx: &mut Tx, changes: Vec<Change>) -> Result<()> {
    let mut sums: BTreeMap<(i32, Pot, Account), Rupiah> = BTreeMap::new();
    for Change { year, pot, account, amount } in changes {
        let sum = sums.entry((year, pot, account)).or_default();
        *sum = sum.plus(amount).map_err(|_| too_large())?;
    }
    // In the order of their keys, as everybody does.
    for ((year, pot, account), amount) in sums.into_iter().filter(|(_, amount)| *amount != Rupiah::ZERO) {
        let row =
            (ledger_balances::year.eq(year), ledger_balances::pot.eq(pot), ledger_balances::account.eq(account), ledger_balances::balance.eq(amount));
        on_each!(tx.db, |connection| diesel::insert_into(ledger_balances::table)
            .values(row)
            .on_conflict((ledger_balances::year, ledger_balances::pot, ledger_balances::account))
            .do_update()
            .set(ledger_balances::balance.eq(ledger_balances::balance + excluded(ledger_balances::balance)))
            .execute(connection))?;
    }
    Ok(())
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
