//! Numbers with the right build that belong to nobody: serials of NIKs and KK numbers lie between 9000 and 9999, far above what a day's births
//! reach. The first hundred are for the named persons, the rest is dealt out here, each once.

use chrono::{Datelike, NaiveDate};

use super::chance::mixed;
use crate::domain::kk::KkNumber;
use crate::domain::nik::Nik;
use crate::domain::participants::Sex;

const FIRST_SERIAL: u64 = 9_100;
const SERIALS: u16 = 900;
const DAYS: usize = 100 * 12 * 31;

/// Where movers were first registered, by how many come from there. The last two are codes of before 2004, which old NIKs still carry.
pub const ORIGINS: &[(u32, &[&str])] = &[
    (40, &["327501", "327502", "327503", "327504", "327505", "327506", "327507", "327508", "327509", "327510", "327511", "327512"]),
    (5, &["317101", "317103", "317107", "317108"]),
    (6, &["317202", "317203", "317204"]),
    (4, &["317301", "317304", "317306"]),
    (5, &["317401", "317404", "317410"]),
    (11, &["317501", "317502", "317503", "317506", "317507", "317509"]),
    (9, &["321602", "321606", "321607", "321609"]),
    (4, &["320101", "320107", "327602"]),
    (5, &["330201", "330210", "330215"]),
    (4, &["332801", "332805"]),
    (3, &["350701", "357801"]),
    (2, &["127101", "127105"]),
    (1, &["137101"]),
    (1, &["095301", "102001"]),
];

/// Which serials are taken, by the date and sex part alone: the same in every region, so that a number is unique whatever its prefix.
pub struct Numbers {
    seed: u64,
    niks: Vec<u16>,
    kks: Vec<u16>,
}

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self { seed, niks: vec![0; DAYS * 2], kks: vec![0; DAYS] }
    }

    /// A NIK for a birth date; where that day is full, for the day before, which is given back as the birth date.
    pub fn nik(&mut self, region: &str, birth_date: NaiveDate, sex: Sex) -> (Nik, NaiveDate) {
        let (woman, shift) = match sex {
            Sex::F => (1, 40),
            Sex::M => (0, 0),
        };
        let (date, serial) = take(&mut self.niks, birth_date, self.seed, |day| day * 2 + woman);
        let number = format!("{region}{:02}{:02}{:02}{serial:04}", date.day() + shift, date.month(), date.year().rem_euclid(100));
        (Nik::parse(&number).expect("six digits of a region and ten that were just written"), date)
    }

    /// A family card's number of the district and the day on which it was issued.
    pub fn kk(&mut self, district: &str, issued_on: NaiveDate) -> KkNumber {
        let (date, serial) = take(&mut self.kks, issued_on, !self.seed, |day| day);
        let number = format!("{district}{:02}{:02}{:02}{serial:04}", date.day(), date.month(), date.year().rem_euclid(100));
        KkNumber::parse(&number).expect("six digits of a district and ten that were just written")
    }
}

/// The next free serial of a day, or of the nearest day before that has one. All days together hold over thirty million.
fn take(taken: &mut [u16], mut date: NaiveDate, seed: u64, slot: impl Fn(usize) -> usize) -> (NaiveDate, u64) {
    loop {
        let day = date.year().rem_euclid(100) as usize * 372 + date.month0() as usize * 31 + date.day0() as usize;
        let slot = slot(day);
        if taken[slot] < SERIALS {
            taken[slot] += 1;
            // Each day begins elsewhere, so that serials look dealt and not counted.
            let start = mixed(seed ^ slot as u64) % u64::from(SERIALS);
            return (date, FIRST_SERIAL + (start + u64::from(taken[slot])) % u64::from(SERIALS));
        }
        date = date.pred_opt().unwrap_or(NaiveDate::MAX);
    }
}
