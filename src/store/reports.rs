//! Reports as they were frozen.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx};
use crate::domain::id::Id;
use crate::domain::reports::ReportKind;
use crate::domain::texts::Language;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::reports;

#[derive(Queryable, Selectable, Insertable, Debug, Clone)]
#[diesel(table_name = reports, treat_none_as_default_value = false)]
pub struct Report {
    pub id: Id,
    pub number: String,
    pub kind: ReportKind,
    pub from_day: NaiveDate,
    pub to_day: NaiveDate,
    pub language: Language,
    pub content: String,
    pub content_hash: Vec<u8>,
    pub made_by: Id,
    pub made_at: UtcTime,
}

/// A report without its content.
#[derive(Queryable, Selectable, Debug, Clone)]
#[diesel(table_name = reports)]
pub struct ReportHead {
    pub id: Id,
    pub number: String,
    pub kind: ReportKind,
    pub from_day: NaiveDate,
    pub to_day: NaiveDate,
    pub content_hash: Vec<u8>,
    pub made_by: Id,
    pub made_at: UtcTime,
}

pub fn insert(tx: &mut Tx, report: &Report) -> Result<()> {
    diesel::insert_into(reports::table).values(report).execute(&mut tx.db.connection)?;
    Ok(())
}

pub fn find(db: &mut Db, id: Id) -> Result<Option<Report>> {
    Ok(reports::table.find(id).select(Report::as_select()).first(&mut db.connection).optional()?)
}

/// A page of reports, newest first, one more than asked for when there are more.
pub fn page(db: &mut Db, kind: Option<ReportKind>, before: Option<Id>, limit: i64) -> Result<Vec<ReportHead>> {
    let mut query = reports::table.select(ReportHead::as_select()).into_boxed();
    if let Some(kind) = kind {
        query = query.filter(reports::kind.eq(kind));
    }
    if let Some(before) = before {
        query = query.filter(reports::id.lt(before));
    }
    Ok(query.order(reports::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}
