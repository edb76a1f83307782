//! A list of one sort: dated lines, read from the file of its name.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::files::FileFault;
use crate::domain::reference_rows::{Columns, Row, Validity, each_row};

/// What stands on one line of a list, beside its dates and its source.
pub trait Line: PartialEq + Sized {
    const FILE: &'static str;
    /// The columns of its own.
    const COLUMNS: &'static [&'static str];

    /// Reads the cells of its own; what is wrong with them is noted in the row.
    fn read(row: &mut Row<'_>) -> Option<Self>;
}

#[derive(Debug)]
pub struct Table<L> {
    lines: Vec<(Validity, L)>,
}

/// The columns of every list: what the line is about, in words; its dates; and where it comes from.
const SHARED: [&str; 4] = ["item", "valid_from", "valid_to", "source"];

impl<L: Line> Table<L> {
    pub fn read(files: &BTreeMap<&str, String>, faults: &mut Vec<FileFault>) -> Self {
        let mut lines: Vec<(Validity, L)> = Vec::new();
        let Some(text) = files.get(L::FILE) else {
            faults.push(FileFault::new(L::FILE, "file", "is missing"));
            return Self { lines };
        };
        let columns: Vec<&str> = L::COLUMNS.iter().copied().chain(SHARED).collect();
        each_row((L::FILE, text), &Columns::Only(&columns), faults, |row| {
            row.must::<String>("item");
            if row.cell("source").is_empty() {
                row.refuse("source", "is empty: name one, or write assumption");
            }
            let (validity, line) = (row.validity(), L::read(row));
            let Some(line) = line else { return };
            if lines.iter().any(|(other, known)| *known == line && other.overlaps(&validity)) {
                row.refuse("item", "the same line is already on the list");
            }
            lines.push((validity, line));
        });
        Self { lines }
    }

    /// The lines that hold on a date, in the order of the file.
    pub fn on(&self, date: NaiveDate) -> impl Iterator<Item = &L> {
        self.lines.iter().filter(move |(validity, _)| validity.contains(date)).map(|(_, line)| line)
    }
}
