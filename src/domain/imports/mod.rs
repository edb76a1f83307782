//! Imports: what is told of people as CSV, read as a stream. `survey` goes over the file once and judges it as a whole (encoding, header, damage to a
//! whole column); `Reader` goes over it again and judges every row. Both hold a few lines at a time. What a row of each kind says is an `Entry`; all
//! the rest is the same for all kinds. Nothing here knows a database.

mod cells;
mod columns;
mod enrollment_rows;
mod event_rows;
mod header;
mod household_rows;
mod jkn_rows;
mod participant_rows;
mod population_rows;
pub(super) mod records;
mod repeats;
mod report;
mod rows;
mod survey;

pub use cells::Place;
pub use columns::{Column, Columns};
pub use enrollment_rows::EnrollmentRow;
pub use event_rows::{DeathRow, EventRow, MoverRow};
pub use household_rows::HouseholdRow;
pub use jkn_rows::JknRow;
pub use participant_rows::{CardRow, ParticipantRow};
pub use population_rows::PopulationRow;
pub use report::{ErrorReport, ReportLine};
pub use rows::{Entry, Outcome, Reader, Row};
pub use survey::{Survey, ZeroTailDetector, survey};

use super::registration;
use super::text_enum::text_enum;

text_enum! {
    /// What a file is about.
    ImportKind {
        Participants = "participants", Population = "population", JknStatus = "jkn_status", Deaths = "deaths", Movers = "movers",
        Enrollments = "enrollments", Households = "households",
    }
}

impl ImportKind {
    /// Is each of its rows recorded in somebody's name?
    pub const fn names_who_records(self) -> bool {
        match self {
            Self::Deaths | Self::Movers | Self::Enrollments => true,
            Self::Participants | Self::Population | Self::JknStatus | Self::Households => false,
        }
    }
}

text_enum! {
    /// The life of an import.
    ImportState { Queued = "queued", Running = "running", Done = "done", Failed = "failed", Cancelled = "cancelled" }
}

impl ImportState {
    /// Does something still happen to it?
    pub const fn is_finished(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Done | Self::Failed | Self::Cancelled => true,
        }
    }
}

text_enum! {
    /// Why a job ended without having read its file to the end.
    ImportFailure {
        /// The file, or the key that opens it, did not outlive a restart.
        SpoolLost = "SPOOL_LOST",
        SpoolUnreadable = "SPOOL_UNREADABLE",
        /// The file was sound when it came and is not any more.
        FileRefused = "FILE_REFUSED",
        /// A file of the population office that has far fewer people than it should.
        FarFewerPeople = "FAR_FEWER_PEOPLE",
    }
}

text_enum! {
    /// Why a whole file is refused.
    FileCode {
        Empty = "FILE_EMPTY", Workbook = "FILE_IS_A_WORKBOOK", Encoding = "ENCODING", LineEnds = "LINE_ENDS", HeaderMissing = "HEADER_MISSING",
        ColumnUnknown = "COLUMN_UNKNOWN", ColumnMissing = "COLUMN_MISSING", ColumnDuplicate = "COLUMN_DUPLICATE",
        WorkbookUnreadable = "WORKBOOK_UNREADABLE", SheetMissing = "SHEET_MISSING",
    }
}

text_enum! {
    /// What a file seems to be written in, where it is not UTF-8.
    Encoding { Utf16 = "UTF-16", Latin1 = "Latin-1" }
}

/// A fault of the file as a whole: nothing of it is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    pub code: FileCode,
    /// The line on which it shows.
    pub line: u64,
    /// The column's name: an unknown one only where the header is known to be one, so that it is never a person's data.
    pub column: Option<String>,
    pub encoding: Option<Encoding>,
}

impl FileFault {
    fn new(code: FileCode, line: u64) -> Self {
        Self { code, line, column: None, encoding: None }
    }
}

/// Why a file could not be begun or surveyed.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the file is refused as a whole for {} faults", .0.len())]
    Refused(Vec<FileFault>),
    #[error("the file could not be read")]
    Io(#[from] std::io::Error),
}

text_enum! {
    /// Why a row is refused, beyond the faults of a registration's fields.
    RowCode {
        LineTooLong = "LINE_TOO_LONG", QuoteNotClosed = "QUOTE_NOT_CLOSED", QuoteMisplaced = "QUOTE_MISPLACED", TooFewFields = "TOO_FEW_FIELDS",
        TooManyFields = "TOO_MANY_FIELDS", Encoding = "ENCODING", NulByte = "NUL_BYTE", FieldTooLong = "FIELD_TOO_LONG",
        ScientificNotation = "NIK_SCIENTIFIC_NOTATION", NikLeadingZeroLost = "NIK_LEADING_ZERO_LOST", KkLeadingZeroLost = "KK_LEADING_ZERO_LOST",
        NikLastDigitZeroed = "NIK_LAST_DIGIT_ZEROED", KkLastDigitZeroed = "KK_LAST_DIGIT_ZEROED", DateIsSerialNumber = "DATE_IS_SERIAL_NUMBER",
        DateIsLocal = "DATE_IS_LOCAL", NikRepeated = "NIK_REPEATED", CardNumberFormat = "CARD_NUMBER_FORMAT", RowKeyFormat = "ROW_KEY_FORMAT",
        EndsBeforeBeginning = "ENDS_BEFORE_BEGINNING", HeadCount = "HEAD_COUNT", HouseholdIncomplete = "HOUSEHOLD_INCOMPLETE",
        HouseholdRowsApart = "HOUSEHOLD_ROWS_APART", HouseholdDiffers = "HOUSEHOLD_DIFFERS", HouseholdTooLarge = "HOUSEHOLD_TOO_LARGE",
    }
}

/// A code from either vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    Field(registration::FaultCode),
    Row(RowCode),
}

impl Code {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Field(code) => code.as_str(),
            Self::Row(code) => code.as_str(),
        }
    }
}

/// A fault of one row. The value is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowFault {
    /// None where the row as a whole is at fault.
    pub column: Option<Column>,
    pub code: Code,
}

#[cfg(test)]
mod tests;
