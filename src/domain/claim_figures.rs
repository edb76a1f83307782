//! What the figures of claims rest on: by which day a claim is counted, how long each step took, what was decided at once, and how old what is open is.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::claims::{ClaimAction, ClaimState};
use super::figures::{DateBasis, quantile};
use super::id::Id;
use super::rupiah::Rupiah;
use super::text_enum::text_enum;
use super::time::UtcTime;

text_enum! {
    /// A stretch of a claim's way to its payment.
    Step {
        /// From the first handing-in until the papers were all there.
        Complete = "complete",
        /// From then until the first decision.
        Verify = "verify",
        /// From the decision that stands until the treasury paid.
        Pay = "pay",
    }
}

text_enum! {
    /// How long ago an open claim was handed in.
    Age {
        UpTo15 = "days_0_15",
        UpTo30 = "days_16_30",
        UpTo60 = "days_31_60",
        UpTo90 = "days_61_90",
        Older = "days_over_90",
    }
}

impl Age {
    /// The most days of each but the last.
    pub const LIMITS: [i64; 4] = [15, 30, 60, 90];

    pub fn of(submitted_on: NaiveDate, today: NaiveDate) -> Self {
        let days = (today - submitted_on).num_days();
        Self::LIMITS.iter().zip(Self::ALL).find(|(limit, _)| days <= **limit).map_or(Self::Older, |(_, age)| *age)
    }

    /// How many are of each age, if so many are of each limit at most, and so many in all.
    pub const fn split([a, b, c, d]: [i64; 4], all: i64) -> [(Self, i64); 5] {
        [(Self::UpTo15, a), (Self::UpTo30, b - a), (Self::UpTo60, c - b), (Self::UpTo90, d - c), (Self::Older, all - d)]
    }
}

/// Was it handed in, and is it not over?
pub const fn is_open(state: ClaimState) -> bool {
    match state {
        ClaimState::Submitted
        | ClaimState::Returned
        | ClaimState::Complete
        | ClaimState::InVerification
        | ClaimState::Approved
        | ClaimState::ApprovedPartial
        | ClaimState::Disputed
        | ClaimState::PaymentOrdered
        | ClaimState::Recheck => true,
        ClaimState::Draft | ClaimState::Rejected | ClaimState::Paid | ClaimState::Expired | ClaimState::Withdrawn => false,
    }
}

/// Did nothing come of it: never handed in, taken back, or let go?
pub const fn came_to_nothing(state: ClaimState) -> bool {
    matches!(state, ClaimState::Draft | ClaimState::Expired | ClaimState::Withdrawn)
}

/// What was done with a claim, as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    pub action: ClaimAction,
    pub at: UtcTime,
    pub by: Option<Id>,
}

/// The first decision in its story.
pub fn first_decision(story: &[Done]) -> Option<&Done> {
    story.iter().find(|done| matches!(done.action, ClaimAction::Approve | ClaimAction::ApprovePartly | ClaimAction::Reject))
}

/// Was it decided by itself the moment it was handed in first: never returned, and no person asked?
pub fn is_first_pass(story: &[Done]) -> bool {
    match (story, first_decision(story)) {
        // What decides itself does so in the same breath, and nobody decides what they handed in.
        ([handed_in, next, ..], Some(decision)) => {
            handed_in.action == ClaimAction::Submit && next == decision && (next.at, next.by) == (handed_in.at, handed_in.by)
        }
        _ => false,
    }
}

/// How often each number of days occurred. As it is kept: `days:claims` with spaces between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram(BTreeMap<i64, i64>);

impl Histogram {
    pub fn add(&mut self, days: i64, claims: i64) {
        let of_days = self.0.entry(days).or_default();
        *of_days += claims;
        if *of_days == 0 {
            self.0.remove(&days);
        }
    }

    pub fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(days, claims)| self.add(*days, *claims));
    }

    /// What was added before is taken away.
    pub fn take_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(days, claims)| self.add(*days, -claims));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn claims(&self) -> i64 {
        self.0.values().sum()
    }

    /// The days within which so many in a hundred were through.
    pub fn within(&self, percent: i64) -> Option<i64> {
        quantile(&self.0.iter().map(|(days, claims)| (*days, *claims)).collect::<Vec<_>>(), percent)
    }

    /// None: it was not written here.
    pub fn read(text: &str) -> Option<Self> {
        let pair = |text: &str| text.split_once(':').and_then(|(days, claims)| Some((days.parse().ok()?, claims.parse().ok()?)));
        text.split_whitespace().map(pair).collect::<Option<_>>().map(Self)
    }

    pub fn write(&self) -> String {
        self.0.iter().map(|(days, claims)| format!("{days}:{claims}")).collect::<Vec<_>>().join(" ")
    }
}

/// The days on which a claim came to something.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    pub state: ClaimState,
    pub admitted_on: NaiveDate,
    pub submitted_on: Option<NaiveDate>,
    pub completed_on: Option<NaiveDate>,
    pub first_decided_on: Option<NaiveDate>,
    pub decided_on: Option<NaiveDate>,
    pub approved: Rupiah,
    pub paid_on: Option<NaiveDate>,
}

impl Course {
    /// The day by which it is counted, where it came so far. What came to nothing is known by its service alone.
    pub fn day(&self, basis: DateBasis) -> Option<NaiveDate> {
        match basis {
            DateBasis::Service => Some(self.admitted_on),
            _ if came_to_nothing(self.state) => None,
            DateBasis::Submitted => self.submitted_on,
            DateBasis::Approved => self.decided_on.filter(|_| self.approved > Rupiah::ZERO),
            DateBasis::Paid => self.paid_on,
        }
    }

    /// The day on which a step ended, and how many days it took. The treasury may have paid on a day that is told of later.
    pub fn step(&self, step: Step) -> Option<(NaiveDate, i64)> {
        if came_to_nothing(self.state) {
            return None;
        }
        let (begun, ended) = match step {
            Step::Complete => (self.submitted_on?, self.completed_on?),
            Step::Verify => (self.completed_on?, self.first_decided_on?),
            Step::Pay => (self.decided_on?, self.paid_on?),
        };
        Some((ended, (ended - begun).num_days().max(0)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn ages_begin_where_the_last_ended() {
        let today = day("2026-11-21");
        for (back, age) in [
            (-1, Age::UpTo15),
            (0, Age::UpTo15),
            (15, Age::UpTo15),
            (16, Age::UpTo30),
            (30, Age::UpTo30),
            (31, Age::UpTo60),
            (60, Age::UpTo60),
            (61, Age::UpTo90),
            (90, Age::UpTo90),
            (91, Age::Older),
            (4_000, Age::Older),
        ] {
            assert_eq!(Age::of(today - chrono::Duration::days(back), today), age, "{back}");
        }
    }

    #[test]
    fn what_decides_itself_is_a_first_pass_and_nothing_else() {
        use ClaimAction::*;
        let (hospital, verifier) = (Some(Id::from_bytes([1; 16])), Some(Id::from_bytes([2; 16])));
        let at = |minute: i64| "2026-11-21T03:00:00Z".parse::<UtcTime>().unwrap().plus(chrono::Duration::minutes(minute));
        let story = |steps: &[(ClaimAction, i64, Option<Id>)]| -> Vec<Done> {
            steps.iter().map(|(action, minute, by)| Done { action: *action, at: at(*minute), by: *by }).collect()
        };
        for (steps, passes) in [
            (vec![(Submit, 0, hospital), (Approve, 0, hospital)], true),
            (vec![(Submit, 0, hospital), (Reject, 0, hospital), (Dispute, 9, hospital), (Approve, 99, verifier)], true),
            (vec![(Submit, 0, hospital), (ApprovePartly, 0, hospital), (OrderPayment, 5, verifier), (Pay, 6, verifier)], true),
            (vec![(Submit, 0, hospital), (Complete, 0, hospital), (Approve, 3, verifier)], false),
            (vec![(Submit, 0, hospital), (Approve, 3, verifier)], false),
            (vec![(Submit, 0, hospital), (Return, 2, verifier), (Resubmit, 3, hospital), (Approve, 3, hospital)], false),
            (vec![(Submit, 0, hospital), (Complete, 0, hospital)], false),
            (vec![(Submit, 0, hospital)], false),
            (vec![], false),
        ] {
            assert_eq!(is_first_pass(&story(&steps)), passes, "{steps:?}");
        }
    }

    #[test]
    fn a_claim_is_counted_by_each_day_that_it_reached() {
        let paid = Course {
            state: ClaimState::Paid,
            admitted_on: day("2026-10-30"),
            submitted_on: Some(day("2026-11-02")),
            completed_on: Some(day("2026-11-05")),
            first_decided_on: Some(day("2026-11-10")),
            decided_on: Some(day("2026-11-20")),
            approved: Rupiah(1),
            paid_on: Some(day("2026-11-18")),
        };
        let days = |course: &Course| DateBasis::ALL.iter().map(|basis| course.day(*basis).map(|day| day.to_string())).collect::<Vec<_>>();
        let some = |texts: [&str; 4]| texts.map(|text| (!text.is_empty()).then(|| text.to_owned())).to_vec();
        assert_eq!(days(&paid), some(["2026-10-30", "2026-11-02", "2026-11-20", "2026-11-18"]));
        assert_eq!(days(&Course { approved: Rupiah::ZERO, paid_on: None, ..paid }), some(["2026-10-30", "2026-11-02", "", ""]));
        for state in [ClaimState::Draft, ClaimState::Withdrawn, ClaimState::Expired] {
            assert_eq!(days(&Course { state, ..paid }), some(["2026-10-30", "", "", ""]));
            assert_eq!(Course { state, ..paid }.step(Step::Complete), None);
        }
        assert_eq!(Step::ALL.iter().map(|step| paid.step(*step).unwrap().1).collect::<Vec<_>>(), [3, 5, 0]);
        assert_eq!(Course { completed_on: None, ..paid }.step(Step::Verify), None);
    }

    #[test]
    fn what_nobody_wrote_is_no_histogram() {
        for text in ["3", "3:", ":1", "3:1,4:1", "x:1", "3:1:1"] {
            assert_eq!(Histogram::read(text), None, "{text}");
        }
        let empty = Histogram::read("").unwrap();
        assert_eq!((empty.claims(), empty.within(50)), (0, None));
    }

    proptest! {
        #[test]
        fn ages_split_as_each_is_aged(days in prop::collection::vec(0_i64..200, 0..40)) {
            let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
            let ages: Vec<Age> = days.iter().map(|days| Age::of(today - chrono::Duration::days(*days), today)).collect();
            let at_most = Age::LIMITS.map(|limit| days.iter().filter(|days| **days <= limit).count() as i64);
            for (age, claims) in Age::split(at_most, days.len() as i64) {
                prop_assert_eq!(claims, ages.iter().filter(|of| **of == age).count() as i64, "{}", age);
            }
        }

        #[test]
        fn histograms_come_back_and_add_up(some in prop::collection::vec(0_i64..90, 0..50), more in prop::collection::vec(0_i64..90, 0..50)) {
            let of = |days: &[i64]| days.iter().fold(Histogram::default(), |mut of, days| { of.add(*days, 1); of });
            let mut sum = Histogram::read(&of(&some).write()).unwrap();
            sum.add_all(&of(&more));
            prop_assert_eq!(&sum, &of(&[some.clone(), more.clone()].concat()));
            sum.take_all(&of(&some));
            prop_assert_eq!(&sum, &of(&more));
            sum.take_all(&of(&more));
            prop_assert!(sum.is_empty());
        }
    }
}
