//! One turn of the check desk: everything that was waiting is read at once, decided, and recorded in one transaction.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::App;
use super::check_questions::{Brought, Question, Who};
use super::misses::Counts;
use crate::domain::eligibility::{Answer, Decision, Outcome, decide};
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::check_facts::{self, CardHolder, Person, ReferralRow};
use crate::store::db::Tx;
use crate::store::eligibility_checks::{self, Check, Record, Shown};

/// A check that is recorded, with what its answer is rendered from.
#[derive(Clone)]
pub struct Recorded {
    pub check: Check,
    pub record: Record,
    pub answer: Answer,
    /// The answer of an earlier request with the same key.
    pub replayed: bool,
}

/// What a turn has read, by what it was asked for.
struct Known {
    by_nik: HashMap<Id, Id>,
    by_card: HashMap<Id, CardHolder>,
    /// Who was on a family card, and when: members come and go.
    families: HashMap<(Id, NaiveDate), Vec<Id>>,
    persons: HashMap<Id, Person>,
    referrals: HashMap<String, ReferralRow>,
}

/// Answers every question or says why not; one question's refusal is no other's.
pub fn answer(app: &App, tx: &mut Tx, questions: &[Question]) -> Result<Vec<Result<Recorded>>> {
    app.refresh(tx)?;
    let Some(latest) = questions.iter().map(|question| &question.context).max_by_key(|context| context.now) else { return Ok(Vec::new()) };
    let mut counts = Counts::load(app, tx, questions.iter().map(|question| &question.caller), latest.now)?;
    let indexes = questions.iter().map(|question| index(tx, &question.who)).collect::<Result<Vec<Option<Id>>>>()?;
    let known = read(tx, questions, &indexes)?;
    let mut answers = Vec::with_capacity(questions.len());
    for (question, index) in questions.iter().zip(&indexes) {
        answers.push(one(app, tx, question, *index, &known, &mut counts));
    }
    let checks: Vec<Check> = answers.iter().filter_map(|answer| answer.as_ref().ok()).map(|recorded| recorded.check.clone()).collect();
    eligibility_checks::insert_all(tx, &checks)?;
    counts.save(app, tx)?;
    Ok(answers)
}

fn index(tx: &Tx, who: &Who) -> Result<Option<Id>> {
    let keyring = tx.keyring();
    Ok(match who {
        Who::Nik(nik) => Some(keyring.nik_index(nik)?.value),
        Who::Card(number) => Some(keyring.card_index(number)?.value),
        Who::Family(kk) => Some(keyring.kk_index(kk)?.value),
        Who::Participant(_) => None,
    })
}

fn read(tx: &mut Tx, questions: &[Question], indexes: &[Option<Id>]) -> Result<Known> {
    let (mut niks, mut cards, mut ids, mut numbers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut families = HashMap::new();
    for (question, index) in questions.iter().zip(indexes) {
        match (&question.who, index) {
            (Who::Nik(_), Some(index)) => niks.push(*index),
            (Who::Card(_), Some(index)) => cards.push(*index),
            (Who::Family(_), Some(index)) => {
                families.insert((*index, question.service_date), check_facts::on_card_of_family(tx, *index, question.service_date)?);
            }
            (Who::Participant(id), _) => ids.push(*id),
            (Who::Nik(_) | Who::Card(_) | Who::Family(_), None) => {}
        }
        if let Some(Brought::Number(number)) = &question.referral {
            numbers.push(number.as_str());
        }
    }
    let by_nik = if niks.is_empty() { HashMap::new() } else { check_facts::by_nik(tx, &niks)? };
    let by_card = if cards.is_empty() { HashMap::new() } else { check_facts::by_card(tx, &cards)? };
    ids.extend(by_nik.values());
    ids.extend(by_card.values().map(|holder| holder.participant_id));
    ids.extend(families.values().flatten());
    ids.sort_unstable();
    ids.dedup();
    let persons = check_facts::persons(tx, &ids)?;
    let referrals = if numbers.is_empty() { HashMap::new() } else { check_facts::by_number(tx, &numbers)? };
    Ok(Known { by_nik, by_card, families, persons, referrals })
}

fn one(app: &App, tx: &mut Tx, question: &Question, index: Option<Id>, known: &Known, counts: &mut Counts) -> Result<Recorded> {
    // Between the request's own check and this turn the session may have ended.
    if app.memory.signed_in(question.caller.user_id, question.caller.session_id)?.is_none() {
        return Err(Error::refused(Code::SignInRequired));
    }
    counts.admit(app, &question.caller, question.context.now)?;
    let card = index.and_then(|index| known.by_card.get(&index)).copied();
    let person = match &question.who {
        Who::Nik(_) => index.and_then(|index| known.by_nik.get(&index)).and_then(|id| known.persons.get(id)),
        Who::Card(_) => card.and_then(|card| known.persons.get(&card.participant_id)),
        Who::Participant(id) => Some(known.persons.get(id).ok_or_else(|| Fault::at("/participant_id", "PARTICIPANT_NOT_FOUND"))?),
        Who::Family(_) => {
            let members = index
                .and_then(|index| known.families.get(&(index, question.service_date)))
                .into_iter()
                .flatten()
                .filter_map(|id| known.persons.get(id));
            let mut fitting = members.filter(|person| question.singles_out(person));
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
    if person.is_none() {
        counts.note(&question.context, &question.caller);
    }
    let referral = match &question.referral {
        Some(Brought::Number(number)) => known.referrals.get(number),
        Some(Brought::Told { .. }) | None => None,
    };
    record(app, tx, question, person, card, referral)
}

/// Decides and makes the row, its sealed record and its event.
fn record(
    app: &App,
    tx: &mut Tx,
    question: &Question,
    person: Option<&Person>,
    card: Option<CardHolder>,
    referral: Option<&ReferralRow>,
) -> Result<Recorded> {
    let rule_set = app.city.rule_sets.for_date(question.service_date).ok_or_else(|| Fault::at("/service_date", "SERVICE_DATE_OUT_OF_RANGE"))?;
    let facts = question.facts(app, person, card, referral);
    let answer = decide(rule_set, &app.city.lists, &facts);
    let shown = person.map(|person| Shown {
        name: person.identity.name.clone(),
        birth_year: person.birth_year,
        sex: person.sex,
        nik_masked: Nik::parse(&person.identity.nik).map(|nik| nik.masked()).unwrap_or_default(),
    });
    let asked_nik = match (&question.who, person) {
        (Who::Nik(nik), None) => Some(nik.masked()),
        (Who::Nik(_), Some(_)) | (Who::Card(_) | Who::Participant(_) | Who::Family(_), _) => None,
    };
    let id = question.context.new_id();
    let record = Record { facts, shown, asked_nik, offline: question.offline.clone() };
    let digest = answer.digest().map_err(|_| Error::internal("an answer has no JSON form"))?;
    let failing: Vec<&str> = answer.rules.iter().filter(|rule| rule.outcome == Outcome::Fail).map(|rule| rule.code.as_str()).collect();
    let check = Check {
        id,
        participant_id: person.map(|person| person.id),
        facility_id: question.facility.id,
        asked_by: question.caller.user_id,
        service_date: question.service_date,
        care_type: question.care_type,
        decision: answer.decision,
        failing: failing.join(","),
        basis_id: app.bases.of(&rule_set.code)?,
        language: question.language,
        retrospective: question.retrospective,
        checked_at: question.context.now,
        valid_until: answer.valid_until.unwrap_or(question.context.now),
        complete_by: answer.complete_by,
        override_of: question.override_of,
        digest: digest.as_bytes().to_vec(),
        record: eligibility_checks::seal(tx, id, &record)?,
    };
    tx.record(Event::new(&question.context, "check.recorded").object(id).about(person.map(|person| person.id)).with("decision", answer.decision));
    count(answer.decision);
    Ok(Recorded { check, record, answer, replayed: false })
}

fn count(decision: Decision) {
    metrics::counter!("ksnik_checks_total", "decision" => decision.as_str()).increment(1);
}
