//! Tariff files: price lists as cities and the Ministry publish them, as CSV or as a workbook (XLSX), read by a mapping that says what stands where.
//!
//! Nothing is guessed: which sign sets off the fraction, what a word means and which lines are headings stands in the mapping. A cell that says anything
//! else is told with its line and column, and the rest is read on.

mod amounts;
mod grid;
mod mapping;
mod rows;

pub use mapping::{Field, Mapping};

use super::imports::FileFault;
use super::regions::Regions;
use super::tariffs::Entry;
use super::text_enum::text_enum;

text_enum! {
    /// Why a cell, or a whole line, is not taken.
    FaultCode {
        Missing = "FIELD_MISSING", CodeFormat = "TARIFF_CODE_FORMAT", WordUnknown = "TARIFF_WORD_UNKNOWN", RegionUnknown = "REGION_UNKNOWN",
        TooLong = "FIELD_TOO_LONG", AmountFormat = "AMOUNT_FORMAT", AmountNotWhole = "AMOUNT_NOT_WHOLE", AmountOutOfRange = "AMOUNT_OUT_OF_RANGE",
        Formula = "CELL_FORMULA", Error = "CELL_ERROR", Date = "CELL_IS_A_DATE", Differs = "TARIFF_ITEM_DIFFERS", Encoding = "ENCODING",
        LineTooLong = "LINE_TOO_LONG", QuoteNotClosed = "QUOTE_NOT_CLOSED", QuoteMisplaced = "QUOTE_MISPLACED",
    }
}

/// What is wrong where. The value itself is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    pub line: u64,
    /// The heading of the column; none where the line as a whole is at fault.
    pub column: Option<String>,
    pub code: FaultCode,
    /// The words that would have done.
    pub allowed: Vec<&'static str>,
}

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TariffFile {
    /// Each key once.
    pub entries: Vec<Entry>,
    /// In the order of lines.
    pub faults: Vec<RowFault>,
    /// Lines below the headings that hold something and were not passed over as the mapping says.
    pub rows: usize,
    /// Items that stand there more than once with the same price.
    pub repeated: usize,
}

/// Reads a file of either sort.
pub fn read(content: &[u8], mapping: &Mapping, regions: &Regions) -> Result<TariffFile, Vec<FileFault>> {
    let lines = if grid::is_workbook(content) { grid::of_workbook(content, mapping)? } else { grid::of_csv(content, mapping)? };
    rows::read(&lines, mapping, regions)
}

/// Reads a file that must be CSV.
pub fn read_csv(content: &[u8], mapping: &Mapping, regions: &Regions) -> Result<TariffFile, Vec<FileFault>> {
    rows::read(&grid::of_csv(content, mapping)?, mapping, regions)
}

#[cfg(test)]
mod tests;
