//! Time as the service keeps it: instants in UTC to the microsecond, civil dates in the city's fixed offset. The clock itself is passed in.

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant in UTC, cut to the microsecond: PostgreSQL keeps no more, and a value must equal itself after a round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub struct UtcTime(NaiveDateTime);

impl UtcTime {
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(at.naive_utc().trunc_subsecs(6))
    }

    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).map(Self::new)
    }

    pub fn unix_millis(self) -> u64 {
        u64::try_from(self.0.and_utc().timestamp_millis()).unwrap_or(0)
    }

    pub fn unix_seconds(self) -> i64 {
        self.0.and_utc().timestamp()
    }

    pub fn plus(self, duration: chrono::Duration) -> Self {
        Self(self.0.checked_add_signed(duration).unwrap_or(self.0))
    }

    pub fn minus(self, duration: chrono::Duration) -> Self {
        Self(self.0.checked_sub_signed(duration).unwrap_or(self.0))
    }

    pub fn since(self, earlier: Self) -> chrono::Duration {
        self.0 - earlier.0
    }

    pub fn naive(self) -> NaiveDateTime {
        self.0
    }

    /// As a clock on the wall shows it there, to the minute: `21-11-2026 09:30`.
    pub fn local_text(self, offset: FixedOffset) -> String {
        self.0.and_utc().with_timezone(&offset).format("%d-%m-%Y %H:%M").to_string()
    }

    /// The civil date at this instant where the city is.
    pub fn date_at(self, offset: FixedOffset) -> NaiveDate {
        self.0.and_utc().with_timezone(&offset).date_naive()
    }

    /// The last microsecond of a civil date, as an instant.
    pub fn end_of_date(date: NaiveDate, offset: FixedOffset) -> Option<Self> {
        let start = date.succ_opt()?.and_hms_opt(0, 0, 0)?.and_local_timezone(offset).single()?;
        Some(Self::new(start.with_timezone(&Utc) - chrono::Duration::microseconds(1)))
    }
}

impl std::fmt::Display for UtcTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
    }
}

impl std::str::FromStr for UtcTime {
    type Err = chrono::ParseError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text).map(|at| Self::new(at.with_timezone(&Utc)))
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("expected an instant as RFC 3339"))
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for UtcTime
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        <NaiveDateTime as ToSql<Timestamp, DB>>::to_sql(&self.0, out)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for UtcTime
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        Ok(Self(<NaiveDateTime as FromSql<Timestamp, DB>>::from_sql(raw)?))
    }
}

/// Whole months from one date to another, as residence and waiting periods count them: the 31st of January plus one month is the last of February.
pub fn full_months(from: NaiveDate, to: NaiveDate) -> i64 {
    if to < from {
        return -full_months(to, from);
    }
    let by_calendar = i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month());
    let reached = u32::try_from(by_calendar).ok().and_then(|months| from.checked_add_months(Months::new(months))).is_some_and(|day| day <= to);
    if reached { by_calendar } else { by_calendar - 1 }
}

/// From one instant on and before another; without them, from ever and for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Period {
    pub from: Option<UtcTime>,
    pub until: Option<UtcTime>,
}

/// An inclusive range of dates; an open end means "until further notice".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DateRange {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl DateRange {
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from <= date && self.to.is_none_or(|to| date <= to)
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_full_only_when_their_day_is_reached() {
        for (from, to, months) in [
            ("2026-05-21", "2026-11-21", 6),
            ("2026-05-22", "2026-11-21", 5),
            ("2026-01-31", "2026-02-28", 1),
            ("2026-01-31", "2026-02-27", 0),
            ("2024-02-29", "2025-02-28", 12),
            ("2026-03-01", "2026-03-01", 0),
            ("2026-03-01", "2026-01-01", -2),
        ] {
            assert_eq!(full_months(day(from), day(to)), months, "{from} to {to}");
        }
    }

    #[test]
    fn the_citys_day_ends_at_its_own_midnight() {
        let jakarta = FixedOffset::east_opt(7 * 3600).unwrap();
        let end = UtcTime::end_of_date(day("2026-11-21"), jakarta).unwrap();
        assert_eq!(end.to_string(), "2026-11-21T16:59:59.999999Z");
        assert_eq!(end.date_at(jakarta), day("2026-11-21"));
        assert_eq!(end.plus(chrono::Duration::microseconds(1)).date_at(jakarta), day("2026-11-22"));
    }

    #[test]
    fn ranges_are_inclusive() {
        let range = |from: &str, to: Option<&str>| DateRange { from: day(from), to: to.map(day) };
        assert!(range("2026-01-01", Some("2026-01-31")).contains(day("2026-01-31")));
        assert!(range("2026-01-01", Some("2026-01-31")).overlaps(&range("2026-01-31", None)));
        assert!(!range("2026-01-01", Some("2026-01-30")).overlaps(&range("2026-01-31", None)));
    }
}
