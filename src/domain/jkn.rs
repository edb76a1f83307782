//! JKN, the national health insurance: membership as a history of periods. Only a period whose state is `active` makes a member on a date.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;
use super::time::DateRange;

text_enum! {
    /// Who pays the contribution: the state (PBI_APBN), the city (PBI_APBD), an employer (PPU), the member (PBPU), or a non-worker (BP).
    JknSegment { PbiApbn = "PBI_APBN", PbiApbd = "PBI_APBD", Ppu = "PPU", Pbpu = "PBPU", Bp = "BP" }
}

text_enum! {
    JknState { Active = "active", Inactive = "inactive", Arrears = "arrears", Suspended = "suspended" }
}

/// One stretch of a person's JKN history, both ends included; an open end means "until further notice".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JknPeriod {
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub segment: JknSegment,
    pub state: JknState,
}

impl JknPeriod {
    pub fn range(&self) -> DateRange {
        DateRange { from: self.valid_from, to: self.valid_to }
    }

    pub fn ends_before_it_begins(&self) -> bool {
        self.valid_to.is_some_and(|to| to < self.valid_from)
    }

    pub fn holds_on(&self, date: NaiveDate) -> bool {
        self.range().contains(date)
    }
}

/// What a new period does to a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// The history has this very period.
    AlreadyThere,
    /// It goes in; the open period, given by its place in the history, ends the day before.
    Added {
        closing: Option<(usize, NaiveDate)>,
    },
    /// It begins on the day on which the open period began, and stands instead of it.
    Replacing(usize),
    Overlapping,
}

/// Finds the place of a new period. Only the open one gives way: what is closed was true then.
pub fn place(history: &[JknPeriod], new: &JknPeriod) -> Placement {
    if history.contains(new) {
        return Placement::AlreadyThere;
    }
    if history.iter().any(|period| period.valid_to.is_some() && period.range().overlaps(&new.range())) {
        return Placement::Overlapping;
    }
    match history.iter().position(|period| period.valid_to.is_none()) {
        None => Placement::Added { closing: None },
        Some(open) if history[open].valid_from == new.valid_from => Placement::Replacing(open),
        Some(open) if history[open].valid_from > new.valid_from => {
            if history[open].range().overlaps(&new.range()) {
                Placement::Overlapping
            } else {
                Placement::Added { closing: None }
            }
        }
        Some(open) => Placement::Added { closing: new.valid_from.pred_opt().map(|day| (open, day)) },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: Option<&str>) -> JknPeriod {
        JknPeriod { valid_from: day(from), valid_to: to.map(day), segment: JknSegment::PbiApbn, state: JknState::Active }
    }

    #[test]
    fn only_the_open_period_gives_way() {
        let closed = period("2019-01-01", Some("2019-12-31"));
        let open = period("2020-01-01", None);
        let history = [closed, open];
        for (new, placement) in [
            (open, Placement::AlreadyThere),
            (closed, Placement::AlreadyThere),
            (period("2021-01-01", None), Placement::Added { closing: Some((1, day("2020-12-31"))) }),
            (period("2021-01-01", Some("2021-06-30")), Placement::Added { closing: Some((1, day("2020-12-31"))) }),
            (period("2020-01-01", Some("2020-06-30")), Placement::Replacing(1)),
            (JknPeriod { state: JknState::Inactive, ..open }, Placement::Replacing(1)),
            (period("2018-01-01", Some("2018-12-31")), Placement::Added { closing: None }),
            (period("2018-01-01", Some("2019-01-01")), Placement::Overlapping),
            (period("2019-12-31", Some("2020-01-01")), Placement::Overlapping),
            (period("2018-01-01", None), Placement::Overlapping),
            (period("2019-06-01", None), Placement::Overlapping),
        ] {
            assert_eq!(place(&history, &new), placement, "{new:?}");
        }
        assert_eq!(place(&[open], &period("2019-12-01", None)), Placement::Overlapping);
        assert_eq!(place(&[], &open), Placement::Added { closing: None });
    }

    proptest! {
        // Whatever is put, the history never says two things about one day, and what was closed stays.
        #[test]
        fn a_history_never_overlaps(news in proptest::collection::vec((0i64..40, proptest::option::of(0i64..15), 0usize..4), 0..12)) {
            let start = day("2020-01-01");
            let mut history: Vec<JknPeriod> = Vec::new();
            for (from, length, state) in news {
                let valid_from = start + chrono::Duration::days(from);
                let valid_to = length.map(|length| valid_from + chrono::Duration::days(length));
                let new = JknPeriod { valid_from, valid_to, segment: JknSegment::Ppu, state: JknState::ALL[state] };
                let closed: Vec<JknPeriod> = history.iter().copied().filter(|period| period.valid_to.is_some()).collect();
                match place(&history, &new) {
                    Placement::AlreadyThere => prop_assert!(history.contains(&new)),
                    Placement::Overlapping => prop_assert!(history.iter().any(|period| period.range().overlaps(&new.range()))),
                    Placement::Replacing(at) => history[at] = new,
                    Placement::Added { closing } => {
                        if let Some((at, last)) = closing {
                            history[at].valid_to = Some(last);
                        }
                        history.push(new);
                        prop_assert_eq!(place(&history, &new), Placement::AlreadyThere);
                    }
                }
                prop_assert!(closed.iter().all(|period| history.contains(period)));
                for (at, one) in history.iter().enumerate() {
                    prop_assert!(one.valid_to.is_none_or(|to| one.valid_from <= to));
                    prop_assert!(history[at + 1..].iter().all(|other| !one.range().overlaps(&other.range())), "{:?}", history);
                }
            }
        }
    }
}
