//! How fast answers were and in which minutes the service was ready. Several nodes add to the same rows.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::db::{Db, Tx, on_each};
use crate::error::Result;
use crate::schema::{answer_times, ready_days};

/// Adds answers to a month, each with the bound of its bucket.
pub fn add_answers(tx: &mut Tx, month: NaiveDate, answers: &[(i64, i64)]) -> Result<()> {
    let rows: Vec<_> = answers
        .iter()
        .map(|(bound, answers)| (answer_times::month.eq(month), answer_times::up_to_us.eq(*bound), answer_times::answers.eq(*answers)))
        .collect();
    on_each!(tx.db, |connection| {
        // One by one, which SQLite needs and a hundred rows a minute allow.
        for row in rows {
            diesel::insert_into(answer_times::table)
                .values(row)
                .on_conflict((answer_times::month, answer_times::up_to_us))
                .do_update()
                .set(answer_times::answers.eq(answer_times::answers + excluded(answer_times::answers)))
                .execute(connection)?;
        }
        Ok::<_, diesel::result::Error>(())
    })?;
    Ok(())
}

/// In this minute the service was ready: told once, whichever node says it.
pub fn mark_ready(tx: &mut Tx, day: NaiveDate, minute: i64) -> Result<()> {
    let first = (ready_days::day.eq(day), ready_days::first_minute.eq(minute), ready_days::last_minute.eq(minute), ready_days::minutes.eq(1_i64));
    let begun = on_each!(tx.db, |connection| diesel::insert_into(ready_days::table).values(first).on_conflict_do_nothing().execute(connection))?;
    if begun == 0 {
        diesel::update(ready_days::table.find(day).filter(ready_days::last_minute.lt(minute)))
            .set((ready_days::last_minute.eq(minute), ready_days::minutes.eq(ready_days::minutes + 1_i64)))
            .execute(&mut tx.db.connection)?;
    }
    Ok(())
}

/// Answers of these months, by month and by the bound of the bucket.
pub fn answers(db: &mut Db, from: NaiveDate, to: NaiveDate) -> Result<Vec<(NaiveDate, i64, i64)>> {
    Ok(answer_times::table
        .filter(answer_times::month.between(from, to))
        .order((answer_times::month, answer_times::up_to_us))
        .select((answer_times::month, answer_times::up_to_us, answer_times::answers))
        .load(&mut db.connection)?)
}

/// Minutes in which the service was ready, by day.
pub fn ready_days(db: &mut Db, from: NaiveDate, to: NaiveDate) -> Result<Vec<(NaiveDate, i64)>> {
    Ok(ready_days::table.filter(ready_days::day.between(from, to)).select((ready_days::day, ready_days::minutes)).load(&mut db.connection)?)
}

/// The first minute that was ever recorded.
pub fn first_minute(db: &mut Db) -> Result<Option<i64>> {
    Ok(ready_days::table.order(ready_days::day).select(ready_days::first_minute).first(&mut db.connection).optional()?)
}
