//! Rows of JKN statuses: who is in which segment, and in which state, from when until when. The first day may lie ahead.

use super::cells::{Cells, Place, fault, faults_of, word};
use super::columns::{Column, Columns};
use super::rows::Entry;
use super::{Code, RowCode, RowFault};
use crate::domain::jkn::JknPeriod;
use crate::domain::nik::Nik;
use crate::domain::registration::date;

#[derive(Debug)]
pub struct JknRow {
    pub nik: Nik,
    pub period: JknPeriod,
}

impl Entry for JknRow {
    const COLUMNS: Columns =
        Columns { required: &[Column::Nik, Column::Segment, Column::State, Column::ValidFrom], optional: &[Column::ValidTo, Column::RowKey] };

    fn read(cells: &Cells<'_>, _: Place<'_>) -> Result<Self, Vec<RowFault>> {
        let nik = cells.nik();
        let segment = cells.required(Column::Segment, word);
        let state = cells.required(Column::State, word);
        let valid_from = cells.required(Column::ValidFrom, date);
        let valid_to = cells.optional(Column::ValidTo, date);
        match (nik, segment, state, valid_from, valid_to) {
            (Ok(nik), Ok(segment), Ok(state), Ok(valid_from), Ok(valid_to)) => {
                let period = JknPeriod { valid_from, valid_to, segment, state };
                if period.ends_before_it_begins() {
                    return Err(vec![fault(Column::ValidTo, Code::Row(RowCode::EndsBeforeBeginning))]);
                }
                Ok(Self { nik, period })
            }
            (nik, segment, state, valid_from, valid_to) => Err(faults_of([nik.err(), segment.err(), state.err(), valid_from.err(), valid_to.err()])),
        }
    }

    fn nik(&self) -> &Nik {
        &self.nik
    }
}
