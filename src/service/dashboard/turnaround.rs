//! Days until claims were complete, decided and paid: exact, from how often each number of days occurred.

use std::collections::{BTreeMap, BTreeSet};

use super::Told;
use crate::domain::claim_figures::{Histogram, Step};
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, Values};
use crate::domain::id::Id;
use crate::error::Result;
use crate::store::claim_steps::{self, Firsts, Histograms};
use crate::store::db::Db;

const OF_STEPS: &[(&str, MeasureUnit)] = &[
    ("claims", MeasureUnit::Count),
    ("median_days", MeasureUnit::Days),
    ("p90_days", MeasureUnit::Days),
    // Of all together, in the totals.
    ("decided", MeasureUnit::Count),
    ("first_pass", MeasureUnit::Count),
    ("first_pass_per_mille", MeasureUnit::PerMille),
];

const OF_OTHERS: &[(&str, MeasureUnit)] = &[
    ("completed_claims", MeasureUnit::Count),
    ("complete_median_days", MeasureUnit::Days),
    ("complete_p90_days", MeasureUnit::Days),
    ("verified_claims", MeasureUnit::Count),
    ("verify_median_days", MeasureUnit::Days),
    ("verify_p90_days", MeasureUnit::Days),
    ("paid_claims", MeasureUnit::Count),
    ("pay_median_days", MeasureUnit::Days),
    ("pay_p90_days", MeasureUnit::Days),
    ("decided", MeasureUnit::Count),
    ("first_pass", MeasureUnit::Count),
    ("first_pass_per_mille", MeasureUnit::PerMille),
];

/// Of both ways of telling.
pub const ALL: &[(&str, MeasureUnit)] = &[
    ("claims", MeasureUnit::Count),
    ("median_days", MeasureUnit::Days),
    ("p90_days", MeasureUnit::Days),
    ("decided", MeasureUnit::Count),
    ("first_pass", MeasureUnit::Count),
    ("first_pass_per_mille", MeasureUnit::PerMille),
    ("completed_claims", MeasureUnit::Count),
    ("complete_median_days", MeasureUnit::Days),
    ("complete_p90_days", MeasureUnit::Days),
    ("verified_claims", MeasureUnit::Count),
    ("verify_median_days", MeasureUnit::Days),
    ("verify_p90_days", MeasureUnit::Days),
    ("paid_claims", MeasureUnit::Count),
    ("pay_median_days", MeasureUnit::Days),
    ("pay_p90_days", MeasureUnit::Days),
];

/// The names of a step's measures where a cell tells of all three.
const fn names(step: Step) -> [&'static str; 3] {
    match step {
        Step::Complete => ["completed_claims", "complete_median_days", "complete_p90_days"],
        Step::Verify => ["verified_claims", "verify_median_days", "verify_p90_days"],
        Step::Pay => ["paid_claims", "pay_median_days", "pay_p90_days"],
    }
}

pub fn tell(db: &mut Db, scope: &Scope) -> Result<Told> {
    let (steps, firsts) = match scope.by {
        Breakdown::Facility => keyed(claim_steps::by_facility(db, scope, Step::ALL)?, |key| key.to_string()),
        Breakdown::Month => keyed(claim_steps::by_month(db, scope)?, |key| super::month_key(*key)),
        // All care is added up below where it is told by step.
        _ => keyed(claim_steps::by_care_type(db, scope)?, |key| key.to_string()),
    };
    let mut all = Firsts::default();
    firsts.values().for_each(|of| all += *of);
    let totals = first_values(&all);
    if scope.by == Breakdown::Step {
        return Ok(Told { measures: OF_STEPS, items: by_step(&steps), totals });
    }
    let keys: BTreeSet<&String> = steps.keys().map(|(key, _)| key).chain(firsts.keys()).collect();
    let none = Histogram::default();
    let items = keys.into_iter().map(|key| {
        let mut values = first_values(&firsts.get(key).copied().unwrap_or_default());
        for step in Step::ALL {
            let told = days(steps.get(&(key.clone(), *step)).unwrap_or(&none));
            values.extend(names(*step).into_iter().map(str::to_owned).zip(told));
        }
        Item { key: key.clone(), values, ..Item::default() }
    });
    Ok(Told { measures: OF_OTHERS, items: items.collect(), totals })
}

fn keyed<K: Ord>(
    (steps, firsts): (Histograms<K>, BTreeMap<K, Firsts>),
    key: impl Fn(&K) -> String,
) -> (Histograms<String>, BTreeMap<String, Firsts>) {
    let steps = steps.into_iter().map(|((of, step), histogram)| ((key(&of), step), histogram)).collect();
    (steps, firsts.into_iter().map(|(of, firsts)| (key(&of), firsts)).collect())
}

fn by_step(cells: &Histograms<String>) -> Vec<Item> {
    let mut steps: BTreeMap<Step, Histogram> = BTreeMap::new();
    for ((_, step), histogram) in cells {
        steps.entry(*step).or_default().add_all(histogram);
    }
    let names = ["claims", "median_days", "p90_days"];
    let cell = |(step, histogram): (&Step, &Histogram)| Item {
        key: step.to_string(),
        values: names.into_iter().map(str::to_owned).zip(days(histogram)).collect(),
        ..Item::default()
    };
    steps.iter().map(cell).collect()
}

/// How many claims, and within how many days half and nine in ten of them were through.
fn days(histogram: &Histogram) -> [Option<i64>; 3] {
    [Some(histogram.claims()), histogram.within(50), histogram.within(90)]
}

/// The days within which half of a facility's claims were paid.
pub(super) fn median_to_pay(steps: &Histograms<Id>, facility: Id) -> Option<i64> {
    steps.get(&(facility, Step::Pay)).and_then(|histogram| histogram.within(50))
}

pub(super) fn per_mille(part: i64, of: i64) -> Option<i64> {
    (part * 1000).checked_div(of)
}

fn first_values(of: &Firsts) -> Values {
    let values = [("decided", Some(of.decided)), ("first_pass", Some(of.first_pass)), ("first_pass_per_mille", per_mille(of.first_pass, of.decided))];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
