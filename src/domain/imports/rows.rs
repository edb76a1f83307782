//! Rows: each record judged on its own, with all its faults. A bad row is told and the rest goes on.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use chrono::NaiveDate;

use super::header::{Column, Header};
use super::records::{Damage, Record, Records};
use super::repeats::{Meeting, Repeats};
use super::survey::Survey;
use super::{Code, RowCode, RowFault, Unreadable};
use crate::domain::cards;
use crate::domain::jkn::JknPeriod;
use crate::domain::nik::NikOddity;
use crate::domain::regions::Regions;
use crate::domain::registration::{FaultCode, RawRegistration, Registration, past_date};
use crate::domain::spreadsheets;

/// A longer field is damage, whatever its column.
const MAX_FIELD_BYTES: usize = 1_000;
const ROW_KEY_MAX_CHARS: usize = 64;

/// A row of the file and what became of it.
#[derive(Debug)]
pub struct Row {
    /// The physical line on which it begins; the header is on 1.
    pub line: u64,
    pub byte_position: u64,
    /// The sender's own key; left out where it looks like a NIK, which must not come back in a report.
    pub row_key: Option<String>,
    pub outcome: Outcome,
}

#[derive(Debug)]
pub enum Outcome {
    Good(Box<ParticipantRow>),
    /// The same row has been read before, word for word: nothing to do, nothing wrong.
    Repeated,
    Bad(Vec<RowFault>),
}

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

/// Reads rows of participants from a stream that was surveyed before.
pub struct Reader<'r, R> {
    records: Records<R>,
    header: Header,
    record: Record,
    repeats: Repeats,
    survey: Survey,
    today: NaiveDate,
    regions: &'r Regions,
}

impl<'r, R: Read> Reader<'r, R> {
    pub fn open(input: R, survey: Survey, today: NaiveDate, regions: &'r Regions) -> Result<Self, Unreadable> {
        let mut records = Records::new(input);
        let header = Header::read(&mut records)?;
        Ok(Self { records, header, record: Record::default(), repeats: Repeats::default(), survey, today, regions })
    }

    /// How many bytes have been read, for a percentage of `Survey::bytes`.
    pub fn position(&self) -> u64 {
        self.records.position()
    }

    fn judge(&mut self) -> Row {
        let (line, byte_position) = (self.record.line, self.record.position);
        match Cells::of(&self.record, &self.header) {
            Err(code) => Row { line, byte_position, row_key: None, outcome: Outcome::Bad(vec![RowFault { column: None, code: Code::Row(code) }]) },
            Ok(cells) => {
                let outcome = match cells.participant(&self.survey, self.today, self.regions) {
                    Err(faults) => Outcome::Bad(faults),
                    // Only good rows are remembered: a bad one does not stand in the way of its correction further down.
                    Ok(row) => match self.repeats.meet(&row.registration.nik, cells.fingerprint()) {
                        Meeting::First => Outcome::Good(Box::new(row)),
                        Meeting::Same => Outcome::Repeated,
                        Meeting::Different => Outcome::Bad(vec![fault(Column::Nik, Code::Row(RowCode::NikRepeated))]),
                    },
                };
                Row { line, byte_position, row_key: cells.row_key().unwrap_or_default(), outcome }
            }
        }
    }
}

impl<R: Read> Iterator for Reader<'_, R> {
    type Item = std::io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.records.read(&mut self.record) {
                Ok(true) if self.record.is_blank() => {}
                Ok(true) => return Some(Ok(self.judge())),
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// The cells of one row, by column, without their guards.
struct Cells<'a>([Option<&'a str>; Column::ALL.len()]);

impl<'a> Cells<'a> {
    fn of(record: &'a Record, header: &Header) -> Result<Self, RowCode> {
        match record.damage {
            None => {}
            Some(Damage::LineTooLong) => return Err(RowCode::LineTooLong),
            Some(Damage::QuoteNotClosed) => return Err(RowCode::QuoteNotClosed),
            Some(Damage::QuoteMisplaced) => return Err(RowCode::QuoteMisplaced),
        }
        if record.fields() < header.fields() {
            return Err(RowCode::TooFewFields);
        }
        // Some programs end each row with separators; only what holds something is too much.
        if (header.fields()..record.fields()).any(|extra| record.field(extra).is_some_and(|cell| !cell.trim_ascii().is_empty())) {
            return Err(RowCode::TooManyFields);
        }
        let mut cells = [None; Column::ALL.len()];
        for (cell, column) in cells.iter_mut().zip(Column::ALL) {
            let Some(bytes) = header.cell(record, *column) else { continue };
            *cell = Some(spreadsheets::unguarded(std::str::from_utf8(bytes).map_err(|_| RowCode::Encoding)?)).filter(|text| !text.is_empty());
        }
        Ok(Self(cells))
    }

    fn get(&self, column: Column) -> Option<&'a str> {
        self.0[column as usize]
    }

    fn participant(&self, survey: &Survey, today: NaiveDate, regions: &Regions) -> Result<ParticipantRow, Vec<RowFault>> {
        let mut faults = self.unfit_cells();
        let registration = match Registration::from_raw(&self.raw(), today, regions) {
            Ok(registration) => Some(registration),
            Err(found) => {
                faults.extend(found.iter().map(|found| self.explain(found.field.into(), found.code)));
                None
            }
        };
        let card = self.card(today).unwrap_or_else(|found| {
            faults.extend(found);
            None
        });
        let jkn = self.jkn(today).unwrap_or_else(|found| {
            faults.extend(found);
            None
        });
        faults.extend(self.row_key().err().map(|code| fault(Column::RowKey, Code::Row(code))));
        faults.extend(self.zeroed(survey));
        match registration {
            Some(registration) if faults.is_empty() => {
                let warnings = registration.warnings(regions);
                Ok(ParticipantRow { registration, warnings, card, jkn })
            }
            Some(_) | None => Err(one_per_column(faults)),
        }
    }

    /// Cells that no column could hold.
    fn unfit_cells(&self) -> Vec<RowFault> {
        let cells = Column::ALL.iter().filter_map(|column| self.get(*column).map(|cell| (*column, cell)));
        cells
            .filter_map(|(column, cell)| {
                let code = if cell.contains('\0') {
                    RowCode::NulByte
                } else if cell.len() > MAX_FIELD_BYTES {
                    RowCode::FieldTooLong
                } else {
                    return None;
                };
                Some(fault(column, Code::Row(code)))
            })
            .collect()
    }

    fn raw(&self) -> RawRegistration<'a> {
        RawRegistration {
            nik: self.get(Column::Nik),
            kk_number: self.get(Column::KkNumber),
            relation: self.get(Column::Relation),
            name: self.get(Column::Name),
            birth_date: self.get(Column::BirthDate),
            sex: self.get(Column::Sex),
            village_code: self.get(Column::VillageCode),
            rt: self.get(Column::Rt),
            rw: self.get(Column::Rw),
            address: self.get(Column::Address),
            phone: self.get(Column::Phone),
            resident_since: self.get(Column::ResidentSince),
            mother_name: self.get(Column::MotherName),
        }
    }

    /// A format that a spreadsheet broke is told as that, since its remedy is another.
    fn explain(&self, column: Column, code: FaultCode) -> RowFault {
        let cell = self.get(column).unwrap_or_default();
        let is_number = matches!(code, FaultCode::NikFormat | FaultCode::KkFormat | FaultCode::PhoneFormat);
        let broken = [
            (is_number && spreadsheets::is_scientific(cell), RowCode::ScientificNotation),
            (code == FaultCode::NikFormat && spreadsheets::has_lost_its_zero(cell), RowCode::NikLeadingZeroLost),
            (code == FaultCode::KkFormat && spreadsheets::has_lost_its_zero(cell), RowCode::KkLeadingZeroLost),
            (code == FaultCode::DateFormat && spreadsheets::is_serial_date(cell), RowCode::DateIsSerialNumber),
            (code == FaultCode::DateFormat && spreadsheets::is_local_date(cell), RowCode::DateIsLocal),
        ];
        let broken = broken.into_iter().find_map(|(is_so, code)| is_so.then_some(code));
        fault(column, broken.map_or(Code::Field(code), Code::Row))
    }

    fn card(&self, today: NaiveDate) -> Result<Option<CardRow>, Vec<RowFault>> {
        let issued_on = self.get(Column::CardIssuedOn).map(|cell| past_date(cell, today)).transpose();
        let issued_on = issued_on.map_err(|code| self.explain(Column::CardIssuedOn, code));
        let number = match self.get(Column::CardNumber) {
            Some(cell) => card_number(cell).map(Some).map_err(|code| fault(Column::CardNumber, Code::Row(code))),
            None if self.get(Column::CardIssuedOn).is_some() => Err(fault(Column::CardNumber, Code::Field(FaultCode::Required))),
            None => Ok(None),
        };
        match (number, issued_on) {
            (Ok(number), Ok(issued_on)) => Ok(number.map(|number| CardRow { number, issued_on })),
            (number, issued_on) => Err(number.err().into_iter().chain(issued_on.err()).collect()),
        }
    }

    /// A JKN period needs all three of its columns.
    fn jkn(&self, today: NaiveDate) -> Result<Option<JknPeriod>, Vec<RowFault>> {
        if [Column::JknSegment, Column::JknState, Column::JknValidFrom].iter().all(|column| self.get(*column).is_none()) {
            return Ok(None);
        }
        let cell = |column| self.get(column).ok_or(fault(column, Code::Field(FaultCode::Required)));
        let unknown = |column| fault(column, Code::Field(FaultCode::ValueNotAllowed));
        let segment = cell(Column::JknSegment).and_then(|cell| cell.parse().map_err(|_| unknown(Column::JknSegment)));
        let state = cell(Column::JknState).and_then(|cell| cell.parse().map_err(|_| unknown(Column::JknState)));
        let valid_from = cell(Column::JknValidFrom).and_then(|cell| past_date(cell, today).map_err(|code| self.explain(Column::JknValidFrom, code)));
        match (segment, state, valid_from) {
            (Ok(segment), Ok(state), Ok(valid_from)) => Ok(Some(JknPeriod { valid_from, valid_to: None, segment, state })),
            (segment, state, valid_from) => Err(segment.err().into_iter().chain(state.err()).chain(valid_from.err()).collect()),
        }
    }

    /// In a column that lost its last digits no number that ends in zero can be trusted.
    fn zeroed(&self, survey: &Survey) -> impl Iterator<Item = RowFault> {
        [(survey.nik_zeroed, Column::Nik, RowCode::NikLastDigitZeroed), (survey.kk_zeroed, Column::KkNumber, RowCode::KkLastDigitZeroed)]
            .into_iter()
            .filter(|(is_zeroed, column, _)| *is_zeroed && self.get(*column).is_some_and(|cell| cell.len() == 16 && cell.ends_with('0')))
            .map(|(_, column, code)| fault(column, Code::Row(code)))
    }

    fn row_key(&self) -> Result<Option<String>, RowCode> {
        let Some(key) = self.get(Column::RowKey) else { return Ok(None) };
        if key.chars().count() > ROW_KEY_MAX_CHARS || key.chars().any(char::is_control) {
            return Err(RowCode::RowKeyFormat);
        }
        let marks = [' ', '-', '.'];
        let longest_number = key.replace(marks, "").split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or(0);
        Ok((longest_number < 15).then(|| key.to_owned()))
    }

    /// Tells rows apart that have the same NIK; the sender's key is no part of what a row says.
    fn fingerprint(&self) -> u32 {
        let mut hasher = DefaultHasher::new();
        for column in Column::ALL.iter().filter(|column| **column != Column::RowKey) {
            self.get(*column).hash(&mut hasher);
        }
        // The low half is as good as any: it only tells two rows of one NIK apart.
        hasher.finish() as u32
    }
}

const fn fault(column: Column, code: Code) -> RowFault {
    RowFault { column: Some(column), code }
}

/// A cell that is unfit as such is not told a second time for what its column asks.
fn one_per_column(faults: Vec<RowFault>) -> Vec<RowFault> {
    let mut kept: Vec<RowFault> = Vec::with_capacity(faults.len());
    for fault in faults {
        if !kept.iter().any(|before| before.column == fault.column) {
            kept.push(fault);
        }
    }
    kept
}

/// The number of a card, without the mark with which spreadsheets keep it a text.
fn card_number(cell: &str) -> Result<String, RowCode> {
    let number = cell.trim_start_matches('\'');
    let broken = || if spreadsheets::is_scientific(number) { RowCode::ScientificNotation } else { RowCode::CardNumberFormat };
    cards::card_number(number).ok_or_else(broken)
}
