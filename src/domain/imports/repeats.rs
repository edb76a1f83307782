//! Repeats: the same NIK twice in one file. Per accepted row the NIK as a number (16 digits fit in 64 bits, so nothing collides) and 32 bits of the
//! row's hash are kept: 16 bytes a row, about 70 MB for two million rows, and none of it outlives the run.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::domain::nik::Nik;

#[derive(Default)]
pub struct Repeats {
    rows: HashMap<u64, u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meeting {
    First,
    /// Word for word the row that came before.
    Same,
    /// The same NIK with something else beside it: which of the two is right, only the sender knows.
    Different,
}

impl Repeats {
    pub fn has(&self, nik: &Nik) -> bool {
        self.rows.contains_key(&number(nik))
    }

    pub fn meet(&mut self, nik: &Nik, row: u32) -> Meeting {
        match self.rows.entry(number(nik)) {
            Entry::Vacant(place) => {
                place.insert(row);
                Meeting::First
            }
            Entry::Occupied(before) if *before.get() == row => Meeting::Same,
            Entry::Occupied(_) => Meeting::Different,
        }
    }
}

/// Sixteen digits always are a number below 2^64.
fn number(nik: &Nik) -> u64 {
    nik.digits().parse().unwrap_or_default()
}
