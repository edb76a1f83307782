//! Claims and their five amounts, by the day on which each came to something, and by where patients live.

use std::collections::BTreeMap;

use super::Told;
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, item, totals};
use crate::error::Result;
use crate::store::claim_places;
use crate::store::claim_sums::{self, Amounts};
use crate::store::db::Db;

pub const MEASURES: &[(&str, MeasureUnit)] = &[
    ("claims", MeasureUnit::Count),
    ("claimed", MeasureUnit::Rupiah),
    ("tariff", MeasureUnit::Rupiah),
    ("hospital_cost", MeasureUnit::Rupiah),
    ("approved", MeasureUnit::Rupiah),
    ("paid", MeasureUnit::Rupiah),
];

pub fn tell(db: &mut Db, scope: &Scope) -> Result<Told> {
    let items = if scope.is_of_places() { of_places(db, scope)? } else { of_facilities(db, scope)? };
    Ok(Told { measures: MEASURES, totals: totals(&items), items })
}

fn of_facilities(db: &mut Db, scope: &Scope) -> Result<Vec<Item>> {
    Ok(match scope.by {
        Breakdown::State => items(claim_sums::by_state(db, scope)?),
        Breakdown::Facility => items(claim_sums::by_facility(db, scope)?),
        Breakdown::CareType => items(claim_sums::by_care_type(db, scope)?),
        Breakdown::Pot => items(claim_sums::by_pot(db, scope)?),
        Breakdown::Day => items(claim_sums::by_day(db, scope)?),
        Breakdown::Month => claim_sums::by_month(db, scope)?.into_iter().map(|(month, of)| cell(super::month_key(month), &of)).collect(),
        _ => Vec::new(),
    })
}

fn items<K: ToString>(cells: BTreeMap<K, Amounts>) -> Vec<Item> {
    cells.into_iter().map(|(key, amounts)| cell(key.to_string(), &amounts)).collect()
}

fn cell(key: String, of: &Amounts) -> Item {
    let Amounts { claims, claimed, tariff, hospital_cost, approved, paid } = *of;
    let values =
        [("claims", claims), ("claimed", claimed), ("tariff", tariff), ("hospital_cost", hospital_cost), ("approved", approved), ("paid", paid)];
    item(key, values)
}

/// The sums of what is told of each cell.
fn of_places(db: &mut Db, scope: &Scope) -> Result<Vec<Item>> {
    let mut sums: BTreeMap<String, Amounts> = BTreeMap::new();
    for cell in claim_places::cells(db, scope)? {
        let key = match scope.by {
            Breakdown::Village => super::place_key(&cell.village_code, 10),
            Breakdown::District => super::place_key(&cell.village_code, 6),
            Breakdown::CareType => cell.care_type.to_string(),
            Breakdown::Month => super::month_key(cell.month),
            _ => cell.state.to_string(),
        };
        *sums.entry(key).or_default() += cell.told;
    }
    Ok(items(sums))
}
