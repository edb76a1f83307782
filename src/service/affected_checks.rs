//! Recorded checks that would be decided otherwise by what the registry says now. A recorded check is never rewritten: it is decided again, on its own
//! rules, lists and engine and on what the facility told then, and only the person is read anew.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::check_questions::{may_need_mother, person_facts, registered_oddities};
use super::check_turn::shown;
use super::{App, bases, newborns};
use crate::context::Context;
use crate::domain::eligibility::{Answer, Facts, Outcome, RuleCode};
use crate::domain::enrollments::EnrollmentStanding;
use crate::domain::id::Id;
use crate::error::{Code, Error, Result};
use crate::store;
use crate::store::audit::Event;
use crate::store::check_facts::{self, Person};
use crate::store::check_progress;
use crate::store::db::{Db, Tx, write};
use crate::store::eligibility_checks::{self, Check, Shown};
use crate::store::gate::Priority;

/// A recorded check that would be decided otherwise now.
pub struct Affected {
    pub check: Check,
    pub now: Answer,
    /// The rules that say otherwise: their code, what they said and what they would say.
    pub changed: Vec<(RuleCode, Outcome, Outcome)>,
}

/// Those among the checks that were looked at.
pub struct Page {
    pub affected: Vec<Affected>,
    pub looked_at: usize,
    /// The last check that was looked at, where there are more.
    pub next: Option<Id>,
}

/// Looks at a person's checks, newest first: `limit` of them, before this one.
pub fn list(app: &App, db: &mut Db, context: &Context, id: Id, before: Option<Id>, limit: i64) -> Result<Page> {
    write(db, Priority::People, |tx| {
        if !store::participants::exists(tx, id)? {
            return Err(Error::refused(Code::NotFound));
        }
        let page = page(app, tx, id, before, limit)?;
        let stays = store::merges::way_up(tx, id)?.pop();
        tx.record(Event::new(context, "checks.decided_again").object(id).about(std::iter::once(id).chain(stays)).with("looked_at", page.looked_at));
        Ok(page)
    })
}

/// The same within a change, whose event tells of the person.
pub(super) fn page(app: &App, tx: &mut Tx, id: Id, before: Option<Id>, limit: i64) -> Result<Page> {
    let records = store::merges::with_merged(tx, id)?;
    let mut checks = eligibility_checks::of_people(tx, &records, before, limit + 1)?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = checks.len() > limit;
    checks.truncate(limit);
    let (looked_at, next) = (checks.len(), checks.last().filter(|_| more).map(|check| check.id));
    let people = People::read(tx, id)?;
    let mut affected = Vec::new();
    let progress = check_progress::of(tx, &checks.iter().map(|check| check.id).collect::<Vec<_>>())?;
    let is_void = |check: &Check| progress.get(&check.id).is_some_and(|progress| progress.void.is_some());
    for check in checks.into_iter().filter(|check| !is_void(check)) {
        let record = eligibility_checks::open(tx, &check)?;
        let grounds = bases::grounds(app, tx, check.basis_id)?;
        let now = grounds.decide(&people.as_of_now(app, &record.facts))?;
        if now.decision != check.decision {
            let then = grounds.decide(&record.facts)?;
            let changed = changed(&then, &now);
            affected.push(Affected { check, now, changed });
        }
    }
    Ok(Page { affected, looked_at, next })
}

fn changed(then: &Answer, now: &Answer) -> Vec<(RuleCode, Outcome, Outcome)> {
    then.rules
        .iter()
        .zip(&now.rules)
        .filter(|(then, now)| then.outcome != now.outcome)
        .map(|(then, now)| (then.code, then.outcome, now.outcome))
        .collect()
}

/// The person of a check and its facts, as the registry has them now.
pub(super) struct PersonNow {
    /// Whoever is found in the place of a record that was merged.
    pub id: Id,
    pub shown: Shown,
    pub mother: Option<Id>,
    pub facts: Facts,
}

pub(super) fn person_now(app: &App, tx: &mut Tx, id: Id, then: &Facts) -> Result<PersonNow> {
    let people = People::read(tx, id)?;
    let facts = people.as_of_now(app, then);
    let mother = people.mother.as_ref().map(|mother| mother.id);
    Ok(PersonNow { id: people.person.id, shown: shown(&people.person), mother, facts })
}

/// Whom the checks are about, as the registry has them now.
pub(super) struct People {
    pub person: Person,
    mother: Option<Person>,
}

impl People {
    fn read(tx: &mut Tx, id: Id) -> Result<Self> {
        let id = store::merges::way_up(tx, id)?.pop().unwrap_or(id);
        Self::read_many(tx, &[id])?.remove(&id).ok_or(Error::refused(Code::NotFound))
    }

    /// The same for several who were not merged into others.
    pub(super) fn read_many(tx: &mut Tx, ids: &[Id]) -> Result<HashMap<Id, Self>> {
        let mothers = newborns::mothers_of(tx, ids)?;
        let mut all: Vec<Id> = ids.iter().chain(mothers.values()).copied().collect();
        all.sort_unstable();
        all.dedup();
        let persons = check_facts::persons(tx, &all)?;
        let of = |id: &Id| {
            let mother = mothers.get(id).and_then(|mother| persons.get(mother)).cloned();
            Some((*id, Self { person: persons.get(id)?.clone(), mother }))
        };
        Ok(ids.iter().filter_map(of).collect())
    }

    /// What was told stays as it was told; a claimed name is not kept, so how it compared stays as well.
    pub(super) fn as_of_now(&self, app: &App, then: &Facts) -> Facts {
        let mother = self.mother.as_ref().filter(|_| may_need_mother(&self.person, then.service_date));
        let oddities = registered_oddities(&self.person, &app.city.regions).unwrap_or_default();
        Facts {
            person: Some(person_facts(&self.person, mother, then.service_date)),
            nik_oddities: oddities.into_iter().collect(),
            card: then.card.map(|card| self.card_now(card, then.service_date)),
            ..then.clone()
        }
    }

    /// The card that was shown, as it stands now. The check keeps no number of it: it is known by the date of its issue, and of two that were issued on
    /// that date it is the one that counts least.
    fn card_now(&self, then: EnrollmentStanding, service_date: NaiveDate) -> EnrollmentStanding {
        let same = self.person.enrollments.iter().filter(|stretches| stretches.iter().any(|stretch| stretch.issued_on == then.issued_on));
        let now = same.filter_map(|stretches| EnrollmentStanding::on_date(stretches, service_date));
        now.min_by_key(|standing| standing.active_on(service_date)).unwrap_or(then)
    }
}
