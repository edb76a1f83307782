//! Rows of people: a registration, with the card and the JKN membership that someone may have.

use chrono::NaiveDate;

use super::cells::{Cells, Place, fault, word};
use super::columns::{Column, Columns};
use super::rows::Entry;
use super::{Code, RowCode, RowFault};
use crate::domain::enrollments;
use crate::domain::jkn::JknPeriod;
use crate::domain::nik::{Nik, NikOddity};
use crate::domain::registration::{FaultCode, RawRegistration, Registration, past_date};
use crate::domain::spreadsheets;

#[derive(Debug)]
pub struct ParticipantRow {
    pub registration: Registration,
    pub warnings: Vec<NikOddity>,
    pub card: Option<CardRow>,
    pub jkn: Option<JknPeriod>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct CardRow {
    pub number: String,
    pub issued_on: Option<NaiveDate>,
}

impl std::fmt::Debug for CardRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CardRow").field("issued_on", &self.issued_on).finish_non_exhaustive()
    }
}

impl Entry for ParticipantRow {
    const COLUMNS: Columns = Columns {
        required: &[
            Column::Nik,
            Column::KkNumber,
            Column::Relation,
            Column::Name,
            Column::BirthDate,
            Column::Sex,
            Column::VillageCode,
            Column::Rt,
            Column::Rw,
            Column::Address,
            Column::Phone,
            Column::ResidentSince,
        ],
        optional: &[
            Column::MotherName,
            Column::CardNumber,
            Column::CardIssuedOn,
            Column::JknSegment,
            Column::JknState,
            Column::JknValidFrom,
            Column::RowKey,
        ],
    };

    fn read(cells: &Cells<'_>, place: Place<'_>) -> Result<Self, Vec<RowFault>> {
        let registration = registration(cells, place);
        let card = card(cells, place.today);
        let jkn = jkn(cells, place.today);
        match (registration, card, jkn) {
            (Ok(registration), Ok(card), Ok(jkn)) => {
                let warnings = registration.warnings(place.regions);
                Ok(Self { registration, warnings, card, jkn })
            }
            (registration, card, jkn) => Err([registration.err(), card.err(), jkn.err()].into_iter().flatten().flatten().collect()),
        }
    }

    fn nik(&self) -> &Nik {
        &self.registration.nik
    }
}

/// The registration that a row holds.
pub fn registration(cells: &Cells<'_>, place: Place<'_>) -> Result<Registration, Vec<RowFault>> {
    let raw = RawRegistration {
        nik: cells.get(Column::Nik),
        kk_number: cells.get(Column::KkNumber),
        relation: cells.get(Column::Relation),
        name: cells.get(Column::Name),
        birth_date: cells.get(Column::BirthDate),
        sex: cells.get(Column::Sex),
        village_code: cells.get(Column::VillageCode),
        rt: cells.get(Column::Rt),
        rw: cells.get(Column::Rw),
        address: cells.get(Column::Address),
        phone: cells.get(Column::Phone),
        resident_since: cells.get(Column::ResidentSince),
        mother_name: cells.get(Column::MotherName),
    };
    Registration::from_raw(&raw, place.today, place.regions)
        .map_err(|found| found.iter().map(|found| cells.explain(found.field.into(), found.code)).collect())
}

fn card(cells: &Cells<'_>, today: NaiveDate) -> Result<Option<CardRow>, Vec<RowFault>> {
    let issued_on = cells.optional(Column::CardIssuedOn, |cell| past_date(cell, today));
    let number = match cells.get(Column::CardNumber) {
        Some(cell) => card_number(cell).map(Some).map_err(|code| fault(Column::CardNumber, Code::Row(code))),
        None if cells.get(Column::CardIssuedOn).is_some() => Err(fault(Column::CardNumber, Code::Field(FaultCode::Required))),
        None => Ok(None),
    };
    match (number, issued_on) {
        (Ok(number), Ok(issued_on)) => Ok(number.map(|number| CardRow { number, issued_on })),
        (number, issued_on) => Err(number.err().into_iter().chain(issued_on.err()).collect()),
    }
}

/// A JKN period needs all three of its columns.
fn jkn(cells: &Cells<'_>, today: NaiveDate) -> Result<Option<JknPeriod>, Vec<RowFault>> {
    if [Column::JknSegment, Column::JknState, Column::JknValidFrom].iter().all(|column| cells.get(*column).is_none()) {
        return Ok(None);
    }
    let segment = cells.required(Column::JknSegment, word);
    let state = cells.required(Column::JknState, word);
    let valid_from = cells.required(Column::JknValidFrom, |cell| past_date(cell, today));
    match (segment, state, valid_from) {
        (Ok(segment), Ok(state), Ok(valid_from)) => Ok(Some(JknPeriod { valid_from, valid_to: None, segment, state })),
        (segment, state, valid_from) => Err(segment.err().into_iter().chain(state.err()).chain(valid_from.err()).collect()),
    }
}

/// The number of a card, without the mark with which spreadsheets keep it a text.
fn card_number(cell: &str) -> Result<String, RowCode> {
    let number = cell.trim_start_matches('\'');
    let broken = || if spreadsheets::is_scientific(number) { RowCode::ScientificNotation } else { RowCode::CardNumberFormat };
    enrollments::card_number(number).ok_or_else(broken)
}
