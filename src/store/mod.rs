//! Every query, and nothing else. `db.rs` holds the connections and the one door to a change; each other file is a noun.

pub mod audit;
pub mod audit_checkpoints;
pub mod audit_log;
pub mod bases;
pub mod check_facts;
pub mod db;
pub mod eligibility_checks;
pub mod eligibility_reviews;
pub mod facilities;
pub mod gate;
pub mod idempotency;
pub mod keys;
pub mod migrate;
pub mod misses;
pub mod nik_registry;
pub mod numbers;
pub mod reading;
pub mod referrals;
pub mod sealed;
pub mod sessions;
pub mod users;
