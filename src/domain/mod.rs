//! The rules: pure, without database, HTTP, clock or chance. Someone from the Dinas Kesehatan can read this folder alone.

pub mod id;
pub mod kk;
pub mod nik;
pub mod participants;
pub mod regions;
pub mod registration;
pub mod spreadsheets;
pub mod text_enum;
pub mod time;
