//! People, families and enrolments as they stand: in the whole city by what their records say, and in fives by what people are and where they live.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::Told;
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, item, totals};
use crate::domain::participants::AgeBand;
use crate::domain::summaries::published;
use crate::error::Result;
use crate::store::check_places::coin;
use crate::store::db::Db;
use crate::store::registry_sums::{self, RegistryCell, RegistryKind};

pub const PEOPLE: &str = "people";
pub const HOUSEHOLDS: &str = "households";
pub const ENROLLMENTS: &str = "enrollments";

const OF_PEOPLE: &[(&str, MeasureUnit)] = &[(PEOPLE, MeasureUnit::Count)];
const OF_ENROLLMENTS: &[(&str, MeasureUnit)] = &[(ENROLLMENTS, MeasureUnit::Count)];
pub const ALL: &[(&str, MeasureUnit)] = &[(PEOPLE, MeasureUnit::Count), (HOUSEHOLDS, MeasureUnit::Count), (ENROLLMENTS, MeasureUnit::Count)];

pub fn tell(db: &mut Db, scope: &Scope) -> Result<Told> {
    let (kinds, measures): (&[RegistryKind], _) = match scope.by {
        Breakdown::Sex => (&[RegistryKind::Sex], OF_PEOPLE),
        Breakdown::Age => (&[RegistryKind::BirthYear], OF_PEOPLE),
        Breakdown::Enrollment => (&[RegistryKind::Enrollment], OF_ENROLLMENTS),
        Breakdown::Card => (&[RegistryKind::Card], OF_ENROLLMENTS),
        Breakdown::Village | Breakdown::District => (&[RegistryKind::Sex, RegistryKind::Household, RegistryKind::Enrollment], ALL),
        _ => (&[RegistryKind::State], OF_PEOPLE),
    };
    let items = match (kinds, scope.by) {
        // What a record says of itself is nobody's attribute, and is told as it is where no place is.
        ([kind], Breakdown::State | Breakdown::Enrollment | Breakdown::Card) if scope.place.is_none() => {
            registry_sums::sums(db, *kind)?.into_iter().map(|(key, counted)| item(key, [(measures[0].0, counted)])).collect()
        }
        _ => of_places(db, scope, kinds, measures)?,
    };
    Ok(Told { measures, totals: totals(&items), items })
}

/// Each village's cell is told for itself, and whatever is larger is the sum of what is told: nothing is left to be found by subtraction.
fn of_places(db: &mut Db, scope: &Scope, kinds: &[RegistryKind], measures: &[(&str, MeasureUnit)]) -> Result<Vec<Item>> {
    let mut sums: BTreeMap<String, Item> = BTreeMap::new();
    for (kind, (measure, _)) in kinds.iter().zip(measures) {
        let mut asked: BTreeMap<(String, String), i64> = BTreeMap::new();
        for cell in registry_sums::cells(db, *kind, scope.place.as_ref())? {
            let name = base_name(scope, &cell);
            *asked.entry((cell.village_code, name)).or_default() += cell.counted;
        }
        for ((village, name), counted) in asked {
            let told = published(counted, counted, coin(db, &format!("registry {kind} {village} {name}"))?);
            let key = match scope.by {
                Breakdown::Village => village,
                Breakdown::District => village.get(..6).unwrap_or_default().to_owned(),
                _ => name,
            };
            let none = || Item { values: measures.iter().map(|(name, _)| ((*name).to_owned(), Some(0))).collect(), ..item(key.clone(), []) };
            let value = sums.entry(key.clone()).or_insert_with(none).values.entry((*measure).to_owned()).or_default();
            *value = value.map(|sum| sum + told);
        }
    }
    Ok(sums.into_values().collect())
}

/// What of a village is told together.
fn base_name(scope: &Scope, cell: &RegistryCell) -> String {
    match scope.by {
        Breakdown::Village | Breakdown::District => String::new(),
        Breakdown::Age => AgeBand::of(cell.name.parse().unwrap_or(scope.to.year()), scope.to.year()).to_string(),
        _ => cell.name.clone(),
    }
}
