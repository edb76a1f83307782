//! The rules: pure, without database, HTTP, clock or chance. Someone from the Dinas Kesehatan can read this folder alone.

pub mod eligibility;
pub mod enrollments;
pub mod facilities;
pub mod files;
pub mod icd10;
pub mod id;
pub mod jkn;
pub mod kk;
pub mod names;
pub mod nik;
pub mod participants;
pub mod referrals;
pub mod regions;
pub mod residency;
pub mod rule_sets;
pub mod rupiah;
pub mod text_enum;
pub mod texts;
pub mod time;
