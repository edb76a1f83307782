//! What a document is, told by its content: neither by its name nor by what the sender calls it. Each form is walked from its beginning to its end, so
//! that something else under its first bytes, or half of a file, is not taken for one.

use std::io::{self, ErrorKind, Read};

use crate::domain::text_enum::text_enum;

text_enum! {
    MediaType { Pdf = "application/pdf", Png = "image/png", Jpeg = "image/jpeg" }
}

impl MediaType {
    /// As the name of a file ends.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
}

/// Why something is no document.
#[derive(Debug, thiserror::Error)]
pub enum NoDocument {
    #[error("neither PDF nor PNG nor JPEG")]
    OtherType,
    #[error("begins like {0} and is none: it was cut off or altered")]
    Broken(MediaType),
    /// A PDF that does something when it is opened, or carries other files.
    #[error("holds {0}")]
    Active(&'static str),
    #[error(transparent)]
    Io(#[from] io::Error),
}

const PDF: &[u8] = b"%PDF-";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Reads something to its end and says what it is.
pub fn recognise(mut content: impl Read) -> Result<MediaType, NoDocument> {
    let mut begin = Vec::new();
    content.by_ref().take(PNG.len() as u64).read_to_end(&mut begin)?;
    let (media_type, walk): (_, fn(&mut Walk<'_>) -> Result<(), Broken>) = if begin.starts_with(PDF) {
        (MediaType::Pdf, pdf)
    } else if begin.starts_with(PNG) {
        (MediaType::Png, png)
    } else if begin.starts_with(JPEG) {
        (MediaType::Jpeg, jpeg)
    } else {
        return Err(NoDocument::OtherType);
    };
    let mut whole = begin.chain(content);
    let input: &mut dyn Read = &mut whole;
    match walk(&mut Walk { input: io::BufReader::with_capacity(64 * 1024, input) }) {
        Ok(()) => Ok(media_type),
        Err(Broken::Form) => Err(NoDocument::Broken(media_type)),
        Err(Broken::Active(name)) => Err(NoDocument::Active(name)),
        Err(Broken::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => Err(NoDocument::Broken(media_type)),
        Err(Broken::Io(error)) => Err(NoDocument::Io(error)),
    }
}

enum Broken {
    Form,
    Active(&'static str),
    Io(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

struct Walk<'r> {
    input: io::BufReader<&'r mut dyn Read>,
}

impl Walk<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        Ok(self.take::<1>()?[0])
    }

    /// Passes over bytes that must be there.
    fn skip(&mut self, count: u64) -> Result<(), Broken> {
        let skipped = io::copy(&mut self.input.by_ref().take(count), &mut io::sink())?;
        if skipped == count { Ok(()) } else { Err(Broken::Form) }
    }

    fn is_at_end(&mut self) -> Result<bool, Broken> {
        Ok(io::BufRead::fill_buf(&mut self.input)?.is_empty())
    }
}

fn sound(is_sound: bool) -> Result<(), Broken> {
    if is_sound { Ok(()) } else { Err(Broken::Form) }
}

/// A head with the version, at least one object, and at the end where its table of contents begins, which lies within the file.
fn pdf(walk: &mut Walk<'_>) -> Result<(), Broken> {
    /// The last lines may be followed by some white space or padding.
    const TAIL: usize = 2048;
    const OBJECT: &[u8] = b" obj";
    let [_, _, _, _, _, major, dot, minor] = walk.take()?;
    sound(matches!(major, b'1' | b'2') && dot == b'.' && minor.is_ascii_digit())?;
    let (mut kept, mut length, mut has_object) = (Vec::new(), 8_u64, false);
    loop {
        let part = io::BufRead::fill_buf(&mut walk.input)?;
        if part.is_empty() {
            break;
        }
        let taken = part.len();
        // What was kept stands in front, so that nothing hides between two parts.
        kept.extend_from_slice(part);
        io::BufRead::consume(&mut walk.input, taken);
        length += taken as u64;
        has_object = has_object || find(&kept, OBJECT).is_some();
        if let Some(name) = active(&kept) {
            return Err(Broken::Active(name));
        }
        kept.drain(..kept.len().saturating_sub(TAIL));
    }
    let end = rfind(&kept, b"%%EOF").ok_or(Broken::Form)?;
    let begin = rfind(&kept[..end], b"startxref").ok_or(Broken::Form)?;
    let between = std::str::from_utf8(&kept[begin + b"startxref".len()..end]).map_err(|_| Broken::Form)?;
    let contents: u64 = between.trim().parse().map_err(|_| Broken::Form)?;
    sound(has_object && contents < length)
}

/// Names of a PDF with which it does something or carries something. What lies packed in a stream of objects is not seen.
const ACTIVE: [&str; 5] = ["JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "OpenAction"];

/// The first such name in a part of a PDF. A name that the part ends in is seen in the next, in which it stands again.
fn active(part: &[u8]) -> Option<&'static str> {
    let mut rest = part;
    while let Some(at) = rest.iter().position(|byte| *byte == b'/') {
        rest = rest.get(at + 1..)?;
        // In a picture a slash may stand before anything.
        let Some((name, behind)) = name(rest) else { continue };
        let Some(found) = ACTIVE.into_iter().find(|active| active.as_bytes() == name) else { continue };
        if found != "OpenAction" || does_something(behind) == Some(true) {
            return Some(found);
        }
    }
    None
}

/// Nearly every program says where a paper is to be opened, which is a list; an action is a dictionary, or lies elsewhere.
fn does_something(behind: &[u8]) -> Option<bool> {
    /// More white space than anybody writes hides something.
    const SPACES: usize = 64;
    let begin = behind.iter().position(|byte| !is_space(*byte));
    match begin {
        Some(begin) => Some(begin > SPACES || behind.get(begin) != Some(&b'[')),
        None => (behind.len() > SPACES).then_some(true),
    }
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

/// The name that begins here, with its `#` signs read, and what stands behind it; none where the part ends before the name does.
fn name(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let end = text.iter().position(|byte| is_space(*byte) || b"()<>[]{}/%".contains(byte))?;
    let (written, behind) = text.split_at(end);
    let mut name = Vec::new();
    let mut rest = written;
    while let [first, more @ ..] = rest {
        let hex = more.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        (rest, _) = match hex.filter(|_| *first == b'#') {
            Some(byte) => (&more[2..], name.push(byte)),
            None => (more, name.push(*first)),
        };
    }
    Some((name, behind))
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn rfind(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).rposition(|window| window == wanted)
}

/// Chunks from the head to the end, each with the checksum that it names, and nothing behind the last.
fn png(walk: &mut Walk<'_>) -> Result<(), Broken> {
    walk.skip(PNG.len() as u64)?;
    let (mut is_first, mut has_picture) = (true, false);
    loop {
        let length = u32::from_be_bytes(walk.take()?);
        let kind: [u8; 4] = walk.take()?;
        sound(length <= i32::MAX.unsigned_abs() && kind.iter().all(u8::is_ascii_alphabetic) && is_first == (&kind == b"IHDR"))?;
        let mut checksum = flate2::Crc::new();
        checksum.update(&kind);
        if is_first {
            let head: [u8; 13] = walk.take().and_then(|head| if length == 13 { Ok(head) } else { Err(Broken::Form) })?;
            checksum.update(&head);
            sound(head[..4] != [0; 4] && head[4..8] != [0; 4])?;
        } else {
            let mut left = u64::from(length);
            while left > 0 {
                let part = io::BufRead::fill_buf(&mut walk.input)?;
                let taken = part.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                sound(taken > 0)?;
                checksum.update(&part[..taken]);
                io::BufRead::consume(&mut walk.input, taken);
                left -= taken as u64;
            }
        }
        sound(u32::from_be_bytes(walk.take()?) == checksum.sum())?;
        is_first = false;
        has_picture |= &kind == b"IDAT";
        if &kind == b"IEND" {
            return sound(length == 0 && has_picture && walk.is_at_end()?);
        }
    }
}

/// Segments from the beginning of the picture to its end. Telephones write what they like behind it.
fn jpeg(walk: &mut Walk<'_>) -> Result<(), Broken> {
    const END: u8 = 0xd9;
    const SCAN: u8 = 0xda;
    walk.skip(2)?;
    let (mut has_frame, mut has_scan) = (false, false);
    let mut marker = next_marker(walk)?;
    loop {
        match marker {
            END => break,
            // Markers that stand alone are part of a scan.
            0x00 | 0x01 | 0xd0..=0xd8 => return Err(Broken::Form),
            SCAN => {
                sound(has_frame)?;
                pass_over(walk)?;
                has_scan = true;
                marker = end_of_scan(walk)?;
                continue;
            }
            // The frames of every way of packing; between them lie three markers of tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                // The height may be nothing here, and be told behind the scan.
                let [high, low, _, _, _, width @ ..]: [u8; 7] = walk.take()?;
                let length = u16::from_be_bytes([high, low]);
                sound(length >= 8 && width != [0, 0])?;
                walk.skip(u64::from(length) - 7)?;
                has_frame = true;
            }
            _ => pass_over(walk)?,
        }
        marker = next_marker(walk)?;
    }
    sound(has_frame && has_scan)?;
    io::copy(&mut walk.input, &mut io::sink())?;
    Ok(())
}

fn next_marker(walk: &mut Walk<'_>) -> Result<u8, Broken> {
    sound(walk.byte()? == 0xff)?;
    loop {
        // Any number of these may stand in front.
        match walk.byte()? {
            0xff => {}
            marker => return Ok(marker),
        }
    }
}

/// A segment tells its length, itself included.
fn pass_over(walk: &mut Walk<'_>) -> Result<(), Broken> {
    let length = u16::from_be_bytes(walk.take()?);
    sound(length >= 2)?;
    walk.skip(u64::from(length) - 2)
}

/// Reads packed data up to the marker that ends it. Zeroes and restarts behind a sign belong to the data.
fn end_of_scan(walk: &mut Walk<'_>) -> Result<u8, Broken> {
    loop {
        let part = io::BufRead::fill_buf(&mut walk.input)?;
        if part.is_empty() {
            return Err(Broken::Form);
        }
        let sign = part.iter().position(|byte| *byte == 0xff);
        let taken = sign.map_or(part.len(), |at| at + 1);
        io::BufRead::consume(&mut walk.input, taken);
        if sign.is_none() {
            continue;
        }
        loop {
            match walk.byte()? {
                0xff => {}
                0x00 | 0xd0..=0xd7 => break,
                marker => return Ok(marker),
            }
        }
    }
}

#[cfg(test)]
mod tests;
