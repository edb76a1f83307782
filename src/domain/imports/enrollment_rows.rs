//! Rows of requests for enrolment: for whom, who files, and which way they came.

use super::cells::{Cells, Place, fault, faults_of, word};
use super::columns::{Column, Columns};
use super::rows::Entry;
use super::{Code, RowFault};
use crate::domain::enrollments::{Channel, FilerKind};
use crate::domain::nik::Nik;
use crate::domain::registration::FaultCode;

const FILER_NAME_MAX_CHARS: usize = 100;
const NOTE_MAX_CHARS: usize = 1_000;

pub struct EnrollmentRow {
    pub nik: Nik,
    pub filer: FilerKind,
    pub filer_nik: Option<Nik>,
    pub filer_name: Option<String>,
    pub channel: Channel,
    pub note: Option<String>,
}

impl Entry for EnrollmentRow {
    const COLUMNS: Columns = Columns {
        required: &[Column::Nik, Column::FilerKind],
        optional: &[Column::FilerNik, Column::FilerName, Column::Channel, Column::Note, Column::RowKey],
    };

    fn read(cells: &Cells<'_>, _: Place<'_>) -> Result<Self, Vec<RowFault>> {
        let nik = cells.nik();
        let filer = cells.required(Column::FilerKind, word);
        let filer_nik = cells.optional(Column::FilerNik, |cell| Nik::parse(cell).map_err(|_| FaultCode::NikFormat));
        let filer_name = cells.text(Column::FilerName, FILER_NAME_MAX_CHARS);
        // A file is one that came in bulk unless it says how each of its requests came.
        let channel = cells.optional(Column::Channel, word).map(|channel| channel.unwrap_or(Channel::Bulk));
        let note = cells.text(Column::Note, NOTE_MAX_CHARS);
        let lacking = filer.as_ref().map_or([None, None], |filer: &FilerKind| lacking(cells, *filer));
        match (nik, filer, filer_nik, filer_name, channel, note, lacking) {
            (Ok(nik), Ok(filer), Ok(filer_nik), Ok(filer_name), Ok(channel), Ok(note), [None, None]) => {
                Ok(Self { nik, filer, filer_nik, filer_name, channel, note })
            }
            (nik, filer, filer_nik, filer_name, channel, note, [no_nik, no_name]) => {
                Err(faults_of([nik.err(), filer.err(), filer_nik.err(), no_nik, filer_name.err(), no_name, channel.err(), note.err()]))
            }
        }
    }

    fn nik(&self) -> &Nik {
        &self.nik
    }
}

/// What must be known of such a filer and is not there.
fn lacking(cells: &Cells<'_>, filer: FilerKind) -> [Option<RowFault>; 2] {
    let needs = filer.needs();
    [(needs.nik, Column::FilerNik), (needs.name, Column::FilerName)]
        .map(|(needed, column)| (needed && cells.get(column).is_none()).then(|| fault(column, Code::Field(FaultCode::Required))))
}
