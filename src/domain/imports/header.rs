//! The header: which separator the file uses, and which of its kind's columns stands where, in any order.

use super::columns::{Column, Columns};
use super::records::{Line, Record, Records};
use super::{Encoding, FileCode, FileFault, Unreadable};

/// Where each column stands.
pub struct Header {
    places: [Option<usize>; Column::ALL.len()],
    fields: usize,
}

impl Header {
    /// Reads the header and tells the records which separator to go by.
    pub fn read<R: std::io::Read>(records: &mut Records<R>, columns: Columns) -> Result<Self, Unreadable> {
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
            .max_by_key(|(_, names)| names.iter().filter(|name| known(columns, name).is_some()).count())
            .unwrap_or_default();
        let header = Self::of(&names, columns, line.number).map_err(Unreadable::Refused)?;
        records.expect(separator, header.fields);
        Ok(header)
    }

    fn of(names: &[String], columns: Columns, line: u64) -> Result<Self, Vec<FileFault>> {
        // Without any column of ours the first line may be a person, and is not repeated.
        if !names.iter().any(|name| known(columns, name).is_some()) {
            return Err(vec![FileFault::new(FileCode::HeaderMissing, line)]);
        }
        let fault = |code, column: &str| FileFault { column: Some(column.to_owned()), ..FileFault::new(code, line) };
        // Where few of the names are ours, the first line may be a person.
        let is_header = names.iter().filter(|name| known(columns, name).is_some()).count() * 2 >= names.len();
        let mut faults = Vec::new();
        let mut places = [None; Column::ALL.len()];
        for (place, name) in names.iter().enumerate() {
            match known(columns, name) {
                None => faults.push(fault(FileCode::ColumnUnknown, if is_header { shown(name) } else { HIDDEN })),
                Some(column) if places[column as usize].is_some() => faults.push(fault(FileCode::ColumnDuplicate, name)),
                Some(column) => places[column as usize] = Some(place),
            }
        }
        let missing = columns.required.iter().filter(|column| places[**column as usize].is_none());
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

/// A column of this kind of file.
fn known(columns: Columns, name: &str) -> Option<Column> {
    name.parse().ok().filter(|column| columns.contain(*column))
}

const HIDDEN: &str = "?";

/// A name that was sent, as a fault tells of it. One that may be a value in the wrong place is not repeated.
fn shown(name: &str) -> &str {
    let is_word = !name.is_empty() && name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if is_word { name } else { HIDDEN }
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
