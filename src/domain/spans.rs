//! How much time the cells of sums span, and which of them make up a period.

use chrono::NaiveDate;

use super::figures::{first_of_month, last_of_month};
use super::text_enum::text_enum;

text_enum! {
    /// How much time a cell spans.
    Grain { Day = "day", Month = "month" }
}

/// The cells that make up a period: whole months by the month, and the days before and after them. As few are read as can be.
pub fn spans(from: NaiveDate, to: NaiveDate) -> Vec<(Grain, NaiveDate, NaiveDate)> {
    let next = |day: NaiveDate| day.succ_opt().unwrap_or(day);
    let before = |day: NaiveDate| day.pred_opt().unwrap_or(day);
    let first = if from == first_of_month(from) { from } else { next(last_of_month(from)) };
    let last = if to == last_of_month(to) { to } else { before(first_of_month(to)) };
    if first > last {
        return vec![(Grain::Day, from, to)];
    }
    let mut spans = vec![(Grain::Month, first, last)];
    if from < first {
        spans.push((Grain::Day, from, before(first)));
    }
    if last < to {
        spans.push((Grain::Day, next(last), to));
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn spans_are_the_period_and_each_day_of_it_once(begin in 0_i64..800, length in 0_i64..400) {
            let from = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Duration::days(begin);
            let to = from + chrono::Duration::days(length);
            let spans = spans(from, to);
            let mut days: Vec<NaiveDate> = spans.iter().flat_map(|(_, first, last)| first.iter_days().take_while(|day| *day <= *last)).collect();
            days.sort();
            prop_assert_eq!(days, from.iter_days().take_while(|day| *day <= to).collect::<Vec<_>>());
            for (grain, first, last) in spans {
                prop_assert!(grain == Grain::Day || (first_of_month(first) == first && last_of_month(last) == last));
            }
        }
    }
}
