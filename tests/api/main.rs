//! The product through HTTP, on both databases. One binary, because each further one is linked anew and starts a PostgreSQL of its own.

#[path = "../support/mod.rs"]
mod support;

mod harness;
mod sign_in;
