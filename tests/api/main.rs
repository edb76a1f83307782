//! The product through HTTP, on both databases. One binary, because each further one is linked anew and starts a PostgreSQL of its own.

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod binary;
mod canaries;
mod check_keys;
mod commands;
mod demo;
mod edges;
mod eligibility_answers;
mod eligibility_batches;
mod eligibility_checks;
mod eligibility_questions;
mod eligibility_replays;
mod eligibility_reviews;
mod eligibility_scenarios;
mod every_route;
mod facilities;
mod faults;
mod harness;
mod households;
mod idempotency;
mod import_command;
mod imports;
mod injection;
mod jkn_statuses;
mod misses;
mod openapi;
mod panics;
mod participant_events;
mod participant_history;
mod participants;
mod people;
mod people_file;
mod questions;
mod referrals;
mod samples;
mod searches;
mod service_accounts;
mod sessions;
mod sign_in;
mod sockets;
mod tokens;
mod upserts;
mod users;
