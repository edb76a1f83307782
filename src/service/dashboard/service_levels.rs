//! Service levels as they were kept: how fast checks were answered, how much of the time the service was ready, and how far behind its sums are.

use std::collections::BTreeMap;

use chrono::{FixedOffset, NaiveDate};

use super::Told;
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, Values, first_of_month, last_of_month};
use crate::domain::service_levels::{Answers, Minutes};
use crate::domain::summaries::Subject;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::service::summaries;
use crate::store::db::Db;
use crate::store::service_levels;

const ANSWERS: &str = "answers";
const MEDIAN: &str = "p50";
const SLOWEST: &str = "p99";
const WITHIN_TARGET: &str = "within_target";
const READY: &str = "ready_minutes";
const ALL_MINUTES: &str = "minutes";
const AVAILABILITY: &str = "availability";
const BEHIND: &str = "behind";

/// By month; by sums there is the last alone.
pub const MEASURES: &[(&str, MeasureUnit)] = &[
    (ANSWERS, MeasureUnit::Count),
    (MEDIAN, MeasureUnit::Microseconds),
    (SLOWEST, MeasureUnit::Microseconds),
    (WITHIN_TARGET, MeasureUnit::PerMille),
    (READY, MeasureUnit::Count),
    (ALL_MINUTES, MeasureUnit::Count),
    (AVAILABILITY, MeasureUnit::PerMille),
    // Of now, in the totals.
    (BEHIND, MeasureUnit::Seconds),
];
const OF_SUMS: &[(&str, MeasureUnit)] = &[(BEHIND, MeasureUnit::Seconds)];

pub fn tell(db: &mut Db, offset: FixedOffset, now: UtcTime, scope: &Scope) -> Result<Told> {
    match scope.by {
        Breakdown::Sums => of_sums(db, now),
        _ => by_month(db, offset, now, scope),
    }
}

fn of_sums(db: &mut Db, now: UtcTime) -> Result<Told> {
    let mut items = Vec::new();
    for subject in Subject::ALL {
        items.push(Item { key: subject.to_string(), values: behind(db, &[*subject], now)?, ..Item::default() });
    }
    Ok(Told { measures: OF_SUMS, items, totals: behind(db, Subject::ALL, now)? })
}

/// How long ago the oldest change was that is not counted yet.
fn behind(db: &mut Db, subjects: &[Subject], now: UtcTime) -> Result<Values> {
    Ok(Values::from([(BEHIND.to_owned(), summaries::behind(db, subjects, now)?)]))
}

/// What is known of a month.
#[derive(Default)]
struct Level {
    answers: BTreeMap<i64, i64>,
    minutes: Minutes,
}

impl Level {
    fn values(self) -> Values {
        let answers = Answers(self.answers.into_iter().collect());
        let values = [
            (ANSWERS, Some(answers.count())),
            (MEDIAN, answers.quantile(50)),
            (SLOWEST, answers.quantile(99)),
            (WITHIN_TARGET, answers.within_target()),
            (READY, Some(self.minutes.ready)),
            (ALL_MINUTES, Some(self.minutes.all)),
            (AVAILABILITY, self.minutes.per_mille()),
            (BEHIND, None),
        ];
        values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Whole months: those in which a day of the period lies.
fn by_month(db: &mut Db, offset: FixedOffset, now: UtcTime, scope: &Scope) -> Result<Told> {
    let (from, to) = (first_of_month(scope.from), last_of_month(scope.to));
    let mut months: BTreeMap<NaiveDate, Level> = BTreeMap::new();
    for (month, bound, answers) in service_levels::answers(db, from, to)? {
        months.entry(month).or_default().answers.insert(bound, answers);
    }
    let mut ready: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    for (day, minutes) in service_levels::ready_days(db, from, to)? {
        *ready.entry(first_of_month(day)).or_default() += minutes;
    }
    if let Some(began) = service_levels::first_minute(db)? {
        let mut month = from;
        while month <= to {
            let ready = ready.get(&month).copied().unwrap_or_default();
            let minutes = minutes_of(month, offset, now, began, ready);
            if minutes.all > 0 {
                months.entry(month).or_default().minutes = minutes;
            }
            let Some(next) = month.checked_add_months(chrono::Months::new(1)) else { break };
            month = next;
        }
    }
    let mut whole = Level::default();
    let mut items = Vec::new();
    for (month, level) in months {
        level.answers.iter().for_each(|(bound, answers)| *whole.answers.entry(*bound).or_default() += answers);
        whole.minutes = Minutes { ready: whole.minutes.ready + level.minutes.ready, all: whole.minutes.all + level.minutes.all };
        items.push(Item { key: super::month_key(month), values: level.values(), ..Item::default() });
    }
    let mut totals = whole.values();
    totals.extend(behind(db, Subject::ALL, now)?);
    Ok(Told { measures: MEASURES, items, totals })
}

/// The minutes of a month that are over, since the service first said that it was ready.
fn minutes_of(month: NaiveDate, offset: FixedOffset, now: UtcTime, began: i64, ready: i64) -> Minutes {
    let minute = |end_of: Option<NaiveDate>| end_of.and_then(|day| UtcTime::end_of_date(day, offset)).map(|end| end.unix_seconds() / 60 + 1);
    match (minute(month.pred_opt()), minute(Some(last_of_month(month)))) {
        (Some(first), Some(end)) => Minutes::between(first, end.min(now.unix_seconds() / 60), began, ready),
        (None, _) | (_, None) => Minutes::default(),
    }
}
