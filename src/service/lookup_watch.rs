//! Look-ups without a visit: somebody who only wants to know who is covered looks many up, and none of them is then treated or enrolled. It follows the
//! audit log, which tells of both.

use std::collections::BTreeMap;

use super::App;
use super::signal_scan::settled_before;
use super::signals::{Found, raise};
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::signals::Evidence;
use crate::error::Result;
use crate::store::db::{Db, Tx, write_quietly};
use crate::store::gate::Priority;
use crate::store::signal_scans::{self as scans, Scan};
use crate::store::signals::SUBJECTS;
use crate::store::unattended_lookups::{self as lookups, Lookup};

const LOOKED_UP: &str = "participant.looked_up";
/// What is done for somebody who stands before one, beside the look-up itself.
const KINDS: [&str; 21] = [
    LOOKED_UP,
    "check.recorded",
    "enrollment.filed",
    "enrollment.decided",
    "participant.registered",
    "participant.corrected",
    "participant.event_recorded",
    "participant.event_revoked",
    "participant.jkn_recorded",
    "participant.nik_given",
    "household.registered",
    "newborn.registered",
    "temporary_identity.made",
    "registry_case.opened",
    "household.split",
    "household.renumbered",
    "household.merged",
    "household.head_changed",
    "card.issued",
    "card.recorded",
    "referral.issued",
];
/// Events a transaction.
const PAGE: i64 = 1_000;
/// How long it may take until somebody who was looked up is attended to.
const VISIT_WITHIN_HOURS: i64 = 24;
const QUIET: &str = "it only follows the audit log; what it finds is told";

/// Follows the log by one page; false when it has come to its end and has judged.
pub fn step(app: &App, db: &mut Db, context: &Context) -> Result<bool> {
    let before = settled_before(context.now);
    let more = write_quietly(db, Priority::Bulk, QUIET, |tx| follow(tx, before))?;
    if !more {
        write_quietly(db, Priority::Bulk, QUIET, |tx| judge(app, tx, context))?;
    }
    Ok(more)
}

fn follow(tx: &mut Tx, before: Id) -> Result<bool> {
    let seen = scans::lock(tx, Scan::Lookups)?;
    let events = lookups::events(tx, &KINDS, seen, before, PAGE)?;
    let mut waiting: BTreeMap<(Id, Id), Lookup> = BTreeMap::new();
    for event in &events {
        if event.kind == LOOKED_UP {
            let Some(account_id) = event.user_id else { continue };
            for participant_id in event.subjects.iter().copied() {
                let lookup = Lookup { account_id, participant_id, facility_id: event.facility_id, looked_up_at: event.at };
                // The visit is due since the first: asking again each day puts nothing off.
                waiting.entry((account_id, participant_id)).or_insert(lookup);
            }
        } else {
            waiting.retain(|(account, person), lookup| {
                let same = event.user_id == Some(*account) || (event.facility_id.is_some() && event.facility_id == lookup.facility_id);
                !(same && event.subjects.contains(person))
            });
            lookups::attended(tx, &event.subjects, event.user_id, event.facility_id)?;
        }
    }
    lookups::put_all(tx, &waiting.into_values().collect::<Vec<_>>())?;
    let whole = i64::try_from(events.len()).unwrap_or_default() == PAGE;
    if let Some(last) = events.last() {
        scans::advance(tx, Scan::Lookups, last.id)?;
    }
    Ok(whole)
}

fn judge(app: &App, tx: &mut Tx, context: &Context) -> Result<()> {
    let settings = &app.settings.signals;
    let (window_days, threshold) = (settings.lookups_days, settings.lookups_without_visit);
    lookups::forget_before(tx, context.now.minus(chrono::Duration::days(window_days)))?;
    let due = context.now.minus(chrono::Duration::hours(VISIT_WITHIN_HOURS));
    for (account_id, people) in lookups::by_account(tx, due)?.into_iter().filter(|(_, people)| *people >= threshold) {
        let latest = lookups::of_account(tx, account_id, due, SUBJECTS as i64)?;
        let facility = latest.iter().find_map(|(_, facility)| *facility);
        let evidence = Evidence::LookupsWithoutVisit { account_id, people, threshold, window_days, until: app.city.today(context.now) };
        let subjects = latest.into_iter().map(|(person, _)| person).collect();
        raise(tx, context, Found { evidence, about: vec![account_id], subjects, facility })?;
    }
    Ok(())
}
