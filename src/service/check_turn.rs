//! One turn of the check desk: everything that was waiting is read at once, decided, and recorded in one transaction.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::App;
use super::bases::{self, Grounds};
use super::check_questions::{Brought, Found, Key, Question, Who, may_need_mother};
use super::idempotency::in_progress;
use super::misses::Counts;
use super::newborns;
use super::population_office::standings::{Word, Words};
use super::signal_watch;
use super::verifications::Unverified;
use crate::domain::eligibility::{Answer, decide};
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::residency::home_on;
use crate::error::{Code, Error, Fault, Result, StorageFault};
use crate::store;
use crate::store::audit::Event;
use crate::store::check_facts::{self, CardHolder, FoundReferral, Person};
use crate::store::db::Tx;
use crate::store::eligibility_checks::{self, Check, Record, Shown};
use crate::store::idempotency::Kept;

/// A check that is recorded, with what its answer is rendered from.
#[derive(Clone)]
pub struct Recorded {
    pub check: Check,
    pub record: Record,
    pub answer: Answer,
    /// For the answer of an earlier request with the same key: what it was decided on.
    pub replayed: Option<Arc<Grounds>>,
}

/// What a turn makes of a question.
pub enum Answered {
    Recorded(Box<Recorded>),
    /// The population office should be asked about this participant first; then the question comes again.
    AsksFirst(Unverified),
}

impl Answered {
    /// What this turn has recorded, unlike what an earlier one had.
    pub fn new_record(&self) -> Option<&Recorded> {
        match self {
            Self::Recorded(recorded) if recorded.replayed.is_none() => Some(recorded),
            Self::Recorded(_) | Self::AsksFirst(_) => None,
        }
    }
}

/// What a turn has read, by what it was asked for.
struct Known {
    by_nik: HashMap<Id, Id>,
    by_card: HashMap<Id, CardHolder>,
    /// Who was on a family card, and when: members come and go.
    families: HashMap<(Id, NaiveDate), Vec<Id>>,
    persons: HashMap<Id, Person>,
    referrals: HashMap<String, FoundReferral>,
    /// Children by the index of the mother's NIK, birth date and order.
    newborns: HashMap<(Id, NaiveDate, u8), Id>,
    /// The mothers of those who are young enough for it to matter.
    mothers: HashMap<Id, Id>,
    /// What the population office said of them.
    words: Words,
    /// Who is found in the place of a record that was merged.
    stand_ins: HashMap<Id, Id>,
}

impl Known {
    fn person(&self, id: &Id) -> Option<&Person> {
        self.persons.get(self.stand_ins.get(id).unwrap_or(id))
    }
}

/// Answers every question or says why not; one question's refusal is no other's.
pub fn answer(app: &App, tx: &mut Tx, questions: &[Question]) -> Result<Vec<Result<Answered>>> {
    app.refresh(tx)?;
    let Some(latest) = questions.iter().map(|question| &question.context).max_by_key(|context| context.now) else { return Ok(Vec::new()) };
    let mut counts = Counts::load(app, tx, questions.iter().map(|question| &question.caller), latest.now)?;
    let indexes = questions.iter().map(|question| index(tx, &question.who)).collect::<Result<Vec<Option<Id>>>>()?;
    let known = read(app, tx, questions, &indexes)?;
    let before = answered_before(tx, questions)?;
    let (mut answers, mut checks, mut keys) = (Vec::with_capacity(questions.len()), Vec::new(), Vec::new());
    let mut noticed = Vec::new();
    for (question, index) in questions.iter().zip(&indexes) {
        let earlier = question.key.and_then(|key| before.get(&key.key).map(|earlier| (key, earlier)));
        let answer = match earlier {
            // Between the request's own check and this turn the session may have ended.
            _ if app.memory.signed_in(question.caller.user_id, question.caller.session_id)?.is_none() => Err(Error::refused(Code::SignInRequired)),
            Some((key, earlier)) => again(app, tx, question, key, earlier).map(|recorded| Answered::Recorded(Box::new(recorded))),
            // Twice in one turn: the second is a retry that came before its answer.
            None if question.key.is_some_and(|key| keys.iter().any(|kept: &Kept| kept.key == key.key)) => Err(in_progress()),
            None => one(app, tx, question, *index, &known, &mut counts),
        };
        if let Some(recorded) = answer.as_ref().ok().and_then(Answered::new_record) {
            let person = recorded.check.participant_id.and_then(|id| known.person(&id));
            let found = signal_watch::at_check(app, question, *index, &recorded.check, person);
            noticed.extend(found.map(|found| (&question.context, found)));
            checks.push(recorded.check.clone());
            keys.extend(question.key.map(|key| kept(key, &recorded.check)));
        }
        answers.push(answer);
    }
    eligibility_checks::insert_all(tx, &checks)?;
    signal_watch::raise_all(tx, noticed)?;
    if store::idempotency::insert_many(tx, &keys)? != keys.len() {
        // Another node was faster by a moment; the whole turn is asked again and finds its answer.
        return Err(Error::Storage(StorageFault::Conflict("a key was used at the same moment".into())));
    }
    counts.save(app, tx)?;
    Ok(answers)
}

/// What is known of a key before its question is answered.
enum Earlier {
    /// The first request with it is running on another node.
    InProgress,
    Answered(Kept),
}

/// The keys of the turn that were used before, here or on another node.
fn answered_before(tx: &mut Tx, questions: &[Question]) -> Result<HashMap<Id, Earlier>> {
    let keys: Vec<Id> = questions.iter().filter_map(|question| question.key).map(|key| key.key).collect();
    let mut earlier = HashMap::new();
    if keys.is_empty() {
        return Ok(earlier);
    }
    // Claimed first and looked up then: what another node commits in between is found.
    for key in &keys {
        if !store::idempotency::claim(tx, *key)? {
            earlier.insert(*key, Earlier::InProgress);
        }
    }
    earlier.extend(store::idempotency::find_many(tx, &keys)?.into_iter().map(|(key, kept)| (key, Earlier::Answered(kept))));
    Ok(earlier)
}

fn kept(key: Key, check: &Check) -> Kept {
    Kept { key: key.key, fingerprint: key.fingerprint.to_vec(), status: 201, check_id: Some(check.id), answer: None, created_at: check.checked_at }
}

/// The recorded check that a key was answered with, read again.
fn again(app: &App, tx: &mut Tx, question: &Question, key: Key, earlier: &Earlier) -> Result<Recorded> {
    let kept = match earlier {
        Earlier::InProgress => return Err(in_progress()),
        Earlier::Answered(kept) if kept.fingerprint != key.fingerprint => return Err(Error::refused(Code::IdempotencyKeyReused)),
        Earlier::Answered(kept) => kept,
    };
    let missing = || Error::internal("the check that a key was answered with is missing");
    let check = eligibility_checks::find(tx, kept.check_id.ok_or_else(missing)?)?.ok_or_else(missing)?;
    let record = eligibility_checks::open(tx, &check)?;
    let grounds = bases::grounds(app, tx, check.basis_id)?;
    let answer = grounds.decide(&record.facts)?;
    tx.record(Event::new(&question.context, "check.read").object(check.id).about(check.participant_id));
    Ok(Recorded { check, record, answer, replayed: Some(grounds) })
}

fn index(tx: &Tx, who: &Who) -> Result<Option<Id>> {
    let keyring = tx.keyring();
    Ok(match who {
        Who::Nik(nik) | Who::Newborn { mother: nik, .. } => Some(keyring.nik_index(nik)?.value),
        Who::Card(number) => Some(keyring.card_index(number)?.value),
        Who::Family(kk) => Some(keyring.kk_index(kk)?.value),
        Who::Participant(_) => None,
    })
}

fn read(app: &App, tx: &mut Tx, questions: &[Question], indexes: &[Option<Id>]) -> Result<Known> {
    let (mut niks, mut cards, mut ids, mut numbers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut families = HashMap::new();
    for (question, index) in questions.iter().zip(indexes) {
        match (&question.who, index) {
            (Who::Nik(_) | Who::Newborn { .. }, Some(index)) => niks.push(*index),
            (Who::Card(_), Some(index)) => cards.push(*index),
            (Who::Family(_), Some(index)) => {
                families.insert((*index, question.service_date), check_facts::on_card_of_family(tx, *index, question.service_date)?);
            }
            (Who::Participant(id), _) => ids.push(*id),
            (Who::Nik(_) | Who::Card(_) | Who::Family(_) | Who::Newborn { .. }, None) => {}
        }
        if let Some(Brought::Number(number)) = &question.referral {
            numbers.push(number.as_str());
        }
    }
    let by_nik = if niks.is_empty() { HashMap::new() } else { check_facts::by_nik(tx, &niks)? };
    let by_card = if cards.is_empty() { HashMap::new() } else { check_facts::by_card(tx, &cards)? };
    let newborns = newborns_asked(tx, questions, indexes, &by_nik)?;
    // A NIK finds who stays by itself; cards, children, families and ids may lead to a record that was merged.
    ids.extend(newborns.values());
    ids.extend(by_card.values().map(|holder| holder.participant_id));
    ids.extend(families.values().flatten());
    let stand_ins = store::merges::stand_ins(tx, &ids)?;
    ids.iter_mut().for_each(|id| *id = stand_ins.get(id).copied().unwrap_or(*id));
    ids.extend(by_nik.values());
    ids.sort_unstable();
    ids.dedup();
    let mut persons = check_facts::persons(tx, &ids)?;
    let mothers = mothers(tx, questions, &mut persons)?;
    let words = Words::read(app, tx, questions, &persons)?;
    let referrals = if numbers.is_empty() { HashMap::new() } else { check_facts::by_number(tx, &numbers)? };
    Ok(Known { by_nik, by_card, families, persons, referrals, newborns, mothers, words, stand_ins })
}

/// The children that are asked for by their mothers' NIKs, by the index of it, birth date and order.
fn newborns_asked(tx: &mut Tx, questions: &[Question], indexes: &[Option<Id>], by_nik: &HashMap<Id, Id>) -> Result<HashMap<(Id, NaiveDate, u8), Id>> {
    let mut found = HashMap::new();
    for (question, index) in questions.iter().zip(indexes) {
        if let (Who::Newborn { born, order, .. }, Some(index)) = (&question.who, index)
            && let Some(mother) = by_nik.get(index)
            && let Some(child) = newborns::found(tx, *mother, *born, *order..=*order)?.pop()
        {
            found.insert((*index, *born, *order), child);
        }
    }
    Ok(found)
}

/// The mothers of those who may be covered through one, read as well. Most turns ask nothing.
fn mothers(tx: &mut Tx, questions: &[Question], persons: &mut HashMap<Id, Person>) -> Result<HashMap<Id, Id>> {
    let Some(earliest) = questions.iter().map(|question| question.service_date).min() else { return Ok(HashMap::new()) };
    let young: Vec<Id> = persons.values().filter(|person| may_need_mother(person, earliest)).map(|person| person.id).collect();
    if young.is_empty() {
        return Ok(HashMap::new());
    }
    let mothers = newborns::mothers_of(tx, &young)?;
    let mut unread: Vec<Id> = mothers.values().filter(|mother| !persons.contains_key(mother)).copied().collect();
    unread.sort_unstable();
    unread.dedup();
    persons.extend(check_facts::persons(tx, &unread)?);
    Ok(mothers)
}

fn one(app: &App, tx: &mut Tx, question: &Question, index: Option<Id>, known: &Known, counts: &mut Counts) -> Result<Answered> {
    counts.admit(app, &question.caller, question.context.now)?;
    let card = index.and_then(|index| known.by_card.get(&index));
    let person = match &question.who {
        Who::Nik(_) => index.and_then(|index| known.by_nik.get(&index)).and_then(|id| known.persons.get(id)),
        Who::Card(_) => card.and_then(|card| known.person(&card.participant_id)),
        Who::Newborn { born, order, .. } => index.and_then(|index| known.newborns.get(&(index, *born, *order))).and_then(|child| known.person(child)),
        Who::Participant(id) => Some(known.person(id).ok_or_else(|| Fault::at("/participant_id", "PARTICIPANT_NOT_FOUND"))?),
        Who::Family(_) => {
            let members =
                index.and_then(|index| known.families.get(&(index, question.service_date))).into_iter().flatten().filter_map(|id| known.person(id));
            // Two records of one person are one.
            let fitting: HashMap<Id, &Person> = members.filter(|person| question.singles_out(person)).map(|person| (person.id, person)).collect();
            let mut fitting = fitting.into_values();
            match (fitting.next(), fitting.next()) {
                (Some(person), None) => Some(person),
                (None, _) => {
                    counts.note(&question.context, &question.caller);
                    return Err(Error::refused(Code::PersonNotSingledOut));
                }
                (Some(_), Some(_)) => return Err(Error::refused(Code::PersonNotSingledOut)),
            }
        }
    };
    let mother = match (&question.who, person) {
        (_, Some(person)) => known.mothers.get(&person.id),
        (Who::Newborn { .. }, None) => index.and_then(|index| known.by_nik.get(&index)),
        (Who::Nik(_) | Who::Card(_) | Who::Participant(_) | Who::Family(_), None) => None,
    };
    let population = match person.map_or(Word::Unasked, |person| known.words.on(app, question, person)) {
        Word::Unasked => None,
        Word::Said(facts) => Some(facts),
        Word::AskFirst(participant) => return Ok(Answered::AsksFirst(participant)),
    };
    let found = Found { person, mother: mother.and_then(|mother| known.persons.get(mother)), population: population.as_ref() };
    if found.person.is_none() && found.mother.is_none() {
        counts.note(&question.context, &question.caller);
    }
    let referral = match &question.referral {
        Some(Brought::Number(number)) => known.referrals.get(number),
        Some(Brought::Told { .. }) | None => None,
    };
    record(app, tx, question, found, card, referral).map(|recorded| Answered::Recorded(Box::new(recorded)))
}

/// A person as an answer shows them.
pub(super) fn shown(person: &Person) -> Shown {
    Shown {
        name: person.identity.name.clone(),
        birth_year: person.birth_year,
        sex: person.sex,
        nik_masked: Nik::parse(&person.identity.nik).map(|nik| nik.masked()).unwrap_or_default(),
    }
}

/// Decides and makes the row, its sealed record and its event.
fn record(
    app: &App,
    tx: &mut Tx,
    question: &Question,
    found: Found<'_>,
    card: Option<&CardHolder>,
    referral: Option<&FoundReferral>,
) -> Result<Recorded> {
    let rule_set = app.city.rule_sets.for_date(question.service_date).ok_or_else(|| Fault::at("/service_date", "SERVICE_DATE_OUT_OF_RANGE"))?;
    let (person, facts) = (found.person, question.facts(app, found, card, referral));
    let answer = decide(rule_set, &app.city.lists, &facts);
    let shown = person.map(shown);
    let asked_nik = match (&question.who, person) {
        (Who::Nik(nik) | Who::Newborn { mother: nik, .. }, None) => Some(nik.masked()),
        (Who::Nik(_) | Who::Newborn { .. }, Some(_)) | (Who::Card(_) | Who::Participant(_) | Who::Family(_), _) => None,
    };
    let id = question.context.new_id();
    let record = Record { facts, shown, asked_nik, offline: question.offline.clone() };
    let digest = answer.digest().map_err(|_| Error::internal("an answer has no JSON form"))?;
    let check = Check {
        id,
        participant_id: person.map(|person| person.id),
        facility_id: question.facility.id,
        asked_by: question.caller.user_id,
        service_date: question.service_date,
        care_type: question.care_type,
        decision: answer.decision,
        failing: answer.failing(),
        basis_id: app.bases.of(&rule_set.code)?,
        language: question.language,
        retrospective: question.retrospective,
        checked_at: question.context.now,
        valid_until: answer.valid_until.unwrap_or(question.context.now),
        complete_by: answer.complete_by,
        override_of: question.override_of,
        digest: digest.as_bytes().to_vec(),
        record: eligibility_checks::seal(tx, id, &record)?,
        village_code: person.and_then(|person| home_on(&person.residency, question.service_date)),
    };
    let about = [found.person, found.mother].into_iter().flatten().map(|person| person.id);
    tx.record(Event::new(&question.context, "check.recorded").object(id).about(about).with("decision", answer.decision));
    Ok(Recorded { check, record, answer, replayed: None })
}
