//! What edits found on decided claims, and how often the person who decided agreed. What was found in the shadow is told beside, and no hospital of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Told;
use super::turnaround::per_mille;
use crate::domain::adjudication::edits::find;
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, item};
use crate::error::Result;
use crate::store::db::Db;
use crate::store::edit_sums::{self, Found};

pub const MEASURES: &[(&str, MeasureUnit)] = &[
    ("findings", MeasureUnit::Count),
    ("pended", MeasureUnit::Count),
    ("decided_by_people", MeasureUnit::Count),
    ("agreed", MeasureUnit::Count),
    ("overturned", MeasureUnit::Count),
    ("precision_per_mille", MeasureUnit::PerMille),
    ("at_stake", MeasureUnit::Rupiah),
    ("cut", MeasureUnit::Rupiah),
    ("adjusted", MeasureUnit::Rupiah),
];

pub const WITH_SHADOWS: &[(&str, MeasureUnit)] = &[
    MEASURES[0],
    MEASURES[1],
    MEASURES[2],
    MEASURES[3],
    MEASURES[4],
    MEASURES[5],
    MEASURES[6],
    MEASURES[7],
    MEASURES[8],
    ("shadow_findings", MeasureUnit::Count),
    ("shadow_agreed", MeasureUnit::Count),
    ("shadow_overturned", MeasureUnit::Count),
    ("shadow_precision_per_mille", MeasureUnit::PerMille),
];

type Cells = BTreeMap<String, Found>;

pub fn tell(db: &mut Db, scope: &Scope) -> Result<Told> {
    let (active, shadow) = (cells(db, scope, false)?, if scope.own { Cells::new() } else { cells(db, scope, true)? });
    let keys: BTreeSet<&String> = active.keys().chain(shadow.keys()).collect();
    let of = |cells: &Cells, key: &String| cells.get(key).copied().unwrap_or_default();
    let items = keys.into_iter().map(|key| cell(key.clone(), &of(&active, key), &of(&shadow, key), scope.own)).collect();
    let totals = cell(String::new(), &sum(&active), &sum(&shadow), scope.own).values;
    Ok(Told { measures: if scope.own { MEASURES } else { WITH_SHADOWS }, items, totals })
}

fn cells(db: &mut Db, scope: &Scope, shadow: bool) -> Result<Cells> {
    let mut cells = Cells::new();
    let mut add = |key: String, found: Found| cells.entry(key).or_default().add(&found);
    match scope.by {
        Breakdown::Facility => edit_sums::by_facility(db, scope, shadow)?.into_iter().for_each(|(key, found)| add(key.to_string(), found)),
        Breakdown::CareType => edit_sums::by_care_type(db, scope, shadow)?.into_iter().for_each(|(key, found)| add(key.to_string(), found)),
        Breakdown::Month => edit_sums::by_month(db, scope, shadow)?.into_iter().for_each(|(key, found)| add(super::month_key(key), found)),
        Breakdown::Outcome => {
            // An edit that is no more leads to nothing any more.
            let outcome = |edit: &str| find(edit).map_or_else(|| "none".to_owned(), |edit| edit.outcome.to_string());
            edit_sums::by_edit(db, scope, shadow)?.into_iter().for_each(|(key, found)| add(outcome(&key), found));
        }
        _ => edit_sums::by_edit(db, scope, shadow)?.into_iter().for_each(|(key, found)| add(key, found)),
    }
    Ok(cells)
}

fn sum(cells: &Cells) -> Found {
    let mut sum = Found::default();
    cells.values().for_each(|found| sum.add(found));
    sum
}

fn cell(key: String, active: &Found, shadow: &Found, own: bool) -> Item {
    let mut told = item(
        key,
        [
            ("findings", active.findings),
            ("pended", active.pended),
            ("decided_by_people", active.decided),
            ("agreed", active.agreed),
            ("overturned", active.overturned),
            ("at_stake", active.at_stake),
            ("cut", active.cut),
            ("adjusted", active.adjusted),
        ],
    );
    told.values.insert("precision_per_mille".to_owned(), per_mille(active.agreed, active.decided));
    if !own {
        let shadows = [("shadow_findings", shadow.findings), ("shadow_agreed", shadow.agreed), ("shadow_overturned", shadow.overturned)];
        told.values.extend(item("", shadows).values);
        told.values.insert("shadow_precision_per_mille".to_owned(), per_mille(shadow.agreed, shadow.decided));
    }
    told
}
