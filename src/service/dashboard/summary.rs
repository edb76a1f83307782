//! The headline figures, one item each: what stands, what came in the period, and the year's money.

use chrono::{Datelike, NaiveDate};

use super::Told;
use crate::domain::budget::{Balances, Measures, Pot};
use crate::domain::cards::CardState;
use crate::domain::enrollments::EnrollmentState;
use crate::domain::figures::{Item, MeasureUnit, Scope, Values, item};
use crate::domain::rupiah::{Rupiah, TooLarge};
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::store::budgets;
use crate::store::check_sums::{self, SumKind};
use crate::store::claim_sums::{self, Amounts};
use crate::store::db::Db;
use crate::store::registry_sums::{self, RegistryKind};
use crate::store::{hygiene, ledger, open_claims};

const VALUE: &str = "value";
pub const MEASURES: &[(&str, MeasureUnit)] = &[(VALUE, MeasureUnit::Count)];

pub fn tell(db: &mut Db, now: UtcTime, today: NaiveDate, scope: &Scope) -> Result<Told> {
    let mut values = Vec::new();
    // A facility's own figures are what it did; the registry and the budget are the city's.
    let of_the_city = scope.facility.is_none();
    if of_the_city {
        registry(db, &mut values)?;
    }
    values.push(("checks", sum(check_sums::by_name(db, scope, SumKind::Decision)?)));
    values.push(("visits", sum(check_sums::by_name(db, scope, SumKind::Visit)?)));
    claims(db, scope, &mut values)?;
    if of_the_city {
        // As it stands, like the figure of the budget: the books of a year are not kept by date.
        budget(db, now, if scope.to.year() == today.year() { today } else { scope.to }, &mut values)?;
        values.push(("signals_open", hygiene::open_signals(db)?));
    }
    let items: Vec<Item> = values.into_iter().map(|(key, value)| item(key, [(VALUE, value)])).collect();
    // People and rupiah have no sum.
    Ok(Told { measures: MEASURES, items, totals: Values::new() })
}

/// Claims of the period by when care was given, and what stands open today.
fn claims(db: &mut Db, scope: &Scope, values: &mut Vec<(&'static str, i64)>) -> Result<()> {
    let mut all = Amounts::default();
    claim_sums::by_month(db, scope)?.values().for_each(|month| all += *month);
    let open: i64 = open_claims::by_day(db, scope)?.iter().map(|(_, open)| open.claims).sum();
    values.extend([("claims", all.claims), ("claims_open", open), ("claimed", all.claimed), ("approved", all.approved), ("paid", all.paid)]);
    Ok(())
}

fn sum<K>(rows: Vec<(K, i64)>) -> i64 {
    rows.into_iter().map(|(_, counted)| counted).sum()
}

fn registry(db: &mut Db, values: &mut Vec<(&'static str, i64)>) -> Result<()> {
    let of = |cells: &[(String, i64)], names: &[&str]| -> i64 {
        cells.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, counted)| counted).sum()
    };
    values.push(("people", sum(registry_sums::sums(db, RegistryKind::Sex)?)));
    values.push(("households", sum(registry_sums::sums(db, RegistryKind::Household)?)));
    let enrollments = registry_sums::sums(db, RegistryKind::Enrollment)?;
    values.push(("enrollments_active", of(&enrollments, &[EnrollmentState::Active.as_str()])));
    let cards = registry_sums::sums(db, RegistryKind::Card)?;
    values.push(("cards_printed", of(&cards, &[CardState::Printed.as_str(), CardState::Delivered.as_str()])));
    Ok(())
}

/// What the year may cost by now, and what of it is spoken for.
pub(super) fn budget(db: &mut Db, now: UtcTime, on: NaiveDate, values: &mut Vec<(&'static str, i64)>) -> Result<()> {
    let year = on.year();
    let books = ledger::balances(db, year)?;
    let balances = books.values().try_fold(Balances::default(), |sum, balances| sum.plus(balances)).map_err(too_large)?;
    let whole = budgets::approved_of(db, year)?;
    let appropriation = Rupiah::sum(whole.iter().flat_map(|whole| Pot::ALL.iter().map(|pot| whole.appropriation(*pot)))).map_err(too_large)?;
    let given = whole.iter().flat_map(|whole| Pot::ALL.iter().flat_map(|pot| whole.given(*pot, now)));
    let revisions = Rupiah::sum(given.filter(|given| given.effective_on <= on).map(|given| given.amount)).map_err(too_large)?;
    let measures = Measures::of(&balances, appropriation, revisions).map_err(too_large)?;
    values.push(("budget_ceiling", measures.ceiling.0));
    values.push(("budget_used", measures.used.0));
    if measures.ceiling > Rupiah::ZERO {
        // Wide enough for any sum of rupiah times a thousand.
        let per_mille = i128::from(measures.used.0) * 1_000 / i128::from(measures.ceiling.0);
        values.push(("budget_used_per_mille", i64::try_from(per_mille).unwrap_or(i64::MAX)));
    }
    Ok(())
}

fn too_large(_: TooLarge) -> Error {
    Error::internal("a sum of the budget is too large")
}
