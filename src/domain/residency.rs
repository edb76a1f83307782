//! Residency: since when someone lives in the city by the population database. It never comes from the NIK, whose first digits tell only where
//! it was issued.

use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The Ministry's ten-digit code of a kelurahan or village; its first four digits are the city.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct VillageCode([u8; 10]);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a village code has ten digits")]
pub struct NotAVillageCode;

impl VillageCode {
    pub fn as_str(&self) -> &str {
        // Only ASCII digits are ever stored, so this cannot fail; an empty text is the harmless answer if it did.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Does it lie in this city, regency, district or province?
    pub fn is_in(&self, region: &str) -> bool {
        self.as_str().starts_with(region)
    }
}

impl std::str::FromStr for VillageCode {
    type Err = NotAVillageCode;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: [u8; 10] = text.as_bytes().try_into().map_err(|_| NotAVillageCode)?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Self(digits)) } else { Err(NotAVillageCode) }
    }
}

impl std::fmt::Display for VillageCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for VillageCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for VillageCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for VillageCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<DB: Backend> ToSql<Text, DB> for VillageCode
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(self.as_str(), out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for VillageCode
where
    String: FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        Ok(<String as FromSql<Text, DB>>::from_sql(raw)?.parse::<Self>()?)
    }
}

/// One stretch of living at one place, both ends included; an open end means "still there".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResidencyPeriod {
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub village_code: VillageCode,
}

/// The first day of the unbroken stay in a city that holds on this date. A move within the city does not break it; a day elsewhere does.
pub fn resident_since<'a>(periods: impl IntoIterator<Item = &'a ResidencyPeriod>, city: &str, on: NaiveDate) -> Option<NaiveDate> {
    let mut here: Vec<&ResidencyPeriod> = periods.into_iter().filter(|period| period.village_code.is_in(city) && period.from <= on).collect();
    here.sort_unstable_by_key(|period| period.from);
    let mut stay: Option<(NaiveDate, Option<NaiveDate>)> = None;
    for period in here {
        stay = Some(match stay {
            // An open end or one that reaches the day before continues the stay.
            Some((since, until)) if until.is_none_or(|until| until.succ_opt().is_none_or(|next| period.from <= next)) => {
                (since, until.zip(period.until).map(|(one, other)| one.max(other)))
            }
            Some(_) | None => (period.from, period.until),
        });
    }
    stay.filter(|(_, until)| until.is_none_or(|until| on <= until)).map(|(since, _)| since)
}

/// Where somebody lived on a day, or last before it.
pub fn home_on(periods: &[ResidencyPeriod], day: NaiveDate) -> Option<VillageCode> {
    periods.iter().filter(|period| period.from <= day).max_by_key(|period| period.from).map(|period| period.village_code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CITY: &str = "3275";

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, until: Option<&str>, village: &str) -> ResidencyPeriod {
        ResidencyPeriod { from: day(from), until: until.map(day), village_code: village.parse().unwrap() }
    }

    #[test]
    fn a_stay_goes_on_over_moves_within_the_city() {
        let (here, there, away) = ("3275011001", "3275021002", "3171011001");
        for (periods, on, since) in [
            (vec![], "2020-01-01", None),
            (vec![period("2015-03-01", None, here)], "2020-01-01", Some("2015-03-01")),
            (vec![period("2015-03-01", None, here)], "2015-03-01", Some("2015-03-01")),
            (vec![period("2015-03-01", None, here)], "2015-02-28", None),
            (vec![period("2015-03-01", Some("2019-12-31"), here)], "2020-01-01", None),
            (vec![period("2015-03-01", Some("2018-05-31"), here), period("2018-06-01", None, there)], "2020-01-01", Some("2015-03-01")),
            (vec![period("2015-03-01", Some("2018-05-31"), here), period("2018-06-02", None, there)], "2020-01-01", Some("2018-06-02")),
            (vec![period("2015-03-01", Some("2018-05-31"), here), period("2018-06-02", None, there)], "2017-01-01", Some("2015-03-01")),
            (vec![period("2015-03-01", None, here), period("2018-06-01", Some("2018-07-01"), there)], "2020-01-01", Some("2015-03-01")),
            (vec![period("2015-03-01", None, away)], "2020-01-01", None),
            (vec![period("2015-03-01", Some("2018-05-31"), away), period("2018-06-01", None, here)], "2020-01-01", Some("2018-06-01")),
        ] {
            assert_eq!(resident_since(&periods, CITY, day(on)), since.map(day), "{periods:?} on {on}");
        }
    }

    #[test]
    fn a_village_code_has_ten_digits() {
        for (text, good) in [("3275011001", true), ("327501100", false), ("32750110011", false), ("327501100a", false)] {
            assert_eq!(text.parse::<VillageCode>().is_ok(), good, "{text}");
        }
    }

    proptest! {
        // Counted a day at a time, the stay must be the same, in whatever order the periods come.
        #[test]
        fn a_stay_is_an_unbroken_run_of_days(
            periods in proptest::collection::vec((0i64..60, proptest::option::of(0i64..30), any::<bool>()), 0..6), on in 0i64..70, turn in 0usize..6
        ) {
            let start = day("2020-01-01");
            let at = |offset| start + chrono::Duration::days(offset);
            let mut periods: Vec<_> = periods.into_iter().map(|(from, length, here)| ResidencyPeriod {
                from: at(from), until: length.map(|length| at(from + length)),
                village_code: if here { "3275011001" } else { "3171011001" }.parse().unwrap(),
            }).collect();
            let holds = |p: &ResidencyPeriod, date| p.village_code.is_in(CITY) && p.from <= date && p.until.is_none_or(|until| date <= until);
            let lived = |date: NaiveDate| periods.iter().any(|period| holds(period, date));
            let mut expected = None;
            let mut date = at(on);
            while lived(date) {
                expected = Some(date);
                date = date.pred_opt().unwrap();
            }
            prop_assert_eq!(resident_since(&periods, CITY, at(on)), expected);
            let turned = turn % periods.len().max(1);
            periods.rotate_left(turned);
            prop_assert_eq!(resident_since(&periods, CITY, at(on)), expected);
        }
    }
}
