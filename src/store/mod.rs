//! Every query, and nothing else. `db.rs` holds the connections and the one door to a change; each other file is a noun.

pub mod audit;
pub mod db;
pub mod facilities;
pub mod gate;
pub mod keys;
pub mod migrate;
pub mod sealed;
pub mod sessions;
pub mod users;
