//! Made-up people as rows: gathered household by household, then written with one statement a table.

use std::collections::BTreeMap;

use chrono::{Duration, FixedOffset, NaiveDate};

use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::names;
use crate::domain::participants::Standing;
use crate::domain::synthetic::{Card, Household, Person};
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::privacy::keyring::Keyring;
use crate::store;
use crate::store::audit;
use crate::store::db::{Db, write};
use crate::store::enrollments::Enrollment;
use crate::store::gate::Priority;
use crate::store::households::Membership;
use crate::store::participant_events::Event;
use crate::store::participants::Participant;
use crate::store::residencies::Residency;
use crate::store::sealed::{Contact, EventCell, HouseholdCell, Identity};

/// The rows of some households.
pub struct Batch<'a> {
    /// Of the day on which those were registered who lived here already.
    founding: &'a Context,
    keyring: &'a Keyring,
    admin: Id,
    today: NaiveDate,
    offset: FixedOffset,
    /// By when they were registered, as the people are.
    households: BTreeMap<UtcTime, Vec<store::households::Household>>,
    kks: Vec<(BlindIndex, Id)>,
    people: BTreeMap<UtcTime, Vec<Participant>>,
    niks: Vec<(BlindIndex, Id)>,
    words: Vec<(BlindIndex, Id)>,
    memberships: Vec<Membership>,
    stays: Vec<Residency>,
    jkn: Vec<store::jkn::Row>,
    events: Vec<Event>,
    enrollments: Vec<Enrollment>,
    cards: Vec<(BlindIndex, Id)>,
}

impl<'a> Batch<'a> {
    pub fn new(founding: &'a Context, keyring: &'a Keyring, admin: Id, (today, offset): (NaiveDate, FixedOffset)) -> Self {
        Self {
            founding,
            keyring,
            admin,
            today,
            offset,
            households: BTreeMap::new(),
            kks: Vec::new(),
            people: BTreeMap::new(),
            niks: Vec::new(),
            words: Vec::new(),
            memberships: Vec::new(),
            stays: Vec::new(),
            jkn: Vec::new(),
            events: Vec::new(),
            enrollments: Vec::new(),
            cards: Vec::new(),
        }
    }

    /// How many people it holds.
    pub fn len(&self) -> usize {
        self.niks.len()
    }

    /// The instant at which something of this date was told: on the day itself, or when the city began.
    fn told(&self, date: NaiveDate) -> UtcTime {
        let midnight = date.pred_opt().and_then(|eve| UtcTime::end_of_date(eve, self.offset));
        midnight.map_or(self.founding.now, |midnight| midnight.plus(Duration::microseconds(1)).max(self.founding.now))
    }

    fn context_of(&self, date: NaiveDate) -> Context {
        let mut context = self.founding.clone();
        context.now = self.told(date);
        context
    }

    pub fn add(&mut self, household: &Household) -> Result<()> {
        let Some(head) = household.members.first().map(|person| &person.registration) else { return Ok(()) };
        let context = self.context_of(head.resident_since);
        let id = context.new_id();
        let cell = HouseholdCell { kk_number: household.kk_number.digits().to_owned(), address: head.address.clone(), former_kk_numbers: Vec::new() };
        let row = store::households::Household { id, version: 1, village_code: head.village_code, cell };
        self.households.entry(context.now).or_default().push(row);
        self.kks.push((self.keyring.kk_index(&household.kk_number)?, id));
        household.members.iter().try_for_each(|person| self.add_person(person, id))
    }

    fn add_person(&mut self, person: &Person, household_id: Id) -> Result<()> {
        let registration = &person.registration;
        let context = self.context_of(registration.resident_since);
        let participant_id = context.new_id();
        self.niks.push((self.keyring.nik_index(&registration.nik)?, participant_id));
        for word in names::words(&registration.name) {
            self.words.push((self.keyring.name_word_index(&word, registration.birth_date)?, participant_id));
        }
        self.people.entry(context.now).or_default().push(participant(person, participant_id, self.today));
        self.memberships.push(Membership {
            id: context.new_id(),
            household_id,
            participant_id,
            relation: registration.relation,
            valid_from: registration.resident_since,
            valid_to: None,
        });
        self.stays.push(Residency {
            id: context.new_id(),
            participant_id,
            village_code: registration.village_code,
            resident_since: registration.resident_since,
            resident_until: person.resident_until,
        });
        for period in &person.jkn {
            self.jkn.push(store::jkn::Row::new(context.new_id(), participant_id, *period, self.told(period.valid_from).max(context.now)));
        }
        for event in &person.events {
            self.events.push(Event {
                id: context.new_id(),
                participant_id,
                kind: event.kind,
                happened_on: event.date,
                cell: EventCell::default(),
                recorded_at: self.told(event.date).max(context.now),
                recorded_by: self.admin,
                revoked_at: None,
                revoked_by: None,
            });
        }
        person.card.iter().try_for_each(|card| self.add_card(card, participant_id))
    }

    fn add_card(&mut self, card: &Card, participant_id: Id) -> Result<()> {
        let id = self.founding.new_id();
        if let Some(number) = &card.number {
            self.cards.push((self.keyring.card_index(number)?, id));
        }
        // Writing it makes it version 1.
        self.enrollments.push(Enrollment { id, version: 0, participant_id, standing: card.standing, card_number: card.number.clone() });
        Ok(())
    }

    pub fn write(self, db: &mut Db) -> Result<()> {
        let now = self.founding.now;
        let entered = audit::Event::new(self.founding, "demo.people_entered").about(self.people.values().flatten().map(|person| person.id));
        write(db, Priority::Bulk, |tx| {
            store::households::take_kks(tx, &self.kks)?;
            self.households.iter().try_for_each(|(at, households)| store::households::insert_all(tx, households, *at))?;
            store::participants::take_niks(tx, &self.niks)?;
            self.people.iter().try_for_each(|(at, people)| store::participants::insert_all(tx, people, *at))?;
            store::participants::insert_name_words(tx, &self.words)?;
            store::households::insert_memberships(tx, &self.memberships)?;
            store::residencies::insert_all(tx, &self.stays)?;
            store::jkn::put_all(tx, &self.jkn)?;
            // Something happened to few: a statement for each of them is no matter.
            self.events.iter().try_for_each(|event| store::participant_events::insert(tx, event))?;
            store::enrollments::put_all(tx, &self.enrollments, now)?;
            store::enrollments::take_cards(tx, &self.cards)?;
            tx.record(entered.clone());
            Ok(())
        })
    }
}

fn participant(person: &Person, id: Id, today: NaiveDate) -> Participant {
    let registration = &person.registration;
    Participant {
        id,
        version: 1,
        state: Standing::on(today, false, &person.events).state(),
        sex: registration.sex,
        village_code: registration.village_code,
        identity: Identity {
            nik: registration.nik.digits().to_owned(),
            name: registration.name.clone(),
            birth_date: registration.birth_date,
            former_niks: Vec::new(),
            guessed: Vec::new(),
        },
        contact: Contact {
            address: registration.address.clone(),
            rt: registration.rt.clone(),
            rw: registration.rw.clone(),
            phone: registration.phone.clone(),
            mother_name: registration.mother_name.clone(),
        },
    }
}
