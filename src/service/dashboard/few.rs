//! What few people stand behind is told like what nobody stands behind. A cell that is listed only where somebody is would tell of them, beside a total that is exact.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months, NaiveDate};

use super::{NOWHERE, Told, month_key};
use crate::domain::cards::CardState;
use crate::domain::claims::ClaimState;
use crate::domain::eligibility::{CareType, Decision};
use crate::domain::enrollments::EnrollmentState;
use crate::domain::figures::{Breakdown, FigureName, Item, Scope, first_of_month};
use crate::domain::participants::{AgeBand, ParticipantState, Sex};
use crate::domain::regions::Regions;

/// Is the figure about where people live or what they are, and so without small cells?
pub fn is_about_few(scope: &Scope) -> bool {
    scope.is_of_places() || (scope.figure == FigureName::Participants && matches!(scope.by, Breakdown::Sex | Breakdown::Age))
}

/// All cells that there could be, each with what is told of it: nothing, be it of four people or of none. What has no list of its own is listed where it is told.
pub fn evened(told: Told, scope: &Scope, regions: &Regions, city: &str, today: NaiveDate) -> Told {
    let Told { measures, items, totals } = told;
    let Some(counts) = measures.first().map(|(name, _)| *name) else { return Told { measures, items, totals } };
    // Each of several counts stands for itself; amounts stand and fall with the count that they belong to.
    let is_each_for_itself = scope.figure == FigureName::Participants;
    let hidden = |key: &str| {
        let values = measures.iter().map(|(name, _)| ((*name).to_owned(), None)).collect();
        Item { key: key.to_owned(), name: None, suppressed: true, values }
    };
    let mut told: BTreeMap<String, Item> = BTreeMap::new();
    let mut order = keys(scope, regions, city, today);
    for mut item in items {
        if is_each_for_itself {
            item.values.values_mut().for_each(|value| *value = value.filter(|value| *value > 0));
            item.suppressed = item.values.values().any(Option::is_none);
        } else if item.values.get(counts).copied().flatten().unwrap_or_default() == 0 {
            item = item.hidden();
        }
        if item.values.values().any(Option::is_some) {
            if !order.contains(&item.key) {
                order.push(item.key.clone());
            }
            told.insert(item.key.clone(), item);
        }
    }
    let items = order.iter().map(|key| told.remove(key).unwrap_or_else(|| hidden(key))).collect();
    // Nothing told is not nothing.
    let totals = totals.into_iter().map(|(name, value)| (name, value.filter(|value| *value > 0))).collect();
    Told { measures, items, totals }
}

fn words<T: Copy + ToString>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// Every cell of a breakdown that has a list.
fn keys(scope: &Scope, regions: &Regions, city: &str, today: NaiveDate) -> Vec<String> {
    let area = scope.place.as_ref().map_or(city, |place| place.0.as_str());
    let villages = || regions.villages_of(area).map(|(code, _)| code);
    let nowhere = scope.place.is_none().then(|| NOWHERE.to_owned());
    match scope.by {
        Breakdown::Village => villages().map(str::to_owned).chain(nowhere).collect(),
        Breakdown::District => {
            let districts: BTreeSet<String> = villages().filter_map(|code| code.get(..6)).map(str::to_owned).collect();
            districts.into_iter().chain(nowhere).collect()
        }
        Breakdown::Month => {
            let months = std::iter::successors(Some(first_of_month(scope.from)), |month| month.checked_add_months(Months::new(1)));
            months.take_while(|month| *month <= scope.to && *month <= today).map(month_key).collect()
        }
        Breakdown::Decision => words(Decision::ALL),
        Breakdown::CareType => scope.care_type.map_or_else(|| words(CareType::ALL), |care| vec![care.to_string()]),
        Breakdown::State if scope.figure == FigureName::Participants => words(ParticipantState::ALL),
        Breakdown::State => words(ClaimState::ALL),
        Breakdown::Sex => words(Sex::ALL),
        Breakdown::Age => words(AgeBand::ALL),
        Breakdown::Enrollment => words(EnrollmentState::ALL),
        Breakdown::Card => words(CardState::ALL),
        Breakdown::Reason
        | Breakdown::Facility
        | Breakdown::Day
        | Breakdown::Weekday
        | Breakdown::Hour
        | Breakdown::Signal
        | Breakdown::Finding
        | Breakdown::Case
        | Breakdown::Sums
        | Breakdown::Measure
        | Breakdown::Pot
        | Breakdown::Bucket
        | Breakdown::Step
        | Breakdown::Code
        | Breakdown::Edit
        | Breakdown::Outcome => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::figures::{MeasureUnit, Place, item, totals};

    fn scope(by: Breakdown, place: Option<&str>) -> Scope {
        let day = |text: &str| text.parse().unwrap();
        let place = place.map(|code| Place(code.to_owned()));
        Scope { by, place, ..Scope::of(FigureName::Checks, (day("2026-10-01"), day("2026-12-31"))) }
    }

    fn told(scope: &Scope, items: Vec<Item>) -> Told {
        let regions = Regions::from_codes(["327501", "3275011001", "3275011002", "327502", "3275021001", "317101", "3171011001"], []);
        let told = Told { measures: &[("checks", MeasureUnit::Count)], totals: totals(&items), items };
        evened(told, scope, &regions, "3275", "2026-11-21".parse().unwrap())
    }

    fn shown(told: &Told) -> Vec<(&str, Option<i64>, bool)> {
        told.items.iter().map(|item| (item.key.as_str(), item.values["checks"], item.suppressed)).collect()
    }

    #[test]
    fn few_and_none_are_listed_alike() {
        let few = told(&scope(Breakdown::Village, None), vec![item("3275011001", [("checks", 0)]), item("3275011002", [("checks", 10)])]);
        let expected = [("3275011001", None, true), ("3275011002", Some(10), false), ("3275021001", None, true), ("unknown", None, true)];
        assert_eq!(shown(&few), expected);
        assert_eq!(few.totals["checks"], Some(10));
        let none = told(&scope(Breakdown::Village, None), vec![item("3275011002", [("checks", 10)])]);
        assert_eq!(shown(&none), expected);
        assert_eq!(shown(&told(&scope(Breakdown::District, Some("327501")), vec![])), [("327501", None, true)]);
        assert_eq!(shown(&told(&scope(Breakdown::Month, Some("327501")), vec![])), [("2026-10", None, true), ("2026-11", None, true)]);
    }

    #[test]
    fn what_has_no_list_is_listed_where_it_is_told() {
        let reasons =
            told(&scope(Breakdown::Reason, Some("327501")), vec![item("JKN_ACTIVE", [("checks", 0)]), item("NIK_NOT_FOUND", [("checks", 5)])]);
        assert_eq!(shown(&reasons), [("NIK_NOT_FOUND", Some(5), false)]);
        let nothing = told(&scope(Breakdown::Reason, Some("327501")), vec![item("JKN_ACTIVE", [("checks", 0)])]);
        assert_eq!((nothing.items.len(), nothing.totals["checks"]), (0, None));
    }
}
