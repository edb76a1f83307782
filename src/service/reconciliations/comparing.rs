//! Comparing the registry with the current snapshot: number after number in the order of their keys, a page in a transaction together with what tells
//! how far it has come. A kill loses nothing and doubles nothing.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::context::Context;
use crate::domain::id::Id;
use crate::domain::jkn::JknPeriod;
use crate::domain::names;
use crate::domain::nik::Nik;
use crate::domain::participants::{Guess, ParticipantState};
use crate::domain::population::{CivilRecord, Difference, FindingCategory, FindingState, Registered, compare};
use crate::error::{Code, Error, Result};
use crate::service::App;
use crate::store;
use crate::store::audit::Event;
use crate::store::db::{Db, Tx, write_quietly};
use crate::store::gate::Priority;
use crate::store::participants::Row as PersonRow;
use crate::store::population::Record;
use crate::store::reading::Reading;
use crate::store::reconciliation_findings::{self as findings, Finding, FindingCell};
use crate::store::reconciliations::{self, Run};
use crate::store::sealed::Identity;

/// Someone of a page: what the registry has, and what the file says.
struct Person {
    row: PersonRow,
    identity: Identity,
    kk_number: Option<String>,
    household: Option<Id>,
    jkn: Option<JknPeriod>,
    /// None where the file does not have the number.
    said: Option<Vec<CivilRecord>>,
}

impl Person {
    /// In the file, and of what it says nothing could be read: that is neither a difference nor an absence.
    fn is_unread(&self) -> bool {
        self.said.as_ref().is_some_and(Vec::is_empty)
    }
}

/// A difference, whose it is, and the other one of a pair.
struct Found {
    person: Id,
    other: Option<Id>,
    difference: Difference,
}

/// Compares one page, and returns the run as it stands after it; none when the registry has no further number.
pub fn page(app: &App, tx: &mut Tx, context: &Context, run: &Run, as_of: NaiveDate, rows: i64) -> Result<Option<Run>> {
    let niks = store::participants::niks_after(tx, run.compared_to, rows)?;
    let Some((last, _)) = niks.last().copied() else { return Ok(None) };
    let mut reading = Reading::within(tx);
    let people = load(tx, &mut reading, run.id, as_of, &niks)?;
    let mut found = Vec::new();
    for person in people.values().filter(|person| !person.is_unread()) {
        let differences = compare(&registered(person), person.said.as_deref().unwrap_or_default(), &app.city.code);
        found.extend(differences.into_iter().map(|difference| Found { person: person.row.id, other: None, difference }));
    }
    drop_outdated(tx, &mut found, as_of)?;
    pair_up(tx, &mut reading, run.id, &people, &mut found)?;
    let mut after = Run { compared_to: Some(last), updated_at: context.now, ..run.clone() };
    count(&mut after, &people, &found);
    after.new_findings += keep(tx, context, run.id, &people, found)?;
    if !reconciliations::advance(tx, run, &after)? {
        return Err(Error::refused(Code::StateConflict));
    }
    Ok(Some(after))
}

/// People of these numbers. A number that someone had before finds them too, but what the file says under it is not about them.
fn load(tx: &mut Tx, reading: &mut Reading, snapshot: Id, as_of: NaiveDate, niks: &[(Id, Id)]) -> Result<HashMap<Id, Person>> {
    let ids = sorted(niks.iter().map(|(_, person)| *person));
    let numbers: Vec<Id> = niks.iter().map(|(nik, _)| *nik).collect();
    let mut said = store::population::of_niks(tx, reading, snapshot, &numbers)?;
    let mut homes = households(tx, reading, &ids)?;
    let mut jkn: HashMap<Id, JknPeriod> = HashMap::new();
    for period in store::jkn::of(tx, &ids)?.iter().filter(|row| row.period().holds_on(as_of)) {
        jkn.insert(period.participant_id, period.period());
    }
    let keyring = tx.keyring();
    let page: HashSet<Id> = numbers.into_iter().collect();
    let mut people = HashMap::with_capacity(ids.len());
    for row in store::participants::rows(tx, &ids)? {
        let identity = row.identity(&keyring, reading)?;
        // A temporary record has no number, and one that is out of use belongs to the page of the number in use.
        let Ok(nik) = Nik::parse(&identity.nik) else { continue };
        let index = keyring.nik_index(&nik)?.value;
        if !page.contains(&index) {
            continue;
        }
        let (household, kk_number) = homes.remove(&row.id).unzip();
        let said = said.remove(&index).map(|Record { people, .. }| people);
        people.insert(row.id, Person { jkn: jkn.remove(&row.id), row, identity, kk_number, household, said });
    }
    Ok(people)
}

/// The household of each of these people and its number.
fn households(tx: &mut Tx, reading: &Reading, people: &[Id]) -> Result<HashMap<Id, (Id, String)>> {
    let memberships = store::households::open_memberships(tx, people)?;
    let ids = sorted(memberships.iter().map(|membership| membership.household_id));
    let numbers: HashMap<Id, String> =
        store::households::all(tx, reading, &ids)?.into_iter().map(|household| (household.id, household.cell.kk_number)).collect();
    let home = |household: Id| numbers.get(&household).map(|number| (household, number.clone()));
    Ok(memberships.iter().filter_map(|one| Some((one.participant_id, home(one.household_id)?))).collect())
}

fn registered(person: &Person) -> Registered<'_> {
    let identity = &person.identity;
    Registered {
        state: person.row.state,
        name: identity.known_name(),
        birth_date: identity.known_birth_date(),
        sex: (!identity.guessed.contains(&Guess::Sex)).then_some(person.row.sex),
        kk_number: person.kk_number.as_deref(),
        village_code: person.row.village_code,
        jkn: person.jkn,
    }
}

/// A move or a death that the registry learned of after the file was made is no difference: the file is behind.
fn drop_outdated(tx: &mut Tx, found: &mut Vec<Found>, as_of: NaiveDate) -> Result<()> {
    let ids = sorted(found.iter().filter(|one| one.difference.ages()).map(|one| one.person));
    let mut newer = store::participant_events::happened_after(tx, &ids, as_of)?;
    for stay in store::residencies::of(tx, &ids)? {
        if stay.resident_since > as_of || stay.resident_until.is_some_and(|until| until >= as_of) {
            newer.insert(stay.participant_id);
        }
    }
    found.retain(|one| !one.difference.ages() || !newer.contains(&one.person));
    Ok(())
}

/// Someone of the household of a person whom the file does not have.
struct Member {
    id: Id,
    nik: Id,
    name: String,
    birth_date: NaiveDate,
}

/// Someone whom the file does not have, in one household with someone of the same name and birth date whom it has: that is one person, registered twice.
fn pair_up(tx: &mut Tx, reading: &mut Reading, snapshot: Id, people: &HashMap<Id, Person>, found: &mut [Found]) -> Result<()> {
    let is_missed = |one: &Found| one.difference.category == FindingCategory::NotFound;
    let homes = sorted(found.iter().filter(|one| is_missed(one)).filter_map(|one| people.get(&one.person)?.household));
    let members = members(tx, reading, &homes)?;
    let niks: Vec<Id> = members.values().flatten().map(|member| member.nik).collect();
    let there = store::population::which(tx, snapshot, &niks)?;
    for one in found.iter_mut().filter(|one| is_missed(one)) {
        let Some(person) = people.get(&one.person) else { continue };
        let (Some(household), Some(name), Some(birth_date)) = (person.household, person.identity.known_name(), person.identity.known_birth_date())
        else {
            continue;
        };
        let is_twin = |other: &&Member| {
            other.id != one.person && other.birth_date == birth_date && there.contains(&other.nik) && names::same(&other.name, name)
        };
        if let Some(twin) = members.get(&household).into_iter().flatten().find(is_twin) {
            (one.other, one.difference) = (Some(twin.id), Difference::two_of_one(name, birth_date));
        }
    }
    Ok(())
}

/// The people of these households who live here and of whom enough is known to tell them from others, by household.
fn members(tx: &mut Tx, reading: &mut Reading, households: &[Id]) -> Result<HashMap<Id, Vec<Member>>> {
    let keyring = tx.keyring();
    let homes: HashMap<Id, Id> =
        store::households::open_members(tx, households)?.into_iter().map(|one| (one.participant_id, one.household_id)).collect();
    let mut members: HashMap<Id, Vec<Member>> = HashMap::with_capacity(households.len());
    for row in store::participants::rows(tx, &sorted(homes.keys().copied()))? {
        let Some(household) = homes.get(&row.id).filter(|_| row.state == ParticipantState::Active) else { continue };
        let identity = row.identity(&keyring, reading)?;
        let (Ok(nik), Some(name), Some(birth_date)) = (Nik::parse(&identity.nik), identity.known_name(), identity.known_birth_date()) else {
            continue;
        };
        let member = Member { id: row.id, nik: keyring.nik_index(&nik)?.value, name: name.to_owned(), birth_date };
        members.entry(*household).or_default().push(member);
    }
    Ok(members)
}

fn sorted(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    let mut ids: Vec<Id> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn count(run: &mut Run, people: &HashMap<Id, Person>, found: &[Found]) {
    let many = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let of = |category| many(found.iter().filter(|one| one.difference.category == category).count());
    let differing: HashSet<Id> = found.iter().map(|one| one.person).collect();
    run.compared += many(people.len());
    run.agree += many(people.values().filter(|person| !person.is_unread() && !differing.contains(&person.row.id)).count());
    run.matched += many(people.values().filter(|person| person.said.is_some()).count());
    for (counter, category) in [
        (&mut run.not_found, FindingCategory::NotFound),
        (&mut run.moved, FindingCategory::Moved),
        (&mut run.duplicate, FindingCategory::Duplicate),
        (&mut run.different, FindingCategory::Different),
        (&mut run.deceased, FindingCategory::Deceased),
        (&mut run.jkn_changed, FindingCategory::JknChanged),
    ] {
        *counter += of(category);
    }
}

/// Keeps what is new, and says of what is known that it shows again. Returns how many wait for a decision because of this run.
fn keep(tx: &mut Tx, context: &Context, run: Id, people: &HashMap<Id, Person>, found: Vec<Found>) -> Result<i64> {
    if found.is_empty() {
        return Ok(0);
    }
    let keyring = tx.keyring();
    let whose = sorted(found.iter().map(|one| one.person));
    let known = findings::known(tx, &whose)?;
    let (mut fresh, mut again) = (Vec::new(), Vec::new());
    let mut back: HashMap<FindingState, Vec<Id>> = HashMap::new();
    for Found { person, other, difference } in found {
        let said = serde_json::to_vec(&(other, &difference)).map_err(|_| Error::internal("a finding that is no JSON"))?;
        let content = keyring.finding_index(person, &said)?;
        if let Some(known) = known.get(&(person, content.value)) {
            again.push(known.id);
            if is_open_again(known) {
                back.entry(known.state).or_default().push(known.id);
            }
            continue;
        }
        let Some(about) = people.get(&person) else { continue };
        fresh.push(Finding {
            id: context.new_id(),
            run_id: run,
            last_run_id: run,
            participant_id: person,
            other_participant_id: other,
            category: difference.category,
            state: FindingState::Open,
            village_code: about.row.village_code,
            row_key: about.said.iter().flatten().next().and_then(|record| record.row_key.clone()),
            content,
            cell: FindingCell { difference, note: None },
            found_at: context.now,
            updated_at: context.now,
            decided_at: None,
            decided_by: None,
        });
    }
    findings::insert_all(tx, &fresh)?;
    findings::shown_again(tx, &again, run, context.now)?;
    let mut reopened = 0;
    for (settled, ids) in back {
        reopened += findings::reopen(tx, &ids, settled)?;
    }
    if !fresh.is_empty() {
        let about = fresh.iter().map(|finding| finding.participant_id);
        tx.record(Event::new(context, "reconciliation.found").object(run).about(about).with("findings", fresh.len()));
    }
    Ok(i64::try_from(fresh.len() + reopened).unwrap_or(i64::MAX))
}

/// What was applied and shows all the same was undone since; a case that was opened stands until the civil registry has spoken.
fn is_open_again(known: &findings::Known) -> bool {
    match known.state {
        FindingState::Resolved => true,
        FindingState::Applied => known.category != FindingCategory::Duplicate,
        FindingState::Open | FindingState::Dismissed => false,
    }
}

/// Where the closing of what a run no longer shows has come to: each category by the ids of its findings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    category: usize,
    after: Option<Id>,
}

/// Closes what this run no longer shows, a slice at a time; false when nothing is left.
pub fn resolve(db: &mut Db, context: &Context, run: &mut Run, place: &mut Place) -> Result<bool> {
    const SLICE: i64 = 500;
    let Some(category) = FindingCategory::ALL.get(place.category).copied() else { return Ok(false) };
    let (last, after) = write_quietly(db, Priority::Bulk, "the end of the run tells how many", |tx| {
        let gone = findings::unshown(tx, run.id, category, place.after, SLICE)?;
        let resolved = findings::resolve(tx, &gone, run.id, context.now)?;
        let after = Run { resolved: run.resolved + i64::try_from(resolved).unwrap_or(i64::MAX), updated_at: context.now, ..run.clone() };
        if !reconciliations::advance(tx, run, &after)? {
            return Err(Error::refused(Code::StateConflict));
        }
        Ok((gone.last().copied(), after))
    })?;
    *run = after;
    *place = match last {
        Some(last) => Place { after: Some(last), ..*place },
        None => Place { category: place.category + 1, after: None },
    };
    Ok(true)
}
