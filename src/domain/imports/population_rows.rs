//! Rows of the population office's file: a snapshot of the civil registry. A person may live anywhere, and may stand in it twice: which of two rows is
//! right, comparing with the registry shows.

use super::cells::{Cells, Place, fault, faults_of, word};
use super::columns::{Column, Columns};
use super::rows::Entry;
use super::{Code, RowFault};
use crate::domain::kk::KkNumber;
use crate::domain::nik::Nik;
use crate::domain::population::CivilRecord;
use crate::domain::registration::{FaultCode, birth_date, past_date, person_name};

pub struct PopulationRow {
    pub nik: Nik,
    pub record: CivilRecord,
}

impl Entry for PopulationRow {
    const COLUMNS: Columns = Columns {
        required: &[Column::Nik, Column::KkNumber, Column::Name, Column::BirthDate, Column::Sex, Column::VillageCode],
        optional: &[Column::Status, Column::StatusDate, Column::ResidentSince, Column::JknSegment, Column::JknState, Column::RowKey],
    };
    const SPEAKS_ONCE: bool = false;

    fn read(cells: &Cells<'_>, place: Place<'_>) -> Result<Self, Vec<RowFault>> {
        let nik = cells.nik();
        let kk_number = cells.required(Column::KkNumber, |cell| KkNumber::parse(cell).map_err(|_| FaultCode::KkFormat));
        let name = cells.required(Column::Name, person_name);
        let birth_date = cells.required(Column::BirthDate, |cell| birth_date(cell, place.today));
        let sex = cells.required(Column::Sex, word);
        let village_code = cells.required(Column::VillageCode, |cell| cell.parse().map_err(|_| FaultCode::VillageFormat));
        let status = cells.optional(Column::Status, word);
        let status_date = cells.optional(Column::StatusDate, |cell| past_date(cell, place.today));
        let resident_since = cells.optional(Column::ResidentSince, |cell| past_date(cell, place.today));
        let jkn_segment = jkn_cell(cells, Column::JknSegment, Column::JknState);
        let jkn_state = jkn_cell(cells, Column::JknState, Column::JknSegment);
        match (nik, kk_number, name, birth_date, sex, village_code, status, status_date, resident_since, jkn_segment, jkn_state) {
            (
                Ok(nik),
                Ok(kk_number),
                Ok(name),
                Ok(birth_date),
                Ok(sex),
                Ok(village_code),
                Ok(status),
                Ok(status_date),
                Ok(resident_since),
                Ok(jkn_segment),
                Ok(jkn_state),
            ) => {
                let (nik_digits, kk_number) = (nik.digits().to_owned(), kk_number.digits().to_owned());
                // A key that cannot be kept is told by whoever reads the row.
                let row_key = cells.row_key().unwrap_or_default();
                let record = CivilRecord {
                    nik: nik_digits,
                    kk_number,
                    name,
                    birth_date,
                    sex,
                    village_code,
                    status,
                    status_date,
                    resident_since,
                    jkn_segment,
                    jkn_state,
                    row_key,
                };
                Ok(Self { nik, record })
            }
            (nik, kk_number, name, birth_date, sex, village_code, status, status_date, resident_since, jkn_segment, jkn_state) => Err(faults_of([
                nik.err(),
                kk_number.err(),
                name.err(),
                birth_date.err(),
                sex.err(),
                village_code.err(),
                status.err(),
                status_date.err(),
                resident_since.err(),
                jkn_segment.err(),
                jkn_state.err(),
            ])),
        }
    }

    fn nik(&self) -> &Nik {
        &self.nik
    }
}

/// Segment and state stand together or not at all.
fn jkn_cell<T: std::str::FromStr>(cells: &Cells<'_>, column: Column, beside: Column) -> Result<Option<T>, RowFault> {
    match (cells.get(column), cells.get(beside)) {
        (None, Some(_)) => Err(fault(column, Code::Field(FaultCode::Required))),
        (Some(_) | None, _) => cells.optional(column, word),
    }
}
