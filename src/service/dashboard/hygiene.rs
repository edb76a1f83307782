//! How clean the registry is: signals, differences from the population office's file, and cases, each with what became of them.

use std::collections::BTreeMap;

use chrono::FixedOffset;

use super::Told;
use crate::domain::figures::{Breakdown, Item, MeasureUnit, Scope, item, totals};
use crate::domain::participants::{CaseOutcome, CaseState, ParticipantState};
use crate::domain::population::FindingState;
use crate::domain::signals::SignalState;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::store::db::Db;
use crate::store::hygiene::{self, Noticed};

const COUNT: &str = "count";
const OPEN: &str = "open";
const DECIDED: &str = "decided";
const UPHELD: &str = "upheld";
pub const MEASURES: &[(&str, MeasureUnit)] =
    &[(COUNT, MeasureUnit::Count), (OPEN, MeasureUnit::Count), (DECIDED, MeasureUnit::Count), (UPHELD, MeasureUnit::Count)];

/// What became of something that was noticed.
#[derive(Clone, Copy)]
enum Fate {
    Open,
    /// Somebody looked and found that there was something to it.
    Upheld,
    Dismissed,
    /// It went away by itself.
    Gone,
}

#[derive(Default)]
struct Tally {
    count: i64,
    open: i64,
    decided: i64,
    upheld: i64,
}

impl Tally {
    fn add(&mut self, fate: Fate, counted: i64) {
        self.count += counted;
        match fate {
            Fate::Open => self.open += counted,
            Fate::Upheld => {
                self.decided += counted;
                self.upheld += counted;
            }
            Fate::Dismissed => self.decided += counted,
            Fate::Gone => {}
        }
    }
}

pub fn tell(db: &mut Db, offset: FixedOffset, scope: &Scope) -> Result<Told> {
    let before = scope.from.pred_opt().and_then(|day| UtcTime::end_of_date(day, offset));
    let items = match before.zip(UtcTime::end_of_date(scope.to, offset)) {
        Some((after, until)) => items(db, scope.by, Noticed { after, until })?,
        // Before the calendar begins nothing was noticed.
        None => Vec::new(),
    };
    Ok(Told { measures: MEASURES, totals: totals(&items), items })
}

fn items(db: &mut Db, by: Breakdown, noticed: Noticed) -> Result<Vec<Item>> {
    let fates: Vec<(&str, Fate, i64)> = match by {
        Breakdown::Finding => {
            let fate = |state| match state {
                FindingState::Open => Fate::Open,
                FindingState::Applied => Fate::Upheld,
                FindingState::Dismissed => Fate::Dismissed,
                FindingState::Resolved => Fate::Gone,
            };
            hygiene::findings(db, noticed)?.into_iter().map(|(category, state, counted)| (category.as_str(), fate(state), counted)).collect()
        }
        Breakdown::Case => cases(db, noticed)?,
        _ => {
            let fate = |state| match state {
                SignalState::Open => Fate::Open,
                SignalState::Confirmed => Fate::Upheld,
                SignalState::Cleared => Fate::Dismissed,
            };
            hygiene::signals(db, noticed)?.into_iter().map(|(kind, state, counted)| (kind.as_str(), fate(state), counted)).collect()
        }
    };
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (key, fate, counted) in fates {
        tallies.entry(key).or_default().add(fate, counted);
    }
    let cell = |(key, tally): (&str, Tally)| item(key, [(COUNT, tally.count), (OPEN, tally.open), (DECIDED, tally.decided), (UPHELD, tally.upheld)]);
    Ok(tallies.into_iter().map(cell).collect())
}

/// One NIK with two people, people without a NIK, and records that were one person's.
fn cases(db: &mut Db, noticed: Noticed) -> Result<Vec<(&'static str, Fate, i64)>> {
    let mut fates = Vec::new();
    for (state, outcome, counted) in hygiene::registry_cases(db, noticed)? {
        let fate = match (state, outcome) {
            (CaseState::Open, _) => Fate::Open,
            (CaseState::Closed, Some(CaseOutcome::NewNik | CaseOutcome::SamePerson)) => Fate::Upheld,
            (CaseState::Closed, Some(CaseOutcome::NoConflict) | None) => Fate::Dismissed,
        };
        fates.push(("registry_case", fate, counted));
    }
    for (state, counted) in hygiene::temporary_identities(db, noticed)? {
        // Whoever has a NIK by now is known.
        let fate = if state == ParticipantState::Temporary { Fate::Open } else { Fate::Gone };
        fates.push(("temporary_identity", fate, counted));
    }
    match hygiene::merged(db, noticed)? {
        0 => {}
        merged => fates.push(("merged_duplicate", Fate::Upheld, merged)),
    }
    Ok(fates)
}
