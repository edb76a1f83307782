//! The cells of one row, and what can be wrong with a cell whatever kind of file it stands in.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;

use super::columns::Column;
use super::header::Header;
use super::records::{Damage, Record};
use super::survey::Survey;
use super::{Code, RowCode, RowFault};
use crate::domain::nik::Nik;
use crate::domain::regions::Regions;
use crate::domain::registration::FaultCode;
use crate::domain::spreadsheets;

/// A longer field is damage, whatever its column.
const MAX_FIELD_BYTES: usize = 1_000;
const ROW_KEY_MAX_CHARS: usize = 64;

/// The cells of one row, by column, without their guards.
pub struct Cells<'a>([Option<&'a str>; Column::ALL.len()]);

impl<'a> Cells<'a> {
    pub fn of(record: &'a Record, header: &Header) -> Result<Self, RowCode> {
        match record.damage {
            None => {}
            Some(Damage::LineTooLong) => return Err(RowCode::LineTooLong),
            Some(Damage::QuoteNotClosed) => return Err(RowCode::QuoteNotClosed),
            Some(Damage::QuoteMisplaced) => return Err(RowCode::QuoteMisplaced),
        }
        if record.fields() < header.fields() {
            return Err(RowCode::TooFewFields);
        }
        // Some programs end each row with separators; only what holds something is too much.
        if (header.fields()..record.fields()).any(|extra| record.field(extra).is_some_and(|cell| !cell.trim_ascii().is_empty())) {
            return Err(RowCode::TooManyFields);
        }
        let mut cells = [None; Column::ALL.len()];
        for (cell, column) in cells.iter_mut().zip(Column::ALL) {
            let Some(bytes) = header.cell(record, *column) else { continue };
            *cell = Some(spreadsheets::unguarded(std::str::from_utf8(bytes).map_err(|_| RowCode::Encoding)?)).filter(|text| !text.is_empty());
        }
        Ok(Self(cells))
    }

    pub fn get(&self, column: Column) -> Option<&'a str> {
        self.0[column as usize]
    }

    /// A cell that must hold something.
    pub fn required<T>(&self, column: Column, parse: impl FnOnce(&'a str) -> Result<T, FaultCode>) -> Result<T, RowFault> {
        self.get(column).ok_or(FaultCode::Required).and_then(parse).map_err(|code| self.explain(column, code))
    }

    /// A cell that may be empty.
    pub fn optional<T>(&self, column: Column, parse: impl FnOnce(&'a str) -> Result<T, FaultCode>) -> Result<Option<T>, RowFault> {
        self.get(column).map(parse).transpose().map_err(|code| self.explain(column, code))
    }

    /// Whom the row is about.
    pub fn nik(&self) -> Result<Nik, RowFault> {
        self.required(Column::Nik, |cell| Nik::parse(cell).map_err(|_| FaultCode::NikFormat))
    }

    /// A format that a spreadsheet broke is told as that, since its remedy is another.
    pub fn explain(&self, column: Column, code: FaultCode) -> RowFault {
        let cell = self.get(column).unwrap_or_default();
        let is_number = matches!(code, FaultCode::NikFormat | FaultCode::KkFormat | FaultCode::PhoneFormat);
        let broken = [
            (is_number && spreadsheets::is_scientific(cell), RowCode::ScientificNotation),
            (code == FaultCode::NikFormat && spreadsheets::has_lost_its_zero(cell), RowCode::NikLeadingZeroLost),
            (code == FaultCode::KkFormat && spreadsheets::has_lost_its_zero(cell), RowCode::KkLeadingZeroLost),
            (code == FaultCode::DateFormat && spreadsheets::is_serial_date(cell), RowCode::DateIsSerialNumber),
            (code == FaultCode::DateFormat && spreadsheets::is_local_date(cell), RowCode::DateIsLocal),
        ];
        let broken = broken.into_iter().find_map(|(is_so, code)| is_so.then_some(code));
        fault(column, broken.map_or(Code::Field(code), Code::Row))
    }

    /// Cells that no column could hold.
    pub fn unfit(&self) -> Vec<RowFault> {
        let cells = Column::ALL.iter().filter_map(|column| self.get(*column).map(|cell| (*column, cell)));
        cells
            .filter_map(|(column, cell)| {
                let code = if cell.contains('\0') {
                    RowCode::NulByte
                } else if cell.len() > MAX_FIELD_BYTES {
                    RowCode::FieldTooLong
                } else {
                    return None;
                };
                Some(fault(column, Code::Row(code)))
            })
            .collect()
    }

    /// In a column that lost its last digits no number that ends in zero can be trusted.
    pub fn zeroed(&self, survey: &Survey) -> impl Iterator<Item = RowFault> {
        [
            (survey.nik_zeroed, Column::Nik, RowCode::NikLastDigitZeroed),
            (survey.kk_zeroed, Column::KkNumber, RowCode::KkLastDigitZeroed),
            (survey.filer_nik_zeroed, Column::FilerNik, RowCode::NikLastDigitZeroed),
        ]
        .into_iter()
        .filter(|(is_zeroed, column, _)| *is_zeroed && self.get(*column).is_some_and(|cell| cell.len() == 16 && cell.ends_with('0')))
        .map(|(_, column, code)| fault(column, Code::Row(code)))
    }

    /// The sender's own key; left out where it looks like a NIK, which must not come back in a report.
    pub fn row_key(&self) -> Result<Option<String>, RowFault> {
        let Some(key) = self.get(Column::RowKey) else { return Ok(None) };
        if key.chars().count() > ROW_KEY_MAX_CHARS || key.chars().any(char::is_control) {
            return Err(fault(Column::RowKey, Code::Row(RowCode::RowKeyFormat)));
        }
        let marks = [' ', '-', '.'];
        let longest_number = key.replace(marks, "").split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or(0);
        Ok((longest_number < 15).then(|| key.to_owned()))
    }

    /// Tells rows apart that have the same NIK; the sender's key is no part of what a row says.
    pub fn fingerprint(&self) -> u32 {
        let mut hasher = DefaultHasher::new();
        for column in Column::ALL.iter().filter(|column| **column != Column::RowKey) {
            self.get(*column).hash(&mut hasher);
        }
        // The low half is as good as any: it only tells two rows of one NIK apart.
        hasher.finish() as u32
    }
}

pub const fn fault(column: Column, code: Code) -> RowFault {
    RowFault { column: Some(column), code }
}

/// A word of one of our vocabularies.
pub fn word<T: std::str::FromStr>(cell: &str) -> Result<T, FaultCode> {
    cell.parse().map_err(|_| FaultCode::ValueNotAllowed)
}

/// The faults among some cells; for telling all of them at once.
pub fn faults_of<const N: usize>(cells: [Option<RowFault>; N]) -> Vec<RowFault> {
    cells.into_iter().flatten().collect()
}

/// What rows are judged by beside their own cells.
#[derive(Clone, Copy)]
pub struct Place<'r> {
    pub today: NaiveDate,
    pub regions: &'r Regions,
}
