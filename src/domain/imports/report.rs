//! errors.csv: which line, which column, which fault. It never holds a value of a person, and nothing in it runs as a formula.

use std::io::Write;

use crate::domain::spreadsheets::neutralised;

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
    csv: csv::Writer<W>,
    message: M,
}

impl<W: Write, M: Fn(&ReportLine<'_>) -> String> ErrorReport<W, M> {
    pub fn new(output: W, message: M) -> csv::Result<Self> {
        let mut csv = csv::Writer::from_writer(output);
        csv.write_record(["line", "column", "code", "message", "row_key"])?;
        Ok(Self { csv, message })
    }

    pub fn write(&mut self, fault: &ReportLine<'_>) -> csv::Result<()> {
        let message = (self.message)(fault);
        let line = fault.line.to_string();
        let cells = [line.as_str(), fault.column.unwrap_or(""), fault.code, &message, fault.row_key.unwrap_or("")];
        self.csv.write_record(cells.map(|cell| neutralised(cell).into_owned()))
    }

    /// Writes out what is left and gives the output back.
    pub fn finish(self) -> std::io::Result<W> {
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}
