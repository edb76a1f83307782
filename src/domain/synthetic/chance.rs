//! `Chance`: numbers that look random and are the same for the same seed. SplitMix64: enough for a made-up city, nothing for secrets.

use chrono::{Duration, NaiveDate};

pub struct Chance(u64);

impl Chance {
    /// A stream of its own for each thing of a seed, so that one household does not depend on how many draws another took.
    pub fn of(seed: u64, index: u64) -> Self {
        Self(mixed(seed ^ mixed(index)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// From 0 up to but without `end`; 0 where there is no choice.
    pub fn below(&mut self, end: u32) -> u32 {
        // The high half times the range, its high half again: always below `end`, so it fits.
        (((self.next() >> 32) * u64::from(end)) >> 32) as u32
    }

    /// Both ends included.
    pub fn between(&mut self, from: u32, to: u32) -> u32 {
        from + self.below(to.saturating_sub(from) + 1)
    }

    pub fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    pub fn per_mille(&mut self, share: u32) -> bool {
        self.below(1_000) < share
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u32) as usize]
    }

    /// One of several by weight.
    pub fn weighted<T: Copy>(&mut self, from: &[(u32, T)]) -> T {
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in from {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *choice,
            }
        }
        from[0].1
    }

    /// A date between two, both included; the first where they are the wrong way round.
    pub fn date(&mut self, from: NaiveDate, to: NaiveDate) -> NaiveDate {
        let days = u32::try_from((to - from).num_days()).unwrap_or(0);
        from + Duration::days(i64::from(self.between(0, days)))
    }
}

/// The finaliser of SplitMix64.
pub fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
