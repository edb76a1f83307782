//! Who belongs to which household from when: the steps that corrections, moves and household events share.

use chrono::NaiveDate;

use super::registrations;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::registration::Relation;
use crate::error::Result;
use crate::store;
use crate::store::db::Tx;
use crate::store::households::{Household, Membership};
use crate::store::participants::Participant;
use crate::store::sealed::HouseholdCell;

/// The household that this KK number finds, or a new one where the person lives.
pub(super) fn household_of(tx: &mut Tx, context: &Context, kk_number: &KkNumber, participant: &Participant, if_new: Id) -> Result<Id> {
    let kk = tx.keyring().kk_index(kk_number)?;
    if store::households::take_kks(tx, &[(kk, if_new)])? == 0 {
        return store::households::of_kks(tx, &[kk.value])?.get(&kk.value).copied().ok_or_else(registrations::overtaken);
    }
    let cell =
        HouseholdCell { kk_number: kk_number.digits().to_owned(), address: participant.contact.address.clone(), former_kk_numbers: Vec::new() };
    store::households::insert_all(tx, &[Household { id: if_new, version: 1, village_code: participant.village_code, cell }], context.now)?;
    Ok(if_new)
}

/// From this day on, someone belongs to another household, or in another relation: the memberships to write, and the one that this ends. It ends the
/// day before; one that would have ended before it began is written over.
pub(super) fn after_change(
    current: Option<Membership>,
    participant: Id,
    to: (Id, Relation),
    from: NaiveDate,
    new_id: Id,
) -> (Vec<Membership>, Option<Id>) {
    let (household_id, relation) = to;
    let fresh = Membership { id: new_id, household_id, participant_id: participant, relation, valid_from: from, valid_to: None };
    match current {
        Some(current) if (current.household_id, current.relation) == to => (Vec::new(), None),
        Some(current) if current.valid_from >= from => (vec![Membership { household_id, relation, ..current }], None),
        Some(current) => (vec![Membership { valid_to: from.pred_opt(), ..current }, fresh], Some(current.id)),
        None => (vec![fresh], None),
    }
}

/// Writes such a change. Returns the membership that was ended.
pub(super) fn change_membership(
    tx: &mut Tx,
    current: Option<Membership>,
    participant: Id,
    to: (Id, Relation),
    from: NaiveDate,
    new_id: Id,
) -> Result<Option<Id>> {
    let (memberships, ended) = after_change(current, participant, to, from, new_id);
    store::households::put_memberships(tx, &memberships)?;
    Ok(ended)
}
