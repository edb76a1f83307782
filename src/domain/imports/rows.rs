//! Rows: each record judged on its own, with all its faults. A bad row is told and the rest goes on.

use std::collections::HashSet;
use std::io::Read;

use super::cells::{Cells, Place, fault};
use super::columns::{Column, Columns};
use super::header::Header;
use super::records::{Record, Records};
use super::repeats::{Meeting, Repeats};
use super::survey::Survey;
use super::{Code, RowCode, RowFault, Unreadable};
use crate::domain::households::MOST_MEMBERS;
use crate::domain::kk::KkNumber;
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

    /// Are rows of one KK that stand next to each other stored together or not at all?
    const BY_HOUSEHOLD: bool = false;

    /// Judges rows that stand together, after each was judged on its own.
    fn judge_together(_: &mut [Row<Self>]) {}
}

/// A row of the file and what became of it.
#[derive(Debug)]
pub struct Row<T> {
    /// The physical line on which it begins; the header is on 1.
    pub line: u64,
    pub byte_position: u64,
    pub row_key: Option<String>,
    /// The KK by which it stands together with the rows beside it; none where each row stands alone.
    pub household: Option<KkNumber>,
    /// Whom a bad row is about, where that much can be read.
    pub about: Option<Nik>,
    pub outcome: Outcome<T>,
}

impl<T> Row<T> {
    /// What it says, where it is good.
    pub fn entry(&self) -> Option<&T> {
        match &self.outcome {
            Outcome::Good(entry) => Some(entry),
            Outcome::Repeated | Outcome::Bad(_) => None,
        }
    }

    pub fn refuse(&mut self, column: Option<Column>, code: RowCode) {
        self.outcome = Outcome::Bad(vec![RowFault { column, code: Code::Row(code) }]);
    }
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
    /// The first row of the next household, which was read to find the end of this one.
    held: Option<Row<T>>,
    /// The households that have been; they do not come again further down. One at fault may come again, corrected.
    households: HashSet<u64>,
}

impl<'r, R: Read, T: Entry> Reader<'r, R, T> {
    pub fn open(input: R, survey: Survey, place: Place<'r>) -> Result<Self, Unreadable> {
        let mut records = Records::new(input);
        let header = Header::read(&mut records, T::COLUMNS)?;
        let (record, repeats) = (Record::default(), Repeats::default());
        Ok(Self { records, header, record, repeats, survey, place, held: None, households: HashSet::new() })
    }

    /// How many bytes have been read, for a percentage of `Survey::bytes`.
    pub fn position(&self) -> u64 {
        self.held.as_ref().map_or_else(|| self.records.position(), |row| row.byte_position)
    }

    /// The next rows that are stored together: a household, or one row where each stands alone.
    pub fn next_together(&mut self) -> std::io::Result<Option<Vec<Row<T>>>> {
        let Some(first) = self.held.take().map(Ok).or_else(|| self.next()).transpose()? else { return Ok(None) };
        let household = first.household;
        let mut rows = vec![first];
        while T::BY_HOUSEHOLD
            && rows.len() <= MOST_MEMBERS
            && let Some(row) = self.next()
        {
            let row = row?;
            // A row whose KK cannot be read is taken for one of the household above it.
            if row.household.is_some() && row.household != household {
                self.held = Some(row);
                break;
            }
            rows.push(Row { household, ..row });
        }
        if T::BY_HOUSEHOLD {
            self.judge_household(household, &mut rows);
        }
        Ok(Some(rows))
    }

    /// What only shows where a household's rows are seen together. Only good ones are remembered, as with single rows.
    fn judge_household(&mut self, household: Option<KkNumber>, rows: &mut [Row<T>]) {
        let is_repeated = |at: &usize| {
            let nik = rows[*at].entry().map(T::nik);
            nik.is_some_and(|nik| self.repeats.has(nik) || rows[..*at].iter().filter_map(Row::entry).any(|before| before.nik() == nik))
        };
        let repeated: Vec<usize> = (0..rows.len()).filter(is_repeated).collect();
        repeated.into_iter().for_each(|at| rows[at].refuse(Some(Column::Nik), RowCode::NikRepeated));
        T::judge_together(rows);
        // Sixteen digits always are a number below 2^64.
        let number = household.and_then(|kk| kk.digits().parse().ok()).unwrap_or_default();
        let is_good = rows.iter().all(|row| row.entry().is_some());
        // What is left of one that is too large is no household of its own.
        if (is_good || rows.len() > MOST_MEMBERS) && !self.households.insert(number) {
            rows.iter_mut().for_each(|row| row.refuse(Some(Column::KkNumber), RowCode::HouseholdRowsApart));
        }
        for member in rows.iter().filter(|_| is_good).filter_map(Row::entry) {
            self.repeats.meet(member.nik(), 0);
        }
    }

    fn judge(&mut self) -> Row<T> {
        let (line, byte_position) = (self.record.line, self.record.position);
        let cells = match Cells::of(&self.record, &self.header) {
            Ok(cells) => cells,
            Err(code) => {
                let outcome = Outcome::Bad(vec![RowFault { column: None, code: Code::Row(code) }]);
                return Row { line, byte_position, row_key: None, household: None, about: None, outcome };
            }
        };
        let outcome = match entry(&cells, &self.survey, self.place) {
            Err(faults) => Outcome::Bad(faults),
            // Whether it is repeated is asked of its household as a whole, or not at all.
            Ok(entry) if T::BY_HOUSEHOLD || !T::SPEAKS_ONCE => Outcome::Good(Box::new(entry)),
            // Only good rows are remembered: a bad one does not stand in the way of its correction further down.
            Ok(entry) => match self.repeats.meet(T::nik(&entry), cells.fingerprint()) {
                Meeting::First => Outcome::Good(Box::new(entry)),
                Meeting::Same => Outcome::Repeated,
                Meeting::Different => Outcome::Bad(vec![fault(Column::Nik, Code::Row(RowCode::NikRepeated))]),
            },
        };
        let household = cells.get(Column::KkNumber).filter(|_| T::BY_HOUSEHOLD).and_then(|cell| KkNumber::parse(cell).ok());
        let about = if matches!(outcome, Outcome::Bad(_)) { cells.nik().ok() } else { None };
        Row { line, byte_position, row_key: cells.row_key().unwrap_or_default(), household, about, outcome }
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
