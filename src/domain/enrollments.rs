//! Enrolments: a person's place in the scheme. The life of the card that shows it is its own, in `cards`: blanks have run out before.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::cards::CardState;
use super::text_enum::text_enum;

text_enum! {
    EnrollmentState {
        Draft = "draft", Submitted = "submitted", InReview = "in_review", Returned = "returned", Approved = "approved", Rejected = "rejected",
        Active = "active", Suspended = "suspended", Revoked = "revoked", Expired = "expired",
    }
}

text_enum! {
    /// What is done with an enrolment, from the request to its end.
    EnrollmentAction {
        Submit = "submit",
        /// Somebody begins to look at it.
        Take = "take",
        /// Something is missing that the applicant can bring.
        Return = "return",
        Resubmit = "resubmit", Approve = "approve", Reject = "reject", Activate = "activate", Suspend = "suspend", Reinstate = "reinstate",
        /// Taken back: a request withdrawn, an approval or a card withdrawn.
        Revoke = "revoke",
        /// It lapses, as when another card takes its place.
        Expire = "expire",
    }
}

text_enum! {
    /// Who files a request for somebody.
    FilerKind {
        /// A member of the same family card, or the person.
        Member = "member",
        RtRw = "rt_rw",
        /// Of the social service, for those who have no family to file for them.
        Dinsos = "dinsos",
        /// Of the counter where it is filed.
        Officer = "officer",
    }
}

/// What must be known of who files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilerNeeds {
    pub nik: bool,
    pub name: bool,
}

impl FilerKind {
    /// The NIK of whoever files for others is kept, so that it shows when one files for very many; an officer of the counter is known by the account.
    pub const fn needs(self) -> FilerNeeds {
        match self {
            Self::Member => FilerNeeds { nik: true, name: false },
            Self::RtRw | Self::Dinsos => FilerNeeds { nik: true, name: true },
            Self::Officer => FilerNeeds { nik: false, name: false },
        }
    }
}

text_enum! {
    /// The way a request came.
    Channel { Counter = "counter", RtRw = "rt_rw", Hospital = "hospital", Puskesmas = "puskesmas", HomeVisit = "home_visit", Bulk = "bulk" }
}

impl EnrollmentState {
    /// The state after this action; None where it is not possible.
    pub const fn after(self, action: EnrollmentAction) -> Option<Self> {
        use EnrollmentAction as Action;
        match (action, self) {
            (Action::Submit, Self::Draft) | (Action::Resubmit, Self::Returned) => Some(Self::Submitted),
            (Action::Take, Self::Submitted) => Some(Self::InReview),
            (Action::Return, Self::InReview) => Some(Self::Returned),
            (Action::Approve, Self::InReview) => Some(Self::Approved),
            (Action::Reject, Self::InReview) => Some(Self::Rejected),
            (Action::Activate, Self::Approved) | (Action::Reinstate, Self::Suspended) => Some(Self::Active),
            (Action::Suspend, Self::Active) => Some(Self::Suspended),
            // What somebody looks at right now is decided, not withdrawn under their hands.
            (Action::Revoke, Self::Draft | Self::Submitted | Self::Returned | Self::Approved | Self::Active | Self::Suspended) => Some(Self::Revoked),
            (Action::Expire, Self::Draft | Self::Submitted | Self::InReview | Self::Returned | Self::Approved | Self::Active | Self::Suspended) => {
                Some(Self::Expired)
            }
            (
                Action::Submit
                | Action::Take
                | Action::Return
                | Action::Resubmit
                | Action::Approve
                | Action::Reject
                | Action::Activate
                | Action::Suspend
                | Action::Reinstate
                | Action::Revoke
                | Action::Expire,
                _,
            ) => None,
        }
    }

    /// Does it stand in the way of another enrolment of the same person? The index of the database says the same.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Draft | Self::Submitted | Self::InReview | Self::Returned | Self::Approved | Self::Active | Self::Suspended => true,
            Self::Rejected | Self::Revoked | Self::Expired => false,
        }
    }

    /// Of two enrolments of one person, does this one count more? What was granted counts more than what is asked for. Of two alike neither does.
    pub const fn outweighs(self, other: Self) -> bool {
        self.weight() > other.weight()
    }

    const fn weight(self) -> u8 {
        match self {
            Self::Rejected | Self::Revoked | Self::Expired => 0,
            Self::Draft => 1,
            Self::Returned => 2,
            Self::Submitted => 3,
            Self::InReview => 4,
            Self::Approved => 5,
            Self::Suspended => 6,
            Self::Active => 7,
        }
    }

    /// Does the applicant wait for somebody's decision?
    pub const fn awaits_decision(self) -> bool {
        match self {
            Self::Submitted | Self::InReview => true,
            Self::Draft | Self::Returned | Self::Approved | Self::Rejected | Self::Active | Self::Suspended | Self::Revoked | Self::Expired => false,
        }
    }
}

impl EnrollmentAction {
    /// Does it give what was asked for, or give it back?
    pub const fn grants(self) -> bool {
        match self {
            Self::Approve | Self::Activate | Self::Reinstate => true,
            Self::Submit | Self::Take | Self::Return | Self::Resubmit | Self::Reject | Self::Suspend | Self::Revoke | Self::Expire => false,
        }
    }

    /// May who filed the request, or registered the person, not do this themselves?
    pub const fn needs_second_person(self) -> bool {
        match self {
            Self::Approve | Self::Reject => true,
            Self::Submit
            | Self::Take
            | Self::Return
            | Self::Resubmit
            | Self::Activate
            | Self::Suspend
            | Self::Reinstate
            | Self::Revoke
            | Self::Expire => false,
        }
    }

    /// Does whom it is about have a right to hear why?
    pub const fn needs_reason(self) -> bool {
        match self {
            Self::Return | Self::Reject | Self::Suspend | Self::Revoke => true,
            Self::Submit | Self::Take | Self::Resubmit | Self::Approve | Self::Activate | Self::Reinstate | Self::Expire => false,
        }
    }
}

/// An enrolment as far as it decides whether a card counts on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EnrollmentStanding {
    pub state: EnrollmentState,
    pub card_state: CardState,
    pub issued_on: Option<NaiveDate>,
    /// The first date on which it no longer counted; a state other than `active` without this date never counted.
    pub ended_on: Option<NaiveDate>,
}

impl EnrollmentStanding {
    /// Did it count on this date? A suspension of today says nothing about a service of last month.
    pub fn active_on(&self, date: NaiveDate) -> bool {
        let begun = self.issued_on.is_none_or(|issued| issued <= date);
        let not_ended = match self.ended_on {
            Some(ended) => date < ended,
            None => self.state == EnrollmentState::Active && self.card_state != CardState::Blocked,
        };
        begun && not_ended
    }

    /// How the person stands in the scheme, whatever became of the card: one that is lost takes nobody out of it. (Older data tell a block by an end.)
    pub fn without_card(self) -> Self {
        let is_carried = self.card_state == CardState::Blocked && self.ended_on.is_none();
        if is_carried { Self { card_state: CardState::NotPrinted, ..self } } else { self }
    }

    /// How it stands after an action of this day; None where the action is not possible. What never counted gets no end: an end says that it counted until
    /// then. A suspension that is lifted leaves no end; from when until when it was is kept beside, for `stretches`.
    pub fn after(self, action: EnrollmentAction, today: NaiveDate) -> Option<Self> {
        let state = self.state.after(action)?;
        Some(match (self.state, state) {
            (EnrollmentState::Approved, EnrollmentState::Active) => Self { state, issued_on: Some(today), ended_on: None, ..self },
            (_, EnrollmentState::Active) => Self { state, ended_on: None, ..self },
            (EnrollmentState::Active, _) => Self { state, ended_on: self.ended_on.or(Some(today)), ..self },
            (_, _) => Self { state, ..self },
        })
    }
}

impl EnrollmentStanding {
    /// The same told date by date: a suspension that was lifted, given by its first date and the first date on which it counted again, parts what came
    /// before it, which ended as suspended, from what came after.
    pub fn stretches(self, suspensions: &[(NaiveDate, NaiveDate)]) -> Vec<Self> {
        let mut suspensions = suspensions.to_vec();
        suspensions.sort_unstable();
        let mut stretches = Vec::with_capacity(suspensions.len() + 1);
        let mut issued_on = self.issued_on;
        for (suspended_on, reinstated_on) in suspensions {
            stretches.push(Self { state: EnrollmentState::Suspended, issued_on, ended_on: Some(suspended_on), ..self });
            issued_on = Some(reinstated_on);
        }
        stretches.push(Self { issued_on, ..self });
        stretches
    }

    /// Of the stretches of one enrolment that which tells of a date: the last that had begun; before all of them the last.
    pub fn on_date(stretches: &[Self], date: NaiveDate) -> Option<Self> {
        let begun = stretches.iter().rfind(|stretch| stretch.issued_on.is_none_or(|issued| issued <= date));
        begun.or(stretches.last()).copied()
    }
}

/// The number of a request as people read it.
pub fn request_number(prefix: &str, year: i32, serial: i64) -> String {
    format!("ENR-{prefix}-{year}-{serial:06}")
}

/// A text as such a number, in capitals; None where it cannot be one, so that whatever else somebody types is looked for nowhere.
pub fn as_request_number(prefix: &str, text: &str) -> Option<String> {
    let number = text.trim().to_ascii_uppercase();
    let (year, serial) = number.strip_prefix("ENR-")?.strip_prefix(prefix)?.strip_prefix('-')?.split_once('-')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (year.len() == 4 && (6..=12).contains(&serial.len()) && digits(year) && digits(serial)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_card_counts_from_its_issue_until_it_ends() {
        use CardState::*;
        use EnrollmentState::*;
        for (state, card_state, issued_on, ended_on, date, counts) in [
            (Active, Delivered, Some("2018-01-01"), None, "2018-01-01", true),
            (Active, Delivered, Some("2018-01-01"), None, "2017-12-31", false),
            (Active, NotPrinted, None, None, "2018-01-01", true),
            (Active, Blocked, Some("2018-01-01"), None, "2018-06-01", false),
            (Active, Blocked, Some("2018-01-01"), Some("2018-07-01"), "2018-06-30", true),
            (Suspended, Delivered, Some("2018-01-01"), Some("2018-07-01"), "2018-06-30", true),
            (Suspended, Delivered, Some("2018-01-01"), Some("2018-07-01"), "2018-07-01", false),
            (Suspended, Delivered, Some("2018-01-01"), None, "2018-06-30", false),
            (Submitted, NotPrinted, None, None, "2018-06-30", false),
        ] {
            let day = |text: &str| text.parse::<NaiveDate>().unwrap();
            let standing = EnrollmentStanding { state, card_state, issued_on: issued_on.map(day), ended_on: ended_on.map(day) };
            assert_eq!(standing.active_on(day(date)), counts, "{standing:?} on {date}");
        }
    }

    #[test]
    fn a_suspension_that_was_lifted_parts_what_came_before_from_what_came_after() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let issued_on = Some(day("2018-01-01"));
        let standing = EnrollmentStanding { state: EnrollmentState::Active, card_state: CardState::Delivered, issued_on, ended_on: None };
        assert_eq!(standing.stretches(&[]), [standing]);
        let lifted = [("2019-05-01", "2019-06-01"), ("2018-03-01", "2018-04-01")].map(|(off, on)| (day(off), day(on)));
        let stretches = standing.stretches(&lifted);
        for (date, counts) in [
            ("2017-12-31", false),
            ("2018-01-01", true),
            ("2018-02-28", true),
            ("2018-03-01", false),
            ("2018-03-31", false),
            ("2018-04-01", true),
            ("2019-04-30", true),
            ("2019-05-31", false),
            ("2019-06-01", true),
            ("2026-01-01", true),
        ] {
            let told = EnrollmentStanding::on_date(&stretches, day(date)).unwrap();
            assert_eq!(told.active_on(day(date)), counts, "{date}");
            assert_eq!(stretches.iter().any(|stretch| stretch.active_on(day(date))), counts, "{date}: one stretch counts and no other");
        }
        assert_eq!(EnrollmentStanding::on_date(&stretches, day("2018-03-15")).unwrap().state, EnrollmentState::Suspended);
    }

    #[test]
    fn only_these_actions_are_possible() {
        use EnrollmentAction as Action;
        use EnrollmentState::*;
        let possible = [
            (Draft, &[(Action::Submit, Submitted), (Action::Revoke, Revoked), (Action::Expire, Expired)][..]),
            (Submitted, &[(Action::Take, InReview), (Action::Revoke, Revoked), (Action::Expire, Expired)]),
            (InReview, &[(Action::Return, Returned), (Action::Approve, Approved), (Action::Reject, Rejected), (Action::Expire, Expired)]),
            (Returned, &[(Action::Resubmit, Submitted), (Action::Revoke, Revoked), (Action::Expire, Expired)]),
            (Approved, &[(Action::Activate, Active), (Action::Revoke, Revoked), (Action::Expire, Expired)]),
            (Rejected, &[]),
            (Active, &[(Action::Suspend, Suspended), (Action::Revoke, Revoked), (Action::Expire, Expired)]),
            (Suspended, &[(Action::Reinstate, Active), (Action::Revoke, Revoked), (Action::Expire, Expired)]),
            (Revoked, &[]),
            (Expired, &[]),
        ];
        assert_eq!(possible.map(|(state, _)| state), EnrollmentState::ALL);
        for (state, expected) in possible {
            let found: Vec<_> = Action::ALL.iter().filter_map(|action| Some((*action, state.after(*action)?))).collect();
            assert_eq!(found, expected, "{state}");
        }
    }

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();

    proptest! {
        /// Whatever is played: nobody is active who was not looked at and approved, nothing leaves an end, and what counts on a day is what its state says.
        #[test]
        fn the_way_to_a_card_leads_through_a_review(actions in prop::collection::vec(prop::sample::select(EnrollmentAction::ALL), 0..40)) {
            let mut standing = EnrollmentStanding { state: EnrollmentState::Draft, card_state: CardState::NotPrinted, issued_on: None, ended_on: None };
            let (mut reviewed, mut approved) = (false, false);
            for (at, action) in (0..).zip(actions) {
                let day = TODAY + chrono::Days::new(at);
                let Some(next) = standing.after(action, day) else {
                    prop_assert!(standing.state.after(action).is_none());
                    continue;
                };
                prop_assert!(standing.state.is_live(), "{standing:?} was left by {action}");
                reviewed |= next.state == EnrollmentState::InReview;
                approved |= next.state == EnrollmentState::Approved;
                prop_assert!(!approved || reviewed);
                prop_assert!(approved || !(next.state == EnrollmentState::Active || next.issued_on.is_some() || next.ended_on.is_some()));
                prop_assert_eq!(next.active_on(day), next.state == EnrollmentState::Active, "{:?}", next);
                standing = next;
            }
        }
    }

    #[test]
    fn a_number_is_read_as_it_is_written() {
        let number = request_number("3275", 2026, 7);
        assert_eq!(number, "ENR-3275-2026-000007");
        for (text, expected) in [
            (number.as_str(), Some("ENR-3275-2026-000007")),
            (" enr-3275-2026-000007\n", Some("ENR-3275-2026-000007")),
            ("ENR-3275-2026-1000007", Some("ENR-3275-2026-1000007")),
            ("ENR-3276-2026-000007", None),
            ("ENR-3275-2026-7", None),
            ("ENR-3275-226-000007", None),
            ("ENR-3275-2026-00000a", None),
            ("ENR-3275-2026-3275015502909001", None),
            ("3275015502909001", None),
            ("", None),
        ] {
            assert_eq!(as_request_number("3275", text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(as_request_number("KS-1", "ENR-KS-1-2026-000007").as_deref(), Some("ENR-KS-1-2026-000007"));
    }
}
