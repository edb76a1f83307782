//! Lines and cells, whatever the file is: of CSV by our own reader, which keeps damage to its line; of a workbook with the values that were computed last.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::FaultCode;
use super::mapping::{Mapping, plain};
use crate::domain::imports::records::{Damage, Record, Records};
use crate::domain::imports::{Encoding, FileCode, FileFault};
use crate::domain::spreadsheets::unguarded;

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// A date, or what a spreadsheet took for one.
    Date,
    /// A formula without a value.
    Formula,
    /// What a spreadsheet could not compute.
    Error,
    /// Bytes that are no UTF-8.
    Undecoded,
}

/// One line as the file counts them.
#[derive(Debug, Clone)]
pub struct Line {
    pub number: u64,
    pub cells: Vec<Cell>,
    pub damage: Option<FaultCode>,
}

impl Cell {
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// A cell of CSV, whose formulas nobody computes.
    fn of_text(text: &str) -> Self {
        let bare = unguarded(text);
        match bare {
            "" => Self::Empty,
            bare if bare.starts_with('=') => Self::Formula,
            bare if bare.starts_with('#') && bare.ends_with(['!', '?', 'A']) => Self::Error,
            bare => Self::Text(bare.to_owned()),
        }
    }

    fn of_workbook(value: &Data, has_formula: bool) -> Self {
        match value {
            Data::Empty if has_formula => Self::Formula,
            Data::Empty => Self::Empty,
            Data::String(text) if text.trim().is_empty() => Self::Empty,
            Data::String(text) => Self::Text(text.trim().to_owned()),
            // Far below where a float loses whole numbers, or out of range anyway.
            Data::Int(number) => Self::Number(*number as f64),
            Data::Float(number) => Self::Number(*number),
            Data::Bool(truth) => Self::Text(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
            Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_) => Self::Date,
            Data::Error(_) => Self::Error,
        }
    }
}

fn fault(code: FileCode, line: u64) -> FileFault {
    FileFault { code, line, column: None, encoding: None }
}

const XLSX: &[u8] = b"PK\x03\x04";
/// The workbooks of before 2007, which are not read.
const XLS: &[u8] = b"\xD0\xCF\x11\xE0";

pub fn is_workbook(content: &[u8]) -> bool {
    content.starts_with(XLSX)
}

/// Of CSV, with the separator that gives most of the columns that the mapping names.
pub fn of_csv(content: &[u8], mapping: &Mapping) -> Result<Vec<Line>, Vec<FileFault>> {
    if content.starts_with(XLSX) || content.starts_with(XLS) {
        return Err(vec![fault(FileCode::Workbook, 1)]);
    }
    if content.starts_with(b"\xFF\xFE") || content.starts_with(b"\xFE\xFF") || content.contains(&0) {
        return Err(vec![FileFault { encoding: Some(Encoding::Utf16), ..fault(FileCode::Encoding, 1) }]);
    }
    if content.trim_ascii().is_empty() {
        return Err(vec![fault(FileCode::Empty, 1)]);
    }
    let known = |lines: &[Line]| mapping.headings(lines).iter().filter(|heading| mapping.names(heading)).count();
    let ways = b",;\t".iter().rev().map(|separator| split(content, *separator, mapping));
    Ok(ways.max_by_key(|lines| known(lines)).unwrap_or_default())
}

fn split(content: &[u8], separator: u8, mapping: &Mapping) -> Vec<Line> {
    let (mut records, mut record) = (Records::new(content), Record::default());
    records.split_by(separator);
    let mut lines = Vec::new();
    // Bytes in memory are read without a fault.
    while records.read(&mut record).unwrap_or(false) {
        let cell = |index| record.field(index).map_or(Cell::Empty, |bytes| std::str::from_utf8(bytes).map_or(Cell::Undecoded, Cell::of_text));
        let damage = record.damage.map(|damage| match damage {
            Damage::LineTooLong => FaultCode::LineTooLong,
            Damage::QuoteNotClosed => FaultCode::QuoteNotClosed,
            Damage::QuoteMisplaced => FaultCode::QuoteMisplaced,
        });
        lines.push(Line { number: record.line, cells: (0..record.fields()).map(cell).collect(), damage });
        if record.line == mapping.last_heading() {
            // From here on a quoted field that goes over lines must end where the headings say.
            records.expect(separator, record.fields());
        }
    }
    lines
}

/// Of a sheet of a workbook.
pub fn of_workbook(content: &[u8], mapping: &Mapping) -> Result<Vec<Line>, Vec<FileFault>> {
    let unreadable = |_| vec![fault(FileCode::WorkbookUnreadable, 1)];
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(content)).map_err(unreadable)?;
    let names = workbook.sheet_names();
    let name = match &mapping.sheet {
        Some(wanted) => names.iter().find(|name| plain(name) == plain(wanted)),
        None => names.first(),
    };
    let name = name.cloned().ok_or_else(|| vec![FileFault { column: mapping.sheet.clone(), ..fault(FileCode::SheetMissing, 1) }])?;
    let values = workbook.worksheet_range(&name).map_err(unreadable)?;
    let formulas = workbook.worksheet_formula(&name).map_err(unreadable)?;
    // A formula that was never computed may lie outside of what has a value.
    let ends = [values.end(), formulas.end()];
    let (Some(last_row), Some(last_column)) = (ends.iter().flatten().map(|end| end.0).max(), ends.iter().flatten().map(|end| end.1).max()) else {
        return Err(vec![fault(FileCode::Empty, 1)]);
    };
    let cell = |row, column| {
        let has_formula = formulas.get_value((row, column)).is_some_and(|formula| !formula.is_empty());
        Cell::of_workbook(values.get_value((row, column)).unwrap_or(&Data::Empty), has_formula)
    };
    let line = |row| Line { number: u64::from(row) + 1, cells: (0..=last_column).map(|column| cell(row, column)).collect(), damage: None };
    Ok((0..=last_row).map(line).collect())
}
