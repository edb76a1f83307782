//! What the claims of one transaction are judged on and none of them changes: it is read for all of them at once, by one query for each kind of fact. And
//! what they leave behind to be stored together.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Datelike, NaiveDate};

use super::Submission;
use super::judging::Ground;
use crate::context::Context;
use crate::domain::adjudication::{FacilityStatistics, PastClaim};
use crate::domain::budget::{Balances, Pot};
use crate::domain::claims::{Attached, Bill};
use crate::domain::eligibility::CareType;
use crate::domain::facilities::Facility;
use crate::domain::id::Id;
use crate::domain::rule_sets::RuleSet;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::{Code, Error, Fault, Result};
use crate::service::affected_checks::People;
use crate::service::tariffs::{self, Prices};
use crate::service::{App, edits};
use crate::store::claim_history::{self, History};
use crate::store::claims::Claim;
use crate::store::db::Tx;
use crate::store::documents::Document;
use crate::store::letters::Letter;
use crate::store::new_claims::Waiting;
use crate::store::numbers::{NumberKind, Series};
use crate::store::{
    check_progress, claims, documents, eligibility_checks as checks, facility_statistics, households, ledger, letters, merges, messages,
    participant_history,
};

/// Why claims are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// They are new.
    New,
    /// They are stored already, and told again.
    Again,
    /// Nothing will be stored, so nobody has to wait.
    LookBack,
}

/// On what each of these claims rests: a letter of this hospital, or one of its checks.
pub fn grounds(tx: &mut Tx, facility: &Facility, submissions: &[&Submission]) -> Result<Vec<Result<Ground>>> {
    let numbers: Vec<&str> = submissions.iter().filter(|told| told.check_id.is_none()).filter_map(|told| told.letter_number.as_deref()).collect();
    let held = if numbers.is_empty() { Vec::new() } else { letters::lock_numbered(tx, facility.id, &numbers)? };
    let letters: HashMap<&str, &Letter> = held.iter().map(|letter| (letter.number.as_str(), letter)).collect();
    let ids: Vec<Id> = held.iter().map(|letter| letter.check_id).chain(submissions.iter().filter_map(|told| told.check_id)).collect();
    let checks = checks::find_many(tx, &ids)?;
    let void = check_progress::void_among(tx, &ids)?;
    let people: BTreeSet<Id> =
        held.iter().map(|letter| letter.participant_id).chain(checks.values().filter_map(|check| check.participant_id)).collect();
    let stand_ins = merges::stand_ins(tx, &people.iter().copied().collect::<Vec<_>>())?;
    let found = |person: Id| stand_ins.get(&person).copied().unwrap_or(person);
    let merged = merges::merged_into(tx, &people.iter().map(|person| found(*person)).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>())?;
    let ground = |submission: &Submission| {
        let (letter, check_id) = match (&submission.letter_number, submission.check_id) {
            (Some(number), None) => {
                let letter = *letters.get(number.as_str()).ok_or_else(|| Fault::at("/letter_number", "LETTER_UNKNOWN"))?;
                (Some(letter.clone()), letter.check_id)
            }
            (None, Some(check)) => (None, check),
            (Some(_), Some(_)) | (None, None) => return Err(Fault::at("/letter_number", "LETTER_OR_CHECK").into()),
        };
        let check = checks.get(&check_id).filter(|check| letter.is_some() || check.facility_id == facility.id);
        let check = check.cloned().ok_or_else(|| Fault::at("/check_id", "CHECK_UNKNOWN"))?;
        if void.contains(&check.id) {
            return Err(Error::refused(Code::CheckVoid));
        }
        let person =
            letter.as_ref().map(|letter| letter.participant_id).or(check.participant_id).ok_or_else(|| Error::refused(Code::LetterNeedsPerson))?;
        let person = found(person);
        let mut records: Vec<Id> = std::iter::once(person).chain(merged.iter().filter(|(_, top)| *top == person).map(|(gone, _)| *gone)).collect();
        records.sort_unstable();
        Ok(Ground { letter, check, person, records, replaces: submission.replaces_claim_id })
    };
    Ok(submissions.iter().map(|submission| ground(submission)).collect())
}

/// What only keepers of the registry do; hospitals tell of newborns and of patients without a NIK as what they are.
const REGISTERED: &[&str] = &["participant.registered", "household.registered"];

pub struct Known {
    pub occasion: Occasion,
    pub shadow: BTreeSet<String>,
    families: HashMap<Id, Vec<Id>>,
    people: HashMap<Id, People>,
    /// Who registered whom.
    registrars: HashSet<(Id, Id)>,
    /// Under which letters there is a live claim.
    holders: HashMap<Id, Id>,
    /// Since when a person says of a letter that the care was not theirs.
    denied_letters: HashMap<Id, UtcTime>,
    /// Who said of which days at this hospital that they were not there.
    denied: Vec<(Id, NaiveDate)>,
    prices: HashMap<NaiveDate, Prices>,
    documents: HashMap<Id, Document>,
    /// Behind whose claims a content stands.
    with_content: BTreeMap<Id, BTreeSet<Id>>,
    history: Option<History>,
    /// The histories that were read for one person.
    own: HashMap<Id, History>,
    balances: HashMap<i32, BTreeMap<Pot, Balances>>,
    statistics: HashMap<CareType, Option<FacilityStatistics>>,
}

impl Known {
    /// Holds the people and the papers of these bills, and reads what they are judged on.
    pub fn read(app: &App, tx: &mut Tx, facility: &Facility, occasion: Occasion, cases: &[(&Bill, &Ground)]) -> Result<Self> {
        let records: Vec<Id> = distinct(cases.iter().flat_map(|(_, ground)| ground.records.iter().copied()));
        let families = families(app, tx, cases)?;
        let wanted: Vec<Id> = distinct(cases.iter().flat_map(|(bill, _)| bill.document_ids.iter().copied()));
        let papers = match occasion {
            Occasion::New | Occasion::Again => {
                // All are held at once, so that two claims of one family wait for each other and never for themselves.
                claim_history::lock_people(tx, &distinct(records.iter().chain(families.values().flatten()).copied()))?;
                documents::lock_many(tx, &wanted)?
            }
            Occasion::LookBack => documents::find_many(tx, &wanted)?,
        };
        let letters: Vec<Id> = distinct(cases.iter().filter_map(|(_, ground)| ground.letter.as_ref().map(|letter| letter.id)));
        let dates: Vec<NaiveDate> = distinct(cases.iter().map(|(bill, _)| bill.admitted_on));
        let codes: Vec<&str> = distinct(cases.iter().flat_map(|(bill, _)| bill.lines.iter().map(|line| line.tariff_code.as_str())));
        let mut balances = HashMap::new();
        for year in distinct(dates.iter().map(Datelike::year)) {
            balances.insert(year, ledger::balances(tx, year)?);
        }
        let mut statistics = HashMap::new();
        for (bill, _) in cases {
            if let Entry::Vacant(place) = statistics.entry(bill.care_type) {
                let compared = facility_statistics::find(tx, facility.id, bill.care_type)?;
                place.insert(compared.and_then(|compared| compared.facts()));
            }
        }
        Ok(Self {
            occasion,
            shadow: edits::in_shadow(tx)?,
            families,
            people: People::read_many(tx, &distinct(cases.iter().map(|(_, ground)| ground.person)))?,
            registrars: participant_history::doers_of(tx, &records, REGISTERED)?.into_iter().collect(),
            holders: claims::on_grounds(tx, &letters)?,
            denied_letters: messages::denied_letters(tx, &letters)?,
            denied: messages::denied_days(tx, &records, facility.id)?,
            prices: tariffs::prices_of_dates(tx, &dates, &codes)?,
            with_content: documents::people_with_content(tx, &distinct(papers.iter().map(|document| document.content_bidx)))?,
            documents: papers.into_iter().map(|document| (document.id, document)).collect(),
            history: History::of_many(tx, &records)?,
            own: HashMap::new(),
            balances,
            statistics,
        })
    }

    /// Whose claims are counted for a limit: the person's, and where the rules limit a family, its members'.
    pub fn counted_together<'k>(&'k self, rules: &RuleSet, ground: &'k Ground) -> &'k [Id] {
        let family = self.families.get(&ground.person).filter(|_| rules.claims.family_ceiling.is_some());
        family.map_or(&ground.records, |family| family)
    }

    pub fn people(&self, ground: &Ground) -> Result<&People> {
        self.people.get(&ground.person).ok_or_else(|| Error::refused(Code::NotFound))
    }

    pub fn prices(&self, date: NaiveDate) -> Result<&Prices> {
        self.prices.get(&date).ok_or_else(|| Error::internal("a claim of a date whose prices were not read"))
    }

    pub fn balances(&self, year: i32, pot: Pot) -> Balances {
        self.balances.get(&year).and_then(|pots| pots.get(&pot)).cloned().unwrap_or_default()
    }

    pub fn statistics(&self, care_type: CareType) -> Option<FacilityStatistics> {
        self.statistics.get(&care_type).cloned().flatten()
    }

    pub fn registered_by(&self, records: &[Id], user: Id) -> bool {
        records.iter().any(|record| self.registrars.contains(&(*record, user)))
    }

    /// The live claim under a letter.
    pub fn holder(&self, letter: Id) -> Option<Id> {
        self.holders.get(&letter).copied()
    }

    /// Since when its person says of a letter that the care was not theirs.
    pub fn denied_since(&self, letter: Option<Id>) -> Option<UtcTime> {
        letter.and_then(|letter| self.denied_letters.get(&letter).copied())
    }

    pub fn denied_between(&self, records: &[Id], (from, to): (NaiveDate, NaiveDate)) -> bool {
        self.denied.iter().any(|(person, day)| records.contains(person) && (from..=to).contains(day))
    }

    /// The papers of a bill that are there, and whether somebody else's are the same.
    pub fn attached(&self, bill: &Bill, person: Id) -> Vec<Attached> {
        let others =
            |document: &Document| self.with_content.get(&document.content_bidx).is_some_and(|people| people.iter().any(|one| *one != person));
        let of = |document: &Document| Attached { id: document.id, kind: document.kind, used_for_another: others(document) };
        distinct(bill.document_ids.iter().copied()).iter().filter_map(|id| self.documents.get(id)).map(of).collect()
    }

    /// Those of the papers that are there, by their ids.
    pub const fn papers(&self) -> &HashMap<Id, Document> {
        &self.documents
    }

    /// From now on there is this claim, and these papers stand behind it.
    pub fn now_there(&mut self, claim: &Claim, wanted: &[Id]) {
        if let Some(letter) = claim.letter_id.filter(|_| claim.state.is_live()) {
            self.holders.insert(letter, claim.id);
        }
        for document in wanted.iter().filter_map(|id| self.documents.get(id)) {
            self.with_content.entry(document.content_bidx).or_default().insert(claim.participant_id);
        }
    }

    /// Reads again what a claim of this transaction has changed for its person.
    pub fn look_again(&mut self, tx: &mut Tx, ground: &Ground) -> Result<()> {
        self.own.insert(ground.person, History::of_one(tx, &ground.records)?);
        Ok(())
    }

    /// What was claimed for this person before, but in this claim, and how much of it counts in these days.
    pub fn history(&mut self, tx: &mut Tx, ground: &Ground, days: (NaiveDate, NaiveDate), but: Option<Id>) -> Result<(Vec<PastClaim>, Rupiah)> {
        if self.history.is_none() && !self.own.contains_key(&ground.person) {
            self.look_again(tx, ground)?;
        }
        let history = self.own.get(&ground.person).or(self.history.as_ref()).ok_or_else(|| Error::internal("a history that was not read"))?;
        Ok((history.of(&ground.records, but), history.used_between(&ground.records, days, but)))
    }
}

/// Nothing may be put behind a claim that is not its hospital's. These are the papers that are there.
pub fn refuse_strange(papers: &HashMap<Id, Document>, facility: Id, wanted: &[Id]) -> Result<()> {
    let is_own = |id: &Id| papers.get(id).is_some_and(|document| document.facility_id == facility);
    let strange = distinct(wanted.iter().copied()).into_iter().filter(|id| !is_own(id));
    let at = |id: Id| wanted.iter().position(|one| *one == id).unwrap_or_default();
    let faults: Vec<Fault> = strange.map(|id| Fault::at(format!("/document_ids/{}", at(id)), "DOCUMENT_UNKNOWN")).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// The families of those whose rules limit what a family may have, by the person, with all their records.
fn families(app: &App, tx: &mut Tx, cases: &[(&Bill, &Ground)]) -> Result<HashMap<Id, Vec<Id>>> {
    let mut families = HashMap::new();
    for (bill, ground) in cases {
        let rules = app.city.rule_sets.for_stay(bill.admitted_on, bill.discharged_on);
        if families.contains_key(&ground.person) || rules.is_none_or(|(rules, _)| rules.claims.family_ceiling.is_none()) {
            continue;
        }
        let mut counted = ground.records.clone();
        let homes: Vec<Id> = households::open_memberships(tx, &[ground.person])?.iter().map(|membership| membership.household_id).collect();
        for member in households::open_members(tx, &homes)? {
            counted.extend(merges::with_merged(tx, member.participant_id)?);
        }
        families.insert(ground.person, distinct(counted.into_iter()));
    }
    Ok(families)
}

fn distinct<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<T>>().into_iter().collect()
}

/// What the new claims of a transaction leave to be stored together.
pub struct Together {
    pub numbers: Series,
    pub waiting: Waiting,
    billed: HashSet<Id>,
}

impl Together {
    pub fn new(app: &App, context: &Context, facility: Id) -> Self {
        let year = app.city.today(context.now).year();
        Self { numbers: Series::of(NumberKind::Claim, year, facility), waiting: Waiting::default(), billed: HashSet::new() }
    }

    /// Was there a claim for this person before in this transaction? Then what it left must be seen.
    pub fn bills_again(&mut self, ground: &Ground) -> bool {
        !self.billed.insert(ground.person)
    }

    pub fn store(mut self, tx: &mut Tx) -> Result<()> {
        self.waiting.store(tx)?;
        self.numbers.store(tx)
    }
}
