//! The two schemas: that both databases have the same, that `schema.rs` says what they have, that migrations can be taken back, and that every column
//! has a privacy class.

#[path = "../support/mod.rs"]
mod support;

mod dialect;
mod ledger;
mod schema;
