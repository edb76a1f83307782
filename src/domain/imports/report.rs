//! errors.csv: which line, which column, which fault. It never holds a value of a person, and nothing in it runs as a formula.

use std::io::{Result, Write};

use crate::domain::sheets::{Cell, Sheet, SheetFormat};

/// One fault, as it is kept and as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportLine<'a> {
    pub line: u64,
    pub column: Option<&'a str>,
    pub code: &'a str,
    pub row_key: Option<&'a str>,
}

/// Writes faults as CSV; the message comes from a closure, which knows the reader's language.
pub struct ErrorReport<W: Write, M> {
    sheet: Sheet<W>,
    message: M,
}

impl<W: Write, M: Fn(&ReportLine<'_>) -> String> ErrorReport<W, M> {
    pub fn new(output: W, message: M) -> Result<Self> {
        let sheet = Sheet::begin(SheetFormat::Csv, output, "errors", &["line", "column", "code", "message", "row_key"])?;
        Ok(Self { sheet, message })
    }

    pub fn write(&mut self, fault: &ReportLine<'_>) -> Result<()> {
        let line = i64::try_from(fault.line).unwrap_or(i64::MAX);
        self.sheet.row(&[line.into(), fault.column.into(), fault.code.into(), Cell::from((self.message)(fault)), fault.row_key.into()])
    }

    /// Writes out what is left and gives the output back.
    pub fn finish(self) -> Result<W> {
        self.sheet.finish()
    }
}
