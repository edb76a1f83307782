//! The header: which separator the file uses, and which of our columns stands where. Columns carry the JSON names, in any order.

use super::records::{Line, Record, Records};
use super::{Encoding, FileCode, FileFault, Unreadable};
use crate::domain::jkn::{JknSegment, JknState};
use crate::domain::participants::Sex;
use crate::domain::registration::{Field, Relation};
use crate::domain::text_enum::text_enum;

text_enum! {
    /// The columns of a file of participants.
    Column {
        Nik = "nik", KkNumber = "kk_number", Relation = "relation", Name = "name", BirthDate = "birth_date", Sex = "sex",
        VillageCode = "village_code", Rt = "rt", Rw = "rw", Address = "address", Phone = "phone", ResidentSince = "resident_since",
        MotherName = "mother_name", CardNumber = "card_number", CardIssuedOn = "card_issued_on", JknSegment = "jkn_segment",
        JknState = "jkn_state", JknValidFrom = "jkn_valid_from", RowKey = "row_key",
    }
}

impl Column {
    pub const fn is_required(self) -> bool {
        match self {
            Self::Nik | Self::KkNumber | Self::Relation | Self::Name | Self::BirthDate | Self::Sex | Self::VillageCode => true,
            Self::Rt | Self::Rw | Self::Address | Self::Phone | Self::ResidentSince => true,
            Self::MotherName | Self::CardNumber | Self::CardIssuedOn | Self::JknSegment | Self::JknState | Self::JknValidFrom | Self::RowKey => false,
        }
    }
}

impl Column {
    /// The words among which a column chooses; none where it is free.
    pub fn choices(self) -> Vec<&'static str> {
        match self {
            Self::Relation => Relation::ALL.iter().map(|word| word.as_str()).collect(),
            Self::Sex => Sex::ALL.iter().map(|word| word.as_str()).collect(),
            Self::JknSegment => JknSegment::ALL.iter().map(|word| word.as_str()).collect(),
            Self::JknState => JknState::ALL.iter().map(|word| word.as_str()).collect(),
            Self::Nik | Self::KkNumber | Self::Name | Self::BirthDate | Self::VillageCode | Self::Rt | Self::Rw | Self::Address => Vec::new(),
            Self::Phone | Self::ResidentSince | Self::MotherName | Self::CardNumber | Self::CardIssuedOn => Vec::new(),
            Self::JknValidFrom | Self::RowKey => Vec::new(),
        }
    }
}

impl From<Field> for Column {
    fn from(field: Field) -> Self {
        match field {
            Field::Nik => Self::Nik,
            Field::KkNumber => Self::KkNumber,
            Field::Relation => Self::Relation,
            Field::Name => Self::Name,
            Field::BirthDate => Self::BirthDate,
            Field::Sex => Self::Sex,
            Field::VillageCode => Self::VillageCode,
            Field::Rt => Self::Rt,
            Field::Rw => Self::Rw,
            Field::Address => Self::Address,
            Field::Phone => Self::Phone,
            Field::ResidentSince => Self::ResidentSince,
            Field::MotherName => Self::MotherName,
        }
    }
}

/// Where each column stands.
pub struct Header {
    places: [Option<usize>; Column::ALL.len()],
    fields: usize,
}

impl Header {
    /// Reads the header and tells the records which separator to go by.
    pub fn read<R: std::io::Read>(records: &mut Records<R>) -> Result<Self, Unreadable> {
        let line = loop {
            match records.line()? {
                None => return Err(refused(FileFault::new(FileCode::Empty, 1))),
                Some(line) if line.bytes.trim_ascii().is_empty() && !line.cut => {}
                Some(line) => break line,
            }
        };
        check_text(&line).map_err(refused)?;
        // The separator is the one that yields most of our columns; a file of one unknown word falls to the comma.
        let (separator, names) = b",;\t"
            .iter()
            .map(|separator| (*separator, names(&line, *separator)))
            .rev()
            .max_by_key(|(_, names)| names.iter().filter(|name| name.parse::<Column>().is_ok()).count())
            .unwrap_or_default();
        let header = Self::of(&names, line.number).map_err(Unreadable::Refused)?;
        records.expect(separator, header.fields);
        Ok(header)
    }

    fn of(names: &[String], line: u64) -> Result<Self, Vec<FileFault>> {
        // Without any column of ours the first line may be a person, and is not repeated.
        if !names.iter().any(|name| name.parse::<Column>().is_ok()) {
            return Err(vec![FileFault::new(FileCode::HeaderMissing, line)]);
        }
        let fault = |code, column: &str| FileFault { column: Some(column.to_owned()), ..FileFault::new(code, line) };
        let mut faults = Vec::new();
        let mut places = [None; Column::ALL.len()];
        for (place, name) in names.iter().enumerate() {
            match name.parse::<Column>() {
                Err(_) => faults.push(fault(FileCode::ColumnUnknown, &name.chars().take(40).collect::<String>())),
                Ok(column) if places[column as usize].is_some() => faults.push(fault(FileCode::ColumnDuplicate, name)),
                Ok(column) => places[column as usize] = Some(place),
            }
        }
        let missing = Column::ALL.iter().filter(|column| column.is_required() && places[**column as usize].is_none());
        faults.extend(missing.map(|column| fault(FileCode::ColumnMissing, column.as_str())));
        if faults.is_empty() { Ok(Self { places, fields: names.len() }) } else { Err(faults) }
    }

    pub const fn fields(&self) -> usize {
        self.fields
    }

    /// The bytes of a column in a record; none where the file has no such column.
    pub fn cell<'a>(&self, record: &'a Record, column: Column) -> Option<&'a [u8]> {
        self.places[column as usize].and_then(|place| record.field(place))
    }
}

/// Is the first line text in UTF-8, with the line ends that we count by?
fn check_text(line: &Line) -> Result<(), FileFault> {
    const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];
    if WORKBOOKS.iter().any(|magic| line.bytes.starts_with(magic)) {
        return Err(FileFault::new(FileCode::Workbook, line.number));
    }
    let encoding = |found| FileFault { encoding: Some(found), ..FileFault::new(FileCode::Encoding, line.number) };
    // Letters of a header in UTF-16 have a zero byte beside each.
    if line.bytes.starts_with(b"\xFF\xFE") || line.bytes.starts_with(b"\xFE\xFF") || line.bytes.contains(&0) {
        return Err(encoding(Encoding::Utf16));
    }
    if std::str::from_utf8(&line.bytes).is_err() {
        return Err(encoding(Encoding::Latin1));
    }
    // A carriage return alone, as old Macs wrote it, leaves the whole file on one line.
    if line.bytes.contains(&b'\r') { Err(FileFault::new(FileCode::LineEnds, line.number)) } else { Ok(()) }
}

/// Names in any case and quoted or not; a separator after the last one is no column.
fn names(line: &Line, separator: u8) -> Vec<String> {
    let mut names: Vec<String> = line
        .bytes
        .split(|byte| *byte == separator)
        .map(|name| String::from_utf8_lossy(name).trim().trim_matches('"').trim().to_ascii_lowercase())
        .collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    names
}

fn refused(fault: FileFault) -> Unreadable {
    Unreadable::Refused(vec![fault])
}
