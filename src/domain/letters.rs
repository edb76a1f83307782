//! Guarantee letters (surat jaminan pelayanan, SJP): the city's word to a hospital that the care of one patient is paid, until when, and how often it may
//! be prolonged. How a letter stands follows from what was done with it and from the clock.

use chrono::{Days, Months, NaiveDate};

use super::eligibility::CareType;
use super::rule_sets::Letters;
use super::text_enum::text_enum;
use super::time::{DateRange, UtcTime};

text_enum! {
    LetterState {
        /// The papers of an emergency are still to come.
        Provisional = "provisional",
        Issued = "issued",
        /// Care has begun under it, or it was billed: nobody else can use it.
        Used = "used",
        /// Its time is over and nobody came.
        Expired = "expired",
        Cancelled = "cancelled",
        /// The papers did not come in time.
        Lapsed = "lapsed",
    }
}

text_enum! {
    /// What is done with a letter.
    LetterAction {
        Issue = "issue",
        /// The papers are there, or the city decided.
        Confirm = "confirm",
        Admit = "admit",
        Discharge = "discharge",
        /// From one kind of care to another, as from the emergency room to a ward.
        Convert = "convert",
        Extend = "extend",
        /// To another hospital, which has a letter of its own from then on.
        Transfer = "transfer",
        Cancel = "cancel",
        /// A claim was made under it.
        Bill = "bill",
        Expire = "expire",
        Lapse = "lapse",
    }
}

text_enum! {
    /// How a stay ended.
    DischargeStatus {
        Home = "home", Transferred = "transferred", AgainstAdvice = "against_advice", Died = "died", Other = "other",
    }
}

impl LetterState {
    /// The state after this action; none where it is not possible. Admission and discharge leave a letter used: what they add is their dates.
    pub const fn after(self, action: LetterAction) -> Option<Self> {
        use LetterAction as Action;
        match (action, self) {
            (Action::Confirm, Self::Provisional) => Some(Self::Issued),
            // A patient is treated before the papers come; who was admitted provisionally stays provisional until they do.
            (Action::Admit | Action::Convert | Action::Extend, Self::Provisional) => Some(Self::Provisional),
            (Action::Admit | Action::Bill, Self::Issued) => Some(Self::Used),
            (Action::Convert | Action::Extend, Self::Issued) => Some(Self::Issued),
            (Action::Discharge | Action::Convert | Action::Extend | Action::Bill | Action::Transfer, Self::Used) => Some(Self::Used),
            // Who was admitted has had care here, papers or not.
            (Action::Discharge | Action::Transfer, Self::Provisional) => Some(Self::Provisional),
            // Nobody came: the letter goes on to the other hospital as a whole.
            (Action::Transfer, Self::Issued) => Some(Self::Cancelled),
            (Action::Cancel, Self::Provisional | Self::Issued) => Some(Self::Cancelled),
            (Action::Expire, Self::Issued) => Some(Self::Expired),
            (Action::Lapse, Self::Provisional) => Some(Self::Lapsed),
            (
                Action::Issue
                | Action::Confirm
                | Action::Admit
                | Action::Discharge
                | Action::Convert
                | Action::Extend
                | Action::Transfer
                | Action::Cancel
                | Action::Bill
                | Action::Expire
                | Action::Lapse,
                _,
            ) => None,
        }
    }

    /// Does it keep money of the budget aside?
    pub const fn is_live(self) -> bool {
        match self {
            Self::Provisional | Self::Issued | Self::Used => true,
            Self::Expired | Self::Cancelled | Self::Lapsed => false,
        }
    }
}

/// What the clock makes of a stored state: a letter lapses and expires at its instant, whether somebody has noted it yet or not.
pub fn state_at(stored: LetterState, valid_until: NaiveDate, complete_by: Option<UtcTime>, (today, now): (NaiveDate, UtcTime)) -> LetterState {
    match stored {
        LetterState::Provisional if complete_by.is_some_and(|by| now > by) => LetterState::Lapsed,
        LetterState::Issued if today > valid_until => LetterState::Expired,
        stored => stored,
    }
}

impl Letters {
    /// The first and last day of a letter for this care.
    pub fn validity(&self, care: CareType, from: NaiveDate) -> DateRange {
        let to = match care {
            CareType::Inpatient | CareType::Emergency => from.checked_add_days(Days::new(u64::from(self.stay_days.saturating_sub(1)))),
            CareType::Outpatient | CareType::Primary => from.checked_add_months(Months::new(self.outpatient_months)).and_then(|date| date.pred_opt()),
        };
        DateRange { from, to: Some(to.unwrap_or(from)) }
    }

    /// The last day to which a letter that is good until this day may be prolonged at once.
    pub fn longest_extension(&self, valid_until: NaiveDate) -> NaiveDate {
        valid_until.checked_add_days(Days::new(self.extension_days.into())).unwrap_or(valid_until)
    }

    /// The last day on which a letter for care of this date may be asked for.
    pub fn issue_until(&self, service_date: NaiveDate) -> NaiveDate {
        service_date.checked_add_days(Days::new(self.issue_within_days.into())).unwrap_or(service_date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::eligibility::tests::rule_sets;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_letter_holds_as_long_as_its_care_asks() {
        let letters = &rule_sets().by_code("LKM-2022").unwrap().letters;
        for (care, from, to) in [
            (CareType::Inpatient, "2026-11-21", "2026-12-04"),
            (CareType::Emergency, "2026-02-28", "2026-03-13"),
            (CareType::Outpatient, "2026-11-21", "2026-12-20"),
            (CareType::Outpatient, "2026-01-31", "2026-02-27"),
            (CareType::Primary, "2026-11-01", "2026-11-30"),
        ] {
            assert_eq!(letters.validity(care, day(from)), DateRange { from: day(from), to: Some(day(to)) }, "{care}");
        }
        assert_eq!(letters.longest_extension(day("2026-12-04")), day("2026-12-18"));
        assert_eq!(letters.issue_until(day("2026-11-21")), day("2026-11-26"));
    }

    #[test]
    fn the_clock_ends_what_nobody_used() {
        let by: UtcTime = "2026-11-24T03:00:00Z".parse().unwrap();
        let after = by.plus(chrono::Duration::microseconds(1));
        let last = day("2026-12-04");
        for (stored, complete_by, today, now, expected) in [
            (LetterState::Provisional, Some(by), day("2026-11-24"), by, LetterState::Provisional),
            (LetterState::Provisional, Some(by), day("2026-11-24"), after, LetterState::Lapsed),
            (LetterState::Issued, None, last, after, LetterState::Issued),
            (LetterState::Issued, None, last.succ_opt().unwrap(), after, LetterState::Expired),
            (LetterState::Used, None, last.succ_opt().unwrap(), after, LetterState::Used),
            (LetterState::Cancelled, Some(by), last.succ_opt().unwrap(), after, LetterState::Cancelled),
        ] {
            assert_eq!(state_at(stored, last, complete_by, (today, now)), expected, "{stored} {today} {now}");
        }
    }

    #[test]
    fn nothing_leads_out_of_an_end() {
        for state in [LetterState::Expired, LetterState::Cancelled, LetterState::Lapsed] {
            assert!(!state.is_live() && LetterAction::ALL.iter().all(|action| state.after(*action).is_none()), "{state}");
        }
        // A letter that was used is never given back.
        assert!(LetterAction::ALL.iter().all(|action| LetterState::Used.after(*action).is_none_or(|state| state == LetterState::Used)));
    }
}
