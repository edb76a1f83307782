//! What the check desk knows of the population office's word on each person of a turn: read at once, and never by waiting for the office.

use std::collections::HashMap;

use crate::domain::eligibility::{PopulationFacts, SourceStanding};
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::population_office::{Finding, OfficeDriver, OfficeSource, by_file};
use crate::error::Result;
use crate::service::App;
use crate::service::check_questions::Question;
use crate::service::population_office::instant_of;
use crate::service::verifications::{Unverified, is_fresh};
use crate::store;
use crate::store::check_facts::{self, CivilFile, Person};
use crate::store::db::Tx;
use crate::store::verifications::Verification;

/// Everything that the office has said of the persons of a turn.
#[derive(Default)]
pub struct Words {
    verified: HashMap<Id, Verification>,
    file: Option<CivilFile>,
    /// The key of each person in the file.
    keys: HashMap<Id, Id>,
}

/// What is known of one person.
pub enum Word {
    /// The office is not asked, or not about this person.
    Unasked,
    /// It should be asked about this participant first; then the question comes again.
    AskFirst(Unverified),
    Said(PopulationFacts),
}

impl Words {
    /// One query where the driver is a file, one or two where it is the web service, none where it is off.
    pub fn read(app: &App, tx: &mut Tx, questions: &[Question], persons: &HashMap<Id, Person>) -> Result<Self> {
        let driver = app.office.driver();
        let Some(latest) = questions.iter().map(|question| &question.context).max_by_key(|context| context.now) else { return Ok(Self::default()) };
        if driver == OfficeDriver::Off || persons.is_empty() {
            return Ok(Self::default());
        }
        let ids: Vec<Id> = persons.keys().copied().collect();
        let verified = if driver == OfficeDriver::WebService { store::verifications::newest(tx, &ids)? } else { HashMap::new() };
        let mut keys = HashMap::new();
        let keyring = tx.keyring();
        for person in
            persons.values().filter(|person| !verified.get(&person.id).is_some_and(|newest| is_fresh(app, latest, person.updated_at, newest)))
        {
            if let Ok(nik) = Nik::parse(&person.identity.nik) {
                keys.insert(person.id, keyring.nik_index(&nik)?.value);
            }
        }
        let wanted: Vec<Id> = keys.values().copied().collect();
        let file = if wanted.is_empty() { None } else { check_facts::civil_file(tx, &wanted)? };
        Ok(Self { verified, file, keys })
    }

    pub fn on(&self, app: &App, question: &Question, person: &Person) -> Word {
        // Whom no NIK names nobody can verify.
        if person.identity.nik.is_empty() {
            return Word::Unasked;
        }
        match app.office.driver() {
            OfficeDriver::Off => Word::Unasked,
            OfficeDriver::Snapshot => {
                self.by_file(app, person).filter(|finding| is_new_enough(app, question, finding)).map_or(Word::Unasked, said_now)
            }
            OfficeDriver::WebService => self.by_service(app, question, person),
        }
    }

    fn by_service(&self, app: &App, question: &Question, person: &Person) -> Word {
        let newest = self.verified.get(&person.id);
        if let Some(fresh) = newest.filter(|newest| is_fresh(app, &question.context, person.updated_at, newest)) {
            return said_now(fresh.finding());
        }
        let may_call = app.office.web_service().is_some_and(|service| service.may_call(app.surroundings.now()));
        if !question.office_asked && may_call {
            return Word::AskFirst(Unverified { participant: person.id, changed_at: person.updated_at });
        }
        // It is away. Its last word counts, from whichever source it came.
        let last = newest.map(Verification::finding).into_iter().chain(self.by_file(app, person)).max_by_key(|finding| finding.as_of);
        Word::Said(facts(last, true))
    }

    fn by_file(&self, app: &App, person: &Person) -> Option<Finding> {
        let (file, key) = (self.file.as_ref()?, self.keys.get(&person.id)?);
        let people = file.people.get(key).map(Vec::as_slice);
        let (verdict, name, birth_date) = by_file(people, person.identity.known_name(), person.identity.known_birth_date());
        Some(Finding { verdict, name, birth_date, as_of: instant_of(file.as_of, app.city.offset), source: OfficeSource::Snapshot })
    }
}

fn said_now(finding: Finding) -> Word {
    Word::Said(facts(Some(finding), false))
}

fn facts(finding: Option<Finding>, away: bool) -> PopulationFacts {
    PopulationFacts {
        source: SourceStanding { as_of: finding.map(|finding| finding.as_of), away },
        verdict: finding.map(|finding| finding.verdict),
        differing: finding.map(|finding| finding.differing()).unwrap_or_default(),
    }
}

/// A file that is too old is no file, and without one the office is not asked.
fn is_new_enough(app: &App, question: &Question, finding: &Finding) -> bool {
    let rule_set = app.city.rule_sets.for_date(question.service_date);
    let most = rule_set.map_or(0, |rule_set| rule_set.sources.snapshot_max_age_days);
    question.context.now.since(finding.as_of) <= chrono::Duration::days(most.into())
}
