//! What is open today: handed in, and neither paid nor refused nor taken back; and of each cell how much of it for how long.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Told;
use crate::domain::claim_figures::Age;
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, item, totals};
use crate::error::Result;
use crate::store::db::Db;
use crate::store::open_claims::{self, ByDay, Open};

const OF_AGES: &[(&str, MeasureUnit)] = &[("claims", MeasureUnit::Count), ("claimed", MeasureUnit::Rupiah), ("approved", MeasureUnit::Rupiah)];

/// Of what is told by something else than the age.
pub const MEASURES: &[(&str, MeasureUnit)] = &[
    ("claims", MeasureUnit::Count),
    ("claimed", MeasureUnit::Rupiah),
    ("approved", MeasureUnit::Rupiah),
    ("days_0_15", MeasureUnit::Count),
    ("days_16_30", MeasureUnit::Count),
    ("days_31_60", MeasureUnit::Count),
    ("days_61_90", MeasureUnit::Count),
    ("days_over_90", MeasureUnit::Count),
];

pub fn tell(db: &mut Db, scope: &Scope, today: NaiveDate) -> Result<Told> {
    let items = match scope.by {
        Breakdown::State => aged(open_claims::by_state(db, scope)?, today),
        Breakdown::CareType => aged(open_claims::by_care_type(db, scope)?, today),
        Breakdown::Facility => {
            let facilities = open_claims::by_facility(db, scope, today)?.into_iter();
            facilities.map(|(facility, open, (a, b, c, d))| with_ages(facility.to_string(), &open, Age::split([a, b, c, d], open.claims))).collect()
        }
        _ => {
            let ages = by_age(open_claims::by_day(db, scope)?, today);
            let items: Vec<Item> = ages.into_iter().map(|(age, open)| cell(age.to_string(), &open)).collect();
            return Ok(Told { measures: OF_AGES, totals: totals(&items), items });
        }
    };
    Ok(Told { measures: MEASURES, totals: totals(&items), items })
}

fn by_age(days: Vec<(NaiveDate, Open)>, today: NaiveDate) -> BTreeMap<Age, Open> {
    let mut ages: BTreeMap<Age, Open> = BTreeMap::new();
    for (day, open) in days {
        *ages.entry(Age::of(day, today)).or_default() += open;
    }
    ages
}

fn aged<K: ToString + Ord>(days: ByDay<K>, today: NaiveDate) -> Vec<Item> {
    let mut cells: BTreeMap<K, Vec<(NaiveDate, Open)>> = BTreeMap::new();
    for ((key, day), open) in days {
        cells.entry(key).or_default().push((day, open));
    }
    let cell = |(key, days): (K, Vec<(NaiveDate, Open)>)| {
        let ages = by_age(days, today);
        let mut all = Open::default();
        ages.values().for_each(|open| all += *open);
        with_ages(key.to_string(), &all, Age::ALL.iter().map(|age| (*age, ages.get(age).map_or(0, |open| open.claims))))
    };
    cells.into_iter().map(cell).collect()
}

fn cell(key: String, of: &Open) -> Item {
    item(key, [("claims", of.claims), ("claimed", of.claimed), ("approved", of.approved)])
}

fn with_ages(key: String, of: &Open, ages: impl IntoIterator<Item = (Age, i64)>) -> Item {
    let mut item = cell(key, of);
    item.values.extend(ages.into_iter().map(|(age, claims)| (age.to_string(), Some(claims))));
    item
}
