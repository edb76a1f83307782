//! Recorded checks: what was asked, what was answered, and the sealed facts on which it was decided.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::db::{AnyConnection, Db, Tx, on_each};
use super::paging::Direction;
use crate::domain::check_progress::CheckStanding;
use crate::domain::eligibility::{CareType, Decision, FACTS_VERSION, Facts};
use crate::domain::id::Id;
use crate::domain::participants::Sex;
use crate::domain::residency::VillageCode;
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};
use crate::privacy::cells::Column;
use crate::schema::{check_extensions, check_voids, eligibility_checks};

/// A check as it is stored.
#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = eligibility_checks, treat_none_as_default_value = false)]
pub struct Check {
    pub id: Id,
    pub participant_id: Option<Id>,
    pub facility_id: Id,
    pub asked_by: Id,
    pub service_date: NaiveDate,
    pub care_type: CareType,
    pub decision: Decision,
    /// The codes of the rules that failed, with commas between.
    pub failing: String,
    pub basis_id: Id,
    pub language: Language,
    pub retrospective: bool,
    pub checked_at: UtcTime,
    pub valid_until: UtcTime,
    pub complete_by: Option<UtcTime>,
    pub override_of: Option<Id>,
    pub digest: Vec<u8>,
    pub record: Vec<u8>,
    /// Where the patient lived on the day of service, or last before it.
    pub village_code: Option<VillageCode>,
}

/// What the sealed cell of a check holds.
#[derive(Clone, Serialize, Deserialize)]
pub struct Record {
    pub facts: Facts,
    /// The person as the answer showed them; none where nobody was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// The NIK that was asked for, masked, where nobody has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_nik: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline: Option<Offline>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub name: String,
    pub birth_year: i32,
    pub sex: Sex,
    pub nik_masked: String,
}

/// When a check was written down by hand during an outage, and under which reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offline {
    pub recorded_at: UtcTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

pub fn insert_all(tx: &mut Tx, checks: &[Check]) -> Result<()> {
    // Chunks keep a statement below SQLite's number of binds.
    for chunk in checks.chunks(500) {
        on_each!(tx.db, |connection| diesel::insert_into(eligibility_checks::table).values(chunk).execute(connection))?;
    }
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Check>> {
    Ok(eligibility_checks::table.find(id).select(Check::as_select()).first(&mut db.connection).optional()?)
}

/// Those of these ids that are checks.
pub fn find_many(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, Check>> {
    let mut found = HashMap::with_capacity(ids.len());
    // Chunks keep a statement below SQLite's number of binds.
    for chunk in ids.chunks(2_000) {
        let checks = eligibility_checks::table.filter(eligibility_checks::id.eq_any(chunk)).select(Check::as_select());
        found.extend(checks.load::<Check>(&mut db.connection)?.into_iter().map(|check| (check.id, check)));
    }
    Ok(found)
}

/// The checks of these records of a person, newest first.
pub fn of_people(db: &mut Db, records: &[Id], before: Option<Id>, limit: i64) -> Result<Vec<Check>> {
    let mut query = eligibility_checks::table.filter(eligibility_checks::participant_id.eq_any(records)).select(Check::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(eligibility_checks::id.lt(before));
    }
    Ok(query.order(eligibility_checks::id.desc()).limit(limit).load(&mut db.connection)?)
}

/// How many checks these records of a person have. A void one is not counted.
pub fn count_of(db: &mut Db, records: &[Id]) -> Result<i64> {
    let is_void = exists(check_voids::table.filter(check_voids::check_id.eq(eligibility_checks::id)));
    let counted = eligibility_checks::table.filter(eligibility_checks::participant_id.eq_any(records)).filter(not(is_void));
    Ok(counted.count().get_result(&mut db.connection)?)
}

/// What a list of checks may be narrowed by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    pub facility_id: Option<Id>,
    pub asked_by: Option<Id>,
    /// The records of one person.
    pub participants: Option<Vec<Id>>,
    pub decision: Option<Decision>,
    pub care_type: Option<CareType>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub standing: Option<StandingAt>,
}

/// How a check stands at an instant: with time, an open one lapses.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct StandingAt {
    pub standing: CheckStanding,
    pub at: UtcTime,
}

/// A page of checks, newest first, one more than asked for when there are more.
pub fn list(db: &mut Db, filter: &Filter, before: Option<Id>, limit: i64) -> Result<Vec<Check>> {
    load(db, filter, Direction::NewestFirst { before }, limit + 1)
}

/// A page in the order of ids, after the last one of the page before.
pub fn page_after(db: &mut Db, filter: &Filter, after: Option<Id>, limit: i64) -> Result<Vec<Check>> {
    load(db, filter, Direction::OldestFirst { after }, limit)
}

type Boxed<'a> = diesel::helper_types::IntoBoxed<
    'a,
    diesel::helper_types::Select<eligibility_checks::table, diesel::helper_types::AsSelect<Check, Backend>>,
    Backend,
>;
type Backend = <AnyConnection as diesel::Connection>::Backend;

fn load(db: &mut Db, filter: &Filter, direction: Direction, limit: i64) -> Result<Vec<Check>> {
    let mut query = eligibility_checks::table.select(Check::as_select()).into_boxed();
    if let Some(facility) = filter.facility_id {
        query = query.filter(eligibility_checks::facility_id.eq(facility));
    }
    if let Some(user) = filter.asked_by {
        query = query.filter(eligibility_checks::asked_by.eq(user));
    }
    if let Some(records) = &filter.participants {
        query = query.filter(eligibility_checks::participant_id.eq_any(records));
    }
    if let Some(decision) = filter.decision {
        query = query.filter(eligibility_checks::decision.eq(decision));
    }
    if let Some(care_type) = filter.care_type {
        query = query.filter(eligibility_checks::care_type.eq(care_type));
    }
    if let Some(from) = filter.from {
        query = query.filter(eligibility_checks::service_date.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(eligibility_checks::service_date.le(to));
    }
    if let Some(asked) = filter.standing {
        query = standing_as(query, asked);
    }
    query = match direction {
        Direction::NewestFirst { before: None } => query.order(eligibility_checks::id.desc()),
        Direction::NewestFirst { before: Some(before) } => query.filter(eligibility_checks::id.lt(before)).order(eligibility_checks::id.desc()),
        Direction::OldestFirst { after: None } => query.order(eligibility_checks::id),
        Direction::OldestFirst { after: Some(after) } => query.filter(eligibility_checks::id.gt(after)).order(eligibility_checks::id),
    };
    Ok(query.limit(limit).load(&mut db.connection)?)
}

/// `domain::check_progress::standing` as a condition.
fn standing_as<'a>(query: Boxed<'a>, StandingAt { standing, at }: StandingAt) -> Boxed<'a> {
    let later = diesel::alias!(eligibility_checks as later);
    let is_void = || exists(check_voids::table.filter(check_voids::check_id.eq(eligibility_checks::id)));
    let has_later = || exists(later.filter(later.field(eligibility_checks::override_of).eq(eligibility_checks::id.nullable())));
    let prolonged =
        || exists(check_extensions::table.filter(check_extensions::check_id.eq(eligibility_checks::id)).filter(check_extensions::complete_by.ge(at)));
    let provisional = |query: Boxed<'a>| query.filter(eligibility_checks::decision.eq(Decision::Provisional)).filter(not(is_void()));
    match standing {
        CheckStanding::Void => query.filter(is_void()),
        CheckStanding::Completed => provisional(query).filter(has_later()),
        CheckStanding::Open => provisional(query).filter(not(has_later())).filter(eligibility_checks::complete_by.ge(at).or(prolonged().nullable())),
        CheckStanding::Lapsed => provisional(query).filter(not(has_later())).filter(eligibility_checks::complete_by.lt(at)).filter(not(prolonged())),
    }
}

/// Opens the sealed record of a check that was read.
pub fn open(db: &Db, check: &Check) -> Result<Record> {
    let record: Record = db.keyring().unseal_json(Column::CheckRecord, check.id, &check.record)?;
    if record.facts.v != FACTS_VERSION {
        return Err(Error::internal("a check was recorded by a later program, whose facts this one does not know"));
    }
    Ok(record)
}

pub fn seal(db: &Db, check: Id, record: &Record) -> Result<Vec<u8>> {
    Ok(db.keyring().seal_json(Column::CheckRecord, check, record)?)
}
