//! The KK: the 16-digit number of a family card (Kartu Keluarga). It changes when a family moves, splits or gets a new head, so it never identifies
//! a person and membership keeps its dates.

use super::nik::{NikFault, as_text, masked, sixteen_digits};

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KkNumber([u8; 16]);

impl KkNumber {
    pub fn parse(text: &str) -> Result<Self, NikFault> {
        sixteen_digits(text).map(Self)
    }

    pub fn digits(&self) -> &str {
        as_text(&self.0)
    }
}

impl std::fmt::Debug for KkNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&masked(&self.0))
    }
}
