//! Gathering all that the edits ask about a claim, under the lock of its person, and judging it: the same for a dry run and for a submission.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::known::{Known, Occasion};
use crate::context::Context;
use crate::domain::adjudication::kept::{self, KeptCase};
use crate::domain::adjudication::{
    Adjudication, AuthorisationFacts, Case, CheckFacts, CoverageFacts, Edit, LetterFacts, PersonFacts, Priced, Used, Verdict, adjudicate, edits,
};
use crate::domain::budget::{Account, Pot};
use crate::domain::claims::{Bill, ClaimState};
use crate::domain::eligibility::{self, FacilityFacts, Facts, SourceStanding};
use crate::domain::facilities::Facility;
use crate::domain::files::ContentHash;
use crate::domain::id::Id;
use crate::domain::jkn::{JknPeriod, JknState};
use crate::domain::participants::Standing;
use crate::domain::rule_sets::RuleSet;
use crate::domain::rupiah::Rupiah;
use crate::domain::tariffs::Fit;
use crate::domain::time::{DateRange, UtcTime};
use crate::error::{Error, Fault, Result};
use crate::service::affected_checks::People;
use crate::service::{App, tariffs};
use crate::store::check_facts::Person;
use crate::store::db::Tx;
use crate::store::eligibility_checks::{self as checks, Check};
use crate::store::letters::Letter;
use crate::store::{claim_cases, claim_history, messages};

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
    /// By what it was judged, as it is kept with the case.
    pub fn judged_by(&self, app: &App) -> Result<(Id, (ContentHash, ContentHash))> {
        Ok((app.bases.of(&self.rule_set)?, (kept::edits_fingerprint(), kept::fingerprint(&self.adjudication))))
    }

    /// Keeps what this revision of a claim was judged on.
    pub fn keep(&self, app: &App, tx: &mut Tx, context: &Context, of: (Id, i32)) -> Result<()> {
        claim_cases::keep(tx, of, context.new_id(), self.judged_by(app)?, &self.case)
    }
}

/// By which edits a bill is judged, and as of which day it was received.
pub struct Manner<'m> {
    pub edits: &'m [&'static Edit],
    /// The codes of those that only tell what they would do.
    pub shadow: &'m BTreeSet<String>,
    pub received_on: NaiveDate,
}

/// Judges a bill as of now. `claim` is the one whose bill it is, where it is stored already.
pub fn judge(
    app: &App,
    tx: &mut Tx,
    context: &Context,
    (facility, ground, known): (&Arc<Facility>, &Ground, &mut Known),
    bill: &Bill,
    (claim, received_on): (Option<Id>, Option<NaiveDate>),
) -> Result<Judged> {
    let shadow = known.shadow.clone();
    let manner = Manner { edits: edits::ALL, shadow: &shadow, received_on: received_on.unwrap_or_else(|| app.city.today(context.now)) };
    judge_by(app, tx, context, (facility, ground, known), (bill, claim), &manner)
}

/// The same by these edits alone.
pub fn judge_by(
    app: &App,
    tx: &mut Tx,
    context: &Context,
    (facility, ground, known): (&Arc<Facility>, &Ground, &mut Known),
    (bill, claim): (&Bill, Option<Id>),
    manner: &Manner<'_>,
) -> Result<Judged> {
    let no_rules = || Error::from(Fault::at("/admitted_on", "ADMISSION_OUT_OF_RANGE"));
    let (rules, rule_date) = app.city.rule_sets.for_stay(bill.admitted_on, bill.discharged_on).ok_or_else(no_rules)?;
    let counted = known.counted_together(rules, ground).to_vec();
    let (people, facts) = facts_now(app, tx, context, (ground, known), facility, bill)?;
    let person = person_facts(app, &people.person, &facts, ground);
    let answer = eligibility::decide(rules, &app.city.lists, &facts);
    let codes: Vec<&str> = bill.lines.iter().map(|line| line.tariff_code.as_str()).collect();
    let found = known.prices(bill.admitted_on)?.clone();
    let fit = Fit::at(facility, &app.city.code, Some(bill.care_type), entitled_class(ground, bill));
    let priced: BTreeMap<String, tariffs::Priced> =
        codes.iter().filter_map(|code| found.closest(code, &fit).map(|price| ((*code).to_owned(), price))).collect();
    let year = bill.admitted_on.year();
    let whole_year = days_of(year)?;
    let (mut history, by_person_in_year) = known.history(tx, ground, whole_year, claim)?;
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
        person,
        letter: ground.letter.as_ref().map(|letter| letter_facts(app, (facility, ground, known), letter, claim)).transpose()?,
        check: check_facts(app, facility, ground, &facts),
        prices: priced.iter().map(|(code, price)| (code.clone(), Priced { amount: price.amount, payment_percent: price.payment_percent })).collect(),
        documents: known.attached(bill, ground.person),
        rejected: history.iter().filter(|past| past.state == ClaimState::Rejected && past.facility_id == facility.id).cloned().collect(),
        history,
        used: Used {
            by_person_in_year,
            by_family_in_year: if counted == ground.records {
                by_person_in_year
            } else {
                claim_history::used_between(tx, &counted, whole_year, claim)?
            },
            budget_available: known.balances(year, Pot::of(facility)).of(Account::Available),
            // What a hospital owes is kept back from its payments, where the money moves: a claim is worth what its care was worth.
            owed: Rupiah::ZERO,
        },
        statistics: known.statistics(bill.care_type),
        sampled,
        denied_by_participant: is_denied(tx, known, ground, bill, claim)?,
        account_changed_on: None,
        submitted_by_registrar: is_by_registrar(known, context, (facility, ground))?,
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
fn facts_now<'k>(
    app: &App,
    tx: &Tx,
    context: &Context,
    (ground, known): (&Ground, &'k Known),
    facility: &Facility,
    bill: &Bill,
) -> Result<(&'k People, Facts)> {
    let record = checks::open(tx, &ground.check)?;
    let told = Facts { service_date: bill.admitted_on, ..record.facts };
    let people = known.people(ground)?;
    let facts = Facts {
        asked_at: context.now,
        registry: SourceStanding { as_of: Some(context.now), away: false },
        care_type: bill.care_type,
        ward_class: bill.ward_class,
        diagnosis: bill.principal().cloned(),
        facility: FacilityFacts::of(facility),
        ..people.as_of_now(app, &told)
    };
    Ok((people, facts))
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

fn person_facts(app: &App, person: &Person, facts: &Facts, ground: &Ground) -> PersonFacts {
    let standing = Standing::on(app.city.today(facts.asked_at), person.identity.nik.is_empty(), &person.events);
    PersonFacts {
        sex: person.sex,
        birth_date: person.identity.known_birth_date(),
        registered_on: app.city.today(person.registered_at),
        temporary: person.identity.nik.is_empty(),
        deceased_on: standing.deceased,
        nik_differs: !facts.nik_oddities.is_empty(),
        superseded: ground.records.len() > 1 || !person.identity.former_niks.is_empty(),
        likely_duplicate: standing.duplicate.is_some(),
        card_blocked: facts.card.is_some_and(|card| !card.active_on(facts.service_date)),
        covered_through_mother: facts.person.as_ref().is_some_and(|person| person.newborn.is_some()) && person.identity.nik.is_empty(),
    }
}

fn letter_facts(app: &App, (facility, ground, known): (&Facility, &Ground, &Known), letter: &Letter, claim: Option<Id>) -> Result<LetterFacts> {
    let holder = known.holder(letter.id);
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

fn days_of(year: i32) -> Result<(NaiveDate, NaiveDate)> {
    NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31)).ok_or_else(|| Error::internal("a year without days"))
}

/// Has whoever hands this in registered the patient, or asked for the check at another facility? Then one person's word alone would pay.
fn is_by_registrar(known: &Known, context: &Context, (facility, ground): (&Facility, &Ground)) -> Result<bool> {
    let user = context.signed_in()?.user_id;
    Ok((ground.check.asked_by == user && ground.check.facility_id != facility.id) || known.registered_by(&ground.records, user))
}

/// The class of the letter is what was promised, whatever the bill says.
fn entitled_class(ground: &Ground, bill: &Bill) -> Option<crate::domain::eligibility::WardClass> {
    ground.letter.as_ref().and_then(|letter| letter.ward_class).or(bill.ward_class)
}

/// Has the patient said that this care was not theirs: of its letter, of the claim, or of other care at this hospital on these days?
fn is_denied(tx: &mut Tx, known: &Known, ground: &Ground, bill: &Bill, claim: Option<Id>) -> Result<bool> {
    let letter = ground.letter.as_ref().map(|letter| letter.id);
    // Nobody was told of a new claim yet.
    let of_claim = match claim.filter(|_| known.occasion != Occasion::New) {
        Some(claim) => messages::denied_since(tx, None, Some(claim))?,
        None => None,
    };
    Ok(of_claim.is_some() || known.denied_since(letter).is_some() || known.denied_between(&ground.records, (bill.admitted_on, bill.last_day())))
}

/// Drawn by a keyed hash of what is billed: nobody outside can tell beforehand, and billing the same care once more draws the same.
fn is_sampled(tx: &Tx, rules: &RuleSet, ground: Id) -> Result<bool> {
    let [high, low, ..] = tx.keyring().fingerprint("control sample", ground.as_bytes())?;
    Ok(u32::from(u16::from_be_bytes([high, low])) * 100 < rules.claims.sample_percent * 65_536)
}
