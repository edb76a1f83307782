//! The rules: pure, without database, HTTP, clock or chance. Someone from the Dinas Kesehatan can read this folder alone.

pub mod corrections;
pub mod eligibility;
pub mod enrollments;
pub mod facilities;
pub mod files;
pub mod icd10;
pub mod id;
pub mod imports;
pub mod jkn;
pub mod kk;
pub mod moves;
pub mod names;
pub mod nik;
pub mod participants;
pub mod referrals;
pub mod regions;
pub mod registration;
pub mod residency;
pub mod roles;
pub mod rule_sets;
pub mod rupiah;
pub mod spreadsheets;
pub mod synthetic;
pub mod text_enum;
pub mod texts;
pub mod time;
