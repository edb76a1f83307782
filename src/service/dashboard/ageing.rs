//! What is open today: handed in, and neither paid nor refused nor taken back.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Told;
use crate::domain::claim_figures::Age;
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, item, totals};
use crate::error::Result;
use crate::store::claim_sums::{self, Open};
use crate::store::db::Db;

pub const MEASURES: &[(&str, MeasureUnit)] = &[("claims", MeasureUnit::Count), ("claimed", MeasureUnit::Rupiah), ("approved", MeasureUnit::Rupiah)];

pub fn tell(db: &mut Db, scope: &Scope, today: NaiveDate) -> Result<Told> {
    let items = match scope.by {
        Breakdown::State => items(claim_sums::open_by_state(db, scope)?),
        Breakdown::Facility => items(claim_sums::open_by_facility(db, scope)?),
        Breakdown::CareType => items(claim_sums::open_by_care_type(db, scope)?),
        _ => items(by_age(claim_sums::open_by_day(db, scope)?, today)),
    };
    Ok(Told { measures: MEASURES, totals: totals(&items), items })
}

/// Days are kept and ages told, so that claims grow older without being counted anew.
fn by_age(days: Vec<(NaiveDate, Open)>, today: NaiveDate) -> Vec<(Age, Open)> {
    let mut ages: BTreeMap<Age, Open> = BTreeMap::new();
    for (day, open) in days {
        let sums = ages.entry(Age::of(day, today)).or_default();
        sums.claims += open.claims;
        sums.claimed += open.claimed;
        sums.approved += open.approved;
    }
    ages.into_iter().collect()
}

fn items<K: ToString>(cells: Vec<(K, Open)>) -> Vec<Item> {
    let cell = |(key, of): (K, Open)| item(key.to_string(), [("claims", of.claims), ("claimed", of.claimed), ("approved", of.approved)]);
    cells.into_iter().map(cell).collect()
}
