//! Visits: people who came to a facility on a day and were told that they are covered, for the time being or for good.

use super::Told;
use super::checks::{places, texts};
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, item, totals};
use crate::error::Result;
use crate::store::check_places::{self, PlaceKind};
use crate::store::check_sums::{self, SumKind, folded};
use crate::store::db::Db;

const VISITS: &str = "visits";
pub const MEASURES: &[(&str, MeasureUnit)] = &[(VISITS, MeasureUnit::Count)];

pub fn tell(db: &mut Db, scope: &Scope) -> Result<Told> {
    let items =
        if scope.is_of_places() { places(check_places::cells(db, scope, PlaceKind::Visit)?, scope.by, VISITS) } else { of_facilities(db, scope)? };
    Ok(Told { measures: MEASURES, totals: totals(&items), items })
}

fn of_facilities(db: &mut Db, scope: &Scope) -> Result<Vec<Item>> {
    let cells: Vec<(String, i64)> = match scope.by {
        Breakdown::Day => texts(check_sums::by_day(db, scope, SumKind::Visit)?),
        Breakdown::Facility => texts(check_sums::by_facility(db, scope, SumKind::Visit)?),
        Breakdown::CareType => texts(check_sums::by_care_type(db, scope, SumKind::Visit)?),
        _ => folded(check_sums::by_day(db, scope, SumKind::Visit)?, |day| super::month_key(*day)),
    };
    Ok(cells.into_iter().map(|(key, visits)| item(key, [(VISITS, visits)])).collect())
}
