//! The scan: goes through who was registered or changed since it last came by, a page a transaction, and raises signals of what people share. Stopped at
//! any point it goes on from there, and what it finds twice is one signal. Nobody is shown to anybody by it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::App;
use super::enrollment_decisions::REGISTERED;
use super::signals::{Found, raise};
use crate::context::Context;
use crate::domain::contacts;
use crate::domain::id::Id;
use crate::domain::nik::{Nik, NikOddity, longest_run, oddities_of_number};
use crate::domain::participants::ParticipantState;
use crate::domain::signals::Evidence;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::store::db::{Db, Tx, write_quietly};
use crate::store::gate::Priority;
use crate::store::participants::Participant;
use crate::store::reading::Reading;
use crate::store::signal_scans::{self as scans, Mark, MarkKind, Scan};
use crate::store::signals::SUBJECTS;
use crate::store::{participant_history, participants};

/// People a transaction: few enough that nobody who waits to write notices.
const PAGE: i64 = 250;
/// Ids are made before they are committed: those of the last minutes are left for the next time, so that none is passed by.
const SETTLED_MINUTES: i64 = 5;
/// Marks a transaction: each may stand on very many cards.
const MARKS: i64 = 20;
/// People with one mark whose numbers are compared.
const COMPARED: i64 = 200;
/// A name and a birth date that more than so many people share tell nobody from anybody: they stand for what was not known.
const CROWD: i64 = 50;
const QUIET: &str = "what the scan has gone through is no change of anybody; what it finds is told";

/// The first id that is left for the next time.
pub(super) fn settled_before(now: UtcTime) -> Id {
    Id::floor_of(now.minus(chrono::Duration::minutes(SETTLED_MINUTES)).unix_millis())
}

/// One run of the scan, counted.
#[derive(Default)]
pub struct Run {
    pub people: usize,
}

/// Goes through one page of people or, when none are left, counts a few of the marks that they share; false when there is nothing more to do.
pub fn step(app: &App, db: &mut Db, context: &Context, run: &mut Run) -> Result<bool> {
    page(app, db, context, run, settled_before(context.now))
}

/// The whole scan at once. `settled`: nobody else is registering people, so that the last minutes need not be left out.
pub fn all(app: &App, db: &mut Db, context: &Context, settled: bool) -> Result<Run> {
    let mut run = Run::default();
    if settled {
        while page(app, db, context, &mut run, Id::from_bytes([0xff; 16]))? {}
    } else {
        while step(app, db, context, &mut run)? {}
    }
    Ok(run)
}

fn page(app: &App, db: &mut Db, context: &Context, run: &mut Run, before: Id) -> Result<bool> {
    let (people, marks) = write_quietly(db, Priority::Bulk, QUIET, |tx| {
        let people = next_people(tx, before)?;
        if !people.is_empty() {
            look_at(app, tx, context, &people)?;
            return Ok((people.len(), 0));
        }
        // Counted only now, when all who share them are there.
        let marks = scans::take_marks(tx, MARKS)?;
        marks.iter().try_for_each(|mark| count_mark(app, tx, context, *mark))?;
        Ok((0, marks.len()))
    })?;
    run.people += people;
    Ok(people + marks > 0)
}

/// Those who are new and then those who were changed, held by this transaction until it has seen them.
fn next_people(tx: &mut Tx, before: Id) -> Result<Vec<Id>> {
    let seen = scans::lock(tx, Scan::People)?;
    let new = scans::new_people(tx, seen, before, PAGE)?;
    if let Some(last) = new.last() {
        scans::advance(tx, Scan::People, *last)?;
        return Ok(new);
    }
    let changed = scans::changed_people(tx, PAGE)?;
    scans::forget_changed(tx, &changed)?;
    Ok(changed)
}

/// What these people show, alone and beside others.
fn look_at(app: &App, tx: &mut Tx, context: &Context, ids: &[Id]) -> Result<()> {
    let mut reading = Reading::within(tx);
    let keyring = tx.keyring();
    let rows = participants::rows(tx, ids)?;
    let people = rows.iter().map(|row| row.open(&keyring, &mut reading)).collect::<Result<Vec<Participant>>>()?;
    let people: Vec<&Participant> = people.iter().filter(|person| counts(person.state)).collect();
    let present: Vec<Id> = people.iter().map(|person| person.id).collect();
    let registrars = participant_history::doers_of_each(tx, &present, REGISTERED)?;
    let marks = marks(tx, &people, &registrars)?;
    scans::mark(tx, ids, &marks)?;
    for person in &people {
        impossible_nik(app, tx, context, person)?;
    }
    likely_duplicates(tx, context, &present)?;
    sequences_on_cards(app, tx, context, &present)?;
    sequences_of_accounts(app, tx, context, &marks, &registrars)?;
    note_shared(app, tx, &marks)
}

/// Those who are nobody else and still alive.
fn counts(state: ParticipantState) -> bool {
    match state {
        ParticipantState::Active
        | ParticipantState::Suspended
        | ParticipantState::NikInactive
        | ParticipantState::Temporary
        | ParticipantState::MovedOut => true,
        ParticipantState::Deceased | ParticipantState::Duplicate | ParticipantState::Merged => false,
    }
}

fn marks(tx: &Tx, people: &[&Participant], registrars: &HashMap<Id, Id>) -> Result<Vec<Mark>> {
    let keyring = tx.keyring();
    let mut marks = Vec::with_capacity(people.len() * 2);
    for person in people {
        if let Some(phone) = person.contact.phone.as_deref().and_then(contacts::phone) {
            marks.push(Mark::new(person.id, MarkKind::Phone, keyring.phone_index(&phone)?));
        }
        if let Some(address) = contacts::address(&person.contact.address) {
            let place = [person.village_code.as_str(), &person.contact.rw, &person.contact.rt, &address];
            marks.push(Mark::new(person.id, MarkKind::Address, keyring.address_index(&place)?));
        }
        if let (Ok(nik), Some(account)) = (Nik::parse(&person.identity.nik), registrars.get(&person.id)) {
            marks.push(Mark::new(person.id, MarkKind::RegisteredNik, keyring.nik_stem_index(&nik.stem(), *account)?));
        }
    }
    Ok(marks)
}

fn impossible_nik(app: &App, tx: &mut Tx, context: &Context, person: &Participant) -> Result<()> {
    let Ok(nik) = Nik::parse(&person.identity.nik) else { return Ok(()) };
    let oddities: Vec<NikOddity> = oddities_of_number(&nik, &app.city.regions).into_iter().filter(|oddity| oddity.is_impossible()).collect();
    if oddities.is_empty() {
        return Ok(());
    }
    raise(tx, context, Found { evidence: Evidence::ImpossibleNik { oddities }, about: vec![person.id], subjects: vec![person.id], facility: None })
}

/// Two people of one birth date who share every word of their names; or all but one, where at least two are left.
fn likely_duplicates(tx: &mut Tx, context: &Context, present: &[Id]) -> Result<()> {
    let mut holders: HashMap<Id, Vec<Id>> = HashMap::new();
    for (word, person) in scans::sharing_words(tx, present, CROWD)? {
        holders.entry(word).or_default().push(person);
    }
    let here: HashSet<Id> = present.iter().copied().collect();
    let mut pairs: BTreeMap<(Id, Id), i64> = BTreeMap::new();
    for people in holders.values() {
        for one in people.iter().filter(|person| here.contains(person)) {
            for other in people.iter().filter(|other| *other != one) {
                // Of two who are both here, one sees the pair.
                if one < other || !here.contains(other) {
                    *pairs.entry((*one.min(other), *one.max(other))).or_default() += 1;
                }
            }
        }
    }
    let people: BTreeSet<Id> = pairs.keys().flat_map(|(one, other)| [*one, *other]).collect();
    let people: Vec<Id> = people.into_iter().collect();
    let words = scans::count_words(tx, &people)?;
    pairs.retain(|(one, other), shared| {
        let longer = words.get(one).max(words.get(other)).copied().unwrap_or_default();
        *shared == longer || (*shared >= 2 && *shared + 1 >= longer)
    });
    let paired: BTreeSet<Id> = pairs.keys().flat_map(|(one, other)| [*one, *other]).collect();
    let paired: Vec<Id> = paired.into_iter().collect();
    let alive: HashSet<Id> = participants::rows(tx, &paired)?.iter().filter(|row| counts(row.state)).map(|row| row.id).collect();
    for ((one, other), shared_words) in pairs {
        if alive.contains(&one) && alive.contains(&other) {
            let words = words.get(&one).max(words.get(&other)).copied().unwrap_or_default();
            let evidence = Evidence::LikelyDuplicate { shared_words, words };
            raise(tx, context, Found { evidence, about: vec![one, other], subjects: vec![one, other], facility: None })?;
        }
    }
    Ok(())
}

/// NIKs that follow one another on the cards of these people.
fn sequences_on_cards(app: &App, tx: &mut Tx, context: &Context, present: &[Id]) -> Result<()> {
    let threshold = app.settings.signals.sequential_niks;
    let mut cards: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (household, member) in scans::housemates(tx, present)? {
        cards.entry(household).or_default().push(member);
    }
    cards.retain(|_, members| longer_or_equal(members.len(), threshold));
    let members: Vec<Id> = cards.values().flatten().copied().collect();
    let niks = niks(tx, &members)?;
    for (household, members) in cards {
        let run = longest_run(members.iter().filter_map(|member| niks.get(member)));
        if run >= threshold {
            let evidence = Evidence::SequentialNiks { run, threshold, household_id: Some(household), registered_by: None };
            raise(tx, context, Found { evidence, about: vec![household], subjects: members, facility: None })?;
        }
    }
    Ok(())
}

/// NIKs that follow one another among those whom one account registered, whenever it did.
fn sequences_of_accounts(app: &App, tx: &mut Tx, context: &Context, marks: &[Mark], registrars: &HashMap<Id, Id>) -> Result<()> {
    let threshold = app.settings.signals.sequential_niks;
    let registered = marks.iter().filter(|mark| mark.kind == MarkKind::RegisteredNik);
    let stems: BTreeMap<Id, Id> = registered.map(|mark| (mark.bidx, mark.participant_id)).collect();
    for (stem, person) in stems {
        let people = scans::with_mark(tx, stem, COMPARED)?;
        if !longer_or_equal(people.len(), threshold) {
            continue;
        }
        let run = longest_run(niks(tx, &people)?.values());
        if run >= threshold {
            let evidence = Evidence::SequentialNiks { run, threshold, household_id: None, registered_by: registrars.get(&person).copied() };
            raise(tx, context, Found { evidence, about: vec![stem], subjects: people, facility: None })?;
        }
    }
    Ok(())
}

fn longer_or_equal(length: usize, threshold: i64) -> bool {
    i64::try_from(length).unwrap_or(i64::MAX) >= threshold
}

fn niks(tx: &mut Tx, people: &[Id]) -> Result<HashMap<Id, Nik>> {
    let (keyring, mut reading) = (tx.keyring(), Reading::within(tx));
    let mut niks = HashMap::with_capacity(people.len());
    for row in participants::rows(tx, people)? {
        // Whom no NIK names yet has none that could follow another.
        if let Ok(nik) = Nik::parse(&row.identity(&keyring, &mut reading)?.nik) {
            niks.insert(row.id, nik);
        }
    }
    Ok(niks)
}

/// Notes which telephones and addresses of these people stand on more cards than they should. What is noted is not counted for each of those who have it.
fn note_shared(app: &App, tx: &mut Tx, marks: &[Mark]) -> Result<()> {
    let mut asked: BTreeMap<Id, MarkKind> =
        marks.iter().filter(|mark| threshold(app, mark.kind).is_some()).map(|mark| (mark.bidx, mark.kind)).collect();
    let noted = scans::noted_marks(tx, &asked.keys().copied().collect::<Vec<_>>())?;
    asked.retain(|mark, _| !noted.contains(mark));
    let counted = scans::cards_of_marks(tx, &asked.keys().copied().collect::<Vec<_>>())?;
    let too_many = counted.into_iter().filter_map(|(mark, cards)| {
        let kind = *asked.get(&mark)?;
        (cards > threshold(app, kind)?).then_some((mark, kind))
    });
    scans::note_marks(tx, &too_many.collect::<Vec<_>>())
}

fn threshold(app: &App, kind: MarkKind) -> Option<i64> {
    match kind {
        MarkKind::Phone => Some(app.settings.signals.cards_per_phone),
        MarkKind::Address => Some(app.settings.signals.cards_per_address),
        MarkKind::RegisteredNik => None,
    }
}

fn count_mark(app: &App, tx: &mut Tx, context: &Context, (mark, kind): (Id, MarkKind)) -> Result<()> {
    let Some(threshold) = threshold(app, kind) else { return Ok(()) };
    let cards = scans::cards_of_marks(tx, &[mark])?.first().map_or(0, |(_, cards)| *cards);
    let evidence = match kind {
        MarkKind::Phone => Evidence::SharedPhone { cards, threshold },
        MarkKind::Address => Evidence::SharedAddress { cards, threshold },
        MarkKind::RegisteredNik => return Ok(()),
    };
    // Corrected while it waited to be counted.
    if cards <= threshold {
        return Ok(());
    }
    let subjects = scans::with_mark(tx, mark, SUBJECTS as i64)?;
    raise(tx, context, Found { evidence, about: vec![mark], subjects, facility: None })
}
