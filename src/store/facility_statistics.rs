//! What the statistical edits ask of each hospital, counted each night.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx};
use crate::domain::claim_statistics::{Compared, DayCount};
use crate::domain::claims::ClaimState;
use crate::domain::eligibility::CareType;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::error::Result;
use crate::schema::{claims, facility_statistics};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = facility_statistics, treat_none_as_default_value = false)]
struct Row {
    facility_id: Id,
    care_type: CareType,
    counted_on: NaiveDate,
    claims: i32,
    busiest_day: i32,
    mean_per_day: i64,
    deviation: i64,
    mean_cost: i64,
    peer_median: Option<i64>,
    peer_deviation: Option<i64>,
}

fn small(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// What was claimed day by day since a date, but for drafts and what was withdrawn.
pub fn counts(db: &mut Db, since: NaiveDate) -> Result<Vec<DayCount>> {
    let nothing = [ClaimState::Draft, ClaimState::Withdrawn, ClaimState::Expired];
    let rows: Vec<(Id, CareType, NaiveDate, i64, Option<Rupiah>)> = claims::table
        .filter(claims::admitted_on.ge(since))
        .filter(claims::state.ne_all(nothing))
        .group_by((claims::facility_id, claims::care_type, claims::admitted_on))
        .select((
            claims::facility_id,
            claims::care_type,
            claims::admitted_on,
            diesel::dsl::count_star(),
            // A sum of whole numbers is a numeric on PostgreSQL.
            diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::BigInt>>("CAST(sum(claimed_amount) AS BIGINT)"),
        ))
        .load(&mut db.connection)?;
    let count = |(facility_id, care_type, day, claims, claimed): (Id, CareType, NaiveDate, i64, Option<Rupiah>)| DayCount {
        facility_id,
        care_type,
        day,
        claims,
        claimed: claimed.unwrap_or_default(),
    };
    Ok(rows.into_iter().map(count).collect())
}

/// On which day they were counted last; none before the first time.
pub fn counted_on(db: &mut Db) -> Result<Option<NaiveDate>> {
    Ok(facility_statistics::table.select(diesel::dsl::max(facility_statistics::counted_on)).first(&mut db.connection)?)
}

/// Puts these in the place of all that were there.
pub fn replace(tx: &mut Tx, today: NaiveDate, compared: &[Compared]) -> Result<()> {
    diesel::delete(facility_statistics::table).execute(&mut tx.db.connection)?;
    for own in compared {
        let row = Row {
            facility_id: own.facility_id,
            care_type: own.care_type,
            counted_on: today,
            claims: small(own.claims),
            busiest_day: small(own.busiest_day),
            mean_per_day: own.mean_per_day,
            deviation: own.deviation,
            mean_cost: own.mean_cost,
            peer_median: own.peers.map(|(median, _)| median),
            peer_deviation: own.peers.map(|(_, spread)| spread),
        };
        diesel::insert_into(facility_statistics::table).values(&row).execute(&mut tx.db.connection)?;
    }
    Ok(())
}

pub fn find(db: &mut Db, facility: Id, care_type: CareType) -> Result<Option<Compared>> {
    let row: Option<Row> = facility_statistics::table.find((facility, care_type)).select(Row::as_select()).first(&mut db.connection).optional()?;
    Ok(row.map(|row| Compared {
        facility_id: row.facility_id,
        care_type: row.care_type,
        claims: row.claims.into(),
        busiest_day: row.busiest_day.into(),
        mean_per_day: row.mean_per_day,
        deviation: row.deviation,
        mean_cost: row.mean_cost,
        peers: row.peer_median.zip(row.peer_deviation),
    }))
}
