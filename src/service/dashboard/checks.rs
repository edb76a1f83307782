//! Checks by what was answered, why, when, where asked and where patients live.

use chrono::Datelike;

use super::Told;
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, item, totals};
use crate::error::Result;
use crate::store::check_places::{self, PlaceCell, PlaceKind};
use crate::store::check_sums::{self, SumKind, folded};
use crate::store::db::Db;

const CHECKS: &str = "checks";
pub const MEASURES: &[(&str, MeasureUnit)] = &[(CHECKS, MeasureUnit::Count)];

pub fn tell(db: &mut Db, scope: &Scope) -> Result<Told> {
    let items = if scope.is_of_places() { of_places(db, scope)? } else { of_facilities(db, scope)? };
    // A check may have failed for several reasons: their sum would count it more than once.
    let totals = match scope.by {
        Breakdown::Reason => totals(&[]),
        _ => totals(&items),
    };
    Ok(Told { measures: MEASURES, items, totals })
}

fn of_facilities(db: &mut Db, scope: &Scope) -> Result<Vec<Item>> {
    let cells: Vec<(String, i64)> = match scope.by {
        Breakdown::Decision => check_sums::by_name(db, scope, SumKind::Decision)?,
        Breakdown::Reason => check_sums::by_name(db, scope, SumKind::Reason)?,
        Breakdown::Facility => texts(check_sums::by_facility(db, scope, SumKind::Decision)?),
        Breakdown::CareType => texts(check_sums::by_care_type(db, scope, SumKind::Decision)?),
        Breakdown::Day => texts(check_sums::by_day(db, scope, SumKind::Decision)?),
        Breakdown::Month => folded(check_sums::by_day(db, scope, SumKind::Decision)?, |day| super::month_key(*day)),
        Breakdown::Weekday => {
            let days = folded(check_sums::by_day(db, scope, SumKind::Decision)?, |day| day.weekday().number_from_monday());
            days.into_iter().map(|(day, checks)| (format!("weekday_{day}"), checks)).collect()
        }
        Breakdown::Hour => check_sums::by_name(db, scope, SumKind::Hour)?,
        _ => Vec::new(),
    };
    Ok(cells.into_iter().map(|(key, checks)| item(key, [(CHECKS, checks)])).collect())
}

fn of_places(db: &mut Db, scope: &Scope) -> Result<Vec<Item>> {
    let kind = if scope.by == Breakdown::Reason { PlaceKind::Reason } else { PlaceKind::Decision };
    Ok(places(check_places::cells(db, scope, kind)?, scope.by, CHECKS))
}

pub(super) fn texts<K: ToString>(rows: Vec<(K, i64)>) -> Vec<(String, i64)> {
    rows.into_iter().map(|(key, counted)| (key.to_string(), counted)).collect()
}

/// Cells of places by what was asked for: the sums of what is told of each.
pub(super) fn places(cells: Vec<PlaceCell>, by: Breakdown, measure: &str) -> Vec<Item> {
    let mut sums = std::collections::BTreeMap::new();
    for cell in cells {
        let key = match by {
            Breakdown::Village => super::place_key(&cell.village_code, 10),
            Breakdown::District => super::place_key(&cell.village_code, 6),
            Breakdown::CareType => cell.care_type.to_string(),
            Breakdown::Month => super::month_key(cell.month),
            _ => cell.name,
        };
        *sums.entry(key).or_insert(0) += cell.published;
    }
    sums.into_iter().map(|(key, published)| item(key, [(measure, published)])).collect()
}
