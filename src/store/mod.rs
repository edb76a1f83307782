//! Every query, and nothing else. `db.rs` holds the connections and the one door to a change; each other file is a noun.

pub mod audit;
pub mod bases;
pub mod check_facts;
pub mod db;
pub mod eligibility_checks;
pub mod eligibility_reviews;
pub mod facilities;
pub mod gate;
pub mod imports;
pub mod idempotency;
pub mod keys;
pub mod migrate;
pub mod misses;
pub mod sealed;
pub mod service_accounts;
pub mod sessions;
pub mod throttles;
pub mod users;
