//! Two records of one person. The one that goes keeps its rows, but its numbers, cards and children find the one that stays; an un-merge gives all of it
//! back. Which record is merged into which follows from the events that stand, as do the stays; so whatever is recorded and revoked, it is well defined.

use chrono::NaiveDate;
use serde_json::json;

use super::profiles::{standing, standing_merge};
use crate::context::Context;
use crate::domain::enrollments::{EnrollmentAction, EnrollmentStanding, EnrollmentState};
use crate::domain::id::Id;
use crate::domain::merges::MergeObstacle;
use crate::domain::nik::Nik;
use crate::error::{Code, Error, Fault, Result, StorageFault};
use crate::store;
use crate::store::db::{Db, Tx};
use crate::store::enrollment_requests as requests;
use crate::store::enrollment_steps::{self as steps, Step};
use crate::store::enrollments_set_aside::{self as set_aside, SetAside};
use crate::store::households::Membership;
use crate::store::merges::Merge;
use crate::store::participant_events::Event;
use crate::store::participants::Participant;
use crate::store::reading::Reading;
use crate::store::sealed::{LeftMembership, MergeCell};

/// When and in whose name records are merged and un-merged.
pub(super) struct Clerk<'a> {
    pub context: &'a Context,
    pub today: NaiveDate,
}

/// Holds these people, and with whoever is merged the whole way up to who is found: of two who change one person's records one waits.
pub(super) fn lock_with_way_up(tx: &mut Tx, people: &[Id]) -> Result<()> {
    let ways = |tx: &mut Tx| -> Result<Vec<Id>> {
        let mut held = people.to_vec();
        for person in people {
            held.extend(store::merges::way_up(tx, *person)?);
        }
        held.sort_unstable();
        held.dedup();
        Ok(held)
    };
    let held = ways(tx)?;
    store::participants::lock_all(tx, &held)?;
    if ways(tx)? == held { Ok(()) } else { Err(Error::Storage(StorageFault::Conflict("a merge came between".into()))) }
}

/// What is told to a record that is merged is told of the one that is found in its place.
pub(super) fn refuse_merged(db: &mut Db, participant: Id) -> Result<()> {
    match store::merges::way_up(db, participant)?.last() {
        Some(stays) => Err(Error::conflict(Code::StateConflict, json!({ "participant_id": stays }))),
        None => Ok(()),
    }
}

/// Why a record cannot be merged into another.
pub(super) fn obstacles(db: &mut Db, gone: &Participant, stays: &Participant) -> Result<Vec<MergeObstacle>> {
    let found = [
        (gone.id == stays.id, MergeObstacle::SameRecord),
        (store::merges::find(db, gone.id)?.is_some(), MergeObstacle::AlreadyMerged),
        (store::merges::find(db, stays.id)?.is_some(), MergeObstacle::TargetIsMerged),
        // Its number would find somebody without one.
        (stays.identity.nik.is_empty() && !gone.identity.nik.is_empty(), MergeObstacle::TargetHasNoNik),
    ];
    Ok(found.into_iter().filter_map(|(holds, obstacle)| holds.then_some(obstacle)).collect())
}

/// Makes the merge that a person's events tell of the one that holds. Returns whose records were touched beside the person's own.
pub(super) fn settle(tx: &mut Tx, clerk: &Clerk<'_>, reading: &mut Reading, participant: &Participant, events: &[Event]) -> Result<Vec<Id>> {
    let merged = standing(participant, events, clerk.today).merged.is_some();
    let wanted = if merged { standing_merge(events, clerk.today) } else { None };
    let wanted = wanted.and_then(|merge| Some((merge.cell.to_participant_id?, merge.happened_on)));
    let held = store::merges::find(tx, participant.id)?;
    let mut touched = Vec::new();
    if held.as_ref().map(|held| held.into_id) == wanted.map(|(into, _)| into) {
        return Ok(touched);
    }
    if let Some(held) = held {
        touched.extend(store::merges::way_up(tx, participant.id)?);
        unmerge(tx, clerk, reading, &held)?;
    }
    if let Some((into, since)) = wanted {
        merge(tx, clerk, participant.id, (into, since))?;
        touched.push(into);
        touched.extend(store::merges::way_up(tx, into)?);
    }
    Ok(touched)
}

/// Refuses a merge that is told, where something is in the way of it.
pub(super) fn require_target(tx: &mut Tx, reading: &mut Reading, gone: &Participant, into: Option<Id>) -> Result<()> {
    let no_target = || Error::from(Fault::at("/to_participant_id", "MERGE_TARGET"));
    let into = into.ok_or_else(no_target)?;
    let stays = store::participants::find(tx, reading, into)?.ok_or_else(no_target)?;
    if obstacles(tx, gone, &stays)?.is_empty() { Ok(()) } else { Err(no_target()) }
}

/// Where an un-merge is taken back, the other record may have been merged itself since; but not into this one.
fn merge(tx: &mut Tx, clerk: &Clerk<'_>, gone: Id, (into, since): (Id, NaiveDate)) -> Result<()> {
    let stays = store::merges::way_up(tx, into)?.pop().unwrap_or(into);
    if stays == gone {
        return Err(Error::refused(Code::StateConflict));
    }
    let found_by = store::participants::niks_of(tx, gone)?;
    store::participants::hand_over_niks(tx, &found_by, stays)?;
    let left = leave_household(tx, gone, since)?;
    keep_one_enrollment(tx, clerk, gone, stays)?;
    store::merges::insert(tx, &Merge { participant_id: gone, into_id: into, merged_at: clerk.context.now, cell: MergeCell { left } })
}

/// A record and those that were merged into it go on by themselves.
fn unmerge(tx: &mut Tx, clerk: &Clerk<'_>, reading: &mut Reading, held: &Merge) -> Result<()> {
    let back = held.participant_id;
    let stays = store::merges::way_up(tx, back)?.pop().unwrap_or(held.into_id);
    store::merges::delete(tx, back)?;
    let own = store::merges::with_merged(tx, back)?;
    let mut niks = Vec::new();
    for record in &own {
        if let Some(record) = store::participants::find(tx, reading, *record)? {
            niks.extend(own_niks(tx, &record)?);
        }
    }
    store::participants::hand_over_niks(tx, &niks, back)?;
    return_to_household(tx, back, held.cell.left)?;
    give_back_enrollment(tx, clerk, &own)?;
    // The one that was found may have had its place from the record that goes.
    let others = store::merges::with_merged(tx, stays)?;
    give_back_enrollment(tx, clerk, &others)
}

fn own_niks(tx: &Tx, participant: &Participant) -> Result<Vec<Id>> {
    let keyring = tx.keyring();
    let digits = std::iter::once(&participant.identity.nik).chain(&participant.identity.former_niks);
    digits.filter_map(|digits| Nik::parse(digits).ok()).map(|nik| Ok(keyring.nik_index(&nik)?.value)).collect()
}

/// A person is on one family card: the record that goes leaves its own on the day before.
fn leave_household(tx: &mut Tx, gone: Id, since: NaiveDate) -> Result<Option<LeftMembership>> {
    let Some(open) = store::households::open_memberships(tx, &[gone])?.pop() else { return Ok(None) };
    if open.valid_from >= since {
        store::households::delete_membership(tx, open.id)?;
    } else {
        store::households::put_memberships(tx, &[Membership { valid_to: since.pred_opt(), ..open }])?;
    }
    Ok(Some(open.into()))
}

fn return_to_household(tx: &mut Tx, back: Id, left: Option<LeftMembership>) -> Result<()> {
    let Some(LeftMembership { id, household_id, relation, from }) = left else { return Ok(()) };
    let membership = Membership { id, household_id, participant_id: back, relation, valid_from: from, valid_to: None };
    store::households::put_memberships(tx, &[membership])
}

/// One live enrolment a person: the weightier one; of two alike that of the record that stays itself, else the older, so that merging the same records in
/// another order, or once more, keeps the same.
fn keep_one_enrollment(tx: &mut Tx, clerk: &Clerk<'_>, gone: Id, into: Id) -> Result<()> {
    let Clerk { context, today } = *clerk;
    let (own, kept) = (store::merges::with_merged(tx, gone)?, store::merges::with_merged(tx, into)?);
    let (Some(moves), Some(stays)) = (requests::live_of(tx, &own)?, requests::live_of(tx, &kept)?) else { return Ok(()) };
    let goes = stays.state.outweighs(moves.state) || !moves.state.outweighs(stays.state) && (stays.participant_id == into || stays.id < moves.id);
    let lighter = if goes { moves } else { stays };
    let Some(mut live) = requests::lock(tx, lighter.id)? else { return Ok(()) };
    let (standing, action) = (live.standing(), EnrollmentAction::Expire);
    let Some(expired) = standing.after(action, today) else { return Ok(()) };
    let row = SetAside { enrollment_id: live.id, state: standing.state, ended_on: standing.ended_on, due_at: live.due_at, set_aside_at: context.now };
    set_aside::insert(tx, &row)?;
    requests::stand(tx, &mut live, expired, None, context.now)?;
    let step = Step::new(context, live.id, action, expired.state).because(tx, Some(&format!("merged into {into}")))?;
    steps::insert_all(tx, &[step])
}

/// Of the enrolments of these records that a merge made expire, the latest counts again, unless another one does.
fn give_back_enrollment(tx: &mut Tx, clerk: &Clerk<'_>, records: &[Id]) -> Result<()> {
    let now = clerk.context.now;
    for row in set_aside::of(tx, records)? {
        if requests::live_of(tx, records)?.is_some() {
            return Ok(());
        }
        set_aside::delete(tx, row.enrollment_id)?;
        let Some(mut request) = requests::lock(tx, row.enrollment_id)?.filter(|request| request.state == EnrollmentState::Expired) else { continue };
        let standing = EnrollmentStanding { state: row.state, ended_on: row.ended_on, ..request.standing() };
        requests::stand(tx, &mut request, standing, row.due_at, now)?;
        let step = Step::new(clerk.context, row.enrollment_id, EnrollmentAction::Reinstate, row.state);
        steps::insert_all(tx, &[step.because(tx, Some("un-merged"))?])?;
    }
    Ok(())
}
