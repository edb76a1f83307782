//! Gathering all that the edits ask about a claim, under the lock of its person, and judging it: the same for a dry run and for a submission.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use crate::context::Context;
use crate::domain::adjudication::kept::{self, KeptCase};
use crate::domain::adjudication::{
    Adjudication, AuthorisationFacts, Case, CheckFacts, CoverageFacts, Edit, LetterFacts, PersonFacts, Priced, Used, Verdict, adjudicate, edits,
};
use crate::domain::budget::{Account, Pot};
use crate::domain::claims::{Attached, Bill, ClaimState};
use crate::domain::eligibility::{self, FacilityFacts, Facts, SourceStanding};
use crate::domain::facilities::Facility;
use crate::domain::id::Id;
use crate::domain::jkn::{JknPeriod, JknState};
use crate::domain::participants::Standing;
use crate::domain::rule_sets::RuleSet;
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::Fit;
use crate::domain::time::{DateRange, UtcTime};
use crate::error::{Error, Fault, Result};
use crate::service::{App, affected_checks, tariffs};
use crate::store::check_facts::{self, Person};
use crate::store::db::Tx;
use crate::store::documents::Document;
use crate::store::eligibility_checks::{self as checks, Check};
use crate::store::letters::Letter;
use crate::store::{claim_cases, claim_history, claims, documents, facility_statistics, households, ledger, merges, messages, participant_history};

/// On what a claim rests.
pub struct Ground {
    pub letter: Option<Letter>,
    pub check: Check,
    /// Whoever is found in the place of a record that was merged.
    pub person: Id,
    /// All records of this person.
    pub records: Vec<Id>,
    /// The claim in whose place this one is.
    pub replaces: Option<Id>,
}

/// A claim that was judged, and by what.
pub struct Judged {
    pub adjudication: Adjudication,
    pub rule_set: String,
    pub rule_date: NaiveDate,
    pub schedule: Option<Id>,
    pub contract: Option<Id>,
    pub payment_percent: i32,
    pub sampled: bool,
    /// The most that a look by a person could save.
    pub recoverable: Rupiah,
    /// What it was judged on, to be kept where the claim is.
    pub case: KeptCase,
}

impl Judged {
    /// Keeps what this revision of a claim was judged on.
    pub fn keep(&self, app: &App, tx: &mut Tx, context: &Context, of: (Id, i32)) -> Result<()> {
        let hashes = (kept::edits_fingerprint(), kept::fingerprint(&self.adjudication));
        claim_cases::keep(tx, of, context.new_id(), (app.bases.of(&self.rule_set)?, hashes), &self.case)
    }
}

/// By which edits a bill is judged, and as of which day it was received.
pub struct Manner<'m> {
    pub edits: &'m [&'static Edit],
    /// The codes of those that only tell what they would do.
    pub shadow: &'m BTreeSet<String>,
    pub received_on: NaiveDate,
    /// Nothing will be stored, so nobody has to wait.
    pub only_looks: bool,
}

/// Judges a bill as of now. `claim` is the one whose bill it is, where it is stored already.
pub fn judge(
    app: &App,
    tx: &mut Tx,
    context: &Context,
    (facility, ground): (&Arc<Facility>, &Ground),
    bill: &Bill,
    (claim, received_on): (Option<Id>, Option<NaiveDate>),
) -> Result<Judged> {
    let shadow = crate::service::edits::in_shadow(tx)?;
    let manner =
        Manner { edits: edits::ALL, shadow: &shadow, received_on: received_on.unwrap_or_else(|| app.city.today(context.now)), only_looks: false };
    judge_by(app, tx, context, (facility, ground), (bill, claim), &manner)
}

/// The same by these edits alone.
pub fn judge_by(
    app: &App,
    tx: &mut Tx,
    context: &Context,
    (facility, ground): (&Arc<Facility>, &Ground),
    (bill, claim): (&Bill, Option<Id>),
    manner: &Manner<'_>,
) -> Result<Judged> {
    let no_rules = || Error::from(Fault::at("/admitted_on", "ADMISSION_OUT_OF_RANGE"));
    let (rules, rule_date) = app.city.rule_sets.for_stay(bill.admitted_on, bill.discharged_on).ok_or_else(no_rules)?;
    let counted = counted_together(tx, rules, ground)?;
    if !manner.only_looks {
        claim_history::lock_people(tx, &counted)?;
    }
    let (facts, person) = facts_now(app, tx, context, ground, facility, bill)?;
    let answer = eligibility::decide(rules, &app.city.lists, &facts);
    let codes: Vec<&str> = bill.lines.iter().map(|line| line.tariff_code.as_str()).collect();
    let found = tariffs::prices(tx, bill.admitted_on, &codes)?;
    let fit = Fit::at(facility, &app.city.code, Some(bill.care_type), entitled_class(ground, bill));
    let priced: BTreeMap<String, tariffs::Priced> =
        codes.iter().filter_map(|code| found.closest(code, &fit).map(|price| ((*code).to_owned(), price))).collect();
    let year = bill.admitted_on.year();
    let mut history = claim_history::of_person(tx, &ground.records, claim)?;
    for past in &mut history {
        past.replaced |= Some(past.id) == ground.replaces;
    }
    let sampled = is_sampled(tx, rules, ground.letter.as_ref().map_or(ground.check.id, |letter| letter.id))?;
    let case = Case {
        received_on: manner.received_on,
        bill,
        facility,
        rules,
        lists: &app.city.claim_lists,
        diagnosis_codes: &app.city.diagnoses,
        procedure_codes: &app.city.procedures,
        coverage: CoverageFacts {
            decision: answer.decision,
            outcomes: answer.rules.iter().map(|rule| (rule.code, rule.outcome)).collect(),
            referral: facts.referral.clone(),
            jkn_days: jkn_days(rules, &facts, (bill.admitted_on, bill.last_day().min(manner.received_on))),
        },
        person: person_facts(app, tx, &person, &facts, ground)?,
        letter: ground.letter.as_ref().map(|letter| letter_facts(app, tx, (facility, ground), letter, claim)).transpose()?,
        check: check_facts(app, facility, ground, &facts),
        prices: priced.iter().map(|(code, price)| (code.clone(), Priced { amount: price.amount, payment_percent: price.payment_percent })).collect(),
        documents: attached(tx, bill, ground.person)?,
        rejected: history.iter().filter(|past| past.state == ClaimState::Rejected && past.facility_id == facility.id).cloned().collect(),
        history,
        used: used(tx, (&ground.records, &counted), (year, Pot::of(facility)), claim)?,
        statistics: facility_statistics::find(tx, facility.id, bill.care_type)?.and_then(|compared| compared.facts()),
        sampled,
        denied_by_participant: is_denied(tx, facility, ground, bill, claim)?,
        account_changed_on: None,
        submitted_by_registrar: is_by_registrar(tx, context, (facility, ground))?,
    };
    let adjudication =
        adjudicate(&case, manner.edits, &|code| manner.shadow.contains(code)).map_err(|_| Error::from(Fault::at("/lines", "AMOUNT_TOO_LARGE")))?;
    let recoverable = if adjudication.verdict == Verdict::Pend { adjudication.payable } else { Rupiah::ZERO };
    Ok(Judged {
        rule_set: rules.code.clone(),
        rule_date,
        schedule: found.schedule.as_ref().map(|schedule| schedule.id),
        contract: facility.contracts.iter().find(|contract| contract.range().contains(rule_date)).map(|contract| contract.id),
        payment_percent: found.schedule.as_ref().map_or(100, |schedule| schedule.payment_percent),
        sampled,
        recoverable,
        case: KeptCase::of(case, manner.shadow),
        adjudication,
    })
}

/// The check's facts with the person as the registry has them now, on the days of the bill.
fn facts_now(app: &App, tx: &mut Tx, context: &Context, ground: &Ground, facility: &Facility, bill: &Bill) -> Result<(Facts, Person)> {
    let record = checks::open(tx, &ground.check)?;
    let told = Facts { service_date: bill.admitted_on, ..record.facts };
    let now = affected_checks::person_now(app, tx, ground.person, &told)?;
    let facts = Facts {
        asked_at: context.now,
        registry: SourceStanding { as_of: Some(context.now), away: false },
        care_type: bill.care_type,
        ward_class: bill.ward_class,
        diagnosis: bill.principal().cloned(),
        facility: FacilityFacts::of(facility),
        ..now.facts
    };
    let person = check_facts::persons(tx, &[ground.person])?.remove(&ground.person);
    Ok((facts, person.ok_or_else(|| Error::internal("a claim of nobody"))?))
}

/// The days between these on which an active membership bars.
pub fn jkn_days(rules: &RuleSet, facts: &Facts, (from, to): (NaiveDate, NaiveDate)) -> BTreeSet<NaiveDate> {
    let Some(person) = &facts.person else { return BTreeSet::new() };
    let barring: Vec<_> = person.jkn.iter().filter(|period| bars(rules, period)).collect();
    let days = from.iter_days().take_while(|day| *day <= to);
    days.filter(|day| barring.iter().any(|period| period.holds_on(*day))).collect()
}

fn bars(rules: &RuleSet, period: &JknPeriod) -> bool {
    period.state == JknState::Active && rules.jkn.barred.contains(&period.segment)
}

/// Those of these periods that bar on one of these days, and on how many days any does.
pub fn jkn_periods(rules: &RuleSet, told: &[(JknPeriod, UtcTime)], (from, to): (NaiveDate, NaiveDate)) -> (usize, Vec<(JknPeriod, UtcTime)>) {
    let span = DateRange { from, to: Some(to) };
    let barring: Vec<_> = told.iter().copied().filter(|(period, _)| bars(rules, period) && period.range().overlaps(&span)).collect();
    let days = from.iter_days().take_while(|day| *day <= to);
    (days.filter(|day| barring.iter().any(|(period, _)| period.holds_on(*day))).count(), barring)
}

fn person_facts(app: &App, tx: &mut Tx, person: &Person, facts: &Facts, ground: &Ground) -> Result<PersonFacts> {
    let standing = Standing::on(app.city.today(facts.asked_at), person.identity.nik.is_empty(), &person.events);
    Ok(PersonFacts {
        sex: person.sex,
        birth_date: person.identity.known_birth_date(),
        registered_on: app.city.today(crate::store::participants::registered_at(tx, person.id)?),
        temporary: person.identity.nik.is_empty(),
        deceased_on: standing.deceased,
        nik_differs: !facts.nik_oddities.is_empty(),
        superseded: ground.records.len() > 1 || !person.identity.former_niks.is_empty(),
        likely_duplicate: standing.duplicate.is_some(),
        card_blocked: facts.card.is_some_and(|card| !card.active_on(facts.service_date)),
        covered_through_mother: facts.person.as_ref().is_some_and(|person| person.newborn.is_some()) && person.identity.nik.is_empty(),
    })
}

fn letter_facts(app: &App, tx: &mut Tx, (facility, ground): (&Facility, &Ground), letter: &Letter, claim: Option<Id>) -> Result<LetterFacts> {
    let holder = claims::on_ground(tx, letter.id)?;
    Ok(LetterFacts {
        state: letter.state,
        of_facility: letter.facility_id == facility.id,
        of_person: ground.records.contains(&letter.participant_id),
        billed_elsewhere: holder.is_some() && holder != claim,
        care_type: letter.care_type,
        diagnosis: letter.diagnosis_code.parse().map_err(|_| Error::internal("a letter with a diagnosis that is none"))?,
        ward_class: letter.ward_class,
        valid_from: letter.valid_from,
        valid_until: letter.valid_until,
        issued_on: app.city.today(letter.issued_at),
        admitted_on: letter.admitted_on,
        discharged_on: letter.discharged_on,
        authorised: AuthorisationFacts::default(),
    })
}

fn check_facts(app: &App, facility: &Facility, ground: &Ground, facts: &Facts) -> CheckFacts {
    CheckFacts {
        service_date: ground.check.service_date,
        checked_on: app.city.today(ground.check.checked_at),
        care_type: ground.check.care_type,
        decision: ground.check.decision,
        of_person: ground.check.participant_id.is_some_and(|id| ground.records.contains(&id)),
        of_facility: ground.check.facility_id == facility.id || ground.letter.is_some(),
        offline_conflict: facts.retrospective && ground.check.decision != eligibility::Decision::Eligible,
    }
}

fn attached(tx: &mut Tx, bill: &Bill, person: Id) -> Result<Vec<Attached>> {
    let found = documents::find_many(tx, &bill.document_ids)?;
    let contents: Vec<Id> = found.iter().map(|document| document.content_bidx).collect();
    let others = documents::same_content(tx, &contents, person)?;
    let of = |document: Document| Attached { id: document.id, kind: document.kind, used_for_another: others.contains_key(&document.content_bidx) };
    Ok(found.into_iter().map(of).collect())
}

/// Whose claims are counted for a limit: the person's, and where the rules limit a family, its members'. All are locked in one order, so that two claims of
/// one family wait for each other and never for themselves.
fn counted_together(tx: &mut Tx, rules: &RuleSet, ground: &Ground) -> Result<Vec<Id>> {
    let mut counted = ground.records.clone();
    if rules.claims.family_ceiling.is_some() {
        let homes: Vec<Id> = households::open_memberships(tx, &[ground.person])?.iter().map(|membership| membership.household_id).collect();
        for member in households::open_members(tx, &homes)? {
            counted.extend(merges::with_merged(tx, member.participant_id)?);
        }
        counted.sort_unstable();
        counted.dedup();
    }
    Ok(counted)
}

fn used(tx: &mut Tx, (records, counted): (&[Id], &[Id]), (year, pot): (i32, Pot), claim: Option<Id>) -> Result<Used> {
    let span =
        NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31)).ok_or_else(|| Error::internal("a year without days"))?;
    Ok(Used {
        by_person_in_year: claim_history::used_between(tx, records, span, claim)?,
        by_family_in_year: claim_history::used_between(tx, counted, span, claim)?,
        budget_available: ledger::balances(tx, year)?.remove(&pot).unwrap_or_default().of(Account::Available),
        // What a hospital owes is kept back from its payments, where the money moves: a claim is worth what its care was worth.
        owed: Rupiah::ZERO,
    })
}

/// What only keepers of the registry do; hospitals tell of newborns and of patients without a NIK as what they are.
const REGISTERED: &[&str] = &["participant.registered", "household.registered"];

/// Has whoever hands this in registered the patient, or asked for the check at another facility? Then one person's word alone would pay.
fn is_by_registrar(tx: &mut Tx, context: &Context, (facility, ground): (&Facility, &Ground)) -> Result<bool> {
    let user = context.signed_in()?.user_id;
    if ground.check.asked_by == user && ground.check.facility_id != facility.id {
        return Ok(true);
    }
    for record in &ground.records {
        if participant_history::doers(tx, *record, REGISTERED)?.contains(&user) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The class of the letter is what was promised, whatever the bill says.
fn entitled_class(ground: &Ground, bill: &Bill) -> Option<crate::domain::eligibility::WardClass> {
    ground.letter.as_ref().and_then(|letter| letter.ward_class).or(bill.ward_class)
}

/// Has the patient said that this care was not theirs: of its letter, of the claim, or of other care at this hospital on these days?
fn is_denied(tx: &mut Tx, facility: &Facility, ground: &Ground, bill: &Bill, claim: Option<Id>) -> Result<bool> {
    let letter = ground.letter.as_ref().map(|letter| letter.id);
    let days = (bill.admitted_on, bill.last_day());
    Ok(messages::denied_since(tx, letter, claim)?.is_some() || messages::is_denied_on(tx, &ground.records, facility.id, days)?)
}

/// Drawn by a keyed hash of what is billed: nobody outside can tell beforehand, and billing the same care once more draws the same.
fn is_sampled(tx: &Tx, rules: &RuleSet, ground: Id) -> Result<bool> {
    let [high, low, ..] = tx.keyring().fingerprint("control sample", ground.as_bytes())?;
    Ok(u32::from(u16::from_be_bytes([high, low])) * 100 < rules.claims.sample_percent * 65_536)
}
