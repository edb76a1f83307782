//! Spool files: uploads that are too large for memory wait on the disk, sealed in frames under a key of their own.
//!
//! A frame is `nonce (12 bytes) ‖ ciphertext ‖ tag (16)` over 64 KiB of text; only the last one is shorter. The file's id, the frame's number and
//! whether it is the last go into the seal, so that frames cannot be swapped, dropped or cut off unnoticed.

use std::io::{Error, ErrorKind, Read, Result, Write};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use super::PrivacyFault;
use crate::domain::id::Id;

const FRAME: usize = 64 * 1024;
const TAG: usize = 16;
const SEALED_FRAME: usize = NONCE_LEN + FRAME + TAG;

/// How long a text of this length is when it is sealed.
pub fn sealed_length(plain: u64) -> u64 {
    // Even an empty text has its last frame.
    plain + plain.div_ceil(FRAME as u64).max(1) * (SEALED_FRAME - FRAME) as u64
}

/// The key of one spool file. It is made for the file and never used for another.
pub struct SpoolKey {
    secret: Zeroizing<Vec<u8>>,
    file: Id,
}

impl SpoolKey {
    pub fn make(file: Id) -> std::result::Result<Self, PrivacyFault> {
        let mut secret = Zeroizing::new(vec![0; 32]);
        aws_lc_rs::rand::fill(&mut secret).map_err(|_| PrivacyFault::Library("randomness"))?;
        Ok(Self { secret, file })
    }

    pub fn of(file: Id, secret: Zeroizing<Vec<u8>>) -> Self {
        Self { secret, file }
    }

    /// What must be kept, sealed, to read the file again after a restart.
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    fn cipher(&self) -> Result<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.secret).map_err(|_| Error::other("the key of a spool file is not usable"))
    }
}

fn place(file: Id, frame: u64, is_last: bool) -> [u8; 25] {
    let mut place = [0; 25];
    place[..16].copy_from_slice(file.as_bytes());
    place[16..24].copy_from_slice(&frame.to_be_bytes());
    place[24] = u8::from(is_last);
    place
}

/// Seals what is written into it. Nothing counts until `finish` has sealed the last frame.
pub struct SpoolWriter<W> {
    output: W,
    cipher: RandomizedNonceKey,
    file: Id,
    frame: u64,
    plain: Zeroizing<Vec<u8>>,
}

impl<W: Write> SpoolWriter<W> {
    pub fn new(output: W, key: &SpoolKey) -> Result<Self> {
        Ok(Self { output, cipher: key.cipher()?, file: key.file, frame: 0, plain: Zeroizing::new(Vec::with_capacity(FRAME + TAG)) })
    }

    fn seal(&mut self, is_last: bool) -> Result<()> {
        let place = place(self.file, self.frame, is_last);
        // The room for the tag is there already, so the text is sealed where it stands and never copied.
        let nonce =
            self.cipher.seal_in_place_append_tag(Aad::from(place), &mut *self.plain).map_err(|_| Error::other("a frame could not be sealed"))?;
        self.output.write_all(nonce.as_ref())?;
        self.output.write_all(&self.plain)?;
        self.plain.clear();
        self.frame += 1;
        Ok(())
    }

    /// Seals the last frame and gives the output back.
    pub fn finish(mut self) -> Result<W> {
        self.seal(true)?;
        self.output.flush()?;
        Ok(self.output)
    }
}

impl<W: Write> Write for SpoolWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        // A full frame is sealed only when more comes: the last one must know that it is the last.
        if self.plain.len() == FRAME && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(FRAME - self.plain.len());
        self.plain.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> Result<()> {
        self.output.flush()
    }
}

/// Reads a spool file from its beginning, holding one frame.
pub struct SpoolReader<R> {
    input: R,
    cipher: RandomizedNonceKey,
    file: Id,
    frame: u64,
    frames: u64,
    buffer: Zeroizing<Vec<u8>>,
    /// The part of the buffer that is text and not yet read.
    left: std::ops::Range<usize>,
}

impl<R: Read> SpoolReader<R> {
    /// `length` is that of the sealed file: it tells which frame must be the last.
    pub fn new(input: R, length: u64, key: &SpoolKey) -> Result<Self> {
        // Even an empty text has its last frame.
        let frames = length.div_ceil(SEALED_FRAME as u64).max(1);
        Ok(Self {
            input,
            cipher: key.cipher()?,
            file: key.file,
            frame: 0,
            frames,
            buffer: Zeroizing::new(Vec::with_capacity(SEALED_FRAME)),
            left: 0..0,
        })
    }

    fn open_next(&mut self) -> Result<()> {
        let altered = || Error::new(ErrorKind::InvalidData, "a spool file was altered or cut off");
        self.left = 0..0;
        self.buffer.clear();
        (&mut self.input).take(SEALED_FRAME as u64).read_to_end(&mut self.buffer)?;
        let (nonce, sealed) = self.buffer.split_at_mut_checked(NONCE_LEN).ok_or_else(altered)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| altered())?;
        let place = place(self.file, self.frame, self.frame + 1 == self.frames);
        let plain = self.cipher.open_in_place(nonce, Aad::from(place), sealed).map_err(|_| altered())?.len();
        self.left = NONCE_LEN..NONCE_LEN + plain;
        self.frame += 1;
        Ok(())
    }
}

impl<R: Read> Read for SpoolReader<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        while self.left.is_empty() && self.frame < self.frames {
            self.open_next()?;
        }
        let taken = into.len().min(self.left.len());
        into[..taken].copy_from_slice(&self.buffer[self.left.start..self.left.start + taken]);
        self.left.start += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(number: u8) -> Id {
        Id::from_bytes([number; 16])
    }

    fn sealed(plain: &[u8], key: &SpoolKey) -> Vec<u8> {
        let mut writer = SpoolWriter::new(Vec::new(), key).unwrap();
        writer.write_all(plain).unwrap();
        writer.finish().unwrap()
    }

    fn opened(sealed: &[u8], key: &SpoolKey) -> Result<Vec<u8>> {
        let mut plain = Vec::new();
        SpoolReader::new(sealed, sealed.len() as u64, key)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn every_length_around_a_frame_comes_back_and_nothing_is_readable() {
        let key = SpoolKey::make(file(1)).unwrap();
        let text = b"3275014501909001,Siti Aminah;".repeat(2 * FRAME / 28);
        for length in [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME - 1, 2 * FRAME] {
            let sealed = sealed(&text[..length], &key);
            assert_eq!(sealed.len() as u64, sealed_length(length as u64));
            assert_eq!(sealed.len(), length + length.div_ceil(FRAME).max(1) * (SEALED_FRAME - FRAME));
            assert!(!sealed.windows(10).any(|window| window == b"3275014501"));
            let again = SpoolKey::of(file(1), Zeroizing::new(key.secret().to_vec()));
            assert!(opened(&sealed, &again).unwrap() == text[..length], "{length}");
        }
    }

    #[test]
    fn whatever_is_done_to_a_file_it_no_longer_opens() {
        let key = SpoolKey::make(file(1)).unwrap();
        let plain = vec![b'x'; 3 * FRAME];
        let whole = sealed(&plain, &key);
        let frame = |number: usize| &whole[number * SEALED_FRAME..(number + 1) * SEALED_FRAME];
        let other_key = SpoolKey::make(file(1)).unwrap();
        let other_file = SpoolKey::of(file(2), Zeroizing::new(key.secret().to_vec()));
        for (what, bytes, key) in [
            ("nothing left", Vec::new(), &key),
            ("cut at a frame", whole[..2 * SEALED_FRAME].to_vec(), &key),
            ("cut within a frame", whole[..whole.len() - 1].to_vec(), &key),
            ("a frame dropped", [frame(0), frame(2)].concat(), &key),
            ("two swapped", [frame(1), frame(0), frame(2)].concat(), &key),
            ("one more", [&whole, frame(2)].concat(), &key),
            ("another key", whole.clone(), &other_key),
            ("another file", whole.clone(), &other_file),
        ] {
            assert!(opened(&bytes, key).is_err(), "{what}");
        }
    }

    proptest! {
        #[test]
        fn one_changed_bit_is_noticed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let key = SpoolKey::make(file(1)).unwrap();
            let mut bytes = sealed(b"nik,name\n3275014501909001,Siti\n", &key);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(opened(&bytes, &key).is_err());
        }
    }
}
