//! ksnik
pub mod domain;
