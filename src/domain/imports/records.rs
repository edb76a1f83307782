//! Records: a CSV stream cut into records, line by line, so that damage stays where it is.
//!
//! A quote that is never closed would make an ordinary reader swallow every good row up to the next quote. Here a quoted field may span a few lines
//! only and must end as the format says, with the number of fields that the header promised; otherwise its first line alone is told as faulty and
//! reading goes on at the line after it. Nothing is ever held but those few lines.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};

/// A longer line is no row of people.
pub const MAX_LINE_BYTES: usize = 64 * 1024;
/// How many lines one record may span: a quoted address has a few.
pub const MAX_RECORD_LINES: usize = 8;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub struct Records<R> {
    input: BufReader<R>,
    separator: u8,
    fields: Option<usize>,
    next_line: u64,
    position: u64,
    /// Lines that were read ahead in vain and come next.
    pending: VecDeque<Line>,
}

/// One physical line without its end.
pub struct Line {
    pub number: u64,
    /// The byte at which it begins.
    pub position: u64,
    pub bytes: Vec<u8>,
    /// Longer than the limit; what was too much is gone.
    pub cut: bool,
}

/// Why a line is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    LineTooLong,
    QuoteNotClosed,
    QuoteMisplaced,
}

/// One record, reused from row to row.
#[derive(Default)]
pub struct Record {
    pub line: u64,
    pub position: u64,
    pub damage: Option<Damage>,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Record {
    pub fn fields(&self) -> usize {
        self.ends.len()
    }

    pub fn field(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..end)
    }

    /// The fields one after another, for looking at their bytes as a whole.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Spreadsheets leave rows of nothing but separators at the end.
    pub fn is_blank(&self) -> bool {
        self.damage.is_none() && self.text.iter().all(u8::is_ascii_whitespace)
    }

    fn begin(&mut self, line: &Line) {
        self.line = line.number;
        self.position = line.position;
        self.damage = None;
        self.clear();
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn end_field(&mut self) {
        self.ends.push(self.text.len());
    }
}

impl<R: Read> Records<R> {
    pub fn new(input: R) -> Self {
        Self {
            input: BufReader::with_capacity(256 * 1024, input),
            separator: b',',
            fields: None,
            next_line: 1,
            position: 0,
            pending: VecDeque::new(),
        }
    }

    /// Tells which separator the file uses, before anything is known of its fields.
    pub fn split_by(&mut self, separator: u8) {
        self.separator = separator;
    }

    /// From here on records have these many fields between these separators.
    pub fn expect(&mut self, separator: u8, fields: usize) {
        self.separator = separator;
        self.fields = Some(fields);
    }

    /// How many bytes have been read into lines.
    pub fn position(&self) -> u64 {
        self.pending.front().map_or(self.position, |line| line.position)
    }

    /// The next physical line, its end taken off.
    pub fn line(&mut self) -> std::io::Result<Option<Line>> {
        if let Some(line) = self.pending.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Line { number: self.next_line, position: self.position, bytes: Vec::with_capacity(256), cut: false };
        let read = (&mut self.input).take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line.bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.position += read as u64;
        if line.bytes.last() == Some(&b'\n') {
            line.bytes.pop();
        } else if line.bytes.len() > MAX_LINE_BYTES {
            line.cut = true;
            self.position += self.input.skip_until(b'\n')? as u64;
        }
        if line.bytes.last() == Some(&b'\r') {
            line.bytes.pop();
        }
        if line.number == 1 && line.bytes.starts_with(BYTE_ORDER_MARK) {
            line.bytes.drain(..BYTE_ORDER_MARK.len());
        }
        self.next_line += 1;
        Ok(Some(line))
    }

    /// Reads the next record; false at the end. A damaged one has no fields and is told by its first line.
    pub fn read(&mut self, record: &mut Record) -> std::io::Result<bool> {
        let Some(first) = self.line()? else { return Ok(false) };
        record.begin(&first);
        record.damage = if first.cut {
            Some(Damage::LineTooLong)
        } else {
            match split(&first.bytes, self.separator, record) {
                Split::Whole => None,
                Split::Misplaced => Some(Damage::QuoteMisplaced),
                Split::Open => self.read_on(first.bytes, record)?,
            }
        };
        if record.damage.is_some() {
            record.clear();
        }
        Ok(true)
    }

    /// Adds lines to an open quoted field until it closes; if it does not close as it should, they are given back.
    fn read_on(&mut self, mut gathered: Vec<u8>, record: &mut Record) -> std::io::Result<Option<Damage>> {
        let mut ahead = Vec::new();
        while ahead.len() + 1 < MAX_RECORD_LINES
            && let Some(line) = self.line()?
        {
            gathered.push(b'\n');
            gathered.extend_from_slice(&line.bytes);
            let is_too_much = line.cut || gathered.len() > MAX_LINE_BYTES;
            ahead.push(line);
            if is_too_much {
                break;
            }
            match split(&gathered, self.separator, record) {
                Split::Whole if self.fields.is_none_or(|fields| fields == record.fields()) => return Ok(None),
                Split::Open => {}
                Split::Whole | Split::Misplaced => break,
            }
        }
        for line in ahead.into_iter().rev() {
            self.pending.push_front(line);
        }
        Ok(Some(Damage::QuoteNotClosed))
    }
}

enum Split {
    Whole,
    /// The text ended within quotes.
    Open,
    /// Something stands between a closing quote and the separator.
    Misplaced,
}

/// Cuts a text into fields. A quote means something only where a field begins; elsewhere it is itself.
fn split(bytes: &[u8], separator: u8, record: &mut Record) -> Split {
    record.clear();
    let mut rest = bytes;
    loop {
        if let Some(quoted) = rest.strip_prefix(b"\"") {
            match unquote(quoted, record) {
                None => return Split::Open,
                Some(after) => rest = &after[after.iter().take_while(|byte| **byte == b' ').count()..],
            }
            record.end_field();
            match rest.split_first() {
                None => return Split::Whole,
                Some((next, after)) if *next == separator => rest = after,
                Some(_) => return Split::Misplaced,
            }
        } else {
            let end = rest.iter().position(|byte| *byte == separator);
            record.text.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
            record.end_field();
            match end {
                None => return Split::Whole,
                Some(end) => rest = &rest[end + 1..],
            }
        }
    }
}

/// Copies a quoted field, its opening quote already taken, and gives what comes after the closing one.
fn unquote<'a>(mut rest: &'a [u8], record: &mut Record) -> Option<&'a [u8]> {
    loop {
        let quote = rest.iter().position(|byte| *byte == b'"')?;
        record.text.extend_from_slice(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.strip_prefix(b"\"") {
            Some(after) => {
                record.text.push(b'"');
                rest = after;
            }
            None => return Some(rest),
        }
    }
}
