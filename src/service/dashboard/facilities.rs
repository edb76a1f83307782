//! Each facility in one row.

use std::collections::{BTreeMap, BTreeSet};

use super::Told;
use super::turnaround::{median_to_pay, per_mille};
use crate::domain::claim_figures::Step;
use crate::domain::figures::{Item, MeasureUnit, Scope, item, totals};
use crate::domain::id::Id;
use crate::error::Result;
use crate::store::check_sums::{self, SumKind};
use crate::store::db::Db;
use crate::store::{claim_steps, claim_sums};

pub const MEASURES: &[(&str, MeasureUnit)] = &[
    ("checks", MeasureUnit::Count),
    ("visits", MeasureUnit::Count),
    ("claims", MeasureUnit::Count),
    ("claimed", MeasureUnit::Rupiah),
    ("approved", MeasureUnit::Rupiah),
    ("paid", MeasureUnit::Rupiah),
    ("approved_unpaid", MeasureUnit::Rupiah),
    ("median_days_to_pay", MeasureUnit::Days),
    ("first_pass_per_mille", MeasureUnit::PerMille),
];

pub fn tell(db: &mut Db, scope: &Scope) -> Result<Told> {
    let checks: BTreeMap<Id, i64> = check_sums::by_facility(db, scope, SumKind::Decision)?.into_iter().collect();
    let visits: BTreeMap<Id, i64> = check_sums::by_facility(db, scope, SumKind::Visit)?.into_iter().collect();
    let claims = claim_sums::with_unpaid_by_facility(db, scope)?;
    let (steps, firsts) = claim_steps::by_facility(db, scope, &[Step::Pay])?;
    let keys: BTreeSet<Id> = checks.keys().chain(visits.keys()).chain(claims.keys()).chain(firsts.keys()).copied().collect();
    let keys = keys.into_iter().chain(steps.keys().map(|(facility, _)| *facility)).collect::<BTreeSet<Id>>();
    let counted: Vec<Item> = keys
        .iter()
        .map(|facility| {
            let (of, unpaid) = claims.get(facility).copied().unwrap_or_default();
            let count = |counts: &BTreeMap<Id, i64>| counts.get(facility).copied().unwrap_or_default();
            let sums = [
                ("checks", count(&checks)),
                ("visits", count(&visits)),
                ("claims", of.claims),
                ("claimed", of.claimed),
                ("approved", of.approved),
                ("paid", of.paid),
                ("approved_unpaid", unpaid),
            ];
            item(facility.to_string(), sums)
        })
        .collect();
    let totals = totals(&counted);
    let with_rates = |(facility, mut row): (&Id, Item)| {
        let firsts = firsts.get(facility).copied().unwrap_or_default();
        row.values.insert("median_days_to_pay".to_owned(), median_to_pay(&steps, *facility));
        row.values.insert("first_pass_per_mille".to_owned(), per_mille(firsts.first_pass, firsts.decided));
        row
    };
    Ok(Told { measures: MEASURES, items: keys.iter().zip(counted).map(with_rates).collect(), totals })
}
