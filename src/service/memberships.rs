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
use crate::store::sealed::{HouseholdCell, LeftMembership};

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

/// From this day on, someone belongs to a household until the next change that is known: what a move of any date changes. The membership of that day
/// ends the day before; one that began on the same day is written over, and is returned as it was.
pub(super) fn enter_from(tx: &mut Tx, participant: Id, household_id: Id, from: NaiveDate, new_id: Id) -> Result<Option<Membership>> {
    let known = store::households::memberships_of(tx, participant)?;
    let holds = known.iter().find(|one| one.valid_from <= from && one.valid_to.is_none_or(|to| from <= to)).copied();
    let relation = holds.map_or(Relation::Other, |holds| holds.relation);
    let fresh = |valid_to| Membership { id: new_id, household_id, participant_id: participant, relation, valid_from: from, valid_to };
    let (written, over) = match holds {
        Some(holds) if holds.household_id == household_id => (Vec::new(), None),
        Some(holds) if holds.valid_from == from => (vec![Membership { household_id, ..holds }], Some(holds)),
        Some(holds) => (vec![Membership { valid_to: from.pred_opt(), ..holds }, fresh(holds.valid_to)], None),
        None => {
            let next = known.iter().map(|one| one.valid_from).filter(|begins| *begins > from).min();
            (vec![fresh(next.and_then(|next| next.pred_opt()))], None)
        }
    };
    store::households::put_memberships(tx, &written)?;
    Ok(over)
}

/// Takes such a change back: the membership before goes on until where the one that was entered ends now; one that was written over is as it was, unless
/// something else has been written over it since.
pub(super) fn leave_again(tx: &mut Tx, participant: Id, (entered, household): (Id, Option<Id>), over: Option<LeftMembership>) -> Result<()> {
    let known = store::households::memberships_of(tx, participant)?;
    if let Some(over) = over {
        let changed = known.into_iter().find(|one| one.id == over.id && Some(one.household_id) == household);
        let back = changed.map(|one| Membership { household_id: over.household_id, relation: over.relation, ..one });
        return store::households::put_memberships(tx, &back.into_iter().collect::<Vec<_>>());
    }
    let Some(gone) = known.iter().find(|one| one.id == entered) else { return Ok(()) };
    store::households::delete_membership(tx, gone.id)?;
    let before = known.iter().find(|one| one.valid_to.is_some() && one.valid_to == gone.valid_from.pred_opt());
    let goes_on = before.map(|before| Membership { valid_to: gone.valid_to, ..*before });
    store::households::put_memberships(tx, &goes_on.into_iter().collect::<Vec<_>>())
}
