//! Tariffs: schedules of prices, and which price of a schedule is for a case.
//!
//! A field that an item leaves empty fits all; of the items that fit a case the closest is its price: the one that names most. Where two name equally
//! many, the one that names the earlier of ward class, facility class, ownership, region. A schedule has no two items with the same key, so two items
//! that fit the same case never name the same fields: there is always one closest.

use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::Text;
use serde::{Serialize, Serializer};

use super::eligibility::{CareType, WardClass};
use super::facilities::{Facility, FacilityClass};
use super::files::ContentHash;
use super::id::Id;
use super::rupiah::Rupiah;
use super::text_enum::text_enum;
use super::time::DateRange;

text_enum! {
    /// A draft may be changed; what is published never is.
    ScheduleState { Draft = "draft", Published = "published" }
}

text_enum! {
    /// Whose a facility is.
    Ownership { Government = "government", Private = "private" }
}

impl Ownership {
    pub const fn of(facility: &Facility) -> Self {
        if facility.government { Self::Government } else { Self::Private }
    }
}

/// The highest price of one item: far above any, and small enough that a claim of many lines stays a sum that fits.
pub const HIGHEST: Rupiah = Rupiah(1_000_000_000_000);

/// The code of a service or of a group of cases, such as `A-4-14-I`: kept in capitals, so that one code has one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct TariffCode(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no tariff code: expected up to 30 letters, digits and the signs - . / _, beginning with a letter or digit")]
pub struct NotATariffCode;

impl TariffCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for TariffCode {
    type Err = NotATariffCode;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-./_".contains(&byte);
        let is_code = text.len() <= 30 && text.bytes().all(is_sign) && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        if is_code { Ok(Self(text.to_ascii_uppercase())) } else { Err(NotATariffCode) }
    }
}

impl std::fmt::Display for TariffCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for TariffCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<DB: Backend> ToSql<Text, DB> for TariffCode
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(&self.0, out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for TariffCode
where
    String: FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        Ok(<String as FromSql<Text, DB>>::from_sql(raw)?.parse()?)
    }
}

/// What an item is for. A schedule has one item with the same key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Key {
    pub code: TariffCode,
    pub care_type: CareType,
    pub ward_class: Option<WardClass>,
    pub facility_class: Option<FacilityClass>,
    pub ownership: Option<Ownership>,
    /// A regency or city by its code of four digits.
    pub region: Option<String>,
}

/// A price as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: Key,
    pub description: String,
    pub amount: Rupiah,
}

/// A price of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub id: Id,
    pub key: Key,
    pub description: String,
    pub amount: Rupiah,
}

impl Item {
    pub fn new(id: Id, Entry { key, description, amount }: Entry) -> Self {
        Self { id, key, description, amount }
    }
}

/// A case that a price is sought for. What it does not say is only fitted by an item that does not ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fit {
    /// Without one, the code alone says what care it is.
    pub care_type: Option<CareType>,
    pub ward_class: Option<WardClass>,
    pub facility_class: Option<FacilityClass>,
    pub ownership: Option<Ownership>,
    pub region: Option<String>,
}

impl Fit {
    /// A case at this facility. One without a village lies in the city if it lies inside.
    pub fn at(facility: &Facility, city: &str, care_type: Option<CareType>, ward_class: Option<WardClass>) -> Self {
        let region = facility.village_code.as_deref().and_then(|village| village.get(..4)).or(facility.inside_city.then_some(city));
        Self { care_type, ward_class, facility_class: facility.class, ownership: Some(Ownership::of(facility)), region: region.map(str::to_owned) }
    }
}

impl Key {
    fn fits(&self, case: &Fit) -> bool {
        fn fits<T: PartialEq>(asked: &Option<T>, is: &Option<T>) -> bool {
            asked.is_none() || asked == is
        }
        case.care_type.is_none_or(|care_type| care_type == self.care_type)
            && fits(&self.ward_class, &case.ward_class)
            && fits(&self.facility_class, &case.facility_class)
            && fits(&self.ownership, &case.ownership)
            && fits(&self.region, &case.region)
    }

    /// How many fields it names, and then which.
    fn closeness(&self) -> (usize, [bool; 4]) {
        let named = [self.ward_class.is_some(), self.facility_class.is_some(), self.ownership.is_some(), self.region.is_some()];
        (named.into_iter().filter(|named| *named).count(), named)
    }
}

/// The closest of the items of one code in one schedule that fit a case.
pub fn closest<'a>(items: impl IntoIterator<Item = &'a Item>, case: &Fit) -> Option<&'a Item> {
    // Only a case that does not say what care it is leaves the care type to decide; it comes last.
    items.into_iter().filter(|item| item.key.fits(case)).max_by_key(|item| (item.key.closeness(), std::cmp::Reverse(item.key.care_type)))
}

/// The kinds of care among which a case that does not say its own would have to choose.
pub fn care_types<'a>(items: impl IntoIterator<Item = &'a Item>, case: &Fit) -> Vec<CareType> {
    let mut found: Vec<CareType> = items.into_iter().filter(|item| item.key.fits(case)).map(|item| item.key.care_type).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What is paid of an amount; what is less than a rupiah is not.
pub fn payable(amount: Rupiah, percent: i32) -> Rupiah {
    // Neither an amount nor a percentage that is stored comes near what an i128 holds, nor their product's hundredth near an i64.
    Rupiah(i64::try_from(i128::from(amount.0) * i128::from(percent) / 100).unwrap_or(i64::MAX))
}

/// A published schedule: when it came and for which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published<T> {
    pub id: Id,
    pub range: DateRange,
    pub published_at: T,
}

/// Which schedule is in force on a date: of those that hold on it, the one that was published last. Older ones stay as they are, and hold again where
/// the newer one ends.
pub fn in_force<T: Ord + Copy>(published: &[Published<T>], date: NaiveDate) -> Option<&Published<T>> {
    published.iter().filter(|schedule| schedule.range.contains(date)).max_by_key(|schedule| (schedule.published_at, schedule.id))
}

/// The hash of a schedule's prices, in whatever order they come: what was published can be proved by it.
pub fn content_hash<'a>(items: impl IntoIterator<Item = &'a Item>) -> ContentHash {
    let mut lines: Vec<String> = items.into_iter().map(|item| serde_json::json!([item.key, item.description, item.amount]).to_string()).collect();
    lines.sort_unstable();
    ContentHash::of(lines.join("\n").as_bytes())
}

#[cfg(test)]
mod tests;
