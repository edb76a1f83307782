//! Referrals: issued by a Puskesmas or clinic, read by whom they concern, found by the receiving hospital with the patient's NIK.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};

use super::App;
use super::idempotency::Once;
use super::misses;
use super::searches::Found;
use crate::context::Context;
use crate::domain::facilities::{Facility, FacilityKind};
use crate::domain::icd10::Icd10Code;
use crate::domain::id::Id;
use crate::domain::nik::Nik;
use crate::domain::referrals::{Direction, may_see};
use crate::domain::roles::Caller;
use crate::error::{Code, Error, Fault, Result};
use crate::store::audit::Event;
use crate::store::db::Db;
use crate::store::gate::Priority;
use crate::store::numbers::{self, NumberKind};
use crate::store::participants;
use crate::store::reading::{Reading, read};
use crate::store::referrals::{self, Filter, Referral, Said, Way};

/// What a Puskesmas or clinic writes on a referral.
pub struct Issue {
    pub nik: Nik,
    pub to_facility_id: Option<Id>,
    pub diagnosis: Icd10Code,
    pub issued_on: NaiveDate,
    pub valid_until: Option<NaiveDate>,
    pub reason: Option<String>,
}

/// A referral opened for who may read it, with the patient as far as there is one.
#[derive(Clone)]
pub struct Told {
    pub referral: Referral,
    pub said: Said,
    pub patient: Option<Found>,
}

pub fn issue(app: &App, db: &mut Db, context: &Context, caller: &Caller, issue: Issue, once: &Once<'_, Told>) -> Result<Told> {
    let from = own_facility(app, caller)?;
    let today = app.city.today(context.now);
    let valid_until = check(app, &issue, today)?;
    let participant_id = misses::whose(app, db, context, caller, &issue.nik)?.ok_or_else(|| Fault::at("/nik", "NIK_NOT_FOUND"))?;
    let (id, said) = (context.new_id(), Said { diagnosis: issue.diagnosis, reason: issue.reason });
    let sealed = referrals::seal(db, id, &said)?;
    once.write(db, Priority::People, |tx| {
        let number = numbers::take(tx, NumberKind::Referral, today.year(), from.id)?;
        let referral = Referral {
            id,
            number: format!("R-{}-{}-{number:06}", app.city.number_prefix, today.year()),
            participant_id,
            from_facility_id: from.id,
            to_facility_id: issue.to_facility_id,
            issued_on: issue.issued_on,
            valid_until,
            sealed: sealed.clone(),
            issued_by: caller.user_id,
            created_at: context.now,
        };
        referrals::insert(tx, &referral)?;
        tx.record(Event::new(context, "referral.issued").object(id).about([participant_id]).with("number", &referral.number));
        let mut reading = Reading::within(tx);
        open(tx, &mut reading, vec![referral])?.pop().ok_or_else(|| Error::internal("a referral that was issued is none"))
    })
}

/// Everything that is wrong with a referral but its NIK; else the last day on which it is good.
fn check(app: &App, issue: &Issue, today: NaiveDate) -> Result<NaiveDate> {
    let mut faults = Vec::new();
    if let Some(to) = issue.to_facility_id {
        match app.memory.facility(to) {
            None => faults.push(Fault::at("/to_facility_id", "FACILITY_UNKNOWN")),
            Some(facility) if facility.kind != FacilityKind::Hospital => faults.push(Fault::at("/to_facility_id", "NOT_A_HOSPITAL")),
            Some(_) => {}
        }
    }
    if issue.issued_on > today {
        faults.push(Fault::at("/issued_on", "DATE_IN_FUTURE"));
    }
    let longest =
        app.city.rule_sets.for_date(issue.issued_on).or_else(|| app.city.rule_sets.for_date(today)).map_or(0, |set| set.referral.valid_days);
    let last = issue.issued_on.checked_add_days(Days::new(longest.into())).unwrap_or(issue.issued_on);
    let valid_until = issue.valid_until.unwrap_or(last);
    if valid_until < issue.issued_on {
        faults.push(Fault::at("/valid_until", "BEFORE_FROM"));
    } else if valid_until > last {
        faults.push(Fault::at("/valid_until", "REFERRAL_TOO_LONG").with("limit", last));
    }
    if faults.is_empty() { Ok(valid_until) } else { Err(Error::Invalid(faults)) }
}

fn own_facility(app: &App, caller: &Caller) -> Result<std::sync::Arc<Facility>> {
    caller.facility_id.and_then(|id| app.memory.facility(id)).ok_or_else(|| Error::refused(Code::FacilityRequired))
}

fn visible(referral: &Referral, facility: &Facility, today: NaiveDate) -> bool {
    may_see(referral.from_facility_id, referral.to_facility_id, facility, today)
}

/// One referral by its number, for the facility that wrote it and the one that receives it.
pub fn show(app: &App, db: &mut Db, context: &Context, caller: &Caller, number: &str) -> Result<Told> {
    let (facility, today) = (own_facility(app, caller)?, app.city.today(context.now));
    // Numbers go up by one: whoever tries them in turn is stopped as one who tries NIKs.
    let found =
        misses::counted(app, db, context, caller, |db| Ok(referrals::find(db, number)?.filter(|referral| visible(referral, &facility, today))))?;
    let referral = found.ok_or_else(|| Error::refused(Code::NotFound))?;
    let mut told = tell(db, Event::new(context, "referral.read").object(referral.id), vec![referral])?;
    told.pop().ok_or_else(|| Error::internal("a referral that was read is none"))
}

/// A page of the referrals that a facility wrote or that name it, and one more if there is one.
pub fn list(
    app: &App,
    db: &mut Db,
    context: &Context,
    caller: &Caller,
    (direction, filter): (Direction, &Filter),
    (before, limit): (Option<Id>, i64),
) -> Result<Vec<Told>> {
    let facility = own_facility(app, caller)?.id;
    let way = match direction {
        Direction::In => Way::In(facility),
        Direction::Out => Way::Out(facility),
    };
    read(db, Event::new(context, "referrals.listed").with("direction", direction).with("filter", filter), |db, reading| {
        let rows = referrals::page(db, way, filter, before, limit)?;
        let page = usize::try_from(limit).unwrap_or_default();
        // Who stands only behind the end of the page is not shown.
        let behind = rows.get(page).map(|row| row.participant_id).filter(|person| rows[..page].iter().all(|row| row.participant_id != *person));
        let told = open(db, reading, rows)?;
        if let Some(behind) = behind {
            reading.passes_over(behind);
        }
        Ok(told)
    })
}

/// The referrals with which this person may come to the caller's hospital today; who has none, is unknown or goes elsewhere, is not found.
pub fn look_up(app: &App, db: &mut Db, context: &Context, caller: &Caller, nik: &Nik) -> Result<Vec<Told>> {
    let (facility, today) = (own_facility(app, caller)?, app.city.today(context.now));
    let not_found = || Error::refused(Code::NotFound);
    let participant = misses::whose(app, db, context, caller, nik)?.ok_or_else(not_found)?;
    let mut rows = referrals::valid_of(db, participant, today)?;
    rows.retain(|referral| visible(referral, &facility, today));
    if rows.is_empty() {
        return Err(not_found());
    }
    tell(db, Event::new(context, "referrals.looked_up"), rows)
}

/// Reads them, which is an event about their patients.
fn tell(db: &mut Db, event: Event, rows: Vec<Referral>) -> Result<Vec<Told>> {
    read(db, event, |db, reading| open(db, reading, rows))
}

fn open(db: &mut Db, reading: &mut Reading, rows: Vec<Referral>) -> Result<Vec<Told>> {
    let ids: Vec<Id> = rows.iter().map(|referral| referral.participant_id).collect();
    let keyring = db.keyring();
    let mut patients = HashMap::new();
    for row in participants::rows(db, &ids)? {
        let identity = row.identity(&keyring, reading)?;
        patients.insert(row.id, Found { row, identity });
    }
    rows.into_iter()
        .map(|referral| {
            let (said, patient) = (referral.said(db, reading)?, patients.get(&referral.participant_id).cloned());
            Ok(Told { referral, said, patient })
        })
        .collect()
}
