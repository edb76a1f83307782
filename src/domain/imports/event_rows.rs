//! Rows of deaths and of moves: what happened to someone on a date, as `POST /participants/{id}/events` is told it.

use chrono::NaiveDate;

use super::RowFault;
use super::cells::{Cells, Place, faults_of, word};
use super::columns::{Column, Columns, MOVES};
use super::rows::Entry;
use crate::domain::kk::KkNumber;
use crate::domain::nik::Nik;
use crate::domain::participants::StatusEventKind;
use crate::domain::registration::{FaultCode, date};
use crate::domain::residency::VillageCode;

const DOCUMENT_NUMBER_MAX_CHARS: usize = 100;
const NOTE_MAX_CHARS: usize = 500;

/// What a row tells of somebody.
pub struct EventRow {
    pub nik: Nik,
    pub kind: StatusEventKind,
    pub date: NaiveDate,
    pub village_code: Option<VillageCode>,
    pub kk_number: Option<KkNumber>,
    pub document_number: Option<String>,
    pub note: Option<String>,
}

/// Somebody died.
pub struct DeathRow(pub EventRow);

/// Somebody left the city, came to it, or moved within it.
pub struct MoverRow(pub EventRow);

impl Entry for DeathRow {
    const COLUMNS: Columns = Columns { required: &[Column::Nik, Column::Date], optional: &[Column::DocumentNumber, Column::Note, Column::RowKey] };

    fn read(cells: &Cells<'_>, _: Place<'_>) -> Result<Self, Vec<RowFault>> {
        event(cells, Ok(StatusEventKind::Deceased)).map(Self)
    }

    fn nik(&self) -> &Nik {
        &self.0.nik
    }
}

impl Entry for MoverRow {
    const COLUMNS: Columns = Columns {
        required: &[Column::Nik, Column::Kind, Column::Date],
        optional: &[Column::VillageCode, Column::KkNumber, Column::DocumentNumber, Column::RowKey],
    };

    fn read(cells: &Cells<'_>, _: Place<'_>) -> Result<Self, Vec<RowFault>> {
        let kind = cells.required(Column::Kind, |cell| match word(cell)? {
            kind if MOVES.contains(&kind) => Ok(kind),
            _ => Err(FaultCode::ValueNotAllowed),
        });
        event(cells, kind).map(Self)
    }

    fn nik(&self) -> &Nik {
        &self.0.nik
    }
}

/// The cells that a kind of file does not have are empty.
fn event(cells: &Cells<'_>, kind: Result<StatusEventKind, RowFault>) -> Result<EventRow, Vec<RowFault>> {
    let nik = cells.nik();
    let date = cells.required(Column::Date, date);
    let village_code = cells.optional(Column::VillageCode, |cell| cell.parse().map_err(|_| FaultCode::VillageFormat));
    let kk_number = cells.optional(Column::KkNumber, |cell| KkNumber::parse(cell).map_err(|_| FaultCode::KkFormat));
    let document_number = cells.text(Column::DocumentNumber, DOCUMENT_NUMBER_MAX_CHARS);
    let note = cells.text(Column::Note, NOTE_MAX_CHARS);
    match (nik, kind, date, village_code, kk_number, document_number, note) {
        (Ok(nik), Ok(kind), Ok(date), Ok(village_code), Ok(kk_number), Ok(document_number), Ok(note)) => {
            Ok(EventRow { nik, kind, date, village_code, kk_number, document_number, note })
        }
        (nik, kind, date, village_code, kk_number, document_number, note) => {
            let of_all = [nik.err(), kind.err(), date.err(), village_code.err(), kk_number.err(), document_number.err(), note.err()];
            Err(faults_of(of_all))
        }
    }
}
