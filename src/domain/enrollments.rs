//! Enrolments: a person's place in the scheme, and the card that shows it. The card's life is its own: blanks have run out before.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;

pub const CARD_NUMBER_MAX_CHARS: usize = 32;

text_enum! {
    EnrollmentState {
        Draft = "draft", Submitted = "submitted", InReview = "in_review", Returned = "returned", Approved = "approved", Rejected = "rejected",
        Active = "active", Suspended = "suspended", Revoked = "revoked", Expired = "expired",
    }
}

text_enum! {
    CardState { NotPrinted = "not_printed", Printed = "printed", Delivered = "delivered", Blocked = "blocked" }
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
}

/// A card number as it is kept: 4 to 32 letters, digits and hyphens, in capitals.
pub fn card_number(text: &str) -> Option<String> {
    let fits = (4..=CARD_NUMBER_MAX_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
