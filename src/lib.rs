//! The map.
pub mod context;
pub mod domain;
pub mod error;
pub mod privacy;
pub mod schema;
pub mod store;
