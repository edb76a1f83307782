//! The figures of the dashboard: what each is broken down by, what it may be narrowed by, and the one form in which all of them are told.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::eligibility::CareType;
use super::id::Id;
use super::summaries::Subject;
use super::text_enum::text_enum;
use super::time::UtcTime;

text_enum! {
    /// A page of the dashboard.
    FigureName {
        Checks = "checks",
        Hygiene = "hygiene",
        Participants = "participants",
        ServiceLevels = "service-levels",
        Summary = "summary",
        Utilization = "utilization",
        Claims = "claims",
        Ageing = "ageing",
        Turnaround = "turnaround",
        TariffGap = "tariff-gap",
        Diagnoses = "diagnoses",
        Edits = "edits",
        Budget = "budget",
        Facilities = "facilities",
    }
}

text_enum! {
    /// What a figure is broken down by.
    Breakdown {
        Decision = "decision",
        Reason = "reason",
        Facility = "facility",
        CareType = "care_type",
        Day = "day",
        Month = "month",
        Weekday = "weekday",
        Hour = "hour",
        Village = "village",
        District = "district",
        State = "state",
        Sex = "sex",
        Age = "age",
        Enrollment = "enrollment",
        Card = "card",
        Signal = "signal",
        Finding = "finding",
        Case = "case",
        Sums = "sums",
        Measure = "measure",
        Pot = "pot",
        Bucket = "bucket",
        Step = "step",
        Code = "code",
        Edit = "edit",
        Outcome = "outcome",
    }
}

impl Breakdown {
    /// Are there so many items of it that the largest are told alone?
    pub const fn is_ranked(self) -> bool {
        matches!(self, Self::Code)
    }
}

text_enum! {
    /// Which date of what is counted lies in the period.
    DateBasis { Service = "service", Submitted = "submitted", Approved = "approved", Paid = "paid" }
}

text_enum! {
    /// How a measure is to be read.
    MeasureUnit { Count = "count", Rupiah = "rupiah", Days = "days", PerMille = "per_mille", Date = "date", Microseconds = "microseconds", Seconds = "seconds" }
}

/// What a figure can do.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    pub name: FigureName,
    /// The first is taken where nothing is asked for.
    pub by: &'static [Breakdown],
    /// Those of them that tell where people live, or may be narrowed to a place: in whole months, and with few people not told.
    pub of_places: &'static [Breakdown],
    pub bases: &'static [DateBasis],
    /// Is there a period at all?
    pub has_period: bool,
    pub by_facility: bool,
    pub by_care: bool,
    /// The sums on which it rests.
    pub rests_on: &'static [Subject],
    /// The same where it is told by where people live.
    pub rests_on_places: &'static [Subject],
}

impl FigureName {
    /// Is it kept by the month alone, wherever it is asked for? By code there are too many cells for days.
    pub const fn is_by_month(self) -> bool {
        matches!(self, Self::TariffGap | Self::Diagnoses | Self::Edits)
    }

    /// Is the whole city told like a place, because its cells are about few people wherever they are?
    pub const fn tells_the_city_as_a_place(self) -> bool {
        matches!(self, Self::Diagnoses)
    }

    /// Is it kept by village, where it is kept by place?
    pub const fn knows_villages(self) -> bool {
        !matches!(self, Self::Diagnoses)
    }

    pub const fn spec(self) -> Spec {
        use Breakdown::*;
        match self {
            Self::Checks => Spec {
                name: self,
                by: &[Decision, Reason, Facility, CareType, Day, Month, Weekday, Hour, Village, District],
                of_places: &[Decision, Reason, CareType, Month, Village, District],
                bases: &[DateBasis::Service],
                has_period: true,
                by_facility: true,
                by_care: true,
                rests_on: &[Subject::Checks],
                rests_on_places: &[Subject::CheckPlaces],
            },
            Self::Hygiene => Spec {
                name: self,
                by: &[Signal, Finding, Case],
                of_places: &[],
                bases: &[DateBasis::Service],
                has_period: true,
                by_facility: false,
                by_care: false,
                rests_on: &[],
                rests_on_places: &[],
            },
            Self::Participants => Spec {
                name: self,
                by: &[State, Sex, Age, Village, District, Enrollment, Card],
                of_places: &[State, Sex, Age, Village, District, Enrollment, Card],
                bases: &[DateBasis::Service],
                has_period: false,
                by_facility: false,
                by_care: false,
                rests_on: &[Subject::Registry],
                rests_on_places: &[Subject::Registry],
            },
            Self::ServiceLevels => Spec {
                name: self,
                by: &[Month, Sums],
                of_places: &[],
                bases: &[DateBasis::Service],
                has_period: true,
                by_facility: false,
                by_care: false,
                rests_on: &[],
                rests_on_places: &[],
            },
            Self::Summary => Spec {
                name: self,
                by: &[Measure],
                of_places: &[],
                bases: &[DateBasis::Service],
                has_period: true,
                by_facility: true,
                by_care: false,
                rests_on: &[Subject::Checks, Subject::Claims, Subject::Registry],
                rests_on_places: &[],
            },
            Self::Utilization => Spec {
                name: self,
                by: &[Month, Day, Facility, CareType, Village, District],
                of_places: &[Month, CareType, Village, District],
                bases: &[DateBasis::Service],
                has_period: true,
                by_facility: true,
                by_care: true,
                rests_on: &[Subject::Checks],
                rests_on_places: &[Subject::CheckPlaces],
            },
            Self::Claims => Spec {
                name: self,
                by: &[State, Month, Day, Facility, CareType, Pot, Village, District],
                of_places: &[State, Month, CareType, Village, District],
                bases: DateBasis::ALL,
                ..of_claims(self)
            },
            Self::Ageing => Spec { by: &[Bucket, State, Facility, CareType], has_period: false, ..of_claims(self) },
            Self::Turnaround => Spec { by: &[Step, Facility, CareType, Month], ..of_claims(self) },
            Self::TariffGap => Spec { by: &[Facility, Code, CareType, Month], rests_on: &[Subject::Claims, Subject::ClaimTotals], ..of_claims(self) },
            Self::Diagnoses => Spec { by: &[Code], of_places: &[Code], ..of_claims(self) },
            Self::Edits => Spec { by: &[Edit, Outcome, Facility, CareType, Month], ..of_claims(self) },
            Self::Budget => Spec { by: &[Pot], by_facility: false, by_care: false, rests_on: &[], ..of_claims(self) },
            Self::Facilities => Spec { by: &[Facility], rests_on: &[Subject::Checks, Subject::Claims], ..of_claims(self) },
        }
    }
}

/// What most figures of claims have in common.
const fn of_claims(name: FigureName) -> Spec {
    Spec {
        name,
        by: &[],
        of_places: &[],
        bases: &[DateBasis::Service],
        has_period: true,
        by_facility: true,
        by_care: true,
        rests_on: &[Subject::Claims],
        rests_on_places: &[Subject::ClaimPlaces],
    }
}

/// A village or a district: the beginning of the codes of what lies in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(pub String);

/// No period that is asked for is longer, and whole months make it a month longer at most: the cost of an answer is that of a year, however old the service is.
pub const LONGEST_DAYS: i64 = 366;

/// How many items are told where there may be many and nobody says how many.
pub const USUAL_ITEMS: usize = 50;

/// What is asked of a figure.
#[derive(Debug, Clone)]
pub struct Scope {
    pub figure: FigureName,
    pub by: Breakdown,
    pub basis: DateBasis,
    /// Both ends included.
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub place: Option<Place>,
    pub facility: Option<Id>,
    pub care_type: Option<CareType>,
    /// How many items at most, where there may be many.
    pub limit: usize,
    /// Does whoever asks see their own figures alone, and so whole?
    pub own: bool,
}

impl Scope {
    /// The whole city in these days, as the figure is told without a word.
    pub fn of(figure: FigureName, (from, to): (NaiveDate, NaiveDate)) -> Self {
        let Spec { by, bases, .. } = figure.spec();
        Self { figure, by: by[0], basis: bases[0], from, to, place: None, facility: None, care_type: None, limit: USUAL_ITEMS, own: false }
    }

    /// What it is narrowed by, as it is told back.
    pub fn filters(&self) -> Filters {
        let code = |digits: usize| self.place.as_ref().map(|place| place.0.clone()).filter(|code| code.len() == digits);
        Filters { district_code: code(6), village_code: code(10), facility_id: self.facility, care_type: self.care_type }
    }

    /// Is it told by where people live, and so in whole months and without small cells?
    pub fn is_of_places(&self) -> bool {
        self.place.is_some() || matches!(self.by, Breakdown::Village | Breakdown::District)
    }

    /// The sums that it asks of.
    pub fn rests_on(&self) -> &'static [Subject] {
        let Spec { rests_on, rests_on_places, .. } = self.figure.spec();
        let is_of_city = self.figure.tells_the_city_as_a_place() && self.facility.is_none();
        if self.is_of_places() || is_of_city { rests_on_places } else { rests_on }
    }
}

pub fn first_of_month(day: NaiveDate) -> NaiveDate {
    // Every month has a first day.
    day.with_day(1).unwrap_or(day)
}

pub fn last_of_month(day: NaiveDate) -> NaiveDate {
    first_of_month(day).checked_add_months(chrono::Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(day)
}

/// Values by the name of their measure. A small cell has none.
pub type Values = BTreeMap<String, Option<i64>>;

/// One cell of a breakdown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The word, code, date or id of the cell.
    pub key: String,
    /// What people call it.
    pub name: Option<String>,
    /// True: it is about fewer than five people and is not told.
    pub suppressed: bool,
    pub values: Values,
}

/// One measure of a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    pub name: String,
    pub unit: MeasureUnit,
}

/// What a figure was narrowed by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filters {
    pub district_code: Option<String>,
    pub village_code: Option<String>,
    pub facility_id: Option<Id>,
    pub care_type: Option<CareType>,
}

/// A measure with what it counts, in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinedMeasure {
    #[serde(flatten)]
    pub measure: Measure,
    pub definition: String,
}

/// A figure with everything that is needed to understand it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureSheet {
    pub figure: FigureName,
    pub as_of: UtcTime,
    pub computed_at: UtcTime,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub date_basis: DateBasis,
    pub by: Breakdown,
    pub filters: Filters,
    pub definition: String,
    pub measures: Vec<DefinedMeasure>,
    pub items: Vec<Item>,
    pub totals: Values,
}

/// A cell with its values.
pub fn item<const N: usize>(key: impl Into<String>, values: [(&str, i64); N]) -> Item {
    Item { key: key.into(), values: values.into_iter().map(|(name, value)| (name.to_owned(), Some(value))).collect(), ..Item::default() }
}

impl Item {
    /// The cell without its values: it is about few people.
    pub fn hidden(mut self) -> Self {
        self.suppressed = true;
        self.values.values_mut().for_each(|value| *value = None);
        self
    }
}

/// The sums of what is told of all items.
pub fn totals(items: &[Item]) -> Values {
    let mut totals = Values::new();
    for (name, value) in items.iter().flat_map(|item| &item.values) {
        let total = totals.entry(name.clone()).or_insert(Some(0));
        *total = Some(total.unwrap_or_default() + value.unwrap_or_default());
    }
    totals
}

/// The least value that at least so many in a hundred of all do not exceed, of values with how often each occurs, in their order.
pub fn quantile(histogram: &[(i64, i64)], percent: i64) -> Option<i64> {
    let all: i64 = histogram.iter().map(|(_, times)| times).sum();
    let wanted = (all * percent + 99) / 100;
    let mut passed = 0;
    histogram.iter().find_map(|(value, times)| {
        passed += times;
        (all > 0 && passed >= wanted.max(1)).then_some(*value)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn months_end_where_the_calendar_says() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (any, first, last) in
            [("2026-02-11", "2026-02-01", "2026-02-28"), ("2024-02-29", "2024-02-01", "2024-02-29"), ("2026-12-31", "2026-12-01", "2026-12-31")]
        {
            assert_eq!((first_of_month(day(any)), last_of_month(day(any))), (day(first), day(last)));
        }
    }

    proptest! {
        #[test]
        fn a_quantile_is_the_one_of_the_sorted_list(values in prop::collection::vec(0_i64..60, 1..200), percent in 1_i64..=100) {
            let mut histogram = BTreeMap::new();
            for value in &values {
                *histogram.entry(*value).or_insert(0_i64) += 1;
            }
            let histogram: Vec<(i64, i64)> = histogram.into_iter().collect();
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let at = (sorted.len() * usize::try_from(percent).unwrap()).div_ceil(100).max(1) - 1;
            prop_assert_eq!(quantile(&histogram, percent), Some(sorted[at]));
        }
    }
}
