//! Newborns: registered on the mother's NIK and the order of birth until they have a NIK of their own.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};

use super::App;
use super::idempotency::Once;
use super::misses;
use super::profiles::{Profile, standing};
use super::registrations;
use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::participants::{ParticipantState, Sex};
use crate::domain::registration::{NAME_MAX_CHARS, Relation};
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Fault, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx};
use crate::store::gate::Priority;
use crate::store::households::Membership;
use crate::store::participants::Participant;
use crate::store::reading::Reading;
use crate::store::residencies::Residency;
use crate::store::sealed::{Contact, Identity};

/// The greatest order of birth.
pub const LAST: u8 = 9;

/// Nobody younger has borne a child that a register would believe.
const YOUNGEST_MOTHER: u32 = 10;

/// A child as it was born.
pub struct Birth {
    pub mother_nik: Nik,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    /// 0 for an only child, 1 to 9 for each of several.
    pub order: u8,
    pub name: Option<String>,
}

/// Registers a newborn. It joins the mother's household and lives where she lives, from its birth.
pub fn register(app: &App, db: &mut Db, context: &Context, caller: &Caller, birth: &Birth, once: &Once<'_, Profile>) -> Result<Profile> {
    let mother = misses::whose(app, db, context, caller, &birth.mother_nik)?.ok_or_else(|| Fault::at("/mother_nik", "MOTHER_NOT_FOUND"))?;
    let today = app.city.today(context.now);
    let [id, membership_id, residency_id] = std::array::from_fn(|_| context.new_id());
    once.write(db, Priority::People, |tx| {
        let mut reading = Reading::within(tx);
        let mother = store::participants::find(tx, &mut reading, mother)?.ok_or_else(|| Error::internal("a mother is gone"))?;
        may_be_the_mother(tx, &mut reading, &mother, birth)?;
        let child = child_of(&mother, birth, id);
        store::participants::insert_all(tx, std::slice::from_ref(&child), context.now)?;
        take_place(tx, birth, mother.id, id)?;
        let words = registrations::name_words(&tx.keyring(), &child.identity.name, birth.birth_date, id)?;
        store::participants::insert_name_words(tx, &words)?;
        live_with(tx, &mother, birth.birth_date, (id, membership_id, residency_id))?;
        tx.record(Event::new(context, "newborn.registered").object(id).about([id, mother.id]).with("birth_order", birth.order));
        Profile::load(app, tx, &mut reading, child, today)
    })
}

/// A man is nobody's mother, and nobody is born to a woman who was dead before that day.
fn may_be_the_mother(tx: &mut Tx, reading: &mut Reading, mother: &Participant, birth: &Birth) -> Result<()> {
    if mother.sex != Sex::F {
        return Err(Fault::at("/mother_nik", "MOTHER_NOT_A_WOMAN").into());
    }
    let old_enough = mother.identity.known_birth_date().and_then(|born| born.checked_add_months(Months::new(12 * YOUNGEST_MOTHER)));
    if old_enough.is_some_and(|old_enough| birth.birth_date < old_enough) {
        return Err(Fault::at("/birth_date", "MOTHER_TOO_YOUNG").with("limit", YOUNGEST_MOTHER).into());
    }
    let events = store::participant_events::of(tx, reading, mother.id)?;
    match standing(mother, &events, birth.birth_date).deceased {
        Some(died) if died < birth.birth_date => Err(Fault::at("/birth_date", "BORN_AFTER_MOTHERS_DEATH").into()),
        Some(_) | None => Ok(()),
    }
}

fn child_of(mother: &Participant, birth: &Birth, id: Id) -> Participant {
    let of_mother = || format!("Bayi Ny. {}", mother.identity.name).chars().take(NAME_MAX_CHARS).collect();
    let Contact { address, rt, rw, .. } = mother.contact.clone();
    Participant {
        id,
        version: 1,
        state: ParticipantState::Temporary,
        sex: birth.sex,
        village_code: mother.village_code,
        identity: Identity {
            nik: String::new(),
            name: birth.name.clone().unwrap_or_else(of_mother),
            birth_date: birth.birth_date,
            former_niks: Vec::new(),
            guessed: Vec::new(),
        },
        contact: Contact { address, rt, rw, phone: None, mother_name: Some(mother.identity.name.clone()) },
    }
}

/// Each child of a birth once, and never an only child beside others.
fn take_place(tx: &mut Tx, birth: &Birth, mother: Id, child: Id) -> Result<()> {
    let keyring = tx.keyring();
    let several = birth.order > 0;
    let known = store::newborns::note_birth(tx, keyring.birth_index(mother, birth.birth_date)?, several)?;
    let existing = |tx: &mut Tx, orders: std::ops::RangeInclusive<u8>| -> Result<serde_json::Value> {
        Ok(serde_json::json!({ "participant_ids": found(tx, mother, birth.birth_date, orders)? }))
    };
    // Under a record of hers that was merged a birth may be known already.
    if let Some(other) = births_of_merged(tx, mother, birth.birth_date)? {
        let orders = if other == several { birth.order..=birth.order } else { 0..=LAST };
        let others = existing(tx, orders)?;
        if other != several {
            return Err(Error::conflict(Code::BirthOrderConflict, others));
        }
        if others["participant_ids"] != serde_json::json!([]) {
            return Err(Error::conflict(Code::NewbornAlreadyRegistered, others));
        }
    }
    if known != several {
        let others = existing(tx, 0..=LAST)?;
        return Err(Error::conflict(Code::BirthOrderConflict, others));
    }
    let place = keyring.newborn_index(mother, birth.birth_date, birth.order)?;
    if !store::newborns::take(tx, place, child, mother)? {
        let same = existing(tx, birth.order..=birth.order)?;
        return Err(Error::conflict(Code::NewbornAlreadyRegistered, same));
    }
    Ok(())
}

/// A child that was registered on its mother's NIK was born on another day: it is found by that day, and lives with her since then.
pub(super) fn correct_birth(tx: &mut Tx, child: Id, (was, is): (NaiveDate, NaiveDate)) -> Result<()> {
    let Some(mother) = store::newborns::mothers_of(tx, &[child])?.remove(&child) else { return Ok(()) };
    // Before she came here it did not live here either.
    let hers = store::residencies::of(tx, &[mother])?;
    let came = hers.iter().find(|stay| stay.resident_until.is_none_or(|until| is <= until)).map_or(is, |stay| stay.resident_since.max(is));
    let own = store::residencies::of(tx, &[child])?;
    let begun = own.iter().filter(|stay| stay.resident_since == was && stay.resident_until.is_none_or(|until| came <= until));
    let begun: Vec<Residency> = begun.map(|stay| Residency { resident_since: came, ..*stay }).collect();
    store::residencies::put_all(tx, &begun)?;
    let memberships = store::households::memberships_of(tx, child)?;
    let joined = memberships.iter().filter(|one| one.valid_from == was && one.valid_to.is_none_or(|to| is <= to));
    let joined: Vec<Membership> = joined.map(|one| Membership { valid_from: is, ..*one }).collect();
    store::households::put_memberships(tx, &joined)?;
    change_place(tx, child, mother, (was, is))
}

fn change_place(tx: &mut Tx, child: Id, mother: Id, (was, is): (NaiveDate, NaiveDate)) -> Result<()> {
    let keyring = tx.keyring();
    for order in 0..=LAST {
        let place = keyring.newborn_index(mother, was, order)?.value;
        if store::newborns::of(tx, &[place])?.get(&place) != Some(&child) {
            continue;
        }
        store::newborns::release(tx, place)?;
        let several = order > 0;
        let known = store::newborns::note_birth(tx, keyring.birth_index(mother, is)?, several)?;
        let others = serde_json::json!({ "participant_ids": found(tx, mother, is, 0..=LAST)? });
        if known != several {
            return Err(Error::conflict(Code::BirthOrderConflict, others));
        }
        if !store::newborns::take(tx, keyring.newborn_index(mother, is, order)?, child, mother)? {
            return Err(Error::conflict(Code::NewbornAlreadyRegistered, others));
        }
        // A day on which none of her children was born is no birth.
        let places = (0..=LAST).map(|order| Ok(keyring.newborn_index(mother, was, order)?.value)).collect::<Result<Vec<Id>>>()?;
        if store::newborns::of(tx, &places)?.is_empty() {
            store::newborns::forget_birth(tx, keyring.birth_index(mother, was)?.value)?;
        }
        break;
    }
    Ok(())
}

/// The children of a birth with these orders, by whichever of her records the mother was named.
pub(super) fn found(db: &mut Db, mother: Id, born: NaiveDate, orders: std::ops::RangeInclusive<u8>) -> Result<Vec<Id>> {
    let keyring = db.keyring();
    let records = store::merges::with_merged(db, mother)?;
    let mut indexes = Vec::new();
    for order in orders {
        for record in &records {
            indexes.push(keyring.newborn_index(*record, born, order)?.value);
        }
    }
    let found = store::newborns::of(db, &indexes)?;
    Ok(indexes.iter().filter_map(|index| found.get(index)).copied().collect())
}

/// Whether a birth that is known under a merged record was one of several; none where none is known.
fn births_of_merged(tx: &mut Tx, mother: Id, born: NaiveDate) -> Result<Option<bool>> {
    let keyring = tx.keyring();
    for (record, _) in store::merges::merged_into(tx, &[mother])? {
        if let Some(several) = store::newborns::birth(tx, keyring.birth_index(record, born)?.value)? {
            return Ok(Some(several));
        }
    }
    Ok(None)
}

/// The mothers of those among these people who were registered as newborns, under whichever of their records and hers.
pub(super) fn mothers_of(db: &mut Db, people: &[Id]) -> Result<HashMap<Id, Id>> {
    let merged: HashMap<Id, Id> = store::merges::merged_into(db, people)?.into_iter().collect();
    let records: Vec<Id> = people.iter().chain(merged.keys()).copied().collect();
    let mothers = store::newborns::mothers_of(db, &records)?;
    let stand_ins = store::merges::stand_ins(db, &mothers.values().copied().collect::<Vec<Id>>())?;
    let found =
        mothers.into_iter().map(|(child, mother)| (merged.get(&child).copied().unwrap_or(child), stand_ins.get(&mother).copied().unwrap_or(mother)));
    Ok(found.collect())
}

/// A child is on its mother's family card and lives where she does. Where she has neither, it has neither.
fn live_with(tx: &mut Tx, mother: &Participant, born: NaiveDate, (child, membership_id, residency_id): (Id, Id, Id)) -> Result<()> {
    let households = store::households::open_memberships(tx, &[mother.id])?;
    let joined: Vec<Membership> = households
        .iter()
        .map(|hers| Membership { id: membership_id, participant_id: child, relation: Relation::Child, valid_from: born, ..*hers })
        .collect();
    store::households::insert_memberships(tx, &joined)?;
    let hers = store::residencies::of(tx, &[mother.id])?;
    let stay: Vec<Residency> = hers
        .iter()
        .filter(|stay| stay.resident_until.is_none())
        .map(|stay| Residency { id: residency_id, participant_id: child, resident_since: stay.resident_since.max(born), ..*stay })
        .collect();
    store::residencies::insert_all(tx, &stay)
}
