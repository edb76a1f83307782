//! What happened to a facility's claims, letters, reviews and payments, for programs that follow it.

use std::collections::BTreeSet;

use chrono::Duration;

use super::App;
use crate::context::Context;
use crate::domain::changes::{Change, ChangeKind, oldest_first};
use crate::domain::id::Id;
use crate::domain::roles::{Caller, Role};
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::changes::Row;
use crate::store::claims::Claim;
use crate::store::db::{Db, write_quietly};
use crate::store::gate::Priority;
use crate::store::letters::Letter;

/// They are kept for so long.
pub const KEPT: Duration = Duration::days(90);

/// How far somebody has read: in each stripe of the log the place of the last change.
pub type Read = Vec<(i32, i64)>;

/// The next changes, the oldest first, and how far they reach. A facility follows its own; finance and admins all.
pub fn after(db: &mut Db, context: &Context, caller: &Caller, mut read: Read, limit: i64) -> Result<(Vec<Row>, Read)> {
    let own = match caller.role {
        Role::Admin | Role::Finance | Role::Auditor => None,
        Role::Hospital | Role::Clinic | Role::Registrar | Role::Verifier | Role::Manager | Role::Dpo => {
            Some(caller.facility_id.ok_or_else(|| Error::refused(Code::FacilityRequired))?)
        }
    };
    let stripes = store::changes::after(db, own, (&read, context.now.minus(KEPT)), limit)?;
    let page = oldest_first(stripes, |row| row.changed_at, usize::try_from(limit).unwrap_or_default());
    for row in &page {
        match read.iter_mut().find(|(stripe, _)| *stripe == row.stripe) {
            Some((_, place)) => *place = row.place,
            None => read.push((row.stripe, row.place)),
        }
    }
    Ok((page, read))
}

/// Deletes a slice of what is too old, and says whether there may be more.
pub fn forget_old(app: &App, db: &mut Db) -> Result<bool> {
    const SLICE: i64 = 200;
    let than = app.surroundings.now().minus(KEPT);
    let forgotten = write_quietly(db, Priority::Bulk, "what was told for ninety days still stands in the log", |tx| {
        store::changes::forget_older(tx, than, SLICE)
    })?;
    Ok(i64::try_from(forgotten).is_ok_and(|forgotten| forgotten == SLICE))
}

pub(super) fn of_claim(claim: &Claim, action: impl std::fmt::Display) -> [Change; 1] {
    [Change {
        facility_id: Some(claim.facility_id),
        kind: ChangeKind::Claim,
        object_id: claim.id,
        number: Some(claim.number.clone()),
        action: action.to_string(),
        state: claim.state.to_string(),
    }]
}

pub(super) fn of_letter(letter: &Letter, action: impl std::fmt::Display) -> [Change; 1] {
    [Change {
        facility_id: Some(letter.facility_id),
        kind: ChangeKind::Letter,
        object_id: letter.id,
        number: Some(letter.number.clone()),
        action: action.to_string(),
        state: letter.state.to_string(),
    }]
}

pub(super) fn of_review(review: &store::eligibility_reviews::Review, action: &str) -> [Change; 1] {
    [Change {
        facility_id: Some(review.facility_id),
        kind: ChangeKind::Review,
        object_id: review.id,
        number: None,
        action: action.to_owned(),
        state: review.state.to_string(),
    }]
}

/// To the city, or to each of these facilities. An order that is not paid yet is nothing that a hospital may read.
pub(super) fn of_payment(batch: &store::payments::Batch, action: &str, facilities: Option<&BTreeSet<Id>>) -> Vec<Change> {
    let told: Vec<Option<Id>> = facilities.map_or_else(|| vec![None], |facilities| facilities.iter().copied().map(Some).collect());
    let change = |facility_id| Change {
        facility_id,
        kind: ChangeKind::Payment,
        object_id: batch.id,
        number: Some(batch.number.clone()),
        action: action.to_owned(),
        state: batch.state.to_string(),
    };
    told.into_iter().map(change).collect()
}
