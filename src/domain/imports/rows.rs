//! Rows: each record judged on its own, with all its faults. A bad row is told and the rest goes on.

use std::io::Read;

use super::cells::{Cells, Place, fault};
use super::columns::{Column, Columns};
use super::header::Header;
use super::records::{Record, Records};
use super::repeats::{Meeting, Repeats};
use super::survey::Survey;
use super::{Code, RowCode, RowFault, Unreadable};
use crate::domain::nik::Nik;

/// What a row of one kind of file says.
pub trait Entry: Sized {
    const COLUMNS: Columns;
    /// A file speaks of a person once: what two rows say would depend on which comes first. Not where rows are only compared.
    const SPEAKS_ONCE: bool = true;

    /// Reads the row, with every fault of its own; what can be wrong with any cell is told without it.
    fn read(cells: &Cells<'_>, place: Place<'_>) -> Result<Self, Vec<RowFault>>;

    /// Whom it is about.
    fn nik(&self) -> &Nik;
}

/// A row of the file and what became of it.
#[derive(Debug)]
pub struct Row<T> {
    /// The physical line on which it begins; the header is on 1.
    pub line: u64,
    pub byte_position: u64,
    pub row_key: Option<String>,
    pub outcome: Outcome<T>,
}

#[derive(Debug)]
pub enum Outcome<T> {
    Good(Box<T>),
    /// The same row has been read before, word for word: nothing to do, nothing wrong.
    Repeated,
    Bad(Vec<RowFault>),
}

/// Reads the rows of one kind from a stream that was surveyed before.
pub struct Reader<'r, R, T> {
    records: Records<R>,
    header: Header,
    record: Record,
    repeats: Repeats,
    survey: Survey,
    place: Place<'r>,
    kind: std::marker::PhantomData<T>,
}

impl<'r, R: Read, T: Entry> Reader<'r, R, T> {
    pub fn open(input: R, survey: Survey, place: Place<'r>) -> Result<Self, Unreadable> {
        let mut records = Records::new(input);
        let header = Header::read(&mut records, T::COLUMNS)?;
        let (record, repeats) = (Record::default(), Repeats::default());
        Ok(Self { records, header, record, repeats, survey, place, kind: std::marker::PhantomData })
    }

    /// How many bytes have been read, for a percentage of `Survey::bytes`.
    pub fn position(&self) -> u64 {
        self.records.position()
    }

    fn judge(&mut self) -> Row<T> {
        let (line, byte_position) = (self.record.line, self.record.position);
        match Cells::of(&self.record, &self.header) {
            Err(code) => Row { line, byte_position, row_key: None, outcome: Outcome::Bad(vec![RowFault { column: None, code: Code::Row(code) }]) },
            Ok(cells) => {
                let outcome = match entry(&cells, &self.survey, self.place) {
                    Err(faults) => Outcome::Bad(faults),
                    Ok(entry) if !T::SPEAKS_ONCE => Outcome::Good(Box::new(entry)),
                    // Only good rows are remembered: a bad one does not stand in the way of its correction further down.
                    Ok(entry) => match self.repeats.meet(T::nik(&entry), cells.fingerprint()) {
                        Meeting::First => Outcome::Good(Box::new(entry)),
                        Meeting::Same => Outcome::Repeated,
                        Meeting::Different => Outcome::Bad(vec![fault(Column::Nik, Code::Row(RowCode::NikRepeated))]),
                    },
                };
                Row { line, byte_position, row_key: cells.row_key().unwrap_or_default(), outcome }
            }
        }
    }
}

impl<R: Read, T: Entry> Iterator for Reader<'_, R, T> {
    type Item = std::io::Result<Row<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.records.read(&mut self.record) {
                Ok(true) if self.record.is_blank() => {}
                Ok(true) => return Some(Ok(self.judge())),
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn entry<T: Entry>(cells: &Cells<'_>, survey: &Survey, place: Place<'_>) -> Result<T, Vec<RowFault>> {
    let mut faults = cells.unfit();
    let read = T::read(cells, place).map_err(|found| faults.extend(found));
    faults.extend(cells.row_key().err());
    faults.extend(cells.zeroed(survey));
    match read {
        Ok(entry) if faults.is_empty() => Ok(entry),
        Ok(_) | Err(()) => Err(one_per_column(faults)),
    }
}

/// A cell that is unfit as such is not told a second time for what its column asks.
fn one_per_column(faults: Vec<RowFault>) -> Vec<RowFault> {
    let mut kept: Vec<RowFault> = Vec::with_capacity(faults.len());
    for fault in faults {
        if !kept.iter().any(|before| before.column == fault.column) {
            kept.push(fault);
        }
    }
    kept
}
