//! What a slice of rows would change: everything is read at once, compared in memory, and nothing is written here.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use super::corrections::Changes;
use super::imports::{RefusalCode, RowOutcome};
use super::profiles::stay_since;
use super::registrations::{self, Newcomer};
use crate::context::Context;
use crate::domain::enrollments::{CardState, EnrollmentAction, EnrollmentStanding, EnrollmentState};
use crate::domain::id::Id;
use crate::domain::imports::{CardRow, Column, ParticipantRow};
use crate::domain::jkn::{JknPeriod, Placement, place};
use crate::domain::registration::Registration;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::privacy::blind::BlindIndex;
use crate::store;
use crate::store::db::Db;
use crate::store::enrollments::Enrollment;
use crate::store::households::Membership;
use crate::store::participants::Participant;
use crate::store::reading::Reading;
use crate::store::residencies::Residency;
use crate::store::sealed::Contact;

/// A row with the ids of all that it may make.
pub struct Row<'a> {
    pub row: &'a ParticipantRow,
    newcomer: Newcomer<'a>,
    jkn: Id,
    enrollment: Id,
}

impl<'a> Row<'a> {
    pub fn new(context: &Context, row: &'a ParticipantRow) -> Self {
        Self { row, newcomer: Newcomer::new(context, &row.registration), jkn: context.new_id(), enrollment: context.new_id() }
    }
}

/// Everything to write, in the form in which the store takes it.
pub(super) struct Plan<'a> {
    pub outcomes: Vec<RowOutcome>,
    pub newcomers: Vec<&'a Newcomer<'a>>,
    pub niks: Vec<(BlindIndex, Id)>,
    /// Who changes household or relation, and their membership so far.
    pub rehoused: Vec<(&'a Newcomer<'a>, Membership)>,
    pub people: Vec<Participant>,
    pub renamed: Vec<Id>,
    pub stays: Vec<Residency>,
    pub jkn: Vec<store::jkn::Row>,
    pub enrollments: Vec<Enrollment>,
    /// Which of them give way to another.
    pub lapsed: Vec<Id>,
    pub cards: Vec<(BlindIndex, Id)>,
    /// What was and what is, by person and field, for the history.
    pub changes: BTreeMap<String, Changes>,
    known: Known,
    today: NaiveDate,
    now: UtcTime,
}

/// What the registry has about the people and numbers of the slice.
struct Known {
    niks: HashMap<Id, Id>,
    kks: HashMap<Id, Id>,
    cards: HashMap<Id, (Id, Id)>,
    people: HashMap<Id, Person>,
    city: String,
}

/// The periods to write, and the open one before.
type JknChange = (Vec<store::jkn::Row>, Option<JknPeriod>);

struct Person {
    participant: Participant,
    membership: Option<Membership>,
    stays: Vec<Residency>,
    jkn: Vec<store::jkn::Row>,
    enrollments: Vec<Enrollment>,
}

/// The indexes of one row's numbers.
struct Numbers {
    nik: BlindIndex,
    kk: BlindIndex,
    card: Option<BlindIndex>,
}

impl<'a> Plan<'a> {
    pub fn make(db: &mut Db, reading: &mut Reading, rows: &'a [Row<'a>], city: &str, today: NaiveDate, now: UtcTime) -> Result<Self> {
        let keyring = db.keyring();
        let numbers = rows
            .iter()
            .map(|Row { row, .. }| {
                let card = row.card.as_ref().map(|card| keyring.card_index(&card.number)).transpose()?;
                Ok(Numbers { nik: keyring.nik_index(&row.registration.nik)?, kk: keyring.kk_index(&row.registration.kk_number)?, card })
            })
            .collect::<Result<Vec<Numbers>>>()?;
        let mut plan = Self {
            outcomes: Vec::with_capacity(rows.len()),
            newcomers: Vec::new(),
            niks: Vec::new(),
            rehoused: Vec::new(),
            people: Vec::new(),
            renamed: Vec::new(),
            stays: Vec::new(),
            jkn: Vec::new(),
            enrollments: Vec::new(),
            lapsed: Vec::new(),
            cards: Vec::new(),
            changes: BTreeMap::new(),
            known: Known::load(db, reading, &numbers, city)?,
            today,
            now,
        };
        let (mut niks, mut cards) = (HashSet::new(), HashSet::new());
        for (row, numbers) in rows.iter().zip(&numbers) {
            let outcome = if !niks.insert(numbers.nik.value) {
                RowOutcome::refused(Column::Nik, RefusalCode::NikRepeated)
            } else if numbers.card.is_some_and(|card| !cards.insert(card.value)) {
                RowOutcome::refused(Column::CardNumber, RefusalCode::CardAlreadyRegistered)
            } else {
                plan.judge(row, numbers)
            };
            plan.outcomes.push(outcome);
        }
        Ok(plan)
    }

    /// Everyone whose record was opened to be compared.
    pub fn known(&self) -> impl Iterator<Item = Id> + '_ {
        self.known.people.keys().copied()
    }

    fn judge(&mut self, row: &'a Row<'a>, numbers: &Numbers) -> RowOutcome {
        let known = self.known.niks.get(&numbers.nik.value).copied();
        let holder = numbers.card.and_then(|card| self.known.cards.get(&card.value)).map(|(_, person)| *person);
        if holder.is_some() && holder != known {
            return RowOutcome::refused(Column::CardNumber, RefusalCode::CardAlreadyRegistered);
        }
        let Some(id) = known else { return self.enter(row, numbers) };
        match self.known.people.remove(&id) {
            Some(person) => {
                let outcome = self.compare(row, numbers, &person);
                self.known.people.insert(id, person);
                outcome.unwrap_or_else(|(column, code)| RowOutcome::refused(column, code))
            }
            // The number finds a person whose record is not there: nothing is known that could be compared.
            None => RowOutcome::refused(Column::Nik, RefusalCode::NikSuperseded),
        }
    }

    fn enter(&mut self, row: &'a Row<'a>, numbers: &Numbers) -> RowOutcome {
        let id = row.newcomer.participant;
        self.newcomers.push(&row.newcomer);
        self.niks.push((numbers.nik, id));
        if let Some(period) = row.row.jkn {
            self.jkn.push(store::jkn::Row::new(row.jkn, id, period, self.now));
        }
        if let (Some(card), Some(index)) = (&row.row.card, numbers.card) {
            self.enrollments.push(enrollment(row.enrollment, id, card));
            self.cards.push((index, row.enrollment));
        }
        RowOutcome::Created(id)
    }

    /// What differs from what is known. Nothing is taken from a row that is refused.
    fn compare(&mut self, row: &'a Row<'a>, numbers: &Numbers, person: &Person) -> std::result::Result<RowOutcome, (Column, RefusalCode)> {
        let registration = &row.row.registration;
        let id = person.participant.id;
        if person.participant.identity.nik != registration.nik.digits() {
            return Err((Column::Nik, RefusalCode::NikSuperseded));
        }
        let periods: Vec<_> = person.stays.iter().map(Residency::period).collect();
        if stay_since(&periods, &self.known.city, self.today) != Some(registration.resident_since) {
            // How long someone has lived here decides whether they are covered, so it takes two people and not a file.
            return Err((Column::ResidentSince, RefusalCode::ResidentSinceDiffers));
        }
        let jkn = self.jkn_of(row, person)?;
        let mut changes = Changes::default();
        let mut participant = person.participant.clone();
        let renamed = compare_person(&mut participant, registration, &mut changes);
        let moved = changes.set("village_code", &mut participant.village_code, registration.village_code);
        let home = person
            .membership
            .filter(|home| home.relation != registration.relation || self.known.kks.get(&numbers.kk.value) != Some(&home.household_id));
        if let Some(home) = home {
            changes.note("household", home.relation, registration.relation);
            self.rehoused.push((&row.newcomer, home));
        }
        if let Some((rows, before)) = jkn {
            changes.note("jkn", before, row.row.jkn);
            self.jkn.extend(rows);
        }
        if let (Some(card), Some(index)) = (&row.row.card, numbers.card) {
            self.compare_card(row, card, index, person, &mut changes);
        }
        if changes.is_empty() {
            return Ok(RowOutcome::Unchanged(id));
        }
        if moved {
            let current = person.stays.iter().rfind(|stay| stay.resident_since <= self.today);
            self.stays.extend(current.map(|stay| Residency { village_code: registration.village_code, ..*stay }));
        }
        if renamed {
            self.renamed.push(id);
        }
        self.people.push(participant);
        self.changes.insert(id.to_string(), changes);
        Ok(RowOutcome::Changed(id))
    }

    fn jkn_of(&self, row: &Row<'_>, person: &Person) -> std::result::Result<Option<JknChange>, (Column, RefusalCode)> {
        let Some(new) = row.row.jkn else { return Ok(None) };
        let history: Vec<JknPeriod> = person.jkn.iter().map(store::jkn::Row::period).collect();
        // A file tells how a period began; that it has ended since is known here.
        let told_before = |old: &JknPeriod| (old.valid_from, old.segment, old.state) == (new.valid_from, new.segment, new.state);
        if history.iter().any(told_before) {
            return Ok(None);
        }
        let open = history.iter().find(|period| period.valid_to.is_none()).copied();
        let id = person.participant.id;
        match place(&history, &new) {
            Placement::AlreadyThere => Ok(None),
            Placement::Overlapping => Err((Column::JknValidFrom, RefusalCode::JknPeriodOverlaps)),
            Placement::Replacing(at) => Ok(Some((vec![store::jkn::Row::new(person.jkn[at].id, id, new, self.now)], open))),
            Placement::Added { closing } => {
                let ended = closing.map(|(at, last)| store::jkn::Row { valid_to: Some(last), ..person.jkn[at] });
                Ok(Some((ended.into_iter().chain([store::jkn::Row::new(row.jkn, id, new, self.now)]).collect(), open)))
            }
        }
    }

    /// A new card takes the place of the one before.
    fn compare_card(&mut self, row: &Row<'_>, card: &CardRow, index: BlindIndex, person: &Person, changes: &mut Changes) {
        if let Some(known) = person.enrollments.iter().find(|enrollment| enrollment.card_number.as_deref() == Some(&card.number)) {
            if card.issued_on.is_some() && known.standing.issued_on != card.issued_on {
                changes.note("card_issued_on", known.standing.issued_on, card.issued_on);
                self.enrollments.push(Enrollment { standing: EnrollmentStanding { issued_on: card.issued_on, ..known.standing }, ..known.clone() });
            }
            return;
        }
        let ends_on = card.issued_on.unwrap_or(self.today);
        // One live enrolment for each person: what was there lapses, a request that waits for its decision too.
        let lapsed = person.enrollments.iter().filter_map(|old| {
            let standing = old.standing.after(EnrollmentAction::Expire, ends_on)?;
            Some(Enrollment { standing, ..old.clone() })
        });
        let lapsed: Vec<Enrollment> = lapsed.collect();
        changes.note("card_number", lapsed.iter().find_map(|enrollment| enrollment.card_number.as_deref()), &card.number);
        self.lapsed.extend(lapsed.iter().map(|enrollment| enrollment.id));
        self.enrollments.extend(lapsed);
        self.enrollments.push(enrollment(row.enrollment, person.participant.id, card));
        self.cards.push((index, row.enrollment));
    }
}

/// Name, birth date, sex and where someone can be found; says whether the name's words change. What a file leaves open stays as it is.
fn compare_person(participant: &mut Participant, registration: &Registration, changes: &mut Changes) -> bool {
    let renamed = changes.set("name", &mut participant.identity.name, registration.name.clone());
    let reborn = changes.set("birth_date", &mut participant.identity.birth_date, registration.birth_date);
    changes.set("sex", &mut participant.sex, registration.sex);
    let Contact { address, rt, rw, phone, mother_name } = registrations::contact(registration);
    let contact = &mut participant.contact;
    changes.set("address", &mut contact.address, address);
    changes.set("rt", &mut contact.rt, rt);
    changes.set("rw", &mut contact.rw, rw);
    for (field, place, value) in [("phone", &mut contact.phone, phone), ("mother_name", &mut contact.mother_name, mother_name)] {
        if value.is_some() {
            changes.set(field, place, value);
        }
    }
    renamed || reborn
}

fn enrollment(id: Id, participant_id: Id, card: &CardRow) -> Enrollment {
    let standing = EnrollmentStanding { state: EnrollmentState::Active, card_state: CardState::Delivered, issued_on: card.issued_on, ended_on: None };
    Enrollment { id, version: 0, participant_id, standing, card_number: Some(card.number.clone()) }
}

impl Known {
    fn load(db: &mut Db, reading: &mut Reading, numbers: &[Numbers], city: &str) -> Result<Self> {
        let values = |index: fn(&Numbers) -> Option<BlindIndex>| -> Vec<Id> {
            let mut values: Vec<Id> = numbers.iter().filter_map(index).map(|index| index.value).collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        let niks = store::participants::of_niks(db, &values(|numbers| Some(numbers.nik)))?;
        let kks = store::households::of_kks(db, &values(|numbers| Some(numbers.kk)))?;
        let cards = store::enrollments::of_cards(db, &values(|numbers| numbers.card))?;
        let mut ids: Vec<Id> = niks.values().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let keyring = db.keyring();
        let mut people = HashMap::with_capacity(ids.len());
        for row in store::participants::rows(db, &ids)? {
            let participant = row.open(&keyring, reading)?;
            people.insert(row.id, Person { participant, membership: None, stays: Vec::new(), jkn: Vec::new(), enrollments: Vec::new() });
        }
        for membership in store::households::open_memberships(db, &ids)? {
            people.entry(membership.participant_id).and_modify(|person| person.membership = Some(membership));
        }
        for stay in store::residencies::of(db, &ids)? {
            people.entry(stay.participant_id).and_modify(|person| person.stays.push(stay));
        }
        for period in store::jkn::of(db, &ids)? {
            people.entry(period.participant_id).and_modify(|person| person.jkn.push(period));
        }
        for enrollment in store::enrollments::of(db, reading, &ids)? {
            if let Some(person) = people.get_mut(&enrollment.participant_id) {
                person.enrollments.push(enrollment);
            }
        }
        Ok(Self { niks, kks, cards, people, city: city.to_owned() })
    }
}
