//! By how much what was approved falls short of what it cost.

use super::Told;
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, item};
use crate::error::Result;
use crate::store::db::Db;
use crate::store::tariff_gaps::{self, Gap};

pub const MEASURES: &[(&str, MeasureUnit)] = &[
    ("lines", MeasureUnit::Count),
    ("claimed", MeasureUnit::Rupiah),
    ("tariff", MeasureUnit::Rupiah),
    ("approved", MeasureUnit::Rupiah),
    ("costed_lines", MeasureUnit::Count),
    ("hospital_cost", MeasureUnit::Rupiah),
    ("shortfall", MeasureUnit::Rupiah),
];

pub fn tell(db: &mut Db, scope: &Scope) -> Result<Told> {
    let items = match scope.by {
        Breakdown::Code => items(tariff_gaps::by_code(db, scope)?),
        Breakdown::CareType => items(tariff_gaps::by_care_type(db, scope)?),
        Breakdown::Month => tariff_gaps::by_month(db, scope)?.into_iter().map(|(month, gap)| cell(super::month_key(month), &gap)).collect(),
        _ => items(tariff_gaps::by_facility(db, scope)?),
    };
    // Of all codes, also of those that are not among the first.
    let totals = cell(String::new(), &tariff_gaps::in_all(db, scope)?).values;
    Ok(Told { measures: MEASURES, items, totals })
}

fn items<K: ToString>(cells: Vec<(K, Gap)>) -> Vec<Item> {
    cells.into_iter().map(|(key, gap)| cell(key.to_string(), &gap)).collect()
}

fn cell(key: String, gap: &Gap) -> Item {
    let Gap { lines, claimed, tariff, approved, costed_lines, hospital_cost, shortfall } = *gap;
    let counted = [("lines", lines), ("costed_lines", costed_lines)];
    let amounts = [("claimed", claimed), ("tariff", tariff), ("approved", approved), ("hospital_cost", hospital_cost), ("shortfall", shortfall)];
    let mut told = item(key, counted);
    told.values.extend(item("", amounts).values);
    told
}
