//! The measured bars of security in their full numbers: hours rather than seconds, so each test is ignored unless asked for.
//! `cargo test --release --test soak -- --ignored`

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod bodies;
mod files;
mod fishing;
mod fuzz;
mod idempotency;
mod interruptions;
mod outages;
mod readme;
mod registrations;
mod stalled;
