//! Entering people: one, a family or a slice of a file, with few statements whatever their number.

use std::collections::{BTreeMap, HashMap};

use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::names;
use crate::domain::participants::ParticipantState;
use crate::domain::registration::Registration;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result, StorageFault};
use crate::privacy::blind::BlindIndex;
use crate::privacy::keyring::Keyring;
use crate::store;
use crate::store::db::Tx;
use crate::store::households::{Household, Membership};
use crate::store::participants::Participant;
use crate::store::residencies::Residency;
use crate::store::sealed::{Contact, HouseholdCell, Identity};

/// Someone to be entered, with the ids of all rows that this may make.
pub(super) struct Newcomer<'a> {
    pub registration: &'a Registration,
    pub participant: Id,
    pub membership: Id,
    residency: Id,
    pub household_if_new: Id,
}

impl<'a> Newcomer<'a> {
    pub fn new(context: &Context, registration: &'a Registration) -> Self {
        let [participant, membership, residency, household_if_new] = std::array::from_fn(|_| context.new_id());
        Self { registration, participant, membership, residency, household_if_new }
    }

    fn household(&self) -> Household {
        let Registration { kk_number, village_code, address, .. } = self.registration;
        let cell = HouseholdCell { kk_number: kk_number.digits().to_owned(), address: address.clone(), former_kk_numbers: Vec::new() };
        Household { id: self.household_if_new, version: 1, village_code: *village_code, cell }
    }

    fn participant(&self) -> Participant {
        let registration = self.registration;
        Participant {
            id: self.participant,
            version: 1,
            state: ParticipantState::Active,
            sex: registration.sex,
            village_code: registration.village_code,
            identity: Identity {
                nik: registration.nik.digits().to_owned(),
                name: registration.name.clone(),
                birth_date: registration.birth_date,
                former_niks: Vec::new(),
                guessed: Vec::new(),
            },
            contact: contact(registration),
        }
    }
}

pub(super) fn contact(registration: &Registration) -> Contact {
    let Registration { address, rt, rw, phone, mother_name, .. } = registration;
    Contact { address: address.clone(), rt: rt.clone(), rw: rw.clone(), phone: phone.clone(), mother_name: mother_name.clone() }
}

/// Someone else was faster with the same number: the transaction runs again and then sees theirs.
pub(super) fn overtaken() -> Error {
    StorageFault::Conflict("a number was registered by another transaction meanwhile".into()).into()
}

/// The households of these people by the index of their KK: those that are there, and new ones for the rest.
pub(super) fn households_for(tx: &mut Tx, newcomers: &[&Newcomer<'_>], now: UtcTime) -> Result<HashMap<Id, Id>> {
    let keyring = tx.keyring();
    let mut asked: BTreeMap<Id, (BlindIndex, &Newcomer<'_>)> = BTreeMap::new();
    for newcomer in newcomers {
        let kk = keyring.kk_index(&newcomer.registration.kk_number)?;
        asked.entry(kk.value).or_insert((kk, newcomer));
    }
    let mut known = store::households::of_kks(tx, &asked.keys().copied().collect::<Vec<_>>())?;
    let new: Vec<(BlindIndex, Household)> =
        asked.values().filter(|(kk, _)| !known.contains_key(&kk.value)).map(|(kk, newcomer)| (*kk, newcomer.household())).collect();
    let numbers: Vec<(BlindIndex, Id)> = new.iter().map(|(kk, household)| (*kk, household.id)).collect();
    if store::households::take_kks(tx, &numbers)? < numbers.len() {
        return Err(overtaken());
    }
    known.extend(numbers.iter().map(|(kk, household)| (kk.value, *household)));
    let households: Vec<Household> = new.into_iter().map(|(_, household)| household).collect();
    store::households::insert_all(tx, &households, now)?;
    Ok(known)
}

/// Writes people whose NIKs were taken and whose households are there.
pub(super) fn enter(tx: &mut Tx, newcomers: &[&Newcomer<'_>], households: &HashMap<Id, Id>, now: UtcTime) -> Result<()> {
    let keyring = tx.keyring();
    let people: Vec<Participant> = newcomers.iter().map(|newcomer| newcomer.participant()).collect();
    store::participants::insert_all(tx, &people, now)?;

    let mut memberships = Vec::with_capacity(newcomers.len());
    let mut stays = Vec::with_capacity(newcomers.len());
    let mut words = Vec::with_capacity(newcomers.len() * 3);
    for newcomer in newcomers {
        let Registration { kk_number, relation, resident_since, village_code, name, birth_date, .. } = newcomer.registration;
        let kk = keyring.kk_index(kk_number)?;
        let household_id = *households.get(&kk.value).ok_or_else(|| Error::internal("a newcomer without a household"))?;
        // When the card was issued is not told; nothing speaks against its having been theirs for as long as they live here.
        memberships.push(Membership {
            id: newcomer.membership,
            household_id,
            participant_id: newcomer.participant,
            relation: *relation,
            valid_from: *resident_since,
            valid_to: None,
        });
        stays.push(Residency {
            id: newcomer.residency,
            participant_id: newcomer.participant,
            village_code: *village_code,
            resident_since: *resident_since,
            resident_until: None,
        });
        words.extend(name_words(&keyring, name, *birth_date, newcomer.participant)?);
    }
    store::households::insert_memberships(tx, &memberships)?;
    store::residencies::insert_all(tx, &stays)?;
    store::participants::insert_name_words(tx, &words)
}

/// The index of each word of a name.
pub(super) fn name_words(keyring: &Keyring, name: &str, birth_date: chrono::NaiveDate, participant: Id) -> Result<Vec<(BlindIndex, Id)>> {
    names::words(name).iter().map(|word| Ok((keyring.name_word_index(word, birth_date)?, participant))).collect()
}
