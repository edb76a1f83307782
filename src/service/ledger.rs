//! The budget ledger, as letters, claims and payments use it: they post within their own transaction what becomes of the money.

use crate::context::Context;
use crate::domain::budget::Posting;
use crate::error::{Error, Result};
use crate::store::db::Tx;
use crate::store::ledger;

/// Posts moves of money. It never refuses for want of budget, nor for a year that has none: a patient is served all the same, and finance is told.
/// Moves of nothing are dropped. What is posted stands in the ledger and its balances when the transaction is committed, not before. The caller records the event.
pub fn post(tx: &mut Tx, context: &Context, posting: &Posting) -> Result<()> {
    // What may move is decided by the code that posts, so a fault here is ours.
    let changes = posting.changes().map_err(|fault| Error::internal(format!("a posting that cannot be: {fault}")))?;
    if !changes.is_empty() {
        ledger::insert(tx, context, posting, changes);
    }
    Ok(())
}
