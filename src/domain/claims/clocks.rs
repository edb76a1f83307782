//! The clocks that run on a claim, all by the rule set of its admission.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::domain::rule_sets;

/// The days on which something is due. Each is the last on which it is in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks<'r> {
    terms: &'r rule_sets::Claims,
}

fn days_after(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

impl<'r> Clocks<'r> {
    pub const fn new(terms: &'r rule_sets::Claims) -> Self {
        Self { terms }
    }

    /// The last day on which a claim for care that ended on this day is not late.
    pub fn file_by(&self, last_day: NaiveDate) -> NaiveDate {
        let next_month = last_day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
        next_month.and_then(|first| first.with_day(self.terms.file_by_day)).unwrap_or(NaiveDate::MAX)
    }

    pub fn is_late(&self, last_day: NaiveDate, received_on: NaiveDate) -> bool {
        received_on > self.file_by(last_day)
    }

    /// After this day nothing is paid any more.
    pub fn expires_on(&self, last_day: NaiveDate) -> NaiveDate {
        last_day.checked_add_months(Months::new(self.terms.expires_after_months)).unwrap_or(NaiveDate::MAX)
    }

    pub fn complete_by(&self, received_on: NaiveDate) -> NaiveDate {
        days_after(received_on, self.terms.complete_within_days)
    }

    /// What was returned is mended within so many days, or with the bills of the next month, whichever is later.
    pub fn fix_by(&self, returned_on: NaiveDate) -> NaiveDate {
        days_after(returned_on, self.terms.fix_within_days).max(self.file_by(returned_on))
    }

    pub fn pay_by(&self, completed_on: NaiveDate) -> NaiveDate {
        days_after(completed_on, self.terms.pay_within_days)
    }

    pub fn dispute_by(&self, decided_on: NaiveDate) -> NaiveDate {
        days_after(decided_on, self.terms.dispute_within_days)
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
    fn each_clock_counts_as_the_rules_say() {
        let sets = rule_sets();
        let clocks = Clocks::new(&sets.by_code("LKM-2022").unwrap().claims);
        for (last_day, file_by) in
            [("2026-11-01", "2026-12-10"), ("2026-11-30", "2026-12-10"), ("2026-12-31", "2027-01-10"), ("2028-02-29", "2028-03-10")]
        {
            assert_eq!(clocks.file_by(day(last_day)), day(file_by), "{last_day}");
            assert!(!clocks.is_late(day(last_day), day(file_by)) && clocks.is_late(day(last_day), day(file_by).succ_opt().unwrap()));
        }
        assert_eq!(clocks.expires_on(day("2026-08-31")), day("2027-02-28"));
        assert_eq!(clocks.complete_by(day("2026-11-21")), day("2026-12-01"));
        assert_eq!(clocks.pay_by(day("2026-12-01")), day("2026-12-16"));
        assert_eq!(clocks.dispute_by(day("2026-12-01")), day("2026-12-15"));
        // With the bills of the next month, where that is later.
        assert_eq!(clocks.fix_by(day("2026-11-21")), day("2026-12-10"));
        assert_eq!(clocks.fix_by(day("2026-11-30")), day("2026-12-14"));
    }
}
