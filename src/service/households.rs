//! Households: a family registered in one go, and what happens to a household: it splits, gets another number, joins another, or gets another head.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::idempotency::Once;
use super::registrations::{self, Newcomer};
use super::verifications::newcomers as verifications;
use super::{App, memberships};
use crate::context::Context;
use crate::domain::households::{HouseholdEventKind, HouseholdWarning, Member, warnings};
use crate::domain::id::Id;
use crate::domain::kk::KkNumber;
use crate::domain::registration::{Registration, Relation};
use crate::error::{Code, Error, Fault, Result, StorageFault};
use crate::privacy::blind::BlindIndex;
use crate::store;
use crate::store::audit;
use crate::store::db::{Db, Tx};
use crate::store::gate::Priority;
use crate::store::households::{Household, Membership};
use crate::store::reading::{Reading, read};
use crate::store::sealed::{HouseholdCell, Identity};

/// A household with everyone who belongs or belonged to it.
pub struct Family {
    pub household: Household,
    pub members: Vec<(Membership, Identity)>,
    pub warnings: Vec<HouseholdWarning>,
}

/// What is told about an event.
#[derive(Clone)]
pub struct Told {
    pub kind: HouseholdEventKind,
    pub date: NaiveDate,
    pub new_kk_number: Option<KkNumber>,
    pub members: Option<Vec<(Id, Relation)>>,
    pub to_household_id: Option<Id>,
}

/// The household after an event, and the one that a split made or that it was merged into.
pub struct Changed {
    pub household: Family,
    pub other: Option<Family>,
}

/// Registers a family in one go: everyone, or nobody. All members carry the household's KK.
pub fn register(app: &App, db: &mut Db, context: &Context, members: &[Registration], once: &Once<'_, Family>) -> Result<Family> {
    let newcomers: Vec<Newcomer<'_>> = members.iter().map(|registration| Newcomer::new(context, registration)).collect();
    let newcomers: Vec<&Newcomer<'_>> = newcomers.iter().collect();
    if newcomers.is_empty() {
        return Err(Fault::at("/members", "TOO_FEW").with("limit", 1).into());
    }
    let said = verifications::ask_ahead(app, db, context, members.iter())?;
    once.write(db, Priority::People, |tx| {
        let keyring = tx.keyring();
        let niks = newcomers
            .iter()
            .map(|newcomer| Ok((keyring.nik_index(&newcomer.registration.nik)?, newcomer.participant)))
            .collect::<Result<Vec<_>>>()?;
        let known = store::participants::of_niks(tx, &niks.iter().map(|(nik, _)| nik.value).collect::<Vec<_>>())?;
        if !known.is_empty() {
            let at: Vec<String> =
                niks.iter().enumerate().filter(|(_, (nik, _))| known.contains_key(&nik.value)).map(|(at, _)| format!("/members/{at}/nik")).collect();
            return Err(Error::conflict(Code::NikAlreadyRegistered, serde_json::json!({ "pointers": at })));
        }
        let household = enter(tx, context, &newcomers, &niks)?;
        for (newcomer, said) in newcomers.iter().zip(&said) {
            verifications::keep_ahead(tx, context, newcomer.participant, said.as_ref())?;
        }
        let mut reading = Reading::within(tx);
        family(tx, &mut reading, household)
    })
}

/// Enters a family of whom nobody is known.
pub(super) fn enter(tx: &mut Tx, context: &Context, newcomers: &[&Newcomer<'_>], niks: &[(BlindIndex, Id)]) -> Result<Id> {
    let Some(first) = newcomers.first() else { return Err(Error::internal("a family of nobody")) };
    if store::participants::take_niks(tx, niks)? < niks.len() {
        return Err(registrations::overtaken());
    }
    let households = registrations::households_for(tx, newcomers, context.now)?;
    if !households.values().any(|household| *household == first.household_if_new) {
        return Err(Error::refused(Code::KkAlreadyRegistered));
    }
    registrations::enter(tx, newcomers, &households, context.now)?;
    let people = newcomers.iter().map(|newcomer| newcomer.participant);
    tx.record(audit::Event::new(context, "household.registered").object(first.household_if_new).about(people));
    Ok(first.household_if_new)
}

pub fn show(_: &App, db: &mut Db, context: &Context, id: Id) -> Result<Family> {
    read(db, audit::Event::new(context, "household.read").object(id), |db, reading| family(db, reading, id))
}

fn family(db: &mut Db, reading: &mut Reading, id: Id) -> Result<Family> {
    let household = store::households::find(db, reading, id)?.ok_or(Error::refused(Code::NotFound))?;
    let memberships = store::households::members(db, id)?;
    let keyring = db.keyring();
    let mut people: Vec<Id> = memberships.iter().map(|membership| membership.participant_id).collect();
    people.sort_unstable();
    people.dedup();
    let rows = store::participants::rows(db, &people)?;
    let identities: HashMap<Id, Identity> =
        rows.iter().map(|row| Ok((row.id, row.identity(&keyring, reading)?))).collect::<Result<HashMap<_, _>>>()?;
    let standing = memberships.iter().filter(|one| one.valid_to.is_none()).filter_map(|one| {
        let row = rows.iter().find(|row| row.id == one.participant_id)?;
        Some(Member { relation: one.relation, state: row.state, village_code: row.village_code })
    });
    let warnings = warnings(&standing.collect::<Vec<Member>>());
    let mut members: Vec<(Membership, Identity)> =
        memberships.into_iter().filter_map(|one| identities.get(&one.participant_id).map(|identity| (one, identity.clone()))).collect();
    // As a family card lists them: the head, the spouse, the children by age; those who have left come last.
    members.sort_by(|(one, who), (other, whom)| {
        let key = |one: &Membership, who: &Identity| (one.valid_to.is_some(), one.relation, who.birth_date, one.valid_from);
        key(one, who).cmp(&key(other, whom)).then_with(|| who.name.cmp(&whom.name))
    });
    Ok(Family { household, members, warnings })
}

/// Records what happened to a household and moves its members accordingly.
pub fn record(app: &App, db: &mut Db, context: &Context, id: Id, told: &Told, once: &Once<'_, Changed>) -> Result<Changed> {
    let faults = faults_of(told, app.city.today(context.now));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let new_household = context.new_id();
    once.write(db, Priority::People, |tx| {
        let mut reading = Reading::within(tx);
        // People before their households, as everywhere: nobody moves, dies or is merged meanwhile.
        let held: Vec<Id> = open_members(tx, id)?.iter().map(|one| one.participant_id).collect();
        store::participants::lock_all(tx, &held)?;
        let mut household = lock_both(tx, &reading, id, told.to_household_id)?;
        let current = open_members(tx, id)?;
        if current.iter().any(|one| !held.contains(&one.participant_id)) {
            return Err(Error::Storage(StorageFault::Conflict("somebody joined the household at the same moment".into())));
        }
        // Whom everybody has left, nothing happens to any more.
        if current.is_empty() {
            return Err(Error::refused(Code::StateConflict));
        }
        let wanted = wanted(told, &current)?;
        if current.iter().any(|one| one.valid_from > told.date) {
            return Err(Fault::at("/date", "DATE_BEFORE_MEMBERSHIP").into());
        }
        let mut other = None;
        match told.kind {
            HouseholdEventKind::Renumbered => {}
            HouseholdEventKind::HeadChanged => {
                for (one, relation) in &wanted {
                    memberships::change_membership(tx, Some(*one), one.participant_id, (id, *relation), told.date, context.new_id())?;
                }
            }
            HouseholdEventKind::Split => {
                if wanted.len() == current.len() {
                    return Err(Fault::at("/members", "SPLIT_TAKES_EVERYONE").into());
                }
                split(tx, context, told, &household, new_household)?;
                move_all(tx, context, told, &wanted, new_household)?;
                other = Some(new_household);
            }
            HouseholdEventKind::Merged => {
                let into = told.to_household_id.ok_or_else(|| Error::internal("a merge into no household"))?;
                merge(tx, context, &reading, &household, into)?;
                if open_members(tx, into)?.is_empty() {
                    return Err(Error::refused(Code::StateConflict));
                }
                move_all(tx, context, told, &wanted, into)?;
                other = Some(into);
            }
        }
        let renumbers = matches!(told.kind, HouseholdEventKind::Renumbered | HouseholdEventKind::HeadChanged);
        if let Some(kk_number) = told.new_kk_number.filter(|_| renumbers) {
            take_kk(tx, &kk_number, id)?;
            household.cell.former_kk_numbers.push(std::mem::replace(&mut household.cell.kk_number, kk_number.digits().to_owned()));
        }
        store::households::update(tx, &household, context.now)?;
        tx.record(event(context, id, told, other).about(current.iter().map(|one| one.participant_id)));
        let household = family(tx, &mut reading, id)?;
        let other = other.map(|other| family(tx, &mut reading, other)).transpose()?;
        Ok(Changed { household, other })
    })
}

fn open_members(tx: &mut Tx, household: Id) -> Result<Vec<Membership>> {
    Ok(store::households::members(tx, household)?.into_iter().filter(|one| one.valid_to.is_none()).collect())
}

fn event(context: &Context, id: Id, told: &Told, other: Option<Id>) -> audit::Event {
    let kind = match told.kind {
        HouseholdEventKind::Split => "household.split",
        HouseholdEventKind::Renumbered => "household.renumbered",
        HouseholdEventKind::Merged => "household.merged",
        HouseholdEventKind::HeadChanged => "household.head_changed",
    };
    let moved: Vec<Id> = told.members.iter().flatten().map(|(member, _)| *member).collect();
    audit::Event::new(context, kind).object(id).with("date", told.date).with("other_household_id", other).with("members", moved)
}

/// Two households are always held in the same order, so that two merges do not wait for each other.
fn lock_both(tx: &mut Tx, reading: &Reading, id: Id, other: Option<Id>) -> Result<Household> {
    if let Some(other) = other.filter(|other| *other < id) {
        store::households::lock(tx, reading, other)?;
    }
    let household = store::households::lock(tx, reading, id)?.ok_or(Error::refused(Code::NotFound))?;
    if let Some(other) = other.filter(|other| *other >= id) {
        store::households::lock(tx, reading, other)?;
    }
    Ok(household)
}

fn faults_of(told: &Told, today: NaiveDate) -> Vec<Fault> {
    use HouseholdEventKind::*;
    let (number, members, target) = match told.kind {
        Split => (Some(true), Some(true), Some(false)),
        Renumbered => (Some(true), Some(false), Some(false)),
        // Who was head in the old household may be told anew; without a word the relation is "other".
        Merged => (Some(false), None, Some(true)),
        // A new head often comes with a new number.
        HeadChanged => (None, Some(true), Some(false)),
    };
    let mut faults = Vec::new();
    for (pointer, given, wanted) in [
        ("/new_kk_number", told.new_kk_number.is_some(), number),
        ("/members", told.members.is_some(), members),
        ("/to_household_id", told.to_household_id.is_some(), target),
    ] {
        match (given, wanted) {
            (true, Some(false)) => faults.push(Fault::at(pointer, "FIELD_NOT_FOR_THIS_KIND")),
            (false, Some(true)) => faults.push(Fault::at(pointer, "FIELD_MISSING")),
            (true, Some(true) | None) | (false, Some(false) | None) => {}
        }
    }
    if told.date > today {
        faults.push(Fault::at("/date", "DATE_IN_FUTURE"));
    }
    let listed = told.members.as_deref().unwrap_or_default();
    for (at, (member, _)) in listed.iter().enumerate() {
        if listed[..at].iter().any(|(before, _)| before == member) {
            faults.push(Fault::at(format!("/members/{at}/participant_id"), "GIVEN_TWICE"));
        }
    }
    let heads = listed.iter().filter(|(_, relation)| *relation == Relation::Head).count();
    let one_head = match told.kind {
        Split | HeadChanged => told.members.is_none() || heads == 1,
        Merged => heads == 0,
        Renumbered => true,
    };
    if !one_head {
        faults.push(Fault::at("/members", "HEAD_COUNT"));
    }
    faults
}

/// Whose membership changes, and to what.
fn wanted(told: &Told, current: &[Membership]) -> Result<Vec<(Membership, Relation)>> {
    let listed = told.members.as_deref().unwrap_or_default();
    let mut faults = Vec::new();
    let mut wanted = Vec::new();
    for (at, (member, relation)) in listed.iter().enumerate() {
        match current.iter().find(|one| one.participant_id == *member) {
            Some(one) => wanted.push((*one, *relation)),
            None => faults.push(Fault::at(format!("/members/{at}/participant_id"), "NOT_A_MEMBER")),
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let unlisted = current.iter().filter(|one| !listed.iter().any(|(member, _)| *member == one.participant_id));
    match told.kind {
        HouseholdEventKind::Merged => wanted.extend(unlisted.map(|one| (*one, after_merge(one.relation)))),
        // The head before is head no longer, whatever is said of the others.
        HouseholdEventKind::HeadChanged => {
            wanted.extend(unlisted.filter(|one| one.relation == Relation::Head).map(|one| (*one, Relation::Other)));
        }
        HouseholdEventKind::Split | HouseholdEventKind::Renumbered => {}
    }
    Ok(wanted)
}

fn after_merge(relation: Relation) -> Relation {
    if relation == Relation::Head { Relation::Other } else { relation }
}

fn move_all(tx: &mut Tx, context: &Context, told: &Told, wanted: &[(Membership, Relation)], to: Id) -> Result<()> {
    for (one, relation) in wanted {
        memberships::change_membership(tx, Some(*one), one.participant_id, (to, *relation), told.date, context.new_id())?;
    }
    Ok(())
}

fn split(tx: &mut Tx, context: &Context, told: &Told, from: &Household, id: Id) -> Result<()> {
    let kk_number = told.new_kk_number.ok_or_else(|| Error::internal("a split without a number"))?;
    take_kk(tx, &kk_number, id)?;
    let cell = HouseholdCell { kk_number: kk_number.digits().to_owned(), address: from.cell.address.clone(), former_kk_numbers: Vec::new() };
    store::households::insert_all(tx, &[Household { id, version: 1, village_code: from.village_code, cell }], context.now)
}

/// The numbers of the household that goes find the one that stays.
fn merge(tx: &mut Tx, context: &Context, reading: &Reading, gone: &Household, into: Id) -> Result<()> {
    let no_target = || Error::from(Fault::at("/to_household_id", "MERGE_TARGET"));
    if into == gone.id {
        return Err(no_target());
    }
    let mut stays = store::households::find(tx, reading, into)?.ok_or_else(no_target)?;
    stays.cell.former_kk_numbers.extend(std::iter::once(&gone.cell.kk_number).chain(&gone.cell.former_kk_numbers).cloned());
    store::households::hand_over_kks(tx, gone.id, into)?;
    store::households::update(tx, &stays, context.now)
}

fn take_kk(tx: &mut Tx, kk_number: &KkNumber, household: Id) -> Result<()> {
    let kk = tx.keyring().kk_index(kk_number)?;
    if store::households::take_kks(tx, &[(kk, household)])? == 1 { Ok(()) } else { Err(Error::refused(Code::KkAlreadyRegistered)) }
}
