//! The product through HTTP, on both databases. One binary, because each further one is linked anew and starts a PostgreSQL of its own.

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod facilities;
mod harness;
mod idempotency;
mod referrals;
mod service_accounts;
mod sessions;
mod sign_in;
mod tokens;
mod users;
