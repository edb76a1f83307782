//! Sorting more than memory holds: runs that fit are sorted and lie sealed on the disk, and are read together again in the order of their keys.
//!
//! Both databases take rows several times faster in the order of their key than in that of a file. A run has a key of its own that is kept nowhere but
//! in memory, so what a kill leaves behind is noise; the next run sorts anew, which takes seconds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufWriter, Read, Result, Write};
use std::path::PathBuf;

use crate::domain::id::Id;
use crate::privacy::blind::BlindIndex;
use crate::privacy::spool::SpoolReader;
use crate::service::imports::Scratch;

/// One row: the key it is sorted by, where it stood, and what it says.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    pub key: BlindIndex,
    place: u64,
    pub said: Vec<u8>,
}

pub struct Sorter {
    folder: PathBuf,
    /// How many bytes are sorted at once.
    most: usize,
    held: Vec<Item>,
    bytes: usize,
    runs: Vec<Scratch>,
    place: u64,
}

/// What a row costs in memory beside what it says.
const OVERHEAD: usize = 96;

impl Sorter {
    pub const fn new(folder: PathBuf, most: usize) -> Self {
        Self { folder, most, held: Vec::new(), bytes: 0, runs: Vec::new(), place: 0 }
    }

    /// Takes a row. `new_id` is for the file that may have to be made.
    pub fn push(&mut self, key: BlindIndex, said: Vec<u8>, new_id: impl FnOnce() -> Id) -> Result<()> {
        self.bytes += said.len() + OVERHEAD;
        self.held.push(Item { key, place: self.place, said });
        self.place += 1;
        if self.bytes < self.most { Ok(()) } else { self.put_aside(new_id()) }
    }

    fn put_aside(&mut self, id: Id) -> Result<()> {
        self.held.sort_unstable();
        let (run, file) = Scratch::make(&self.folder, id)?;
        let mut output = run.writer(BufWriter::new(file))?;
        for item in self.held.drain(..) {
            write(&mut output, &item)?;
        }
        output.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        self.runs.push(run);
        self.bytes = 0;
        Ok(())
    }

    /// All rows in the order of their keys, and those of one key in the order in which they came.
    pub fn sorted(mut self) -> Result<Sorted> {
        self.held.sort_unstable();
        let mut inputs = Vec::with_capacity(self.runs.len());
        let mut heads = BinaryHeap::new();
        for (at, run) in self.runs.iter().enumerate() {
            let mut input = run.open()?;
            heads.extend(read(&mut input)?.map(|item| Reverse((item, at))));
            inputs.push(input);
        }
        let mut rest = self.held.into_iter();
        heads.extend(rest.next().map(|item| Reverse((item, inputs.len()))));
        Ok(Sorted { inputs, rest, heads, _runs: self.runs })
    }
}

/// The rows, one after the other: a frame of each run is in memory.
pub struct Sorted {
    inputs: Vec<SpoolReader<File>>,
    /// What was never put aside; it counts as the last run.
    rest: std::vec::IntoIter<Item>,
    heads: BinaryHeap<Reverse<(Item, usize)>>,
    /// The files go with them.
    _runs: Vec<Scratch>,
}

impl Sorted {
    fn next_item(&mut self) -> Result<Option<Item>> {
        let Some(Reverse((item, from))) = self.heads.pop() else { return Ok(None) };
        let next = match self.inputs.get_mut(from) {
            Some(input) => read(input)?,
            None => self.rest.next(),
        };
        self.heads.extend(next.map(|item| Reverse((item, from))));
        Ok(Some(item))
    }
}

impl Iterator for Sorted {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_item().transpose()
    }
}

fn write(output: &mut impl Write, item: &Item) -> Result<()> {
    output.write_all(item.key.value.as_bytes())?;
    output.write_all(&item.key.key_id.to_be_bytes())?;
    output.write_all(&item.place.to_be_bytes())?;
    // A row of a file is far shorter than four gigabytes.
    output.write_all(&u32::try_from(item.said.len()).unwrap_or(u32::MAX).to_be_bytes())?;
    output.write_all(&item.said)
}

fn read(input: &mut impl Read) -> Result<Option<Item>> {
    let mut head = [0; 32];
    if input.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut head[1..])?;
    let (value, rest) = head.split_at(16);
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let altered = || std::io::Error::new(std::io::ErrorKind::InvalidData, "a sorted run is damaged");
    let key_id = i32::try_from(number(&rest[..4])).map_err(|_| altered())?;
    let value = Id::from_bytes(value.try_into().map_err(|_| altered())?);
    let mut said = vec![0; usize::try_from(number(&rest[12..])).map_err(|_| altered())?];
    input.read_exact(&mut said)?;
    Ok(Some(Item { key: BlindIndex { value, key_id }, place: number(&rest[4..12]), said }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        // However many runs it takes, nothing is lost, and equal keys keep the order of the file.
        #[test]
        fn rows_come_out_sorted(keys in proptest::collection::vec(0u8..20, 0..200), most in 1usize..4_000) {
            let folder = std::env::temp_dir().join(format!("ksnik-sorting-{}", std::process::id()));
            let key = |byte: u8| BlindIndex { value: Id::from_bytes([byte; 16]), key_id: 1 };
            let mut sorter = Sorter::new(folder.clone(), most);
            let mut made = 0_u64;
            for (at, byte) in keys.iter().enumerate() {
                sorter.push(key(*byte), at.to_string().into_bytes(), || {
                    made += 1;
                    let mut random = [0; 10];
                    random[..8].copy_from_slice(&made.to_be_bytes());
                    Id::v7(u64::try_from(at).unwrap() << 8 | u64::try_from(most).unwrap() << 20, random)
                }).unwrap();
            }
            let sorted: Vec<(u8, usize)> = sorter.sorted().unwrap().map(|item| {
                let item = item.unwrap();
                (item.key.value.as_bytes()[0], String::from_utf8(item.said).unwrap().parse().unwrap())
            }).collect();
            let mut expected: Vec<(u8, usize)> = keys.iter().copied().enumerate().map(|(at, byte)| (byte, at)).collect();
            expected.sort_unstable();
            prop_assert_eq!(sorted, expected);
            let left = std::fs::read_dir(&folder).map(|files| files.count()).unwrap_or_default();
            prop_assert_eq!(left, 0, "a run stays behind");
        }
    }
}
