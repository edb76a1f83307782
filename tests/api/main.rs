//! The product through HTTP, on both databases. One binary, because each further one is linked anew and starts a PostgreSQL of its own.

#[path = "../support/mod.rs"]
mod support;

mod binary;
mod demo;
mod facilities;
mod harness;
mod idempotency;
mod import_command;
mod imports;
mod people_file;
mod referrals;
