//! The survey: a first pass over a file, for what no single row can tell.
//!
//! That a spreadsheet zeroed the last digit of every NIK shows only over many rows: one number in ten ends in zero anyway. A window of the first rows
//! could miss it (someone mended the first ones by hand) and would have to hold them back; a pass over the whole file costs a third of a
//! second per million rows, needs no memory, and also settles the encoding and counts the rows for the progress bar before anything is written.

use std::io::Read;

use super::columns::{Column, Columns};
use super::header::Header;
use super::records::{Record, Records};
use super::{Encoding, FileCode, FileFault, Unreadable};
use crate::domain::spreadsheets::unguarded;

/// What the file is like as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    pub rows: u64,
    pub bytes: u64,
    pub nik_zeroed: bool,
    pub kk_zeroed: bool,
    pub filer_nik_zeroed: bool,
}

/// Goes over the whole file once.
pub fn survey(input: impl Read, columns: Columns) -> Result<Survey, Unreadable> {
    let mut records = Records::new(input);
    let header = Header::read(&mut records, columns)?;
    let mut record = Record::default();
    let [mut nik, mut kk, mut filer_nik] = [ZeroTailDetector::default(); 3];
    let mut rows = 0;
    while records.read(&mut record)? {
        if record.is_blank() {
            continue;
        }
        rows += 1;
        if let Err(fault) = std::str::from_utf8(record.text()) {
            let before = &record.text()[..fault.valid_up_to()];
            let line = record.line + before.iter().filter(|byte| **byte == b'\n').count() as u64;
            return Err(Unreadable::Refused(vec![FileFault { encoding: Some(Encoding::Latin1), ..FileFault::new(FileCode::Encoding, line) }]));
        }
        for (detector, column) in [(&mut nik, Column::Nik), (&mut kk, Column::KkNumber), (&mut filer_nik, Column::FilerNik)] {
            if let Some(Ok(cell)) = header.cell(&record, column).map(std::str::from_utf8) {
                detector.see(unguarded(cell));
            }
        }
    }
    Ok(Survey { rows, bytes: records.position(), nik_zeroed: nik.is_zeroed(), kk_zeroed: kk.is_zeroed(), filer_nik_zeroed: filer_nik.is_zeroed() })
}

/// Recognises a column of 16-digit numbers of which a spreadsheet kept 15 digits.
#[derive(Debug, Clone, Copy, Default)]
pub struct ZeroTailDetector {
    numbers: u64,
    zeros: u64,
    last: u64,
}

impl ZeroTailDetector {
    /// So many are enough for nine in ten to tell.
    const ENOUGH: u64 = 20;
    /// So few tell when every one of them ends in zero: by chance one column in a million does.
    const FEW: u64 = 6;

    pub fn see(&mut self, cell: &str) {
        let Some(number) = (cell.len() == 16).then(|| cell.parse::<u64>().ok()).flatten() else { return };
        // A family's rows repeat its KK number; one family says nothing twenty times.
        if number != self.last {
            self.last = number;
            self.numbers += 1;
            self.zeros += u64::from(number % 10 == 0);
        }
    }

    /// Nine in ten, not all: a few rows may have been mended by hand. Among sound numbers one in ten ends in zero, and 18 of 20 by chance has odds
    /// below one in 10^15.
    pub fn is_zeroed(&self) -> bool {
        (self.numbers >= Self::ENOUGH && self.zeros * 10 >= self.numbers * 9) || (self.numbers >= Self::FEW && self.zeros == self.numbers)
    }
}
