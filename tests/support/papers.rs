//! Documents as small as they can be, and forms to send them in.

/// The boundary of every form.
const BOUNDARY: &str = "----ksnik-7MA4YWxkTrZu0gW";

/// A paper that says this.
pub fn pdf(text: &str) -> Vec<u8> {
    let body = format!("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Note ({text}) >>\nendobj\n");
    let end = format!("xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", body.len());
    (body + &end).into_bytes()
}

/// A paper of exactly this length.
pub fn pdf_of(length: usize) -> Vec<u8> {
    let short = pdf("").len();
    // The number behind startxref grows with the text; what that adds is taken off it again.
    (length - short - 8..=length - short)
        .rev()
        .map(|text| pdf(&"x".repeat(text)))
        .find(|paper| paper.len() == length)
        .expect("a length for everything")
}

pub fn png() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut checksum = flate2::Crc::new();
        checksum.update(kind);
        checksum.update(data);
        [&u32::try_from(data.len()).expect("small").to_be_bytes()[..], kind, data, &checksum.sum().to_be_bytes()].concat()
    };
    let head = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    [b"\x89PNG\r\n\x1a\n".to_vec(), head, chunk(b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 2, 0, 1]), chunk(b"IEND", &[])].concat()
}

pub fn jpeg() -> Vec<u8> {
    let segment = |marker: u8, data: &[u8]| [&[0xff, marker][..], &u16::try_from(data.len() + 2).expect("small").to_be_bytes(), data].concat();
    let (frame, scan) = (segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]), segment(0xda, &[1, 1, 0, 0, 63, 0]));
    [vec![0xff, 0xd8], frame, scan, vec![0x12, 0x34, 0xff, 0x00, 0x56, 0xff, 0xd9]].concat()
}

/// A form that can be sent.
#[derive(Clone, Default)]
pub struct Form(Vec<u8>);

impl Form {
    pub fn of(kind: &str, file: &[u8]) -> Self {
        Self::default().word("kind", kind).file("dokumen.pdf", file)
    }

    pub fn word(self, name: &str, word: &str) -> Self {
        self.part(&format!("name=\"{name}\""), word.as_bytes())
    }

    pub fn file(self, called: &str, content: &[u8]) -> Self {
        self.part(&format!("name=\"file\"; filename=\"{called}\"\r\nContent-Type: application/octet-stream"), content)
    }

    fn part(mut self, head: &str, content: &[u8]) -> Self {
        self.0.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    pub fn content_type() -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    /// The whole, with its end.
    pub fn bytes(&self) -> Vec<u8> {
        [&self.0[..], format!("--{BOUNDARY}--\r\n").as_bytes()].concat()
    }

    /// Without its end.
    pub fn open_bytes(&self) -> Vec<u8> {
        self.0.clone()
    }
}
