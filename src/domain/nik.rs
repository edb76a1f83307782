//! The NIK: the 16-digit national identity number (UU 23/2006 as amended by UU 24/2013; PP 40/2019 art. 30).
//!
//! `PPKKCC DDMMYY SSSS`: region of *first registration*, birth date (day + 40 for women), serial from 0001. It never changes, so it says nothing
//! about where a person lives now, and only hints at birth date and sex. Length and digits can refuse a NIK; everything else can only warn.

use chrono::{Datelike, NaiveDate};

use super::participants::Sex;
use super::regions::{Regions, Standing};
use super::text_enum::text_enum;

/// A NIK that has 16 digits. It never prints itself whole: `Debug` and `Display` are masked, and only `digits` gives the number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nik([u8; 16]);

/// Why a text is no NIK. The text itself is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NikFault {
    #[error("a NIK has 16 digits")]
    Length,
    #[error("a NIK has only digits")]
    NotDigits,
}

impl Nik {
    pub fn parse(text: &str) -> Result<Self, NikFault> {
        sixteen_digits(text).map(Self)
    }

    /// The number itself, for sealing, indexing and the answers of those who may read it.
    pub fn digits(&self) -> &str {
        as_text(&self.0)
    }

    /// `3275**********01`: enough to compare with a card in the hand, too little to find a person.
    pub fn masked(&self) -> String {
        masked(&self.0)
    }

    /// The six digits of the district in which the NIK was first issued.
    pub fn region(&self) -> &str {
        &self.digits()[..6]
    }

    pub fn serial(&self) -> u16 {
        number(&self.0[12..])
    }

    /// The sex that the day part hints at: women have 40 added.
    pub fn sex_hint(&self) -> Option<Sex> {
        match number(&self.0[6..8]) {
            1..=31 => Some(Sex::M),
            41..=71 => Some(Sex::F),
            _ => None,
        }
    }

    /// Does the date part agree with this birth date? The year has two digits, so the century is never told.
    pub fn agrees_with(&self, birth_date: NaiveDate) -> bool {
        let day = number(&self.0[6..8]);
        let day = if day > 40 { day - 40 } else { day };
        u32::from(day) == birth_date.day()
            && u32::from(number(&self.0[8..10])) == birth_date.month()
            && i32::from(number(&self.0[10..12])) == birth_date.year().rem_euclid(100)
    }

    /// Region and birth date, the same for men and women.
    pub fn stem(&self) -> String {
        let day = number(&self.0[6..8]);
        format!("{}{:02}{}", self.region(), if day > 40 { day - 40 } else { day }, as_text(&self.0).get(8..12).unwrap_or_default())
    }

    /// Could the date part be a date in any century? February 29th passes: the century is unknown.
    pub fn has_possible_date(&self) -> bool {
        let month = u32::from(number(&self.0[8..10]));
        let day = match number(&self.0[6..8]) {
            day @ 1..=31 => day,
            day @ 41..=71 => day - 40,
            _ => return false,
        };
        // 2000 was a leap year, so it refuses only what no year has.
        NaiveDate::from_ymd_opt(2000, month, u32::from(day)).is_some()
    }
}

impl std::fmt::Debug for Nik {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

impl std::fmt::Display for Nik {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

text_enum! {
    /// What is odd about a NIK beside what is registered. None of it refuses.
    NikOddity {
        ImpossibleDate = "NIK_DATE_IMPOSSIBLE", BirthDateDiffers = "NIK_BIRTH_DATE_DIFFERS", SexDiffers = "NIK_SEX_DIFFERS",
        SerialZero = "NIK_SERIAL_ZERO", RegionSuperseded = "NIK_REGION_SUPERSEDED", RegionUnknown = "NIK_REGION_UNKNOWN",
    }
}

impl NikOddity {
    /// Can no register have given such a number, whoever it belongs to? A region that is not in our list may be newer than the list.
    pub const fn is_impossible(self) -> bool {
        match self {
            Self::ImpossibleDate | Self::SerialZero => true,
            Self::BirthDateDiffers | Self::SexDiffers | Self::RegionSuperseded | Self::RegionUnknown => false,
        }
    }
}

/// The longest row of serials that follow one another, among NIKs of one region and birth date.
pub fn longest_run<'a>(niks: impl IntoIterator<Item = &'a Nik>) -> i64 {
    let mut serials: Vec<(String, u16)> = niks.into_iter().map(|nik| (nik.stem(), nik.serial())).collect();
    serials.sort_unstable();
    serials.dedup();
    let (mut longest, mut run) = (0, 0);
    let mut before: Option<(String, u16)> = None;
    for (stem, serial) in serials {
        let follows = before.as_ref().is_some_and(|(other, last)| *other == stem && last.checked_add(1) == Some(serial));
        run = if follows { run + 1 } else { 1 };
        longest = longest.max(run);
        before = Some((stem, serial));
    }
    longest
}

/// Everything odd about a registered NIK, in a fixed order.
pub fn oddities(nik: &Nik, birth_date: NaiveDate, sex: Sex, regions: &Regions) -> Vec<NikOddity> {
    let mut found = Vec::new();
    if nik.has_possible_date() {
        if !nik.agrees_with(birth_date) {
            found.push(NikOddity::BirthDateDiffers);
        }
        if nik.sex_hint().is_some_and(|hint| hint != sex) {
            found.push(NikOddity::SexDiffers);
        }
    }
    found.extend(oddities_of_number(nik, regions));
    found.sort_unstable();
    found
}

/// What is odd about a number alone: for one that nobody has, the best hint at a typing error.
pub fn oddities_of_number(nik: &Nik, regions: &Regions) -> Vec<NikOddity> {
    let mut found = Vec::new();
    if !nik.has_possible_date() {
        found.push(NikOddity::ImpossibleDate);
    }
    if nik.serial() == 0 {
        found.push(NikOddity::SerialZero);
    }
    match regions.standing(nik.region()) {
        Standing::Current => {}
        Standing::Superseded => found.push(NikOddity::RegionSuperseded),
        Standing::Unknown => found.push(NikOddity::RegionUnknown),
    }
    found
}

pub(super) fn sixteen_digits(text: &str) -> Result<[u8; 16], NikFault> {
    // Digits are judged first, so that "3.27501E+15" is told as what it is and not as a wrong length.
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NikFault::NotDigits);
    }
    text.as_bytes().try_into().map_err(|_| NikFault::Length)
}

pub(super) fn as_text(digits: &[u8; 16]) -> &str {
    // Only ASCII digits are ever stored, so this cannot fail; an empty text is the harmless answer if it did.
    std::str::from_utf8(digits).unwrap_or_default()
}

pub(super) fn masked(digits: &[u8; 16]) -> String {
    let text = as_text(digits);
    format!("{}**********{}", &text[..4], &text[14..])
}

fn number(digits: &[u8]) -> u16 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn regions() -> Regions {
        Regions::from_codes(["327501", "317101"], ["910101"])
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn only_length_and_digits_refuse() {
        for (text, expected) in [
            ("3275014501909001", None),
            ("0000000000000000", None),
            ("9999999999999999", None),
            ("", Some(NikFault::Length)),
            ("327501450190900", Some(NikFault::Length)),
            ("32750145019090011", Some(NikFault::Length)),
            ("3275014501909O01", Some(NikFault::NotDigits)),
            ("3.27501E+15", Some(NikFault::NotDigits)),
            (" 275014501909001", Some(NikFault::NotDigits)),
            ("３２７５０１４５０１９０９００１", Some(NikFault::NotDigits)),
        ] {
            assert_eq!(Nik::parse(text).err(), expected, "{text:?}");
        }
    }

    #[test]
    fn serials_follow_one_another_within_a_region_and_a_date() {
        for (niks, run) in [
            (&[][..], 0),
            (&["3275014501909001"], 1),
            (&["3275014501909003", "3275014501909001", "3275014501909002", "3275014501909002"], 3),
            // A man and a woman of one day.
            (&["3275014501909001", "3275010501909002"], 2),
            (&["3275014501909001", "3275014501909003"], 1),
            (&["3275014501909001", "3275014601909002"], 1),
            (&["3275014501909001", "3275024501909002"], 1),
            (&["3275014501909999", "3275014501900000"], 1),
        ] {
            let niks: Vec<Nik> = niks.iter().map(|nik| Nik::parse(nik).unwrap()).collect();
            assert_eq!(longest_run(&niks), run, "{run}");
        }
    }

    #[test]
    fn what_is_odd_warns() {
        use NikOddity::*;
        for (nik, born, sex, expected) in [
            ("3275014501909001", "1990-01-05", Sex::F, vec![]),
            ("3275010501909001", "1990-01-05", Sex::M, vec![]),
            ("3275014501909001", "1890-01-05", Sex::F, vec![]),
            ("3275014501909001", "1990-01-06", Sex::F, vec![BirthDateDiffers]),
            ("3275014501909001", "1990-01-05", Sex::M, vec![SexDiffers]),
            ("9101014501909001", "1990-01-05", Sex::F, vec![RegionSuperseded]),
            ("1002014501900000", "1990-01-05", Sex::F, vec![SerialZero, RegionUnknown]),
            ("3275013502909001", "1990-01-05", Sex::F, vec![ImpossibleDate]),
            ("3275017002909001", "1990-01-05", Sex::F, vec![ImpossibleDate]),
            ("3275016902009001", "2000-02-29", Sex::F, vec![]),
        ] {
            let nik = Nik::parse(nik).unwrap();
            assert_eq!(oddities(&nik, day(born), sex, &regions()), expected, "{} born {born}", nik.digits());
            let of_number: Vec<_> = expected.into_iter().filter(|odd| !matches!(odd, BirthDateDiffers | SexDiffers)).collect();
            assert_eq!(oddities_of_number(&nik, &regions()), of_number, "{}", nik.digits());
        }
    }

    proptest! {
        #[test]
        fn any_sixteen_digits_parse_and_never_print_whole(text in "[0-9]{16}") {
            let nik = Nik::parse(&text).unwrap();
            prop_assert_eq!(nik.digits(), &text);
            for printed in [format!("{nik}"), format!("{nik:?}")] {
                prop_assert!(!printed.contains(&text));
                prop_assert_eq!(&printed[..4], &text[..4]);
                prop_assert_eq!(&printed[14..], &text[14..]);
            }
        }

        #[test]
        fn a_nik_written_for_a_person_agrees_with_that_person(
            year in 1900i32..2030, month in 1u32..=12, day in 1u32..=28, woman: bool, serial in 9000u16..=9999
        ) {
            let born = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            let (sex, shift) = if woman { (Sex::F, 40) } else { (Sex::M, 0) };
            let nik = Nik::parse(&format!("327501{:02}{:02}{:02}{serial:04}", day + shift, month, year.rem_euclid(100))).unwrap();
            prop_assert_eq!(oddities(&nik, born, sex, &regions()), vec![]);
            prop_assert!(nik.agrees_with(born));
        }

        #[test]
        fn other_texts_never_parse(text in "\\PC{0,20}") {
            let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(Nik::parse(&text).is_ok(), digits);
        }
    }
}
