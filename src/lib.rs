//! ksnik: who is covered by the city's health card, decided by rules that anyone can read, and recorded.
//!
//! The map. *A URL?* `api`. *An order of steps?* `service`. *A rule?* `domain`. *A query?* `store`. *Which file?* The noun of the URL, the same in
//! each layer.
//!
//! - `domain`: the rules: pure, no database, no HTTP, no clock, no chance.
//! - `privacy`: the root key and what it wraps, sealed cells, blind indexes.
//! - `store`: every query, and nothing else; `store::db::write` is the only door to a change.
//! - `service`: use cases: load, ask the domain, save, record, in one transaction; `service::check_desk` is the hot path.
//! - `api`: HTTP and JSON; `api::routes` is the whole API on one page.
//! - `cli`: the commands of the one binary.
//!
//! `api` and `cli` call `service`, which calls `store`, which knows `domain`; never the other way round. `tests/layout.rs` keeps it so.

pub mod api;
pub mod cli;
pub mod config;
pub mod context;
pub mod domain;
pub mod error;
pub mod privacy;
pub mod schema;
pub mod service;
pub mod store;
pub mod telemetry;
