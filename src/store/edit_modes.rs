//! How edits of claims stand, who said so, and what they would have done on past claims.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::{Db, Tx, locked, on_each};
use crate::domain::adjudication::EditMode;
use crate::domain::id::Id;
use crate::domain::rupiah::Rupiah;
use crate::domain::time::UtcTime;
use crate::error::Result;
use crate::schema::{edit_back_tests, edit_modes};

#[derive(Queryable, Selectable, Insertable, AsChangeset, Debug, Clone, PartialEq, Eq)]
#[diesel(table_name = edit_modes, primary_key(edit), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Standing {
    pub edit: String,
    pub version: i32,
    pub mode: EditMode,
    pub changed_by: Option<Id>,
    pub confirmed_by: Option<Id>,
    pub changed_at: UtcTime,
    pub asked_mode: Option<EditMode>,
    pub asked_by: Option<Id>,
    pub asked_at: Option<UtcTime>,
}

pub fn all(db: &mut Db) -> Result<Vec<Standing>> {
    Ok(edit_modes::table.select(Standing::as_select()).load(&mut db.connection)?)
}

/// Holds the standing of an edit for the rest of the transaction; `begins` is stored where there is none yet.
pub fn lock(tx: &mut Tx, begins: &Standing) -> Result<Standing> {
    on_each!(tx.db, |connection| diesel::insert_into(edit_modes::table).values(begins).on_conflict_do_nothing().execute(connection))?;
    Ok(locked!(tx, edit_modes::table.find(&begins.edit).select(Standing::as_select()), first)?)
}

pub fn update(tx: &mut Tx, standing: &Standing) -> Result<()> {
    diesel::update(edit_modes::table.find(&standing.edit)).set(standing).execute(&mut tx.db.connection)?;
    Ok(())
}

/// What an edit would have done on past claims.
#[derive(Queryable, Selectable, Insertable, Debug, Clone, PartialEq, Eq)]
#[diesel(table_name = edit_back_tests, treat_none_as_default_value = false)]
pub struct BackTest {
    pub id: Id,
    pub edit: String,
    pub edit_version: i32,
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    pub claims: i32,
    pub left_out: i32,
    pub hits: i32,
    pub pended: i32,
    pub decided: i32,
    pub upheld: i32,
    pub overridden: i32,
    pub at_stake: Rupiah,
    pub would_cut: Rupiah,
    pub cut: Rupiah,
    pub run_by: Id,
    pub run_at: UtcTime,
}

pub fn insert_back_test(tx: &mut Tx, test: &BackTest) -> Result<()> {
    diesel::insert_into(edit_back_tests::table).values(test).execute(&mut tx.db.connection)?;
    Ok(())
}

/// A page of an edit's back-tests, newest first, one more than asked for when there are more.
pub fn back_tests(db: &mut Db, edit: &str, before: Option<Id>, limit: i64) -> Result<Vec<BackTest>> {
    let mut query = edit_back_tests::table.filter(edit_back_tests::edit.eq(edit)).select(BackTest::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(edit_back_tests::id.lt(before));
    }
    Ok(query.order(edit_back_tests::id.desc()).limit(limit + 1).load(&mut db.connection)?)
}

/// Was this version of an edit run over past claims, of which there were some?
pub fn is_back_tested(db: &mut Db, edit: &str, version: i32) -> Result<bool> {
    let tests = edit_back_tests::table
        .filter(edit_back_tests::edit.eq(edit))
        .filter(edit_back_tests::edit_version.eq(version))
        .filter(edit_back_tests::claims.gt(0));
    Ok(diesel::select(diesel::dsl::exists(tests)).get_result(&mut db.connection)?)
}
