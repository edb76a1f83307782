//! The population office (Dukcapil): what it is asked, and what its answer is worth. It verifies; it does not hand out what it holds.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::eligibility::{IdentityFacts, IdentityMatch};
use super::nik::Nik;
use super::population::{CivilRecord, CivilStatus};
use super::text_enum::text_enum;
use super::time::UtcTime;

text_enum! {
    /// How it is asked: not at all, by the last file that was reconciled, or at its web service.
    OfficeDriver { Off = "off", Snapshot = "snapshot", WebService = "web_service" }
}

text_enum! {
    /// Where an answer comes from.
    OfficeSource { Snapshot = "snapshot", WebService = "web_service" }
}

text_enum! {
    /// What the office says of a NIK and what was sent with it.
    Verdict { Match = "match", Differs = "differs", NotFound = "not_found", Inactive = "inactive", Deceased = "deceased" }
}

text_enum! {
    /// How a call ended: with a verdict, or in one of four ways without.
    CallResult {
        Match = "match", Differs = "differs", NotFound = "not_found", Inactive = "inactive", Deceased = "deceased",
        Timeout = "timeout", Unreachable = "unreachable", Failed = "failed", Unreadable = "unreadable",
    }
}

text_enum! {
    /// What is compared beside the NIK.
    Compared { Name = "name", BirthDate = "birth_date" }
}

/// One question about one person: no more than what is compared.
pub struct Question {
    pub nik: Nik,
    pub name: Option<String>,
    pub birth_date: Option<NaiveDate>,
}

/// An answer of the office, field by field match or no match, and as of when it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub verdict: Verdict,
    pub name: IdentityMatch,
    pub birth_date: IdentityMatch,
    pub as_of: UtcTime,
    pub source: OfficeSource,
}

impl Finding {
    pub fn differing(&self) -> BTreeSet<Compared> {
        let fields = [(Compared::Name, self.name), (Compared::BirthDate, self.birth_date)];
        fields.into_iter().filter(|(_, found)| *found == IdentityMatch::Differs).map(|(field, _)| field).collect()
    }

    /// What a person who is asked about should know of it: nothing where all agrees.
    pub fn warns(&self) -> bool {
        self.verdict != Verdict::Match
    }
}

/// What a file that gives a NIK to these people says of somebody with that NIK.
pub fn by_file(people: Option<&[CivilRecord]>, name: Option<&str>, birth_date: Option<NaiveDate>) -> (Verdict, IdentityMatch, IdentityMatch) {
    let nothing_said = |verdict| (verdict, IdentityMatch::NotGiven, IdentityMatch::NotGiven);
    let Some(people) = people else { return nothing_said(Verdict::NotFound) };
    let of_one = |record: &CivilRecord| {
        let IdentityFacts { name, birth_date } = IdentityFacts::compare((name, birth_date), (Some(&record.name), Some(record.birth_date)));
        let verdict = match record.status {
            Some(CivilStatus::Deceased) => Verdict::Deceased,
            Some(CivilStatus::NikInactive) => Verdict::Inactive,
            // Where somebody lives is not asked here: the reconciliation of the whole file tells who has moved.
            Some(CivilStatus::Active | CivilStatus::MovedOut) | None => Verdict::of_fields(name, birth_date),
        };
        (verdict, name, birth_date)
    };
    // A NIK of several people: whoever agrees best is the one who is meant.
    let differences = |(_, name, birth_date): &(Verdict, IdentityMatch, IdentityMatch)| {
        [name, birth_date].into_iter().filter(|found| **found == IdentityMatch::Differs).count()
    };
    // A number whose row could not be read is known all the same.
    people.iter().map(of_one).min_by_key(differences).unwrap_or(nothing_said(Verdict::of_fields(IdentityMatch::NotGiven, IdentityMatch::NotGiven)))
}

impl Verdict {
    /// Of someone who is found and alive: do the fields agree?
    pub fn of_fields(name: IdentityMatch, birth_date: IdentityMatch) -> Self {
        if [name, birth_date].contains(&IdentityMatch::Differs) { Self::Differs } else { Self::Match }
    }
}

impl From<Verdict> for CallResult {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Match => Self::Match,
            Verdict::Differs => Self::Differs,
            Verdict::NotFound => Self::NotFound,
            Verdict::Inactive => Self::Inactive,
            Verdict::Deceased => Self::Deceased,
        }
    }
}

impl CallResult {
    /// Did the office not answer, or nothing that can be read?
    pub fn is_failure(self) -> bool {
        match self {
            Self::Match | Self::Differs | Self::NotFound | Self::Inactive | Self::Deceased => false,
            Self::Timeout | Self::Unreachable | Self::Failed | Self::Unreadable => true,
        }
    }
}

/// Why nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// A call was made and failed.
    Failed(CallResult),
    /// No call was made: the breaker is open, or as many calls as are allowed are under way.
    NotCalled,
    /// There is no file yet.
    NoFile,
}

/// A half of a year: what the office wants reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Semester {
    pub year: i32,
    pub half: u8,
}

impl Semester {
    /// None for a half that is neither the first nor the second, or a year that no calendar has.
    pub fn new(year: i32, half: u8) -> Option<Self> {
        ((1..=2).contains(&half) && (2000..=2999).contains(&year)).then_some(Self { year, half })
    }

    /// The first days of its six months, and of the one after them.
    pub fn month_starts(self) -> Vec<NaiveDate> {
        let first = if self.half == 1 { 1 } else { 7 };
        (first..=first + 6)
            .filter_map(|month| match month {
                13 => NaiveDate::from_ymd_opt(self.year + 1, 1, 1),
                month => NaiveDate::from_ymd_opt(self.year, month, 1),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semester_is_six_months() {
        for (half, first, last) in [(1, "2026-01-01", "2026-07-01"), (2, "2026-07-01", "2027-01-01")] {
            let starts = Semester::new(2026, half).unwrap().month_starts();
            assert_eq!((starts.len(), starts[0].to_string().as_str(), starts[6].to_string().as_str()), (7, first, last));
        }
        for (year, half) in [(2026, 0), (2026, 3), (1999, 1), (3000, 1)] {
            assert_eq!(Semester::new(year, half), None);
        }
    }

    #[test]
    fn every_verdict_is_a_result_by_the_same_word() {
        for verdict in Verdict::ALL {
            let result = CallResult::from(*verdict);
            assert_eq!((result.as_str(), result.is_failure()), (verdict.as_str(), false));
        }
        let failures = CallResult::ALL.iter().filter(|result| result.is_failure()).count();
        assert_eq!(failures + Verdict::ALL.len(), CallResult::ALL.len());
    }

    #[test]
    fn a_field_that_was_not_compared_does_not_differ() {
        use IdentityMatch::{Differs, NotGiven, Same};
        for (name, birth_date, verdict) in [
            (Same, Same, Verdict::Match),
            (Same, NotGiven, Verdict::Match),
            (NotGiven, NotGiven, Verdict::Match),
            (Differs, Same, Verdict::Differs),
            (NotGiven, Differs, Verdict::Differs),
        ] {
            assert_eq!(Verdict::of_fields(name, birth_date), verdict);
        }
    }
}
